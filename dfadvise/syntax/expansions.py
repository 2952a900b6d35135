"""The texts in which BuildKit expands variables, and where a variable is named in one.

Source of the list: BuildKit's `frontend/dockerfile/instructions` and `dockerfile2llb` (read 2026-11-24).
"""

from __future__ import annotations

from dfadvise.source import Span
from dfadvise.syntax.instructions import Arg, Copy, Env, From, Label, Onbuild, Run
from dfadvise.syntax.mounts import csv_fields
from dfadvise.syntax.words import SPECIAL_PARAMETERS, UNKNOWN, Expansion, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dfadvise.source import Source
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Flag, Instruction, Word

COPY_FLAGS = ("chown", "chmod", "checksum")
# ONBUILD bodies that are dispatched in children, at most, over all children of a stage.
MOST_TRIGGERS = 10_000


class Expanded:
    """A text that is expanded.

    Attributes:
        text: As written; in exec form decoded.
        span: Its place.
        key: In an ENV pair's value, the key it is given to; else None.
        is_document: Whether it is the body of a heredoc, in which quotes mean nothing.
    """

    __slots__ = ("is_document", "key", "span", "text")

    def __init__(self, text: str, span: Span, key: str | None = None, is_document: bool = False) -> None:
        self.text = text
        self.span = span
        self.key = key
        self.is_document = is_document

    def place(self, source: Source, start: int, end: int) -> Span | None:
        """Where a part of the text stands in the file; None where the file has it in another form."""
        if self.is_document:
            return Span(self.span.start + start, self.span.start + end)
        held = source.slice(self.span)
        if held == self.text:
            offset = self.span.start
        elif held == f'"{self.text}"':
            offset = self.span.start + 1
        else:
            return None
        return Span(offset + start, offset + end)

    def expand(self, lookup: Callable[[str], str | None], escape: str, unset: str = UNKNOWN) -> Expansion:
        """The text with variables put in.

        Args:
            lookup: Gives a variable's value; None where it is not set.
            escape: The escape character of the file; heredocs have the backslash always.
            unset: What stands for a variable that is not set.

        Raises:
            WordError: BuildKit refuses the text.
        """
        if self.is_document:
            return process(self.text, lookup, "\\", quotes=False, unset=unset)
        return process(self.text, lookup, escape, unset=unset)


def expanded(instruction: Instruction) -> Iterator[Expanded]:
    """The texts of an instruction in which BuildKit expands variables and looks for undefined ones.

    EXPOSE, FROM and `--exclude` are expanded too but not looked at so; see `expanded_silently`.
    """
    if isinstance(instruction, (Env, Label, Arg)):
        for pair in instruction.pairs:
            yield Expanded(pair.key, pair.key_span)
            if pair.value:
                yield Expanded(pair.value, pair.value_span, pair.key if isinstance(instruction, Env) else None)
    elif isinstance(instruction, Copy):
        documents = {heredoc.word_span.start for heredoc in instruction.heredocs}
        for word in instruction.args:
            if word.span.start not in documents:
                yield Expanded(word.text, word.span)
        for flag in instruction.flags:
            if flag.name in COPY_FLAGS and flag.value:
                yield _flag_value(flag, flag.value)
        for heredoc in instruction.heredocs:
            if heredoc.expand:
                yield Expanded(heredoc.content, heredoc.body_span, is_document=True)
    elif isinstance(instruction, Run):
        for flag in instruction.flags:
            if flag.name == "mount" and flag.value and "$" in flag.value:
                for field in csv_fields(flag.value):
                    name, _, value = field.partition("=")
                    if value and name.strip().lower() != "from":
                        yield _flag_value(flag, value)
    elif instruction.keyword in ("WORKDIR", "USER", "STOPSIGNAL", "VOLUME"):
        for word in instruction.args:
            yield Expanded(word.text, word.span)


def expanded_silently(instruction: Instruction) -> Iterator[Expanded]:
    """The texts of an instruction that BuildKit expands without a look at what is undefined."""
    if isinstance(instruction, From):
        if instruction.image is not None:
            yield Expanded(instruction.image.text, instruction.image.span)
        platform = instruction.flag("platform")
        if platform is not None and platform.value:
            yield _flag_value(platform, platform.value)
    elif instruction.keyword == "EXPOSE":
        for word in instruction.args:
            yield Expanded(word.text, word.span)


def _flag_value(flag: Flag, value: str) -> Expanded:
    at = flag.text.find("=" + value) + 1
    contiguous = flag.span.end - flag.span.start == len(flag.text)
    start = flag.span.start + at
    return Expanded(value, Span(start, start + len(value)) if at and contiguous else flag.span)


class Reference:
    """A variable named in a text.

    Attributes:
        name: The variable.
        start, end: The whole reference up to the end of the name: `$name` or `${name`.
        name_start: Where the name begins.
        guarded: Whether an operator gives it another value when unset: `:-`, `-`, `:+`, `+`, `:?`, `?`.
    """

    __slots__ = ("end", "guarded", "name", "name_start", "start")

    def __init__(self, name: str, start: int, name_start: int, end: int, guarded: bool) -> None:
        self.name = name
        self.start = start
        self.name_start = name_start
        self.end = end
        self.guarded = guarded


def references(text: str, escape: str = "\\", quotes: bool = True) -> list[Reference]:
    """The variables that a text names, in order, those in the operands of others included.

    Args:
        text: The text.
        escape: The escape character.
        quotes: Whether quotes mean anything.
    """
    found: list[Reference] = []
    if "$" not in text:
        return found
    at, size, double = 0, len(text), False
    while at < size:
        char = text[at]
        at += 1
        if char == escape:
            at += 1
        elif quotes and char == '"':
            double = not double
        elif quotes and char == "'" and not double:
            end = text.find("'", at)
            at = size if end < 0 else end + 1
        elif char == "$":
            start = at - 1
            braced = text.startswith("{", at)
            at += braced
            end = _name_end(text, at)
            if end > at:
                operator = text[end : end + 2].lstrip(":")[:1] if braced else ""
                guarded = operator != "" and operator in "-+?"
                found.append(Reference(text[at:end], start, at, end, guarded))
                at = end
    return found


def _name_end(text: str, at: int) -> int:
    first = text[at : at + 1]
    if first.isdigit():
        while text[at : at + 1].isdigit():
            at += 1
        return at
    if first and first in SPECIAL_PARAMETERS:
        return at + 1
    while at < len(text) and (text[at].isalnum() or text[at] == "_"):
        at += 1
    return at


def triggers(stage: Stage) -> list[Instruction]:
    """The ONBUILD bodies of the local stage that a stage is FROM, which BuildKit runs first in it."""
    parent = stage.parent
    if parent is None or len(parent.instructions) * len(parent.children) > 100 * MOST_TRIGGERS:
        return []
    found = [i.inner for i in parent.instructions if isinstance(i, Onbuild) and i.inner is not None]
    return found if len(found) * len(parent.children) <= MOST_TRIGGERS else []


def plain_text(word: Word, escape: str) -> str | None:
    """A word without its quotes, when it has neither variables nor escapes; None otherwise."""
    text = word.text
    if "$" in text or escape in text:
        return None
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        text = text[1:-1]
    return None if '"' in text or "'" in text else text
