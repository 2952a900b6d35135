"""Columns in UTF-16 units, for readers that count as JavaScript, Java and .NET do."""

from __future__ import annotations

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.source import Source


class Utf16:
    """The offsets of a source as lines and columns; characters beyond U+FFFF take two columns."""

    __slots__ = ("_source", "_wide")

    def __init__(self, source: Source) -> None:
        text = source.text
        wide = not text.isascii() and max(text) > "\uffff"
        self._source = source
        self._wide = [at for at, char in enumerate(text) if char > "\uffff"] if wide else []

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line, column = self._source.position(offset)
        if self._wide:
            start = self._source.starts[line - 1]
            column += bisect_left(self._wide, offset) - bisect_left(self._wide, start)
        return line, column
