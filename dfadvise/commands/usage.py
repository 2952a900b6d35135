"""The help texts, made from the table of commands and options."""

from __future__ import annotations

from dfadvise.commands.options import COMMANDS, OPTIONS, UsageError
from dfadvise.commands.output import note, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Option

WIDTH = 80
COLUMN = 28  # where the texts of options start
EXAMPLES = """\
Examples:
  dfadvise lint                        look at the Dockerfiles in this folder
  dfadvise lint --fail-on error        let the job pass with warnings
  dfadvise fix --diff | git apply      apply what is safe
  dfadvise explain DL3009              what a finding is about"""


def show(words: list[str]) -> int:
    """Print the help: of the program, or of a command that is named.

    Args:
        words: The command line, such as `--help`, `help lint` or nothing at all.

    Returns:
        The exit status: 2 when there was no command, for then nothing was done.
    """
    if not words:
        note(overview().rstrip("\n"))
        return 2
    named = [word for word in words[1:] if not word.startswith("-")]
    if not named:
        write(overview())
        return 0
    if named[0] not in COMMANDS:
        raise UsageError(unknown(named[0]))
    write(help_of(named[0]))
    return 0


def unknown(word: str) -> str:
    """What to say about a command that does not exist."""
    import os

    from dfadvise.config import suggestion

    if word.startswith("-"):
        return f"`{word}` stands before the command; write `dfadvise COMMAND {word}`"
    hint = suggestion(word, [name for name, command in COMMANDS.items() if command.ready])
    if not hint and os.path.exists(word):
        hint = f"; to look at a file, `dfadvise lint {word}`"
    return f"unknown command `{word}`{hint}"


def overview() -> str:
    """The help of the program."""
    lines = ["Usage: dfadvise COMMAND [OPTIONS] [ARGUMENTS...]", ""]
    lines += ["A linter and optimisation advisor for Dockerfiles that models the build.", "", "Commands:"]
    lines += [f"  {name:<9} {command.summary}" for name, command in COMMANDS.items() if command.ready]
    lines += ["", "Options:", "  -h, --help     This text; after a command, its options"]
    lines += ["  -V, --version  The version", "", EXAMPLES, ""]
    return "\n".join(lines)


def help_of(name: str) -> str:
    """The help of a command."""
    command = COMMANDS[name]
    operands = f" {command.operands}" if command.operands else ""
    lines = [f"Usage: dfadvise {name} [OPTIONS]{operands}", "", f"{command.summary}."]
    if not command.ready:
        return "\n".join([*lines, "", "Not available yet.", ""])
    for paragraph in command.text.split("\n\n") if command.text else ():
        lines += ["", *wrapped(paragraph, WIDTH)]
    groups: dict[str, list[Option]] = {}
    for option in OPTIONS:
        if name in option.commands and option.ready:
            groups.setdefault(option.group, []).append(option)
    for group, options in groups.items():
        lines += ["", f"{group}:"]
        for option in options:
            lines += _entry(option)
    lines += ["", "  -h, --help                This text", ""]
    return "\n".join(lines)


def _entry(option: Option) -> list[str]:
    head = f"  {option.short + ', ' if option.short else '    '}{option.name}"
    if option.value:
        head += f" {option.value}"
    text = option.text
    if option.choices:
        text += f": {', '.join(option.choices)}"
    elif option.kind == "list":
        text += "; several with commas between"
    elif option.kind == "many":
        text += "; may be given several times"
    rows = wrapped(text, WIDTH - COLUMN)
    if len(head) + 2 > COLUMN:
        return [head, *(f"{'':{COLUMN}}{row}" for row in rows)]
    return [f"{head:<{COLUMN}}{rows[0]}", *(f"{'':{COLUMN}}{row}" for row in rows[1:])]


def wrapped(text: str, width: int) -> list[str]:
    """A paragraph as lines of at most so many characters; longer words stay whole."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines
