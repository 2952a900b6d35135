"""Installs from manifests: which lock file lies beside them, in the context or in the image, and who holds to it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from posixpath import basename, dirname, join, normpath

from dfadvise.about.brought import FOLDERS, brought_by, known_dependencies, mounted_by
from dfadvise.about.needs import needs_of
from dfadvise.gopath import PatternError, has_wildcard
from dfadvise.gopattern import glob_steps, run
from dfadvise.knowledge.language_managers import NODE, frozen_by_env, holds_to_lock
from dfadvise.layers import copy_effects
from dfadvise.managers.packages import inner, is_configured, reading, value_of
from dfadvise.memory import chain_before, remembered
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.about.brought import Brought
    from dfadvise.about.needs import Need
    from dfadvise.managers.packages import Action
    from dfadvise.source import Span
    from dfadvise.stages import Stage

_ADDING = frozenset(
    ("add", "update", "up", "upgrade", "udpate", "global add", "dlx", "x", "create", "import", "deploy")
)
# By manager the verbs that install what the manifests ask for.
_VERBS = {
    "uv": ("sync",),
    "pipenv": ("install",),
    "composer": ("install", "i", "update", "u", "upgrade"),
    "bundler": ("install", "i"),
    "cargo": ("build", "b", "install", "run", "r", "test", "t", "check", "c", "fetch"),
    "nuget": ("restore",),
    "poetry": ("install", "sync"),
}
_GLOBAL = ("-g", "--global", "--location=global")
# Settings that hold an install to its lock file, and the file of the context where they can stand.
_SETTINGS = {
    "bundler": (("frozen", "deployment"), ".bundle/config"),
    "yarn": (("--install.frozen-lockfile", "--frozen-lockfile"), ".yarnrc"),
    "yarn-berry": (("enableimmutableinstalls",), ".yarnrc.yml"),
    "pnpm": (("frozen-lockfile", "frozenlockfile"), ".npmrc"),
    "bun": (("frozenlockfile",), "bunfig.toml"),
}


_MOST_STAGES = 200  # of a chain, from the top
_MOST_COPIES = 500


class Lock:
    """A lock file that an install could hold to.

    Attributes:
        name: Its name.
        span: The word that copies it into the image before the install; None where it only is in the context.
    """

    __slots__ = ("name", "span")

    def __init__(self, name: str, span: Span | None) -> None:
        self.name = name
        self.span = span


def manifest_installs(instruction: Run) -> list[Need]:
    """The commands of a RUN that install what the manifests in their folder ask for, nothing by name.

    Args:
        instruction: The RUN.
    """
    if not any(not each.manager.system for each in reading(instruction).actions):
        return []
    found = []
    for need in needs_of(instruction):
        action = need.action
        if action is not None and not action.manager.system and _reads_manifests(action):
            found.append(need)
    return found


def _reads_manifests(action: Action) -> bool:
    manager = action.manager
    if action.is_idle or action.effect not in ("install", "compile", "download") or action.operands:
        return False
    if manager.name in NODE:
        if manager.option_at(action.argv, _GLOBAL) >= 0 or action.effect != "install":
            return False
        return action.verb not in _ADDING and not action.verb.startswith("global")
    if manager.name == "cargo" and action.verb == "install":
        return manager.option_at(action.argv, ("--path",)) >= 0
    return action.verb in _VERBS.get(manager.name, ())


def lock_of(need: Need) -> Lock | None:
    """The lock file beside the manifests of an install; None when none was seen.

    Args:
        need: One of `manifest_installs`.
    """
    action = need.action
    assert action is not None
    instruction = action.command.instruction
    assert isinstance(instruction, Run)
    names = action.manager.locks
    if not names or need.folder is None:
        return None
    removed = _removed(instruction)
    names = tuple(name for name in names if name not in removed)
    wanted = {normpath(join(need.folder, name)): name for name in names if not has_wildcard(name)}
    for path, name in wanted.items():
        span = _named(instruction, path)
        if span is not None:
            return Lock(name, span)
    if instruction.file.context is None:
        return None
    brought = copies_before(instruction)
    known = known_dependencies(instruction, need, brought)
    if known is None:
        return None
    for path in known.files:
        name = basename(path)
        if name in names:
            return Lock(name, _copied(path, name, need.folder, brought))
    return None


def _named(instruction: Run, path: str) -> Span | None:
    """The word that copies a file to a path before a RUN, from the context by name or from another stage."""
    for each in mounted_by(instruction):
        if each.target == path and not each.tree:
            return each.span
    for stage, (index, _) in islice(chain_before(instruction), _MOST_STAGES):
        memo = remembered(stage.file)
        slot = ("copied files", stage.index)
        if slot not in memo:
            memo[slot] = _copied_files(stage)
        found = memo[slot].get(path)
        if found is not None and found[0] < index:
            span: Span = found[1]
            return span
    return None


def _copied_files(stage: Stage) -> dict[str, tuple[int, Span]]:
    """The files that a stage copies by name: where they come to, and where that is said first."""
    files: dict[str, tuple[int, Span]] = {}
    for each in _copies(stage):
        if each.target is not None and not each.tree and not has_wildcard(each.source or "*"):
            files.setdefault(each.target, (each.instruction.index, each.span))
    for copy in map(inner, stage.instructions):
        if isinstance(copy, Copy) and copy.origin is not None:
            for effect in copy_effects(copy, set(FOLDERS)):
                if effect.path is not None and not effect.tree:
                    files.setdefault(effect.path, (copy.index, effect.span))
    return files


def copies_before(instruction: Run) -> list[Brought]:
    """What the context has brought into the chain before a RUN, in order, its bind mounts included.

    Args:
        instruction: The RUN; of very many copies only the last are told.
    """
    found: list[Brought] = []
    for stage, (index, _) in islice(chain_before(instruction), _MOST_STAGES):
        copies = _copies(stage)
        at = bisect_left(copies, index, key=lambda each: each.instruction.index)
        found[:0] = copies[max(0, at - _MOST_COPIES) : at]
        if len(found) >= _MOST_COPIES:
            break
    return found + mounted_by(instruction)


def _copies(stage: Stage) -> list[Brought]:
    memo = remembered(stage.file)
    slot = ("copies", stage.index)
    if slot not in memo:
        copies = [each for each in map(inner, stage.instructions) if isinstance(each, Copy)]
        memo[slot] = [each for copy in copies for each in brought_by(copy)]
    found: list[Brought] = memo[slot]
    return found


def _copied(path: str, name: str, folder: str, brought: list[Brought]) -> Span | None:
    """The word that brings a file of the context into a folder of the image."""
    goal = normpath(join(folder, name))
    for each in brought:
        if each.place_of(goal) == path:
            return each.span
        source = each.source or ""
        # The target of `package*.json` is the folder.
        if has_wildcard(source) and each.target in (folder, goal) and dirname(source) == dirname(path):
            try:
                if run(glob_steps(basename(source)), name):
                    return each.span
            except PatternError:
                continue
    return None


def _removed(instruction: Run) -> set[str]:
    """The names of lock files that the chain removes before or in a RUN."""
    found: set[str] = set()
    for stage, (index, _) in islice(chain_before(instruction), _MOST_STAGES):
        memo = remembered(stage.file)
        slot = ("removed locks", stage.index)
        if slot not in memo:
            names: dict[str, int] = {}
            for each in map(inner, stage.instructions):
                if isinstance(each, Run):
                    for command in reading(each).commands:
                        for word in command.operands if command.program == "rm" else ():
                            if "lock" in word.partial or "shrinkwrap" in word.partial:
                                names.setdefault(basename(word.partial), each.index)
            memo[slot] = names
        found.update(name for name, at in memo[slot].items() if at <= index)
    return found


def holds_to(action: Action) -> bool:
    """Whether an install holds to its lock file or fails, or nobody knows: by option, variable or setting.

    Args:
        action: The command.
    """
    manager = action.manager
    if holds_to_lock(action.use, action.argv) or action.may_hold_options:
        return True
    for name in manager.frozen_env:
        value = value_of(action, name)
        if value is not None and (UNKNOWN in value or frozen_by_env(manager, name, value)):
            return True
    if manager.name == "nuget":
        return any("restorelockedmode" in word.lower() for word in action.argv)
    keys, file = _SETTINGS.get(manager.name, ((), ""))
    if any(is_configured(action, key, True) for key in keys):
        return True
    context = action.command.instruction.file.context
    text = context.read_text(file) if context is not None and file else None
    lower = (text or "").lower()
    return any(key in lower and "true" in lower.partition(key)[2][:12] for key in (*keys, "bundle_frozen"))
