"""The default pack from an index: each rule's file is run when the rule is first asked, and not before.

Running a hundred rule files and what they stand on takes longer than linting a small file. The index holds what is
asked of a rule before that (its id, codes, options, what it is on) and lies beside the bytecode that Python keeps for
the pack; it is made anew when any rule file is another one than it was, or a table of ours that a class has values of.
"""

from __future__ import annotations

import os
import sys

from dfadvise import __version__
from dfadvise.preload import HEAD, head_size, is_same_time, put
from dfadvise.rule import Rule
from dfadvise.rulefile import code_of, load_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

FORMAT = 7
_Function: Any = type(lambda: None)  # `types` has no other
_seen: dict[str, list[tuple[str, int, int]]] = {}
# Of each pack, which file its index was read from.
_read_from: dict[str, tuple[int, int, int]] = {}


class LazyRule(Rule):
    """Stands for a rule whose file has not been run.

    Args:
        entry: What its class says of it.
        settings: As every rule has them.
    """

    def __init__(self, entry: Entry, settings: dict[str, Any] | None = None) -> None:
        self.__dict__.update(entry.__dict__)
        super().__init__(settings)
        self._entry = entry
        self._given = settings
        self._made: Rule | None = None

    def real(self) -> Rule:
        """The rule itself.

        Raises:
            PackError: Its file cannot be used.
        """
        if self._made is None:
            self._made = self._entry.load()(self._given)
            # Asked many times; the way through here is for the first.
            self.__dict__["check"] = self._made.check
        return self._made

    def check(self, node: Any) -> Iterator[Any]:
        """The findings of the rule itself."""
        return self.real().check(node)


class Entry:
    """Stands for the class of a rule: its attributes are those of the class, and a call makes a rule.

    A class of its own for each of a hundred rules would take longer than all of the index.
    """

    id: str
    family: str
    path: str
    pack: str

    def __init__(self, attributes: dict[str, Any], concerns: CodeType | None, place: tuple[int, int]) -> None:
        self.__dict__ = attributes
        attributes["_place"] = place
        if concerns is not None:
            attributes["concerns"] = _Function(concerns, {})

    def __call__(self, settings: dict[str, Any] | None = None) -> LazyRule:
        return LazyRule(self, settings)

    def load(self) -> type[Rule]:
        """The class itself.

        Raises:
            PackError: The rule's file cannot be used.
        """
        return load_file(self.path, self.pack, self.family, _code_at(self.path, *self.__dict__["_place"]))


def real(rule: Rule) -> Rule:
    """The rule itself, whether or not it was loaded before."""
    return rule.real() if isinstance(rule, LazyRule) else rule


def read(pack: str) -> list[type[Rule]] | None:
    """The rules of a pack by its index; None when there is none that fits.

    Args:
        pack: The pack's folder.
    """
    import marshal

    try:
        # Before any of them is loaded, for what is written of them then.
        present = files(pack)
        with open(_place(pack), "rb", buffering=0) as stream:
            held = marshal.loads(stream.read(head_size(stream.read(HEAD))))
            _read_from[pack] = _identity(stream.fileno())
        if held[0] != _stamp(pack) or not _are_same(present, held[1]):
            return None
        if not _are_same([_state(each[0]) for each in held[3]], held[3]):
            return None
        found: Any = [Entry(*entry) for entry in held[2]]
    except Exception:
        # Whatever is wrong with it: the rules are all there.
        return None
    rules: list[type[Rule]] = found
    return rules


def _are_same(now: list[tuple[str, int, int]], then: list[tuple[str, int, int]]) -> bool:
    """Whether files are as they were, by name, size and time."""
    if now == then:
        return True
    return [each[:2] for each in now] == [each[:2] for each in then] and all(
        is_same_time(one[2], other[2]) for one, other in zip(now, then, strict=True)
    )


