"""Rule packs: folders of rule files, one rule a file; the default pack and a user's own use the same door.

A pack is `<path>/<family>/<stem>.py`, or flat `<path>/<stem>.py`, where the pack's name is the family. The
file stem with `-` for `_` is the rule's id. Files and folders that start with `_` or `.` are no rules. A rule
file is imported under a name of its own and can import the standard library, `dfadvise` and what is
installed, but no neighbour. Loading a pack runs its code.
"""

from __future__ import annotations

import os

from dfadvise.rulefile import PackError, dashed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.rule import Rule

__all__ = ["PackError", "default_pack_path", "load_pack", "load_packs", "told_by"]

_loaded: dict[str, list[type[Rule]]] = {}
_lazy: dict[str, list[type[Rule]]] = {}


def default_pack_path() -> str:
    """The folder of the default pack: inside the package when installed, else beside it in the checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, "rules")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "rules")


def load_packs(
    paths: Iterable[str] = (), errors: list[PackError] | None = None, lazy: bool = False
) -> list[type[Rule]]:
    """The default pack and the given ones, each loaded once in a process.

    Args:
        paths: Folders of further packs; the name of a pack is its folder's name.
        errors: As in `load_pack`; without it the first error is raised.
        lazy: Whether rules of the default pack may stand for themselves until they are asked (`dfadvise.lazyrules`).

    Raises:
        PackError: A pack cannot be read, or two rules have one id.
    """
    rules: list[type[Rule]] = []
    default = default_pack_path()
    if lazy and default not in _lazy and os.path.realpath(default) not in _loaded:
        from dfadvise import lazyrules

        indexed = lazyrules.read(default)
        if indexed is not None:
            _lazy[default] = indexed
    for path in [default, *paths]:
        key = os.path.realpath(path)
        if lazy and path in _lazy and key not in _loaded:
            rules += _lazy[path]
            continue
        if key not in _loaded:
            broken: list[PackError] = []
            name = "default" if path is default else os.path.basename(key).removesuffix(".py")
            found = load_pack(path, name, broken)
            _report(broken, errors)
            if broken:
                rules += found
                continue
            _loaded[key] = found
            if lazy and path is default:
                from dfadvise import lazyrules

                lazyrules.write(default, found)
        rules += _loaded[key]
    return _distinct(rules, errors)


def load_pack(path: str, name: str, errors: list[PackError] | None = None) -> list[type[Rule]]:
    """Import every rule of a pack, in order of family and id.

    Args:
        path: The pack's folder, or one rule file.
        name: The name of the pack; it is the family of the rules that lie in no folder of their own.
        errors: When given, broken rules are noted here and the sound ones are still returned.

    Raises:
        PackError: The folder or a rule in it cannot be used, and `errors` was not given.
    """
    found: list[PackError] = []
    rules: list[type[Rule]] = []
    try:
        files = list(_files(path, name))
    except OSError as problem:
        found.append(PackError(path, None, f"cannot be read as a rule pack: {problem.strerror}"))
        files = []
    from dfadvise.packcheck import load_checked

    families = {dashed(family) for family, _, _ in files}
    for family, _, file in files:
        try:
            rules.append(load_checked(file, name, family, families))
        except PackError as problem:
            found.append(problem)
    if not files and not found:
        found.append(PackError(path, None, "holds no rule files"))
    rules = _distinct(rules, found)
    _report(found, errors)
    return rules


def _report(found: list[PackError], errors: list[PackError] | None) -> None:
    if errors is not None:
        errors += found
    elif found:
        raise found[0]


def _distinct(rules: list[type[Rule]], errors: list[PackError] | None) -> list[type[Rule]]:
    """Drop a rule whose id an earlier one has, with an error; the very same rule twice is no error."""
    by_id: dict[str, type[Rule]] = {}
    for rule in rules:
        first = by_id.setdefault(rule.id, rule)
        if first.path != rule.path:
            _report([PackError(rule.path, None, f"the rule `{rule.id}` is already in {first.path}")], errors)
    return list(by_id.values())


def _files(path: str, name: str) -> Iterator[tuple[str, str, str]]:
    """(family, stem, file) of every rule file."""
    if path.endswith(".py") and os.path.isfile(path):
        yield name, os.path.basename(path)[:-3], path
        return
    flat, folders = [], []
    for entry in sorted(os.listdir(path)):
        if entry[0] in "_.":
            continue
        if entry.endswith(".py"):
            flat.append(entry)
        elif os.path.isdir(os.path.join(path, entry)):
            folders.append(entry)
    for entry in flat:
        yield name, entry[:-3], os.path.join(path, entry)
    for folder in folders:
        inside = os.path.join(path, folder)
        for entry in sorted(os.listdir(inside)):
            if entry.endswith(".py") and entry[0] not in "_.":
                yield folder, entry[:-3], os.path.join(inside, entry)


def told_by(path: str) -> str | None:
    """What tells a pack from what it was; see `dfadvise.packstamp.stamp`."""
    from dfadvise.packstamp import stamp

    name = os.path.basename(os.path.realpath(path)).removesuffix(".py")
    return stamp(path, _files(path, name))
