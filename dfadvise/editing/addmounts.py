"""Adding the cache mounts of a package manager to a RUN, and taking away what they make pointless."""

from __future__ import annotations

from dfadvise.about.removals import home_form, removals
from dfadvise.editing import dropping
from dfadvise.editing.edits import is_literal, without
from dfadvise.editing.mountedits import with_mounts
from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported
from dfadvise.knowledge.package_managers import emptied
from dfadvise.managers.cachedirs import cache_mounts, cache_paths, has_cache_mount, is_root, uid_of
from dfadvise.managers.packages import actions, reading, value_of
from dfadvise.managers.toolchains import keeps_store, users_of, uses_store_later
from dfadvise.memory import remembered
from dfadvise.paths import is_below, literal_prefix
from dfadvise.rule import Edit, Fix
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.manager import Manager
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage


MOST_COMMANDS = 300  # a RUN with more is left alone
_MOST_RUNS = 20
# Stores that a build fills again where they are empty, as a cache mount may be on another machine.
_REFILLING = frozenset(("go", "cargo", "maven", "gradle"))


def mount_fix(run: Run, together: list[Action]) -> Fix | None:
    """A cache mount for the commands of one manager in a RUN, with everything that becomes pointless taken away.

    Where later steps of the stage take their dependencies from the cache, they get the mount too, all or none.

    Args:
        run: The RUN.
        together: The commands; they share one manager.

    Returns:
        None where the cache or its user is not known, a later instruction needs what the cache holds, or something
        that defeats the mount cannot be taken away.
    """
    manager = together[0].manager
    if not keeps_store(manager):
        edits = _edits(run, together)
        return None if edits is None else Fix(f"Mount a cache for {manager.name}", edits)
    if _is_filled_before(run, manager):
        return None
    if not uses_store_later(run, manager):
        edits = _edits(run, together)
        return None if edits is None else Fix(f"Mount a cache for {manager.name}", edits)
    return _stage_fix(run, manager)


def _stage_fix(first: Run, manager: Manager) -> Fix | None:
    """Cache mounts for every RUN of a stage that uses a store which fills itself again."""
    runs = users_of(first.stage, manager) if manager.name in _REFILLING else None
    if not runs or runs[0] is not first or len(runs) > _MOST_RUNS:
        return None
    # What one user has put there, another one cannot change.
    if len({(is_root(run), uid_of(run)) for run in runs}) > 1:
        return None
    edits: list[Edit] = []
    for run in runs:
        together = [action for action in actions(run) if action.manager is manager and action.effect != "clean"]
        network = run.flag("network")
        if (network is not None and network.value == "none") or any(map(_is_offline, together)):
            return None
        if all(map(has_cache_mount, together)):
            continue
        found = _edits(run, together)
        if found is None:
            return None
        edits += found
    return Fix(f"Mount a cache for {manager.name} in each of these {len(runs)} steps", edits)


def _is_offline(action: Action) -> bool:
    """Whether a command takes its dependencies from the store or fails."""
    manager = action.manager
    if manager.offline and manager.option_at(action.argv, manager.offline) >= 0:
        return True
    return value_of(action, "GOPROXY") == "off" or bool(value_of(action, "CARGO_NET_OFFLINE"))


def _edits(run: Run, together: list[Action]) -> list[Edit] | None:
    """The mounts for one RUN and what they make pointless; None as for `mount_fix`."""
    manager = together[0].manager
    if not _knows_mounts(run) or run.is_opaque or len(reading(run).commands) > MOST_COMMANDS:
        return None
    places: list[str] = []
    for action in together:
        paths = cache_paths(action)
        if paths is None:
            return None
        places.extend(path for path in paths if path not in places)
    if not places or any("," in path or " " in path for path in places) or _is_copied(run, places):
        return None
    owner = ""
    if not manager.system:
        root = is_root(run)
        number = None if root is not False else uid_of(run)
        if root is None or (root is False and number is None):
            return None
        owner = f",uid={number[0]}" if number is not None else ""
    elif is_root(run) is False:
        return None
    if any(is_below(place, path) or is_below(path, place) for _, path in cache_mounts(run) for place in places):
        return None
    sharing = ",sharing=locked" if manager.sharing == "locked" else ""
    pointless = _pointless(run, together, places)
    if pointless is None:
        return None
    mounts = [f"type=cache,target={path}{sharing}{owner}" for path in places]
    return [with_mounts(run, mounts, pointless), *pointless]


