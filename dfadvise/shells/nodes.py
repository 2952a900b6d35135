"""Nodes of a shell's syntax tree: what is asked of them, and those that are made without the grammar."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class Node(Protocol):
        """What is asked of a node: of the grammar's, and of those made here."""

        @property
        def type(self) -> str: ...
        @property
        def start_byte(self) -> int: ...
        @property
        def end_byte(self) -> int: ...
        @property
        def is_named(self) -> bool: ...
        @property
        def child_count(self) -> int: ...
        @property
        def children(self) -> Sequence[Node]: ...
        @property
        def named_children(self) -> Sequence[Node]: ...
        @property
        def parent(self) -> Node | None: ...
        def child_by_field_name(self, name: str, /) -> Node | None: ...


class PlainNode:
    """A node as the grammar has them, of what plain scripts consist of.

    Attributes:
        type: The grammar's name of it; "composite" for a word with quotes or variables in it.
        start_byte, end_byte: Its place in the text, in characters.
        is_named: False for operators.
        children: The nodes in it.
        parent: What it stands in, for an assignment before a command; else None.
    """

    __slots__ = ("children", "end_byte", "fields", "is_named", "parent", "start_byte", "type")

    def __init__(
        self,
        kind: str,
        start: int,
        end: int,
        children: Sequence[PlainNode] = (),
        is_named: bool = True,
        fields: dict[str, PlainNode] | None = None,
    ) -> None:
        self.type = kind
        self.start_byte = start
        self.end_byte = end
        self.children = children
        self.is_named = is_named
        self.fields = fields
        self.parent: PlainNode | None = None

    @property
    def named_children(self) -> list[PlainNode]:
        """The children that are no operators."""
        return [child for child in self.children if child.is_named]

    @property
    def child_count(self) -> int:
        """How many children it has."""
        return len(self.children)

    def child_by_field_name(self, name: str) -> PlainNode | None:
        """The child that plays a part; None when there is none."""
        return None if self.fields is None else self.fields.get(name)
