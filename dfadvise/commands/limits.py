"""What an image must keep to: the thresholds of `dfadvise image`, and those of a `.dive-ci` file.

The thresholds of the command line are held against true figures. Those of `.dive-ci` were chosen for dive's own
numbers, so they are held against these, and the true figure is told beside. Source of the names, defaults and
comparisons: dive's README and behaviour, read 2026-11-24.
"""

from __future__ import annotations

import os

from dfadvise.about.sizes import human
from dfadvise.commands.options import UsageError
from dfadvise.report.common import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from dfadvise.commands.options import Arguments
    from dfadvise.image.analysis import Analysis

    _Number = TypeVar("_Number", int, float)

DIVE_FILE = ".dive-ci"
LARGEST = 1 << 20  # bytes of a .dive-ci
_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgt", 1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power}
_OFF = ("", "disabled", "off", "false")
# dive's rules under both of their names, with what holds where the file says nothing.
_EFFICIENCY = ("lowest-efficiency", "lowestEfficiency", "0.9")
_WASTED = ("highest-wasted-bytes", "highestWastedBytes", "disabled")
_USER_WASTED = ("highest-user-wasted-percent", "highestUserWastedPercent", "0.1")


class Limits:
    """What an image must keep to.

    Args:
        arguments: The command line.

    Raises:
        UsageError: A limit cannot be meant, or the file of `--ci-config` cannot be used.
    """

    __slots__ = ("dive", "efficiency", "secrets", "size", "user_wasted", "wasted", "wasted_share")

    def __init__(self, arguments: Arguments) -> None:
        self.efficiency = _share(arguments, "min-efficiency")
        self.user_wasted = _share(arguments, "max-user-wasted")
        self.size = _size(arguments, "max-size")
        self.secrets = arguments.flag("fail-on-secret")
        waste = arguments.one("max-waste")
        is_share = waste is not None and (waste.endswith("%") or ("." in waste and _part(waste) is not None))
        self.wasted_share = _share(arguments, "max-waste") if is_share else None
        self.wasted = None if is_share else _size(arguments, "max-waste")
        path = arguments.one("ci-config")
        if path is None and os.environ.get("CI") == "true" and os.path.isfile(DIVE_FILE):
            path = DIVE_FILE  # as dive itself does
        self.dive = DiveRules(path) if path is not None else None

    def exceeded(self, analysis: Analysis) -> list[str]:
        """What is wrong with an image, a line each."""
        found = []
        if self.efficiency is not None and analysis.efficiency < self.efficiency:
            found.append(f"efficiency {analysis.efficiency:.4f} is below {self.efficiency:g}")
        if self.wasted is not None and analysis.wasted > self.wasted:
            found.append(f"{human(analysis.wasted)} wasted are more than {human(self.wasted)}")
        if self.wasted_share is not None and 1 - analysis.efficiency > self.wasted_share:
            share = f"{1 - analysis.efficiency:.4f}"
            found.append(f"the share wasted, {share}, is more than {self.wasted_share:g}")
        if self.user_wasted is not None and analysis.user_wasted > self.user_wasted:
            share = f"{analysis.user_wasted:.4f}"
            found.append(f"the share wasted above the base image, {share}, is more than {self.user_wasted:g}")
        if self.size is not None and analysis.stored > self.size:
            found.append(f"{human(analysis.stored)} stored are more than {human(self.size)}")
        secrets = len(analysis.secrets) + len(analysis.config_secrets)
        if self.secrets and secrets:
            found.append(f"there {'is' if secrets == 1 else 'are'} {count_of(secrets, 'secret')} in it")
        if self.dive is not None:
            found.extend(self.dive.exceeded(analysis))
        return [f"{analysis.image.name}: {line}" for line in found]


