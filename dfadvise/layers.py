"""The image in advance: what each layer of a stage's chain adds, and which earlier bytes it hides or stores again.

RUN, COPY, ADD and WORKDIR make layers; everything else is metadata. Overwriting and changing mode or owner store
the whole file again (overlay copy-up); deleting adds a whiteout, and the bytes stay in the layer below. What lies
under a mount of the RUN never enters its layer. Source: the OCI image layer specification and BuildKit's own
behaviour (reference: overlay file system, read 2026-11-24).
"""

from __future__ import annotations

from posixpath import basename, join

from dfadvise.asked import is_folder
from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, REMOVES, REWRITES, Effect, effects_of
from dfadvise.knowledge.frontend import is_remote
from dfadvise.paths import clean, covers, has_glob, is_below, literal_prefix, resolve
from dfadvise.syntax.instructions import Copy, Instruction, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.source import Span
    from dfadvise.stages import Stage

WRITES = frozenset((ADDS, DOWNLOADS, EXTRACTS))
# Mounts that keep what is written under them out of the layer.
_MOUNTS = frozenset(("cache", "tmpfs", "bind", "secret", "ssh"))
# How many writes to the same place are remembered, of trees that nobody has seen and of files that are perhaps written.
_MOST_HERE = 32


class Layer:
    """One layer of a chain.

    Attributes:
        instruction: The RUN, COPY, ADD or WORKDIR that makes it.
        effects: What it does, in order, without what stays under its mounts.
        opaque: Whether part of what it does cannot be read.
        size: Bytes that it surely adds, as far as they are known; None when nothing is known.
        basis: Where the size comes from.
    """

    __slots__ = ("basis", "effects", "index", "instruction", "opaque", "size")

    def __init__(self, instruction: Instruction, index: int) -> None:
        self.instruction = instruction
        self.index = index
        self.effects: list[Effect] = []
        self.opaque = False
        self.size: int | None = None
        self.basis: str | None = None

    def __repr__(self) -> str:
        return f"<Layer {self.index} {self.instruction}>"


class Hidden:
    """Bytes of one layer that a later one hides or stores again.

    Attributes:
        write: What wrote them, in `layer`.
        by: The effect that hides ("removes") or stores them again ("rewrites", or a write over them), in `later`.
        reached: Whether it reaches everything that was written, as far as the paths tell.
        certain: Whether it is sure that there is something to reach, and that it is reached: False for a folder
            that nobody has seen, and for a command in a branch.
    """

    __slots__ = ("by", "certain", "later", "layer", "reached", "write")

    def __init__(self, layer: Layer, write: Effect, later: Layer, by: Effect, reached: bool, certain: bool) -> None:
        self.layer = layer
        self.write = write
        self.later = later
        self.by = by
        self.reached = reached
        self.certain = certain

    def __repr__(self) -> str:
        return f"<Hidden {self.write} by {self.by}>"


class _Write:
    __slots__ = ("covered", "effect", "gone", "layer")

    def __init__(self, layer: Layer, effect: Effect) -> None:
        self.layer = layer
        self.effect = effect
        self.gone = self.covered = False


