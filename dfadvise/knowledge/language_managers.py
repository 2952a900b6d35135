"""Which language package manager a command is, and what it does: look-ups over the tables.

A word that holds a NUL character has a part that nobody knows; it matches nothing.
"""

from __future__ import annotations

from dfadvise.knowledge.language_tables import (
    BUN,
    CONDA,
    NPM,
    PIP,
    PIPENV,
    PIPX,
    PNPM,
    POETRY,
    UV,
    YARN,
    YARN_BERRY,
)
from dfadvise.knowledge.manager import Use
from dfadvise.knowledge.options import FALSE, first_operand, operands, option_at
from dfadvise.knowledge.toolchain_tables import BUNDLER, CARGO, COMPOSER, GEM, GO, GRADLE, MAVEN, NUGET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.knowledge.manager import Manager

LANGUAGE_MANAGERS = (
    PIP,
    PIPX,
    UV,
    POETRY,
    PIPENV,
    CONDA,
    NPM,
    YARN,
    YARN_BERRY,
    PNPM,
    BUN,
    BUNDLER,
    GEM,
    COMPOSER,
    GO,
    CARGO,
    MAVEN,
    GRADLE,
    NUGET,
)
# Those of Node.js' packages, by name: each reads package.json and fills node_modules.
NODE = frozenset(manager.name for manager in (NPM, YARN, YARN_BERRY, PNPM, BUN))
# A project of theirs may be many packages. These are the folders for them in the documentation of npm, pnpm, Yarn, Nx,
# Turborepo and Cargo, read 2026-11-24.
WITH_WORKSPACES = NODE | {"cargo", "uv"}
WORKSPACE_FOLDERS = frozenset(("apps", "packages", "libs", "crates", "workspaces"))
_BY_PROGRAM = {
    program: manager for manager in LANGUAGE_MANAGERS if manager is not YARN_BERRY for program in manager.programs
}

# Python modules that `python -m` runs as these managers.
_MODULES = {"pip": PIP, "pipx": PIPX, "uv": UV, "poetry": POETRY, "pipenv": PIPENV}
_PYTHON_VALUES = frozenset(("-W", "-X", "-c", "-Q", "--check-hash-based-pycs"))
_PHP_VALUES = frozenset(("-d", "-c", "-f", "-z"))

# Subcommands that run another program in an environment of theirs.
_RUNNERS = {
    "conda": ("run", frozenset(("-n", "--name", "-p", "--prefix", "--cwd"))),
    "mamba": ("run", frozenset(("-n", "--name", "-p", "--prefix", "--cwd"))),
    "micromamba": (
        "run",
        frozenset(("-n", "--name", "-p", "--prefix", "-r", "--root-prefix", "--cwd", "-e", "--env")),
    ),
    "poetry": ("run", frozenset(("-C", "--directory", "-P", "--project"))),
    "pipenv": ("run", frozenset(("--python",))),
    "bundle": ("exec", frozenset(("--gemfile",))),
    "corepack": ("", frozenset[str]()),
}
_ASKING = ("--version", "-v", "-V", "--help", "-h")
_BERRY_ONLY = frozenset(("--immutable", "--immutable-cache", "--check-cache", "dlx", "up", "workspaces"))


def language_manager(program: str) -> Manager | None:
    """The language package manager that a program is; the classic one for yarn.

    Args:
        program: The program's base name; `pip3.12` is pip, `pipenv` and `pipx` are not.
    """
    manager = _BY_PROGRAM.get(program)
    if manager is None and program.startswith("pip") and _is_version(program[3:].lstrip("-")):
        return PIP
    return manager


def language_use(argv: Sequence[str], berry: bool = False) -> Use | None:
    """What a command does with a language's packages.

    Sees through `python -m pip`, `php composer.phar`, `conda run`, `poetry run`, `pipenv run`, `bundle exec`
    and `corepack`. Positions in the result count in `argv`.

    Args:
        argv: The command's words, program first; the program may carry a path.
        berry: Whether yarn is known to be yarn 2 or later (a .yarnrc.yml is there).

    Returns:
        None for other programs and for verbs that neither install, download, compile, remove nor clean.
    """
    first = 0
    for _ in range(4):  # runners in runners
        inner = _inner(argv, first)
        if inner <= first:
            break
        first = inner
    if first >= len(argv):
        return None
    manager, start = _program(argv, first)
    if manager is None:
        return None
    if manager is MAVEN:
        return _maven(argv, start)
    if manager is GRADLE:
        return _gradle(argv, start)
    if manager is UV and argv[first].rpartition("/")[2] == "uvx":
        return Use(UV, "tool run", first, "install", start)
    if manager is YARN and (berry or not _BERRY_ONLY.isdisjoint(argv[start:])):
        manager = YARN_BERRY
    return _plain(manager, argv, start)


