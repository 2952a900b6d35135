from __future__ import annotations

from posixpath import basename

from dfadvise.about.stagepaths import all_paths, other_paths
from dfadvise.managers.products import stage_products
from dfadvise.paths import clean, has_glob, is_below
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.products import Product
    from dfadvise.stages import Dockerfile, Stage

_TARGET = "/target/"


class MissingCopySource(Rule):
    """A copy takes what its stage does not have.

    Why:
        `COPY --from` of a path that the other stage never writes stops the build, after everything before it was
        built. Most often the build command writes to another folder, or under another profile.

    Bad (nothing is there):
        FROM scratch AS files
        COPY LICENSE /doc/LICENSE
        FROM debian:13-slim
        COPY --from=files /licenses/LICENSE /LICENSE

    Bad (built elsewhere):
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN go build -o /out/server ./cmd/server
        FROM debian:13-slim
        COPY --from=build /server /server

    Bad (another profile):
        FROM rust:1.90 AS build
        WORKDIR /src
        COPY . .
        RUN cargo build
        FROM debian:13-slim
        COPY --from=build /src/target/release/app /app

    Good:
        FROM scratch AS files
        COPY LICENSE /doc/
        FROM debian:13-slim
        COPY --from=files /doc /doc

    Good (moved there):
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN go build -o /out/server ./cmd/server && mv /out/server /server
        FROM debian:13-slim
        COPY --from=build /server /server

    Good (nobody knows what a script writes):
        FROM rust:1.90 AS build
        WORKDIR /src
        COPY . .
        RUN cargo build && ./package.sh
        FROM debian:13-slim
        COPY --from=build /src/target/release/app /app

    Variants:
        not onbuild: another build runs what stands there

    Fix:
        none: which of the two is meant is not known.
    """

    on = ("stage",)
    severity = "error"
    aliases = ("tally:copy-from-empty-scratch-stage",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(stage.edges for stage in (file.preamble, *file.stages))

    def check(self, stage: Stage) -> Iterator[Finding]:
        for edge in stage.edges:
            copy = edge.instruction
            if edge.stage is None or not isinstance(copy, Copy):
                continue
            for word in copy.sources:
                source = copy.expand(word.text)
                if not source or has_glob(source):
                    continue
                path = clean("/" + source)
                message = _absent(edge.stage, path)
                if message is not None:
                    yield self.finding(word.span, message, copy, aliases=self.aliases)
                    continue
                other = _built_elsewhere(edge.stage, path)
                if other is not None and other.path is not None:
                    text = f"the build writes {other.path}{'/' if other.is_folder else ''}, not {path}"
                    related = [("it is written here", other.command.words[0].span)]
                    yield self.finding(word.span, text, copy, "warning", related=related)


def _absent(stage: Stage, path: str) -> str | None:
    """Why a path is surely not in a stage that stands on nothing; None when it may be there."""
    written = all_paths(stage)
    if written is None or written.may_hold(path):
        return None
    if not written.own:
        return f"stage {stage.label} holds nothing"
    return f"stage {stage.label} stands on nothing, and nothing in it writes {path}"


def _built_elsewhere(stage: Stage, path: str) -> Product | None:
    """The product that was likely meant by a path, where the stage surely does not write the path itself."""
    likely: Product | None = None
    for product in stage_products(stage):
        if product.path is None:
            continue
        if "$" in product.path:
            return None
        if product.is_folder:
            if is_below(path, product.path) or is_below(product.path, path):
                return None
            if product.kind == "cargo" and _TARGET in path and not path.endswith(".so"):
                likely = product
        elif product.path == path or is_below(product.path, path):
            return None
        elif basename(product.path) == basename(path):
            likely = product
    written = other_paths(stage, likely.kind == "cargo") if likely is not None else None
    return None if written is None or written.may_hold(path) else likely
