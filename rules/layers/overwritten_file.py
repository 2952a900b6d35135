from __future__ import annotations

from dfadvise.effects import ADDS, DOWNLOADS, REWRITES
from dfadvise.layers import Hidden, chain_layers
from dfadvise.rule import Finding, Rule, Saving, Weighs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage

# Below this nobody would miss the bytes, and two versions of a small file often stand for something.
LARGE = 1_000_000
REWRITERS = frozenset(("strip", "upx", "gzip", "sed"))


class OverwrittenFile(Rule):
    """A file is written in full by two layers.

    Why:
        The image carries both versions of the file; only the later one can be seen.

    Files:
        model-v1.bin: <5000000 bytes>
        model-v2.bin: <6000000 bytes>
        app.conf: a=b

    Bad:
        FROM debian:12
        COPY model-v1.bin /srv/model.bin
        COPY model-v2.bin /srv/model.bin

    Good:
        FROM debian:12
        COPY model-v2.bin /srv/model.bin

    Good (a small file):
        FROM debian:12
        COPY app.conf /etc/app.conf
        RUN sed -i s/a/c/ /etc/app.conf

    Good (another place):
        FROM debian:12
        COPY model-v1.bin /srv/v1.bin
        COPY model-v2.bin /srv/v2.bin

    Fix:
        none: which of the two is meant is for the author to say.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    severity = "info"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        # Two downloads, or files whose size is known.
        if file.context is not None or len(text) > 1_000_000:
            return True
        return any(mark in text.lower() for mark in ("curl", "wget", "://", "git@"))

    def check(self, stage: Stage) -> Iterator[Finding]:
        if stage.file.exported is not stage:
            return
        for hidden in chain_layers(stage).hidden:
            if hidden.certain and _overwrites(hidden):
                yield self._finding(hidden)

    def _finding(self, hidden: Hidden) -> Finding:
        size = hidden.write.size
        line = hidden.layer.instruction.line
        return self.finding(
            hidden.by.span,
            f"{hidden.write.path} was written in line {line} already",
            hidden.later.instruction,
            related=[("the version that nobody sees", hidden.write.span)],
            saving=Saving(size, basis="context") if size is not None else None,
            weighs=Weighs("hidden", (hidden.later.instruction,), (hidden.write.path or "",)),
        )


def _overwrites(hidden: Hidden) -> bool:
    if hidden.write.tree or hidden.by.tree:
        return False
    if hidden.by.kind == DOWNLOADS and hidden.write.kind == DOWNLOADS:
        return True
    size = hidden.write.size
    if size is None or size < LARGE:
        return False
    command = hidden.by.command
    if hidden.by.kind == REWRITES:
        return command is not None and command.program in REWRITERS
    return hidden.by.kind in (ADDS, DOWNLOADS)
