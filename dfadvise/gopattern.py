"""Path patterns as Go reads them: `filepath.Match`, and the steps that patterns are matched by.

Matching runs on bit sets of positions and never backtracks: its time grows with the length of the pattern and
of the path, whatever they hold.
"""

from __future__ import annotations

from dfadvise.gopath import PatternError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Ranges = list[tuple[int, int]]

SHOWN = 80  # characters of a bad pattern in its message
# The kinds of step a pattern is made of.
TEXT, ONE, MANY, FOLDERS, ANYTHING, START, END, EDGE, NO_EDGE = range(9)


class CharSet:
    """A set of characters: ranges of code points, Unicode categories, and whether it is the complement."""

    __slots__ = ("_known", "categories", "negated", "ranges")

    def __init__(self, ranges: Ranges, negated: bool = False) -> None:
        self.ranges = ranges
        self.negated = negated
        self.categories: list[tuple[str, bool]] = []
        self._known: dict[str, bool] = {}

    def has(self, char: str) -> bool:
        """Whether the character is in the set."""
        known = self._known.get(char)
        if known is None:
            code = ord(char)
            known = any(low <= code <= high for low, high in self.ranges) or self._by_category(char)
            self._known[char] = known = known != self.negated
        return known

    def _by_category(self, char: str) -> bool:
        if not self.categories:
            return False
        from unicodedata import category

        found = category(char)
        letter = "" if found == "Cn" else found[0]
        return any((letter == name) == wanted for name, wanted in self.categories)


class Step:
    """One step of a pattern: its kind, and the text or the set that it takes."""

    __slots__ = ("chars", "kind", "text")

    def __init__(self, kind: int, text: str = "", chars: CharSet | None = None) -> None:
        self.kind = kind
        self.text = text
        self.chars = chars


NOT_SLASH = CharSet([(0x2F, 0x2F)], negated=True)


def glob_steps(pattern: str) -> list[Step]:
    """The steps of a pattern of Go's `filepath.Match`.

    Raises:
        PatternError: The pattern is not well formed: an open or empty class, a bare `-` in one, a last `\\`.
    """
    steps: list[Step] = [Step(START)]
    at, size = 0, len(pattern)
    while at < size:
        if pattern[at] == "*":
            steps.append(Step(MANY, chars=NOT_SLASH))
            at += 1
        else:
            chunk, at = _chunk(pattern, at)
            steps += chunk
    steps.append(Step(END))
    return merged(steps)


def check_pattern(pattern: str) -> None:
    """Refuse what `filepath.Match(pattern, ".")` refuses, reading no further than a star after a mismatch.

    Raises:
        PatternError: The part that it reads is not well formed.
    """
    chunk, at = _chunk(pattern, len(pattern) - len(pattern.lstrip("*")))
    if len(chunk) == 1 and run(chunk, "."):
        rest = pattern[at:].lstrip("*")
        _chunk(rest, 0)


def _chunk(pattern: str, at: int) -> tuple[list[Step], int]:
    """Read up to the next star; each step takes one character."""
    steps: list[Step] = []
    size = len(pattern)
    while at < size and pattern[at] != "*":
        char = pattern[at]
        if char == "[":
            chars, at = _glob_class(pattern, at + 1)
            steps.append(Step(ONE, chars=chars))
            continue
        if char == "?":
            steps.append(Step(ONE, chars=NOT_SLASH))
        else:
            if char == "\\":
                at += 1
                if at == size:
                    raise bad_pattern(pattern)
            steps.append(Step(TEXT, pattern[at]))
        at += 1
    return steps, at


def _glob_class(pattern: str, at: int) -> tuple[CharSet, int]:
    negated = pattern.startswith("^", at)
    at += negated
    ranges: Ranges = []
    while not ranges or not pattern.startswith("]", at):
        low, at = _glob_char(pattern, at)
        high = low
        if pattern[at] == "-":
            high, at = _glob_char(pattern, at + 1)
        ranges.append((low, high))
    return CharSet(ranges, negated), at + 1


