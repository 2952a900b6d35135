"""The build context on disk: what COPY can see, what is sent to the builder, and how large it is.

Nothing is read before it is asked for. Links are followed as the builder follows them, as if the root were
`/`, so no answer comes from outside of it. Paths are relative to the root, with `/` between folders.
"""

from __future__ import annotations

import os
import stat

from dfadvise.contextfiles import LARGEST_TEXT, find_ignore_file, read_inside, resolve
from dfadvise.gopath import PatternError, clean, has_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from dfadvise.dockerignore import DockerIgnore, Entry

    Kind = Literal["file", "folder", "link", "other"]

MOST_ENTRIES = 50_000
MOST_TESTS = 10_000_000  # paths held against patterns in one walk: a huge ignore file shortens the walk
MOST_NAMES = 1_000_000  # names held against COPY wildcards, over all calls


class ContextFile:
    """One entry of the context.

    Args:
        path: Relative to the root.
        kind: `file`, `folder`, `link` (not followed) or `other` (a device, a socket, a pipe).
        size: Bytes of a file; 0 for all else.
        sent: Whether the ignore file lets it through to the builder.
        changed: When its content last changed, in nanoseconds since the epoch.
    """

    __slots__ = ("changed", "kind", "path", "sent", "size")

    def __init__(self, path: str, kind: Kind, size: int, sent: bool, changed: int) -> None:
        self.path = path
        self.kind: Kind = kind
        self.size = size
        self.sent = sent
        self.changed = changed

    def __repr__(self) -> str:
        return f"ContextFile({self.path!r}, {self.kind}, {self.size}, {'sent' if self.sent else 'ignored'})"

    @property
    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return self.kind == "folder"


