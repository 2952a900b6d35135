"""The build cache in advance: what invalidates each instruction, and what re-runs when something changes.

The keys are BuildKit's own, measured on the plans that it makes (read 2026-08-21):

- RUN: its command, every ENV and every ARG declared so far, used or not, user, working directory, shell and mounts. A
  bind mount adds the content of what it brings; the content of a cache mount and the value of a secret never count.
- COPY and ADD from the context: the content, mode and owner of the files that match, never their times; ENV and ARG
  only where a word uses them. From a stage: the same over that stage's files, so a stage that re-ran and made the
  same files changes nothing. ADD of a URL: what the server says of it.
- WORKDIR: its path and the user. LABEL, CMD, ENTRYPOINT, EXPOSE, VOLUME, HEALTHCHECK and STOPSIGNAL: nothing.

And whatever stands below: a step re-runs when the one before it did, but for COPY --link.
"""

from __future__ import annotations

from dfadvise.gopath import PatternError, clean, has_wildcard
from dfadvise.gopattern import glob_steps, run
from dfadvise.knowledge.frontend import is_remote
from dfadvise.managers.manifests import SOURCE, brings, brings_manifest
from dfadvise.syntax.instructions import Arg, Copy, Env, Onbuild, Run, Single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.base.images import ImageRef
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.mounts import Mount

SCENARIOS = ("source", "manifest", "argument", "base", "time")
NEVER, MAYBE, SURELY = 0, 1, 2
_LAYERS = frozenset(("RUN", "COPY", "ADD", "WORKDIR"))


class Change:
    """Something that is different at the next build.

    Args:
        kind: "source" (a file of the context that is no manifest), "manifest" (a dependency manifest or lock file),
            "argument" (the value of a build argument), "base" (the tag of a base image moves) or "time" (nothing
            but the day: what is looked up on the network may have moved).
        name: The path in the context, the argument, or the image as written; "" for any of that kind.
    """

    __slots__ = ("_ends", "_found", "_global", "kind", "name")

    def __init__(self, kind: str, name: str = "") -> None:
        self.kind = kind
        self.name = clean("/" + name)[1:] if kind in ("source", "manifest") else name
        self._ends: dict[int, _State] = {}
        self._found: dict[int, list[Rerun]] = {}
        self._global: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"Change({self.kind} {self.name})"


class Rerun:
    """An instruction that does not come from the cache.

    Attributes:
        instruction: The RUN, COPY, ADD or WORKDIR; FROM where the base itself is another one.
        own: Whether the change is in its own key; False when it only stands on one that re-runs.
        certain: Whether it surely re-runs: False behind a copy from a stage that may come out the same.
    """

    __slots__ = ("certain", "instruction", "own")

    def __init__(self, instruction: Instruction, own: bool, certain: bool) -> None:
        self.instruction = instruction
        self.own = own
        self.certain = certain

    def __repr__(self) -> str:
        return f"Rerun({self.instruction}{', own' if self.own else ''}{'' if self.certain else ' ?'})"


class _State:
    """What a change has reached up to a point: broken says how surely the steps below re-run."""

    __slots__ = ("broken", "directory", "tainted", "user")

    def __init__(self, below: _State | None = None) -> None:
        self.broken: int = below.broken if below else NEVER
        self.tainted: set[str] = set(below.tainted) if below else set()
        self.directory: bool = below.directory if below else False
        self.user: bool = below.user if below else False


