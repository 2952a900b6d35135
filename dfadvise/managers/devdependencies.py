"""Installs that bring development dependencies along, what takes them out again, and what has a use for them."""

from __future__ import annotations

from posixpath import basename, join

from dfadvise.about.brought import known_dependencies
from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.base.toolversions import image_version, is_before
from dfadvise.editing.edits import behind, without
from dfadvise.editing.keywords import keyword
from dfadvise.editing.moving import before
from dfadvise.knowledge.language_managers import NODE, leaves_development_out, production_by_env
from dfadvise.knowledge.manager import words
from dfadvise.managers.lockfiles import copies_before, manifest_installs
from dfadvise.managers.packages import action_of, reading, value_of
from dfadvise.memory import remembered
from dfadvise.paths import is_below
from dfadvise.rule import Fix
from dfadvise.shells.startup import Startup
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.about.needs import Need
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

_MANAGERS = NODE | frozenset(("uv", "poetry", "pipenv", "composer", "bundler"))
# Where the packages of a manager come to: in the folder of the manifests, or anywhere.
_PLACES = {
    **dict.fromkeys(NODE, ("node_modules",)),
    "composer": ("vendor",),
    "bundler": ("vendor/bundle", "/usr/local/bundle"),
    "uv": (".venv",),
    "poetry": (".venv",),
    "pipenv": (".venv",),
}
# Options that ask for development dependencies: somebody wants them.
_WANTED = ("--include=dev", "--production=false", "--prod=false", "--dev", "--also=dev", "--also=development")
_DEVELOPMENT = frozenset(("development", "dev", "test", "testing", "debug", "local"))
# Texts by which manifests tell of development dependencies.
_MARKS = {
    **dict.fromkeys(NODE, ("package.json", ('"devdependencies"',))),
    "composer": ("composer.json", ('"require-dev"',)),
    "bundler": ("Gemfile", (":development", ":test", "'development'", '"development"', "'test'", '"test"')),
    "poetry": ("pyproject.toml", ("[tool.poetry.group", "dev-dependencies", "[dependency-groups]")),
    "uv": ("pyproject.toml", ("dev-dependencies", "[dependency-groups]")),
    "pipenv": ("Pipfile", ("[dev-packages]",)),
}
_MOST = 50  # installs of one stage that are followed
_NODE_PROGRAMS = frozenset(("npm", "yarn", "yarnpkg", "pnpm", "bun"))
# Verbs of them that neither build nor test.
_NO_SCRIPTS = words(
    "cache config set get ls list prune audit fund version view info login logout init link unlink pack publish dedupe"
    " store setup env doctor ping root bin prefix help start upgrade self-update policies plugin import why licenses"
)
_TOOLS = words(
    "npx pnpx bunx tsc webpack webpack-cli vite next nuxt ng gulp grunt nest rollup esbuild parcel jest mocha vitest"
    " ava cypress playwright eslint prettier turbo nx lerna babel sass vue-cli-service react-scripts gatsby astro remix"
    " svelte-kit hugo storybook pytest tox nox mypy ruff flake8 pylint black phpunit pest phpstan psalm rspec rubocop"
    " rake make gmake just task mkdocs sphinx-build coverage"
)
# Scripts and programs by which a container works on the sources themselves.
_DEVELOPING = words(
    "dev develop development watch debug test tests lint build storybook nodemon ts-node ts-node-dev tsx vite ng"
    " webpack-dev-server webpack react-scripts gulp grunt jest mocha pytest phpunit rspec air cypress playwright"
)
_DEVELOPING_STARTS = (
    "dev:",
    "dev-",
    "test:",
    "watch:",
    "start:dev",
    "start:debug",
    "start:watch",
    "serve:dev",
    "build:",
)
# Images that start a prompt where nothing else is said.
_PROMPTS = frozenset(("node", "python", "pypy", "ruby", "oven/bun", "perl", "elixir"))


def brings_development(need: Need) -> bool:
    """Whether an install brings development dependencies along, as far as anyone can tell.

    Args:
        need: One of `lockfiles.manifest_installs`.
    """
    action = need.action
    assert action is not None
    manager = action.manager
    if manager.name not in _MANAGERS or action.may_hold_options or action.effect != "install":
        return False
    if leaves_development_out(action.use, action.argv):
        return False
    if manager.name != "pipenv" and manager.option_at(action.argv, _WANTED) >= 0:
        return False
    file = action.command.instruction.file
    for name, _ in manager.production_env:
        value = value_of(action, name) if mentions(file, name.lower()) else None
        if value is None:
            continue
        if UNKNOWN in value or value.lower() in _DEVELOPMENT or production_by_env(manager, name, value):
            return False
    if manager.name == "bundler" and _is_configured(action):
        return False
    return not _asks_for_none(need)


