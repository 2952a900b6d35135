"""Bytes by package: what the databases of dpkg, apk, rpm, conda and pip say, and folders of npm, gems and jars.

What each database holds is read by `records`; why a package is there is told by `reasons`.
"""

from __future__ import annotations

from posixpath import join, normpath

from dfadvise.image import records, rpm
from dfadvise.image.filesystem import Folder, Stored
from dfadvise.image.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from dfadvise.image.filesystem import FileSystem

DPKG = "var/lib/dpkg/"
APT_STATES = "var/lib/apt/extended_states"
APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
APK_WORLD = "etc/apk/world"
ACCOUNTS = "etc/passwd"  # which tells the homes that caches are in
_RPM_FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_RPM_NAMES = ("rpmdb.sqlite", "Packages.db", "Packages")
_JARS = (".jar", ".war", ".ear")
_LARGEST_TEXT = 16 << 20
_LARGEST_LIST = 4 << 20
_LARGEST_METADATA = 256 << 10
_JAR_HEAD = 16 << 10
_MOST_PLACES = 1000  # of one package that are kept

# A parsed database.
Listing = list[Record]
# (manager, name, version)
Key = tuple[str, str, str]


class Package:
    """A package of an image.

    Attributes:
        manager: "dpkg", "apk", "rpm", "conda", "pip", "npm", "gem" or "jar".
        name, version: The version is empty where nothing tells it.
        size: Bytes of its files that can be seen; a file that several own counts for the first.
        files: How many those are.
        layers: Those bytes by the index of the layer that stores them.
        recorded: The index of the layer that says what belongs to it; -1 where only the path does.
        record: What else its database says; None where there is none.
        places: The folders that it is in, of packages that are told by their folder.
        why: Why it is there, one of the words of `reasons`; empty where that is not known.
        because: The package that needs or recommends it; empty for none.
    """

    __slots__ = (
        *("because", "files", "layers", "manager", "name", "places", "record", "recorded", "size", "version", "why"),
    )

    def __init__(self, manager: str, name: str, version: str, recorded: int = -1, record: Record | None = None) -> None:
        self.manager = manager
        self.name = name
        self.version = version
        self.recorded = recorded
        self.record = record
        self.places: list[str] = []
        self.why = ""
        self.because = ""
        self.size = 0
        self.files = 0
        self.layers: dict[int, int] = {}

    def __repr__(self) -> str:
        return f"Package({self.manager}, {self.name})"

    @property
    def brought_by(self) -> int:
        """The index of the layer that stores most of it; -1 when it has no files."""
        return max(self.layers, key=lambda index: (self.layers[index], -index), default=-1)

    def own(self, stored: Stored) -> None:
        """Count a file, unless it belongs to another package already."""
        if stored.owner is None:
            stored.owner = self
            self.size += stored.size
            self.files += 1
            self.layers[stored.layer] = self.layers.get(stored.layer, 0) + stored.size


def wants(path: str, size: int) -> int:
    """How many bytes of a file to look at: all of a package database, none of other files."""
    if path.startswith(DPKG):
        rest = path[len(DPKG) :]
        if rest == "status" or rest.startswith("status.d/"):
            return _within(size, _LARGEST_TEXT)
        return _within(size, _LARGEST_LIST) if rest.startswith("info/") and rest.endswith(".list") else 0
    if path.endswith((".dist-info/RECORD", ".dist-info/METADATA")):
        return _within(size, _LARGEST_LIST) if path.endswith("RECORD") else min(size, _LARGEST_METADATA)
    if path in (*APK, APT_STATES, APK_WORLD, ACCOUNTS):
        return _within(size, _LARGEST_TEXT)
    if path.endswith(_RPM_NAMES):
        folder, _, name = path.rpartition("/")
        return _within(size, rpm.LARGEST) if folder in _RPM_FOLDERS and name in _RPM_NAMES else 0
    if path.endswith(".json"):
        if path.endswith("/package.json"):
            folder = path[: -len("/package.json")]
            inside = "node_modules/" in folder
            wanted = not inside or _package_at(*_cut(folder)) is not None
            return _within(size, _LARGEST_METADATA) if wanted else 0
        return _within(size, _LARGEST_LIST) if "conda-meta/" in path else 0
    if path.endswith(".gemspec"):
        return _within(size, _LARGEST_METADATA) if "/specifications/" in path else 0
    return min(size, _JAR_HEAD) if path.endswith(_JARS) and not _jar(path.rpartition("/")[2])[2] else 0


