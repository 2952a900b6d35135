"""Words of a Dockerfile: quotes, escapes and `$` expansion, exactly as BuildKit's shell lexer does them.

Source of the behaviour: BuildKit's `frontend/dockerfile/shell` (read 2026-11-24), held by the recorded cases.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Lookup = Callable[[str], str | None]

# Go's unicode.IsSpace: Python's own list has four more (0x1c to 0x1f).
SPACE = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))
SPACES = "".join(sorted(SPACE))
SPECIAL_PARAMETERS = frozenset("@*#?-$!0")
UNKNOWN = "\x00"

# Nesting that no real file has; keeps hostile input from exhausting the stack.
_MAX_DEPTH = 60
# Longest text that variables may expand to; values that double with every line grow without end.
MAX_EXPANDED = 262_144


class WordError(ValueError):
    """A word that BuildKit refuses: an open quote, a bad substitution, a required variable that is unset."""


class Expansion:
    """A word after expansion.

    Attributes:
        text: The expanded text.
        words: The same split at unquoted white space.
        matched: Names of variables that were set.
        unmatched: Names of variables that were not.
    """

    __slots__ = ("matched", "text", "unmatched", "words")

    def __init__(self, text: str, words: list[str], matched: set[str], unmatched: set[str]) -> None:
        self.text = text
        self.words = words
        self.matched = matched
        self.unmatched = unmatched


def expand(word: str, env: Mapping[str, str], escape: str = "\\") -> str:
    """Expand a word: variables replaced, quotes and escapes removed.

    Args:
        word: The word as written.
        env: The variables.
        escape: The escape character of the file.

    Raises:
        WordError: Where BuildKit refuses the word.
    """
    return process(word, env.get, escape).text


def split(word: str, env: Mapping[str, str], escape: str = "\\") -> list[str]:
    """Expand a text and split it at unquoted white space, that of variables included.

    Args:
        word: The text as written.
        env: The variables.
        escape: The escape character of the file.

    Raises:
        WordError: Where BuildKit refuses the text.
    """
    return process(word, env.get, escape).words


def process(
    word: str,
    lookup: Lookup,
    escape: str = "\\",
    raw_quotes: bool = False,
    raw_escapes: bool = False,
    quotes: bool = True,
    keep_unset: bool = False,
    unset: str = "",
) -> Expansion:
    """Expand a word under the lexer's options.

    Args:
        word: The text as written.
        lookup: Gives a variable's value, None when it is not set.
        escape: The escape character.
        raw_quotes: Keep quotes in the result.
        raw_escapes: Keep escape characters in the result.
        quotes: Whether quotes mean anything (they do not in heredoc bodies).
        keep_unset: Leave references to unset variables as they are.
        unset: What a reference to an unset variable without default becomes.

    Raises:
        WordError: Where BuildKit refuses the word.
    """
    lexer = _Lexer(word, lookup, escape, raw_quotes, quotes, keep_unset, unset)
    text, words = lexer.until("", raw_escapes)
    return Expansion(text, words, lexer.matched, lexer.unmatched)


def is_plain(word: str, escape: str = "\\") -> bool:
    """Whether a word means itself: no variables, quotes or escapes."""
    return "$" not in word and escape not in word and '"' not in word and "'" not in word


class _Words:
    """Collects words: unquoted white space ends one, everything else goes on with it."""

    __slots__ = ("current", "done", "inside")

    def __init__(self) -> None:
        self.current: list[str] = []
        self.done: list[str] = []
        self.inside = False

    def raw(self, text: str) -> None:
        if text:
            self.current.append(text)
        self.inside = True

    def char(self, char: str) -> None:
        if char not in SPACE:
            self.raw(char)
        elif self.inside and self.current:
            self.done.append("".join(self.current))
            self.current = []
            self.inside = False

    def finish(self) -> list[str]:
        if self.current:
            self.done.append("".join(self.current))
            self.current = []
        return self.done


class _Lexer:
    __slots__ = (
        "at",
        "depth",
        "escape",
        "keep_unset",
        "lookup",
        "matched",
        "produced",
        "quotes",
        "raw_escapes",
        "raw_quotes",
        "text",
        "unmatched",
        "unset",
    )

    def __init__(
        self,
        text: str,
        lookup: Lookup,
        escape: str,
        raw_quotes: bool,
        quotes: bool,
        keep_unset: bool,
        unset: str,
    ) -> None:
        self.text = text
        self.lookup = lookup
        self.escape = escape
        self.raw_quotes = raw_quotes
        self.quotes = quotes
        self.keep_unset = keep_unset
        self.unset = unset
        self.raw_escapes = False
        self.at = 0
        self.depth = 0
        self.produced = 0
        self.matched: set[str] = set()
        self.unmatched: set[str] = set()

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def next(self) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        return char

    def until(self, stop: str, raw_escapes: bool) -> tuple[str, list[str]]:
        """Process up to the stop character, or to the end when it is empty."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise WordError("substitutions nested too deeply")
        before, self.raw_escapes = self.raw_escapes, raw_escapes
        result: list[str] = []
        words = _Words()
        text, size, escape = self.text, len(self.text), self.escape
        while self.at < size:
            char = text[self.at]
            if char == stop:
                self.at += 1
                self.raw_escapes = before
                self.depth -= 1
                return "".join(result), words.finish()
            if char == "$":
                value = self.dollar()
                result.append(value)
                for each in value:
                    words.char(each)
            elif self.quotes and char in "'\"":
                value = self.single() if char == "'" else self.double()
                result.append(value)
                words.raw(value)
            elif char == escape:
                self.at += 1
                if self.raw_escapes:
                    result.append(char)
                    words.raw(char)
                if self.at >= size:
                    break
                result.append(text[self.at])
                words.raw(text[self.at])
                self.at += 1
            else:
                self.at += 1
                result.append(char)
                words.char(char)
        if stop:
            raise WordError(f"unexpected end of statement while looking for matching {stop}")
        self.raw_escapes = before
        self.depth -= 1
        return "".join(result), words.finish()

    def single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise WordError("unexpected end of statement while looking for matching single-quote")
        start, self.at = self.at, end + 1
        return self.text[start : end + 1] if self.raw_quotes else self.text[start + 1 : end]

    def double(self) -> str:
        result = [self.next()] if self.raw_quotes else []
        if not self.raw_quotes:
            self.at += 1
        while True:
            char = self.peek()
            if not char:
                raise WordError("unexpected end of statement while looking for matching double-quote")
            if char == '"':
                self.at += 1
                if self.raw_quotes:
                    result.append(char)
                return "".join(result)
            if char == "$":
                result.append(self.dollar())
                continue
            self.at += 1
            if char == self.escape:
                if self.raw_escapes:
                    result.append(char)
                following = self.peek()
                if not following:
                    continue
                if following in '"$' or following == self.escape:
                    char = following
                    self.at += 1
            result.append(char)

    def value(self, name: str) -> str | None:
        value = self.lookup(name)
        self.produced += len(value or "")
        if self.produced > MAX_EXPANDED:
            raise WordError("the expanded text is too long")
        (self.unmatched if value is None else self.matched).add(name)
        return value

    def dollar(self) -> str:
        self.at += 1
        if self.peek() != "{":
            name = self.name()
            if not name:
                return "$"
            value = self.value(name)
            if value is None:
                return "$" + name if self.keep_unset else self.unset
            return value
        self.at += 1
        char = self.peek()
        if not char:
            raise WordError("syntax error: missing '}'")
        if char in "{}:":
            raise WordError("syntax error: bad substitution")
        name = self.name()
        modifier = self.next()
        if modifier == "}":
            value = self.value(name)
            if value is None:
                return "${" + name + "}" if self.keep_unset else self.unset
            return value
        if modifier == "/":
            return self.replacement(name)
        null_is_unset = modifier == ":"
        operator = self.next() if null_is_unset else modifier
        if not null_is_unset and (not modifier or modifier not in "+-?#%"):
            raise WordError(f"unsupported modifier ({modifier}) in substitution")
        word = self.operand("}", operator in ("#", "%"), "syntax error: missing '}'")
        value = self.value(name)
        if value is None and self.keep_unset:
            return "${" + name + (":" if null_is_unset else "") + operator + word + "}"
        empty = value is None or (null_is_unset and value == "")
        if operator == "-":
            return word if empty or value is None else value
        if operator == "+":
            return "" if empty else word
        if operator == "?":
            if value is None or empty:
                reason = "is not allowed to be unset" if value is None else "is not allowed to be empty"
                raise WordError(f"{name}: {word or reason}")
            return value
        if operator in ("#", "%") and not null_is_unset:
            return self.trimmed(value, operator, word)
        raise WordError(f"unsupported modifier ({':' if null_is_unset else ''}{operator}) in substitution")

    def operand(self, stop: str, raw_escapes: bool, missing: str) -> str:
        try:
            return self.until(stop, raw_escapes)[0]
        except WordError:
            if self.at >= len(self.text):
                raise WordError(missing) from None
            raise

    def trimmed(self, value: str | None, operator: str, word: str) -> str:
        from dfadvise.syntax import substitution

        longest = word.startswith(operator)
        pattern = substitution.tokens(word[1:] if longest else word)
        if value is None:
            return self.unset
        if UNKNOWN in value:
            return UNKNOWN
        if operator == "#":
            return substitution.without_prefix(pattern, value, longest)
        return substitution.without_suffix(pattern, value, longest)

    def replacement(self, name: str) -> str:
        from dfadvise.syntax import substitution

        everywhere = self.peek() == "/"
        if everywhere:
            self.at += 1
        pattern = self.operand("/", True, "syntax error: missing '/' in ${}")
        replacement = self.operand("}", True, "syntax error: missing '}'")
        value = self.value(name)
        if value is None and self.keep_unset:
            return "${" + f"{name}/{pattern}/{replacement}" + "}"
        compiled = substitution.tokens(pattern)
        if value is None:
            return self.unset
        if UNKNOWN in value:
            return UNKNOWN
        return substitution.replaced(compiled, value, replacement, everywhere)

    def name(self) -> str:
        text, start = self.text, self.at
        first = text[start : start + 1]
        if first.isdecimal():
            while self.peek().isdecimal():
                self.at += 1
            return text[start : self.at]
        if first and first in SPECIAL_PARAMETERS:
            self.at += 1
            return first
        while (char := self.peek()) and (char.isalpha() or char.isdecimal() or char == "_"):
            self.at += 1
        return text[start : self.at]
