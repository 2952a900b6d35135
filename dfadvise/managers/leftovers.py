"""What package managers leave in the layer of a RUN: what no switch, no clean-up and no mount takes away."""

from __future__ import annotations

from dfadvise.about.removals import empties, home_form, removals
from dfadvise.knowledge.options import FALSE
from dfadvise.knowledge.package_managers import DOCKER_CLEAN, emptied
from dfadvise.knowledge.programs import SHELLS
from dfadvise.managers.packages import Action, inner, is_configured, is_switched, option_value, reading, value_of
from dfadvise.memory import comes_before
from dfadvise.paths import clean, covers, is_below
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.manager import Manager
    from dfadvise.memory import Place
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

# Switches in a manager's own configuration.
_OFF_SETTINGS = {"pip": "no-cache-dir"}


class Left:
    """What one manager leaves in the layer of a RUN.

    Attributes:
        run: The RUN.
        manager: The manager.
        kinds: The kinds of leftovers: "lists", "archives", "cache".
        actions: The commands that leave them, in order.
        last: The manager's last command in the RUN, one that installs nothing too.
        place: Its place among the commands of the RUN.
        moved: Where its cache was moved to; None when it is where it usually is.
    """

    __slots__ = ("actions", "kinds", "last", "manager", "moved", "place", "run")

    def __init__(
        self, run: Run, manager: Manager, kinds: tuple[str, ...], actions: list[Action], moved: str | None
    ) -> None:
        self.run = run
        self.manager = manager
        self.kinds = kinds
        self.actions = actions
        self.moved = moved
        commands = reading(run).commands
        self.place = actions[-1].place
        for place in range(len(commands) - 1, self.place, -1):
            if commands[place].program in manager.programs:
                self.place = place
                break
        self.last = commands[self.place]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it is left: absolute, or with `~` or `$NAME` at the beginning."""
        if self.moved is not None:
            return (self.moved,)
        kept = [each for each in self.manager.leftovers if each.kind in self.kinds]
        return tuple(_expanded(self.actions[-1], path) for each in kept for path in each.paths)

    def __repr__(self) -> str:
        return f"<Left {self.manager.name} {self.kinds}>"


def left_by(run: Run) -> list[Left]:
    """What the package managers of a RUN leave in its layer, one entry a manager.

    Nothing is said of a RUN that cannot be read as a whole, and of settings that are not known.

    Args:
        run: The instruction.
    """
    read = reading(run)
    if not read.actions or run.is_opaque:
        return []
    by_manager: dict[str, list[Action]] = {}
    for action in read.actions:
        if action.manager.leftovers and not action.is_idle:
            by_manager.setdefault(action.manager.name, []).append(action)
    found: list[Left] = []
    for actions in by_manager.values():
        left = _apt(run, actions) if actions[0].manager.name == "apt" else _other(run, actions)
        if left is not None:
            found.append(left)
    return found


def _apt(run: Run, actions: list[Action]) -> Left | None:
    """apt leaves lists where the RUN refreshes them, and archives where nothing empties them by itself."""
    manager = actions[0].manager
    kinds: list[str] = []
    leaving: list[Action] = []
    for leftover in manager.leftovers:
        lists = leftover.kind == "lists"
        those = [each for each in actions if (each.effect == "refresh" if lists else each.installs)]
        if not those or (not lists and not keeps_archives(run, those[-1])):
            continue
        if is_mounted(run, leftover.paths) or _is_emptied(run, those[-1], (leftover.kind,), leftover.paths):
            continue
        kinds.append(leftover.kind)
        leaving.extend(those)
    if not kinds:
        return None
    leaving.sort(key=lambda each: each.place)
    return Left(run, manager, tuple(kinds), leaving, None)


def _other(run: Run, actions: list[Action]) -> Left | None:
    manager = actions[0].manager
    kinds = tuple(dict.fromkeys(each.kind for each in manager.leftovers if each.kind != "docs"))
    leaving = [each for each in actions if _leaves(each)]
    if not leaving:
        return None
    moved = _moved(leaving[-1])
    if moved is not None and (UNKNOWN in moved or not moved.startswith(("/", "~")) or moved.startswith("/dev/")):
        return None
    paths = tuple(
        _expanded(leaving[-1], path) for each in manager.leftovers if each.kind in kinds for path in each.paths
    )
    if moved is not None:
        paths = (moved,)
    places = paths if moved else paths + manager.mounts + manager.mount_alternatives
    if is_mounted(run, places, manager.system) or _is_emptied(run, leaving[-1], kinds, paths):
        return None
    return Left(run, manager, kinds, leaving, moved)


def _leaves(action: Action) -> bool:
    """Whether a command fills the manager's cache: the cache is not off, and it is not linked from for nothing."""
    manager = action.manager
    if manager.system:
        if not action.installs and action.effect != "refresh":
            return False
    elif action.effect not in ("install", "download", "compile"):
        return False
    if manager.option_at(action.argv, manager.off) >= 0 or is_switched(action, manager.off_env):
        return False
    if manager.off and action.may_hold_options:
        return False
    if manager.name != "zypper" and manager.option_at(action.argv, manager.offline) >= 0:
        return False  # nothing is downloaded
    setting = _OFF_SETTINGS.get(manager.name)
    if setting is not None and is_configured(action, setting, True):
        return False
    if manager.linked:
        # Links cost nothing in the same layer; copies do.
        copies = option_value(action, ("--link-mode", "--package-import-method", "--backend"))
        copies = copies or (value_of(action, "UV_LINK_MODE") if manager.name == "uv" else None)
        return copies in ("copy", "copyfile")
    return True


