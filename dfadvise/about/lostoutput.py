"""What a RUN writes under a mount that does not stay, and where something else counts on it.

A cache or tmpfs mount, and a writable bind mount, keep what is written there out of the layer: behind the RUN the path
is what it was before, most often nothing.
"""

from __future__ import annotations

from dfadvise.about.needs import UNKNOWN_FILES, needs_of
from dfadvise.about.removals import FOREVER
from dfadvise.base.bases import base_of
from dfadvise.effects import HARMLESS, INTERPRETERS, effects_of
from dfadvise.layers import WRITES, copy_effects
from dfadvise.managers.cachedirs import may_serve, target_of
from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.paths import clean, has_glob, is_below, literal_prefix
from dfadvise.syntax.instructions import Cmd, Copy, Entrypoint, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.effects import Effect
    from dfadvise.source import Span
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.mounts import Mount

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
# These write nothing but what they print; `effects_of` knows where that goes.
_LOOKING = HARMLESS - INTERPRETERS - {"awk", "gawk"}

MOST_READS = 60  # reads under mounts that are looked into, a stage


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
    reads: dict[str | None, list[Read]] | None = None
    seen: set[tuple[int, str]] = set()
    for run in stage.instructions:
        if not isinstance(run, Run) or not run.mounts or run.is_opaque:
            continue
        for mount in run.mounts:
            kept = mount.type in ("cache", "tmpfs", "bind") and mount.writable
            path = target_of(run, mount) if kept else None
            if path is None or path == "/":
                continue
            if reads is None:
                reads = _filed(_reads(stage))
            for read in (*reads.get(path, ()), *reads.get(None, ())):
                if read.place > run.index and read.has_no_mount(path) and (id(read), path) not in seen:
                    seen.add((id(read), path))
                    if len(seen) > MOST_READS:
                        return
                    if read.store and not _stores(run, read.store, path):
                        continue
                    if not _is_there(stage, run, path, read):
                        yield Lost(run, mount, read.path or path, read.reader, read.span)


class Read:
    """A path that is read where no mount of the RUN before is.

    Attributes:
        reader: The instruction.
        span: The word there.
        path: What is read; None for whatever is in a manager's store.
        store: The manager that takes its store for complete, or "".
        place: The index of the reader in the stage; beyond all for another stage's.
        mounted: The paths that the reader has mounts at.
    """

    __slots__ = ("mounted", "path", "place", "reader", "span", "store")

    def __init__(
        self, reader: Instruction, span: Span, path: str | None, place: int, mounted: list[str], store: str = ""
    ) -> None:
        self.reader = reader
        self.span = span
        self.path = path
        self.store = store
        self.place = place
        self.mounted = mounted

    def has_no_mount(self, path: str) -> bool:
        """Whether the reader has no mount where another one has."""
        return not any(is_below(path, each) or is_below(each, path) for each in self.mounted)


def _filed(reads: Iterable[Read]) -> dict[str | None, list[Read]]:
    """Reads by their path and every folder above it; those of stores under None."""
    found: dict[str | None, list[Read]] = {}
    for read in reads:
        path = read.path
        while path:
            found.setdefault(path, []).append(read)
            path = path.rpartition("/")[0]
        if read.path is None:
            found.setdefault(None, []).append(read)
    return found


def _reads(stage: Stage) -> Iterator[Read]:
    """Who reads what of a stage: copies from it, its RUNs, CMD and ENTRYPOINT, and those of what stands on it."""
    for other in stage.file.stages:
        for edge in other.edges:
            copy = edge.instruction
            if edge.stage is None or stage not in edge.stage.chain or not isinstance(copy, Copy):
                continue
            for word in copy.sources:
                source = copy.expand(word.text)
                if source is not None:
                    yield Read(copy, word.span, literal_prefix(clean("/" + source)), FOREVER, [])
    for later in stage.descendants():
        place = later.index if later.stage is stage else FOREVER
        if isinstance(later, Run):
            yield from _read_by(later, place)
        elif isinstance(later, Cmd | Entrypoint):
            for command in later.all_commands():
                for program in command.words[:1]:
                    text = program.text
                    if text is not None and text.startswith("/"):
                        yield Read(later, program.span, clean(text), place, [])


def _targets(run: Run) -> list[str]:
    return [path for path in (target_of(run, mount) for mount in run.mounts) if path is not None]


def _read_by(later: Run, place: int) -> Iterator[Read]:
    if later.is_opaque:
        return
    mounted = _targets(later)
    for need in needs_of(later):
        command = need.command
        if command.conditional or command.failure_handled:
            continue
        if command.program in _READERS:
            names = [path for path in need.paths if not has_glob(path)]
            if command.program in ("cp", "mv", "ln", "install", "tar"):
                names = names[:1] if names[:1] == need.paths[:1] else []
            for path in names:
                yield Read(later, command.argv_span, path, place, mounted)
        else:
            text = command.words[0].text if command.words else None
            if text is not None and text.startswith("/"):
                yield Read(later, command.words[0].span, clean(text), place, mounted)
        action = need.action
        options = _WITHOUT_NETWORK.get(action.manager.name, ()) if action is not None else ()
        if action is not None and options and action.manager.option_at(action.argv, options) >= 0:
            yield Read(later, action.span, None, place, mounted, action.manager.name)


def _stores(run: Run, manager: str, path: str) -> bool:
    """Whether a RUN fills a manager's store at a path."""
    return any(each.manager.name == manager and may_serve(run, each.manager, path) for each in reading(run).actions)


def _is_there(stage: Stage, run: Run, target: str, read: Read) -> bool:
    """Whether something else in the chain may put a path where it is read."""
    path = read.path or target
    for each in stage.chain_instructions():
        if each is run or each is read.reader:
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
            if _makes_anything(each) or any(_meets(made, path) for made in _made(each)):
                return True
    # The base may hold it: an empty one surely does not.
    return _may_be_in_base(stage, path)


def _makes_anything(run: Run) -> bool:
    """Whether nobody knows what a RUN makes."""
    if run.is_opaque:
        return True
    if any(need.kind == UNKNOWN_FILES and need.command.program not in _LOOKING for need in needs_of(run)):
        return True
    return any(action.effect == "compile" for action in reading(run).actions)


def _made(run: Run) -> list[str]:
    memo = remembered(run.file)
    slot = ("lostoutput.made", id(run))
    if slot not in memo:
        memo[slot] = [effect.path or "/" for effect in effects_of(run) if effect.kind in WRITES]
    found: list[str] = memo[slot]
    return found


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
