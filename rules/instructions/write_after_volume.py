from __future__ import annotations

from dfadvise.editing.moving import below
from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, REWRITES
from dfadvise.layers import chain_layers
from dfadvise.paths import has_glob, resolve
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.effects import Effect
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction, Word

WRITES = frozenset((ADDS, DOWNLOADS, EXTRACTS, REWRITES))


class WriteAfterVolume(Rule):
    """A step writes below a path that VOLUME declared before.

    Why:
        The classic builder drops what is written there after VOLUME: a `chown` has no effect, a file is missing.
        BuildKit keeps it. Every container copies all that is below the path into a new volume.

    Bad:
        FROM debian:12
        VOLUME /var/lib/app
        RUN chown -R daemon:daemon /var/lib/app
        USER daemon

    Fixed:
        FROM debian:12
        RUN chown -R daemon:daemon /var/lib/app
        VOLUME /var/lib/app
        USER daemon

    Good:
        FROM debian:12
        RUN chown -R daemon:daemon /var/lib/app
        VOLUME /var/lib/app
        USER daemon

    Good (elsewhere):
        FROM debian:12
        VOLUME /var/lib/app
        COPY app.conf /etc/app.conf

    Good (it runs in the container):
        FROM debian:12
        VOLUME /data
        CMD ["sh", "-c", "touch /data/ready && exec app"]

    Fix:
        unsafe: moves VOLUME below the last step that is known to write there.

    Variants:
        not onbuild: a trigger's paths are those of the child
    """

    on = ("stage",)
    keywords = ("VOLUME",)
    severity = "info"

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.is_exported:
            return
        declared: dict[str, tuple[str, Word, Instruction]] = {}
        layers = {id(layer.instruction): layer for layer in chain_layers(stage).layers}
        # The first write below each path, with what writes there last.
        first: dict[str, tuple[Effect, Instruction]] = {}
        last: dict[Instruction, Instruction] = {}
        for instruction in stage.chain_instructions():
            if instruction.keyword == "VOLUME":
                for found in _paths(instruction):
                    declared.setdefault(found[0], found)
                continue
            layer = layers.get(id(instruction))
            if layer is None or not declared:
                continue
            for effect in layer.effects:
                path = effect.path
                if path is None or effect.kind not in WRITES or has_glob(path):
                    continue
                at = _above(path, declared)
                if at is not None:
                    first.setdefault(at, (effect, instruction))
                    last[declared[at][2]] = instruction
        for at, (effect, instruction) in first.items():
            _, word, volume = declared[at]
            message = (
                f"writes to {effect.path} after VOLUME {at} on line {volume.line}: the classic builder drops that,"
                " BuildKit keeps it"
            )
            related = [("the volume", word.span)]
            target = instruction.target if isinstance(instruction, Copy) else None
            span = target.span if target is not None else effect.span
            yield self.finding(span, message, instruction, related=related, fix=_fix(volume, last))


def _above(path: str, declared: dict[str, tuple[str, Word, Instruction]]) -> str | None:
    """The volume that a path is or lies in."""
    while path and path not in declared:
        path = path.rpartition("/")[0]
    return path or None


def _paths(volume: Instruction) -> Iterator[tuple[str, Word, Instruction]]:
    for word in volume.args:
        value = volume.expand(word.text)
        path = resolve(value, "/") if value else None
        if path is not None and path != "/":
            yield path, word, volume


def _fix(volume: Instruction, last: dict[Instruction, Instruction]) -> Fix | None:
    """VOLUME below the last step that writes there, with its comment and with the others that go to the same place."""
    write, stage = last[volume], volume.stage
    moved = sorted((each for each in last if last[each] is write), key=lambda each: each.index)
    for each in moved:
        if write.stage is not stage or write.outer is not None or each.stage is not stage or each.outer is not None:
            return None
        between = stage.instructions[each.index : write.index]
        if "$" in each.body.text and any(other.keyword in ("ARG", "ENV") for other in between):
            return None
    return Fix("Move VOLUME below the last write", below(write, moved))
