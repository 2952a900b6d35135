"""Workflow commands for GitHub Actions: annotations on the lines of a pull request; and the job summary.

GitHub shows ten errors, ten warnings and ten notices of a step, so every message also names its place for the
log.
"""

from __future__ import annotations

from dfadvise.report.common import printable, relative, saving_text, source_of, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding

LEVELS = {"error": "error", "warning": "warning", "info": "notice", "style": "notice"}
SUMMARY_BYTES = 1024 * 1024  # GitHub refuses a larger summary altogether


def render(report: Report, **_: object) -> str:
    """Write the report as workflow commands, one a line."""
    lines = [_annotation(file, finding) for file, finding in report.findings()]
    for path, message in report.errors:
        lines.append(_command("error", [("file", relative(path)), ("title", "dfadvise")], f"{path}: {message}"))
    for note in report.notes:
        lines.append(_command("notice", [("title", "dfadvise")], note))
    return "".join(f"{line}\n" for line in lines)


def _annotation(file: FileResult, finding: Finding) -> str:
    source = source_of(file)
    start, end = visible(source, finding.span)
    line, column = source.position(start)
    end_line, end_column = source.position(end)
    place: list[tuple[str, object]] = [("file", relative(file.path)), ("line", line), ("endLine", end_line)]
    if line == end_line:
        # The runner drops columns of places that span lines.
        place += [("col", column), ("endColumn", end_column)]
    place.append(("title", f"dfadvise {finding.rule}"))
    text = f"{file.path}:{line}:{column}: {finding.message}"
    if finding.aliases:
        text += f" ({', '.join(finding.aliases)})"
    lines = [text]
    saved = saving_text(finding.saving)
    if saved:
        lines.append(f"saves: {saved}")
    if finding.fix is not None:
        lines.append(f"fix: {finding.fix.title} ({finding.fix.applicability})")
    return _command(LEVELS[finding.severity], place, *lines)


def _command(name: str, properties: list[tuple[str, object]], *lines: str) -> str:
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties)
    return f"::{name} {listed}::{_data(chr(10).join(printable(line) for line in lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")


def append_summary(report: Report, environ: Mapping[str, str] | None = None) -> bool:
    """Add the report as Markdown to the summary of the job, where there is one.

    Args:
        report: The outcome of a run.
        environ: The environment; None for the one of this process. `GITHUB_STEP_SUMMARY` names the file.

    Returns:
        Whether something was written; not when the file is unknown, full or cannot be written.
    """
    from os import environ as own
    from os.path import getsize

    from dfadvise.report.markdown import render as markdown

    path = (own if environ is None else environ).get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    try:
        with open(path, "a", encoding="utf-8", newline="\n") as summary:
            room = SUMMARY_BYTES - getsize(path)
            text = markdown(report, limit=room)
            if len(text.encode()) > room:
                return False
            summary.write(text)
    except OSError:
        return False
    return True
