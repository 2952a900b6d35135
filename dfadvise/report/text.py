"""The report for a terminal: a line a finding, the source under it, what it saves and how to mend it."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.report.common import (
    count_of,
    escape,
    place,
    printable,
    saving_text,
    summary,
    visible,
)
from dfadvise.secret.signs import shown_source
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding
    from dfadvise.source import Source

    Paint = Callable[[str, str], str]

WIDTH = 100  # characters of a line that are shown
LEAD = 20  # of them before the place, on a line that is too long
TAB = "    "
ALIASES = 4
RELATED = 6

_COLORS = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;34",
    "style": "1;36",
    "bold": "1",
    "dim": "2",
}


def render(
    report: Report,
    *,
    color: bool = False,
    quiet: bool = False,
    statistics: bool = False,
    told: bool = False,
    **_: object,
) -> str:
    """Write the report as text.

    Args:
        report: The outcome of a run.
        color: Whether to use ANSI colours.
        quiet: One line a finding, without source, fixes and summary.
        statistics: Count the findings by rule at the end.
        told: What could not be done was told elsewhere.
    """
    paint = _paint if color else _plain
    lines: list[str] = []
    for file, finding in report.findings():
        lines.append(_head(file, finding, paint))
        if not quiet:
            lines += _details(file, finding, paint)
            lines.append("")
    lines += [
        f"{paint(printable(path), 'bold')}: {paint('error', 'error')}: {printable(message)}"
        for path, message in (() if told else report.errors)
    ]
    if not quiet:
        lines += [f"note: {printable(note)}" for note in report.notes]
    if statistics:
        lines += _statistics(report)
    if not quiet:
        lines.append(paint(summary(report), "bold"))
        if color and any(file.findings for file in report.files):
            # A hint for people; what reads the last line of a pipe finds the summary there.
            lines.append(paint("why, and how to switch it off: dfadvise explain RULE", "dim"))
    lines.append("")
    return "\n".join(lines) if len(lines) > 1 else ""


def _plain(text: str, style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    return f"\x1b[{_COLORS[style]}m{text}\x1b[0m"


def _head(file: FileResult, finding: Finding, paint: Paint) -> str:
    line, column = place(file, finding)
    aliases = ", ".join(finding.aliases[:ALIASES])
    if len(finding.aliases) > ALIASES:
        aliases += f", +{len(finding.aliases) - ALIASES}"
    head = paint(f"{printable(file.path)}:{line}:{column}:", "bold")
    label = paint(f"{finding.severity}[{printable(finding.rule)}]", finding.severity)
    tail = f" ({printable(aliases)})" if aliases else ""
    return f"{head} {label} {printable(finding.message)}{paint(tail, 'dim') if tail else ''}"


def _details(file: FileResult, finding: Finding, paint: Paint) -> list[str]:
    source = shown_source(file)
    related = finding.related[:RELATED]
    spans = [finding.span, *(span for _, span in related)]
    width = len(str(max(source.line(visible(source, span)[1]) for span in spans)))
    lines = _frame(source, finding.span, width, "^", finding.severity, paint)
    side = paint(" " * width + " =", "dim")
    for message, span in related:
        line = source.line(visible(source, span)[0])
        lines.append(f"{side} {paint('note:', 'bold')} line {line}: {printable(message)}")
        lines += _frame(source, span, width, "-", "bold", paint)
    if len(finding.related) > RELATED:
        lines.append(f"{side} {paint('note:', 'bold')} and {len(finding.related) - RELATED} more places")
    saved = saving_text(finding.saving)
    if saved:
        lines.append(f"{side} {paint('saves:', 'bold')} {saved}")
    if finding.fix is not None:
        how = {"safe": "safe", "unsafe": "unsafe", "display": "not applied by `dfadvise fix`"}
        kind = how[finding.fix.applicability]
        lines.append(f"{side} {paint('fix:', 'bold')} {printable(finding.fix.title)} ({kind})")
    return lines


def _frame(source: Source, span: Span, width: int, mark: str, style: str, paint: Paint) -> list[str]:
    """The lines of a span with marks under it: the only one, or the first and the last."""
    start, end = visible(source, span)
    first, last = source.line(start), source.line(max(start, end - 1))
    rows = [(first, start, end if last == first else source.line_span(first).end, start)]
    if last > first:
        # Indentation before the last part is not what the finding is about; its end is.
        line = source.line_span(last)
        head = source.text[line.start : min(end, line.start + WIDTH)]
        low = line.start + len(head) - len(head.lstrip())
        rows.append((last, low, end, max(low, end - WIDTH + 2 * LEAD)))
    lines = []
    for number, low, high, anchor in rows:
        if number > first + 1:
            lines.append(paint("...", "dim"))
        shown, blank, marked = _row(source, number, low, high, anchor)
        lines.append(f"{paint(f'{number:>{width}} |', 'dim')} {shown}".rstrip())
        lines.append(f"{paint(' ' * width + ' |', 'dim')} {' ' * blank}{paint(mark * marked, style)}")
    return lines


def _row(source: Source, number: int, low: int, high: int, anchor: int) -> tuple[str, int, int]:
    """A line, clipped around an offset that must be seen; the columns before the marks, and of the marks."""
    line, text = source.line_span(number), source.text
    left, right = line.start, line.end
    if right - left > WIDTH:
        left = max(left, min(anchor - LEAD, right - WIDTH))
        right = min(left + WIDTH, right)
    low = min(max(low, left), right)
    high = min(max(high, low), right)
    before, blank = _cells(text[left:low])
    under, marked = _cells(text[low:high])
    after, _ = _cells(text[high:right])
    if left > line.start:
        before, blank = "..." + before, blank + 3
    if right < line.end:
        after += "..."
    return before + under + after, blank, max(1, marked)


def _cells(text: str) -> tuple[str, int]:
    """The text as it is shown, and how many columns of a terminal it takes."""
    if text.isascii() and text.isprintable():
        return text, len(text)
    from unicodedata import category, east_asian_width

    shown, width = [], 0
    for char in text:
        if char == "\t":
            char = TAB
        elif not char.isprintable():
            char = escape(char)
        elif char >= "\u0300":
            width += 0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1
            shown.append(char)
            continue
        shown.append(char)
        width += len(char)
    return "".join(shown), width


def _statistics(report: Report) -> list[str]:
    counts: dict[tuple[str, str], list[int]] = {}
    for _, finding in report.findings():
        entry = counts.setdefault((finding.rule, finding.severity), [0, 0, 0])
        entry[0] += 1
        entry[1] += finding.fix is not None and finding.fix.applicability != "display"
        entry[2] += finding.saving.size or 0 if finding.saving is not None else 0
    lines = []
    for (rule, severity), (number, fixable, size) in sorted(counts.items(), key=lambda item: (-item[1][0], item[0])):
        tail = [f"{fixable} fixable"] if fixable else []
        if size:
            tail.append(f"up to {human(size)}")
        more = f" ({', '.join(tail)})" if tail else ""
        lines.append(f"{number:>6}  {severity:<7}  {printable(rule)}{more}")
    return lines or [count_of(0, "finding")]
