"""What a RUN writes under a mount that does not stay, and where something else counts on it.

A cache or tmpfs mount, and a writable bind mount, keep what is written there out of the layer: behind the RUN the path
is what it was before, most often nothing.
"""

from __future__ import annotations

from dfadvise.bases import base_of
from dfadvise.cachedirs import may_serve, target_of
from dfadvise.effects import effects_of
from dfadvise.layers import WRITES, copy_effects
from dfadvise.needs import UNKNOWN_FILES, needs_of
from dfadvise.packages import reading
from dfadvise.paths import clean, has_glob, is_below, literal_prefix
from dfadvise.syntax.instructions import Cmd, Copy, Entrypoint, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.effects import Effect
    from dfadvise.source import Span
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction, Mount

# Options with which a tool takes what is in its store, or fails.
_WITHOUT_NETWORK = {
    "nuget": ("--no-restore",),
    "maven": ("-o", "--offline"),
    "gradle": ("--offline",),
    "cargo": ("--offline", "--frozen"),
}
# Folders that builds make, and that no ignore file lets through.
_OUTPUTS = frozenset("target build dist out bin obj .next .nuxt .output node_modules vendor .venv venv public".split())
_BUILT = _OUTPUTS - {"bin", "public", "vendor"}
_READERS = frozenset("cp mv strip upx install tar gzip zip chmod chown ln sha256sum ls cat file java".split())


class Lost:
    """A path that is read where the mount is not.

    Attributes:
        run: The RUN with the mount.
        mount: The mount.
        path: What is read.
        reader: The instruction that reads it.
        span: The word there.
    """

    __slots__ = ("mount", "path", "reader", "run", "span")

    def __init__(self, run: Run, mount: Mount, path: str, reader: Instruction, span: Span) -> None:
        self.run = run
        self.mount = mount
        self.path = path
        self.reader = reader
        self.span = span


def lost_outputs(stage: Stage) -> Iterator[Lost]:
    """What the mounts of a stage's RUNs lose, one entry for each place that reads it.

    Args:
        stage: The stage.
    """
    for run in stage.instructions:
        if not isinstance(run, Run) or not run.mounts or run.is_opaque:
            continue
        for mount in run.mounts:
            kept = mount.type in ("cache", "tmpfs") or (mount.type == "bind" and mount.writable)
            path = target_of(run, mount) if kept and mount.writable else None
            if path is None or path == "/":
                continue
            for reader, span, read in _reads(stage, run, path):
                if not _is_there(stage, run, path, read, reader):
                    yield Lost(run, mount, read, reader, span)


def _reads(stage: Stage, run: Run, path: str) -> Iterator[tuple[Instruction, Span, str]]:
    """Who reads below a path without the mount: copies from the stage, later RUNs, CMD and ENTRYPOINT."""
    file = stage.file
    for other in file.stages:
        for edge in other.edges:
            copy = edge.instruction
            if edge.stage is None or stage not in edge.stage.chain or not isinstance(copy, Copy):
                continue
            for word in copy.sources:
                source = copy.expand(word.text)
                read = None if source is None else clean("/" + source)
                if read is not None and is_below(literal_prefix(read), path):
                    yield copy, word.span, read
    for later in stage.after(run):
        if isinstance(later, Run):
            if not any(is_below(path, each) or is_below(each, path) for each in _targets(later)):
                yield from _read_by(run, later, path)
        elif isinstance(later, Cmd | Entrypoint):
            for command in later.all_commands():
                for program in command.words[:1]:
                    text = program.text
                    if text is not None and text.startswith("/") and is_below(clean(text), path):
                        yield later, program.span, clean(text)


def _targets(run: Run) -> list[str]:
    return [path for path in (target_of(run, mount) for mount in run.mounts) if path is not None]


def _read_by(run: Run, later: Run, path: str) -> Iterator[tuple[Instruction, Span, str]]:
    if later.is_opaque:
        return
    for need in needs_of(later):
        command = need.command
        if command.conditional or command.failure_handled:
            continue
        if command.program in _READERS:
            names = [read for read in need.paths if is_below(read, path) and not has_glob(read)]
            if command.program in ("cp", "mv", "ln", "install", "tar"):
                names = names[:1] if need.paths and names[:1] == need.paths[:1] else []
            for read in names:
                yield later, command.argv_span, read
        else:
            text = command.words[0].text if command.words else None
            if text is not None and text.startswith("/") and is_below(clean(text), path):
                yield later, command.words[0].span, clean(text)
        action = need.action
        if action is not None and _stores(run, action.manager.name, path):
            options = _WITHOUT_NETWORK.get(action.manager.name, ())
            if options and action.manager.option_at(action.argv, options) >= 0:
                yield later, action.span, path


def _stores(run: Run, manager: str, path: str) -> bool:
    """Whether a RUN fills a manager's store at a path."""
    return any(each.manager.name == manager and may_serve(run, each.manager, path) for each in reading(run).actions)


def _is_there(stage: Stage, run: Run, target: str, path: str, reader: Instruction) -> bool:
    """Whether something else in the chain may put a path where it is read."""
    for each in stage.chain_instructions():
        if each is run or each is reader:
            continue
        if isinstance(each, Copy):
            for effect in copy_effects(each, set()):
                if effect.path is None or is_below(effect.path, path):
                    return True
                if is_below(path, effect.path) and _brings(each, effect, target):
                    return True
        elif isinstance(each, Run):
            if any(is_below(target, other) or is_below(other, target) for other in _targets(each)):
                continue
            if each.is_opaque or any(need.kind == UNKNOWN_FILES for need in needs_of(each)):
                return True
            if any(action.effect == "compile" for action in reading(each).actions):
                return True
            for effect in effects_of(each):
                if effect.kind in WRITES and (effect.path is None or _meets(effect.path, path)):
                    return True
    # The base may hold it: an empty one surely does not.
    return _may_be_in_base(stage, path)


def _brings(copy: Copy, effect: Effect, target: str) -> bool:
    """Whether a copied tree above the mount may bring what lies under it: not what builds make, as a rule."""
    assert effect.path is not None
    if not is_below(target, effect.path) or copy.origin is not None or effect.origin is None:
        return True
    context = copy.file.context
    rest = target[len(effect.path.rstrip("/")) + 1 :]
    source = "" if effect.origin == "." else effect.origin + "/"
    if context is not None and context.count_of(effect.origin) > 1:
        return context.count_of(source + rest) > 0
    return not rest or rest.rpartition("/")[2] not in _OUTPUTS


def _meets(one: str, other: str) -> bool:
    return is_below(other, literal_prefix(one)) or is_below(one, other)


def _may_be_in_base(stage: Stage, path: str) -> bool:
    """Whether a base image may bring a path; what builds make is in no image that nobody knows."""
    base = base_of(stage)
    if base is None:
        return True
    return base.distribution is None and not base.is_scratch and _BUILT.isdisjoint(path.split("/"))
