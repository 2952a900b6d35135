from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.editing.edits import behind
from dfadvise.managers.packages import reading
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.shells.failures import statements
from dfadvise.shells.interpreters import POWERSHELLS, dialect_of, shell_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script, ShellCommand
    from dfadvise.syntax.instructions import Run

_QUIET = ("--progress", "-q", "--quiet", "-nv", "--no-verbose", "-o", "--output-file", "-a", "--append-output")
_ASKS = ("--version", "-V", "--help", "-h")
# Distributions whose `wget` is GNU's, whatever brought it.
_GNU = frozenset(("debian", "ubuntu", "rhel", "fedora", "suse", "arch"))
_CMDLETS = frozenset(("invoke-webrequest", "iwr"))


class NoisyDownload(Rule):
    """A download fills the build log with its progress bar.

    Why:
        wget without a terminal writes a line for every 50 kB, and PowerShell draws its bar so often that the download
        itself becomes slow. What matters in the log is lost between them.

    Bad:
        FROM debian:13
        RUN apt-get update && apt-get install -y wget && wget https://example.com/a.tgz

    Good:
        FROM debian:13
        RUN apt-get update && apt-get install -y wget && wget -nv https://example.com/a.tgz

    Bad (PowerShell):
        FROM mcr.microsoft.com/windows/servercore:ltsc2022
        SHELL ["powershell", "-Command"]
        RUN Invoke-WebRequest https://example.com/a.zip -OutFile a.zip

    Good (PowerShell):
        FROM mcr.microsoft.com/windows/servercore:ltsc2022
        SHELL ["powershell", "-Command", "$ProgressPreference = 'SilentlyContinue';"]
        RUN Invoke-WebRequest https://example.com/a.zip -OutFile a.zip

    Good (quiet in other ways):
        FROM debian:13
        RUN wget -qO- https://example.com/a.tgz | tar xz
        RUN wget --progress=dot:giga https://example.com/b.tgz && wget -o /tmp/log https://example.com/c.tgz

    Good (no download):
        FROM debian:13
        RUN wget --version

    Fix:
        safe: `-nv`, where wget is known to be GNU's; BusyBox knows no such option.
    """

    on = ("RUN",)
    mentions = ("wget", "invoke-", "iwr", "powershell", "pwsh")
    severity = "style"
    default = "off"
    aliases = ("DL3047", "tally:powershell/progress-preference")

    def check(self, run: Run) -> Iterator[Finding]:
        for command in reading(run).commands:
            if command.program == "wget" and not _is_quiet(command):
                yield self.finding(
                    command.words[0].span,
                    "wget writes its progress into the build log",
                    aliases=("DL3047",),
                    fix=_fix(run, command),
                )
        for script in run.scripts:
            if script.opaque:
                yield from self._in_powershell(run, script)

    def _in_powershell(self, run: Run, script: Script) -> Iterator[Finding]:
        """The first download of a script in PowerShell, or of one that cmd hands to it."""
        dialect = dialect_of(script)[0]
        text = script.text
        start = 0
        if dialect == "cmd":
            program = text.split(None, 1)[0] if text.strip() else ""
            if program.lower().removesuffix(".exe") not in POWERSHELLS:
                return
            start = text.find(program) + len(program)
        elif dialect not in POWERSHELLS:
            return
        settings = " ".join(shell_words(run) or ()) + text
        if "progresspreference" in settings.lower():
            return
        found = _words(text, start) if start else statements(text)
        for begin, end in found:
            if text[begin:end].lower() in _CMDLETS:
                message = "PowerShell draws its progress bar into the build log"
                yield self.finding(script.span(begin, end), message, aliases=("tally:powershell/progress-preference",))
                return


def _words(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The words of a text from a place on, without quotes."""
    for part in text[at:].replace('"', " ").replace("'", " ").split():
        at = text.index(part, at)
        yield at, at + len(part)
        at += len(part)


def _is_quiet(command: ShellCommand) -> bool:
    if command.has_flag(*_QUIET, *_ASKS):
        return True
    # `-nv` is an option of two letters, and may stand before others: `-nvc`.
    return any(word.partial.startswith("-nv") for word in command.words[1:])


def _fix(run: Run, command: ShellCommand) -> Fix | None:
    base = base_of(run.stage)
    if base is None or base.distribution not in _GNU or mentions(run.file, "busybox"):
        return None
    edit = behind(command.words[0], "-nv")
    return Fix("Add -nv", [edit], "safe", "+flag") if edit is not None else None
