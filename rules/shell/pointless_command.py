from __future__ import annotations

from dfadvise.knowledge.lists import POINTLESS, pointless
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile
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
_PAIRS = ("docker", "systemctl")
_CANDIDATES = POINTLESS.union(_PAIRS)
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

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        programs = (
            "free kill mount umount ps service shutdown reboot ssh top htop vim vi nano less man ifconfig nvidia-smi"
        )
        if not programs_in(file).isdisjoint(f"{programs} docker systemctl".split()):
            return True
        return "torch.cuda.is_available" in text

    def check(self, run: Run) -> Iterator[Finding]:
        starts: bool | None = None
        for command in run.all_commands():
            program = command.program
            if program not in _CANDIDATES and not (program or "").startswith("python"):
                continue
            argv = [str(program), *(word.partial for word in command.words[1:])]
            if not pointless(argv):
                continue
            if starts is None:
                starts = any(other.after == "&" or other.program == "service" for other in run.all_commands())
            name = " ".join(argv[: 2 if program in _PAIRS else 1])
            codes = tuple(code for code, programs in _CODES.items() if program in programs)
            if program not in _CANDIDATES or program == "nvidia-smi":
                name, codes = "a GPU query", (_GPU,)
            yield self.finding(
                command.words[0].span,
                f"{name} means nothing while an image is built",
                severity="style" if _has_a_use(run, command, starts) else None,
                aliases=codes,
                cause=("command", command.span.start),
            )


def _has_a_use(run: Run, command: ShellCommand, starts: bool) -> bool:
    """Whether the step itself makes sense of it: a service that it then uses, a process that it started.

    Args:
        run: The step.
        command: The command.
        starts: Whether the step starts a service or a background process.
    """
    program = command.program
    if program == "ssh":
        return any(mount.type == "ssh" for mount in run.mounts)
    if program in ("mount", "umount"):
        return any(flag.name == "security" for flag in run.flags)
    if program == "service":
        return command is not run.scripts[-1].commands[-1]
    if program in ("kill", "ps"):
        return starts
    return False
