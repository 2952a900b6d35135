"""Edits that change the order of instructions: whole lines move, with the comments right above them."""

from __future__ import annotations

from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.source import Source
    from dfadvise.syntax.instructions import Instruction


def first_line(instruction: Instruction) -> int:
    """The first line of an instruction and of the comments that are its own, counted from 1.

    Those right above it are, and in a file with blank lines everywhere those a blank line away.
    """
    source = instruction.file.source
    comments = {comment.line for comment in instruction.comments}
    line = instruction.line
    above = line - 1
    if above > 1 and above not in comments and _is_blank(source, above) and _stands_alone(instruction):
        while above > 1 and _is_blank(source, above):
            above -= 1
        line = above + 1 if above in comments else line
    while line - 1 in comments and source.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    return line


def _stands_alone(instruction: Instruction) -> bool:
    """Whether a blank line or the end of the file stands below an instruction: a comment above heads no group."""
    source = instruction.file.source
    below = instruction.end_line + 1
    return below > len(source.starts) or _is_blank(source, below)


def _is_blank(source: Source, line: int) -> bool:
    return not source.line_text(line).strip()


def has_comment(instruction: Instruction) -> bool:
    """Whether an instruction has a comment of its own, which has no sense without it."""
    return first_line(instruction) < instruction.line


def block(instruction: Instruction) -> Span:
    """The lines of an instruction with the comments that are its own, line ending included."""
    source = instruction.file.source
    starts = source.starts
    end = starts[instruction.end_line] if instruction.end_line < len(starts) else len(source.text)
    return Span(starts[first_line(instruction) - 1], end)


def before(instruction: Instruction, lines: Iterable[str]) -> Edit:
    """Insert lines above an instruction and its comments, apart from the latter where those are from what is above."""
    source = instruction.file.source
    first = first_line(instruction)
    at = source.starts[first - 1]
    text = "".join(line + source.newline for line in lines)
    apart = text and first < instruction.line and first > 1 and _is_blank(source, first - 1)
    return Edit(Span(at, at), text + source.newline if apart else text)


def above(instruction: Instruction, moved: Instruction) -> list[Edit]:
    """Move an instruction right above a later one, with its comments."""
    source = instruction.file.source
    content = source.slice(block(moved))
    if has_comment(instruction) and _ends_block(source, moved.end_line):
        content += source.newline
    at = source.starts[first_line(instruction) - 1]
    return [*_taken([moved]), Edit(Span(at, at), content)]


def below(instruction: Instruction, moved: Iterable[Instruction]) -> list[Edit]:
    """Move instructions that stand above another one right below it, in their order; blank lines stay between them."""
    moved = list(moved)
    source = instruction.file.source
    text = source.text
    spans = [block(each) for each in moved]
    parts: list[str] = []
    for place, span in enumerate(spans):
        if place and spans[place - 1].end != span.start and _ends_block(source, moved[place - 1].end_line):
            parts.append(source.newline)
        parts.append(text[span.start : span.end])
    content = "".join(parts)
    apart = bool(moved) and _ends_block(source, moved[-1].end_line)
    if apart:
        content = source.newline + content
    at = block(instruction).end
    if at == len(text) and not text.endswith("\n"):
        # The last line has no line ending; it stays so.
        content = source.newline + content.removesuffix("\n").removesuffix("\r")
    elif apart and at < len(text) and not _ends_block(source, instruction.end_line):
        content += source.newline
    return [*_taken(moved), Edit(Span(at, at), content)]


def _ends_block(source: Source, line: int) -> bool:
    """Whether a blank line stands below a line."""
    return line < len(source.starts) and line + 1 <= len(source.starts) and _is_blank(source, line + 1)


def _taken(moved: Iterable[Instruction]) -> list[Edit]:
    """The deletions of instructions with their comments, and with the blank lines that would be too many."""
    edits: list[Edit] = []
    spans: list[Span] = []
    source: Source | None = None
    for each in moved:
        source = each.file.source
        span = block(each)
        if spans and spans[-1].end == span.start:
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            spans.append(span)
    if source is not None:
        edits.extend(Edit(Span(span.start, end_of_gap(source, span)), "") for span in spans)
    return edits


def end_of_gap(source: Source, span: Span) -> int:
    """The end of whole lines that go, with the blank lines below them where one stands above them too.

    Args:
        source: The file's text.
        span: The lines, line ending included.
    """
    first = source.line(span.start)
    end = span.end
    if first > 1 and not _is_blank(source, first - 1):
        return end
    text = source.text
    while end < len(text):
        line = source.line(end)
        if not _is_blank(source, line):
            break
        end = source.starts[line] if line < len(source.starts) else len(text)
    return end
