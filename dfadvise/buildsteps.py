"""Which line of a Dockerfile a step of a build log is: by stage and number, and by the text that BuildKit prints.

BuildKit numbers, per stage, the FROM of an external image and every RUN, COPY, ADD and WORKDIR (unless `/`), triggers
of the base image in between. It prints them with the values of variables put in, without continuations and comments,
a COPY without quotes, and of a heredoc the first line in brackets. Stages that begin alike share their steps, which
then go by the name of one of them. Source: BuildKit's own code, read 2026-11-24.
"""

from __future__ import annotations

import re

from dfadvise.base.images import ImageRef
from dfadvise.image.match import makes_layer, squeezed
from dfadvise.knowledge.frontend import is_remote
from dfadvise.syntax.instructions import Onbuild
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.buildlog import Build, LogStep
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

    # The index of a stage, and the identity of an instruction that runs in it: triggers run in another than their own.
    Key = tuple[int, int]

SAME, PERHAPS = 2, 1
_VARIABLE = re.compile(r"\$(?:\{(?:[^{}]|\{[^{}]*\})*\}|[A-Za-z_]\w*)")
_CUT = "..."
# Characters that are held against each other for steps that do not stand where the file has them.
MOST_COMPARED = 50_000_000


class Laid:
    """The steps of one target of a build, laid beside a Dockerfile.

    Attributes:
        target: Its name where bake or compose gave one.
        platform: The platform whose steps they are, the slowest of several; empty when none is told.
        platforms: All platforms of the build.
        steps: By stage and instruction.
        images: The images that COPY --from and mounts pull, by name and tag, and what ADD downloads, by its URL.
        context: The step that loads the build context, or None.
        unmapped: Steps that are on no line, with the reason.
    """

    __slots__ = ("context", "images", "platform", "platforms", "steps", "target", "unmapped")

    def __init__(self, target: str) -> None:
        self.target = target
        self.platform = ""
        self.platforms: list[str] = []
        self.steps: dict[Key, LogStep] = {}
        self.images: dict[str, LogStep] = {}
        self.context: LogStep | None = None
        self.unmapped: list[tuple[LogStep, str]] = []

    @property
    def fits(self) -> bool:
        """Whether it is a build of this Dockerfile: more of its steps are on a line than not."""
        mapped = {id(step) for step in self.steps.values()}
        return len(mapped) > len(self.unmapped)


def lay(build: Build, file: Dockerfile) -> list[Laid]:
    """Lay a build beside a Dockerfile.

    Args:
        build: The build.
        file: The Dockerfile.

    Returns:
        What came of each target of the build, those of other Dockerfiles included; see `Laid.fits`.
    """
    sorter = _Sorter(file)
    for step in build.numbered:
        sorter.sort(step)
    context = next((each for each in build.steps.values() if each.internal == "load build context"), None)
    images: dict[str, LogStep] = {}
    for step in build.steps.values():
        if not step.place and step.text.startswith("FROM "):
            images[name_of(step.text[5:])] = step
        elif not step.place and is_remote(step.text):
            images[step.text] = step
    found = []
    for target, by_platform in sorter.placed.items():
        laid = Laid(target)
        laid.platforms = [platform for platform in by_platform if platform]
        slowest = max(by_platform, key=lambda platform: _seconds(by_platform[platform]))
        laid.platform = slowest
        for steps in (*by_platform.values(), by_platform[slowest]):
            laid.steps |= steps
        _share(file, laid)
        laid.images, laid.context = images, context
        laid.unmapped = sorter.unmapped.get(target, [])
        found.append(laid)
    found += [_foreign(target, rest) for target, rest in sorter.unmapped.items() if target not in sorter.placed]
    return found


def _foreign(target: str, unmapped: list[tuple[LogStep, str]]) -> Laid:
    laid = Laid(target)
    laid.unmapped = unmapped
    return laid


def _seconds(steps: dict[Key, LogStep]) -> float:
    return sum(step.seconds or 0.0 for step in steps.values())


