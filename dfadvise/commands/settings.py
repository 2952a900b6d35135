"""The options of the command line as settings, by the keys that a configuration has for them."""

from __future__ import annotations

import os

from dfadvise.commands.options import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.commands.options import Arguments


def settings_of(arguments: Arguments) -> dict[str, Any]:
    """The settings that were given; see `Config.over`.

    Raises:
        UsageError: A value cannot be used.
    """
    settings: dict[str, Any] = {
        name: arguments.many(name) for name in ("select", "extend-select", "ignore") if arguments.many(name) is not None
    }
    for name in ("fail-on", "target", "platform", "profile"):
        if arguments.one(name) is not None:
            settings[name] = arguments.one(name)
    context = arguments.one("context")
    if context is not None:
        if not os.path.isdir(context):
            raise UsageError(f"--context: no such directory: {context}")
        settings["context"] = os.path.abspath(context)
    settings["build-args"] = _build_args(arguments.many("build-arg") or ())
    contexts = [_named("--build-context", pair) for pair in arguments.many("build-context") or ()]
    settings["build-contexts"] = {name: _local(place) for name, place in contexts}
    return settings


def _named(option: str, pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not name or not equals:
        raise UsageError(f"{option}: `{pair}` is not NAME=VALUE")
    return name, value


def _local(place: str) -> str:
    """A folder made absolute; what is no folder here (an image, a repository, another target) as it is."""
    return os.path.abspath(place) if os.path.isdir(place) else place


def _build_args(pairs: list[str] | tuple[()]) -> dict[str, str]:
    """Build arguments; one without a value has the environment's, and is not set without one, as in docker build."""
    found = {}
    for pair in pairs:
        if "=" in pair:
            name, value = _named("--build-arg", pair)
            found[name] = value
        elif pair in os.environ:
            found[pair] = os.environ[pair]
    return found
