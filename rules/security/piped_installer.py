from __future__ import annotations

from bisect import bisect_left

from dfadvise.about.downloads import clear_text_host, downloads, interprets_input
from dfadvise.about.insecure import tls_off
from dfadvise.knowledge.programs import SHELLS
from dfadvise.managers.packages import reading
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.downloads import Download
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

_LONGEST_PIPE = 20
_READERS = SHELLS | frozenset(("eval", "source", ".", "python", "python3", "perl", "ruby", "node", "php"))
_SUBSTITUTIONS = ("$(", "`", "<(")


class PipedInstaller(Rule):
    """A download is run as it comes in.

    Why:
        Nobody has seen the script that runs, no checksum ties it to the one that was tested, and a transfer that breaks
        off runs half of it. A script that is downloaded, verified and then run has none of this.

    Bad:
        FROM debian:13
        RUN curl -fsSL https://example.com/install.sh | bash -s -- --yes

    Good:
        FROM debian:13
        RUN curl -fsSLo /tmp/install.sh https://example.com/install.sh \\
            && echo "0123456789abcdef  /tmp/install.sh" | sha256sum -c - \\
            && bash /tmp/install.sh --yes

    Bad (in a word):
        FROM debian:13
        RUN sh -c "$(wget -qO- https://example.com/install.sh)"

    Bad (as a file):
        FROM buildpack-deps:trixie
        SHELL ["/bin/bash", "-c"]
        RUN bash <(curl -fsSL https://example.com/install.sh) --yes

    Good (data):
        FROM debian:13
        RUN curl -fsSL https://example.com/key.asc | gpg --dearmor -o /etc/apt/keyrings/example.gpg
        RUN curl -fsSL https://example.com/list.json | python3 -c "import json, sys; print(json.load(sys.stdin))"

    Good (an archive):
        FROM debian:13
        RUN curl -fsSL https://example.com/tool.tgz | tar -xz -C /opt

    Fix:
        none: the checksum is not known here.
    """

    on = ("RUN",)
    severity = "info"
    security = "5.5"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        if not any(mark in text for mark in ("|", "$(", "`", "<(")):
            return False
        return any(mark in text for mark in ("://", "curl", "wget"))

    def check(self, run: Run) -> Iterator[Finding]:
        found = downloads(run)
        if not found:
            return
        by_command = {id(download.command): download for download in found}
        commands = reading(run).commands
        for command in commands:
            if command.pipe_from is not None and interprets_input(command):
                download = _piped(command, by_command)
                if download is not None:
                    yield self._finding(command, command.words[0], download)
        inner = [download for download in found if "substitution" in download.command.contexts]
        if inner:
            inner.sort(key=lambda download: download.command.start)
            starts = [download.command.start for download in inner]
            for command in commands:
                for word in _handed(command):
                    at = bisect_left(starts, word.start)
                    while at < len(inner) and starts[at] < word.end:
                        if inner[at].command.script is word.script:
                            yield self._finding(command, command.words[0], inner[at])
                            break
                        at += 1

    def _finding(self, command: ShellCommand, word: ShellWord, download: Download) -> Finding:
        clear = clear_text_host(download.text) is not None
        unchecked = bool(tls_off(download.command))
        how = "in clear text" if clear else "with no certificate checked" if unchecked else "unchecked"
        shown = download.text.replace(UNKNOWN, "…")
        return self.finding(
            word.span,
            f"{command.program} runs a script straight from {shown if len(shown) < 100 else 'a download'}, {how}",
            severity="warning" if clear or unchecked else None,
            related=[("downloaded here", download.span)],
        )


def _piped(command: ShellCommand, by_command: dict[int, Download]) -> Download | None:
    """The download at the start of a pipeline that ends in a command."""
    before = command.pipe_from
    for _ in range(_LONGEST_PIPE):
        if before is None:
            return None
        download = by_command.get(id(before))
        if download is not None:
            return download
        before = before.pipe_from
    return None


def _handed(command: ShellCommand) -> Iterator[ShellWord]:
    """The words that a command runs as code and that hold a substitution."""
    program = command.program or ""
    if program not in _READERS and program.rstrip("0123456789.") != "python":
        return
    for place, word in enumerate(command.words[1:], 1):
        if UNKNOWN not in word.partial or not any(mark in word.raw for mark in _SUBSTITUTIONS):
            if not word.is_flag and program not in ("eval",):
                return
            continue
        before = command.words[place - 1].partial
        # `sh -c TEXT`, `bash <(..)`, `eval TEXT`; a substitution elsewhere is an argument.
        if word.raw.startswith("<(") or program in ("eval", "source", ".") or _takes_code(before):
            yield word
        return


def _takes_code(option: str) -> bool:
    return len(option) > 1 and option[0] == "-" and option[1] != "-" and option[-1] in "ce"
