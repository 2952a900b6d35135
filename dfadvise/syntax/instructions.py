"""Typed instructions: what the tokenizer makes and every rule reads."""

from __future__ import annotations

from dfadvise.source import Span
from dfadvise.syntax.mounts import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script, ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.heredocs import Heredoc
    from dfadvise.syntax.lines import Joined


class Word:
    """One word of an instruction: its raw text (decoded in exec form) and its place."""

    __slots__ = ("span", "text")

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.span = span

    def __repr__(self) -> str:
        return f"Word({self.text!r})"


class Flag:
    """A flag such as `--chown=app`: `name` "chown", `value` "app" (None when there is no `=`)."""

    __slots__ = ("name", "span", "text", "value")

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.span = span
        name, equals, value = text[2:].partition("=")
        self.name = name
        self.value = value if equals else None

    def __repr__(self) -> str:
        return f"Flag({self.text!r})"


class Comment:
    """A comment line.

    Attributes:
        text: From the `#` on, without the line ending.
        span: Its place.
        line: Its line, counted from 1.
        kind: "top" between instructions, "inside" within a continued one.
    """

    __slots__ = ("kind", "line", "span", "text")

    def __init__(self, text: str, span: Span, line: int, kind: str) -> None:
        self.text = text
        self.span = span
        self.line = line
        self.kind = kind


class Directive:
    """A parser directive: `# syntax=`, `# escape=`, `# check=`."""

    __slots__ = ("line", "name", "span", "value", "value_span")

    def __init__(self, name: str, value: str, span: Span, value_span: Span, line: int) -> None:
        self.name = name
        self.value = value
        self.span = span
        self.value_span = value_span
        self.line = line


class Problem:
    """Something that BuildKit refuses.

    Attributes:
        message: BuildKit's own words where it has some.
        span: The place.
        line: Its line, counted from 1.
    """

    __slots__ = ("line", "message", "span")

    def __init__(self, message: str, span: Span, line: int) -> None:
        self.message = message
        self.span = span
        self.line = line


class Instruction:
    """One instruction.

    Attributes:
        keyword: In upper case. `name` is as written, at `name_span`.
        line, end_line: First and last line, heredoc bodies included, counted from 1.
        span: From the keyword to the end of the last line of its text (heredoc bodies included).
        body: The text after keyword and flags, joined over continuations.
        flags: The flags before the arguments.
        form: "exec" (a JSON array), "shell", or None where there are no forms.
        args: The arguments as BuildKit splits them.
        heredocs: Its heredocs, in order.
        comments: The comment lines above it, since the instruction before.
        inner_comments: The comment lines within its continuation.
        empty_lines: Spans of blank lines within its continuation, line ending included.
        stage: The stage it belongs to; None before the first FROM.
        index: Its place in the stage, 0 for FROM.
        outer: The ONBUILD it is the body of.
    """

    __slots__ = (
        "_scripts",
        "args",
        "body",
        "comments",
        "empty_lines",
        "end_line",
        "file",
        "flags",
        "form",
        "heredocs",
        "index",
        "inner_comments",
        "keyword",
        "line",
        "name",
        "name_span",
        "outer",
        "problem",
        "span",
        "stage",
    )

    # Filled in by stages.Dockerfile.
    stage: Stage
    file: Dockerfile

    def __init__(self, keyword: str, name: str, name_span: Span, body: Joined) -> None:
        self.keyword = keyword
        self.name = name
        self.name_span = name_span
        self.body = body
        self.line = 0
        self.end_line = 0
        self.span = name_span
        self.flags: list[Flag] = []
        self.form: str | None = None
        self.args: list[Word] = []
        self.heredocs: list[Heredoc] = []
        self.comments: list[Comment] = []
        self.inner_comments: list[Comment] = []
        self.empty_lines: list[Span] = []
        self.problem: str | None = None
        self.index = 0
        self.outer: Onbuild | None = None
        self._scripts: list[Script] | None = None

    def __repr__(self) -> str:
        return f"<{self.keyword} line {self.line}>"

    def flag(self, name: str) -> Flag | None:
        """The first flag of that name (without dashes), or None."""
        for flag in self.flags:
            if flag.name == name:
                return flag
        return None

    @property
    def has_heredoc(self) -> bool:
        """Whether a heredoc belongs to it."""
        return bool(self.heredocs)

    @property
    def args_span(self) -> Span:
        """From the first to the last argument; empty right behind the keyword when there are none."""
        if not self.args:
            return Span(self.name_span.end, self.name_span.end)
        return Span(self.args[0].span.start, self.args[-1].span.end)

    @property
    def innermost(self) -> Instruction:
        """What an ONBUILD holds back in the end; any other instruction itself."""
        return self

    def expand(self, word: str) -> str | None:
        """A word with the variables of this place, None when any part of it is not known."""
        return self.stage.expand(word, self)


class Pair:
    """A `key=value` of ENV, LABEL or ARG; `value` is raw, None for an ARG without default."""

    __slots__ = ("key", "key_span", "legacy", "span", "value", "value_span")

    def __init__(self, key: str, value: str | None, key_span: Span, value_span: Span, legacy: bool = False) -> None:
        self.key = key
        self.value = value
        self.key_span = key_span
        self.value_span = value_span
        self.legacy = legacy
        self.span = Span(key_span.start, max(value_span.end, key_span.end))


class Unknown(Instruction):
    """An instruction that BuildKit does not know."""

    __slots__ = ()


