"""Which version of a tool a command runs, as far as the base image, an install before it or a variable says."""

from __future__ import annotations

from bisect import bisect_left

from dfadvise.knowledge.tags import NODE_CODENAMES, version
from dfadvise.managers.packages import actions, inner, value_of
from dfadvise.memory import chain_before, remembered
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.base.bases import Base
    from dfadvise.managers.packages import Action
    from dfadvise.memory import Place
    from dfadvise.stages import Stage

NEWEST = (1 << 20,)  # whatever was published last
# Tags of language images that are the newest version.
_MOVING = frozenset(("", "latest", "alpine", "slim", "current", "mainline", "bookworm", "trixie"))
# Tools that language managers install, by the managers' names, with the variable that names their version.
_INSTALLERS = {
    "poetry": (("pip", "pipx", "uv"), "POETRY_VERSION"),
    "bundler": (("gem",), "BUNDLER_VERSION"),
    "npm": (("npm",), ""),
}


def image_version(base: Base | None, name: str) -> tuple[int, ...] | None:
    """The version in the tag of an image: `golang:1.22-alpine` gives (1, 22).

    Args:
        base: The image, or None.
        name: The name that it must have.

    Returns:
        NEWEST for tags that move with all versions; None when it is another image, or the tag does not tell.
    """
    if base is None or base.name != name or base.tag is None:
        return None
    first = base.tag.partition("-")[0]
    numbers = version(NODE_CODENAMES.get(first, first) if name == "node" else first)
    if numbers:
        return numbers
    return NEWEST if first in _MOVING else None


def is_before(numbers: tuple[int, ...] | None, other: tuple[int, ...]) -> bool:
    """Whether a version is known to be an earlier one; a short version is the newest that begins so."""
    return numbers is not None and numbers < other[: len(numbers)]


def is_from(numbers: tuple[int, ...] | None, other: tuple[int, ...]) -> bool:
    """Whether a version is known to be that one or a later one; a short version is the newest that begins so."""
    return numbers is not None and numbers >= other[: len(numbers)]


def installed_version(action: Action, tool: str) -> tuple[int, ...] | None:
    """The version of a tool that the chain installed last before a command, by name and pinned.

    Args:
        action: The command.
        tool: "poetry", "bundler" or "npm".

    Returns:
        NEWEST where it was installed without a version; None when nothing is known.
    """
    managers, variable = _INSTALLERS[tool]
    found: tuple[int, ...] | None = None
    for stage, end in chain_before(action.command.instruction, action.place):
        installs = _installs(stage, tool, managers)
        at = bisect_left(installs, (end,))
        if at:
            found = installs[at - 1][1]
            break
    if (found is None or found == NEWEST) and variable:
        value = value_of(action, variable)
        if value is not None:
            return None if UNKNOWN in value else version(value) or None
    return found or None


def _installs(stage: Stage, tool: str, managers: tuple[str, ...]) -> list[tuple[Place, tuple[int, ...]]]:
    """Where a stage installs a tool, and which version: () when that is not known."""
    memo = remembered(stage.file)
    slot = ("tool", stage.index, tool)
    if slot not in memo:
        found: list[tuple[Place, tuple[int, ...]]] = []
        for outer in stage.instructions:
            instruction = inner(outer)
            if not isinstance(instruction, Run):
                continue
            for action in actions(instruction):
                if action.manager.name in managers and action.effect == "install":
                    numbers = _named_version(action, tool)
                    if numbers is not None:
                        found.append(((instruction.index, action.place), numbers))
        memo[slot] = found
    result: list[tuple[Place, tuple[int, ...]]] = memo[slot]
    return result


def _named_version(action: Action, tool: str) -> tuple[int, ...] | None:
    for word in action.operands:
        text = word.partial
        name = text[: len(tool)]
        rest = text[len(tool) :].partition("]")[2] if text[len(tool) : len(tool) + 1] == "[" else text[len(tool) :]
        if name != tool or (rest and rest[0] not in "=<>~!@:"):
            continue
        if not rest:
            for option, value in action.command.option_words("-v", "--version"):
                if action.manager.name == "gem" and option:
                    return version(value) if value else ()
            return NEWEST
        if rest.startswith(("==", "~=", "@", ":")):
            number = rest.lstrip("=~@:")
            return () if UNKNOWN in number else version(number)
        return NEWEST if rest.startswith(">") and "<" not in rest else ()
    return None
