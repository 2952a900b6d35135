"""Image archives: every form that images are saved in, what is damaged, and what must not be possible."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import struct
import sys
import tarfile
import zlib
from pathlib import Path

import pytest

from dfadvise.image import filesystem, rpm, store, tar
from dfadvise.image.filesystem import FileSystem
from dfadvise.image.layer import Scanner
from dfadvise.image.reading import analyses_of
from dfadvise.image.stream import ArchiveError, Buffered, Gunzip
from dfadvise.image.tar import Budget, TarReader

# A folder with the archives that dive tests itself with.
SHARED = Path(os.environ.get("DFADVISE_DIVE_IMAGES", "dive-images"))
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(files, form=tarfile.PAX_FORMAT):
    """A tar archive of {name: content}; a text that begins with `->` is a link."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, str) and content.startswith("->"):
                info.type, info.linkname = tarfile.SYMTYPE, content[2:]
                content = b""
            content = content.encode() if isinstance(content, str) else content
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def configured(*layers, architecture="amd64", **more):
    config = {"architecture": architecture, "os": "linux", "history": [{"created_by": "COPY a /"}] * len(layers)}
    config["rootfs"] = {"type": "layers", "diff_ids": [digest(each) for each in layers]}
    return json.dumps({**config, **more}).encode()


class Layout:
    """The parts of an OCI layout as {path: content}."""

    def __init__(self):
        self.parts = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
        self.manifests = []

    def blob(self, data):
        name = digest(data)
        self.parts["blobs/" + name.replace(":", "/")] = data
        return {"digest": name, "size": len(data)}

    def image(self, *layers, pack=lambda data: data, **more):
        stored = [self.blob(pack(each)) for each in layers]
        config = self.blob(configured(*layers, **more))
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": stored}
        return {"mediaType": MANIFEST, **self.blob(json.dumps(document).encode())}

    def add(self, descriptor, **more):
        self.manifests.append({**descriptor, **more})
        self.parts["index.json"] = json.dumps({"schemaVersion": 2, "manifests": self.manifests}).encode()
        return self

    def tar(self, path):
        path.write_bytes(packed(self.parts))
        return str(path)

    def folder(self, path):
        for name, content in self.parts.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
        return str(path)


def docker(*images):
    """The parts of an archive as Docker before 25 saved it, of (name, layers)."""
    parts, entries = {}, []
    for name, layers in images:
        config = configured(*layers)
        parts[f"{digest(config)[7:]}.json"] = config
        places = [f"{digest(each)[7:]}/layer.tar" for each in layers]
        parts.update(zip(places, layers, strict=True))
        entries.append({"Config": f"{digest(config)[7:]}.json", "RepoTags": [name], "Layers": places})
    parts["manifest.json"] = json.dumps(entries).encode()
    return parts


A, B = packed({"a": "x" * 100}), packed({"b": "y" * 50, ".wh.a": ""})


def numbers(path, **options):
    found, problems = analyses_of(str(path), **options)
    return [(each.image.name, each.stored, each.visible) for each in found], problems


def refusal(path, **options):
    with pytest.raises(ArchiveError) as caught:
        analyses_of(str(path), **options)
    text = str(caught.value)
    assert "\n" not in text
    return text


# Forms


def test_an_archive_of_docker_save(tmp_path):
    (tmp_path / "i.tar").write_bytes(packed(docker(("app:1", [A, B]))))
    assert numbers(tmp_path / "i.tar") == ([("app:1", 150, 50)], [])


def test_an_archive_through_a_pipe_is_read_once(tmp_path):
    # The layers come before anything that says what they are.
    parts = docker(("app:1", [A, B]))
    for data in (packed(parts), gzip.compress(packed(parts))):
        reading, writing = os.pipe()
        os.write(writing, data) if len(data) < 60000 else None
        os.close(writing)
        assert numbers(f"/dev/fd/{reading}") == ([("app:1", 150, 50)], [])
        os.close(reading)


def test_layers_that_are_links_to_others(tmp_path):
    parts = docker(("app:1", [A, A]))
    parts["copy/layer.tar"] = f"->../{digest(A)[7:]}/layer.tar"
    manifest = json.loads(parts["manifest.json"])
    manifest[0]["Layers"][1] = "copy/layer.tar"
    parts["manifest.json"] = json.dumps(manifest).encode()
    for data in (packed(parts), gzip.compress(packed(parts))):
        (tmp_path / "i.tar").write_bytes(data)
        assert numbers(tmp_path / "i.tar") == ([("app:1", 200, 100)], [])


