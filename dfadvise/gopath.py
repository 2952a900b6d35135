"""Paths as Go reads them: `path.Clean`, and what makes a path a pattern."""

from __future__ import annotations


class PatternError(ValueError):
    """A pattern that stops the build.

    Args:
        message: What is wrong with it.
        line: The line of the ignore file, counted from 1; 0 when the pattern stands in none.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def clean(path: str) -> str:
    """The shortest same path, as Go's `path.Clean` gives it: `.` when empty, no `..` after a leading `/`."""
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != "..":
            parts.pop()
        elif not rooted:
            parts.append(part)
    joined = "/".join(parts)
    return "/" + joined if rooted else joined or "."


def has_wildcard(part: str) -> bool:
    """Whether BuildKit takes a part of a COPY source for a pattern; an escaped character makes none."""
    at = 0
    while at < len(part):
        if part[at] in "*?[":
            return True
        at += 2 if part[at] == "\\" else 1
    return False
