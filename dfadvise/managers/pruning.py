"""Development dependencies that are taken out again, but in a later layer, which only hides them."""

from __future__ import annotations

from dfadvise.about.needs import needs_of
from dfadvise.knowledge.language_managers import NODE, leaves_development_out
from dfadvise.managers.devdependencies import places_of
from dfadvise.managers.lockfiles import manifest_installs
from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.paths import is_below
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.about.needs import Need
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

# Managers whose install without development dependencies takes those out that are there (pnpm.io, install: "will
# remove those insofar they were already installed"; docs.npmjs.com, npm-ci: node_modules "will be automatically
# removed before", npm-prune: "extraneous modules are pruned automatically"; read 2026-11-24). Not yarn: it is said to
# leave them (yarnpkg/yarn#6373).
_UNINSTALLING = frozenset(("npm", "pnpm"))
# How `prune` is told to (docs.npmjs.com, npm-prune; pnpm.io, prune; read 2026-11-24).
_PRODUCTION = frozenset(("--omit=dev", "--production", "--production=true", "--prod", "-P", "--only=production"))
# With these it works elsewhere, or does nothing.
_ELSEWHERE = ("--prefix", "-C", "--dir", "-w", "--workspace", "-g", "--global", "--location", "--dry-run")


class Prune:
    """A command that leaves no development dependencies in a folder.

    Attributes:
        command: The command.
        before: The RUN before its own.
        first: Whether it is the first command of its RUN.
    """

    __slots__ = ("before", "command", "first")

    def __init__(self, command: ShellCommand, before: Run | None, first: bool) -> None:
        self.command = command
        self.before = before
        self.first = first

    def follows(self, command: ShellCommand) -> bool:
        """Whether nothing runs between a command and this one."""
        run = self.before
        return self.first and run is command.instruction and reading(run).commands[-1] is command


def taken_out_later(stage: Stage, need: Need) -> Prune | None:
    """The command that takes an install's development dependencies out in a later RUN, so that its layer keeps them.

    Args:
        stage: The stage.
        need: An install of its chain.
    """
    action = need.action
    assert action is not None
    run = action.command.instruction
    assert isinstance(run, Run)
    if need.folder is None or not _is_in_layer(run, need):
        return None
    memo = remembered(stage.file)
    slot = ("taken out later", stage.index)
    if slot not in memo:
        memo[slot] = _last_prunes(stage)
    last: dict[str, Prune] = memo[slot]
    prune = last.get(need.folder) if action.manager.name in NODE else None
    if prune is None:
        return None
    later = prune.command.instruction
    return prune if (run.stage.index, run.index) < (later.stage.index, later.index) else None


def _is_in_layer(run: Run, need: Need) -> bool:
    """Whether no mount takes what an install writes."""
    for mount in run.mounts:
        if mount.target is None:
            continue
        target = run.expand(mount.target)
        if target is None or not target.startswith("/"):
            return False
        if any(is_below(place, target.rstrip("/")) for place in places_of(need)):
            return False
    return True


def _last_prunes(stage: Stage) -> dict[str, Prune]:
    """The last command of a chain, by folder, that surely leaves no development dependencies in node_modules."""
    found: dict[str, Prune] = {}
    before: Run | None = None
    for each in stage.chain_instructions():
        if not isinstance(each, Run):
            continue
        installs = {id(need.command) for need in manifest_installs(each)}
        for need in needs_of(each):
            if need.folder is not None and _prunes(need, id(need.command) in installs):
                found[need.folder] = Prune(need.command, before, reading(each).commands[0] is need.command)
        before = each
    return found


def _prunes(need: Need, installs: bool) -> bool:
    command, action = need.command, need.action
    if command.conditional:
        return False
    if action is not None and installs:
        return action.manager.name in _UNINSTALLING and leaves_development_out(action.use, action.argv)
    if command.program not in ("npm", "pnpm") or command.subcommand != "prune":
        return False
    texts = [word.partial for word in command.words[1:]]
    if any(text.startswith(_ELSEWHERE) for text in texts):
        return False
    # A name behind it prunes that package alone; `dev` may be the value of `--omit`.
    omitting = ("--omit", "dev") in zip(texts, texts[1:], strict=False)
    named = [word.partial for word in command.targets]
    if omitting and named == ["dev"]:
        named = []
    return not named and (omitting or any(text in _PRODUCTION for text in texts))
