from __future__ import annotations

from dfadvise.about import addsources
from dfadvise.editing.keywords import keyword
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Add

# What only ADD can do.
OWN_FLAGS = ("unpack", "checksum", "keep-git-dir")
HADOLINT = "DL3020"
ANY_ADD = ("CKV_DOCKER_4", "kics:9513a694")
LOCAL = (HADOLINT, "DS-0005", *ANY_ADD, "sonar:S7029", "CIS-DI-0009")


class AddForLocalFile(Rule):
    """ADD copies local files that are no archives.

    Why:
        ADD also downloads, clones and unpacks, depending on what its source turns out to be. For plain files COPY does
        the same and nothing else.

    Bad:
        FROM eclipse-temurin:21-jre
        ADD app.jar /opt/app.jar

    Good:
        FROM eclipse-temurin:21-jre
        COPY app.jar /opt/app.jar

    Bad (the whole context):
        FROM node:22-slim
        ADD . /app/

    Good (the whole context):
        FROM node:22-slim
        COPY . /app/

    Good (an archive is unpacked):
        FROM debian:12
        ADD rootfs.tar.xz /

    Good (from elsewhere):
        FROM debian:12
        ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \\
            https://example.org/tool /usr/local/bin/tool
        ADD https://github.com/example/tool.git#v1.0 /src

    Fix:
        safe: COPY, when every source is a folder or was read and is no archive; otherwise unsafe.
    """

    on = ("ADD",)
    keywords = ("ADD",)
    severity = "info"
    aliases = LOCAL

    def check(self, add: Add) -> Iterator[Finding]:
        if any(flag.name in OWN_FLAGS for flag in add.flags) or not add.sources or add.target is None:
            return
        kinds = [addsources.kind_of(add, word) for word in add.sources]
        if all(kind in addsources.LOCAL for kind in kinds):
            fix = None
            if not add.heredocs and all(kind != "pattern" for kind in kinds):
                sure = all(kind == "plain" for kind in kinds)
                fix = Fix("Use COPY", [Edit(add.name_span, keyword("COPY", add.file))], "safe" if sure else "unsafe")
            yield self.finding(
                add.name_span, "ADD of plain local files, for which COPY is enough", aliases=LOCAL, fix=fix
            )
        elif any(kind in addsources.LOCAL for kind in kinds):
            message = "ADD of local files beside what needs ADD"
            yield self.finding(add.name_span, message, severity="style", aliases=(HADOLINT, ANY_ADD[0]))
        elif "unknown" in kinds:
            message = "ADD of a source that is not known here"
            yield self.finding(add.name_span, message, severity="style", aliases=(HADOLINT, "DS-0005", *ANY_ADD))
