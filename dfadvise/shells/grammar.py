"""The tree-sitter shell grammar, loaded once and only when a script has to be read."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from tree_sitter import Node, Parser

MISSING = (
    "no shell grammar for this platform: rules are silent about RUN instructions that hold more than plain commands"
    " (pip install tree-sitter-bash)"
)

# The grammar's time and memory grow with the square of `a | a |`, of `<<<<` and of what else it finds no end of: 0.6 s
# for 20 kB, and all memory for a megabyte (tree-sitter-bash 0.25.1, measured 2026-11-24). A script takes less than half
# a microsecond a byte. So a long text is tried in steps of this many bytes, and given up when a step takes too long; to
# stop the parser itself would leak its memory.
_STEP = 4_000
# What a text of n bytes may take, in seconds of CPU time: so much, and so much for each byte.
_GRACE, _PER_BYTE = 0.02, 3e-6
# Longer texts are no scripts.
_LONGEST = 64_000

_parser: Parser | None = None
_failed = False


def parse(data: bytes) -> Node | None:
    """The syntax tree of a shell text.

    Args:
        data: The text in UTF-8.

    Returns:
        None where the grammar is not installed, and for a text that it cannot read in a time that is linear in the
        length.
    """
    parser = _load()
    if parser is None or len(data) > _LONGEST:
        return None
    return None if _is_slow(parser, data) else parser.parse(data).root_node


def _is_slow(parser: Parser, data: bytes) -> bool:
    """Whether the beginning of a text already takes more time than scripts do."""
    if len(data) <= _STEP:
        return False
    from time import thread_time

    for size in range(_STEP, len(data), _STEP):
        start = thread_time()
        parser.parse(data[:size])
        if thread_time() - start > _GRACE + _PER_BYTE * size:
            return True
    return False


def available() -> bool:
    """Whether the grammar can be loaded."""
    return _load() is not None


def missed() -> bool:
    """Whether the grammar was wanted and could not be loaded."""
    return _failed


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
