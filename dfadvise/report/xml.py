"""Escapes for XML 1.0."""

from __future__ import annotations

from dfadvise.report.common import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), 0xFFFE, 0xFFFF]),
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
    ord("\r"): "&#13;",
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
}


def element(name: str, attributes: Mapping[str, object], *children: str) -> str:
    """An element; the children are XML already."""
    listed = "".join(f' {key}="{text(str(value))}"' for key, value in attributes.items())
    return f"<{name}{listed}>{''.join(children)}</{name}>" if children else f"<{name}{listed}/>"


def text(value: str) -> str:
    """The text for an attribute or the inside of an element; characters that XML 1.0 forbids are dropped."""
    return clean(value).translate(_TABLE).encode("ascii", "xmlcharrefreplace").decode()


def document(root: str) -> str:
    """A whole file around the root element."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'
