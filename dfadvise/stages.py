"""The stage graph: what each instruction sees, what each stage stands on, and what ships."""

from __future__ import annotations

from dfadvise.base.images import ImageRef
from dfadvise.environment import Environment, Variable
from dfadvise.syntax.instructions import From, Instruction, bodies
from dfadvise.syntax.tokenizer import parse
from dfadvise.syntax.words import UNKNOWN, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dfadvise.context import BuildContext
    from dfadvise.measuring.built import Built
    from dfadvise.source import Source
    from dfadvise.syntax.instructions import Flag

# What stands for the working directory of a base that is not known; `$` marks a path as symbolic.
UNKNOWN_WORKDIR = "/$WORKDIR"
# Behind every instruction of a stage.
_END = 1 << 60


class Edge:
    """A stage or image that an instruction reads from.

    Attributes:
        instruction: The COPY, ADD or RUN.
        raw: The reference as written.
        stage: The local stage; None for an image, a named context or what cannot be resolved.
        image: The external image, when it is one.
        flag: The `--from` or `--mount` flag.
    """

    __slots__ = ("flag", "image", "instruction", "raw", "stage")

    def __init__(
        self, instruction: Instruction, flag: Flag, raw: str, stage: Stage | None, image: ImageRef | None
    ) -> None:
        self.instruction = instruction
        self.flag = flag
        self.raw = raw
        self.stage = stage
        self.image = image


class Stage:
    """A build stage.

    Attributes:
        index: 0 for the first FROM; -1 for what stands before it.
        name: The stage name in lower case; None when it has none.
        from_: Its FROM; None for the stage of the instructions before any FROM.
        parent: The local stage it is FROM.
        image: The external image it is FROM; None when it stands on a local stage or on nothing known.
        instructions: In order; the first is FROM.
        ships: Whether it is in the FROM chain of the exported stage.
        feeds: Whether a stage that ships copies or mounts from it, directly or not.
        edges: What its instructions copy or mount from.
        environment: What its instructions set.
    """

    __slots__ = (
        "children",
        "edges",
        "environment",
        "feeds",
        "file",
        "from_",
        "image",
        "index",
        "instructions",
        "name",
        "parent",
        "ships",
    )

    def __init__(self, file: Dockerfile, index: int, from_: From | None) -> None:
        self.file = file
        self.index = index
        self.from_ = from_
        alias = from_.alias if from_ else None
        self.name = alias.text.lower() if alias else None
        self.parent: Stage | None = None
        self.image: ImageRef | None = None
        self.instructions: list[Instruction] = []
        self.children: list[Stage] = []
        self.edges: list[Edge] = []
        self.ships = False
        self.feeds = False
        self.environment = Environment(self)

    def __repr__(self) -> str:
        return f"<Stage {self.index} {self.name or ''}>"

    @property
    def chain(self) -> list[Stage]:
        """This stage and the stages it stands on, from the bottom up."""
        chain = [self]
        while (parent := chain[-1].parent) is not None:
            chain.append(parent)
        return chain[::-1]

    @property
    def base(self) -> ImageRef | None:
        """The external image at the bottom of the chain; None when nothing is known of it."""
        return self.chain[0].image

    @property
    def label(self) -> str:
        """What to call it in a message: its name, or its number."""
        return self.name or str(self.index)

    @property
    def name_words(self) -> list[str]:
        """The words of its name: "test" and "image" of `test-image`."""
        return (self.name or "").replace("_", "-").replace(".", "-").split("-")

    @property
    def is_exported(self) -> bool:
        """Whether it ends as the image that the build makes; in a file without FROM that is all there is."""
        exported = self.file.exported
        return self.ships and (exported is None or exported is self)

    @property
    def is_last(self) -> bool:
        """Whether no stage stands below it in the file."""
        return not self.file.stages or self.file.stages[-1] is self

    def chain_instructions(self) -> Iterator[Instruction]:
        """The instructions of the whole chain in build order."""
        for stage in self.chain:
            yield from stage.instructions

    def variable(self, name: str, instruction: Instruction) -> Variable | None:
        """The setting of a variable in force at an instruction of this stage, inherited ones included."""
        stage: Stage | None = self
        index = instruction.index
        while stage is not None:
            timeline = stage.environment.variables.get(name)
            found = timeline.at(index) if timeline else None
            if isinstance(found, Variable):
                return found
            stage, index = stage.parent, _END
        return None

    def variables(self, instruction: Instruction) -> dict[str, Variable]:
        """Every variable in force at an instruction, inherited ones included."""
        found: dict[str, Variable] = {}
        for stage in self.chain:
            index = instruction.index if stage is self else _END
            for name, timeline in stage.environment.variables.items():
                value = timeline.at(index)
                if isinstance(value, Variable):
                    found[name] = value
        return found

    def lookup(self, name: str, instruction: Instruction) -> str | None:
        """The value of a variable for expansion: NUL where it is not known, None where it is surely unset."""
        variable = self.variable(name, instruction)
        if variable is not None:
            return variable.value
        base = self.base
        if base is not None and base.is_scratch and name != "PATH":
            return None
        return UNKNOWN

    def expand(self, word: str, instruction: Instruction) -> str | None:
        """A word with the variables in force at an instruction; None when any part of it is not known."""
        text = self.expand_partly(word, instruction)
        return None if text is None or UNKNOWN in text else text

    def expand_partly(self, word: str, instruction: Instruction) -> str | None:
        """As `expand`, with a NUL character for each part that is not known; None for a malformed word."""
        if "$" not in word and '"' not in word and "'" not in word and self.file.escape not in word:
            return word
        try:
            return process(word, lambda name: self.lookup(name, instruction), self.file.escape, unset=UNKNOWN).text
        except WordError:
            return None

    def user_at(self, instruction: Instruction) -> str | None:
        """The USER in force, expanded; None when the chain sets none or it is not known."""
        found = self._in_force("USER", instruction.index)
        return found if isinstance(found, str) and found else None

    def sets_user_before(self, instruction: Instruction) -> bool:
        """Whether the chain has a USER before an instruction of this stage, known or not."""
        return self._in_force("USER", instruction.index) is not None

    def workdir_at(self, instruction: Instruction) -> str | None:
        """The working directory in force; None when it hangs on a base that is not known."""
        path = self.symbolic_workdir_at(instruction)
        return None if "$" in path else path

    def symbolic_workdir_at(self, instruction: Instruction, after: bool = False) -> str:
        """The working directory in force, as a path that equals only itself where it is not known.

        Args:
            instruction: An instruction of this stage.
            after: Whether the instruction itself counts.
        """
        found = self._in_force("WORKDIR", instruction.index + after)
        if isinstance(found, str):
            return found
        return "/" if self.base is not None and self.base.is_scratch else UNKNOWN_WORKDIR

    def shell_at(self, instruction: Instruction) -> list[str] | None:
        """The SHELL in force; None when the chain sets none."""
        found = self._in_force("SHELL", instruction.index)
        return found if isinstance(found, list) else None

    def _in_force(self, keyword: str, index: int) -> object | None:
        """What the last such instruction before an index of this stage set, or that of the stages it stands on."""
        stage: Stage | None = self
        while stage is not None:
            found = stage.environment.settings[keyword].at(index)
            if found is not None:
                return found
            stage, index = stage.parent, _END
        return None

    def after(self, instruction: Instruction) -> Iterator[Instruction]:
        """The instructions behind one of this stage, then those of every stage that stands on it."""
        yield from self.instructions[instruction.index + 1 :]
        for child in self.children:
            yield from child.descendants()

    def descendants(self) -> Iterator[Instruction]:
        """The instructions of this stage and of every stage that stands on it."""
        pending = [self]
        while pending:
            stage = pending.pop()
            yield from stage.instructions
            pending.extend(stage.children)

    def add(self, instruction: Instruction) -> None:
        """Take an instruction in, behind those that are there."""
        instruction.stage = self
        instruction.file = self.file
        instruction.index = len(self.instructions)
        self.instructions.append(instruction)
        for body in bodies(instruction):
            body.stage, body.file, body.index = self, self.file, instruction.index
        self.environment.note(instruction)


