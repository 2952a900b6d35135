"""The flags that each instruction takes, and the values they take.

Source of the behaviour: BuildKit's `frontend/dockerfile/instructions` (read 2026-11-24).
"""

from __future__ import annotations

TEXT, BOOLEAN, MANY = "text", "boolean", "many"

FLAGS: dict[str, dict[str, str]] = {
    "FROM": {"platform": TEXT},
    "RUN": {"mount": MANY, "network": TEXT, "security": TEXT, "device": MANY},
    "COPY": {"from": TEXT, "chown": TEXT, "chmod": TEXT, "link": BOOLEAN, "parents": BOOLEAN, "exclude": MANY},
    "ADD": {
        "chown": TEXT,
        "chmod": TEXT,
        "link": BOOLEAN,
        "keep-git-dir": BOOLEAN,
        "checksum": TEXT,
        "unpack": BOOLEAN,
        "exclude": MANY,
    },
    "HEALTHCHECK": {
        "interval": TEXT,
        "timeout": TEXT,
        "start-period": TEXT,
        "start-interval": TEXT,
        "retries": TEXT,
    },
}
# These drop any flag without a look at it.
UNCHECKED = frozenset(("ARG", "STOPSIGNAL"))
DURATIONS = frozenset(("interval", "timeout", "start-period", "start-interval"))
NETWORKS = ("default", "none", "host")
SECURITY = ("insecure", "sandbox")

MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
MOUNT_SHARING = ("shared", "private", "locked")
# Which types of mount take a key; all do when it is not here.
MOUNT_KEYS: dict[str, tuple[str, ...]] = {
    "type": MOUNT_TYPES,
    "from": MOUNT_TYPES,
    "source": MOUNT_TYPES,
    "src": MOUNT_TYPES,
    "target": MOUNT_TYPES,
    "dst": MOUNT_TYPES,
    "destination": MOUNT_TYPES,
    "readonly": MOUNT_TYPES,
    "ro": MOUNT_TYPES,
    "readwrite": MOUNT_TYPES,
    "rw": MOUNT_TYPES,
    "id": MOUNT_TYPES,
    "sharing": ("cache",),
    "required": ("secret", "ssh"),
    "size": ("tmpfs",),
    "mode": ("secret", "ssh", "cache"),
    "uid": ("secret", "ssh", "cache"),
    "gid": ("secret", "ssh", "cache"),
    "env": ("secret",),
}
# Keys that may stand without a value.
BARE_MOUNT_KEYS = frozenset(("readonly", "ro", "readwrite", "rw", "required"))
_BOOLEANS = frozenset(("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"))

_UNITS = {"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}
_SIZE_UNITS = frozenset(("", "b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib", "t", "tb", "tib", "p", "pb"))

_SIGNALS = frozenset(
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP"
    " TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ UNUSED RTMIN RTMAX".split()
)
_MODE_CHARS = frozenset("ugoarwxXst+-=")


def duration(text: str) -> float | None:
    """Nanoseconds of a duration as Go reads it ("1m30s", "500ms", "0"); None when it is none."""
    rest = text[1:] if text[:1] in ("+", "-") and text else text
    if rest == "0":
        return 0.0
    if not rest:
        return None
    total = 0.0
    while rest:
        end = 0
        while end < len(rest) and (rest[end] in "0123456789."):
            end += 1
        number, rest = rest[:end], rest[end:]
        if number.count(".") > 1 or not number.strip("."):
            return None
        end = 0
        while end < len(rest) and rest[end] not in "0123456789.":
            end += 1
        unit = _UNITS.get(rest[:end])
        if unit is None:
            return None
        total += float(number) * unit
        rest = rest[end:]
    return -total if text.startswith("-") else total


def whole_number(text: str, base: int = 10, signed: bool = False) -> int | None:
    """A whole number in plain digits; None when it is none."""
    digits = text[1:] if signed and text[:1] in ("+", "-") else text
    allowed = "01234567" if base == 8 else "0123456789"
    if not digits or len(digits) > 20 or any(char not in allowed for char in digits):
        return None
    return int(digits, base) * (-1 if text.startswith("-") else 1)


def is_boolean(text: str) -> bool:
    """Whether Go takes a text for a truth value."""
    return text in _BOOLEANS


def is_size(text: str) -> bool:
    """Whether a text is a size in bytes such as "64m" or "1.5 GiB"."""
    end = 0
    while end < len(text) and text[end] in "0123456789.":
        end += 1
    number, unit = text[:end], text[end:].strip().lower()
    return number.count(".") <= 1 and bool(number.strip(".")) and unit in _SIZE_UNITS


def is_signal(text: str) -> bool:
    """Whether a container can be stopped with it: a number other than 0, or a name with or without SIG."""
    number = whole_number(text, signed=True)
    if number is not None:
        return number != 0
    name = text.upper().removeprefix("SIG")
    if name in _SIGNALS:
        return True
    for edge, sign in (("RTMIN", "+"), ("RTMAX", "-")):
        offset = whole_number(name.removeprefix(edge + sign)) if name.startswith(edge + sign) else None
        if offset is not None:
            return 1 <= offset <= (15 if sign == "+" else 14)
    return False


def is_mode(text: str) -> bool:
    """Whether `--chmod` takes it: octal up to 7777, or symbolic such as `u=rwX,go+r`."""
    number = whole_number(text, 8)
    if number is not None:
        return number <= 0o7777
    return all(
        bool(clause) and clause[0] in "ugoa+-=" and _MODE_CHARS.issuperset(clause) and any(c in "+-=" for c in clause)
        for clause in text.split(",")
    )
