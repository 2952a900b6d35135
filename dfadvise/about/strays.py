"""Text that is no part of what its instruction means: a comment behind the arguments, the next instruction behind a
continuation that was left over. A fix to such an instruction would build on a misreading.
"""

from __future__ import annotations

from bisect import bisect_left

from dfadvise.shells.quoting import Quoting
from dfadvise.syntax.instructions import CLASSES, Env, Healthcheck, Label, Onbuild, Unknown, bodies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.rule import Finding, Rule
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

COMMANDS = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"))
# Quotes mean nothing in these.
_UNQUOTED = frozenset(("FROM", "EXPOSE", "COPY", "ADD", "VOLUME"))
# The longest keyword has eleven letters.
_LONGEST_KEYWORD = 12


class Joins:
    """Where an instruction was continued.

    Args:
        inner: The instruction, without the ONBUILDs around it.
        quoting: What is quoted in its text.
        places: The continuations, in front of a comment that the shell sees and outside quotes.
    """

    __slots__ = ("inner", "places", "quoting")

    def __init__(self, inner: Instruction, quoting: Quoting, places: list[int]) -> None:
        self.inner = inner
        self.quoting = quoting
        self.places = places

    def keyword_at(self, at: int) -> str | None:
        """The keyword of an instruction that begins at a place; None when there is none, or it belongs there."""
        text = self.inner.body.text
        word = _word_at(text, at)
        if word not in CLASSES or not _is_alone(text, at, word):
            return None
        return None if _is_expected(self.inner, self.inner.body.locate(skip_blanks(text, at))) else word


def joins(outer: Instruction) -> Joins | None:
    """The continuations of an instruction; None where nothing can be said about them."""
    if outer.end_line == outer.line:
        return None
    inner = outer
    while isinstance(inner, Onbuild) and inner.inner is not None:
        inner = inner.inner
    body = inner.body
    text = body.text
    if inner.form == "exec" or not text:
        return None
    places = [at for at in body.at if 0 < at < len(text)]
    shell = inner.keyword in COMMANDS
    quoting = Quoting(text, places, "\\" if shell else outer.file.escape, shell)
    if not quoting.balanced:
        return None
    if body.origin[0] > inner.name_span.end and _starts_line(outer, body.origin[0]):
        places = [0, *places]
    last = quoting.comment if quoting.comment is not None else len(text)
    return Joins(inner, quoting, [at for at in places if at < last and at not in quoting.quoted])


def swallows(outer: Instruction) -> bool:
    """Whether a left-over continuation makes the next instruction a part of this one."""
    body = outer.body
    if not any(_word_at(body.text, at) in CLASSES for at in (*body.at, 0)) and not isinstance(outer, Onbuild):
        return False
    found = joins(outer)
    return found is not None and any(found.keyword_at(at) for at in found.places)


def comment_at(instruction: Instruction) -> int | None:
    """Where in the text of an instruction something stands that was meant as a comment and is none."""
    text = instruction.body.text
    if "#" not in text or instruction.form == "exec" or instruction.keyword in COMMANDS:
        return None
    places = []
    at = text.find("#")
    while at >= 0:
        if at and text[at - 1] in " \t":
            places.append(at)
        at = text.find("#", at + 1)
    if not places:
        return None
    if instruction.keyword in _UNQUOTED:
        # A file may have such a name, when it is the one source or target.
        before = 2 if instruction.keyword in ("COPY", "ADD") else 1
        return places[0] if len(text[: places[0]].split()) >= before else None
    quoted = Quoting(text, places, instruction.file.escape, is_shell=False)
    legacy = isinstance(instruction, (Env, Label)) and any(pair.legacy for pair in instruction.pairs)
    if not quoted.balanced:
        return None
    for place in places:
        if place in quoted.quoted or text[place - 2 : place - 1] == instruction.file.escape:
            continue
        # `LABEL note Ticket #12` is prose.
        if not legacy or (text[place + 1 : place + 2] in (" ", "\t") and text[place + 1 :].strip()):
            return place
    return None


def has_strays(instruction: Instruction) -> bool:
    """Whether an instruction holds a comment or another instruction by mistake."""
    return comment_at(instruction) is not None or swallows(instruction.outer or instruction)


def withhold(file: Dockerfile, findings: Iterable[Finding], rules: dict[str, Rule]) -> None:
    """Take the fixes off what was not meant as it reads, but for those of the rules that mend it.

    That is an instruction with strays, one that the builder does not know, and one in front of it: a backslash may be
    missing between them.
    """
    instructions = file.instructions
    ends: list[int] = []
    known: dict[int, bool] = {}
    for finding in findings:
        if finding.fix is None or (finding.rule in rules and rules[finding.rule].mends_strays):
            continue
        if not ends:
            ends = [instruction.span.end for instruction in instructions]
        for edit in finding.fix.edits:
            place = bisect_left(ends, edit.span.start)
            end = max(edit.span.end, edit.span.start + 1)
            while place < len(ends) and instructions[place].span.start < end:
                if place not in known:
                    known[place] = _is_misread(instructions, place)
                if known[place]:
                    finding.fix = None
                    break
                place += 1
            if finding.fix is None:
                break


def _is_misread(instructions: list[Instruction], place: int) -> bool:
    instruction = instructions[place]
    if isinstance(instruction, Unknown) or isinstance(instructions[min(place + 1, len(instructions) - 1)], Unknown):
        return True
    return swallows(instruction) or any(comment_at(each) is not None for each in (instruction, *bodies(instruction)))


def skip_blanks(text: str, at: int) -> int:
    """The next place in a text that is no blank."""
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _starts_line(instruction: Instruction, offset: int) -> bool:
    """Whether the body begins on a later line than the keyword and the flags."""
    source = instruction.file.source
    return not source.text[source.starts[source.line(offset) - 1] : offset].strip()


def _word_at(text: str, at: int) -> str:
    start = skip_blanks(text, at)
    end = start
    while end < len(text) and end < start + _LONGEST_KEYWORD and text[end] not in " \t":
        end += 1
    return text[start:end]


def _is_alone(text: str, at: int, word: str) -> bool:
    """Whether a keyword begins its line as a word of its own and something follows it."""
    end = skip_blanks(text, at) + len(word)
    return end < len(text) and (at == 0 or text[at] in " \t" or text[at - 1] in " \t") and bool(text[end:].strip())


def _is_expected(inner: Instruction, place: int) -> bool:
    """Whether a keyword is where the instruction wants one: CMD of a HEALTHCHECK, the body of an ONBUILD."""
    return isinstance(inner, Healthcheck) and inner.kind_span.start == place
