"""Text and positions: the one place where offsets become lines and columns."""

from __future__ import annotations

BOM = "\ufeff"
# Up to here counting the lines before an offset takes no longer than loading what searches for it.
_SHORT = 10_000  # characters


class Span:
    """A half-open range of character offsets in a source text."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __repr__(self) -> str:
        return f"Span({self.start}, {self.end})"

    def contains(self, other: Span) -> bool:
        """Whether the other span lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def to(self, other: Span) -> Span:
        """The range from the start of this span to the end of the other."""
        return Span(self.start, other.end)


class Source:
    """The text of one file, exactly as it stands on disk.

    Bytes that are not UTF-8 survive as surrogates, so `encode` gives back what was read, byte for byte.
    A byte order mark is remembered and kept out of the text.

    Args:
        text: The content, without a byte order mark.
        path: The path to report, with `/` between folders.
        bom: Whether a byte order mark stood before the text.
    """

    __slots__ = ("_starts", "bom", "path", "text")

    def __init__(self, text: str, path: str = "Dockerfile", bom: bool = False) -> None:
        if text.startswith(BOM):
            text, bom = text[1:], True
        self.text = text
        self.path = path
        self.bom = bom
        self._starts: list[int] | None = None

    @classmethod
    def from_bytes(cls, data: bytes, path: str = "Dockerfile") -> Source:
        """Decode a file's bytes as UTF-8, keeping what is no UTF-8 as surrogates."""
        return cls(data.decode("utf-8", "surrogateescape"), path)

    def encode(self, text: str | None = None) -> bytes:
        """The bytes of this source, or of an edited text of it, with its byte order mark."""
        content = self.text if text is None else text
        return (BOM + content if self.bom else content).encode("utf-8", "surrogateescape")

    @property
    def newline(self) -> str:
        """The line ending of the first line: `\\r\\n` or `\\n`."""
        at = self.text.find("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"

    @property
    def starts(self) -> list[int]:
        """The offset at which each line starts; lines end at `\\n` only, as in BuildKit."""
        if self._starts is None:
            starts, at, text = [0], 0, self.text
            while (at := text.find("\n", at) + 1) > 0:
                starts.append(at)
            self._starts = starts
        return self._starts

    def line(self, offset: int) -> int:
        """The line of an offset, counted from 1."""
        if len(self.text) < _SHORT:
            return self.text.count("\n", 0, offset) + 1
        from bisect import bisect_right

        return bisect_right(self.starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1; columns are characters."""
        line = self.line(offset)
        return line, offset - self.starts[line - 1] + 1

    def line_span(self, line: int) -> Span:
        """The span of a line (counted from 1) without its line ending."""
        start = self.starts[line - 1]
        end = self.starts[line] - 1 if line < len(self.starts) else len(self.text)
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The text of a line (counted from 1) without its line ending."""
        span = self.line_span(line)
        return self.text[span.start : span.end]

    def slice(self, span: Span) -> str:
        """The text under a span."""
        return self.text[span.start : span.end]