def _knows_mounts(run: Run) -> bool:
    directive = run.file.tree.directive("syntax")
    version = frontend_version(directive.value) if directive is not None else DEFAULT
    return version is not None and supported("RUN --mount", version)


def _is_copied(run: Run, places: list[str]) -> bool:
    """Whether another stage copies what lies in the caches."""
    for path in _copied_from(run.stage):
        if path is None or any(is_below(place, path) or is_below(path, place) for place in places):
            return True
    return False


def _copied_from(stage: Stage) -> list[str | None]:
    """The paths of a stage that others copy; None for what is not known, and for mounts."""
    memo = remembered(stage.file)
    slot = ("addmounts.copied", stage.index)
    if slot not in memo:
        paths: dict[str | None, None] = {}
        for other in stage.file.stages:
            for edge in other.edges:
                if edge.stage is None or stage not in edge.stage.chain:
                    continue
                copy = edge.instruction
                if not isinstance(copy, Copy):
                    paths[None] = None
                    continue
                for word in copy.sources:
                    source = copy.expand(word.text)
                    paths[None if source is None else "/" + source.strip("/")] = None
        memo[slot] = list(paths)[:MOST_COMMANDS] if len(paths) <= MOST_COMMANDS else [None]
    found: list[str | None] = memo[slot]
    return found


def _is_filled_before(run: Run, manager: Manager) -> bool:
    """Whether an earlier RUN fills the store that a mount would hide."""
    memo = remembered(run.file)
    for stage in run.stage.chain:
        slot = ("addmounts.fills", stage.index)
        if slot not in memo:
            first: dict[str, int] = {}
            for each in stage.instructions:
                if isinstance(each, Run):
                    for action in actions(each):
                        first.setdefault(action.manager.name, each.index)
            memo[slot] = first
        index = memo[slot].get(manager.name)
        if index is not None and (stage is not run.stage or index < run.index):
            return True
    return False


def _pointless(run: Run, together: list[Action], places: list[str]) -> list[Edit] | None:
    """The edits that drop switches and clean-ups; None when one of them cannot be dropped."""
    manager = together[0].manager
    edits: list[Edit] = []
    for action in together:
        for at, text in enumerate(action.argv):
            if text not in manager.off:
                continue
            word = action.command.words[at]
            edit = without(action.command, word)
            if manager.name == "apk":
                edit = Edit(word.span, "--update-cache") if is_literal(word) else None
            if edit is None:
                return None
            edits.append(edit)
    forms = [home_form(path) for path in places]
    emptying: set[int] = set()
    for removal in removals(run):
        start = literal_prefix(removal.path)
        if any(is_below(start, form) for form in forms):
            emptying.add(removal.place)
        elif removal.recursive and any(is_below(form, start) for form in forms):
            # What is mounted cannot be removed with the folder above it.
            return None
    commands = reading(run).commands
    dropped: list[ShellCommand] = []
    for place, command in enumerate(commands):
        cleans = place in emptying
        if not cleans and not emptied_by(command, manager):
            continue
        edit = dropping.command(command)
        if edit is None or (cleans and len(command.operands) > 1):
            return None
        dropped.append(command)
        edits.append(edit)
    if len(dropped) > 1 and any(command.item - 1 == other.item for command in dropped for other in dropped):
        return edits if _chained(dropped) else None
    return edits


def emptied_by(command: ShellCommand, manager: Manager) -> tuple[str, ...]:
    """The kinds of leftovers of a manager that its own clean-up command removes; see `emptied`."""
    argv = [word.partial for word in command.words]
    if manager.name == "pip" and argv and (command.program or "").startswith("pip"):
        argv[0] = "pip"
    return emptied(argv, manager)


def _chained(dropped: list[ShellCommand]) -> bool:
    """Whether deletions of neighbours do not meet: each takes the join before it along, but for the first command."""
    return all(command.item for command in dropped)
