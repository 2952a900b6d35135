"""Steps that stand below a copy that they do not need: found in one walk over the instructions of a stage.

Three kinds: an install of dependencies that needs their manifests alone, a step that reads nothing of what was copied,
and a build that fetches its dependencies itself. Whatever an unknown program ran in between may have made, a later
step may need, so the walk falls silent there.
"""

from __future__ import annotations

from posixpath import basename, dirname

from dfadvise.cachedirs import has_cache_mount, target_of
from dfadvise.dependencies import dependencies
from dfadvise.gopattern import has_wildcard
from dfadvise.layers import copy_effects, copy_target
from dfadvise.manifests import QUIET, SOURCE, brings, is_manifest
from dfadvise.needs import COMPILE, COSTLY, FILES, MANIFESTS, NOTHING, PROJECT, UNKNOWN_FILES, needs_of
from dfadvise.packages import INSTALLS, value_of
from dfadvise.paths import is_below
from dfadvise.syntax.instructions import Copy, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.dependencies import Dependencies
    from dfadvise.needs import Need
    from dfadvise.source import Span
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

DEPENDENCIES, UNRELATED, BUILD = "dependencies", "unrelated", "build"
_FOLDERS = frozenset(
    "/ /tmp /root /app /src /etc /opt /var /home /usr/local/bin /usr/src/app /usr/bin /code /workspace".split()
)
# Where the system's own settings are: what is copied there may be meant for the next install.
_SETTINGS = ("/etc", "/usr/share/keyrings", "/usr/local/share/ca-certificates", "/usr/local/etc", "/var/cache", "/root")
# What a copy from another stage brings when the dependencies were installed there.
_INSTALLED = {
    "node_modules": ("npm", "yarn", "yarn-berry", "pnpm", "bun"),
    ".yarn": ("yarn", "yarn-berry"),
    "mod": ("go",),
    "pkg": ("go",),
    "go": ("go",),
    "cargo": ("cargo",),
    ".cargo": ("cargo",),
    "target": ("cargo", "maven"),
    ".m2": ("maven",),
    ".gradle": ("gradle",),
    "packages": ("nuget",),
    ".nuget": ("nuget",),
    "vendor": ("composer", "go", "bundler"),
    "bundle": ("bundler",),
    "site-packages": ("pip", "poetry", "uv", "pipenv"),
    "venv": ("pip", "poetry", "uv", "pipenv"),
    ".venv": ("pip", "poetry", "uv", "pipenv"),
}
_MOVES = frozenset(("cp", "mv", "ln", "install", "rsync", "tar", "unzip", "tee", "patch"))


class Brought:
    """What one source word brings into the stage.

    Attributes:
        instruction: The COPY, ADD, or RUN with the bind mount.
        span: The word.
        source: The path in the context, or a wildcard; None when it is not known.
        target: The absolute path; None when it is not known.
        tree: Whether everything below the target comes with it.
        kinds: The kinds of files, see dfadvise.manifests.
    """

    __slots__ = ("instruction", "kinds", "source", "span", "target", "tree")

    def __init__(
        self,
        instruction: Instruction,
        span: Span,
        source: str | None,
        target: str | None,
        tree: bool,
        kinds: set[str],
    ) -> None:
        self.instruction = instruction
        self.span = span
        self.source = source
        self.target = target
        self.tree = tree
        self.kinds = kinds

    def __repr__(self) -> str:
        return f"Brought({self.source} -> {self.target}{'/**' if self.tree else ''} {sorted(self.kinds)})"

    @property
    def is_source(self) -> bool:
        """Whether files that are edited often are among them, and no settings of the system."""
        if SOURCE not in self.kinds:
            return False
        target = self.target
        return (
            target is None
            or not (target == "/" and self.tree)
            and not any(is_below(target, each) for each in _SETTINGS)
        )

    def place_of(self, path: str) -> str | None:
        """The path in the context of a path in the image; None when it is not of this copy."""
        if self.target is None or self.source is None or not self.covers(path):
            return None
        if not self.tree:
            return self.source if not has_wildcard(self.source) else None
        rest = path[len(self.target.rstrip("/")) + 1 :]
        if has_wildcard(self.source):
            return f"{dirname(self.source)}/{rest}".lstrip("/") if self.source.endswith("*") else None
        source = "" if self.source == "." else self.source
        return f"{source}/{rest}".strip("/") or "."

    def covers(self, path: str) -> bool:
        """Whether a path may be of this copy."""
        if self.target is None:
            return False
        return is_below(path, self.target) if self.tree else path == self.target


