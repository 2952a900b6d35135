"""The shell model: what commands a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs, word by word."""

from __future__ import annotations

from dfadvise.knowledge.programs import valued_options
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.lines import Joined


class ShellWord:
    """A word of a command.

    Attributes:
        raw: As written.
        partial: Its value with quotes removed and known variables put in; an unknown part is NUL.
        quoted: Whether any part of it is quoted.
        start, end: Its place in the script text.
    """

    __slots__ = ("end", "partial", "quoted", "raw", "script", "start")

    def __init__(self, script: Script, start: int, end: int, raw: str, partial: str, quoted: bool) -> None:
        self.script = script
        self.start = start
        self.end = end
        self.raw = raw
        self.partial = partial
        self.quoted = quoted

    @property
    def text(self) -> str | None:
        """The value; None when any part of it is not known."""
        return None if UNKNOWN in self.partial else self.partial

    @property
    def readable(self) -> str:
        """The value; as written, without quotes, when any part of it is not known."""
        return self.partial if UNKNOWN not in self.partial else self.raw.replace('"', "").replace("'", "")

    @property
    def span(self) -> Span:
        """Its place in the file."""
        return self.script.span(self.start, self.end)

    @property
    def is_flag(self) -> bool:
        """Whether it starts with a dash and is more than one."""
        return self.partial.startswith("-") and len(self.partial) > 1

    def __repr__(self) -> str:
        return f"ShellWord({self.raw!r})"


class Redirect:
    """A redirection: `operator` such as ">", ">>", "<", ">&", "<<"; `fd` as written; its target word."""

    __slots__ = ("fd", "operator", "target")

    def __init__(self, operator: str, fd: str = "", target: ShellWord | None = None) -> None:
        self.operator = operator
        self.fd = fd
        self.target = target

    @property
    def writes(self) -> bool:
        """Whether it writes to a file."""
        return ">" in self.operator and self.operator != ">&"

    @property
    def takes_output(self) -> bool:
        """Whether it writes what the command says, not only its errors, to a file."""
        return self.writes and self.fd in ("", "1")


