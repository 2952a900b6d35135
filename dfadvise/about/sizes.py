"""Sizes in words."""

from __future__ import annotations


def human(size: int) -> str:
    """A size for people, in decimal units as Docker shows them: `512 bytes`, `1.2 MB`.

    Args:
        size: Bytes.
    """
    if size < 1000:
        return f"{size} bytes"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            return f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.1f} {unit}"
    return ""
