from __future__ import annotations

from posixpath import basename

from dfadvise.about.downloads import downloads, verified
from dfadvise.managers.packages import reading
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.downloads import Download
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Instruction

ADD_ALIASES = ("CKV_DOCKER_4", "kics:4b410d24", "semgrep:prefer-copy-over-add", "CIS-DI-0009")
_MOST = 100  # downloads of one RUN that are looked at
_INSTALLERS = frozenset("dpkg rpm apt apt-get dnf yum microdnf zypper apk pip pip3 tar bsdtar unzip gunzip".split())


class UnverifiedDownload(Rule):
    """A file from the network is taken without a checksum.

    Why:
        What is behind a URL can change: a new release under the same name, or an attacker's. With `--checksum` the
        build stops instead, and the cache knows whether the file is the same without loading it again.

    Bad:
        FROM debian:13
        ADD https://example.com/tool-1.2.tgz /opt/

    Good:
        FROM debian:13
        ADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef \\
            https://example.com/tool-1.2.tgz /opt/

    Good (a repository, whose commits are checksums):
        FROM debian:13
        ADD https://github.com/example/tool.git#v1.2 /src

    Good (from the context):
        FROM debian:13
        ADD tool-1.2.tgz /opt/
        RUN curl -fsSL https://example.com/tool-1.2.tgz | tar -xz -C /opt

    Options:
        rules.unverified-download.run = true

    Bad (downloads of RUN, when `run` is set):
        FROM debian:13
        RUN curl -fsSL https://example.com/tool-1.2.tgz | tar -xz -C /opt

    Good (verified):
        FROM debian:13
        RUN curl -fsSLo /tmp/tool.tgz https://example.com/tool-1.2.tgz \\
            && echo "0123456789abcdef  /tmp/tool.tgz" | sha256sum -c - && tar -xz -C /opt -f /tmp/tool.tgz

    Good (not run, not unpacked):
        FROM debian:13
        RUN curl -fsSLo /srv/logo.png https://example.com/logo.png

    Fix:
        none: the digest is not known here.
    """

    on = ("ADD", "RUN")
    mentions = ("://", "curl", "wget")
    severity = "info"
    security = "4.5"
    aliases = ADD_ALIASES
    options = {"run": False}

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if isinstance(instruction, Copy):
            if instruction.flag("checksum") is None:
                for word in instruction.sources:
                    url = (instruction.stage.expand_partly(word.text, instruction) or "").strip("\"'")
                    if url.lower().startswith(("http://", "https://", "ftp://")) and not _is_repository(url):
                        message = "the file is taken from the network without a checksum"
                        yield self.finding(word.span, message, aliases=ADD_ALIASES)
        elif isinstance(instruction, Run) and self.settings["run"] and instruction.stage.ships:
            commands = reading(instruction).commands
            checked = verified(commands)
            for download in downloads(instruction)[:_MOST]:
                if download.dropped or id(download.command) in checked or not _is_used(download, commands):
                    continue
                message = "the download is used without a checksum or a signature"
                yield self.finding(download.span, message)


def _is_repository(url: str) -> bool:
    return url.partition("#")[0].partition("?")[0].endswith(".git")


def _makes_executable(command: ShellCommand) -> bool:
    return any("x" in word.partial or "7" in word.partial or "5" in word.partial for word in command.words[1:2])


def _is_used(download: Download, commands: list[ShellCommand]) -> bool:
    """Whether a RUN unpacks, installs or makes executable what it downloads."""
    name = basename(download.text.partition("?")[0])
    output = next((value for _, value in download.command.option_words("-o", "-O", "--output") if value), None)
    named = basename(output) if output and output != "-" else name
    behind = False
    for command in commands:
        if command is download.command:
            behind = True
            continue
        if not behind:
            continue
        if download.stdout:
            if command.pipe_from is download.command:
                return command.program in _INSTALLERS
            continue
        used = command.program in _INSTALLERS or (command.program == "chmod" and _makes_executable(command))
        if used and named and any(basename(word.partial) == named for word in command.words[1:]):
            return True
    return False
