from __future__ import annotations

from dfadvise.about.modes import Mode, mode_word
from dfadvise.effects import REMOVES, Effect, effects_of
from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.paths import covers, is_below
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

_COPY_ALIASES = ("kics:3be406ec", "sonar:S2612")
_SET_ID_ALIAS = "CIS-DI-0008"
_STATE_ALIAS = "tally:world-writable-state-path-workaround"
_MOST_REMOVALS = 100  # of one RUN that are looked at
# Everybody may write there anyway, or nothing of it lasts.
_OPEN_FOLDERS = ("/tmp", "/var/tmp", "/dev", "/run/lock")


class DangerousFileMode(Rule):
    """Files get a mode that lets everybody change them, or run them as their owner.

    Why:
        What everybody may write a broken-into service may replace, programs and their settings included; a set-id
        program gives whoever runs it the rights of its owner. Mostly the right owner was meant: `--chown`.

    Bad:
        FROM debian:13
        COPY --chmod=777 start.sh /srv/

    Good:
        FROM debian:13
        COPY --chmod=755 start.sh /srv/

    Bad (a command):
        FROM debian:13
        RUN mkdir -p /srv/data && chmod -R 777 /srv/data

    Fixed:
        FROM debian:13
        RUN mkdir -p /srv/data && chmod -R 755 /srv/data

    Bad (runs as its owner):
        FROM debian:13
        RUN chmod u+s /usr/local/bin/helper

    Good (symbolic):
        FROM debian:13
        RUN chmod u+x,go-w,o=rX /srv/start.sh && chmod -R g=u /srv && chmod +x /srv/start.sh

    Good (sticky, and /tmp):
        FROM debian:13
        RUN mkdir -m 1777 /srv/spool && chmod 1777 /var/lock && chmod 777 /tmp

    Good (gone at the end of the step):
        FROM debian:13
        RUN chmod 777 /srv/install.run && /srv/install.run --silent && rm /srv/install.run

    Fix:
        unsafe: the mode without these bits; who writes there without owning it cannot any more.
    """

    on = ("COPY", "ADD", "RUN")
    severity = "warning"
    security = "5.0"
    aliases = (*_COPY_ALIASES, _SET_ID_ALIAS, _STATE_ALIAS)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        return "chmod" in text or not programs_in(file).isdisjoint(("install", "mkdir"))

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if isinstance(instruction, Copy):
            yield from self._copy(instruction)
        elif isinstance(instruction, Run):
            for command in reading(instruction).commands:
                word = mode_word(command)
                if word is not None and word.text is not None:
                    yield from self._command(instruction, command, word, word.text)

    def _copy(self, copy: Copy) -> Iterator[Finding]:
        for flag in copy.flags:
            text = copy.expand(flag.value) if flag.name == "chmod" and flag.value else None
            mode = Mode(text) if text else None
            if mode is None or not (mode.opened or mode.set_id):
                continue
            fix = None
            if mode.closed is not None and text == flag.value and copy.file.source.slice(flag.span) == flag.text:
                span = Span(flag.span.end - len(mode.text), flag.span.end)
                fix = Fix(f"Use mode {mode.closed}", [Edit(span, mode.closed)])
            yield self.finding(
                flag.span,
                _message(mode, "what is copied"),
                severity=_level(copy, mode),
                aliases=_codes(mode, _COPY_ALIASES),
                fix=fix,
            )

    def _command(self, run: Run, command: ShellCommand, word: ShellWord, text: str) -> Iterator[Finding]:
        value = text.partition("=")[2] if text.startswith("--mode=") else text
        value = value[2:] if value.startswith("-m") else value
        mode = Mode(value)
        if not (mode.opened or mode.set_id or mode.masked):
            return
        makes_folder = command.program == "mkdir" or command.has_flag("-d", "--directory")
        if not mode.opened and not mode.masked and makes_folder and not (mode.octal or 0) & 0o4000:
            return  # a folder that hands its group down
        targets = _targets(command)
        if not mode.opened and not mode.masked and _hands_group_down(run, command, mode, targets):
            return
        if not mode.set_id and targets and all(_is_open(each.partial) for each in targets):
            return
        if _is_removed(run, command):
            return
        fix = None
        closed = mode.closed
        from dfadvise.editing.edits import stands_in_file

        if closed is not None and stands_in_file(word) and word.raw.endswith(value):
            end = word.span.end
            fix = Fix(f"Use mode {closed}", [Edit(Span(end - len(value), end), closed)])
        what = targets[0].partial if len(targets) == 1 and targets[0].text is not None else "the files"
        yield self.finding(
            word.span,
            _message(mode, what),
            severity=_level(run, mode),
            aliases=("sonar:S2612", *_codes(mode, (_STATE_ALIAS,) if mode.opened else ())),
            fix=fix,
        )


def _targets(command: ShellCommand) -> list[ShellWord]:
    operands = [word for word in command.words[1:] if not word.is_flag]
    if command.program == "chmod":
        return operands[1:]
    if command.program == "install" and not command.has_flag("-d", "--directory"):
        return operands[-1:]
    return [word for word in operands if "/" in word.partial]


def _hands_group_down(run: Run, command: ShellCommand, mode: Mode, targets: list[ShellWord]) -> bool:
    """Whether a mode only lets what is made in a folder have the folder's group: `chmod 2775 /srv/shared/`."""
    if (mode.octal or 0) & 0o4000 or (mode.octal is None and not mode.text.startswith("g")) or not targets:
        return False
    if command.has_flag("-R", "--recursive"):
        return False
    folders = {run.stage.symbolic_workdir_at(run)}
    for other in reading(run).commands:
        if other is command:
            break
        if other.program == "mkdir" or (other.program == "install" and other.has_flag("-d", "--directory")):
            folders.update(word.partial.rstrip("/") for word in other.operands)
    return all(word.partial.endswith("/") or word.partial in folders for word in targets)


def _is_open(path: str) -> bool:
    return any(is_below(path.rstrip("/"), folder) for folder in _OPEN_FOLDERS)


def _is_removed(run: Run, command: ShellCommand) -> bool:
    """Whether all that a command changes is removed later in the same RUN."""
    memo = remembered(run.file)
    slot = ("modes", id(run))
    if slot not in memo:
        changed: dict[int, list[tuple[int, str]]] = {}
        removed: list[tuple[int, Effect]] = []
        for place, effect in enumerate(effects_of(run)):
            if effect.kind == REMOVES and effect.path:
                removed.append((place, effect))
            elif effect.command is not None and effect.path:
                changed.setdefault(id(effect.command), []).append((place, effect.path))
        memo[slot] = changed, removed[-_MOST_REMOVALS:]
    changed, removed = memo[slot]
    own = changed.get(id(command), [])
    return bool(own) and all(
        any(at > place and covers(effect.path or "", path, effect.tree) for at, effect in removed)
        for place, path in own[:_MOST_REMOVALS]
    )


def _message(mode: Mode, what: str) -> str:
    if mode.opened:
        return f"mode {mode.text} lets everybody change {what}"
    if mode.set_id:
        return f"mode {mode.text} lets everybody run {what} as its owner or group"
    return f"mode {mode.text} lets others write to {what} as far as the umask allows"


def _level(instruction: Instruction, mode: Mode) -> Severity | None:
    return None if instruction.stage.ships and (mode.opened or mode.set_id) else "style"


def _codes(mode: Mode, opened: tuple[str, ...]) -> tuple[str, ...]:
    found = opened if mode.opened or mode.masked else ()
    return (*found, _SET_ID_ALIAS) if mode.set_id else found
