"""Package indexes over the chain: where they are surely empty, and whether what a RUN leaves of them is read later.

A program that is not known here may run a package manager, as any script may.
"""

from __future__ import annotations

from dfadvise.about.removals import is_removed_by
from dfadvise.base.bases import base_of
from dfadvise.knowledge.package_managers import APK, APT
from dfadvise.layers import copy_target
from dfadvise.managers.leftovers import is_mounted
from dfadvise.managers.packages import Action, actions, inner, reading
from dfadvise.managers.programs import may_install
from dfadvise.memory import remembered
from dfadvise.paths import is_below
from dfadvise.syntax.instructions import Cmd, Copy, Entrypoint, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.manager import Manager
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

NOBODY, PERHAPS, SURELY = 0, 1, 2
APT_LISTS = "/var/lib/apt/lists"
APK_INDEX = "/var/cache/apk"
# Images of a distribution itself, whose build files delete the lists.
_EMPTY = frozenset(("debian", "ubuntu"))
# Programs that use apt's lists, and with them one that refreshes them by itself.
APT_PROGRAMS = frozenset(("apt-get", "apt", "aptitude", "apt-cache", "apt-file", "tasksel", "gdebi"))
_APT_READERS = APT_PROGRAMS | {"add-apt-repository"}


def later_reader(run: Run, manager: Manager) -> int:
    """Whether something behind a RUN reads the index that it leaves.

    Looks at the rest of the stage, the stages that stand on it and the bodies of ONBUILD, each up to the next refresh.

    Args:
        run: The RUN that leaves it.
        manager: apt or apk.

    Returns:
        NOBODY, PERHAPS (a program or script that nobody knows) or SURELY.
    """
    return _readers(run.stage, manager)[run.outer is not None][run.index]


def _readers(stage: Stage, manager: Manager) -> tuple[list[int], list[int]]:
    """For each instruction of a stage who reads behind it, for the stage's own build and for its triggers."""
    memo = remembered(stage.file)
    slot = ("readers", stage.index, manager.name)
    if slot not in memo:
        for each in reversed([stage.file.preamble, *stage.file.stages]):
            memo["readers", each.index, manager.name] = _find_readers(each, manager)
    found: tuple[list[int], list[int]] = memo[slot]
    return found


def _find_readers(stage: Stage, manager: Manager) -> tuple[list[int], list[int]]:
    memo = remembered(stage.file)
    end = NOBODY
    for child in stage.children:
        # The first instruction of a child is its FROM.
        end = max(end, memo["readers", child.index, manager.name][0][0])
    behind_triggers = [end] * len(stage.instructions)
    for outer in reversed(stage.instructions):
        behind_triggers[outer.index] = end
        if isinstance(outer, Onbuild):
            end = _step(inner(outer), manager, end)
    behind = [end] * len(stage.instructions)
    for outer in reversed(stage.instructions):
        behind[outer.index] = end
        if not isinstance(outer, Onbuild):
            end = _step(outer, manager, end)
    return behind, behind_triggers


def _step(instruction: Instruction, manager: Manager, behind: int) -> int:
    """Who reads from an instruction on, given who reads behind it."""
    if isinstance(instruction, Cmd | Entrypoint):
        runs = any(_installs_with(command, manager) for command in instruction.all_commands())
        return max(behind, SURELY if runs else NOBODY)
    if not isinstance(instruction, Run):
        return behind
    found, refreshed = _reads(instruction, manager)
    return found if refreshed else max(found, behind)


def _installs_with(command: ShellCommand, manager: Manager) -> bool:
    return command.program in manager.programs and command.subcommand in ("install", "add", "upgrade")


def _reads(run: Run, manager: Manager) -> tuple[int, bool]:
    """Who in a RUN reads the index that it finds, and whether the RUN refreshes it first or at all."""
    if is_mounted(run, (APT_LISTS if manager is APT else APK_INDEX,)):
        return NOBODY, False
    if run.is_opaque:
        return PERHAPS, False
    read = reading(run)
    by_place = {action.place: action for action in read.actions}
    found = NOBODY
    for place, command in enumerate(read.commands):
        action = by_place.get(place)
        if action is not None and action.manager is manager:
            if _refreshes(action):
                if not command.conditional and not command.failure_handled:
                    return found, True
            elif action.installs:
                # apk fetches an index that is missing by itself, if it is not an old one.
                found = max(found, PERHAPS if manager is APK or command.conditional else SURELY)
        elif may_install(command) or (manager is APT and command.program in _APT_READERS and action is None):
            found = max(found, PERHAPS)
    return found, False


