"""The keys of a configuration and the types of their values."""

from __future__ import annotations

from dfadvise.rule import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LABEL_TYPES = ("text", "url", "semver", "hash", "rfc3339", "spdx", "email")
# What other linters call a key.
RENAMED = {
    "ignored": "ignore",
    "failure-threshold": "fail-on",
    "trustedregistries": "trusted-registries",
    "override": "severity",
}


class WrongError(Exception):
    """A value that a key cannot have; `word` is what to look for in the file, when it is not the key."""

    def __init__(self, reason: str, word: str | None = None) -> None:
        super().__init__(reason)
        self.word = word


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise WrongError("is not a string")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongError("is not true or false")
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise WrongError("is not a list of strings")
    return value


def _registries(value: object) -> list[str]:
    found = _texts(value)
    for each in found:
        if not each or "://" in each:
            raise WrongError(f"has {each!r}, not a host such as ghcr.io or the beginning of a name", each or None)
    return found


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError("is not a table")
    return value


def _one_of(value: object, choices: tuple[str, ...], key: str | None = None) -> str:
    if not isinstance(value, str) or value not in choices:
        raise WrongError(f"has {value!r}, not one of {', '.join(choices)}", key)
    return value


def _levels(value: object) -> dict[str, str]:
    return {key: _one_of(level, SEVERITIES, key) for key, level in _table(value).items()}


def _texts_by_name(value: object) -> dict[str, list[str]]:
    return {key: _texts(names) for key, names in _table(value).items()}


def _labels(value: object) -> dict[str, str]:
    return {key: _one_of(kind or "text", LABEL_TYPES, key) for key, kind in _table(value).items()}


def _arguments(value: object) -> dict[str, str]:
    table = _table(value)
    for key, each in table.items():
        if isinstance(each, bool) or not isinstance(each, (str, int, float)):
            raise WrongError(f"has a value for `{key}` that is not a string or a number", key)
    return {key: str(each) for key, each in table.items()}


def _places(value: object) -> dict[str, str]:
    return {key: _text(place) for key, place in _table(value).items()}


def _day(value: object) -> str:
    text = value if isinstance(value, str) else getattr(value, "isoformat", str)()
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isdecimal() for part in parts):
        raise WrongError("is not a date such as 2026-11-24")
    return text


def _tables(value: object) -> dict[str, dict[str, Any]]:
    tables = _table(value)
    for key, table in tables.items():
        if not isinstance(table, dict):
            raise WrongError(f"holds `{key}`, which is not a table", key)
        if isinstance(table.get("trusted-registries"), list):
            try:
                _registries(table["trusted-registries"])
            except WrongError as problem:
                raise WrongError(f"holds `trusted-registries`, which {problem}", problem.word) from None
        if "today" in table:
            table["today"] = _day(table["today"])
    return tables


def _profiles(value: object) -> dict[str, dict[str, Any]]:
    from dfadvise.profiles import checked

    return checked(value)


def kind_of(value: object) -> str | None:
    """What a value is, in words; None stands for anything."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a table" if isinstance(value, dict) else "a list"


CHECKS: dict[str, Callable[[Any], Any]] = {
    "select": _texts,
    "ignore": _texts,
    "extend-select": _texts,
    "fail-on": lambda value: _one_of(value, (*SEVERITIES, "never")),
    "exclude": _texts,
    "severity": _levels,
    "per-file-ignores": _texts_by_name,
    "trusted-registries": _registries,
    "label-schema": _labels,
    "strict-labels": _flag,
    "rule-packs": _texts,
    "profile": _text,
    "profiles": _profiles,
    "target": _text,
    "targets": _texts,
    "platform": _text,
    "build-args": _arguments,
    "build-contexts": _places,
    "context": _text,
    "today": _day,
    "rules": _tables,
}
