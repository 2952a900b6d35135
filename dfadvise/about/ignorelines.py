"""Lines of an ignore file that cannot do what they are there for."""

from __future__ import annotations

from dfadvise.dockerignore import SPACE, DockerIgnore
from dfadvise.gopath import PatternError, has_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dfadvise.dockerignore import Entry

# Pairs of patterns that are held against each other, at most.
MOST = 20_000


class Idle:
    """A line without an effect.

    Attributes:
        line: Its number, counted from 1.
        text: The line.
        reason: Why, for people to read.
    """

    __slots__ = ("line", "reason", "text")

    def __init__(self, line: int, text: str, reason: str) -> None:
        self.line = line
        self.text = text
        self.reason = reason


def idle_lines(ignore: DockerIgnore, text: str) -> Iterator[Idle]:
    """The lines of an ignore file that have no effect.

    Args:
        ignore: Its patterns.
        text: Its text.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        held = line.strip(SPACE)
        if held.startswith("#") and not line.startswith("#"):
            yield Idle(number, held, "a comment starts at the first column, so this is a pattern")
        elif " #" in held and not line.startswith("#") and not held.startswith("#"):
            yield Idle(number, held, "a comment has a line of its own, so all of this is one pattern")
    excluded: list[Entry] = []
    left = MOST
    for entry in ignore.entries:
        if not entry.negated:
            excluded.append(entry)
            continue
        left -= len(excluded)
        if left < 0:
            return
        held = lines[entry.line - 1].strip(SPACE) if 0 < entry.line <= len(lines) else "!" + entry.pattern
        if not any(_may_meet(other.pattern, entry.pattern) for other in excluded):
            yield Idle(entry.line, held, "nothing above it excludes what it brings back")


def _may_meet(exclusion: str, exception: str) -> bool:
    """Whether a path may match both, or lie below what they match; True where that is hard to tell."""
    wanted = _literal(exception.split("/"))
    if not wanted:
        return True
    parts = exclusion.split("/")
    for place, part in enumerate(parts):
        if "**" in part:
            parts = parts[:place]
            break
    if not parts:
        return True
    depth = min(len(parts), len(wanted))
    try:
        return DockerIgnore(["/".join(parts[:depth])]).excludes("/".join(wanted[:depth]))
    except PatternError:
        return True


def _literal(parts: Sequence[str]) -> list[str]:
    """The parts of a pattern up to the first with a wildcard."""
    found: list[str] = []
    for part in parts:
        if has_wildcard(part) or "\\" in part:
            break
        found.append(part)
    return found
