"""What reaches the builder from the context and has no business there; what an ignore file should hold."""

from __future__ import annotations

from posixpath import basename, dirname, normpath

from dfadvise.dockerignore import DockerIgnore
from dfadvise.knowledge.lists import JUNK, Junk
from dfadvise.knowledge.packages import matches
from dfadvise.knowledge.secret_files import secret_file
from dfadvise.managers.packages import actions
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.context import BuildContext
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.mounts import Mount

ROOT_SOURCES = frozenset((".", "./", "/", "./.", "*", "./*", "/*"))
# Version tools that read the repository while building, by the manifest that names them.
_SCM = ("setuptools_scm", "setuptools-scm", "hatch-vcs", "versioneer", "pbr", "git-commit-id", "gitversion", "minver")


class Broad:
    """A COPY, ADD or bind mount of the context's root: the instruction and the word or flag that says so."""

    __slots__ = ("instruction", "span")

    def __init__(self, instruction: Instruction, span: Span) -> None:
        self.instruction = instruction
        self.span = span


class Found:
    """Junk in a context.

    Attributes:
        path: Relative to the root; of files, the pattern.
        size: Bytes that are sent.
        pattern: The line for an ignore file.
        secret: Whether it is there for being secret.
    """

    __slots__ = ("path", "pattern", "secret", "size")

    def __init__(self, path: str, size: int, pattern: str, secret: bool = False) -> None:
        self.path = path
        self.size = size
        self.pattern = pattern
        self.secret = secret


def broad_copies(file: Dockerfile) -> list[Broad]:
    """Every instruction that takes in the root of the context."""
    found: list[Broad] = []
    for instruction in file.walk():
        if isinstance(instruction, Copy) and instruction.origin is None:
            found.extend(Broad(instruction, word.span) for word in instruction.sources if word.text in ROOT_SOURCES)
        elif isinstance(instruction, Run):
            bound = _bound(instruction)
            found.extend(Broad(instruction, mount.flag.span) for mount, source in bound if source in ROOT_SOURCES)
    return found


def _bound(run: Run) -> list[tuple[Mount, str]]:
    """The bind mounts of the context, each with the path that it shows."""
    return [
        (mount, mount.options.get("source", "."))
        for mount in run.mounts
        if mount.type == "bind" and "from" not in mount.options
    ]


def named_sources(file: Dockerfile) -> list[str]:
    """The context paths that instructions name, the root itself left out, relative and cleaned."""
    found: list[str] = []
    for instruction in file.walk():
        if isinstance(instruction, Copy) and instruction.origin is None:
            found.extend(word.text for word in instruction.sources)
        elif isinstance(instruction, Run):
            found.extend(source for _, source in _bound(instruction))
    return [normpath("/" + path)[1:].lstrip("/") for path in found if path not in ROOT_SOURCES and "://" not in path]


def junk_in(context: BuildContext, file: Dockerfile) -> list[Found]:
    """The junk of a context that is sent to the builder, the largest first.

    Args:
        context: The context.
        file: The Dockerfile: what it names is not junk.
    """
    named = named_sources(file)
    found: list[Found] = []
    loose: dict[str, int] = {}
    taken: set[str] = set()
    for entry in context.files():
        parent = dirname(entry.path)
        if parent in taken:
            if entry.is_dir:
                taken.add(entry.path)
            continue
        if not entry.is_dir and not entry.sent:
            continue
        junk = _junk(context, file, entry.path, entry.is_dir)
        if junk is None or _is_named(entry.path, named):
            continue
        if entry.is_dir:
            taken.add(entry.path)
            size = context.size_of(entry.path)
            if context.count_of(entry.path):
                found.append(Found(entry.path, size, _pattern(junk, entry.path)))
        else:
            loose[junk.name] = loose.get(junk.name, 0) + entry.size
    found.extend(Found(name, size, f"**/{name}") for name, size in loose.items())
    found.sort(key=lambda each: (-each.size, each.path))
    return found