def numbered(stage: Stage) -> list[Instruction]:
    """The instructions of a stage that BuildKit numbers, in order, with the triggers of a stage that it stands on."""
    found: list[Instruction] = []
    if stage.from_ is not None and stage.parent is None and not (stage.image is not None and stage.image.is_scratch):
        found.append(stage.from_)
    if stage.parent is not None:
        held = (each.inner for each in stage.parent.instructions if isinstance(each, Onbuild))
        found += [each for each in held if each is not None and makes_layer(each)]
    return found + [each for each in stage.instructions if makes_layer(each)]


class _Sorter:
    """Sorts steps by target and platform onto the instructions."""

    __slots__ = ("_file", "_lines", "_room", "_stages", "placed", "unmapped")

    def __init__(self, file: Dockerfile) -> None:
        self._file = file
        self._lines: dict[int, list[_Line]] = {}
        self._stages: dict[str, Stage | None] = {}
        self._room = MOST_COMPARED
        self.placed: dict[str, dict[str, dict[Key, LogStep]]] = {}
        self.unmapped: dict[str, list[tuple[LogStep, str]]] = {}

    def sort(self, step: LogStep) -> None:
        target, stage = self._where(step.words)
        if isinstance(stage, str):
            self._leave(target, step, stage)
            return
        lines = self._lines.get(stage.index)
        if lines is None:
            lines = self._lines[stage.index] = [_Line(each, stage) for each in numbered(stage)]
        line = self._chosen(lines, step)
        if line is None:
            name = f"stage {stage.label}" if len(self._file.stages) > 1 else "the Dockerfile"
            self._leave(target, step, f"its text is on no line of {name}, or on several")
            return
        places = self.placed.setdefault(target, {}).setdefault(step.platform, {})
        places.setdefault((stage.index, id(line.instruction)), step)

    def _leave(self, target: str, step: LogStep, reason: str) -> None:
        self.unmapped.setdefault(target, []).append((step, reason))

    def _where(self, words: tuple[str, ...]) -> tuple[str, Stage | str]:
        """Target and stage that the words before a number name, or why there is no such stage."""
        stages = self._file.stages
        if not words:
            return "", stages[0] if len(stages) == 1 else "the Dockerfile has several stages, and the step names none"
        target = " ".join(words[:-1])
        if words[-1] not in self._stages:
            self._stages[words[-1]] = self._stage(words[-1])
        stage = self._stages[words[-1]]
        if stage is not None:
            return target, stage
        if len(stages) == 1 and not target:
            # A lone stage goes without a name: this is a target's.
            return words[0], stages[0]
        return target, f"the Dockerfile has no stage {words[-1]}"

    def _stage(self, word: str) -> Stage | None:
        found = self._file.stage_named(word) if not word.isdigit() else None
        if found is not None:
            return found
        head, _, index = word.rpartition("-")
        found = self._file.stage_named(index) if head == "stage" and index.isdigit() else None
        return found if found is not None and found.name is None else None

    def _chosen(self, lines: list[_Line], step: LogStep) -> _Line | None:
        """The one line that a step is; None when there is none, or more than one that it may be."""
        if step.total == len(lines) and 0 < step.place <= len(lines) and lines[step.place - 1].fits(step):
            return lines[step.place - 1]
        # The file is not quite the one that was built: what is said once is found all the same.
        self._room -= len(step.text) * len(lines)
        if self._room < 0:
            return None
        fitting = [(sure, line) for line in lines if (sure := line.fits(step))]
        same = [line for sure, line in fitting if sure == SAME]
        found = same if len(fitting) > 1 else [line for _, line in fitting]
        return found[0] if len(found) == 1 else None