def test_a_layout_as_directory_and_as_archive(tmp_path):
    layout = Layout()
    layout.add(layout.image(A, B, pack=gzip.compress), annotations={"org.opencontainers.image.ref.name": "app:2"})
    assert numbers(layout.tar(tmp_path / "i.tar")) == ([("app:2", 150, 50)], [])
    assert numbers(layout.folder(tmp_path / "i")) == ([("app:2", 150, 50)], [])
    (tmp_path / "i.tgz").write_bytes(gzip.compress((tmp_path / "i.tar").read_bytes()))
    assert numbers(tmp_path / "i.tgz") == ([("app:2", 150, 50)], [])


def test_an_image_in_both_forms_is_one_image(tmp_path):
    layout = Layout()
    descriptor = layout.image(A, B)
    layout.add(descriptor, annotations={"io.containerd.image.name": "docker.io/library/app:1"})
    config = digest(configured(A, B)).replace(":", "/")
    layers = ["blobs/" + digest(each).replace(":", "/") for each in (A, B)]
    entry = {"Config": f"blobs/{config}", "RepoTags": ["app:1"], "Layers": layers}
    layout.parts["manifest.json"] = json.dumps([entry]).encode()
    assert numbers(layout.tar(tmp_path / "i.tar")) == ([("app:1", 150, 50)], [])


def test_an_image_without_a_name_goes_by_its_id(tmp_path):
    layout = Layout()
    layout.add(layout.image(A))
    name = "sha256:" + digest(configured(A))[7:19]
    assert numbers(layout.tar(tmp_path / "i.tar")) == ([(name, 100, 100)], [])
    assert numbers(tmp_path / "i.tar", name=name)[0] == [(name, 100, 100)]


def test_platforms_and_attestations(tmp_path):
    layout = Layout()
    nested = {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
    for architecture, data in (("amd64", A), ("arm64", packed({"c": "z" * 7}))):
        platform = {"os": "linux", "architecture": architecture}
        nested["manifests"].append({**layout.image(data, architecture=architecture), "platform": platform})
    unknown = {"os": "unknown", "architecture": "unknown"}
    proof = layout.blob(b'{"not": "an image"}')
    nested["manifests"].append({"mediaType": MANIFEST, **proof, "platform": unknown})
    # An engine lists platforms that it does not hold.
    absent = {"mediaType": MANIFEST, "digest": digest(b"absent"), "size": 1}
    nested["manifests"].append({**absent, "platform": {"os": "linux", "architecture": "s390x"}})
    index = {"mediaType": INDEX, **layout.blob(json.dumps(nested).encode())}
    layout.add(index, annotations={"io.containerd.image.name": "app:1"})
    path = layout.tar(tmp_path / "i.tar")
    both = [("app:1 (linux/amd64)", 100, 100), ("app:1 (linux/arm64)", 7, 7)]
    assert numbers(path) == (both, [])
    assert [name for name, *_ in numbers(path, platform="linux/arm64")[0]] == ["app:1 (linux/arm64)"]
    assert refusal(path, platform="linux/s390x") == ("holds no image for linux/s390x, but for linux/amd64, linux/arm64")


def test_what_is_no_image_is_passed_over(tmp_path):
    layout = Layout()
    chart = {"schemaVersion": 2, "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json"}, "layers": []}
    layout.add({"mediaType": MANIFEST, **layout.blob(json.dumps(chart).encode())})
    assert refusal(layout.tar(tmp_path / "i.tar")) == "holds no image"
    layout.add(layout.image(A))
    assert len(numbers(layout.tar(tmp_path / "i.tar"))[0]) == 1


def test_one_of_several_images(tmp_path):
    path = tmp_path / "i.tar"
    path.write_bytes(packed(docker(("app:1", [A, B]), ("docker.io/library/other:latest", [A]))))
    assert [name for name, *_ in numbers(path)[0]] == ["app:1", "docker.io/library/other:latest"]
    for name in ("other", "other:latest", "library/other", "docker.io/library/other:latest"):
        assert [size for _, size, _ in numbers(path, name=name)[0]] == [100]
    assert refusal(path, name="app").startswith("holds no image called app, but app:1, ")


@pytest.mark.skipif(not SHARED.is_dir(), reason="DFADVISE_DIVE_IMAGES is not set")
@pytest.mark.parametrize("name", ["oci-gzip", "oci-estargz", "oci-uncompressed", "kaniko", "docker"])
def test_archives_that_other_tools_made(name):
    found, problems = numbers(SHARED / f"test-{name}-image.tar")
    assert problems == []
    assert len(found) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="DFADVISE_DIVE_IMAGES is not set")