def _moved(action: Action) -> str | None:
    """Where the cache was moved to by option or variable; a NUL where that is not known, None when it was not."""
    manager = action.manager
    value = option_value(action, manager.moved) if manager.moved else None
    if value is not None:
        return value
    for name in manager.moved_env:
        value = value_of(action, name)
        if value is None:
            continue
        if value == "" or value.lower() in FALSE:
            return "/dev/null"
        if name == "XDG_CACHE_HOME":
            usual = manager.leftovers[0].paths[0]
            return f"{value.rstrip('/')}/{usual.rpartition('/')[2]}"
        if any(f"${name}/" in path for each in manager.leftovers for path in each.paths) or name.endswith("_HOME"):
            continue  # the folder around it: see _expanded
        if name in ("BUNDLE_PATH", "GOPATH", "BUN_INSTALL", "XDG_DATA_HOME"):
            continue
        return value
    return None


def _expanded(action: Action, path: str) -> str:
    """A leftover's path with a variable at its start put in where it is known."""
    if not path.startswith("$"):
        return path
    name, slash, rest = path[1:].partition("/")
    value = value_of(action, name)
    return path if not value or UNKNOWN in value else value.rstrip("/") + slash + rest


def keeps_archives(run: Run, action: Action) -> bool:
    """Whether an earlier command of the chain deletes what empties apt's archives after each install.

    Args:
        run: The RUN that installs.
        action: The command that installs.
    """
    if "docker-clean" not in run.file.source.text:
        return False
    return comes_before(run, action.place, "docker-clean", _docker_clean_gone)


def _docker_clean_gone(stage: Stage) -> Place | None:
    """Where a stage first deletes apt's docker-clean."""
    for outer in stage.instructions:
        instruction = inner(outer)
        if not isinstance(instruction, Run):
            continue
        places = [each.place for each in removals(instruction) if covers(each.path, DOCKER_CLEAN, each.recursive)]
        if places:
            return instruction.index, min(places)
    return None


def _home(run: Run) -> str | None:
    """A HOME that the chain sets; the usual ones need no asking."""
    variable = run.stage.variable("HOME", run)
    value = variable.value if variable is not None else None
    return value if value and UNKNOWN not in value and value.startswith("/") else None


def is_mounted(run: Run, paths: tuple[str, ...], exact: bool = True) -> bool:
    """Whether a cache, tmpfs or bind mount keeps one of some paths out of the layer.

    Args:
        run: The RUN.
        paths: The paths; `~` is any home.
        exact: Whether only a mount at or above a path counts; else one below it does too.
    """
    home = _home(run) if run.mounts else None
    for mount in run.mounts:
        if mount.type not in ("cache", "tmpfs", "bind"):
            continue
        target = run.expand(mount.target) if mount.target else None
        if target is None:
            return True
        form = home_form(clean(target), home)
        for path in paths:
            usual = home_form(path)
            if usual.startswith("$"):
                tail = usual[usual.find("/") :]
                if form.endswith(tail):
                    return True
            elif is_below(usual, form) or (not exact and is_below(form, usual)):
                return True
    return False


def _is_emptied(run: Run, last: Action, kinds: tuple[str, ...], paths: tuple[str, ...]) -> bool:
    """Whether a clean-up behind a command takes its leftovers away."""
    manager = last.manager
    read = reading(run)
    for place, command in enumerate(read.commands):
        late = place > last.place or "function" in command.contexts
        if late and (_cleans(command, manager, kinds) or _may_clean(command)):
            return True
    home = _home(run)
    usual = [home_form(path, home) for path in paths]
    for removal in removals(run, home):
        if removal.place > last.place and any(empties(removal, path, kinds) for path in usual):
            return True
    return False


def _cleans(command: ShellCommand, manager: Manager, kinds: tuple[str, ...]) -> bool:
    argv = [word.partial for word in command.words]
    if not argv:
        return False
    program = command.program or ""
    if program.startswith("python") and "-m" in argv[:-1]:
        argv = argv[argv.index("-m") + 1 :]
        program = argv[0]
    if program.startswith("pip") and manager.name == "pip":
        argv = ["pip", *argv[1:]]
    removed = emptied(argv, manager)
    if removed:
        piped = manager.name == "pacman"  # asks, and takes no answer from an option
        return set(kinds) <= set(removed) and (not piped or command.pipe_from is not None)
    if manager.name == "conda":
        return (
            program in manager.programs and command.subcommand == "clean" and command.has_flag("-t", "--tarballs", "-p")
        )
    if manager.name in ("poetry", "uv"):
        return argv[:2] == [manager.name, "cache"]
    return False


def _may_clean(command: ShellCommand) -> bool:
    """Whether a script is run whose name promises to clean up."""
    words = command.words
    if not words:
        return False
    named = words[0]
    if command.program in SHELLS or command.program in (".", "source"):
        if not command.operands:
            return False
        named = command.operands[0]
        if " " in named.partial:
            return False
    name = named.partial.rpartition("/")[2].lower()
    return ("clean" in name or "purge" in name) and name != "package-cleanup"
