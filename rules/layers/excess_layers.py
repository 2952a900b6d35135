from __future__ import annotations

from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage

# What overlay2 can stack; Docker refuses to run an image with more.
LIMIT = 127


class ExcessLayers(Rule):
    """The image has more layers than is sensible.

    Why:
        The overlay2 storage driver stacks at most 127 layers, and each one costs time when the image is pulled,
        unpacked and started.

    Options:
        rules.excess-layers.many = 3

    Bad:
        FROM scratch
        COPY a /
        COPY b /
        COPY c /
        COPY d /

    Good:
        FROM scratch
        COPY a b c d e f /x/

    Fix:
        none: which steps belong together is for the author to say.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    severity = "warning"
    aliases = ("slim:ID.20020",)
    options = {"many": 100}

    def check(self, stage: Stage) -> Iterator[Finding]:
        if stage.file.exported is not stage or stage.from_ is None:
            return
        from dfadvise.layers import chain_layers

        layers = chain_layers(stage).layers
        many = int(self.settings["many"])
        if len(layers) <= many:
            return
        last = layers[-1].instruction
        above = len(layers) > LIMIT
        message = f"{len(layers)} layers, more than {LIMIT if above else many}"
        yield self.finding(last.name_span, message, last, severity="error" if above else None, aliases=self.aliases)