def _is_configured(action: Action) -> bool:
    """Whether bundler's settings leave groups out: `bundle config set without ..`, a settings file."""
    file = action.command.instruction.file
    if mentions(file, "bundle_without", "bundle_only", ".bundle"):
        return True
    if not mentions(file, "without", "only"):
        return False
    memo = remembered(file)
    if "bundle config" not in memo:
        memo["bundle config"] = any(_configures(each) for each in file.walk() if isinstance(each, Run))
    found: bool = memo["bundle config"]
    return found


def _configures(run: Run) -> bool:
    for command in reading(run).commands:
        texts = [word.partial for word in command.words]
        if texts[1:2] == ["config"] and ("without" in texts or "only" in texts):
            return True
    return False


def _asks_for_none(need: Need) -> bool:
    """Whether the manifest was read and names no development dependencies."""
    action = need.action
    assert action is not None
    run = action.command.instruction
    assert isinstance(run, Run)
    context = run.file.context
    known = known_dependencies(run, need, copies_before(run)) if context is not None else None
    if known is None or context is None:
        return False
    if not known.files and action.command.conditional:
        return True  # in the branch for another manager
    name, marks = _MARKS[action.manager.name]
    path = next((path for path in known.files if basename(path) == name), None)
    text = context.read_text(path) if path is not None else None
    if text is None:
        return False
    lower = text.lower()
    for mark in marks:
        at = lower.find(mark)
        if at >= 0:
            rest = "".join(lower[at + len(mark) : at + len(mark) + 40].split())
            return rest.startswith((":{}", "={}")) or (mark == "[dev-packages]" and (not rest or rest[0] == "["))
    return True


def takes_out(command: ShellCommand, manager: str) -> bool:
    """Whether a command takes development dependencies of a manager out again, or everything."""
    texts = [word.partial for word in command.words]
    if command.program == "rm":
        folder = _PLACES[manager][0]
        return any(text.rstrip("/*").endswith(folder) for text in texts[1:])
    if manager in NODE and command.program in _NODE_PROGRAMS:
        return "prune" in texts[1:3] or any(text in ("--production", "--prod", "--omit=dev") for text in texts)
    if manager == "composer":
        return "--no-dev" in texts
    if manager == "bundler":
        return "clean" in texts[1:2]
    return command.program == manager and any(
        text in ("--no-dev", "--only", "--only=main", "--without") for text in texts
    )


def develops(command: ShellCommand) -> bool:
    """Whether a command builds or tests the project, which is what development dependencies are for."""
    program = command.program or ""
    if program in _NODE_PROGRAMS:
        verb = command.subcommand
        if verb in ("run", "run-script", "rum"):
            return len(command.operands) < 2 or command.operands[1].partial not in ("start", "start:prod", "serve:prod")
        if verb is None or verb in _NO_SCRIPTS:
            return False
        return action_of(command) is None
    if program in ("bundle", "bundler"):
        return command.subcommand == "exec"
    if program in ("composer", "composer.phar"):
        return command.subcommand in ("run", "run-script", "test", "exec")
    if program in ("poetry", "uv", "pipenv"):
        return command.subcommand in ("run", "build")
    return program in _TOOLS or "node_modules/" in (command.words[0].partial if command.words else "")


def is_for_development(stage: Stage) -> bool:
    """Whether a container works on the sources, as a development server or a test run does, or starts a mere prompt."""
    startup = Startup(stage)
    if not startup.is_set:
        base = base_of(stage)
        return base is not None and base.name in _PROMPTS
    for word in startup.words():
        name = basename(word)
        if name in _DEVELOPING or name.startswith(_DEVELOPING_STARTS) or name.endswith((":dev", ":watch", ":test")):
            return True
    return False


_OPTIONS = {
    "npm": "--omit=dev",
    "yarn": "--production",
    "pnpm": "--prod",
    "bun": "--production",
    "uv": "--no-dev",
    "poetry": "--only=main",
    "composer": "--no-dev",
}
_BUNDLER = "ENV BUNDLE_WITHOUT=development:test"


