from __future__ import annotations

from dfadvise.interpreters import shell_in_force
from dfadvise.knowledge.programs import SHELLS
from dfadvise.quoting import Quoting
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import CLASSES, Healthcheck, Onbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

# Characters of a word that somebody may have cut in two by mistake.
LONGEST = 80
COMMANDS = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"))


class BrokenContinuation(Rule):
    r"""A continued line joins what was not meant to be joined.

    Why:
        A `\` at the end of a line glues the next one to it, without a blank between them. One that was left behind
        makes the next instruction a part of this one. A `#` behind a command comments out all the lines that follow,
        since they are one line for the shell. The build often goes on, and something is missing.

    Bad (an instruction swallowed):
        FROM debian:12
        RUN apt-get update && \
            apt-get install -y curl \
        COPY app /usr/local/bin/app
        WORKDIR /srv

    Good:
        FROM debian:12
        RUN apt-get update && \
            apt-get install -y curl
        COPY app /usr/local/bin/app
        WORKDIR /srv

    Bad (commented out):
        FROM debian:12
        RUN apt-get update \
            && apt-get install -y curl  # for the health check \
            && rm -rf /var/lib/apt/lists/*

    Good (comment lines are taken out before the shell sees them):
        FROM debian:12
        RUN apt-get update \
            # for the health check
            && apt-get install -y curl \
            && rm -rf /var/lib/apt/lists/*

    Bad (two words fused):
        FROM debian:12
        RUN apt-get install -y \
            curl\
        wget

    Fixed:
        FROM debian:12
        RUN apt-get install -y \
            curl \
        wget

    Good (an address in two parts, quotes, a check):
        FROM debian:12
        RUN curl -fsSLO https://example.com/releases/\
        tool.tgz && printf 'a\n\
        b # no comment\n' > /f
        HEALTHCHECK --interval=5s \
            CMD test -f /f

    Fix:
        unsafe: deletes the `\` in front of an instruction, puts a blank between two words.
    """

    on = ("file",)
    severity = "error"

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        for instruction in file.instructions:
            if instruction.end_line > instruction.line:
                yield from self._instruction(instruction)

    def _instruction(self, outer: Instruction) -> Iterator[Finding]:
        inner = outer
        while isinstance(inner, Onbuild) and inner.inner is not None:
            inner = inner.inner
        body = inner.body
        text = body.text
        places = [at for at in body.at if 0 < at < len(text)]
        if inner.form == "exec" or not text:
            return
        shell = inner.keyword in COMMANDS
        quoting = Quoting(text, places, "\\" if shell else outer.file.escape, shell)
        if not quoting.balanced:
            return
        last = quoting.comment if quoting.comment is not None else len(text)
        if quoting.comment is not None:
            yield from self._commented_out(inner, quoting.comment, places)
        if body.origin[0] > inner.name_span.end and _starts_line(outer, body.origin[0]):
            places = [0, *places]
        swallowed = False
        for at in places:
            if at >= last or at in quoting.quoted:
                continue
            word = _word_at(text, at)
            if word in CLASSES and _is_alone(text, at, word) and not _is_expected(inner, body.locate(_skip(text, at))):
                # What follows belongs to the swallowed one.
                if not swallowed:
                    yield self._swallowed(inner, at, word)
                swallowed = True
            elif not swallowed and at and _are_fused(text, at):
                yield self._fused(inner, at)

    def _swallowed(self, inner: Instruction, at: int, word: str) -> Finding:
        body, source = inner.body, inner.file.source
        start = body.locate(_skip(body.text, at))
        fix = None
        before = body.locate(at - 1) + 1 if at else (inner.flags[-1].span.end if inner.flags else inner.name_span.end)
        gap = source.slice(Span(before, start))
        if gap.count(inner.file.escape) == 1 and "#" not in gap and gap.count("\n") == 1 and inner.outer is None:
            end = before + gap.index(inner.file.escape) + 1
            kept = before
            while kept > inner.name_span.end and source.text[kept - 1] in " \t":
                kept -= 1
            fix = Fix(f"Delete the {inner.file.escape}", [Edit(Span(kept, end), "")])
        message = f"{word} is part of the {inner.keyword} above it, which a `{inner.file.escape}` continues"
        related = [("continued from here", inner.name_span)]
        place = Span(start, start + len(word))
        return self.finding(place, message, inner.outer or inner, related=related, fix=fix)

    def _commented_out(self, inner: Instruction, comment: int, places: list[int]) -> Iterator[Finding]:
        text = inner.body.text
        lost = next((at for at in places if at > comment and text[at:].strip()), None)
        if lost is None or shell_in_force(inner)[0] not in SHELLS:
            return
        span = inner.body.span(comment, len(text[:lost].rstrip()))
        first = inner.body.locate(_skip(text, lost))
        end = inner.body.locate(len(text) - 1) + 1
        message = f"`#` comments out the rest of the {inner.keyword}, which is one line for the shell"
        yield self.finding(span, message, inner.outer or inner, related=[("never run", Span(first, end))])

    def _fused(self, inner: Instruction, at: int) -> Finding:
        text = inner.body.text
        start, end = at, at
        while start and not text[start - 1].isspace():
            start -= 1
        while end < min(len(text), at + LONGEST) and not text[end].isspace():
            end += 1
        place = inner.body.locate(at - 1) + 1
        message = f"the next line goes on without a blank, so this is the word `{text[start:end]}`"
        fix = Fix("Put a blank between the words", [Edit(Span(place, place), " ")])
        return self.finding(
            Span(inner.body.locate(start), place), message, inner.outer or inner, severity="warning", fix=fix
        )


def _starts_line(instruction: Instruction, offset: int) -> bool:
    """Whether the body begins on a later line than the keyword and the flags."""
    source = instruction.file.source
    return not source.slice(Span(source.starts[source.line(offset) - 1], offset)).strip()


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _word_at(text: str, at: int) -> str:
    start = _skip(text, at)
    end = start
    # The longest keyword has eleven letters.
    while end < len(text) and end < start + 12 and text[end] not in " \t":
        end += 1
    return text[start:end]


def _is_alone(text: str, at: int, word: str) -> bool:
    """Whether a keyword begins its line as a word of its own and something follows it."""
    end = _skip(text, at) + len(word)
    return end < len(text) and (at == 0 or text[at] in " \t" or text[at - 1] in " \t") and bool(text[end:].strip())


def _is_expected(inner: Instruction, place: int) -> bool:
    """Whether a keyword is where the instruction wants one: CMD of a HEALTHCHECK, the body of an ONBUILD."""
    return isinstance(inner, Healthcheck) and inner.kind_span.start == place


def _are_fused(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if not before.isalnum() or not (after.isalnum() or (after == "-" and text[at + 1 : at + 2].strip("-0123456789"))):
        return False
    # Addresses, paths and long values are split on purpose.
    word = text[max(0, at - LONGEST) : at].replace("\t", " ").rpartition(" ")
    return bool(word[1]) and not any(char in word[2] for char in "/=:$")
