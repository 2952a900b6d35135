from __future__ import annotations

from dfadvise.knowledge.lists import pointless
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Run

# What each tool's own list holds.
_CODES = {
    "DL3001": frozenset(("free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim")),
    "kics:9b6b0f38": frozenset(
        ("ps", "shutdown", "service", "free", "top", "kill", "mount", "ifconfig", "nano", "vim")
    ),
    "semgrep:nonsensical-command": frozenset(("top", "kill", "ifconfig", "ps", "vim")),
    "slim:ID.20022": frozenset(("vim", "shutdown", "mount", "kill", "top", "free", "service", "ssh", "ps")),
}
_GPU = "tally:gpu/no-buildtime-gpu-queries"


class PointlessCommand(Rule):
    """The command means nothing while an image is built.

    Why:
        There are no other processes, no services, no terminal and no GPU in a build step. The command fails, shows
        the builder instead of the image, or changes what ends with the step.

    Bad:
        FROM debian:12
        RUN top

    Good (a package of that name):
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends top-utils man

    Bad (no GPU in a build):
        FROM nvidia/cuda:12.8.0-base-ubuntu24.04
        RUN nvidia-smi

    Good (in the container):
        FROM nvidia/cuda:12.8.0-base-ubuntu24.04
        CMD ["nvidia-smi"]

    Fix:
        none: only the author knows what it was meant for.
    """

    on = ("RUN",)
    severity = "info"
    aliases = (*_CODES, _GPU)
    yields_to = ("lost-run-effect",)

    def check(self, run: Run) -> Iterator[Finding]:
        for command in run.all_commands():
            argv = [word.partial for word in command.words]
            if command.program is None or not argv:
                continue
            argv[0] = command.program
            if not pointless(argv):
                continue
            codes = tuple(code for code, programs in _CODES.items() if command.program in programs)
            if command.program == "nvidia-smi" or command.program.startswith("python"):
                codes = (_GPU,)
            name = (
                "a GPU query" if _GPU in codes else " ".join(argv[: 1 if argv[0] not in ("docker", "systemctl") else 2])
            )
            yield self.finding(
                command.words[0].span,
                f"{name} means nothing while an image is built",
                severity="style" if _has_a_use(run, command) else None,
                aliases=codes,
                cause=("command", command.span.start),
            )


def _has_a_use(run: Run, command: ShellCommand) -> bool:
    """Whether the step itself makes sense of it: a service that it then uses, a process that it started."""
    program = command.program
    if program == "ssh":
        return any(mount.type == "ssh" for mount in run.mounts)
    if program in ("mount", "umount"):
        return any(flag.name == "security" for flag in run.flags)
    if program == "service":
        return command is not run.scripts[-1].commands[-1]
    if program in ("kill", "ps"):
        return any(other.after == "&" or other.program == "service" for other in run.all_commands())
    return False
