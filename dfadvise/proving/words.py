"""Words of a Dockerfile by meaning, whatever the build arguments are: quotes resolved, variables by their value.

A meaning is a text: `=` and the characters where the word is literal, `#` and a digest where it hangs on something that
the file does not say (an argument, the base image). Equal meanings expand to the same text in every build.
"""

from __future__ import annotations

from hashlib import blake2b

from dfadvise.syntax.words import WordError, is_plain, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer texts are compared by their digest: values that double with every line grow without end.
_MAX_LITERAL = 2048
_MARK = "\x00"
_SIZE = 16
_MODULUS = 1 << (8 * _SIZE)
_HIDDEN = "dfadvise_hidden_"
# Before the meaning of a word at which the build stops.
MALFORMED = "!"


def digest(*parts: str) -> str:
    """The meaning of what is made of some parts and cannot be written out."""
    state = blake2b(digest_size=_SIZE)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(b"%d:" % len(data))
        state.update(data)
    return "#" + state.hexdigest()


class Scope:
    """The variables at one place of a stage.

    Attributes:
        state: A number that is equal for two scopes with the same variables of the same meaning.
        env: The meaning of each ENV, by name.
    """

    __slots__ = ("_values", "env", "state")

    def __init__(self, parent: Scope | None = None) -> None:
        self._values: dict[str, str] = dict(parent._values) if parent is not None else {}
        self.env: dict[str, str] = dict(parent.env) if parent is not None else {}
        self.state: int = parent.state if parent is not None else 0

    def value(self, name: str) -> str:
        """The meaning of a variable; one that the file does not set is known by its name."""
        return self._values.get(name) or digest("base", name)

    def set_env(self, name: str, value: str) -> None:
        """Let an ENV set a variable."""
        self.env[name] = value
        self._set(name, value if value.startswith("=") else digest("env", value))

    def set_arg(self, name: str, default: str | None) -> None:
        """Let an ARG declare a variable; a default of None leaves the one before in force."""
        if name in self.env:
            # ENV wins; that there is an argument too is kept, so that nothing hangs on the order.
            self._set(name, digest("both", self.env[name], default or ""))
        else:
            self._set(name, digest("arg", name, default if default is not None else self._values.get(name, "")))

    def _set(self, name: str, value: str) -> None:
        before = self._values.get(name)
        if before == value:
            return
        if before is not None:
            self.state = (self.state - _weight(name, before)) % _MODULUS
        self._values[name] = value
        self.state = (self.state + _weight(name, value)) % _MODULUS


def _weight(name: str, value: str) -> int:
    return int(digest(name, value)[1:], 16)


def meaning(word: str, scope: Scope, escape: str, quotes: bool = True, folder: bool = False) -> str:
    """The meaning of a word.

    Args:
        word: The word as written.
        scope: The variables at its place.
        escape: The escape character of the file.
        quotes: Whether quotes mean anything; not in the body of a heredoc.
        folder: Whether it names a folder, with or without a slash at its end; it gets one.
    """
    if is_plain(word, escape) or (not quotes and "$" not in word and escape not in word):
        return _literal(_slashed(word) if folder else word)
    values: list[str] = []

    def mark(value: str) -> str:
        values.append(value)
        return f"{_MARK}{len(values) - 1}{_MARK}"

    hidden: list[str] = []
    try:
        if _MARK in word:
            raise WordError
        text = process(
            _hide(word, escape, hidden), lambda name: mark(_valued(name, hidden, scope)), escape, quotes=quotes
        ).text
    except WordError:
        # Beyond what is read here: equal to itself under the same variables alone.
        found = digest("raw", word, str(scope.state))
        return MALFORMED + found if _is_malformed(word, escape, quotes) else found
    if _HIDDEN in text:
        text = _shown(text, hidden)
    if folder:
        text = _slashed(text)
    parts = text.split(_MARK)
    for place in range(1, len(parts), 2):
        parts[place] = values[int(parts[place])]
    if all(part.startswith("=") for part in parts[1::2]):
        found = "".join(part[1:] if place % 2 else part for place, part in enumerate(parts))
        return _literal(found)
    # Literal neighbours become one, so that it does not matter what was a variable.
    merged: list[str] = [""]
    for place, part in enumerate(parts):
        literal = part if place % 2 == 0 else part[1:] if part.startswith("=") else None
        if literal is None:
            merged.extend((part, ""))
        else:
            merged[-1] += literal
    return digest("word", *merged)


def _is_malformed(word: str, escape: str, quotes: bool) -> bool:
    """Whether BuildKit refuses a word."""
    try:
        process(word, lambda name: "x", escape, quotes=quotes)
    except WordError:
        return True
    return False


def _slashed(text: str) -> str:
    return text.rstrip("/") + "/"


def _literal(text: str) -> str:
    return "=" + text if len(text) <= _MAX_LITERAL else digest("text", text)


def _hide(word: str, escape: str, hidden: list[str]) -> str:
    """The word with each `${name<operator>...}` replaced by a plain variable.

    Raises:
        WordError: An expansion holds quotes or escapes, or is not closed.
    """
    if "${" not in word:
        return word
    parts: list[str] = []
    at = 0
    while True:
        start = word.find("${", at)
        if start < 0:
            break
        end = start + 2
        nesting = 1
        while nesting:
            char = word[end : end + 1]
            if not char or char in "'\"" or char == escape:
                raise WordError
            nesting += 1 if word.startswith("${", end) else -1 if char == "}" else 0
            end += 1
        expansion = word[start:end]
        parts.append(word[at:start])
        if _is_name(expansion[2:-1]):
            parts.append(expansion)
        else:
            parts.append(f"${{{_HIDDEN}{len(hidden)}}}")
            hidden.append(expansion)
        at = end
    parts.append(word[at:])
    return "".join(parts)


def _shown(text: str, hidden: list[str]) -> str:
    """Put back what stood in single quotes or behind an escape, where nothing expands."""
    for number, expansion in enumerate(hidden):
        text = text.replace(f"${{{_HIDDEN}{number}}}", expansion)
    return text


def _is_name(text: str) -> bool:
    return text.replace("_", "a").isalnum()


def _valued(name: str, hidden: list[str], scope: Scope) -> str:
    if not name.startswith(_HIDDEN):
        return scope.value(name)
    number = name[len(_HIDDEN) :]
    if not number.isdigit() or int(number) >= len(hidden):
        return scope.value(name)
    expansion = hidden[int(number)]
    return digest("expansion", expansion, *(scope.value(each) for each in _names(expansion)))


def _names(expansion: str) -> Iterator[str]:
    """The names that an expansion may read."""
    for part in expansion.split("$")[1:]:
        part = part.removeprefix("{")
        end = 0
        while end < len(part) and (part[end].isalnum() or part[end] == "_"):
            end += 1
        yield part[:end]
