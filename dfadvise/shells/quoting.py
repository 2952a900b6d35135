"""Which places of a joined instruction stand in quotes, and where a `#` starts a comment for the shell.

A look at the characters alone, for texts that the shell model cannot read because something is wrong with them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BEFORE_COMMENT = frozenset(" \t;|&()")


class Quoting:
    """The quotes of a text.

    Args:
        text: The joined text.
        places: Offsets in it, in rising order.
        escape: The character that takes the meaning from the next one: the backslash in a shell.
        is_shell: Whether `$( )` nests and `#` starts a comment.

    Attributes:
        quoted: The places that stand in quotes.
        comment: Where the first comment starts; None without one. Nothing behind it is looked at.
        balanced: Whether every quote has its partner.
    """

    __slots__ = ("balanced", "comment", "quoted")

    def __init__(self, text: str, places: Sequence[int], escape: str = "\\", is_shell: bool = True) -> None:
        self.quoted: set[int] = set()
        self.comment: int | None = None
        # What is open, innermost last: quotes, and "(" for a substitution.
        opened: list[str] = []
        at, index, size = 0, 0, len(text)
        while at < size:
            inside = bool(opened) and opened[-1] != "("
            while index < len(places) and places[index] <= at:
                if inside and places[index] == at:
                    self.quoted.add(at)
                index += 1
            char = text[at]
            at += 1
            if inside and opened[-1] == "'":
                end = text.find("'", at - 1)
                stop = size if end < 0 else end
                while index < len(places) and places[index] <= stop:
                    self.quoted.add(places[index])
                    index += 1
                at = stop + 1
                if end >= 0:
                    opened.pop()
            elif char == escape:
                if at < size and index < len(places) and places[index] == at:
                    if inside:
                        self.quoted.add(at)
                    index += 1
                at += 1
            elif char == '"':
                if inside:
                    opened.pop()
                else:
                    opened.append(char)
            elif char == "'" and not inside:
                opened.append(char)
            elif not is_shell:
                continue
            elif char == "(" and (text[at - 2 : at - 1] == "$" or not inside):
                opened.append(char)
            elif char == ")" and opened and opened[-1] == "(":
                opened.pop()
            elif char == "#" and not inside and (at == 1 or text[at - 2] in _BEFORE_COMMENT):
                self.comment = at - 1
                break
        self.balanced = not any(mark != "(" for mark in opened)