class From(Instruction):
    """FROM image [AS name]."""

    __slots__ = ()

    @property
    def image(self) -> Word | None:
        """The image word."""
        return self.args[0] if self.args else None

    @property
    def alias(self) -> Word | None:
        """The stage name as written."""
        return self.args[2] if len(self.args) == 3 and self.args[1].text.lower() == "as" else None


class Arg(Instruction):
    """ARG name[=default] ..."""

    __slots__ = ("pairs",)
    pairs: list[Pair]


class Env(Instruction):
    """ENV key=value ... or the legacy `ENV key value`."""

    __slots__ = ("pairs",)
    pairs: list[Pair]


class Label(Instruction):
    """LABEL key=value ... or the legacy `LABEL key value`."""

    __slots__ = ("pairs",)
    pairs: list[Pair]


class Commanding(Instruction):
    """An instruction whose arguments are a command: shell text or an argument vector."""

    __slots__ = ()

    @property
    def scripts(self) -> list[Script]:
        """The shell model of its command, parsed on first use; see `dfadvise.shell`."""
        if self._scripts is None:
            from dfadvise.shell import scripts_of

            self._scripts = scripts_of(self)
        return self._scripts

    def all_commands(self) -> Iterator[ShellCommand]:
        """Every command it may run, in order of place, through wrappers, substitutions and `sh -c`."""
        for script in self.scripts:
            yield from script.commands

    def all_scripts(self) -> list[Script]:
        """Its scripts, and those that its commands hand to other shells, as a text or a document."""
        found = {id(script): script for script in self.scripts}
        for command in self.all_commands():
            found.setdefault(id(command.script), command.script)
        return list(found.values())

    def commands(self, program: str | tuple[str, ...], *subcommands: str) -> Iterator[ShellCommand]:
        """The commands of a program (base name, or several), narrowed to subcommands where given."""
        programs = (program,) if isinstance(program, str) else program
        for command in self.all_commands():
            if command.program in programs and (not subcommands or command.subcommand in subcommands):
                yield command

    @property
    def is_opaque(self) -> bool:
        """Whether any part of the command could not be read (other shells, syntax errors)."""
        return any(script.opaque for script in self.scripts)


class Run(Commanding):
    """RUN."""

    __slots__ = ("_mounts",)
    _mounts: list[Mount]

    @property
    def mounts(self) -> list[Mount]:
        """Its `--mount` flags."""
        try:
            return self._mounts
        except AttributeError:
            self._mounts = [Mount(flag) for flag in self.flags if flag.name == "mount"]
            return self._mounts


class Cmd(Commanding):
    """CMD."""

    __slots__ = ()


class Entrypoint(Commanding):
    """ENTRYPOINT."""

    __slots__ = ()


class Healthcheck(Commanding):
    """HEALTHCHECK; `kind` is CMD or NONE in upper case, `args` hold the command alone."""

    __slots__ = ("kind", "kind_span")
    kind: str
    kind_span: Span


class Shell(Instruction):
    """SHELL ["program", "flag"]."""

    __slots__ = ()


class Copy(Instruction):
    """COPY or ADD."""

    __slots__ = ()

    @property
    def sources(self) -> list[Word]:
        """The sources that are paths or URLs; heredoc words are left out."""
        documents = {heredoc.word_span.start for heredoc in self.heredocs}
        return [word for word in self.args[:-1] if word.span.start not in documents]

    @property
    def target(self) -> Word | None:
        """The destination."""
        return self.args[-1] if len(self.args) > 1 else None

    @property
    def origin(self) -> str | None:
        """The raw value of `--from`; None when it copies from the build context."""
        flag = self.flag("from")
        return flag.value if flag else None


class Add(Copy):
    """ADD."""

    __slots__ = ()


class Words(Instruction):
    """EXPOSE and VOLUME: a list of words."""

    __slots__ = ()


class Single(Instruction):
    """USER, WORKDIR, STOPSIGNAL, MAINTAINER: one raw string."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The raw argument; empty when it is missing."""
        return self.args[0].text if self.args else ""


class Onbuild(Instruction):
    """ONBUILD; `inner` is the instruction it holds back, None when it is empty."""

    __slots__ = ("inner",)
    inner: Instruction | None

    @property
    def innermost(self) -> Instruction:
        """What it holds back in the end; an empty ONBUILD itself."""
        held: Instruction = self
        while isinstance(held, Onbuild) and held.inner is not None:
            held = held.inner
        return held


def bodies(instruction: Instruction) -> Iterator[Instruction]:
    """What an ONBUILD holds back, the bodies of bodies included."""
    inner: Instruction | None = instruction
    while isinstance(inner, Onbuild):
        inner = inner.inner
        if inner is not None:
            yield inner


CLASSES: dict[str, type[Instruction]] = {
    "ADD": Add,
    "ARG": Arg,
    "CMD": Cmd,
    "COPY": Copy,
    "ENTRYPOINT": Entrypoint,
    "ENV": Env,
    "EXPOSE": Words,
    "FROM": From,
    "HEALTHCHECK": Healthcheck,
    "LABEL": Label,
    "MAINTAINER": Single,
    "ONBUILD": Onbuild,
    "RUN": Run,
    "SHELL": Shell,
    "STOPSIGNAL": Single,
    "USER": Single,
    "VOLUME": Words,
    "WORKDIR": Single,
}