def packages(use: Use, argv: Sequence[str]) -> list[int]:
    """The positions of the operands after the verb: packages, paths, targets.

    Args:
        use: What language_use (or system_use) said of the command.
        argv: The command's words.
    """
    return operands(argv, use.start, use.manager.after, use.manager.bundled)


def reads_sources(use: Use, argv: Sequence[str]) -> bool:
    """Whether the command reads the project's own sources, not just manifests and lock files.

    What a manifest itself asks for (workspaces, `file:` dependencies, lifecycle scripts) is not known here.

    Args:
        use: What language_use said of the command.
        argv: The command's words.
    """
    manager, verb = use.manager, use.verb
    if use.effect in ("remove", "clean"):
        return False
    if manager in (PIP, PIPX, PIPENV) or (manager is UV and verb.startswith(("pip ", "tool "))):
        return any(is_path(word) for word in _values_and_operands(use, argv))
    if manager is UV:
        skipped = (
            "--no-install-project",
            "--no-install-workspace",
            "--no-install-local",
            "--no-sync",
            "--only-group",
        )
        return verb in ("sync", "run", "add", "build") and option_at(argv, skipped) < 0
    if manager is POETRY:
        return verb in ("install", "sync", "add") and option_at(argv, ("--no-root",)) < 0
    if manager is COMPOSER:
        if verb.startswith("global") or verb == "create-project":
            return False
        return option_at(argv, ("--no-autoloader",)) < 0 or option_at(argv, ("--no-scripts",)) < 0
    if manager is GO:
        if verb in ("mod tidy", "mod vendor"):
            return True
        if verb == "get" or use.effect == "download":
            return False
        return not any("@" in argv[at] for at in packages(use, argv))
    if manager is CARGO:
        if verb in ("install", "binstall"):
            return option_at(argv, ("--path",)) >= 0
        return use.effect == "compile" and verb != "chef cook"
    if manager in (MAVEN, GRADLE, NUGET):
        return use.effect == "compile"
    return any(is_path(argv[at]) for at in packages(use, argv))


def holds_to_lock(use: Use, argv: Sequence[str]) -> bool:
    """Whether the command itself installs what the lock file says or fails.

    Args:
        use: What language_use said of the command.
        argv: The command's words.
    """
    manager = use.manager
    return use.verb in manager.frozen_verbs or manager.option_at(argv, manager.frozen) >= 0


def leaves_development_out(use: Use, argv: Sequence[str]) -> bool:
    """Whether the command itself leaves development dependencies out.

    Args:
        use: What language_use said of the command.
        argv: The command's words.
    """
    manager = use.manager
    if manager is PIPENV:  # development dependencies come only when asked for
        return option_at(argv, ("--dev", "-d")) < 0
    return manager.option_at(argv, manager.production) >= 0


def production_by_env(manager: Manager, name: str, value: str) -> bool:
    """Whether an environment variable makes the manager leave development dependencies out.

    Args:
        manager: The manager.
        name: The variable's name.
        value: Its value.
    """
    for key, wanted in manager.production_env:
        if key == name:
            return bool(value) if wanted == "*" else value == wanted if wanted else value.lower() not in _NO
    return False


def frozen_by_env(manager: Manager, name: str, value: str) -> bool:
    """Whether an environment variable holds the manager to the lock file."""
    return name in manager.frozen_env and value.lower() not in _NO


def cache_off_by_env(manager: Manager, name: str, value: str) -> bool:
    """Whether an environment variable switches the manager's cache off (`0`, `false`, `no`, `off` keep it)."""
    return name in manager.off_env and value.lower() not in _NO


_NO = FALSE | {""}


def is_path(word: str) -> bool:
    """Whether an operand names a local file or folder: `.`, `./lib`, `/src`, `.[dev]`, `file:..`."""
    return word.startswith((".", "/", "~", "file:")) and "://" not in word.removeprefix("file://")


def _values_and_operands(use: Use, argv: Sequence[str]) -> list[str]:
    """Operands, and what -e names."""
    words = [argv[at] for at in packages(use, argv)]
    for at in range(use.start, len(argv)):
        name, equals, value = argv[at].partition("=")
        if name in ("-e", "--editable"):
            words.append(value if equals else argv[at + 1] if at + 1 < len(argv) else "")
        elif argv[at].startswith("-e") and not argv[at].startswith("--"):
            words.append(argv[at][2:])
    return words


def _is_version(text: str) -> bool:
    return not text.strip("0123456789.")


