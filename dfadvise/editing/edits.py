"""Edits on the words of a command that keep everything around them: style, continuations, comments, line endings."""

from __future__ import annotations

from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import Item, Script, ShellCommand, ShellWord
    from dfadvise.source import Source


def stands_in_file(word: ShellWord) -> bool:
    """Whether a word stands in the file character by character, so that an edit at it has a place."""
    script = word.script
    if not script.joined.is_contiguous(word.start, word.end):
        return False
    return script.instruction.file.source.slice(word.span) == word.raw


def is_literal(word: ShellWord) -> bool:
    """Whether a word stands in the file and holds neither variables nor substitutions."""
    return word.text is not None and "$" not in word.raw and "`" not in word.raw and stands_in_file(word)


def behind(word: ShellWord, text: str) -> Edit | None:
    """Put one more word behind a word.

    Args:
        word: A word of a command, not from a variable.
        text: The new word as plain text: an option such as `--no-cache`.

    Returns:
        An insertion; None where the word does not stand in the file as it is, or stands in a text for another shell.
    """
    if not is_literal(word) or word.script.form == "nested":
        return None
    at = word.span.end
    new = f', "{text}"' if word.script.form == "exec" else " " + text
    return Edit(Span(at, at), new)


def without(command: ShellCommand, word: ShellWord) -> Edit | None:
    """Take a word out of its command, with the blanks or the continuation before it.

    Args:
        command: The command.
        word: One of its words, not the program.

    Returns:
        A deletion; None where that would take a comment along, or the words do not stand in the file as they are.
    """
    place = command.words.index(word)
    if not place or not is_literal(word):
        return None
    before = command.words[place - 1]
    if before.script is not word.script or not stands_in_file(before) or before.span.end > word.span.start:
        return None
    file = word.script.instruction.file
    gap = file.source.slice(Span(before.span.end, word.span.start))
    allowed = " \t\r\n" + (",\"'" if word.script.form == "exec" else file.escape)
    if gap.strip(allowed):
        return None
    return Edit(Span(before.span.end, word.span.end), "")


def top_level(command: ShellCommand) -> tuple[ShellCommand, Item] | None:
    """The command in the script of the instruction that a command is run by, and its top-level part.

    Args:
        command: Any command, also one inside `sh -c`.

    Returns:
        None in exec form, which has no such parts.
    """
    while command.parent is not None:
        command = command.parent
    script = command.script
    if script.form == "exec" or command.item >= len(script.items):
        return None
    return command, script.items[command.item]


def append(command: ShellCommand, text: str, at_end: bool = False) -> Edit | None:
    """Run one more command behind another, in the style of its RUN.

    Only where a failure before it still stops the build: where `&&` joins all, or under `set -e`.

    Args:
        command: The command; the new one goes behind the whole top-level part that it is in.
        text: The new command on one line.
        at_end: Put it at the end of the RUN instead.

    Returns:
        An insertion; None in exec form, beside heredocs of a command, in functions, and where nothing stops a failure.
    """
    found = top_level(command)
    if found is None:
        return None
    outer, item = found
    script = outer.script
    if script.opaque or "function" in outer.contexts:
        return None
    if script.form != "heredoc" and script.instruction.heredocs:
        return None
    place = len(script.items) - 1 if at_end else outer.item
    item = script.items[place]
    if item.after not in ("", "&&", ";"):
        return None
    chained = all(each.before in ("", "&&") and each.after in ("", "&&") for each in script.items)
    if chained or item.after == "&&":
        joined_by = "&&"
        if not chained and not outer.errexit:
            return None
    elif outer.errexit:
        # `a && b` under `set -e` does not stop at a failing `a`, so the new command must not join a chain's end; but
        # behind the last chain it must, or that failure would no longer be the end of the RUN.
        joined_by = "&&" if item.before == "&&" and place + 1 == len(script.items) else ";"
    else:
        return None
    end = script.span(item.start, item.end).end
    separator = _separator(script, place, joined_by)
    if place + 1 < len(script.items):
        source = script.instruction.file.source
        following = script.span(script.items[place + 1].start, script.items[place + 1].end).start
        gap = source.slice(Span(end, following))
        if _is_aligned(gap) and gap.count("\n") == 1 and _is_plain(gap, joined_by, script.instruction.file.escape):
            fitted = _fitted(gap, _column(source, end), source, following, len(text))
            return Edit(Span(following, following), text + fitted)
        if joined_by != ";":
            return Edit(Span(end, end), separator + text)
        if gap.count("\n") > 1 and "#" not in gap:
            # The operator has a line of its own, as in the build files of the official images.
            return Edit(Span(following, following), text + separator)
    return Edit(Span(end, end), separator + text)