class Layers:
    """The layers of a stage's whole chain, from the base up.

    Args:
        stage: The stage.

    Attributes:
        layers: The layers, in order.
        hidden: What later layers hide or store again.
    """

    __slots__ = ("_below", "_covered", "_folders", "_of", "_trees", "hidden", "layers", "stage")

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.layers: list[Layer] = []
        self.hidden: list[Hidden] = []
        self._below: dict[str, list[_Write]] = {}
        # By path, the writes that a later layer wrote over: only a removal has anything to do with them any more.
        self._covered: dict[str, list[_Write]] = {}
        self._trees: dict[str, list[_Write]] = {}
        self._of: dict[int, Layer] = {}
        self._folders: set[str] = {"/", "/tmp", "/root", "/usr/local/bin", "/usr/bin", "/etc", "/opt", "/var", "/home"}
        for instruction in stage.chain_instructions():
            layer = self._layer(instruction)
            if layer is not None:
                self.layers.append(layer)
                self._of[id(instruction)] = layer
                self._apply(layer)

    def of(self, instruction: Instruction) -> Layer | None:
        """The layer of an instruction; None when it makes none."""
        return self._of.get(id(instruction))

    def _layer(self, instruction: Instruction) -> Layer | None:
        keyword = instruction.keyword
        layer = Layer(instruction, len(self.layers))
        if isinstance(instruction, Run):
            layer.opaque = instruction.is_opaque
            targets = mounted(instruction)
            for effect in effects_of(instruction):
                if effect.path is None or not any(is_below(effect.path, target) for target in targets):
                    layer.effects.append(effect)
        elif isinstance(instruction, Copy):
            layer.effects.extend(copy_effects(instruction, self._folders))
            sizes = [effect.size for effect in layer.effects]
            known = [size for size in sizes if size is not None]
            if sizes and len(known) == len(sizes):
                layer.size, layer.basis = sum(known), "context"
        elif keyword == "WORKDIR":
            path = _workdir_after(instruction)
            if path == "/":
                return None
            if path is not None:
                self._folders.add(path)
        else:
            return None
        return layer

    def _apply(self, layer: Layer) -> None:
        for effect in layer.effects:
            path = effect.path
            if path is None:
                continue
            if effect.kind in (REMOVES, REWRITES):
                self._hide(layer, effect, effect.tree)
            elif effect.kind in WRITES and not has_glob(path):
                if not effect.tree:
                    self._hide(layer, effect, False)
                self._remember(_Write(layer, effect), path)

    def _remember(self, write: _Write, path: str) -> None:
        if write.effect.tree:
            trees = self._trees.setdefault(path, [])
            trees.append(write)
            del trees[:-_MOST_HERE]
        # Filed under every folder above it, so that a removal finds what lies below without a search.
        folder = path
        for _ in range(40):
            self._below.setdefault(folder, []).append(write)
            if folder == "/":
                break
            folder = folder.rpartition("/")[0] or "/"
            self._folders.add(folder)

    def _hide(self, layer: Layer, effect: Effect, recursive: bool) -> None:
        assert effect.path is not None
        start = literal_prefix(effect.path)
        removes = effect.kind == REMOVES
        remaining: list[_Write] = []
        below = self._below.get(start, [])
        if len(below) > 2 * _MOST_HERE and effect.kind in WRITES:
            # Nobody knows which of so many are still there; the oldest are least likely to be.
            self._covered.setdefault(start, []).extend(below[:-_MOST_HERE])
            del below[:-_MOST_HERE]
        covered = self._covered.pop(start, []) if removes else []
        for write in [*covered, *below] if covered else below:
            if write.gone:
                continue
            remaining.append(write)
            written = write.effect
            assert written.path is not None
            if written.tree and recursive is False and not is_below(effect.path, written.path):
                continue
            if effect.kind == REWRITES and not recursive and self._is_surely_folder(write, effect.path):
                continue  # what is in it stays as it is
            reached = covers(effect.path, written.path, recursive)
            inside = not reached and written.tree and _inside(effect.path, written.path)
            if not reached and not inside:
                continue
            if write.layer is not layer:
                certain = reached and effect.certain and written.certain
                self.hidden.append(Hidden(write.layer, written, layer, effect, reached, certain))
            over = effect.kind in WRITES and write.layer is layer
            if reached and ((removes and effect.certain) or over):
                write.gone = True
                remaining.pop()
            elif effect.kind in WRITES and reached and effect.certain and not written.tree:
                remaining.pop()
                write.covered = True
                self._covered.setdefault(start, []).append(write)
        if len(remaining) != len(below) or covered:
            self._below[start] = [write for write in remaining if not write.covered]
        if removes or effect.kind == REWRITES:
            self._hide_parts_of_trees(layer, effect, start)

    def _is_surely_folder(self, write: _Write, path: str) -> bool:
        written = write.effect
        if not written.tree or written.path != path:
            return False
        instruction = write.layer.instruction
        source = instruction.file.source.slice(written.span).strip("\"',")
        return written.basis == "context" or source.endswith(("/", ".")) or path in self._folders

    def _hide_parts_of_trees(self, layer: Layer, effect: Effect, start: str) -> None:
        """A removal inside a tree that an earlier layer copied: a part of it, nobody knows which."""
        folder = start
        while folder != "/":
            folder = folder.rpartition("/")[0] or "/"
            for write in self._trees.get(folder, ()):
                if not write.gone and write.layer is not layer:
                    self.hidden.append(Hidden(write.layer, write.effect, layer, effect, False, False))


def _inside(path: str, tree: str) -> bool:
    return is_below(literal_prefix(path), tree) and path != tree


def _workdir_after(instruction: Instruction) -> str | None:
    return instruction.stage.symbolic_workdir_at(instruction, after=True)


