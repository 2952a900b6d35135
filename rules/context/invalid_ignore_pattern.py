from __future__ import annotations

import os

from dfadvise.about.contextfit import fits
from dfadvise.about.ignorelines import idle_lines
from dfadvise.about.junk import broad_copies
from dfadvise.asked import is_file, text_inside
from dfadvise.dockerignore import DockerIgnore
from dfadvise.gopath import PatternError
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.context import BuildContext
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

MOST = 20
LONE = 'a lone "!"'
SHOWN = 60


class InvalidIgnorePattern(Rule):
    """A line of the ignore file cannot work.

    Why:
        A pattern that matches nothing leaves what it should keep out in the build, and nobody is told. One that cannot
        be read stops the build. An ignore file of the Dockerfile's own takes the place of .dockerignore altogether.

    Files:
        .dockerignore: node_modules # installed anew\\n*.log
        app.js: run()

    Bad (a comment behind a pattern):
        FROM node:22-slim
        COPY . /app

    Files:
        .dockerignore: !dist\\nnode_modules
        app.js: run()

    Bad (nothing to bring back):
        FROM node:22-slim
        COPY . /app

    Files:
        .dockerignore: # installed anew\\nnode_modules\\n\\n*\\n!dist\\n!src/**/*.js
        app.js: run()

    Good:
        FROM node:22-slim
        COPY . /app

    Files:
        .dockerignore: **/*.md\\n!README.md\\nbuild\\n!build/keep
        app.js: run()

    Good (exceptions):
        FROM node:22-slim
        COPY . /app

    Fix:
        none: what was meant is not known.
    """

    on = ("file",)
    severity = "warning"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return file.context is not None and file.context.ignore_path is not None

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        context = file.context
        if context is None or context.ignore_path is None or not file.instructions or not fits(file):
            return
        span, instruction = _reader(file)
        name = os.path.basename(context.ignore_path)
        if context.ignore_error is not None:
            where = f", line {context.ignore_error_line}" if context.ignore_error_line else ""
            lone = context.ignore_error == LONE
            message = f"{name}{where}: {context.ignore_error}, which stops the build"
            yield self.finding(span, message, instruction, "error" if lone else None)
            return
        text = context.ignore_text
        if context.ignore is None or text is None:
            return
        for count, idle in enumerate(idle_lines(context.ignore, text)):
            if count == MOST:
                return
            shown = idle.text if len(idle.text) <= SHOWN else idle.text[: SHOWN - 1] + "…"
            if not shown.isprintable():
                shown = "".join(char if char.isprintable() else "?" for char in shown)
            message = f"{name}, line {idle.line}: `{shown}`: {idle.reason}"
            yield self.finding(span, message, instruction, "style" if _is_said_elsewhere(file, context) else None)
        lost = _replaced(context, name, context.ignore)
        if lost:
            message = f".dockerignore is not read, {name} takes its place without {lost} of its patterns"
            yield self.finding(span, message, instruction)


def _reader(file: Dockerfile) -> tuple[Span, Instruction]:
    """The instruction that reads the whole context, and its place; else the first instruction."""
    broad = next(iter(broad_copies(file)), None)
    if broad is not None:
        return broad.span, broad.instruction.outer or broad.instruction
    first = file.instructions[0]
    return first.name_span, first


def _is_said_elsewhere(file: Dockerfile, context: BuildContext) -> bool:
    """Whether the file called Dockerfile reads the same ignore file: what is wrong with it is said there."""
    path = (context.ignore_path or "").replace("\\", "/")
    if context.dockerfile_path is None or not path.endswith("/.dockerignore"):
        return False
    main = os.path.join(context.root, "Dockerfile")
    return is_file(main) and os.path.abspath(main) != os.path.abspath(context.dockerfile_path)


def _replaced(context: BuildContext, name: str, ignore: DockerIgnore) -> int:
    """How many patterns of .dockerignore a Dockerfile's own ignore file leaves out."""
    if name == ".dockerignore" or not name.endswith(".dockerignore"):
        return 0
    text = text_inside(context.root, ".dockerignore")
    if text is None:
        return 0
    try:
        general = DockerIgnore.parse(text)
    except PatternError:
        return 0
    own = {(entry.negated, entry.pattern) for entry in ignore.entries}
    return sum((entry.negated, entry.pattern) not in own for entry in general.entries)
