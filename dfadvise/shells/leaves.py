"""The parts of a statement between its operators, from a syntax tree that nests and hangs them in many ways."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shells.nodes import Node

_JOINS = frozenset(("&&", "||", "|", "|&"))


class Leaf:
    """A part of a statement between operators, with redirections that the grammar hung elsewhere."""

    __slots__ = ("node", "operator", "redirects")

    def __init__(self, node: Node, operator: str) -> None:
        self.node = node
        self.operator = operator
        self.redirects: list[Node] = []


def leaves_of(node: Node, operator: str) -> list[Leaf]:
    """The parts of a statement in order, each with the operator before it.

    Only the order counts: the grammar nests a list inside a pipeline that has three parts, and hangs a redirection at
    the end of a list on the whole of it.

    Args:
        node: The statement.
        operator: The operator before it.
    """
    leaves: list[Leaf] = []
    _flatten(node, operator, leaves)
    return leaves


def _flatten(node: Node, operator: str, leaves: list[Leaf]) -> None:
    pending: list[tuple[Node, str, list[Node]]] = [(node, operator, [])]
    while pending:
        part, joined_by, redirects = pending.pop()
        kind = part.type
        if kind in ("list", "pipeline"):
            parts: list[tuple[Node, str, list[Node]]] = []
            for child in part.children:
                if child.type in _JOINS:
                    joined_by = child.type
                elif child.is_named and child.type != "comment":
                    parts.append((child, joined_by, []))
            if parts:
                parts[-1][2].extend(redirects)
            pending.extend(reversed(parts))
            continue
        if kind == "redirected_statement":
            body = part.child_by_field_name("body")
            if body is not None and body.type in ("list", "pipeline"):
                pending.append((body, joined_by, [*part.children[1:], *redirects]))
                continue
        leaf = Leaf(part, joined_by)
        leaf.redirects = redirects
        leaves.append(leaf)
        if kind == "redirected_statement" or redirects:
            _behind_heredoc([*part.children, *redirects], leaves)


def _behind_heredoc(nodes: list[Node], leaves: list[Leaf]) -> None:
    """`cat <<A && next`: the grammar puts what follows inside the heredoc's node."""
    for node in nodes:
        if node.type != "heredoc_redirect":
            continue
        operator = ""
        for child in node.children:
            if child.type in _JOINS:
                operator = child.type
            elif child.type == "pipeline" and not operator:
                for each in child.children:
                    if each.type in _JOINS:
                        operator = each.type
                    elif each.is_named:
                        _flatten(each, operator, leaves)
                operator = ""
            elif operator and child.is_named:
                _flatten(child, operator, leaves)
                operator = ""
