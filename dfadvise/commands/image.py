"""`dfadvise image`."""

from __future__ import annotations

import os
import sys

from dfadvise.about.sizes import human
from dfadvise.commands.limits import Limits
from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, colored, columns, complain, deliver, is_terminal
from dfadvise.image.reading import STDIN, analyses_of
from dfadvise.image.stream import ArchiveError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.image.analysis import Analysis
    from dfadvise.stages import Dockerfile


def run(arguments: Arguments) -> int:
    """Say what is in an image.

    Returns:
        0; 1 when a threshold is exceeded; 2 when something could not be read.
    """
    limits = Limits(arguments)
    path = arguments.operands[0]
    if path == STDIN and is_terminal(sys.stdin):
        raise UsageError("standard input is a terminal; pipe an archive into it: docker save IMAGE | dfadvise image -")
    file = _dockerfile(arguments.one("dockerfile"))
    shown = "standard input" if path == STDIN else path
    progress = Progress(path)
    try:
        analyses, problems = analyses_of(
            path, arguments.one("image-name"), arguments.one("platform"), file, progress.add
        )
    except ArchiveError as problem:
        analyses, problems = [], [str(problem)]
    finally:
        progress.clear()
    errors = [(shown, problem) for problem in problems]
    name = arguments.one("format") or "text"
    if name != "markdown" or arguments.one("output") is not None:
        for where, message in errors:
            complain(f"{where} {message}")
    try:
        deliver(_rendered(name, analyses, errors, arguments.one("output")), arguments.one("output"))
    except OutputError as problem:
        complain(str(problem))
        return 2
    exceeded = [line for analysis in analyses for line in limits.exceeded(analysis)]
    for line in exceeded:
        complain(line)
    return 2 if errors else 1 if exceeded else 0


class Progress:
    """How far the reading has come, on a terminal only.

    Args:
        path: What is read.
    """

    __slots__ = ("_done", "_next", "_shown", "_total")

    def __init__(self, path: str) -> None:
        self._done = 0
        self._next = 0.0
        self._shown = False
        self._total = 0
        if not is_terminal(sys.stderr):
            self._next = float("inf")
        elif path != STDIN and os.path.isfile(path):
            self._total = os.path.getsize(path)

    def add(self, size: int) -> None:
        """Count bytes that were read."""
        self._done += size
        if self._next == float("inf"):
            return
        from time import monotonic

        now = monotonic()
        if now < self._next:
            return
        # Nothing is shown of what takes a moment.
        if self._next:
            share = f" of {human(self._total)}" if self._total else ""
            sys.stderr.write(f"\r\x1b[Kread {human(self._done)}{share}")
            sys.stderr.flush()
            self._shown = True
        self._next = now + (0.1 if self._next else 0.5)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _rendered(name: str, analyses: list[Analysis], errors: list[tuple[str, str]], path: str | None) -> str:
    from dfadvise.report import image as report

    if name == "json":
        return report.as_json(analyses, errors)
    if name == "markdown":
        return report.as_markdown(analyses, errors)
    if name == "html":
        from dfadvise.report.html_image import as_html

        return as_html(analyses, errors)
    return report.as_text(analyses, path is None and colored(), columns() if path is None else None)


def _dockerfile(path: str | None) -> Dockerfile | None:
    if path is None:
        return None
    from dfadvise.runner import MAX_SIZE
    from dfadvise.source import Source
    from dfadvise.stages import Dockerfile

    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except OSError as problem:
        raise UsageError(f"--dockerfile: {path} cannot be read: {problem.strerror or problem}") from problem
    if len(data) > MAX_SIZE:
        raise UsageError(f"--dockerfile: {path} is too large to be a Dockerfile")
    file = Dockerfile(Source.from_bytes(data, path))
    if not file.stages:
        raise UsageError(f"--dockerfile: {path} has no FROM")
    return file
