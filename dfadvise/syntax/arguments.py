"""The arguments of each instruction, split as BuildKit's line parsers split them."""

from __future__ import annotations

from dfadvise.source import Span
from dfadvise.syntax.instructions import Arg, Env, Healthcheck, Instruction, Label, Pair, Word
from dfadvise.syntax.words import SPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.lines import Joined

BLANK = "\t\v\f\r "
NOT_STRINGS = "when using JSON array syntax, arrays must be comprised of strings only"
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_JSON_SPACE = " \t\r\n"


def fill(instruction: Instruction, escape: str) -> None:
    """Set `args`, `form` and what else the type of the instruction asks for.

    Args:
        instruction: A fresh instruction with its body.
        escape: The escape character of the file.
    """
    keyword = instruction.keyword
    if keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL"):
        _json_or_text(instruction, 0)
    elif keyword in ("COPY", "ADD", "VOLUME"):
        if not _json(instruction, 0):
            instruction.form = "shell"
            instruction.args = blank_separated(instruction.body)
    elif keyword in ("FROM", "EXPOSE"):
        instruction.args = blank_separated(instruction.body)
    elif isinstance(instruction, Arg):
        instruction.args = quoted_words(instruction.body, escape)
        instruction.pairs = [_pair(word, instruction.body, False) for word in _ranges(instruction.body, escape)]
    elif isinstance(instruction, (Env, Label)):
        _key_values(instruction, escape)
    elif isinstance(instruction, Healthcheck):
        _healthcheck(instruction)
    elif keyword in ("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"):
        text = instruction.body.text
        if text:
            instruction.args = [Word(text, instruction.body.span(0, len(text)))]


def blank_separated(body: Joined) -> list[Word]:
    """Words between blanks; quotes mean nothing."""
    text, at = body.text, 0
    words: list[Word] = []
    while True:
        while at < len(text) and text[at] in BLANK:
            at += 1
        if at >= len(text):
            return words
        start = at
        while at < len(text) and text[at] not in BLANK:
            at += 1
        words.append(Word(text[start:at], body.span(start, at)))


def _ranges(body: Joined, escape: str) -> list[tuple[int, int]]:
    """Ranges of words between white space outside quotes; an escape character shields the next one."""
    text, size = body.text, len(body.text)
    found: list[tuple[int, int]] = []
    at = 0
    while True:
        while at < size and text[at] in SPACE:
            at += 1
        if at >= size:
            return found
        start = at
        quote = ""
        while at < size:
            char = text[at]
            if not quote and char in SPACE:
                break
            if char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            elif char == escape and quote != "'":
                at += 1
            at += 1
        found.append((start, min(at, size)))


def quoted_words(body: Joined, escape: str) -> list[Word]:
    """Words between white space outside quotes, quotes kept."""
    text = body.text
    words = []
    for start, end in _ranges(body, escape):
        # An escape character that ends the text is dropped, as BuildKit drops it.
        stop = end - 1 if end == len(text) and _ends_in_lone_escape(text[start:end], escape) else end
        if stop > start:
            words.append(Word(text[start:stop], body.span(start, end)))
    return words


def _ends_in_lone_escape(word: str, escape: str) -> bool:
    return (len(word) - len(word.rstrip(escape))) % 2 == 1


def _pair(bounds: tuple[int, int], body: Joined, legacy: bool) -> Pair:
    start, end = bounds
    text = body.text
    equals = text.find("=", start, end)
    if equals < 0:
        return Pair(text[start:end], None, body.span(start, end), body.span(end, end), legacy)
    key_span = body.span(start, equals)
    value_span = body.span(equals + 1, end) if equals + 1 < end else Span(key_span.end + 1, key_span.end + 1)
    return Pair(text[start:equals], text[equals + 1 : end], key_span, value_span, legacy)


def _key_values(instruction: Env | Label, escape: str) -> None:
    body = instruction.body
    text = body.text
    ranges = _ranges(body, escape)
    instruction.pairs = []
    if not ranges:
        return
    start, end = ranges[0]
    if "=" not in text[start:end]:
        _legacy_pair(instruction)
        return
    for start, end in ranges:
        if "=" not in text[start:end]:
            shown = text[start:end].replace("\\", "\\\\").replace('"', '\\"')
            instruction.problem = f'Syntax error - can\'t find = in "{shown}". Must be of the form: name=value'
            instruction.args = [Word(text[start:end], body.span(start, end))]
            return
        pair = _pair((start, end), body, False)
        instruction.pairs.append(pair)
        instruction.args.append(Word(pair.key, pair.key_span))
        instruction.args.append(Word(pair.value or "", pair.value_span))


