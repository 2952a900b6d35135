from __future__ import annotations

from dfadvise.about.strays import comment_at
from dfadvise.knowledge.programs import BUILTINS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import bodies
from dfadvise.syntax.validate import validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.validate import Refusal

_SIGNERS = frozenset(("gpg", "gpg2"))
ALIASES = {
    "parser": ("sonar:S2260",),
    "keyword": ("sonar:S2260", "tally:unknown-instruction"),
    "onbuild": ("DL3043", "kics:408460f2", "tally:invalid-onbuild-trigger"),
}


class SyntaxError(Rule):
    r"""BuildKit refuses the file.

    Why:
        The build stops before it has begun. Everything else in the file is still looked at.

    Bad (an unknown keyword):
        FROM debian:12
        RUM echo hello

    Good:
        FROM debian:12
        RUN echo hello

    Bad (an unknown flag):
        FROM debian:12 AS build
        RUN echo hello > /hello
        FROM scratch
        COPY --form=build /hello /hello

    Good (a known one):
        FROM debian:12 AS build
        RUN echo hello > /hello
        FROM scratch
        COPY --from=build /hello /hello

    Bad (no FROM):
        LABEL org.opencontainers.image.title="hello"
        RUN echo hello

    Good (ARG may stand before FROM):
        ARG SUITE=bookworm
        FROM debian:${SUITE}

    Bad (an open quote):
        FROM debian:12
        ENV GREETING="hello

    Good (an apostrophe in quotes):
        FROM debian:12
        ENV GREETING="it's me"

    Fix:
        unsafe: the keyword or flag that is nearest to what is written.
    """

    on = ("file",)
    severity = "error"
    mends_strays = True
    aliases = (
        *("DL1000", "DL3061", "kics:52e2b1c6", "kics:19619060", "tally:require-stages"),
        *("DL3043", "kics:408460f2", "tally:invalid-onbuild-trigger", "sonar:S2260", "tally:unknown-instruction"),
    )
    # What these say about the same place, they say better.
    yields_to = ("invalid-expose", "invalid-base-image", "trailing-comment", "broken-continuation")

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        for refusal in validate(file):
            span, instruction = refusal.span, refusal.instruction
            aliases = () if refusal.deferred else ("DL1000", *ALIASES.get(refusal.code, ()))
            about = instruction or _at(file, span)
            cause: object = ("refused", id(about)) if about is not None else None
            if refusal.code == "keyword":
                cause = None  # that it goes on over the next line is another fact
            elif refusal.code == "no-stage":
                aliases += ("DL3061", "kics:52e2b1c6") if file.stages or not _begins_with_arg(file) else ()
                if not file.stages:
                    # It is about the file as a whole.
                    aliases += ("kics:19619060", "tally:require-stages")
                    span = Span(0, max(1, file.source.line_span(1).end)) if file.source.text else Span(0, 0)
            elif refusal.code == "port" and not _is_stray(instruction, span):
                cause = ("expose", span.start)
            elif refusal.code == "image":
                cause = ("base", id(instruction))
            message = refusal.message
            if refusal.deferred:
                message += " (in the child image)"
            outer = (instruction.outer or instruction) if instruction is not None else None
            yield self.finding(span, message, outer, aliases=aliases, fix=_fix(file, refusal), cause=cause)


def _at(file: Dockerfile, span: Span) -> Instruction | None:
    """The instruction that the parser stopped in, without the ONBUILDs around it."""
    found = next((each for each in file.instructions if each.span.start <= span.start < each.span.end), None)
    return [found, *bodies(found)][-1] if found is not None else None


def _is_stray(instruction: Instruction | None, span: Span) -> bool:
    """Whether a place is in what was meant as a comment."""
    at = comment_at(instruction) if instruction is not None else None
    return instruction is not None and at is not None and span.start >= instruction.body.locate(at)


def _begins_with_arg(file: Dockerfile) -> bool:
    return file.instructions[0].keyword == "ARG"


def _fix(file: Dockerfile, refusal: Refusal) -> Fix | None:
    from dfadvise.managers.programs import is_known_program

    written = file.source.slice(refusal.span)
    # A line that was to be part of a RUN: `cd` is no CMD, and `tar` no ARG.
    if refusal.near is None or written in BUILTINS or written in _SIGNERS or is_known_program(written):
        return None
    return Fix(f"Write {refusal.near}", [Edit(refusal.span, refusal.near)])
