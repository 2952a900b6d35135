"""A credential on a command line: what it is worth, and whether its program keeps it."""

from __future__ import annotations

from dfadvise.knowledge import credential_options as known
from dfadvise.knowledge.secret_names import harmless_value, placeholder_value
from dfadvise.knowledge.secret_values import is_variable, url_password
from dfadvise.shells.spelled import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand
    from dfadvise.shells.spelled import Spelled


class Credential:
    """A credential on a command line.

    Attributes:
        command: The command.
        value: The secret, as it is spelled.
        what: What hands it over, for people to read: "-u", "the header", "the URL", "PGPASSWORD".
        kept: Whether the program keeps it on disk.
        name: A name for what a harmless value would be judged by; "" for those that hold nothing but secrets.
        user: Whose it is, where that stands beside it.
    """

    __slots__ = ("command", "kept", "name", "user", "value", "what")

    def __init__(
        self, command: ShellCommand, value: Spelled, what: str, kept: bool = False, name: str = "", user: str = ""
    ) -> None:
        self.command = command
        self.value = value
        self.what = what
        self.kept = kept
        self.name = name
        self.user = user

    def __repr__(self) -> str:
        return f"Credential({self.what}: {self.value.text!r})"

    @property
    def worth(self) -> str | None:
        """ "secret" or "placeholder" for a literal, "variable"; None for what is no secret."""
        text = self.value.text.strip()
        if MARK in text:
            return "variable"
        if not text or text == "-" or is_variable(text) or text.startswith(("/run/secrets", "file:", "env:")):
            return None
        if self.name and harmless_value(self.name, text):
            return None
        if self.command.program in known.ACCOUNTS and text in known.LOCKED:
            return None
        if text == "changeit" and self.command.program == "keytool":
            return None  # the published password of the store that comes with Java
        weak = placeholder_value(text) or url_password(self.user, text, "") != "secret"
        return "placeholder" if weak else "secret"


def program_of(command: ShellCommand) -> str:
    """The program, with the versions of pip and its calls through python as `pip`."""
    program = command.program or ""
    if program.startswith("pip") and not program[3:].strip("0123456789."):
        return "pip"
    if program.startswith("python") and [word.partial for word in command.words[1:3]] == ["-m", "pip"]:
        return "pip"
    return "bundle" if program == "bundler" else "yarn" if program == "yarnpkg" else program


def keeps(command: ShellCommand) -> tuple[str, ...]:
    """Where a command keeps the credentials that it is handed; empty when it keeps none."""
    program = program_of(command)
    if program not in known.KEPT:
        return ()
    verbs = known.KEEPING.get(program)
    if verbs is not None and not any(word.partial in verbs for word in command.words[1:6]):
        return ()
    return known.KEPT[program]


def undoes(command: ShellCommand, program: str | None) -> bool:
    """Whether a command takes back what an earlier one of a program kept."""
    return command.program == program and any(word.partial in known.UNDOING for word in command.words[1:5])
