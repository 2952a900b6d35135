from __future__ import annotations

from dfadvise.about.strays import comment_at
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Env, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

# With these the build, or the container, fails.
FAILS = frozenset(("FROM", "EXPOSE", "COPY", "ADD", "STOPSIGNAL", "USER"))
WHAT = {
    "ARG": "names of further arguments",
    "ENV": "part of the value",
    "LABEL": "part of the value",
    "WORKDIR": "part of the path",
    "USER": "part of the name",
    "VOLUME": "paths of further volumes",
    "COPY": "further paths",
    "ADD": "further paths",
    "EXPOSE": "further ports",
}


class TrailingComment(Rule):
    """Text behind a `#` on the line of an instruction is no comment.

    Why:
        Only a line that starts with `#` is a comment. Behind the arguments of an instruction it is data: a part of the
        value, a further path or port. Some instructions then fail, others do something nobody meant.

    Bad:
        FROM debian:12
        ENV LANG C.UTF-8 # for the tests
        WORKDIR /srv

    Good:
        FROM debian:12
        # for the tests
        ENV LANG C.UTF-8
        WORKDIR /srv

    Bad (the build fails):
        FROM debian:12
        EXPOSE 8080 # the web server

    Good (above it):
        FROM debian:12
        # the web server
        EXPOSE 8080

    Good (data):
        FROM debian:12
        ENV COLOUR=#ff8000 TITLE="C # D" PROMPT='# '
        LABEL description Ticket #12
        ADD https://github.com/example/tool.git#v1 /src/

    Good (a shell reads it):
        FROM debian:12
        RUN apt-get update # refreshes the lists

    Fix:
        unsafe: puts it on a line of its own above the instruction.
    """

    on = ("FROM", "ARG", "ENV", "LABEL", "EXPOSE", "COPY", "ADD", "WORKDIR", "USER", "VOLUME", "STOPSIGNAL")
    severity = "warning"
    mends_strays = True

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        bodies = [
            each.body.text for each in file.walk() if each.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
        ]
        return any(" #" in body or "\t#" in body for body in bodies)

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        text = instruction.body.text
        at = comment_at(instruction)
        if at is None:
            return
        keyword = instruction.keyword
        legacy = isinstance(instruction, (Env, Label)) and any(pair.legacy for pair in instruction.pairs)
        fails = keyword in FAILS or (isinstance(instruction, (Env, Label)) and not legacy)
        what = "taken for more pairs" if fails and keyword not in FAILS else WHAT.get(keyword, "part of it")
        shown = text[at : at + 40].rstrip() + ("…" if len(text) > at + 40 else "")
        message = f"`{shown}` is no comment here but {what}"
        span = instruction.body.span(at, len(text))
        yield self.finding(
            span,
            message,
            severity="error" if fails else None,
            fix=_fix(instruction, at),
            cause=("refused", id(instruction)),
        )


def _fix(instruction: Instruction, at: int) -> Fix | None:
    body, outer = instruction.body, instruction.outer or instruction
    source = outer.file.source
    if not body.is_contiguous(at, len(body.text)):
        return None
    above = outer.comments[-1] if outer.comments else None
    if above is not None and above.line == outer.line - 1 and ("ignore" in above.text or "check=" in above.text):
        return None
    span = body.span(at, len(body.text))
    start = span.start
    while source.text[start - 1] in " \t":
        start -= 1
    line = source.starts[outer.line - 1]
    indent = source.slice(Span(line, outer.name_span.start))
    comment = f"{indent}{body.text[at:].rstrip()}{source.newline}"
    edits = [Edit(Span(line, line), comment), Edit(Span(start, span.end), "")]
    return Fix("Put the comment on its own line", edits)