class ShellCommand:
    """One command.

    Attributes:
        words: The argument vector behind wrappers; the first is the program. Empty for a lone assignment.
        program: The base name of the program; None when it is not known or there is none.
        wrappers: Names of what runs it: sudo, env, xargs, sh ..., outermost first.
        wrapper_words: The words of those wrappers.
        assignments: (name, value word or None) before the command, those of `env` included.
        redirects: Its redirections.
        before, after: How it is joined to its neighbours: "", "&&", "||", ";" (a newline too), "|", "|&" or
            "&".
        contexts: What it stands in, outermost first: "if-condition", "if-body", "loop-condition", "loop",
            "case", "function", "subshell", "group", "substitution", "negated", "find"; "or-branch" and
            "or-guarded" for the inside of a pipeline or construct that `||` stands before or behind.
        start, end: The whole command in the script text, wrappers and redirections included.
        item: The index of its top-level item in the script.
        parent: The command whose text it was read from (`sh -c`), or None.
        body: The body of its heredoc with its place, or None.
        errexit: Whether `set -e` (or `sh -e`) is in force here.
        pipe_from: The command whose output it reads, or None.
    """

    __slots__ = (
        "_operands",
        "after",
        "assignments",
        "before",
        "body",
        "contexts",
        "end",
        "errexit",
        "item",
        "parent",
        "pipe_from",
        "program",
        "redirects",
        "script",
        "start",
        "words",
        "wrapper_words",
        "wrappers",
    )

    def __init__(self, script: Script, start: int, end: int) -> None:
        self.script = script
        self.start = start
        self.end = end
        self.words: list[ShellWord] = []
        self.program: str | None = None
        self.wrappers: tuple[str, ...] = ()
        self.wrapper_words: list[ShellWord] = []
        self.assignments: list[tuple[str, ShellWord | None]] = []
        self.redirects: list[Redirect] = []
        self.before = ""
        self.after = ""
        self.contexts: tuple[str, ...] = ()
        self.item = 0
        self.parent: ShellCommand | None = None
        self.pipe_from: ShellCommand | None = None
        self.body: Joined | None = None
        self.errexit = False
        self._operands: list[ShellWord] | None = None

    def __repr__(self) -> str:
        return f"<ShellCommand {' '.join(word.raw for word in self.words)}>"

    @property
    def instruction(self) -> Instruction:
        """The instruction it belongs to."""
        return self.script.instruction

    @property
    def span(self) -> Span:
        """The whole command in the file."""
        return self.script.span(self.start, self.end)

    @property
    def argv_span(self) -> Span:
        """From the program to the last word."""
        if not self.words:
            return self.span
        return self.script.span(self.words[0].start, self.words[-1].end)

    @property
    def arguments(self) -> list[ShellWord]:
        """The words behind the program."""
        return self.words[1:]

    @property
    def texts(self) -> list[str | None]:
        """The values of all words."""
        return [word.text for word in self.words]

    @property
    def operands(self) -> list[ShellWord]:
        """The words behind the program that are neither options nor values of options."""
        if self._operands is None:
            valued = valued_options(self.program)
            found: list[ShellWord] = []
            rest = iter(self.words[1:])
            for word in rest:
                text = word.partial
                if not word.is_flag:
                    found.append(word)
                elif text == "--":
                    found.extend(rest)
                elif text in valued or _takes_next(text, valued, self.program):
                    next(rest, None)
            self._operands = found
        return self._operands

    @property
    def subcommand_word(self) -> ShellWord | None:
        """The first operand."""
        return self.operands[0] if self.operands else None

    @property
    def subcommand(self) -> str | None:
        """The text of the first operand; None when it is not known or there is none."""
        return self.operands[0].text if self.operands else None

    @property
    def targets(self) -> list[ShellWord]:
        """The operands behind the subcommand."""
        return self.operands[1:]

    def flag(self, *names: str) -> ShellWord | None:
        """The first word that is one of these options.

        Args:
            names: Options with their dashes. `--name` also matches `--name=value`; a single letter such
                as `-y` also matches inside a bundle such as `-qy`.
        """
        valued = valued_options(self.program)
        for word in self.words[1:]:
            text = word.partial
            if not text.startswith("-"):
                continue
            if text == "--":
                return None
            for name in names:
                if text == name or (text.startswith(name) and text[len(name)] == "=" and len(name) > 2):
                    return word
                if len(name) == 2 and name[1] != "-" and _in_bundle(text, name[1], valued):
                    return word
        return None

    def has_flag(self, *names: str) -> bool:
        """Whether one of these options is given; see `flag`."""
        return self.flag(*names) is not None

    def option_words(self, *names: str) -> Iterator[tuple[ShellWord, str | None]]:
        """(option word, value) for each use of these options: `--o v`, `--o=v`, `-o v`, `-ov`.

        A value that is not known, in whole or in part, is None.
        """
        words = self.words
        valued = valued_options(self.program)
        for place in range(1, len(words)):
            text = words[place].partial
            following = words[place + 1].text if place + 1 < len(words) else None
            for name in names:
                if text == name:
                    yield words[place], following
                elif text.startswith(name + "=") and len(name) > 2:
                    yield words[place], _known(text[len(name) + 1 :])
                elif len(name) == 2 and text[:1] == "-" and text[1:2] != "-" and self.program not in _LONG_DASHES:
                    at = _letter_at(text, name[1], valued)
                    if at:
                        yield words[place], _known(text[at + 1 :]) if at + 1 < len(text) else following

    def option(self, *names: str) -> str | None:
        """The value of the first use of these options; None when there is none or it is not known."""
        for _, value in self.option_words(*names):
            return value
        return None

    @property
    def assigned(self) -> dict[str, str | None]:
        """Its prefix assignments as a mapping; unknown values are None."""
        return {name: value.text if value else "" for name, value in self.assignments}

    @property
    def is_assignment(self) -> bool:
        """Whether it only assigns variables."""
        return not self.words and bool(self.assignments)

    @property
    def conditional(self) -> bool:
        """Whether it may not run: behind `||`, in a branch, a loop or a function."""
        return self.before == "||" or any(
            context in ("if-body", "loop", "case", "function", "or-branch") for context in self.contexts
        )

    @property
    def failure_handled(self) -> bool:
        """Whether its failure is looked at: a condition, `!`, or `||` behind it."""
        return self.after == "||" or any(
            context in ("if-condition", "loop-condition", "negated", "or-guarded") for context in self.contexts
        )

    @property
    def is_simple(self) -> bool:
        """Whether it stands at the top level of its script, outside every construct."""
        return not self.contexts and self.parent is None


