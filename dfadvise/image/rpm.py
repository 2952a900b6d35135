"""The packages of an RPM database, whichever of its three formats it has.

Sources: rpm's own documentation of its header format and of ndb, the SQLite file format, and the layout of Berkeley
DB's hash pages, read 2026-11-24. Everything is bounded, and what cannot be read gives nothing.
"""

from __future__ import annotations

import struct
from struct import unpack_from

from dfadvise.image.records import MOST_TEXT, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 64 << 20  # of a database
_MOST_BLOBS = 100_000
_LARGEST_BLOB = 32 << 20
_MOST_ENTRIES = 1 << 16
_MOST_VALUES = 1 << 20
_MOST_RELATIONS = 20_000  # of one package
_LONGEST_PATH = 4096

_NAME, _VERSION, _RELEASE, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES = 1000, 1001, 1002, 1116, 1117, 1118
_PROVIDES, _REQUIRES, _RECOMMENDS = 1047, 1049, 5046
_TAGS = frozenset(
    (*(_NAME, _VERSION, _RELEASE, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES), *(_PROVIDES, _REQUIRES, _RECOMMENDS))
)
_INT32, _STRING, _STRINGS = 4, 6, 8

_BDB_MAGIC = 0x00061561
_BDB_OVERFLOW, _BDB_HASH = 7, (2, 13)
_BDB_HEADER = 26


def packages(data: bytes) -> list[Record]:
    """The packages in a database.

    Args:
        data: The file: rpmdb.sqlite, Packages.db or Packages.

    Returns:
        One record for each, with absolute paths; what cannot be read is left out.
    """
    if data.startswith(b"SQLite format 3\0"):
        blobs = _sqlite(data)
    elif data.startswith(b"RpmP"):
        blobs = _ndb(data)
    else:
        blobs = _bdb(data)
    found: list[Record] = []
    # Pages that are used over and over must not keep this going.
    room, text = 4 * LARGEST, MOST_TEXT
    try:
        for number, blob in enumerate(blobs):
            room -= len(blob)
            if number > _MOST_BLOBS or room < 0:
                break
            package = _header(blob, text)
            if package is not None:
                found.append(package)
                text -= sum(map(len, package.paths or ()))
    except (struct.error, IndexError, ValueError):
        # A damaged page: what came before it is still right.
        return found
    return found


def _header(blob: bytes, room: int) -> Record | None:
    try:
        count, size = unpack_from(">II", blob)
        start = 8 + 16 * count
        if count > _MOST_ENTRIES or start + size > len(blob):
            return None
        values: dict[int, list[bytes] | tuple[int, ...]] = {}
        for at in range(8, start, 16):
            tag, kind, offset, number = unpack_from(">IIII", blob, at)
            if tag not in _TAGS or offset > size or number > _MOST_VALUES:
                continue
            if kind == _INT32:
                values[tag] = unpack_from(f">{number}I", blob, start + offset)
            elif kind in (_STRING, _STRINGS):
                values[tag] = _strings(blob, start + offset, number if kind == _STRINGS else 1)
    except struct.error:
        return None
    name, version, release = (_first(values.get(tag)) for tag in (_NAME, _VERSION, _RELEASE))
    if not name or name == "gpg-pubkey":
        return None
    folders, bases, indexes = (values.get(tag, []) for tag in (_DIR_NAMES, _BASE_NAMES, _DIR_INDEXES))
    paths = []
    for base, index in zip(bases, indexes, strict=False):
        if isinstance(base, bytes) and isinstance(index, int) and index < len(folders):
            folder = folders[index]
            if isinstance(folder, bytes) and len(folder) + len(base) <= _LONGEST_PATH:
                room -= len(folder) + len(base)
                if room < 0:
                    break
                paths.append((folder + base).decode("utf-8", "surrogateescape"))
    record = Record(name, f"{version}-{release}" if release else version, paths)
    record.needs = [(each,) for each in _names(values.get(_REQUIRES)) if not each.startswith("rpmlib(")]
    record.recommends = [(each,) for each in _names(values.get(_RECOMMENDS))]
    record.provides = _names(values.get(_PROVIDES))
    return record


def _names(values: list[bytes] | tuple[int, ...] | None) -> list[str]:
    found = {each.decode("utf-8", "surrogateescape") for each in values or () if isinstance(each, bytes)}
    return sorted(found)[:_MOST_RELATIONS]


def _strings(blob: bytes, at: int, number: int) -> list[bytes]:
    # One cut through the rest instead of a search for each.
    return blob[at:].split(b"\0", number)[:number]


def _first(values: list[bytes] | tuple[int, ...] | None) -> str:
    first = values[0] if values else b""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else ""


