"""Text that was meant as a JSON array of strings and is none: single quotes, missing commas, bare words."""

from __future__ import annotations

from dfadvise.shells.execform import json_string

QUOTES = {"'": "'", '"': '"', "‘": "’", "“": "”", "’": "’", "”": "”"}
# Operators of test, which `[` also begins.
_OPERATORS = frozenset("! = == != =~ < > -a -o -eq -ne -lt -gt -le -ge -nt -ot -ef".split())
_BLANK = " \t"


class Array:
    """A text that starts with `[`.

    Attributes:
        text: The text.
        inner: What stands between the brackets; all behind the first one when it is never closed.
        rest: What follows the closing bracket, without the blanks around it.
        closed: Whether there is a closing bracket outside quotes.
        has_quotes: Whether any kind of quote stands in it.
        has_comma: Whether a comma stands in it outside quotes.
    """

    __slots__ = ("closed", "glued", "has_comma", "has_quotes", "inner", "rest", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.has_comma = False
        at, closing = 1, ""
        while at < len(text):
            char = text[at]
            if closing:
                if char == closing:
                    closing = ""
            elif char in QUOTES and text.find(QUOTES[char], at + 1) > 0:
                closing = QUOTES[char]
            elif char == ",":
                self.has_comma = True
            elif char == "]":
                break
            at += 1
        self.closed = at < len(text)
        self.inner = text[1:at]
        self.glued = text[at + 1 : at + 2] not in ("", " ", "\t")
        self.rest = text[at + 1 :].strip()
        self.has_quotes = any(char in QUOTES for char in self.inner)

    def is_meant(self, starts_container: bool) -> bool:
        """Whether an array was meant, and no test command or foreign syntax.

        Args:
            starts_container: Whether it is a CMD or ENTRYPOINT, which nobody starts with a test.
        """
        text = self.text
        if text.startswith("[[") or self.glued:
            return False
        if not self.closed:
            return True
        words = self.inner.split()
        if not words or words[0] == "!" or (words[0].startswith("-") and len(words[0]) == 2):
            return False
        if not _OPERATORS.isdisjoint(words):
            return False
        if self.has_comma:
            return True
        if self.rest.startswith(("&", "|", ";")):
            return False
        return self.has_quotes or (starts_container and len(words) > 1)

    def json(self) -> str | None:
        """The array as JSON; None where it is not clear what its elements are."""
        if not self.closed or self.rest:
            return None
        elements = self._elements()
        return None if elements is None else "[" + ", ".join(map(json_string, elements)) + "]"

    def _elements(self) -> list[str] | None:
        text = self.inner.strip()
        found: list[str] = []
        commas: set[bool] = set()
        at = 0
        while at < len(text):
            char = text[at]
            closing = QUOTES.get(char)
            if closing is not None:
                end = text.find(closing, at + 1)
                if end < 0:
                    return None
                value, after = text[at + 1 : end], end + 1
            else:
                after = at
                while after < len(text) and text[after] not in _BLANK and text[after] != ",":
                    after += 1
                value = text[at:after]
                if not value:
                    return None
            if any(char in value for char in "\\$`\n") or (closing is None and any(char in QUOTES for char in value)):
                return None
            found.append(value)
            at = after
            while at < len(text) and text[at] in _BLANK:
                at += 1
            if at >= len(text):
                break
            comma = text[at] == ","
            commas.add(comma)
            if not comma and at == after:
                return None
            at += comma
            while at < len(text) and text[at] in _BLANK:
                at += 1
        # Commas between some of them only: `[npm run, build]` can mean two things.
        return found if found and len(commas) < 2 else None


def is_meant_as_array(text: str) -> bool:
    """Whether the words of a COPY or ADD were meant as an array: `[` alone, or quotes or commas between brackets."""
    array = Array(text)
    if text[1:2] in _BLANK and len(text) > 1:
        return True
    return array.closed and not array.rest and not array.glued and (array.has_quotes or array.has_comma)
