"""GitLab Code Quality, a subset of the Code Climate format."""

from __future__ import annotations

from dfadvise.report.common import relative, source_of, visible
from dfadvise.report.dump import dump
from dfadvise.report.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding

SEVERITIES = {"error": "critical", "warning": "major", "info": "minor", "style": "info"}
CATEGORIES = {"security": "Security", "secrets": "Security", "style": "Style"}
CATEGORIES |= dict.fromkeys(("cache", "layers", "packages", "stages", "context", "base"), "Performance")


def render(report: Report, *, root: str | None = None, **_: object) -> str:
    """Write the report as a list of issues.

    Args:
        report: The outcome of a run.
        root: The root of the repository, which paths are made relative to; None for the working directory.
    """
    issues = []
    for file in report.files:
        marks = fingerprints(file, root) if file.findings else {}
        issues += [_issue(file, finding, marks[id(finding)], root) for finding in file.findings]
    return dump(issues)


def _issue(file: FileResult, finding: Finding, mark: str, root: str | None) -> dict[str, object]:
    source = source_of(file)
    start, end = visible(source, finding.span)
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": finding.message,
        "categories": [CATEGORIES.get(finding.family, "Bug Risk")],
        "severity": SEVERITIES[finding.severity],
        "fingerprint": mark,
        "location": {
            "path": relative(file.path, root),
            "lines": {"begin": source.line(start), "end": source.line(end)},
        },
    }