def _known(text: str) -> str | None:
    return None if UNKNOWN in text else text


# Programs whose options have one dash and many letters; nothing is bundled there.
_LONG_DASHES = frozenset(("go", "java", "javac", "find", "openssl", "mvn", "mvnw", "gradle", "gradlew", "unzip"))


def _letter_at(text: str, letter: str, valued: frozenset[str]) -> int:
    """Where a short option stands in a bundle, before any other that takes the rest; 0 when it does not."""
    for place in range(1, len(text)):
        if text[place] == letter:
            return place
        if not text[place].isalnum() or "-" + text[place] in valued:
            return 0
    return 0


def _takes_next(text: str, valued: frozenset[str], program: str | None) -> bool:
    """Whether the last letter of a bundle such as `-fsSLo` takes the next word as its value."""
    if len(text) < 3 or text[1] == "-" or program in _LONG_DASHES or "-" + text[-1] not in valued:
        return False
    return all(char.isalnum() and "-" + char not in valued for char in text[1:-1])


def _in_bundle(text: str, letter: str, valued: frozenset[str]) -> bool:
    """Whether a bundle of short options (`-qy`) holds a letter, before one that takes the rest."""
    if len(text) < 3 or text[1] == "-":
        return False
    for char in text[1:]:
        if not char.isalnum():
            return False
        if char == letter:
            return True
        if "-" + char in valued:
            return False
    return False


class Item:
    """A top-level part of a script between `&&`, `||`, `;` and newlines: a command, pipeline or construct.

    Attributes:
        start, end: Its place in the script text.
        before, after: The operators around it.
        kind: "command", "pipeline" or the construct's name.
        commands: The commands in it, in order.
    """

    __slots__ = ("after", "before", "commands", "end", "kind", "start")

    def __init__(self, start: int, end: int, before: str, kind: str) -> None:
        self.start = start
        self.end = end
        self.before = before
        self.after = ""
        self.kind = kind
        self.commands: list[ShellCommand] = []


class Script:
    """A shell text with its commands.

    Attributes:
        instruction: The instruction that runs it.
        joined: The text with its mapping into the file.
        dialect: sh, bash, ash, dash, zsh, ksh; powershell, cmd or another interpreter, which are opaque.
        options: Options of the shell itself, such as "pipefail" or "errexit" (from SHELL or `sh -e`).
        commands: Every command that it may run, in order of execution.
        items: Its top-level parts.
        opaque: Whether any part of it could not be read.
        plain: Whether it was read as plain commands, without the grammar.
        form: "shell", "exec", "heredoc" (the script is a heredoc body) or "nested" (`sh -c`).
    """

    __slots__ = (
        "_is_chain",
        "commands",
        "dialect",
        "form",
        "instruction",
        "items",
        "joined",
        "opaque",
        "options",
        "plain",
    )

    def __init__(self, instruction: Instruction, joined: Joined, dialect: str, form: str) -> None:
        self.instruction = instruction
        self.joined = joined
        self.dialect = dialect
        self.form = form
        self.options: frozenset[str] = frozenset()
        self.commands: list[ShellCommand] = []
        self.items: list[Item] = []
        self.opaque = False
        self.plain = False
        self._is_chain: bool | None = None

    @property
    def text(self) -> str:
        """The script text."""
        return self.joined.text

    def span(self, start: int, end: int) -> Span:
        """A range of the script text as a span of the file."""
        return self.joined.span(start, end)

    @property
    def is_chain(self) -> bool:
        """Whether it is one command or simple commands and pipelines joined by `&&` alone."""
        if self._is_chain is None:
            self._is_chain = not self.opaque and all(
                item.kind in ("command", "pipeline") and item.before in ("", "&&") and item.after in ("", "&&")
                for item in self.items
            )
        return self._is_chain


def scripts_of(instruction: Instruction) -> list[Script]:
    """The scripts of an instruction; one, but for a RUN whose heredocs are scripts of their own."""
    from dfadvise.shells.reader import read_scripts

    return read_scripts(instruction)
