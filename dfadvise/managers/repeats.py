"""Packages that a stage installs although they are there: from the base image, or from an install before."""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.base_programs import provided_packages
from dfadvise.knowledge.packages import plain_name
from dfadvise.managers.installed import installs_packages
from dfadvise.managers.packages import inner, option_value, reading
from dfadvise.managers.programs import may_install
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.base.bases import Base
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Stage

# A repeat is one of the base image's own packages, of a product that it brings by other means, or of an earlier step.
SAME, OTHER, AGAIN = "same", "other", "again"
# Where the lists of repositories are; a new one may bring another version.
_REPOSITORIES = ("/etc/apt/", "/etc/apk/", "/etc/yum.repos.d", "/etc/zypp", "/etc/pacman")
_ADDERS = frozenset(("add-apt-repository", "apt-add-repository", "yum-config-manager", "extrepo"))
_ADDING_VERBS = frozenset(("config-manager", "addrepo", "ar", "copr"))
# Options with which a command installs another version, or installs again on purpose.
_ON_PURPOSE = (
    "--target-release",
    "--default-release",
    "--reinstall",
    "--force-reinstall",
    "--only-upgrade",
    "--upgrade",
)
# Images whose own packages are told apart by asking for their slim variants.
_BUILDPACK = frozenset(("python", "node", "ruby"))


class Repeat:
    """A package that is there already.

    Attributes:
        word: The word that names it.
        name: Its name.
        action: The command.
        kind: SAME, OTHER or AGAIN.
        earlier: For AGAIN the word of the earlier install.
        removable: Whether the word can go, because others stay and the version is the same.
    """

    __slots__ = ("action", "earlier", "kind", "name", "removable", "word")

    def __init__(self, word: ShellWord, name: str, action: Action, kind: str, earlier: ShellWord | None) -> None:
        self.word = word
        self.name = name
        self.action = action
        self.kind = kind
        self.earlier = earlier
        self.removable = kind != OTHER and len(action.operands) > 1


class _State:
    """What is known to be there: packages of earlier steps by name, and names taken out since."""

    __slots__ = ("earlier", "groups", "moved", "removed")

    def __init__(self, below: _State | None = None) -> None:
        self.earlier: dict[tuple[str, str], ShellWord] = dict(below.earlier) if below else {}
        # Virtual packages of apk with what was installed under them.
        self.groups: dict[str, list[str]] = dict(below.groups) if below else {}
        self.removed: set[str] = set(below.removed) if below else set()
        # Whether a repository was added, so that the newest version may be another one.
        self.moved: bool = below.moved if below else False


def repeats(stage: Stage) -> list[Repeat]:
    """The packages that a stage of the shipped chain installs although they are there, in order.

    Args:
        stage: The stage; what the stages below it install counts. Nothing is said of stages that do not ship.
    """
    memo = remembered(stage.file)
    if "repeats" not in memo:
        found: dict[int, list[Repeat]] = {}
        exported = stage.file.exported or stage
        for chain in ([exported.file.preamble], exported.chain):
            state = _State()
            for each in chain:
                found[each.index] = []
                _follow(each, state, found[each.index])
        memo["repeats"] = found
    result: list[Repeat] = memo["repeats"].get(stage.index, [])
    return result


def _follow(stage: Stage, state: _State, found: list[Repeat]) -> None:
    provided = _provided(base_of(stage))
    held: list[Run] = []
    for outer in stage.instructions:
        instruction = inner(outer)
        if not isinstance(instruction, Run):
            continue
        if instruction is outer:
            _read(instruction, state, provided, found)
        else:
            held.append(instruction)
    # The triggers run in a stage that stands on this one, after all of it.
    state = _State(state) if held else state
    for run in held:
        _read(run, state, provided, found)


def _read(run: Run, state: _State, provided: dict[str, str], found: list[Repeat]) -> None:
    if run.is_opaque:
        state.earlier.clear()
        state.moved = True
        return
    read = reading(run)
    by_place = {action.place: action for action in read.actions}
    for place, command in enumerate(read.commands):
        action = by_place.get(place)
        if action is None or not action.manager.system:
            if command.program == "apt-mark" and command.subcommand == "auto":
                state.earlier.clear()
            elif _may_add_repository(command):
                state.earlier.clear()
                state.moved = True
        elif action.effect == "remove":
            _remove(action, state)
        elif installs_packages(action):
            found.extend(_repeated(action, state, provided))
            _remember(action, state)


def _provided(base: Base | None) -> dict[str, str]:
    """The packages that only repeat what the base has, each with SAME or OTHER."""
    if base is None:
        return {}
    from dfadvise.knowledge.cuda import provided_cuda

    named = provided_packages(base.name, base.tag)
    own = provided_packages(base.name, "slim") if base.name in _BUILDPACK else named
    return {name: OTHER if name in own else SAME for name in named} | dict.fromkeys(provided_cuda(base), SAME)


def _repeated(action: Action, state: _State, provided: dict[str, str]) -> list[Repeat]:
    manager = action.manager
    if manager.option_at(action.argv, _ON_PURPOSE) >= 0 or action.verb in ("reinstall", "rei", "downgrade", "swap"):
        return []
    if manager.verbs.get(action.verb) == "upgrade" or (
        manager.name == "apt" and manager.option_at(action.argv, ("-t",)) >= 0
    ):
        return []
    found = []
    seen: dict[str, ShellWord] = {}
    for word in action.operands:
        name = word.text or ""
        if name != plain_name(name) or not name or name.endswith("-"):
            continue  # a version, another architecture, a removal
        earlier = seen.get(name) or state.earlier.get((action.manager.name, name))
        seen[name] = word
        kind = provided.get(name)
        if earlier is not None:
            found.append(Repeat(word, name, action, AGAIN, earlier))
        elif kind is not None and name not in state.removed and (kind == OTHER or not state.moved):
            found.append(Repeat(word, name, action, kind, None))
    return found


def _remember(action: Action, state: _State) -> None:
    command = action.command
    if command.conditional or command.failure_handled or action.may_hold_options:
        return
    group = option_value(action, ("-t", "--virtual")) if action.manager.name == "apk" else None
    names = []
    for word in action.operands:
        if word.text is not None and word.text == plain_name(word.text):
            names.append(word.text)
            state.earlier.setdefault((action.manager.name, word.text), word)
            state.removed.discard(word.text)
    if group is not None:
        state.groups.setdefault(group, []).extend(names)


def _remove(action: Action, state: _State) -> None:
    if action.manager.name == "pacman" or any(UNKNOWN in word.partial for word in action.operands):
        state.earlier.clear()
        return
    for word in action.operands:
        for name in (plain_name(word.partial), *state.groups.pop(word.partial, ())):
            state.earlier.pop((action.manager.name, name), None)
            state.removed.add(name)
        if "*" in word.partial:
            state.earlier.clear()


def _may_add_repository(command: ShellCommand) -> bool:
    """Whether a command adds a repository, or may change packages unseen."""
    if command.program in _ADDERS or may_install(command):
        return True
    if any(word.partial in _ADDING_VERBS for word in command.words[1:4]):
        return True
    targets = [redirect.target for redirect in command.redirects if redirect.writes and redirect.target is not None]
    return any(_REPOSITORIES[0] in word.partial or word.partial.startswith(_REPOSITORIES) for word in targets) or any(
        word.partial.startswith(_REPOSITORIES) for word in command.words[1:]
    )
