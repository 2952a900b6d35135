"""Whether a file names something at all: the cheap question before a costly one, answered once a file."""

from __future__ import annotations

from dfadvise.managers.packages import remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile


def mentions(file: Dockerfile, *texts: str) -> bool:
    """Whether any of some texts stands anywhere in a file.

    Args:
        file: The file.
        texts: What to look for, in lower case; upper case counts as lower.
    """
    memo = remembered(file)
    slot = ("mentions", texts)
    if slot not in memo:
        lower = memo.get("lower")
        if lower is None:
            lower = memo["lower"] = file.source.text.lower()
        memo[slot] = any(text in lower for text in texts)
    found: bool = memo[slot]
    return found
