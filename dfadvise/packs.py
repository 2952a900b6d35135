"""Rule packs: folders of rule files, one rule a file; the default pack and a user's own use the same door.

A pack is `<path>/<family>/<stem>.py`, or flat `<path>/<stem>.py`, where the pack's name is the family. The
file stem with `-` for `_` is the rule's id. Files and folders that start with `_` or `.` are no rules. A rule
file is imported under a name of its own and can import the standard library, `dfadvise` and what is
installed, but no neighbour. Loading a pack runs its code.
"""

from __future__ import annotations

import os
import sys

from dfadvise.rule import RANK, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

# What `on` can name besides keywords.
HOOKS = frozenset(("stage", "file", "suppressions"))
# Words that mean something else where rules are named.
RESERVED = frozenset(("all", "default"))
PREFIX = "dfadvise_rules_"

_Module = type(sys)
_loaded: dict[str, list[type[Rule]]] = {}
_lazy: dict[str, list[type[Rule]]] = {}


class PackError(Exception):
    """A rule file or a pack that cannot be used.

    Args:
        path: The file or folder.
        line: The line in it, counted from 1; None when there is none to name.
        reason: What is wrong, as one line.
    """

    def __init__(self, path: str, line: int | None, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


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
    families = {_dashed(family) for family, _, _ in files}
    for family, stem, file in files:
        try:
            rules.append(_load(file, name, family, stem, families))
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


def _dashed(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")


def load_file(file: str, pack: str, family: str) -> type[Rule]:
    """Run one rule file of a pack that is known to be sound.

    Raises:
        PackError: It cannot be used any more.
    """
    return _load(file, pack, family, os.path.basename(file)[:-3], set())


def _load(file: str, pack: str, family: str, stem: str, families: set[str]) -> type[Rule]:
    if not stem.isascii() or not stem.isidentifier() or stem != stem.lower():
        raise PackError(file, None, "the file name of a rule is made of a-z, 0-9 and _")
    rule = _rule_of(_import(file, f"{PREFIX}{pack}.{family}.{stem}"), file)
    rule.id = _dashed(stem)
    rule.family = _dashed(family)
    rule.path = file
    rule.pack = pack
    _check(rule, families)
    return rule


def _import(file: str, module_name: str) -> ModuleType:
    """Run a rule file as a module of its own, through Python's bytecode cache.

    The name is one that no installed package can have, so that neither packs nor the linted repository's own
    modules meet; the folder is not put on `sys.path`.
    """
    held = sys.modules.get(module_name)
    if held is not None and held.__dict__.get("__file__") != file:
        # Another pack of the same name.
        module_name = f"{module_name}@{file}"
    from importlib.machinery import SourceFileLoader

    module = _Module(module_name)
    loader = SourceFileLoader(module_name, file)
    module.__file__ = file
    module.__loader__ = loader
    # No parent to import a neighbour from, and a plain message for who tries.
    module.__package__ = ""
    sys.modules[module_name] = module
    sound = False
    try:
        code = loader.get_code(module_name)
        exec(code, module.__dict__)  # type: ignore[arg-type]
        sound = True
    except SyntaxError as problem:
        line = problem.lineno if problem.filename == file else _line_of(problem, file)
        raise PackError(file, line, f"syntax error: {problem.msg}") from problem
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        reason = " ".join(str(problem).split())
        kind = type(problem).__name__
        raise PackError(file, _line_of(problem, file), f"{kind}: {reason}" if reason else kind) from problem
    finally:
        if not sound:
            del sys.modules[module_name]
    return module


def _line_of(problem: BaseException, file: str) -> int | None:
    """The innermost line of the file that an exception came through."""
    line = None
    trace = problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _rule_of(module: ModuleType, file: str) -> type[Rule]:
    name = module.__name__
    found = [
        value
        for value in module.__dict__.values()
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == name and value.__name__[0] != "_"
    ]
    if not found:
        raise PackError(file, None, "defines no subclass of Rule")
    if len(found) > 1 and any(each is not found[0] for each in found):
        names = " and ".join(f"`{each.__name__}`" for each in found[:2])
        raise PackError(file, _line_of_class(file, found[1].__name__), f"defines two rules: {names}")
    return found[0]


def _line_of_class(file: str, name: str) -> int | None:
    """The line of a class statement; read only to report an error."""
    with open(file, encoding="utf-8", errors="replace") as lines:
        for number, text in enumerate(lines, 1):
            if text.startswith((f"class {name}(", f"class {name}:")):
                return number
    return None


def _check(rule: type[Rule], families: set[str]) -> None:
    """Refuse a rule whose class attributes cannot be meant."""
    from dfadvise.syntax.instructions import CLASSES

    hooks = HOOKS.union(CLASSES)
    reason = None
    if rule.id in RESERVED:
        reason = f"`{rule.id}` is not free as a rule's name"
    elif rule.id in families:
        reason = f"`{rule.id}` is both a rule and a family"
    elif not isinstance(rule.on, tuple) or not rule.on:
        reason = "`on` is not a tuple of keywords"
    elif not hooks.issuperset(rule.on):
        unknown = next(hook for hook in rule.on if hook not in hooks)
        reason = f"`on` names {unknown!r}, which is no keyword, `stage`, `file` or `suppressions`"
    elif rule.severity not in RANK:
        reason = f"`severity` is {rule.severity!r}, not error, warning, info or style"
    elif rule.default not in ("on", "off", "cfg"):
        reason = f"`default` is {rule.default!r}, not on, off or cfg"
    elif not isinstance(rule.aliases, tuple):
        reason = "`aliases` is not a tuple"
    elif not isinstance(rule.yields_to, tuple):
        reason = "`yields_to` is not a tuple"
    elif not isinstance(rule.options, dict):
        reason = "`options` is not a dict"
    elif not isinstance(rule.mentions, tuple):
        reason = "`mentions` is not a tuple of words"
    elif not isinstance(rule.keywords, tuple) or not CLASSES.keys() >= set(rule.keywords):
        reason = "`keywords` is not a tuple of keywords"
    elif not isinstance(rule.__dict__.get("concerns", Rule.__dict__["concerns"]), staticmethod):
        reason = "`concerns` is no static method"
    if reason is not None:
        raise PackError(rule.path, _line_of_class(rule.path, rule.__name__), reason)
