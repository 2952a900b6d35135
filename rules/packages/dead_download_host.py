from __future__ import annotations

from dfadvise.about.deadhosts import dead_uses
from dfadvise.knowledge.hosts import DEAD_MARKS
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Instruction


class DeadDownloadHost(Rule):
    r"""A download, a repository or a keyserver is asked for that no longer answers.

    Why:
        The host was switched off, or its content was taken away. As long as the step is in the build cache nobody
        notices; the next machine cannot build the image any more.

    Bad:
        FROM debian:12
        RUN gpg --batch --keyserver ha.pool.sks-keyservers.net --recv-keys B42F6819007F00F88E364FD4036A9C25BF357DD4

    Fixed:
        FROM debian:12
        RUN gpg --batch --keyserver keyserver.ubuntu.com --recv-keys B42F6819007F00F88E364FD4036A9C25BF357DD4

    Bad (a repository):
        FROM ubuntu:22.04
        RUN echo "deb https://apt.kubernetes.io/ kubernetes-xenial main" > /etc/apt/sources.list.d/kubernetes.list && \
            apt-get update

    Bad (a protocol):
        FROM alpine:3.22
        RUN git clone git://github.com/example/tool.git

    Fixed:
        FROM alpine:3.22
        RUN git clone https://github.com/example/tool.git

    Bad (ADD):
        FROM alpine:3.22
        ADD http://repo1.maven.org/maven2/junit/junit/4.13/junit-4.13.jar /lib/

    Fixed:
        FROM alpine:3.22
        ADD https://repo1.maven.org/maven2/junit/junit/4.13/junit-4.13.jar /lib/

    Good:
        FROM debian:12
        RUN gpg --batch --keyserver keyserver.ubuntu.com --recv-keys B42F6819007F00F88E364FD4036A9C25BF357DD4
        RUN echo "deb https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /" > /etc/apt/sources.list.d/kubernetes.list

    Good (the release is still there):
        FROM debian:12
        RUN echo "deb http://deb.debian.org/debian bookworm-backports main" > /etc/apt/sources.list.d/b.list

    Good (the archive, and how to get there):
        FROM debian:stretch
        RUN sed -i 's/deb.debian.org/archive.debian.org/; /stretch-updates/d' /etc/apt/sources.list
        RUN echo "deb http://archive.debian.org/debian stretch-backports main" > /etc/apt/sources.list.d/b.list

    Good (only a text):
        FROM alpine:3.22
        RUN echo "not from dl.bintray.com" && git config --global url.https://github.com/.insteadOf git://github.com/
        RUN git clone git://github.com/example/tool.git

    Fix:
        unsafe: the successor, where it has the same content under the same path.
    """

    on = ("RUN", "ADD", "COPY")
    mentions = DEAD_MARKS
    severity = "error"

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        seen: set[int] = set()
        for use in dead_uses(instruction):
            if use.span.start in seen:
                continue
            seen.add(use.span.start)
            successor = f": {use.dead.successor} took its place" if use.dead.successor else ""
            yield self.finding(
                use.span,
                f"{use.dead.what} no longer answers{successor}",
                severity=None if use.is_sure else "warning",
                fix=use.fix,
            )
