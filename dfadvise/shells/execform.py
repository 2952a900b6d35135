"""The exec form of a command that stands in shell form, word by word in place."""

from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge.programs import BUILTINS
from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Commanding

_SPECIAL = frozenset("*?[{")
# They start in a Windows container, whose shell reads other words than sh does.
_OF_WINDOWS = ("powershell", "cmd")


def json_string(text: str) -> str:
    """A text as a JSON string; control characters as escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if escaped.isprintable():
        return f'"{escaped}"'
    return '"' + "".join(char if char >= " " else f"\\u{ord(char):04x}" for char in escaped) + '"'


def simple_command(instruction: Commanding) -> ShellCommand | None:
    """The one command of an instruction in shell form when each of its words means itself, `exec` before it aside."""
    if instruction.form != "shell" or instruction.has_heredoc or len(instruction.scripts) != 1:
        return None
    script = instruction.scripts[0]
    if script.opaque or len(script.commands) != 1:
        return None
    command = script.commands[0]
    if command.assignments or command.redirects or command.wrappers not in ((), ("exec",)) or command.after:
        return None
    if not command.words or command.contexts or command.parent is not None or command.program in BUILTINS:
        return None
    if may_be_windows(instruction.stage) and _is_for_cmd(command):
        return None
    for word in command.words:
        text = word.text
        if text is None or "$" in word.raw or "`" in word.raw:
            return None
        if not word.quoted and (text.startswith("~") or not _SPECIAL.isdisjoint(text)):
            return None
    return command


def may_be_windows(stage: Stage) -> bool:
    """Whether nothing says that a stage is none of Windows."""
    base = base_of(stage)
    return is_windows(stage) or stage.file.escape == "`" or base is None or base.distribution is None


def _is_for_cmd(command: ShellCommand) -> bool:
    """Whether a command looks like one that the shell of Windows reads: `%NAME%`, a drive, a program of it."""
    program = (command.words[0].text or "").lower().rpartition("\\")[2]
    if program.removesuffix(".exe") in _OF_WINDOWS or program.endswith((".exe", ".bat", ".cmd")):
        return True
    return any("%" in word.raw or "\\" in word.raw or word.raw[1:3] in (":\\", ":/") for word in command.words)


def edits(instruction: Commanding) -> list[Edit]:
    """Edits that put a simple command into the exec form; empty where it is none or they have no place."""
    command = simple_command(instruction)
    if command is None:
        return []
    source = instruction.file.source
    start = instruction.args_span.start
    if command.words[-1].span.end != instruction.args_span.end or "\n" in source.slice(
        Span(start, command.words[0].span.start)
    ):
        return []
    found: list[Edit] = []
    last = len(command.words) - 1
    for place, word in enumerate(command.words):
        if source.slice(word.span) != word.raw:
            return []
        span = Span(start, word.span.end) if not place else word.span
        text = json_string(word.text or "")
        found.append(Edit(span, ("" if place else "[") + text + ("]" if place == last else ",")))
    return found
