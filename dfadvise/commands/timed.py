"""`--build-log`: the log of a build, read for the times of its steps."""

from __future__ import annotations

import sys

from dfadvise.buildlog import LogError, read_log
from dfadvise.commands.options import UsageError
from dfadvise.commands.output import is_terminal
from dfadvise.timesaved import measure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.advice import Advice
    from dfadvise.buildlog import Build
    from dfadvise.discovery import Found

STDIN = "-"


def builds_of(path: str, files: Sequence[Found]) -> list[Build]:
    """The builds of the log that the option names.

    Args:
        path: The log; `-` for standard input.
        files: The Dockerfiles of the job.

    Raises:
        UsageError: The log cannot be read, tells of no build, or is asked about several Dockerfiles.
    """
    if len(files) > 1:
        raise UsageError(f"--build-log is the log of one Dockerfile, and there are {len(files)}; name the one")
    if path == STDIN and any(found.path == STDIN for found in files):
        raise UsageError("--build-log: standard input is the Dockerfile already; name a file")
    if path == STDIN and is_terminal(sys.stdin):
        raise UsageError("--build-log: standard input is a terminal; pipe the output of docker build into it")
    try:
        with open(0 if path == STDIN else path, "rb", buffering=0, closefd=path != STDIN) as stream:
            return read_log(stream)
    except OSError as problem:
        raise UsageError(f"--build-log: {_name(path)} cannot be read: {problem.strerror or problem}") from problem
    except LogError as problem:
        raise UsageError(f"--build-log: {_name(path)} {problem}") from problem


def add(advice: Advice, builds: Sequence[Build], path: str) -> None:
    """Put the times of a log into the answers.

    Raises:
        UsageError: The log is not of this Dockerfile.
    """
    try:
        measure(advice, builds)
    except LogError as problem:
        raise UsageError(f"--build-log: {_name(path)} {problem}") from problem


def _name(path: str) -> str:
    return "standard input" if path == STDIN else path
