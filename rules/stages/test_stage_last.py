from __future__ import annotations

from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile

TESTS = frozenset(("test", "tests", "testing", "lint", "linter", "dev", "devel", "development", "debug", "ci"))
RELEASES = frozenset(("prod", "production", "release", "runtime", "final"))


class TestStageLast(Rule):
    """The last stage, which a plain build exports, is one for testing.

    Why:
        Without `--target` the builder exports the last stage. When that one is named test, lint, dev, debug or ci,
        `docker build .` gives an image with test tools instead of the one that an earlier stage is named for.

    Bad:
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM debian:13-slim AS release
        COPY --from=build /app /app
        FROM build AS test
        RUN go test ./...

    Good:
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM build AS test
        RUN go test ./...
        FROM debian:13-slim AS release
        COPY --from=build /app /app

    Good (nothing else to release):
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM build AS dev
        RUN go install golang.org/x/tools/gopls@v0.20.0

    Variants:
        not onbuild: the commands do not matter

    Fix:
        none: the order of the stages is the author's.
    """

    on = ("file",)
    severity = "info"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return len(file.stages) > 1

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        last = file.stages[-1] if file.stages else None
        # With a target in the settings it is the target that is exported.
        if last is None or last is not file.exported or last.from_ is None or last.from_.alias is None:
            return
        if TESTS.isdisjoint(last.name_words) or not RELEASES.isdisjoint(last.name_words):
            return
        for stage in reversed(file.stages[:-1]):
            if stage.from_ is None or stage.from_.alias is None:
                continue
            if not RELEASES.isdisjoint(stage.name_words):
                message = f"a build without --target exports {last.name}, not {stage.name}"
                related = [(f"{stage.name} is defined here", stage.from_.alias.span)]
                yield self.finding(last.from_.alias.span, message, last.from_, related=related)
                return
