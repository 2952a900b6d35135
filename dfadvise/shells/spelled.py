"""A shell word as it is spelled: its literal text, and where variables and substitutions stand in it.

`ShellWord.partial` says what a word is worth; this says where that comes from. Of `"user:$TOKEN"` and `'user:$TOKEN'`
only the first one is filled in by the shell.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellWord
    from dfadvise.source import Span
    from dfadvise.syntax.lines import Joined

MARK = "\x01"  # stands for a variable or substitution


class Spelled:
    """A word, or a part of one.

    Attributes:
        text: The text without quotes; each variable and each substitution is one MARK.
        names: What each MARK stands for: the name of a variable, or the text of a substitution.
    """

    __slots__ = ("_joined", "_places", "names", "text", "word")

    def __init__(
        self, word: ShellWord, text: str, names: list[str], places: list[int], joined: Joined | None = None
    ) -> None:
        self.word = word
        self.text = text
        self.names = names
        self._places = places
        self._joined = word.script.joined if joined is None else joined

    @classmethod
    def of_document(cls, word: ShellWord, body: Joined, expands: bool) -> Spelled:
        """The body of a heredoc.

        Args:
            word: A word of the command that reads it.
            body: The body.
            expands: Whether the shell puts variables into it.
        """
        if not expands:
            return cls(word, body.text, [], list(range(len(body.text))), body)
        return _read(word, body.text, 0, body)

    @classmethod
    def of_words(cls, words: list[Spelled]) -> Spelled:
        """Words of one command with blanks between them.

        Args:
            words: At least one word, all of one script.
        """
        places: list[int] = []
        for each in words:
            if places:
                places.append(places[-1] + 1)
            places.extend(each._places)
        text = " ".join([each.text for each in words])
        names = [name for each in words for name in each.names]
        first = words[0]
        return cls(first.word, text, names, places if len(places) == len(text) else [], first._joined)

    def __repr__(self) -> str:
        return f"Spelled({self.text!r}, {self.names})"

    def part(self, start: int, end: int | None = None) -> Spelled:
        """The part from one character of the text to another."""
        text = self.text[start:end]
        before = self.text.count(MARK, 0, start)
        names = self.names[before : before + text.count(MARK)]
        return Spelled(self.word, text, names, self._places[start:end], self._joined)

    @property
    def is_literal(self) -> bool:
        """Whether it is text alone."""
        return MARK not in self.text

    @property
    def span(self) -> Span:
        """Its place in the file; that of the whole word where it cannot be told apart."""
        if not self._places or not self.text:
            return self.word.span
        last = self._places[-1]
        end = _end(self._joined.text, last) if self.text[-1] == MARK else last + 1
        return self._joined.span(self._places[0], end)


def spelled(word: ShellWord) -> Spelled:
    """A word of a command as it is spelled.

    Args:
        word: A word; those of exec form hold no variables, as no shell reads them.
    """
    raw = word.raw
    if word.script.form == "exec":
        text = word.partial
        # Escapes of JSON make the places differ; then only the whole word has one.
        exact = raw[1:-1] == text
        return Spelled(word, text, [], [word.start + 1 + at for at in range(len(text))] if exact else [])
    return _read(word, raw, word.start, None)


def _read(word: ShellWord, raw: str, base: int, body: Joined | None) -> Spelled:
    quoted = body is not None
    text: list[str] = []
    names: list[str] = []
    places: list[int] = []
    at, size = 0, len(raw)
    double = quoted
    while at < size:
        char = raw[at]
        if char == "'" and not double:
            end = raw.find("'", at + 1)
            end = size if end < 0 else end
            text.extend(raw[at + 1 : end])
            places.extend(range(base + at + 1, base + end))
            at = end + 1
        elif char == '"' and not quoted:  # in a document quotes are text
            double = not double
            at += 1
        elif char == "\\" and at + 1 < size and (not double or raw[at + 1] in '"\\$`\n'):
            if raw[at + 1] != "\n":
                text.append(raw[at + 1])
                places.append(base + at + 1)
            at += 2
        elif char in "$`":
            end = _end(raw, at)
            if end == at + 1:
                text.append(char)
            else:
                text.append(MARK)
                names.append(_name(raw[at:end]))
            places.append(base + at)
            at = end
        else:
            text.append(char)
            places.append(base + at)
            at += 1
    return Spelled(word, "".join(text), names, places, body)


def _end(raw: str, at: int) -> int:
    """Where a variable or substitution ends; right behind the character when it is none."""
    if raw[at] == "`":
        end = raw.find("`", at + 1)
        return len(raw) if end < 0 else end + 1
    following = raw[at + 1 : at + 2]
    if following in ("{", "("):
        closing = "}" if following == "{" else ")"
        depth = 0
        for place in range(at + 1, len(raw)):
            if raw[place] == following:
                depth += 1
            elif raw[place] == closing:
                depth -= 1
                if not depth:
                    return place + 1
        return len(raw)
    if following.isalpha() or following == "_":
        end = at + 2
        while end < len(raw) and (raw[end].isalnum() or raw[end] == "_"):
            end += 1
        return end
    return at + 2 if following and (following.isdigit() or following in "@*#?!-$") else at + 1


def _name(text: str) -> str:
    """The name of a variable; a substitution, and what only asks whether a variable is set, as it stands."""
    if text.startswith(("$(", "`")):
        return text
    inner = text[1:].strip("{}")
    end = 0
    while end < len(inner) and (inner[end].isalnum() or inner[end] == "_"):
        end += 1
    return text if inner[end:].startswith((":+", "+")) else inner[:end] or text