def takes(path: str, data: bytes) -> Any:
    """What a package database says: a Listing, for lists of paths the text itself, None for nothing."""
    if path.startswith(DPKG + "info/"):
        return data
    if path.startswith(DPKG):
        return data if path.endswith(".md5sums") else records.dpkg_status(data)
    if path.endswith("/RECORD"):
        return b"\n".join(records.record_paths(data))
    if path.endswith("/METADATA"):
        return records.python_project(data) or None
    if path == APT_STATES:
        return "\n".join(records.apt_automatic(data)).encode("utf-8", "surrogateescape")
    if path in (APK_WORLD, ACCOUNTS):
        return data
    if path in APK:
        return records.apk_installed(data)
    if path.endswith("/package.json"):
        return records.node_package(data) or None
    if path.endswith(".json"):
        return records.conda(data)
    if path.endswith(".gemspec"):
        return records.gem_specification(data) or None
    return records.jar_manifest(data) or None if path.endswith(_JARS) else rpm.packages(data)


def weight(value: Any) -> int:
    """How many bytes what `takes` gave needs, roughly."""
    if isinstance(value, bytes):
        return len(value)
    return sum(record.weight for record in value)


def packages_of(files: FileSystem, found: list[dict[str, Any]]) -> list[Package]:
    """The packages of an image, the largest first.

    Args:
        files: Its file system; the owners of its files are set.
        found: What `takes` gave, by layer and path.
    """
    current = {
        path: (value, layer)
        for layer, values in enumerate(found)
        for path, value in values.items()
        if isinstance(node := files.find(path), Stored) and node.layer == layer
    }
    owners = _Owners(files)
    all_of_them = [*_dpkg(owners, current), *_listed(owners, current), *_pip(owners, current)]
    all_of_them += _by_path(files, current)
    kept = [package for package in all_of_them if package.files]
    kept.sort(key=lambda each: (-each.size, each.manager, each.name, each.version))
    return kept


class _Owners:
    """Finds files by the paths that databases list, which may lead through links such as /bin."""

    __slots__ = ("_files", "_folders")

    def __init__(self, files: FileSystem) -> None:
        self._files = files
        self._folders: dict[str, Folder | None] = {}

    def own(self, package: Package, path: str) -> None:
        """Give a file to a package."""
        folder, _, name = path.strip("/").rpartition("/")
        if folder not in self._folders:
            resolved = self._files.resolve(folder + "/.")
            node = self._files.find(resolved) if resolved is not None else None
            self._folders[folder] = node if isinstance(node, Folder) else None
        parent = self._folders[folder]
        stored = parent.children.get(name) if parent is not None else None
        if isinstance(stored, Stored):
            package.own(stored)

    def names(self, path: str) -> list[str]:
        """The names in a folder."""
        node = self._files.find(path)
        return list(node.children) if isinstance(node, Folder) else []

    def folder(self, path: str) -> Folder | None:
        """The folder of a path that was asked for already."""
        return self._folders.get(path.strip("/"))


def _dpkg(owners: _Owners, current: dict[str, tuple[Any, int]]) -> Iterator[Package]:
    known: dict[str, Record] = {}
    for path, (value, layer) in current.items():
        if not path.startswith(DPKG) or isinstance(value, bytes):
            continue
        for record in value:
            known[record.name] = record
            if path != DPKG + "status":
                package = Package("dpkg", record.name, record.version, layer, record)
                sums, _ = current.get(path + ".md5sums", (b"", 0))
                for line in sums.splitlines():
                    owners.own(package, records.as_text(line).partition("  ")[2])
                yield package
    # The files beside a list, such as the scripts of an installation, go by its name: libc6:amd64.list.
    beside: dict[str, list[str]] = {}
    info = DPKG + "info"
    for name in owners.names(info):
        beside.setdefault(name.rpartition(".")[0], []).append(name)
    for path, (value, layer) in current.items():
        if path.startswith(info + "/"):
            # Names as the lists have them: with the architecture where several can be installed.
            stem = path.rpartition("/")[2].removesuffix(".list")
            name = stem.partition(":")[0]
            here = known.get(name)
            package = Package("dpkg", name, here.version if here is not None else "", layer, here)
            for line in value.splitlines():
                owners.own(package, records.as_text(line))
            for each in beside.get(stem, ()):
                owners.own(package, f"{info}/{each}")
            yield package


def _listed(owners: _Owners, current: dict[str, tuple[Any, int]]) -> Iterator[Package]:
    for path, (value, layer) in current.items():
        manager = _manager_of(path)
        if manager is None:
            continue
        prefix = path.rpartition("conda-meta/")[0] if manager == "conda" else ""
        for record in value:
            package = Package(manager, record.name, record.version, layer, record)
            for each in record.paths or ():
                owners.own(package, prefix + each.lstrip("/"))
            if manager == "conda":
                owners.own(package, path)
            yield package


