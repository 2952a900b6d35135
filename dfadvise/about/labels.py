"""Labels: the one that stands for MAINTAINER, and what a value is held against, the types of a label schema.

Sources: the OCI image specification (annotations), RFC 3986 (addresses), RFC 3339 (times), RFC 5322 (mail addresses),
semver.org 2.0.0, the SPDX License List.
"""

from __future__ import annotations

AUTHORS = "org.opencontainers.image.authors"  # what MAINTAINER says

_SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")
_HEX = frozenset("0123456789abcdef")
_ATOM = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.")
_IDENTIFIER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# What the value of each type is called in a message.
NAMES = {
    "url": "no URL",
    "rfc3339": "no time as RFC 3339 writes it",
    "spdx": "no SPDX licence",
    "hash": "no git commit",
    "semver": "no semantic version",
    "email": "no mail address",
}


def fits(kind: str, value: str) -> str:
    """How well a value fits a type.

    Args:
        kind: text, url, rfc3339, spdx, hash, semver or email.
        value: The value, not empty.

    Returns:
        "yes"; "no"; "nearly" for what the type's own standard allows but a strict reading does not: a licence
        expression, an abbreviated commit of another length than seven.
    """
    if kind == "url":
        return _yes(is_url(value))
    if kind == "rfc3339":
        return _yes(is_time(value))
    if kind == "semver":
        return _yes(is_semver(value))
    if kind == "email":
        return _yes(is_mail(value))
    if kind == "hash":
        if len(value) in (7, 40) and _HEX.issuperset(value):
            return "yes"
        return "nearly" if len(value) in (*range(8, 41), 64) and _HEX.issuperset(value.lower()) else "no"
    if kind == "spdx":
        from dfadvise.knowledge import spdx

        if spdx.is_license(value):
            return "yes"
        return "nearly" if spdx.is_expression(value) else "no"
    return "yes"


def _yes(fine: bool) -> str:
    return "yes" if fine else "no"


def is_url(text: str) -> bool:
    """Whether a text is an absolute address: a scheme, and something behind it."""
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or not scheme[:1].isalpha() or not _SCHEME.issuperset(scheme) or not text.isascii():
        return False
    if any(char <= " " or char in '"<>\\^`{|}\x7f' for char in rest):
        return False
    if not rest.startswith("//"):
        return scheme.lower() not in ("http", "https", "ftp", "git", "ssh")
    host = rest[2:].partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
    return bool(host.rpartition(":")[0] or host.strip(":")) or scheme.lower() == "file"


def is_time(text: str) -> bool:
    """Whether a text is a time such as `2026-03-01T10:26:33.5+01:00`."""
    date, clock = text[:10], text[11:]
    if len(text) < 20 or text[10] not in "Tt " or date[4] != "-" or date[7] != "-":
        return False
    if clock[2] != ":" or clock[5] != ":":
        return False
    seconds = clock[8:]
    if seconds.startswith("."):
        digits = len(seconds) - len(seconds[1:].lstrip("0123456789")) - 1
        if not digits:
            return False
        seconds = seconds[1 + digits :]
    if seconds not in ("Z", "z"):
        if len(seconds) != 6 or seconds[0] not in "+-" or seconds[3] != ":":
            return False
        if not _in_range(seconds[1:3], 0, 23) or not _in_range(seconds[4:], 0, 59):
            return False
    if not _in_range(date[5:7], 1, 12) or not _in_range(date[:4], 0, 9999):
        return False
    if not _in_range(date[8:], 1, _DAYS[int(date[5:7]) - 1]):
        return False
    return _in_range(clock[:2], 0, 23) and _in_range(clock[3:5], 0, 59) and _in_range(clock[6:8], 0, 60)


def _in_range(digits: str, low: int, high: int) -> bool:
    return digits.isascii() and digits.isdecimal() and low <= int(digits) <= high


def is_semver(text: str) -> bool:
    """Whether a text is a semantic version such as `1.4.0-rc.1+build.5`."""
    rest, plus, build = text.partition("+")
    core, dash, early = rest.partition("-")
    numbers = core.split(".")
    if len(numbers) != 3 or not all(_is_number(number) for number in numbers):
        return False
    if plus and not all(part and _IDENTIFIER.issuperset(part) for part in build.split(".")):
        return False
    if not dash:
        return True
    parts = early.split(".")
    return all(part and _IDENTIFIER.issuperset(part) and (not part.isdecimal() or _is_number(part)) for part in parts)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0")


def is_mail(text: str) -> bool:
    """Whether a text is a mail address: a local part and a domain, without a display name."""
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or not domain.isascii():
        return False
    quoted = len(local) > 2 and local[0] == local[-1] == '"'
    if not quoted and (not _ATOM.issuperset(local) or local[0] == "." or local[-1] == "." or ".." in local):
        return False
    if domain.startswith("[") and domain.endswith("]"):
        return True
    return all(part and _IDENTIFIER.issuperset(part) and part[0] != "-" != part[-1] for part in domain.split("."))
