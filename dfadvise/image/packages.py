"""Bytes by package: what the databases of dpkg, apk, rpm, conda and pip say, and what paths of npm, gem and jars tell.

Sources: the tools' own documentation of their databases, read 2026-11-24.
"""

from __future__ import annotations

from posixpath import join, normpath

from dfadvise.image import rpm
from dfadvise.image.filesystem import Folder, Stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from dfadvise.image.filesystem import FileSystem

_DPKG = "var/lib/dpkg/"
_APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_RPM_FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_RPM_NAMES = ("rpmdb.sqlite", "Packages.db", "Packages")
_JARS = (".jar", ".war", ".ear")
_LARGEST_TEXT = 16 << 20
_LARGEST_LIST = 4 << 20
_LONGEST_PATH = 4096

# A parsed database: (name, version, paths or None where another file lists them).
Listing = list[tuple[str, str, "list[str] | None"]]


class Package:
    """A package of an image.

    Attributes:
        manager: "dpkg", "apk", "rpm", "conda", "pip", "npm", "gem" or "jar".
        name, version: The version is empty where nothing tells it.
        size: Bytes of its files that can be seen; a file that several own counts for the first.
        files: How many those are.
        layers: Those bytes by the index of the layer that stores them.
        recorded: The index of the layer that says what belongs to it; -1 where only the path does.
    """

    __slots__ = ("files", "layers", "manager", "name", "recorded", "size", "version")

    def __init__(self, manager: str, name: str, version: str, recorded: int = -1) -> None:
        self.manager = manager
        self.name = name
        self.version = version
        self.recorded = recorded
        self.size = 0
        self.files = 0
        self.layers: dict[int, int] = {}

    def __repr__(self) -> str:
        return f"Package({self.manager}, {self.name})"

    def own(self, stored: Stored) -> None:
        """Count a file, unless it belongs to another package already."""
        if stored.owner is None:
            stored.owner = self
            self.size += stored.size
            self.files += 1
            self.layers[stored.layer] = self.layers.get(stored.layer, 0) + stored.size


def wants(path: str, size: int) -> int:
    """How many bytes of a file to look at: all of a package database, none of other files."""
    if path.startswith(_DPKG):
        rest = path[len(_DPKG) :]
        if rest == "status" or rest.startswith("status.d/"):
            return _within(size, _LARGEST_TEXT)
        return _within(size, _LARGEST_LIST) if rest.startswith("info/") and rest.endswith(".list") else 0
    if path.endswith("RECORD"):
        return _within(size, _LARGEST_LIST) if path.endswith(".dist-info/RECORD") else 0
    if path in _APK:
        return _within(size, _LARGEST_TEXT)
    if path.endswith(_RPM_NAMES):
        folder, _, name = path.rpartition("/")
        return _within(size, rpm.LARGEST) if folder in _RPM_FOLDERS and name in _RPM_NAMES else 0
    if path.endswith(".json") and "conda-meta/" in path:
        return _within(size, _LARGEST_LIST)
    return 0


def takes(path: str, data: bytes) -> Any:
    """What a package database says: a Listing, or for lists of paths the text itself."""
    if path.startswith(_DPKG + "info/"):
        return data
    if path.endswith("/RECORD"):
        return b"\n".join(_record_paths(data))
    if path.startswith(_DPKG + "status.d/"):
        return data if path.endswith(".md5sums") else _dpkg_status(data)
    if path.startswith(_DPKG):
        return _dpkg_status(data)
    if path in _APK:
        return _apk(data)
    if path.endswith(".json"):
        return _conda(data)
    return rpm.packages(data)


def weight(value: Any) -> int:
    """How many bytes what `takes` gave needs, roughly."""
    if isinstance(value, bytes):
        return len(value)
    return sum(200 + sum(60 + len(path) for path in paths or ()) for _, _, paths in value)


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
    all_of_them = [*_dpkg(owners, current), *_listed(owners, current), *_pip(owners, current), *_by_path(files)]
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

    def folder(self, path: str) -> Folder | None:
        """The folder of a path that was asked for already."""
        return self._folders.get(path.strip("/"))


def _dpkg(owners: _Owners, current: dict[str, tuple[Any, int]]) -> Iterator[Package]:
    # Names as the lists have them: with the architecture where several can be installed.
    versions: dict[str, str] = {}
    for path, (value, layer) in current.items():
        if not path.startswith(_DPKG) or isinstance(value, bytes):
            continue
        for name, version, _ in value:
            versions[name] = version
            if path != _DPKG + "status":
                package = Package("dpkg", name, version, layer)
                sums, _ = current.get(path + ".md5sums", (b"", 0))
                for line in sums.splitlines():
                    owners.own(package, _text(line).partition("  ")[2])
                yield package
    for path, (value, layer) in current.items():
        if path.startswith(_DPKG + "info/"):
            name = path.rpartition("/")[2].removesuffix(".list").partition(":")[0]
            package = Package("dpkg", name, versions.get(name, ""), layer)
            for line in value.splitlines():
                owners.own(package, _text(line))
            yield package