def _legacy_pair(instruction: Env | Label) -> None:
    body = instruction.body
    text = body.text
    at = 0
    while at < len(text) and text[at] not in BLANK:
        at += 1
    end = at
    while at < len(text) and text[at] in BLANK:
        at += 1
    if at == end:
        instruction.problem = f"{instruction.keyword} must have two arguments"
        instruction.args = [Word(text, body.span(0, len(text)))]
        return
    pair = Pair(text[:end], text[at:], body.span(0, end), body.span(at, len(text)), True)
    instruction.pairs.append(pair)
    instruction.args = [Word(pair.key, pair.key_span), Word(pair.value or "", pair.value_span)]


def _healthcheck(instruction: Healthcheck) -> None:
    body = instruction.body
    text = body.text
    at = 0
    while at < len(text) and text[at] not in SPACE:
        at += 1
    instruction.kind = text[:at].upper()
    instruction.kind_span = body.span(0, at)
    while at < len(text) and text[at] in SPACE:
        at += 1
    _json_or_text(instruction, at)


def _json_or_text(instruction: Instruction, start: int) -> None:
    if _json(instruction, start):
        return
    instruction.form = "shell"
    body = instruction.body
    if start < len(body.text):
        instruction.args = [Word(body.text[start:], body.span(start, len(body.text)))]


def _json(instruction: Instruction, start: int) -> bool:
    """Read the exec form; False when the text is none."""
    body = instruction.body
    text = body.text
    if not text.startswith("[", start):
        return False
    words = _string_array(body, start)
    if words is not None:
        instruction.form = "exec"
        instruction.args = words
        return True
    # No plain array of strings: refused when it is valid JSON all the same, else shell text. Rare.
    import json

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text[start:], parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    instruction.form = "exec"
    instruction.problem = NOT_STRINGS
    instruction.args = [Word(text[start:], body.span(start, len(text)))]
    return True


def _string_array(body: Joined, start: int) -> list[Word] | None:
    """The strings of a JSON array that fills the rest of the body; None when it is anything else."""
    text = body.text
    at = _skip(text, start + 1)
    words: list[Word] = []
    if text.startswith("]", at):
        return words if _skip(text, at + 1) == len(text) else None
    while True:
        if not text.startswith('"', at):
            return None
        read = _string(text, at)
        if read is None:
            return None
        value, end = read
        words.append(Word(value, body.span(at, end)))
        at = _skip(text, end)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
            continue
        if text.startswith("]", at) and _skip(text, at + 1) == len(text):
            return words
        return None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _JSON_SPACE:
        at += 1
    return at


def _string(text: str, start: int) -> tuple[str, int] | None:
    """Value and end of the JSON string at `start`; None when it is malformed."""
    end = text.find('"', start + 1)
    if end < 0:
        return None
    plain = text[start + 1 : end]
    if "\\" not in plain:
        return (plain, end + 1) if plain.isprintable() or not any(c < " " for c in plain) else None
    parts: list[str] = []
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(parts), at + 1
        if char < " ":
            return None
        at += 1
        if char != "\\":
            parts.append(char)
            continue
        escaped = text[at : at + 1]
        at += 1
        if escaped in _ESCAPES:
            parts.append(_ESCAPES[escaped])
            continue
        unit = _hex(text, at) if escaped == "u" else None
        if unit is None:
            return None
        at += 4
        if 0xD800 <= unit < 0xDC00 and text.startswith("\\u", at):
            low = _hex(text, at + 2)
            if low is not None and 0xDC00 <= low < 0xE000:
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                at += 6
        # Go puts the replacement character for half of a surrogate pair.
        parts.append("\ufffd" if 0xD800 <= unit < 0xE000 else chr(unit))
    return None


def _hex(text: str, at: int) -> int | None:
    digits = text[at : at + 4]
    if len(digits) != 4 or not all(c in "0123456789abcdefABCDEF" for c in digits):
        return None
    return int(digits, 16)
