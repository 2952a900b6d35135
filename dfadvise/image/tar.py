"""Tar archives as a stream of members: ustar, GNU and pax, bounded in everything that is kept.

Source: POSIX.1-2017 pax, the GNU tar manual (long names, sparse files, base-256 numbers), read 2026-11-24. The
library's own reader takes a header's word for how much to hold in memory.
"""

from __future__ import annotations

from posixpath import normpath

from dfadvise.image.stream import BLOCK, ArchiveError, Slice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.image.stream import Buffered

FILE, FOLDER, LINK, HARD_LINK, OTHER = "file", "folder", "link", "hard link", "other"

MOST_MEMBERS = 1_000_000  # of all archives of a run together
MOST_NAMES = 256 << 20  # bytes of their names
LONGEST_PATH = 4096  # as Linux has it
LARGEST_HEADER = 1 << 20  # of an extended header

_ZEROS = bytes(BLOCK)
_KINDS = {
    b"0": FILE,
    b"\0": FILE,
    b"7": FILE,
    b"S": FILE,
    b"1": HARD_LINK,
    b"2": LINK,
    b"3": OTHER,
    b"4": OTHER,
    b"5": FOLDER,
    b"6": OTHER,
}
_CAPABILITY = b"SCHILY.xattr.security.capability"
_PAX_KEYS = frozenset(
    (
        *(b"path", b"linkpath", b"size", b"uid", b"gid", _CAPABILITY),
        *(b"GNU.sparse.name", b"GNU.sparse.realsize", b"GNU.sparse.size"),
    )
)


class Budget:
    """What may still be kept of the archives of a run."""

    __slots__ = ("members", "names")

    def __init__(self) -> None:
        self.members = MOST_MEMBERS
        self.names = MOST_NAMES

    def take(self, name: str, link: str) -> None:
        """Count one member.

        Raises:
            ArchiveError: There are too many, or their names are too long.
        """
        self.members -= 1
        self.names -= len(name) + len(link)
        if self.members < 0:
            raise ArchiveError(f"holds more than {MOST_MEMBERS} files")
        if self.names < 0:
            raise ArchiveError(f"holds more than {MOST_NAMES >> 20} MiB of file names")
        if len(name) > LONGEST_PATH or len(link) > LONGEST_PATH:
            raise ArchiveError(f"holds a path of more than {LONGEST_PATH} bytes")


class Member:
    """One member.

    Attributes:
        path: Relative to the root, without `.` and `..`; empty for the root itself.
        kind: FILE, FOLDER, LINK, HARD_LINK or OTHER (a device, a pipe).
        size: The size of a file in bytes; 0 for all else.
        stored: How many bytes of data follow its header.
        mode, uid, gid: As in the header; the mode without the kind.
        link: Where a link leads, as written; of a hard link the path, cleaned as `path`.
        capable: Whether it has file capabilities.
    """

    __slots__ = ("capable", "gid", "kind", "link", "mode", "path", "size", "stored", "uid")

    def __init__(self, path: str, kind: str, size: int, stored: int, mode: int, uid: int, gid: int, link: str) -> None:
        self.path = path
        self.kind = kind
        self.size = size
        self.stored = stored
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.link = link
        self.capable = False


def looks_like_tar(head: bytes) -> bool:
    """Whether the first 512 bytes can begin a tar archive: a header, or the zeros of an empty one."""
    return len(head) == BLOCK and (head == _ZEROS or _is_header(head))