class Misplaced:
    """A step that re-runs when files change that it does not read.

    Attributes:
        kind: DEPENDENCIES, UNRELATED or BUILD.
        run: The RUN.
        need: The command; for UNRELATED the one that takes longest.
        copies: What is brought before it and not read, in order.
        known: What the manifests in the context say; None when they are not known.
        folder: The folder of the manifests in the image; None for UNRELATED, or when it is not known.
        mounted: Whether the RUN has a cache mount for the manager.
        alone: Whether everything else in the RUN may go with the command.
    """

    __slots__ = ("alone", "copies", "folder", "kind", "known", "mounted", "need", "run")

    def __init__(self, kind: str, run: Run, need: Need, copies: list[Brought]) -> None:
        self.kind = kind
        self.run = run
        self.need = need
        self.copies = copies
        self.known: Dependencies | None = None
        self.folder: str | None = None
        self.mounted = False
        self.alone = False


def misplaced(stage: Stage) -> Iterator[Misplaced]:
    """The steps of a stage that stand below what they do not read, those held back by ONBUILD apart.

    Args:
        stage: The stage.
    """
    outer = [each for each in stage.instructions if not isinstance(each, Onbuild)]
    if sum(isinstance(each, Run) for each in stage.instructions) or len(outer) < len(stage.instructions):
        done = _done_below(stage)
        walk = _Walk(done)
        yield from walk.play(outer)
        held = [each.inner for each in stage.instructions if isinstance(each, Onbuild) and each.inner is not None]
        if held:
            yield from _Walk(walk.done, walk.brought).play(held)


def _done_below(stage: Stage) -> set[str]:
    """The managers whose dependencies a parent stage installs from manifests alone."""
    if stage.parent is None:
        return set()
    walk = _Walk(_done_below(stage.parent))
    for _ in walk.play([each for each in stage.parent.instructions if not isinstance(each, Onbuild)]):
        pass
    return walk.done


