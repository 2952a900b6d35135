"""The critical path of a build: the longest chain of steps that wait for each other, and the slack of the others.

The critical path method (Kelley and Walker, 1959): a step can start when all it needs is done, so it ends at the latest
end among those plus its own time; the largest end is the time of the whole, and the slack of a step is how much longer
it could take without making the whole longer. It holds as long as the builder has a place for every step that could
run, and steps do not slow each other down.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# Sums of tenths of seconds are not exact.
_NOTHING = 1e-6


class Path:
    """The longest chain.

    Attributes:
        seconds: How long it takes.
        chain: Its steps in order; where several chains are as long, the one that the last steps stand first in.
        slack: By step, how many seconds it could take longer; None for a step that nothing waits for.
    """

    __slots__ = ("chain", "seconds", "slack")

    def __init__(self, seconds: float, chain: list[int], slack: list[float | None]) -> None:
        self.seconds = seconds
        self.chain = chain
        self.slack = slack


def longest(needs: Sequence[Collection[int]], seconds: Sequence[float], ends: Collection[int]) -> Path:
    """The longest chain to the end of a build, in one walk there and one back.

    Args:
        needs: By step, the steps that it waits for, all of smaller number.
        seconds: By step, how long it takes.
        ends: The steps that the build is done with.
    """
    finish: list[float] = []
    before: list[int | None] = []
    for wanted, took in zip(needs, seconds, strict=True):
        last = max(wanted, key=finish.__getitem__, default=None)
        before.append(last)
        finish.append(took + (finish[last] if last is not None else 0.0))
    # What comes behind a step at the longest; None when it leads to no end.
    behind: list[float | None] = [None] * len(finish)
    for end in ends:
        behind[end] = 0.0
    for step in range(len(finish) - 1, -1, -1):
        rest = behind[step]
        if rest is None:
            continue
        for wanted_step in needs[step]:
            known = behind[wanted_step]
            behind[wanted_step] = max(rest + seconds[step], known if known is not None else 0.0)
    end_step = max(ends, key=finish.__getitem__, default=None)
    total = finish[end_step] if end_step is not None else 0.0
    chain: list[int] = []
    while end_step is not None:
        chain.append(end_step)
        end_step = before[end_step]
    slack = [None if rest is None else _exact(total - end - rest) for end, rest in zip(finish, behind, strict=True)]
    return Path(total, chain[::-1], slack)


def _exact(seconds: float) -> float:
    return seconds if seconds > _NOTHING else 0.0
