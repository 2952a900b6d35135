r"""The regular expression that an ignore file's pattern is turned into, and what it matches.

The translation is the one of moby/patternmatcher 0.6, and it leaks: `\d` is a digit, `[a*]` is no set of two
characters, `.*` stops at a line break. A build does so too, hence the leaks are kept.
"""

from __future__ import annotations

from dfadvise.gopath import PatternError
from dfadvise.gopattern import (
    ANYTHING,
    EDGE,
    END,
    FOLDERS,
    MANY,
    NO_EDGE,
    NOT_SLASH,
    ONE,
    START,
    TEXT,
    CharSet,
    Step,
    bad_pattern,
    merged,
    run,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.gopattern import Ranges

BOM = "\ufeff"
LAST_RUNE = 0x10FFFF
DIGIT, UPPER, LOWER = (0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)
WORD: Ranges = [DIGIT, UPPER, (0x5F, 0x5F), LOWER]
PERL: dict[str, Ranges] = {"d": [DIGIT], "s": [(9, 10), (12, 13), (32, 32)], "w": WORD}
POSIX: dict[str, Ranges] = {
    "alnum": [DIGIT, UPPER, LOWER],
    "alpha": [UPPER, LOWER],
    "ascii": [(0, 0x7F)],
    "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 0x1F), (0x7F, 0x7F)],
    "digit": [DIGIT],
    "graph": [(0x21, 0x7E)],
    "lower": [LOWER],
    "print": [(0x20, 0x7E)],
    "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
    "space": [(9, 13), (32, 32)],
    "upper": [UPPER],
    "word": WORD,
    "xdigit": [DIGIT, (0x41, 0x46), (0x61, 0x66)],
}
CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def _translate(pattern: str) -> tuple[str, str]:
    """How a clean pattern is matched (exact, prefix, suffix or regexp), and its regular expression."""
    kind, text = "exact", "^"
    pattern = _decodable(pattern.removeprefix(BOM))
    at, size = 0, len(pattern)
    while at < size:
        first, char = at == 0, pattern[at]
        at += 1
        if char == "*" and pattern.startswith("*", at):
            at += 1
            at += pattern.startswith("/", at)
            if at < size:
                text += "(.*/)?"
                kind = "regexp"
            elif kind == "exact":
                kind = "prefix"
            else:
                text += ".*"
                kind = "regexp"
            if first:
                kind = "suffix"
        elif char in "*?":
            text += "[^/]*" if char == "*" else "[^/]"
            kind = "regexp"
        elif char in ".+()|{}$":
            text += "\\" + char
        elif char == "\\":
            text += "\\" + pattern[at : at + 1]
            kind = "regexp" if at < size else kind
            at += 1
        else:
            text += char
            if char in "[]":
                kind = "regexp"
    return kind, text + "$"


def _decodable(text: str) -> str:
    """The text as Go decodes it: U+FFFD for each byte that is no UTF-8."""
    if text.isascii():
        return text
    return "".join(["\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text])


class _Regexp:
    """Reads the part of Go's regular expressions that a translated pattern can hold."""

    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def steps(self) -> list[Step]:
        steps: list[Step] = []
        text, size = self.text, len(self.text)
        while self.at < size:
            char = text[self.at]
            if char == "(":
                steps.append(Step(FOLDERS))
                self.at += len("(.*/)?")
            elif char == ".":
                steps.append(Step(ANYTHING))
                self.at += len(".*")
            elif char == "[":
                chars = NOT_SLASH if text.startswith("[^/]", self.at) else self._class()
                self.at += len("[^/]") if chars is NOT_SLASH else 0
                many = text.startswith("*", self.at)
                self.at += many
                steps.append(Step(MANY if many else ONE, chars=chars))
            elif char == "\\":
                self._escaped(steps)
            else:
                self.at += 1
                kind = START if char == "^" else END if char == "$" else TEXT
                steps.append(Step(kind, char if kind == TEXT else ""))
        return merged(steps)

    def _escaped(self, steps: list[Step]) -> None:
        char = self.text[self.at + 1 : self.at + 2]
        if char == "Q":
            quoted, _, _ = self.text[self.at + 2 :].partition("\\E")
            self.at = min(self.at + len(quoted) + 4, len(self.text))
            if quoted:
                steps.append(Step(TEXT, quoted))
        elif char and char in "AzbB":
            self.at += 2
            steps.append(Step({"A": START, "z": END, "b": EDGE, "B": NO_EDGE}[char]))
        else:
            chars = CharSet([])
            if self._group(chars):
                steps.append(Step(ONE, chars=chars))
            else:
                steps.append(Step(TEXT, chr(self._char())))

    def _class(self) -> CharSet:
        self.at += 1
        negated = self.text.startswith("^", self.at)
        self.at += negated
        chars = CharSet([], negated)
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            if self._named(chars) or self._group(chars):
                continue
            low = high = self._char()
            if self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("", "]"):
                self.at += 1
                high = self._char()
                if high < low:
                    raise PatternError("range that runs backwards")
            chars.ranges.append((low, high))
        self.at += 1
        return chars

    def _named(self, chars: CharSet) -> bool:
        """Read `[:alpha:]`, if it stands here."""
        end = self.text.find(":]", self.at + 2) if self.text.startswith("[:", self.at) else -1
        if end < 0:
            return False
        name = self.text[self.at + 2 : end]
        ranges = POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise PatternError("unknown class name")
        chars.ranges += _others(ranges) if name.startswith("^") else ranges
        self.at = end + 2
        return True

    def _group(self, chars: CharSet) -> bool:
        r"""Read `\d`, `\W`, `\pL` and their like, if one stands here."""
        if not self.text.startswith("\\", self.at):
            return False
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in ("p", "P"):
            name = self.text[self.at + 2 : self.at + 3]
            if not name or name not in "CLMNPSZ":
                raise PatternError("unknown character category")
            chars.categories.append((name, letter == "p"))
            self.at += 3
            return True
        ranges = PERL.get(letter.lower())
        if ranges is None:
            return False
        chars.ranges += ranges if letter.islower() else _others(ranges)
        self.at += 2
        return True

    def _char(self) -> int:
        """Read one character, or the escape of one."""
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if not char:
            raise PatternError("class without an end")
        if char != "\\":
            return ord(char)
        char = self.text[self.at : self.at + 1]
        self.at += 1
        following = self.text[self.at : self.at + 2]
        if char in CONTROL:
            return CONTROL[char]
        if char == "x" and len(following) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in following):
            self.at += 2
            return int(following, 16)
        octal = len(following) - len(following.lstrip("01234567"))
        if char == "0" or ("1" <= char <= "7" and octal):
            self.at += octal
            return int(char + following[:octal], 8)
        if char and char.isascii() and not char.isalnum():
            return ord(char)
        raise PatternError("unknown escape")


def _others(ranges: Ranges) -> Ranges:
    """The code points outside sorted ranges."""
    others: Ranges = []
    low = 0
    for start, end in ranges:
        if low < start:
            others.append((low, start - 1))
        low = end + 1
    return [*others, (low, LAST_RUNE)]


def compile_ignore(pattern: str) -> Callable[[str], bool]:
    """The test that a clean pattern of an ignore file puts a clean path to, the path's parents left aside.

    Raises:
        PatternError: It makes no regular expression: an unknown escape, a range that runs backwards.
    """
    kind, text = _translate(pattern)
    if kind == "exact":
        return pattern.__eq__
    if kind == "prefix":
        start = pattern[:-2]
        return lambda path: path.startswith(start)
    if kind == "suffix":
        end = pattern[2:]
        whole = end[1:] if end.startswith("/") else None
        return lambda path: path.endswith(end) or path == whole
    try:
        steps = _Regexp(text).steps()
    except PatternError as problem:
        raise bad_pattern(pattern, str(problem)) from None
    # Three cheap looks spare most paths the walk through the steps.
    texts = [step.text for step in steps if step.kind == TEXT]
    head = steps[1].text if len(steps) > 1 and steps[0].kind == START else ""
    ends = len(steps) > 1 and steps[-1].kind == END
    tail = steps[-2].text if ends and steps[-2].kind == TEXT else ""
    inner = max(texts, key=len, default="")

    def test(path: str) -> bool:
        if not path.isascii():
            path = _decodable(path)
        return path.startswith(head) and path.endswith(tail) and inner in path and run(steps, path)

    return test
