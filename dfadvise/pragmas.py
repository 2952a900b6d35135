"""The comments that hide findings, read one by one: `# dfadvise:`, `# hadolint`, `# check=`."""

from __future__ import annotations

from dfadvise.selection import is_shellcheck_code
from dfadvise.source import Span
from dfadvise.syntax.tokenizer import directive_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.instructions import Comment

SCOPES = {"ignore": "next", "ignore-stage": "stage", "ignore-file": "file"}
BLANK = " \t\r\f\v"
REASON_MARKS = " \t:-–—#"
# What Go's ParseBool takes.
TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


EXPERIMENTAL_CHECKS = frozenset(("InvalidDefinitionDescription",))
# Checks that BuildKit makes over the whole file: a comment above an instruction does not reach them.
FILE_CHECKS = frozenset(
    (
        "ConsistentInstructionCasing",
        "DuplicateStageName",
        "InvalidBaseImagePlatform",
        "InvalidDefaultArgInFrom",
        "NoEmptyContinuation",
        "ReservedStageName",
    )
)
# The check that is found at one instruction and silenced above the later one of the same keyword.
EARLIER_CHECK = "MultipleInstructionsDisallowed"
CHECKS = (
    FILE_CHECKS
    | EXPERIMENTAL_CHECKS
    | {
        *("CopyIgnoredFile", "ExposeInvalidFormat", "ExposeProtoCasing", "FromAsCasing", EARLIER_CHECK),
        *("FromPlatformFlagConstDisallowed", "JSONArgsRecommended", "LegacyKeyValueFormat"),
        *("MaintainerDeprecated", "RedundantTargetPlatform", "SecretsUsedInArgOrEnv", "StageNameCasing"),
        *("UndefinedArgInFrom", "UndefinedVar", "WorkdirRelativePath"),
    }
)


class Name:
    """One name in a pragma.

    Attributes:
        text: As written.
        span: Its place.
        problem: Why it cannot hide anything, as one line; None when it can.
        used: Whether it hid a finding.
    """

    __slots__ = ("problem", "span", "text", "used")

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.span = span
        self.problem: str | None = None
        self.used = False


class Pragma:
    """One comment that hides findings, or tries to.

    Attributes:
        text: The comment, from the `#` on.
        span: Its place.
        line: Its line, counted from 1.
        tool: "dfadvise", "hadolint" or "check".
        scope: "next" (the next instruction), "line" (a line of a multi-line one), "stage" or "file".
        names: What it hides.
        reason: The text behind the names; "" without one.
        problem: Why it is not read at all, as one line; None when it is.
        in_heredoc: Whether it is part of a heredoc's text.
    """

    __slots__ = ("in_heredoc", "line", "names", "problem", "reason", "scope", "span", "text", "tool")

    def __init__(self, comment: Comment, tool: str, scope: str) -> None:
        self.text = comment.text.rstrip()
        self.span = comment.span
        self.line = comment.line
        self.tool = tool
        self.scope = scope
        self.names: list[Name] = []
        self.reason = ""
        self.problem: str | None = None
        self.in_heredoc = False

    def __repr__(self) -> str:
        return f"Pragma({self.line}, {self.tool} {self.scope} {[name.text for name in self.names]})"

    def add(self, start: int, end: int) -> None:
        """Take a name from the comment's text."""
        span = Span(self.span.start + start, self.span.start + end)
        self.names.append(Name(self.text[start:end], span))


class Unused:
    """A suppression comment, or a name in one, that hides nothing.

    Attributes:
        pragma: The comment.
        span: The place to report.
        names: The names that hide nothing; empty when the whole comment is not read or lacks a reason.
        message: The fact, as one line.
        fix: (span, new text) that takes the names out, and with the last name the line; None where it is
            another tool's comment, a heredoc's text, or cannot be read.
    """

    __slots__ = ("fix", "message", "names", "pragma", "span")

    def __init__(
        self, pragma: Pragma, span: Span, names: list[str], message: str, fix: tuple[Span, str] | None = None
    ) -> None:
        self.pragma = pragma
        self.span = span
        self.names = names
        self.message = message
        self.fix = fix


def pragma_in(comment: Comment) -> Pragma | None:
    """The pragma of dfadvise or hadolint in a comment; None when it holds neither."""
    body = comment.text[1:].lstrip()
    if body[:8].lower() == "dfadvise":
        return _own(comment, len(comment.text) - len(body) + 8)
    if body[:8].lower() == "hadolint":
        return _hadolint(comment, len(comment.text) - len(body) + 8)
    return None


