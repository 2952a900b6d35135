"""Which files an ignore file keeps from the builder, decided as BuildKit decides it.

Patterns are anchored at the context's root; the last one that matches a path or one of its parents decides,
and `!` brings back (`MatchesOrParentMatches` of moby/patternmatcher; its `ignorefile` reads the file).
"""

from __future__ import annotations

from dfadvise.contextfiles import LARGEST_TEXT, find_ignore_file, read_inside, resolve
from dfadvise.gopath import PatternError, clean
from dfadvise.gopattern import bad_pattern, check_pattern
from dfadvise.goregexp import BOM, compile_ignore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LARGEST_TEXT", "DockerIgnore", "Entry", "find_ignore_file", "read_inside", "resolve"]

LONGEST_LINE = 65_535  # bytes; the line reader of the Docker tools gives up beyond it
LONGEST_PATH = 4_096  # no system call takes a longer one, so no such file is ever sent
CACHED_FOLDERS = 10_000
# What Go's strings.TrimSpace takes off; str.strip() would take U+001C to U+001F too.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


class Entry:
    """One pattern of an ignore file.

    Args:
        pattern: The clean pattern, without its `!`.
        negated: Whether it brings files back.
        line: Its line, counted from 1; for a plain list of patterns its place in the list.
    """

    __slots__ = ("_test", "line", "negated", "pattern")

    def __init__(self, pattern: str, negated: bool, line: int) -> None:
        self.pattern = pattern
        self.negated = negated
        self.line = line
        self._test: Callable[[str], bool] | None = None

    def __repr__(self) -> str:
        return f"Entry({'!' if self.negated else ''}{self.pattern}, line {self.line})"

    def matches(self, path: str) -> bool:
        """Whether the pattern matches this clean path itself, its parents left aside.

        Raises:
            PatternError: The pattern cannot be matched: a range runs backwards, an escape does not exist.
        """
        if self._test is None:
            try:
                self._test = compile_ignore(self.pattern)
            except PatternError as problem:
                problem.line = self.line
                raise
        return self._test(path)

    def matches_folder(self, path: str) -> bool:
        """As `matches`, but a pattern that cannot be matched matches nothing, as for parents in BuildKit."""
        try:
            return self.matches(path)
        except PatternError:
            return False


NONE: frozenset[Entry] = frozenset()


