"""Unified diffs that `git apply` and `patch -p1` take, for any bytes a file can hold."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = 3
NO_NEWLINE = "\n\\ No newline at end of file\n"


def patch(path: str, old: bytes | None, new: bytes) -> bytes:
    """The difference between two versions of a file.

    The names are relative to the working directory, so `git apply` works in it, wherever in a repository it is.

    Args:
        path: The file's path, with `/` between folders.
        old: The old content; None when the file is new.
        new: The new content.

    Returns:
        The patch, which is empty when both are equal.
    """
    before, after = _lines(old or b""), _lines(new)
    hunks = list(_hunks(before, after))
    if not hunks:
        return b""
    from dfadvise.report.common import relative

    name = relative(path)
    head = f"--- {_quoted('a/' + name) if old is not None else '/dev/null'}\n+++ {_quoted('b/' + name)}\n"
    return (head + "".join(hunks)).encode("utf-8", "surrogateescape")


def _lines(data: bytes) -> list[str]:
    """Lines with their endings; only a line feed ends one, as in git."""
    text = data.decode("utf-8", "surrogateescape")
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    from difflib import SequenceMatcher

    # Fixes touch few lines of what may be many: only those between the first and the last change are compared.
    size, new_size = len(before), len(after)
    low = high = 0
    while low < min(size, new_size) and before[low] == after[low]:
        low += 1
    while high < min(size, new_size) - low and before[-1 - high] == after[-1 - high]:
        high += 1
    matcher = SequenceMatcher(None, before[low : size - high], after[low : new_size - high])
    changes = [(tag, a + low, b + low, c + low, d + low) for tag, a, b, c, d in matcher.get_opcodes()]
    # The matcher groups what it holds: the lines around it are put back for the context.
    around = ("equal", 0, low, 0, low), ("equal", size - high, size, new_size - high, new_size)
    matcher.opcodes = [around[0], *changes, around[1]]  # type: ignore[attr-defined]
    for group in matcher.get_grouped_opcodes(CONTEXT) if changes else ():
        first, last = group[0], group[-1]
        parts = [f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"]
        for tag, low, high, new_low, new_high in group:
            if tag == "equal":
                parts += [_line(" ", line) for line in before[low:high]]
                continue
            parts += [_line("-", line) for line in before[low:high]]
            parts += [_line("+", line) for line in after[new_low:new_high]]
        yield "".join(parts)


def _range(start: int, stop: int) -> str:
    length = stop - start
    # An empty range names the line before it.
    return f"{start + 1 if length else start},{length}"


def _line(mark: str, line: str) -> str:
    return mark + (line if line.endswith("\n") else line + NO_NEWLINE)


def _quoted(name: str) -> str:
    """A name as git writes it: in quotes when it holds any of what ends or escapes a name."""
    if not any(char < " " or char in '"\\\x7f' for char in name):
        # Behind the tab other tools look for a date; without it, a blank would end the name.
        return f"{name}\t" if " " in name else name
    escaped = "".join(
        f"\\{char}" if char in '"\\' else f"\\{ord(char):03o}" if char < " " or char == "\x7f" else char
        for char in name
    )
    return f'"{escaped}"'
