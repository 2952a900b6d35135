"""Who reads what a clean-up deletes: commands behind it, stages on top of it or that copy from it, the container."""

from __future__ import annotations

from bisect import bisect_left

from dfadvise.about.needs import COMPILE, PROJECT, UNKNOWN_FILES, needs_of
from dfadvise.about.removals import home_form
from dfadvise.effects import directories, home_of
from dfadvise.managers.indexes import NOBODY, later_reader
from dfadvise.managers.packages import actions, inner, reading
from dfadvise.managers.programs import may_install
from dfadvise.managers.toolchains import keeps_store, uses_store_later
from dfadvise.memory import remembered
from dfadvise.paths import clean, is_below, literal_prefix, word_path
from dfadvise.proving.deletions import is_cleaner
from dfadvise.syntax.instructions import Cmd, Commanding, Copy, Entrypoint, Healthcheck, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.manager import Manager
    from dfadvise.managers.packages import Action
    from dfadvise.proving.deletions import Deletion
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

# They name folders without a look at what is in them.
_BLIND = frozenset("mkdir rmdir chmod chown chgrp cd pushd test [ [[ touch install".split())
# They only tell of the folders that they name.
_TELLERS = frozenset("ls du df stat".split())
# They take all that is in the folders that they name.
_TAKERS = frozenset("cp mv tar bsdtar rsync zip cpio 7z".split())
_APT_READERS = frozenset("apt-cache apt-file tasksel gdebi add-apt-repository apt-add-repository aptitude".split())


class _Mention:
    """A path that a command names, and where it stands."""

    __slots__ = ("command", "index", "line", "path", "place", "stage")

    def __init__(self, instruction: Instruction, place: int, command: ShellCommand, path: str) -> None:
        self.path = path
        self.stage = instruction.stage.index
        self.index = instruction.index
        self.line = instruction.line
        self.place = place
        self.command = command


class _Mentions:
    """Every path that a file names, for a search by path."""

    __slots__ = ("by_path", "sorted")

    def __init__(self, file: Dockerfile) -> None:
        self.by_path: dict[str, list[_Mention]] = {}
        for instruction in file.walk():
            if isinstance(instruction, Commanding):
                self._commands(instruction)
        self.sorted = sorted(self.by_path)

    def _commands(self, instruction: Commanding) -> None:
        home = home_of(instruction)
        order = {id(each): place for place, each in enumerate(instruction.all_commands())}
        for command, cwd in _with_directories(instruction):
            words = [*command.words, *(each.target for each in command.redirects if each.target is not None)]
            for word in words:
                text = word.partial
                if word.is_flag and "/" in text:
                    # `-I/usr/include`, `--cache=/x`
                    path: str | None = clean(text[text.index("/") :])
                else:
                    path = clean(text) if text.startswith("~/") else word_path(word, cwd, home)
                if path is not None and path != "/":
                    form = home_form(path, home)
                    mention = _Mention(instruction, order[id(command)], command, form)
                    self.by_path.setdefault(form, []).append(mention)

    def around(self, path: str) -> Iterator[_Mention]:
        """The mentions of a path, of what lies below it, and of the folders that it lies in."""
        for place in range(bisect_left(self.sorted, path), len(self.sorted)):
            name = self.sorted[place]
            if not name.startswith(path):
                break
            if is_below(name, path):
                yield from self.by_path[name]
        folder = path.rpartition("/")[0]
        while folder and folder != "~":
            yield from self.by_path.get(folder, ())
            folder = folder.rpartition("/")[0]


def _with_directories(
    instruction: Commanding,
) -> Iterator[tuple[ShellCommand, str | None]]:
    if isinstance(instruction, Run):
        yield from directories(instruction, home_of(instruction))
        return
    cwd = instruction.stage.symbolic_workdir_at(instruction)
    for command in instruction.all_commands():
        yield command, cwd