def _inner(argv: Sequence[str], first: int) -> int:
    """Where the command begins that the one at `first` runs, or `first` when it runs none."""
    if first >= len(argv):
        return first
    runner = _RUNNERS.get(argv[first].rpartition("/")[2])
    if runner is None:
        return first
    verb, values = runner
    at = first_operand(argv, first + 1, values)
    if at >= 0 and verb:
        if argv[at] != verb:
            return first
        at = first_operand(argv, at + 1, values)
    if at < 0 or (not verb and language_manager(argv[at]) is None):
        return first
    return at


def _program(argv: Sequence[str], first: int) -> tuple[Manager | None, int]:
    """The manager that the program at `first` is, and where its own words begin."""
    name = argv[first].rpartition("/")[2]
    if name.startswith(("python", "pypy")) and _is_version(name.removeprefix("python").removeprefix("pypy")):
        at = first + 1
        while at < len(argv) and argv[at].startswith("-"):
            word = argv[at]
            if word == "-m":
                return (_MODULES.get(argv[at + 1]), at + 2) if at + 1 < len(argv) else (None, at)
            if word.startswith("-m"):
                return _MODULES.get(word[2:]), at + 1
            if word.endswith("m") and word[1:].isalpha() and at + 1 < len(argv):  # python -Im pip
                return _MODULES.get(argv[at + 1]), at + 2
            at += 2 if word in _PYTHON_VALUES else 1
        return None, at
    if name == "php" or (name.startswith("php") and _is_version(name[3:])):
        at = first_operand(argv, first + 1, _PHP_VALUES)
        if at >= 0 and argv[at].rpartition("/")[2] in COMPOSER.programs:
            return COMPOSER, at + 1
        return None, first
    return language_manager(name), first + 1


def _plain(manager: Manager, argv: Sequence[str], start: int) -> Use | None:
    at = first_operand(argv, start, manager.before, manager.bundled)
    if at >= 0 and (skip := _not_yet(manager, argv[at])):
        at = first_operand(argv, at + skip, manager.before, manager.bundled)
    if at < 0:
        asking = option_at(argv, _ASKING, manager.before, False) >= 0
        if not manager.default_verb or asking:
            return None
        verb = manager.default_verb
        return Use(manager, verb, len(argv), manager.verbs[verb], start)
    verb, after = argv[at], at + 1
    second = first_operand(argv, after, manager.after, manager.bundled)
    if second >= 0:
        both = f"{verb} {argv[second]}"
        if manager is NUGET and verb == "add" and "package" in argv[second:]:
            both, second = "add package", argv.index("package", second)
        if both in manager.verbs:
            verb, after = both, second + 1
    effect = manager.verbs.get(verb)
    if effect is None or (manager is UV and verb == "run" and option_at(argv, ("--no-sync",)) >= 0):
        return None
    return Use(manager, verb, at, effect, after)


def _not_yet(manager: Manager, word: str) -> int:
    """How many words to skip when a word before the verb is none of the options: 0 for the verb itself."""
    if manager is CARGO:
        return int(word.startswith("+"))  # cargo +nightly build
    if manager is BUNDLER:
        return int(word.startswith("_"))  # bundle _2.1.4_ install
    if manager is PNPM:
        return int(word in ("recursive", "multi", "m"))
    return 2 if manager in (YARN, YARN_BERRY) and word == "workspace" else 0


def _maven(argv: Sequence[str], start: int) -> Use | None:
    goals = operands(argv, start, MAVEN.before, False)
    chosen: Use | None = None
    for at in goals:
        goal = argv[at]
        if "\0" in goal:
            continue
        effect = MAVEN.verbs.get(goal, "")
        if not effect:
            plugin = goal.rpartition(":")[0]
            effect = "download" if "dependency" in plugin or plugin.startswith("help") else "compile"
        if chosen is None or (effect == "compile" and chosen.effect != "compile"):
            chosen = Use(MAVEN, goal, at, effect, at + 1)
    return chosen


def _gradle(argv: Sequence[str], start: int) -> Use | None:
    tasks = operands(argv, start, GRADLE.before, False)
    if not tasks:
        # The wrapper downloads Gradle whatever it is asked.
        wrapper = argv[start - 1].rpartition("/")[2] == "gradlew"
        return Use(GRADLE, "help", len(argv), "download", start) if wrapper else None
    chosen: Use | None = None
    for at in tasks:
        task = argv[at].rpartition(":")[2]
        if "\0" in task:
            continue
        effect = GRADLE.verbs.get(task, "compile")
        if chosen is None or (effect == "compile" and chosen.effect != "compile"):
            chosen = Use(GRADLE, task, at, effect, at + 1)
    return chosen
