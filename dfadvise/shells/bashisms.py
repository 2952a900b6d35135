"""Constructs beyond POSIX in a script, each at its place: what not every sh takes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from dfadvise.shell import Script

# A text without any of these, and without braces that could expand, has none of the constructs.
_MARKS = ("[[", "==", "=(", "<(", ">(", "source", "function", "<<<", "&>", "pipefail")
# Those of them that a plain script can have.
_PLAIN_MARKS = ("==", "source", "&>", "pipefail")
_REPLACING = frozenset(("/", "//", "/#", "/%"))
_EQUALS = frozenset(("=", "=="))
_SIGNS = frozenset((b"=", b"=="))
_OUTPUTS = frozenset(("&>", "&>>"))


class Use:
    """A construct in a script.

    Attributes:
        kind: Its key in `knowledge.sh_syntax.CONSTRUCTS`.
        start, end: Its place in the script text.
    """

    __slots__ = ("end", "kind", "start")

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Use({self.kind} {self.start}:{self.end})"


def may_hold(text: str) -> bool:
    """Whether a text can hold any of the constructs; quick, and generous."""
    if "{" in text and ("," in text or ".." in text or "${" in text):
        return True
    return any(mark in text for mark in _MARKS)


def _is_free(text: str) -> bool:
    """Whether a plain script has none of the constructs."""
    return "{" not in text.replace("${", "") and not any(mark in text for mark in _PLAIN_MARKS)


def bashisms(script: Script) -> list[Use]:
    """The constructs beyond POSIX in a script, in order of place.

    Args:
        script: A script of any dialect; the text of `sh -c` within it is a script of its own.

    Returns:
        Nothing for a text that the grammar cannot read.
    """
    text = script.text
    if not may_hold(text) or (script.plain and _is_free(text)):
        return []
    from dfadvise.shells import grammar

    data = text.encode("utf-8", "surrogateescape")
    # The grammar takes quadratic time over many `[ a == b ]`, but not over `[ a =  b ]`.
    easy = data.replace(b" == ", b" =  ")
    root = grammar.parse(easy)
    if root is None or root.has_error:
        return []
    found = [(kind, node.start_byte, node.end_byte) for kind, node in _uses(root)]
    found = [
        (kind, start, start + 2 if kind == "equals" else end)
        for kind, start, end in found
        if kind != "equals" or data.startswith(b"==", start)
    ]
    found.sort(key=lambda use: use[1:])
    if len(data) == len(text):
        return [Use(*use) for use in found]
    uses: list[Use] = []
    at = chars = 0
    for kind, start, end in found:
        # Counted from one use to the next, so that a long text is decoded once.
        chars += len(data[at:start].decode("utf-8", "surrogateescape"))
        uses.append(Use(kind, chars, chars + len(data[start:end].decode("utf-8", "surrogateescape"))))
        at = start
    return uses


def _uses(root: Node) -> Iterator[tuple[str, Node]]:
    pending: list[tuple[Node, bool]] = [(root, False)]
    while pending:
        node, in_test = pending.pop()
        kind = node.type
        children = node.children
        if kind == "test_command":
            in_test = children[0].type == "["
            if children[0].type == "[[":
                yield "test", children[0]
        elif kind in ("arithmetic_expansion", "command_substitution"):
            in_test = False
        elif kind == "process_substitution":
            yield "process", children[0]
        elif kind == "herestring_redirect":
            yield "here-string", children[0]
        elif kind == "function_definition":
            if children[0].type == "function":
                yield "function", children[0]
        elif kind == "variable_assignment":
            if children[-1].type == "array":
                yield "array", children[-1]
        elif kind == "brace_expression":
            yield "braces", node
        elif kind == "binary_expression" and in_test:
            yield from (("equals", child) for child in children if child.type in _EQUALS)
        elif kind == "file_redirect":
            yield from (("both-outputs", child) for child in children if child.type in _OUTPUTS)
        elif kind == "expansion":
            yield from _expansion(node, children)
        elif kind == "command":
            yield from _command(children)
        elif kind == "concatenation":
            parent = node.parent
            # curl expands the braces of a URL itself.
            if parent is None or parent.child_count == 0 or parent.children[0].text != b"curl":
                yield from _braces(children)
        pending.extend((child, in_test) for child in children if child.child_count)


def _expansion(node: Node, children: list[Node]) -> Iterator[tuple[str, Node]]:
    if len(children) < 4 or children[1].type not in ("variable_name", "subscript", "special_variable_name"):
        return
    operator = children[2].type
    if operator in _REPLACING:
        yield "replace", node
    elif operator == ":":
        yield "slice", node


def _command(children: list[Node]) -> Iterator[tuple[str, Node]]:
    at = 0
    while at < len(children) and children[at].type != "command_name":
        at += 1
    if at + 1 >= len(children):
        return
    name, arguments = children[at].text, children[at + 1 :]
    if name == b"source":
        yield "source", children[at]
    elif name == b"test":
        yield from (("equals", child) for child in arguments if child.type in _EQUALS or child.text in _SIGNS)
    elif name == b"set":
        for flag, option in zip(arguments, arguments[1:], strict=False):
            letters = flag.text or b""
            if option.text == b"pipefail" and letters.startswith(b"-") and letters.endswith(b"o"):
                yield "pipefail", option


def _braces(children: list[Node]) -> Iterator[tuple[str, Node]]:
    """`{a,b}` is a concatenation to the grammar; one with quotes in it looks like JSON and is left alone."""
    opening: Node | None = None
    comma = False
    for child in children:
        text = child.text if child.type == "word" else None
        if text == b"{":
            opening, comma = child, False
        elif text == b"}" and opening is not None:
            if comma:
                yield "braces", opening
            opening = None
        elif child.type in ("string", "raw_string"):
            opening = None
        elif text is not None and b"," in text:
            comma = True
