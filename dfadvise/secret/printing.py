"""What the commands of a RUN print into the build log of the secrets that they see."""

from __future__ import annotations

from dfadvise.effects import directories, home_of
from dfadvise.knowledge.manager import words
from dfadvise.managers.packages import reading
from dfadvise.secret.flow import path_key, secrets_of
from dfadvise.shells.spelled import spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.secret.flow import Secrets
    from dfadvise.shell import ShellCommand
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Run

# Programs that pass on what they read.
_PASSING = words("cat tee base64 sort head tail tr cut rev xxd od hexdump fold uniq nl")
_LISTING = words("env printenv export set declare")


class Printed:
    """A command that prints a secret.

    Attributes:
        span: The words that do.
        by: What prints it, for people to read.
        what: What is printed.
    """

    __slots__ = ("by", "span", "what")

    def __init__(self, span: Span, by: str, what: str) -> None:
        self.span = span
        self.by = by
        self.what = what


def printed(run: Run) -> Iterator[Printed]:
    """What a RUN prints of its secrets, in order of place.

    Args:
        run: The RUN.
    """
    secrets = secrets_of(run)
    if not secrets.has_mounts and not secrets.in_scope():
        return
    readers = {id(each.pipe_from): each for each in reading(run).commands if each.pipe_from is not None}
    tracing = _is_traced(run.stage.shell_at(run) or [])
    trace: ShellCommand | None = None
    home = home_of(run)
    for command, cwd in directories(run, home):
        program = command.program
        if program == "set":
            state = _tracing(command)
            if state is not None:
                tracing, trace = state, command if state else None
                continue
        traced = tracing or (command.parent is not None and _is_traced([w.partial for w in command.parent.words]))
        if traced:
            name = _secret_in(command, secrets)
            if name is not None:
                span = command.argv_span if command.words else command.span
                yield Printed(trace.argv_span if trace is not None else span, "the trace", name)
                tracing = False
                continue
        if program is None or not _reaches_log(command, readers):
            continue
        if program in ("echo", "printf"):
            for word in command.words[1:]:
                found = next((n for n in spelled(word).names if secrets.names_secret(n, command)), None)
                if found is not None:
                    yield Printed(word.span, program, _shown(found))
                    break
        elif program == "printenv" and len(command.words) > 1:
            found = next((w.partial for w in command.words[1:] if secrets.names_secret(w.partial, command)), None)
            if found is not None:
                yield Printed(command.argv_span, program, found)
        elif program in _LISTING and _lists(command):
            scope = secrets.in_scope()
            if scope:
                yield Printed(command.argv_span, program, f"the environment, with {scope[0]},")
        elif program in ("cat", "head", "tail", "base64") and secrets.mounts:
            for word in command.words[1:]:
                path = path_key(word.partial, cwd, home) if not word.is_flag else None
                mount = secrets.reads_mount(path) if path is not None else None
                if mount is not None:
                    yield Printed(command.argv_span, program, f"the mounted secret {mount}")
                    break


def _shown(name: str) -> str:
    return name if name.isidentifier() else "a mounted secret"


def _is_traced(argv: list[str]) -> bool:
    """Whether a shell is started with a trace: `sh -xc`, `bash -o xtrace`."""
    for place, text in enumerate(argv[1:], 1):
        if text.startswith("-") and not text.startswith("--") and "x" in text and text[1:].isalpha():
            return True
        if text == "xtrace" and argv[place - 1].endswith("o"):
            return True
        if not text.startswith("-"):
            break
    return False


def _tracing(command: ShellCommand) -> bool | None:
    """Whether `set` switches the trace on or off; None when it does neither."""
    texts = [word.partial for word in command.words[1:]]
    state: bool | None = None
    for place, text in enumerate(texts):
        if text == "--":
            break
        if text[:1] in ("-", "+") and text[1:].isalpha():
            if "x" in text[1:]:
                state = text[0] == "-"
            if text.endswith("o") and texts[place + 1 : place + 2] == ["xtrace"]:
                state = text[0] == "-"
    return state


def _secret_in(command: ShellCommand, secrets: Secrets) -> str | None:
    """The first secret that the trace of a command shows."""
    values = [word for _, word in command.assignments if word is not None]
    for word in [*values, *command.words]:
        if "$" not in word.raw and "`" not in word.raw:
            continue
        for name in spelled(word).names:
            if secrets.names_secret(name, command):
                return _shown(name)
    return None


def _lists(command: ShellCommand) -> bool:
    """Whether a command lists the whole environment."""
    texts = [word.partial for word in command.words[1:]]
    if command.program in ("env", "printenv"):
        return all(text in ("-0", "--null") for text in texts)
    if command.program == "export":
        return texts in ([], ["-p"]) and not command.assignments
    return not texts if command.program == "set" else texts == ["-x"]


def _reaches_log(command: ShellCommand, readers: dict[int, ShellCommand]) -> bool:
    """Whether what a command prints ends in the build log."""
    current = command
    for _ in range(20):
        if "substitution" in current.contexts:
            return False
        for redirect in current.redirects:
            if redirect.takes_output:
                target = redirect.target.partial if redirect.target is not None else ""
                return target in ("/dev/stdout", "/dev/stderr", "/dev/tty")
        following = readers.get(id(current))
        if following is None:
            return current.after not in ("|", "|&")
        if following.program not in _PASSING:
            return False
        current = following
    return False
