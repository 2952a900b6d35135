from __future__ import annotations

from dfadvise.base.origins import edge_span, wrong_reference
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.origins import WrongReference
    from dfadvise.rule import Severity
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Edge, Stage

UNDEFINED = ("DL3022",)
OWN = ("DL3023", "DS-0006", "kics:cdddb86f", "semgrep:copy-from-own-alias")


class UnresolvableStageReference(Rule):
    """A reference to a stage that the builder refuses, or takes for an image.

    Why:
        `COPY --from` and mounts read from stages that are defined before. A number that no stage has, the own stage, a
        later one or a variable stop the build. A name that no stage has is a context that `--build-context` gives, or
        else pulled as an image from Docker Hub, where anybody may have put one of that name.

    Bad (a slip of the finger):
        FROM golang:1.26 AS builder
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=bulder /app /app

    Fixed:
        FROM golang:1.26 AS builder
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=builder /app /app

    Bad (its own stage):
        FROM golang:1.26 AS build
        COPY --from=build /app /usr/bin/app

    Bad (a later stage, in a mount):
        FROM debian:13-slim AS first
        RUN --mount=type=bind,from=second,target=/src make -C /src
        FROM debian:13 AS second

    Good (by name in any case, by number):
        FROM golang:1.26 AS Builder
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=builder /app /app
        COPY --from=0 /app /app2

    Good (an image):
        FROM debian:13-slim
        COPY --from=nginx /etc/nginx/nginx.conf /nginx.conf
        RUN --mount=type=bind,from=ghcr.io/example/tools:1,target=/tools /tools/run

    Good (a mount of an earlier stage):
        FROM debian:13 AS second
        FROM debian:13-slim AS first
        RUN --mount=type=bind,from=second,target=/src make -C /src

    Variants:
        not onbuild: the stages of the child's file are not known
        not second-stage: the wrong number may then be right

    Fix:
        unsafe: the stage with almost that name.
    """

    on = ("stage",)
    severity = "error"
    aliases = (*UNDEFINED, *OWN, "tally:circular-stage-deps")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        stages = (file.preamble, *file.stages)
        if any(stage.edges for stage in stages):
            return True
        names = {stage.name for stage in stages}
        return any(stage.image is not None and stage.image.text.lower() in names for stage in stages)

    def check(self, stage: Stage) -> Iterator[Finding]:
        for edge in stage.edges:
            wrong = wrong_reference(edge, stage)
            if wrong is not None:
                yield self._edge(edge, wrong, stage)
        yield from self._base(stage)

    def _edge(self, edge: Edge, wrong: WrongReference, stage: Stage) -> Finding:
        span, raw = edge_span(edge), edge.raw
        copies = isinstance(edge.instruction, Copy)
        aliases: tuple[str, ...] = UNDEFINED if copies else ()
        related: list[tuple[str, Span]] = []
        fix = None
        if wrong.kind == "own":
            message = f"{raw} is this very stage"
            aliases = (*OWN, "tally:circular-stage-deps") if copies else ("tally:circular-stage-deps",)
        elif wrong.kind == "variable":
            message = "the builder expands no variables here"
        elif wrong.kind == "index":
            message = f"there is no stage {raw} before this one"
        elif wrong.kind == "later":
            message = f"stage {raw} is defined after this one"
        elif wrong.kind == "near":
            message = f"no stage is called {raw}, but one is called {wrong.near}"
            if edge.instruction.file.source.slice(span) == raw and wrong.near:
                fix = Fix(f"Use {wrong.near}", [Edit(span, wrong.near)])
        else:
            message = f"no stage is called {raw}: without --build-context {raw}=..., it is pulled as an image"
        if wrong.kind == "later" and wrong.stage is not None and wrong.stage.from_ is not None:
            related.append((f"{raw} is defined here", wrong.stage.from_.span))
        severity: Severity = "info" if wrong.kind == "image" else "error"
        return self.finding(span, message, edge.instruction, severity, aliases, related, fix=fix)

    def _base(self, stage: Stage) -> Iterator[Finding]:
        """FROM finds a stage by its name in lower case alone."""
        if stage.image is None or stage.from_ is None or stage.from_.image is None:
            return
        text = stage.image.text
        if text == text.lower():
            return
        meant = stage.file.stage_named(text, stage.index)
        if meant is not None and meant.name is not None:
            word = stage.from_.image
            fix = Fix(f"Use {meant.name}", [Edit(word.span, meant.name)]) if word.text == text else None
            message = f"FROM knows the stage {meant.name} in lower case only"
            yield self.finding(word.span, message, stage.from_, fix=fix)
