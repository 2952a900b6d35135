"""What a container of a stage starts: the ENTRYPOINT, CMD and HEALTHCHECK that are in force at its end."""

from __future__ import annotations

from dfadvise.knowledge.programs import SHELLS
from dfadvise.syntax.instructions import Cmd, Entrypoint, Healthcheck

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage


class Startup:
    """The start of a container.

    Attributes:
        entrypoint: The ENTRYPOINT in force; None when the chain sets none (its base may still have one).
        cmd: The CMD in force; None when the chain sets none behind the last ENTRYPOINT.
        healthcheck: The HEALTHCHECK in force; None when the chain sets none, or switches it off.
    """

    __slots__ = ("cmd", "entrypoint", "healthcheck")

    def __init__(self, stage: Stage) -> None:
        self.entrypoint: Entrypoint | None = None
        self.cmd: Cmd | None = None
        self.healthcheck: Healthcheck | None = None
        for each in stage.chain:
            cmd: Cmd | None = None
            entrypoint: Entrypoint | None = None
            for instruction in each.instructions:
                if isinstance(instruction, Cmd):
                    cmd = instruction
                elif isinstance(instruction, Entrypoint):
                    entrypoint = instruction
                elif isinstance(instruction, Healthcheck):
                    self.healthcheck = instruction if instruction.kind == "CMD" else None
            # An ENTRYPOINT drops the CMD of the image below, not one of its own stage.
            if entrypoint is not None:
                self.entrypoint, self.cmd = entrypoint, cmd
            elif cmd is not None:
                self.cmd = cmd

    @property
    def is_set(self) -> bool:
        """Whether the chain says what to start."""
        return self.entrypoint is not None or self.cmd is not None

    def commands(self) -> Iterator[ShellCommand]:
        """The commands of the first process: those of ENTRYPOINT, else of CMD."""
        started = self.entrypoint or self.cmd
        if started is not None:
            yield from started.all_commands()

    def words(self) -> list[str]:
        """Every word that either of the two names, as far as it is known."""
        found: list[str] = []
        for started in (self.entrypoint, self.cmd):
            if started is not None:
                for command in started.all_commands():
                    found.extend(word.text for word in command.words if word.text)
                if started is self.cmd and self.entrypoint is not None and started.form == "exec":
                    found.extend(word.text for word in started.args)
        return found

    @property
    def program(self) -> str | None:
        """The base name of the first program; None when it is not known or nothing is set."""
        for command in self.commands():
            return command.program
        return None

    @property
    def is_bare_shell(self) -> bool:
        """Whether it only starts a shell, for a person or for whatever comes as an argument."""
        commands = list(self.commands())
        if len(commands) != 1 or commands[0].program not in SHELLS:
            return False
        return all(word.text in ("-l", "--login", "-i", "-c") for word in commands[0].arguments)
