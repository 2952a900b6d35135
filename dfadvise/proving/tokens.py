r"""A shell text as the tokens that the shell reads: two texts with the same tokens are the same script.

Only what the shell itself passes over is left out: blanks between words, comments, continued lines, newlines where a
command cannot end. Everything within quotes stays as it is. What is hard to read for sure is kept as one raw token, so
that such texts are equal only when they are the same character by character.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Plain characters of a word.
_WORD = re.compile(r"[^ \t\n;&|()<>\"'`$\\]+")
_GAP = re.compile(r"(?:[ \t]|\\\n)+")
_OPERATOR = re.compile(
    r"&&|\|\||;;&|;;|;&|;|&>>|&>|&|\|&|\||\(\(|\(|\)|(?:(?<![0-9])[0-9]+)?(?:<<<|<<-|<<|<&|<>|>&|>\||>>|<|>)"
)
_IN_QUOTES = re.compile(r'[^"\\$`]+')
_EMPTY_PARENS = re.compile(r"\([ \t]*\)")
_MAX_DEPTH = 40
# Behind these a newline means nothing.
_OPEN_ENDED = frozenset(("&&", "||", "|", "|&", "\n"))
RAW = "raw "


class Tokens:
    """The tokens of a text.

    Attributes:
        texts: The tokens; a part of a word before `$(` ends in `$(`, the part behind it begins with `)`.
        starts: Where each begins in the text.
        comments: The comments that the shell passes over.
        is_raw: Whether the text was not read, and is one raw token.
    """

    __slots__ = ("comments", "is_raw", "starts", "texts")

    def __init__(self, texts: tuple[str, ...], starts: tuple[int, ...], comments: tuple[str, ...] = ()) -> None:
        self.texts = texts
        self.starts = starts
        self.comments = comments
        self.is_raw = len(texts) == 1 and texts[0].startswith(RAW)


class _ReadError(Exception):
    """A text that a simple reader may take for something else than the shell does."""


@lru_cache(maxsize=2048)
def tokens(text: str, documents: bool = False) -> Tokens:
    """The tokens of a POSIX or bash script.

    Args:
        text: The script.
        documents: Whether the bodies of its heredocs stand elsewhere, as those of a RUN line do.
    """
    reader = _Reader(text, documents)
    try:
        reader.commands("", 0)
    except _ReadError:
        return raw(text)
    while reader.texts and reader.texts[-1] == "\n":
        reader.texts.pop()
        reader.starts.pop()
    return Tokens(tuple(reader.texts), tuple(reader.starts), tuple(reader.comments))


def raw(text: str) -> Tokens:
    """A text that is compared as it is, but for blanks around it."""
    stripped = text.strip(" \t\n")
    return Tokens((RAW + stripped,), (0,))


class _Reader:
    __slots__ = ("at", "comments", "documents", "pending", "starts", "text", "texts")

    def __init__(self, text: str, documents: bool) -> None:
        self.text = text
        self.documents = documents
        self.at = 0
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.comments: list[str] = []
        # Heredocs whose bodies begin behind the line: delimiter, and whether leading tabs go.
        self.pending: list[tuple[str, bool]] = []

    def add(self, text: str, start: int) -> None:
        self.texts.append(text)
        self.starts.append(start)

    def commands(self, stop: str, depth: int) -> None:
        """Read up to the `)` that ends a substitution, or to the end of the text."""
        if depth > _MAX_DEPTH:
            raise _ReadError
        text, size = self.text, len(self.text)
        nesting = 0
        fresh = True
        while self.at < size:
            gap = _GAP.match(text, self.at)
            if gap is not None:
                self.at, fresh = gap.end(), True
                continue
            char = text[self.at]
            if char == "#" and fresh:
                end = text.find("\n", self.at)
                end = size if end < 0 else end
                self.comments.append(text[self.at : end].rstrip())
                self.at = end
                continue
            if char == "\n":
                self.newline()
                fresh = True
                continue
            if char == ")" and stop and not nesting:
                return
            if char in "<>" and text.startswith("(", self.at + 1):
                raise _ReadError
            operator = _OPERATOR.match(text, self.at)
            if operator is not None:
                nesting += self.operator(operator.group(), fresh)
                fresh = True
                continue
            start = len(self.texts)
            self.word(depth)
            if depth and self.texts[start:] == ["case"]:
                # The patterns of a case have a `)` of their own.
                raise _ReadError
            fresh = False
        # Outside of substitutions parentheses need no match: the patterns of a case have one each.
        if stop or self.pending:
            raise _ReadError

    def operator(self, operator: str, fresh: bool) -> int:
        """Take an operator; how it changes the nesting of parentheses."""
        start = self.at
        self.at += len(operator)
        if operator in ("(", "((") and not fresh:
            # `a=(x y)` is an array, `f()` a function; any other is a pattern of bash.
            if self.texts[-1].endswith("=") and operator == "(":
                self.texts[-1] += "("
                return 1
            if _EMPTY_PARENS.match(self.text, start) is None:
                raise _ReadError
        self.add(operator, start)
        if operator == "((":
            return 2
        if operator.endswith(("<<", "<<-")) and not self.documents:
            self.delimiter(operator.endswith("-"))
        return 1 if operator == "(" else -1 if operator == ")" else 0

    def newline(self) -> None:
        if self.texts and self.texts[-1] not in _OPEN_ENDED:
            self.add("\n", self.at)
        self.at += 1
        for delimiter, strip in self.pending:
            start = self.at
            while True:
                if self.at >= len(self.text):
                    raise _ReadError
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if strip else line) == delimiter:
                    break
            self.add("\n" + self.text[start : self.at - 1], start)
        if self.pending:
            self.pending = []
            self.at = min(self.at, len(self.text))
            self.add("\n", self.at)

    def delimiter(self, strip: bool) -> None:
        gap = _GAP.match(self.text, self.at)
        self.at = gap.end() if gap is not None else self.at
        start = self.at
        self.word(_MAX_DEPTH)
        name = self.text[start : self.at]
        if not name or "$" in name or "`" in name or "\\" in name:
            raise _ReadError
        self.pending.append((name.replace('"', "").replace("'", ""), strip))

    def word(self, depth: int) -> None:
        """Take a word, in parts where substitutions stand in it."""
        text, size = self.text, len(self.text)
        start = self.at
        current: list[str] = []
        while self.at < size:
            char = text[self.at]
            plain = _WORD.match(text, self.at)
            if plain is not None:
                current.append(plain.group())
                self.at = plain.end()
            elif char == "\\":
                if not text.startswith("\\\n", self.at):
                    current.append(text[self.at : self.at + 2])
                self.at += 2
            elif char == "'":
                end = text.find("'", self.at + 1)
                # In bash a backslash shields the quote that would end `$'...'`, in dash it does not.
                if end < 0 or (current[-1:] == ["$"] and text[end - 1] == "\\"):
                    raise _ReadError
                current.append(text[self.at : end + 1])
                self.at = end + 1
            elif char == '"':
                start, current = self.quoted(start, current, depth)
            elif char == "`":
                current.append(self.backticks())
            elif char == "$":
                start, current = self.dollar(start, current, depth, False)
            else:
                break
        if text.startswith(("<", ">"), self.at) and current and current[-1].endswith("}") and "{" in current[-1]:
            raise _ReadError  # `{fd}>file`
        whole = "".join(current)
        if whole.isdigit() and text.startswith(("<", ">"), self.at):
            operator = _OPERATOR.match(text, start)
            if operator is not None and not text.startswith("(", self.at + 1):
                self.at = start
                self.operator(operator.group(), True)
                return
        if whole or self.at > start:
            self.add(whole, start)

    def quoted(self, start: int, current: list[str], depth: int) -> tuple[int, list[str]]:
        """Take a part in double quotes."""
        text = self.text
        current.append('"')
        self.at += 1
        while True:
            char = text[self.at : self.at + 1]
            if not char:
                raise _ReadError
            plain = _IN_QUOTES.match(text, self.at)
            if plain is not None:
                current.append(plain.group())
                self.at = plain.end()
            elif char == '"':
                current.append(char)
                self.at += 1
                return start, current
            elif char == "\\":
                if not text.startswith("\\\n", self.at):
                    current.append(text[self.at : self.at + 2])
                self.at += 2
            elif char == "`":
                current.append(self.backticks())
            else:
                start, current = self.dollar(start, current, depth, True)

    def dollar(self, start: int, current: list[str], depth: int, quoted: bool) -> tuple[int, list[str]]:
        """Take what begins with `$`; the start and the text of the part of the word that goes on."""
        text = self.text
        if text.startswith("$((", self.at):
            current.append(self.balanced("$((", "(", ")", quoted))
        elif text.startswith("${", self.at):
            current.append(self.balanced("${", "{", "}", quoted))
        elif text.startswith("$(", self.at):
            self.add("".join(current) + "$(", start)
            self.at += 2
            self.commands(")", depth + 1)
            start = self.at
            self.at += 1
            current = [")"]
        else:
            current.append("$")
            self.at += 1
        return start, current

    def balanced(self, opening: str, left: str, right: str, quoted: bool) -> str:
        """Take an expansion whole, up to the sign that closes it."""
        text, start = self.text, self.at
        nesting = opening.count(left)
        at = start + len(opening)
        while nesting:
            char = text[at : at + 1]
            if not char or char in "`\n" or (char in "'\"" and (quoted or left == "(")):
                raise _ReadError
            if char in "'\"":
                end = text.find(char, at + 1)
                if end < 0 or "\\" in text[at:end] or "$" in text[at:end]:
                    raise _ReadError
                at = end + 1
                continue
            if char == "\\":
                at += 2
                continue
            # In `${x#(}` braces alone count.
            nesting += 1 if char == left else -1 if char == right else 0
            at += 1
        self.at = at
        return text[start:at]

    def backticks(self) -> str:
        """Take a substitution of the old form whole."""
        text = self.text
        start = at = self.at
        while True:
            at = text.find("`", at + 1)
            if at < 0:
                raise _ReadError
            before = at
            while text[before - 1] == "\\":
                before -= 1
            if (at - before) % 2 == 0:
                break
        self.at = at + 1
        return text[start : self.at]