class DockerIgnore:
    """The patterns of an ignore file.

    Args:
        patterns: One pattern a string, `!` in front of those that bring back; blank ones are dropped.
        path: Where the file is, for messages.

    Attributes:
        entries: The patterns in order.
        has_exceptions: Whether any pattern brings files back.

    Raises:
        PatternError: A pattern is not well formed, or is a lone `!`. It is a ValueError with a `line`.
    """

    __slots__ = ("_folders", "entries", "has_exceptions", "path")

    def __init__(self, patterns: Sequence[str], path: str | None = None) -> None:
        self.path = path
        self.entries: list[Entry] = []
        self.has_exceptions = False
        self._folders: dict[str, frozenset[Entry]] = {}
        for number, pattern in enumerate(patterns, 1):
            self._add(pattern, number)

    @classmethod
    def parse(cls, text: str, path: str | None = None) -> DockerIgnore:
        """Read a file's text.

        Args:
            text: The content; `#` comments out a line only in its first column.
            path: Where the file is, for messages.

        Raises:
            PatternError: As the constructor does, and for a pattern that cannot be matched, or a line of more
                than 65,535 bytes.
        """
        parsed = cls((), path)
        for number, line in enumerate(text.removeprefix(BOM).split("\n"), 1):
            if len(line) > LONGEST_LINE // 4 and len(line.encode("utf-8", "surrogatepass")) > LONGEST_LINE:
                raise PatternError("line too long", number)
            pattern = line.strip(SPACE)
            if line.startswith("#") or not pattern:
                continue
            negated = pattern.startswith("!")
            if negated:
                pattern = pattern[1:].strip(SPACE)
            if pattern:
                pattern = clean(pattern)
                if len(pattern) > 1:
                    pattern = pattern.removeprefix("/")
            parsed._add("!" + pattern if negated else pattern, number)
        for entry in parsed.entries:
            entry.matches("")
        return parsed

    def _add(self, pattern: str, line: int) -> None:
        pattern = pattern.strip(SPACE)
        if not pattern:
            return
        pattern = clean(pattern)
        negated = pattern.startswith("!")
        if negated:
            pattern = pattern[1:]
            if not pattern:
                raise PatternError('a lone "!"', line)
            self.has_exceptions = True
        try:
            check_pattern(pattern)
        except PatternError:
            raise bad_pattern(pattern, line=line) from None
        self.entries.append(Entry(pattern, negated, line))

    def excludes(self, path: str) -> bool:
        """Whether the path, relative to the context's root, is kept from the builder.

        Args:
            path: With `/` between folders; the root itself (`.`) is never excluded.

        Raises:
            PatternError: A pattern that has to be asked cannot be matched (never after `parse`).
        """
        entry = self.which(path)
        return entry is not None and not entry.negated

    def which(self, path: str) -> Entry | None:
        """The pattern that decides over the path, by excluding it or bringing it back; None when none does.

        Raises:
            PatternError: As `excludes` does.
        """
        path = clean(path)
        if path == "." or len(path) > LONGEST_PATH:
            return None
        above = self._above(path)
        decided: Entry | None = None
        excluded = False
        for entry in self.entries:
            if entry.negated == excluded and (entry in above or entry.matches(path)):
                decided, excluded = entry, not excluded
        return decided

    def _above(self, path: str) -> frozenset[Entry]:
        """The patterns that match a parent of the path."""
        cut = path.rfind("/")
        if cut < 0:
            return NONE
        folder = path[:cut]
        known = self._folders.get(folder)
        if known is None:
            known = self._matching(folder)
        return known if cut else known.union(e for e in self.entries if e.matches_folder("/"))

    def _matching(self, folder: str) -> frozenset[Entry]:
        """The patterns that match a folder or a parent of it, found from the top down and kept."""
        known, end = NONE, -1
        while end < len(folder):
            end = folder.find("/", end + 1)
            end = len(folder) if end < 0 else end
            part = folder[:end]
            found = self._folders.get(part)
            if found is None:
                found = known.union(e for e in self.entries if e not in known and e.matches_folder(part))
                if len(self._folders) >= CACHED_FOLDERS:
                    self._folders.clear()
                self._folders[part] = found
            known = found
        return known

    def enter(self, path: str, above: frozenset[Entry] = NONE) -> tuple[bool, frozenset[Entry]]:
        """Decide over a path as the walk that sends a context does, which carries its results downwards.

        It differs from `excludes` where a `!` pattern matches a folder that nothing excluded: the walk does
        not pass that on, so the exclusion of a file in the folder stands.

        Args:
            path: A clean path relative to the context's root.
            above: What this method returned for the path's parent.

        Returns:
            Whether the path is excluded, and what to pass on for what is in it.
        """
        excluded = False
        found: list[Entry] = []
        for entry in self.entries:
            if entry in above or (entry.negated == excluded and entry.matches(path)):
                found.append(entry)
                excluded = not entry.negated
        return excluded, above if len(found) == len(above) else frozenset(found)

    def hides_all_of(self, folder: str) -> bool:
        """Whether nothing in an excluded folder can be brought back, so that the walk does not open it."""
        if not self.has_exceptions:
            return True
        inside = folder + "/"
        for entry in self.entries:
            if entry.negated:
                start = entry.pattern.removesuffix("/**").removesuffix("/*")
                if any(char in start for char in "*[]?^\\") or (start + "/").startswith(inside):
                    return False
        return True
