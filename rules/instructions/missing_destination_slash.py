from __future__ import annotations

from dfadvise.about.strays import has_strays
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Copy, Word


class MissingDestinationSlash(Rule):
    """Several sources are copied to a destination that is not written as a directory.

    Why:
        Several sources need a directory. Without the slash at its end the build stops, or the last source is all that
        is left, depending on the builder and on what is there.

    Bad:
        FROM node:22-slim
        COPY package.json package-lock.json /app

    Good:
        FROM node:22-slim
        COPY package.json package-lock.json /app/

    Good (one source):
        FROM node:22-slim
        COPY package.json /app

    Good (exec form):
        FROM node:22-slim
        COPY ["package.json", "package-lock.json", "/app/"]

    Fix:
        safe: puts the slash there, unless the destination ends in a variable.
    """

    on = ("COPY", "ADD")
    keywords = ("COPY", "ADD")
    severity = "error"
    aliases = ("DL3021", "DS-0011", "kics:6db6e0c2")
    yields_to = ("trailing-comment", "broken-continuation")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(
            len(each.args) > 2 and not each.args[-1].text.strip("\"'").endswith("/")
            for each in file.walk()
            if each.keyword in ("COPY", "ADD")
        )

    def check(self, copy: Copy) -> Iterator[Finding]:
        target = copy.target
        if target is None or len(copy.args) < 3:
            return
        raw = target.text.strip("\"'")
        if raw.endswith("/"):
            return
        path = copy.expand(target.text)
        if path is not None and path.endswith("/"):
            return
        # hadolint and the scanners look at COPY alone.
        aliases = self.aliases if copy.keyword == "COPY" else ()
        message = f"{len(copy.args) - 1} sources, but `{target.text}` does not end in a slash"
        if path is None or path in (".", "..") or path.endswith(("/.", "/..")):
            # A directory by its name, or perhaps one by its value.
            yield self.finding(target.span, message, severity="style", aliases=aliases[:1])
            return
        stray = has_strays(copy)
        fix = None if stray else _fix(copy, target)
        cause = ("refused", id(copy)) if stray else None
        yield self.finding(target.span, message, aliases=aliases, fix=fix, cause=cause)


def _fix(copy: Copy, target: Word) -> Fix | None:
    text = copy.file.source.slice(target.span)
    end = target.span.end
    if len(text) > 1 and text[-1] in "\"'" and text[0] == text[-1]:
        end -= 1
        text = text[1:-1]
    if not text or not (text[-1].isalnum() or text[-1] in "_-.") or "\n" in text:
        return None
    variable = text.rpartition("$")[2] if "$" in text else "/"
    if variable.replace("_", "a").isalnum():
        return None
    return Fix("Add the slash", [Edit(Span(end, end), "/")], "safe")
