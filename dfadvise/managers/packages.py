"""The package manager commands of a RUN: what each installs, refreshes, removes or cleans, and the settings it sees."""

from __future__ import annotations

from bisect import bisect_left

from dfadvise.about.mentions import mentions
from dfadvise.knowledge.language_managers import LANGUAGE_MANAGERS, language_use, packages
from dfadvise.knowledge.manager import sets
from dfadvise.knowledge.options import FALSE, option_at
from dfadvise.knowledge.package_managers import SYSTEM_MANAGERS, system_use
from dfadvise.memory import comes_before, remembered
from dfadvise.paths import is_below, resolve
from dfadvise.syntax.instructions import Arg, Commanding, Copy, Env, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.manager import Manager, Use
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

INSTALLS = frozenset(("install", "upgrade", "release-upgrade"))
_PROGRAMS = frozenset(
    program for manager in (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS) for program in manager.programs
) | frozenset(("uvx", "corepack"))
# Options with which nothing is done.
_IDLE = {
    manager: tuple(options.split())
    for manager, options in (
        (
            "apt",
            "-h --help -v --version -s --simulate --just-print --dry-run --recon --no-act --print-uris --assume-no"
            " --trivial-only",
        ),
        ("apk", "-h --help -s --simulate"),
        ("dnf", "-h --help --assumeno"),
        ("yum", "-h --help --assumeno"),
        ("zypper", "-h --help -D --dry-run"),
        ("pacman", "-h --help -p --print"),
    )
}
_IDLE_ANY = ("-h", "--help", "--dry-run")
_IDLE["poetry"] = (*_IDLE_ANY, "--only-root")  # the project itself, and nothing that is fetched
# Parts of variable names that tell that options are in them, not packages.
_OPTION_NAMES = ("OPT", "FLAG", "ARGS", "PARAM", "YES", "QUIET")
# Where a manager reads settings from, besides what a command of the file writes.
_CONFIG_FILES = {
    "apt": ("/etc/apt/apt.conf", "/etc/apt/apt.conf.d"),
    "dnf": ("/etc/dnf",),
    "yum": ("/etc/yum.conf", "/etc/dnf"),
    "zypper": ("/etc/zypp",),
    "pip": ("/etc/pip.conf", "/root/.pip", "/root/.config/pip"),
    "conda": ("/root/.condarc", "/opt/conda/.condarc", "/etc/conda"),
}


class Action:
    """A command of a package manager.

    Attributes:
        command: The command.
        argv: Its words as text; an unknown part is NUL.
        use: What the manager's table says of it.
        manager, verb, effect: As in `use`.
        place: Its place among all commands of the RUN, in order.
    """

    __slots__ = ("argv", "command", "effect", "manager", "place", "use", "verb")

    def __init__(self, command: ShellCommand, argv: list[str], use: Use, place: int) -> None:
        self.command = command
        self.argv = argv
        self.use = use
        self.manager: Manager = use.manager
        self.verb: str = use.verb
        self.effect: str = use.effect
        self.place = place

    def __repr__(self) -> str:
        return f"<Action {self.manager.name} {self.verb}>"

    @property
    def program(self) -> str:
        """The base name of the program."""
        return self.command.program or ""

    @property
    def verb_word(self) -> ShellWord:
        """The last word of the verb, behind which an option can stand; the program where the verb is left out."""
        return self.command.words[min(self.use.start, len(self.command.words)) - 1]

    @property
    def span(self) -> Span:
        """From the program to the verb."""
        last = self.verb_word
        return last.script.span(self.command.words[0].start, last.end)

    @property
    def text(self) -> str:
        """Program and verb as people say it: "apt-get install", "pip install"."""
        if self.manager.name == "pip":
            return f"pip {self.verb}"
        name = self.program if self.program in self.manager.programs else self.manager.programs[0]
        return f"{name} {self.verb}"

    def codes(self, rule: str, *variants: str) -> tuple[str, ...]:
        """The foreign codes of a finding on it, see Manager.codes; none for a program that other tools pass over."""
        if self.program == "tdnf" or (self.program in ("apt", "aptitude") and rule != "package-cache-left"):
            return ()
        return self.manager.codes(rule, *variants)

    @property
    def operands(self) -> list[ShellWord]:
        """What it names: packages, paths, files."""
        end = len(self.argv)
        if self.manager.name == "gem" and "--" in self.argv:
            end = self.argv.index("--")  # what follows is for the compiler
        return [self.command.words[at] for at in packages(self.use, self.argv) if at < end]

    @property
    def installs(self) -> bool:
        """Whether it installs or upgrades."""
        return self.effect in INSTALLS

    @property
    def is_idle(self) -> bool:
        """Whether its options let it do nothing, such as `--dry-run` and `--help`."""
        return self.manager.option_at(self.argv, _IDLE.get(self.manager.name, _IDLE_ANY)) >= 0

    @property
    def may_hold_options(self) -> bool:
        """Whether a word that is not known is named as if it held options: `$APT_OPTS`."""
        for word in self.command.words[1:]:
            if word.partial.startswith(UNKNOWN) and not (word.quoted and word.raw[:1] in "\"'"):
                name = word.raw.upper()
                if any(part in name for part in _OPTION_NAMES):
                    return True
        return False


