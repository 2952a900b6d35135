from __future__ import annotations

from dfadvise.base.bases import is_windows
from dfadvise.effects import home_of
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells import shellform
from dfadvise.shells.quoting import Quoting
from dfadvise.source import Span
from dfadvise.syntax.instructions import Arg, Commanding, Copy, Env, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction, Pair, Single

# Variables whose value a shell runs later on, by parts of their names.
RUN_LATER = ("PROMPT", "PS1", "PS2", "PS4", "CMD", "COMMAND", "SCRIPT", "EXEC", "RUN", "HOOK", "EVAL", "TRAP")


class UnexpandedShellSyntax(Rule):
    r"""Shell syntax stands where no shell reads it.

    Why:
        The builder puts variables into the words of ENV, WORKDIR and COPY, and that is all: `~` is a folder of that
        name, `$(nproc)` stays as it is. An exec form is handed to the system word by word: `$PORT` and `&&` reach the
        program as plain text.

    Bad (in exec form):
        FROM node:22-slim
        CMD ["node", "server.js", "--port", "$PORT"]

    Good (a shell reads it):
        FROM node:22-slim
        CMD ["sh", "-c", "exec node server.js --port \"$PORT\""]

    Bad (a home directory):
        FROM debian:12
        ENV PATH=~/.local/bin:$PATH

    Good (written out):
        FROM debian:12
        ENV PATH=/root/.local/bin:$PATH

    Bad (a command):
        FROM debian:12
        ENV MAKEFLAGS="-j$(nproc)"
        RUN make

    Good (in the RUN):
        FROM debian:12
        RUN make "-j$(nproc)"

    Good (meant as it stands):
        FROM debian:12
        ENV PS1='$(whoami)@\h:~$ ' COPYRIGHT="(c) ~2024"
        LABEL usage="docker run -v $(pwd):/data example/tool"
        CMD ["awk", "{ print $NF }"]

    Fix:
        unsafe: the home directory where it is known; `sh -c` in the exec form, the shell form in RUN and HEALTHCHECK.
    """

    on = ("ENV", "ARG", "LABEL", "WORKDIR", "COPY", "ADD", "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
    severity = "warning"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        for each in file.walk():
            if each.keyword in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
                # A variable, or an operator that is a word of its own.
                if each.form == "exec" and any(
                    "$" in word.text or word.text.strip("&|<>;12") == "" for word in each.args
                ):
                    return True
            elif any(
                mark in read
                for read in (each.body.text, *(word.text for word in each.args))
                for mark in ("~", "$(", "`")
            ):
                return True
        return False

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if isinstance(instruction, Commanding):
            if instruction.form == "exec":
                yield from self._exec_form(instruction)
        elif isinstance(instruction, (Env, Arg, Label)):
            text = instruction.body.text
            if "~" in text or "$(" in text or "`" in text:
                evaluates = "eval" in instruction.file.source.text
                for pair in instruction.pairs:
                    yield from self._pair(instruction, pair, evaluates)
        elif isinstance(instruction, Copy):
            if instruction.target is not None:
                yield from self._path(instruction, instruction.target.text, instruction.target.span)
        elif instruction.args:
            workdir: Single = instruction  # type: ignore[assignment]
            yield from self._path(workdir, workdir.value, workdir.args[0].span)

    def _exec_form(self, instruction: Commanding) -> Iterator[Finding]:
        found = shellform.unexpanded(instruction)
        if not found:
            return
        edits = shellform.edits(instruction)
        fix = Fix("Give it to a shell", edits) if edits else None
        related = [("and this", word.span) for word in found[1:10]]
        what = "no operator" if found[0].text in shellform.OPERATORS else "not expanded"
        message = f"`{found[0].text}` is {what} here: no shell reads an exec form"
        yield self.finding(found[0].span, message, related=related, fix=fix)

    def _pair(self, instruction: Env | Arg | Label, pair: Pair, evaluates: bool) -> Iterator[Finding]:
        value = pair.value
        if not value:
            return
        if isinstance(instruction, Env) and "~" in value:
            yield from self._home(instruction, pair, value)
        command = _command(instruction, pair, value)
        if command is not None and evaluates and not isinstance(instruction, Label):
            return  # something in the file may run it
        if command is not None:
            start, end = command
            span = pair.value_span
            if instruction.file.source.slice(span) == value:
                span = Span(span.start + start, span.start + end)
            message = f"`{value[start:end]}` is not run: only variables are expanded in {instruction.keyword}"
            yield self.finding(span, message)

    def _home(self, env: Env, pair: Pair, value: str) -> Iterator[Finding]:
        at = len(value) - len(value.lstrip("\"'"))
        if not _is_home(value, at):
            at = value.find(":~/") + 1
            if not at or "://" in value or not pair.key.endswith(("PATH", "DIRS")):
                return
        if is_windows(env.stage):
            return
        span, fix = pair.value_span, None
        if env.file.source.slice(span) == value:
            span = Span(span.start + at, span.start + at + 1)
            fix = _written_out(env, span)
        yield self.finding(span, f"`~` in ENV {pair.key} is no home directory: no shell reads it", fix=fix)

    def _path(self, instruction: Instruction, value: str, span: Span) -> Iterator[Finding]:
        at = len(value) - len(value.lstrip("\"'"))
        if not _is_home(value, at) or is_windows(instruction.stage):
            return
        fix = None
        if instruction.file.source.slice(Span(span.start + at, span.start + at + 1)) == "~":
            span = Span(span.start + at, span.start + at + 1)
            fix = _written_out(instruction, span)
        message = f"`~` in {instruction.keyword} is a folder of that name, no home directory"
        yield self.finding(span, message, fix=fix, cause=("path", id(instruction)))


def _is_home(value: str, at: int) -> bool:
    return value[at : at + 1] == "~" and value[at + 1 : at + 2] in ("", "/", '"', "'")


def _written_out(instruction: Instruction, span: Span) -> Fix | None:
    home = home_of(instruction)
    return Fix(f"Write {home}", [Edit(span, home)]) if home and home != "/" else None


def _command(instruction: Env | Arg | Label, pair: Pair, value: str) -> tuple[int, int] | None:
    """Where a command substitution stands in a value, as far as it is meant as one."""
    start = value.find("$(")
    if start >= 0:
        end = value.rfind(")") + 1
    elif instruction.file.escape != "`" and value.count("`") == 2:
        start, end = value.find("`"), value.rfind("`") + 1
    else:
        return None
    if end <= start + 2 or value[start - 1 : start] == instruction.file.escape:
        return None
    bare = value.strip('"')
    if isinstance(instruction, Label):
        # Labels tell people what to type.
        return (start, end) if bare == value[start:end] else None
    if start in Quoting(value, [start], instruction.file.escape, is_shell=False).quoted and "'" in value[:start]:
        return None
    name = pair.key.upper()
    return None if any(part in name for part in RUN_LATER) else (start, end)
