"""`dfadvise compare`."""

from __future__ import annotations

import os

from dfadvise.commands.advise import advice_of
from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, colored, columns, complain, deliver
from dfadvise.comparing import Comparison
from dfadvise.config import ConfigError
from dfadvise.contextroot import read_from_context
from dfadvise.discovery import Found, reported
from dfadvise.runner import Job, read, reason_of
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments


def run(arguments: Arguments) -> int:
    """Compare two versions of a Dockerfile.

    Returns:
        0, or 2 when one could not be read or the comparison could not be written.
    """
    job = Job(arguments)
    old, new = (_found(path, arguments) for path in arguments.operands)
    if old.path == new.path == "-":
        raise UsageError("standard input is one file: only one of OLD and NEW can be `-`")
    sources: list[Source] = []
    for found in (old, new):
        try:
            sources.append(Source.from_bytes(read(found), found.reported))
        except Exception as problem:
            complain(f"{found.reported}: {reason_of(problem)}")
    if len(sources) < 2:
        return 2
    try:
        comparison = compared(job, sources[0], sources[1], new if new.path != "-" else old)
        text = _written(comparison, arguments)
    except ConfigError as problem:
        complain(str(problem))
        return 2
    except Exception as problem:
        complain(f"{new.reported}: {reason_of(problem)}")
        return 2
    for error in job.pack_errors:
        complain(str(error))
    try:
        deliver(text, arguments.one("output"))
    except OutputError as problem:
        complain(str(problem))
        return 2
    return 2 if job.pack_errors else 0


def compared(job: Job, old: Source, new: Source, place: Found) -> Comparison:
    """Two texts that stand in one place: under its configuration, with its build context.

    Args:
        job: What was asked for.
        old, new: The texts.
        place: The file whose place it is; the old text may lie anywhere else.
    """
    after, before = job.model(new, place), job.model(old, place)
    # What only one version copies must not make the other one's context another folder.
    for one, other in ((before, after), (after, before)):
        if one.context is None and other.context is not None and read_from_context(one) is not None:
            one.context = other.context
    (was, gone), (now, fresh) = advice_of(job, before, place), advice_of(job, after, place)
    return Comparison(was, now, gone, fresh)


def _found(path: str, arguments: Arguments) -> Found:
    if path == "-":
        return Found("-", reported(arguments.one("stdin-filename") or "-"))
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder, not a Dockerfile")
    return Found(path, reported(path))


def _written(comparison: Comparison, arguments: Arguments) -> str:
    name = arguments.one("format") or "text"
    if name == "json":
        from dfadvise.report.compare import as_json

        return as_json(comparison)
    if name == "markdown":
        from dfadvise.report.compare import as_markdown

        return as_markdown(comparison)
    from dfadvise.report.compare_text import render

    to_file = arguments.one("output") is not None
    return render(comparison, not to_file and colored(), None if to_file else columns())
