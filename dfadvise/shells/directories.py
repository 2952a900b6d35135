"""What a `cd` in a RUN means to other tools."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import Script, ShellCommand


def cd_aliases(command: ShellCommand) -> tuple[str, ...]:
    """The foreign codes for a `cd`.

    hadolint and Trivy mean every one, Semgrep one at the start of a RUN, KICS one that does not go straight down
    from the root.

    Args:
        command: The `cd`.
    """
    codes = ["DL3003"]
    script = command.script
    if command.instruction.outer is None:
        codes.append("DS-0013")
    operand = command.operands[0] if command.operands else None
    if operand is not None and not (operand.raw.startswith("/") and ".." not in operand.raw):
        codes.append("kics:f4a6bcd3")
    if script.commands and script.commands[0] is command and script.form == "shell" and command.is_simple:
        codes.append("semgrep:use-workdir")
    return tuple(codes)


def goes_back(command: ShellCommand, script: Script) -> bool:
    """Whether a `cd` only undoes one before it: up, to the last directory, to the root, home or WORKDIR.

    Args:
        command: The `cd` or `pushd`.
        script: The script that it is in.
    """
    if not any(
        other.program in ("cd", "pushd") and other.start < command.start and other.script is script
        for other in script.commands
    ):
        return False
    if not command.operands:
        return True
    raw = command.operands[0].raw.strip("\"'").rstrip("/")
    if raw in ("", "-", "~", "$OLDPWD", "$HOME", "${OLDPWD}", "${HOME}"):
        return True
    if all(part == ".." for part in raw.split("/")):
        return True
    instruction = command.instruction
    path = command.operands[0].text
    return path is not None and path == instruction.stage.workdir_at(instruction)
