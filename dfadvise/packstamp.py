"""What tells one's own rules from what they were, and whether their findings can be kept at all."""

from __future__ import annotations

import os

from dfadvise.asked import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

# Modules of the standard library that look at nothing but what they are given.
_PURE = frozenset(
    (
        *("__future__", "abc", "bisect", "collections", "copy", "dataclasses", "difflib", "enum", "fnmatch"),
        *("functools", "heapq", "itertools", "json", "keyword", "math", "numbers", "operator", "posixpath", "re"),
        *("shlex", "string", "textwrap", "types", "typing", "unicodedata", "urllib.parse"),
    )
)
# Modules of ours that look at the disk without noting it.
_LOOKING = frozenset(
    (
        *("asked", "baseline", "changes", "child", "cli", "commands", "config", "context", "contextroot", "discovery"),
        *("docs", "dockerignore", "hadolintconfig", "history", "image", "lsp", "packs", "passing", "resultcache"),
        *("runner", "shellcheck", "testing", "watched", "writing"),
    )
)
_CALLS = frozenset(("__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open", "vars"))


def stamp(path: str, files: Iterator[tuple[str, str, str]]) -> str | None:
    """What tells a pack from what it was.

    Args:
        path: The pack's folder, or one rule file.
        files: (family, stem, file) of its rule files.

    Returns:
        None where a rule may look at more than it is given (the disk, the clock, the network, what is installed),
        so that nobody can tell whether it would find the same again.
    """
    import ast

    parts = [os.path.realpath(path)]
    try:
        for family, stem, file in files:
            with open(file, "rb") as stream:
                data = stream.read()
            if not all(map(_is_harmless, _run(ast.parse(data)))):
                return None
            parts.append(f"{family} {stem} {digest(data)}")
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return "\n".join(parts)


def _run(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run; what stands under `if TYPE_CHECKING:` does not."""
    import ast

    todo: list[ast.AST] = [tree]
    for node in todo:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            todo += node.orelse
            continue
        yield node
        todo += ast.iter_child_nodes(node)


def _is_harmless(node: ast.AST) -> bool:
    import ast

    if isinstance(node, ast.Name):
        return node.id not in _CALLS
    if isinstance(node, ast.Attribute):
        return not node.attr.startswith("__") or node.attr in ("__name__", "__doc__", "__init__", "__class__")
    if isinstance(node, ast.Import):
        return all(_may_be_imported(each.name) for each in node.names)
    if isinstance(node, ast.ImportFrom):
        name = node.module or ""
        if name == "dfadvise":
            return all(_may_be_imported(f"dfadvise.{each.name}") for each in node.names)
        return not node.level and _may_be_imported(name)
    return True


def _may_be_imported(name: str) -> bool:
    first, _, rest = name.partition(".")
    if first == "dfadvise":
        return bool(rest) and rest.partition(".")[0] not in _LOOKING
    return name in _PURE or first in ("collections",)
