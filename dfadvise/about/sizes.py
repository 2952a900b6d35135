"""Sizes in words."""

from __future__ import annotations


def human(size: int) -> str:
    """A size in decimal units, as Docker prints them: "812 B", "19.2 MB", "19 MB".

    Args:
        size: Bytes.
    """
    if size < 1000:
        return f"{size} B"
    value, units = size / 1000, ["TB", "GB", "MB", "kB"]
    # 999.95 would be rounded up to 1000.0.
    while value >= 999.95 and len(units) > 1:
        value /= 1000
        units.pop()
    return f"{value:.1f}".removesuffix(".0") + f" {units[-1]}"
