"""What the databases of package managers say of each package: its files, what it needs, recommends and provides.

Sources: the tools' own documentation of their databases: dpkg's status and deb-control, apk's installed database and
its world file, apt's extended_states, conda-meta, the core metadata and RECORD of Python's installed projects, npm's
package.json, RubyGems' specifications, the ZIP format and the JAR file specification; read 2026-11-24.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    # Names of which one is enough.
    Choice = tuple[str, ...]

MOST_TEXT = 64 << 20  # of all paths of a database together
_LONGEST_PATH = 4096
_MOST_RELATIONS = 2000  # of one package
_FIRST_MEMBERS = 4  # of a jar, among which its manifest is
_LARGEST_MANIFEST = 64 << 10


class Record:
    """A package as a database has it.

    Attributes:
        name, version: As they are written.
        paths: Its files; None where another file lists them.
        needs: What must be there too, each as the names of which one is enough.
        recommends: What an installer brings along unless it is told not to.
        provides: Further names that it goes by.
        asked: Whether someone asked for it, as opposed to what came along; None where the database does not say.
    """

    __slots__ = ("asked", "name", "needs", "paths", "provides", "recommends", "version")

    def __init__(self, name: str, version: str, paths: list[str] | None = None) -> None:
        self.name = name
        self.version = version
        self.paths = paths
        self.needs: list[Choice] = []
        self.recommends: list[Choice] = []
        self.provides: list[str] = []
        self.asked: bool | None = None

    def __repr__(self) -> str:
        return f"Record({self.name}, {self.version})"

    @property
    def weight(self) -> int:
        """How many bytes it needs, roughly."""
        paths = sum(60 + len(path) for path in self.paths or ())
        return 400 + paths + 100 * (len(self.needs) + len(self.recommends) + len(self.provides))


def dpkg_status(data: bytes) -> list[Record]:
    """The installed packages of dpkg's status file."""
    found: list[Record] = []
    for lines in stanzas(data):
        fields = {
            key: value.strip()
            for line in lines
            if not line.startswith((" ", "\t"))
            for key, colon, value in [line.partition(":")]
            if colon
        }
        status = fields.get("Status", "install ok installed")
        if "Package" not in fields or not status.endswith(" installed"):
            continue
        record = Record(fields["Package"], fields.get("Version", ""))
        for name in ("Depends", "Pre-Depends"):
            record.needs += _choices(fields.get(name, ""))
        record.recommends = _choices(fields.get("Recommends", ""))
        record.provides = [name for choice in _choices(fields.get("Provides", "")) for name in choice]
        found.append(record)
    return found


def apt_automatic(data: bytes) -> list[str]:
    """The packages that apt installed only because others need or recommend them."""
    found = []
    for lines in stanzas(data):
        fields = {key: value.strip() for line in lines for key, colon, value in [line.partition(":")] if colon}
        if fields.get("Auto-Installed") == "1" and "Package" in fields:
            found.append(fields["Package"])
    return found


def apk_installed(data: bytes) -> list[Record]:
    """The packages of apk's database."""
    found: list[Record] = []
    room = MOST_TEXT
    for lines in stanzas(data):
        record = Record("", "", [])
        assert record.paths is not None
        folder = ""
        for line in lines:
            key, value = line[:2], line[2:]
            if key == "P:":
                record.name = value
            elif key == "V:":
                record.version = value
            elif key == "D:":
                words = value.split()[:_MOST_RELATIONS]
                record.needs = [(apk_name(word),) for word in words if not word.startswith("!")]
            elif key == "p:":
                record.provides = [apk_name(word) for word in value.split()[:_MOST_RELATIONS]]
            elif key == "F:":
                folder = value
            elif key == "R:" and len(folder) + len(value) < _LONGEST_PATH:
                room -= len(folder) + len(value)
                if room < 0:
                    break
                record.paths.append(f"{folder}/{value}")
        if record.name:
            found.append(record)
    return found


def apk_name(word: str) -> str:
    """The name in a dependency of apk, without version and repository: `curl>8`, `so:libz.so.1=1.3`, `x@edge`."""
    for at, letter in enumerate(word):
        if letter in "<>=~@" and at:
            return word[:at]
    return word


def _object(data: bytes) -> dict[str, Any] | None:
    """A JSON object; None for anything else."""
    import json

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def conda(data: bytes) -> list[Record]:
    """The package of a file in conda-meta."""
    value = _object(data)
    if value is None:
        return []
    name, files = value.get("name"), value.get("files")
    if not isinstance(name, str) or not isinstance(files, list):
        return []
    record = Record(name, str(value.get("version", "")), [each for each in files if isinstance(each, str)])
    record.asked = bool(value["requested_spec"]) if "requested_spec" in value else None
    depends = value.get("depends")
    if isinstance(depends, list):
        record.needs = [
            (each.split()[0],) for each in depends[:_MOST_RELATIONS] if isinstance(each, str) and each.split()
        ]
    return [record]


