"""What BuildKit refuses in a `RUN --mount`.

Source of the behaviour: BuildKit's `instructions/commands_runmount.go` and `dockerfile2llb` (read 2026-11-24).
"""

from __future__ import annotations

from dfadvise.spelling import nearest
from dfadvise.syntax.flags import (
    BARE_MOUNT_KEYS,
    MOUNT_KEYS,
    MOUNT_SHARING,
    MOUNT_TYPES,
    is_boolean,
    is_size,
    whole_number,
)
from dfadvise.syntax.mounts import csv_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.syntax.instructions import Run
    from dfadvise.syntax.mounts import Mount

_BOOLEAN_KEYS = frozenset(("readonly", "ro", "readwrite", "rw", "required"))
_SOURCES = frozenset(("source", "src"))
_TARGETS = frozenset(("target", "dst", "destination"))


def problem(value: str, expand: Callable[[str], str | None]) -> tuple[str, str] | None:
    """What is wrong with the value of a `--mount`.

    Args:
        value: The value as written.
        expand: Puts variables into a value; None where any part is not known.

    Returns:
        The message and the field it is about; None when nothing is.
    """
    values: dict[str, str | None] = {}
    for field in csv_fields(value):
        key, equals, raw = field.partition("=")
        key = key.strip().lower()
        if not equals and key not in BARE_MOUNT_KEYS:
            return f"invalid field '{field}' must be a key=value pair", field
        if key not in MOUNT_KEYS:
            near = nearest(key, MOUNT_KEYS)
            hint = f" (did you mean {near}?)" if near else ""
            return f"unexpected key '{key}' in '{field}'{hint}", field
        if not equals:
            values[key] = "true"
            continue
        # The stage or image of a mount is named plainly; a variable there is another rule's matter.
        found = None if key == "from" and "$" in raw else expand(raw)
        values[key] = found
        message = _value(key, found) if found is not None else None
        if message is not None:
            return message, field
    kind = values.get("type", "bind")
    if kind is None:
        return None
    message = _together(kind.lower(), values)
    return (message, value) if message else None


def _value(key: str, value: str) -> str | None:
    if key == "type" and value.lower() not in MOUNT_TYPES:
        near = nearest(value.lower(), MOUNT_TYPES)
        return f'unsupported mount type "{value}"' + (f" (did you mean {near}?)" if near else "")
    if key == "sharing" and value.lower() not in MOUNT_SHARING:
        near = nearest(value.lower(), MOUNT_SHARING)
        return f'unsupported sharing value "{value}"' + (f" (did you mean {near}?)" if near else "")
    if key in _BOOLEAN_KEYS and not is_boolean(value):
        return f"invalid value for {key}: {value}"
    if key == "size" and not is_size(value):
        return f"invalid value for {key}: {value}"
    if key == "mode" and whole_number(value, 8) is None:
        return f"invalid value {value} for mode"
    if key in ("uid", "gid") and whole_number(value) is None:
        return f"invalid value {value} for {key}"
    return None


def _together(kind: str, values: dict[str, str | None]) -> str | None:
    """What does not fit together: keys of other types, and what a secret must and must not have."""
    for key in values:
        if kind not in MOUNT_KEYS[key]:
            return f"unexpected key '{key}' for mount type '{kind}'"
    if kind != "secret":
        return None
    if "from" in values:
        return "secret mount should not have a from"
    if not any(key in values for key in (*_SOURCES, *_TARGETS, "id")):
        return "invalid secret mount. one of source, target required"
    if "id" in values and any(key in values for key in _SOURCES):
        return "both source and id can't be set"
    return None


def lands_on_root(mount: Mount, run: Run) -> bool:
    """Whether a bind, cache or tmpfs mount would cover the whole file system, as far as that is known."""
    if mount.type not in ("bind", "cache", "tmpfs"):
        return False
    raw = mount.target
    target = run.expand(raw) if raw else ""
    if target is None:
        return False
    if target.startswith("/"):
        return not target.strip("/.")
    return not target.strip("/.") and run.stage.workdir_at(run) == "/"
