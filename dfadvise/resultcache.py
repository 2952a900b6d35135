"""Results of earlier runs, so that linting what has not changed takes little more than reading it.

A result is kept under a key of everything that is known before a file is looked into: its path and content, the
settings, the version, the rules, ShellCheck. What turns up while it is linted (the build context, the day) is kept with
it as questions and answers (`dfadvise.asked`), and asked again before the result is used. What cannot be known is not
kept: standard input, rules of one's own that look around, a run that went wrong somewhere.

An entry is a file of text (`dfadvise.kept`) in a folder that only its owner may write to; one that is not whole, or
not ours, is passed over. Two processes may write the same one: each puts a whole file in its place.
"""

from __future__ import annotations

import os
import stat
import sys

from dfadvise import __version__, asked
from dfadvise.selection import SHELLCHECK_RULE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import blake2b

    from dfadvise.discovery import Found
    from dfadvise.results import FileResult
    from dfadvise.runner import Job, Setup

FORMAT = "dfadvise results 1"
VARIABLE = "DFADVISE_CACHE_DIR"
LARGEST = 1 << 20  # bytes of an entry
SHARDS = 16
ROOM = 4 << 20  # bytes of a shard; 64 MiB altogether
_BLOCK = 4096  # bytes that the smallest file takes
_SOMETIMES = 32  # writes to a shard between two looks at its size
_DAY = 86_400.0  # seconds
_PASSING = ".tmp"
# Packages whose code the findings depend on, besides our own.
_GRAMMAR = ("tree_sitter", "tree_sitter_bash")


class Results:
    """The results that are kept.

    Args:
        job: What the command line asks for.
        folder: Where they are.
    """

    __slots__ = ("_again", "_folder", "_job", "_keys", "_last", "_start")

    def __init__(self, job: Job, folder: str) -> None:
        self._job = job
        self._folder = folder
        self._keys: dict[int, blake2b | None] = {}
        self._start = _start()
        self._last: tuple[Found, bytes, str | None] | None = None
        self._again = asked.Again(job.contexts.shared)

    def get(self, found: Found, data: bytes) -> FileResult | None:
        """The result for a file; None when there is none that still holds.

        Args:
            found: The file.
            data: Its content.
        """
        key = self._key(found, data)
        if key is None:
            return None
        kept = _read(self._place(key))
        if kept is None:
            return None
        from dfadvise.kept import questions, result_of

        try:
            record, rows = questions(key, kept)
            return result_of(rows, found.reported, data) if self._again.same(record) else None
        except (ValueError, KeyError, TypeError, IndexError, StopIteration, RuntimeError, OSError):
            return None

    def lint(self, found: Found, data: bytes) -> FileResult:
        """Lint a file, and keep what comes of it.

        Args:
            found: The file.
            data: Its content.
        """
        from dfadvise.runner import slim
        from dfadvise.source import Source

        key = self._key(found, data)
        told = self._notes(found)
        record = asked.begin()
        try:
            result = slim(self._job.lint(Source.from_bytes(data, found.reported), found))
        finally:
            asked.end()
        sound = not result.internal and asked.NEVER not in record and self._notes(found) == told
        # ShellCheck may have turned out to be none.
        self._last = None if told is not None else self._last
        if key is not None and sound and key == self._key(found, data):
            from dfadvise.kept import text_of

            kept = text_of(key, record, result)
            if len(kept) <= LARGEST:
                self._write(self._place(key), kept)
        return result

    def _key(self, found: Found, data: bytes) -> str | None:
        if found.path == "-" or self._start is None:
            return None
        if self._last is None or self._last[0] is not found or self._last[1] != data:
            self._last = found, data, self._made(found, data)
        return self._last[2]

    def _made(self, found: Found, data: bytes) -> str | None:
        assert self._start is not None
        setup = self._job.setup(found)
        if id(setup) not in self._keys:
            self._keys[id(setup)] = self._of(setup)
        start = self._keys[id(setup)]
        if start is None or self._job.pack_errors:
            return None
        made = start.copy()
        names = (found.path, found.reported, _shellcheck() if SHELLCHECK_RULE in setup.rules else None)
        made.update(f"{names!r}\n".encode("utf-8", "surrogatepass"))
        made.update(data)
        return str(made.hexdigest())

    def _notes(self, found: Found) -> int | None:
        """How much ShellCheck could not check so far; None when it is not asked."""
        if SHELLCHECK_RULE not in self._job.setup(found).rules:
            return None
        from dfadvise.shellcheck import number_of_notes

        return number_of_notes()

    def _of(self, setup: Setup) -> blake2b | None:
        """The part of the key that files under one configuration share; None when it cannot be known."""
        assert self._start is not None
        made = self._start.copy()
        config = setup.config
        for name in config.__slots__:
            # Of the text everything that counts stands in the other values.
            value = None if name == "text" else getattr(config, name)
            if name == "layers":
                value = [(each.select, each.extend, each.ignore, each.command_line) for each in config.layers]
            made.update(f"{name} {value!r}\n".encode("utf-8", "surrogatepass"))
        for pack in config.rule_packs:
            from dfadvise.packs import told_by

            told = told_by(pack)
            if told is None:
                return None
            made.update(told.encode())
        return made

    def _place(self, key: str) -> str:
        return os.path.join(self._folder, key[0], key[1:])

    def _write(self, place: str, data: bytes) -> None:
        """Put an entry in its place; where that cannot be done there is none."""
        shard, name = os.path.split(place)
        passing = os.path.join(shard, f"{name[:8]}-{os.getpid()}-{os.urandom(4).hex()}{_PASSING}")
        try:
            handle = _made(passing)
        except FileNotFoundError:
            try:
                os.makedirs(os.path.dirname(self._folder), exist_ok=True)
                for folder in (self._folder, shard):
                    if not os.path.isdir(folder):
                        os.mkdir(folder, 0o700)
                handle = _made(passing)
            except OSError:
                return
        except OSError:
            return
        try:
            try:
                os.write(handle, data)
            finally:
                os.close(handle)
            os.replace(passing, place)
        except OSError:
            _do(os.unlink, passing)
        if int(name[-4:], 16) % _SOMETIMES == 0:
            prune(shard)


