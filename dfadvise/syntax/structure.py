"""The entries of dockerfile-parse's `structure`, made from a parsed file."""

from __future__ import annotations

from dfadvise.syntax.tokenizer import continued
from dfadvise.syntax.words import SPACES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.tokenizer import Tree

    Entry = dict[str, Any]


def entries(tree: Tree) -> list[tuple[Entry, Instruction | None]]:
    """The entries of a file in the library's order, each with its instruction; None for a comment.

    Comments within an instruction stand before it, and an instruction without a keyword has no entry.
    """
    text, starts = tree.source.text, [*tree.source.starts, len(tree.source.text)]
    found: list[tuple[Entry, Instruction | None]] = []
    comments = sorted(tree.comments, key=lambda comment: comment.line)
    at = 0
    for instruction in [*tree.instructions, None]:
        end = instruction.end_line if instruction else len(starts)
        while at < len(comments) and comments[at].line <= end:
            line = comments[at].line
            value = comments[at].text[1:].lstrip(SPACES)
            found.append((_entry("COMMENT", line, line, text[starts[line - 1] : starts[line]], value), None))
            at += 1
        if instruction is None or not instruction.keyword:
            continue
        inside = {comment.line for comment in instruction.inner_comments}
        lines = [line for line in range(instruction.line, end + 1) if line not in inside]
        content = "".join(text[starts[line - 1] : starts[line]] for line in lines)
        value = _value(tree, instruction, lines)
        found.append((_entry(instruction.keyword, instruction.line, end, content, value), instruction))
    return found


def _entry(instruction: str, line: int, end_line: int, content: str, value: str) -> Entry:
    return {
        "instruction": instruction,
        "startline": line - 1,
        "endline": end_line - 1,
        "content": content,
        "value": value,
    }


def _value(tree: Tree, instruction: Instruction, lines: list[int]) -> str:
    """What follows the keyword, flags included, and the heredocs behind it."""
    holder = instruction.innermost
    source = tree.source
    pieces: list[str] = []
    for line in lines:
        span = source.line_span(line)
        if not source.slice(span).strip(SPACES):
            continue
        cut, is_open = continued(source.text, span.start, span.end, tree.escape)
        pieces.append(source.text[span.start : cut])
        if not is_open:
            break
    value = "".join(pieces).strip(SPACES)[len(instruction.name) :].strip(SPACES)
    if not holder.heredocs:
        return value
    return value + "\n" + source.text[holder.heredocs[0].body_span.start : holder.heredocs[-1].end_span.end]
