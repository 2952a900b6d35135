from __future__ import annotations

from dfadvise.knowledge.exit_statuses import may_say_no
from dfadvise.knowledge.language_managers import language_use
from dfadvise.knowledge.package_managers import system_use
from dfadvise.knowledge.programs import SHELLS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.failures import statements, unseen_failures
from dfadvise.shells.interpreters import POWERSHELLS, dialect_of, shell_words
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script, ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

_RISKY = frozenset(
    """curl wget aria2c make gmake cmake ninja meson configure gcc g++ cc c++ clang clang++ rustc javac autoreconf
    phpize docker-php-ext-install docker-php-ext-configure cp mv install rsync tar unzip 7z""".split()
)
_GIT = frozenset(("clone", "fetch", "pull", "checkout", "submodule", "lfs", "apply", "am"))
_EFFECTS = frozenset(("install", "upgrade", "release-upgrade", "refresh", "download", "compile"))
_CMDLETS = frozenset(
    """invoke-webrequest iwr invoke-restmethod irm start-bitstransfer expand-archive copy-item move-item
    start-process install-module install-package install-windowsfeature add-windowsfeature""".split()
)
_ASKED = frozenset(("if-condition", "loop-condition"))


class IgnoredFailure(Rule):
    """A command's failure does not stop the RUN.

    Why:
        Behind `;` and at the end of a heredoc's line the shell goes on whatever happened. A download or an install
        that fails then leaves an image that builds, lacks something, and stays in the cache.

    Bad:
        FROM debian:12
        RUN apt-get update; apt-get install -y curl; rm -rf /var/lib/apt/lists/*

    Fixed:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*

    Bad (a heredoc):
        FROM debian:12
        RUN <<EOF
        apt-get update
        apt-get install -y curl
        EOF

    Fixed:
        FROM debian:12
        RUN <<EOF
        set -e
        apt-get update
        apt-get install -y curl
        EOF

    Bad (PowerShell):
        FROM mcr.microsoft.com/windows/servercore:ltsc2022
        SHELL ["powershell", "-Command"]
        RUN Invoke-WebRequest https://example.com/a.zip -OutFile a.zip; Expand-Archive a.zip

    Good (PowerShell):
        FROM mcr.microsoft.com/windows/servercore:ltsc2022
        SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
        RUN Invoke-WebRequest https://example.com/a.zip -OutFile a.zip; Expand-Archive a.zip

    Good (set -e):
        FROM debian:12
        RUN set -eux; apt-get update; apt-get install -y curl

    Bad (dpkg is meant to fail here; no fix):
        FROM debian:12
        COPY a.deb /tmp/
        RUN apt-get update && dpkg -i /tmp/a.deb; apt-get install -f -y

    Good (looked at):
        FROM debian:12
        RUN curl -fsSLO https://example.com/a || exit 1; touch /done

    Good (nothing that matters):
        FROM debian:12
        RUN rm -f /tmp/*; echo done

    Fix:
        unsafe: `;` becomes `&&`, and a heredoc starts with `set -e`; what failed unseen until now stops the build. None
        where a program stands before one of them that says "no" with its status, as `grep` and `test` do.
    """

    on = ("RUN",)
    severity = "warning"
    aliases = ("tally:powershell/error-action-preference",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.syntax.instructions import Run

        # Nothing goes on behind what ends a script at its first failure; an opaque one may be PowerShell's.
        scripts = [script for each in file.walk() if isinstance(each, Run) for script in each.all_scripts()]
        goes_on = [part.after for script in scripts for part in script.items]
        goes_on += [part.after for script in scripts for part in script.commands]
        return ";" in goes_on or any(script.opaque for script in scripts)

    def check(self, run: Run) -> Iterator[Finding]:
        for script in run.all_scripts():
            dialect, options = dialect_of(script)
            if dialect in POWERSHELLS:
                yield from self.in_powershell(run, script)
            elif "errexit" not in options and not script.opaque and (dialect in SHELLS or script.form == "exec"):
                yield from self.in_script(script)

    def in_script(self, script: Script) -> Iterator[Finding]:
        lost = [command for command in unseen_failures(script) if _names(command) is not None]
        if not lost:
            return
        named = [_names(command) or ("", command.span) for command in lost[:6]]
        yield self.finding(
            named[0][1],
            f"a failure of {named[0][0]} does not stop the RUN",
            related=[(f"nor does one of {name}", span) for name, span in named[1:]],
            fix=_fix(script, lost[0]),
        )

    def in_powershell(self, run: Run, script: Script) -> Iterator[Finding]:
        settings = " ".join(shell_words(run) or ()) + script.text
        if "erroractionpreference" in settings.lower():
            return
        for start, end in statements(script.text)[:-1]:
            if script.text[start:end].lower() in _CMDLETS:
                yield self.finding(
                    script.span(start, end),
                    f"a failure of {script.text[start:end]} does not stop the RUN: PowerShell goes on after errors",
                    aliases=self.aliases,
                )
                return


def _names(command: ShellCommand) -> tuple[str, Span] | None:
    """What to call a command that downloads, installs, compiles or copies, and its place; None for any other."""
    program = command.program
    if program is None:
        return None
    first = command.words[0].span
    if program in _RISKY:
        return program, first
    second = command.subcommand_word
    if program == "git" and second is not None:
        return (f"git {second.text}", first.to(second.span)) if second.text in _GIT else None
    argv = [program, *(word.partial for word in command.words[1:])]
    use = system_use(argv) or language_use(argv)
    if use is None or use.effect not in _EFFECTS:
        return None
    name = use.manager.name if program.startswith("python") else program
    return f"{name} {use.verb}", first.to(command.words[min(use.at, len(argv) - 1)].span)


def _fix(script: Script, first: ShellCommand) -> Fix | None:
    if script.opaque or script.form not in ("shell", "heredoc"):
        return None
    if any(_may_fail(each) for each in _stopping(script, first)):
        return None
    if script.form == "heredoc":
        text, at = script.text, 0
        if text.startswith("#!"):
            at = text.find("\n") + 1
        where = script.joined.locate(at)
        if where > 0 and script.instruction.file.source.text[where - 1] == "\t":
            return None
        newline = script.instruction.file.source.newline
        return Fix("Start with set -e", [Edit(Span(where, where), f"set -e{newline}")])
    edits = []
    for item in script.items[first.item :]:
        if item.before == "||" or item.after in ("||", "&"):
            return None
        if item.after != ";" or item is script.items[-1]:
            continue
        at = item.end
        while script.text[at : at + 1] in (" ", "\t"):
            at += 1
        if script.text[at : at + 1] != ";" or script.text[at + 1 : at + 2] == ";":
            return None
        gap = script.text[at + 1 : at + 2].isspace()
        before = "" if script.text[at - 1].isspace() else " "
        edits.append(Edit(script.span(at, at + 1), f"{before}&&{'' if gap else ' '}"))
    return Fix("Join the commands with &&", edits) if edits else None


def _stopping(script: Script, first: ShellCommand) -> Iterator[ShellCommand]:
    """The commands whose failure stops the RUN once the script is mended."""
    own = [command for command in script.commands if command.script is script]
    heredoc = script.form == "heredoc"
    last = next((at for at in range(len(script.items) - 1, -1, -1) if script.items[at].after == ";"), -1)
    for each in own:
        if not _ASKED.isdisjoint(each.contexts) or not (heredoc or first.item <= each.item <= last):
            continue
        # `set -e` does not look at what stands before `&&` or behind `!`.
        if not heredoc or (each.after != "&&" and "negated" not in each.contexts):
            yield each


def _may_fail(command: ShellCommand) -> bool:
    """Whether a command ends with another status than 0 without anything being wrong."""
    if command.after in ("||", "|", "|&", "&") or command.is_assignment:
        return False
    program = command.program
    if "negated" in command.contexts:
        return True
    if program in ("rm", "mkdir", "ln"):
        return not command.has_flag("-f", "--force", "-p", "--parents", "-r")
    return may_say_no(command)
