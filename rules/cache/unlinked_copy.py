from __future__ import annotations

from posixpath import basename

from dfadvise.effects import effects_of
from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported
from dfadvise.packages import remembered
from dfadvise.paths import clean, is_below
from dfadvise.removals import FOREVER
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Links in many images, or made one by a package: a linked copy would lie in the place of the link.
LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/var/run", "/var/lock", "/run", "/usr/tmp")


class UnlinkedCopy(Rule):
    """A copy is made again whenever something below it changes.

    Why:
        COPY --link puts the files into a layer of their own, whatever stands below: when the base image moves, or a RUN
        above runs again, the layer is kept as it is, not copied and not sent anew.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl
        COPY app/ /app/

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl
        COPY --link app/ /app/

    Good (nothing below can change):
        FROM scratch
        COPY app/ /app/

    Good (the folder may be a link):
        FROM debian:12
        COPY tool /bin/tool
        COPY conf/ /var/run/tool/

    Good (its target hangs on what is there):
        FROM debian:12
        WORKDIR /app
        COPY app/ .
        COPY app /srv

    Fix:
        unsafe: a linked copy does not follow links in its target, and gives the folders above it the plain mode.
    """

    on = ("COPY", "ADD")
    keywords = ("COPY", "ADD")
    severity = "info"
    default = "off"

    def check(self, copy: Copy) -> Iterator[Finding]:
        if copy.target is None or copy.flag("link") is not None or copy.flag("chmod") is not None:
            return
        target = copy.expand(copy.target.text)
        if target is None or not target.startswith("/") or not _is_clear(copy, target) or not _is_movable(copy):
            return
        path = clean(target)
        if path == "/" or any(is_below(path, link) for link in LINKS) or _may_be_linked(copy, path):
            return
        directive = copy.file.tree.directive("syntax")
        version = frontend_version(directive.value) if directive is not None else DEFAULT
        if version is None or not supported("--link", version):
            return
        at = copy.name_span.end
        yield self.finding(
            copy.name_span,
            "is made again whenever a step above it, or the base image, changes",
            fix=Fix("Add --link", [Edit(Span(at, at), " --link")]),
        )


def _is_clear(copy: Copy, target: str) -> bool:
    """Whether the target means the same in an empty layer: a folder, or a file that is named in full."""
    if target.endswith("/") or len(copy.args) > 2:
        return True
    if len(copy.args) != 2:
        return False
    source = copy.args[0].text
    return "." in basename(target) and basename(source) == basename(target)


def _is_movable(copy: Copy) -> bool:
    """Whether something below the copy can change without it."""
    stage = copy.stage
    memo = remembered(copy.file)
    slot = ("unlinked-copy.run", stage.index)
    if slot not in memo:
        memo[slot] = next((each.index for each in stage.instructions if isinstance(each, Run)), FOREVER)
    if memo[slot] < copy.index or stage.parent is not None:
        return True
    return stage.image is not None and not stage.image.is_scratch and stage.image.digest is None


def _may_be_linked(copy: Copy, path: str) -> bool:
    """Whether a RUN of the chain makes a link at, or above, a path."""
    if "ln " not in copy.file.source.text:
        return False
    memo = remembered(copy.file)
    for stage in copy.stage.chain:
        slot = ("unlinked-copy.links", stage.index)
        if slot not in memo:
            memo[slot] = {
                effect.path
                for each in stage.instructions
                if isinstance(each, Run)
                for effect in effects_of(each)
                if effect.command is not None and effect.command.program == "ln"
            }
        folder = path
        while folder != "/":
            if folder in memo[slot]:
                return True
            folder = folder.rpartition("/")[0] or "/"
    return False
