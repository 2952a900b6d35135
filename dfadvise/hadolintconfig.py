"""A configuration of hadolint as one of dfadvise.

The keys are those of hadolint 2; what dfadvise has no place for is told, nothing is guessed.
"""

from __future__ import annotations

import json

from dfadvise.commands.options import UsageError
from dfadvise.rule import SEVERITIES
from dfadvise.settings import LABEL_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.selection import Vocabulary

_MOST = 1_000_000  # characters of a configuration
# hadolint's other words for "never fail".
_NEVER = ("ignore", "none")
_ELSEWHERE = {
    "format": "the form of the report is asked for with --format",
    "formats": "the form of the report is asked for with --format",
    "no-color": "NO_COLOR in the environment switches colours off",
    "verbose": "there is nothing to make more verbose",
    "disable-ignore-pragma": "comments that ignore rules always count here",
}
_USUAL = (
    'hadolint fails from info on where nothing else is said, dfadvise from warning on: fail-on = "info" is the same'
)


def carry_over(path: str, vocabulary: Vocabulary) -> tuple[str, list[str]]:
    """The text of a `dfadvise.toml` that does what a `.hadolint.yaml` did.

    Args:
        path: The file.
        vocabulary: The rules there are.

    Returns:
        The text, and a line for everything that could not be carried over.

    Raises:
        UsageError: The file cannot be read, or is no configuration.
    """
    given = _read(path)
    remarks: list[str] = []
    lines = ["# Out of a configuration of hadolint."]
    ignored = _known(path, "ignored", given.pop("ignored", None), vocabulary, remarks)
    if ignored:
        lines.append(f"ignore = {_toml(ignored)}")
    threshold, quiet = given.pop("failure-threshold", None), given.pop("no-fail", None)
    if quiet is True or threshold in _NEVER:
        lines.append('fail-on = "never"')
    elif threshold in SEVERITIES:
        lines.append(f"fail-on = {_toml(threshold)}")
    elif threshold is not None:
        raise UsageError(f"{path}: failure-threshold is {threshold!r}, not one of {', '.join(SEVERITIES)}")
    else:
        remarks.append(_USUAL)
    registries = _texts(path, "trustedRegistries", given.pop("trustedRegistries", None))
    if registries:
        lines.append(f"trusted-registries = {_toml(registries)}")
    strict = given.pop("strict-labels", None)
    if strict is True:
        lines.append("strict-labels = true")
    # Tables come last in TOML.
    lines += _severities(path, given.pop("override", None), vocabulary, remarks)
    lines += _labels(path, given.pop("label-schema", None))
    for key in given:
        remarks.append(f"{key} is not carried over: {_ELSEWHERE.get(key, 'hadolint does not know it either')}")
    return "\n".join(lines) + "\n", remarks


def _read(path: str) -> dict[str, Any]:
    from yaml import YAMLError

    from dfadvise.yamltext import load

    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_MOST + 1)
        if len(text) > _MOST:
            raise UsageError(f"{path}: is larger than a configuration can be")
        found = load(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path}: cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem
    except (YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise UsageError(
            f"{path}: {where}is not YAML: {getattr(problem, 'problem', None) or 'it holds what cannot be read'}"
        ) from problem
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageError(f"{path}: is not a table of keys and values")
    return {str(key): value for key, value in found.items()}


def _texts(path: str, key: str, value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, (str, int, float)) for each in value):
        raise UsageError(f"{path}: {key} is not a list of texts")
    return [str(each) for each in value]


def _known(path: str, key: str, value: object, vocabulary: Vocabulary, remarks: list[str]) -> list[str]:
    """The codes of a list for which dfadvise has a rule."""
    known: list[str] = []
    for code in dict.fromkeys(_texts(path, key, value)):
        if vocabulary.resolve(code) is not None:
            known.append(code)
        else:
            remarks.append(f"{code} of {key} is not carried over: no rule goes by it")
    return known


def _severities(path: str, value: object, vocabulary: Vocabulary, remarks: list[str]) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise UsageError(f"{path}: override is not a table of levels")
    levels: dict[str, str] = {}
    # A code that stands under several levels gets the gravest.
    for level in reversed(SEVERITIES):
        for code in _known(path, f"override: {level}", value.get(level), vocabulary, remarks):
            levels[code] = level
    for level in value:
        if level not in SEVERITIES:
            remarks.append(f"override: {level} is not carried over: it is no level")
    return ["", "[severity]", *(f"{_toml(code)} = {_toml(levels[code])}" for code in sorted(levels))] if levels else []


def _labels(path: str, value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise UsageError(f"{path}: label-schema is not a table of labels")
    lines = ["", "[label-schema]"]
    for label, kind in value.items():
        kind = kind or "text"
        if kind not in LABEL_TYPES:
            raise UsageError(f"{path}: label-schema has {kind!r} for {label}, not one of {', '.join(LABEL_TYPES)}")
        lines.append(f"{_toml(str(label))} = {_toml(kind)}")
    return lines if value else []


def _toml(value: object) -> str:
    """A text or a list of texts as TOML has it, which is as JSON has it but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