def secrets_in(context: BuildContext, file: Dockerfile) -> list[Found]:
    """Files of a context that are secret by their name, sent, and named by no instruction."""
    named = named_sources(file)
    found: list[Found] = []
    for entry in context.sent():
        graded = secret_file(entry.path)
        if graded is None or graded[0] == "ask" or _is_named(entry.path, named) or "/.git/" in f"/{entry.path}":
            continue
        found.append(Found(entry.path, entry.size, f"**/{basename(entry.path)}", True))
    return found


def _junk(context: BuildContext, file: Dockerfile, path: str, folder: bool) -> Junk | None:
    name = basename(path)
    for junk in JUNK:
        if junk.folder != folder or not matches(junk.name, name):
            continue
        if junk.beside and not any(_beside(context, dirname(path), glob) for glob in junk.beside):
            continue
        if junk.managers and _managers(file).isdisjoint(junk.managers):
            continue
        if junk.built and not _builds(file):
            continue
        return junk
    return None


def _beside(context: BuildContext, folder: str, glob: str) -> bool:
    return bool(context.glob(f"{folder}/{glob}" if folder else glob))


def _managers(file: Dockerfile) -> set[str]:
    """The package managers that the RUNs of a file use, by name."""
    memo = remembered(file)
    if "managers" not in memo:
        runs = [each for each in file.walk() if isinstance(each, Run)]
        memo["managers"] = {action.manager.name for run in runs for action in actions(run)}
    found: set[str] = memo["managers"]
    return found


def _builds(file: Dockerfile) -> bool:
    """Whether a RUN builds the project: `npm run build` and its like."""
    for instruction in file.walk():
        if isinstance(instruction, Run):
            for command in instruction.commands(
                ("npm", "yarn", "pnpm", "bun", "vite", "ng", "python", "python3", "make")
            ):
                if "build" in [word.partial for word in command.words[1:]]:
                    return True
    return False


def _is_named(path: str, named: list[str]) -> bool:
    """Whether an instruction names a path, something in it, or a folder around it."""
    return any(path == name or name.startswith(path + "/") or path.startswith(name + "/") for name in named if name)


def _pattern(junk: Junk, path: str) -> str:
    if junk.beside or junk.managers or junk.built:
        # Such names are junk in some folders only.
        return path
    return path if path.startswith(".git") else f"**/{junk.name}"


def reads_repository(context: BuildContext, file: Dockerfile) -> bool:
    """Whether a build step reads `.git`: git itself, Go's version stamp, a version tool named in a manifest."""
    for instruction in file.walk():
        if not isinstance(instruction, Run):
            continue
        for command in instruction.all_commands():
            if command.program == "git" and command.subcommand not in ("clone", "config", None):
                return True
            if command.program == "go" and command.subcommand in ("build", "install"):
                return True
            if command.program in ("goreleaser", "make", "cargo", "gradle", "gradlew", "mvn", "mvnw"):
                return True
    for manifest in ("pyproject.toml", "setup.py", "setup.cfg", "pom.xml", "build.gradle", "build.gradle.kts"):
        text = context.read_text(manifest)
        if text is not None and any(tool in text for tool in _SCM):
            return True
    return False


def proposed_patterns(context: BuildContext, file: Dockerfile) -> list[str]:
    """Lines for an ignore file: the junk and secrets that are there, and nothing that an instruction names.

    Args:
        context: The context.
        file: The Dockerfile.
    """
    patterns: list[str] = []
    keep_repository = reads_repository(context, file)
    for found in [*junk_in(context, file), *secrets_in(context, file)]:
        if found.pattern in patterns or (found.path == ".git" and keep_repository):
            continue
        patterns.append(found.pattern)
    named = named_sources(file)
    needed = [path for name in named for path in (context.glob(name) or [name])]
    kept: list[str] = []
    for pattern in patterns:
        try:
            ignore = DockerIgnore([pattern])
            if not any(ignore.excludes(path) for path in needed if path):
                kept.append(pattern)
        except ValueError:
            continue
    return kept
