"""The tree-sitter shell grammar, loaded once and only when a script has to be read."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from tree_sitter import Node, Parser

MISSING = "no shell grammar for this platform: rules about RUN commands are off (pip install tree-sitter-bash)"

# The grammar's time grows with the square of `a | a |`, of `<<<<` and of what else it never finds the end of: 0.6 s
# for 20 kB, a quarter of an hour for a megabyte (measured 2026-11-24 with tree-sitter-bash 0.25.1). A script takes less
# than half a microsecond a byte. Texts up to this many bytes are parsed whatever they are.
_SHORT = 8_000
# What longer ones may take, in seconds of CPU time: to begin with, and for each byte.
_GRACE, _PER_BYTE = 0.1, 5e-6
_CHUNK = 65_536

_parser: Parser | None = None
_failed = False


def parse(data: bytes) -> Node | None:
    """The syntax tree of a shell text.

    Args:
        data: The text in UTF-8.

    Returns:
        None where the grammar is not installed, or does not come to an end within a time that is linear in the length.
    """
    parser = _load()
    if parser is None:
        return None
    if len(data) <= _SHORT:
        return parser.parse(data).root_node
    from time import process_time

    limit = process_time() + _GRACE + _PER_BYTE * len(data)
    try:
        tree = parser.parse(
            lambda start, _: data[start : start + _CHUNK], progress_callback=lambda *_: process_time() > limit
        )
    except ValueError:  # the limit was reached
        parser.reset()
        return None
    return tree.root_node


def available() -> bool:
    """Whether the grammar can be loaded."""
    return _load() is not None


def _load() -> Parser | None:
    global _parser, _failed
    if _parser is None and not _failed:
        try:
            binding, grammar = _extension("tree_sitter"), _extension("tree_sitter_bash")
            if binding is None or grammar is None:
                import tree_sitter as binding
                import tree_sitter_bash as grammar
            assert binding is not None
            assert grammar is not None
            _parser = binding.Parser(binding.Language(grammar.language()))
        except (ImportError, OSError, ValueError, AttributeError, TypeError):
            _failed = True
    return _parser


def _extension(package: str) -> ModuleType | None:
    """The extension module of a package without its `__init__`.

    The two packages import typing and importlib.resources for things that are not needed here: 14 of the
    18 ms that loading them takes. None when the extension is not where it is expected; the caller then
    imports plainly.
    """
    name = package + "._binding"
    if name in sys.modules:
        return sys.modules[name]
    import _imp
    from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, PathFinder

    spec = PathFinder.find_spec(package)
    if spec is None:
        raise ImportError(package)
    for folder in spec.submodule_search_locations or ():
        for suffix in EXTENSION_SUFFIXES:
            path = f"{folder}/_binding{suffix}"
            try:
                with open(path, "rb"):
                    pass
            except OSError:
                continue
            found = ModuleSpec(name, ExtensionFileLoader(name, path), origin=path)
            module = _imp.create_dynamic(found)
            _imp.exec_dynamic(module)
            sys.modules[name] = module
            return module
    return None
