from __future__ import annotations

from dfadvise.about.downloads import downloads
from dfadvise.knowledge.hosts import vulnerable
from dfadvise.managers.packages import reading
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.hosts import Vulnerable
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Instruction

# A distribution's own, which it mends without a new number.
_PACKAGES = (".rpm", ".deb", ".apk")
# What the other tool knows: it stops before 3.0.6.
_KICS = frozenset(f"3.0.{patch}" for patch in range(6))


class VulnerableDownload(Rule):
    """A version with a famous hole is downloaded.

    Why:
        OpenSSL up to 3.0.6 and 1.0.1f, log4j-core up to 2.14.1 and xz 5.6.0 and 5.6.1 have holes that are exploited in
        the wild, or a back door. A version that is built from source or taken from Maven is never mended by the
        distribution.

    Bad:
        FROM debian:13
        ARG OPENSSL_VERSION=3.0.2
        RUN curl -fsSLO https://www.openssl.org/source/openssl-${OPENSSL_VERSION}.tar.gz

    Bad (ADD):
        FROM debian:13
        ADD https://repo1.maven.org/maven2/org/apache/logging/log4j/log4j-core/2.14.1/log4j-core-2.14.1.jar /opt/

    Bad (a pinned package):
        FROM mambaorg/micromamba:2
        RUN micromamba install -y -c conda-forge openssl=3.0.5

    Good:
        FROM debian:13
        ARG OPENSSL_VERSION=3.0.17
        RUN curl -fsSLO https://www.openssl.org/source/openssl-${OPENSSL_VERSION}.tar.gz

    Good (mended by the distribution under the same number):
        FROM ubuntu:22.04
        RUN apt-get update && apt-get install -y openssl=3.0.2-0ubuntu1.19

    Good (a version that nobody knows):
        FROM debian:13
        ARG OPENSSL_VERSION
        RUN curl -fsSLO https://www.openssl.org/source/openssl-${OPENSSL_VERSION}.tar.gz

    Variants:
        not onbuild: the arguments of a trigger are set in the child image

    Fix:
        none: the version is the author's choice, and a checksum goes with it.
    """

    on = ("RUN", "ADD")
    mentions = ("openssl", "log4j", "xz")
    severity = "error"
    security = "9.8"
    aliases = ("kics:5fa731ea",)

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        seen: set[tuple[str, str]] = set()
        for span, text in _named(instruction):
            found = vulnerable(text)
            if found is not None and (found.product, found.version) not in seen:
                seen.add((found.product, found.version))
                yield self._finding(span, found)

    def _finding(self, span: Span, found: Vulnerable) -> Finding:
        message = f"{found.product} {found.version} has {found.cve}; mended in {found.fixed}"
        known = found.product == "OpenSSL" and found.version in _KICS
        return self.finding(span, message, aliases=self.aliases if known else ())


def _named(instruction: Instruction) -> Iterator[tuple[Span, str]]:
    """What an instruction downloads or installs, with its place."""
    if isinstance(instruction, Copy):
        for word in instruction.sources:
            text = instruction.expand(word.text)
            if text is not None and "://" in text and not text.endswith(_PACKAGES):
                yield word.span, text
    elif isinstance(instruction, Run):
        for download in downloads(instruction):
            if not download.text.endswith(_PACKAGES):
                yield download.span, download.text
        for action in reading(instruction).actions:
            # A system's packages are mended under the same number.
            if action.installs and not action.is_idle and not action.manager.system:
                for operand in action.operands:
                    yield operand.span, operand.partial
        for command in instruction.commands("git", "clone"):
            branch = command.option("-b", "--branch")
            if branch:
                yield command.argv_span, branch