def _glob_char(pattern: str, at: int) -> tuple[int, int]:
    char = pattern[at : at + 1]
    if char == "\\":
        at += 1
        char = pattern[at : at + 1]
    elif char in ("-", "]"):
        char = ""
    # A class never ends the pattern, and a byte that is no UTF-8 (a lone surrogate here) is no member.
    if not char or at + 1 == len(pattern) or 0xD800 <= ord(char) <= 0xDFFF:
        raise bad_pattern(pattern)
    return ord(char), at + 1


def merged(steps: Iterable[Step]) -> list[Step]:
    """The steps with neighbouring texts joined, and without repeats of what may take nothing."""
    out: list[Step] = []
    texts: list[str] = []
    for step in steps:
        if step.kind == TEXT:
            texts.append(step.text)
            continue
        if texts:
            out.append(Step(TEXT, "".join(texts)))
            texts.clear()
        last = out[-1] if out else None
        repeats = last is not None and last.kind == step.kind and last.chars is step.chars
        if not (repeats and step.kind in (MANY, FOLDERS, ANYTHING)):
            out.append(step)
    if texts:
        out.append(Step(TEXT, "".join(texts)))
    return out


def bad_pattern(pattern: str, why: str = "", line: int = 0) -> PatternError:
    """The error of a pattern, which is shortened where it would fill the screen."""
    shown = pattern if len(pattern) <= SHOWN else pattern[:SHOWN] + "…"
    return PatternError(f'bad pattern "{shown}"' + (f": {why}" if why else ""), line)


def run(steps: Iterable[Step], path: str) -> bool:
    """Whether the steps lead through the path. Linear in the number of steps, and free of backtracking."""
    size = len(path)
    masks: dict[str | CharSet, int] = {}
    at = 1  # bit N is set when the steps so far can end before character N
    for step in steps:
        kind = step.kind
        if kind == TEXT:
            at = (at & _mask(masks, path, step.text)) << len(step.text)
        elif kind == START:
            at &= 1
        elif kind == END:
            at &= 1 << size
        elif kind in (EDGE, NO_EDGE):
            at &= _edges(path) if kind == EDGE else ~_edges(path)
        elif step.chars is not None:
            free = _mask(masks, path, step.chars)
            at = (at & free) << 1 if kind == ONE else _flood(at, free)
        else:
            reached = _flood(at, ~_mask(masks, path, "\n") & ((1 << size) - 1))
            at = reached if kind == ANYTHING else at | (reached & _mask(masks, path, "/")) << 1
        if not at:
            return False
    return True


def _flood(at: int, free: int) -> int:
    """Every position that can be reached through free ones: the carry of an addition runs along them."""
    return at | (((at & free) + free) ^ free)


def _mask(masks: dict[str | CharSet, int], path: str, what: str | CharSet) -> int:
    """The positions where a text starts, or where a character of a set stands."""
    known = masks.get(what)
    if known is not None:
        return known
    size = len(path)
    if what is NOT_SLASH:
        mask = ~_mask(masks, path, "/") & ((1 << size) - 1)
    elif isinstance(what, CharSet):
        mask = 0
        for char in set(path):
            if what.has(char):
                mask |= _mask(masks, path, char)
    else:
        bits = bytearray(b"0") * (size + 1)
        found = path.find(what)
        while found >= 0:
            bits[size - found] = 0x31
            found = path.find(what, found + 1)
        mask = int(bits, 2)
    masks[what] = mask
    return mask


def _edges(path: str) -> int:
    r"""The positions of `\b`: between a word character (ASCII only) and none."""
    mask, before = 0, False
    for at, char in enumerate(path):
        inside = char.isascii() and (char.isalnum() or char == "_")
        if inside != before:
            mask |= 1 << at
        before = inside
    return mask | (1 << len(path) if before else 0)
