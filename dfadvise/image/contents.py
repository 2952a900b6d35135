"""What is in an image and need not be: caches, repositories, tests, documentation, build tools, copies, loose modes.

What package managers leave, which names are junk and which packages are build tools is known to `dfadvise.knowledge`,
as it is for the linter. Paths of documentation, locales and headers are those of the File Hierarchy Standard 3.0.
"""

from __future__ import annotations

from dfadvise.image.filesystem import Folder, Other, Stored
from dfadvise.image.packages import Package
from dfadvise.image.reasons import MANAGERS
from dfadvise.knowledge.language_managers import LANGUAGE_MANAGERS
from dfadvise.knowledge.lists import JUNK
from dfadvise.knowledge.package_managers import SYSTEM_MANAGERS
from dfadvise.knowledge.packages import is_build_tool, matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dfadvise.image.filesystem import FileSystem

CACHE, REPOSITORY, TOOL_FILES, TESTS, DOCS, LOCALES, LOGS, TEMPORARY, BUILD_TOOLS, HEADERS, LIBRARIES, DUPLICATE = (
    *("cache", "repository", "tool files", "tests", "documentation", "locales", "logs", "temporary files"),
    *("build tools", "headers", "static libraries", "duplicate"),
)
SET_ID, CAPABLE, WORLD_WRITABLE = "set-id", "capabilities", "world-writable"

# Smaller copies (licences, empty modules) are everywhere, and cost nothing to speak of.
SMALLEST_COPY = 16 << 10

# Caches that no package manager of the tables answers for.
_CACHES = ("/var/cache/apt", "/var/cache/man", "/var/cache/ldconfig")
_REPOSITORIES = frozenset((".git", ".hg", ".svn"))
# Junk in a build context that an image may well need.
_NEEDED = frozenset((".venv", ".next", ".nuxt"))
_TOOL_FILES = (
    frozenset(junk.name for junk in JUNK if junk.folder and junk.name.startswith(".")) - _REPOSITORIES - _NEEDED
)
_TESTS = frozenset(("test", "tests", "__tests__"))
_LIBRARY_FOLDERS = frozenset(("site-packages", "dist-packages", "node_modules", "gems"))
_PLACES = (
    (DOCS, "usr/share/doc usr/share/man usr/share/info usr/share/gtk-doc usr/share/help usr/share/lintian"),
    (DOCS, "usr/local/share/doc usr/local/share/man usr/local/share/info usr/local/man"),
    (LOCALES, "usr/share/locale usr/share/i18n usr/local/share/locale"),
    (LOGS, "var/log"),
    (TEMPORARY, "tmp var/tmp"),
)
_LATE_PLACES = (
    (HEADERS, "usr/include usr/local/include"),
    (BUILD_TOOLS, "usr/local/go/pkg/tool usr/local/rustup/toolchains root/.rustup/toolchains"),
)


class Finding:
    """Something that need not be there, as far as one layer stores it.

    Attributes:
        kind: One of the kinds of this module.
        path: The folder or file; of build tools the package's name, when `package` is set.
        package: Whether it is a package.
        layer: The index of the layer.
        size: Bytes.
        files: How many files.
        original: Of a duplicate, the path of the first copy.
    """

    __slots__ = ("files", "kind", "layer", "original", "package", "path", "size")

    def __init__(self, kind: str, path: str, layer: int, size: int = 0, files: int = 0, package: bool = False) -> None:
        self.kind = kind
        self.path = path
        self.layer = layer
        self.size = size
        self.files = files
        self.package = package
        self.original = ""

    def __repr__(self) -> str:
        return f"Finding({self.kind}, {self.path}, {self.size})"


def findings_of(files: FileSystem, packages: list[Package], environment: Mapping[str, str]) -> list[Finding]:
    """What need not be there, the largest first; each file counts once.

    Args:
        files: The file system.
        packages: Its packages; their files know them.
        environment: The variables of the image's configuration.
    """
    claims = _Claims()
    for path in _cache_folders(files, environment):
        claims.take(CACHE, path, files.find(path))
    _named_folders(files, claims)
    for kind, places in _PLACES:
        for path in places.split():
            claims.take(kind, path, files.find(path))
    for package in packages:
        if package.manager in MANAGERS and is_build_tool(MANAGERS[package.manager], package.name):
            claims.tools.add(id(package))
    for kind, places in _LATE_PLACES:
        for path in places.split():
            claims.take(kind, path, files.find(path))
    copies: dict[tuple[int, bytes | None], list[tuple[str, Stored]]] = {}
    loose: list[Finding] = []
    for path, node in files.walk():
        _look_at_mode(path, node, loose)
        if not isinstance(node, Stored) or not node.size or id(node) in claims.taken:
            continue
        owner = node.owner
        if isinstance(owner, Package) and id(owner) in claims.tools:
            claims.add(BUILD_TOOLS, owner.name, node, True)
        elif path.endswith(".a") and "lib" in path:
            claims.add(LIBRARIES, path.rpartition("/")[0], node)
        elif node.size >= SMALLEST_COPY and (node.links == 1 or node.path == path):
            copies.setdefault((node.size, node.content), []).append((path, node))
    found = [*claims.found.values(), *_duplicates(copies)]
    found.sort(key=lambda each: (-each.size, each.kind, each.path, each.layer))
    return found + loose


