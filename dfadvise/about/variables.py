"""Variables that are used where they are not set, as BuildKit's own check finds them.

Source of the behaviour: BuildKit's `dockerfile2llb` (read 2026-11-24). Per expanded text each undefined variable
counts once. Known are the ENV and ARG of the stage and of the local stages below it; the environment of an external
base image is not known here, and whoever asks has to weigh that (`may_be_inherited`).
"""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.frontend import PLATFORM_ARGS
from dfadvise.knowledge.lists import base_env
from dfadvise.source import Span
from dfadvise.spelling import nearest
from dfadvise.syntax.expansions import Expanded, expanded, expanded_silently, references, triggers
from dfadvise.syntax.instructions import Arg, Env, Onbuild
from dfadvise.syntax.words import UNKNOWN, WordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.expansions import Reference
    from dfadvise.syntax.instructions import From, Instruction, Run

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
        in_same_env: Whether another pair of the same ENV sets it.
        at: The instruction that BuildKit names for it: the FROM for the trigger of a local base; None where
            BuildKit does not look (an ONBUILD itself).
        near: A name that is set there and was perhaps meant.
    """

    __slots__ = ("at", "guarded", "in_same_env", "instruction", "name", "name_span", "near", "span", "stage")

    def __init__(
        self, name: str, stage: Stage, instruction: Instruction, text: Expanded, uses: list[Reference]
    ) -> None:
        self.name = name
        self.stage = stage
        self.instruction = instruction
        self.at: Instruction | None = instruction
        self.near: str | None = None
        self.in_same_env = False
        self.span = text.span
        self.name_span: Span | None = None
        self.guarded = bool(uses) and all(use.guarded for use in uses)
        span = text.place(stage.file.source, uses[0].start, uses[0].end) if uses else None
        if span is not None:
            self.span = _with_brace(stage.file.source.text, span)
            self.name_span = Span(span.end - len(name), span.end)


def _with_brace(text: str, span: Span) -> Span:
    """The place of a `${name`, as far as its brace where that is on the same line."""
    if not text.startswith("${", span.start):
        return span
    depth = 0
    for at in range(span.start, len(text)):
        if text[at] == "\n":
            break
        depth += (text[at] == "{") - (text[at] == "}")
        if text[at] == "}" and not depth:
            return Span(span.start, at + 1)
    return span


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
        keys: dict[str, int] = {}
        for text in texts:
            for use in _unmatched(text, stage, instruction, self.lookup):
                if isinstance(instruction, Env):
                    if not keys:
                        for pair in instruction.pairs:
                            keys[pair.key] = keys.get(pair.key, 0) + 1
                    use.in_same_env = keys.get(use.name, 0) > (text.key == use.name)
                use.at = at
                use.near = self.near(use.name)
                yield use

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


def _unmatched(
    text: Expanded, stage: Stage, instruction: Instruction, lookup: Callable[[str], str | None]
) -> Iterator[Undefined]:
    """The undefined variables of one text; none where it cannot be expanded."""
    if "$" not in text.text:
        return
    escape = stage.file.escape
    try:
        names = text.expand(lookup, escape).unmatched
    except WordError:
        return
    if not names:
        return
    uses: dict[str, list[Reference]] = {}
    for use in references(text.text, "\\" if text.is_document else escape, not text.is_document):
        uses.setdefault(use.name, []).append(use)
    for name in sorted(names):
        yield Undefined(name, stage, instruction, text, uses.get(name, []))


def undefined_in_from(from_: From) -> Iterator[Undefined]:
    """The variables in the image and the platform of a FROM that no ARG before the first FROM declares."""
    declared = from_.file.global_args

    def look(name: str) -> str | None:
        return UNKNOWN if name in declared or name in PLATFORM_ARGS else None

    for text in expanded_silently(from_):
        for use in _unmatched(text, from_.stage, from_, look):
            if len(declared) <= MOST_SUGGESTIONS:
                use.near = nearest(use.name, [*declared, *sorted(PLATFORM_ARGS)])
            yield use


def old_values(env: Env) -> Iterator[tuple[str, Span]]:
    """Variables in the values of an ENV that another of its pairs sets to something else, with their places."""
    if len(env.pairs) < 2:
        return
    keys: dict[str, list[int]] = {}
    for place, pair in enumerate(env.pairs):
        keys.setdefault(pair.key, []).append(place)
    seen: set[str] = set()
    for place, pair in enumerate(env.pairs):
        for use in references(pair.value or "", env.file.escape):
            others = keys.get(use.name, ())
            if use.name in seen or not others or (len(others) == 1 and others[0] == place):
                continue
            seen.add(use.name)
            # `A=$A` sets what is there already.
            if any(_keeps(env.pairs[other].value or "", use.name) for other in others if other != place):
                continue
            text = Expanded(pair.value or "", pair.value_span)
            yield use.name, text.place(env.file.source, use.start, use.end) or pair.value_span


def _keeps(value: str, name: str) -> bool:
    return value.strip('"') in (f"${name}", f"${{{name}}}")


def global_in_run(run: Run) -> Iterator[tuple[str, Span]]:
    """Arguments from before FROM in the text of a RUN of a stage that does not declare them, with their words."""
    names = run.file.global_args
    if not names or run.stage.from_ is None or run.form == "exec" or "$" not in run.file.source.slice(run.span):
        return
    found: dict[str, Span] = {}
    for command in run.all_commands():
        for word in command.words:
            for use in references(word.raw):
                if use.name in names and not use.guarded:
                    found.setdefault(use.name, word.span)
    found = {name: span for name, span in found.items() if run.stage.variable(name, run) is None}
    own = _set_by_shell(run) if found else set()
    for name, span in found.items():
        if name not in own and not base_env(name):
            yield name, span


def _set_by_shell(run: Run) -> set[str]:
    """Names to which the text of a RUN may give a value itself."""
    names: set[str] = set()
    for command in run.all_commands():
        names.update(assigned for assigned, _ in command.assignments)
        names.update(word.raw.partition("=")[0] for word in command.words)
    words = run.body.text.split()
    names.update(following for word, following in zip(words, words[1:], strict=False) if word == "for")
    return names


def may_be_inherited(name: str, stage: Stage) -> bool:
    """Whether the external base image may set a variable: always when nothing is known of the base."""
    if name in PLATFORM_ARGS:
        return False
    base = base_of(stage)
    if base is None:
        return True
    if base.is_scratch:
        return False
    # Only the official images' environment is known well enough.
    if "/" in base.name or base.distribution is None or base_env(name):
        return True
    # They name their own variables after themselves.
    return name.lower().startswith(base.name.replace("-", "_") + "_")


class FirstLines:
    """The line on which any stage first sets each name by ENV or ARG.

    Args:
        file: The file.
    """

    __slots__ = ("lines",)

    def __init__(self, file: Dockerfile) -> None:
        self.lines: dict[str, int] = {}
        for instruction in file.instructions:
            if isinstance(instruction, (Arg, Env)):
                for pair in instruction.pairs:
                    self.lines.setdefault(pair.key, instruction.line)

    def before(self, name: str, instruction: Instruction) -> bool:
        """Whether a name is set above an instruction."""
        return self.lines.get(name, instruction.line) < instruction.line
