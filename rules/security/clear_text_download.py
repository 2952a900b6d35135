from __future__ import annotations

from dfadvise.about.downloads import HTTPS_HOSTS, clear_text_host, fetched, is_fetcher, verified
from dfadvise.base.certificates import are_missing
from dfadvise.knowledge.hosts import split_url
from dfadvise.managers.packages import reading
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Cmd, Copy, Entrypoint, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.downloads import Download
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

_SONAR = ("sonar:S5332",)
ALIASES = ("kics:d5b3c9a1", *_SONAR)
# They name an address without going there, or check the signature of what they get.
_TALKERS = frozenset(
    "echo printf sed grep export test [ [[ : set tee cat awk perl apk add-apt-repository apt-add-repository"
    " yum-config-manager".split()
)


class ClearTextDownload(Rule):
    """Something is fetched over http or ftp.

    Why:
        Whoever sits on the way can change what arrives, and the build installs or runs it.

    Bad:
        FROM buildpack-deps:trixie-curl
        RUN wget http://archive.apache.org/dist/ant/binaries/apache-ant-1.10.15-bin.tar.gz

    Good:
        FROM buildpack-deps:trixie-curl
        RUN wget https://archive.apache.org/dist/ant/binaries/apache-ant-1.10.15-bin.tar.gz

    Bad (ADD):
        FROM debian:13
        ADD http://www.scalastyle.org/scalastyle_config.xml /etc/

    Good (signed repositories, and settings):
        FROM debian:13
        RUN echo "deb http://deb.debian.org/debian trixie main" > /etc/apt/sources.list && apt-get update
        RUN sed -i 's|http://archive.example.com|http://mirror.example.com|' /etc/apt/sources.list
        RUN git config --global http.proxy http://proxy.example.com:3128

    Bad (a repository whose signatures are never checked):
        FROM opensuse/leap:16.0
        RUN zypper --non-interactive addrepo -G http://example.com/rpm example

    Good (its signatures are checked):
        FROM opensuse/leap:16.0
        RUN zypper --non-interactive addrepo http://example.com/rpm example

    Good (this machine and its network):
        FROM debian:13
        RUN curl -fsS http://localhost:8080/health && curl -O http://artifacts/app.tgz
        RUN curl http://169.254.169.254/latest/meta-data/ && wget http://host.docker.internal:9000/

    Good (a variable that nobody knows):
        FROM debian:13
        ARG MIRROR
        RUN curl -fsSLO http://$MIRROR/tool.tgz

    Options:
        rules.clear-text-download.allow = ["*.corp.example.com"]

    Good (a host that is allowed):
        FROM buildpack-deps:trixie-curl
        RUN curl -fsSLO http://files.corp.example.com/tool.tgz

    Fix:
        unsafe: https, for hosts that are known to serve it. None where the image has no certificates to check it by.
    """

    on = ("RUN", "ADD", "CMD", "ENTRYPOINT")
    mentions = ("http:", "ftp:", "curl", "wget")
    severity = "warning"
    security = "6.0"
    aliases = ALIASES
    options = {"allow": []}

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        # Without a scheme, curl and wget take http.
        lower = text.lower()
        return "http:" in lower or "ftp:" in lower or not programs_in(file).isdisjoint(("curl", "wget", "wget2"))

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if isinstance(instruction, Run):
            commands = reading(instruction).commands
            yield from self._commands(instruction, commands)
        elif isinstance(instruction, Cmd | Entrypoint):
            yield from self._commands(instruction, list(instruction.all_commands()))
        elif isinstance(instruction, Copy):
            for word in instruction.args:
                url = (instruction.expand(word.text) or "").strip("\"'")
                host = clear_text_host(url)
                if host is None or self.allows(host):
                    continue
                fix = None
                at = instruction.file.source.slice(word.span).find("http://")
                if host in HTTPS_HOSTS and at >= 0:
                    fix = _fix(word.span.start + at)
                yield self.finding(
                    word.span,
                    _message(url),
                    severity="info" if instruction.flag("checksum") is not None else None,
                    aliases=ALIASES,
                    fix=fix,
                )

    def _commands(self, instruction: Instruction, commands: list[ShellCommand]) -> Iterator[Finding]:
        checked = verified(commands)
        dark = isinstance(instruction, Run) and are_missing(instruction)
        for download in [*fetched(commands), *_unsigned(commands)]:
            host = clear_text_host(download.text)
            if host is None:
                if _is_odd(download.text):
                    message = f"{download.text} names no valid host"
                    yield self.finding(download.span, message, severity="style", aliases=_SONAR)
                continue
            if self.allows(host):
                continue
            yield self.finding(
                download.span,
                _message(download.text),
                severity="style" if download.dropped else "info" if id(download.command) in checked else None,
                aliases=ALIASES if isinstance(instruction, Run) else _SONAR,
                fix=None if dark else _word_fix(download, host),
            )
        for command in commands:
            if command.program in _TALKERS or is_fetcher(command):
                continue
            for word in command.words[1:]:
                host = clear_text_host(word.partial) if word.partial.startswith(("http://", "ftp://")) else None
                if host and not self.allows(host):
                    message = f"{word.partial} is named to a program that may fetch it"
                    yield self.finding(word.span, message, severity="style", aliases=_SONAR)


def _unsigned(commands: list[ShellCommand]) -> list[Download]:
    """The repositories of zypper that are added so that no signature is asked for, which else protects them."""
    adding = [each for each in commands if each.program == "zypper" and each.subcommand in ("addrepo", "ar")]
    if not adding:
        return []
    from dfadvise.about.downloads import Download
    from dfadvise.about.insecure import never_checked

    unsigned = [each for each in adding if never_checked(each)]
    return [Download(each, word, word.partial) for each in unsigned for word in each.targets if "://" in word.partial]


def _message(url: str) -> str:
    scheme, host, _ = split_url(url)
    return f"{host} is asked over {scheme}, in clear text"


def _is_odd(url: str) -> bool:
    """Whether the host of an http URL is an IPv6 address without brackets, or none at all."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0].rpartition("@")[2]
    return scheme.lower() in ("http", "ftp") and authority.count(":") > 1 and not authority.startswith("[")


def _word_fix(download: Download, host: str) -> Fix | None:
    word = download.word
    at = word.raw.find("http://")
    if host not in HTTPS_HOSTS or at < 0 or word.text is None:
        return None
    joined = word.script.joined
    start = word.start + at
    if not joined.is_contiguous(start, start + 7) or ":80" in word.raw:
        return None
    return _fix(joined.locate(start))


def _fix(at: int) -> Fix:
    """Put the `s` behind `http`."""
    return Fix("Use https", [Edit(Span(at + 4, at + 4), "s")])
