from __future__ import annotations

from dfadvise.base.origins import needed_by, sources, stage_pattern
from dfadvise.knowledge.packages import matches
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile, Stage

# Names of stages that are built on their own now and then.
_ON_THEIR_OWN = frozenset(
    (
        *("test", "tests", "testing", "unittest", "lint", "linter", "check", "dev", "devel", "develop", "development"),
        *("debug", "ci", "docs", "doc", "prod", "production", "release", "e2e", "coverage", "export", "artifact"),
        *("artifacts", "devcontainer", "benchmark", "bench", "local", "staging"),
    )
)
_MOST_PATTERNS = 50


class UnusedStage(Rule):
    """No exported stage needs this one.

    Why:
        The builder skips a stage that the target neither stands on nor reads from. It costs nothing, but whoever
        reads the file takes it for a part of the image. Stages that are exported on their own belong into `targets`
        of the configuration.

    Bad:
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM node:24 AS assets
        RUN npm ci
        FROM debian:13-slim
        COPY --from=build /app /app

    Good:
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM node:24 AS assets
        RUN npm ci
        FROM debian:13-slim
        COPY --from=build /app /app
        COPY --from=assets /dist /dist

    Good (built on its own, by its name):
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM build AS unit-test
        RUN go test ./...
        FROM debian:13-slim
        COPY --from=build /app /app

    Good (several targets):
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM build AS binaries
        FROM build AS packages
        FROM debian:13-slim
        COPY --from=build /app /app

    Good (chosen by a variable):
        FROM debian:13 AS base-amd64
        FROM debian:12 AS base-arm64
        FROM base-${TARGETARCH}

    Variants:
        not onbuild: what is copied under ONBUILD is read in another build
        not second-stage: the stage put before is unused itself

    Fix:
        none: the stage may be wanted.
    """

    on = ("file",)
    severity = "info"
    aliases = ("tally:no-unreachable-stages",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return len(file.stages) > 1

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        unused = [stage for stage in file.stages if not (stage.ships or stage.feeds)]
        if not unused or file.exported is None:
            return
        kept = needed_by(
            [stage for stage in unused if not _ON_THEIR_OWN.isdisjoint(stage.name_words)] + _choices(unused)
        )
        unused = [stage for stage in unused if stage.index not in kept]
        inner = {each.index for stage in unused for each in sources(stage)}
        # Several that nothing uses are chosen by `--target`; one alone may be left over.
        by_default = file.exported is file.stages[-1]
        several = by_default and sum(stage.index not in inner for stage in unused) > 1
        for stage in unused:
            assert stage.from_ is not None
            word = stage.from_.alias or stage.from_.image
            span = word.span if word is not None else stage.from_.name_span
            # Where a whole branch is unused, its end says so.
            severity: Severity = "style" if stage.index in inner or several else "info"
            message = f"the default build (the last stage) does not use stage {stage.label}"
            if not by_default:
                message = f"no target uses stage {stage.label}"
            yield self.finding(span, message, stage.from_, severity, aliases=self.aliases)


def _choices(stages: list[Stage]) -> list[Stage]:
    """The stages that a variable in a FROM may choose: `FROM base-${TARGETARCH}`."""
    named = [stage for stage in stages if stage.name]
    if not named:
        return []
    patterns: set[str] = set()
    for stage in named[0].file.stages:
        image = stage.from_.image if stage.from_ is not None else None
        pattern = stage_pattern(image.text, stage.file.escape) if image is not None else None
        if pattern is not None:
            patterns.add(pattern)
    if len(patterns) > _MOST_PATTERNS:
        return named
    return [stage for stage in named if any(matches(pattern, stage.name or "") for pattern in patterns)]