def test_zstd_is_read_where_something_can():
    found, problems = numbers(SHARED / "test-oci-zstd-image.tar")
    try:
        __import__("compression.zstd" if sys.version_info >= (3, 14) else "zstandard")
    except ImportError:
        assert found == []
        assert "takes Python 3.14 or the package zstandard" in problems[0]
    else:
        assert [size for _, size, _ in found] == [11189]


# Damage


def test_a_layer_must_have_its_digest(tmp_path):
    layout = Layout()
    layout.add(layout.image(A, B))
    layout.parts["blobs/" + digest(B).replace(":", "/")] = B.replace(b"yyy", b"zzz")
    found, problems = numbers(layout.tar(tmp_path / "i.tar"))
    assert found == []
    assert problems == [
        f"is damaged: the layer {digest(B)[7:19]} has the content of {digest(B.replace(b'yyy', b'zzz'))[7:19]}"
    ]


def test_a_configuration_must_have_its_digest(tmp_path):
    parts = docker(("app:1", [A]))
    name = next(each for each in parts if each.endswith(".json") and each != "manifest.json")
    parts[name] = parts[name].replace(b"COPY", b"MOVE")
    (tmp_path / "i.tar").write_bytes(packed(parts))
    assert "the configuration" in numbers(tmp_path / "i.tar")[1][0]


def test_one_broken_image_leaves_the_others(tmp_path):
    parts = docker(("app:1", [A]), ("app:2", [B]))
    del parts[f"{digest(B)[7:]}/layer.tar"]
    (tmp_path / "i.tar").write_bytes(packed(parts))
    found, problems = numbers(tmp_path / "i.tar")
    assert [name for name, *_ in found] == ["app:1"]
    assert problems == [f"holds no {digest(B)[7:]}/layer.tar"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"hello\n" * 200, "is no tar archive", id="text"),
        pytest.param(gzip.compress(b"hello"), "is no tar archive", id="gzip of text"),
        pytest.param(b"BZh91AY" + b"x" * 600, "is compressed with bzip2", id="bzip2"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"x" * 600, "is damaged gzip data", id="bad gzip"),
        pytest.param(packed({"a": "x"}), "holds neither manifest.json nor index.json", id="a layer"),
        pytest.param(packed({"manifest.json": "{"}), "manifest.json is no JSON", id="bad JSON"),
        pytest.param(packed({"manifest.json": "{}"}), "JSON of an unexpected form", id="other JSON"),
        pytest.param(packed({"manifest.json": "[" * 100000}), "manifest.json is no JSON", id="deep JSON"),
        pytest.param(packed({"manifest.json": "[]"}), "holds no image", id="no image"),
        pytest.param(packed(docker(("a", [A])))[:9000], "ends early", id="cut off"),
        pytest.param(gzip.compress(packed(docker(("a", [A]))))[:-30], "ends early", id="cut off gzip"),
        pytest.param(
            packed({"index.json": '{"manifests": [{"digest": "sha256:../../x"}]}'}), "no digest", id="bad digest"
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, data, message):
    (tmp_path / "i.tar").write_bytes(data)
    assert message in refusal(tmp_path / "i.tar")


@pytest.mark.parametrize("name", ["../outside.tar", "/etc/hostname", "a/../../outside.tar", "", "a\\b"])
def test_names_in_a_manifest_lead_nowhere_else(tmp_path, name):
    (tmp_path / "outside.tar").write_bytes(A)
    folder = tmp_path / "i"
    folder.mkdir()
    config = configured(A)
    (folder / "c.json").write_bytes(config)
    entry = {"Config": "c.json", "RepoTags": [], "Layers": [name]}
    (folder / "manifest.json").write_text(json.dumps([entry]))
    found, problems = numbers(folder)
    assert found == []
    assert problems == ["is damaged: manifest.json names a layer outside of the archive"]


def test_links_of_a_directory_lead_nowhere_else(tmp_path):
    (tmp_path / "outside.tar").write_bytes(A)
    layout = Layout()
    layout.add(layout.image(A))
    folder = Path(layout.folder(tmp_path / "i"))
    place = folder / "blobs" / digest(A).replace(":", "/")
    place.unlink()
    place.symlink_to(tmp_path / "outside.tar")
    assert "holds no blobs/sha256/" in numbers(folder)[1][0]


def test_a_pipe_in_a_directory_is_no_part(tmp_path):
    os.mkfifo(tmp_path / "index.json")
    assert "holds neither" in refusal(tmp_path)


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
    assert rpm.packages(sqlite_database(tmp_path)) == WANTED
    assert rpm.packages(ndb_database()) == WANTED
    assert rpm.packages(bdb_database()) == WANTED
    assert rpm.packages(bdb_database(">")) == WANTED


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
    assert sum(len(path) for _, _, paths in found for path in paths) <= rpm.MOST_TEXT
