"""Tables for a terminal, drawn by rich."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dfadvise.report.common import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    # The lines of a cell, or its only one.
    Cell = str | Sequence[str]


class Screen:
    """A page that is drawn piece by piece; nothing in a text can steer the terminal.

    Args:
        color: Whether to colour it.
        width: Columns of the terminal; None for one that is as wide as needed.
    """

    __slots__ = ("_console", "_out")

    def __init__(self, color: bool, width: int | None) -> None:
        self._out = StringIO()
        self._console = Console(
            file=self._out,
            width=width or 200,
            force_terminal=color,
            no_color=not color,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )

    def print(self, text: str = "", style: str = "") -> None:
        """Add a line."""
        self._console.print(_text(text, style))

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """Add a titled table.

        Args:
            title: Its title.
            columns: Their headings; those of numbers begin with `>`.
            rows: The cells.
        """
        table = Table(
            title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
        )
        for column in columns:
            right = column.startswith(">")
            table.add_column(
                column.removeprefix(">"),
                justify="right" if right else "left",
                overflow="fold",
                no_wrap=right,
            )
        for row in rows:
            table.add_row(*map(_text, row))
        self._console.print(table)

    def drawn(self) -> str:
        """The page, without blanks at the ends of lines."""
        return "".join(f"{line.rstrip()}\n" for line in self._out.getvalue().splitlines())


def _text(cell: Cell, style: str = "") -> Text:
    lines = [cell] if isinstance(cell, str) else cell
    return Text("\n".join(map(printable, lines)), style=style)
