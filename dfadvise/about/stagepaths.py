"""The paths that a stage holds, where that can be told: all on scratch, those besides its products elsewhere."""

from __future__ import annotations

from posixpath import basename

from dfadvise.effects import is_known
from dfadvise.layers import chain_layers, copy_target
from dfadvise.managers.packages import actions, reading
from dfadvise.managers.products import products
from dfadvise.managers.programs import is_known_program
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Copy, Onbuild, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Stage

_DEEPEST = 50  # stages upon stages that are looked through
# Managers that run what the project tells them to, unless the command is one that only installs or compiles.
_RUNNERS = frozenset(("npm", "yarn", "pnpm", "bun", "dotnet", "mvn", "gradle", "go", "cargo"))


class Paths:
    """The paths that a stage's chain writes: one in question is looked up along its own length."""

    __slots__ = ("above", "own", "trees")

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.above: set[str] = set()
        self.trees: set[str] = set()

    def add(self, path: str, tree: bool) -> None:
        self.own.add(path)
        if tree:
            self.trees.add(path)
        while path != "/":
            path = path.rpartition("/")[0] or "/"
            if path in self.above:
                return
            self.above.add(path)

    def may_hold(self, path: str) -> bool:
        """Whether something may be at a path, below it, or come to it with a whole folder."""
        if path in self.own or path in self.above:
            return True
        while path not in self.trees:
            if path == "/":
                return False
            path = path.rpartition("/")[0] or "/"
        return True


def all_paths(stage: Stage) -> Paths | None:
    """Every path that a stage on scratch may hold; None for other stages, and when nobody can tell."""
    base = stage.base
    if base is None or not base.is_scratch or len(stage.chain) > _DEEPEST:
        return None
    memo = remembered(stage.file)
    slot = ("all paths", stage.index)
    if slot not in memo:
        memo[slot] = _written_on_nothing(stage)
    found: Paths | None = memo[slot]
    return found


def other_paths(stage: Stage, without_context: bool) -> Paths | None:
    """What a stage writes besides its products; None when nobody can tell.

    Args:
        stage: The stage.
        without_context: Leave out what comes from the context: a build folder there would be one that nobody ignored.
    """
    if len(stage.chain) > _DEEPEST:
        return None
    memo = remembered(stage.file)
    slot = ("other paths", stage.index, without_context)
    if slot not in memo:
        memo[slot] = _known_writes(stage, without_context)
    found: Paths | None = memo[slot]
    return found


def _written_on_nothing(stage: Stage) -> Paths | None:
    found = Paths()
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run | Onbuild):
            return None
        if instruction.keyword == "WORKDIR":
            found.add(instruction.stage.symbolic_workdir_at(instruction, after=True), False)
        elif isinstance(instruction, Copy):
            target, _ = copy_target(instruction)
            if target is None:
                return None
            if instruction.keyword == "ADD":
                found.add(target, True)
    for layer in chain_layers(stage).layers:
        for effect in layer.effects:
            if effect.path is None:
                return None
            # Whether a source without an ending is a file or a folder is not known.
            found.add(effect.path, effect.tree or not effect.certain)
            if effect.origin:
                found.add(f"{effect.path}/{basename(effect.origin)}", effect.tree or not effect.certain)
    return None if any("$" in path or UNKNOWN in path for path in found.own) else found


def _known_writes(stage: Stage, without_context: bool) -> Paths | None:
    if not _writes_are_known(stage):
        return None
    found = Paths()
    for layer in chain_layers(stage).layers:
        if without_context and isinstance(layer.instruction, Copy) and layer.instruction.origin is None:
            continue
        for effect in layer.effects:
            if effect.path is not None:
                if "$" in effect.path:
                    return None
                found.add(effect.path, effect.tree)
    return found


def _writes_are_known(stage: Stage) -> bool:
    """Whether every command of a stage's chain is one whose output is known."""
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Onbuild):
            return False
        if not isinstance(instruction, Run):
            continue
        if instruction.is_opaque:
            return False
        told = {id(action.command) for action in actions(instruction)}
        told.update(id(product.command) for product in products(instruction))
        for command in reading(instruction).commands:
            if id(command) in told or is_known(command) or command.program == "cd":
                continue
            if command.program is None or not is_known_program(command.program):
                return False
            if command.program in _RUNNERS:
                return False
    return True
