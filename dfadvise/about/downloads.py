"""What commands fetch from the network: the URLs, where the content goes, and whether the RUN verifies it."""

from __future__ import annotations

from dfadvise.knowledge.hosts import split_url
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import operands
from dfadvise.knowledge.programs import SHELLS, valued_options
from dfadvise.managers.packages import reading
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Run

# Each operand is something to fetch; a missing scheme means http.
_BARE = words("curl wget wget2")
_FETCHERS = _BARE | words("aria2c axel fetch http https lynx")
# They fetch the URLs among their words.
_CLIENTS = words(
    "git svn hg bzr cvs pip pipx uv poetry pipenv easy_install npm npx pnpm yarn bun gem bundle composer go cargo conda"
    " mamba micromamba rpm rpmkeys yum dnf dnf5 microdnf tdnf zypper helm pecl pear cpan cpanm luarocks opam"
    " apt-get apt dpkg apt-key Rscript R"
)
# Repositories that are added so are signed.
_REPOSITORY_VERBS = words("config-manager addrepo ar")
# Options whose value is an address, but nothing that is fetched.
_NOT_FETCHED = words(
    "-x --proxy --preproxy --proxy1.0 --socks5 --socks5-hostname --socks4 --http-proxy --https-proxy --noproxy -e"
    " --referer --execute -H --header -A --user-agent --user-agent -d --data --data-raw --data-binary --data-urlencode"
    " -F --form -w --write-out --keyserver-options --resolve --connect-to --doh-url --trusted-host --remove"
)
# Words with these say that the address behind them is a setting: `git config http.proxy`, `npm config set proxy`.
_PROXY_PARTS = ("proxy", "http.http", "insteadof")
_CHECKERS = words("sha1sum sha224sum sha256sum sha384sum sha512sum md5sum b2sum shasum rhash cksum sha256 sha512")
_VERIFIERS = {
    "gpg": ("--verify", "--decrypt"),
    "gpg2": ("--verify", "--decrypt"),
    "gpgv": (),
    "gpgv2": (),
    "cosign": ("verify", "verify-blob"),
    "minisign": ("-V", "-Vm", "-VP"),
    "signify": ("-V", "-C"),
    "slsa-verifier": (),
    "sq": ("verify",),
    "gh": ("attestation",),
}
_INTERPRETERS = words("node ruby php perl lua")
# Options behind which the program itself stands, so that the input is data: of other interpreters, of shells.
_OWN_CODE = (words("-c -e -E -m -r -R -n -p -ne -pe -pi -le -v -V -i"), words("-c"))


# Hosts that serve https, as far as people fetch from them. Source: their own pages, read 2026-11-24.
HTTPS_HOSTS = words(
    "archive.apache.org downloads.apache.org dlcdn.apache.org www.apache.org github.com www.github.com"
    " raw.githubusercontent.com raw.github.com codeload.github.com gitlab.com bitbucket.org pypi.org"
    " pypi.python.org files.pythonhosted.org bootstrap.pypa.io rubygems.org repo1.maven.org repo.maven.apache.org"
    " search.maven.org ftp.gnu.org www.gnu.org deb.debian.org dl-cdn.alpinelinux.org nodejs.org www.python.org"
    " packages.microsoft.com download.docker.com get.docker.com apt.postgresql.org packages.sury.org"
    " download.oracle.com www.openssl.org nginx.org zlib.net www.zlib.net download.redis.io curl.se"
    " sourceforge.net downloads.sourceforge.net prdownloads.sourceforge.net dl.google.com storage.googleapis.com"
    " packages.cloud.google.com s3.amazonaws.com cran.r-project.org cloud.r-project.org cpanmin.us"
    " repo.anaconda.com repo.continuum.io conda.anaconda.org download.pytorch.org keyserver.ubuntu.com"
    " ppa.launchpadcontent.net launchpad.net rpm.nodesource.com deb.nodesource.com dl.fedoraproject.org"
    " download.fedoraproject.org vault.centos.org download.opensuse.org www.cpan.org pecl.php.net getcomposer.org"
    " www.php.net golang.org go.dev dl.k8s.io"
)


class Download:
    """Something that a command fetches.

    Attributes:
        command: The command.
        word: The word with the URL.
        text: The URL; an unknown part is NUL. A missing scheme is put in.
        stdout: Whether the content goes to the standard output.
        dropped: Whether nobody looks at the content: a test of the connection.
    """

    __slots__ = ("command", "dropped", "stdout", "text", "word")

    def __init__(self, command: ShellCommand, word: ShellWord, text: str) -> None:
        self.command = command
        self.word = word
        self.text = text
        self.stdout = False
        self.dropped = False

    def __repr__(self) -> str:
        return f"Download({self.text!r})"

    @property
    def span(self) -> Span:
        """The place of the word with the URL."""
        return self.word.span