class _Claims:
    """Files that count for something already."""

    __slots__ = ("found", "taken", "tools")

    def __init__(self) -> None:
        self.found: dict[tuple[str, str, int], Finding] = {}
        self.taken: set[int] = set()
        self.tools: set[int] = set()

    def take(self, kind: str, path: str, node: Folder | Stored | Other | None) -> None:
        """Count what lies at and below a path and does not count for something else."""
        pending = [node]
        inside: dict[int, int] = {}
        shared: list[Stored] = []
        while pending:
            each = pending.pop()
            if isinstance(each, Folder):
                pending += each.children.values()
            elif isinstance(each, Stored) and each.size and id(each) not in self.taken:
                if each.links > 1:
                    inside[id(each)] = inside.get(id(each), 0) + 1
                    shared.append(each)
                else:
                    self.add(kind, path, each)
        for each in shared:
            # A file that is linked from elsewhere too costs nothing here.
            if inside[id(each)] == each.links and id(each) not in self.taken:
                self.add(kind, path, each)

    def add(self, kind: str, path: str, stored: Stored, package: bool = False) -> None:
        """Count one file."""
        self.taken.add(id(stored))
        finding = self.found.get((kind, path, stored.layer))
        if finding is None:
            finding = Finding(kind, path, stored.layer, package=package)
            self.found[kind, path, stored.layer] = finding
        finding.size += stored.size
        finding.files += 1


def _cache_folders(files: FileSystem, environment: Mapping[str, str]) -> list[str]:
    """The folders of the image where package managers leave caches and lists; the outer before the inner."""
    homes = ["root", *(f"home/{name}" for name in _names(files, "home"))]
    home = environment.get("HOME", "").strip("/")
    if home and home not in homes:
        homes.append(home)
    found: set[str] = set()
    for manager in (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS):
        for leftover in manager.leftovers:
            for pattern in leftover.paths:
                for path in _placed(pattern, homes, environment):
                    found.update(_matching(files, path))
    for path in _CACHES:
        found.update(_matching(files, path))
    return sorted(found)


def _placed(pattern: str, homes: list[str], environment: Mapping[str, str]) -> Iterator[str]:
    if pattern.startswith("~/"):
        for home in homes:
            yield f"/{home}/{pattern[2:]}"
    elif pattern.startswith("$"):
        name, slash, rest = pattern[1:].partition("/")
        value = environment.get(name, "")
        if value.startswith("/"):
            yield value.rstrip("/") + slash + rest
    elif pattern.startswith("/"):
        yield pattern


def _matching(files: FileSystem, pattern: str) -> Iterator[str]:
    """The folders that a pattern means; `*` stands for one name."""
    before, star, after = pattern.strip("/").partition("*")
    if not star:
        if isinstance(files.find(before), Folder) and before:
            yield before
        return
    for name in _names(files, before.rstrip("/")):
        path = before + name + after
        if isinstance(files.find(path), Folder):
            yield path


def _names(files: FileSystem, path: str) -> list[str]:
    folder = files.find(path)
    return list(folder.children) if isinstance(folder, Folder) else []


def _named_folders(files: FileSystem, claims: _Claims) -> None:
    """Folders that are what their name says, wherever they are."""
    pending: list[tuple[str, Folder, bool]] = [("", files.root, False)]
    while pending:
        prefix, folder, library = pending.pop()
        parent = prefix.rstrip("/").rpartition("/")[2]
        for name, child in folder.children.items():
            if not isinstance(child, Folder):
                continue
            path = prefix + name
            kind = None
            if name in _REPOSITORIES and _is_repository(name, child):
                kind = REPOSITORY
            elif name in _TOOL_FILES:
                kind = TOOL_FILES
            elif name in _TESTS and library and parent != "node_modules" and not parent.startswith("@"):
                kind = TESTS
            if kind is not None:
                claims.take(kind, path, child)
            else:
                inside = library or name in _LIBRARY_FOLDERS or matches("python3.*", name)
                pending.append((path + "/", child, inside))


def _is_repository(name: str, folder: Folder) -> bool:
    return name != ".git" or "objects" in folder.children or "HEAD" in folder.children


def _duplicates(copies: dict[tuple[int, bytes | None], list[tuple[str, Stored]]]) -> Iterator[Finding]:
    for same in copies.values():
        if len(same) < 2:
            continue
        same.sort(key=lambda each: (each[1].layer, each[0]))
        for path, stored in same[1:]:
            finding = Finding(DUPLICATE, path, stored.layer, stored.size, 1)
            finding.original = same[0][0]
            yield finding


def _look_at_mode(path: str, node: Folder | Stored | Other, found: list[Finding]) -> None:
    if isinstance(node, Other):
        return
    mode, _, _, capable = node.access
    if isinstance(node, Stored):
        if mode & 0o6000 and mode & 0o111:
            found.append(Finding(SET_ID, path, node.layer, node.size, 1))
        if capable:
            found.append(Finding(CAPABLE, path, node.layer, node.size, 1))
    # The sticky bit keeps others from each other's files.
    if mode & 0o002 and not mode & 0o1000:
        size = node.size if isinstance(node, Stored) else 0
        found.append(Finding(WORLD_WRITABLE, path, node.layer, size, 1))