class _Walk:
    __slots__ = ("brought", "done", "script", "sources")

    def __init__(self, done: set[str], brought: list[Brought] | None = None) -> None:
        # Managers with nothing more to say about: done from manifests, or reported.
        self.done = set(done)
        self.brought: list[Brought] = list(brought or ())
        self.sources: list[Brought] = []
        self.script = False

    def play(self, instructions: list[Instruction]) -> Iterator[Misplaced]:
        for instruction in instructions:
            if isinstance(instruction, Copy):
                self._copy(instruction)
            elif isinstance(instruction, Run):
                yield from self._run(instruction)

    def _copy(self, copy: Copy) -> None:
        if copy.origin is not None:
            for word in copy.args:
                for part in word.text.split("/"):
                    self.done.update(_INSTALLED.get(part, ()))
            return
        effects = [each for each in copy_effects(copy, set(_FOLDERS)) if not (each.origin or "").startswith("<<")]
        found: list[Brought] = []
        if not effects and not copy.heredocs:
            target, _ = copy_target(copy)
            for word in copy.sources:
                source = copy.expand(word.text)
                kinds = brings(copy, source) if source is not None else {SOURCE}
                found.append(Brought(copy, word.span, source, target, True, kinds))
        for effect in effects:
            if effect.kind == "downloads":
                continue
            kinds = brings(copy, effect.origin) if effect.origin is not None else {SOURCE}
            unpacked = copy.keyword == "ADD" and kinds == {QUIET}
            found.append(Brought(copy, effect.span, effect.origin, effect.path, effect.tree or unpacked, kinds))
        self.brought.extend(found)
        self.sources.extend(each for each in found if each.is_source)

    def _mounts(self, run: Run) -> list[Brought]:
        found: list[Brought] = []
        for mount in run.mounts:
            if mount.type != "bind" or "from" in mount.options:
                continue
            source = run.expand(mount.options.get("source", "."))
            kinds = brings(run, source) if source is not None else {SOURCE}
            tree = source is None or SOURCE in kinds
            found.append(Brought(run, mount.flag.span, source, target_of(run, mount), tree, kinds))
        return found

    def _run(self, run: Run) -> Iterator[Misplaced]:
        if run.is_opaque:
            self.script = True
            return
        bound = self._mounts(run)
        sources = self.sources + [each for each in bound if each.is_source]
        needs = needs_of(run)
        if not sources:
            self.done.update(need.action.manager.name for need in needs if _resolves(need))
            return
        brought = self.brought + bound
        blocked = self.script
        spoken = False
        for need in needs:
            if need.kind in (MANIFESTS, PROJECT, COMPILE) and _is_elsewhere(need, brought):
                need.kind = NOTHING
            if blocked or need.action is None or need.action.manager.name in self.done:
                blocked = blocked or _may_prepare(need, brought)
                continue
            if need.kind in (MANIFESTS, PROJECT, COMPILE):
                found = _judge(run, need, brought, sources)
                self.done.add(need.action.manager.name)
                if found is not None:
                    found.alone = all(_may_follow(each, brought) for each in needs)
                    spoken = True
                    yield found
            elif need.kind == UNKNOWN_FILES and _resolves(need):
                # `pip install .` and its like read the project; what follows of that manager stands on it.
                self.done.add(need.action.manager.name)
            blocked = blocked or _may_prepare(need, brought)
        if not spoken and not self.script and not bound:
            yield from self._unrelated(run, needs, brought)
        self.script = self.script or any(_may_prepare(need, brought) for need in needs)

    def _unrelated(self, run: Run, needs: list[Need], brought: list[Brought]) -> Iterator[Misplaced]:
        if not all(_reads_nothing(need, brought) for need in needs):
            return
        ranked = max(needs, key=_cost, default=None)
        if ranked is not None and _cost(ranked):
            found = Misplaced(UNRELATED, run, ranked, self.sources)
            found.alone = True
            found.mounted = ranked.action is not None and has_cache_mount(ranked.action)
            yield found


def _resolves(need: Need) -> bool:
    return need.action is not None and need.kind != NOTHING and need.action.effect in ("install", "download", "compile")


def _is_elsewhere(need: Need, brought: list[Brought]) -> bool:
    """Whether a command surely works on files that no copy brought."""
    if any(each.target is None or "$" in each.target for each in brought):
        return False
    if need.folder is None or "$" in need.folder or any("$" in path for path in need.paths):
        return False
    places = need.paths or [need.folder]
    return not any(each.covers(place) or is_below(each.target or "", place) for each in brought for place in places)


def _reads_nothing(need: Need, brought: list[Brought]) -> bool:
    if need.kind == NOTHING:
        return True
    if need.kind != FILES or not need.paths:
        return False
    for path in need.paths:
        for each in brought:
            if each.target is None or "$" in path or "$" in each.target:
                return False
            if each.covers(path) or is_below(each.target, path):
                return False
    return True