class CacheModel:
    """The cache of one stage.

    Args:
        stage: The stage.
    """

    __slots__ = ("_scenarios", "stage")

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._scenarios: dict[int, list[str]] | None = None

    def reruns(self, change: Change) -> list[Rerun]:
        """The instructions of this stage that re-run after a change, in order; those of its parents are not listed.

        Args:
            change: The change; the same object may be asked about every stage of a file, and remembers.
        """
        index = self.stage.index
        if index not in change._found:
            # Parents and sources of copies always stand before.
            for stage in self.stage.file.stages[: index + 1] if index >= 0 else [self.stage]:
                if stage.index not in change._found:
                    change._found[stage.index] = CacheModel(stage)._play(change)
        return change._found[index]

    def triggers(self, change: Change) -> list[Rerun]:
        """As `reruns`, for what the stage's ONBUILD instructions hold back, when they run on top of it."""
        state = _State()
        bodies = [inner for inner in map(_inner, self.stage.instructions) if inner is not None]
        return list(self._steps(bodies, state, change))

    def reruns_on(self, instruction: Instruction) -> list[str]:
        """The scenarios in whose general form an instruction of this stage re-runs.

        Args:
            instruction: An instruction of this stage.
        """
        if self._scenarios is None:
            self._scenarios = {}
            for kind in SCENARIOS:
                for rerun in self.reruns(Change(kind)):
                    self._scenarios.setdefault(id(rerun.instruction), []).append(kind)
        return self._scenarios.get(id(instruction), [])

    def _play(self, change: Change) -> list[Rerun]:
        stage = self.stage
        parent = stage.parent
        found: list[Rerun] = []
        if parent is not None:
            state = _State(change._ends[parent.index])
            # A local parent's triggers run first, in the child.
            bodies = [inner for inner in map(_inner, parent.instructions) if inner is not None]
            found.extend(self._steps(bodies, state, change))
        else:
            state = _State()
            state.broken = self._base(change)
            if state.broken and stage.from_ is not None:
                found.append(Rerun(stage.from_, True, state.broken == SURELY))
        found.extend(self._steps(stage.instructions, state, change))
        change._ends[stage.index] = state
        return found

    def _base(self, change: Change) -> int:
        """How surely the stage's external image is another one."""
        image = self.stage.image
        from_ = self.stage.from_
        if from_ is None:
            return NEVER
        if change.kind == "argument":
            words = [word.text for word in from_.args[:1]] + [flag.value or "" for flag in from_.flags]
            tainted = _tainted_globals(self.stage.file, change)
            return SURELY if any(_uses(word, tainted) for word in words) else NEVER
        return _moves(image, change) if image is not None else NEVER

    def _steps(self, instructions: Iterable[Instruction], state: _State, change: Change) -> Iterator[Rerun]:
        for instruction in instructions:
            own = self._own(instruction, state, change)
            if instruction.keyword not in _LAYERS:
                continue
            linked = isinstance(instruction, Copy) and is_linked(instruction)
            if own:
                yield Rerun(instruction, True, own == SURELY)
            elif state.broken and not linked:
                yield Rerun(instruction, False, state.broken == SURELY)
            state.broken = max(state.broken, own)

    def _own(self, instruction: Instruction, state: _State, change: Change) -> int:
        """How surely the change is in the instruction's own key; takes note of what it hands on."""
        if isinstance(instruction, Run):
            return self._own_run(instruction, state, change)
        if isinstance(instruction, Copy):
            return self._own_copy(instruction, state, change)
        if change.kind != "argument":
            return NEVER
        if isinstance(instruction, Arg):
            self._declare(instruction, state, change)
        elif isinstance(instruction, Env):
            self._set(instruction, state)
        elif isinstance(instruction, Single):
            used = _uses(instruction.value, state.tainted)
            if instruction.keyword == "WORKDIR":
                state.directory = used or (state.directory and not instruction.value.startswith("/"))
                return SURELY if used or state.user or state.directory else NEVER
            if instruction.keyword == "USER":
                state.user = used
        return NEVER

    def _own_run(self, run: Run, state: _State, change: Change) -> int:
        if state.tainted or state.directory or state.user:
            return SURELY
        found = NEVER
        for mount in run.mounts:
            if mount.type == "bind" or mount.options.get("from"):
                found = max(found, self._own_mount(run, mount, change))
        return found

    def _own_mount(self, run: Run, mount: Mount, change: Change) -> int:
        if mount.options.get("from"):
            return self._edge(run, change, mount.flag)
        if change.kind not in ("source", "manifest"):
            return NEVER
        return sees(run, mount.options.get("source", "."), change)

    def _own_copy(self, copy: Copy, state: _State, change: Change) -> int:
        if change.kind == "argument":
            words = [word.text for word in copy.args] + [flag.value or "" for flag in copy.flags]
            words += [heredoc.content for heredoc in copy.heredocs if heredoc.expand]
            relative = copy.target is not None and not copy.target.text.startswith("/")
            used = any(_uses(word, state.tainted) for word in words)
            found = SURELY if used or (relative and state.directory) else NEVER
        else:
            found = NEVER
        if copy.origin is not None:
            return max(found, self._edge(copy, change, copy.flag("from")))
        for word in copy.sources:
            if is_remote(word.text):
                pinned = copy.flag("checksum") is not None or _is_commit(word.text.partition("#")[2])
                found = max(found, MAYBE if change.kind == "time" and not pinned else NEVER)
            elif change.kind in ("source", "manifest"):
                found = max(found, sees(copy, word.text, change))
        if found == SURELY and copy.flag("exclude") is not None:
            return MAYBE
        return found

    def _edge(self, instruction: Instruction, change: Change, flag: object) -> int:
        for edge in instruction.stage.edges:
            if edge.instruction is instruction and edge.flag is flag:
                if edge.stage is not None:
                    # Its files may come out the same.
                    return MAYBE if change._ends[edge.stage.index].broken else NEVER
                return _moves(edge.image, change) and MAYBE if edge.image is not None else NEVER
        return NEVER

    def _declare(self, instruction: Arg, state: _State, change: Change) -> None:
        for pair in instruction.pairs:
            inherited = pair.value is None and pair.key in _tainted_globals(self.stage.file, change)
            if pair.key == change.name or inherited or _uses(pair.value or "", state.tainted):
                state.tainted.add(pair.key)
            else:
                state.tainted.discard(pair.key)

    def _set(self, instruction: Env, state: _State) -> None:
        # A whole ENV sees the environment from before it; it hides an ARG of the same name.
        used = [(pair.key, _uses(pair.value or "", state.tainted)) for pair in instruction.pairs]
        for name, tainted in used:
            if tainted:
                state.tainted.add(name)
            else:
                state.tainted.discard(name)


