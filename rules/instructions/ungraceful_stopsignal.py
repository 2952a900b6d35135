from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge.manager import words
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.startup import Startup
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run, Single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Cmd, Entrypoint

ABRUPT = {"KILL": "SIGKILL", "9": "SIGKILL", "STOP": "SIGSTOP", "19": "SIGSTOP"}
UNGRACEFUL = "tally:no-ungraceful-stopsignal"
SYSTEMD, NGINX = "tally:prefer-systemd-sigrtmin-plus-3", "tally:prefer-nginx-sigquit"
QUICK = ("TERM", "15", "INT", "2")
# Images that set no STOPSIGNAL.
PLAIN = words(
    "debian ubuntu alpine fedora centos rockylinux almalinux oraclelinux amazonlinux archlinux opensuse/leap"
    " opensuse/tumbleweed buildpack-deps python node ruby golang openjdk eclipse-temurin"
)
# Where /sbin/init is systemd, as soon as it is there.
WITH_SYSTEMD = ("debian", "ubuntu", "rhel", "fedora", "suse", "arch")
INIT_PATHS = ("/sbin/init", "/usr/sbin/init")
OTHER_INITS = ("sysvinit", "openrc", "runit", "finit", "s6-", "upstart")


class UngracefulStopsignal(Rule):
    """The signal that `docker stop` sends does not let the program finish.

    Why:
        SIGKILL and SIGSTOP cannot be caught, so nothing is flushed or handed over. systemd takes SIGTERM for an order
        to start itself anew and shuts down at SIGRTMIN+3; nginx drops its connections at SIGTERM and finishes them at
        SIGQUIT.

    Bad:
        FROM debian:12
        STOPSIGNAL SIGKILL
        CMD ["server"]

    Good:
        FROM debian:12
        STOPSIGNAL SIGTERM
        CMD ["server"]

    Bad (systemd):
        FROM debian:12
        RUN apt-get update && apt-get install -y systemd
        CMD ["/lib/systemd/systemd"]

    Good (its own signal):
        FROM debian:12
        RUN apt-get update && apt-get install -y systemd
        STOPSIGNAL SIGRTMIN+3
        CMD ["/lib/systemd/systemd"]

    Bad (nginx):
        FROM alpine:3.23
        RUN apk add --no-cache nginx
        CMD ["nginx", "-g", "daemon off;"]

    Good (finishes its requests):
        FROM alpine:3.23
        RUN apk add --no-cache nginx
        STOPSIGNAL SIGQUIT
        CMD ["nginx", "-g", "daemon off;"]

    Good (the base image sets it):
        FROM nginx:1.29
        CMD ["nginx", "-g", "daemon off;"]

    Fix:
        unsafe: the signal that the program shuts down at; SIGTERM in the place of SIGKILL.

    Variants:
        not onbuild: a child may start something else
    """

    on = ("stage",)
    mentions = ("stopsignal", "nginx", "openresty", "systemd", "init")
    severity = "warning"
    aliases = (UNGRACEFUL, SYSTEMD, NGINX)

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.is_exported or is_windows(stage):
            return
        startup = Startup(stage)
        started = startup.entrypoint or startup.cmd
        wanted, severity, alias = _wanted(stage, started)
        last: Single | None = None
        for instruction in stage.chain_instructions():
            if isinstance(instruction, Single) and instruction.keyword == "STOPSIGNAL" and instruction.args:
                last = instruction
        if last is not None:
            value = last.expand(last.value)
            if value is None:
                return
            name = value.strip("\"'").upper().removeprefix("SIG")
            if name in ABRUPT:
                message = f"{ABRUPT[name]} cannot be caught, so the program gets no chance to finish"
                fix = _written(last, wanted or "SIGTERM")
                yield self.finding(last.args[0].span, message, last, aliases=(UNGRACEFUL,), fix=fix)
            elif wanted is not None and (name in QUICK or (alias == SYSTEMD and name != "RTMIN+3" and name != "37")):
                message = f"{_program(started)} shuts down in order at {wanted}, not at {value}"
                fix = _written(last, wanted)
                yield self.finding(last.args[0].span, message, last, severity, (alias,), fix=fix)
        elif wanted is not None and started is not None:
            message = f"{_program(started)} shuts down in order at {wanted}, and nothing sets STOPSIGNAL"
            source = stage.file.source
            at = source.starts[started.line - 1]
            indent = source.slice(Span(at, started.name_span.start))
            fix = None
            if not indent.strip():
                new = f"{indent}STOPSIGNAL {wanted}{source.newline}"
                fix = Fix(f"Set STOPSIGNAL {wanted}", [Edit(Span(at, at), new)])
            yield self.finding(started.args_span, message, started, severity, (alias,), fix=fix)


def _wanted(stage: Stage, started: Cmd | Entrypoint | None) -> tuple[str | None, Severity, str]:
    """The signal that the first process shuts down at, when it is another one than SIGTERM and the base is known."""
    first = _first(started)
    base = base_of(stage)
    # Other images with such programs in them set it themselves.
    if first is not None and base is not None and (base.name in PLAIN or base.is_scratch):
        if first.program == "systemd":
            return "SIGRTMIN+3", "warning", SYSTEMD
        # `/init` is that of s6.
        if first.words[0].text in INIT_PATHS and base.distribution in WITH_SYSTEMD:
            if _has_systemd(stage) and not any(other in stage.file.source.text for other in OTHER_INITS):
                return "SIGRTMIN+3", "warning", SYSTEMD
        elif first.program in ("nginx", "openresty"):
            return "SIGQUIT", "info", NGINX
    return None, "warning", ""


def _has_systemd(stage: Stage) -> bool:
    """Whether /sbin/init is systemd's: the chain installs or sets systemd up, and brings no other init."""
    found = False
    for each in stage.chain_instructions():
        if isinstance(each, Copy) and each.target is not None:
            if each.target.text.rstrip("/").rpartition("/")[2] in ("init", "sbin"):
                return False
        elif isinstance(each, Run):
            for command in each.all_commands():
                words = [word.partial for word in command.words]
                if any(path in words[1:] for path in INIT_PATHS):
                    return False
                found = found or command.program == "systemctl" or any("systemd" in word for word in words)
    return found


def _first(started: Cmd | Entrypoint | None) -> ShellCommand | None:
    """What becomes process 1: the program of an exec form, or the one behind `exec` in a shell form."""
    if started is None:
        return None
    first = next(iter(started.all_commands()), None)
    if first is None or first.program is None or not first.words or not first.script.is_chain:
        return None
    expected = ("exec",) if started.form == "shell" else ()
    return first if first.wrappers == expected else None


def _program(started: Cmd | Entrypoint | None) -> str:
    first = _first(started)
    return (first.program or "") if first is not None else ""


def _written(stopsignal: Single, signal: str) -> Fix | None:
    span = stopsignal.args[0].span
    if stopsignal.file.source.slice(span) != stopsignal.value:
        return None
    return Fix(f"Write {signal}", [Edit(span, signal)])