def downloads(run: Run) -> list[Download]:
    """What the commands of a RUN fetch, in order; URLs that only a variable holds are left out.

    Args:
        run: The instruction.
    """
    return fetched(reading(run).commands)


def fetched(commands: Iterable[ShellCommand]) -> list[Download]:
    """What some commands fetch, in order.

    Args:
        commands: Commands of a RUN, CMD or ENTRYPOINT.
    """
    found: list[Download] = []
    for command in commands:
        if command.program in _FETCHERS:
            found.extend(_fetches(command, command.program in _BARE))
        elif is_fetcher(command):
            found.extend(_addresses(command))
    return found


def _fetches(command: ShellCommand, bare: bool) -> Iterator[Download]:
    texts = [word.partial for word in command.words]
    places = operands(texts, 1, valued_options(command.program))
    places += [at + 1 for at, text in enumerate(texts[:-1]) if text == "--url"]
    if not places:
        return
    stdout, dropped = _to_stdout(command), _is_dropped(command)
    for place in sorted(places):
        word = command.words[place]
        text = word.partial
        if "://" not in text:
            glued = command.words[place - 1].end == word.start  # the rest of a word, not one of its own
            if not bare or glued or not _is_host(text):
                continue
            text = "http://" + text
        download = Download(command, word, text)
        download.stdout = stdout
        download.dropped = dropped
        yield download


def is_fetcher(command: ShellCommand) -> bool:
    """Whether a command is one of a program that fetches what it is told to."""
    program = command.program or ""
    return program in _FETCHERS or program in _CLIENTS or program.startswith("pip") or _is_python_code(command)


def _is_python_code(command: ShellCommand) -> bool:
    """Whether a command is Python with code in a word, or one of its modules such as pip."""
    program = command.program or ""
    return program.startswith("python") and any(word.partial in ("-c", "-m") for word in command.words[1:3])


def _addresses(command: ShellCommand) -> Iterator[Download]:
    skip = False
    setting = any(word.partial in _REPOSITORY_VERBS for word in command.words[1:4])
    for word in command.words[1:]:
        text = word.partial
        if skip:
            skip = False
            continue
        lower = text.lower()
        if any(part in lower for part in _PROXY_PARTS):
            setting = True
        if text in _NOT_FETCHED:
            skip = True
        elif "://" in text and not setting and not any(lower.startswith(option + "=") for option in _NOT_FETCHED):
            at = text.find("://")
            start = at
            while start and (text[start - 1].isalnum() or text[start - 1] in "+.-" or text[start - 1] == UNKNOWN):
                start -= 1
            # `git+http://` and `svn+http://` say how to read what comes over http.
            scheme = text[start:at].rpartition("+")[2]
            yield Download(command, word, scheme + text[at : _end(text, at + 3)])


def _end(text: str, at: int) -> int:
    """Where a URL ends that stands in code."""
    while at < len(text) and not text[at].isspace() and text[at] not in "'\"`<>,;)":
        at += 1
    return at


def _is_host(text: str) -> bool:
    """Whether a word without a scheme is `host/path` or a host."""
    host = text.partition("/")[0].partition(":")[0]
    labels = host.split(".")
    if UNKNOWN in host or len(labels) < 2 or not all(labels) or not host.isascii():
        return False
    return labels[-1].isalpha() and len(labels[-1]) > 1 and all(c.isalnum() or c in "-." for c in host)


def _to_stdout(command: ShellCommand) -> bool:
    if any(redirect.takes_output for redirect in command.redirects):
        return False
    if command.program == "curl":
        if command.has_flag("-O", "--remote-name", "--remote-name-all", "-J"):
            return False
        output = [value for _, value in command.option_words("-o", "--output")]
        return not _bundled(command, "o") and (not output or output[0] in ("-", "/dev/stdout"))
    if command.program in ("wget", "wget2"):
        output = [value for _, value in command.option_words("-O", "--output-document")]
        return (bool(output) and output[0] in ("-", "/dev/stdout")) or _bundled_value(command, "O") == "-"
    return command.program in ("lynx", "http", "https", "fetch") and command.after in ("|", "|&")


