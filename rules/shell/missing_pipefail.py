from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.editing.keywords import keyword
from dfadvise.editing.moving import before
from dfadvise.knowledge.distributions import shell
from dfadvise.knowledge.exit_statuses import may_say_no, reads_all
from dfadvise.knowledge.programs import SHELLS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.interpreters import dialect_of, has_pipefail, main_shell, shell_words
from dfadvise.source import Span
from dfadvise.syntax.instructions import Commanding, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script, ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

_CANNOT_FAIL = frozenset(("echo", "printf", "yes", "true", ":"))
PIPEFAIL_SHELLS = frozenset(("bash", "zsh", "ksh", "mksh"))
SHELL_WORDS = {
    "ash": 'SHELL ["/bin/ash", "-o", "pipefail", "-c"]',
    "bash": 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
}
_CONDITIONS = frozenset(("if-condition", "loop-condition", "negated"))
# GNU's and BusyBox's fail where no line is a sum.
_SUMS = frozenset(("md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum"))
_SEARCHES = frozenset(("grep", "egrep", "fgrep"))


class MissingPipefail(Rule):
    """The failure of a command in a pipe goes unseen.

    Why:
        A pipe has the exit status of its last command: when the download before it breaks off, the step succeeds
        with half a file. With `set -o pipefail` the pipe fails when any of its commands does.

    Bad:
        FROM alpine:3.22
        RUN wget -O - https://example.com/tool.tar.gz | tar xz -C /opt

    Fixed:
        FROM alpine:3.22
        SHELL ["/bin/ash", "-o", "pipefail", "-c"]
        RUN wget -O - https://example.com/tool.tar.gz | tar xz -C /opt

    Bad (set is there already):
        FROM fedora:43
        SHELL ["/bin/bash", "-c"]
        RUN set -ex; curl -fsSL https://example.com/tool.tar.gz | tar xz -C /opt

    Fixed:
        FROM fedora:43
        SHELL ["/bin/bash", "-c"]
        RUN set -exo pipefail; curl -fsSL https://example.com/tool.tar.gz | tar xz -C /opt

    Bad (awk stops early, so that curl fails; no fix):
        FROM alpine:3.22
        RUN v=$(curl -fsSL https://example.com/latest.json | awk '/tag/{print $4; exit}') && echo "$v" > /version

    Bad (dash of Debian 12 has no pipefail):
        FROM debian:12
        RUN curl -fsSL https://example.com/key.asc | gpg --dearmor > /usr/share/keyrings/key.gpg

    Good (SHELL sets it):
        FROM debian:12
        SHELL ["/bin/bash", "-o", "pipefail", "-c"]
        RUN curl -fsSL https://example.com/key.asc | gpg --dearmor > /usr/share/keyrings/key.gpg

    Good (set before the pipe):
        FROM alpine:3.22
        RUN set -euo pipefail; wget -O - https://example.com/tool.tar.gz | tar xz -C /opt

    Good (a shell of its own):
        FROM debian:12
        RUN bash -o pipefail -c 'curl -fsSL https://example.com/tool.tar.gz | tar xz -C /opt'

    Good (meant to be ignored):
        FROM debian:12
        RUN find / -name '*.pyc' | xargs rm || true

    Fix:
        unsafe: a step that passes today by luck fails from then on. Given only where the shell is known to have the
        option, and where all pipes in its reach are known to be read to their end and to hold no program that says
        "no" with its status.
    """

    on = ("RUN",)
    severity = "warning"
    aliases = ("DL4006", "kics:efbf148a", "semgrep:set-pipefail")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return "|" in text.replace("||", "")

    def check(self, run: Run) -> Iterator[Finding]:
        readers: dict[int, list[ShellCommand]] = {}
        for command in run.all_commands():
            if command.pipe_from is not None:
                readers.setdefault(id(command.script), []).append(command)
        for found in readers.values():
            script = found[0].script
            dialect, options = dialect_of(script)
            if (dialect in SHELLS or script.form == "exec") and "pipefail" not in options:
                yield from self.in_script(script, found)

    def in_script(self, script: Script, readers: list[ShellCommand]) -> Iterator[Finding]:
        own = [command for command in script.commands if command.script is script]
        place_of = {id(command): place for place, command in enumerate(own)}
        set_at = next((command.start for command in own if _sets_pipefail(command)), len(script.text))
        middle = {id(reader.pipe_from) for reader in readers}
        lost: list[tuple[bool, ShellCommand, ShellCommand]] = []
        for reader in readers:
            place = place_of[id(reader)]
            if id(reader) in middle or reader.start > set_at or _is_ignored(own, place):
                continue
            writers = _writers(own, place_of, reader)
            failing = next((each for each in writers if each.program not in _CANNOT_FAIL), None)
            lost.append((failing is None or _is_weak(own, place), failing or writers[0], reader))
        if not lost:
            return
        # One cause, one finding: the first pipe that matters.
        weak, writer, reader = min(lost, key=lambda each: each[0])
        yield self.finding(
            writer.words[0].span if writer.words else writer.span,
            f"a failure of {writer.program or 'this command'} goes unseen: the pipe has the status of "
            f"{reader.program or 'its last command'}",
            severity="style" if weak else None,
            aliases=self.aliases,
            related=[("another pipe", each.span) for no, each, last in lost if last is not reader and not no][:5],
            fix=_fix(script),
        )


def _sets_pipefail(command: ShellCommand) -> bool:
    return command.program in ("set", "shopt") and any("pipefail" in word.partial for word in command.words)


def _is_ignored(own: list[ShellCommand], place: int) -> bool:
    """Whether `|| true` stands behind the pipe."""
    if own[place].after != "||":
        return False
    following = next((each for each in own[place + 1 : place + 20] if each.before == "||"), None)
    return following is not None and following.program in ("true", ":")


