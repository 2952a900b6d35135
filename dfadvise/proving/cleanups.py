"""The proof of a clean-up: nothing behind it reads what it deletes; one that goes has only emptied a mount."""

from __future__ import annotations

from dfadvise.about.removals import home_form
from dfadvise.layers import mounted
from dfadvise.paths import is_below, literal_prefix
from dfadvise.proving.commands import View
from dfadvise.proving.deletions import deletions, is_cleaner
from dfadvise.proving.reads import reader_of
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import Item, ShellCommand

_SEPARATORS = (("&&",), (";",), ("\n",))


class Cleanup:
    """Clean-ups that one of two RUNs has and the other has not: `run` is the one that has them."""

    __slots__ = ("commands", "run")

    def __init__(self, run: Run, commands: list[ShellCommand]) -> None:
        self.run = run
        self.commands = commands


def compare(shorter: Run, longer: Run) -> Cleanup | str:
    """What one RUN cleans up beyond what another does.

    Args:
        shorter: The RUN without the clean-up.
        longer: The RUN with it.

    Returns:
        The clean-ups; in words why the RUNs differ by more.
    """
    if shorter.form != longer.form or len(shorter.scripts) != 1 or len(longer.scripts) != 1 or shorter.form == "exec":
        return "the form of the command changed"
    if [each.content for each in shorter.heredocs] != [each.content for each in longer.heredocs] and (
        longer.scripts[0].form != "heredoc"
    ):
        return "a heredoc changed"
    one, other = View(shorter.scripts[0]), View(longer.scripts[0])
    ours, theirs = _parts(one), _parts(other)
    extra: list[Item] = []
    i = j = 0
    while i < len(ours) or j < len(theirs):
        if i < len(ours) and j < len(theirs) and ours[i][0] == theirs[j][0]:
            i, j = i + 1, j + 1
            continue
        # The clean-up with the operator before or behind it.
        pair = theirs[j : j + 2]
        items = [item for _, item in pair if item is not None]
        gaps = [texts for texts, item in pair if item is None]
        if len(items) != 1 or len(gaps) != 1 or gaps[0] not in _SEPARATORS or not _is_cleanup(items[0]):
            return "more than a clean-up changed"
        extra.extend(items)
        j += 2
    reason = _stops(one, other, extra)
    if reason is not None:
        return reason
    return Cleanup(longer, [item.commands[0] for item in extra])


def _parts(view: View) -> list[tuple[tuple[str, ...], Item | None]]:
    """The top-level parts of a script and what stands between them, as tokens."""
    found: list[tuple[tuple[str, ...], Item | None]] = []
    texts, starts = view.tokens.texts, view.tokens.starts
    at = 0
    for item in view.script.items:
        before = at
        while at < len(texts) and starts[at] < item.start:
            at += 1
        if before < at:
            found.append((texts[before:at], None))
        before = at
        while at < len(texts) and starts[at] < item.end:
            at += 1
        found.append((texts[before:at], item))
    if at < len(texts):
        found.append((texts[at:], None))
    return found


def _is_cleanup(item: Item) -> bool:
    return item.kind == "command" and len(item.commands) == 1 and is_cleaner(item.commands[0])


def _stops(one: View, other: View, extra: list[Item]) -> str | None:
    """Whether each command still ends the RUN when it fails, or still does not."""
    before = _stopping(one.script.items)
    gone = {id(item) for item in extra}
    after = [
        stops
        for item, stops in zip(other.script.items, _stopping(other.script.items), strict=True)
        if id(item) not in gone
    ]
    return None if before == after else "a failure would no longer count as it did"


def _stopping(items: list[Item]) -> list[bool]:
    """For each top-level part whether the RUN ends when it fails."""
    found = [False] * len(items)
    chained = True
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        chained = chained and item.after in ("", "&&")
        # Under `set -e` the last command of a chain counts, the others do not.
        errexit = bool(item.commands) and item.commands[0].errexit and item.after in ("", ";")
        found[place] = chained or errexit
    return found


def added_reason(cleanup: Cleanup) -> str | None:
    """Why a clean-up that is added may be missed by something behind it."""
    for command in cleanup.commands:
        found = deletions(cleanup.run, command)
        if isinstance(found, str):
            return found
        for deletion in found:
            reason = reader_of(cleanup.run, command, deletion)
            if reason is not None:
                return reason
    return None


def deleted_reason(cleanup: Cleanup) -> str | None:
    """Why a clean-up that is deleted did more than empty the mounts of its RUN."""
    run = cleanup.run
    targets = [home_form(target) for target in mounted(run) if "$" not in target]
    for command in cleanup.commands:
        found = deletions(run, command, any_path=True)
        if isinstance(found, str):
            return found
        for deletion in found:
            places = [literal_prefix(path) for path in deletion.alternatives]
            if not any(is_below(place, target) for place in places for target in targets):
                return f"{deletion.path} would stay in the layer"
    return None
