from __future__ import annotations

from dfadvise.base.bases import source_base
from dfadvise.managers.products import stage_products
from dfadvise.paths import clean, is_below
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.managers.products import Product
    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile, Edge, Stage

BROAD = frozenset(("/", "/usr", "/usr/local", "/opt", "/var", "/root", "/home"))
# What a distribution leaves empty: there it holds only what the stage itself put into it.
_EMPTY = frozenset(("/usr/local", "/opt", "/home"))
_SYSTEMS = frozenset(("debian", "ubuntu", "alpine", "fedora", "rockylinux", "almalinux", "amazonlinux", "archlinux"))


class OverbroadStageCopy(Rule):
    """A whole system folder is copied from another stage.

    Why:
        A build stage is there so that its compilers, caches and package lists stay behind. Copying /, /usr or /root
        brings them along, and hides what the program really needs.

    Bad:
        FROM golang:1.26 AS build
        RUN go build -o /usr/local/bin/app .
        FROM debian:13-slim
        COPY --from=build /usr/local /usr/local

    Bad (everything):
        FROM python:3.12 AS build
        RUN pip install flask
        FROM debian:13-slim
        COPY --from=build / /

    Bad (the sources too):
        FROM rust:1.90 AS build
        WORKDIR /src
        COPY . .
        RUN cargo build --release
        FROM debian:13-slim
        COPY --from=build /src /src

    Good:
        FROM golang:1.26 AS build
        RUN go build -o /usr/local/bin/app .
        FROM debian:13-slim
        COPY --from=build /usr/local/bin/app /usr/local/bin/app

    Good (a stage that holds nothing else):
        FROM debian:13 AS build
        RUN make install DESTDIR=/out
        FROM scratch AS files
        COPY --from=build /out/ /
        FROM debian:13-slim
        COPY --from=files / /opt/app/
        COPY --from=build /usr/local /usr/local

    Good (the product alone):
        FROM rust:1.90 AS build
        WORKDIR /src
        COPY . .
        RUN cargo build --release
        FROM debian:13-slim
        COPY --from=build /src/target/release/app /app

    Variants:
        not onbuild: another build runs what stands there

    Fix:
        none: what the program needs is not known.
    """

    on = ("stage",)
    severity = "warning"
    aliases = ("DL3067",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(stage.edges for stage in (file.preamble, *file.stages))

    def check(self, stage: Stage) -> Iterator[Finding]:
        edges = {id(edge.instruction): edge for edge in stage.edges}
        for copy in stage.instructions:
            if not isinstance(copy, Copy) or copy.origin is None:
                continue
            edge = edges.get(id(copy))
            for word in copy.sources:
                source = copy.expand(word.text)
                if source is None or "*" in source:
                    continue
                path = clean("/" + source)
                message, severity = _judge(path, edge, stage)
                aliases = self.aliases if path == "/" and _target(copy) == "/" else ()
                if message is None and aliases:
                    message, severity = f"all of {copy.origin} is copied", "style"
                if message is not None:
                    yield self.finding(word.span, message, copy, severity, aliases)


def _target(copy: Copy) -> str | None:
    text = copy.expand(copy.target.text) if copy.target is not None else None
    return clean("/" + text) if text and text.startswith("/") else None


def _judge(path: str, edge: Edge | None, stage: Stage) -> tuple[str | None, Severity]:
    """What is wrong with copying a path, and how much it weighs; no message when nothing is, or nobody knows."""
    level: Severity = "warning" if stage.ships else "style"
    if edge is None:
        return None, level
    if path in BROAD:
        base = source_base(edge)
        if not _is_full(path, base, edge):
            return None, level
        what = "the whole file system" if path == "/" else f"all of {path}"
        return f"{what} of {edge.raw} is copied, whatever the image needs of it", level
    if edge.stage is not None and stage.ships:
        product = _inner_product(path, edge.stage)
        if product is not None and product.path is not None:
            inner = product.path[len(path) :].strip("/")
            return f"the working directory of {edge.raw} is copied whole, and {inner} in it is the product", "info"
    return None, level


def _is_full(path: str, base: Base | None, edge: Edge) -> bool:
    """Whether a folder holds more than what the stage put there: what its base image brought."""
    if base is None or (base.distribution is None and base.libc is None):
        # Images of a few files are made to be copied whole; where a shell runs there is a system.
        return edge.stage is not None and any(
            isinstance(each, Run) and each.form == "shell" for each in edge.stage.chain_instructions()
        )
    return not (base.is_scratch or base.libc == "none" or (path in _EMPTY and base.name in _SYSTEMS))


def _inner_product(path: str, stage: Stage) -> Product | None:
    """What is built inside of a folder, when the folder is where the stage works."""
    last = stage.instructions[-1]
    if path != stage.symbolic_workdir_at(last, after=True):
        return None
    for product in stage_products(stage):
        if product.path is not None and product.path != path and is_below(product.path, path) and product.kind != "c":
            return product
    return None
