"""What if the image stood on another kind of base: every line that would break there, and why."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.advice import shown
from dfadvise.base.bases import base_of
from dfadvise.base.provisions import Provisions
from dfadvise.effects import DOWNLOADS, effects_of
from dfadvise.knowledge.base_images import alternatives, smaller_sibling
from dfadvise.knowledge.base_programs import lacks
from dfadvise.knowledge.base_users import users
from dfadvise.knowledge.other_bases import COMPILERS, DISTROLESS, FOREIGN, GLIBC_MARKS, GNU_OPTIONS, NOT_DISTROLESS
from dfadvise.knowledge.packages import lacks_musl_build
from dfadvise.managers.packages import actions
from dfadvise.report.common import count_of, printable
from dfadvise.secret.redact import Secrets
from dfadvise.syntax.instructions import Cmd, Commanding, Entrypoint, Healthcheck, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction


class Break:
    """An instruction that would not work on the other base, and why."""

    __slots__ = ("instruction", "reason")

    def __init__(self, instruction: Instruction, reason: str) -> None:
        self.instruction = instruction
        self.reason = reason


class WhatIf:
    """The answer for one kind of base.

    Attributes:
        image: The image it would be; None when the tables know none for this base.
        size: Its compressed bytes; None when unknown.
        breaks: What would break, in order.
        named: Whether the FROM names its base plainly, so that the other name can stand there.
    """

    __slots__ = ("breaks", "image", "named", "size")

    def __init__(self) -> None:
        self.image: str | None = None
        self.size: int | None = None
        self.breaks: list[Break] = []
        self.named = False


def what_if(file: Dockerfile, kind: str) -> WhatIf:
    """What would break on another kind of base.

    Args:
        file: The Dockerfile.
        kind: "alpine", "distroless" or "slim".
    """
    answer = WhatIf()
    stage = file.exported
    if stage is None:
        return answer
    bottom = stage.chain[0]
    base = base_of(bottom)
    if base is None:
        return answer
    if kind == "slim":
        sibling = smaller_sibling(base.name, base.tag)
        if sibling is not None:
            answer.image, answer.size = f"{sibling.name}:{sibling.tag}", sibling.sibling_size
    else:
        for other in alternatives(base.name, base.tag):
            if other.kind == kind:
                answer.image, answer.size = other.image, other.size
    if answer.image is None:
        return answer
    found = _distroless(stage) if kind == "distroless" else _system(stage, kind, answer.image)
    answer.breaks = sorted(found, key=lambda each: each.instruction.line)
    word = bottom.from_.image if bottom.from_ is not None else None
    answer.named = word is not None and "$" not in word.text
    return answer


def _system(stage: Stage, kind: str, image: str) -> Iterator[Break]:
    """What breaks where programs are missing or have another libc."""
    name, _, tag = image.partition(":")
    missing = lacks(name, tag)
    there = Provisions()
    for instruction in stage.chain_instructions():
        shell = (
            instruction.args[0].text.rpartition("/")[2] if instruction.keyword == "SHELL" and instruction.args else ""
        )
        if shell and shell in missing and not there.may_have(shell):
            yield Break(instruction, f"{shell} is not in {image}")
        if isinstance(instruction, Commanding):
            for command in instruction.all_commands():
                reason = _command(command, kind, image, missing, there)
                if reason is not None:
                    yield Break(instruction, reason)
        if isinstance(instruction, Run) and kind == "alpine":
            yield from _musl(instruction)
        there.read(instruction)


def _command(command: ShellCommand, kind: str, image: str, missing: frozenset[str], there: Provisions) -> str | None:
    program = command.program
    if program is None:
        return None
    if program in FOREIGN.get(kind, ()):
        return f"{program} is not in {image}, which has {'apk' if kind == 'alpine' else 'apt'}"
    if program in missing and not there.may_have(program) and not command.failure_handled:
        return f"{program} is not in {image}"
    if kind == "alpine" and any(word.partial in GNU_OPTIONS.get(program, ()) for word in command.words[1:]):
        return f"BusyBox's {program} does not know this option"
    if kind == "slim":
        return _compiles(command)
    return None


def _compiles(command: ShellCommand) -> str | None:
    """Language packages from source need the compilers and headers that only the full image has."""
    argv = [word.partial for word in command.words]
    if command.program in COMPILERS:
        return f"{command.program} is not in a slim image"
    if "--no-binary" in argv or any(word.startswith("--no-binary=") for word in argv):
        return "compiles from source, and a slim image has no compiler"
    return None


def _musl(run: Run) -> Iterator[Break]:
    for action in actions(run):
        if not action.installs or action.manager.system:
            continue
        for word in action.operands:
            package = (word.text or "").partition("=")[0].partition("[")[0]
            if package and lacks_musl_build(action.manager.name, package.lower()):
                yield Break(run, f"{package} publishes no build for musl")
    for effect in effects_of(run):
        if effect.kind == DOWNLOADS and any(mark in (effect.origin or "") for mark in GLIBC_MARKS):
            yield Break(run, "downloads a program that is built for glibc")


def _distroless(stage: Stage) -> Iterator[Break]:
    """What breaks where there is no shell and no package manager."""
    known = users(DISTROLESS, "") or {}
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run):
            yield Break(instruction, "there is no shell to run it; do it in a stage before and copy the result")
        elif isinstance(instruction, (Cmd, Entrypoint)) and instruction.form == "shell":
            yield Break(instruction, "there is no shell for the shell form")
        elif isinstance(instruction, Healthcheck) and instruction.kind == "CMD":
            yield Break(instruction, "there is no shell and no curl or wget to check with")
        elif instruction.keyword == "USER" and instruction.args:
            user = (instruction.expand(instruction.args[0].text) or "").partition(":")[0]
            if user and not user.isdigit() and user not in known:
                yield Break(instruction, f"{user} is not in /etc/passwd; `nonroot` is user 65532")
        elif isinstance(instruction, (Cmd, Entrypoint)) and instruction.args:
            program = instruction.args[0].text.rpartition("/")[2]
            if program in NOT_DISTROLESS:
                yield Break(instruction, f"{program} is not there")


def report(file: Dockerfile, kind: str) -> str:
    """The answer as text."""
    answer = what_if(file, kind)
    path = file.source.path
    if answer.image is None:
        base = file.exported.base.raw if file.exported is not None and file.exported.base is not None else "its base"
        return printable(f"{path}: no {kind} image is known in the place of {base}") + "\n"
    size = f", {human(answer.size)} compressed" if answer.size else ""
    out = [f"{path} on {answer.image}{size}"]
    if not answer.breaks:
        out.append("  nothing is known to break")
        if answer.named:
            out.append(f"  FROM {answer.image}")
    else:
        secrets = Secrets(file.source.text, [])
        width = len(str(answer.breaks[-1].instruction.line))
        for each in answer.breaks:
            out.append(f"  {each.instruction.line:>{width}}  {shown(each.instruction, secrets)}")
            out.append(f"  {'':>{width}}    {each.reason}")
        out.append(f"  {count_of(len({each.instruction.line for each in answer.breaks}), 'line')} would break")
    return "".join(f"{printable(line)}\n" for line in out)
