"""Whether commands compile something, or use tools that a smaller image would not have."""

from __future__ import annotations

from dfadvise.knowledge.language_managers import packages, reads_sources
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.packages import is_build_tool
from dfadvise.managers.packages import actions, reading
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Commanding, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.shells.startup import Startup
    from dfadvise.syntax.instructions import Instruction

COMPILERS = words(
    "make gmake cmake ninja meson bazel bazelisk gcc g++ cc c++ clang clang++ ld configure autoconf automake autoreconf"
    " autogen.sh libtoolize nvcc rustc javac kotlinc scalac ghc stack cabal swiftc dpkg-buildpackage rpmbuild debuild"
    " msbuild node-gyp phpize docker-php-ext-install pecl cargo-chef"
)
_OF_PHP = ("docker-php-ext-install", "pecl", "phpize")
# With these a compiler says what it is, and builds nothing.
_TELLS = frozenset(("--version", "-V", "-dumpversion", "-dumpmachine", "--help"))
# Programs by which a container of a toolchain image works with the toolchain itself.
TOOLCHAIN_PROGRAMS = words(
    "go gofmt golangci-lint cargo rustc rustup mvn mvnw mvnd gradle gradlew sbt make cmake gcc g++ cc clang javac"
    " jshell composer swift stack cabal ghc ghci air reflex gow modd CompileDaemon dlv gopls delve cargo-watch bacon"
)
_QUOTES = str.maketrans("", "", "\"'{}")
# Managers whose builds give a product of their own; what pip or npm install are dependencies.
_BUILDERS = frozenset(("go", "cargo", "maven", "gradle", "nuget"))


def compiles(run: Run) -> ShellCommand | None:
    """The first command of a RUN that compiles; None when none does."""
    for command in reading(run).commands:
        if command.program in COMPILERS:
            return command
        words_ = [word.partial for word in command.words[:3]]
        if words_[1:2] == ["setup.py"] or (command.program == "swift" and command.subcommand == "build"):
            return command
    for action in actions(run):
        if action.effect == "compile" and action.manager.name in _BUILDERS:
            return action.command
    return None


def builds_product(run: Run) -> ShellCommand | None:
    """The first command of a RUN that builds the file's own sources; installing a tool from elsewhere is none."""
    for action in actions(run):
        if action.effect == "compile" and action.manager.name in _BUILDERS and reads_sources(action.use, action.argv):
            return action.command
    for command in reading(run).commands:
        tells = any(word.text in _TELLS for word in command.words[1:])
        if command.program in COMPILERS and command.program not in _OF_PHP and not tells:
            return command
        if command.program == "swift" and command.subcommand == "build":
            return command
    return None


def build_tools(action: Action) -> list[ShellWord]:
    """The words of an install command that name compilers, headers and build systems."""
    if not action.installs or not action.manager.system:
        return []
    memo = remembered(action.command.instruction.file)
    slot = ("build tools", id(action.command))
    if slot not in memo:
        named = [action.command.words[at] for at in packages(action.use, action.argv)]
        memo[slot] = [word for word in named if is_build_tool(action.manager.name, _package(word))]
    found: list[ShellWord] = memo[slot]
    return found


def _package(word: ShellWord) -> str:
    """A package as the tables know it: `$PHPIZE_DEPS` goes by its name."""
    return word.partial if word.text is not None else word.raw.translate(_QUOTES)


def starts_toolchain(startup: Startup) -> bool:
    """Whether a container runs the toolchain itself: `go run`, `cargo watch`, `dotnet watch`, `make`."""
    for command in startup.commands():
        if command.program in TOOLCHAIN_PROGRAMS:
            return True
        if command.program == "dotnet" and not (command.subcommand or ".dll").endswith((".dll", ".exe")):
            return True
    return any(word in TOOLCHAIN_PROGRAMS for word in startup.words()[:3])


def uses(instructions: Iterable[Instruction], programs: frozenset[str]) -> ShellCommand | None:
    """The first command of some instructions that runs one of the programs; None when none does."""
    for instruction in instructions:
        if not isinstance(instruction, Commanding):
            continue
        for command in instruction.all_commands():
            if command.program in programs or not programs.isdisjoint(command.wrappers):
                return command
    return None
