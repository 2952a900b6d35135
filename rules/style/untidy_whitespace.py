from __future__ import annotations

from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import bodies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

TRAILING, EOL = "tally:no-trailing-spaces", "tally:eol-last"
EMPTY, BETWEEN = "tally:no-multiple-empty-lines", "tally:newline-between-instructions"
SPACES, INDENT = "tally:no-multi-spaces", "tally:consistent-indentation"


class UntidyWhitespace(Rule):
    r"""Blanks and empty lines that nobody sees, or that look different from one line to the next.

    Why:
        They show up as changes in reviews, and a blank behind a `\` that looks like one more continuation makes readers
        stop.

    Bad (several blanks, several empty lines):
        FROM debian:12
        RUN   apt-get update



        RUN apt-get install -y curl

    Fixed:
        FROM debian:12
        RUN apt-get update

        RUN apt-get install -y curl

    Good (aligned):
        FROM debian:12
        RUN apt-get update \
            && apt-get install -y curl

    Good (inside a heredoc, in quotes):
        FROM debian:12
        COPY <<EOF /etc/motd
        hello


           world
        EOF
        RUN echo "a   b"

    Fix:
        safe: deletes what is too much, adds the line end; never inside heredocs. Indentation stays as it is.

    Variants:
        not no-newline: the missing line end is a finding
    """

    on = ("file",)
    severity = "style"
    default = "off"
    aliases = (TRAILING, EOL, EMPTY, BETWEEN, SPACES, INDENT)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        text = file.source.text
        if not text or file.tree.problems:
            return
        documents = _documents(file)
        yield from self._lines(file, documents)
        if not text.endswith("\n"):
            end = Span(len(text), len(text))
            fix = Fix("End the last line", [Edit(end, file.source.newline)], "safe")
            yield self.finding(end, "no line end at the end of the file", aliases=(EOL,), fix=fix)
        for instruction in file.instructions:
            yield from self._indentation(instruction, documents)
            for each in (instruction, *bodies(instruction)):
                yield from self._keyword(each)

    def _lines(self, file: Dockerfile, documents: set[int]) -> Iterator[Finding]:
        source = file.source
        inside = {line for i in file.instructions for line in range(i.line, i.end_line + 1)}
        empty = 0
        for line in range(1, len(source.starts) + 1):
            span = source.line_span(line)
            if line in documents or (span.start == span.end == len(source.text)):
                yield from self._empty(file, line, empty)
                empty = 0
                continue
            held = source.slice(span)
            kept = held.rstrip(" \t")
            if len(kept) < len(held):
                blanks = Span(span.start + len(kept), span.end)
                fix = Fix("Delete the blanks", [Edit(blanks, "")], "safe")
                yield self.finding(blanks, "blanks at the end of the line", aliases=(TRAILING,), fix=fix)
            if kept or line in inside:
                yield from self._empty(file, line, empty)
                empty = 0
            else:
                empty += 1

    def _empty(self, file: Dockerfile, line: int, count: int) -> Iterator[Finding]:
        """Several empty lines right before a line."""
        if count < 2:
            return
        source = file.source
        span = Span(source.starts[line - count], source.starts[line - 1])
        fix = Fix("Leave one empty line", [Edit(span, "")], "safe")
        first, last = file.instructions[0].line, file.instructions[-1].end_line
        aliases = (EMPTY, BETWEEN) if first < line - count and line <= last else (EMPTY,)
        yield self.finding(span, f"{count} empty lines in a row", aliases=aliases, fix=fix)

    def _keyword(self, instruction: Instruction) -> Iterator[Finding]:
        text, start = instruction.file.source.text, instruction.name_span.end
        end = start
        while end < len(text) and text[end] in " \t":
            end += 1
        if text[start:end] in ("", " ") or text[end : end + 1] in ("", "\r", "\n", instruction.file.escape):
            return
        blanks = Span(start, end)
        fix = Fix("Leave one blank", [Edit(blanks, " ")], "safe")
        message = f"several blanks behind {instruction.name}"
        outer = instruction.outer or instruction
        yield self.finding(blanks, message, outer, aliases=(SPACES,), fix=fix)

    def _indentation(self, instruction: Instruction, documents: set[int]) -> Iterator[Finding]:
        if instruction.end_line == instruction.line:
            return
        source = instruction.file.source
        first = ""
        for line in range(instruction.line + 1, instruction.end_line + 1):
            held = source.line_text(line)
            indent = held[: len(held) - len(held.lstrip(" \t"))]
            if not indent or line in documents or indent == held:
                continue
            kind = "mixed" if " " in indent.lstrip("\t") and "\t" in indent else indent[0]
            first = first or kind
            if kind != first or kind == "mixed":
                start = source.starts[line - 1]
                message = "continued lines are indented by tabs and by blanks"
                place = Span(start, start + len(indent))
                yield self.finding(place, message, instruction, aliases=(INDENT,))
                return


def _documents(file: Dockerfile) -> set[int]:
    """The lines of heredoc bodies, their last lines included."""
    found: set[int] = set()
    source = file.source
    for instruction in file.walk():
        for heredoc in instruction.heredocs:
            found.update(range(source.line(heredoc.body_span.start), source.line(heredoc.end_span.start) + 1))
    return found
