from __future__ import annotations

from dfadvise.knowledge.credential_options import LOCKED
from dfadvise.managers.packages import reading
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Run

_PROGRAMS = ("chpasswd", "passwd", "useradd", "usermod", "adduser")
_CHPASSWD = ("CKV2_DOCKER_17",)
_EMPTY = ("DKL-LI-0001",)


class AccountPassword(Rule):
    """A build step sets or empties the password of an account.

    Why:
        The password, or a hash that can be cracked, is in every copy of the image and the same in every container;
        the command line that sets it is in the image's history too. A container needs no passwords: `USER` and
        `docker exec` switch users without them.

    Bad:
        FROM debian:13
        RUN echo 'app:swordfish' | chpasswd

    Bad (emptied):
        FROM debian:13
        RUN useradd app && passwd -d app

    Bad (a hash):
        FROM debian:13
        RUN useradd -m -p '$6$salt$hash' app

    Good (no password):
        FROM debian:13
        RUN useradd --create-home app && adduser --disabled-password --gecos '' other

    Good (locked):
        FROM debian:13
        RUN usermod -p '!' root && passwd -l root && echo 'app:*' | chpasswd -e

    Good (a word):
        FROM debian:13
        RUN chgrp root /etc/passwd && apt-get install -y passwd

    Fix:
        none: how the account is entered instead is for the author to say.
    """

    on = ("RUN",)
    mentions = _PROGRAMS
    severity = "warning"
    security = "6.5"
    aliases = (*_CHPASSWD, *_EMPTY)

    def check(self, run: Run) -> Iterator[Finding]:
        for command in reading(run).commands:
            if command.program not in _PROGRAMS:
                continue
            found = _judge(command)
            if found is None:
                continue
            word, message, aliases = found
            yield self.finding(
                word.span,
                message,
                severity=None if run.stage.ships else "style",
                aliases=aliases,
                cause=("password", id(command)),
            )


def _judge(command: ShellCommand) -> tuple[ShellWord, str, tuple[str, ...]] | None:
    """The word that sets a password, what it does, and what other tools call it."""
    program = command.program
    if program == "chpasswd":
        if _only_locks(command):
            return None
        return command.words[0], "chpasswd sets the password of an account", _CHPASSWD
    if program == "passwd":
        if command.has_flag("-l", "--lock"):
            return None
        empties = command.flag("-d", "--delete")
        if empties is not None:
            return empties, "the account gets an empty password", _EMPTY
        sets = command.flag("--stdin", "-s") or (command.words[0] if command.pipe_from is not None else None)
        return (sets, "passwd sets the password of an account", ()) if sets is not None else None
    if program == "adduser" and not command.has_flag("--password"):
        return None
    for option, value in command.option_words("-p", "--password"):
        if value is None or value not in LOCKED:
            message = f"{program} sets the password of an account"
            if value == "":
                return option, "the account gets an empty password", _EMPTY
            return option, message, ()
    return None


def _only_locks(command: ShellCommand) -> bool:
    """Whether what is piped into chpasswd names no password: `app:*`."""
    speaker = command.pipe_from
    if speaker is None or speaker.program not in ("echo", "printf"):
        return False
    said = " ".join(word.partial for word in speaker.words[1:] if not word.is_flag)
    lines = [line for line in said.replace("\\n", "\n").split() if line]
    return bool(lines) and all(line.partition(":")[2] in LOCKED for line in lines)
