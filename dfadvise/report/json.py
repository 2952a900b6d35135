"""The machine-readable report, version 1: lines and columns count from 1, columns in characters."""

from __future__ import annotations

from dfadvise.report.common import bounds, expressible, source_of
from dfadvise.report.dump import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding, Saving
    from dfadvise.source import Source, Span

VERSION = 1


def render(report: Report, **_: object) -> str:
    """Write the report as one JSON object on one line."""
    return dump(
        {
            "version": VERSION,
            "findings": [_finding(file, finding) for file, finding in report.findings()],
            "errors": [{"path": path, "message": message} for path, message in report.errors],
        }
    )


def _finding(file: FileResult, finding: Finding) -> dict[str, object]:
    source = source_of(file)
    instruction, saving = finding.instruction, finding.saving
    return {
        "path": file.path,
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity,
        "message": finding.message,
        **_range(source, finding.span),
        "instruction": None
        if instruction is None
        else {
            "keyword": instruction.keyword,
            "line": instruction.line,
            "end_line": instruction.end_line,
        },
        "aliases": list(finding.aliases),
        "related": [{"message": message, **_range(source, span)} for message, span in finding.related],
        "saving": _saving(saving) if saving is not None else None,
        "fix": _fix(source, finding),
    }


def _saving(saving: Saving) -> dict[str, object]:
    told: dict[str, object] = {"bytes": saving.size, "seconds": saving.seconds, "basis": saving.basis}
    # Only where a measurement contradicts it.
    return told if saving.estimated is None else {**told, "estimated_bytes": saving.estimated}


def _fix(source: Source, finding: Finding) -> dict[str, object] | None:
    fix = finding.fix
    # An edit whose text cannot be written down here would put other bytes into the file.
    if fix is None or not expressible(fix):
        return None
    return {
        "title": fix.title,
        "applicability": fix.applicability,
        "edits": [{**_range(source, edit.span), "text": edit.text} for edit in fix.edits],
    }


def _range(source: Source, span: Span) -> dict[str, dict[str, int]]:
    start, end = bounds(source, span)
    return {"start": _position(source, start), "end": _position(source, end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column}
