"""A comparison of two versions on a terminal, as tables."""

from __future__ import annotations

from dfadvise.report.advice import lines_of
from dfadvise.report.compare import again_cell, line_cell, reruns_cell, size_cell, text_of, total_lines
from dfadvise.report.terminal import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.advice import Advice
    from dfadvise.comparing import Comparison
    from dfadvise.rule import Finding


def render(comparison: Comparison, color: bool, width: int | None) -> str:
    """The comparison as text.

    Args:
        comparison: The comparison.
        color: Whether to colour it.
        width: Columns of the terminal; None for one that is as wide as needed.
    """
    screen = Screen(color, width)
    old, new = comparison.old, comparison.new
    screen.print(f"{old.file.source.path} → {new.file.source.path}", "bold")
    for line in total_lines(comparison):
        screen.print(line)
    screen.print()
    rows = [
        (
            line_cell(each.old, each.pair.old),
            line_cell(each.new, each.pair.new),
            each.pair.kind,
            text_of(each),
            size_cell(each.old),
            size_cell(each.new),
            again_cell(each),
        )
        for each in comparison.layers
    ]
    heads = (">line", ">now", "what", "layer", ">bytes", ">now", "runs again when")
    screen.table("Layers", heads, rows or [("", "", "", "none", "", "", "")])
    if any(cell.startswith("(") for row in rows for cell in row[:2]):
        screen.print("(line): the instruction is there, and makes no layer of the image.")
    screen.print()
    scenarios = [
        (
            each.title,
            reruns_cell(each.old, old),
            reruns_cell(each.new, new),
            lines_of(old, each.spared),
            lines_of(new, each.added),
        )
        for each in comparison.reruns
    ]
    screen.table("What runs again", ("when", "lines", "now", "no longer", "newly"), scenarios)
    for title, findings, advice in (("Findings gone", comparison.gone, old), ("Findings new", comparison.fresh, new)):
        screen.print()
        found = [_row(each, advice) for each in findings]
        screen.table(title, (">line", "severity", "rule", "what"), found or [("", "", "", "none")])
    return screen.drawn()


def _row(finding: Finding, advice: Advice) -> tuple[str, str, str, str]:
    line = advice.file.source.line(finding.span.start)
    return str(line), finding.severity, finding.rule, finding.message