def _own(comment: Comment, at: int) -> Pragma | None:
    text = comment.text.rstrip()
    at = _skip(text, at)
    colon = text[at : at + 1] == ":"
    at = _skip(text, at + colon)
    end = at
    while end < len(text) and (text[end].isalpha() or text[end] in "-_"):
        end += 1
    word = text[at:end].lower().replace("_", "-")
    at = _skip(text, end)
    bracket = text[at : at + 1] == "["
    if word not in SCOPES and not (word and bracket):
        return None
    pragma = Pragma(comment, "dfadvise", SCOPES.get(word, "next"))
    if word not in SCOPES:
        from dfadvise.config import suggestion

        pragma.problem = f"unknown word `{word}`{suggestion(word, SCOPES)}"
    elif not colon:
        if not bracket:
            return None
        pragma.problem = "`dfadvise` has no colon behind it"
    elif not bracket:
        pragma.problem = f"`{word}` has no rules in brackets behind it"
    elif (close := text.find("]", at)) < 0:
        pragma.problem = "the bracket is not closed"
    else:
        while at < close:
            comma = text.find(",", at + 1, close)
            end = comma if comma >= 0 else close
            start = _skip(text, at + 1)
            stop = start + len(text[start:end].rstrip())
            if stop > start:
                pragma.add(start, stop)
            at = end
        if not pragma.names:
            pragma.problem = "names no rule"
        pragma.reason = text[close + 1 :].strip(REASON_MARKS)
    return pragma


def _hadolint(comment: Comment, at: int) -> Pragma | None:
    text = comment.text.rstrip()
    word, at = _word(text, at)
    scope = {"ignore": "next", "global": "file", "stage": "stage"}.get(word)
    if scope is None:
        return None
    if scope != "next":
        word, at = _word(text, at)
        if word != "ignore":
            return None
    pragma = Pragma(comment, "hadolint", scope)
    at = _skip(text, at)
    if text[at : at + 1] != "=":
        if not _is_code(text[at:].split(",")[0].split(" ")[0]):
            return None
        pragma.problem = "`ignore` has no `=` behind it"
        return pragma
    at = _skip(text, at + 1)
    while at < len(text) and text[at] != "#":
        end = at
        while end < len(text) and text[end] not in ", \t#":
            end += 1
        if end > at:
            pragma.add(at, end)
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif not _is_code(text[at : at + 6]) or text[at + 6 : at + 7] not in ("", ",", " ", "\t"):
            break
    if not pragma.names:
        pragma.problem = "names no rule"
    pragma.reason = text[at:].strip(REASON_MARKS)
    return pragma


def shell_in(comment: Comment) -> str | None:
    """The shell of a `# hadolint shell=` pragma; None for any other comment."""
    body = comment.text[1:].strip()
    if body[:8].lower() != "hadolint":
        return None
    word, at = _word(body, 8)
    at = _skip(body, at)
    if word != "shell" or body[at : at + 1] != "=":
        return None
    return (body[at + 1 :].split() or [""])[0] or None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in BLANK:
        at += 1
    return at


def _word(text: str, at: int) -> tuple[str, int]:
    """The next run of letters, in lower case, and where it ends."""
    at = _skip(text, at)
    end = at
    while end < len(text) and text[end].isalpha():
        end += 1
    return text[at:end].lower(), end


def _is_code(text: str) -> bool:
    return is_shellcheck_code(text) or (len(text) == 6 and text[:2].upper() == "DL" and text[2:].isdecimal())


class Check:
    """The settings in one `# check=`.

    Attributes:
        pragma: The comment, with the checks that it skips as names.
        experimental: The experimental checks that it turns on; "all" stands for every one.
        error: Whether warnings fail the build; None when it does not say.
        problem: Why BuildKit cannot read it, as one line; None when it can.
    """

    __slots__ = ("error", "experimental", "pragma", "problem")

    def __init__(self, pragma: Pragma) -> None:
        self.pragma = pragma
        self.experimental: list[str] = []
        self.error: bool | None = None
        self.problem: str | None = None


def check_in(comment: Comment, scope: str) -> Check | None:
    """The settings of a comment shaped like `# check=`; None for any other."""
    found = directive_in(comment.text, 0, len(comment.text))
    if found is None or found[0].lower() != "check":
        return None
    return read_check(comment, found[1].start, scope)


def read_check(comment: Comment, start: int, scope: str) -> Check:
    """The settings in a comment's text from `start` on; the text ends at the first blank, as in BuildKit."""
    check = Check(Pragma(comment, "check", scope))
    value = comment.text[start:].split(" ", 1)[0].strip()
    check.pragma.reason = comment.text[start:].partition(" ")[2].strip(REASON_MARKS + "/")
    at = start
    for part in value.split(";", 2) if value else ():
        key, equals, listed = part.partition("=")
        key = key.strip()
        if not equals or key not in ("skip", "experimental", "error"):
            check.problem = f"invalid check option {key!r}"
            return check
        if key == "error":
            if listed.strip() not in TRUE and listed.strip() not in FALSE:
                check.problem = f"invalid value {listed.strip()!r} of the check option 'error'"
                return check
            check.error = listed.strip() in TRUE
        elif key == "experimental":
            check.experimental = [name.strip() for name in listed.split(",")]
        else:
            check.pragma.names.clear()
            begin = at + part.index("=") + 1
            for name in listed.split(","):
                stripped = name.strip()
                if stripped:
                    inner = begin + name.index(stripped)
                    check.pragma.add(inner, inner + len(stripped))
                begin += len(name) + 1
        at += len(part) + 1
    return check