def _separator(script: Script, place: int, joined_by: str) -> str:
    """What the script puts between commands: the nearest one with a line break, else one made to fit."""
    items = script.items
    file = script.instruction.file
    source = file.source
    inline = ""
    for distance in range(len(items)):
        for at in {place - 1 - distance, place + distance}:
            if not 0 <= at < len(items) - 1 or (items[at].after or ";") != joined_by:
                continue
            end = script.span(items[at].start, items[at].end).end
            gap = source.slice(Span(end, script.span(items[at + 1].start, items[at + 1].end).start))
            if not _is_plain(gap, joined_by, file.escape):
                continue
            if gap.count("\n") == 1:
                return _fitted(gap, _column(source, end), source, script.span(items[place].start, items[place].end).end)
            inline = inline or gap
    first = script.span(items[0].start, items[0].end).start
    end = script.span(items[place].start, items[place].end).end
    if "\n" not in source.slice(Span(first, end)):
        return inline or (" && " if joined_by == "&&" else "; ")
    line = source.line_text(source.line(end))
    indent = line[: len(line) - len(line.lstrip())] or "    "
    if script.form == "heredoc":
        return " && " if joined_by == "&&" else source.newline + line[: len(line) - len(line.lstrip())]
    if joined_by == "&&":
        return f" {file.escape}{source.newline}{indent}&& "
    return f"; {file.escape}{source.newline}{indent}"


def _fitted(gap: str, before: int, source: Source, offset: int, more: int = 0) -> str:
    """What stands between two commands as it has to be elsewhere: blanks up to a column, none at the line's end.

    Args:
        gap: The text between the commands.
        before: The column where it stands.
        source: The file.
        offset: Where it is wanted.
        more: The length of what comes there before it.
    """
    line, newline, rest = gap.partition("\n")
    shown = line.strip()
    padding = line[: len(line) - len(line.lstrip(" \t"))]
    if _is_aligned(gap):
        column = before + len(padding)
        number = source.line(offset)
        above = source.line_text(number - 1).rstrip() if number > 1 else ""
        if above.endswith(" " + shown):
            column = len(above) - len(shown)
        padding = " " * max(1, column - _column(source, offset) - more)
    ending = "\r" if line.endswith("\r") else ""
    return padding + shown + ending + newline + rest


def _is_aligned(gap: str) -> bool:
    """Whether blanks bring the operator or the continuation behind a command to a column."""
    return gap.startswith("  ")


def _column(source: Source, offset: int) -> int:
    return offset - source.starts[source.line(offset) - 1]


def _is_plain(gap: str, joined_by: str, escape: str) -> bool:
    """Whether the text between two commands is nothing but blanks, the operator and at most one continuation."""
    rest = gap.replace(escape, "", 1).strip()
    return rest == joined_by or (not rest and joined_by == ";" and gap.count("\n") == 1)


def move(command: ShellCommand, before: ShellCommand) -> list[Edit]:
    """Move a command of one RUN to the front of a command in a later one, both in plain chains.

    Args:
        command: The command; its RUN goes when it is all of it.
        before: The command that it is to stand before.

    Returns:
        A deletion and an insertion; nothing where one of them has no place of its own.
    """
    found, goal = top_level(command), top_level(before)
    if found is None or goal is None:
        return []
    script, target = found[0].script, goal[0].script
    if not script.is_chain or not target.is_chain or script.form != "shell" or target.form != "shell":
        return []
    source = script.instruction.file.source
    text = source.slice(found[0].span)
    if "\n" in text or found[0].contexts or found[1].kind != "command":
        return []
    gone = _taken_out(script, found[0].item)
    if gone is None:
        return []
    at = target.span(goal[1].start, goal[1].end).start
    return [gone, Edit(Span(at, at), text + " && ")]


def _taken_out(script: Script, place: int) -> Edit | None:
    """The deletion of a top-level part of a chain, with the instruction where it is the only one."""
    items = script.items
    instruction = script.instruction
    source = instruction.file.source
    if len(items) == 1:
        if "#" in source.slice(instruction.span) or instruction.heredocs or instruction.outer is not None:
            return None
        end = source.starts[instruction.end_line] if instruction.end_line < len(source.starts) else len(source.text)
        return Edit(Span(source.starts[instruction.line - 1], end), "")
    spans = [script.span(item.start, item.end) for item in items]
    if place:
        start, end = spans[place - 1].end, spans[place].start
        cut = Span(start, spans[place].end)
    else:
        start, end = spans[place].end, spans[place + 1].start
        cut = Span(spans[place].start, end)
    gap = source.slice(Span(start, end))
    return Edit(cut, "") if _is_plain(gap, "&&", instruction.file.escape) else None
