from __future__ import annotations

from posixpath import basename

from dfadvise.effects import is_known
from dfadvise.joining import is_known_program
from dfadvise.layers import chain_layers, copy_target
from dfadvise.packages import actions, reading, remembered
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
_DEEPEST = 50  # stages upon stages that are looked through


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


class _Paths:
    """The paths that a stage's chain writes: one in question is looked up along its own length."""

    __slots__ = ("above", "own", "trees")

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.above: set[str] = set()
        self.trees: set[str] = set()

    def add(self, path: str, tree: bool) -> None:
        self.own.add(path)
        if tree:
            self.trees.add(path)
        while path != "/" and path not in self.above:
            path = path.rpartition("/")[0] or "/"
            self.above.add(path)

    def may_hold(self, path: str) -> bool:
        """Whether something may be at a path, below it, or come to it with a whole folder."""
        if path in self.own or path in self.above:
            return True
        while path not in self.trees:
            if path == "/":
                return False
            path = path.rpartition("/")[0] or "/"
        return True


def _absent(stage: Stage, path: str) -> str | None:
    """Why a path is surely not in a stage that stands on nothing; None when it may be there."""
    base = stage.base
    if base is None or not base.is_scratch or len(stage.chain) > _DEEPEST:
        return None
    memo = remembered(stage.file)
    slot = ("all paths", stage.index)
    if slot not in memo:
        memo[slot] = _written_on_nothing(stage)
    written: _Paths | None = memo[slot]
    if written is None or written.may_hold(path):
        return None
    if not written.own:
        return f"stage {stage.label} holds nothing"
    return f"stage {stage.label} stands on nothing, and nothing in it writes {path}"


def _written_on_nothing(stage: Stage) -> _Paths | None:
    """Every path that a stage on scratch may hold; None when nobody can tell."""
    found = _Paths()
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run | Onbuild):
            return None
        if instruction.keyword == "WORKDIR":
            found.add(instruction.stage.symbolic_workdir_at(instruction, after=True), False)
        elif isinstance(instruction, Copy):
            target, _ = copy_target(instruction)
            if target is None:
                return None
            if instruction.keyword == "ADD":
                found.add(target, True)
    for layer in chain_layers(stage).layers:
        for effect in layer.effects:
            if effect.path is None:
                return None
            # Whether a source without an ending is a file or a folder is not known.
            found.add(effect.path, effect.tree or not effect.certain)
            if effect.origin:
                found.add(f"{effect.path}/{basename(effect.origin)}", effect.tree or not effect.certain)
    return None if any("$" in path or UNKNOWN in path for path in found.own) else found


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
    if likely is None or len(stage.chain) > _DEEPEST:
        return None
    memo = remembered(stage.file)
    slot = ("known writes", stage.index, likely.kind == "cargo")
    if slot not in memo:
        memo[slot] = _known_writes(stage, likely.kind == "cargo")
    written: _Paths | None = memo[slot]
    return None if written is None or written.may_hold(path) else likely


def _known_writes(stage: Stage, without_context: bool) -> _Paths | None:
    """What a stage writes besides its products; None when nobody can tell.

    Args:
        stage: The stage.
        without_context: Leave out what comes from the context: a build folder there would be one that nobody ignored.
    """
    if not _writes_are_known(stage):
        return None
    found = _Paths()
    for layer in chain_layers(stage).layers:
        if without_context and isinstance(layer.instruction, Copy) and layer.instruction.origin is None:
            continue
        for effect in layer.effects:
            if effect.path is not None:
                if "$" in effect.path:
                    return None
                found.add(effect.path, effect.tree)
    return found


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
