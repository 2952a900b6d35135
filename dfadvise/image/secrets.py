"""Secrets in the files, the configuration and the history of an image; no value of one ever leaves this module."""

from __future__ import annotations

from dfadvise.image.filesystem import Stored
from dfadvise.image.packages import Package
from dfadvise.knowledge.secret_files import secret_file
from dfadvise.knowledge.secret_names import harmless_value, placeholder_value, secret_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from dfadvise.image.filesystem import FileSystem

LARGEST = 256 << 10  # of files that are looked into
MOST = 1 << 30  # of all files together; after that, only those with a telling name are
# Published packages bring their own test keys, and what they hold is known to everybody.
_PUBLISHED = ("/site-packages/", "/dist-packages/", "/node_modules/", "/gems/", "/lib/python", "/lib/ruby/", "/lib/go/")
_DISTRIBUTION = (
    *("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/perl", "usr/share/i18n/", "usr/include/"),
    *("usr/share/zoneinfo/", "usr/share/common-licenses/", "usr/share/ca-certificates/", "usr/lib/locale/"),
    *("var/lib/dpkg/", "var/lib/apt/", "usr/local/go/", "usr/lib/x86_64-linux-gnu/", "usr/lib/aarch64-linux-gnu/"),
)
HIDDEN = "***"
_SHELLS = (" /bin/sh -c ", " /bin/bash ", " /bin/ash ", " sh -c ", " cmd /S /C ", " powershell ")


class Secret:
    """A secret in an image.

    Attributes:
        path: Its path in a layer; empty for one in the configuration.
        layer: The index of the layer that stores it; None for the configuration.
        hidden_by: The index of the layer that hides it; None while it can be seen.
        kind: What it is.
        name: Of one in the configuration, the variable or label.
    """

    __slots__ = ("hidden_by", "kind", "layer", "name", "path")

    def __init__(self, path: str, layer: int | None, hidden_by: int | None, kind: str, name: str = "") -> None:
        self.path = path
        self.layer = layer
        self.hidden_by = hidden_by
        self.kind = kind
        self.name = name

    def __repr__(self) -> str:
        return f"Secret({self.kind}, {self.path or self.name})"


class Look:
    """Says which files to look into, and how far.

    Attributes:
        room: How many bytes may still be looked at; below 0 when something was left out.
    """

    __slots__ = ("room",)

    def __init__(self) -> None:
        self.room = MOST

    def wants(self, path: str, size: int) -> int:
        """How many bytes of a file to look at."""
        if secret_file(path) is not None:
            return min(size, LARGEST)
        if size > LARGEST or path.startswith(_DISTRIBUTION) or any(part in path for part in _PUBLISHED):
            return 0
        self.room -= size
        return size if self.room >= 0 else 0


def takes(path: str, data: bytes) -> str | None:
    """The kind of secret that a file holds, by its content, or by its name where the content does not tell."""
    binary = b"\0" in data[:1024]
    graded = secret_file(path)
    if binary:
        # A folder called `secrets` says nothing of compiled code.
        return graded[1] if graded is not None and graded[0] != "ask" and graded[1] != "secret" else None
    text = data.decode("utf-8", "replace")
    from dfadvise.secret.scan import scan

    kinds = [each.name for each in scan(text) if each.worth == "secret"]
    if kinds:
        return _bare(kinds[0])
    if graded is None:
        return None
    from dfadvise.secret.content import holds_secret

    held = holds_secret(path, text)
    return graded[1] if held or (held is None and graded[0] != "ask") else None


def secrets_of(files: FileSystem, found: list[dict[str, Any]]) -> list[Secret]:
    """The secrets in the layers, those under whiteouts too.

    Args:
        files: The file system, with these paths watched and its owners set.
        found: What `takes` gave, by layer and path.
    """
    secrets = []
    for layer, values in enumerate(found):
        for path, kind in sorted(values.items()):
            stored = files.watched.get((layer, path))
            if stored is None:
                continue
            # Of what is hidden, the file in its place knows the package.
            now = stored if stored.hidden_by is None else files.find(path)
            if isinstance(now, Stored) and _is_published(stored, now.owner):
                continue
            secrets.append(Secret(path, layer, stored.hidden_by, kind))
    return secrets


