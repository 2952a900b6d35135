"""When the tables of facts that grow old were taken.

`python -m dfadvise.knowledge.refresh` tells what has changed since.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.rule import Finding

# What a message says of a table: the module that holds it, and the name of its day there.
_TABLES = {"base image sizes": ("base_images", "SIZES_DATE"), "support dates": ("support", "TAKEN")}
_USERS = {"oversized-base-image": "base image sizes", "expired-base-image": "support dates"}


def taken() -> dict[str, str]:
    """The day of each table (ISO text)."""
    from importlib import import_module

    return {
        title: str(getattr(import_module(f"dfadvise.knowledge.{module}"), name))
        for title, (module, name) in _TABLES.items()
    }


def too_old(findings: Iterable[Finding], today: str) -> list[str]:
    """What to tell of tables that findings stand on and that are more than a year old.

    Args:
        findings: The findings of a run.
        today: The day of the run (ISO text).
    """
    used = {_USERS[finding.rule] for finding in findings if finding.rule in _USERS}
    if not used:
        return []
    days = taken()
    return [
        f"the {title} are of {days[title]}, more than a year ago: a newer dfadvise knows newer ones"
        for title in sorted(used)
        if f"{int(days[title][:4]) + 1}{days[title][4:]}" < today
    ]
