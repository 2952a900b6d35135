"""Bytes: what layers store as far as it is known, what of it nobody sees, and in which order savings count.

A number comes from the image that was built, where one is given ("measured"), else from the build context on disk
("context") or a dated table ("table"), and is left out where none of them knows. What a finding saves is measured by
`dfadvise.measuring`.
"""

from __future__ import annotations

from dfadvise.effects import REMOVES, REWRITES
from dfadvise.knowledge.package_managers import emptied
from dfadvise.managers.leftovers import left_by
from dfadvise.managers.packages import actions
from dfadvise.paths import covers, is_below
from dfadvise.rule import Saving
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.layers import Layer, Layers
    from dfadvise.managers.leftovers import Left
    from dfadvise.rule import Finding
    from dfadvise.shell import ShellCommand

# Rules of other families than cache and layers whose findings are about bytes or time all the same.
EXTRA = frozenset(("secret-copied-then-deleted",))


def saves(finding: Finding) -> bool:
    """Whether following a finding saves bytes or time."""
    if finding.severity == "style":
        return False
    return finding.saving is not None or finding.family in ("cache", "layers") or finding.rule in EXTRA


def worth(finding: Finding) -> tuple[int, float, int, int]:
    """Sorts findings by what following them saves: bytes first, then seconds, then the rank of unknown time."""
    saving = finding.saving
    if saving is None:
        return 0, 0.0, 0, finding.span.start
    return -(saving.size or 0), -(saving.seconds or 0.0), -saving.rank, finding.span.start


def saving_of(left: Left) -> Saving | None:
    """What a package manager's leftovers take at least, by the table of managers; None when that does not say."""
    size = _low(left)
    return Saving(size, basis="table") if size else None


def size_of(layer: Layer) -> tuple[int | None, str | None]:
    """Bytes that a layer stores as far as they are known, and their basis; a table's are a part of the whole.

    Args:
        layer: The layer.
    """
    built = layer.instruction.file.image
    if built is not None:
        return built.size(layer.instruction), "measured"
    if layer.size is not None:
        return layer.size, layer.basis
    if isinstance(layer.instruction, Run):
        size = sum(map(_low, left_by(layer.instruction)))
        if size:
            return size, "table"
    return None, None


def stored_and_hidden(layers: Layers) -> tuple[int, int]:
    """Known bytes that layers store, and those of them that a later layer hides or stores again.

    The predicted efficiency is what is visible of them over what is stored, as `dfadvise image` measures it.

    Args:
        layers: The layers of an image above its base.
    """
    built = layers.stage.file.image
    if built is not None:
        return built.analysis.user_stored, built.analysis.hidden_by_user
    stored = sum(size_of(layer)[0] or 0 for layer in layers.layers)
    hidden: dict[int, int] = {}
    for each in layers.hidden:
        if each.reached and each.by.certain and each.write.size:
            hidden[id(each.write)] = each.write.size
            if each.by.kind == REWRITES:
                stored += each.write.size
    # What a layer with known files leaves besides is not in its size.
    held = {id(layer.instruction) for layer in layers.layers if layer.size is None}
    late = sum(_low(left) for left, _, _ in cleaned_late(layers.layers) if id(left.run) in held)
    return stored, sum(hidden.values()) + late


def cleaned_late(layers: Iterable[Layer]) -> Iterator[tuple[Left, Run, ShellCommand]]:
    """What package managers leave in a layer and a later RUN removes: it is hidden, and stays stored.

    Args:
        layers: The layers in order.

    Yields:
        The leftovers, the later RUN, and its command.
    """
    pending: dict[str, list[Left]] = {}
    for layer in layers:
        run = layer.instruction
        if not isinstance(run, Run):
            continue
        for name, lefts in list(pending.items()):
            command = _cleaning(layer, run, lefts[-1])
            if command is not None:
                del pending[name]
                for left in lefts:
                    yield left, run, command
        # A later RUN that refreshes them again leaves its own.
        for left in left_by(run):
            pending.setdefault(left.manager.name, []).append(left)


def _low(left: Left) -> int:
    return sum(each.low for each in left.manager.leftovers if each.kind in left.kinds and each.low)


def _cleaning(layer: Layer, run: Run, left: Left) -> ShellCommand | None:
    """The command of a later RUN that empties what is left, when the RUN does not fill it itself."""
    if any(action.manager is left.manager and action.effect in ("install", "refresh") for action in actions(run)):
        return None
    for command in run.all_commands():
        kinds = emptied([word.partial for word in command.words], left.manager)
        if kinds and set(left.kinds) <= set(kinds):
            return command
    for leftover in left.manager.leftovers:
        if leftover.kind not in left.kinds:
            continue
        for path in leftover.paths:
            for effect in layer.effects:
                if effect.kind != REMOVES or not effect.path or not effect.tree or not effect.certain:
                    continue
                if covers(effect.path, f"{path}/x", True) or is_below(path, effect.path):
                    return effect.command
    return None
