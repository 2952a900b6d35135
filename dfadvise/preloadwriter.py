"""Writes the files that `preload` reads: the groups of modules, and all others."""

from __future__ import annotations

import os
from dis import get_instructions
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from marshal import dumps
from typing import TYPE_CHECKING

from dfadvise.preload import FOLDER, GROUPS, OTHERS, PACKAGE, place, put, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

    from dfadvise.preload import Entry

_PART = 100_000  # bytes


def write(group: str) -> None:
    """Keep a group, or all others; without them everything works.

    Args:
        group: One of GROUPS, or OTHERS.
    """
    try:
        not_here: frozenset[str] = frozenset()
        if group == OTHERS:
            present = dict.fromkeys(_present())
            not_here = frozenset((*_ordered(None), *filter(_is_checked_by_hash, present)))
            modules = [found for name in present if name not in not_here and (found := _code_of(name)) is not None]
            parts = [dumps(code) for _, code in modules]
        else:
            modules = list(_ordered(group).values())
            parts = [dumps(tuple(part)) for part in _parts([code for _, code in modules])]
        head: Any = stamp(), tuple(entry for entry, _ in modules), tuple(map(len, parts)), not_here
        put(place(group), dumps(head), *parts)
    except Exception:
        # A source may be half written just now, or the disk full.
        return


def _parts(codes: list[CodeType]) -> Iterator[list[CodeType]]:
    """Codes that are read at once: so many that the memory for reading them is used again and not asked for anew."""
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


def _ordered(group: str | None) -> dict[str, tuple[Entry, CodeType]]:
    """The modules of a group, or of all, with their code, each behind those that it imports."""
    done: dict[str, tuple[Entry, CodeType]] = {}
    visited = {PACKAGE, "dfadvise.preload", "dfadvise.cli"}

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
        if group is not None:
            done.clear()
        for root in GROUPS[each]:
            visit(f"{PACKAGE}.{root}")
        if each == group:
            break
    return done


def _present() -> Iterator[str]:
    """The modules whose bytecode Python keeps; making that of all would take seconds."""
    for folder, folders, files in os.walk(FOLDER):
        # The rules of a wheel are no package.
        folders[:] = [each for each in folders if os.path.isfile(os.path.join(folder, each, "__init__.py"))]
        relative = os.path.relpath(folder, FOLDER)
        package = PACKAGE if relative == os.curdir else f"{PACKAGE}.{relative.replace(os.sep, '.')}"
        for file in files:
            stem, extension = os.path.splitext(file)
            if extension == ".py" and os.path.exists(cache_from_source(os.path.join(folder, file))):
                yield package if stem == "__init__" else f"{package}.{stem}"


def _code_of(name: str) -> tuple[Entry, CodeType] | None:
    """A module and its code; None where it is none, or its time does not tell whether it changed."""
    file = _file_of(name)
    if file is None or _is_checked_by_hash(name):
        return None
    # Looked at before it is read: code that is older than what is told of its file would be held for good.
    status = os.stat(file)
    code = SourceFileLoader(name, file).get_code(name)
    return None if code is None else ((name, file, status.st_mtime_ns, status.st_size), code)


def _file_of(name: str) -> str | None:
    stem = os.path.join(FOLDER, *name.split(".")[1:])
    return next((path for path in (os.path.join(stem, "__init__.py"), f"{stem}.py") if os.path.isfile(path)), None)


def _is_checked_by_hash(name: str) -> bool:
    """Whether Python looks at the source itself and not at its time; see PEP 552."""
    try:
        with open(cache_from_source(_file_of(name) or ""), "rb") as stream:
            return any(stream.read(8)[4:])
    except OSError:
        return False


def _imports(code: CodeType) -> list[str]:
    """The modules of ours that a module imports at its top, and the names from them, which may be modules.

    What stands under `if TYPE_CHECKING:` is no import.
    """
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
