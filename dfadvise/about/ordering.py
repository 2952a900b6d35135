"""Steps that stand below a copy that they do not need: found in one walk over the instructions of a stage.

Three kinds: an install of dependencies that needs their manifests alone, a step that reads nothing of what was copied,
and a build that fetches its dependencies itself. Whatever an unknown program ran in between may have made, a later
step may need, so the walk falls silent there.
"""

from __future__ import annotations

from posixpath import dirname

from dfadvise.about.brought import FOLDERS, Places, brought_by, is_credible, known_dependencies, mounted_by
from dfadvise.about.needs import COMPILE, FILES, MANIFESTS, NOTHING, PROJECT, UNKNOWN_FILES, cost_of, is_tool, needs_of
from dfadvise.gopath import has_wildcard
from dfadvise.knowledge.language_managers import NODE, WITH_WORKSPACES, WORKSPACE_FOLDERS, language_manager
from dfadvise.layers import copy_effects
from dfadvise.managers.cachedirs import has_cache_mount
from dfadvise.managers.manifests import MANIFEST, is_manifest
from dfadvise.managers.packages import value_of
from dfadvise.memory import remembered
from dfadvise.paths import clean, is_below
from dfadvise.syntax.instructions import Copy, Onbuild, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dfadvise.about.brought import Brought
    from dfadvise.about.needs import Need
    from dfadvise.managers.dependencies import Dependencies
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