class TarReader:
    """The members of an archive, in order.

    The data of a member that nobody read is skipped.

    Args:
        source: The archive, decompressed.
        budget: What may be kept.
    """

    __slots__ = ("_budget", "_left", "_padding", "_source")

    def __init__(self, source: Buffered, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """The members.

        Raises:
            ArchiveError: The archive is damaged, ends early, or is too much.
        """
        while True:
            member = self._next()
            if member is None:
                return
            yield member

    def data(self) -> Iterator[bytes]:
        """The data of the current member, in pieces."""
        size, self._left = self._left, 0
        return self._source.pieces(size)

    def open(self) -> Slice:
        """The data of the current member as a reader, which is to be read to its end before the next member."""
        size, self._left = self._left, 0
        return Slice(self._source, size)

    def _next(self) -> Member | None:
        pax: dict[bytes, bytes] = {}
        name = link = None
        while True:
            self._source.skip(self._left + self._padding)
            self._left = self._padding = 0
            header = self._source.read(BLOCK)
            if len(header) < BLOCK:
                header += self._rest(BLOCK - len(header))
            if not header or header == _ZEROS:
                return None
            if len(header) < BLOCK:
                raise ArchiveError("ends early")
            if not _is_header(header):
                raise ArchiveError("is damaged: a tar header has a wrong checksum")
            kind = header[156:157]
            size = _number(header[124:136])
            if kind in (b"x", b"g", b"L", b"K"):
                if size > LARGEST_HEADER:
                    raise ArchiveError(f"holds a tar header of more than {LARGEST_HEADER >> 20} MiB")
                data = self._source.exactly(size)
                self._padding = -size % BLOCK
                if kind == b"x":
                    pax = _records(data)
                elif kind == b"L":
                    name = data.rstrip(b"\0")
                elif kind == b"K":
                    link = data.rstrip(b"\0")
                continue
            return self._member(header, kind, size, pax, name, link)

    def _rest(self, missing: int) -> bytes:
        parts = []
        while missing:
            data = self._source.read(missing)
            if not data:
                break
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _member(
        self, header: bytes, kind: bytes, size: int, pax: dict[bytes, bytes], name: bytes | None, link: bytes | None
    ) -> Member:
        raw = pax.get(b"GNU.sparse.name") or pax.get(b"path") or name or _name(header)
        target = pax.get(b"linkpath") or link or _field(header[157:257])
        if b"size" in pax:
            size = _decimal(pax[b"size"])
        what = _KINDS.get(kind, FILE)
        if what == FILE and kind in (b"0", b"\0") and raw.endswith(b"/"):
            what = FOLDER  # as it was before there were types
        # Only files have data, whatever a header says; Go's reader, and with it every engine, holds it so.
        stored = logical = size if what == FILE else 0
        if kind == b"S":
            logical = _number(header[483:495])
            self._skip_sparse_map(header[482:483])
        elif b"GNU.sparse.realsize" in pax:
            logical = _decimal(pax[b"GNU.sparse.realsize"])
        elif b"GNU.sparse.size" in pax:
            logical = _decimal(pax[b"GNU.sparse.size"])
        path, goal = clean(_text(raw)), _text(target)
        if what == HARD_LINK:
            goal = clean(goal)
        self._budget.take(path, goal)
        member = Member(
            path,
            what,
            logical,
            stored,
            _number(header[100:108]) & 0o7777,
            _decimal(pax[b"uid"]) if b"uid" in pax else _number(header[108:116]),
            _decimal(pax[b"gid"]) if b"gid" in pax else _number(header[116:124]),
            goal,
        )
        member.capable = _CAPABILITY in pax
        self._left, self._padding = stored, -stored % BLOCK
        return member

    def _skip_sparse_map(self, more: bytes) -> None:
        while more not in (b"", b"\0"):
            more = self._source.exactly(BLOCK)[504:505]


def clean(path: str) -> str:
    """A path from the root of the archive on, without `.`, `..` and double slashes; `..` never leads above the root."""
    path = path.removeprefix("./").strip("/")
    # Nearly every path is clean already.
    if "/." in path or "//" in path or path.startswith("."):
        path = normpath("/" + path).lstrip("/")
    return path


def _is_header(header: bytes) -> bool:
    try:
        wanted = _number(header[148:156])
    except ArchiveError:
        return False
    field = header[148:156]
    total = sum(header) - sum(field) + 256
    if total == wanted:
        return True
    # Some old writers added up signed characters.
    high = sum(byte > 127 for byte in header) - sum(byte > 127 for byte in field)
    return total - 256 * high == wanted


def _field(raw: bytes) -> bytes:
    end = raw.find(b"\0")
    return raw if end < 0 else raw[:end]


def _name(header: bytes) -> bytes:
    name = _field(header[:100])
    if header[257:263] == b"ustar\0" and header[345]:
        return _field(header[345:500]) + b"/" + name
    return name


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _number(raw: bytes) -> int:
    """An octal or base-256 number."""
    if raw[0] & 0x80:
        value = int.from_bytes(raw, "big", signed=False) & ~(1 << (8 * len(raw) - 1))
        if raw[0] & 0x40 or value >= 1 << 63:
            raise ArchiveError("is damaged: a tar header has an impossible number")
        return value
    digits = _field(raw).strip()
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        raise ArchiveError("is damaged: a tar header has an impossible number")
    return int(digits, 8)


def _decimal(raw: bytes) -> int:
    whole = raw.partition(b".")[0]
    if not whole.isdigit() or len(whole) > 18:
        raise ArchiveError("is damaged: a tar header has an impossible number")
    return int(whole)


def _records(data: bytes) -> dict[bytes, bytes]:
    """The records of an extended header that matter here."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + 10)
        length = data[at:space]
        if space < 0 or not length.isdigit():
            raise ArchiveError("is damaged: an extended tar header cannot be read")
        end = at + int(length)
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= space or not equals:
            raise ArchiveError("is damaged: an extended tar header cannot be read")
        if key in _PAX_KEYS:
            found[key] = value
        at = end
    return found
