"""What keeps its order between two versions of a list."""

from __future__ import annotations

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def longest_row(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs of places that rise on both sides, in order; in time of n log n.

    Args:
        pairs: (place in the old version, place in the new one), no place twice.
    """
    rising = sorted(pairs, key=lambda pair: pair[1])
    # By length: the lowest end of a row of that length, the pair it ends with; and before each pair the one before it.
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (place, _) in enumerate(rising):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(rising[number])
        number = before[number]
    return found[::-1]
