from __future__ import annotations

import os

from dfadvise.about.junk import broad_copies, junk_in, proposed_patterns
from dfadvise.about.sizes import human
from dfadvise.asked import real_path
from dfadvise.rule import Finding, Fix, Rule, Saving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.context import BuildContext
    from dfadvise.stages import Dockerfile

# A folder with fewer files and no junk is fine as it is.
FEW = 20


class MissingDockerignore(Rule):
    """The whole context is copied and there is no .dockerignore.

    Why:
        Everything below the folder is sent to the builder and copied: the repository's history, installed modules,
        build output, local secrets. It makes the image larger, and every change to any of it runs the step again.

    Files:
        app.py: print()
        node_modules/left-pad/index.js: <40000 bytes>
        .git/objects/pack/pack-1.pack: <900000 bytes>

    Bad:
        FROM python:3.13-slim
        WORKDIR /app
        COPY . .

    Good (only what is needed):
        FROM python:3.13-slim
        WORKDIR /app
        COPY app.py ./

    Files:
        app.py: print()
        node_modules/left-pad/index.js: <40000 bytes>
        .dockerignore: node_modules

    Good (an ignore file):
        FROM python:3.13-slim
        WORKDIR /app
        COPY . .

    Files:
        app.py: print()

    Good (a small clean folder):
        FROM python:3.13-slim
        WORKDIR /app
        COPY . .

    Fix:
        unsafe: writes a .dockerignore with the junk that is there; a step may need what it hides.
    """

    on = ("file",)
    keywords = ("COPY", "ADD", "RUN")
    severity = "warning"
    aliases = ("slim:ID.10001", "slim:ID.10002")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        context = file.context
        if context is None or (context.ignore is not None and context.ignore.entries):
            return False
        sources = [word.text for each in file.walk() if each.keyword in ("COPY", "ADD") for word in each.args[:-1]]
        return "--mount" in text or any(not source.strip("./*") for source in sources)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        context = file.context
        if context is None or context.ignore_error is not None:
            return
        empty = context.ignore is not None and not context.ignore.entries
        if context.ignore is not None and not empty:
            return
        broad = broad_copies(file)
        if not broad:
            return
        junk = junk_in(context, file)
        if not junk and context.count_of() < FEW:
            return
        size = sum(found.size for found in junk)
        largest = ", ".join(f"{found.path} ({human(found.size)})" for found in junk[:3])
        what = "an empty .dockerignore" if empty else "no .dockerignore"
        where = "" if context.known else f", taking {_shown(context)} for the context"
        message = f"copies the whole context with {what}{where}" + (f": {largest}" if largest else "")
        yield self.finding(
            broad[0].span,
            message,
            broad[0].instruction,
            aliases=("slim:ID.10002",) if empty else ("slim:ID.10001",),
            related=[("and here", other.span) for other in broad[1:4]],
            saving=Saving(size, basis="context") if size else None,
            fix=None if empty else _fix(context, file),
            cause=("context", "junk"),
        )


def _shown(context: BuildContext) -> str:
    return "the Dockerfile's folder" if _is_beside(context) else "a folder above"


def _is_beside(context: BuildContext) -> bool:
    path = context.dockerfile_path
    return path is None or real_path(os.path.dirname(path) or ".") == real_path(context.root)


def _fix(context: BuildContext, file: Dockerfile) -> Fix | None:
    patterns = proposed_patterns(context, file)
    if not patterns or context.dockerfile_path is None:
        return None
    folder = os.path.dirname(context.dockerfile_path) or "."
    path = os.path.relpath(os.path.join(context.root, ".dockerignore"), folder).replace(os.sep, "/")
    return Fix("Create .dockerignore", [], "unsafe", creates=[(path, "\n".join(patterns) + "\n")])
