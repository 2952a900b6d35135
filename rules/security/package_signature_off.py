from __future__ import annotations

from posixpath import basename

from dfadvise.about.insecure import signature_off
from dfadvise.editing import edits
from dfadvise.managers.packages import reading
from dfadvise.paths import has_glob
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.shells.written import signature_off as signature_off_in
from dfadvise.shells.written import written
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.insecure import Switch
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Copy

# A root of its own has no keys, or other ones.
_OTHER_ROOT = ("--root", "-p", "--initdb", "--installroot", "-R", "--keys-dir", "--sysroot")
_FILES = (".apk", ".deb", ".rpm")
_SETTINGS = {"trusted": "[trusted=yes]", "gpgcheck": "gpgcheck=0", "siglevel": "SigLevel = Never"}


class PackageSignatureOff(Rule):
    """A package manager is told to install without a valid signature.

    Why:
        Signatures are what ties a package to its distribution, whatever mirror or proxy it came through. Without the
        check anybody on the way can put in his own, and its scripts run as root.

    Bad:
        FROM debian:13
        RUN apt-get update && apt-get install -y --allow-unauthenticated tool

    Good:
        FROM debian:13
        RUN apt-get update && apt-get install -y tool

    Bad (a repository):
        FROM debian:13
        RUN echo "deb [trusted=yes] https://example.com/apt stable main" > /etc/apt/sources.list.d/example.list

    Good (a repository with its key):
        FROM debian:13
        RUN echo "deb [signed-by=/etc/apt/keyrings/example.asc] https://example.com/apt stable main" \\
            > /etc/apt/sources.list.d/example.list

    Bad (a root without keys; no fix):
        FROM alpine:3.23
        RUN apk add --root /out --initdb --allow-untrusted --no-cache busybox-static

    Good (the keys of this system):
        FROM alpine:3.23
        RUN apk add --root /out --initdb --keys-dir /etc/apk/keys --no-cache busybox-static

    Bad (a repository of yum):
        FROM rockylinux:9
        COPY <<EOF /etc/yum.repos.d/example.repo
        [example]
        baseurl=https://example.com/rpm
        gpgcheck=0
        EOF

    Good (the check of the index, which is off by default):
        FROM rockylinux:9
        COPY <<EOF /etc/yum.repos.d/example.repo
        [example]
        baseurl=https://example.com/rpm
        repo_gpgcheck=0
        gpgcheck=1
        EOF

    Bad (a repository of zypper, for good):
        FROM opensuse/leap:16.0
        RUN zypper --non-interactive addrepo -G https://example.com/rpm example

    Good (a repository of zypper with its key):
        FROM opensuse/leap:16.0
        RUN rpm --import https://example.com/key.asc && zypper --non-interactive addrepo https://example.com/rpm example

    Good (a repository on this disk, an option of another program):
        FROM debian:13
        RUN echo "deb [trusted=yes] file:/srv/repo ./" > /etc/apt/sources.list.d/local.list && apt-get update
        RUN apt-get install -y tool | grep -- --allow-unauthenticated

    Fix:
        unsafe: deletes the option; the key may have to be installed. None for single files and other roots, which
        have no key, and for a letter among others.
    """

    on = ("RUN", "COPY", "ADD")
    mentions = (
        *("allow", "force-yes", "trusted", "gpgcheck", "siglevel"),
        *("no-gpg", "zypper", "nodigest", "nosignature", "noverify", "nofiledigest"),
    )
    severity = "warning"
    security = "7.5"
    aliases = tuple(f"CKV2_DOCKER_{number}" for number in (7, 8, 9, 10, 11))

    def check(self, instruction: Run | Copy) -> Iterator[Finding]:
        if isinstance(instruction, Run):
            for command in reading(instruction).commands:
                for switch in signature_off(command):
                    yield self._switch(command, switch)
        for file in written(instruction):
            found = signature_off_in(file)
            if found is not None:
                tool, key = found
                what = _SETTINGS.get(key, key)
                message = f"{what} in {basename(file.path)} lets {tool} install without a valid signature"
                yield self.finding(file.span(key), message)

    def _switch(self, command: ShellCommand, switch: Switch) -> Finding:
        found = [edits.without(command, word) for word in switch.words]
        deletions = [edit for edit in found if edit is not None]
        fix = None
        if not switch.letter and len(deletions) == len(found) and _has_keys(command):
            fix = Fix(f"Delete {switch.text}", deletions)
        message = f"{switch.text} lets {switch.tool} install without a valid signature"
        return self.finding(switch.span, message, aliases=switch.codes, fix=fix)


def _has_keys(command: ShellCommand) -> bool:
    """Whether the keys may be there: not in another root, and not for a package that is no repository's."""
    if command.has_flag(*_OTHER_ROOT):
        return False
    return not any(
        UNKNOWN in word.partial or has_glob(word.partial) or "/" in word.partial or word.partial.endswith(_FILES)
        for word in command.targets
    )
