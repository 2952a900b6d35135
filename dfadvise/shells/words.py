"""Words of a script from their syntax nodes: quotes removed, known variables put in."""

from __future__ import annotations

from dfadvise.shell import ShellWord
from dfadvise.syntax.words import UNKNOWN, WordError, is_plain, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.shell import Script
    from dfadvise.shells.nodes import Node

# In a word with one of these, only the grammar tells what is run and what is text.
MARKS = ("`", "$(", "$'", '$"')
# What splits the value of a variable.
_BLANKS = " \t\n"
_EXPANSIONS = frozenset(("simple_expansion", "expansion"))
_SUBSTITUTIONS = frozenset(("command_substitution", "process_substitution"))
_ANSI = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}


class WordReader:
    """Reads the words of one script.

    Args:
        script: The script.
        offsets: Character offsets by byte offset; None when they are the same.
        lookup: Gives a variable's value, NUL where it is not known, None where it is unset.
        visit: Called with each command substitution found in a word.
    """

    __slots__ = ("lookup", "offsets", "script", "text", "visit")

    def __init__(
        self,
        script: Script,
        offsets: list[int] | None,
        lookup: Callable[[str], str | None],
        visit: Callable[[Node], None],
    ) -> None:
        self.script = script
        self.text = script.text
        self.offsets = offsets
        self.lookup = lookup
        self.visit = visit

    def bounds(self, node: Node) -> tuple[int, int]:
        """Where a node stands in the script text, in characters."""
        if self.offsets is None:
            return node.start_byte, node.end_byte
        return self.offsets[node.start_byte], self.offsets[node.end_byte]

    def words(self, node: Node) -> list[ShellWord]:
        """The word of a node; several, or none, when an unquoted variable splits so."""
        word = self.word(node)
        return [] if word is None else self.split(word)

    def split(self, word: ShellWord) -> list[ShellWord]:
        """A word as unquoted variables split it."""
        value, raw = word.partial, word.raw
        # Values are mostly one word, and a word mostly has quotes around it as a whole.
        if "$" not in raw or UNKNOWN in value or (value and value.split() == [value]):
            return [word]
        if raw[0] == '"' and raw.find('"', 1) == len(raw) - 1:
            return [word]
        if not value:
            return [word] if word.quoted else []
        if self.evaluate(raw) is None or any(char.isspace() and char not in _BLANKS for char in value):
            return [word]
        parts = process(_continued(raw), self.lookup, unset=UNKNOWN).words
        return [ShellWord(self.script, word.start, word.end, raw, part, word.quoted) for part in parts]

    def word(self, node: Node) -> ShellWord | None:
        """The word of a node, which no variable splits; None for an empty node."""
        start, end = self.bounds(node)
        if start == end:
            return None
        raw = self.text[start:end]
        kind = node.type
        if kind in ("word", "number", "variable_name", "extglob_pattern", "test_operator", "regex"):
            return ShellWord(self.script, start, end, raw, _unescaped(raw), "\\" in raw)
        value, quoted = self.evaluate(raw) or self.value(node)
        return ShellWord(self.script, start, end, raw, value, quoted)

    def evaluate(self, raw: str) -> tuple[str, bool] | None:
        """Value and quotedness of a word as written; None where it runs commands or does more than a word may.

        The grammar splits `/$A/b-$A.c` at the second variable, so the text is the better source.
        """
        if "`" in raw or "$(" in raw or "$'" in raw or '$"' in raw or ("(" in raw and _has_bare_parenthesis(raw)):
            return None
        raw = _continued(raw)
        if is_plain(raw):
            return raw, False
        inner = raw[1:-1]
        if raw[0] == raw[-1] == '"' and is_plain(inner):
            return inner, True
        try:
            return process(raw, self.lookup, unset=UNKNOWN).text, '"' in raw or "'" in raw or "\\" in raw
        except WordError:
            return None

    def value(self, node: Node) -> tuple[str, bool]:
        """Value and quotedness of a node."""
        kind = node.type
        start, end = self.bounds(node)
        raw = self.text[start:end]
        if kind == "raw_string":
            return raw[1:-1], True
        if kind in ("string", "translated_string"):
            return self._parts(node, start + raw.index('"') + 1, end - 1, True), True
        if kind in _EXPANSIONS:
            self.visit_inside(node)
            return self._variable(raw), False
        if kind in _SUBSTITUTIONS:
            self.visit(node)
            return UNKNOWN, False
        if kind == "composite":
            # A word of a plain script that is too long when its variables are put in.
            return UNKNOWN, True
        if kind in ("concatenation", "command_name"):
            return self._concatenation(node, start, end)
        if kind == "ansi_c_string":
            return _ansi(raw[2:-1]), True
        if kind in ("word", "number"):
            return _unescaped(raw), "\\" in raw
        if node.child_count:
            self.visit_inside(node)
            return UNKNOWN, False
        return raw, False

    def _concatenation(self, node: Node, start: int, end: int) -> tuple[str, bool]:
        children = node.children
        if len(children) == 1:
            return self.value(children[0])
        result: list[str] = []
        quoted = False
        at = start
        for child in children:
            begin, stop = self.bounds(child)
            result.append(self.text[at:begin])
            value, child_quoted = self.value(child)
            result.append(value)
            quoted = quoted or child_quoted
            at = stop
        result.append(self.text[at:end])
        return "".join(result), quoted

    def _parts(self, node: Node, at: int, end: int, double: bool) -> str:
        """The content of a double-quoted string."""
        result: list[str] = []
        for child in node.named_children:
            if child.type == "string_content":
                continue
            begin, stop = self.bounds(child)
            result.append(_double_unescaped(self.text[at:begin]))
            result.append(self.value(child)[0])
            at = stop
        result.append(_double_unescaped(self.text[at:end]))
        return "".join(result)

    def _variable(self, raw: str) -> str:
        if raw.startswith("${") and raw[2:3] in "!#":
            return UNKNOWN
        try:
            return process(raw, self.lookup, unset=UNKNOWN).text
        except WordError:
            return UNKNOWN

    def visit_inside(self, node: Node) -> None:
        """Visit command substitutions anywhere below a node."""
        pending = list(node.named_children)
        while pending:
            child = pending.pop(0)
            if child.type in _SUBSTITUTIONS:
                self.visit(child)
            elif child.child_count:
                pending[:0] = child.named_children