def _sqlite(data: bytes) -> Iterator[bytes]:
    """The blobs of the table Packages."""
    size = unpack_from(">H", data, 16)[0]
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        return
    usable = size - data[20]
    for payload in _rows(data, size, usable, 1):
        values = _record(payload)
        if len(values) > 3 and values[0] == b"table" and values[1] == b"Packages" and isinstance(values[3], int):
            for row in _rows(data, size, usable, values[3]):
                for value in _record(row):
                    if isinstance(value, bytes) and len(value) > 8:
                        yield value
            return


def _rows(data: bytes, size: int, usable: int, root: int) -> Iterator[bytes]:
    """The payloads of the rows of a table's tree."""
    pending, seen = [root], set[int]()
    while pending:
        number = pending.pop()
        start = (number - 1) * size
        if number in seen or number < 1 or start + size > len(data):
            continue
        seen.add(number)
        head = start + (100 if number == 1 else 0)
        kind, cells = data[head], unpack_from(">H", data, head + 3)[0]
        if kind not in (5, 13) or cells > size // 2:
            continue
        first = head + (12 if kind == 5 else 8)
        places = [start + at for at in unpack_from(f">{cells}H", data, first)]
        if kind == 5:
            children = [unpack_from(">I", data, at)[0] for at in places]
            pending += [*children, unpack_from(">I", data, head + 8)[0]][::-1]
            continue
        for at in places:
            length, at = _varint(data, at)
            _, at = _varint(data, at)
            if length <= _LARGEST_BLOB:
                yield _payload(data, size, usable, at, length)


def _payload(data: bytes, size: int, usable: int, at: int, length: int) -> bytes:
    most = usable - 35
    if length <= most:
        return data[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts, missing = [data[at : at + local]], length - local
    following = unpack_from(">I", data, at + local)[0]
    # Each page gives something, so a ring of pages ends too.
    while following and missing > 0:
        start = (following - 1) * size
        part = data[start + 4 : start + min(usable, missing + 4)]
        following = unpack_from(">I", data, start)[0]
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        byte = data[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | data[at + 8], at + 9


def _record(payload: bytes) -> list[bytes | int | None]:
    end, at = _varint(payload, 0)
    kinds: list[int] = []
    while at < min(end, len(payload)) and len(kinds) < 16:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[bytes | int | None] = []
    at = end
    for kind in kinds:
        length = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind] if kind < 12 else (kind - 12) // 2
        raw = payload[at : at + length]
        at += length
        if kind >= 12:
            values.append(raw)
        else:
            values.append(int.from_bytes(raw, "big") if 0 < kind < 7 else kind - 8 if kind in (8, 9) else None)
    return values


def _ndb(data: bytes) -> Iterator[bytes]:
    """The blobs behind the slots of the database."""
    pages = unpack_from("<I", data, 12)[0]
    slots = min(pages * 4096 // 16, len(data) // 16)
    for slot in range(2, slots):
        magic, number, block, _ = unpack_from("<4sIII", data, 16 * slot)
        if magic != b"Slot":
            return
        if not number:
            continue
        magic, owner, _, length = unpack_from("<4sIII", data, 16 * block)
        if magic == b"BlbS" and owner == number and length <= _LARGEST_BLOB:
            yield data[16 * block + 16 : 16 * block + 16 + length]


def _bdb(data: bytes) -> Iterator[bytes]:
    """The values of the hash that are large enough to lie on pages of their own, as all package headers are."""
    order = "<" if data[12:16] == _BDB_MAGIC.to_bytes(4, "little") else ">"
    if len(data) < 512 or unpack_from(order + "I", data, 12)[0] != _BDB_MAGIC:
        return
    size = unpack_from(order + "I", data, 20)[0]
    if size < 512 or size > 65536 or size & (size - 1):
        return
    for start in range(size, len(data) - size + 1, size):
        if data[start + 25] not in _BDB_HASH:
            continue
        entries = min(unpack_from(order + "H", data, start + 20)[0], size // 2 - 16)
        places = unpack_from(f"{order}{entries}H", data, start + _BDB_HEADER)
        for index in range(1, entries, 2):
            at = start + places[index]
            if places[index] >= size:
                continue
            if data[at] == 3:
                page, length = unpack_from(order + "II", data, at + 4)
                if length <= _LARGEST_BLOB:
                    yield _overflow(data, order, size, page, length)
            elif data[at] == 1:
                yield data[at + 1 : start + places[index - 1]]


def _overflow(data: bytes, order: str, size: int, page: int, length: int) -> bytes:
    parts: list[bytes] = []
    while page and length > 0:
        start = page * size
        if start + size > len(data) or data[start + 25] != _BDB_OVERFLOW:
            break
        following, used = unpack_from(order + "I", data, start + 16)[0], unpack_from(order + "H", data, start + 22)[0]
        part = data[start + _BDB_HEADER : start + _BDB_HEADER + min(used, length)]
        if not part:
            break
        parts.append(part)
        length -= len(part)
        page = following
    return b"".join(parts)
