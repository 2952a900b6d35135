"""When the tables of facts that grow old were taken.

`python -m dfadvise.knowledge.refresh` tells what has changed since.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.rule import Finding

# When the tables of base_images.py and support.py were taken (ISO text). They stand here, so that telling their age
# loads none of the tables.
SIZES = "2026-11-24"
SUPPORT = "2026-08-22"
# The days by what a message says of a table.
_TAKEN = {"base image sizes": SIZES, "support dates": SUPPORT}
_USERS = {"oversized-base-image": "base image sizes", "expired-base-image": "support dates"}


def too_old(findings: Iterable[Finding], today: str) -> list[str]:
    """What to tell of tables that findings stand on and that are more than a year old.

    Args:
        findings: The findings of a run.
        today: The day of the run (ISO text).
    """
    used = {_USERS[finding.rule] for finding in findings if finding.rule in _USERS}
    if not used:
        return []
    return [
        f"the {title} are of {_TAKEN[title]}, more than a year ago: a newer dfadvise knows newer ones"
        for title in sorted(used)
        if f"{int(_TAKEN[title][:4]) + 1}{_TAKEN[title][4:]}" < today
    ]
