from __future__ import annotations

from dfadvise.base.bases import is_windows
from dfadvise.knowledge.sh_syntax import REPLACED
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.shells import execform
from dfadvise.shells.interpreters import main_shell
from dfadvise.syntax.expansions import triggers
from dfadvise.syntax.instructions import Cmd, Entrypoint, Healthcheck, bodies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile, Stage

CODE = "JSONArgsRecommended"
KICS = "kics:b86987e1"
OTHERS = ("DL3025", "semgrep:prefer-json-notation", "sonar:S7019", "slim:ID.20012")


class ShellFormCommand(Rule):
    """CMD or ENTRYPOINT is in shell form.

    Why:
        /bin/sh becomes process 1, and where it is dash it keeps the signals to itself: `docker stop` waits for its
        timeout and then kills the program without a chance to finish. A shell-form ENTRYPOINT ignores CMD and all
        arguments.

    Bad:
        FROM nginx:1.29
        CMD nginx -g "daemon off;"

    Good:
        FROM nginx:1.29
        CMD ["nginx", "-g", "daemon off;"]

    Good (the shell is meant):
        FROM debian:12
        SHELL ["/bin/bash", "-o", "pipefail", "-c"]
        CMD exec server "$OPTIONS"

    Fix:
        unsafe: the exec form of one simple command of literal words; the program is process 1 then.
    """

    on = ("stage",)
    keywords = ("CMD", "ENTRYPOINT", "HEALTHCHECK")
    severity = "warning"
    aliases = (CODE, KICS, *OTHERS)
    yields_to = ("missing-shell", "malformed-exec-form", "entrypoint-clash")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(
            each.form == "shell" and each.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK") for each in file.walk()
        )

    def check(self, stage: Stage) -> Iterator[Finding]:
        for instruction in stage.instructions:
            for each in (instruction, *bodies(instruction)):
                if isinstance(each, (Cmd, Entrypoint)) and each.form == "shell":
                    yield from self._command(stage, each)
                elif isinstance(each, Healthcheck) and each.kind == "CMD" and each.form == "shell" and each.args:
                    yield self.finding(
                        each.args_span,
                        "HEALTHCHECK in shell form",
                        each.outer or each,
                        "style",
                        OTHERS[:1] if each.outer is None else (),
                        cause=("shell", id(each)),
                    )
        yield from self._triggers(stage)

    def _command(self, stage: Stage, command: Cmd | Entrypoint) -> Iterator[Finding]:
        if stage.shell_at(command) is not None:
            return
        text = command.body.text
        severity: Severity | None = None
        windows = is_windows(stage)
        if windows or not stage.ships or not text or text.split(None, 1)[0] == "exec":
            severity = "style"
        aliases: tuple[str, ...] = (CODE, *OTHERS) if command.outer is None else ()
        if command.outer is None and stage.is_last:
            # KICS looks at the last stage alone.
            aliases += (KICS,)
        span = command.args_span if command.args else command.name_span
        edits = [] if windows else execform.edits(command)
        fix = Fix("Use the exec form", edits) if edits else None
        message = f"{command.keyword} in shell form runs under /bin/sh, which keeps signals from it"
        if severity is None and main_shell(command) in REPLACED:
            # What the shell starts takes its place and has the signals.
            message, severity = f"{command.keyword} in shell form is started by /bin/sh", "info"
        yield self.finding(
            span, message, command.outer or command, severity, aliases, fix=fix, cause=("shell", id(command))
        )

    def _triggers(self, stage: Stage) -> Iterator[Finding]:
        found = triggers(stage)
        if not found or stage.from_ is None or stage.shell_at(stage.from_) is not None:
            return
        for body in found:
            if body.keyword == "SHELL":
                return
            if isinstance(body, (Cmd, Entrypoint)) and body.form == "shell":
                message = f"an ONBUILD of the base adds a {body.keyword} in shell form"
                related = [("the trigger", body.span)]
                yield self.finding(stage.from_.name_span, message, stage.from_, "style", (CODE,), related)
