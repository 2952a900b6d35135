from __future__ import annotations

from dfadvise import dropping
from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, REWRITES
from dfadvise.layers import chain_layers
from dfadvise.paths import has_glob, resolve
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
        USER daemon
        VOLUME /var/lib/app

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
        unsafe: moves VOLUME to the end of its stage.

    Variants:
        not onbuild: a trigger's paths are those of the child
    """

    on = ("stage",)
    keywords = ("VOLUME",)
    severity = "info"

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.ships or "volume" not in stage.file.source.text.lower():
            return
        if stage.file.exported is not None and stage is not stage.file.exported:
            return
        declared: dict[str, tuple[str, Word, Instruction]] = {}
        layers = {id(layer.instruction): layer for layer in chain_layers(stage).layers}
        reported: set[str] = set()
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
                if at is None or at in reported:
                    continue
                reported.add(at)
                _, word, volume = declared[at]
                message = (
                    f"writes to {path} after VOLUME {at} on line {volume.line}: the classic builder drops that,"
                    " BuildKit keeps it"
                )
                related = [("the volume", word.span)]
                fix = _fix(volume) if volume.stage is instruction.stage else None
                yield self.finding(effect.span, message, instruction, related=related, fix=fix)


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


def _fix(volume: Instruction) -> Fix | None:
    stage, source = volume.stage, volume.file.source
    last = stage.instructions[-1]
    text = source.slice(volume.span)
    if volume.inner_comments or last is volume or "\n" in text:
        return None
    line = source.starts[last.end_line] if last.end_line < len(source.starts) else len(source.text)
    if line == len(source.text) and not source.text.endswith("\n"):
        new = source.newline + text
    else:
        new = text + source.newline
    return Fix("Move VOLUME to the end of the stage", [dropping.instruction(volume), Edit(Span(line, line), new)])