def _code_at(file: str, start: int, size: int) -> CodeType | None:
    """The code of a rule file, as the index of its pack keeps it; None where it cannot be had."""
    import marshal

    pack = os.path.dirname(os.path.dirname(file))
    try:
        with open(_place(pack), "rb", buffering=0) as stream:
            # Another process may have made the index anew meanwhile, and what is no code may harm whoever reads it.
            if _identity(stream.fileno()) != _read_from.get(pack):
                return None
            stream.seek(HEAD + head_size(stream.read(HEAD)) + start)
            code: CodeType = marshal.loads(stream.read(size))
    except Exception:
        return None
    return code if getattr(code, "co_filename", "") == file else None


def _identity(handle: int) -> tuple[int, int, int]:
    status = os.fstat(handle)
    return status.st_ino, status.st_mtime_ns, status.st_size


def write(pack: str, rules: list[type[Rule]]) -> None:
    """Keep the index of a pack, where bytecode may be kept; without one everything works, only slower."""
    if sys.dont_write_bytecode:
        return
    import marshal

    entries: list[tuple[object, ...]] = []
    codes: list[bytes] = []
    place = _place(pack)
    try:
        at = 0
        for rule in rules:
            codes.append(marshal.dumps(code_of(rule.path)))
            attributes = {name: getattr(rule, name) for name in Rule.__annotations__}
            entries.append((attributes, _code(rule), (at, len(codes[-1]))))
            at += len(codes[-1])
        # As they were before they were loaded: one that has changed since makes the index void.
        tables = {path for rule in rules for path in _tables(rule)}
        held: Any = (_stamp(pack), files(pack), entries, [_state(path) for path in sorted(tables)])
        os.makedirs(os.path.dirname(place), exist_ok=True)
        put(place, marshal.dumps(held), *codes)
    except Exception:
        return


def _tables(rule: type[Rule]) -> Iterator[str]:
    """The files of our own modules from which a rule's class has values, such as the words that it mentions."""
    module = sys.modules[rule.__module__].__dict__
    bodies = [each for each in code_of(rule.path).co_consts if getattr(each, "co_name", "") == rule.__name__]
    values = [(name, module[name]) for body in bodies for name in body.co_names if name in module]
    for name, other in list(sys.modules.items()):
        if name.startswith("dfadvise.") and any(other.__dict__.get(key) is value for key, value in values):
            yield other.__dict__["__file__"]


def _state(path: str) -> tuple[str, int, int]:
    status = os.stat(path)
    return path, status.st_size, status.st_mtime_ns


def _stamp(pack: str) -> tuple[object, ...]:
    # Its entries name files; a pack that was moved or copied along with its index is another one.
    return FORMAT, __version__, sys.version, sys.flags.optimize, pack


def _place(pack: str) -> str:
    prefix = sys.pycache_prefix
    if prefix is not None and os.path.isabs(prefix):
        # Nothing of that kind is wanted beside the sources.
        folder = prefix + os.path.splitdrive(pack)[1]
    else:
        folder = os.path.join(pack, "__pycache__")
    return os.path.join(folder, f"index.{sys.implementation.cache_tag}.bin")


def files(pack: str) -> list[tuple[str, int, int]]:
    """Name, size and time of every file that may be a rule; looked at once in a process."""
    known = _seen.get(pack)
    if known is None:
        known = _seen[pack] = _files(pack)
    return known


def _files(pack: str) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    with os.scandir(pack) as families:
        folders = [family.name for family in families if family.name[0] not in "_." and family.is_dir()]
    for folder in folders:
        with os.scandir(f"{pack}/{folder}") as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append((f"{folder}/{entry.name}", status.st_size, status.st_mtime_ns))
    found.sort()
    return found


def _code(rule: type[Rule]) -> CodeType | None:
    """What a rule's own `concerns` does; None when it has none."""
    return None if rule.concerns is Rule.concerns else rule.concerns.__code__
