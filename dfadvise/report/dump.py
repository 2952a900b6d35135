"""JSON text that every reader accepts."""

from __future__ import annotations

from json import dumps, loads

from dfadvise.report.common import clean


def dump(document: object) -> str:
    """The document as ASCII JSON with a final newline; what is no Unicode becomes U+FFFD.

    Lone surrogates (bytes that are not UTF-8) would give escapes that strict readers refuse.
    """
    text = dumps(document, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():
        text = dumps(loads(clean(text)), separators=(",", ":"))
    return text + "\n"