def _is_published(stored: Stored, owner: object) -> bool:
    """Whether a file came with a package, and nobody had changed it."""
    return isinstance(owner, Package) and (owner.recorded < 0 or stored.layer <= owner.recorded)


def config_secrets(config: dict[str, Any]) -> list[Secret]:
    """The secrets in the environment, the labels and the history of a configuration."""
    inner = config.get("config")
    found: list[Secret] = []
    if isinstance(inner, dict):
        environment = inner.get("Env")
        for each in environment if isinstance(environment, list) else ():
            if isinstance(each, str):
                name, _, value = each.partition("=")
                kind = _kind(name, value)
                if kind is not None:
                    found.append(Secret("", None, None, kind, f"variable {name}"))
        labels = inner.get("Labels")
        for name, value in labels.items() if isinstance(labels, dict) else ():
            kind = _kind("", value) if isinstance(value, str) else None
            if kind is not None:
                found.append(Secret("", None, None, kind, f"label {name}"))
    seen = set()
    for text in history_texts(config):
        for name, kind in _in_history(text):
            if (name, kind) not in seen:
                seen.add((name, kind))
                found.append(Secret("", None, None, kind, f"history, {name}" if name else "history"))
    return found


def history_texts(config: dict[str, Any]) -> Iterator[str]:
    """The texts of a configuration's history."""
    history = config.get("history")
    for entry in history if isinstance(history, list) else ():
        text = entry.get("created_by") if isinstance(entry, dict) else None
        if isinstance(text, str):
            yield text


def _kind(name: str, value: str) -> str | None:
    from dfadvise.secret.scan import scan

    for each in scan(value):
        if each.worth == "secret":
            return _bare(each.name)
    if (
        name
        and secret_name(name) in ("exact", "word")
        and not (harmless_value(name, value) or placeholder_value(value))
    ):
        return "value of a variable with a secret's name"
    return None


def _in_history(text: str) -> Iterator[tuple[str, str]]:
    for word in _arguments(text):
        name, _, value = word.partition("=")
        kind = _kind(name, value)
        if kind is not None:
            yield f"argument {name}", kind
    from dfadvise.secret.scan import scan

    for each in scan(text):
        if each.worth == "secret":
            yield "", _bare(each.name)


def _arguments(text: str) -> list[str]:
    """The build arguments that the text of a RUN begins with: `|2 A=1 B=2 /bin/sh -c ...`."""
    prefix = _prefix(text)
    return [word for word in prefix.split() if "=" in word]


def _prefix(text: str) -> str:
    start = text.find("|")
    if start not in (0, 4) or not text[start + 1 : start + 2].isdigit():
        return ""
    ends = [at for shell in _SHELLS if (at := text.find(shell, start)) > 0]
    return text[start : min(ends, default=len(text))]


def redacted(text: str) -> str:
    """A text of the history with `***` for what is, or may be, a secret."""
    prefix = _prefix(text)
    if any(_kind(*word.partition("=")[::2]) is not None for word in _arguments(text)):
        # A value may hold blanks, so none can be told from the next.
        names = [word.partition("=")[0] for word in prefix.split()[1:] if "=" in word]
        shown = " ".join([prefix.split()[0], *(f"{name}={HIDDEN}" for name in names)])
        text = text.replace(prefix, shown, 1)
    from dfadvise.secret.scan import scan

    for each in reversed(scan(text)):
        text = text[: each.start] + HIDDEN + text[each.end :]
    words = text.split(" ")
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if equals and _kind(name, value.strip("\"'")) is not None:
            words[at] = f"{name}={HIDDEN}"
    return " ".join(words)


def _bare(name: str) -> str:
    return name.removeprefix("an ").removeprefix("a ")
