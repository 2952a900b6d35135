"""The plan of a build, a normal form: two Dockerfiles with equal plans build the same image.

Per stage: the commands in the order in which they run, each with its user, directory, shell, mounts and the variables
that it sees; the files that are copied, with owner and mode; and what the image says of itself at the end. Formatting,
comments, casing and the old forms of ENV, LABEL and MAINTAINER make no difference, nor does it matter whether commands
stand in one RUN or in several, where nothing of a shell or of a running container gets from one to the next.
"""

from __future__ import annotations

from dfadvise.about.addsources import kind_of
from dfadvise.about.labels import AUTHORS
from dfadvise.knowledge.programs import SHELLS
from dfadvise.paths import clean
from dfadvise.proving.tokens import Tokens, raw, tokens
from dfadvise.proving.units import units_of
from dfadvise.proving.words import MALFORMED, Scope, digest, meaning
from dfadvise.shells.interpreters import shell_in_force
from dfadvise.syntax.instructions import Add, Arg, Copy, Env, From, Healthcheck, Label, Onbuild, Run, Single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.heredocs import Heredoc
    from dfadvise.syntax.instructions import Flag, Instruction

    Key = tuple[object, ...]

_COMMANDS = frozenset(("CMD", "ENTRYPOINT"))
_BASE = "#base"


class Step:
    """One step of a stage that does something: RUN, COPY, ADD, WORKDIR, and VOLUME for its place among them.

    Attributes:
        instruction: The instruction; the body where it stands under ONBUILD.
        head: Keyword and all around the command: user, directory, shell, variables, form.
        flags: Flags of a RUN, mounts included, by meaning.
        body: The command or the arguments.
    """

    __slots__ = ("_units", "body", "flags", "head", "instruction")

    def __init__(self, instruction: Instruction, head: Key, flags: Key, body: Key) -> None:
        self.instruction = instruction
        self.head = head
        self.flags = flags
        self.body = body
        self._units: list[Key] | None = None

    @property
    def key(self) -> Key:
        """What is equal for two steps that do the same in the same place."""
        return (self.head, self.flags, self.body)

    @property
    def units(self) -> list[Key]:
        """The step as parts of which each may stand in a RUN of its own."""
        if self._units is None:
            self._units = units_of(self)
        return self._units


class StagePlan:
    """One stage.

    Attributes:
        stage: The stage.
        base: What it stands on, with the platform.
        steps: Its steps in order.
        facts: What the image says of itself at the end, by name.
        triggers: What its ONBUILDs hold back, as a stage on an unknown base; None where there are none.
    """

    __slots__ = ("base", "facts", "stage", "steps", "triggers")

    def __init__(self, stage: Stage, base: Key) -> None:
        self.stage = stage
        self.base = base
        self.steps: list[Step] = []
        self.facts: dict[str, object] = {}
        self.triggers: StagePlan | None = None


class Plan:
    """A whole build: `frontend` (the directives that change it), the global arguments, and the stages in order."""

    __slots__ = ("frontend", "stages")

    def __init__(self, frontend: Key) -> None:
        self.frontend = frontend
        self.stages: list[StagePlan] = []

    def __eq__(self, other: object) -> bool:
        from dfadvise.proving.difference import difference

        return isinstance(other, Plan) and difference(self, other) is None

    __hash__ = None  # type: ignore[assignment]


def normal_form(file: Dockerfile) -> Plan:
    """The plan of a file.

    Args:
        file: The model; with its build context, an ADD of what is surely no archive is a COPY.
    """
    tree = file.tree
    plan = Plan(tuple(sorted((each.name, each.value) for each in tree.directives if each.name != "escape")))
    finished: dict[int, _Reader] = {}
    for stage in [file.preamble, *file.stages]:
        parent = finished.get(stage.parent.index) if stage.parent is not None else None
        reader = _Reader(stage, parent, finished.get(-1))
        reader.read(stage.instructions)
        finished[stage.index] = reader
        plan.stages.append(reader.plan)
    return plan


