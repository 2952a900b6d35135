"""Whether a downloaded archive is only ever unpacked, by a RUN behind the one that downloads it."""

from __future__ import annotations

from posixpath import basename

from dfadvise.about.archives import is_check, is_passing, is_surely_wanted
from dfadvise.effects import EXTRACTS, REMOVES, directories, effects_of, home_of
from dfadvise.layers import chain_layers
from dfadvise.memory import may_look, remembered
from dfadvise.paths import word_path
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.effects import Effect
    from dfadvise.layers import Layer
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

INSTALLERS = ("dpkg", "apt-get", "apt", "rpm", "dnf", "yum", "microdnf", "zypper", "apk", "sh", "bash", "pip", "pip3")
# They look at a file, or change its mode, and leave no trace of its name.
_LOOKING = frozenset("test [ [[ ls stat file du chmod chown chgrp".split())


def unpacked_later(layer: Layer, effect: Effect) -> ShellCommand | None:
    """The last command that unpacks or installs a downloaded file, where that is in a later RUN.

    Args:
        layer: The layer that the download makes.
        effect: The download.

    Returns:
        None when nothing does so later, when anything else may want the file, or when a later layer deletes it:
        late-cleanup speaks of that.
    """
    path, run = effect.path, layer.instruction
    if path is None or not isinstance(run, Run):
        return None
    file = run.file
    if path not in _taken(file) or (id(run), path) in _deleted(file) or not may_look(file, "unpacked later"):
        return None
    last: ShellCommand | None = None
    name, texts = basename(path), _texts(file)
    own = list(run.all_commands())
    behind = next((at + 1 for at, each in enumerate(own) if each is effect.command), len(own))
    if not all(_is_passed(each, path, own) for each in _naming(name, own[behind:])):
        return None
    for instruction in _later(run):
        if name not in texts.get(id(instruction), ""):
            continue
        commands = list(instruction.all_commands()) if isinstance(instruction, Run) else []
        naming = list(_naming(name, commands))
        if not naming:
            return None  # an instruction that copies it or says its name, or a script that cannot be read
        for command in naming:
            if not _is_passed(command, path, commands):
                return None
            if instruction.stage.ships and not command.conditional and path in _taken_by(command):
                last = command
    return None if last is None or is_surely_wanted(run, path) else last


def _later(run: Run) -> Iterator[Instruction]:
    """What comes behind a RUN, and what copies from its stage."""
    yield from run.stage.after(run)
    for stage in run.file.stages:
        for edge in stage.edges:
            if edge.stage is run.stage:
                yield edge.instruction


def _naming(name: str, commands: list[ShellCommand]) -> Iterator[ShellCommand]:
    """The commands with a name in any of their words."""
    for command in commands:
        if any(name in word.readable or name in word.raw for word in _words(command)):
            yield command


def _words(command: ShellCommand) -> Iterator[ShellWord]:
    yield from command.words
    for redirect in command.redirects:
        if redirect.target is not None:
            yield redirect.target


def _texts(file: Dockerfile) -> dict[int, str]:
    """What each instruction says, as it is written and, of a RUN, as it is read: put together once."""
    memo = remembered(file)
    if "texts" not in memo:
        texts = memo["texts"] = {}
        for instruction in file.walk():
            parts = [file.source.slice(instruction.span)]
            if isinstance(instruction, Run):
                parts.extend(word.readable for command in instruction.all_commands() for word in _words(command))
            texts[id(instruction)] = "\n".join(parts)
    found: dict[int, str] = memo["texts"]
    return found


def _is_passed(command: ShellCommand, path: str, commands: list[ShellCommand]) -> bool:
    """Whether a command that names a file unpacks, installs or checks it, and no more."""
    if path in _taken_by(command):
        return True
    if command.program in ("echo", "printf"):
        return is_passing(command, commands)
    writes = any(each.writes for each in command.redirects) or command.after in ("|", "|&")
    return not writes and (command.program in _LOOKING or is_check(command))


def _taken(file: Dockerfile) -> frozenset[str]:
    """The paths of what the RUN instructions of a file unpack or install."""
    memo = remembered(file)
    if "taken" not in memo:
        runs = [each for stage in file.stages for each in stage.instructions if isinstance(each, Run)]
        memo["taken"] = frozenset(path for run in runs for paths in _takings(run).values() for path in paths)
    found: frozenset[str] = memo["taken"]
    return found


def _taken_by(command: ShellCommand) -> list[str]:
    """The paths of what a command unpacks or installs."""
    run = command.instruction
    return _takings(run).get(id(command), []) if isinstance(run, Run) else []


def _takings(run: Run) -> dict[int, list[str]]:
    memo = remembered(run.file)
    slot = ("takings", id(run))
    if slot not in memo:
        found: dict[int, list[str]] = {}
        for effect in effects_of(run):
            if effect.kind == EXTRACTS and effect.origin:
                found.setdefault(id(effect.command), []).append(effect.origin)
        for command, cwd in directories(run, home_of(run)):
            if command.program in INSTALLERS:
                paths = (word_path(word, cwd) for word in command.operands)
                found.setdefault(id(command), []).extend(path for path in paths if path is not None)
        memo[slot] = found
    takings: dict[int, list[str]] = memo[slot]
    return takings


def _deleted(file: Dockerfile) -> frozenset[tuple[int, str | None]]:
    """(instruction, path) of what a layer of the image writes and a later one surely deletes."""
    memo = remembered(file)
    if "deleted" not in memo:
        hidden = chain_layers(file.exported).hidden if file.exported is not None else []
        memo["deleted"] = frozenset(
            (id(each.layer.instruction), each.write.path)
            for each in hidden
            if each.by.kind == REMOVES and each.reached and each.certain
        )
    found: frozenset[tuple[int, str | None]] = memo["deleted"]
    return found
