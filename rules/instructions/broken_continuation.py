from __future__ import annotations

from dfadvise.about.strays import joins, skip_blanks
from dfadvise.knowledge.programs import SHELLS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.interpreters import shell_in_force
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.about.strays import Joins
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

# Characters of a word that somebody may have cut in two by mistake.
LONGEST = 80


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
    mends_strays = True

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.syntax.instructions import bodies

        for outer in file.instructions:
            if outer.end_line == outer.line:
                continue
            for each in [outer, *bodies(outer)][-1:]:
                body = each.body.text
                if "#" in body:
                    return True
                for at in each.body.at:
                    # A keyword behind the continuation, or letters on both of its sides.
                    following = body[at : at + 40].split(None, 1)
                    if not following or following[0].isupper():
                        return True
                    if at and body[at - 1].isalnum() and (body[at].isalnum() or body[at] == "-"):
                        return True
        return False

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        for instruction in file.instructions:
            found = joins(instruction)
            if found is not None:
                yield from self._instruction(found)

    def _instruction(self, found: Joins) -> Iterator[Finding]:
        inner, comment = found.inner, found.quoting.comment
        if comment is not None:
            yield from self._commented_out(inner, comment, inner.body.at)
        swallowed = False
        for at in found.places:
            word = found.keyword_at(at)
            if word is not None:
                # What follows belongs to the swallowed one.
                if not swallowed:
                    yield self._swallowed(inner, at, word)
                swallowed = True
            elif not swallowed and at and _are_fused(inner.body.text, at):
                yield self._fused(inner, at)

    def _swallowed(self, inner: Instruction, at: int, word: str) -> Finding:
        body, source = inner.body, inner.file.source
        start = body.locate(skip_blanks(body.text, at))
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
        cause = ("refused", id(inner))
        return self.finding(place, message, inner.outer or inner, related=related, fix=fix, cause=cause)

    def _commented_out(self, inner: Instruction, comment: int, places: Iterable[int]) -> Iterator[Finding]:
        text = inner.body.text
        lost = next((at for at in places if at > comment and text[at:].strip()), None)
        if lost is None or shell_in_force(inner)[0] not in SHELLS:
            return
        span = inner.body.span(comment, len(text[:lost].rstrip()))
        first = inner.body.locate(skip_blanks(text, lost))
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


def _are_fused(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if not before.isalnum() or not (after.isalnum() or (after == "-" and text[at + 1 : at + 2].strip("-0123456789"))):
        return False
    # Addresses, paths and long values are split on purpose.
    word = text[max(0, at - LONGEST) : at].replace("\t", " ").rpartition(" ")
    return bool(word[1]) and not any(char in word[2] for char in "/=:$")
