from __future__ import annotations

from dfadvise.base.bases import is_windows
from dfadvise.editing.edits import stands_in_file
from dfadvise.effects import HARMLESS
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.programs import BUILTINS, SHELLS
from dfadvise.knowledge.sh_syntax import REPLACED
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.interpreters import base_name, main_shell
from dfadvise.shells.startscripts import read_script, started_script
from dfadvise.shells.startup import Startup
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script, ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Cmd, Entrypoint

# yarn runs a script of the package by its bare name too; these are its own commands.
RUNNERS = {"npm": words("start run run-script"), "pnpm": words("start run"), "yarn": words("start run")}
# They reap children and pass signals on, or are there to manage services.
INITS = words(
    "tini tini-static docker-init dumb-init catatonit init s6-svscan s6-overlay-init supervisord runit runsvdir"
    " my_init systemd circusd pm2-runtime pm2-docker"
)
# They wait for nothing that a signal could end in order.
QUIET = BUILTINS | HARMLESS - words("node java ruby perl")


class SignalSwallowingCommand(Rule):
    """The first process of the container does not pass signals on.

    Why:
        `docker stop` sends SIGTERM to process 1 alone. A shell or npm that waits for its child keeps the signal to
        itself; ten seconds later everything is killed, without a chance to finish requests or to write to disk.

    Bad:
        FROM node:22-slim
        CMD ["npm", "start"]

    Good:
        FROM node:22-slim
        CMD ["node", "server.js"]

    Bad (the shell stays):
        FROM debian:12
        CMD ["sh", "-c", "migrate && server --port 80"]

    Good (exec takes its place):
        FROM debian:12
        CMD ["sh", "-c", "migrate && exec server --port 80"]

    Bad (a script):
        FROM debian:12
        COPY --chmod=755 <<"EOF" /start.sh
        #!/bin/sh
        migrate
        server --port 80
        EOF
        ENTRYPOINT ["/start.sh"]

    Good (the script ends in exec):
        FROM debian:12
        COPY --chmod=755 <<"EOF" /start.sh
        #!/bin/sh
        migrate
        exec server --port 80
        EOF
        ENTRYPOINT ["/start.sh"]

    Good (an init passes them on):
        FROM node:22-slim
        ENTRYPOINT ["/usr/bin/tini", "--"]
        CMD ["npm", "start"]

    Fix:
        unsafe: `exec` before the last command of `sh -c`, whose place the program then takes.

    Variants:
        not onbuild: a child may start something else
    """

    on = ("stage",)
    keywords = ("CMD", "ENTRYPOINT")
    severity = "info"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        starts = [each for each in file.walk() if each.keyword in ("ENTRYPOINT", "CMD") and each.form == "exec"]
        if not starts:
            return False
        # A script is known where the file holds it, or the context.
        if file.context is not None or any(way in text for way in ("<<", ">", "tee", "sed")):
            return True
        return any(
            word.text.lower().removesuffix(".exe").endswith(("sh", "npm", "yarn"))
            for each in starts
            for word in each.args[:1]
        )

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.is_exported or is_windows(stage):
            return
        startup = Startup(stage)
        started = startup.entrypoint or startup.cmd
        if started is None or started.form != "exec" or not started.args:
            return
        found = started_script(started)
        if found is not None:
            script = read_script(found[1])
            if script is None:
                return
            if startup.entrypoint is None or startup.cmd is None or not _hands_over(script):
                yield from self._script(started, found[0], script)
                return
            # `exec "$@"`: what CMD names takes the place of the script.
            started = startup.cmd
            if started.form != "exec" or not started.args:
                return
        yield from self._command(started)

    def _command(self, started: Cmd | Entrypoint) -> Iterator[Finding]:
        commands = list(started.all_commands())
        if not commands:
            return
        first = commands[0]
        program = base_name(started.args[0].text)
        if program != first.program or first.wrappers:
            return
        verb = first.subcommand
        if program in RUNNERS and verb is not None and verb in RUNNERS[program]:
            message = f"{program} is process 1 and does not pass signals on to the program it starts"
            span = Span(started.args[0].span.start, started.args[-1].span.end)
            yield self.finding(span, message, started)
        elif program in SHELLS and program not in REPLACED and len(commands) > 1 and commands[1].parent is first:
            if program == "sh" and main_shell(started) in REPLACED:
                return  # it does this by itself
            yield from self._shell(started, program, commands[1].script)

    def _shell(self, started: Cmd | Entrypoint, program: str, script: Script) -> Iterator[Finding]:
        last = _last_program(script)
        if last is None or script.form != "nested":
            return
        fix = None
        if last.wrappers == (program,) and stands_in_file(last.words[0]) and last.before in ("", "&&", ";"):
            at = last.words[0].span.start
            fix = Fix("Run it with exec", [Edit(Span(at, at), "exec ")])
        message = f"{program} stays process 1 and does not pass signals on to {_name(last)}"
        yield self.finding(last.argv_span, message, started, fix=fix)

    def _script(self, started: Cmd | Entrypoint, name: str, script: Script) -> Iterator[Finding]:
        last = _last_program(script)
        if last is None:
            return
        span = Span(started.args[0].span.start, started.args[-1].span.end)
        message = (
            f"{name} ends in {_name(last)} without exec, so the script stays process 1 and keeps signals to itself"
        )
        yield self.finding(span, message, started)


def _hands_over(script: Script) -> bool:
    """Whether a script ends in `exec "$@"`."""
    return any("exec" in each.wrappers and '"$@"' in [word.raw for word in each.words] for each in script.commands)


def _last_program(script: Script) -> ShellCommand | None:
    """The program that a script waits for at its end; None where it is replaced, or signals are looked after."""
    if script.opaque or not script.items:
        return None
    for command in script.commands:
        if "exec" in command.wrappers or command.program in ("exec", "trap", "wait") or command.after == "&":
            return None
        if command.program in INITS or not INITS.isdisjoint(command.wrappers):
            return None
    item = script.items[-1]
    last = item.commands[-1] if item.kind == "command" and item.commands else None
    if last is None or last.contexts or not last.words or last.program in QUIET:
        return None
    return last


def _name(command: ShellCommand) -> str:
    return command.program or command.words[0].raw.strip("\"'")
