"""Variables that are used where they are not set, as BuildKit's own check finds them.

Source of the behaviour: BuildKit's `dockerfile2llb` (read 2026-11-24). Per expanded text each undefined variable
counts once. Known are the ENV and ARG of the stage and of the local stages below it; the environment of an external
base image is not known here, and whoever asks has to weigh that.
"""

from __future__ import annotations

from dfadvise.source import Span
from dfadvise.spelling import nearest
from dfadvise.syntax.expansions import Expanded, expanded, references, triggers
from dfadvise.syntax.instructions import Arg, Env, Onbuild
from dfadvise.syntax.words import UNKNOWN, WordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.expansions import Reference
    from dfadvise.syntax.instructions import Instruction

# Set without any declaration: the default that BuildKit adds, and what it passes to scanners.
ALWAYS = frozenset(("PATH", "BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))

# A file full of undefined names must not take long.
MOST_SUGGESTIONS = 100


class Undefined:
    """An undefined variable in an expanded text.

    Attributes:
        name: The variable.
        stage: The stage in which it is not set.
        instruction: The instruction that names it.
        span: Where it is named; the whole text where the file has that in another form.
        name_span: The name alone, where it can be replaced; else None.
        guarded: Whether every use in the text has an operator for the unset case.
        key: In an ENV pair's value, the key it is given to; else None.
        at: The instruction that BuildKit names for it: the FROM for the trigger of a local base; None where
            BuildKit does not look (an ONBUILD itself).
        near: A name that is set there and was perhaps meant.
    """

    __slots__ = ("at", "guarded", "instruction", "key", "name", "name_span", "near", "span", "stage")

    def __init__(
        self,
        name: str,
        stage: Stage,
        instruction: Instruction,
        text: Expanded,
        uses: list[Reference],
        at: Instruction | None,
        near: str | None,
    ) -> None:
        self.name = name
        self.stage = stage
        self.instruction = instruction
        self.key = text.key
        self.at = at
        self.near = near
        self.span = text.span
        self.name_span: Span | None = None
        self.guarded = False
        if uses:
            self.guarded = all(use.guarded for use in uses)
            span = text.place(stage.file.source, uses[0].start, uses[0].end)
            if span is not None:
                self.span = span
                self.name_span = Span(span.end - len(name), span.end)


def undefined(file: Dockerfile) -> Iterator[Undefined]:
    """Every undefined variable of a file, stage by stage.

    Args:
        file: The file.

    Yields:
        What BuildKit's UndefinedVar reports, and the same for ONBUILD bodies where they stand.
    """
    if "$" not in file.source.text:
        return
    for root in file.linted_stages:
        if root.parent is None:
            yield from _Walk().from_(root)


class _Walk:
    """A walk over a stage and the stages that stand on it, with the names that are set so far."""

    __slots__ = ("known", "suggested")

    def __init__(self) -> None:
        self.known: dict[str, None] = dict.fromkeys(sorted(ALWAYS))
        self.suggested = 0

    def from_(self, root: Stage) -> Iterator[Undefined]:
        pending: list[tuple[Stage, set[str] | None]] = [(root, None)]
        while pending:
            stage, added = pending.pop()
            if added is not None:
                self.forget(added)
                continue
            added = set()
            yield from self.stage(stage, added)
            pending.append((stage, added))
            pending.extend((child, None) for child in reversed(stage.children))

    def stage(self, stage: Stage, added: set[str]) -> Iterator[Undefined]:
        for body in triggers(stage):
            yield from self.instruction(stage, body, stage.from_, added)
        held_back = []
        for instruction in stage.instructions:
            if isinstance(instruction, Onbuild):
                if instruction.inner is not None:
                    held_back.append(instruction.inner)
            else:
                yield from self.instruction(stage, instruction, instruction, added)
        # A trigger runs in a child, on all that this stage has set.
        own: set[str] = set()
        for body in held_back:
            yield from self.instruction(stage, body, None, own)
        self.forget(own)

    def instruction(
        self, stage: Stage, instruction: Instruction, at: Instruction | None, added: set[str]
    ) -> Iterator[Undefined]:
        if isinstance(instruction, Arg):
            # Each pair sees those before it.
            for pair in instruction.pairs:
                texts = [Expanded(pair.key, pair.key_span), Expanded(pair.value or "", pair.value_span)]
                yield from self.texts(texts, stage, instruction, at)
                self.add(pair.key, added)
            return
        yield from self.texts(expanded(instruction), stage, instruction, at)
        if isinstance(instruction, Env):
            for pair in instruction.pairs:
                self.add(stage.expand(pair.key, instruction) or "", added)

    def texts(
        self, texts: Iterable[Expanded], stage: Stage, instruction: Instruction, at: Instruction | None
    ) -> Iterator[Undefined]:
        for text in texts:
            if "$" not in text.text:
                continue
            try:
                unmatched = text.expand(self.lookup, stage.file.escape).unmatched
            except WordError:
                continue
            if not unmatched:
                continue
            uses: dict[str, list[Reference]] = {}
            escape = "\\" if text.is_document else stage.file.escape
            for use in references(text.text, escape, not text.is_document):
                uses.setdefault(use.name, []).append(use)
            for name in sorted(unmatched):
                yield Undefined(name, stage, instruction, text, uses.get(name, []), at, self.near(name))

    def lookup(self, name: str) -> str | None:
        return UNKNOWN if name in self.known else None

    def add(self, name: str, added: set[str]) -> None:
        if name and name not in self.known:
            self.known[name] = None
            added.add(name)

    def forget(self, names: set[str]) -> None:
        for name in names:
            del self.known[name]

    def near(self, name: str) -> str | None:
        self.suggested += 1
        return nearest(name, self.known) if self.suggested <= MOST_SUGGESTIONS else None
