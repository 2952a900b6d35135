"""The report as Markdown: a summary line and a table, for comments and job summaries."""

from __future__ import annotations

from dfadvise.report.common import place, printable, rule_url, saving_text, summary
from dfadvise.rule import RANK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding

_SPECIAL = {ord(char): f"\\{char}" for char in "\\`*_[]|~"} | {
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("&"): "&amp;",
    # A name in a file or an image must not become a mention; an entity would not prevent that.
    ord("@"): "@<!-- -->",
}


def render(report: Report, *, limit: int | None = None, **_: object) -> str:
    """Write the report as Markdown, the gravest findings first.

    Args:
        report: The outcome of a run.
        limit: Bytes to keep to; rows that do not fit are counted instead.
    """
    parts = ["## dfadvise\n\n", f"{_capital(summary(report))}.\n"]
    rows = sorted(report.findings(), key=lambda item: RANK[item[1].severity])
    for path, message in report.errors:
        parts.append(f"\n**Not checked:** {escaped(path)}: {escaped(message)}\n")
    parts += [f"\n{escaped(note)}\n" for note in report.notes]
    if not rows:
        return "".join(parts)
    parts.append("\n| Place | Severity | Rule | Finding |\n| --- | --- | --- | --- |\n")
    used = sum(len(part.encode()) for part in parts)
    for number, (file, finding) in enumerate(rows):
        row = _row(file, finding)
        used += len(row.encode())
        if limit is not None and used > limit - 100:
            parts.append(f"\n... and {len(rows) - number} more.\n")
            break
        parts.append(row)
    return "".join(parts)


def _row(file: FileResult, finding: Finding) -> str:
    line, column = place(file, finding)
    text = escaped(finding.message)
    saved = saving_text(finding.saving)
    if saved:
        text += f"<br>Saves {saved}"
    if finding.fix is not None:
        text += f"<br>Fix ({finding.fix.applicability}): {escaped(finding.fix.title)}"
    rule = f"[{escaped(finding.rule)}]({rule_url(finding.rule)})"
    return f"| {escaped(file.path)}:{line}:{column} | {finding.severity} | {rule} | {text} |\n"


def escaped(text: str) -> str:
    """A text that means itself in Markdown, in a cell of a table too."""
    return printable(text).translate(_SPECIAL)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
