"""Which system packages the steps of a chain have installed by name, up to a command."""

from __future__ import annotations

from dfadvise.knowledge.packages import plain_name
from dfadvise.managers.packages import actions, inner
from dfadvise.memory import chain_before, remembered
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.managers.packages import Action
    from dfadvise.memory import Place
    from dfadvise.stages import Stage

# Verbs of the managers' install commands behind which no packages stand, or other ones than those named.
_OTHER_VERBS = frozenset(
    ("build-dep", "builddep", "fix", "module enable", "module disable", "module reset", "module switch-to")
)


def installs_packages(action: Action) -> bool:
    """Whether a command installs system packages by name: no dry run, nothing only downloaded, no build dependencies.

    Args:
        action: Any command of a package manager.
    """
    if not action.manager.system or action.effect != "install" or action.verb in _OTHER_VERBS:
        return False
    return not (action.is_idle or action.manager.option_at(action.argv, ("--download-only", "--downloadonly")) >= 0)


def was_installed(run: Run, place: int, names: Iterable[str]) -> bool:
    """Whether one of some packages was installed before a command, in the chain or in its own RUN.

    Args:
        run: The RUN.
        place: The place of the command among its commands.
        names: Names of packages.
    """
    wanted = tuple(names)
    for stage, end in chain_before(run, place):
        first = _first_installs(stage)
        if any(first[name] < end for name in wanted if name in first):
            return True
    return False


def _first_installs(stage: Stage) -> dict[str, Place]:
    """Where a stage first installs each package: instruction and command."""
    memo = remembered(stage.file)
    slot = ("first installs", stage.index)
    if slot not in memo:
        found: dict[str, Place] = {}
        for outer in stage.instructions:
            instruction = inner(outer)
            if not isinstance(instruction, Run):
                continue
            for action in actions(instruction):
                if installs_packages(action):
                    for word in action.operands:
                        found.setdefault(plain_name(word.partial), (instruction.index, action.place))
        memo[slot] = found
    result: dict[str, Place] = memo[slot]
    return result