def mounted(run: Run) -> list[str]:
    """The absolute targets of a RUN's mounts: what is written there stays out of the layer."""
    found: list[str] = []
    cwd = run.stage.symbolic_workdir_at(run)
    for mount in run.mounts:
        if mount.type not in _MOUNTS:
            continue
        target = mount.target
        if target is None:
            if mount.type == "secret":
                found.append("/run/secrets")
            continue
        expanded = run.expand(target)
        path = resolve(expanded, cwd) if expanded else None
        if path is not None:
            found.append(path)
    return found


def copy_target(copy: Copy) -> tuple[str | None, bool]:
    """The absolute destination of a COPY or ADD, and whether it is surely a folder."""
    if copy.target is None:
        return None, False
    text = copy.expand(copy.target.text)
    if text is None:
        return None, False
    folder = text.endswith(("/", "/.")) or text in (".", "..", "") or len(copy.args) > 2
    return resolve(text or ".", copy.stage.symbolic_workdir_at(copy)), folder


def copy_effects(copy: Copy, folders: set[str]) -> list[Effect]:
    """What a COPY or ADD adds.

    Args:
        copy: The instruction.
        folders: Paths that are known to be folders when it runs.
    """
    target, folder = copy_target(copy)
    if target is None:
        return []
    folder = folder or target in folders
    found: list[Effect] = []
    for heredoc in copy.heredocs:
        path = join(target, heredoc.name) if folder else target
        found.append(Effect(ADDS, path, heredoc.word_span, origin="<<" + heredoc.name, size=len(heredoc.content)))
        found[-1].basis = "context"
    for word in copy.sources:
        source = copy.expand(word.text)
        if source is None:
            found.append(Effect(ADDS, target, word.span, tree=True, certain=False))
        elif is_remote(source):
            name = basename(source.partition("?")[0].partition("#")[0])
            tree = source.partition("#")[0].endswith(".git") or source.startswith("git@")
            path = join(target, name) if folder and name and not tree else target
            found.append(Effect(DOWNLOADS, path, word.span, tree=tree, origin=source))
        elif copy.origin is not None:
            found.append(_from_stage(source, target, folder, word.span))
        else:
            found.extend(_from_context(copy, source, target, folder, word.span))
    return found


def _from_stage(source: str, target: str, folder: bool, span: Span) -> Effect:
    path = clean("/" + source)
    tree = not _looks_like_file(path) or path == "/"
    # The content of a folder is copied, not the folder; a file goes below the target by its name.
    goal = join(target, basename(path)) if folder and not tree else target
    return Effect(ADDS, goal, span, tree=tree, certain=not tree, origin=source)


def _from_context(copy: Copy, source: str, target: str, folder: bool, span: Span) -> Iterator[Effect]:
    context = copy.file.context
    relative = clean("/" + source)[1:]
    matches: list[str] = []
    if context is not None:
        matches = context.glob(source)
    if context is None or not matches:
        tree = relative == "" or source.endswith("/") or has_glob(relative) or not _looks_like_file(relative)
        goal = join(target, basename(relative)) if folder and not tree else target
        yield Effect(ADDS, goal, span, tree=tree, certain=not tree, origin=relative or ".")
        return
    several = len(matches) > 1
    for match in matches:
        if match not in ("", ".") and not context.is_sent(match) and not context.size_of(match):
            continue
        tree = match in ("", ".") or _is_folder(copy, match)
        goal = target if tree else (join(target, basename(match)) if folder or several else target)
        size = context.size_of(match or ".")
        yield Effect(
            ADDS,
            goal,
            span,
            tree=tree,
            origin=match or ".",
            size=size,
            basis="context",
        )


def _is_folder(copy: Copy, path: str) -> bool:
    context = copy.file.context
    return context is not None and is_folder(f"{context.root}/{path}")


def _looks_like_file(path: str) -> bool:
    """Whether a name is that of a file: it has an ending, or is one of the well-known names without."""
    name = basename(path)
    return "." in name.lstrip(".") or name in (
        "Makefile",
        "Gemfile",
        "Pipfile",
        "Dockerfile",
        "LICENSE",
        "README",
        "Procfile",
        "Rakefile",
        "Cargo",
        "id_rsa",
        "id_ed25519",
        "id_dsa",
        "id_ecdsa",
        ".npmrc",
        ".netrc",
        ".pypirc",
        ".env",
        ".git-credentials",
    )


def chain_layers(stage: Stage) -> Layers:
    """The layers of a stage's chain, worked out once for each stage.

    Args:
        stage: The stage.
    """
    found = stage.file.layer_cache.get(stage.index)
    if not isinstance(found, Layers):
        found = stage.file.layer_cache[stage.index] = Layers(stage)
    return found
