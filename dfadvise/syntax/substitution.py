"""Patterns in `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`, matched without backtracking.

Source of the behaviour: BuildKit's `frontend/dockerfile/shell` (read 2026-11-24), held by the recorded cases.
"""

from __future__ import annotations

from dfadvise.syntax.words import WordError

# Longest value that is worked on, in characters.
_MAX_VALUE = 4096
# Steps that a replacement of all matches may take.
_MAX_STEPS = 4_000_000


def tokens(word: str) -> list[str]:
    """A pattern as tokens: `*` and `?` as one-character marks, literals with a leading `=`."""
    found: list[str] = []
    at = 0
    while at < len(word):
        char = word[at]
        at += 1
        if char in "*?":
            if char != "*" or found[-1:] != ["*"]:
                found.append(char)
            continue
        if char == "\\":
            following = word[at : at + 1]
            if following in ("}", "/"):
                continue
            if following not in ("*", "?", "\\"):
                raise WordError(f"invalid pattern ({word}) in substitution: invalid escape '\\{following}'")
            char = following
            at += 1
        found.append("=" + char)
    return found


def without_prefix(pattern: list[str], value: str, longest: bool) -> str:
    """The value without what the pattern matches at its start."""
    end = _match(pattern, value, 0, longest)
    return value if end is None else value[end:]


def without_suffix(pattern: list[str], value: str, longest: bool) -> str:
    """The value without what the pattern matches at its end."""
    return without_prefix(pattern[::-1], value[::-1], longest)[::-1]


def _match(pattern: list[str], value: str, start: int, longest: bool) -> int | None:
    """Where a match from `start` ends: the nearest such place, or the farthest; None when there is none."""
    if len(value) > _MAX_VALUE:
        raise WordError("value too long for a pattern substitution")
    ends = {start}
    for token in pattern:
        if token == "*":
            reach: set[int] = set()
            for end in ends:
                while end not in reach:
                    reach.add(end)
                    if end < len(value) and value[end] != "\n":
                        end += 1
            ends = reach
        elif token == "?":
            ends = {end + 1 for end in ends if end < len(value) and value[end] != "\n"}
        else:
            ends = {end + 1 for end in ends if end < len(value) and value[end] == token[1]}
        if not ends:
            return None
    return max(ends) if longest else min(ends)


def replaced(pattern: list[str], value: str, replacement: str, everywhere: bool) -> str:
    """The value with the first match, or all matches, of a pattern replaced; the longest match counts."""
    if len(value) ** 2 * (len(pattern) + 1) > _MAX_STEPS:
        raise WordError("value too long for a pattern substitution")
    result: list[str] = []
    at, last_end = 0, -1
    while at <= len(value):
        end = _match(pattern, value, at, True)
        # An empty match right behind a match does not count, as in Go's regexp package.
        if end is not None and not (end == at == last_end):
            result.append(replacement)
            if not everywhere:
                return "".join(result) + value[end:]
            last_end = end
            if end > at:
                at = end
                continue
        if at < len(value):
            result.append(value[at])
        at += 1
    return "".join(result)
