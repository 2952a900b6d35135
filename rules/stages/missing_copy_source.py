from __future__ import annotations

from posixpath import basename

from dfadvise.effects import is_known
from dfadvise.joining import is_known_program
from dfadvise.layers import chain_layers, copy_target
from dfadvise.packages import actions, reading
from dfadvise.paths import clean, has_glob, is_below
from dfadvise.products import stage_products
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy, Onbuild, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.products import Product
    from dfadvise.stages import Stage

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
    base = stage.base
    if base is None or not base.is_scratch:
        return None
    written: list[tuple[str, bool]] = []
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run | Onbuild):
            return None
        if instruction.keyword == "WORKDIR":
            written.append((stage_directory(instruction.stage, instruction.index), False))
        elif isinstance(instruction, Copy):
            target, _ = copy_target(instruction)
            if target is None:
                return None
            if instruction.keyword == "ADD":
                written.append((target, True))
    for layer in chain_layers(stage).layers:
        for effect in layer.effects:
            if effect.path is None:
                return None
            # Whether a source without an ending is a file or a folder is not known.
            written.append((effect.path, effect.tree or not effect.certain))
            if effect.origin:
                written.append((f"{effect.path}/{basename(effect.origin)}", effect.tree or not effect.certain))
    if any("$" in each or UNKNOWN in each for each, _ in written):
        return None
    if not written:
        return f"stage {stage.label} holds nothing"
    for each, tree in written:
        if is_below(each, path) or (tree and is_below(path, each)):
            return None
    return f"stage {stage.label} stands on nothing, and nothing in it writes {path}"


def stage_directory(stage: Stage, index: int) -> str:
    """The working directory after an instruction of a stage."""
    return stage.symbolic_workdir_at(stage.instructions[index], after=True)


def _built_elsewhere(stage: Stage, path: str) -> Product | None:
    """The product that was likely meant by a path, where the stage surely does not write the path itself."""
    made = [product for product in stage_products(stage) if product.path is not None and "$" not in product.path]
    if not made:
        return None
    likely: Product | None = None
    for product in made:
        if product.path is None:
            continue
        if product.is_folder:
            if is_below(path, product.path) or is_below(product.path, path):
                return None
            if product.kind == "cargo" and _TARGET in path and not path.endswith(".so"):
                likely = product
        elif product.path == path or is_below(product.path, path):
            return None
        elif basename(product.path) == basename(path):
            likely = product
    if likely is None or not _writes_are_known(stage):
        return None
    for layer in chain_layers(stage).layers:
        for effect in layer.effects:
            if effect.path is None:
                continue
            # A build folder from the context would be one that nobody ignored.
            from_context = isinstance(layer.instruction, Copy) and layer.instruction.origin is None
            if likely.kind == "cargo" and from_context and _TARGET in path:
                continue
            if is_below(effect.path, path) or (effect.tree and is_below(path, effect.path)) or "$" in effect.path:
                return None
    return likely


def _writes_are_known(stage: Stage) -> bool:
    """Whether every command of a stage's chain is one whose output is known."""
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Onbuild):
            return False
        if not isinstance(instruction, Run):
            continue
        if instruction.is_opaque:
            return False
        of_managers = {id(action.command) for action in actions(instruction)}
        for command in reading(instruction).commands:
            if id(command) in of_managers or is_known(command) or command.program == "cd":
                continue
            if command.program is None or not is_known_program(command.program):
                return False
            if command.program in ("npm", "yarn", "pnpm", "bun", "dotnet", "mvn", "gradle", "go", "cargo"):
                return False
    return True
