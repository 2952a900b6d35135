"""`dfadvise fix`: apply fixes, or show what they would do."""

from __future__ import annotations

import os

from dfadvise.commands.lint import baseline_of, changes_of, leave_out, leave_unchanged
from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, complain, note, write
from dfadvise.commands.pool import jobs_for
from dfadvise.commands.pool import run as run_all
from dfadvise.commands.present import collect, emit, format_of
from dfadvise.fixing import fix
from dfadvise.report.common import count_of
from dfadvise.results import FileResult
from dfadvise.runner import Job, read, reason_of, slim
from dfadvise.source import Source
from dfadvise.writing import WriteError, create, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.config import Config
    from dfadvise.discovery import Found
    from dfadvise.fixing import Outcome
    from dfadvise.rule import Finding


class Fixed:
    """What came of one file.

    Attributes:
        result: The findings that are left, or why the file was not fixed.
        applied: How many fixes were applied.
        changed: Whether the file, or a new file, was or would be written.
        lines: What was done and what was refused, one line each.
        output: What to write to standard output: a patch, or the text for `-`.
    """

    __slots__ = ("applied", "changed", "lines", "output", "result")

    def __init__(self, result: FileResult) -> None:
        self.result = result
        self.applied = 0
        self.changed = False
        self.lines: list[str] = []
        self.output: bytes = b""


class Fixing:
    """Fixes one file at a time.

    Args:
        arguments: The command line.
    """

    __slots__ = ("arguments", "changes", "job")

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.job = Job(arguments)
        self.changes = changes_of(self.job, ())

    def prepare(self, batch: list[Found]) -> None:
        """Look up the old versions of several files at once."""
        if self.changes is not None:
            self.changes.prepare([self.job.place_of(found) for found in batch])

    def run(self, found: Found) -> Fixed:
        """Fix a file as far as the command line allows."""
        try:
            return self._fix(found)
        except Exception as problem:
            return self.failed(found, reason_of(problem))

    def failed(self, found: Found, reason: str) -> Fixed:
        """The result for a file that could not be fixed."""
        return Fixed(FileResult(found.reported, error=reason))

    def _fix(self, found: Found) -> Fixed:
        data = read(found)
        source = Source.from_bytes(data, found.reported)
        config = self.job.setup(found).config
        left: dict[int, Finding] = {}
        outcome = fix(
            source,
            lambda text: self._lint_for_fixes(text, found, left),
            lambda text: self.job.model(text, found),
            lambda finding: "" if id(finding) in left else self._wanted(finding, config),
        )
        rest = outcome.result
        if self.job.setup(found).threshold != "never":
            rest = self.job.lint(outcome.source, found)
        fixed = Fixed(rest)
        fixed.applied = len(outcome.applied)
        verb = "would fix" if self._is_trial() else "fixed"
        fixed.lines = [f"{found.reported}:{each.line}: {verb} {each.rule}: {each.title}" for each in outcome.applied]
        new = outcome.source.encode()
        fixed.changed = new != data
        try:
            self._deliver(found, fixed, data, new)
        except WriteError as problem:
            fixed = Fixed(slim(self.job.lint(source, found)))
            fixed.result.error = str(problem)
            return fixed
        self._create(found, fixed, outcome)
        fixed.lines += [
            f"{found.reported}:{each.line}: not fixed {each.rule}: {each.title} ({each.reason})"
            for each in outcome.refused
        ]
        if not outcome.converged:
            fixed.lines.append(f"{found.reported}: the fixes do not come to rest; look at the result")
        slim(fixed.result)
        return fixed

    def _lint_for_fixes(self, text: Source, found: Found, left: dict[int, Finding]) -> FileResult:
        """Lint a text, and note the findings that are not to be fixed because what they are about has not changed."""
        result = self.job.lint_for_fixes(text, found)
        if self.changes is not None:
            changed = self.changes.of(self.job.place_of(found), text.encode())
            for finding in (*result.findings, *result.repeated):
                if not changed.concerns(finding, text):
                    left[id(finding)] = finding
        return result

    def _is_trial(self) -> bool:
        return self.arguments.flag("diff") or self.arguments.flag("check")

    def _wanted(self, finding: Finding, config: Config) -> str | None:
        kind = finding.fix.applicability if finding.fix is not None else "display"
        told = config.fix_of(finding.rule)
        if told == "never" or kind == "display":
            return ""
        unsafe = told == "always" or (self.arguments.flag("unsafe") and told != "safe")
        return None if kind == "safe" or unsafe else ""

    def _deliver(self, found: Found, fixed: Fixed, old: bytes, new: bytes) -> None:
        """Put the new text where it belongs.

        Raises:
            WriteError: It cannot be put there.
        """
        if self.arguments.flag("diff"):
            if fixed.changed:
                from dfadvise.commands.patch import patch

                fixed.output = patch(found.reported, old, new)
        elif self.arguments.flag("check"):
            return
        elif found.path == "-":
            fixed.output = new
        elif fixed.changed:
            replace(found.path, old, new)

    def _create(self, found: Found, fixed: Fixed, outcome: Outcome) -> None:
        """Write the new files that fixes ask for, which never takes the place of one."""
        place = self.job.place_of(found)
        folder = os.path.dirname(place)
        for name, text in outcome.creates.items():
            path = os.path.join(os.path.dirname(found.reported), name).replace(os.sep, "/")
            if place == "-":
                fixed.lines.append(f"{path}: not created: standard input has no folder")
                continue
            data = text.encode("utf-8", "surrogateescape")
            if self._is_trial():
                if not os.path.lexists(os.path.join(folder, name)):
                    fixed.changed = True
                    fixed.lines.append(f"{path}: would be created")
                    if self.arguments.flag("diff"):
                        from dfadvise.commands.patch import patch

                        fixed.output += patch(path, None, data)
                continue
            try:
                create(folder or ".", name, data)
            except WriteError as problem:
                fixed.lines.append(f"{path}: not created: {problem}")
                continue
            fixed.changed = True
            fixed.lines.append(f"{path}: created")
            self.job.forget_contexts()
            fixed.result = self.job.lint(outcome.source, found)


