"""Reading the options of a command: which words are options, which are their values, which are operands."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NONE: frozenset[str] = frozenset()
TRUE = frozenset(("1", "true", "yes", "on", "enable", "with"))
FALSE = frozenset(("0", "false", "no", "off", "disable", "without"))


def takes_next(word: str, values: Collection[str], bundled: bool = True) -> bool:
    """Whether an option consumes the word after it.

    Args:
        word: The option as written: `-t`, `--target`, `-yt`, `--target=x`.
        values: The options that take a value, with their dashes.
        bundled: Whether `-yt` stands for `-y -t`.
    """
    if word in values:
        return True
    if not bundled or word.startswith("--") or "=" in word:
        return False
    for at in range(1, len(word)):
        if "-" + word[at] in values:
            return at == len(word) - 1  # else the rest of the word is the value
    return False


def operands(words: Sequence[str], start: int = 1, values: Collection[str] = NONE, bundled: bool = True) -> list[int]:
    """The positions of the words that are neither options nor values of options.

    Args:
        words: The command, program first.
        start: Where to begin.
        values: The options that take a value.
        bundled: Whether short options can share one dash.
    """
    found: list[int] = []
    at = start
    while at < len(words):
        word = words[at]
        if word == "--":
            found.extend(range(at + 1, len(words)))
            break
        if len(word) > 1 and word[0] == "-":
            at += takes_next(word, values, bundled)
        else:
            found.append(at)
        at += 1
    return found


def first_operand(words: Sequence[str], start: int = 1, values: Collection[str] = NONE, bundled: bool = True) -> int:
    """The position of the first operand at or after `start`, or -1."""
    at = start
    while at < len(words):
        word = words[at]
        if word == "--":
            return at + 1 if at + 1 < len(words) else -1
        if len(word) < 2 or word[0] != "-":
            return at
        at += 1 + takes_next(word, values, bundled)
    return -1


def option_at(
    words: Sequence[str], names: Collection[str], values: Collection[str] = NONE, bundled: bool = True
) -> int:
    """The position of the first word that is one of the options, or -1.

    A name may carry a value (`--omit=dev`), then `--omit dev` counts too; values are compared without case.
    A name without a value also matches `--name=value` unless the value says no. Short options are found in bundles.

    Args:
        words: The command, program first.
        names: The options looked for, with their dashes.
        values: The options that take a value, so that no value passes for an option.
        bundled: Whether short options can share one dash.
    """
    with_value = {name.lower() for name in names if "=" in name}
    letters = {name[1] for name in names if len(name) == 2 and name[0] == "-"} if bundled else set()
    skip = False
    for at in range(1, len(words)):
        word = words[at]
        if skip:
            skip = False
            continue
        if word == "--":
            return -1
        if len(word) < 2 or word[0] != "-":
            continue
        skip = takes_next(word, values, bundled)
        if word in names:
            return at
        name, equals, value = word.partition("=")
        if equals and name in names and value.lower() not in FALSE:
            return at
        if with_value:
            following = words[at + 1] if at + 1 < len(words) else ""
            if word.lower() in with_value or f"{word}={following}".lower() in with_value:
                return at
        if letters and word[1] != "-":
            for letter in word[1:]:
                if letter in letters:
                    return at
                if "-" + letter in values or not letter.isalpha():
                    break
    return -1


def config_value(text: str, key: str) -> str | None:
    """The value that a setting gets in a word or in a configuration file.

    Reads `Key=value`, `Key "value";` and `key: value` alike; of several settings the last counts.

    Args:
        text: The word or the file's text.
        key: The key, in lower case.

    Returns:
        The value in lower case without quotes, or None when the key is not set.
    """
    lower = text.lower()
    at = lower.rfind(key)
    if at < 0:
        return None
    rest = lower[at + len(key) :]
    stripped = rest.lstrip(" \t=:'\"")
    if len(stripped) == len(rest) or not stripped:
        return None
    end = 0
    while end < len(stripped) and stripped[end] not in " \t\r\n;'\",":
        end += 1
    return stripped[:end]