class Reading:
    """The commands of one RUN, read once.

    Attributes:
        commands: All its commands, in order.
        actions: Those of package managers.
        exports: By name the places where the RUN exports a variable, and its values; unknown parts are NUL.
    """

    __slots__ = ("actions", "commands", "exports")

    def __init__(self, run: Run) -> None:
        self.commands = list(run.all_commands())
        self.actions: list[Action] = []
        self.exports: dict[str, tuple[list[int], list[str]]] = {}
        for place, command in enumerate(self.commands):
            program = command.program
            if program is None:
                continue
            if program == "export":
                for name, value in command.assignments:
                    places, values = self.exports.setdefault(name, ([], []))
                    places.append(place)
                    values.append(value.partial if value else "")
                continue
            if program not in _PROGRAMS and not program.startswith(("pip", "python", "pypy", "php")):
                continue
            argv = [word.partial for word in command.words]
            use = system_use(argv)
            if use is None:
                use = language_use(argv, program.startswith(("yarn", "corepack")) and uses_yarn_berry(run.file))
            if use is not None:
                self.actions.append(Action(command, argv, use, place))


def reading(run: Run) -> Reading:
    """The commands of a RUN, read once for all rules."""
    memo = remembered(run.file)
    found: Reading | None = memo.get(id(run))
    if found is None:
        found = memo[id(run)] = Reading(run)
    return found


def programs_in(file: Dockerfile) -> frozenset[str]:
    """The programs that the scripts of a file run, as far as they are known, by their base names."""
    memo = remembered(file)
    found: frozenset[str] | None = memo.get("programs")
    if found is None:
        scripts = [each for each in file.walk() if isinstance(each, Commanding)]
        names = [command.program for each in scripts for command in each.all_commands()]
        found = memo["programs"] = frozenset([name for name in names if name is not None])
    return found


def actions_in(file: Dockerfile) -> list[Action]:
    """The package manager commands of all RUNs of a file, in order."""
    memo = remembered(file)
    found: list[Action] | None = memo.get("actions")
    if found is None:
        found = [action for each in file.walk() if isinstance(each, Run) for action in actions(each)]
        memo["actions"] = found
    return found


def actions(run: Run) -> list[Action]:
    """The package manager commands of a RUN, in order."""
    return reading(run).actions


def action_of(command: ShellCommand) -> Action | None:
    """What a command of a RUN is as a package manager's; None when it is none's."""
    run = command.instruction
    return next((each for each in actions(run) if each.command is command), None) if isinstance(run, Run) else None


def inner(instruction: Instruction) -> Instruction:
    """The instruction itself, or what an ONBUILD holds back."""
    return instruction.innermost


def is_answered(command: ShellCommand) -> bool:
    """Whether a command is given something to read: a pipe, a file, a here-string."""
    outer: ShellCommand | None = command
    while outer is not None:
        if outer.pipe_from is not None or any(each.operator.startswith("<") for each in outer.redirects):
            return True
        outer = outer.parent
    return False


def cache_cause(run: Run, manager: Manager) -> tuple[str, int, str]:
    """The cause of findings about a manager's cache in a RUN, for `Finding.cause`."""
    return "package-cache", id(run), manager.name


def value_of(action: Action, name: str) -> str | None:
    """The value of an environment variable for a command: NUL where it is not known, None where it is not set."""
    command: ShellCommand | None = action.command
    while command is not None:
        for key, value in command.assignments:
            if key == name:
                return value.partial if value else ""
        command = command.parent
    run = action.command.instruction
    assert isinstance(run, Run)
    places, values = reading(run).exports.get(name, ((), ()))
    at = bisect_left(places, action.place)
    if at:
        return values[at - 1]
    if run.outer is not None:
        places, values = _held_back(run.stage).get(name, ((), ()))
        at = bisect_left(places, run.index)
        if at:
            return values[at - 1]
    variable = run.stage.variable(name, run)
    if variable is None:
        return None
    return UNKNOWN if variable.value is None else variable.value