def _bundled(command: ShellCommand, letter: str) -> bool:
    """Whether a bundle such as `-fsSLo` ends in a letter that takes the next word."""
    return _bundled_value(command, letter) not in (None, "-")


def _bundled_value(command: ShellCommand, letter: str) -> str | None:
    words = command.words
    valued = valued_options(command.program)
    for place in range(1, len(words)):
        text = words[place].partial
        if len(text) < 3 or text[0] != "-" or text[1] == "-" or letter not in text:
            continue
        head, _, rest = text[1:].partition(letter)
        if not head.isalnum() or any("-" + char in valued for char in head):
            continue
        if rest:
            return rest
        return words[place + 1].partial if place + 1 < len(words) else None
    return None


def _is_dropped(command: ShellCommand) -> bool:
    if command.program == "curl":
        if command.has_flag("-I", "--head"):
            return True
        return any(value == "/dev/null" for _, value in command.option_words("-o", "--output")) or (
            _bundled_value(command, "o") == "/dev/null"
        )
    return command.has_flag("--spider") or any(
        value == "/dev/null" for _, value in command.option_words("-O", "--output-document")
    )


def verifies(command: ShellCommand) -> bool:
    """Whether a command holds a file against a checksum or a signature, and fails when it does not fit."""
    program = command.program or ""
    if program in _CHECKERS:
        return command.has_flag("-c", "--check", "--status") or any(
            word.partial.startswith("-") and not word.partial.startswith("--") and "c" in word.partial
            for word in command.words[1:]
        )
    if program == "openssl":
        return any(word.partial in ("-verify", "-signature") for word in command.words)
    wanted = _VERIFIERS.get(program)
    if wanted is None:
        return False
    if program == "minisign" and any(word.partial.startswith("-V") for word in command.words[1:]):
        return True  # -Vqm
    return not wanted or any(word.partial in wanted for word in command.words[1:])


def verified(commands: list[ShellCommand]) -> set[int]:
    """The ids of the commands behind which another one verifies what came.

    Args:
        commands: All commands of the RUN, in order.
    """
    last = next((at for at in range(len(commands) - 1, 0, -1) if verifies(commands[at]) or _compares(commands[at])), 0)
    return {id(command) for command in commands[:last]}


def _compares(command: ShellCommand) -> bool:
    """`test "$(sha256sum f)" = ...`, `[ "$sum" = "$expected" ]`."""
    if command.program not in ("test", "[", "[["):
        return False
    return any(name in word.raw for word in command.words for name in ("sum ", "sum)", "shasum", "openssl dgst"))


def interprets_input(command: ShellCommand) -> bool:
    """Whether a command runs what comes in on its standard input: `sh`, `bash -s -- -y`, `python3 -`."""
    program = command.program or ""
    shell = program in SHELLS
    if not shell and program not in _INTERPRETERS and program.rstrip("0123456789.") != "python":
        return False
    skip = False
    for word in command.words[1:]:
        text = word.partial
        if skip:
            skip = False
        elif text in ("-", "/dev/stdin") or (text == "--" and not shell):
            return True
        elif text[:1] not in ("-", "+") or text in ("--version", "--help") or text in _OWN_CODE[shell]:
            return False
        elif shell and text[1:2] != "-":
            if "c" in text or "n" in text:
                return False
            if "s" in text:
                return True
            skip = text in ("-o", "+o")
    return True


def is_local(host: str) -> bool:
    """Whether a host is this machine, its network or a cloud's metadata service: never across the internet.

    Args:
        host: The host in lower case, IPv6 in brackets.
    """
    if "." not in host and ":" not in host:
        return True
    if host.endswith((".local", ".localhost", ".internal", ".lan", ".home", ".svc", ".cluster.local", ".test")):
        return True
    if host.startswith("["):
        return host in ("[::1]", "[fd00:ec2::254]") or host.startswith(("[fe80:", "[fc", "[fd"))
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return False
    first, second = int(parts[0]), int(parts[1])
    if first in (0, 10, 127) or (first, second) in ((192, 168), (169, 254)):
        return True
    return first == 172 and 16 <= second < 32


def clear_text_host(url: str) -> str | None:
    """The host that a URL is fetched from in clear text; None for encrypted schemes, local and unknown hosts.

    Args:
        url: The URL; an unknown part is NUL.
    """
    scheme, host, _ = split_url(url)
    if scheme not in ("http", "ftp") or not host or UNKNOWN in host:
        return None
    if host.startswith("["):
        host = host[: host.find("]") + 1]
    return None if is_local(host) else host