def _is_weak(own: list[ShellCommand], place: int) -> bool:
    """Whether the status is a question asked, lost with pipefail too, as in `echo $(a | b)`, or seen by a grep."""
    reader = own[place]
    if not _CONDITIONS.isdisjoint(reader.contexts):
        return True
    if reader.program in _SUMS and reader.has_flag("-c", "--check"):
        return True  # it refuses to check nothing
    if reader.program in _SEARCHES and not reader.has_flag("-v", "--invert-match", "-c", "--count", "-L"):
        return True  # it finds nothing in what was not written
    if "substitution" not in reader.contexts:
        return False
    # The command around a substitution stands behind those in it.
    for each in own[place + 1 : place + 50]:
        if each.start <= reader.start and reader.end <= each.end:
            return not each.is_assignment
    return True


def _writers(own: list[ShellCommand], place_of: dict[int, int], reader: ShellCommand) -> list[ShellCommand]:
    """The commands of the pipe before its last one; of a group or a loop, all those in it."""
    found: list[ShellCommand] = []
    command = reader.pipe_from
    depth = len(reader.contexts)
    while command is not None:
        found.append(command)
        place = place_of[id(command)]
        if len(command.contexts) > depth and command.pipe_from is None:
            while place and len(own[place - 1].contexts) > depth and own[place - 1].item == command.item:
                place -= 1
                found.append(own[place])
        command = command.pipe_from
    return found[::-1]


def _fix(script: Script) -> Fix | None:
    own = [command for command in script.commands if command.script is script]
    if script.opaque or not _can_fail(own):
        return None
    dialect = dialect_of(script)[0]
    if dialect == "sh":
        return _shell_fix(script)
    # In another shell than these, ShellCheck takes the option for a mistake.
    if dialect not in PIPEFAIL_SHELLS or has_pipefail(script) is not True:
        return None
    text, joined = script.text, script.joined
    title = "Set pipefail first"
    first = own[0]
    if first.program == "set" and first.is_simple and len(first.words) == 2:
        flag = first.words[1]
        if flag.raw.startswith("-") and flag.raw[1:].isalpha() and "o" not in flag.raw:
            contiguous = joined.is_contiguous(flag.start, flag.end)
            return Fix(title, [Edit(flag.span, flag.raw + "o pipefail")]) if contiguous else None
    at = 0
    while text.startswith("#", at) and "\n" in text[at:]:
        at = text.index("\n", at) + 1
    while text[at : at + 1].isspace():
        at += 1
    if script.instruction.args[0].text.startswith("<<") and script.form == "shell":
        # The model puts the program before its document.
        return None
    if text.startswith("<", at) or not joined.is_contiguous(at, at + 2):
        return None
    where = joined.locate(at)
    newline = script.instruction.file.source.newline
    return Fix(
        title,
        [Edit(Span(where, where), "set -o pipefail" + (newline if script.form == "heredoc" else " && "))],
    )


def _can_fail(own: list[ShellCommand]) -> bool:
    """Whether the pipes of a script fail with pipefail only when something is wrong."""
    place_of = {id(command): place for place, command in enumerate(own)}
    middle = {id(command.pipe_from) for command in own if command.pipe_from is not None}
    for place, reader in enumerate(own):
        if reader.pipe_from is None or id(reader) in middle or _is_ignored(own, place):
            continue
        writers = _writers(own, place_of, reader)
        if not reads_all(reader) or any(each.pipe_from is not None and not reads_all(each) for each in writers):
            return False
        if any(may_say_no(each) or each.program == "yes" for each in writers if not each.is_assignment):
            return False
    return True


def _shell_fix(script: Script) -> Fix | None:
    """A SHELL with the option, before the first step from which on it does no harm."""
    run = script.instruction
    stage = run.stage
    base = base_of(stage)
    sh = main_shell(run)
    if run.outer is not None or base is None or sh not in SHELL_WORDS or not _is_plain(script):
        return None
    if shell(base.name, base.tag) != sh or stage.parent is not None or shell_words(run) is not None:
        return None
    if not _is_first(run) or not all(_is_unharmed(each) for each in _ruled(run)):
        return None
    return Fix("Set pipefail with SHELL", [before(run, [keyword(SHELL_WORDS[sh], run.file)])])


def _is_plain(script: Script) -> bool:
    """Whether SHELL says which shell runs a script."""
    return script.form == "shell" or (script.form == "heredoc" and not script.text.startswith("#!"))


def _ruled(run: Instruction) -> Iterator[Instruction]:
    """The instructions behind a step that a SHELL before it would reach."""
    for each in run.stage.after(run):
        if each.keyword == "SHELL" and each.stage is run.stage:
            return
        yield each


def _is_unharmed(instruction: Instruction) -> bool:
    """Whether another instruction does the same under pipefail, unless something is wrong."""
    if isinstance(instruction, Onbuild):
        return False
    if not isinstance(instruction, Commanding):
        return True
    for script in instruction.scripts:
        if not _is_plain(script):
            continue
        own = [command for command in script.commands if command.script is script]
        if script.opaque or not _can_fail(own):
            return False
        if not isinstance(instruction, Run) and any(command.pipe_from is not None for command in own):
            return False
    return True


def _is_first(run: Instruction) -> bool:
    """Whether no step before has a pipe, or the last one that has must not get the option."""
    for each in reversed(run.stage.instructions[: run.index]):
        if not _is_unharmed(each):
            return True
        if isinstance(each, Run) and any(command.pipe_from is not None for command in each.all_commands()):
            return False
    return True
