"""Where the shipped chain sets something for the last time: what stays in the image, what a later step takes back."""

from __future__ import annotations

from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Env, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction


def stays(env: Env, name: str) -> bool:
    """Whether an ENV is the last one of the shipped chain that sets a variable.

    Args:
        env: An ENV of a stage that ships.
        name: A variable that it sets.
    """
    memo = remembered(env.file)
    last: dict[str, Env] | None = memo.get("last env")
    if last is None:
        last = memo["last env"] = {}
        for instruction in _shipped(env.file, env.stage):
            if isinstance(instruction, Env):
                for pair in instruction.pairs:
                    last[pair.key] = instruction
    return last.get(name) is env


def undone(
    instruction: Instruction, command: ShellCommand | None, key: str, undoes: Callable[[ShellCommand], bool]
) -> bool:
    """Whether a later command of the shipped chain takes a setting back.

    Args:
        instruction: The instruction with the setting.
        command: The command with the setting; None for COPY.
        key: The setting; it must always come with the same `undoes`.
        undoes: Whether a command takes it back.
    """
    memo = remembered(instruction.file)
    slot = ("undone", key)
    found: tuple[int, dict[int, int]] | None = memo.get(slot)
    if found is None:
        found = memo[slot] = _last_command(instruction, undoes)
    last, places = found
    place = places.get(id(command) if command is not None else id(instruction.outer or instruction))
    return place is not None and place < last


def _last_command(instruction: Instruction, undoes: Callable[[ShellCommand], bool]) -> tuple[int, dict[int, int]]:
    """The place of the last command that takes a setting back, -1 for none, and all places."""
    last, place = -1, 0
    places: dict[int, int] = {}
    for each in _shipped(instruction.file, instruction.stage):
        places[id(each)] = place
        place += 1
        if isinstance(each, Run):
            for command in reading(each).commands:
                places[id(command)] = place
                if undoes(command):
                    last = place
                place += 1
    return last, places


def first(stage: Stage, *keywords: str) -> int | None:
    """The index of the first instruction of a stage with one of these keywords; None when it has none."""
    memo = remembered(stage.file)
    slot = ("first", stage.index, keywords)
    if slot not in memo:
        found = (each.index for each in stage.instructions if each.keyword in keywords)
        memo[slot] = next(found, None)
    index: int | None = memo[slot]
    return index


def _shipped(file: Dockerfile, stage: Stage) -> Iterator[Instruction]:
    return (file.exported or stage).chain_instructions()
