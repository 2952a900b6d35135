"""Private keys that commands make while an image is built, and where they go.

Source: the programs' own manuals, read 2026-11-24; Debian's openssh-server makes host keys when it is installed.
"""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.effects import directories, home_of
from dfadvise.knowledge.manager import words
from dfadvise.managers.packages import actions
from dfadvise.secret.flow import path_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Run

HOST_KEYS = "/etc/ssh/ssh_host_key"
# Options of ssh-keygen with which it makes no key, by their letters.
_NO_KEY = frozenset("FRlyeicpHBDQLkrsYMKh")
_OPENSSL_KEY = words("genrsa genpkey gendsa")
_KEYTOOL = ("-genkeypair", "-genkey", "-genseckey")
_GPG = (
    "--gen-key",
    "--generate-key",
    "--full-generate-key",
    "--full-gen-key",
    "--quick-generate-key",
    "--quick-gen-key",
)
_HOST_KEY_PACKAGES = words("openssh-server ssh task-ssh-server")
# Of these one is in every step that makes a key.
MENTIONS = ("ssh", "openssl", "keytool", "gpg", "certtool", "mkcert", "dropbearkey", "wg", "make-ssl-cert")
_SNAKEOIL = "/etc/ssl/private/ssl-cert-snakeoil.key"


class Made:
    """A private key that a command makes.

    Attributes:
        command: The command.
        span: The words to report.
        keys: The files, as `flow.path_key` has them; empty when nobody knows where it goes.
        what: What makes it, for people to read.
    """

    __slots__ = ("command", "keys", "span", "what")

    def __init__(self, command: ShellCommand, span: Span, what: str, keys: tuple[str, ...]) -> None:
        self.command = command
        self.span = span
        self.what = what
        self.keys = keys

    def __repr__(self) -> str:
        return f"Made({self.what}: {', '.join(self.keys)})"


def made_keys(run: Run) -> Iterator[Made]:
    """The private keys that a RUN makes, removed again or not.

    Args:
        run: The RUN.
    """
    text = run.body.text if not run.heredocs else run.file.source.slice(run.span)
    if not any(part in text for part in MENTIONS):
        return
    home = home_of(run)
    for command, cwd in directories(run, home):
        reader = _READERS.get(command.program or "")
        if reader is None or "function" in command.contexts:
            continue
        found = reader(command)
        if found is None:
            continue
        what, places = found
        keys = [path_key(place, cwd, home) or place for place in places]
        last = command.words[min(2, len(command.words)) - 1]
        yield Made(command, command.words[0].script.span(command.words[0].start, last.end), what, tuple(keys))
    yield from _by_packages(run)


def _by_packages(run: Run) -> Iterator[Made]:
    """Debian's SSH server, whose installation makes host keys."""
    base = base_of(run.stage)
    if base is None or base.distribution not in ("debian", "ubuntu"):
        return
    for action in actions(run):
        if action.manager.name != "apt" or action.effect != "install" or action.is_idle:
            continue
        for word in action.operands:
            if word.partial.partition("=")[0] in _HOST_KEY_PACKAGES:
                name = word.partial.partition("=")[0]
                yield Made(action.command, word.span, f"installing {name}", (HOST_KEYS,))
                break


def _ssh_keygen(command: ShellCommand) -> tuple[str, list[str]] | None:
    if any(word.partial[:1] == "-" and word.partial[1:2] in _NO_KEY for word in command.words[1:]):
        return None
    if command.has_flag("-A"):
        prefix = _value(command, "-f")
        return "ssh-keygen -A", [(prefix or "").rstrip("/") + HOST_KEYS]
    place = _value(command, "-f")
    return "ssh-keygen", [place if place is not None else "~/.ssh/id_rsa"]


def _openssl(command: ShellCommand) -> tuple[str, list[str]] | None:
    texts = [word.partial for word in command.words[1:]]
    verb = texts[0] if texts else ""
    if verb in _OPENSSL_KEY or (verb == "ecparam" and "-genkey" in texts):
        place = _value(command, "-out") or _redirected(command)
        return (f"openssl {verb}", [place]) if place is not None else None
    if verb != "req":
        return None
    fresh = "-newkey" in texts or ("-key" not in texts and ("-x509" in texts or "-new" in texts))
    place = _value(command, "-keyout")
    if not fresh or "-help" in texts:
        return None
    if place is None:
        # The name from the configuration; the usual one is privkey.pem.
        return ("openssl req", ["privkey.pem"]) if "-newkey" in texts else None
    return "openssl req", [place]


def _keytool(command: ShellCommand) -> tuple[str, list[str]] | None:
    texts = [word.partial for word in command.words[1:]]
    if not any(text in _KEYTOOL for text in texts):
        return None
    place = _value(command, "-keystore")
    return "keytool", [place if place is not None else "~/.keystore"]


def _gpg(command: ShellCommand) -> tuple[str, list[str]] | None:
    if not any(word.partial in _GPG for word in command.words[1:]):
        return None
    place = _value(command, "--homedir") or command.assigned.get("GNUPGHOME")
    return "gpg", [place if place is not None else "~/.gnupg"]


def _dropbear(command: ShellCommand) -> tuple[str, list[str]] | None:
    place = _value(command, "-f")
    return ("dropbearkey", [place]) if place is not None and not command.has_flag("-y") else None


def _certtool(command: ShellCommand) -> tuple[str, list[str]] | None:
    if not command.has_flag("--generate-privkey", "-p"):
        return None
    place = _value(command, "--outfile") or _redirected(command)
    return ("certtool", [place]) if place is not None else None


def _wireguard(command: ShellCommand) -> tuple[str, list[str]] | None:
    place = _redirected(command) if command.subcommand == "genkey" else None
    return ("wg genkey", [place]) if place is not None else None


def _snakeoil(command: ShellCommand) -> tuple[str, list[str]] | None:
    made = command.subcommand == "generate-default-snakeoil"
    return ("make-ssl-cert", [_SNAKEOIL]) if made else None


def _mkcert(command: ShellCommand) -> tuple[str, list[str]] | None:
    if not command.operands or command.has_flag("-CAROOT", "-version", "-help"):
        return None
    place = _value(command, "-key-file")
    return "mkcert", [place if place is not None else "./"]


_READERS = {
    "ssh-keygen": _ssh_keygen,
    "openssl": _openssl,
    "keytool": _keytool,
    "gpg": _gpg,
    "gpg2": _gpg,
    "dropbearkey": _dropbear,
    "certtool": _certtool,
    "wg": _wireguard,
    "make-ssl-cert": _snakeoil,
    "mkcert": _mkcert,
}


def _value(command: ShellCommand, option: str) -> str | None:
    """The value of an option, as written where it holds variables."""
    for place, word in enumerate(command.words[:-1]):
        if word.partial == option:
            return command.words[place + 1].readable
        if word.partial.startswith(option + "="):
            return word.partial[len(option) + 1 :]
        if len(option) == 2 and word.partial.startswith(option) and word.partial[2:3] in "/~.":
            return word.readable[2:]
    return None


def _redirected(command: ShellCommand) -> str | None:
    for redirect in command.redirects:
        if redirect.takes_output and redirect.target is not None:
            return redirect.target.readable
    return None
