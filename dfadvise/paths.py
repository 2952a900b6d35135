"""Paths inside an image: resolving words to them, and telling whether one covers another.

A path with an unknown part keeps the text of the word there (`/tmp/go$V.tgz`): it equals only itself.
"""

from __future__ import annotations

from posixpath import join, normpath

from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellWord

GLOB = frozenset("*?[")


def clean(path: str) -> str:
    """The path without `.`, `..` and doubled slashes; it stays absolute."""
    path = normpath(path)
    return path[1:] if path.startswith("//") else path


def resolve(path: str, cwd: str | None, home: str | None = None) -> str | None:
    """An absolute path.

    Args:
        path: The path as the program sees it.
        cwd: The working directory; None when it is not known.
        home: The home of the user, for `~`; None when it is not known.

    Returns:
        The path; None when it hangs on something that is not known.
    """
    if not path:
        return None
    if path.startswith("~"):
        if home is None or path[1:2] not in ("", "/"):
            return None
        return clean(home + path[1:])
    if path.startswith("/"):
        return clean(path)
    if path.startswith(("$", UNKNOWN)) or cwd is None:
        return None
    return clean(join(cwd, path))


def word_path(word: ShellWord, cwd: str | None, home: str | None = None) -> str | None:
    """The absolute path that a word of a command names; see `resolve`."""
    if word.quoted and UNKNOWN not in word.partial and has_glob(word.partial):
        # A quoted wildcard is a plain character; nobody writes such names, and nothing should match them.
        return None
    return resolve(word.readable, cwd, home)


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder if folder.endswith("/") else folder + "/")


def has_glob(path: str) -> bool:
    """Whether a path holds wildcards."""
    return not GLOB.isdisjoint(path)


def literal_prefix(path: str) -> str:
    """The folder of a path with wildcards up to which everything is literal."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if has_glob(part):
            return "/".join(parts[:place]) or "/"
    return path


def matches(pattern: str, path: str) -> bool:
    """Whether a path matches a pattern with wildcards, part by part; a shell's `*` skips hidden names."""
    patterns, parts = pattern.split("/"), path.split("/")
    if len(patterns) != len(parts):
        return False
    return all(_fits(one, other) for one, other in zip(patterns, parts, strict=True))


def covers(pattern: str, path: str, recursive: bool) -> bool:
    """Whether removing or changing a pattern reaches a path.

    Args:
        pattern: The path that the command names, wildcards allowed.
        path: The path in question.
        recursive: Whether everything below a match is reached too.
    """
    if not has_glob(pattern):
        return is_below(path, pattern) if recursive else path == pattern
    if not recursive:
        return matches(pattern, path)
    depth = pattern.count("/") + 1
    head = "/".join(path.split("/")[:depth])
    return path.count("/") + 1 >= depth and matches(pattern, head)


def _fits(pattern: str, name: str) -> bool:
    if not has_glob(pattern):
        return pattern == name
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return _glob(pattern, name)


def _glob(pattern: str, name: str) -> bool:
    """Wildcard match in time linear in the two lengths' product, without backtracking into earlier stars."""
    at = place = 0
    star, resume = -1, 0
    while place < len(name):
        step = _step(pattern, at, name[place])
        if step:
            at += step
            place += 1
        elif at < len(pattern) and pattern[at] == "*":
            star, resume = at, place
            at += 1
        elif star >= 0:
            at = star + 1
            resume += 1
            place = resume
        else:
            return False
    while at < len(pattern) and pattern[at] == "*":
        at += 1
    return at == len(pattern)


def _step(pattern: str, at: int, char: str) -> int:
    """How many characters of the pattern one character of the name takes; 0 when it does not fit."""
    if at >= len(pattern) or pattern[at] == "*":
        return 0
    if pattern[at] == "?":
        return 1
    if pattern[at] == "[":
        end = pattern.find("]", at + 2)
        if end > 0:
            negated = pattern[at + 1] in "!^"
            members = pattern[at + 1 + negated : end]
            return end - at + 1 if _in_class(members, char) != negated else 0
    return 1 if pattern[at] == char else 0


def _in_class(members: str, char: str) -> bool:
    at = 0
    while at < len(members):
        if at + 2 < len(members) and members[at + 1] == "-":
            if members[at] <= char <= members[at + 2]:
                return True
            at += 3
            continue
        if members[at] == char:
            return True
        at += 1
    return False
