"""Users and groups that commands create."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand, ShellWord


def created_user(command: ShellCommand) -> ShellWord | None:
    """The word that names the user whom a command creates; None when it creates none.

    `adduser USER GROUP` puts a user into a group and creates nobody.

    Args:
        command: Any command.
    """
    if command.program == "useradd":
        return None if command.has_flag("-D", "--defaults") else _only(command)
    return _only(command) if command.program == "adduser" else None


def created_group(command: ShellCommand) -> ShellWord | None:
    """The word that names the group which a command creates; None when it creates none.

    Args:
        command: Any command; those that create a user, and a group for it, are told by `created_user`.
    """
    return _only(command) if command.program in ("groupadd", "addgroup") else None


def _only(command: ShellCommand) -> ShellWord | None:
    operands = command.operands
    return operands[0] if len(operands) == 1 else None


def names_of(text: str) -> tuple[str, str]:
    """User and group of `user[:group]`; empty where one is a number or not given."""
    user, _, group = text.partition(":")
    return "" if user.isdecimal() else user, "" if group.isdecimal() else group
