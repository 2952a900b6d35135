"""What several formats share: safe characters, places, numbers, counts. Part of the lint path."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.rule import SEVERITIES
from dfadvise.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding, Fix, Saving

RULES_URL = "https://github.com/dfadvise/dfadvise/blob/main/docs/rules.md"
PROJECT_URL = "https://github.com/dfadvise/dfadvise"

EMPTY = Source("")


def rule_url(rule: str) -> str:
    """Where a rule is documented."""
    from urllib.parse import quote

    return f"{RULES_URL}#{quote(clean(rule))}"


def printable(text: str) -> str:
    r"""The text with everything that could steer a terminal written as an escape.

    Control characters, direction marks, invisible characters and bytes that are not UTF-8 become `\x1b`,
    `\u202e` and the like, so nothing moves the cursor and nothing stays unseen.
    """
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else escape(char) for char in text])


def printable_lines(text: str) -> str:
    """As `printable`, with line breaks kept."""
    return "\n".join(map(printable, text.split("\n")))


def escape(char: str) -> str:
    """The escape of one character; a surrogate that stands for a byte is written as that byte."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clean(text: str) -> str:
    """The text with U+FFFD for what is no Unicode, so that it can be written as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(["\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text])
    return text


def is_unicode(text: str) -> bool:
    """Whether the text holds Unicode only, and no byte that was kept as a surrogate."""
    return text.isascii() or clean(text) is text


def expressible(fix: Fix) -> bool:
    """Whether every text of a fix may be printed, and survives a format that holds Unicode only."""
    return (
        not fix.private
        and all(is_unicode(edit.text) for edit in fix.edits)
        and all(is_unicode(text) for _, text in fix.creates)
    )


def source_of(file: FileResult) -> Source:
    """The text of a file, an empty one where it could not be read."""
    return EMPTY if file.source is None else file.source


def bounds(source: Source, span: Span) -> tuple[int, int]:
    """Start and end of a span, kept inside the text."""
    size = len(source.text)
    start = min(max(span.start, 0), size)
    return start, min(max(span.end, start), size)


def visible(source: Source, span: Span) -> tuple[int, int]:
    """Start and end of what an editor can show of a span.

    Line endings at its edges are left out, and the empty line behind a final newline, which editors do not
    count, gives way to the end of the line before.
    """
    start, end = bounds(source, span)
    starts = source.starts
    if len(starts) > 1 and start == len(source.text) == starts[-1]:
        start -= 1
    start = min(start, source.line_span(source.line(start)).end)
    if end <= start:
        return start, start
    return start, max(start, min(end, source.line_span(source.line(end - 1)).end))


def place(file: FileResult, finding: Finding) -> tuple[int, int]:
    """Line and column at which a finding starts, counted from 1, on a line that exists."""
    source = source_of(file)
    return source.position(visible(source, finding.span)[0])


def all_findings(file: FileResult) -> list[Finding]:
    """The findings of a file, the suppressed ones too, in the order of their place."""
    together = [*file.findings, *file.suppressed]
    together.sort(key=lambda finding: (finding.span.start, finding.span.end, finding.rule))
    return together


def count_of(number: int, noun: str) -> str:
    """A number with its noun: "1 file", "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def saving_text(saving: Saving | None) -> str:
    """What a saving saves and where the number comes from; empty when there is no number."""
    if saving is None:
        return ""
    parts = []
    if saving.size is not None:
        parts.append(human(saving.size))
    if saving.seconds is not None:
        parts.append(f"{saving.seconds:.1f}".removesuffix(".0") + " s a rebuild")
    if not parts:
        return ""
    basis = {"measured": "measured", "context": "from the build context", "table": "typical, not measured here"}
    origin = basis.get(saving.basis or "")
    if saving.estimated is not None:
        origin = f"{origin}; {human(saving.estimated)} were estimated"
    return " and ".join(parts) + (f" ({origin})" if origin else "")


def severity_counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity, the gravest first."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def summary(report: Report) -> str:
    """One line: how many findings of each severity, in how many files, and how many can be mended."""
    findings = [finding for _, finding in report.findings()]
    whole = [file for file in report.files if file.error is None]
    checked = count_of(len(whole), "file")
    failed = len(report.files) - len(whole)
    lost = [f"{count_of(failed, 'path')} not checked"] if failed else []
    if not findings:
        return "; ".join([*([f"no findings in {checked}"] if whole or not lost else []), *lost])
    parts = []
    for severity, number in severity_counts(findings).items():
        if number:
            parts.append(count_of(number, severity) if severity in ("error", "warning") else f"{number} {severity}")
    hit = sum(1 for file in report.files if file.findings)
    where = checked if hit == len(whole) else f"{hit} of {checked}"
    safe = sum(1 for finding in findings if finding.fix is not None and finding.fix.applicability == "safe")
    unsafe = sum(1 for finding in findings if finding.fix is not None and finding.fix.applicability == "unsafe")
    mended = [f"{safe} fixable with `dfadvise fix`"] if safe else []
    if unsafe:
        mended.append(f"{unsafe} more with `--unsafe`" if safe else f"{unsafe} fixable with `dfadvise fix --unsafe`")
    return "; ".join([f"{', '.join(parts)} in {where}", *([", ".join(mended)] if mended else []), *lost])


def relative(path: str, root: str | None = None) -> str:
    """The path as a code host wants it: below the root where it lies there, without `./`, with `/`.

    Args:
        path: A reported path.
        root: The folder that paths are given from; None for the working directory.
    """
    from posixpath import normpath

    path = normpath(path) if path else "."
    if not path.startswith("/") and path[1:3] != ":/":
        return path
    if root is None:
        from os import getcwd

        root = getcwd()
    root = normpath(root.replace("\\", "/")).rstrip("/") + "/"
    return path[len(root) :] if path.startswith(root) and len(path) > len(root) else path