def _held_back(stage: Stage) -> dict[str, tuple[list[int], list[str]]]:
    """What ENV and ARG under ONBUILD set for the triggers after them, by name, in order."""
    memo = remembered(stage.file)
    slot = ("held back", stage.index)
    if slot not in memo:
        found: dict[str, tuple[list[int], list[str]]] = {}
        for outer in stage.instructions:
            instruction = inner(outer)
            if instruction is outer or not isinstance(instruction, Env | Arg):
                continue
            for pair in instruction.pairs:
                value = stage.expand_partly(pair.value, instruction) if pair.value is not None else None
                places, values = found.setdefault(pair.key, ([], []))
                places.append(outer.index)
                values.append(UNKNOWN if value is None else value)
        memo[slot] = found
    result: dict[str, tuple[list[int], list[str]]] = memo[slot]
    return result


def is_switched(action: Action, names: tuple[str, ...]) -> bool:
    """Whether one of these environment variables is set to yes, or to something that is not known."""
    for name in names:
        value = value_of(action, name)
        if value is not None and value.lower() not in FALSE and value != "":
            return True
    return False


def is_configured(action: Action, key: str, wanted: bool) -> bool:
    """Whether something before a command may have set a manager's setting for good.

    Args:
        action: The command.
        key: The setting in lower case, such as "apt::install-recommends".
        wanted: The truth value asked for.

    Returns:
        True when an earlier command of the chain writes the setting so, or a file that nobody has read is copied to
        where the manager looks for it.
    """
    manager = action.manager.name
    return comes_before(
        action.command.instruction,
        action.place,
        ("setting", manager, key, wanted),
        lambda stage: _find_setting(stage, manager, key, wanted),
    )


def _find_setting(stage: Stage, manager: str, key: str, wanted: bool) -> tuple[int, int] | None:
    named = mentions(stage.file, key)
    for outer in stage.instructions:
        instruction = inner(outer)
        if isinstance(instruction, Copy):
            if _copies_config(instruction, manager):
                return instruction.index, -1
        elif named and isinstance(instruction, Run):
            for place, text in _texts(instruction):
                if sets(text, key, wanted):
                    return instruction.index, place
    return None


def _texts(run: Run) -> Iterator[tuple[int, str]]:
    """What the commands of a RUN say, each with its place."""
    for place, command in enumerate(reading(run).commands):
        if command.body is not None:
            yield place, command.body.text
        # `printf` breaks lines so.
        yield place, " ".join(word.partial for word in command.words).replace("\\n", "\n")


def _copies_config(copy: Copy, manager: str) -> bool:
    folders = _CONFIG_FILES.get(manager)
    if folders is None or copy.target is None:
        return False
    target = copy.expand(copy.target.text)
    path = resolve(target, None) if target else None
    return path is not None and any(is_below(path, folder) for folder in folders)


def uses_yarn_berry(file: Dockerfile) -> bool:
    """Whether yarn is version 2 or later in a file: its settings are copied or in the context, or it is set so."""
    memo = remembered(file)
    if "berry" not in memo:
        memo["berry"] = False  # while commands are looked at
        memo["berry"] = _finds_berry(file)
    found: bool = memo["berry"]
    return found


def _finds_berry(file: Dockerfile) -> bool:
    if file.context is not None and file.context.has(".yarnrc.yml"):
        return True
    text = file.source.text
    if ".yarn" not in text and "berry" not in text and "yarn set version" not in text and "yarn@" not in text:
        return False
    for instruction in file.walk():
        if isinstance(instruction, Copy):
            for word in instruction.sources:
                name = word.text.rstrip("/").rpartition("/")[2]
                if name == ".yarnrc.yml" or name == ".yarn" or word.text.startswith((".yarn/", "./.yarn/")):
                    return True
        elif isinstance(instruction, Run) and any(
            _sets_berry([word.partial for word in command.words]) for command in instruction.all_commands()
        ):
            return True
    return False


def _sets_berry(words: list[str]) -> bool:
    if not words:
        return False
    program = words[0].rpartition("/")[2]
    if program == "yarn" and words[1:3] == ["set", "version"] and len(words) > 3:
        version = words[3]
        return version in ("berry", "stable", "canary", "latest") or version.lstrip("v")[:1] in "23456789"
    if program == "corepack" or program in ("npm", "npx"):
        return any(word.startswith("yarn@") and word[5:6] in tuple("23456789sbc") for word in words)
    return False


def option_value(action: Action, names: tuple[str, ...]) -> str | None:
    """The value of an option of a command: NUL where it is not known, None where the option is not given."""
    at = option_at(action.argv, names, action.manager.before | action.manager.after, action.manager.bundled)
    if at < 0:
        return None
    equals = action.argv[at].partition("=")
    if equals[1]:
        return equals[2]
    return action.argv[at + 1] if at + 1 < len(action.argv) else UNKNOWN
