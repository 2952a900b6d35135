"""Named sets of settings: `[profiles.NAME]` holds any keys of a configuration, and goes over them when it is chosen."""

from __future__ import annotations

from dfadvise.settings import CHECKS, WrongError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Keys that would choose a further profile.
_OWN = ("profile", "profiles")
# What is added to, and not replaced; `extend-select` and `ignore` are of the selection, which keeps its order.
_ADDED = ("exclude",)
SELECTING = ("select", "extend-select", "ignore")


def checked(value: object) -> dict[str, dict[str, Any]]:
    """The profiles of a configuration, every value held against its key.

    Raises:
        WrongError: A key is unknown or its value has the wrong type.
    """
    if not isinstance(value, dict):
        raise WrongError("is not a table")
    found: dict[str, dict[str, Any]] = {}
    for name, table in value.items():
        if not isinstance(table, dict):
            raise WrongError(f"holds `{name}`, which is not a table: write [profiles.{name}]", name)
        found[name] = {key: _checked(name, key, each) for key, each in table.items()}
    return found


def _checked(name: str, key: str, value: object) -> Any:
    check = CHECKS.get(key)
    if key in _OWN:
        raise WrongError(f"has `{key}` in `{name}`: a profile names no other", key)
    if check is None:
        from dfadvise.config import suggestion

        raise WrongError(f"has the unknown key `{key}` in `{name}`{suggestion(key, CHECKS)}", key)
    try:
        return check(value)
    except WrongError as problem:
        word = problem.word if problem.word is not None else key
        raise WrongError(f"has `{key}` in `{name}`, which {problem}", word) from problem


def over(given: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with a profile's over them.

    Tables are put together key by key, those of `rules` option by option; `exclude` adds; all else is replaced. What
    selects rules is left alone: it counts in its own order.

    Args:
        given: The checked values of a configuration.
        profile: The checked values of one of its profiles.
    """
    found = dict(given)
    for key, value in profile.items():
        if key in SELECTING:
            continue
        held = found.get(key)
        if key == "rules" and held is not None:
            found[key] = {**held, **{name: {**held.get(name, {}), **table} for name, table in value.items()}}
        elif isinstance(value, dict) and held is not None:
            found[key] = {**held, **value}
        elif key in _ADDED and held is not None:
            found[key] = [*held, *value]
        else:
            found[key] = value
    return found
