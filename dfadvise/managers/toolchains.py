"""Caches that are also the store a build takes its dependencies from: whether something later still uses them."""

from __future__ import annotations

from dfadvise.managers.packages import actions, inner, reading
from dfadvise.managers.programs import may_install
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Cmd, Entrypoint, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.manager import Manager
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

# Programs that run a toolchain themselves.
_DRIVERS = frozenset(
    """make just task npm yarn pnpm bun npx air reflex gow realize fresh CompileDaemon dlv modd watchexec systemfd trunk
    bacon cargo-watch dotnet-watch supervisord nodemon entr go-task foreman overmind hivemind honcho tini""".split()
)
# Subcommands of toolchains that look at no dependency.
_ASKING = frozenset(("version", "env", "help", "fmt", "config"))


def keeps_store(manager: Manager) -> bool:
    """Whether a manager's cache is where builds find their dependencies: go, cargo, maven, gradle, nuget, yarn 2."""
    return manager.store


def uses_store_later(run: Run, manager: Manager) -> bool:
    """Whether something behind a RUN may use the store of its toolchain, or nobody can tell.

    Args:
        run: The RUN that fills it.
        manager: The manager of the store.

    Returns:
        True also when neither CMD nor ENTRYPOINT says what the image is for.
    """
    if manager.name == "yarn-berry" or run.outer is not None:
        return True
    memo = remembered(run.file)
    slot = ("store", run.stage.index, manager.name)
    if slot not in memo:
        memo[slot] = _last_use(run.stage, manager)
    last: int = memo[slot]
    return last > run.index


def _last_use(stage: Stage, manager: Manager) -> int:
    """The index of the last instruction of a stage that may use a store; beyond all when what follows the stage may."""
    beyond = 1 << 60
    if not _is_started_plainly(stage.file, manager):
        return beyond
    if stage.file.exported is not stage and stage.children:
        return beyond
    for outer in reversed(stage.instructions):
        if isinstance(outer, Onbuild):
            return beyond
        if isinstance(outer, Run) and _uses(outer, manager):
            return outer.index
    return 0


def users_of(stage: Stage, manager: Manager) -> list[Run] | None:
    """The RUNs of a stage that use the store of a toolchain.

    Args:
        stage: The stage.
        manager: The manager of the store.

    Returns:
        None where something else may use it too: another stage, what the container starts, a program that nobody knows.
    """
    if not _is_started_plainly(stage.file, manager) or (stage.file.exported is not stage and stage.children):
        return None
    found: list[Run] = []
    for outer in stage.instructions:
        if isinstance(outer, Onbuild):
            return None
        if not isinstance(outer, Run):
            continue
        if outer.is_opaque:
            return None
        if any(action.manager is manager and action.effect != "clean" for action in actions(outer)):
            found.append(outer)
            continue
        using = (command for command in reading(outer).commands if _may_use(command, manager))
        if any(command.subcommand not in _ASKING for command in using):
            return None
    return found


def _uses(run: Run, manager: Manager) -> bool:
    if run.is_opaque or any(action.manager is manager and action.effect != "clean" for action in actions(run)):
        return True
    return any(_may_use(command, manager) for command in reading(run).commands)


def _may_use(command: ShellCommand, manager: Manager) -> bool:
    if command.program in manager.programs or command.program in _DRIVERS:
        return True
    return may_install(command)


def _is_started_plainly(file: Dockerfile, manager: Manager) -> bool:
    """Whether the image says what it runs, and that is neither a script nor the toolchain."""
    memo = remembered(file)
    slot = ("started", manager.name)
    if slot not in memo:
        memo[slot] = _finds_plain_start(file, manager)
    found: bool = memo[slot]
    return found


def _finds_plain_start(file: Dockerfile, manager: Manager) -> bool:
    last: dict[str, Instruction] = {}
    for instruction in file.exported.chain_instructions() if file.exported is not None else ():
        if isinstance(inner(instruction), Cmd | Entrypoint) and not isinstance(instruction, Onbuild):
            last[instruction.keyword] = instruction
    commands = [
        command
        for instruction in last.values()
        if isinstance(instruction, Cmd | Entrypoint)
        for command in instruction.all_commands()
    ]
    return bool(commands) and not any(_starts_toolchain(command, manager) for command in commands)


def _starts_toolchain(command: ShellCommand, manager: Manager) -> bool:
    program = command.program
    if program is None:
        return bool(command.words)
    if program == "dotnet" and command.subcommand is not None and command.subcommand.endswith(".dll"):
        return False
    if program in manager.programs or program in _DRIVERS:
        return True
    name = command.words[0].partial.lower()
    return (
        name.endswith((".sh", ".bash", ".py", ".rb", ".js")) or "entrypoint" in name or program in ("sh", "bash", ".")
    )
