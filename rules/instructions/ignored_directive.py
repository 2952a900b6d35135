from __future__ import annotations

from dfadvise.about.directives import Head
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.spelling import nearest
from dfadvise.syntax.tokenizer import DIRECTIVES, directive_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Comment

TYPO = ("tally:syntax-directive-typo",)
FRONTENDS = ("docker/dockerfile", "docker/dockerfile-upstream")
ESCAPES = ("`", "\\")


class IgnoredDirective(Rule):
    r"""A comment has the shape of a parser directive, but is not read as one.

    Why:
        `# syntax=`, `# escape=` and `# check=` count only in one block at the very top. Below a comment, a blank line
        or an instruction they are plain comments: the build goes on with another frontend or escape character. A
        `# syntax=` that names an image which does not exist stops the build.

    Bad (below a comment):
        # The image of the web server.
        # syntax=docker/dockerfile:1
        FROM nginx:1.29

    Good:
        # syntax=docker/dockerfile:1
        # The image of the web server.
        FROM nginx:1.29

    Bad (a misspelt frontend):
        # syntax=docker/dockerfiel:1
        FROM nginx:1.29

    Good (the frontend):
        # syntax=docker/dockerfile:1
        FROM nginx:1.29

    Good (checks of one instruction):
        FROM nginx:1.29
        # check=skip=JSONArgsRecommended
        CMD nginx

    Good (a comment about directives):
        # syntax = the rules by which something is put together
        # escape=none of the dangers
        FROM nginx:1.29

    Fix:
        unsafe: moves it to the top, or writes the nearest name; the build then has another frontend or escape
        character.

    Variants:
        not backtick: a directive at the top changes which comment ends the block
    """

    on = ("file",)
    severity = "warning"
    aliases = TYPO

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any("=" in comment.text or "dockerfile" in comment.text for comment in file.tree.comments)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        comments = [comment for comment in file.tree.comments if _may_be_one(comment.text)]
        if not comments:
            return
        head = Head(file)
        first = file.instructions[0].line if file.instructions else 0
        for comment in comments:
            found = directive_in(file.source.text, comment.span.start, comment.span.end)
            if found is None:
                yield from self._other_shape(file, head, comment)
                continue
            name, span = found[0].lower(), found[1]
            value = file.source.slice(span)
            if name not in DIRECTIVES:
                if not first or comment.line < first:
                    yield from self._misspelt(comment, name, value)
            elif head.lines.get(name) == comment.line:
                yield from self._read(name, value, span)
            elif comment.line < head.end and name in head.lines and comment.text[0] == "#":
                continue  # twice in the block: the parser refuses it
            elif _is_meant(name, value) and not _counts_below(file, comment, name, value):
                yield self._unread(file, head, comment, name, value)

    def _unread(self, file: Dockerfile, head: Head, comment: Comment, name: str, value: str) -> Finding:
        if name == "escape" and head.has_shebang and comment.line < head.end:
            reason = "it stands below the `#!` line"
        elif comment.line == head.end and head.ended_by == "an indented line":
            reason = "it is indented"
        else:
            reason = f"it stands below {head.ended_by}" if head.ended_by else "it is not at the top"
        related = []
        if name in head.lines:
            related = [("the one that is read", file.source.line_span(head.lines[name]))]
        fix = None if name in head.lines else _to_the_top(file, head, comment, name)
        message = f"`{comment.text.strip()}` is not read: {reason}"
        return self.finding(comment.span, message, related=related, fix=fix)

    def _read(self, name: str, value: str, span: Span) -> Iterator[Finding]:
        word, _, rest = value.partition(" ")
        rest = rest.strip()
        at = Span(span.start, span.start + len(word))
        if name == "check":
            if rest and word.endswith(",") and rest[:1].isalpha():
                place = Span(span.end - len(rest), span.end)
                yield self.finding(place, f"`{rest}` is not read: the value ends at the first blank")
            return
        if name != "syntax":
            return
        if rest and _is_frontend("".join(value.split())) and not _is_frontend(word):
            fix = Fix("Delete the blanks", [Edit(span, "".join(value.split()))])
            message = f"the frontend is `{word}`: the value ends at the first blank"
            yield self.finding(span, message, severity="error", aliases=TYPO, fix=fix)
            return
        if rest[:1] in (":", "@"):
            place = Span(span.end - len(rest), span.end)
            yield self.finding(place, f"`{rest}` is not read: the value ends at the first blank")
        near = _near_frontend(word)
        if near is not None:
            fix = Fix(f"Write {near}", [Edit(at, near)])
            message = f"`{word}` is perhaps meant to be `{near}`"
            yield self.finding(at, message, severity="error", aliases=TYPO, fix=fix)

    def _misspelt(self, comment: Comment, name: str, value: str) -> Iterator[Finding]:
        near = nearest(name, ("syntax", "escape"))
        if near is None or not _is_meant(near, value):
            return
        at = comment.span.start + comment.text.lower().index(name)
        fix = Fix(f"Write {near}", [Edit(Span(at, at + len(name)), near)])
        message = f"`{comment.text.strip()}` is not read: there is no directive `{name}`"
        yield self.finding(comment.span, message, aliases=TYPO, fix=fix)

    def _other_shape(self, file: Dockerfile, head: Head, comment: Comment) -> Iterator[Finding]:
        """`# syntax: docker/dockerfile:1`."""
        text = comment.text[1:].strip()
        if not text.lower().startswith("syntax"):
            return
        rest = text[6:]
        value = rest.lstrip(": \t")
        if value == rest or not _is_frontend(value):
            return
        fix = None
        if comment.line == 1 and "syntax" not in head.lines:
            at = Span(comment.span.start, comment.span.start + len(comment.text.rstrip()))
            fix = Fix("Write it as a directive", [Edit(at, f"# syntax={value}")])
        message = f"`{comment.text.strip()}` is not read: a directive has the form `# syntax=value`"
        yield self.finding(comment.span, message, aliases=TYPO, fix=fix)


