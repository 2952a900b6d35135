from __future__ import annotations

from posixpath import basename

from dfadvise.about.insecure import tls_off, tls_off_by_variable
from dfadvise.about.lasting import stays, undone
from dfadvise.editing import cutting, dropping, edits
from dfadvise.managers.packages import reading
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.written import tls_off as tls_off_in
from dfadvise.shells.written import written
from dfadvise.source import Span
from dfadvise.syntax.instructions import Arg, Copy, Env, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.insecure import Switch
    from dfadvise.shell import ShellCommand
    from dfadvise.shells.written import Written
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction, Pair

_MOST_WORDS = 50
_FILES = {
    "trusted-host": ("pip.conf", ".pip"),
    "strict-ssl": (".npmrc", ".yarnrc"),
    "enablestrictssl": (".yarnrc.yml",),
    "sslverify": (".gitconfig", "yum.conf", "dnf.conf", ".repo"),
    "ssl_verify": (".condarc",),
    "insecure": ("curlrc",),
    "check_certificate": ("wgetrc",),
    "verify-peer": ("/apt.conf",),
    "verify-host": ("/apt.conf",),
}


class TlsVerificationOff(Rule):
    """A certificate check is switched off.

    Why:
        Without it whoever sits on the way can answer in the server's name, and what he sends is installed and run.
        A missing certificate authority can be installed instead. A setting that stays in the image switches the check
        off for everything the container does later.

    Bad:
        FROM debian:13
        RUN curl -fsSLk https://example.com/tool.tgz | tar -xz

    Good:
        FROM debian:13
        RUN curl -fsSL https://example.com/tool.tgz | tar -xz

    Bad (a variable that stays in the image):
        FROM node:22-slim
        ENV PORT=3000 NODE_TLS_REJECT_UNAUTHORIZED=0

    Fixed:
        FROM node:22-slim
        ENV PORT=3000

    Bad (a setting that stays in the image):
        FROM debian:13
        RUN git clone https://example.com/a.git && git config --global http.sslVerify false

    Fixed:
        FROM debian:13
        RUN git clone https://example.com/a.git

    Good (an option of another program):
        FROM debian:13
        RUN curl -fsSL https://example.com/list | grep -k word; echo --no-check-certificate

    Good (this machine):
        FROM debian:13
        RUN curl -k https://localhost:8443/health

    Good (switched on):
        FROM node:22-slim
        ENV NODE_TLS_REJECT_UNAUTHORIZED=1
        RUN npm config set strict-ssl true && git config --global http.sslVerify true

    Fix:
        unsafe: deletes the option, the variable or the command; the certificate may have to be installed.
    """

    on = ("RUN", "ENV", "ARG", "COPY")
    severity = "warning"
    security = "7.0"
    aliases = tuple(f"CKV2_DOCKER_{number}" for number in (2, 3, 4, 5, 6, 12, 13, 14, 15, 16))

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.about.mentions import distinct

        text = distinct(text)
        lower = text.lower()
        keys = "check-certificate check_certificate insecure trusted-host trusted_host strict-ssl strict_ssl strictssl"
        more = "sslverify ssl_verify ssl_no_verify pythonhttpsverify reject_unauthorized verify-peer verify-host curlrc"
        if any(key in lower for key in f"{keys} {more}".split()):
            return True
        # `-k`, alone or among other letters.
        if not any(program in lower for program in ("curl", "conda", "mamba")):
            return False
        words = text.replace("=", " ").replace(",", " ").split()
        return any(word[0] == "-" and word[1:2] != "-" and "k" in word for word in words)

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if isinstance(instruction, Env | Arg):
            for pair in instruction.pairs:
                yield from self._pair(instruction, pair)
            return
        if isinstance(instruction, Run):
            for command in reading(instruction).commands:
                for switch in tls_off(command):
                    yield self._switch(instruction, command, switch)
                yield from self._assignments(command)
        if isinstance(instruction, Run | Copy):
            for file in written(instruction):
                yield from self._file(instruction, file)

    def _pair(self, instruction: Env | Arg, pair: Pair) -> Iterator[Finding]:
        value = instruction.stage.expand(pair.value, instruction) if pair.value is not None else None
        found = tls_off_by_variable(pair.key, value)
        if found is None or (pair.value is None and isinstance(instruction, Arg)):
            return
        tool, codes = found
        kept = isinstance(instruction, Env) and instruction.stage.ships and stays(instruction, pair.key)
        edit = cutting.pair(instruction, pair)
        yield self.finding(
            pair.span,
            f"{pair.key} {_what(tool, kept)}",
            severity="error" if kept else None,
            aliases=codes,
            fix=Fix(f"Delete {pair.key}", [edit]) if edit is not None else None,
        )

    def _switch(self, run: Run, command: ShellCommand, switch: Switch) -> Finding:
        kept = bool(switch.key) and run.stage.ships and not _undone(run, command, switch.key)
        if switch.key:
            edit = dropping.command(command) if len(command.script.items) < _MOST_WORDS else None
            fix = Fix("Delete the setting", [edit]) if edit is not None else None
        else:
            found = _without(command, switch)
            fix = Fix(f"Delete {switch.text}", found) if found else None
        return self.finding(
            switch.span,
            f"{switch.text} {_what(switch.tool, kept)}",
            severity="error" if kept else None,
            aliases=switch.codes,
            fix=fix,
        )

    def _assignments(self, command: ShellCommand) -> Iterator[Finding]:
        for name, value in command.assignments:
            found = tls_off_by_variable(name, value.text if value is not None else "")
            if found is None:
                continue
            place = command.script.span(command.start, command.end)
            if value is not None:
                # From the name, which stands right before its value.
                place = command.script.span(max(command.start, value.start - len(name) - 1), value.end)
            yield self.finding(place, f"{name} {_what(found[0], False)}", aliases=found[1])

    def _file(self, instruction: Run | Copy, file: Written) -> Iterator[Finding]:
        found = tls_off_in(file)
        if found is None:
            return
        tool, key = found
        kept = instruction.stage.ships and not _undone(instruction, file.command, key)
        message = f"{basename(file.path)} {_what(tool, kept)}"
        yield self.finding(file.span(key), message, severity="error" if kept else None)


def _what(tool: str, kept: bool) -> str:
    where = ", in every container of the image too" if kept else ""
    return f"switches the certificate check of {tool} off{where}"


def _without(command: ShellCommand, switch: Switch) -> list[Edit]:
    """The edits that take an option out, or its letter out of a bundle."""
    if switch.letter:
        word = switch.words[0]
        at = word.raw.find(switch.letter)
        if at < 1 or word.raw != word.partial or not edits.stands_in_file(word):
            return []
        return [Edit(Span(word.span.start + at, word.span.start + at + 1), "")]
    if len(switch.words) > _MOST_WORDS:
        return []
    found = [edits.without(command, word) for word in switch.words]
    return [edit for edit in found if edit is not None] if all(found) else []


def _undone(instruction: Instruction, command: ShellCommand | None, key: str) -> bool:
    """Whether a later command of the shipped chain sets a key again, or removes the file that holds it."""
    lower = key.lower()
    return undone(instruction, command, lower, lambda other: _undoes(other, lower))


def _undoes(command: ShellCommand, key: str) -> bool:
    texts = [word.partial.lower() for word in command.words]
    if command.program in ("rm", "sed", "mv"):
        return any(name in text for text in texts[1:] for name in (*_FILES.get(key, ()), key))
    return any(key in text for text in texts[1:]) and not tls_off(command) and command.program not in ("echo", "printf")