def _manager_of(path: str) -> str | None:
    """The manager whose database lists packages together with their files."""
    if path in APK:
        return "apk"
    if "conda-meta/" in path and path.endswith(".json") and not path.endswith("/package.json"):
        return "conda"
    folder, _, name = path.rpartition("/")
    return "rpm" if folder in _RPM_FOLDERS and name in _RPM_NAMES else None


def _pip(owners: _Owners, current: dict[str, tuple[Any, int]]) -> Iterator[Package]:
    for path, (value, layer) in current.items():
        if not path.endswith(".dist-info/RECORD"):
            continue
        info = path.rpartition("/")[0]
        root, _, name = info.rpartition("/")
        name, _, version = name.removesuffix(".dist-info").partition("-")
        told, _ = current.get(info + "/METADATA", ((), 0))
        package = Package("pip", name, version, layer, told[0] if told else None)
        package.places.append(info)
        folders = set()
        for line in value.split(b"\n"):
            full = normpath(join("/", root, records.as_text(line))).lstrip("/")
            owners.own(package, full)
            folders.add(full.rpartition("/")[0])
        # Bytecode that was made after the installation is on no list.
        for folder in folders:
            node = owners.folder(folder)
            cache = node.children.get("__pycache__") if node is not None and folder != root else None
            if isinstance(cache, Folder):
                for stored in cache.children.values():
                    if isinstance(stored, Stored):
                        package.own(stored)
        yield package


def _by_path(files: FileSystem, current: dict[str, tuple[Any, int]]) -> list[Package]:
    found: dict[Key, Package] = {}
    pending: list[tuple[str, Folder, Package | None]] = [("", files.root, None)]

    def kept(key: Key, record: Record | None, place: str) -> Package:
        package = found.get(key)
        if package is None:
            package = found[key] = Package(*key, record=record)
        if len(package.places) < _MOST_PLACES:
            package.places.append(place)
        return package

    while pending:
        prefix, folder, inside = pending.pop()
        for name, child in folder.children.items():
            if isinstance(child, Folder):
                key = _package_at(prefix, name)
                package = inside
                if key is not None:
                    record = _record_at(key, prefix, name, current)
                    version = key[2] or (record.version if record is not None else "")
                    package = kept((key[0], key[1], version), record, prefix + name)
                pending.append((f"{prefix}{name}/", child, package))
                continue
            if not isinstance(child, Stored):
                continue
            owner = inside
            if name.endswith(_JARS):
                manager, title, version = _jar(name)
                told = current.get(prefix + name, ((), 0))[0]
                owner = kept((manager, title, version or (told[0].version if told else "")), None, prefix + name)
            elif name.endswith(".gemspec") and prefix.endswith("/specifications/"):
                key = _gem(name.removesuffix(".gemspec"))
                owner = found.get(key) if key is not None else None
            if owner is not None:
                owner.own(child)
    return list(found.values())


def _record_at(key: Key, prefix: str, name: str, current: dict[str, tuple[Any, int]]) -> Record | None:
    """What the file that describes a package says."""
    path = f"{prefix}{name}/package.json"
    if key[0] == "gem":
        path = f"{prefix.removesuffix('gems/')}specifications/{name}.gemspec"
    told = current.get(path, ((), 0))[0]
    return told[0] if told else None


def _cut(path: str) -> tuple[str, str]:
    folder, slash, name = path.rpartition("/")
    return folder + slash, name


def _package_at(prefix: str, name: str) -> Key | None:
    """The package whose folder this is."""
    if prefix.endswith("node_modules/"):
        return None if name.startswith((".", "@")) else ("npm", name, "")
    parent = prefix[:-1].rpartition("/")
    if parent[2].startswith("@") and parent[0].endswith("node_modules"):
        return "npm", f"{parent[2]}/{name}", ""
    # Beside the gems there is what was compiled for them: extensions/x86_64-linux/3.4.0/nokogiri-1.18.9.
    compiled = "/extensions/" in prefix and prefix.rstrip("/").rpartition("/")[0].count("/extensions/") == 1
    return _gem(name) if parent[2] == "gems" or compiled else None


def _gem(name: str) -> Key | None:
    """A gem by the name of its folder."""
    title, dash, version = name.rpartition("-")
    # A platform may follow: nokogiri-1.16.0-x86_64-linux.
    while dash and not version[:1].isdigit():
        title, dash, version = title.rpartition("-")
    return ("gem", title, name[len(title) + 1 :]) if dash else None


def _jar(name: str) -> Key:
    stem = name.rpartition(".")[0]
    at = 0
    while (at := stem.find("-", at)) >= 0:
        if stem[at + 1 : at + 2].isdigit():
            return "jar", stem[:at], stem[at + 1 :]
        at += 1
    return "jar", stem, ""


def _within(size: int, most: int) -> int:
    return size if size <= most else 0
