from __future__ import annotations

from posixpath import basename, dirname

from dfadvise.about.removals import FOREVER
from dfadvise.base.bases import base_of
from dfadvise.effects import effects_of
from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported
from dfadvise.memory import remembered
from dfadvise.paths import clean, is_below
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Links in many images, or made one by a package: a linked copy would lie in the place of the link.
LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/var/run", "/var/lock", "/run", "/usr/tmp")

# Steps before a copy that are looked at; no file of a person has more.
MOST = 200
# Images with no service in them that could own folders of its own.
PLAIN_IMAGES = frozenset(
    "debian ubuntu alpine fedora centos rockylinux almalinux oraclelinux amazonlinux archlinux buildpack-deps busybox"
    " python node ruby golang rust gcc openjdk eclipse-temurin amazoncorretto maven gradle perl nginx httpd php"
    " gcr.io/distroless/static-debian12 gcr.io/distroless/base-debian12".split()
)
# Root's, with the mode 0755, in every image that is known here.
PLAIN_FOLDERS = frozenset(
    "/ /etc /opt /srv /mnt /media /usr /usr/bin /usr/lib /usr/sbin /usr/share /usr/src /usr/local /usr/local/bin"
    " /usr/local/sbin /usr/local/etc /usr/local/lib /usr/local/share /var".split()
)
# Some image, or a package, gives these or folders in them to somebody, or opens or closes them.
SPECIAL_FOLDERS = tuple(
    "/tmp /root /home /run /go /data /config /var/tmp /var/www /var/lib /var/log /var/cache /var/spool /var/mail"
    " /usr/local/bundle /etc/sudoers.d /etc/ssl/private /etc/polkit-1".split()
)


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

    Bad (a name means nothing in a layer of its own):
        FROM debian:12
        RUN useradd app
        COPY --chown=app app/ /srv/app/

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
        unsafe: a linked copy does not follow links in its target, and makes the folders above it anew, as root's with
        the mode 0755. None where one of them may have another owner or mode, or where `--chown` has a name, which
        means nothing in a layer of its own.
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
        fix = None
        if _has_numeric_owner(copy) and not _may_be_special(copy, path, target.endswith("/") or len(copy.args) > 2):
            fix = Fix("Add --link", [Edit(Span(at, at), " --link")])
        message = "is made again whenever a step above it, or the base image, changes"
        yield self.finding(copy.name_span, message, fix=fix)


def _is_clear(copy: Copy, target: str) -> bool:
    """Whether the target means the same in an empty layer: a folder, or a file that is named in full."""
    if target.endswith("/") or len(copy.args) > 2:
        return True
    if len(copy.args) != 2:
        return False
    source = copy.args[0].text
    return "." in basename(target) and basename(source) == basename(target)


def _has_numeric_owner(copy: Copy) -> bool:
    """Whether there is no owner to look up: BuildKit has no /etc/passwd in the layer (moby/buildkit issue 2987)."""
    flag = copy.flag("chown")
    if flag is None:
        return True
    parts = (flag.value or "").split(":")
    return len(parts) <= 2 and all(part.isascii() and part.isdigit() for part in parts)


def _may_be_special(copy: Copy, path: str, is_folder: bool) -> bool:
    """Whether one of the folders that a linked copy makes anew may have another owner or mode than root's 0755."""
    folder = path if is_folder else dirname(path)
    while folder not in PLAIN_FOLDERS:
        if any(is_below(folder, special) for special in SPECIAL_FOLDERS) or _is_named(copy, folder):
            return True
        folder = dirname(folder)
    return False


def _is_named(copy: Copy, folder: str) -> bool:
    """Whether a step before a copy may make a folder, or give it away."""
    stage = copy.stage
    base = base_of(stage)
    if base is None or (base.name not in PLAIN_IMAGES and not base.is_scratch) or copy.index > MOST:
        return True
    for each in stage.chain_instructions():
        if each is copy:
            return False
        if isinstance(each, Run) and (each.is_opaque or basename(folder) in each.body.text):
            return True
        if isinstance(each, Copy) and each.flag("chown") is not None:
            return True
        if each.keyword == "USER":
            return True
    return False


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
