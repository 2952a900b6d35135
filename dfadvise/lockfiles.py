"""Installs from manifests: which lock file lies beside them, in the context or in the image, and who holds to it."""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath

from dfadvise.brought import FOLDERS, brought_by, known_dependencies, mounted_by
from dfadvise.gopattern import PatternError, glob_steps, has_wildcard, run
from dfadvise.knowledge.language_managers import frozen_by_env, holds_to_lock
from dfadvise.layers import copy_effects
from dfadvise.needs import needs_of
from dfadvise.packages import inner, is_configured, reading, remembered, value_of
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.brought import Brought
    from dfadvise.needs import Need
    from dfadvise.packages import Action
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
_NODE = ("npm", "yarn", "yarn-berry", "pnpm", "bun")
_GLOBAL = ("-g", "--global", "--location=global")
# Settings that hold an install to its lock file, and the file of the context where they can stand.
_SETTINGS = {
    "bundler": (("frozen", "deployment"), ".bundle/config"),
    "yarn": (("--install.frozen-lockfile", "--frozen-lockfile"), ".yarnrc"),
    "yarn-berry": (("enableimmutableinstalls",), ".yarnrc.yml"),
    "pnpm": (("frozen-lockfile", "frozenlockfile"), ".npmrc"),
    "bun": (("frozenlockfile",), "bunfig.toml"),
}


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
    if manager.name in _NODE:
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
    brought = copies_before(instruction)
    for each in brought:
        if each.target in wanted and not each.tree and not has_wildcard(each.source or "*"):
            return Lock(wanted[each.target], each.span)
    for path, span in _from_stages(instruction):
        if path in wanted:
            return Lock(wanted[path], span)
    known = known_dependencies(instruction, need, brought)
    if known is None:
        return None
    for path in known.files:
        name = basename(path)
        if name in names:
            return Lock(name, _copied(path, name, need.folder, brought))
    return None


def copies_before(instruction: Run) -> list[Brought]:
    """What the context has brought into the chain before a RUN, its bind mounts included."""
    found: list[Brought] = []
    for stage in instruction.stage.chain:
        index = instruction.index if stage is instruction.stage else 1 << 60
        found.extend(each for each in _copies(stage) if each.instruction.index < index)
    return found + mounted_by(instruction)


def _copies(stage: Stage) -> list[Brought]:
    memo = remembered(stage.file)
    slot = ("copies", stage.index)
    if slot not in memo:
        copies = [each for each in map(inner, stage.instructions) if isinstance(each, Copy)]
        memo[slot] = [each for copy in copies for each in brought_by(copy)]
    found: list[Brought] = memo[slot]
    return found


def _from_stages(instruction: Run) -> list[tuple[str, Span]]:
    """The files that were copied from other stages before a RUN of the same stage, by name."""
    memo = remembered(instruction.file)
    slot = ("files from stages", instruction.stage.index)
    if slot not in memo:
        found = []
        for each in map(inner, instruction.stage.instructions):
            if isinstance(each, Copy) and each.origin is not None:
                for effect in copy_effects(each, set(FOLDERS)):
                    if effect.path is not None and not effect.tree:
                        found.append((each.index, effect.path, effect.span))
        memo[slot] = found
    files: list[tuple[int, str, Span]] = memo[slot]
    return [(path, span) for index, path, span in files if index < instruction.index]


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
    """The names of files that the chain removes before or in a RUN."""
    found: set[str] = set()
    for stage in instruction.stage.chain:
        memo = remembered(stage.file)
        slot = ("removed files", stage.index)
        if slot not in memo:
            names: dict[str, int] = {}
            for each in map(inner, stage.instructions):
                if isinstance(each, Run):
                    for command in reading(each).commands:
                        if command.program == "rm":
                            for word in command.operands:
                                names.setdefault(basename(word.partial), each.index)
            memo[slot] = names
        index = instruction.index if stage is instruction.stage else 1 << 60
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