DEPENDENCIES, UNRELATED, BUILD = "dependencies", "unrelated", "build"
# What a copy from another stage brings when the dependencies were installed there.
_INSTALLED: dict[str, Collection[str]] = {
    "node_modules": NODE,
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


class Misplaced:
    """A step that re-runs when files change that it does not read.

    Attributes:
        kind: DEPENDENCIES, UNRELATED or BUILD.
        run: The RUN.
        need: The command; for UNRELATED the one that takes longest.
        copies: What is brought before it and not read, in order.
        brought: Everything that is brought before it, in order.
        known: What the manifests in the context say; None when they are not known.
        folder: The folder of the manifests in the image; None for UNRELATED, or when it is not known.
        mounted: Whether the RUN has a cache mount for the manager.
        alone: Whether everything else in the RUN may go with the command.
    """

    __slots__ = ("alone", "brought", "copies", "folder", "kind", "known", "mounted", "need", "run")

    def __init__(self, kind: str, run: Run, need: Need, copies: list[Brought]) -> None:
        self.kind = kind
        self.run = run
        self.need = need
        self.copies = copies
        self.brought: list[Brought] = []
        self.known: Dependencies | None = None
        self.folder: str | None = None
        self.mounted = False
        self.alone = False


def misplaced(stage: Stage) -> list[Misplaced]:
    """The steps of a stage that stand below what they do not read, those held back by ONBUILD apart.

    Args:
        stage: The stage.
    """
    memo = remembered(stage.file)
    waiting: list[Stage] = []
    above: Stage | None = stage
    while above is not None and ("ordering.order", above.index) not in memo:
        waiting.append(above)
        above = above.parent
    while waiting:
        above = waiting.pop()
        memo["ordering.order", above.index] = _play(
            above, memo["ordering.order", above.parent.index][1] if above.parent else None
        )
    found: list[Misplaced] = memo["ordering.order", stage.index][0]
    return found


def _play(stage: Stage, below: _Walk | None) -> tuple[list[Misplaced], _Walk]:
    """The misplaced steps of a stage, and the walk that the stages on it go on from."""
    outer = [each for each in stage.instructions if not isinstance(each, Onbuild)]
    held = [each.inner for each in stage.instructions if isinstance(each, Onbuild) and each.inner is not None]
    walk = _Walk(below)
    found = list(walk.play(outer))
    if held:
        found.extend(_Walk(walk, walk.brought).play(held))
    return found, walk


class _Walk:
    __slots__ = ("below", "brought", "earlier", "last_source", "places", "script", "settled", "sources", "staged")

    def __init__(self, below: _Walk | None, brought: list[Brought] | None = None) -> None:
        self.below = below
        # RUNs whose managers are not in `settled` yet.
        self.earlier: list[Run] = []
        self.settled: set[str] | None = None
        self.brought: list[Brought] = list(brought or ())
        self.places = Places(self.brought)
        self.sources: list[Brought] = []
        # Where other stages' files come to.
        self.staged: list[str | None] = []
        self.script = False
        self.last_source = -1

    @property
    def done(self) -> set[str]:
        """The managers with nothing more to say about: their dependencies come from manifests, or were spoken of."""
        waiting: list[_Walk] = []
        walk: _Walk | None = self
        while walk is not None and walk.settled is None:
            waiting.append(walk)
            walk = walk.below
        done = walk._settle(set()) if walk is not None else set()
        while waiting:
            done = waiting.pop()._settle(done)
        return done

    def _settle(self, below: set[str]) -> set[str]:
        if self.settled is None:
            self.settled = set(below)
        while self.earlier:
            self.settled.update(_manager(need) for need in needs_of(self.earlier.pop()) if _resolves(need))
        return self.settled

    def play(self, instructions: list[Instruction]) -> Iterator[Misplaced]:
        for instruction in reversed(instructions):
            if isinstance(instruction, Copy) and any(
                each.is_source and not is_script(each) for each in brought_by(instruction)
            ):
                self.last_source = instruction.index
                break
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
            self.staged.extend(each.path for each in copy_effects(copy, set(FOLDERS)))
            return
        found = brought_by(copy)
        self.brought.extend(found)
        for each in found:
            self.places.add(each)
        self.sources.extend(each for each in found if each.is_source)

    def _run(self, run: Run) -> Iterator[Misplaced]:
        if run.is_opaque:
            self.script = True
            return
        bound = mounted_by(run)
        sources = self.sources + [each for each in bound if each.is_source]
        if not sources:
            self.earlier.append(run)
            return
        needs = needs_of(run)
        brought, places = self.brought, self.places
        if bound:
            brought = self.brought + bound
            places = Places(brought)
        needs = [self._placed(need, places) for need in needs]
        blocked = self.script
        spoken = read = False
        for need in needs:
            manager = _manager(need)
            if need.kind in (MANIFESTS, PROJECT, COMPILE) and not (blocked or read or manager in self.done):
                found = _judge(run, need, brought, sources, run.index < self.last_source)
                if found is not None and not spoken:
                    found.alone = all(_may_follow(each, places) for each in needs)
                    found.brought = brought
                    # Out of a branch or a loop it cannot be taken alone.
                    if found.alone or need.command.is_simple:
                        spoken = True
                        yield found
            if _resolves(need):
                # `pip install .` and its like read the project; what follows of that manager stands on it.
                self.done.add(manager)
            blocked = blocked or _may_prepare(need, places)
            read = read or need.kind == UNKNOWN_FILES
        if not spoken and not self.script and not bound:
            yield from self._unrelated(run, needs)
        self.script = self.script or any(_may_prepare(need, places) for need in needs)

    def _placed(self, need: Need, places: Places) -> Need:
        """A need for manifests that are none of the copies is one for nothing, or for another stage's files."""
        if need.kind not in (MANIFESTS, PROJECT, COMPILE):
            return need
        if self._is_staged(need):
            return need.as_kind(UNKNOWN_FILES)
        return need.as_kind(NOTHING) if _is_elsewhere(need, places) else need

    def _is_staged(self, need: Need) -> bool:
        """Whether a command works on files that come from another stage."""
        places: list[str | None] = [*need.paths] or [need.folder]
        # An install reads the manifests, not what lies in folders below them.
        alone = need.kind == MANIFESTS
        return any(
            path is None
            or place is None
            or is_below(place, path)
            or (is_below(path, place) and (not alone or dirname(path) == place or UNKNOWN in path or "$" in path))
            for path in self.staged
            for place in places
        )

    def _unrelated(self, run: Run, needs: list[Need]) -> Iterator[Misplaced]:
        if not all(_reads_nothing(need, self.places) for need in needs):
            return
        ranked = max(needs, key=cost_of, default=None)
        if ranked is not None and cost_of(ranked):
            found = Misplaced(UNRELATED, run, ranked, list(self.sources))
            found.alone = True
            found.mounted = ranked.action is not None and has_cache_mount(ranked.action)
            yield found


def _manager(need: Need) -> str:
    return need.action.manager.name if need.action is not None else ""


def _resolves(need: Need) -> bool:
    action = need.action
    return action is not None and need.kind != NOTHING and action.effect in ("install", "download", "compile")


def _is_elsewhere(need: Need, places: Places) -> bool:
    """Whether a command surely works on files that no copy brought."""
    if places.unknown or need.folder is None or "$" in need.folder or any("$" in path for path in need.paths):
        return False
    return not any(places.touches(path) for path in need.paths or [need.folder])


def _reads_nothing(need: Need, places: Places) -> bool:
    if need.kind == NOTHING:
        # A script among the copied files may go by the name of a well-known program.
        return need.action is not None or not is_tool(need) or not places.may_hold_program(need.command.program or "")
    if need.kind != FILES or not need.paths or places.unknown:
        return False
    return not any("$" in path or places.touches(path) for path in need.paths)


def _may_prepare(need: Need, places: Places) -> bool:
    """Whether a command may make or change, from what was copied, files that a later step reads."""
    if need.kind == UNKNOWN_FILES:
        # A manager's scripts and builds stay in the project.
        return need.action is None and not _is_project_script(need)
    if need.kind != FILES or need.command.program not in _MOVES or _reads_nothing(need, places):
        return False
    target = need.paths[-1]
    return is_manifest(target) or not places.covers(target)


def _is_project_script(need: Need) -> bool:
    program = need.command.program
    return program is not None and language_manager(program) is not None


def _may_follow(need: Need, places: Places) -> bool:
    return need.kind in (MANIFESTS, NOTHING) or _reads_nothing(need, places)


def _judge(run: Run, need: Need, brought: list[Brought], sources: list[Brought], more: bool) -> Misplaced | None:
    """A step that installs dependencies below copied sources; None when it is well there, or nobody knows.

    Args:
        more: Whether further sources are copied after it: then those before it are there for a reason, most often.
    """
    action = need.action
    assert action is not None
    manager = action.manager
    if need.folder is None or (manager.offline and manager.option_at(action.argv, manager.offline) >= 0):
        return None
    found = Misplaced(BUILD if need.kind == COMPILE else DEPENDENCIES, run, need, sources)
    found.folder = need.folder
    found.mounted = has_cache_mount(action)
    if need.kind in (COMPILE, PROJECT) and (found.mounted or _fetches_nothing(run, need)):
        return None
    known = known_dependencies(run, need, brought)
    if known is not None:
        if known.sources or known.none or (not known.files and is_credible(run)):
            # Without manifests in the context they are made by an earlier step, or lie elsewhere.
            return None
        found.known = known if known.files else None
    if found.known is None and _names_manifests(need, brought) and (more or _may_have_members(manager.name, sources)):
        return None
    if manager.name == "bundler" and found.known is None and ".gemspec" in run.file.source.text:
        return None
    read = {id(each) for each in brought if any(each.target == path and not each.tree for path in need.paths)}
    found.copies = [each for each in sources if id(each) not in read]
    return found if found.copies else None


def is_script(copy: Brought) -> bool:
    """Whether a copy brings one script, which changes less often than a project."""
    return not copy.tree and copy.source is not None and copy.source.endswith((".sh", ".bash", "entrypoint", "start"))


def _may_have_members(manager: str, sources: list[Brought]) -> bool:
    """Whether copied folders may be packages of a workspace, whose manifests an install reads too."""
    return manager in WITH_WORKSPACES and any(
        each.tree and clean("/" + (each.source or "")).split("/")[1] in WORKSPACE_FOLDERS for each in sources
    )


def _names_manifests(need: Need, brought: list[Brought]) -> bool:
    """Whether the manifests of a command are copied by name, before everything else of the project."""
    for each in brought:
        if each.kinds != {MANIFEST} or each.source is None:
            continue
        if has_wildcard(each.source):
            if not need.paths or each.target in [dirname(path) for path in need.paths]:
                return True
        elif not each.tree and (not need.paths or each.target in need.paths):
            return True
    return False


def _fetches_nothing(run: Run, need: Need) -> bool:
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
        folder = need.folder or "$"
        return not is_credible(run) and ("/go/src" in folder or "$" in folder)
    return action.manager.name == "cargo" and "--frozen" in action.argv
