"""Secrets that can be told by their looks, in any text and in the instructions, heredocs and comments of a file."""

from __future__ import annotations

from bisect import bisect_right

from dfadvise.knowledge import secret_values as known
from dfadvise.secret.signs import SHOWN
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Pattern

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction, Pair

# A file with more of them than this is no Dockerfile, and one finding is enough to look at it.
MOST = 200
_LEAST_SHOWN = 16  # of a shorter one none is

_compiled: dict[str, Pattern[str]] = {}


class Found:
    """A secret in a text.

    Attributes:
        start, end: Where it stands.
        name: What it is, with its article.
        worth: "secret", "placeholder" or "local"; see `secret_values.url_password`.
        codes: Foreign codes of the scanners that know it.
    """

    __slots__ = ("codes", "end", "name", "start", "worth")

    def __init__(self, start: int, end: int, name: str, worth: str, codes: tuple[str, ...]) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.worth = worth
        self.codes = codes

    def __repr__(self) -> str:
        return f"Found({self.name}, {self.start}:{self.end})"


class Hit:
    """A secret in a Dockerfile.

    Attributes:
        found: What it is.
        instruction: The instruction that it stands in, the body of an ONBUILD where it is in one; None outside of all.
        comment: Whether it stands in a comment.
    """

    __slots__ = ("comment", "found", "instruction")

    def __init__(self, found: Found, instruction: Instruction | None, comment: bool) -> None:
        self.found = found
        self.instruction = instruction
        self.comment = comment

    @property
    def span(self) -> Span:
        """Its place in the file."""
        return Span(self.found.start, self.found.end)

    @property
    def cause(self) -> tuple[str, int]:
        """What rules about this one secret share: the place of the value of ENV and ARG, else its own."""
        if self.instruction is not None and self.instruction.keyword in ("ENV", "ARG"):
            pairs: list[Pair] = getattr(self.instruction, "pairs", [])
            for pair in pairs:
                if pair.value and pair.value_span.start <= self.found.start < pair.value_span.end:
                    return ("secret", pair.value_span.start)
        return ("secret", self.found.start)


def shown(text: str) -> str:
    """What may be shown of a secret: the first characters of a long one, nothing of a short one."""
    return text[:SHOWN] + "..." if len(text) >= _LEAST_SHOWN else "..."


def scan(text: str) -> list[Found]:
    """The secrets in a text, in order of place; what lies in another one is left out.

    Args:
        text: Any text; the time is linear in its length.
    """
    found: list[Found] = []
    if known.PEM_KEYWORD in text:
        found.extend(_keys(text))
    for kind in known.matching(text):
        for match in _pattern(kind.pattern).finditer(text):
            value = match.group(1)
            if len(found) < MOST and known.is_meant(value) and known.entropy(value) >= kind.entropy:
                found.append(Found(*match.span(1), kind.name, "secret", kind.codes))
    if "://" in text and "@" in text:
        found.extend(_in_urls(text))
    if len(found) < 2:
        return found
    found.sort(key=lambda each: (each.start, -each.end))
    kept = found[:1]
    for each in found[1:]:
        if each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _pattern(text: str) -> Pattern[str]:
    found = _compiled.get(text)
    if found is None:
        import re

        found = _compiled[text] = re.compile(text, re.ASCII)
    return found


def _keys(text: str) -> Iterator[Found]:
    """Private keys in PEM form, with their body; the first line alone is what programs look for, not a key."""
    end = 0
    count = 0
    for match in _pattern(known.PEM).finditer(text):
        if match.start() < end or count >= MOST:
            continue
        body = text[match.end() : match.end() + 4 * known.PEM_LEAST]
        if not _is_body(body):
            continue
        count += 1
        last = _pattern(known.PEM_END).search(text, match.end(), match.end() + known.PEM_MOST)
        end = last.end() if last is not None else _body_end(text, match.end())
        yield Found(match.start(), end, "a private key", "secret", (known.KICS, known.TALLY))


_ESCAPES = (("\\n", ""), ("\\r", ""), ("\\\\", ""), ("\\", ""), ("`", ""), ('"', ""), ("'", ""), ("+", ""), ("/", ""))
_HEADERS = ("Proc-Type:", "DEK-Info:", "Version:", "Comment:")


def _is_body(text: str) -> bool:
    """Whether a text begins like the body of a key: base64, on whatever lines and in whatever quotes."""
    for header in _HEADERS:
        at = text.find(header)
        if 0 <= at < 80:
            return True
    if text[:1] not in "\n\r\\ \"'" or "BEGIN" in text[:24]:
        return False
    first = text.lstrip(" \t\r\n\\nr\"'`").partition("\n")[0][: known.PEM_LEAST]
    if " " in first.strip(" \\"):
        # Words: the line goes on with a command. A key on one line has its blanks far apart.
        parts = first.split()
        if max(map(len, parts)) < 40:
            return False
    for old, new in _ESCAPES:
        text = text.replace(old, new)
    squeezed = "".join(text.split())[: known.PEM_LEAST - 8]
    return len(squeezed) == known.PEM_LEAST - 8 and squeezed.isalnum() and squeezed.isascii()


def _body_end(text: str, start: int) -> int:
    """Where a key without a last line ends: at the first blank line or quote."""
    limit = min(len(text), start + known.PEM_MOST)
    ends = [at for mark in ("\n\n", '"', "'") if (at := text.find(mark, start + 1, limit)) > 0]
    return min(ends, default=limit)


def _in_urls(text: str) -> Iterator[Found]:
    count = 0
    for match in _pattern(known.USER_INFO).finditer(text):
        user, password, host = match.groups()
        start, end = match.span(2)
        if password in ("x-oauth-basic", "x-token-auth") and user and not known.is_variable(user):
            start, end = match.span(1)
            worth: str | None = "secret"
        else:
            worth = known.url_password(user, password, host)
        if worth is not None and count < MOST:
            count += 1
            yield Found(start, end, "a password in a URL", worth, (known.KICS,))


def hits(file: Dockerfile) -> list[Hit]:
    """The secrets in a file, in order of place; looked for once for all rules.

    Args:
        file: The file.
    """
    # Reports scan texts without a model, and should not load one.
    from dfadvise.memory import remembered

    memo = remembered(file)
    found: list[Hit] | None = memo.get("secret hits")
    if found is None:
        seen = scan(file.source.text)
        starts = [each.span.start for each in file.instructions] if seen else []
        found = memo["secret hits"] = [_placed(file, each, starts) for each in seen]
    return found


def _placed(file: Dockerfile, found: Found, starts: list[int]) -> Hit:
    from dfadvise.managers.packages import inner

    instructions = file.instructions
    place = bisect_right(starts, found.start) - 1
    line = file.source.line(found.start)
    if place < 0 or found.start >= instructions[place].span.end:
        return Hit(found, None, True)
    instruction = inner(instructions[place])
    outer = instructions[place]
    comment = any(each.line == line for each in (*outer.inner_comments, *instruction.inner_comments))
    return Hit(found, instruction, comment)


def cause_at(file: Dockerfile, span: Span) -> tuple[str, int]:
    """The cause that a finding on a secret in a place shares with one on the same secret by its looks."""
    for hit in hits(file):
        if span.start < hit.found.end and hit.found.start < span.end:
            return hit.cause
    return ("secret", span.start)
