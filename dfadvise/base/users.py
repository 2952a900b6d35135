"""Who a container runs as: the user that a chain ends as, and what drops root at the start."""

from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.knowledge.base_users import drops_root, not_root
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.programs import SHELLS
from dfadvise.knowledge.services import (
    DROPPERS,
    FUNCTIONS,
    INIT,
    INIT_BASES,
    INTERACTIVE,
    LOGINS,
    REPLS,
    ROOT_PACKAGES,
    ROOT_SERVICES,
    ROOT_WORDS,
    SCRIPTS,
    SWITCHERS,
)
from dfadvise.managers.packages import actions, reading
from dfadvise.memory import remembered
from dfadvise.paths import is_below
from dfadvise.shells.startup import Startup
from dfadvise.syntax.instructions import Copy, Run, Single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage

_ROOT = words("root 0 00 000")
_LONGEST_SCRIPT = 100_000
_MOST_COPIES = 100


def is_root(user: str) -> bool:
    """Whether a USER is root: `root`, `0`, `root:group`, `ContainerAdministrator`."""
    name = user.strip().partition(":")[0]
    return name in _ROOT or name.lower() == "containeradministrator"


def last_user(stage: Stage) -> Single | None:
    """The USER in force at the end of a stage's chain; None when the chain has none."""
    memo = remembered(stage.file)
    slot = ("last user", stage.index)
    if slot not in memo:
        memo[slot] = next(_users(stage), None)
    found: Single | None = memo[slot]
    return found


def _users(stage: Stage) -> Iterator[Single]:
    """The USERs of a chain, the last one first."""
    for each in reversed(stage.chain):
        for instruction in reversed(each.instructions):
            if isinstance(instruction, Single) and instruction.keyword == "USER":
                yield instruction


def switches_user(run: Run) -> bool:
    """Whether a RUN names a program that starts another one as another user."""
    return any(
        command.program in SWITCHERS or not SWITCHERS.isdisjoint(command.wrappers) for command in reading(run).commands
    )


def starts_unprivileged(stage: Stage) -> bool:
    """Whether the base is known to run as another user than root, or the platform that starts it picks one."""
    base = base_of(stage)
    if base is None:
        return False
    # The port of https may be written out.
    return not_root(base.name.replace(":443/", "/", 1), base.tag) or is_function(stage)


def is_function(stage: Stage) -> bool:
    """Whether a chain stands on the runtime of a function platform."""
    base = base_of(stage)
    return base is not None and base.name.startswith(FUNCTIONS)


def handover(stage: Stage) -> str | None:
    """Why a container of a stage may start as root: it drops root itself, or it is there to be entered.

    Args:
        stage: The exported stage.

    Returns:
        The reason, for people to read; None when there is none.
    """
    startup = Startup(stage)
    base = base_of(stage)
    drops = base is not None and (drops_root(base.name) or base.name.startswith(INIT_BASES))
    if base is not None and drops and startup.entrypoint is None:
        return f"the entrypoint of {base.name} drops root"
    if is_interactive(startup):
        return "it starts a shell to work in"
    program = startup.program
    if program in INIT:
        return f"{program} starts services as their own users"
    if program in LOGINS:
        return f"{program} starts sessions and jobs as their own users"
    for command in startup.commands():
        if command.program in SWITCHERS or not SWITCHERS.isdisjoint(command.wrappers):
            return "its command drops root"
    named = _named_dropper(stage, startup)
    return f"{named} drops root" if named else None


def may_need_root(stage: Stage) -> bool:
    """Whether what a container starts may need root, as far as can be told.

    Args:
        stage: The exported stage.

    Returns:
        False only when each program that is started is known by name, and no script that nobody can read is among
        them.
    """
    startup = Startup(stage)
    base = base_of(stage)
    if not startup.is_set or base is None or (base.distribution is None and not base.is_scratch and base.users is None):
        return True
    started = startup.words()
    names = {word.rpartition("/")[2] for word in started}
    if any(name in ROOT_SERVICES or name.rstrip("0123456789.") in ROOT_SERVICES for name in names):
        return True
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run):
            for action in actions(instruction):
                if action.installs and any(word.partial.partition("=")[0] in ROOT_PACKAGES for word in action.operands):
                    return True
    brought = any(name.endswith(SCRIPTS) or "entrypoint" in name or name == "init" for name in names)
    if not brought and startup.program is not None:
        return False
    scripts = list(_scripts(stage, startup))
    return not scripts or any(part in script for script in scripts for part in (*ROOT_WORDS, *ROOT_SERVICES))


