"""What if the image stood on another kind of base: every line that would break there, and why.

The rewrite is proposed only when nothing would break, and then only the name of the base changes.
"""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.base.bases import base_of
from dfadvise.base.provisions import Provisions
from dfadvise.effects import DOWNLOADS, effects_of
from dfadvise.knowledge.base_images import alternatives, smaller_sibling
from dfadvise.knowledge.base_programs import lacks
from dfadvise.knowledge.base_users import users
from dfadvise.knowledge.packages import lacks_musl_build
from dfadvise.managers.packages import actions
from dfadvise.syntax.instructions import Cmd, Entrypoint, Healthcheck, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

KINDS = ("alpine", "distroless", "slim")
_FOREIGN = {
    "alpine": frozenset(("apt-get", "apt", "aptitude", "dpkg", "yum", "dnf", "microdnf", "rpm", "zypper", "pacman")),
    "slim": frozenset(("apk", "yum", "dnf", "rpm", "zypper", "pacman")),
}
# Options that BusyBox's own tools do not know.
_GNU_OPTIONS = {
    "wget": ("--progress", "--show-progress", "--no-clobber", "--content-disposition"),
    "cp": ("--parents", "--reflink"),
    "grep": ("-P", "--perl-regexp"),
    "date": ("--iso-8601",),
    "tar": ("--transform", "--wildcards"),
    "ps": ("-ef", "aux"),
}
_GLIBC_MARKS = ("linux-gnu", "manylinux", "-gnu.", "glibc")


class Break:
    """A line that would not work on the other base."""

    __slots__ = ("line", "reason", "text")

    def __init__(self, line: int, text: str, reason: str) -> None:
        self.line = line
        self.text = text
        self.reason = reason


class WhatIf:
    """The answer for one kind of base.

    Attributes:
        kind: "alpine", "distroless" or "slim".
        image: The image it would be; None when the tables know none for this base.
        size: Its compressed bytes; None when unknown.
        breaks: The lines that would break, in order.
        rewrite: The text on the other base; None when something would break or nothing is known.
    """

    __slots__ = ("breaks", "image", "kind", "rewrite", "size")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.image: str | None = None
        self.size: int | None = None
        self.breaks: list[Break] = []
        self.rewrite: str | None = None


def what_if(file: Dockerfile, kind: str) -> WhatIf:
    """What would break on another kind of base.

    Args:
        file: The Dockerfile.
        kind: One of `KINDS`.
    """
    answer = WhatIf(kind)
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
    answer.breaks = sorted(found, key=lambda each: each.line)
    word = bottom.from_.image if bottom.from_ is not None else None
    if not answer.breaks and word is not None and "$" not in word.text:
        text = file.source.text
        answer.rewrite = text[: word.span.start] + answer.image + text[word.span.end :]
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
            yield _break(instruction, f"{shell} is not in {image}")
        if isinstance(instruction, (Run, Cmd, Entrypoint, Healthcheck)):
            for command in instruction.all_commands():
                reason = _command(command, kind, image, missing, there)
                if reason is not None:
                    yield _break(instruction, reason)
        if isinstance(instruction, Run) and kind == "alpine":
            yield from _musl(instruction)
        there.read(instruction)


def _command(command: ShellCommand, kind: str, image: str, missing: frozenset[str], there: Provisions) -> str | None:
    program = command.program
    if program is None:
        return None
    if program in _FOREIGN.get(kind, ()):
        return f"{program} is not in {image}, which has {'apk' if kind == 'alpine' else 'apt'}"
    if program in missing and not there.may_have(program) and not command.failure_handled:
        return f"{program} is not in {image}"
    if kind == "alpine" and any(word.partial in _GNU_OPTIONS.get(program, ()) for word in command.words[1:]):
        return f"BusyBox's {program} does not know this option"
    if kind == "slim":
        return _compiles(command)
    return None


def _compiles(command: ShellCommand) -> str | None:
    """Language packages from source need the compilers and headers that only the full image has."""
    argv = [word.partial for word in command.words]
    if command.program in ("gcc", "g++", "make", "cc"):
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
                yield _break(run, f"{package} publishes no build for musl")
    for effect in effects_of(run):
        if effect.kind == DOWNLOADS and any(mark in (effect.origin or "") for mark in _GLIBC_MARKS):
            yield _break(run, "downloads a program that is built for glibc")


def _distroless(stage: Stage) -> Iterator[Break]:
    """What breaks where there is no shell and no package manager."""
    known = users("gcr.io/distroless/base-debian13", "") or {}
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run):
            yield _break(instruction, "there is no shell to run it; do it in a stage before and copy the result")
        elif isinstance(instruction, (Cmd, Entrypoint)) and instruction.form == "shell":
            yield _break(instruction, "there is no shell for the shell form")
        elif isinstance(instruction, Healthcheck) and instruction.kind == "CMD":
            yield _break(instruction, "there is no shell and no curl or wget to check with")
        elif instruction.keyword == "USER" and instruction.args:
            user = (instruction.expand(instruction.args[0].text) or "").partition(":")[0]
            if user and not user.isdigit() and user not in known:
                yield _break(instruction, f"{user} is not in /etc/passwd; `nonroot` is user 65532")
        elif isinstance(instruction, (Cmd, Entrypoint)) and instruction.args:
            program = instruction.args[0].text.rpartition("/")[2]
            if program in ("sh", "bash", "ash", "npm", "yarn", "pnpm", "npx", "gunicorn", "uvicorn"):
                yield _break(instruction, f"{program} is not there")


def _break(instruction: Instruction, reason: str) -> Break:
    from dfadvise.advice import one_line, shorten

    return Break(instruction.line, shorten(one_line(instruction)), reason)


def report(file: Dockerfile, kind: str) -> str:
    """The answer as text."""
    answer = what_if(file, kind)
    path = file.source.path
    if answer.image is None:
        base = file.exported.base.raw if file.exported is not None and file.exported.base is not None else "its base"
        return f"{path}: no {kind} image is known in the place of {base}\n"
    size = f", {human(answer.size)} compressed" if answer.size else ""
    out = [f"{path} on {answer.image}{size}"]
    if not answer.breaks:
        out.append("  nothing is known to break")
        if answer.rewrite is not None and file.exported is not None:
            out.append(f"  FROM {answer.image}")
        return "\n".join(out) + "\n"
    width = max(len(str(each.line)) for each in answer.breaks)
    out.extend(f"  {each.line:>{width}}  {each.text}\n  {'':>{width}}    {each.reason}" for each in answer.breaks)
    count = len(answer.breaks)
    out.append(f"  {count} {'line' if count == 1 else 'lines'} would break")
    return "\n".join(out) + "\n"
