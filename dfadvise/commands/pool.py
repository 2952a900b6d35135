"""The same work on many files: in this process, or in several at once (`spread.py`)."""

from __future__ import annotations

import gc
import os
import sys

from dfadvise.commands.options import UsageError
from dfadvise.commands.output import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol, TypeVar

    from dfadvise.commands.options import Arguments
    from dfadvise.discovery import Found

    T = TypeVar("T", covariant=True)

    class Work(Protocol[T]):
        """What is done to each file; another process makes its own from the arguments."""

        arguments: Arguments

        def run(self, found: Found) -> T:
            """Do the work; the result must survive pickling."""
            ...

        def failed(self, found: Found, reason: str) -> T:
            """The result for a file on which the work could not be done."""
            ...


FEW = 50  # files up to which one process is faster than starting another
MOST = 16
BATCH = 16  # files a process is given at a time: neighbours, which share a build context
RARELY = 20_000  # objects made before cycles are looked for: a file leaves so many that more often costs a twentieth
PATIENCE = 1.0  # seconds before a terminal is told how far it is


def jobs_for(arguments: Arguments, number: int) -> int:
    """How many processes to use for a number of files.

    Raises:
        UsageError: `--jobs` is no number from 1 on.
    """
    given = arguments.one("jobs")
    if given in (None, "auto", "0"):
        if number <= FEW:
            return 1
        affinity = getattr(os, "sched_getaffinity", None)
        available = len(affinity(0)) if affinity else os.cpu_count() or 1
        return max(1, min(available, MOST, number // (FEW // 2)))
    assert given is not None
    if not given.isdecimal() or len(given) > 4:
        raise UsageError(f"`--jobs` cannot be `{given}`, it is a number of processes")
    return max(1, min(int(given), number, 4 * MOST))


def run(work: Work[T], files: list[Found], jobs: int) -> Iterator[T]:
    """Do the work on every file.

    Args:
        work: What to do.
        files: The files.
        jobs: How many processes to use.

    Returns:
        A result for each file, in the order of the files.
    """
    if len(files) > FEW // 5:
        # A model is full of cycles: now they have to be collected, but never what is loaded already.
        gc.freeze()
        gc.set_threshold(RARELY)
        gc.enable()
    results = _spread(work, files, jobs) if jobs > 1 else _one_by_one(work, files)
    if len(files) <= FEW or work.arguments.flag("quiet") or not is_terminal(sys.stderr):
        return iter(results)
    return _told(iter(results), len(files))


def _spread(work: Work[T], files: list[Found], jobs: int) -> Iterator[T]:
    from dfadvise.commands.spread import Spread, can_start

    return Spread(work, files, jobs).results() if can_start() else _one_by_one(work, files)


def _one_by_one(work: Work[T], files: list[Found]) -> Iterator[T]:
    """The results of this process; neighbours are prepared together where the work knows how."""
    prepare = getattr(work, "prepare", None)
    for at in range(0, len(files), BATCH):
        batch = files[at : at + BATCH]
        if prepare is not None and len(files) > 1:
            prepare(batch)
        yield from map(work.run, batch)


def _told(results: Iterator[T], number: int) -> Iterator[T]:
    """The results, with a count of them on the terminal when it takes long."""
    from time import monotonic

    began = told = monotonic()
    try:
        for done, result in enumerate(results, 1):
            yield result
            now = monotonic()
            if now - began > PATIENCE and now - told > PATIENCE / 4:
                told = now
                sys.stderr.write(f"\r{done} of {number} files")
                sys.stderr.flush()
    finally:
        if told > began:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
