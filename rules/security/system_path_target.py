from __future__ import annotations

from dfadvise.layers import copy_target
from dfadvise.paths import clean, is_below
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Instruction

# Mounted over by the runtime of every container.
_MOUNTED = ("/proc", "/sys", "/dev")
_SYSTEM = (*_MOUNTED, "/boot", "/initrd", "/lost+found")
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
_ALIASES = {
    "WORKDIR": ("DS-0030",),
    "VOLUME": ("DKL-DI-0002",),
}
_SOCKET_ALIAS = ("semgrep:dockerfile-dockerd-socket-mount",)


class SystemPathTarget(Rule):
    """A path of the running system is the target of WORKDIR, VOLUME, COPY or ADD.

    Why:
        Every container gets its own /proc, /sys and /dev: what the image has there is hidden, a volume there takes
        the place of what the kernel shows. The Docker socket gives its holder root on the host.

    Bad:
        FROM debian:13
        WORKDIR /proc/self/fd/1

    Bad (hidden by the container's own /dev):
        FROM debian:13
        COPY app.conf /dev/app/

    Bad (the Docker socket):
        FROM docker:28
        VOLUME ["/data", "/var/run/docker.sock"]

    Good:
        FROM debian:13
        WORKDIR /development
        COPY app.conf /etc/app/
        VOLUME /data

    Good (names that only begin alike):
        FROM debian:13
        WORKDIR /sys_files
        COPY --from=build /boot/vmlinuz /srv/
        COPY devices /devices

    Good (a relative path):
        FROM debian:13
        WORKDIR /srv
        COPY proc proc/
        VOLUME data

    Good (what systemd asks for):
        FROM fedora:43
        VOLUME ["/sys/fs/cgroup"]
        CMD ["/usr/sbin/init"]

    Fix:
        none: the right place is the author's choice.
    """

    on = ("WORKDIR", "VOLUME", "COPY", "ADD")
    mentions = ("proc", "sys", "dev", "boot", "initrd", "lost+found", "docker.sock")
    severity = "error"
    security = "6.0"
    aliases = ("DS-0030", "DKL-DI-0002", *_SOCKET_ALIAS)

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        for path, span in _targets(instruction):
            if path in _SOCKETS and instruction.keyword != "WORKDIR":
                aliases = _SOCKET_ALIAS if instruction.keyword == "VOLUME" else ()
                yield self.finding(span, f"{path} gives its holder root on the host", aliases=aliases)
                continue
            below = next((each for each in _SYSTEM if is_below(path, each)), None)
            if below is None:
                continue
            aliases = _ALIASES.get(instruction.keyword, ())
            if instruction.keyword == "VOLUME" and below not in _MOUNTED:
                aliases = ()
            yield self.finding(span, _message(instruction, path, below), severity=_level(path, below), aliases=aliases)


def _targets(instruction: Instruction) -> Iterator[tuple[str, Span]]:
    """The absolute paths that an instruction writes or works in, with their places."""
    if isinstance(instruction, Copy):
        path = copy_target(instruction)[0]
        if path is not None and instruction.target is not None and "$" not in path:
            yield path, instruction.target.span
        return
    if instruction.keyword == "WORKDIR":
        path = instruction.stage.symbolic_workdir_at(instruction, after=True)
        if instruction.outer is not None:
            # A trigger does not change this stage.
            path = instruction.expand(instruction.args[0].text) if instruction.args else None
        if path is not None and instruction.args and path.startswith("/"):
            yield path, instruction.args[0].span
        return
    for word in instruction.args:
        path = instruction.expand(word.text)
        if path is not None and path.startswith("/"):
            yield clean(path), word.span


def _message(instruction: Instruction, path: str, below: str) -> str:
    if below not in _MOUNTED:
        return f"{path} belongs to the system"
    if instruction.keyword == "VOLUME":
        return f"a volume at {path} takes the place of what the kernel shows in {below}"
    return f"every container has a {below} of its own, which hides {path}"


def _level(path: str, below: str) -> Severity | None:
    # systemd in a container asks for a volume at the first; a copy to the second only makes a stage be built.
    if is_below(path, "/sys/fs/cgroup") or path == "/dev/null":
        return "style"
    # Images of whole systems have their kernel there.
    return "info" if below == "/boot" else None
