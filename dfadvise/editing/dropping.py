"""Taking a command or a whole instruction out of the text, comments kept."""

from __future__ import annotations

from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand
    from dfadvise.source import Source
    from dfadvise.syntax.instructions import Instruction


def instruction(target: Instruction) -> Edit:
    """Delete an instruction with its lines; comments above it stay, blank lines around it become one."""
    source = target.file.source
    starts = source.starts
    first, below = target.line - 1, target.end_line
    if not first or _is_blank(source, first - 1):
        while below < len(starts) and _is_blank(source, below):
            below += 1
    if below >= len(starts) or starts[below] == len(source.text):
        while first > 1 and _is_blank(source, first - 1):
            first -= 1
    start = starts[first]
    end = starts[below] if below < len(starts) else len(source.text)
    if end == len(source.text) and not source.text.endswith("\n") and start:
        # The last line goes together with the line ending before it.
        start -= 2 if source.text[start - 2 : start] == "\r\n" else 1
        return Edit(Span(start, end), "")
    from dfadvise.editing.moving import end_of_gap

    end = end_of_gap(source, Span(start, end))
    return Edit(Span(start, end), "")


def strands_comment(target: Instruction) -> bool:
    """Whether a comment right above an instruction would be left to speak of what comes next."""
    lines = {comment.line for comment in target.comments}
    lines.difference_update(directive.line for directive in target.file.tree.directives)
    return target.line - 1 in lines


def _is_blank(source: Source, line: int) -> bool:
    """Whether a line, counted from 0, holds nothing."""
    starts = source.starts
    end = starts[line + 1] if line + 1 < len(starts) else len(source.text)
    return not source.text[starts[line] : end].strip()


def command(target: ShellCommand) -> Edit | None:
    """Take a command out of the `&&` chain of its RUN, or delete the RUN when it is all there is.

    Args:
        target: A command at the top level of a plain chain.

    Returns:
        A deletion; None where the command is part of something larger, or a comment would go with it.
    """
    script = target.script
    run = script.instruction
    if not target.is_simple or script.form != "shell" or run.heredocs or run.outer is not None:
        return None
    if not script.is_chain or target.item >= len(script.items) or target.wrappers:
        return None
    item = script.items[target.item]
    if item.kind != "command" or item.commands != [target]:
        return None
    if len(script.items) == 1:
        return None if run.inner_comments else instruction(run)
    if target.item:
        before = script.items[target.item - 1]
        span = Span(script.span(before.start, before.end).end, script.span(item.start, item.end).end)
    else:
        following = script.items[1]
        start = script.span(item.start, item.end).start
        span = Span(start, script.span(following.start, following.end).start)
    if any(span.start <= comment.span.start < span.end for comment in run.inner_comments):
        return None
    return Edit(span, "")
