from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge.base_users import entrypoint_interpreter
from dfadvise.knowledge.manager import words
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells import execform
from dfadvise.shells.interpreters import base_name
from dfadvise.shells.startup import Startup
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Cmd, Entrypoint, Word

# Programs that take `/bin/sh` for their own first argument. Whatever else may run what it is given.
PROGRAMS = words(
    "node nodejs deno java dotnet nginx httpd apache2 gunicorn uvicorn hypercorn waitress-serve daphne celery flask"
    " uwsgi redis-server mysqld mongod postgres streamlit jupyter mkdocs hugo caddy traefik haproxy php-fpm ffmpeg"
    " kubectl helm terraform aws gcloud curl wget git make mvn gradle go cargo npm yarn pnpm composer"
)
INTERPRETERS = words("python pypy ruby php perl")
POSITIONAL = ("$@", "$*", "$0", "$1", "${1", "${@", "${*", "${0")


class EntrypointClash(Rule):
    """CMD and ENTRYPOINT do not fit together.

    Why:
        CMD is handed to ENTRYPOINT as arguments. A shell-form ENTRYPOINT never looks at them; a shell-form CMD hands on
        `/bin/sh -c "..."`, which most programs take for a file name. Where the base image starts an interpreter
        already, a CMD that names it again makes it look for a script of that name.

    Bad (CMD is ignored):
        FROM debian:12
        ENTRYPOINT /usr/bin/server
        CMD ["--port", "8080"]

    Good:
        FROM debian:12
        ENTRYPOINT ["/usr/bin/server"]
        CMD ["--port", "8080"]

    Bad (CMD becomes `/bin/sh -c ..`):
        FROM python:3.13-slim
        ENTRYPOINT ["python"]
        CMD app.py

    Good (both in exec form):
        FROM python:3.13-slim
        ENTRYPOINT ["python"]
        CMD ["app.py"]

    Bad (the interpreter twice):
        FROM gcr.io/distroless/nodejs22-debian12
        CMD ["node", "server.js"]

    Good (once):
        FROM gcr.io/distroless/nodejs22-debian12
        CMD ["server.js"]

    Good (a script or a small init runs what it is given):
        FROM debian:12
        ENTRYPOINT ["/usr/bin/tini", "--", "/entrypoint.sh"]
        CMD server --port "$PORT"

    Good (the shell form passes its arguments on):
        FROM debian:12
        ENTRYPOINT exec server "$0" "$@"
        CMD ["--port", "8080"]

    Fix:
        unsafe: the exec form; deletes the word that the base image has already.

    Variants:
        not onbuild: a child may set the other one
    """

    on = ("stage",)
    keywords = ("CMD",)
    severity = "warning"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        if "distroless" in text:
            return True
        starts = [each for each in file.walk() if each.keyword in ("ENTRYPOINT", "CMD")]
        return any(each.keyword == "ENTRYPOINT" for each in starts) and any(each.form == "shell" for each in starts)

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.is_exported or is_windows(stage):
            return
        startup = Startup(stage)
        entrypoint, cmd = startup.entrypoint, startup.cmd
        if cmd is None or not cmd.args:
            return
        if entrypoint is None:
            yield from self._repeated(stage, cmd)
        elif entrypoint.form == "shell" and entrypoint.args:
            yield from self._ignored(entrypoint, cmd)
        elif cmd.form == "shell" and _takes_files(entrypoint):
            edits = execform.edits(cmd)
            program = base_name(entrypoint.args[0].text)
            message = f"CMD in shell form hands `/bin/sh -c ..` to ENTRYPOINT, and {program} does not run it"
            related = [("the ENTRYPOINT", entrypoint.args_span)]
            fix = Fix("Use the exec form", edits) if edits else None
            yield self.finding(cmd.args_span, message, cmd, related=related, fix=fix, cause=("shell", id(cmd)))

    def _ignored(self, entrypoint: Entrypoint, cmd: Cmd) -> Iterator[Finding]:
        if any(name in entrypoint.body.text for name in POSITIONAL):
            return
        edits = execform.edits(entrypoint)
        if edits and cmd.form == "shell":
            more = execform.edits(cmd)
            edits = [*edits, *more] if more else []
        message = f"ENTRYPOINT on line {entrypoint.line} is in shell form, which ignores this CMD"
        related = [("the ENTRYPOINT", entrypoint.args_span)]
        fix = Fix("Use the exec form", edits) if edits else None
        yield self.finding(cmd.args_span, message, cmd, related=related, fix=fix, cause=("shell", id(cmd)))

    def _repeated(self, stage: Stage, cmd: Cmd) -> Iterator[Finding]:
        base = base_of(stage)
        interpreter = entrypoint_interpreter(base.name) if base is not None else None
        if base is None or interpreter is None or cmd.form != "exec":
            return
        name = base_name(cmd.args[0].text)
        # The image's ENTRYPOINT, word by word: `java -jar`.
        gone = 1 if name == interpreter or (interpreter == "python3" and name.rstrip("0123456789.") == "python") else 0
        if not gone:
            return
        if interpreter == "java":
            gone += len(cmd.args) > 1 and cmd.args[1].text == "-jar"
            if gone == 1:
                return  # with other options it is another mistake
        message = f"ENTRYPOINT of {base.label} is {interpreter} already, so this starts `{interpreter} {name} ..`"
        fix = _without(cmd, cmd.args, gone)
        span = Span(cmd.args[0].span.start, cmd.args[gone - 1].span.end)
        yield self.finding(span, message, cmd, severity="error", fix=fix)


def _takes_files(entrypoint: Entrypoint) -> bool:
    """Whether the program of an exec form is known to do no more than read `/bin/sh` as an argument."""
    if not entrypoint.args:
        return False
    program = base_name(entrypoint.args[0].text)
    arguments = [word.text for word in entrypoint.args[1:]]
    if program.rstrip("0123456789.") in INTERPRETERS:
        # A script or module that is named may run what it is given.
        return all(text.startswith("-") and text not in ("-m", "-c", "-e", "-r") for text in arguments)
    if program in ("node", "nodejs", "java", "dotnet", "deno"):
        return not any(not text.startswith("-") for text in arguments) or program in ("java", "dotnet")
    return program in PROGRAMS


def _without(cmd: Cmd, args: list[Word], count: int) -> Fix | None:
    if len(args) <= count:
        return None
    span = Span(args[0].span.start, args[count].span.start)
    if "#" in cmd.file.source.slice(span):
        return None
    return Fix(f"Delete {args[0].text}", [Edit(span, "")])