def is_interactive(startup: Startup) -> bool:
    """Whether a container only starts a shell or another prompt, for a person to work at."""
    if startup.is_bare_shell and (startup.entrypoint is None or startup.cmd is None):
        return True
    argv: list[str | None] = []
    for started in (startup.entrypoint, startup.cmd):
        if started is None:
            continue
        commands = list(started.all_commands())
        if started is startup.cmd and startup.entrypoint is not None:
            argv.extend(word.text for word in started.args)
        elif len(commands) != 1 or commands[0].pipe_from is not None:
            return False
        else:
            argv.extend(commands[0].texts)
    if not argv or argv[0] is None:
        return False
    program = argv[0].rpartition("/")[2]
    options = argv[1:]
    if program == "php":
        return options == ["-a"]
    if program not in SHELLS and program not in REPLS and program.rstrip("0123456789.") not in ("python", "pypy"):
        return False
    return all(option in INTERACTIVE for option in options)


def _named_dropper(stage: Stage, startup: Startup) -> str | None:
    """A program that drops root which a RUN, a COPY or the script of the entrypoint names."""
    if mentions(stage.file, *DROPPERS):
        for instruction in stage.chain_instructions():
            if isinstance(instruction, Run):
                for command in reading(instruction).commands:
                    for word in (*command.wrapper_words, *command.words):
                        named = _dropper_in(word.partial)
                        if named:
                            return named
                    named = _dropper_in(command.body.text) if command.body is not None else None
                    if named:
                        return named
            elif isinstance(instruction, Copy):
                named = next(filter(None, (_dropper_in(part) for part in _copied(instruction))), None)
                if named:
                    return named
    for script in _scripts(stage, startup):
        named = _dropper_in(script)
        if named:
            return named
    return None


def _dropper_in(text: str) -> str | None:
    return next((name for name in DROPPERS if name in text), None)


def _copied(copy: Copy) -> Iterator[str]:
    yield copy.origin or ""
    for word in copy.sources:
        yield word.text
    for heredoc in copy.heredocs:
        yield heredoc.content


def _scripts(stage: Stage, startup: Startup) -> Iterator[str]:
    """The texts of the scripts that are started, as far as they come from the build context."""
    context = stage.file.context
    if context is None:
        return
    from dfadvise.layers import copy_effects

    names = [word for word in startup.words()[:4] if "." in word or "entrypoint" in word or "/" in word]
    for name in names:
        tail = name.lstrip("./")
        if not tail:
            continue
        copies = [each for each in stage.chain_instructions() if isinstance(each, Copy) and each.origin is None]
        for instruction in copies[:_MOST_COPIES]:
            for effect in copy_effects(instruction, {"/", "/usr/local/bin", "/usr/bin", "/app", "/opt"}):
                source = _source_of(effect.path, effect.origin, effect.tree, name, tail)
                text = context.read_text(source, _LONGEST_SCRIPT) if source else None
                if text:
                    yield text


def _source_of(path: str | None, origin: str | None, tree: bool, name: str, tail: str) -> str | None:
    """The file of the context that a started script comes from, when a copy brings it."""
    if path is None or origin is None or origin.startswith("<<"):
        return None
    if not tree:
        same = path == name if name.startswith("/") else path.endswith("/" + tail)
        return origin if same or origin.rpartition("/")[2] == tail else None
    if name.startswith("/"):
        return f"{origin}/{name[len(path) :].lstrip('/')}" if is_below(name, path) else None
    return f"{origin}/{tail}"