def _has_bare_parenthesis(raw: str) -> bool:
    """Whether a parenthesis stands outside quotes: a pattern, an array or a substitution."""
    quote = ""
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "\\" and quote != "'":
            at += 1
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char == "(":
            return True
        at += 1
    return False


def _continued(raw: str) -> str:
    """A word without the line ends that a backslash takes away."""
    if "\\\n" not in raw:
        return raw
    result: list[str] = []
    quote = ""
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "\\" and quote != "'":
            pair = raw[at : at + 2]
            result.append("" if pair == "\\\n" else pair)
            at += 2
            continue
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        result.append(char)
        at += 1
    return "".join(result)


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    result: list[str] = []
    at = 0
    while at < len(raw):
        if raw[at] == "\\":
            at += 1
            if raw[at : at + 1] == "\n":
                at += 1
                continue
        result.append(raw[at : at + 1])
        at += 1
    return "".join(result)


def _double_unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    result: list[str] = []
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "\\" and raw[at + 1 : at + 2] in ('"', "\\", "$", "`", "\n"):
            at += 1
            char = "" if raw[at] == "\n" else raw[at]
        result.append(char)
        at += 1
    return "".join(result)


def _ansi(raw: str) -> str:
    if "\\" not in raw:
        return raw
    result: list[str] = []
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "\\":
            at += 1
            following = raw[at : at + 1]
            # Octal, hexadecimal and control escapes are not worked out.
            char = _ANSI.get(following, UNKNOWN)
        result.append(char)
        at += 1
    return "".join(result)
