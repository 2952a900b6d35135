"""What was worked out for a file, and where in a chain of stages something stands, each looked for once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from typing import Any

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

    # An instruction of a stage by its index, and a command of it by its place among the RUN's commands.
    Place = tuple[int, int]

_END = (1 << 60, 0)  # behind every instruction
_MOST_LOOKS = 64
_memo: tuple[Dockerfile, dict[object, Any]] | None = None


def remembered(file: Dockerfile) -> dict[object, Any]:
    """What was worked out for a file; rules ask about one file after the other, so only the last is kept."""
    global _memo
    found = _memo
    if found is None or found[0] is not file:
        found = _memo = (file, {})
    return found[1]


def may_look(file: Dockerfile, name: Hashable) -> bool:
    """Whether one more of something may be looked up in all instructions of a file.

    Each look goes through the whole file, so that many of them take quadratic time. No build that people write has as
    many of anything.

    Args:
        file: The file.
        name: What is looked up.
    """
    memo = remembered(file)
    slot = ("looks", name)
    memo[slot] = looks = memo.get(slot, 0) + 1
    return bool(looks <= _MOST_LOOKS)


def chain_before(instruction: Instruction, place: int = 0) -> Iterator[tuple[Stage, Place]]:
    """The stages of an instruction's chain, its own first, each with the place up to which it counts.

    Args:
        instruction: The instruction.
        place: The place of a command in it, so that the commands before it count.
    """
    stage: Stage | None = instruction.stage
    end = (instruction.index, place)
    while stage is not None:
        yield stage, end
        stage, end = stage.parent, _END


def comes_before(instruction: Instruction, place: int, name: Hashable, find: Callable[[Stage], Place | None]) -> bool:
    """Whether something stands in an instruction's chain before a place of the instruction.

    Args:
        instruction: The instruction.
        place: The place of a command in it.
        name: What is looked for, to remember it by.
        find: Gives the first place of it in a stage, or None; asked once for each stage.
    """
    memo = remembered(instruction.file)
    for stage, end in chain_before(instruction, place):
        slot = (name, stage.index)
        if slot not in memo:
            memo[slot] = find(stage)
        first: Place | None = memo[slot]
        if first is not None and first < end:
            return True
    return False