def record_paths(data: bytes) -> Iterator[bytes]:
    """The files that the RECORD of a Python project lists."""
    for line in data.splitlines():
        if line.startswith(b'"'):
            yield line[1:].partition(b'",')[0].replace(b'""', b'"')
        else:
            # path,sha256=...,size: nothing behind the path holds a comma.
            yield line.rsplit(b",", 2)[0]


def python_project(data: bytes) -> list[Record]:
    """The project of a METADATA file, without its long description."""
    fields = [line.partition(":") for line in as_text(data.partition(b"\n\n")[0].replace(b"\r", b"")).split("\n")]
    names = [value.strip() for key, _, value in fields if key == "Name"]
    versions = [value.strip() for key, _, value in fields if key == "Version"]
    if not names:
        return []
    record = Record(names[0], versions[0] if versions else "")
    for key, _, value in fields:
        # What an extra needs is there only for those who asked for the extra.
        if key == "Requires-Dist" and "extra ==" not in value and len(record.needs) < _MOST_RELATIONS:
            record.needs.append((python_name(value),))
    return [record]


def python_name(text: str) -> str:
    """The name at the beginning of a requirement, in its normal form."""
    text = text.strip()
    end = next((at for at, letter in enumerate(text) if not (letter.isalnum() or letter in "._-")), len(text))
    return text[:end].lower().replace("_", "-").replace(".", "-")


def node_package(data: bytes) -> list[Record]:
    """The package of a package.json; what it needs for development only is among what it recommends."""
    value = _object(data)
    if value is None:
        return []
    name, version = value.get("name"), value.get("version")
    record = Record(name if isinstance(name, str) else "", version if isinstance(version, str) else "")
    for key in ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies"):
        listed = value.get(key)
        if isinstance(listed, dict):
            kept = record.recommends if key == "devDependencies" else record.needs
            kept += [(each,) for each in list(listed)[:_MOST_RELATIONS]]
    return [record]


def gem_specification(data: bytes) -> list[Record]:
    """The gem of an installed .gemspec, as RubyGems itself writes them."""
    record = Record("", "")
    for line in as_text(data).split("\n"):
        words = line.strip()
        for method in ("s.add_runtime_dependency(%q<", "s.add_dependency(%q<"):
            if words.startswith(method) and len(record.needs) < _MOST_RELATIONS:
                record.needs.append((words[len(method) :].partition(">")[0],))
        if words.startswith('s.name = "'):
            record.name = words[10:].partition('"')[0]
        elif words.startswith('s.version = "'):
            record.version = words[13:].partition('"')[0]
    return [record] if record.name else []


def jar_manifest(data: bytes) -> list[Record]:
    """The name and version that the manifest of a jar tells, which is at its beginning as the jar tool writes it."""
    import struct
    import zlib

    at = 0
    for _ in range(_FIRST_MEMBERS):
        if data[at : at + 4] != b"PK\3\4" or len(data) < at + 30:
            return []
        flags, method = struct.unpack_from("<HH", data, at + 6)
        packed, _, name_size, extra_size = struct.unpack_from("<IIHH", data, at + 18)
        name = data[at + 30 : at + 30 + name_size]
        start = at + 30 + name_size + extra_size
        if name == b"META-INF/MANIFEST.MF":
            break
        if flags & 8 and not packed:
            return []  # the size stands behind the content
        at = start + packed
    else:
        return []
    text = data[start : start + packed] if method == 0 else b""
    if method == 8:
        try:
            text = zlib.decompressobj(-15).decompress(data[start:], _LARGEST_MANIFEST)
        except zlib.error:
            return []
    lines = as_text(text).replace("\r", "").split("\n")
    fields = {key: value.strip() for line in lines for key, colon, value in [line.partition(":")] if colon}
    version = fields.get("Implementation-Version") or fields.get("Bundle-Version") or ""
    title = fields.get("Bundle-SymbolicName", "").partition(";")[0] or fields.get("Implementation-Title", "")
    return [Record(title, version[:100])] if version else []


def stanzas(data: bytes) -> Iterator[list[str]]:
    """The paragraphs of a text, as lines."""
    for part in as_text(data).replace("\r\n", "\n").split("\n\n"):
        if part.strip():
            yield part.strip("\n").split("\n")


def as_text(raw: bytes) -> str:
    """Bytes as text, whatever they are."""
    return raw.decode("utf-8", "surrogateescape")


def _choices(text: str) -> list[Choice]:
    """The relations of a field of dpkg: `a (>= 1) | b, c:any`."""
    found = []
    for group in text.split(",")[:_MOST_RELATIONS]:
        names = tuple(_relation_names(group.split("|")))
        if names:
            found.append(names)
    return found


def _relation_names(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        name = word.strip().partition(" ")[0].partition("(")[0].partition(":")[0]
        if name:
            yield name
