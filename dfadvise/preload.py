"""Modules that are needed together, loaded together.

Python finds, opens and reads each module of its own; for the modules that linting takes that is longer than linting a
small file. So the bytecode of a group of them is kept in one more file, beside Python's own, and run in the order of
their imports; what only some files need is taken one by one from another such file. They are written as Python writes
bytecode: after a run that had to do without, where bytecode may be kept (`preloadwriter`). A module whose source is
another one than it was makes its group void, and Python loads each module as ever.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader
from _thread import allocate_lock

from dfadvise import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    # Name, file, time of change in nanoseconds, size in bytes.
    Entry = tuple[str, str, int, int]

# What a group begins with; what these import at their top belongs to it.
GROUPS = {
    # What every command on files takes.
    "start": ("commands.lint", "knowledge.dates", "lazyrules", "report.json"),
    # What the model of a file takes before a command or a word of it is read.
    "model": ("stages", "stagegraph"),
    # What linting takes, and what the rules that look at most files stand on (four of five or more).
    "lint": (
        *("engine", "shells.reader", "layers", "effects", "about.mentions", "about.removals", "base.accounts"),
        *("base.bases", "base.origins", "base.reference", "base.toolchainuse", "base.users", "editing.dropping"),
        *("editing.keywords", "knowledge.support", "managers.leftovers", "secret.files", "syntax.validate"),
    ),
}
# All other modules, which are not loaded at once.
OTHERS = "others"
PACKAGE = "dfadvise"
FOLDER = os.path.dirname(os.path.abspath(__file__))
# What a file of ours begins with: reading anything else as bytecode may take all memory.
_MARK = b"dfadvise"
HEAD = len(_MARK) + 4
_FORMAT = 4
_Module = type(sys)

_enabled = False
_loaded: set[str] = set()
_missed: set[str] = set()


def enable() -> None:
    """Load groups from now on: this process is the program and nothing else."""
    global _enabled
    _enabled = not sys.flags.optimize and sys.pycache_prefix is None
    if _enabled:
        finder: Any = _finder
        sys.meta_path.insert(0, finder)


def load(group: str) -> None:
    """Load a group of modules, where it is kept and holds what the sources say.

    Args:
        group: One of GROUPS.
    """
    if not _enabled or group in _loaded:
        return
    _loaded.add(group)
    import marshal

    try:
        with open(place(group), "rb", buffering=0) as stream:
            kept, entries, parts, _ = marshal.loads(stream.read(head_size(stream.read(HEAD))))
            if kept != stamp() or not all(map(_is_same, entries)):
                raise ValueError
            codes = [code for part in parts for code in marshal.loads(stream.read(part))]
        for (name, file, _, _), code in zip(entries, codes, strict=True):
            if name not in sys.modules:
                _run(name, file, code)
    except Exception:
        # Whatever is wrong with it: Python loads what is missing, and tells what is wrong with a module itself.
        _missed.add(group)


def keep() -> None:
    """Keep the groups that were asked for in vain; the others in a later run, since many installs lint only once."""
    if not _missed or sys.dont_write_bytecode or not os.access(os.path.dirname(place(OTHERS)), os.W_OK):
        return
    try:
        from dfadvise import preloadwriter

        _finder.close()
        if len(_missed) > 1:
            _missed.discard(OTHERS)
        while _missed:
            preloadwriter.write(_missed.pop())
    except KeyboardInterrupt:
        # All that was asked for is done.
        return


def head_size(data: bytes) -> int:
    """How long the head of a file is that `put` has written.

    Args:
        data: The HEAD bytes that it begins with.

    Raises:
        ValueError: It is none of ours.
    """
    if not data.startswith(_MARK):
        raise ValueError("no file of ours")
    return int.from_bytes(data[len(_MARK) :], "little")


def put(place: str, head: bytes, *pieces: bytes) -> None:
    """Put a file in a place, whole or not at all, and leave nothing beside it.

    Args:
        place: The file.
        head: What is read of it first; see `head_size`.
        pieces: What is behind that.

    Raises:
        OSError: It cannot be written.
    """
    # Processes in different containers may share the folder, and have the same number.
    passing = f"{place}.{os.urandom(8).hex()}"
    try:
        with open(passing, "xb") as stream:
            stream.write(b"".join((_MARK, len(head).to_bytes(4, "little"), head, *pieces)))
        os.replace(passing, place)
    except BaseException:
        if os.path.lexists(passing):
            os.unlink(passing)
        raise


def stamp() -> tuple[object, ...]:
    """What has to be the same for a file of another run to be used."""
    return _FORMAT, tuple(GROUPS.values()), __version__, sys.version, FOLDER


def place(group: str) -> str:
    """Where a group is kept."""
    return os.path.join(FOLDER, "__pycache__", f"group-{group}.{sys.implementation.cache_tag}.bin")


def _is_same(entry: Entry) -> bool:
    status = os.stat(entry[1])
    return status.st_size == entry[3] and is_same_time(status.st_mtime_ns, entry[2])


def is_same_time(now: int, then: int) -> bool:
    """Whether a file's time of change is what it was, as far as it is still known: layers of images keep seconds.

    Args:
        now: Its time in nanoseconds.
        then: What it was when it was noted.
    """
    return now in (then, then // 1_000_000_000 * 1_000_000_000)


def _run(name: str, file: str, code: CodeType) -> None:
    """Make a module as the import system does, but for looking for it."""
    spec = _spec(name, file, SourceFileLoader(name, file))
    module = _Module(name)
    module.__file__ = file
    module.__loader__ = spec.loader
    module.__spec__ = spec
    module.__package__ = spec.parent
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
    parent, _, child = name.rpartition(".")
    # It may be one of a group that was void.
    __import__(parent)
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    setattr(sys.modules[parent], child, module)


def _spec(name: str, file: str, loader: Any) -> ModuleSpec:
    spec = ModuleSpec(name, loader, origin=file, is_package=file.endswith("__init__.py"))
    spec.has_location = True
    if spec.submodule_search_locations is not None:
        spec.submodule_search_locations.append(os.path.dirname(file))
    return spec


class _Loader(SourceFileLoader):
    """Loads a module whose code is there."""

    def __init__(self, name: str, file: str, code: CodeType) -> None:
        super().__init__(name, file)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        """The code, which is kept until the module is made."""
        code, self._code = self._code, None
        return super().get_code(fullname) if code is None else code


class _Finder:
    """Finds the modules that are in no group, as an entry of `sys.meta_path`."""

    def __init__(self) -> None:
        self._file: int | None = None
        self._one_by_one = allocate_lock()
        self._entries: dict[str, tuple[Entry, int, int]] | None = None
        self._not_here: frozenset[str] = frozenset()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module, where it is kept and its source is the same; None where Python is to look for it."""
        if not name.startswith("dfadvise."):
            return None
        if self._entries is None:
            self._entries = self._read()
        try:
            if name not in self._entries:
                if name in self._not_here:
                    return None
                raise ValueError
            entry, start, size = self._entries[name]
            if not _is_same(entry):
                raise ValueError
            code = self._code(start, size)
            if code.co_filename != entry[1]:
                raise ValueError
            return _spec(name, entry[1], _Loader(name, entry[1], code))
        except Exception:
            _missed.add(OTHERS)
            return None

    def _code(self, start: int, size: int) -> CodeType:
        import marshal

        with self._one_by_one:
            if self._file is None:
                raise ValueError
            os.lseek(self._file, start, os.SEEK_SET)
            code: CodeType = marshal.loads(os.read(self._file, size))
        return code

    def _read(self) -> dict[str, tuple[Entry, int, int]]:
        import marshal

        found: dict[str, tuple[Entry, int, int]] = {}
        try:
            # It stays open: another process may put another file in its place, with other code at these places.
            self._file = os.open(place(OTHERS), os.O_RDONLY | getattr(os, "O_BINARY", 0))
            size = head_size(os.read(self._file, HEAD))
            kept, entries, sizes, not_here = marshal.loads(os.read(self._file, size))
            if kept != stamp():
                raise ValueError
            start = HEAD + size
            for entry, length in zip(entries, sizes, strict=True):
                found[entry[0]] = entry, start, length
                start += length
        except Exception:
            _missed.add(OTHERS)
            self.close()
            return {}
        self._not_here = not_here
        return found

    def close(self) -> None:
        """Let go of the file: some systems replace none that is open."""
        with self._one_by_one:
            if self._file is not None:
                os.close(self._file)
                self._file = None


_finder = _Finder()
