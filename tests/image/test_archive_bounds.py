"""Image archives: what must not be possible, streams, and databases of packages."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zlib

import pytest

from dfadvise.image import filesystem, rpm, store, tar
from dfadvise.image.filesystem import FileSystem
from dfadvise.image.layer import Scanner
from dfadvise.image.stream import ArchiveError, Buffered, Gunzip
from dfadvise.image.tar import Budget, TarReader
from image_samples import packed, refusal

# Bounds


def members(data):
    return list(TarReader(Buffered(io.BytesIO(data)), Budget()))


def test_a_header_does_not_say_how_much_is_held():
    for kind in (b"x", b"L", b"g"):
        info = tarfile.TarInfo("././@LongLink")
        info.type, info.size = kind, 1 << 40
        with pytest.raises(ArchiveError, match="tar header of more than 1 MiB"):
            members(info.tobuf(tarfile.GNU_FORMAT) + b"x" * 10000)


def test_counts_names_and_paths_are_bounded(monkeypatch):
    monkeypatch.setattr(tar, "MOST_MEMBERS", 3)
    with pytest.raises(ArchiveError, match="more than 3 files"):
        members(packed({str(number): "" for number in range(4)}))
    monkeypatch.setattr(tar, "MOST_MEMBERS", 9)
    with pytest.raises(ArchiveError, match="path of more than 4096 bytes"):
        members(packed({"a/" * 3000: ""}))
    monkeypatch.setattr(tar, "MOST_NAMES", 1 << 20)
    budget = Budget()
    budget.names = 5
    with pytest.raises(ArchiveError, match="file names"):
        list(TarReader(Buffered(io.BytesIO(packed({"abcdef": ""}))), budget))


def test_folders_that_paths_imply_are_bounded(monkeypatch):
    monkeypatch.setattr(filesystem, "MOST_FOLDERS", 50)
    files = FileSystem()
    files.apply(Scanner(Budget(), []).scan(io.BytesIO(packed({"a/" * 49 + "f": ""}))))
    with pytest.raises(ArchiveError, match="more than 50 folders"):
        files.apply(Scanner(Budget(), []).scan(io.BytesIO(packed({"b/" * 49 + "f": ""}))))


def test_many_manifests_and_parts_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MOST_PARTS", 3)
    (tmp_path / "i.tar").write_bytes(packed({str(number): "" for number in range(5)}))
    assert "more than 3 parts" in refusal(tmp_path / "i.tar")
    monkeypatch.setattr(store, "MOST_PARTS", 1000)
    monkeypatch.setattr(store, "MOST_JSON", 1000)
    (tmp_path / "i.tar").write_bytes(packed({"manifest.json": "[" + " " * 1000 + "]"}))
    assert "of manifests and configurations" in refusal(tmp_path / "i.tar")


def test_a_small_layer_that_grows_large_is_streamed():
    import resource

    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    info = tarfile.TarInfo("zeros")
    info.size = 100 << 20
    parts = [engine.compress(info.tobuf())]
    for _ in range(100):
        parts.append(engine.compress(bytes(1 << 20)))
    parts.append(engine.compress(bytes(1024)) + engine.flush())
    data = b"".join(parts)
    assert len(data) < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = Scanner(Budget(), []).scan(io.BytesIO(data))
    assert found.size == 100 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


# Streams


def test_gzip_of_several_members_is_one_stream():
    data = b"".join(gzip.compress(bytes([number]) * 3) for number in range(200)) + bytes(100)
    reader = Gunzip(io.BytesIO(data))
    parts = []
    while piece := reader.read(7):
        assert len(piece) <= 7
        parts.append(piece)
    assert b"".join(parts) == b"".join(bytes([number]) * 3 for number in range(200))


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_of_every_tar_format(form):
    names = ["short", "d/" * 40 + "x" * 90, "ünïcode/é"]
    if form != tarfile.USTAR_FORMAT:
        names.append("e/" * 90 + "y" * 200)
    found = members(packed(dict.fromkeys(names, "content"), form))
    assert [(each.path, each.kind, each.size) for each in found] == [(name, "file", 7) for name in names]


def test_numbers_of_every_tar_format():
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        info = tarfile.TarInfo("a")
        info.uid, info.gid, info.mode = 3_000_000, 4_000_000, 0o4755
        (found,) = members(info.tobuf(form) + bytes(1024))
        assert (found.uid, found.gid, found.mode) == (3_000_000, 4_000_000, 0o4755)


def test_data_of_folders_and_links_is_not_looked_for():
    folder, link = tarfile.TarInfo("d"), tarfile.TarInfo("l")
    folder.type, folder.size, link.type, link.size, link.linkname = tarfile.DIRTYPE, 4096, tarfile.LNKTYPE, 77, "x"
    data = folder.tobuf() + link.tobuf() + packed({"x": "content"})
    assert [(each.path, each.kind, each.size) for each in members(data)] == [
        ("d", "folder", 0),
        ("l", "hard link", 0),
        ("x", "file", 7),
    ]


def test_a_wrong_checksum_is_damage():
    data = bytearray(packed({"a": "x"}))
    data[0] ^= 1
    with pytest.raises(ArchiveError, match="wrong checksum"):
        members(bytes(data))


# RPM databases


def header(name, version, release, paths):
    """A package header as rpm stores it."""
    folders = sorted({path.rpartition("/")[0] + "/" for path in paths})
    indexes = [folders.index(path.rpartition("/")[0] + "/") for path in paths]
    text = b"".join(each.encode() + b"\0" for each in (name, version, release))
    entries, data = [], text
    places = [0, len(name) + 1, len(name) + len(version) + 2]
    for tag, place in zip((1000, 1001, 1002), places, strict=True):
        entries.append((tag, 6, place, 1))
    for tag, values in ((1117, [path.rpartition("/")[2] for path in paths]), (1118, folders)):
        entries.append((tag, 8, len(data), len(values)))
        data += b"".join(each.encode() + b"\0" for each in values)
    data += bytes(-len(data) % 4)
    entries.append((1116, 4, len(data), len(indexes)))
    data += struct.pack(f">{len(indexes)}I", *indexes)
    return (
        struct.pack(">II", len(entries), len(data)) + b"".join(struct.pack(">IIII", *each) for each in entries) + data
    )


PATHS = [f"/opt/app/{number % 5}/file-with-a-name-{number}" for number in range(400)]
BLOBS = [header("bash", "5.2", "1.fc40", ["/usr/bin/bash"]), header("app", "1", "2", PATHS)]
WANTED = [("bash", "5.2-1.fc40", ["/usr/bin/bash"]), ("app", "1-2", PATHS)]


def sqlite_database(tmp_path):
    import sqlite3

    connection = sqlite3.connect(tmp_path / "rpmdb.sqlite")
    connection.execute("CREATE TABLE 'Other' (x)")
    connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages(blob) VALUES (?)", [(each,) for each in BLOBS])
    connection.commit()
    connection.close()
    return (tmp_path / "rpmdb.sqlite").read_bytes()


def ndb_database():
    slots, blobs, block = b"", b"", 4096 // 16
    for number, blob in enumerate(BLOBS, 1):
        whole = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob
        whole += bytes(-len(whole) % 16)
        slots += struct.pack("<4sIII", b"Slot", number, block, len(whole) // 16)
        blobs += whole
        block += len(whole) // 16
    slots += struct.pack("<4sIII", b"Slot", 0, 0, 0) * (254 - len(BLOBS))
    return struct.pack("<4sIII", b"RpmP", 0, 1, 1) + bytes(16) + slots + blobs


def bdb_database(order="<", size=4096):
    """A hash with one page of keys, and a chain of overflow pages for each value."""

    def page(number, following, entries, used, kind, body=b""):
        head = struct.pack(order + "8xIIIHHBB", number, 0, following, entries, used, 0, kind) + body
        return head + bytes(size - len(head))

    pages, pairs, at = [], [], 2
    for blob in BLOBS:
        first, pieces = at, [blob[start : start + size - 26] for start in range(0, len(blob), size - 26)]
        for number, piece in enumerate(pieces):
            following = at + 1 if number + 1 < len(pieces) else 0
            pages.append(page(at, following, 1, len(piece), 7, piece))
            at += 1
        pairs += [b"\1" + bytes(4), struct.pack(order + "B3xII", 3, first, len(blob))]
    places, body, end = [], b"", size
    for item in pairs:
        end -= len(item)
        places.append(end)
        body = item + body
    table = struct.pack(f"{order}{len(places)}H", *places)
    index = bytearray(page(1, 0, len(places), 0, 13, table))
    index[size - len(body) :] = body
    meta = bytearray(size)
    struct.pack_into(order + "I", meta, 12, 0x00061561)
    struct.pack_into(order + "I", meta, 20, size)
    return bytes(meta) + bytes(index) + b"".join(pages)


def test_packages_of_the_three_rpm_databases(tmp_path):
    for data in (sqlite_database(tmp_path), ndb_database(), bdb_database(), bdb_database(">")):
        assert [(each.name, each.version, each.paths) for each in rpm.packages(data)] == WANTED


def test_a_damaged_rpm_database_gives_less_and_never_fails(tmp_path):
    import random

    generator = random.Random(3)
    for whole in (sqlite_database(tmp_path), ndb_database(), bdb_database()):
        assert rpm.packages(whole[:100]) == []
        for _ in range(300):
            data = bytearray(whole)
            for _ in range(generator.randint(1, 20)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            rpm.packages(bytes(data[: generator.randint(0, len(data))]))


def test_folders_of_an_rpm_header_do_not_multiply():
    blob = header("a", "1", "1", ["/" + "d" * 4000 + f"/{number}" for number in range(30000)])
    found = rpm.packages(
        struct.pack("<4sIII", b"RpmP", 0, 1, 1)
        + bytes(16)
        + struct.pack("<4sIII", b"Slot", 1, 256, 9)
        + bytes(4096 - 48)
        + struct.pack("<4sIII", b"BlbS", 1, 1, len(blob))
        + blob
    )
    assert sum(len(path) for each in found for path in each.paths) <= rpm.MOST_TEXT