def _mentions(file: Dockerfile) -> _Mentions:
    memo = remembered(file)
    if "path mentions" not in memo:
        memo["path mentions"] = _Mentions(file)
    found: _Mentions = memo["path mentions"]
    return found


def _above(stage: Stage) -> dict[int, Stage]:
    """The stages that stand on a stage, by index, itself left out."""
    memo = remembered(stage.file)
    slot = ("stages above", stage.index)
    if slot not in memo:
        found: dict[int, Stage] = {}
        pending = list(stage.children)
        while pending:
            each = pending.pop()
            found[each.index] = each
            pending.extend(each.children)
        memo[slot] = found
    above: dict[int, Stage] = memo[slot]
    return above


def reader_of(run: Run, command: ShellCommand, deletion: Deletion) -> str | None:
    """What may read what a command of a RUN deletes.

    Looks at the rest of the RUN and of the stage, the stages that stand on it, what other stages copy or mount from
    them, and what a container runs.

    Args:
        run: The RUN, with the clean-up in it.
        command: The clean-up.
        deletion: One thing that it deletes.

    Returns:
        In words; None when nothing does.
    """
    place = next(at for at, each in enumerate(reading(run).commands) if each is command)
    manager = deletion.manager
    found = _named(run, place, deletion) or _copied(run.stage, deletion)
    if found is not None:
        return found
    if manager is None:
        return _unnamed(run, place, deletion)
    if _offline_behind(run, place, manager):
        return f"{manager.name} works offline later, perhaps from it"
    if manager.name in ("apt", "apk"):
        archives = is_below(deletion.path, "/var/cache/apt")
        return None if archives else _index_reader(run, place, manager)
    if keeps_store(manager) and (uses_store_later(run, manager) or _runs_behind(run, place, manager)):
        return f"a later step may find its dependencies there: {manager.name}"
    return None


def _named(run: Run, place: int, deletion: Deletion) -> str | None:
    """A later command that names the path."""
    above = _above(run.stage)
    start = literal_prefix(deletion.path)
    for each in _mentions(run.file).around(start):
        if each.stage == run.stage.index:
            if (each.index, each.place) <= (run.index, place):
                continue
        elif each.stage not in above:
            continue
        command = each.command
        if is_cleaner(command) or command.program in _BLIND:
            continue
        # Of folders above, `--prefix=/usr` is about something else.
        vague = each.path.count("/") < 2 or command.program in _TELLERS
        if vague and command.program not in _TAKERS and not is_below(each.path, start):
            continue
        return f"line {each.line} may read {deletion.path}"
    return None


def _copied(stage: Stage, deletion: Deletion) -> str | None:
    """A COPY or a mount from the stage, or one that stands on it, that takes the path."""
    above = _above(stage)
    for source, path, line in _edges(stage.file):
        if source != stage.index and source not in above:
            continue
        if path is None:
            if deletion.manager is None:
                return f"line {line} may copy {deletion.path}"
            continue
        start = literal_prefix(deletion.path)
        if is_below(path, start) or is_below(start, path):
            return f"line {line} copies {deletion.path}"
    return None


def _edges(file: Dockerfile) -> list[tuple[int, str | None, int]]:
    """(stage, path, line) for all that is copied or mounted from stages; the path is None where it is not known."""
    memo = remembered(file)
    if "edge paths" not in memo:
        found: list[tuple[int, str | None, int]] = []
        for stage in file.stages:
            for edge in stage.edges:
                if edge.stage is not None:
                    for path in _sources(edge.instruction, edge.flag):
                        found.append((edge.stage.index, path, edge.instruction.line))
        memo["edge paths"] = found
    edges: list[tuple[int, str | None, int]] = memo["edge paths"]
    return edges


