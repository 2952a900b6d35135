"""Where a secret ends up: the image's configuration, its history, a layer, exported caches, provenance, the build log.

Sources: BuildKit's `dockerfile2llb` and its documents on caches and provenance (read 2026-11-24). ENV is in the
configuration and the history. ARG is in the history once a stage declares it, and so is the text of every step. COPY
and ADD write a layer. What a stage outside the exported chain holds is in no image, but in caches exported with
`mode=max` and in provenance with `mode=max`.
"""

from __future__ import annotations

from posixpath import basename

from dfadvise.about.removals import removals
from dfadvise.base.bases import inherited
from dfadvise.effects import directories, home_of
from dfadvise.knowledge.secret_names import harmless_value, may_be_secret, secret_name
from dfadvise.managers.packages import inner, reading
from dfadvise.memory import remembered
from dfadvise.paths import covers, has_glob, is_below, literal_prefix, resolve
from dfadvise.shells.spelled import spelled
from dfadvise.syntax.instructions import Arg, Copy, Env, Onbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.rule import Severity
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.shells.spelled import Spelled
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction, Run

CONFIG, HISTORY, LAYER, CACHE, PROVENANCE, FILE = "config", "history", "layer", "cache", "provenance", "file"
_DEEPEST = 5  # variables that are set from variables
_MOST_ASSIGNMENTS = 100
_MOST_NAMES = 50
_IN_CONFIG = frozenset(("ENV", "LABEL", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD", "USER", "WORKDIR", "VOLUME"))
_TEXTS = {
    (CONFIG, HISTORY): "in the image's configuration",
    (HISTORY,): "in the image's history",
    (LAYER,): "in a layer of the image",
    (CACHE, PROVENANCE): "not in the image, but in exported caches and provenance",
    (FILE,): "in this file",
}


class Reach:
    """Where what stands in an instruction ends up.

    Attributes:
        places: CONFIG, HISTORY, LAYER, CACHE, PROVENANCE or FILE.
    """

    __slots__ = ("places",)

    def __init__(self, *places: str) -> None:
        self.places = places

    @property
    def ships(self) -> bool:
        """Whether everybody who pulls the image gets it."""
        return not {CONFIG, HISTORY, LAYER}.isdisjoint(self.places)

    @property
    def text(self) -> str:
        """The places, to be read behind "is"."""
        return _TEXTS[self.places]

    def __repr__(self) -> str:
        return f"Reach({', '.join(self.places)})"


def reach_of(instruction: Instruction | None, comment: bool = False, document: bool = False) -> Reach:
    """Where a text that stands in an instruction ends up.

    Args:
        instruction: The instruction, the body of an ONBUILD where it is in one; None outside of all.
        comment: Whether the text is a comment.
        document: Whether it is in a heredoc, which COPY and ADD write to a file.
    """
    if instruction is None or comment or instruction.keyword == "FROM":
        return Reach(FILE)
    stage = instruction.stage
    if stage.index < 0 and stage.file.stages:
        return _of_global(instruction, stage.file)
    if not stage.ships:
        return Reach(CACHE, PROVENANCE)
    if instruction.keyword in _IN_CONFIG or instruction.outer is not None:
        return Reach(CONFIG, HISTORY)
    if isinstance(instruction, Copy) and document:
        return Reach(LAYER)
    return Reach(HISTORY)


def _of_global(instruction: Instruction, file: Dockerfile) -> Reach:
    """A global ARG is in no history until a stage declares it."""
    if not isinstance(instruction, Arg):
        return Reach(FILE)
    names = {pair.key for pair in instruction.pairs}
    best = Reach(FILE)
    for each in file.instructions:
        inner = each.inner if isinstance(each, Onbuild) else each
        if isinstance(inner, Arg) and inner.stage.index >= 0 and any(pair.key in names for pair in inner.pairs):
            if inner.stage.ships:
                return Reach(HISTORY)
            best = Reach(CACHE, PROVENANCE)
    return best


def graded(severity: Severity, stage: Stage) -> Severity:
    """A level by reach: info where the stage does not ship."""
    return severity if stage.ships else "info"


class Secrets:
    """What a RUN can see of secrets, besides literals.

    Attributes:
        mounts: The absolute paths of its secret mounts, with their ids.
        names: The variables that secret mounts set.
    """

    __slots__ = ("_assigned", "_run", "mounts", "names")

    def __init__(self, run: Run) -> None:
        self._run = run
        self.mounts: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self._assigned: dict[str, list[tuple[int, ShellWord | None]]] | None = None
        cwd = run.stage.symbolic_workdir_at(run)
        for mount in run.mounts:
            if mount.type != "secret":
                continue
            name = mount.options.get("id") or basename(mount.target or "") or mount.options.get("env", "")
            variable = mount.options.get("env")
            if variable:
                self.names[variable] = name
            if mount.target or not variable:
                target = run.expand(mount.target) if mount.target else f"/run/secrets/{name}"
                path = resolve(target, cwd) if target else None
                if path is not None:
                    self.mounts[path] = name

    @property
    def has_mounts(self) -> bool:
        """Whether it has secret mounts."""
        return bool(self.mounts or self.names)

    def origin(self, name: str, command: ShellCommand) -> str:
        """Where the value of a variable or substitution comes from.

        Args:
            name: As in `Spelled.names`.
            command: The command that names it.

        Returns:
            "mount", "arg", "env", "literal" (the script itself) or "unknown".
        """
        for _ in range(_DEEPEST):
            if name.startswith(("$(", "`")):
                return self._of_substitution(name)
            found = self._assignment(name, command)
            if found is None:
                break
            if not found.names:
                return "literal"
            if found.names[0] == name:
                break
            name = found.names[0]
        if name in self.names:
            return "mount"
        return self._kind(name) or "unknown"

    def _kind(self, name: str) -> str | None:
        """Whether ARG or ENV sets a variable, those under the same ONBUILD as the RUN included."""
        run = self._run
        if run.outer is not None:
            found = [kind for index, kind in _held_back(run.stage).get(name, ()) if index < run.index]
            if found:
                return found[-1]
        variable = run.stage.variable(name, run)
        return None if variable is None else variable.kind

    def names_secret(self, name: str, command: ShellCommand) -> bool:
        """Whether a variable or substitution surely holds a secret: from a mount, or by the name of an ARG or ENV."""
        origin = self.origin(name, command)
        if origin == "mount":
            return True
        return origin in ("arg", "env") and self.is_secret_variable(name)

    def is_secret_variable(self, name: str) -> bool:
        """Whether a variable in force has a secret's name, and no value that shows that it holds none."""
        if name in self.names:
            return True
        if secret_name(name) not in ("exact", "word"):
            return False
        variable = self._run.stage.variable(name, self._run)
        if variable is None:
            return self._kind(name) is not None
        return variable.value is None or not harmless_value(name, variable.value.replace("\0", "x"))

    def in_scope(self) -> list[str]:
        """The variables with secrets that the RUN's environment holds, by name."""
        names = _secret_names(self._run.stage)
        return [*self.names, *(name for name in names if name not in self.names and self.is_secret_variable(name))]

    def reads_mount(self, path: str) -> str | None:
        """The id of the secret mount that a path is, or lies in; None when it is in none."""
        for target, name in self.mounts.items():
            if path == target or is_below(path, target):
                return name
        return next(iter(self.mounts.values()), None) if path == "/run/secrets" else None

    def _of_substitution(self, text: str) -> str:
        if any(path in text for path in self.mounts) or (self.mounts and "/run/secrets/" in text):
            return "mount"
        for name in _names_in(text):
            if name in self.names:
                return "mount"
            kind = self._kind(name)
            if kind is not None:
                return kind
        return "unknown"

    def _assignment(self, name: str, command: ShellCommand) -> Spelled | None:
        """What the script set a variable to, the last time before a command."""
        if self._assigned is None:
            self._assigned = {}
            for place, each in enumerate(reading(self._run).commands):
                if each.is_assignment or each.program in ("export", "declare", "readonly", "local"):
                    for key, word in each.assignments:
                        self._assigned.setdefault(key, []).append((place, word))
        found: Spelled | None = None
        limit = place_of(self._run, command)
        for place, word in self._assigned.get(name, ())[:_MOST_ASSIGNMENTS]:
            if place >= limit:
                break
            found = spelled(word) if word is not None else None
        return found


def _held_back(stage: Stage) -> dict[str, list[tuple[int, str]]]:
    """What ARG and ENV under ONBUILD set for the triggers behind them: the place and the kind, by name."""
    memo = remembered(stage.file)
    slot = ("held back secrets", stage.index)
    found: dict[str, list[tuple[int, str]]] | None = memo.get(slot)
    if found is None:
        found = memo[slot] = {}
        for outer in stage.instructions:
            each = inner(outer)
            if each is not outer and isinstance(each, Arg | Env):
                for pair in each.pairs:
                    found.setdefault(pair.key, []).append((outer.index, each.keyword.lower()))
    return found


def _secret_names(stage: Stage) -> list[str]:
    """The names of secrets among the variables that a stage's chain sets, sorted."""
    names: list[str] = inherited(stage, "secret names", _add_names)
    return names


def _add_names(stage: Stage, below: list[str] | None) -> list[str]:
    found = set(below or ())
    for outer in stage.instructions:
        each = inner(outer)
        if not isinstance(each, Arg | Env):
            continue
        for pair in each.pairs:
            if may_be_secret(pair.key) and secret_name(pair.key) in ("exact", "word"):
                found.add(pair.key)
    return sorted(found)[:_MOST_NAMES]


def _names_in(text: str) -> list[str]:
    found = []
    for part in text.split("$")[1:]:
        part = part.removeprefix("{")
        end = 0
        while end < len(part) and (part[end].isalnum() or part[end] == "_"):
            end += 1
        if end:
            found.append(part[:end])
    return found


def secrets_of(run: Run) -> Secrets:
    """What a RUN can see of secrets, worked out once."""
    memo = remembered(run.file)
    slot = ("secrets", id(run))
    found: Secrets | None = memo.get(slot)
    if found is None:
        found = memo[slot] = Secrets(run)
    return found


def place_of(run: Run, command: ShellCommand) -> int:
    """The place of a command among the commands of its RUN."""
    memo = remembered(run.file)
    slot = ("places", id(run))
    places: dict[int, int] | None = memo.get(slot)
    if places is None:
        places = memo[slot] = {id(each): place for place, each in enumerate(reading(run).commands)}
    return places.get(id(command), len(places))


def path_key(path: str, cwd: str | None, home: str | None) -> str | None:
    """A path in a form in which two spellings of one file are equal: homes as `~`.

    Args:
        path: As written, variables with their names.
        cwd: The working directory.
        home: The home of the user, when known.
    """
    for name in ("$HOME", "${HOME}"):
        if path.startswith(name):
            path = "~" + path[len(name) :]
    if path.startswith("~"):
        return "~" + (path[path.index("/") :] if "/" in path else "")
    found = resolve(path, cwd, home)
    if found is None:
        return None
    if home and is_below(found, home):
        return "~" + found[len(home) :]
    if is_below(found, "/root"):
        return "~" + found[5:]
    parts = found.split("/", 3)
    return "~/" + parts[3] if parts[1] == "home" and len(parts) > 3 else found


def removed_after(run: Run, command: ShellCommand, keys: tuple[str, ...]) -> bool:
    """Whether the RUN removes a file again behind a command, or keeps it under a mount that ends with the step.

    Args:
        run: The RUN.
        command: The command that wrote the file.
        keys: The file, or where it may be, as `path_key` has it.
    """
    home = home_of(run)
    for mount in run.mounts:
        target = run.expand(mount.target) if mount.target else None
        if mount.type in ("tmpfs", "secret") and target:
            key = path_key(target, run.stage.symbolic_workdir_at(run), home)
            if key is not None and any(is_below(each, key) for each in keys):
                return True
    start = place_of(run, command)
    for removal in _removals(run, home):
        if removal[0] > start and any(_reaches(removal[1], removal[2], key) for key in keys):
            return True
    return False


def _removals(run: Run, home: str | None) -> list[tuple[int, str, bool]]:
    """What the RUN removes: the place of the command, the path, whether folders go along."""
    memo = remembered(run.file)
    slot = ("removals", id(run))
    found: list[tuple[int, str, bool]] | None = memo.get(slot)
    if found is None:
        found = memo[slot] = [(each.place, each.path, each.recursive) for each in removals(run, home)]
        for command, cwd in directories(run, home):
            if command.program not in ("rm", "unlink", "shred", "mv"):
                continue
            words = command.operands[:-1] if command.program == "mv" else command.operands
            for word in words:
                key = path_key(word.raw.replace('"', "").replace("'", ""), cwd, home)
                if key is not None:
                    recursive = command.has_flag("-r", "-R", "--recursive")
                    found.append((place_of(run, command), key, recursive))
    return found


def _reaches(pattern: str, recursive: bool, key: str) -> bool:
    if covers(pattern, key, recursive):
        return True
    # `rm -rf ~/.docker/config.json` is as good as the folder, and so is `rm ~/.aws/*`.
    return is_below(pattern, key) or (has_glob(pattern) and is_below(literal_prefix(pattern), key))