def _may_be_one(text: str) -> bool:
    """A cheap look before the careful one."""
    return "=" in text or "dockerfile" in text


def _is_meant(name: str, value: str) -> bool:
    """Whether a value is one that the directive takes, so that the comment is no prose."""
    if name == "escape":
        return value in ESCAPES
    if name == "syntax":
        return _is_frontend(value) or _near_frontend(value) is not None
    key, equals, _ = value.partition("=")
    return bool(equals) and key in ("skip", "error", "experimental")


def _is_frontend(value: str) -> bool:
    """Whether a value names an image whose name tells that it is a frontend."""
    if not value or any(char in value for char in " \t"):
        return False
    return _repository(value).rpartition("/")[2] in ("dockerfile", "dockerfile-upstream") and "/" in value


def _repository(reference: str) -> str:
    name = reference.partition("@")[0]
    colon = name.rfind(":")
    if colon > name.rfind("/"):
        name = name[:colon]
    return name.removeprefix("docker.io/")


def _near_frontend(reference: str) -> str | None:
    """The frontend that was meant, with the tag as written; None when the reference is fine or of another kind."""
    name = _repository(reference)
    if name in FRONTENDS:
        return None
    near = FRONTENDS[0] if name == "dockerfile" else nearest(name, FRONTENDS)
    return reference.replace(name, near, 1) if near is not None else None


def _counts_below(file: Dockerfile, comment: Comment, name: str, value: str) -> bool:
    """Whether a `# check=` holds for the instruction below it."""
    if name != "check" or comment.kind != "top" or "error=" in value:
        return False
    start = comment.span.start
    if start and file.source.text[start - 1] != "\n":
        return False
    return bool(file.instructions) and comment.line < file.instructions[-1].line


def _to_the_top(file: Dockerfile, head: Head, comment: Comment, name: str) -> Fix | None:
    source = file.source
    if name == "escape" and (head.has_shebang or any(i.end_line > i.line for i in file.instructions)):
        return None
    start = source.starts[comment.line - 1]
    end = source.starts[comment.line] if comment.line < len(source.starts) else len(source.text)
    top = source.starts[1] if head.has_shebang else 0
    if top >= start:
        # Already the first line: it is only indented.
        return Fix("Move it to the start of the line", [Edit(Span(start, comment.span.start), "")])
    text = comment.text.rstrip() + source.newline
    return Fix("Move it to the top", [Edit(Span(top, top), text), Edit(Span(start, end), "")])
