"""Checkstyle XML, which most build servers read."""

from __future__ import annotations

from dfadvise.report.common import place
from dfadvise.report.xml import document, element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding

SEVERITIES = {"error": "error", "warning": "warning", "info": "info", "style": "info"}


def render(report: Report, **_: object) -> str:
    """Write the report as Checkstyle XML, a `file` element a file."""
    failed: dict[str, list[str]] = {}
    for path, message in report.errors:
        problem = {"line": 1, "severity": "error", "message": message, "source": "dfadvise"}
        failed.setdefault(path, []).append("\n  " + element("error", problem))
    files = []
    for file in report.files:
        problems = [_problem(file, finding) for finding in file.findings] + failed.pop(file.path, [])
        files.append("\n" + element("file", {"name": file.path}, *problems, *(["\n"] if problems else [])))
    return document(element("checkstyle", {"version": "4.3"}, *files, "\n"))


def _problem(file: FileResult, finding: Finding) -> str:
    line, column = place(file, finding)
    return "\n  " + element(
        "error",
        {
            "line": line,
            "column": column,
            "severity": SEVERITIES[finding.severity],
            "message": finding.message,
            "source": f"dfadvise.{finding.family}.{finding.rule}",
        },
    )
