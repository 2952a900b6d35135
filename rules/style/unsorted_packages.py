from __future__ import annotations

from dfadvise.editing.edits import is_literal
from dfadvise.managers.packages import actions
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellWord
    from dfadvise.syntax.instructions import Run

FEWEST = 3


class UnsortedPackages(Rule):
    r"""A list of packages, one a line, is not in order.

    Why:
        In a sorted list a package is found at a glance, none is there twice, and two people who add one rarely meet in
        the same line.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install -y \
            git \
            curl \
            ca-certificates

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y \
            ca-certificates \
            curl \
            git

    Good (all on one line):
        FROM debian:12
        RUN apt-get update && apt-get install -y git curl ca-certificates

    Good (in groups, with comments):
        FROM debian:12
        RUN apt-get update && apt-get install -y \
            git \
            # for the health check
            curl \
            ca-certificates

    Good (in groups, with a line between them):
        FROM debian:12
        RUN apt-get update && apt-get install -y \
            git \
            zip \
            \
            curl \
            ca-certificates

    Good (a variable among them):
        FROM debian:12
        RUN apt-get update && apt-get install -y \
            git \
            $EXTRA \
            curl \
            ca-certificates

    Fix:
        unsafe: sorts them; a resolver may look at the order.
    """

    on = ("RUN",)
    severity = "style"
    default = "off"
    aliases = ("tally:sort-packages",)

    def check(self, run: Run) -> Iterator[Finding]:
        if run.end_line - run.line < FEWEST - 1:
            return
        for action in actions(run):
            words = _list(action) if action.installs else []
            texts = [word.raw for word in words]
            if len(texts) < FEWEST or any(texts == sorted(texts, key=key) for key in ORDERS):
                continue
            wanted = sorted(words, key=lambda word: _key(word.raw))
            edits = [
                Edit(word.span, right.raw) for word, right in zip(words, wanted, strict=True) if word.raw != right.raw
            ]
            place = next(at for at in range(1, len(texts)) if _key(texts[at]) < _key(texts[at - 1]))
            message = f"`{texts[place]}` stands behind `{texts[place - 1]}`"
            fix = Fix("Sort the packages", edits)
            yield self.finding(words[place].span, message, aliases=self.aliases, fix=fix)


def _lowered(text: str) -> tuple[str, str]:
    return text.lower(), text


def _name(text: str) -> str:
    """The name without a version and without what people skip over when they sort."""
    for mark in "=<>~@[:":
        text = text[:1] + text[1:].partition(mark)[0]
    return text.lower()


def _key(text: str) -> tuple[str, str, str]:
    """What to sort by: `pytest==8` stands in front of `pytest-xdist`."""
    return _name(text), text.lower(), text


def _letters(text: str) -> str:
    return "".join(char for char in _name(text) if char.isalnum())


# Any of these is order enough.
ORDERS = (str, _lowered, _name, _letters)


def _list(action: Action) -> list[ShellWord]:
    """The packages of a command when each has a line of its own and nothing stands between them, not even a blank."""
    words = action.operands
    if len(words) < FEWEST or not all(is_literal(word) and not word.quoted for word in words):
        return []
    run = action.command.instruction
    all_words = action.command.words
    first = next(place for place, word in enumerate(all_words) if word is words[0])
    if all_words[first : first + len(words)] != words:
        return []
    spans = [word.span for word in words]
    source = run.file.source
    lines = [source.line(span.start) for span in spans]
    if any(other != one + 1 for one, other in zip(lines, lines[1:], strict=False)):
        return []
    start, end = spans[0].start, spans[-1].end
    if any(start <= comment.span.start < end for comment in (run.outer or run).inner_comments):
        return []
    return words
