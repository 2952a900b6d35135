from __future__ import annotations

from posixpath import basename, join

from dfadvise.about.junk import broad_copies, junk_in
from dfadvise.about.sizes import human
from dfadvise.layers import copy_target
from dfadvise.paths import has_glob
from dfadvise.rule import Finding, Rule, Saving, Weighs
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.junk import Broad, Found
    from dfadvise.context import BuildContext
    from dfadvise.stages import Dockerfile


class JunkInContext(Rule):
    """What the whole-context copy takes in has no business in the image.

    Why:
        Installed modules, the repository's history and build output from the host are sent to the builder, land in
        the image, and any change to them runs the step again.

    Files:
        app.js: run()
        web/node_modules/left-pad/index.js: <400000 bytes>
        .dockerignore: node_modules

    Bad (a pattern that matches at the root only):
        FROM node:22-slim
        WORKDIR /app
        COPY . .

    Good (only what is needed):
        FROM node:22-slim
        WORKDIR /app
        COPY app.js ./

    Files:
        app.js: run()
        web/node_modules/left-pad/index.js: <400000 bytes>
        .dockerignore: **/node_modules

    Good (ignored):
        FROM node:22-slim
        WORKDIR /app
        COPY . .

    Files:
        dist/app.js: run()
        .dockerignore: .git

    Good (what the file copies by name):
        FROM node:22-slim
        WORKDIR /app
        COPY dist ./
        COPY . .

    Fix:
        none: an ignore file is not this file; the message names the lines for it.
    """

    on = ("file",)
    keywords = ("COPY", "ADD", "RUN")
    severity = "warning"
    yields_to = ("missing-dockerignore",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        context = file.context
        if context is None or context.ignore is None or not context.ignore.entries:
            return False
        sources = [word.text for each in file.walk() if each.keyword in ("COPY", "ADD") for word in each.args[:-1]]
        return "--mount" in text or any(not source.strip("./*") for source in sources)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        context = file.context
        if context is None or context.ignore is None or not context.ignore.entries:
            return
        broad = broad_copies(file)
        junk = junk_in(context, file) if broad else []
        if not junk:
            return
        size = sum(found.size for found in junk)
        named = "; ".join(_described(context, found) for found in junk[:4])
        more = f"; {len(junk) - 4} more" if len(junk) > 4 else ""
        yield self.finding(
            broad[0].span,
            f"takes in {named}{more}",
            broad[0].instruction,
            saving=Saving(size, basis="context") if size else None,
            cause=("context", "junk"),
            weighs=_weighs(broad[0], junk),
        )


def _weighs(broad: Broad, junk: list[Found]) -> Weighs | None:
    """Where the junk lies in the image."""
    copy = broad.instruction
    if not isinstance(copy, Copy):
        return None
    target, _ = copy_target(copy)
    paths = [join(target, found.path) for found in junk if not has_glob(found.path)] if target is not None else []
    # Of patterns nobody knows how deep they reach.
    return Weighs("stored", (copy,), paths) if paths and len(paths) == len(junk) else None


def _described(context: BuildContext, found: Found) -> str:
    text = f"{found.path} ({human(found.size)})"
    name = basename(found.path)
    assert context.ignore is not None
    rooted = any(entry.pattern.strip("/") == name for entry in context.ignore.entries if not entry.negated)
    return f"{text}, which `{name}` in the ignore file misses" if rooted and "/" in found.path else text
