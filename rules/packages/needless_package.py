from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.base.users import is_interactive
from dfadvise.knowledge.packages import needless, plain_name
from dfadvise.managers.installed import installs_packages
from dfadvise.managers.installs import InstallRun
from dfadvise.managers.packages import actions
from dfadvise.rule import Finding, Rule, Weighs
from dfadvise.shells.startup import Startup
from dfadvise.syntax.instructions import Healthcheck, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellWord
    from dfadvise.stages import Dockerfile, Stage

_STAGES = frozenset("dev devel develop development debug devcontainer test tests workspace".split())
_RUNTIME_ALIAS = ("tally:gpu/no-container-runtime-in-image",)
_RUNTIMES = ("nvidia-container", "nvidia-docker", "libnvidia-container")
# What the packages bring, where it has another name.
_PROGRAMS = {
    "openssh-server": ("sshd", "ssh"),
    "net-tools": ("netstat", "ifconfig", "route", "arp"),
    "man-db": ("man", "mandb"),
    "vim": ("vim", "vi"),
}
# Images for people to work in.
_WORKPLACES = ("mcr.microsoft.com/devcontainers/", "mcr.microsoft.com/vscode/devcontainers/", "gitpod/", "jupyter/")


class NeedlessPackage(Rule):
    """A package that is of no use in a container is installed into the image that ships.

    Why:
        Kernels, drivers and container runtimes work only on a host. Editors, monitors and debuggers serve a person at a
        terminal, and whoever breaks in. In an image they are weight and one more thing to patch.

    Bad:
        FROM debian:13-slim
        RUN apt-get update && apt-get install -y --no-install-recommends nginx vim htop && rm -rf /var/lib/apt/lists/*
        CMD ["nginx", "-g", "daemon off;"]

    Good:
        FROM debian:13-slim
        RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
        CMD ["nginx", "-g", "daemon off;"]

    Bad (a host's business):
        FROM nvidia/cuda:12.6.0-runtime-ubuntu24.04
        RUN apt-get update && apt-get install -y nvidia-container-toolkit

    Good (a stage to work in):
        FROM debian:13 AS dev
        RUN apt-get update && apt-get install -y vim strace gdb

    Good (what the container runs, or the build):
        FROM alpine:3.22
        RUN apk add --no-cache openssh-server sudo net-tools && sudo -u nobody true
        HEALTHCHECK CMD netstat -ltn | grep -q :22
        CMD ["/usr/sbin/sshd", "-D"]

    Good (removed in the same RUN):
        FROM debian:13
        RUN apt-get update && apt-get install -y nano && nano --version && apt-get purge -y nano

    Good (for a person who asks for a shell):
        FROM alpine:3.22
        RUN apk add --no-cache vim tmux
        CMD ["sh"]

    Fix:
        none: whether somebody leans on it nobody can tell.

    Variants:
        not onbuild: nothing says what the child image is for
    """

    on = ("stage",)
    mentions = ("apt", "apk", "dnf", "yum", "zypper", "pacman")
    severity = "info"
    aliases = _RUNTIME_ALIAS

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.about.mentions import distinct, words_in
        from dfadvise.knowledge.packages import NEEDLESS_HOST, NEEDLESS_PERSON

        words, whole = words_in(text), distinct(text)
        for name in (*NEEDLESS_HOST, *NEEDLESS_PERSON):
            # A release may stand behind a slash.
            if name in words or f"{name}/" in whole or (name[-1] == "*" and name[:-1] in whole):
                return True
        return False

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.ships:
            return
        found = [
            (action, word, kind)
            for instruction in stage.instructions
            if isinstance(instruction, Run)
            for action in actions(instruction)
            if installs_packages(action)
            for word in action.operands
            if word.text is not None and (kind := needless(word.text)) is not None
        ]
        if not found:
            return
        exported = stage.file.exported or stage
        if _is_for_people(stage) or _is_for_people(exported):
            return
        used = _used(exported)
        prompt = is_interactive(Startup(exported))
        runs: dict[int, InstallRun] = {}
        by_command: dict[tuple[int, str], list[ShellWord]] = {}
        for action, word, kind in found:
            name = plain_name(word.partial)
            if kind == "person" and (prompt or not used.isdisjoint(_PROGRAMS.get(name, (name,)))):
                continue
            run = action.command.instruction
            assert isinstance(run, Run)
            if not _read(run, runs).removes(word, action):
                by_command.setdefault((id(action), kind), []).append(word)
        managers = {id(action): action.manager.name for action, _, _ in found}
        for (command, kind), named in by_command.items():
            yield self._finding(kind, named, managers[command])

    def _finding(self, kind: str, named: list[ShellWord], manager: str) -> Finding:
        names = [plain_name(word.partial) for word in named]
        what = ("works" if len(names) == 1 else "work") + " only on a host"
        if kind == "person":
            what = ("is a tool" if len(names) == 1 else "are tools") + " for a person at a terminal"
        return self.finding(
            named[0].span,
            f"{' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))} {what}",
            named[0].script.instruction,
            aliases=_RUNTIME_ALIAS if any(name.startswith(_RUNTIMES) for name in names) else (),
            related=[(f"{name} too", word.span) for name, word in zip(names[1:], named[1:], strict=True)],
            weighs=Weighs("packages", (named[0].script.instruction,), manager=manager, names=names),
        )


def _is_for_people(stage: Stage) -> bool:
    base = base_of(stage)
    return not _STAGES.isdisjoint(stage.name_words) or (base is not None and base.name.startswith(_WORKPLACES))


def _used(stage: Stage) -> set[str]:
    """The programs that the build, the health check and the container run."""
    used = set(Startup(stage).words())
    used = {word.rpartition("/")[2] for word in used}
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run | Healthcheck):
            for command in instruction.all_commands():
                used.update(command.wrappers)
                used.add(command.program or "")
                if command.program == "service" and command.subcommand:
                    used.add(command.subcommand)
        elif instruction.keyword == "EXPOSE" and any(word.text in ("22", "22/tcp") for word in instruction.args):
            used.add("sshd")
    # Who writes their settings has a use for them.
    if mentions(stage.file, "sshd", "/etc/ssh"):
        used.add("sshd")
    if mentions(stage.file, "sudoers"):
        used.add("sudo")
    return used


def _read(run: Run, known: dict[int, InstallRun]) -> InstallRun:
    if id(run) not in known:
        known[id(run)] = InstallRun(run)
    return known[id(run)]
