"""JSON text that every reader accepts."""

from __future__ import annotations

from dfadvise.report.common import clean


def dump(document: object) -> str:
    """The document as ASCII JSON with a final newline; what is no Unicode becomes U+FFFD.

    Lone surrogates (bytes that are not UTF-8) would give escapes that strict readers refuse.
    """
    try:
        # What json.dumps calls, without the 4 ms that importing the whole of json takes.
        from _json import encode_basestring_ascii, make_encoder

        encode = make_encoder(
            {}, _refuse, lambda text: encode_basestring_ascii(clean(text)), None, ":", ",", False, False, False
        )
        return "".join(encode(document, 0)) + "\n"
    except (ImportError, TypeError):  # another Python
        from json import dumps, loads

        text = dumps(document, ensure_ascii=False, separators=(",", ":"))
        if not text.isascii():
            text = dumps(loads(clean(text)), separators=(",", ":"))
        return text + "\n"


def _refuse(value: object) -> object:
    raise TypeError(value)
