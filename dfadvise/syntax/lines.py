"""Logical lines: text joined over continuations, with every character's place in the file."""

from __future__ import annotations

from bisect import bisect_right

from dfadvise.source import Span


class Joined:
    """A text put together from pieces of the source.

    Args:
        text: The joined text.
        at: Offsets in the joined text at which a piece starts; the first is 0.
        origin: The source offset of each piece.
    """

    __slots__ = ("at", "origin", "text")

    def __init__(self, text: str, at: list[int], origin: list[int]) -> None:
        self.text = text
        self.at = at
        self.origin = origin

    def locate(self, offset: int) -> int:
        """The source offset of a character of the joined text."""
        if len(self.at) == 1:
            return self.origin[0] + offset
        piece = bisect_right(self.at, offset) - 1
        return self.origin[piece] + offset - self.at[piece]

    def span(self, start: int, end: int) -> Span:
        """The source span of a range; it ends right behind its last character."""
        if end <= start:
            at = self.locate(start)
            return Span(at, at)
        first, last = self.locate(start), self.locate(end - 1) + 1
        if first < last:
            return Span(first, last)
        # Pieces stand in another order than in the file: from the first to the last of them.
        places = [start, *(at for at in self.at if start < at < end)]
        ends = [*places[1:], end]
        starts = [self.locate(at) for at in places]
        return Span(min(starts), max(self.locate(stop - 1) + 1 for stop in ends))

    def part(self, start: int, end: int) -> Joined:
        """The range of the joined text, with its own mapping."""
        text = self.text[start:end]
        if len(self.at) == 1:
            return Joined(text, [0], [self.origin[0] + start])
        first = bisect_right(self.at, start) - 1
        at, origin = [0], [self.origin[first] + start - self.at[first]]
        for piece in range(first + 1, len(self.at)):
            if self.at[piece] >= end:
                break
            at.append(self.at[piece] - start)
            origin.append(self.origin[piece])
        return Joined(text, at, origin)

    def is_contiguous(self, start: int, end: int) -> bool:
        """Whether a range stands in the source without a break."""
        return self.locate(max(start, end - 1)) - self.locate(start) == max(0, end - start - 1)


class Pinned(Joined):
    """A text that stands for one range of the source as a whole: every part of it has that place."""

    __slots__ = ("place",)

    def __init__(self, text: str, place: Span) -> None:
        super().__init__(text, [0], [place.start])
        self.place = place

    def locate(self, offset: int) -> int:
        """The start of the place."""
        return self.place.start

    def span(self, start: int, end: int) -> Span:
        """The place."""
        return self.place

    def part(self, start: int, end: int) -> Joined:
        """A part of the text, at the same place."""
        return Pinned(self.text[start:end], self.place)

    def is_contiguous(self, start: int, end: int) -> bool:
        """Never: an edit inside it cannot be placed."""
        return False


def concat(pieces: list[tuple[str, int]]) -> Joined:
    """Join (text, source offset) pieces; empty ones only matter when all are."""
    texts: list[str] = []
    at: list[int] = []
    origin: list[int] = []
    size = 0
    for text, start in pieces:
        if not text and texts:
            continue
        if texts and not size:
            texts, at, origin = [], [], []
        texts.append(text)
        at.append(size)
        origin.append(start)
        size += len(text)
    return Joined("".join(texts), at or [0], origin or [0])
