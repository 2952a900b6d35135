"""Globs over paths, for `exclude` and `per-file-ignores`; without regular expressions."""

from __future__ import annotations


def matches(pattern: str, path: str) -> bool:
    """Whether a glob names a path, or a folder that holds it.

    Args:
        pattern: As in .gitignore: without a `/`, but for one at its end, it fits a name at any depth; else
            it is anchored. `*`, `?` and `[a-z]` stay in one name, `**` spans folders.
        path: Relative, with `/` between folders.
    """
    names = path.split("/")
    pattern = pattern.removeprefix("./").rstrip("/")
    if "/" not in pattern:
        return any(_fits(pattern, name) for name in names)
    wanted = pattern.strip("/").split("/")
    states = {0}
    for name in names:
        following = set()
        for at in sorted(states):
            while at < len(wanted) and wanted[at] == "**":
                following.add(at)
                at += 1
            if at < len(wanted) and _fits(wanted[at], name):
                following.add(at + 1)
        if len(wanted) in following or (wanted[-1] == "**" and len(wanted) - 1 in following):
            return True
        states = following
    return False


def _fits(pattern: str, name: str) -> bool:
    """Whether one name fits a glob; time is at most the product of the lengths."""
    at = place = 0
    star, mark = -1, 0
    while place < len(name):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, place
            at += 1
            continue
        step = _step(pattern, at, name[place])
        if step:
            at += step
            place += 1
        elif star < 0:
            return False
        else:
            mark += 1
            at, place = star + 1, mark
    return not pattern[at:].strip("*")


def _step(pattern: str, at: int, char: str) -> int:
    """How many characters of the pattern fit this one character; 0 when none do."""
    if at == len(pattern):
        return 0
    if pattern[at] != "[":
        return int(pattern[at] in ("?", char))
    negated = pattern[at + 1 : at + 2] in ("!", "^")
    begin = at + 1 + negated
    end = pattern.find("]", begin + 1)
    if end < 0:
        return int(char == "[")
    inside = False
    while begin < end:
        if pattern[begin + 1] == "-" and begin + 2 < end:
            inside = inside or pattern[begin] <= char <= pattern[begin + 2]
            begin += 3
        else:
            inside = inside or pattern[begin] == char
            begin += 1
    return end + 1 - at if inside != negated else 0