class Kept:
    """An install of a stage whose development dependencies are still there at the stage's end.

    Attributes:
        need: The install.
        built: Whether the stage builds or tests after it.
    """

    __slots__ = ("built", "need")

    def __init__(self, need: Need) -> None:
        self.need = need
        self.built = False


def kept_in(stage: Stage) -> list[Kept]:
    """The installs of a stage's chain whose development dependencies are there at its end."""
    memo = remembered(stage.file)
    slot = ("development kept", stage.index)
    if slot not in memo:
        found: list[Kept] = []
        for each in stage.chain_instructions():
            if isinstance(each, Run):
                found = _follow(each, found)
        memo[slot] = found
    result: list[Kept] = memo[slot]
    return result


def _follow(run: Run, kept: list[Kept]) -> list[Kept]:
    installs = {id(need.command): need for need in manifest_installs(run)}
    for command in reading(run).commands:
        need = installs.get(id(command))
        if need is not None and need.action is not None and need.action.manager.name in _MANAGERS:
            brings = brings_development(need)
            # An install in the same folder brings it up to date as a whole.
            kept = [each for each in kept if each.need.folder != need.folder]
            if brings:
                kept = [*kept[-_MOST:], Kept(need)]
        elif kept:
            kept = [each for each in kept if not takes_out(command, _name(each))]
            if develops(command):
                for each in kept:
                    each.built = True
    return kept


def _name(kept: Kept) -> str:
    action = kept.need.action
    return action.manager.name if action is not None else ""


def places_of(need: Need) -> list[str]:
    """The folders that an install puts its packages into; empty when that is not known."""
    action = need.action
    if action is None or need.folder is None:
        return []
    if action.manager.name == "uv" and value_of(action, "UV_PROJECT_ENVIRONMENT") is not None:
        path = value_of(action, "UV_PROJECT_ENVIRONMENT") or UNKNOWN
        return [] if UNKNOWN in path or not path.startswith("/") else [path]
    return [join(need.folder, place) for place in _PLACES[action.manager.name]]


def is_copied(path: str, place: str) -> bool:
    """Whether a copied path of another stage is, or holds, a folder of packages."""
    return path != "/" and is_below(place, path)


def is_taken_out_in(run: Run, need: Need) -> bool:
    """Whether a later command of the same RUN takes an install's development dependencies out again."""
    action = need.action
    assert action is not None
    name = action.manager.name
    memo = remembered(run.file)
    slot = ("taken out", id(run), name)
    if slot not in memo:
        commands = reading(run).commands
        memo[slot] = max((place for place, command in enumerate(commands) if takes_out(command, name)), default=-1)
    last: int = memo[slot]
    return last > action.place


def is_built_after(stage: Stage, need: Need) -> bool:
    """Whether the chain of a stage builds or tests after an install.

    Args:
        stage: The stage.
        need: An install of its chain.
    """
    action = need.action
    assert action is not None
    memo = remembered(stage.file)
    slot = ("last build", stage.index)
    if slot not in memo:
        memo[slot] = _last_build(stage)
    last: tuple[int, int, int] = memo[slot]
    run = action.command.instruction
    return (run.stage.index, run.index, action.place) < last


def _last_build(stage: Stage) -> tuple[int, int, int]:
    """Where a chain builds or tests last: stage, instruction and command; stages of a chain stand in order."""
    for each in reversed(stage.chain):
        for instruction in reversed(each.instructions):
            if isinstance(instruction, Run):
                commands = reading(instruction).commands
                for place in range(len(commands) - 1, -1, -1):
                    if develops(commands[place]):
                        return each.index, instruction.index, place
    return -1, -1, -1


def without_them(action: Action) -> Fix | None:
    """The production form of an install; None where that is no option of its own.

    Args:
        action: The command.
    """
    name, run = action.manager.name, action.command.instruction
    if name == "bundler":
        line = before(run, [keyword(_BUNDLER, run.file)])
        return None if run.outer is not None else Fix("Set BUNDLE_WITHOUT", [line])
    if name == "pipenv":
        word = next((word for word in action.command.words if word.partial in ("--dev", "-d")), None)
        gone = without(action.command, word) if word is not None else None
        return Fix("Drop --dev", [gone]) if gone is not None else None
    option = _OPTIONS.get(name)
    if option is None:
        return None
    if name == "npm" and is_before(image_version(base_of(run.stage), "node"), (15,)):
        option = "--only=production"
    edit = behind(action.verb_word, option)
    return Fix(f"Add {option}", [edit]) if edit is not None else None
