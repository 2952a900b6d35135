"""The word that was meant: the nearest of those that exist, at two edits at most, as BuildKit suggests it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 2
# Longer words are nobody's slip of the finger; comparing them would take time for nothing.
LONGEST = 64


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The first of the nearest known words, or None when there is none at two edits, or the word is known.

    Args:
        word: The word as written; letter case counts.
        known: The words that exist.
    """
    if len(word) > LONGEST:
        return None
    best: str | None = None
    limit = LIMIT + 1
    for each in known:
        if each == word:
            return None
        if abs(len(each) - len(word)) < limit:
            edits = distance(word, each, limit)
            if edits < limit:
                best, limit = each, edits
    # A word of which nothing is left is no slip.
    return best if best is not None and limit < len(word) else None


def distance(one: str, other: str, limit: int = LONGEST) -> int:
    """How many characters to put in, take out or change to make one word the other; `limit` when not fewer."""
    row = list(range(len(other) + 1))
    for count, char in enumerate(one, 1):
        before, row[0] = row[0], count
        for place, wanted in enumerate(other, 1):
            cost = before if char == wanted else 1 + min(before, row[place], row[place - 1])
            before, row[place] = row[place], cost
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)
