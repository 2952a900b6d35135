"""SonarQube's format for issues of other tools, as of version 10.3."""

from __future__ import annotations

from dfadvise.report import describe
from dfadvise.report.columns import Utf16
from dfadvise.report.common import relative, source_of, visible
from dfadvise.report.dump import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding, Rule
    from dfadvise.source import Span

SEVERITIES = {"error": "CRITICAL", "warning": "MAJOR", "info": "MINOR", "style": "INFO"}
IMPACTS = {"error": "HIGH", "warning": "MEDIUM", "info": "LOW", "style": "LOW"}
ATTRIBUTES = {"security": "TRUSTWORTHY", "secrets": "TRUSTWORTHY", "style": "FORMATTED"}
ATTRIBUTES |= dict.fromkeys(("cache", "layers", "packages", "context"), "EFFICIENT")


def render(report: Report, *, root: str | None = None, **_: object) -> str:
    """Write the report as rules and issues.

    Args:
        report: The outcome of a run.
        root: The base folder of the project, which paths are made relative to; None for the working folder.
    """
    rules: dict[str, dict[str, object]] = {}
    issues = []
    for file in report.files:
        spot = _Places(file, root)
        for finding in file.findings:
            if finding.rule not in rules:
                rules[finding.rule] = _rule(finding, report.rules.get(finding.rule))
            issues.append(
                {
                    "ruleId": finding.rule,
                    "primaryLocation": spot.location(finding.message, finding.span),
                    "secondaryLocations": [spot.location(*related) for related in finding.related],
                }
            )
    return dump({"rules": [rules[name] for name in sorted(rules)], "issues": issues})


def _rule(finding: Finding, rule: Rule | None) -> dict[str, object]:
    secure = finding.family in ("security", "secrets") or (rule is not None and rule.security is not None)
    severity = finding.severity if rule is None else rule.severity
    quality = "SECURITY" if secure else "RELIABILITY" if severity == "error" else "MAINTAINABILITY"
    kinds = {"SECURITY": "VULNERABILITY", "RELIABILITY": "BUG", "MAINTAINABILITY": "CODE_SMELL"}
    return {
        "id": finding.rule,
        "name": finding.rule if rule is None else rule.title,
        "description": finding.rule if rule is None else describe.reason(rule),
        "engineId": "dfadvise",
        "cleanCodeAttribute": "TRUSTWORTHY" if secure else ATTRIBUTES.get(finding.family, "CONVENTIONAL"),
        "type": kinds[quality],
        "severity": SEVERITIES[severity],
        "impacts": [{"softwareQuality": quality, "severity": IMPACTS[severity]}],
    }


class _Places:
    """The places in one file, such that none stops the import: no empty range, none off the lines."""

    __slots__ = ("_columns", "_exact", "_path", "_source")

    def __init__(self, file: FileResult, root: str | None) -> None:
        self._source = source_of(file)
        self._path = relative(file.path, root)
        self._columns = Utf16(self._source)
        # SonarQube ends lines at a lone carriage return too, so columns would not fit.
        text = self._source.text
        self._exact = text.count("\r") == text.count("\r\n")

    def location(self, message: str, span: Span) -> dict[str, object]:
        start, end = visible(self._source, span)
        (first, left), (last, right) = self._columns.position(start), self._columns.position(end)
        area = {"startLine": first, "endLine": last}
        if self._exact and start < end:
            # These columns count from 0.
            area |= {"startColumn": left - 1, "endColumn": right - 1}
        return {"message": message, "filePath": self._path, "textRange": area}
