"""Modules that are needed together, loaded together.

Python finds, opens and reads each module of its own; for the modules that linting takes that is longer than linting a
small file. So the bytecode of a group of them is kept in one more file, beside Python's own, and run in the order of
their imports. It is written as Python writes bytecode: after a run that had to do without, where bytecode may be kept.
A module whose source is another one than it was makes its group void, and Python loads each module as ever.
"""

from __future__ import annotations

import os
import sys

from dfadvise import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

    # Name, file, time of change in nanoseconds, size in bytes.
    Entry = tuple[str, str, int, int]

# What a group begins with; what these import at their top belongs to it.
GROUPS = {
    # What every command on files takes, and what results of earlier runs take.
    "start": (
        *("commands.lint", "contextfiles", "kept", "knowledge.dates", "lazyrules", "report.json", "report.text"),
        *("resultcache", "shellcheck"),
    ),
    # What linting takes, and what the rules that look at most files stand on (half of them or more).
    "lint": (
        *("engine", "stages", "shells.reader", "layers", "effects", "child", "passing"),
        *("about.mentions", "about.removals", "base.bases", "base.origins", "base.provisions", "base.reference"),
        *("base.toolchainuse", "base.users", "editing.dropping", "editing.edits", "editing.keywords"),
        *("knowledge.support", "managers.cachedirs", "managers.leftovers", "secret.files", "shells.directories"),
        *("shells.snippets", "syntax.validate", "context", "jsontext", "stagegraph"),
        *("about.ordering", "about.needs", "knowledge.base_images", "managers.dependencies", "managers.manifests"),
        *("editing.cutting", "editing.moving", "managers.installed", "knowledge.lists", "managers.repeats", "savings"),
    ),
}
PACKAGE = "dfadvise"
# What a file of ours begins with: reading anything else as bytecode may take all memory.
_MARK = b"dfadvise"
HEAD = len(_MARK) + 4
_FORMAT = 3
_PART = 100_000  # bytes
_Module = type(sys)

_enabled = False
_loaded: set[str] = set()
_missed: list[str] = []


def enable() -> None:
    """Load groups from now on: this process is the program and nothing else."""
    global _enabled
    _enabled = not sys.flags.optimize and sys.pycache_prefix is None


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
        with open(_place(group), "rb", buffering=0) as stream:
            stamp, entries, parts = marshal.loads(stream.read(head_size(stream.read(HEAD))))
            if stamp != _stamp() or not all(map(_is_same, entries)):
                raise ValueError
            codes = [code for part in parts for code in marshal.loads(stream.read(part))]
        for (name, file, _, _), code in zip(entries, codes, strict=True):
            if name not in sys.modules:
                _run(name, file, code)
    except Exception:
        # Whatever is wrong with it: Python loads what is missing, and tells what is wrong with a module itself.
        _missed.append(group)


def keep() -> None:
    """Keep the groups that were asked for in vain."""
    if sys.dont_write_bytecode or not os.access(os.path.dirname(_place("start")), os.W_OK):
        return
    try:
        while _missed:
            _write(_missed.pop())
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


def _stamp() -> tuple[object, ...]:
    return _FORMAT, __version__, sys.version, os.path.dirname(os.path.abspath(__file__))


def _place(group: str) -> str:
    folder = os.path.dirname(os.path.abspath(__file__))
    return os.path.join(folder, "__pycache__", f"group-{group}.{sys.implementation.cache_tag}.bin")


def _is_same(entry: Entry) -> bool:
    status = os.stat(entry[1])
    return status.st_mtime_ns == entry[2] and status.st_size == entry[3]


def _run(name: str, file: str, code: CodeType) -> None:
    """Make a module as the import system does, but for looking for it."""
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import SourceFileLoader

    is_package = file.endswith("__init__.py")
    loader = SourceFileLoader(name, file)
    spec = ModuleSpec(name, loader, origin=file, is_package=is_package)
    spec.has_location = True
    module = _Module(name)
    module.__file__ = file
    module.__loader__ = loader
    module.__spec__ = spec
    module.__package__ = name if is_package else name.rpartition(".")[0]
    if is_package:
        folders = [os.path.dirname(file)]
        module.__path__ = spec.submodule_search_locations = folders
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


def _write(group: str) -> None:
    import marshal

    try:
        modules = _ordered(group).values()
        entries = tuple(entry for entry, _ in modules)
        codes = [code for _, code in modules]
        parts = [marshal.dumps(tuple(part)) for part in _parts(codes)]
        header: Any = (_stamp(), entries, tuple(map(len, parts)))
        put(_place(group), marshal.dumps(header), *parts)
    except Exception:
        # Without a group everything works; a source may be half written just now, or the disk full.
        return


def _parts(codes: list[CodeType]) -> Iterator[list[CodeType]]:
    """Codes that are read at once: so many that the memory for reading them is used again and not asked for anew."""
    from marshal import dumps

    part: list[CodeType] = []
    size = 0
    for code in codes:
        part.append(code)
        size += len(dumps(code))
        if size > _PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def _ordered(group: str) -> dict[str, tuple[Entry, CodeType]]:
    """The modules of a group with their code, each behind those that it imports."""
    done: dict[str, tuple[Entry, CodeType]] = {}
    visited = {PACKAGE, __name__, f"{PACKAGE}.cli"}

    def visit(name: str) -> None:
        if name in visited:
            return
        visited.add(name)
        found = _code_of(name)
        if found is None:
            return
        visit(name.rpartition(".")[0])
        for imported in _imports(found[1]):
            visit(imported)
        done[name] = found

    for each in GROUPS:
        done.clear()
        for root in GROUPS[each]:
            visit(f"{PACKAGE}.{root}")
        if each == group:
            break
    return done


def _code_of(name: str) -> tuple[Entry, CodeType] | None:
    """A module and its code; None where it is none that Python would load from a file."""
    from importlib.util import find_spec

    try:
        spec = find_spec(name)
    except ImportError:
        return None
    loader: Any = None if spec is None else spec.loader
    if spec is None or spec.origin is None or not hasattr(loader, "get_code"):
        return None
    # Looked at before it is read: code that is older than what is told of its file would be held for good.
    status = os.stat(spec.origin)
    code = loader.get_code(name)
    return None if code is None else ((name, spec.origin, status.st_mtime_ns, status.st_size), code)


def _imports(code: CodeType) -> list[str]:
    """The modules of ours that a module imports at its top, and the names from them, which may be modules.

    What stands under `if TYPE_CHECKING:` is no import.
    """
    from dis import get_instructions

    found: list[str] = []
    base = ""
    checking = False
    resume = 0
    for each in get_instructions(code):
        if each.offset < resume:
            continue
        if "JUMP" in each.opname and "FALSE" in each.opname and checking:
            resume, checking = int(each.argval), False
        elif each.opname == "LOAD_NAME":
            checking = each.argval == "TYPE_CHECKING"
        elif each.opname == "IMPORT_NAME":
            base = str(each.argval)
            found.append(base)
        elif each.opname == "IMPORT_FROM":
            found.append(f"{base}.{each.argval}")
    return [name for name in found if name.startswith(f"{PACKAGE}.")]
