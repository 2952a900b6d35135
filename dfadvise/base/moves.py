"""What a file would have to change to stand on a smaller image of another kind: Alpine, distroless."""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.packages import READY_MADE
from dfadvise.knowledge.programs import SHELLS
from dfadvise.knowledge.tags import dotted, version
from dfadvise.managers.packages import actions, reading
from dfadvise.shells.startup import Startup
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.source import Span
    from dfadvise.stages import Stage

    # What would have to change, and the first place of it; None where it has no place.
    Obstacle = tuple[str, Span | None]

_DISTROLESS_PYTHON = (3, 13)  # Debian 13's
_ACCOUNTS = frozenset(("useradd", "usermod", "groupadd", "groupmod", "userdel"))


def obstacles(stage: Stage, kind: str) -> list[Obstacle]:
    """What stands against another kind of base in the chain of a stage.

    Args:
        stage: The stage that ships.
        kind: "alpine" or "distroless".

    Returns:
        Facts about this file, the weightiest first; what holds for every file of that kind is left out.
    """
    return _for_alpine(stage) if kind == "alpine" else _for_distroless(stage)


def _for_alpine(stage: Stage) -> list[Obstacle]:
    apt: list[Span] = []
    native: dict[str, Span] = {}
    bash: Span | None = None
    accounts: dict[str, Span] = {}
    copied: dict[str, Span] = {}
    sources = {id(edge.instruction): edge.stage for each in stage.chain for edge in each.edges}
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run):
            for action in actions(instruction):
                if action.manager.name == "apt" and action.effect in ("install", "refresh"):
                    apt.append(action.command.words[0].span)
                elif action.manager.name in READY_MADE and action.effect == "install":
                    native.setdefault(action.text, action.command.words[0].span)
            for command in reading(instruction).commands:
                if command.program == "bash" and bash is None and command.words:
                    bash = command.words[0].span
                elif command.program in _ACCOUNTS:
                    accounts.setdefault(command.program, command.words[0].span)
        elif instruction.keyword == "SHELL" and instruction.args and bash is None:
            bash = instruction.args[0].span if instruction.args[0].text.endswith("bash") else None
        elif isinstance(instruction, Copy):
            source = sources.get(id(instruction))
            below = base_of(source) if source is not None else None
            if source is not None and below is not None and below.libc == "glibc":
                copied.setdefault(source.label, instruction.args_span)
    found: list[Obstacle] = []
    for label, span in copied.items():
        found.append((f"what stage {label} builds is for glibc, not musl", span))
        break
    if native:
        found.append((f"{' and '.join(native)} may have to compile for musl", next(iter(native.values()))))
    if apt:
        times = f", {len(apt)} times" if len(apt) > 1 else ""
        found.append((f"apk instead of apt{times}", apt[0]))
    if bash is not None:
        found.append(("there is no bash", bash))
    if accounts:
        found.append((f"adduser and addgroup instead of {next(iter(accounts))}", next(iter(accounts.values()))))
    return found


def _for_distroless(stage: Stage) -> list[Obstacle]:
    found: list[Obstacle] = []
    runs = [each for each in stage.chain_instructions() if isinstance(each, Run)]
    if runs:
        what = "1 RUN moves" if len(runs) == 1 else f"{len(runs)} RUNs move"
        found.append((f"{what} to a build stage", runs[0].name_span))
    installs = [action for run in runs for action in actions(run) if action.manager.system and action.installs]
    if installs:
        found.append(("system packages have to be copied from there", installs[0].command.words[0].span))
    base = base_of(stage)
    own = version(base.tag or "")[:2] if base is not None and base.name == "python" else ()
    if len(own) == 2 and own != _DISTROLESS_PYTHON:
        found.append((f"its Python is {dotted(_DISTROLESS_PYTHON)}, not {dotted(own)}", None))
    startup = Startup(stage)
    for started in (startup.entrypoint, startup.cmd, startup.healthcheck):
        if started is None or not started.args:
            continue
        starts_shell = started.args[0].text.rpartition("/")[2] in SHELLS
        if started.form != "exec" or starts_shell:
            found.append((f"{started.keyword} runs a shell, and there is none", started.name_span))
        elif started.args[0].text.endswith((".sh", ".bash")):
            found.append((f"{started.keyword} is a shell script, and there is no shell", started.args[0].span))
    return found