def _refreshes(action: Action) -> bool:
    if action.effect == "refresh":
        return True
    manager = action.manager
    return manager is APK and action.installs and manager.option_at(action.argv, manager.refresh_flags) >= 0


def next_install(run: Run, refresh: Action) -> Action | None:
    """The first install that works with the index that a command refreshes, in a later RUN of the stage.

    Args:
        run: The RUN that refreshes.
        refresh: The command.

    Returns:
        None when there is none, or another refresh comes before it.
    """
    family = family_of(refresh)
    for instruction in run.stage.instructions[run.index + 1 :]:
        if not isinstance(instruction, Run):
            continue
        for action in actions(instruction):
            if family_of(action) == family:
                if action.effect == "refresh":
                    return None
                if action.installs:
                    return action
    return None


def family_of(action: Action) -> str:
    """The managers that share an index."""
    return "dnf" if action.manager.name == "yum" else action.manager.name


def finds_empty_lists(run: Run) -> list[Action]:
    """The apt installs of a RUN that surely find no package lists.

    Args:
        run: The RUN.
    """
    found: list[Action] = _installs_on_empty(run.stage).get(id(run), [])
    return found


def _installs_on_empty(stage: Stage) -> dict[int, list[Action]]:
    memo = remembered(stage.file)
    if "empty" not in memo:
        memo["empty"] = {}
        ends: dict[int, bool] = {}
        for each in [stage.file.preamble, *stage.file.stages]:
            ends[each.index] = _follow(each, ends, memo["empty"])
    result: dict[int, list[Action]] = memo["empty"]
    return result


def _follow(stage: Stage, ends: dict[int, bool], found: dict[int, list[Action]]) -> bool:
    """Note the installs of a stage that find no lists; whether the lists are surely empty at its end."""
    if stage.parent is not None:
        empty = ends[stage.parent.index]
    else:
        base = base_of(stage)
        empty = base is not None and base.name in _EMPTY
    # The triggers run in a stage that stands on this one, after all of it.
    for held_back in (False, True):
        state = empty
        for outer in stage.instructions:
            if isinstance(outer, Onbuild) is held_back:
                state = _state_after(inner(outer), state, found)
        if not held_back:
            empty = state
    return empty


def _state_after(instruction: Instruction, empty: bool, found: dict[int, list[Action]]) -> bool:
    if isinstance(instruction, Copy):
        target, _ = copy_target(instruction)
        return empty and target is not None and not _may_bring_lists(instruction, target)
    if not isinstance(instruction, Run):
        return empty
    if is_mounted(instruction, (APT_LISTS,)):
        return empty
    if instruction.is_opaque:
        return False
    read = reading(instruction)
    by_place = {action.place: action for action in read.actions if action.manager is APT}
    for place, command in enumerate(read.commands):
        action = by_place.get(place)
        if action is not None:
            if action.effect == "refresh":
                empty = False
            elif empty and _needs_lists(action):
                found.setdefault(id(instruction), []).append(action)
        elif is_removed_by(instruction, place, APT_LISTS):
            empty = True
        elif may_install(command) or command.program in _APT_READERS:
            empty = False
    return empty


def _may_bring_lists(copy: Copy, target: str) -> bool:
    if is_below(target, "/var/lib/apt"):
        return True
    return is_below("/var/lib/apt", target) and (copy.origin is not None or copy.keyword == "ADD")


def _needs_lists(action: Action) -> bool:
    """Whether an apt command fails without lists: it names packages from the archive that the base lacks."""
    command = action.command
    if action.verb not in ("install", "build-dep") or action.is_idle or command.conditional or command.failure_handled:
        return False
    texts = [word.text for word in action.operands]
    if not texts or any(text is None or "/" in text or text.endswith((".deb", "-")) for text in texts):
        return False
    return any(text not in _IN_BASE for text in texts)


# Packages that Debian's and Ubuntu's own images have: to install them again needs no lists.
_IN_BASE = frozenset(
    """apt base-files base-passwd bash bsdutils coreutils dash debconf debianutils diffutils dpkg e2fsprogs findutils
    gcc-12-base gcc-14-base gpgv grep gzip hostname init-system-helpers libc-bin libc6 login logsave mawk mount
    ncurses-base ncurses-bin passwd perl-base procps sed sysvinit-utils tar tzdata util-linux zlib1g adduser
    debian-archive-keyring ubuntu-keyring lsb-base""".split()
)
