"""How a RUN breaks its chain of commands over lines: the side of the `&&`, the indent, the column."""

from __future__ import annotations

from dfadvise.memory import remembered
from dfadvise.source import Span
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_RUNS = 200  # of a file that are looked at


class Shape:
    """A way to break a chain.

    Attributes:
        leading: Whether the `&&` starts the next line rather than ends this one.
        indent: The blanks at the start of the next line.
        pad: The blanks before the `&&` or the continuation that ends a line.
        inner: The blanks on the far side of the `&&`.
        column: The column at which what ends the lines is aligned; None where it is not.
    """

    __slots__ = ("column", "indent", "inner", "leading", "pad")

    def __init__(
        self, leading: bool = True, indent: str = "    ", pad: str = " ", inner: str = " ", column: int | None = None
    ) -> None:
        self.leading = leading
        self.indent = indent
        self.pad = pad
        self.inner = inner
        self.column = column

    @property
    def lead(self) -> str:
        """What stands before the command on the next line."""
        return f"{self.indent}&&{self.inner}" if self.leading else self.indent

    def gap(self, run: Run, width: int | None = None, comments: Sequence[str] = ()) -> str:
        """The text between two commands.

        Args:
            run: The RUN, for its escape character and line ending.
            width: Where the line before it ends, counted from 0, to keep a column; None where there is none to keep.
            comments: Whole lines to put between.
        """
        pad = self.pad
        if self.column is not None and width is not None:
            pad = " " * max(1, self.column - width)
        escape = run.file.escape
        if self.leading:
            first = pad + escape
        else:
            first = f"{pad}&&{self.inner}{escape}"
        return run.file.source.newline.join((first, *comments, self.lead))


def shape_of(runs: Sequence[Run]) -> Shape:
    """The shape that RUNs have or are to have: that of the first one that shows one, else the file's.

    Args:
        runs: One RUN or more, of one file.
    """
    for run in runs:
        found = _most(list(_shapes(run)))
        if found is not None:
            return found
    usual = _usual(runs[0])
    indent = next((indent for indent in map(_indent, runs) if indent is not None), None)
    if indent is None:
        own = runs[0].file.source.line_text((runs[0].outer or runs[0]).line)
        indent = own[: len(own) - len(own.lstrip())] + usual.indent
    return Shape(usual.leading, indent, usual.pad, usual.inner)


def _usual(run: Run) -> Shape:
    """What the file does elsewhere."""
    memo = remembered(run.file)
    if "chainshape" not in memo:
        runs = [each for each in run.file.walk() if isinstance(each, Run) and not each.heredocs][:_MOST_RUNS]
        found = _most([shape for each in runs for shape in _shapes(each)])
        if found is None:
            indents = [indent for indent in map(_indent, runs) if indent]
            found = Shape(indent=max(indents, key=indents.count) if indents else "    ")
        memo["chainshape"] = found
    shape: Shape = memo["chainshape"]
    return shape


def _most(shapes: list[Shape]) -> Shape | None:
    """The most frequent shape, of those as frequent the last."""
    if not shapes:
        return None
    keys = [(each.leading, each.indent) for each in shapes]
    place = max(range(len(keys)), key=lambda at: (keys.count(keys[at]), at))
    found = shapes[place]
    columns = [each.column for each, key in zip(shapes, keys, strict=True) if key == keys[place]]
    wide = [each for each, key in zip(shapes, keys, strict=True) if key == keys[place] and len(each.pad) > 1]
    column = max(columns, key=columns.count)
    if not wide:
        return Shape(found.leading, found.indent, found.pad, found.inner)
    # Blanks that end at one column are for that; elsewhere they are chance.
    return Shape(found.leading, found.indent, " ", found.inner, column if columns.count(column) > 1 else None)


def _shapes(run: Run) -> Iterator[Shape]:
    """The shapes of the line breaks at the `&&` of a RUN."""
    if run.form != "shell" or len(run.scripts) != 1 or run.scripts[0].opaque or run.heredocs:
        return
    script, source, escape = run.scripts[0], run.file.source, run.file.escape
    for before, after in zip(script.items, script.items[1:], strict=False):
        if before.after != "&&":
            continue
        end, start = script.span(before.start, before.end).end, script.span(after.start, after.end).start
        gap = source.slice(Span(end, start))
        if gap.count("\n") != 1 or gap.replace(escape, "", 1).strip() != "&&":
            continue
        line, _, indent = gap.partition("\n")
        leading = "&&" in indent
        mark = escape if leading else "&&"
        pad, _, inner = line.partition(mark)
        column = end - source.starts[source.line(end) - 1] + len(pad)
        if leading:
            indent, _, inner = indent.partition("&&")
        else:
            inner = inner.partition(escape)[0]
        yield Shape(leading, indent, pad, inner, column)


def _indent(run: Run) -> str | None:
    """The indent of the first continued line of a RUN; None without one."""
    source = run.file.source
    if run.heredocs:
        return None
    for line in range(run.line + 1, run.end_line + 1):
        text = source.line_text(line)
        bare = text.lstrip()
        if bare and not bare.startswith("#"):
            return text[: len(text) - len(bare)]
    return None
