"""The report of `lint` as an HTML page: the findings by file, with the lines that they are about."""

from __future__ import annotations

from dfadvise.report import describe
from dfadvise.report.common import count_of, place, rule_url, saving_text, severity_counts, summary, visible
from dfadvise.report.html_page import frame, page
from dfadvise.rule import RANK
from dfadvise.secret.signs import shown_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding, Rule
    from dfadvise.source import Source

MOST_FINDINGS = 1000
MOST_ERRORS = 200
RELATED = 6  # further places of a finding
_HOW = {"safe": "safe: `dfadvise fix`", "unsafe": "unsafe: `dfadvise fix --unsafe`", "display": "to be done by hand"}


def render(report: Report, **_: object) -> str:
    """Write the report as one page; of too many findings the gravest are shown, and the rest is counted.

    Args:
        report: The outcome of a run.
    """
    found = list(report.findings())
    kept = sorted(found, key=lambda item: RANK[item[1].severity])[:MOST_FINDINGS]
    chosen = {id(finding) for _, finding in kept}
    names = {name: f"rule-{number}" for number, name in enumerate(sorted({each.rule for _, each in kept}), 1)}
    files = []
    for number, file in enumerate(report.files, 1):
        shown = [finding for finding in file.findings if id(finding) in chosen]
        if not shown:
            continue
        source = shown_source(file)
        files.append(
            {
                "id": f"file-{number}",
                "path": file.path,
                "counts": _counts(file.findings),
                "left": len(file.findings) - len(shown),
                "findings": [_finding(file, source, finding, names) for finding in shown],
            }
        )
    clean = sum(not file.findings and file.error is None for file in report.files)
    return page(
        "lint.html.j2",
        summary=summary(report),
        counts=_counts([finding for _, finding in found]),
        files=files,
        clean=count_of(clean, "file") if clean else "",
        left=len(found) - len(kept),
        rules=[_rule(name, report.rules.get(name), names[name], kept) for name in names],
        errors=report.errors[:MOST_ERRORS],
        more_errors=max(0, len(report.errors) - MOST_ERRORS),
        notes=report.notes[:MOST_ERRORS],
    )


def _counts(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(severity, number) for severity, number in severity_counts(findings).items() if number]


def _finding(file: FileResult, source: Source, finding: Finding, names: dict[str, str]) -> dict[str, object]:
    line, column = place(file, finding)
    related = []
    for message, span in finding.related[:RELATED]:
        bounds = visible(source, span)
        related.append((message, source.line(bounds[0]), frame(source, *bounds, most=4)))
    fix = finding.fix
    return {
        "severity": finding.severity,
        "rule": finding.rule,
        "anchor": names[finding.rule],
        "message": finding.message,
        "line": line,
        "column": column,
        "aliases": ", ".join(finding.aliases),
        "frame": frame(source, *visible(source, finding.span)) if source.text else [],
        "related": related if source.text else [],
        "more_related": max(0, len(finding.related) - RELATED),
        "saves": saving_text(finding.saving),
        "fix": fix.title if fix is not None else "",
        "how": _HOW[fix.applicability] if fix is not None else "",
    }


def _rule(name: str, rule: Rule | None, anchor: str, kept: list[tuple[FileResult, Finding]]) -> dict[str, object]:
    """What a rule is about; a rule that is not known here has nothing but its name."""
    known = describe.sections(rule) if rule is not None else {}
    return {
        "name": name,
        "id": anchor,
        "title": rule.title if rule is not None else "",
        "why": " ".join(known.get("Why", "").split()),
        "fix": " ".join(known.get("Fix", "").split()),
        "url": rule_url(name) if rule is not None and rule.pack == "default" else "",
        "number": count_of(sum(finding.rule == name for _, finding in kept), "finding"),
    }