class _Reader:
    """Reads the instructions of one stage in order."""

    __slots__ = ("arguments", "directory", "escape", "held_back", "plan", "scope", "shell", "stage", "user")

    def __init__(self, stage: Stage, parent: _Reader | None, preamble: _Reader | None) -> None:
        self.stage = stage
        self.escape = stage.file.escape
        # The meaning of the arguments before the first FROM.
        self.arguments: dict[str, str] = preamble.arguments if preamble is not None else {}
        self.scope: Scope = Scope(parent.scope if parent is not None else None)
        self.user: str = parent.user if parent is not None else _BASE
        scratch = stage.image is not None and stage.image.is_scratch
        self.directory: str = parent.directory if parent is not None else "=/" if scratch else _BASE
        self.shell: Key = parent.shell if parent is not None else (_BASE,)
        self.held_back: list[Instruction] = []
        global_scope = preamble.scope if preamble is not None else self.scope
        self.plan = StagePlan(stage, self._base(stage, global_scope))

    def _base(self, stage: Stage, scope: Scope) -> Key:
        if stage.from_ is None:
            return ()
        flags = tuple(
            (each.name, meaning(each.value or "", scope, self.escape))
            for each in stage.from_.flags
            if not (each.name == "platform" and each.value in ("$TARGETPLATFORM", "${TARGETPLATFORM}"))
        )
        words = [word.text for word in stage.from_.args]
        base: object = stage.parent.index if stage.parent is not None else None
        if base is None and words:
            base = meaning(words[0], scope, self.escape)
        return (base, stage.name, len(words), flags)

    def read(self, instructions: Sequence[Instruction]) -> None:
        """Take the instructions, and work out what holds at the end."""
        for instruction in instructions:
            self.take(instruction)
        facts = self.plan.facts
        facts["user"] = self.user
        facts["working directory"] = self.directory
        facts["shell"] = self.shell
        facts["environment"] = self.scope.env
        if self.stage.index < 0:
            facts["arguments"] = self.scope.state
        if self.held_back:
            # The same stage without a base: what a trigger meets is for the child to say.
            below = _Reader(self.stage, None, None)
            below.user = below.directory = "#child"
            below.shell = ("#child",)
            below.read(self.held_back)
            self.plan.triggers = below.plan

    def take(self, instruction: Instruction) -> None:
        """Take one instruction."""
        keyword = instruction.keyword
        if isinstance(instruction, From):
            return
        if instruction.problem is not None:
            self._step(instruction, (), (), (instruction.body.text,))
        elif isinstance(instruction, Onbuild):
            if instruction.inner is None:
                self._step(instruction, (), (), ())
            else:
                self.held_back.append(instruction.inner)
        elif isinstance(instruction, Run):
            self._run(instruction)
        elif isinstance(instruction, Copy):
            self._copy(instruction)
        elif isinstance(instruction, Env):
            self._env(instruction)
        elif isinstance(instruction, Arg):
            self._arg(instruction)
        elif isinstance(instruction, Label):
            for pair in instruction.pairs:
                self._label(self.meaning(pair.key), self.meaning(pair.value or ""))
        elif isinstance(instruction, Single):
            self._single(instruction)
        elif keyword in _COMMANDS:
            self.plan.facts[keyword] = self._command(instruction)
        elif isinstance(instruction, Healthcheck):
            flags = tuple(sorted(self._flags(instruction.flags)))
            self.plan.facts[keyword] = (instruction.kind, flags, *self._command(instruction))
        elif keyword == "SHELL":
            self.shell = tuple(word.text for word in instruction.args)
        elif keyword == "EXPOSE":
            ports = self.plan.facts.setdefault(keyword, set())
            assert isinstance(ports, set)
            ports.update(self._ports(instruction))
        elif keyword == "VOLUME":
            # What is written below it later is lost in some builders, so its place counts.
            self._step(instruction, (self.directory,), (), tuple(self.meaning(word.text) for word in instruction.args))
        else:
            self._step(instruction, (instruction.form,), (), (instruction.body.text,))

    def meaning(self, word: str, folder: bool = False) -> str:
        """The meaning of a word here."""
        found = meaning(word, self.scope, self.escape, folder=folder)
        if found.startswith(MALFORMED):
            # The build stops here, even where a later instruction overrides this one.
            stops = self.plan.facts.setdefault("malformed words", [])
            assert isinstance(stops, list)
            stops.append(found)
        return found

    def _step(self, instruction: Instruction, head: Key, flags: Key, body: Key) -> None:
        keyword = instruction.keyword
        if keyword == "ADD" and isinstance(instruction, Add) and _copies(instruction):
            keyword = "COPY"
        self.plan.steps.append(Step(instruction, (keyword, *head), flags, body))

    def _run(self, run: Run) -> None:
        head = (run.form, self.user, self.directory, self.shell, self.scope.state)
        body = (*self._command(run), *(_document(run, each) for each in run.heredocs))
        self._step(run, head, tuple(self._run_flags(run)), body)

    def _run_flags(self, run: Run) -> Iterator[object]:
        mounts = iter(run.mounts)
        for flag in run.flags:
            if flag.name != "mount":
                yield (flag.name, flag.value)
                continue
            options = dict(next(mounts).options)
            if "from" in options:
                found = self.stage.file.stage_named(options["from"], max(0, self.stage.index))
                options["from"] = f"#{found.index}" if found is not None else options["from"]
            yield ("mount", tuple(sorted(options.items())))

    def _command(self, instruction: Instruction) -> Key:
        """The text of a command as what its shell reads, or the words of the exec form."""
        if instruction.form == "exec":
            return ("exec", *(word.text for word in instruction.args))
        found = tokens_of(instruction)
        shell = () if instruction.keyword == "RUN" else self.shell
        return ("shell", shell, found.texts)

    def _copy(self, copy: Copy) -> None:
        flags = tuple(sorted(self._flags(copy.flags)))
        documents = tuple(self._copied_document(each) for each in copy.heredocs)
        sources = tuple(self.meaning(word.text) for word in copy.args[:-1])
        target = copy.args[-1].text if copy.args else ""
        several = len(copy.args) > 2
        self._step(copy, (), flags, (sources, *self._target(target, several), documents, len(copy.args)))

    def _target(self, word: str, several: bool) -> tuple[str, bool]:
        """The place that is copied to, and whether it is named as a folder; several sources always need one."""
        found = self.meaning(word, folder=several)
        if not found.startswith("="):
            return digest("target", self.directory, found), several
        text = found[1:]
        folder = text.endswith(("/", "/.", "/..")) or text in (".", "..")
        return self._below(found), folder

    def _below(self, path: str) -> str:
        """A path from the working directory."""
        if path.startswith("=/"):
            return "=" + clean(path[1:])
        if path.startswith("=") and self.directory.startswith("="):
            return "=" + clean(f"{self.directory[1:]}/{path[1:]}")
        return digest("below", self.directory, path)

    def _copied_document(self, heredoc: Heredoc) -> Key:
        content = heredoc.content
        if heredoc.expand:
            content = meaning(content, self.scope, "\\", quotes=False)
        return (heredoc.name, heredoc.chomp, heredoc.expand, content)

    def _flags(self, flags: Sequence[Flag]) -> Iterator[tuple[str, str]]:
        for flag in flags:
            value = flag.value
            if flag.name == "from" and value:
                found = self.stage.file.stage_named(value, max(0, self.stage.index))
                yield ("from", f"#{found.index}" if found is not None else value)
            elif flag.name in ("link", "parents", "keep-git-dir", "unpack"):
                yield (flag.name, (value or "true").lower())
            else:
                yield (flag.name, self.meaning(value or ""))

    def _env(self, env: Env) -> None:
        # A whole ENV sees the environment from before it.
        found = [(self.meaning(pair.key), self.meaning(pair.value or "")) for pair in env.pairs]
        for key, value in found:
            self.scope.set_env(key.removeprefix("="), value)

    def _arg(self, arg: Arg) -> None:
        for pair in arg.pairs:
            default = self.meaning(pair.value) if pair.value is not None else self.arguments.get(pair.key)
            if self.stage.index < 0:
                self.arguments[pair.key] = digest("global", pair.key, default or "none")
            self.scope.set_arg(pair.key, default)

    def _label(self, key: str, value: str) -> None:
        labels = self.plan.facts.setdefault("labels", {})
        assert isinstance(labels, dict)
        labels[key] = value

    def _single(self, instruction: Single) -> None:
        keyword = instruction.keyword
        if keyword == "MAINTAINER":
            text = instruction.value
            if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
                # Nobody means the quotes that get into the metadata with it.
                text = text[1:-1]
            self._label("=" + AUTHORS, "=" + text)
            return
        value = self.meaning(instruction.value)
        if keyword == "USER":
            self.user = value
        elif keyword == "WORKDIR":
            self.directory = self._below(value)
            self._step(instruction, (self.user,), (), (self.directory,))
        else:
            self.plan.facts[keyword] = value

    def _ports(self, instruction: Instruction) -> Iterator[str]:
        for word in instruction.args:
            found = self.meaning(word.text)
            if found.startswith("="):
                found = found.lower()
                found += "" if "/" in found else "/tcp"
            yield found


def tokens_of(instruction: Instruction) -> Tokens:
    """The shell text of an instruction as tokens; one raw token where no POSIX shell reads it."""
    text = instruction.args[0].text if instruction.args else ""
    dialect, _ = shell_in_force(instruction)
    if dialect not in SHELLS:
        return raw(text)
    return tokens(text, bool(instruction.heredocs))


def _document(run: Run, heredoc: Heredoc) -> Key:
    """A heredoc of a RUN; one that is the whole script counts by what its shell reads."""
    content: object = heredoc.content
    if len(run.heredocs) == 1 and run.args and run.args[0].text == heredoc.word_text:
        script = run.scripts[0]
        first = script.text.partition("\n")[0]
        if script.dialect in SHELLS:
            content = (first if first.startswith("#!") else "", *tokens(script.text).texts)
    return (heredoc.name, heredoc.expand, heredoc.chomp, heredoc.fd, content)


def _copies(add: Add) -> bool:
    """Whether an ADD does no more than COPY would."""
    if add.heredocs or any(flag.name in ("keep-git-dir", "checksum", "unpack") for flag in add.flags):
        return False
    return bool(add.sources) and all(kind_of(add, word) == "plain" for word in add.sources)
