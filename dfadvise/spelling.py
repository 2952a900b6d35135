"""The word that was meant: the nearest of those that exist, at two edits at most, as BuildKit suggests it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 2
# Longer words are nobody's slip of the finger; comparing them would take time for nothing.
LONGEST = 64
# Shorter names are near to too many others.
_SHORTEST = 5


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


def is_slip(word: str, meant: str) -> bool:
    """Whether one name is most probably a mistyped other one: one letter too many, too few or wrong, or two swapped.

    Names of one kind differ by a single character too; digits, and characters that are a part of the name by
    themselves (`BASE_A` and `BASE_B`), are none of the slips.

    Args:
        word: The name as written.
        meant: One that exists.
    """
    if not meant.isidentifier() or not word.isidentifier():
        return False
    start = 0
    while start < min(len(word), len(meant)) and word[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(word), len(meant)) - start and word[-1 - end] == meant[-1 - end]:
        end += 1
    one, other = word[start : len(word) - end], meant[start : len(meant) - end]
    if not (one + other).isalpha():
        return False
    if len(one) <= 1 and len(other) <= 1:
        before, after = word[:start].rpartition("_")[2], word[len(word) - end :].partition("_")[0]
        # `PACKAGE` and `PACKAGES` may both be meant.
        plural = not after and "S" in (one + other).upper() and len(one) != len(other)
        return bool(before or after) and not plural and len(word) >= _SHORTEST
    return len(one) == len(other) == 2 and one == other[::-1]
