"""Taking a flag, a `key=value` pair or a word out of an instruction, with the blanks or the continuation beside it."""

from __future__ import annotations

from dfadvise.editing import dropping
from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.instructions import Arg, Env, Flag, Instruction, Label, Pair, Word

# Nobody takes one of more parts out by hand, and a search for each of them would take long.
MOST = 200


def flag(instruction: Instruction, target: Flag) -> Edit | None:
    """Delete a flag.

    Args:
        instruction: The instruction.
        target: One of its flags.

    Returns:
        A deletion; None where a comment would go with it.
    """
    place = instruction.flags.index(target)
    before = instruction.flags[place - 1].span.end if place else instruction.name_span.end
    return _deletion(instruction, before, target.span.start, Span(before, target.span.end))


def pair(instruction: Arg | Env | Label, target: Pair) -> Edit | None:
    """Delete a pair, or the whole instruction when it is the only one; see `flag`."""
    if len(instruction.pairs) > MOST:
        return None
    return _part(instruction, [each.span for each in instruction.pairs], instruction.pairs.index(target))


def word(instruction: Instruction, target: Word) -> Edit | None:
    """Delete one of the words of an instruction such as EXPOSE, or the whole instruction; see `flag`."""
    if len(instruction.args) > MOST:
        return None
    return _part(instruction, [each.span for each in instruction.args], instruction.args.index(target))


def _part(instruction: Instruction, spans: list[Span], place: int) -> Edit | None:
    if len(spans) == 1:
        whole = instruction.outer or instruction
        return None if whole.inner_comments else dropping.instruction(whole)
    if place:
        before = spans[place - 1].end
        return _deletion(instruction, before, spans[place].start, Span(before, spans[place].end))
    start, after = spans[0].start, spans[1].start
    return _deletion(instruction, spans[0].end, after, Span(start, after))


def _deletion(instruction: Instruction, gap_start: int, gap_end: int, span: Span) -> Edit | None:
    gap = instruction.file.source.slice(Span(gap_start, gap_end))
    return None if gap.strip(" \t\r\n" + instruction.file.escape) else Edit(span, "")
