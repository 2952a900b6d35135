from __future__ import annotations

from dfadvise.base import linking
from dfadvise.editing.edits import stands_in_file
from dfadvise.effects import DOWNLOADS, Effect, effects_of
from dfadvise.layers import copy_effects
from dfadvise.managers.packages import action_of, inner
from dfadvise.paths import clean
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.products import Product
    from dfadvise.rule import Severity
    from dfadvise.stages import Edge, Stage
    from dfadvise.syntax.instructions import Word

_NAMES = {"glibc": "glibc", "musl": "musl", "none": "no C library"}


class LibcMismatch(Rule):
    """What is built for one C library goes where another one is, or none.

    Why:
        A program that is linked to glibc does not start on Alpine or in an empty image: "not found", although the
        file is there. Native modules fail when they are loaded, which may be long after the build.

    Bad (native modules):
        FROM node:24 AS build
        WORKDIR /app
        RUN npm ci
        FROM node:24-alpine
        COPY --from=build /app/node_modules /app/node_modules

    Bad (cgo):
        FROM golang:1.26 AS build
        WORKDIR /src
        RUN go build -o /app .
        FROM scratch
        COPY --from=build /app /app

    Fixed:
        FROM golang:1.26 AS build
        WORKDIR /src
        RUN CGO_ENABLED=0 go build -o /app .
        FROM scratch
        COPY --from=build /app /app

    Bad (Rust into an empty image):
        FROM rust:1.90 AS build
        WORKDIR /src
        RUN cargo build --release
        FROM scratch
        COPY --from=build /src/target/release/app /app

    Good (the same system):
        FROM node:24-alpine AS build
        WORKDIR /app
        RUN npm ci
        FROM node:24-alpine
        COPY --from=build /app/node_modules /app/node_modules

    Good (no cgo):
        FROM golang:1.26 AS build
        WORKDIR /src
        RUN CGO_ENABLED=0 go build -o /app .
        FROM scratch
        COPY --from=build /app /app

    Good (linked statically):
        FROM rust:1.90-alpine AS build
        WORKDIR /src
        RUN cargo build --release
        FROM scratch
        COPY --from=build /src/target/release/app /app

    Variants:
        not onbuild: another build runs what stands there

    Fix:
        unsafe: CGO_ENABLED=0 before `go build`, where no C library is installed to be used.
    """

    on = ("stage",)
    mentions = ("--from", "--mount", "linux-gnu", "manylinux")
    severity = "warning"

    def check(self, stage: Stage) -> Iterator[Finding]:
        own = linking.libc_of(stage)
        if own is None or (own == "musl" and linking.has_glibc(stage)):
            return
        said: set[int] = set()
        for edge in stage.edges:
            copy = edge.instruction
            theirs = linking.libc_of_source(edge)
            if not isinstance(copy, Copy) or theirs in (None, "none", own):
                continue
            for word in copy.sources:
                source = copy.expand(word.text)
                if source:
                    yield from self._copied(word, clean("/" + source), edge, stage, (theirs or "", own), said)
        if own == "musl":
            yield from self._downloaded(stage)

    def _copied(
        self, word: Word, path: str, edge: Edge, stage: Stage, libcs: tuple[str, str], said: set[int]
    ) -> Iterator[Finding]:
        theirs, own = libcs
        if linking.is_native_tree(path) or (own != "none" and linking.is_interpreter(path)):
            if own != "none":
                what = "is" if linking.is_interpreter(path) else "may hold modules"
                message = f"{path} of {edge.raw} {what} built for {_NAMES[theirs]}, and here is {_NAMES[own]}"
                yield self.finding(word.span, message, edge.instruction)
            return
        product = linking.product_at(edge.stage, path) if edge.stage is not None else None
        if product is None or edge.stage is None or linking.brings_libraries(stage):
            return
        if product.kind == "go":
            yield from self._go(product, edge.stage, word, libcs, said)
        elif linking.is_dynamic(product, theirs):
            message = f"{path} is linked to {_NAMES[theirs]}, and here is {_NAMES[own]}"
            related = [("it is built here", product.command.words[0].span)]
            severity: Severity | None = "error" if own == "none" else None
            yield self.finding(word.span, message, edge.instruction, severity, related=related)

    def _go(
        self, product: Product, builder: Stage, word: Word, libcs: tuple[str, str], said: set[int]
    ) -> Iterator[Finding]:
        action = action_of(product.command)
        if action is None or not linking.has_c_compiler(builder) or not linking.uses_cgo(action):
            return
        program = action.command.words[0]
        if program.span.start in said:
            return
        said.add(program.span.start)
        theirs, own = libcs
        message = f"without CGO_ENABLED=0 it may link to {_NAMES[theirs]}, and where it runs is {_NAMES[own]}"
        fix = None
        plain = program.script.form != "exec" and stands_in_file(program) and not action.command.wrappers
        if plain and not linking.c_packages(builder):
            at = program.span.start
            fix = Fix("Switch cgo off", [Edit(Span(at, at), "CGO_ENABLED=0 ")])
        yield self.finding(
            action.span, message, action.command.instruction, related=[("it is copied to there", word.span)], fix=fix
        )

    def _downloaded(self, stage: Stage) -> Iterator[Finding]:
        text = stage.file.source.text
        if "linux-gnu" not in text and "manylinux" not in text:
            return
        for instruction in stage.instructions:
            body = inner(instruction)
            effects: list[Effect] = []
            if isinstance(body, Run):
                effects = effects_of(body)
            elif isinstance(body, Copy):
                effects = copy_effects(body, set())
            for effect in effects:
                url = effect.origin or ""
                if effect.kind == DOWNLOADS and ("linux-gnu" in url or "manylinux" in url):
                    name = url.partition("?")[0].rpartition("/")[2].replace("\0", "…")
                    message = f"{name} is built for glibc, and here is musl"
                    yield self.finding(effect.span, message, instruction)
