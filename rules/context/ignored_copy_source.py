from __future__ import annotations

from dfadvise.about.contextfit import fits
from dfadvise.gopath import PatternError, clean, has_wildcard
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.expansions import triggers
from dfadvise.syntax.instructions import Copy, From

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.context import BuildContext
    from dfadvise.dockerignore import DockerIgnore
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Word

CODE = "CopyIgnoredFile"
REMOTE = ("http://", "https://", "git://", "ssh://", "git@")
EVERYTHING = frozenset(("*", "**", "**/*"))


class IgnoredCopySource(Rule):
    """A source of COPY or ADD is kept out of the build by the ignore file.

    Why:
        What .dockerignore excludes never reaches the builder: the build stops, or copies an empty folder.

    Files:
        .dockerignore: node_modules\\n*.log\\ndist/*\\n!dist/app.js
        dist/app.js: 1
        dist/app.map: 2
        server.js: 3

    Bad:
        FROM node:22-slim
        COPY node_modules /app/node_modules

    Good:
        FROM node:22-slim
        COPY server.js /app/

    Bad (with an exception beside it):
        FROM node:22-slim
        COPY dist/app.map /app/

    Good (the exception):
        FROM node:22-slim
        COPY dist/app.js /app/
        COPY dist /app/dist

    Good (from a stage):
        FROM node:22-slim AS build
        RUN npm ci
        FROM node:22-slim
        COPY --from=build /node_modules /app/node_modules

    Fix:
        none: the ignore file or the instruction is wrong, and which one is not known.
    """

    on = ("COPY", "ADD", "FROM")
    severity = "error"
    aliases = (CODE,)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return file.context is not None and file.context.ignore_path is not None

    def check(self, node: Copy | From) -> Iterator[Finding]:
        context = node.file.context
        if context is None or context.ignore is None or not context.ignore.entries:
            return
        if isinstance(node, From):
            for body in triggers(node.stage):
                if isinstance(body, Copy):
                    for word in _from_context(body):
                        text = node.stage.expand(word.text, node)
                        if text is not None and _as_buildkit(context.ignore, text):
                            message = f"an ONBUILD of the base copies `{text}`, which .dockerignore excludes"
                            yield self.finding(node.name_span, message, severity="style", aliases=self.aliases)
            return
        for word in _from_context(node):
            text = node.expand(word.text)
            if not text or text.lower().startswith(REMOTE):
                continue
            aliases = self.aliases if node.outer is None and _as_buildkit(context.ignore, text) else ()
            if not aliases and not _is_lost(context, context.ignore, text):
                continue
            message = f"`{clean(text)}` is excluded by {_where(context, context.ignore, text)}"
            if fits(node.file):
                yield self.finding(word.span, message, aliases=aliases)
            elif aliases:
                # What BuildKit's check says if this were the context after all.
                yield self.finding(word.span, message, severity="style", aliases=aliases)


def _where(context: BuildContext, ignore: DockerIgnore, text: str) -> str:
    """The ignore file, with the line that decides where that is one."""
    name = (context.ignore_path or ".dockerignore").replace("\\", "/").rpartition("/")[2]
    try:
        entry = ignore.which(clean("/" + text)[1:])
    except PatternError:
        entry = None
    return f"line {entry.line} of {name}" if entry is not None and not entry.negated else name


def _from_context(copy: Copy) -> list[Word]:
    return copy.sources if copy.flag("from") is None else []


def _as_buildkit(ignore: DockerIgnore, text: str) -> bool:
    """What BuildKit's check says: the source as a text against the patterns, and nothing at all beside a `!`."""
    if ignore.has_exceptions or text.lower().startswith(REMOTE):
        return False
    path = clean(text)
    if path in (".", "/"):
        return any(entry.pattern in EVERYTHING for entry in ignore.entries)
    try:
        return ignore.excludes(path)
    except PatternError:
        return False


def _is_lost(context: BuildContext, ignore: DockerIgnore, text: str) -> bool:
    """Whether nothing of a source reaches the builder."""
    path = clean("/" + text)[1:]
    if not path:
        return False
    try:
        if has_wildcard(path):
            found = context.glob(text)
            return bool(found) and not context.truncated and not any(_reaches(context, ignore, each) for each in found)
        return not _reaches(context, ignore, path)
    except PatternError:
        return False


def _reaches(context: BuildContext, ignore: DockerIgnore, path: str) -> bool:
    if not ignore.excludes(path):
        return True
    return not ignore.hides_all_of(path) and (not context.exists(path) or context.count_of(path) > 0)