def results_of(job: Job) -> Results | None:
    """The results that are kept for a job; None when there is no safe place for them."""
    place = folder()
    if place is None or not _is_ours(place):
        return None
    return Results(job, place)


def folder() -> str | None:
    """Where results are kept; None when there is no place for them."""
    given = os.environ.get(VARIABLE)
    if given:
        return os.path.join(os.path.abspath(given), "results")
    name, below = "XDG_CACHE_HOME", "~/.cache"
    if os.name == "nt":
        name, below = "LOCALAPPDATA", "~/AppData/Local"
    elif sys.platform == "darwin":
        name, below = "", "~/Library/Caches"
    place = os.environ.get(name, "") if name else ""
    if not os.path.isabs(place):
        place = os.path.expanduser(below)
    return os.path.join(place, "dfadvise", "results") if os.path.isabs(place) else None


def _is_ours(place: str) -> bool:
    """Whether nobody else may write to a folder, or there is none yet."""
    try:
        status = os.lstat(place)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    return os.name == "nt" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _start() -> blake2b | None:
    """The part of every key: the program, and where it runs; None when that cannot be told."""
    try:
        grammar = [_found(name) for name in _GRAMMAR]
        here = os.getcwd()
        own = _program()
    except OSError:
        return None
    if None in grammar:
        # Without the grammar there is something to tell besides the findings.
        return None
    text = repr((FORMAT, __version__, sys.version, own, grammar, here))
    return asked.hasher(text.encode("utf-8", "surrogatepass"))


def _shellcheck() -> str | None:
    from dfadvise.shellcheck import identity

    return identity()


def _found(package: str) -> tuple[str, int] | None:
    """Where a package is installed, and since when."""
    for folder in sys.path:
        try:
            path = os.path.join(folder, package)
            return path, os.stat(path).st_mtime_ns
        except (OSError, ValueError):
            continue
    return None


def _program() -> list[object]:
    """What tells this program from another one of the same version.

    An installed one is replaced as a whole, with its folder; in a checkout every file may change.
    """
    from dfadvise.packs import default_pack_path

    package = os.path.dirname(os.path.abspath(__file__))
    rules = default_pack_path()
    if rules.startswith(os.path.join(package, "")):
        return [package, os.stat(package).st_mtime_ns]
    from dfadvise.lazyrules import files

    found: list[object] = [package, *files(rules)]
    todo = [package]
    for folder in todo:
        held = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    held.append((entry.name, status.st_size, status.st_mtime_ns))
                elif "." not in entry.name and entry.name[0] != "_" and entry.is_dir():
                    todo.append(entry.path)
        found += [folder, *sorted(held)]
    return found


def _read(place: str) -> bytes | None:
    """An entry; None when there is none. One that is used is a young one again."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(place, flags)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return None
        data = os.read(handle, LARGEST)
    except OSError:
        return None
    finally:
        os.close(handle)
    from time import time

    if time() - status.st_mtime > _DAY:
        _do(os.utime, place)
    return data


def _made(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, 0o600)


def _do(what: Callable[[str], None], path: str) -> None:
    """Do something to a file if it can be done."""
    try:
        what(path)
    except OSError:
        return


def prune(shard: str, room: int = ROOM) -> None:
    """Remove the oldest entries of a folder until the rest takes three quarters of the room.

    Args:
        shard: The folder.
        room: Bytes up to which nothing is removed.
    """
    from time import time

    found: list[tuple[float, int, str]] = []
    try:
        with os.scandir(shard) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if entry.name.endswith(_PASSING) and time() - status.st_mtime < _DAY:
                    # Someone may be writing it.
                    continue
                found.append((status.st_mtime, max(status.st_size, _BLOCK), entry.path))
    except OSError:
        return
    held = sum(size for _, size, _ in found)
    if held <= room:
        return
    for _, size, path in sorted(found):
        if held <= room * 3 // 4:
            return
        _do(os.unlink, path)
        held -= size