def _may_prepare(need: Need, brought: list[Brought]) -> bool:
    """Whether a command may make or change, from what was copied, files that a later step reads."""
    if need.kind == UNKNOWN_FILES:
        # A manager's scripts and builds stay in the project.
        return need.action is None and not _is_project_script(need)
    if need.kind != FILES or need.command.program not in _MOVES or _reads_nothing(need, brought):
        return False
    target = need.paths[-1]
    return is_manifest(target) or not any(each.covers(target) for each in brought)


def _is_project_script(need: Need) -> bool:
    from dfadvise.knowledge.language_managers import language_manager

    program = need.command.program
    return program is not None and (language_manager(program) is not None or program in ("npx", "pnpx", "bunx"))


def _may_follow(need: Need, brought: list[Brought]) -> bool:
    return need.kind in (MANIFESTS, NOTHING) or _reads_nothing(need, brought)


def _cost(need: Need) -> int:
    """What a command that reads nothing costs: 3 to 1, 0 for next to nothing."""
    action = need.action
    if action is not None:
        if action.effect in INSTALLS or action.effect in ("download", "compile"):
            return action.manager.rank
        return 1 if action.effect == "refresh" else 0
    program = need.command.program
    if program in COSTLY:
        return 2
    if program in ("curl", "wget"):
        return int(any("://" in word.partial for word in need.command.words))
    return int(program == "git" and need.command.subcommand == "clone")


def _judge(run: Run, need: Need, brought: list[Brought], sources: list[Brought]) -> Misplaced | None:
    """A step that installs dependencies below copied sources; None when it is well there, or nobody knows."""
    action = need.action
    assert action is not None
    manager = action.manager
    if need.folder is None or (manager.offline and manager.option_at(action.argv, manager.offline) >= 0):
        return None
    found = Misplaced(BUILD if need.kind == COMPILE else DEPENDENCIES, run, need, sources)
    found.folder = need.folder
    found.mounted = has_cache_mount(action)
    if need.kind == COMPILE and (found.mounted or _fetches_nothing(need)):
        return None
    known = _known(run, need, brought)
    if known is not None:
        if known.sources or known.none:
            return None
        found.known = known if known.files else None
        if not known.files and run.file.context is not None and run.file.context.known:
            return None
    read = {id(each) for each in brought if any(each.target == path and not each.tree for path in need.paths)}
    found.copies = [each for each in sources if id(each) not in read]
    return found if found.copies else None


def _fetches_nothing(need: Need) -> bool:
    """Whether a build surely, or likely enough, has all it needs in the sources."""
    action = need.action
    assert action is not None
    if action.manager.name == "go":
        if any(word.startswith("-mod=vendor") for word in action.argv) or "vendor" in (
            value_of(action, "GOFLAGS") or ""
        ):
            return True
        names = [word.partial for word in action.operands]
        if value_of(action, "GO111MODULE") == "off" or (names and all(name.endswith(".go") for name in names)):
            return True
        return action.command.instruction.file.context is None and "/go/src" in (need.folder or "")
    return action.manager.name == "cargo" and "--frozen" in action.argv


def _known(run: Run, need: Need, brought: list[Brought]) -> Dependencies | None:
    """What the context says of the manifests that a command reads; None when it is not known which they are."""
    context = run.file.context
    action = need.action
    if context is None or action is None or need.folder is None:
        return None
    if need.paths:
        named = [_place(path, brought) for path in need.paths]
        if any(path is None for path in named):
            return None
        return dependencies(action.manager, context, ".", tuple(path for path in named if path is not None))
    folder = _place(need.folder, brought)
    if folder is None:
        # Single manifests, copied into the folder.
        for each in reversed(brought):
            if each.target is not None and each.source and dirname(each.target) == need.folder:
                if is_manifest(each.source) and basename(each.source) == basename(each.target):
                    folder = dirname(each.source) or "."
                    break
    return None if folder is None else dependencies(action.manager, context, folder)


def _place(path: str, brought: list[Brought]) -> str | None:
    for each in reversed(brought):
        place = each.place_of(path)
        if place is not None:
            return place
    return None