def _listed(owners: _Owners, current: dict[str, tuple[Any, int]]) -> Iterator[Package]:
    for path, (value, layer) in current.items():
        if path.startswith(_DPKG) or path.endswith("/RECORD"):
            continue
        manager = "apk" if path in _APK else "conda" if path.endswith(".json") else "rpm"
        prefix = path.rpartition("conda-meta/")[0] if manager == "conda" else ""
        for name, version, paths in value:
            package = Package(manager, name, version, layer)
            for each in paths or ():
                owners.own(package, prefix + each.lstrip("/"))
            if manager == "conda":
                owners.own(package, path)
            yield package


def _pip(owners: _Owners, current: dict[str, tuple[Any, int]]) -> Iterator[Package]:
    for path, (value, layer) in current.items():
        if not path.endswith(".dist-info/RECORD"):
            continue
        info = path.rpartition("/")[0]
        root, _, name = info.rpartition("/")
        name, _, version = name.removesuffix(".dist-info").partition("-")
        package = Package("pip", name, version, layer)
        folders = set()
        for line in value.split(b"\n"):
            full = normpath(join("/", root, _text(line))).lstrip("/")
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


def _by_path(files: FileSystem) -> list[Package]:
    found: dict[tuple[str, str, str], Package] = {}
    pending: list[tuple[str, Folder, tuple[str, str, str] | None]] = [("", files.root, None)]
    while pending:
        prefix, folder, key = pending.pop()
        for name, child in folder.children.items():
            if isinstance(child, Folder):
                path = f"{prefix}{name}/"
                pending.append((path, child, _package_at(prefix, name) or key))
                continue
            if not isinstance(child, Stored):
                continue
            named = _jar(name) if name.endswith(_JARS) else key
            if named is not None:
                if named not in found:
                    found[named] = Package(*named)
                found[named].own(child)
    return list(found.values())


def _package_at(prefix: str, name: str) -> tuple[str, str, str] | None:
    """The package whose folder this is."""
    if prefix.endswith("node_modules/"):
        return None if name.startswith((".", "@")) else ("npm", name, "")
    parent = prefix[:-1].rpartition("/")
    if parent[2].startswith("@") and parent[0].endswith("node_modules"):
        return "npm", f"{parent[2]}/{name}", ""
    if parent[2] == "gems":
        title, dash, version = name.rpartition("-")
        # A platform may follow: nokogiri-1.16.0-x86_64-linux.
        while dash and not version[:1].isdigit():
            title, dash, version = title.rpartition("-")
        if dash:
            return "gem", title, name[len(title) + 1 :]
    return None


def _jar(name: str) -> tuple[str, str, str]:
    stem = name.rpartition(".")[0]
    at = 0
    while (at := stem.find("-", at)) >= 0:
        if stem[at + 1 : at + 2].isdigit():
            return "jar", stem[:at], stem[at + 1 :]
        at += 1
    return "jar", stem, ""


def _within(size: int, most: int) -> int:
    return size if size <= most else 0


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _record_paths(data: bytes) -> Iterator[bytes]:
    for line in data.splitlines():
        if line.startswith(b'"'):
            yield line[1:].partition(b'",')[0].replace(b'""', b'"')
        else:
            # path,sha256=...,size: nothing behind the path holds a comma.
            yield line.rsplit(b",", 2)[0]


def _stanzas(data: bytes) -> Iterator[list[str]]:
    for part in _text(data).replace("\r\n", "\n").split("\n\n"):
        if part.strip():
            yield part.strip("\n").split("\n")


def _dpkg_status(data: bytes) -> Listing:
    found: Listing = []
    for lines in _stanzas(data):
        fields = {key: value.strip() for line in lines for key, colon, value in [line.partition(":")] if colon}
        status = fields.get("Status", "install ok installed")
        if "Package" in fields and status.endswith(" installed"):
            found.append((fields["Package"], fields.get("Version", ""), None))
    return found


def _apk(data: bytes) -> Listing:
    found: Listing = []
    room = rpm.MOST_TEXT
    for lines in _stanzas(data):
        name = version = folder = ""
        paths: list[str] = []
        for line in lines:
            key, value = line[:2], line[2:]
            if key == "P:":
                name = value
            elif key == "V:":
                version = value
            elif key == "F:":
                folder = value
            elif key == "R:" and len(folder) + len(value) < _LONGEST_PATH:
                room -= len(folder) + len(value)
                if room < 0:
                    break
                paths.append(f"{folder}/{value}")
        if name:
            found.append((name, version, paths))
    return found


def _conda(data: bytes) -> Listing:
    import json

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return []
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("name"), str)
        or not isinstance(value.get("files"), list)
    ):
        return []
    return [(value["name"], str(value.get("version", "")), [each for each in value["files"] if isinstance(each, str)])]
