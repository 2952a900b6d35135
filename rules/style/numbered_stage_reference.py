from __future__ import annotations

from bisect import bisect_left

from dfadvise.about.stagerefs import stage_references
from dfadvise.editing.keywords import as_behind
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage

    Uses = list[tuple[str, Span]]


class NumberedStageReference(Rule):
    """A stage is referred to by its number.

    Why:
        A stage that is put in before it, or taken out, makes the number mean another one, and the build may go on with
        the wrong files.

    Bad:
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=0 /app /app

    Good:
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=build /app /app

    Bad (a stage without a name):
        FROM golang:1.26
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=0 /app /app

    Fixed:
        FROM golang:1.26 AS stage-0
        RUN go build -o /app .
        FROM debian:13-slim
        COPY --from=stage-0 /app /app

    Good (an image with a number):
        FROM debian:13-slim
        COPY --from=registry.example.com/9:9 /app /app

    Fix:
        safe: the stage's name; unsafe where it has none yet: `AS stage-N`, and that name.

    Variants:
        not onbuild: the stages of the child's file are not known
        not second-stage: the number then means the new stage
    """

    on = ("file",)
    severity = "style"
    default = "off"
    aliases = ("kics:68a51e22",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        if len(file.stages) < 2:
            return
        references = stage_references(file)
        renamed: set[int] = set()
        for stage in file.stages:
            for edge in stage.edges:
                target = edge.stage
                if target is None or not edge.raw.isdigit():
                    continue
                uses = references.get(target.index, [])
                span = _place(uses, edge.flag.span)
                named = f" ({target.name})" if target.name else ""
                related = [("the stage", target.from_.args_span)] if target.from_ is not None else []
                message = f"stage {edge.raw}{named} is referred to by its number"
                fix = None
                if target.name:
                    fix = _named(target, span)
                elif target.index not in renamed:
                    # One fix for all that refer to it.
                    renamed.add(target.index)
                    fix = _name_first(target, [use for use in uses if use[0].isdigit()])
                yield self.finding(span, message, edge.instruction, None, self.aliases, related, fix=fix)


def _place(uses: Uses, flag: Span) -> Span:
    """Where the number stands in a flag."""
    at = bisect_left(uses, flag.start, key=lambda use: use[1].start)
    return uses[at][1] if at < len(uses) and flag.contains(uses[at][1]) else flag


def _named(target: Stage, span: Span) -> Fix | None:
    alias = target.from_.alias if target.from_ is not None else None
    # A later stage of the same name would be meant by it.
    if alias is None or target.file.stage_named(alias.text) is not target or not _is_number(target, span):
        return None
    return Fix(f"Name the stage {alias.text}", [Edit(span, alias.text)], "safe")


def _name_first(target: Stage, uses: Uses) -> Fix | None:
    from_ = target.from_
    if from_ is None or from_.image is None or len(from_.args) != 1 or not uses:
        return None
    name = f"stage-{target.index}"
    if target.file.stage_named(name) is not None:
        return None
    at = from_.image.span.end
    edits = [Edit(Span(at, at), f" {as_behind(from_)} {name}"), *(Edit(place, name) for _, place in uses)]
    return Fix(f"Name the stage {name}", edits)


def _is_number(target: Stage, span: Span) -> bool:
    return target.file.source.slice(span).isdigit()
