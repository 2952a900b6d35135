"""What a file uses that not every Dockerfile frontend knows, with the place of each use.

Source: the release notes of the Dockerfile frontend, read 2026-11-24; `dfadvise.knowledge.frontend` has the versions.
"""

from __future__ import annotations

from dfadvise.knowledge.frontend import NEEDS, REMOTE, supported
from dfadvise.source import Span
from dfadvise.syntax.expansions import expanded, expanded_silently, references
from dfadvise.syntax.instructions import Add, Copy, Run, bodies
from dfadvise.syntax.words import UNKNOWN, WordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.expansions import Expanded
    from dfadvise.syntax.instructions import Instruction

# From which version on the labs channel has it, where that was before the stable one.
_LABS_SINCE = {
    "heredoc": (1, 3),
    "ADD git": (1, 5),
    "ADD --checksum": (1, 5),
    "--parents": (1, 7),
    "--exclude": (1, 7),
    "RUN --security": (1, 1),
}
_FLAGS = {
    ("RUN", "mount"): "RUN --mount",
    ("RUN", "network"): "RUN --network",
    ("RUN", "security"): "RUN --security",
    ("RUN", "device"): "RUN --device",
    ("COPY", "link"): "--link",
    ("ADD", "link"): "--link",
    ("COPY", "parents"): "--parents",
    ("COPY", "exclude"): "--exclude",
    ("ADD", "exclude"): "--exclude",
    ("ADD", "checksum"): "ADD --checksum",
    ("ADD", "unpack"): "ADD --unpack",
    ("HEALTHCHECK", "start-interval"): "HEALTHCHECK --start-interval",
}


class Feature:
    """A use of a feature.

    Attributes:
        name: A key of `knowledge.frontend.NEEDS`.
        span: Its place.
        instruction: Where it stands.
    """

    __slots__ = ("instruction", "name", "span")

    def __init__(self, name: str, span: Span, instruction: Instruction) -> None:
        self.name = name
        self.span = span
        self.instruction = instruction

    @property
    def needs(self) -> str:
        """The first frontend that has it: "1.6", "1.14-labs"."""
        major, minor = NEEDS[self.name]
        return f"{major}.{minor}" + ("-labs" if self.name == "RUN --device" else "")


def features(file: Dockerfile) -> Iterator[Feature]:
    """Every use of a feature that some frontend lacks, in order of place."""
    for outer in file.instructions:
        for instruction in (outer, *bodies(outer)):
            yield from _flags(instruction)
            if instruction.heredocs:
                yield Feature("heredoc", instruction.heredocs[0].word_span, instruction)
            if isinstance(instruction, Add):
                for word in instruction.sources:
                    if _is_git(instruction.expand(word.text) or ""):
                        yield Feature("ADD git", word.span, instruction)
            yield from _patterns(instruction)


def is_supported(feature: Feature, version: tuple[int, int], labs: bool) -> bool:
    """Whether a frontend has a feature.

    Args:
        feature: The use of it.
        version: The frontend's version.
        labs: Whether it is of the labs channel.
    """
    if labs and version >= _LABS_SINCE.get(feature.name, NEEDS[feature.name]):
        return True
    return supported(feature.name, version, labs)


def _flags(instruction: Instruction) -> Iterator[Feature]:
    for flag in instruction.flags:
        name = _FLAGS.get((instruction.keyword, flag.name))
        if name is not None:
            yield Feature(name, flag.span, instruction)
        if isinstance(instruction, Copy) and flag.name == "chmod" and flag.value:
            yield Feature("--chmod", flag.span, instruction)
            mode = instruction.expand(flag.value)
            if mode and not mode.isdigit():
                yield Feature("symbolic --chmod", flag.span, instruction)
        if instruction.outer is not None and flag.name == "from" and instruction.keyword == "COPY":
            yield Feature("ONBUILD from", flag.span, instruction)
    if not isinstance(instruction, Run):
        return
    for mount in instruction.mounts:
        if mount.type == "secret" and "env" in mount.options:
            yield Feature("secret env", mount.flag.span, instruction)
        if instruction.outer is not None and "from" in mount.options:
            yield Feature("ONBUILD from", mount.flag.span, instruction)


def _is_git(source: str) -> bool:
    lowered = source.lower()
    if not lowered.startswith(REMOTE):
        return False
    if lowered.startswith(("git://", "ssh://", "git@")):
        return True
    return lowered.startswith(("http://", "https://")) and lowered.partition("#")[0].partition("?")[0].endswith(".git")


def _patterns(instruction: Instruction) -> Iterator[Feature]:
    """`${v#p}`, `${v%p}` and `${v/p/r}` where BuildKit expands variables."""
    if "${" not in instruction.body.text and not any("${" in flag.text for flag in instruction.flags):
        return
    for texts in (expanded(instruction), expanded_silently(instruction)):
        for text in texts:
            if "${" not in text.text or not _is_well_formed(text, instruction.file.escape):
                continue
            for use in references(text.text, instruction.file.escape, not text.is_document):
                if text.text[use.start + 1 : use.start + 2] == "{" and text.text[use.end : use.end + 1] in tuple("#%/"):
                    place = text.place(instruction.file.source, use.start, use.end + 1)
                    yield Feature("pattern expansion", place or text.span, instruction)


def _is_well_formed(text: Expanded, escape: str) -> bool:
    try:
        text.expand(lambda name: UNKNOWN, escape)
    except WordError:
        return False
    return True
