"""One rule file: run as a module of its own, and its rule."""

from __future__ import annotations

import os
import sys

from dfadvise.faults import FileError
from dfadvise.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import SourceFileLoader
    from types import CodeType, ModuleType

PREFIX = "dfadvise_rules_"

_Module = type(sys)


class PackError(FileError):
    """A rule file or a pack that cannot be used."""


def dashed(name: str) -> str:
    """A name as rules and families have it."""
    return name.lower().replace("_", "-").replace(" ", "-")


def load_file(file: str, pack: str, family: str, code: CodeType | None = None) -> type[Rule]:
    """Run one rule file; see `dfadvise.packs`.

    Args:
        file: The file.
        pack: The name of its pack.
        family: The folder it lies in.
        code: Its code, where that is at hand.

    Raises:
        PackError: It cannot be used.
    """
    stem = os.path.basename(file)[:-3]
    rule = _rule_of(_import(file, f"{PREFIX}{pack}.{family}.{stem}", code), file)
    rule.id = dashed(stem)
    rule.family = dashed(family)
    rule.path = file
    rule.pack = pack
    return rule


def code_of(file: str) -> CodeType:
    """The code of a rule file, through Python's bytecode cache.

    Raises:
        OSError, SyntaxError, ValueError: It cannot be read, or is no Python.
    """
    code = _loader(file, "").get_code("")
    assert code is not None
    return code


def _loader(file: str, module_name: str) -> SourceFileLoader:
    # What importlib.machinery has it from; the package itself brings warnings, which nobody here needs.
    from _frozen_importlib_external import SourceFileLoader

    return SourceFileLoader(module_name, file)


def _import(file: str, module_name: str, code: CodeType | None) -> ModuleType:
    """Run a rule file as a module of its own, through Python's bytecode cache.

    The name is one that no installed package can have, so that neither packs nor the linted repository's own
    modules meet; the folder is not put on `sys.path`.
    """
    held = sys.modules.get(module_name)
    if held is not None and held.__dict__.get("__file__") != file:
        # Another pack of the same name.
        module_name = f"{module_name}@{file}"
    module = _Module(module_name)
    loader = _loader(file, module_name)
    module.__file__ = file
    module.__loader__ = loader
    # No parent to import a neighbour from, and a plain message for who tries.
    module.__package__ = ""
    sys.modules[module_name] = module
    sound = False
    try:
        exec(code or loader.get_code(module_name), module.__dict__)  # type: ignore[arg-type]
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
        raise PackError(file, line_of_class(file, found[1].__name__), f"defines two rules: {names}")
    return found[0]


def line_of_class(file: str, name: str) -> int | None:
    """The line of a class statement; read only to report an error."""
    with open(file, encoding="utf-8", errors="replace") as lines:
        for number, text in enumerate(lines, 1):
            if text.startswith((f"class {name}(", f"class {name}:")):
                return number
    return None
