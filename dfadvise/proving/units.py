"""The parts of a RUN that may stand in a RUN of their own: what gets from one command to the next is part of them."""

from __future__ import annotations

from dfadvise.editing.joining import left_behind
from dfadvise.managers.programs import is_proven
from dfadvise.proving.tokens import tokens
from dfadvise.proving.words import digest
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.plan import Key, Step
    from dfadvise.shell import Item, Script, ShellCommand

# Builtins that change the shell that runs them, beyond those that `joining` names.
_CHANGING = frozenset(
    """cd pushd popd export unset set shopt umask trap exec exit return alias unalias ulimit source . eval local
    declare typeset readonly builtin read getopts mapfile readarray let wait enable hash disown bg fg setopt unsetopt
    emulate autoload""".split()
)
# Before these an assignment stays in force.
_SPECIAL = frozenset((":", "eval", ".", "export", "readonly", "set", "trap", "unset", "times", "shift"))
# What the command before leaves in the shell.
_OF_BEFORE = ("$_", "${_", "$!", "${!")
_END = ("the container ends",)


def units_of(step: Step) -> list[Key]:
    """The parts of a step; a RUN that is more than a chain of `&&` is one part.

    Behind a RUN that may leave something running, or in a file that each RUN gets anew, stands a part of its own: what
    comes next must not get into the same RUN.
    """
    run = step.instruction
    if not isinstance(run, Run) or run.outer is not None:
        return [step.key]
    parts = _parts(run)
    if parts is None:
        return [step.key]
    script = run.scripts[0]
    found: list[Key] = []
    state = ""
    for item, texts in zip(script.items, parts, strict=True):
        found.append((step.head, step.flags, "part", state, texts))
        if changes_shell(item, script, texts):
            state = digest(state, *texts)
    if not is_proven(run) or any(left_behind(command) is not None for command in run.all_commands()):
        found.append(_END)
    return found


def _parts(run: Run) -> list[tuple[str, ...]] | None:
    """The tokens of each part of a plain chain; None where a RUN is anything else."""
    if run.form != "shell" or run.heredocs or len(run.scripts) != 1 or not run.scripts[0].is_chain:
        return None
    script = run.scripts[0]
    if any(each in script.text for each in _OF_BEFORE):
        return None
    read = tokens(script.text)
    if read.is_raw:
        return None
    parts: list[tuple[str, ...]] = []
    at = 0
    for place, item in enumerate(script.items):
        if place:
            if read.texts[at : at + 1] != ("&&",):
                return None
            at += 1
        start = at
        while at < len(read.texts) and read.starts[at] < item.end:
            at += 1
        if start == at or read.starts[start] != item.start:
            return None
        parts.append(read.texts[start:at])
    return parts if at == len(read.texts) else None


def changes_shell(item: Item, script: Script, texts: tuple[str, ...]) -> bool:
    """Whether a part of a script changes the shell for what comes behind it.

    Args:
        item: A part at the top level of the script.
        script: The script.
        texts: Its tokens.
    """
    if any("${" in text and "=" in text for text in texts) or any("$((" in text or text == "((" for text in texts):
        return True  # `${x:=y}` and `$((x = 1))` assign
    return any(_changes(command) for command in item.commands if command.script is script)


def _changes(command: ShellCommand) -> bool:
    if "subshell" in command.contexts or "substitution" in command.contexts:
        return False
    if command.is_assignment or (command.program is None and command.words):
        return True
    if "exec" in command.wrappers or (command.assignments and command.program in _SPECIAL):
        return True
    if command.program == "printf":
        return command.has_flag("-v")
    return command.program in _CHANGING