def run(arguments: Arguments) -> int:
    """Fix files and say what was done.

    Returns:
        The exit status.
    """
    if arguments.flag("diff") and arguments.flag("check"):
        raise UsageError("`--diff` and `--check` exclude each other")
    name = format_of(arguments)
    work = Fixing(arguments)
    job = work.job
    known = baseline_of(arguments)
    files, problems = job.survey()
    base = changes_of(job, files)
    results: list[Fixed] = []
    written = True
    for fixed in run_all(work, files, jobs_for(arguments, len(files))):
        results.append(fixed)
        try:
            write(fixed.output)
        except OutputError as problem:
            complain(str(problem))
            written = False
        fixed.output = b""
    trial = arguments.flag("diff") or arguments.flag("check")
    if known is not None:
        job.notes += leave_out(known, [fixed.result for fixed in results])
    if base is not None:
        job.notes += leave_unchanged(base, job, files, [fixed.result for fixed in results])
    report = collect(job, [fixed.result for fixed in results], problems)
    if trial:
        for path, message in report.errors:
            complain(f"{path}: {message}")
    else:
        # Standard output may hold the text of a file.
        aside = any(found.path == "-" for found in files)
        written = emit(report, arguments, name, aside) and written
    _tell(results, arguments, trial)
    if report.errors or not written:
        return 2
    if trial:
        return int(any(fixed.changed for fixed in results))
    return int(any(job.setup(found).fails(fixed.result) for found, fixed in zip(files, results, strict=True)))


def _tell(results: list[Fixed], arguments: Arguments, trial: bool) -> None:
    """Say on standard error what was done; standard output is for findings, patches and texts."""
    if arguments.flag("quiet"):
        return
    lines = [line for fixed in results for line in fixed.lines]
    number = sum(fixed.applied for fixed in results)
    hit = sum(fixed.changed for fixed in results)
    if number or hit:
        verb = "would fix" if trial else "fixed"
        lines.append(f"{verb} {count_of(number, 'finding')} in {hit} of {count_of(len(results), 'file')}")
    else:
        lines.append(f"nothing to fix in {count_of(len(results), 'file')}")
    for line in lines:
        note(line)
