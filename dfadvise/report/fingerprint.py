"""What makes a finding the same finding in the next run, after lines have moved."""

from __future__ import annotations

from hashlib import sha256
from sys import byteorder

from dfadvise.report.common import all_findings, bounds, clean, relative, source_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult
    from dfadvise.rule import Finding
    from dfadvise.source import Source

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1


def fingerprints(file: FileResult, root: str | None = None, path: str | None = None) -> dict[int, str]:
    """A stable mark for every finding of a file, suppressed or not.

    It hangs on the rule, the path, the text of the instruction without its spacing, and, among findings that
    share these, the order; neither on line numbers nor on the message.

    Args:
        file: The outcome for one file.
        root: The folder that paths are given from.
        path: The path to go by instead.

    Returns:
        32 hexadecimal digits by `id(finding)`.
    """
    source = source_of(file)
    path = relative(file.path, root) if path is None else path
    digests: dict[tuple[int, int], bytes] = {}
    seen: dict[str, int] = {}
    marks = {}
    for finding in all_findings(file):
        lines = _lines(source, finding)
        if lines not in digests:
            digests[lines] = _digest(source, lines)
        key = sha256(f"{finding.rule}\0{path}\0".encode("utf-8", "surrogatepass") + digests[lines]).hexdigest()
        seen[key] = seen.get(key, 0) + 1
        marks[id(finding)] = sha256(f"{key}:{seen[key]}".encode()).hexdigest()[:32]
    return marks


def _lines(source: Source, finding: Finding) -> tuple[int, int]:
    if finding.instruction is not None:
        return finding.instruction.line, finding.instruction.end_line
    start, end = bounds(source, finding.span)
    return source.line(start), source.line(max(start, end - 1))


def _digest(source: Source, lines: tuple[int, int]) -> bytes:
    last = len(source.starts)
    start = source.line_span(min(max(lines[0], 1), last)).start
    end = source.line_span(min(max(lines[1], 1), last)).end
    return sha256(" ".join(source.text[start:end].split()).encode("utf-8", "surrogatepass")).digest()


def line_hashes(source: Source) -> dict[int, str]:
    """The hash that GitHub code scanning tracks alerts by (`primaryLocationLineHash`), by line.

    GitHub's upload action works it out itself and complains about another value; uploads by other ways have
    it only when the report brings it along. It is the polynomial with base 37 modulo 2^64 of the 100 UTF-16
    units from the start of the line on, without blanks and tabs, with `\\n` for every line ending, 0xFFFF for
    the end of the file and zeros behind it, in hexadecimal, with the number of its occurrence. Here as there
    a lone `\\r` ends a line.
    """
    try:
        data = source.encode()
    except UnicodeEncodeError:
        data = clean(source.text).encode()
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace(" ", "").replace("\t", "")
    units = memoryview(text.encode(f"utf-16-{byteorder[0]}e")).cast("H").tolist()
    units.append(0xFFFF)
    count = len(units)
    units += [0] * _WINDOW
    leave = pow(_BASE, _WINDOW, 1 << 64)
    starts = [0, *(at + 1 for at, unit in enumerate(units[:count]) if unit == 10)]
    hashes: dict[int, str] = {}
    seen: dict[int, int] = {}
    value, at = 0, 0
    for unit in units[:_WINDOW]:
        value = (value * _BASE + unit) & _MASK
    for line, start in enumerate(starts, 1):
        if start - at >= _WINDOW:
            value, at = 0, start
            for unit in units[start : start + _WINDOW]:
                value = (value * _BASE + unit) & _MASK
        for index in range(at, start):
            value = (value * _BASE + units[index + _WINDOW] - leave * units[index]) & _MASK
        at = start
        seen[value] = seen.get(value, 0) + 1
        hashes[line] = f"{value:x}:{seen[value]}"
    return hashes
