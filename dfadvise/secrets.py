"""Secret files in the layers of a chain: where one is written, and where it is removed too late."""

from __future__ import annotations

from posixpath import basename, join

from dfadvise.effects import ADDS, DOWNLOADS, REMOVES, Effect
from dfadvise.knowledge.secret_files import secret_file
from dfadvise.layers import Hidden, Layer, chain_layers
from dfadvise.paths import is_below
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.source import Span
    from dfadvise.stages import Stage

# How many files of a copied folder are named in one finding.
_MOST = 5


class SecretFile:
    """A secret file in a layer.

    Attributes:
        name: What to call it: its source in the context, or its path in the image.
        path: Its path in the image.
        grade: "error" or "warning".
        kind: What such a file holds, in words.
        layer: The layer that has it.
        effect: What wrote it.
        span: The place to report.
        removed: The effect of a later layer that removes it, with that layer; None when it stays visible.
    """

    __slots__ = ("effect", "grade", "kind", "layer", "name", "path", "removed", "span")

    def __init__(self, name: str, path: str, grade: str, kind: str, layer: Layer, effect: Effect, span: Span) -> None:
        self.name = name
        self.path = path
        self.grade = grade
        self.kind = kind
        self.layer = layer
        self.effect = effect
        self.span = span
        self.removed: Hidden | None = None

    @property
    def cause(self) -> tuple[object, ...]:
        """What rules about this one file share."""
        return ("written", id(self.layer.instruction), self.path)


def secret_files(stage: Stage) -> list[SecretFile]:
    """The secret files that the layers of a chain keep.

    Args:
        stage: The last stage of the chain.
    """
    layers = chain_layers(stage)
    found: list[SecretFile] = []
    for layer in layers.layers:
        for effect in layer.effects:
            if effect.path is None or effect.kind not in (ADDS, DOWNLOADS):
                continue
            if effect.tree:
                found.extend(_in_folder(layer, effect))
                continue
            graded = _grade(effect)
            if graded is not None and not _removed_at_once(layer, effect):
                name = effect.origin if isinstance(layer.instruction, Copy) and effect.origin else effect.path
                name = name or effect.path
                found.append(SecretFile(name, effect.path, *graded, layer, effect, effect.span))
    _find_removals(layers.hidden, found)
    return found


def _grade(effect: Effect) -> tuple[str, str] | None:
    """What the name of a written file says of it; "ask" counts as nothing here."""
    for path in (effect.path, effect.origin):
        if path and "://" not in path:
            graded = secret_file(path)
            if graded is not None and graded[0] != "ask":
                return graded
    return None


def _removed_at_once(layer: Layer, effect: Effect) -> bool:
    """Whether the same layer removes what it wrote."""
    assert effect.path is not None
    later = layer.effects[layer.effects.index(effect) + 1 :]
    return any(
        other.kind == REMOVES
        and other.path is not None
        and (other.path == effect.path or (other.tree and is_below(effect.path, other.path)))
        for other in later
    )


def _in_folder(layer: Layer, effect: Effect) -> Iterator[SecretFile]:
    """The secret files of a folder that is copied from the context, as it is on disk."""
    instruction = layer.instruction
    context = instruction.file.context
    if context is None or not isinstance(instruction, Copy) or instruction.origin is not None:
        return
    folder = effect.origin or "."
    count = 0
    for file in context.sent():
        if folder not in ("", ".") and not is_below(file.path, folder):
            continue
        graded = secret_file(file.path)
        if graded is None or graded[0] == "ask":
            continue
        relative = file.path if folder in ("", ".") else file.path[len(folder) + 1 :]
        path = join(effect.path or "/", relative)
        yield SecretFile(file.path, path, *graded, layer, effect, effect.span)
        count += 1
        if count >= _MOST:
            return


def _find_removals(hidden: list[Hidden], found: list[SecretFile]) -> None:
    by_write: dict[int, list[SecretFile]] = {}
    for secret in found:
        by_write.setdefault(id(secret.effect), []).append(secret)
    for each in hidden:
        if each.by.kind != REMOVES or each.by.path is None or not each.by.certain:
            continue
        for secret in by_write.get(id(each.write), ()):
            reached = secret.path == each.by.path or (each.by.tree and is_below(secret.path, each.by.path))
            if secret.removed is None and (each.certain or reached):
                secret.removed = each


def removed_from_folder(stage: Stage) -> list[SecretFile]:
    """Secret files that a removal names one by one, inside a folder that was copied from an unseen context.

    `rm` without `-f` fails when the file is not there, so the file was copied.

    Args:
        stage: The last stage of the chain.
    """
    found: list[SecretFile] = []
    for each in chain_layers(stage).hidden:
        path, command = each.by.path, each.by.command
        instruction = each.layer.instruction
        if each.by.kind != REMOVES or path is None or not each.write.tree or command is None:
            continue
        if not isinstance(instruction, Copy) or instruction.origin is not None:
            continue
        if instruction.file.context is not None or command.has_flag("-f", "--force") or not each.by.certain:
            continue
        graded = secret_file(path)
        if graded is None or graded[0] == "ask":
            continue
        secret = SecretFile(basename(path), path, *graded, each.layer, each.write, each.write.span)
        secret.removed = each
        found.append(secret)
    return found