class BuildContext:
    """A build context on disk.

    Args:
        root: Its folder.
        dockerfile_path: The Dockerfile, beside which an ignore file of its own may stand; None when it has no
            place on disk.
        known: Whether the user named it (`--context`, a compose file, the config); False when it was guessed.
        limit: How many entries a walk looks at, at most.

    Attributes:
        truncated: Whether something was left out because a limit was reached: sizes and lists are then lower
            bounds. Set by the calls that list folders: `files`, `sent`, `size_of`, `count_of`, `glob`.
        listed: What `dfadvise.watched` keeps here: the digest of `files`.
    """

    __slots__ = (
        "_files",
        "_folders",
        "_globs",
        "_ignore",
        "_names",
        "_totals",
        "dockerfile_path",
        "known",
        "limit",
        "listed",
        "root",
        "truncated",
    )

    def __init__(
        self, root: str, dockerfile_path: str | None = None, known: bool = False, limit: int = MOST_ENTRIES
    ) -> None:
        root = root.replace(os.sep, "/") or "."
        self.root = root.rstrip("/") or "/"
        self.dockerfile_path = dockerfile_path
        self.known = known
        self.limit = limit
        self.truncated = False
        self.listed: str | None = None
        self._ignore: _Ignore | None = None
        self._files: list[ContextFile] | None = None
        self._totals: dict[str, tuple[int, int]] | None = None
        self._folders: dict[str, list[tuple[str, bool]]] = {}
        self._globs: dict[str, list[str]] = {}
        self._names = 0

    def __repr__(self) -> str:
        return f"BuildContext({self.root!r}, {'known' if self.known else 'guessed'})"

    @property
    def _read(self) -> _Ignore:
        if self._ignore is None:
            self._ignore = _Ignore(find_ignore_file(self.dockerfile_path, self.root))
        return self._ignore

    @property
    def ignore_path(self) -> str | None:
        """Where the ignore file is; None when there is none."""
        return self._read.path

    @property
    def ignore(self) -> DockerIgnore | None:
        """The ignore file's patterns; None when there is no such file, or it is bad."""
        return self._read.patterns

    @property
    def ignore_text(self) -> str | None:
        """The ignore file's text; None when there is no such file, or it cannot be read."""
        return self._read.text

    @property
    def ignore_error(self) -> str | None:
        """What is wrong with the ignore file; None when nothing is. With a bad one nothing is ever sent."""
        return self._read.error

    @property
    def ignore_error_line(self) -> int:
        """The line that `ignore_error` is about, counted from 1; 0 when it is about none."""
        return self._read.error_line

    def exists(self, path: str) -> bool:
        """Whether a COPY source without wildcards is on disk, ignored or not; `..` stays at the root."""
        return resolve(self.root, inside(path)) is not None

    def is_sent(self, path: str) -> bool:
        """Whether the ignore file lets a path through; parts of an ignored folder may be sent even so."""
        if self.ignore_error is not None:
            return False
        return self.ignore is None or not self.ignore.excludes(inside(path))

    def has(self, name: str, folder: str = ".") -> bool:
        """Whether a regular file (a manifest, a lock file) is in a folder and reaches the builder."""
        path = inside(f"{folder}/{name}")
        found = resolve(self.root, path)
        return found is not None and stat.S_ISREG(found[1].st_mode) and self.is_sent(path)

    def read_text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        """The text of a regular file in the context, ignored or not.

        Args:
            path: As in a COPY source.
            limit: Bytes; a larger file is not read.

        Returns:
            The text, with bytes that are no UTF-8 as surrogates; None when there is no such file, when it is
            larger, or when it cannot be read.
        """
        return read_inside(self.root, inside(path), limit)

    def glob(self, source: str) -> list[str]:
        """The paths that a COPY source matches on disk, ignored or not.

        Args:
            source: As written after quotes and variables are resolved: wildcards as in Go's `filepath.Match`,
                a leading `/` or `./` means the root, `..` stays at the root.

        Returns:
            Relative paths in order (`.` for the root); empty when nothing matches or the wildcards are bad.
            With `truncated` set it may lack some.
        """
        source = inside(source)
        found = self._globs.get(source)
        if found is None:
            found = self._globs[source] = self._glob(source)
        return list(found)

    def _glob(self, source: str) -> list[str]:
        parts = source.split("/")
        first = next((at for at, part in enumerate(parts) if has_wildcard(part)), None)
        if first is None:
            return [source or "."] if resolve(self.root, source) is not None else []
        base = resolve(self.root, "/".join(parts[:first]))
        if base is None:
            return []
        from dfadvise.gopattern import glob_steps, run

        try:
            tests = [glob_steps(part) for part in parts[first:]]
        except PatternError:
            return []
        level = [base[0]]
        for at, steps in enumerate(tests):
            last = at == len(tests) - 1
            below: list[str] = []
            for folder in level:
                names = self._listing(folder)
                self._names += len(names)
                if self._names > MOST_NAMES:
                    self.truncated = True
                    return below if last else []
                start = folder + "/" if folder else ""
                below += [start + name for name, is_dir in names if (last or is_dir) and run(steps, name)]
            level = below
        return level

    def _listing(self, folder: str) -> list[tuple[str, bool]]:
        """The names in a folder, each with whether it is a folder itself (links are not)."""
        known = self._folders.get(folder)
        if known is None:
            known = [(entry.name, _is_folder(entry)) for entry in self._scan(folder, self.limit)]
            self._folders[folder] = known
        return known

    def _scan(self, folder: str, room: int) -> list[os.DirEntry[str]]:
        """The entries of a folder by name; none when it cannot be read."""
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(f"{self.root}/{folder}" if folder else self.root) as entries:
                for entry in entries:
                    if len(found) >= room:
                        self.truncated = True
                        break
                    found.append(entry)
        except (OSError, ValueError):
            return []
        found.sort(key=_name)
        return found

    def files(self) -> list[ContextFile]:
        """Everything in the context, nearest to the root first, walked once.

        An ignored folder is listed but not opened, unless a `!` line may bring back something in it. What
        cannot be read is left out, links are listed and not followed.
        """
        if self._files is None:
            self._files = self._walk()
        return self._files

    def _walk(self) -> list[ContextFile]:
        ignore = self.ignore
        nothing_sent = self.ignore_error is not None
        limit = self.limit
        if ignore is not None:
            limit = min(limit, MOST_TESTS // (len(ignore.entries) + 1))
        found: list[ContextFile] = []
        none: frozenset[Entry] = frozenset()
        todo = [("", none)]
        for folder, above in todo:
            if len(found) >= limit and self.truncated:
                break
            start = folder + "/" if folder else ""
            for entry in self._scan(folder, limit - len(found)):
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                path = start + entry.name
                excluded, passed = (False, none) if ignore is None else ignore.enter(path, above)
                kind = _kind(status.st_mode)
                size = status.st_size if kind == "file" else 0
                sent = not (excluded or nothing_sent)
                found.append(ContextFile(path, kind, size, sent, status.st_mtime_ns))
                if kind == "folder" and not (excluded and ignore is not None and ignore.hides_all_of(path)):
                    todo.append((path, passed))
        return found

    def sent(self) -> list[ContextFile]:
        """The files and links that reach the builder, nearest to the root first; folders are left out."""
        return [file for file in self.files() if file.sent and file.kind != "folder"]

    def size_of(self, path: str = ".") -> int:
        """The bytes that are sent of a file, or of all files in a folder; a lower bound when `truncated`."""
        return self._total(path)[0]

    def count_of(self, path: str = ".") -> int:
        """How many files and links are sent of a folder (1 for a file); a lower bound when `truncated`."""
        return self._total(path)[1]

    def _total(self, path: str) -> tuple[int, int]:
        if self._totals is None:
            totals: dict[str, tuple[int, int]] = {}
            # Folders come before what is in them, so from the end each one is complete when it is added on.
            for file in reversed(self.files()):
                size, count = totals.get(file.path, (0, 0))
                if file.sent and not file.is_dir:
                    size, count = totals[file.path] = (file.size, 1)
                if count:
                    parent = file.path.rpartition("/")[0]
                    above = totals.get(parent, (0, 0))
                    totals[parent] = (above[0] + size, above[1] + count)
            self._totals = totals
        path = inside(path)
        found = resolve(self.root, path)
        return self._totals.get(path if found is None else found[0], (0, 0))

    def listing_key(self) -> str:
        """A fingerprint of the context for a cache of results: equal when no answer from here has changed.

        It takes one walk. Names count for everything; size and time of change for what is sent, but not below
        `.git`, which every git command touches.
        """
        from hashlib import blake2b

        digest = blake2b(digest_size=16)
        for text in (
            self.root,
            str(self.known),
            self.ignore_path or "",
            self.ignore_text or "",
            self.ignore_error or "",
        ):
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        for file in self.files():
            if file.path.startswith(".git/"):
                continue
            line = f"{file.path}\0{file.kind}\0{file.sent}"
            if file.sent and file.kind != "folder":
                line += f"\0{file.size}\0{file.changed}"
            digest.update(line.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()


class _Ignore:
    """The ignore file, read once."""

    __slots__ = ("error", "error_line", "path", "patterns", "text")

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.patterns: DockerIgnore | None = None
        self.text: str | None = None
        self.error: str | None = None
        self.error_line = 0
        if path is None:
            return
        folder, name = os.path.split(path)
        self.text = read_inside(folder or ".", name)
        if self.text is None:
            self.error = "cannot be read, or is larger than 1 MiB"
            return
        from dfadvise.dockerignore import DockerIgnore

        try:
            self.patterns = DockerIgnore.parse(self.text, path)
        except PatternError as problem:
            self.error = str(problem)
            self.error_line = problem.line


def inside(path: str) -> str:
    """A path from the root without `.` and `..`; empty for the root itself."""
    return clean("/" + path)[1:]


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
