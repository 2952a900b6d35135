"""Whether two steps of a stage may change places: they share no file, variable or directory, as far as is known."""

from __future__ import annotations

from dfadvise.about.needs import needs_of
from dfadvise.effects import FILE_PROGRAMS, HARMLESS, INTERPRETERS, directories, home_of
from dfadvise.layers import copy_target, mounted
from dfadvise.managers.packages import reading
from dfadvise.paths import is_below, literal_prefix, word_path
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dfadvise.plan import Step
    from dfadvise.syntax.instructions import Instruction

# Where system packages are installed, and where the scripts that come with them write.
SYSTEM_FOLDERS = tuple("/bin /boot /etc /home /lib /lib64 /opt /root /run /sbin /usr /var".split())
_ACCOUNT_FILES = "/etc"
_ACCOUNTS = frozenset("useradd adduser usermod groupadd addgroup groupmod".split())
_FLAGS = frozenset(("mount", "network", "security"))
_INTERPRETERS = INTERPRETERS | {"awk", "gawk"}
_MOST_PAIRS = 5000


def difference(old: Sequence[Step], new: Sequence[Step]) -> str | None:
    """Why a sequence of steps is more than another one in a different order; None when it is not.

    Args:
        old: The steps of a stage as they were.
        new: The same steps, some of them moved past others.
    """
    places: dict[object, list[int]] = {}
    for place, step in enumerate(new):
        places.setdefault(step.key, []).append(place)
    order: list[int] = []
    for step in old:
        found = places.get(step.key)
        if not found:
            return f"line {step.instruction.line}: the step changed while it moved, or sees other variables now"
        order.append(found.pop(0))
    if len(order) != len(new):
        return "a step was added"
    for pairs, (late, early) in enumerate(_swapped(order)):
        if pairs >= _MOST_PAIRS:
            return "too many steps moved"
        reason = shared(old[late].instruction, old[early].instruction)
        if reason is not None:
            return reason
    return None


def _swapped(order: list[int]) -> Iterator[tuple[int, int]]:
    """The pairs of steps of which the second stood before the first and no longer does."""
    highest = -1
    for late, place in enumerate(order):
        # Only what stands out of order is compared with what came before it.
        if place < highest:
            yield from ((late, early) for early in range(late) if order[early] > place)
        highest = max(highest, place)


def shared(raised: Instruction, lowered: Instruction) -> str | None:
    """What two steps share, in words; None when they surely share nothing.

    Args:
        raised: A RUN, COPY, ADD or WORKDIR that comes to stand first.
        lowered: The step that stood before it.
    """
    ours, theirs = touched(raised), touched(lowered)
    if ours is None or theirs is None:
        unknown = raised if ours is None else lowered
        return f"nobody knows what {unknown.keyword} on line {unknown.line} reads and writes"
    # A name that is known above a step is known below it, unless the step is about users.
    if isinstance(raised, Copy) or (isinstance(raised, Run) and _ACCOUNT_FILES in ours and _changes_users(raised)):
        theirs = theirs + _owner_files(lowered)
    for path in ours + _owner_files(raised):
        for place in theirs:
            if is_below(path, place) or is_below(place, path):
                return f"lines {lowered.line} and {raised.line} share {max(path, place, key=len)}"
    return None


def touched(instruction: Instruction) -> list[str] | None:
    """The folders and files that a step reads or writes, with all below them; None when nobody knows."""
    if isinstance(instruction, Copy):
        target, _ = copy_target(instruction)
        return None if target is None or "$" in target else [target]
    if isinstance(instruction, Run):
        return _of_run(instruction)
    if instruction.keyword == "WORKDIR":
        path = instruction.stage.symbolic_workdir_at(instruction, after=True)
        return None if "$" in path else [path]
    return None


def _owner_files(instruction: Instruction) -> list[str]:
    """Where a copy looks up the owner that it names."""
    owner = instruction.flag("chown")
    if owner is None:
        return []
    value = instruction.expand(owner.value or "")
    named = value is None or not all(part.isdigit() for part in value.split(":"))
    return [_ACCOUNT_FILES] if named else []


def _changes_users(run: Run) -> bool:
    return any(command.program in _ACCOUNTS for command in run.all_commands())


def _of_run(run: Run) -> list[str] | None:
    if run.is_opaque or run.heredocs or any(flag.name not in _FLAGS for flag in run.flags):
        return None
    found = list(mounted(run))
    home = home_of(run)
    by_command = {id(action.command): action for action in reading(run).actions}
    needs = {id(need.command): need for need in needs_of(run)}
    for command, cwd in directories(run, home):
        action = by_command.get(id(command))
        program = command.program or ""
        if action is not None:
            need = needs.get(id(command))
            if not action.manager.system or need is None or need.kind == "unknown":
                return None
            found.extend((*SYSTEM_FOLDERS, *need.paths))
        elif program in _ACCOUNTS:
            found.extend((_ACCOUNT_FILES, "/home", "/var"))
        elif program in _INTERPRETERS or (program not in HARMLESS and program not in FILE_PROGRAMS):
            return None
        words = [] if action is not None else [word for word in command.words[1:] if not word.is_flag]
        for word in (*words, *(each.target for each in command.redirects if each.target is not None)):
            path = word_path(word, cwd, home)
            if path is None:
                return None
            found.append(literal_prefix(path))
    return None if any("$" in path for path in found) else found
