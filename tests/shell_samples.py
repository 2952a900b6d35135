"""Scripts for tests of the shell model."""

from __future__ import annotations

from dfadvise.shell import Script, ShellCommand
from dfadvise.source import Source
from dfadvise.stages import Dockerfile


def script(line: str, before: str = "") -> Script:
    """The script of the last instruction of a file."""
    file = Dockerfile(Source(f"FROM scratch\n{before}{line}\n"))
    return file.stages[-1].instructions[-1].scripts[0]


def commands(text: str, before: str = "") -> list[ShellCommand]:
    return script("RUN " + text, before).commands


def only(text: str, before: str = "") -> ShellCommand:
    (command,) = commands(text, before)
    return command


def argvs(text: str, before: str = "") -> list[list[str | None]]:
    return [command.texts for command in commands(text, before)]


def source_of(command: ShellCommand) -> str:
    return command.instruction.file.source.slice(command.span)