def _is_commit(reference: str) -> bool:
    name = reference.partition(":")[0]
    return len(name) == 40 and not name.strip("0123456789abcdef")


def _inner(instruction: Instruction) -> Instruction | None:
    return instruction.inner if isinstance(instruction, Onbuild) else None


def is_linked(copy: Copy) -> bool:
    """Whether a COPY or ADD has a layer of its own, whatever stands below it (`--link`)."""
    flag = copy.flag("link")
    return flag is not None and (flag.value or "true").lower() == "true" and copy.flag("chmod") is None


def _moves(image: ImageRef | None, change: Change) -> int:
    """How surely a tag names another image after a change."""
    if image is None or image.is_scratch or image.digest is not None:
        return NEVER
    if change.kind == "base" and change.name in ("", image.raw, image.text):
        return SURELY
    return MAYBE if change.kind == "time" else NEVER


def _tainted_globals(file: Dockerfile, change: Change) -> frozenset[str]:
    """The global arguments whose value a change of an argument reaches."""
    if change._global is None:
        tainted: set[str] = set()
        for instruction in file.preamble.instructions:
            if isinstance(instruction, Arg):
                for pair in instruction.pairs:
                    if pair.key == change.name or _uses(pair.value or "", tainted):
                        tainted.add(pair.key)
        change._global = frozenset(tainted)
    return change._global


def _uses(word: str, names: Iterable[str]) -> bool:
    return any(uses_variable(word, name) for name in names)


def uses_variable(text: str, name: str) -> bool:
    """Whether a text names a variable: `$NAME`, `${NAME...}`."""
    at = text.find(name)
    while at > 0:
        end = at + len(name)
        after = text[end : end + 1]
        whole = not (after.isalnum() or after == "_")
        if whole and (text[at - 1] == "$" or text[at - 2 : at] == "${"):
            return True
        at = text.find(name, end)
    return False


def sees(instruction: Instruction, source: str, change: Change) -> int:
    """How surely a changed file of the context is among what a source word brings.

    Args:
        instruction: The COPY, ADD or RUN that the word belongs to.
        source: The word.
        change: A change of kind "source" or "manifest".
    """
    expanded = instruction.expand(source)
    if expanded is None:
        return MAYBE
    if not change.name:
        kinds = brings(instruction, expanded)
        if change.kind == "source":
            return SURELY if SOURCE in kinds else NEVER
        # Settings beside sources do not make a manifest of them; alone they change as rarely as one.
        met = brings_manifest(instruction, expanded) if SOURCE in kinds else bool(kinds)
        return SURELY if met else NEVER
    context = instruction.file.context
    if context is not None and not context.is_sent(change.name):
        return NEVER
    pattern = clean("/" + expanded)[1:]
    if not has_wildcard(pattern):
        return SURELY if pattern == "" or (change.name + "/").startswith(pattern + "/") else NEVER
    try:
        steps = [glob_steps(part) for part in pattern.split("/")]
    except PatternError:
        return NEVER
    parts = change.name.split("/")
    fits = len(parts) >= len(steps) and all(run(step, part) for step, part in zip(steps, parts, strict=False))
    return SURELY if fits else NEVER