class Dockerfile:
    """A file with its stage graph.

    Args:
        source: The text.
        build_args: Values given with --build-arg.
        target: The stage to export, by name or number; the last one when None.
        targets: Further stages that are exported now and then, so that what they need is not unused.
        context: The build context, when known or guessed.
        named_contexts: Names of further build contexts (`--build-context`).
        today: The day to judge dated facts by, `YYYY-MM-DD`; the real day when None.
    """

    __slots__ = (
        "_today",
        "build_args",
        "context",
        "escape",
        "exported",
        "global_args",
        "image",
        "kept_characters",
        "layer_cache",
        "named_contexts",
        "options",
        "preamble",
        "source",
        "stages",
        "tree",
    )

    def __init__(
        self,
        source: Source,
        build_args: Mapping[str, str] | None = None,
        target: str | None = None,
        targets: Sequence[str] = (),
        context: BuildContext | None = None,
        named_contexts: Sequence[str] = (),
        today: str | None = None,
    ) -> None:
        self.source = source
        self.tree = parse(source)
        self.escape = self.tree.escape
        self.build_args: Mapping[str, str] = build_args or {}
        self.context = context
        # The image that was built from it, where one is given.
        self.image: Built | None = None
        self.named_contexts = frozenset(named_contexts)
        self.options: Mapping[str, object] = {}
        # What dfadvise.layers has worked out, by stage index.
        self.layer_cache: dict[int, object] = {}
        self.kept_characters = 0
        self._today = today
        self.global_args: dict[str, str | None] = {}
        self.stages: list[Stage] = []
        self.preamble = Stage(self, -1, None)
        # The graph is made of what is here.
        from dfadvise.stagegraph import build

        self.exported: Stage | None = build(self, target, targets)

    @property
    def today(self) -> str:
        """The day of the run, `YYYY-MM-DD`."""
        if self._today is None:
            from dfadvise.asked import today

            self._today = today()
        return self._today

    @property
    def instructions(self) -> list[Instruction]:
        """Every instruction in order of place."""
        return self.tree.instructions

    @property
    def linted_stages(self) -> list[Stage]:
        """The stages, and before them the one of stray instructions before any FROM, if there are any."""
        stray = any(instruction.keyword != "ARG" for instruction in self.preamble.instructions)
        return [self.preamble, *self.stages] if stray or not self.stages else self.stages

    def walk(self) -> Iterator[Instruction]:
        """Every instruction in order of place, each ONBUILD followed by its body."""
        for instruction in self.tree.instructions:
            yield instruction
            yield from bodies(instruction)

    def stage_named(self, reference: str, before: int | None = None) -> Stage | None:
        """The stage of a name (any case) or number, among those before an index where given."""
        stages = self.stages if before is None else self.stages[:before]
        if reference.isdigit() and reference.isascii():
            return stages[int(reference)] if len(reference) < 6 and int(reference) < len(stages) else None
        lowered = reference.lower()
        for stage in reversed(stages):
            if stage.name == lowered:
                return stage
        return None
