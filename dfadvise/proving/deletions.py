"""What a clean-up command deletes: a manager's leftovers, or files that the RUN itself has written."""

from __future__ import annotations

from dfadvise.about.removals import home_form
from dfadvise.effects import REMOVES, directories, effects_of, home_of
from dfadvise.knowledge.language_managers import LANGUAGE_MANAGERS, language_use
from dfadvise.knowledge.package_managers import SYSTEM_MANAGERS, emptied, system_use
from dfadvise.layers import WRITES
from dfadvise.managers.cachedirs import is_root
from dfadvise.managers.packages import reading
from dfadvise.paths import clean, covers, has_glob, is_below, literal_prefix, matches, word_path
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.knowledge.manager import Manager
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Run

_MANAGERS = (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS)
_RM_OPTIONS = frozenset("rRfvdI")
# They run a command as another user.
_RAISING = frozenset("sudo doas gosu su-exec setpriv runuser su".split())


class Deletion:
    """Something that a clean-up deletes.

    Attributes:
        path: The path or pattern; homes are written as `~`.
        recursive: Whether all below it goes too.
        manager: The package manager whose leftover it is; None for a file that the RUN wrote.
        alternatives: Where the same leftover can be, by version and settings; it is in one of these places.
    """

    __slots__ = ("alternatives", "manager", "path", "recursive")

    def __init__(self, path: str, recursive: bool, manager: Manager | None, alternatives: Sequence[str] = ()) -> None:
        self.path = path
        self.recursive = recursive
        self.manager = manager
        self.alternatives = tuple(alternatives) or (path,)

    def __repr__(self) -> str:
        return f"Deletion({self.path})"


def is_cleaner(command: ShellCommand) -> bool:
    """Whether a command is one that only deletes: `rm`, or the clean-up of a package manager."""
    if command.program == "rm":
        return True
    argv = [word.partial for word in command.words]
    if not argv or UNKNOWN in argv[0]:
        return False
    use = system_use(argv) or language_use(argv, False)
    return use is not None and use.effect == "clean"


def deletions(run: Run, command: ShellCommand, any_path: bool = False) -> list[Deletion] | str:
    """What a clean-up of a RUN deletes.

    Args:
        run: The RUN.
        command: One of its commands.
        any_path: Whether it may delete what nobody knows to be a leftover.

    Returns:
        The deletions; in words why they are not known, or why they are more than a clean-up.
    """
    if command.redirects or command.assignments or command.conditional:
        return f"{command.program} does more than clean up"
    found = _removed(run, command, any_path) if command.program == "rm" else _emptied(run, command)
    if isinstance(found, str):
        return found
    for each in found:
        if each.manager is not None and not _may_delete(run, command, each):
            return f"{run.stage.user_at(run) or 'the user'} may not be allowed to delete {each.path}"
    return found


def _may_delete(run: Run, command: ShellCommand, deletion: Deletion) -> bool:
    """Whether a clean-up runs as whoever wrote what it deletes, or as root."""
    if "sudo" in command.wrappers:
        return True
    writers = [action.command for action in reading(run).actions if action.manager is deletion.manager]
    writers = [each for each in writers if each is not command]
    if writers:
        return all(_RAISING.isdisjoint(each.wrappers) for each in writers) or is_root(run) is True
    return is_root(run) is not False or deletion.path.startswith("~")


def _removed(run: Run, command: ShellCommand, any_path: bool) -> list[Deletion] | str:
    if any(not set(word.partial[1:]) <= _RM_OPTIONS for word in command.words[1:] if word.is_flag):
        return "rm has options that are not known here"
    recursive = command.has_flag("-r", "-R")
    cwd = _directory_of(run, command)
    home = home_of(run)
    written = _written(run, command)
    found: list[Deletion] = []
    for word in command.operands:
        path = _path(word, cwd, home)
        if path is None:
            return f"nobody knows what `{word.raw}` is"
        manager = owner_of(run, home_form(path, home)) if UNKNOWN not in word.partial else None
        if (
            manager is None
            and not any_path
            and not any(
                (path == place or (tree and is_below(path, place))) and (recursive or not tree)
                for place, tree in written
            )
        ):
            return f"nobody knows that {path} is not needed"
        found.append(Deletion(home_form(path, home), recursive, manager))
    return found or "rm deletes nothing"


def _path(word: ShellWord, cwd: str | None, home: str | None) -> str | None:
    """The path that a word names; one with an unknown part is equal to itself alone."""
    if word.partial.startswith("~/") and not word.quoted:
        return clean(word.partial)
    return word_path(word, cwd, home)


def _directory_of(run: Run, command: ShellCommand) -> str | None:
    return next((cwd for each, cwd in directories(run, home_of(run)) if each is command), None)


def _written(run: Run, command: ShellCommand) -> list[tuple[str, bool]]:
    """What a RUN surely writes before a command, and whether as a tree."""
    order = {id(each): place for place, each in enumerate(reading(run).commands)}
    limit = order.get(id(command), -1)
    found: list[tuple[str, bool]] = []
    for effect in effects_of(run):
        if effect.path is None or effect.command is None or order.get(id(effect.command), limit) >= limit:
            continue
        if effect.kind in WRITES and not has_glob(effect.path):
            found.append((effect.path, effect.tree and effect.kind == "downloads"))
        elif effect.kind == REMOVES:
            found = [each for each in found if not covers(effect.path, each[0], effect.tree)]
    return found


def owner_of(run: Run, path: str) -> Manager | None:
    """The manager whose leftovers a path is, or is part of.

    Args:
        run: The RUN that deletes it.
        path: The path or pattern; homes are written as `~`.
    """
    start = literal_prefix(path)
    # Several have the same place; who runs here is meant first.
    for manager in dict.fromkeys((*(action.manager for action in reading(run).actions), *_MANAGERS)):
        for leftover in manager.leftovers:
            if any(_is_part(run, path, start, place) for place in leftover.paths):
                return manager
    return None


def _is_part(run: Run, path: str, start: str, place: str) -> bool:
    """Whether a path is, or lies in, a place of the tables."""
    if place.startswith("$"):
        name, _, tail = place[1:].partition("/")
        value = run.stage.lookup(name, run)
        if value and UNKNOWN not in value and is_below(start, home_form(clean(f"{value}/{tail}"))):
            return True
        return "/" in tail and f"{start}/".endswith(f"/{tail}/")
    usual = home_form(place)
    if has_glob(usual):
        depth = usual.count("/")
        return path.count("/") >= depth and matches(usual, "/".join(path.split("/")[: depth + 1]))
    return is_below(start, usual)


def _emptied(run: Run, command: ShellCommand) -> list[Deletion] | str:
    """What the clean-up of a package manager deletes."""
    action = next((each for each in reading(run).actions if each.command is command), None)
    if action is None or action.effect != "clean":
        return f"{command.program} is no clean-up that is known here"
    managers = [action.manager]
    if action.manager.name in ("dnf", "yum"):
        managers = [each for each in SYSTEM_MANAGERS if each.name in ("dnf", "yum")]
    argv = ["pip", *action.argv[1:]] if action.manager.name == "pip" else action.argv
    found = [
        Deletion(home_form(path), True, action.manager, [home_form(place) for place in leftover.paths])
        for manager in managers
        for leftover in manager.leftovers
        if leftover.kind in emptied(argv, manager)
        for path in leftover.paths
    ]
    return found or f"`{command.program} {action.verb}` is no clean-up that is known here"