class DiveRules:
    """The rules of a `.dive-ci` file.

    Args:
        path: The file.

    Raises:
        UsageError: It cannot be read or used.
    """

    __slots__ = ("efficiency", "path", "user_wasted", "wasted")

    def __init__(self, path: str) -> None:
        self.path = path
        rules = _rules(path)
        self.efficiency = self._number(rules, _EFFICIENCY)
        self.user_wasted = self._number(rules, _USER_WASTED)
        text = self._text(rules, _WASTED)
        self.wasted = None if text is None else _bytes(text)
        if text is not None and self.wasted is None:
            raise UsageError(f"{path}: {_WASTED[1]} cannot be `{text}`: it takes a size such as 20MB")

    def exceeded(self, analysis: Analysis) -> list[str]:
        """What dive would refuse in an image, with the true figures."""
        score = analysis.score
        found = []
        if self.efficiency is not None and score.efficiency < self.efficiency:
            told = f"dive's efficiency {score.efficiency:.4f} is below {self.efficiency:g}"
            found.append(f"{told}, the true one is {analysis.efficiency:.4f} ({self.path}: {_EFFICIENCY[1]})")
        if self.wasted is not None and score.wasted > self.wasted:
            told = f"dive counts {human(score.wasted)} wasted, more than {human(self.wasted)}"
            found.append(f"{told}, in truth it is {human(analysis.wasted)} ({self.path}: {_WASTED[1]})")
        share = score.user_wasted
        if self.user_wasted is not None and share is not None and share > self.user_wasted:
            told = f"dive's share wasted by the user, {share:.4f}, is more than {self.user_wasted:g}"
            found.append(f"{told}, the true one is {analysis.user_wasted:.4f} ({self.path}: {_USER_WASTED[1]})")
        return found

    def _text(self, rules: dict[object, object], names: tuple[str, str, str]) -> str | None:
        """What the file says of a rule; None when it is switched off."""
        value = next((rules[name] for name in names[:2] if name in rules), names[2])
        if value is None or isinstance(value, bool):
            return None if not value else "true"
        text = str(value).strip()
        return None if text.lower() in _OFF else text

    def _number(self, rules: dict[object, object], names: tuple[str, str, str]) -> float | None:
        text = self._text(rules, names)
        if text is None:
            return None
        value = _part(text)
        if value is None:
            raise UsageError(f"{self.path}: {names[1]} cannot be `{text}`: it takes a number from 0 to 1")
        return value


def _rules(path: str) -> dict[object, object]:
    import yaml

    from dfadvise.yamltext import load

    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise UsageError(f"{path} is too large to be a .dive-ci")
        held = load(data)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror or problem}") from problem
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise UsageError(f"{path}{line} is no YAML") from problem
    rules = held.get("rules", {}) if isinstance(held, dict) else {}
    if not isinstance(rules, dict):
        raise UsageError(f"{path}: `rules` is not a list of names and values")
    return rules


def _share(arguments: Arguments, name: str) -> float | None:
    return _read(arguments, name, _part, "a number such as 0.9, or 90%")


def _size(arguments: Arguments, name: str) -> int | None:
    return _read(arguments, name, _bytes, "a size such as 20MB or 1.5GiB")


def _read(arguments: Arguments, name: str, reading: Callable[[str], _Number | None], takes: str) -> _Number | None:
    """The value of an option; None when it is not given.

    Raises:
        UsageError: It cannot be read.
    """
    text = arguments.one(name)
    if text is None:
        return None
    value = reading(text)
    if value is None:
        raise UsageError(f"`--{name}` cannot be `{text}`: it takes {takes}")
    return value


def _part(text: str) -> float | None:
    """A number between 0 and 1, or a percentage."""
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _bytes(text: str) -> int | None:
    squeezed = text.replace(" ", "").lower()
    digits = squeezed.rstrip("kmgtib")
    factor = _UNITS.get(squeezed[len(digits) :])
    try:
        value = float(digits)
    except ValueError:
        return None
    return int(value * factor) if factor is not None and 0 <= value < 1e15 else None
