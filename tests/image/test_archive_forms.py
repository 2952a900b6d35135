"""Image archives: every form that images are saved in, and what is damaged."""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import pytest

from image_samples import INDEX, MANIFEST, SHARED, A, B, Layout, configured, digest, docker, numbers, packed, refusal

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
