"""`dfadvise lint`."""

from __future__ import annotations

from dfadvise.commands.options import UsageError
from dfadvise.commands.pool import jobs_for
from dfadvise.commands.pool import run as run_all
from dfadvise.commands.present import collect, emit, format_of
from dfadvise.results import FileResult
from dfadvise.runner import Job, ReadError, internal_error, read, slim
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.discovery import Found


class Linting:
    """Lints one file at a time.

    Args:
        arguments: The command line.
    """

    __slots__ = ("arguments", "job")

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.job = Job(arguments)

    def run(self, found: Found) -> FileResult:
        """The findings in a file, or why there are none to be had."""
        try:
            source = Source.from_bytes(read(found), found.reported)
            return slim(self.job.lint(source, found))
        except ReadError as problem:
            return self.failed(found, str(problem))
        except UsageError:
            raise
        except Exception as problem:
            return self.failed(found, internal_error(problem))

    def prepare(self, batch: list[Found]) -> None:
        """Have the scripts of several files checked in few processes."""
        self.job.prefetch(batch)

    def failed(self, found: Found, reason: str) -> FileResult:
        """The result for a file that could not be linted."""
        return FileResult(found.reported, error=reason)


def run(arguments: Arguments) -> int:
    """Lint files and report.

    Returns:
        The exit status.
    """
    if arguments.flag("fix"):
        from dfadvise.commands.fix import run as run_fix

        return run_fix(arguments)
    for name in ("unsafe", "diff", "check"):
        if arguments.flag(name):
            raise UsageError(f"`--{name}` needs `--fix`")
    name = format_of(arguments)
    work = Linting(arguments)
    job = work.job
    files, problems = job.survey()
    jobs = jobs_for(arguments, len(files))
    results = list(run_all(work, files, jobs))
    failed = any(job.setup(found).fails(result) for found, result in zip(files, results, strict=True))
    report = collect(job, results, problems)
    written = emit(report, arguments, name)
    return 2 if report.errors or not written else int(failed)
