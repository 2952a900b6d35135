from __future__ import annotations

from dfadvise.base.bases import is_windows
from dfadvise.editing import cutting, dropping
from dfadvise.managers.packages import inner
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Flag, Instruction


class UnsupportedOnWindows(Rule):
    """A Windows stage uses what there is on Linux alone.

    Why:
        Windows containers know no mounts of a RUN and no Unix owners and modes, so the build stops there. STOPSIGNAL
        is taken and has no effect.

    Bad:
        FROM mcr.microsoft.com/windows/servercore:ltsc2025
        COPY --chown=ContainerUser app.exe C:/app/

    Bad (a mount):
        FROM mcr.microsoft.com/dotnet/framework/sdk:4.8.1
        RUN --mount=type=cache,target=C:/packages nuget restore

    Fixed:
        FROM mcr.microsoft.com/dotnet/framework/sdk:4.8.1
        RUN nuget restore

    Bad (a signal):
        FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
        STOPSIGNAL SIGTERM
        COPY app.exe C:/app/

    Fixed:
        FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
        COPY app.exe C:/app/

    Good:
        FROM mcr.microsoft.com/windows/servercore:ltsc2025
        COPY app.exe C:/app/

    Good (Linux):
        FROM debian:13
        COPY --chown=www-data app /app/
        STOPSIGNAL SIGTERM

    Good (one that nobody knows):
        ARG BASE
        FROM $BASE
        RUN --mount=type=cache,target=/packages nuget restore

    Fix:
        unsafe: the flag or the instruction is deleted.
    """

    on = ("stage",)
    mentions = ("microsoft", "windows", "nanoserver")
    severity = "error"
    aliases = ("tally:windows/no-run-mounts", "tally:windows/no-chown-flag", "tally:windows/no-stopsignal")

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not is_windows(stage):
            return
        for instruction in stage.instructions:
            body = inner(instruction)
            if body.keyword == "STOPSIGNAL":
                message = "STOPSIGNAL has no effect on Windows"
                fix = Fix("Delete STOPSIGNAL", [dropping.instruction(instruction)])
                aliases = ("tally:windows/no-stopsignal",)
                yield self.finding(body.name_span, message, instruction, "warning", aliases, fix=fix)
                continue
            wrong = ("mount",) if isinstance(body, Run) else ("chown", "chmod") if isinstance(body, Copy) else ()
            for flag in body.flags:
                if flag.name in wrong:
                    yield self._flag(flag, body, instruction)

    def _flag(self, flag: Flag, body: Instruction, instruction: Instruction) -> Finding:
        message = f"--{flag.name} does not work on Windows"
        alias = {"mount": "tally:windows/no-run-mounts", "chown": "tally:windows/no-chown-flag"}.get(flag.name)
        edit = cutting.flag(body, flag)
        fix = Fix(f"Delete --{flag.name}", [edit]) if edit is not None else None
        return self.finding(flag.span, message, instruction, aliases=(alias,) if alias else (), fix=fix)