def _sources(instruction: Instruction, flag: object) -> Iterator[str | None]:
    if isinstance(instruction, Copy):
        raw = [word.text for word in instruction.sources]
    elif isinstance(instruction, Run):
        raw = [mount.options.get("source", "/") for mount in instruction.mounts if mount.flag is flag]
        if raw == ["/"]:
            return  # the commands name what they read of it
    else:
        return
    for text in raw:
        expanded = instruction.expand(text)
        yield home_form(literal_prefix(clean("/" + expanded))) if expanded is not None else None


def _index_reader(run: Run, place: int, manager: Manager) -> str | None:
    by_place = {action.place: action for action in reading(run).actions if action.manager is manager}
    for at, command in enumerate(reading(run).commands[place + 1 :], place + 1):
        action = by_place.get(at)
        if action is not None and action.effect == "refresh" and not command.conditional:
            return None
        # What is no installation asks for packages: `apt list`, `apk search`.
        asks = action is None and command.program in (*manager.programs, *_APT_READERS)
        if asks or (action is not None and action.installs) or may_install(command):
            return f"{command.program} may read the {manager.name} index"
    if later_reader(run, manager) != NOBODY:
        return f"a later step may read the {manager.name} index"
    return None


def _offline_behind(run: Run, place: int, manager: Manager) -> bool:
    """Whether a manager works without the network behind a command, so that a cache may be all that it has."""
    for action in actions(run):
        if action.place > place and action.manager is manager and _is_offline(action):
            return True
    if _last_offline(run.stage, manager) > run.index:
        return True
    return any(_last_offline(stage, manager) >= 0 for stage in _above(run.stage).values())


def _last_offline(stage: Stage, manager: Manager) -> int:
    memo = remembered(stage.file)
    slot = ("last offline", stage.index, manager.name)
    if slot not in memo:
        memo[slot] = -1
        for outer in stage.instructions:
            body = inner(outer)
            acting = actions(body) if isinstance(body, Run) else []
            if any(each.manager is manager and _is_offline(each) for each in acting):
                memo[slot] = outer.index
    found: int = memo[slot]
    return found


def _is_offline(action: Action) -> bool:
    network = action.command.instruction.flag("network")
    cut_off = network is not None and network.value == "none"
    return cut_off or action.manager.option_at(action.argv, action.manager.offline) >= 0


def _runs_behind(run: Run, place: int, manager: Manager) -> bool:
    return any(command.program in manager.programs for command in reading(run).commands[place + 1 :])


def _unnamed(run: Run, place: int, deletion: Deletion) -> str | None:
    """A later step that may read a file without naming it: it works in its folder, and nobody knows what it reads."""
    path = deletion.path
    order = {id(each): at for at, each in enumerate(reading(run).commands)}
    for instruction in (run, *run.stage.after(run)):
        body = inner(instruction)
        if isinstance(body, Run):
            for need in needs_of(body):
                if body is run and order.get(id(need.command), 0) <= place:
                    continue
                # What the others read they name, which was looked at.
                command = need.command
                blind = need.kind not in (UNKNOWN_FILES, COMPILE, PROJECT) or is_cleaner(command) or _unpacks(command)
                if not blind and _works_above(need.folder, path):
                    return f"{command.program or 'a command'} on line {body.line} may read {path}"
        elif isinstance(body, Cmd | Entrypoint | Healthcheck):
            last = body.stage.instructions[-1]
            if _works_above(body.stage.symbolic_workdir_at(last, after=True), path):
                return f"{body.keyword} on line {body.line} may read {path}"
    return None


def _unpacks(command: ShellCommand) -> bool:
    """Whether a command reads the archive that it names and nothing else."""
    if command.program == "unzip":
        return True
    first = command.words[1].partial if len(command.words) > 1 else ""
    old = first.isalpha() or (first.startswith("-") and not first.startswith("--"))
    return command.program in ("tar", "bsdtar") and (command.has_flag("--extract", "-x") or (old and "x" in first))


def _works_above(folder: str | None, path: str) -> bool:
    if folder is None:
        return True
    folder = home_form(folder)
    return folder not in ("/", "~") and is_below(path, folder)
