"""Edits that change the order of instructions: whole lines move, with the comments right above them."""

from __future__ import annotations

from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.syntax.instructions import Instruction


def first_line(instruction: Instruction) -> int:
    """The first line of an instruction and of the comments right above it, counted from 1."""
    source = instruction.file.source
    comments = {comment.line for comment in instruction.comments}
    line = instruction.line
    while line - 1 in comments and source.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    return line


def has_comment(instruction: Instruction) -> bool:
    """Whether a comment stands right above an instruction: it speaks of it, and has no sense without it."""
    return first_line(instruction) < instruction.line


def block(instruction: Instruction) -> Span:
    """The lines of an instruction with the comments right above it, line ending included."""
    source = instruction.file.source
    starts = source.starts
    end = starts[instruction.end_line] if instruction.end_line < len(starts) else len(source.text)
    return Span(starts[first_line(instruction) - 1], end)


def before(instruction: Instruction, lines: Iterable[str]) -> Edit:
    """Insert lines above an instruction and its comments."""
    source = instruction.file.source
    at = source.starts[first_line(instruction) - 1]
    return Edit(Span(at, at), "".join(line + source.newline for line in lines))


def below(instruction: Instruction, moved: Iterable[Instruction]) -> list[Edit]:
    """Move instructions that stand above another one right below it, in their order."""
    source = instruction.file.source
    text = source.text
    edits: list[Edit] = []
    parts: list[str] = []
    for each in moved:
        span = block(each)
        parts.append(text[span.start : span.end])
        edits.append(Edit(Span(span.start, _end_of_gap(text, span)), ""))
    at = block(instruction).end
    content = "".join(parts)
    if at == len(text) and not text.endswith("\n"):
        # The last line has no line ending; it stays so.
        content = source.newline + content.removesuffix("\n").removesuffix("\r")
    edits.append(Edit(Span(at, at), content))
    return edits


def _end_of_gap(text: str, span: Span) -> int:
    """The end of a block that goes, with the blank line behind it where one stands before it too."""
    for newline in ("\r\n", "\n"):
        above = text[: span.start].endswith(newline * 2)
        if above and text.startswith(newline, span.end):
            return span.end + len(newline)
    return span.end
