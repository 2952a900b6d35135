"""Heredocs of an instruction line: the words of the shell lexer that start with `<<`, as in BuildKit."""

from __future__ import annotations

from dfadvise.source import Span
from dfadvise.syntax.words import SPACE, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.lines import Joined


class Heredoc:
    """A heredoc of a RUN, COPY or ADD.

    Attributes:
        name: The delimiter without quotes.
        expand: Whether variables in the body are expanded (the delimiter is not quoted).
        chomp: Whether it is `<<-`, which drops leading tabs.
        fd: The file descriptor before `<<`; 0 when there is none.
        content: The body as it stands in the file.
        word_span: The `<<NAME` word.
        body_span: The body without the delimiter line.
        end_span: The line of the closing delimiter.
    """

    __slots__ = (
        "body_span",
        "chomp",
        "content",
        "end_span",
        "expand",
        "fd",
        "name",
        "word_span",
        "word_text",
    )

    def __init__(self, name: str, expand: bool, chomp: bool, fd: int, word_text: str, word_span: Span) -> None:
        self.name = name
        self.expand = expand
        self.chomp = chomp
        self.fd = fd
        # An instruction's text ends before its last blanks, escaped ones too.
        self.word_text = word_text.rstrip(" \t")
        self.word_span = word_span
        self.content = ""
        self.body_span = Span(0, 0)
        self.end_span = Span(0, 0)


def _unset(name: str) -> str | None:
    return None


def heredocs_in(joined: Joined) -> list[Heredoc]:
    """The heredocs that a line announces, in order, without their bodies.

    The line is lexed with the backslash, whatever the escape directive says; a line that the lexer refuses
    (an open quote, a bad substitution) has none.
    """
    text = joined.text
    try:
        words = process(text, _unset, "\\", raw_quotes=True, raw_escapes=True, keep_unset=True).words
    except WordError:
        return []
    found: list[Heredoc] = []
    at = 0
    pending: int | None = None
    for word in words:
        start = text.find(word, at)
        if start < 0:
            # The lexer rewrote the word, so it is none that starts with `<<`.
            pending = None
            continue
        at = start + len(word)
        begin = start
        if pending is not None:
            begin = pending
            pending = None
        elif _is_bare_operator(word):
            pending = start
            continue
        heredoc = _heredoc(text[begin:at], joined, begin, at)
        if heredoc is not None:
            found.append(heredoc)
    return found


def _is_bare_operator(word: str) -> bool:
    return word.lstrip("0123456789") in ("<<", "<<-")


def _heredoc(word: str, joined: Joined, start: int, end: int) -> Heredoc | None:
    digits = len(word) - len(word.lstrip("0123456789"))
    if not word.startswith("<<", digits):
        return None
    at = digits + 2
    chomp = word.startswith("-", at)
    if chomp:
        at += 1
    while at < len(word) and word[at] in SPACE:
        at += 1
    rest = word[at:]
    if not rest or "<" in rest:
        return None
    try:
        names = process(rest, _unset, "\\", keep_unset=True).words
        raw = process(rest, _unset, "\\", raw_quotes=True, raw_escapes=True, keep_unset=True).words
    except WordError:
        return None
    if len(names) != 1 or len(raw) != 1:
        return None
    fd = int(word[: min(digits, 9)] or 0)
    return Heredoc(names[0], names[0] == raw[0], chomp, fd, word, joined.span(start, end))
