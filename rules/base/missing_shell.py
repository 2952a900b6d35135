from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.base.provisions import Provisions
from dfadvise.knowledge.programs import SHELLS
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.shells import execform
from dfadvise.shells.startup import Startup
from dfadvise.syntax.instructions import Commanding, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Commanding


class MissingShell(Rule):
    """An instruction needs a shell, and its image has none.

    Why:
        Scratch, distroless and chiseled images hold no /bin/sh. Shell form runs through it, so a RUN fails to build,
        a CMD or ENTRYPOINT does not start, and a HEALTHCHECK fails each time.

    Bad:
        FROM scratch
        COPY server.bin /server.bin
        CMD /server.bin

    Bad (nothing can run there):
        FROM gcr.io/distroless/static-debian13
        COPY server.bin /server.bin
        RUN chmod 755 /server.bin

    Bad (a shell as program):
        FROM gcr.io/distroless/nodejs24-debian13:nonroot
        COPY app.js /app.js
        ENTRYPOINT ["/bin/sh", "-c", "exec node /app.js"]

    Good (exec form):
        FROM scratch
        COPY server.bin /server.bin
        CMD ["/server.bin"]

    Good (a whole system is unpacked there):
        FROM scratch
        ADD rootfs.tar.xz /
        RUN ["/bin/true"]
        CMD /bin/bash

    Good (the debug variant has BusyBox):
        FROM gcr.io/distroless/static-debian13:debug
        COPY server.bin /server.bin
        RUN chmod 755 /server.bin

    Fixed:
        FROM gcr.io/distroless/static-debian13:debug
        COPY server.bin /server.bin
        RUN chmod 755 /server.bin

    Variants:
        not onbuild: what starts a container of the child image is not known

    Fix:
        unsafe: exec form for one simple command of literal words; it is process 1 then.
    """

    on = ("file",)
    mentions = ("scratch", "distroless", "chainguard", "dhi.io", "chiseled")
    severity = "error"
    aliases = ("tally:shell-run-in-scratch",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        done: dict[int, Provisions] = {}
        for stage in file.stages:
            base = base_of(stage)
            if base is None or not base.has_no_shell:
                continue
            there = Provisions.of(stage, done)
            held_back: list[Onbuild] = []
            for instruction in stage.instructions:
                if isinstance(instruction, Onbuild):
                    held_back.append(instruction)
                    continue
                if isinstance(instruction, Run):
                    yield from self._needed(instruction, base, there)
                there.read(instruction)
            for each in held_back:
                # A trigger runs in another build, where all of this is there.
                if isinstance(each.inner, Run):
                    yield from self._needed(each.inner, base, there)
                there.read(each)
            if stage.children:
                done[stage.index] = there
            if stage is file.exported:
                startup = Startup(stage)
                for started in (startup.entrypoint or startup.cmd, startup.healthcheck):
                    if started is not None:
                        yield from self._needed(started, base, there)

    def _needed(self, instruction: Commanding, base: Base, there: Provisions) -> Iterator[Finding]:
        if not instruction.args:
            return
        if instruction.stage.shell_at(instruction) is not None:
            return
        if instruction.form == "exec":
            shell = instruction.args[0].text
            if shell.rpartition("/")[2] not in SHELLS:
                return
        else:
            shell = "/bin/sh"
        if there.open or there.may_hold(shell) or there.may_have(shell.rpartition("/")[2]):
            return
        form = "starts a shell" if instruction.form == "exec" else "is in shell form"
        yield self.finding(
            instruction.args_span if instruction.form != "exec" else instruction.args[0].span,
            f"{instruction.keyword} {form}, and {base.label} has no shell",
            instruction.outer or instruction,
            aliases=("tally:shell-run-in-scratch",) if isinstance(instruction, Run) and base.is_scratch else (),
            fix=_exec_form(instruction),
            cause=("shell", id(instruction)),
        )


def _exec_form(instruction: Commanding) -> Fix | None:
    """The exec form of one simple command of literal words."""
    if isinstance(instruction, Run):
        # A RUN finds no program there unless it was copied to the very path.
        command = execform.simple_command(instruction)
        if command is None or not command.words[0].partial.startswith("/"):
            return None
    edits = execform.edits(instruction)
    return Fix("Use the exec form", edits) if edits else None
