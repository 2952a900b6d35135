"""Which commands of a script may fail without anybody noticing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import Script, ShellCommand

_QUIET = frozenset(("negated", "if-condition", "loop-condition", "substitution", "function", "find"))


def unseen_failures(script: Script) -> list[ShellCommand]:
    """The commands after whose failure a script goes on: behind them stands `;` or a line's end, and no `set -e` holds.

    Conditions, what `||` looks at, the last command and what stands in a pipe before its end are left out.

    Args:
        script: A script of a shell; what `sh -c` runs is a script of its own.
    """
    own = [command for command in script.commands if command.script is script]
    goes_on = _goes_on(script)
    return [command for place, command in enumerate(own) if _is_lost(own, place, goes_on)]


def _goes_on(script: Script) -> list[bool]:
    """For each top-level item, whether the script goes on when it fails, with nobody looking."""
    result = [False] * len(script.items)
    for place in range(len(script.items) - 2, -1, -1):
        after = script.items[place].after
        result[place] = after == ";" or (after == "&&" and result[place + 1])
    return result


def _is_lost(own: list[ShellCommand], place: int, goes_on: list[bool]) -> bool:
    """Whether the script goes on when this command fails."""
    command = own[place]
    if command.errexit or command.failure_handled or command.after in ("|", "|&", "&"):
        return False
    if not _QUIET.isdisjoint(command.contexts):
        return False
    if command.item < len(goes_on) and goes_on[command.item]:
        return True
    # Within a construct: what follows on the same level decides.
    contexts = command.contexts
    for each in own[place + 1 : place + 200] if contexts else ():
        if each.contexts == contexts:
            if each.before not in ("&&", "|", "|&"):
                return each.before == ";"
        elif each.contexts[: len(contexts)] != contexts:
            return False
        elif each is own[place + 1] and each.before == ";":
            return True
    return False


def statements(text: str) -> list[tuple[int, int]]:
    """The first word of each PowerShell statement; `;`, a line's end and an open brace end one."""
    found: list[tuple[int, int]] = []
    at, size, quote, fresh = 0, len(text), "", True
    while at < size:
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote, fresh = char, False
        elif char in ";\n{":
            fresh = True
        elif fresh and not char.isspace():
            end = at
            while end < size and (text[end].isalnum() or text[end] in "-_.$:"):
                end += 1
            found.append((at, max(end, at + 1)))
            at, fresh = max(end, at + 1), False
            continue
        at += 1
    return found
