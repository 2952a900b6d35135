"""Texts that a file writes into files of the image: `echo .. > f`, `tee`, `sed -i`, heredocs of RUN and COPY."""

from __future__ import annotations

from posixpath import basename

from dfadvise.knowledge.options import FALSE, TRUE, config_value
from dfadvise.managers.packages import reading
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Instruction

_SPEAKERS = ("echo", "printf", "cat")
_MOST_FILES = 20
_LONGEST_VALUE = 100


class Written:
    """A text and the file that it goes to.

    Attributes:
        path: The file as written; an unknown part is NUL.
        text: The text, with the `\\n` of echo and printf as line ends.
        command: The command that says the text; None for COPY.
    """

    __slots__ = ("_whole", "command", "path", "text")

    def __init__(self, path: str, text: str, whole: Span, command: ShellCommand | None) -> None:
        self.path = path
        self.text = text.replace("\\n", "\n")
        self.command = command
        self._whole = whole

    def span(self, needle: str) -> Span:
        """The place of a word of the text (in lower case); the whole command where it cannot be told."""
        command = self.command
        if command is not None:
            for word in command.words:
                if needle in word.partial.lower():
                    return word.span
            if command.body is not None:
                at = command.body.text.lower().find(needle)
                if at >= 0:
                    return command.body.span(at, at + len(needle))
        return self._whole


def written(instruction: Instruction) -> Iterator[Written]:
    """The texts that an instruction writes into files, as far as they stand in it.

    Args:
        instruction: A RUN, COPY or ADD; others write none.
    """
    if isinstance(instruction, Run):
        for command in reading(instruction).commands:
            yield from _by_command(command)
    elif isinstance(instruction, Copy) and instruction.target is not None:
        target = instruction.expand(instruction.target.text)
        for heredoc in instruction.heredocs:
            if target is not None:
                path = target + heredoc.name if target.endswith("/") else target
                yield Written(path, heredoc.content, heredoc.word_span, None)


def _by_command(command: ShellCommand) -> Iterator[Written]:
    program = command.program
    if program in _SPEAKERS:
        for redirect in command.redirects:
            if redirect.takes_output and redirect.target is not None:
                yield Written(redirect.target.partial, _said(command), command.argv_span, command)
    elif program == "tee":
        speaker = command if command.body is not None else command.pipe_from
        if speaker is not None and (speaker is command or speaker.program in _SPEAKERS):
            for word in command.operands[:_MOST_FILES]:
                yield Written(word.partial, _said(speaker), command.argv_span, speaker)
    elif program == "sed" and any(word.partial.startswith(("-i", "--in-place")) for word in command.words[1:]):
        expressions = [word.partial for word in command.words[1:] if _is_substitution(word.partial)]
        text = "\n".join(expression.split(expression[1])[2] for expression in expressions)
        for word in command.operands[:_MOST_FILES]:
            if text and not _is_substitution(word.partial):
                yield Written(word.partial, text, command.argv_span, command)


def _is_substitution(text: str) -> bool:
    return len(text) > 4 and text[0] == "s" and not text[1].isalnum() and text.count(text[1]) > 1


def _said(command: ShellCommand) -> str:
    if command.body is not None:
        return command.body.text
    return " ".join(word.partial for word in command.words[1:])


def tls_off(file: Written) -> tuple[str, str] | None:
    """Whether a text switches the check of certificates off in the settings that it is written to.

    Args:
        file: The text.

    Returns:
        The tool and the key in lower case; None when it does not.
    """
    name = basename(file.path).lower()
    if name in (".curlrc", "curlrc"):
        lines = [line.strip().lstrip("-").partition("=")[0].strip() for line in file.text.splitlines()]
        return ("curl", "insecure") if "insecure" in lines or "k" in lines else None
    if name in ("pip.conf", "pip.ini"):
        return ("pip", "trusted-host") if "trusted-host" in file.text.lower() else None
    for names, tool, key in _TLS_KEYS:
        if name in names or ("*.repo" in names and name.endswith(".repo")):
            return (tool, key) if (config_value(file.text, key) or "") in FALSE else None
    if "/apt.conf" in file.path:
        for key in ("verify-peer", "verify-host"):
            if (config_value(file.text, key) or "") in FALSE:
                return "apt", key
    return None


_TLS_KEYS = (
    ((".wgetrc", "wgetrc"), "wget", "check_certificate"),
    ((".npmrc", "npmrc"), "npm", "strict-ssl"),
    ((".yarnrc",), "yarn", "strict-ssl"),
    ((".yarnrc.yml",), "yarn", "enablestrictssl"),
    ((".gitconfig", "gitconfig"), "git", "sslverify"),
    (("yum.conf", "dnf.conf", "*.repo"), "yum", "sslverify"),
    ((".condarc",), "conda", "ssl_verify"),
)


def signature_off(file: Written) -> tuple[str, str] | None:
    """Whether a text switches the check of package signatures off; see `tls_off`.

    A repository on a local disk needs no signature.
    """
    path, lower = file.path, file.text.lower()
    name = basename(path).lower()
    if name.endswith((".list", ".sources")) or "sources.list" in path:
        if "file:" in lower or "cdrom:" in lower:
            return None
        for line in lower.splitlines():
            option = line.partition("[")[2].partition("]")[0]
            if "trusted=yes" in option.split() or line.replace(" ", "") == "trusted:yes":
                return "apt", "trusted"
        return None
    if name in ("yum.conf", "dnf.conf") or name.endswith(".repo") or "/yum.repos.d/" in path:
        if "baseurl=file:" in lower:
            return None
        return ("yum", "gpgcheck") if _last_setting(lower, "gpgcheck") in FALSE else None
    if "/apt.conf" in path:
        for key in ("allowunauthenticated", "allowinsecurerepositories"):
            if (config_value(lower, key) or "") in TRUE:
                return "apt", key
    if name == "pacman.conf" and _last_setting(lower, "siglevel") == "never":
        return "pacman", "siglevel"
    return None


def _last_setting(text: str, key: str) -> str | None:
    """The last value that a key of an ini file gets; `repo_gpgcheck` is another key than `gpgcheck`."""
    at = len(text)
    while (at := text.rfind(key, 0, at)) >= 0:
        before = text[at - 1] if at else "\n"
        rest = text[at + len(key) : at + len(key) + _LONGEST_VALUE].lstrip(" \t")
        if not before.isalnum() and before not in "_-#" and rest.startswith("="):
            value = rest[1:].split(None, 1)
            return value[0].strip("'\",;/") if value else ""
    return None
