"""The outcome for one file as a plain text that can be kept, and back again.

A line is a record, its fields stand between tabs. Nothing in it is ever run, secrets are left out, and a text that does
not fit is refused as a whole.
"""

from __future__ import annotations

from dfadvise.asked import digest
from dfadvise.results import FileResult, Place
from dfadvise.rule import RANK, Edit, Finding, Fix, Saving
from dfadvise.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from dfadvise.asked import Question
    from dfadvise.secret.redact import Secrets

_NONE = "-"
_APPLICABILITY = ("safe", "unsafe", "display")
_BASIS = ("measured", "context", "table")


def text_of(key: str, record: dict[Question, str], result: FileResult) -> bytes:
    """The text for an outcome.

    Args:
        key: What it is kept under.
        record: The questions that were asked on the way, with their answers.
        result: The outcome; no message, edit or file of it gets into the text with a secret in it.
    """
    lines = [_line("asked", answer, *question) for question, answer in record.items()]
    if result.findings or result.suppressed:
        from dfadvise.secret.redact import secrets_of

        secrets = secrets_of(result)
        lines.append(_line("secrets", *(str(end) for span in secrets.spans for end in span)))
        lines += [_line("finding", *_fields(each, secrets)) for each in result.findings]
        lines += [_line("suppressed", *_fields(each, secrets)) for each in result.suppressed]
    body = "\n".join(lines).encode("utf-8", "surrogatepass")
    return f"{key} {digest(body)}\n".encode() + body


def questions(key: str, data: bytes) -> tuple[dict[Question, str], list[list[str]]]:
    """The questions of a text, with their answers, and what else is in it, for `result_of`.

    Raises:
        ValueError: The text is not whole, or stands for another key.
    """
    head, _, body = data.partition(b"\n")
    if head != f"{key} {digest(body)}".encode():
        raise ValueError
    record: dict[Question, str] = {}
    rows: list[list[str]] = []
    for line in body.decode("utf-8", "surrogatepass").split("\n") if body else ():
        fields = line.split("\t")
        if "\\" in line:
            fields = list(map(_plain, fields))
        if fields[0] == "asked":
            record[tuple(fields[2:])] = fields[1]
        else:
            rows.append(fields)
    return record, rows


def result_of(rows: list[list[str]], path: str, data: bytes) -> FileResult:
    """The outcome that a text holds.

    Args:
        rows: What `questions` gave.
        path: The path to report.
        data: The file's content.

    Raises:
        ValueError, KeyError, StopIteration: The text does not fit.
    """
    result = FileResult(path)
    if not rows:
        return result
    result.source = Source.from_bytes(data, path)
    size = len(result.source.text)
    for row in rows:
        if row[0] == "secrets":
            result.secrets = _spans(row[1:], size)
            continue
        fields = iter(row)
        held = {"finding": result.findings, "suppressed": result.suppressed}[next(fields)]
        held.append(_finding(fields, size))
        if next(fields, None) is not None:
            raise ValueError
    return result


def _line(*fields: str) -> str:
    line = "\t".join(fields)
    if "\\" in line or "\n" in line or line.count("\t") >= len(fields):
        line = "\t".join([each.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") for each in fields])
    return line


def _plain(field: str) -> str:
    parts = [part.replace("\\t", "\t").replace("\\n", "\n") for part in field.split("\\\\")]
    return "\\".join(parts)


def _fields(finding: Finding, secrets: Secrets) -> list[str]:
    from dfadvise.secret.redact import prints_secret

    place = finding.instruction
    out = [finding.rule, finding.family, finding.severity, *_ends(finding.span), secrets.hidden(finding.message)]
    out += [_NONE, "0", "0"] if place is None else [place.keyword, str(place.line), str(place.end_line)]
    out += _many(finding.aliases)
    out.append(str(len(finding.related)))
    for message, span in finding.related:
        out += [secrets.hidden(message), *_ends(span)]
    out.append(str(len(finding.hides)))
    for span in finding.hides:
        out += _ends(span)
    out += _many(() if finding.suppressed is None else (finding.suppressed,))
    saving, fix = finding.saving, finding.fix
    if saving is None:
        out.append("0")
    else:
        out += ["1", _number(saving.size), _number(saving.seconds), saving.basis or _NONE, str(saving.rank)]
    if fix is None:
        out.append("0")
        return out
    private = fix.private or prints_secret(fix, secrets)
    out += ["1", secrets.hidden(fix.title), fix.applicability, fix.declares, str(int(private))]
    edits = () if private else fix.edits
    out.append(str(len(edits)))
    for edit in edits:
        out += [*_ends(edit.span), edit.text]
    return out + _many([] if private else [text for pair in fix.creates for text in pair])


def _ends(span: Span) -> tuple[str, str]:
    return str(span.start), str(span.end)


def _many(texts: Sequence[str]) -> list[str]:
    return [str(len(texts)), *texts]


def _number(value: float | None) -> str:
    return _NONE if value is None else repr(value)


def _finding(fields: Iterator[str], size: int) -> Finding:
    rule, family, severity = next(fields), next(fields), next(fields)
    RANK[severity]
    span = _span(fields, size)
    message = next(fields)
    keyword, line, end_line = next(fields), int(next(fields)), int(next(fields))
    place: Any = None if keyword == _NONE else Place(keyword, line, end_line)
    aliases = tuple(_texts(fields))
    related = [(next(fields), _span(fields, size)) for _ in range(int(next(fields)))]
    hides = [_span(fields, size) for _ in range(int(next(fields)))]
    suppressed = _texts(fields)
    saving = _saving(fields) if next(fields) == "1" else None
    fix = _fix(fields, size) if next(fields) == "1" else None
    level: Any = severity
    finding = Finding(rule, family, level, span, message, place, aliases, related, saving, fix, None, hides)
    finding.suppressed = suppressed[0] if suppressed else None
    return finding


def _spans(fields: list[str], size: int) -> list[tuple[int, int]]:
    ends = list(map(int, fields))
    if ends != sorted(ends) or (ends and (ends[0] < 0 or ends[-1] > size)):
        raise ValueError
    return list(zip(ends[::2], ends[1::2], strict=True))


def _span(fields: Iterator[str], size: int) -> Span:
    start, end = int(next(fields)), int(next(fields))
    if not 0 <= start <= size + 1 or not start <= end <= size + 1:
        raise ValueError
    return Span(start, end)


def _texts(fields: Iterator[str]) -> list[str]:
    return [next(fields) for _ in range(int(next(fields)))]


def _saving(fields: Iterator[str]) -> Saving:
    size, seconds, basis, rank = next(fields), next(fields), next(fields), int(next(fields))
    known: Any = None if basis == _NONE else _BASIS[_BASIS.index(basis)]
    return Saving(None if size == _NONE else int(size), None if seconds == _NONE else float(seconds), known, rank)


def _fix(fields: Iterator[str], size: int) -> Fix:
    title, applicability, declares, private = next(fields), next(fields), next(fields), next(fields) == "1"
    kind: Any = _APPLICABILITY[_APPLICABILITY.index(applicability)]
    edits = [Edit(_span(fields, size), next(fields)) for _ in range(int(next(fields)))]
    texts = _texts(fields)
    fix = Fix(title, edits, kind, declares, list(zip(texts[::2], texts[1::2], strict=True)))
    fix.private = private
    return fix