class _Line:
    """What a log would say of an instruction."""

    __slots__ = ("instruction", "texts")

    def __init__(self, instruction: Instruction, stage: Stage) -> None:
        self.instruction = instruction
        if instruction.keyword == "FROM":
            image = stage.image
            # The build may have had other values for the arguments.
            words = [UNKNOWN] if image is None else [image.text, _VARIABLE.sub(UNKNOWN, image.raw)]
            self.texts = [f"FROM {name_of(word)}" for word in words]
            return
        flags = "".join(f"{flag.text} " for flag in instruction.flags)
        text = f"{instruction.keyword} {flags}{instruction.body.text}"
        self.texts = [_bare(_VARIABLE.sub(UNKNOWN, each)) for each in _spelled(instruction, text)]

    def fits(self, step: LogStep) -> int:
        """Whether a step is this instruction: SAME, PERHAPS (it is with some value of its variables), or 0."""
        text = step.text
        if self.instruction.keyword == "FROM":
            text = f"FROM {name_of(text[5:])}" if text.startswith("FROM ") else ""
        else:
            # Newer versions say which are triggers.
            text = _bare(text.removeprefix("ONBUILD "))
        return max(_is_like(text, each) for each in self.texts)


def _spelled(instruction: Instruction, text: str) -> Iterator[str]:
    yield text
    if len(instruction.heredocs) == 1:
        lines = instruction.heredocs[0].content.strip().splitlines() or [""]
        yield f"{text} ({lines[0]}{_CUT if len(lines) > 1 else ''})"


def _bare(text: str) -> str:
    """A text without quotes and escapes, which some versions print and some do not, and with single blanks."""
    return squeezed(text.translate(_QUOTES))


_QUOTES = {ord(char): None for char in "\\`'\""}


def _is_like(text: str, pattern: str) -> int:
    """Whether a text is what an instruction became, unknown parts being anything."""
    cut = text.endswith(_CUT) and not pattern.endswith(_CUT)
    if cut:
        text = text.removesuffix(_CUT)
        pattern = pattern + UNKNOWN
    if UNKNOWN not in pattern:
        return SAME if text == pattern else 0
    first, *inner, last = pattern.split(UNKNOWN)
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        # What is cut off may hold the first variable.
        return PERHAPS if cut and text and first.startswith(text) else 0
    at, end = len(first), len(text) - len(last)
    for piece in inner:
        found = text.find(piece, at, end)
        if found < 0:
            return 0
        at = found + len(piece)
    return PERHAPS


def name_of(image: str) -> str:
    """An image as the log and the Dockerfile both write it: `debian:12` of `docker.io/library/debian:12@sha256:...`."""
    text = image.split()[0] if image.split() else ""
    reference = ImageRef(text, text)
    if reference.name is None:
        return text.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    tag = reference.tag or (UNKNOWN if not reference.tag_known else "latest")
    return f"{reference.name}:{tag}" if reference.digest is None or reference.tag else reference.name


def _share(file: Dockerfile, laid: Laid) -> None:
    """Give stages that begin alike the steps that they share, which the log names once."""
    ends: dict[int, int] = {}
    found: dict[int, LogStep] = {}
    places: dict[Key, int] = {}
    for stage in file.stages:
        image = stage.image
        known = stage.parent is not None or (image is not None and UNKNOWN not in image.text)
        flags = " ".join(flag.text for flag in stage.from_.flags) if stage.from_ is not None else ""
        state = (
            ends[stage.parent.index]
            if stage.parent is not None
            else hash((name_of(image.text), flags) if known and image is not None else ("unknown", stage.index))
        )
        counted = {id(each) for each in numbered(stage)}
        held = [each for each in numbered(stage) if each.outer is not None]
        for each in [*stage.instructions[:1], *held, *stage.instructions[1:]]:
            if each.keyword != "FROM":
                words = " ".join(flag.text for flag in each.flags)
                documents = tuple(heredoc.content for heredoc in each.heredocs)
                state = hash((state, each.keyword, words, each.body.text, documents))
            if id(each) not in counted:
                continue
            key = stage.index, id(each)
            places[key] = state
            if key in laid.steps:
                found.setdefault(state, laid.steps[key])
        ends[stage.index] = state
    for key, state in places.items():
        if key not in laid.steps and state in found:
            laid.steps[key] = found[state]
