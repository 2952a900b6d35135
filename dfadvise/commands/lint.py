"""`dfadvise lint`."""

from __future__ import annotations

from dfadvise.commands.options import UsageError
from dfadvise.commands.pool import jobs_for
from dfadvise.commands.pool import run as run_all
from dfadvise.commands.present import collect, emit, format_of
from dfadvise.report.common import count_of
from dfadvise.results import FileResult
from dfadvise.runner import Job, read, reason_of, slim
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.baseline import Baseline
    from dfadvise.changes import Changes
    from dfadvise.commands.options import Arguments
    from dfadvise.discovery import Found
    from dfadvise.resultcache import Results


class Linting:
    """Lints one file at a time.

    Args:
        arguments: The command line.
    """

    __slots__ = ("arguments", "job", "kept")

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.job = Job(arguments)
        self.kept = _kept(self.job)

    def run(self, found: Found) -> FileResult:
        """The findings in a file, or why there are none to be had."""
        try:
            data = read(found)
            if self.kept is not None:
                return self.kept.lint(found, data)
            return slim(self.job.lint(Source.from_bytes(data, found.reported), found))
        except Exception as problem:
            return self.failed(found, reason_of(problem))

    def known(self, found: Found) -> FileResult | None:
        """The findings in a file by an earlier run; None when it has to be linted."""
        if self.kept is None or found.path == "-":
            return None
        try:
            return self.kept.get(found, read(found))
        except Exception:
            # Linting it says what is wrong.
            return None

    def prepare(self, batch: list[Found]) -> None:
        """Have the scripts of several files checked in few processes."""
        self.job.prefetch(batch)

    def failed(self, found: Found, reason: str) -> FileResult:
        """The result for a file that could not be linted."""
        return FileResult(found.reported, error=reason)


def _kept(job: Job) -> Results | None:
    """The results of earlier runs; None when none are to be used."""
    # What an image shows is not told by the Dockerfile and its context.
    if job.arguments.flag("no-cache") or job.arguments.one("image") is not None:
        return None
    from dfadvise.resultcache import results_of

    return results_of(job)


def run(arguments: Arguments) -> int:
    """Lint files and report.

    Returns:
        The exit status.
    """
    if arguments.flag("fix"):
        if arguments.one("image") is not None:
            raise UsageError("`--image` does not go with `--fix`: what is fixed is not what was built")
        from dfadvise.commands.fix import run as run_fix

        return run_fix(arguments)
    for name in ("unsafe", "diff", "check"):
        if arguments.flag(name):
            raise UsageError(f"`--{name}` needs `--fix`")
    name = format_of(arguments)
    work = Linting(arguments)
    job = work.job
    known = baseline_of(arguments)
    files, problems = job.survey()
    base = changes_of(job, files)
    held = [work.known(found) for found in files]
    todo = [found for found, result in zip(files, held, strict=True) if result is None]
    fresh = iter(run_all(work, todo, jobs_for(arguments, len(todo))))
    results = [result if result is not None else next(fresh) for result in held]
    if arguments.flag("write-baseline"):
        return _write_baseline(arguments, results, problems)
    if known is not None:
        job.notes += leave_out(known, results)
    if base is not None:
        job.notes += leave_unchanged(base, job, files, results)
    failed = any(job.setup(found).fails(result) for found, result in zip(files, results, strict=True))
    report = collect(job, results, problems)
    written = emit(report, arguments, name)
    return 2 if report.errors or not written else int(failed)


def baseline_of(arguments: Arguments) -> Baseline | None:
    """The baseline that is asked for; None for none, or when it is to be written.

    Raises:
        UsageError: It cannot be used.
    """
    path = arguments.one("baseline")
    if arguments.flag("write-baseline"):
        if path is None:
            raise UsageError("`--write-baseline` needs `--baseline FILE`")
        return None
    if path is None:
        return None
    from dfadvise.baseline import BaselineError
    from dfadvise.baseline import read as read_baseline

    try:
        return read_baseline(path)
    except BaselineError as problem:
        raise UsageError(str(problem)) from problem


def leave_out(known: Baseline, results: Iterable[FileResult]) -> list[str]:
    """Take the known findings out of results, and tell what came of it."""
    hidden = known.leave_out(results)
    notes = [f"{count_of(hidden, 'finding')} of the baseline left out"] if hidden else []
    if known.gone:
        notes.append(f"{count_of(known.gone, 'finding')} of the baseline gone: --write-baseline takes them out of it")
    return notes


def changes_of(job: Job, files: Iterable[Found]) -> Changes | None:
    """What has changed since the revision that is asked for; None when all counts.

    Raises:
        UsageError: There is no telling.
    """
    revision = job.arguments.one("diff-base")
    if revision is None:
        return None
    if job.arguments.flag("write-baseline"):
        raise UsageError("`--write-baseline` writes every finding, so it does not go with `--diff-base`")
    from dfadvise.changes import Changes, ChangesError

    try:
        changes = Changes(revision)
        changes.prepare([job.place_of(found) for found in files])
    except ChangesError as problem:
        raise UsageError(f"--diff-base: {problem}") from problem
    return changes


def leave_unchanged(changes: Changes, job: Job, files: Iterable[Found], results: Iterable[FileResult]) -> list[str]:
    """Take the findings that are about nothing that has changed out of results, and tell how many."""
    pairs = zip(files, results, strict=True)
    hidden = sum(changes.leave_out(result, job.place_of(found)) for found, result in pairs)
    what = f"{count_of(hidden, 'finding')} on what has not changed since {changes.revision} left out"
    return [what] if hidden else []


def _write_baseline(arguments: Arguments, results: list[FileResult], problems: list[tuple[str, str]]) -> int:
    from dfadvise.baseline import text_of
    from dfadvise.commands.output import OutputError, complain, deliver

    path = arguments.one("baseline") or ""
    failed = [*problems, *((each.path, each.error) for each in results if each.error is not None)]
    for place, message in failed:
        complain(f"{place}: {message}")
    try:
        deliver(text_of(results, path), path)
    except OutputError as problem:
        raise UsageError(str(problem)) from problem
    complain(f"{path} is written: {count_of(sum(len(each.findings) for each in results), 'finding')}")
    return 2 if failed else 0
