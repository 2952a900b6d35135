from __future__ import annotations

from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.directories import cd_aliases, goes_back
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Item, Script, ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

# Files that the builder mounts over, so that what is written to them never reaches the image.
_MOUNTED = frozenset(("/etc/hosts", "/etc/resolv.conf", "/etc/hostname"))
_STATE = {
    "cd": "the change of directory",
    "pushd": "the change of directory",
    "export": "the variable",
    "unset": "what was unset",
    "alias": "the alias",
    "umask": "the umask",
    "ulimit": "the limit",
    "sysctl": "the kernel setting",
    "mount": "the mount",
    "source": "what the file sets",
    ".": "what the file sets",
}
_STARTS = frozenset(("start", "restart", "reload", "force-reload"))
# Files that only set variables and functions; others may do work when they are read.
_SETTINGS = ("activate", "rc", "profile", "env", "environment", "setenv", "env.sh", "nvm.sh", "conda.sh")


class LostRunEffect(Rule):
    """The effect of the last command ends with the RUN.

    Why:
        Each RUN is a new shell in a new container: its directory, variables, options, mounts and processes are gone
        at its end, and the builder's own /etc/hosts is never part of the image. The next instruction does not see it.

    Bad:
        FROM debian:12
        RUN cd /opt/app
        RUN make

    Fixed:
        FROM debian:12
        WORKDIR /opt/app
        RUN make

    Bad (a variable):
        FROM debian:12
        RUN export LANG=C.UTF-8

    Good (a variable):
        FROM debian:12
        ENV LANG=C.UTF-8

    Bad (a service):
        FROM debian:12
        RUN apt-get update && apt-get install -y postgresql && service postgresql start

    Good (used in the same RUN):
        FROM debian:12
        RUN service postgresql start && psql -c 'CREATE DATABASE app'

    Good (a way back):
        FROM debian:12
        RUN cd /opt/app && make install && cd ..

    Good (in a script of its own):
        FROM debian:12
        RUN echo 'cd /opt/app' >> /etc/profile

    Fix:
        unsafe: a lone `cd` becomes WORKDIR and a lone `export` ENV, for literal values; both then last.
    """

    on = ("RUN",)
    severity = "warning"
    aliases = ("DL3003", "DS-0013", "kics:f4a6bcd3", "semgrep:use-workdir")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in
        from dfadvise.syntax.instructions import Run

        programs = "cd pushd export unset alias umask ulimit sysctl mount . source service systemctl"
        if not programs_in(file).isdisjoint(programs.split()):
            return True
        if any(part in text.lower() for part in ("init.d", "hosts", "resolv.conf", "hostname")):
            return True
        return any(
            command.after == "&" for each in file.walk() if isinstance(each, Run) for command in each.all_commands()
        )

    def check(self, run: Run) -> Iterator[Finding]:
        for script in run.scripts:
            if script.form in ("shell", "heredoc") and script.items:
                yield from self.at_the_end(run, script)

    def at_the_end(self, run: Run, script: Script) -> Iterator[Finding]:
        for place in range(len(script.items) - 1, -1, -1):
            item = script.items[place]
            command = _main(item, script)
            if command is None:
                return
            if item.before == "||":
                if command.program in ("true", ":"):
                    continue
                return
            what, span = _lost(command, script, item)
            if what is None:
                return
            yield self.finding(
                span,
                f"{what} {'ends' if not what.startswith('what is') else 'is gone'} with this RUN",
                severity="style" if command.program in (".", "source") and not _sets_only(command) else None,
                aliases=cd_aliases(command) if command.program == "cd" else (),
                fix=_fix(run, script, command),
                cause=("command", command.span.start),
            )


def _main(item: Item, script: Script) -> ShellCommand | None:
    """The command of an item, the last one of a pipeline; any command for a construct in the background."""
    if item.kind not in ("command", "pipeline") and item.after != "&":
        return None
    own = [command for command in item.commands if command.script is script]
    simple = [command for command in own if not command.contexts]
    return simple[-1] if simple else own[-1] if own else None


def _lost(command: ShellCommand, script: Script, item: Item) -> tuple[str | None, Span]:
    """What is lost, and the place that says so."""
    program, span = command.program or "", command.argv_span
    if item.after == "&":
        return "the background process", command.span
    for redirect in command.redirects:
        if redirect.writes and redirect.target is not None and redirect.target.text in _MOUNTED:
            return f"what is written to {redirect.target.text}", redirect.target.span
    if program == "tee" or (program == "sed" and command.has_flag("-i", "--in-place")):
        for word in command.operands:
            if word.text in _MOUNTED:
                return f"what is written to {word.text}", word.span
    if item.kind == "pipeline":
        return None, span
    if _starts_service(command):
        return "the service", span
    what = _STATE.get(program)
    if what is None or command.wrappers or not _changes_state(command, script):
        return None, span
    return what, span


def _starts_service(command: ShellCommand) -> bool:
    texts = command.texts
    if command.program == "service":
        return len(texts) > 2 and texts[2] in _STARTS
    if command.program == "systemctl":
        return command.subcommand in _STARTS
    return bool(texts) and (texts[0] or "").startswith("/etc/init.d/") and _STARTS.intersection(texts[1:]) != set()


def _changes_state(command: ShellCommand, script: Script) -> bool:
    program, operands = command.program, command.operands
    if program in ("cd", "pushd"):
        return not goes_back(command, script)
    if program == "export":
        return bool(command.assignments or operands) and not command.has_flag("-p")
    if program == "sysctl":
        return command.has_flag("-w", "-p", "--system", "--load") or any("=" in word.partial for word in operands)
    if program == "mount":
        return len(operands) > 1
    return bool(operands) or (program == "ulimit" and len(command.words) > 2)


def _sets_only(command: ShellCommand) -> bool:
    path = (command.operands[0].text or "") if command.operands else ""
    # ROS: /opt/ros/humble/setup.bash
    return path.rpartition("/")[2].endswith(_SETTINGS) or path.startswith("/opt/ros/")


def _fix(run: Run, script: Script, command: ShellCommand) -> Fix | None:
    if len(script.items) != 1 or script.form != "shell" or run.flags or run.heredocs or run.inner_comments:
        return None
    words = command.arguments
    if not words or command.before or command.after or command.redirects:
        return None
    source = run.file.source
    if not script.joined.is_contiguous(0, len(script.text)) or source.slice(command.span) != script.text:
        return None
    if command.program == "cd":
        path = words[0]
        plain = path.text is not None and path.raw == path.text and path.text[:1] not in ("-", "~")
        keyword, title = "WORKDIR", "Use WORKDIR"
        if len(words) != 1 or not plain:
            return None
    elif command.program == "export":
        keyword, title = "ENV", "Use ENV"
        if len(command.assignments) != len(words) or any(set("$`\\") & set(word.raw) for word in words):
            return None
    else:
        return None
    removed = Span(command.words[0].span.start, words[0].span.start)
    return Fix(title, [Edit(run.name_span, keyword), Edit(removed, "")])
