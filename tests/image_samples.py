"""Images for tests: archives, layers, and what is said about them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from dfadvise.image.reading import analyses_of
from dfadvise.image.stream import ArchiveError

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


def layer(*entries):
    """A layer: (path, content) for a file, "path/" for a folder, (path, "->", target) for a link, (path, "=", target)
    for a hard link; a dict at the end sets attributes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            words = (entry,) if isinstance(entry, str) else entry
            info = tarfile.TarInfo(words[0])
            if isinstance(words[-1], dict):
                for key, value in words[-1].items():
                    setattr(info, key, value)
                words = words[:-1]
            content = b""
            if len(words) == 1 and words[0].endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, info.mode | 0o111
            elif len(words) == 3:
                info.type = tarfile.SYMTYPE if words[1] == "->" else tarfile.LNKTYPE
                info.linkname = words[2]
            elif len(words) == 2:
                content = words[1] if isinstance(words[1], bytes) else words[1].encode()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def image(path, *layers, history=None, config=None):
    """Write an image as `docker save` does."""
    steps = [{"created_by": f"step {number}"} for number in range(len(layers))] if history is None else history
    digests = [hashlib.sha256(each).hexdigest() for each in layers]
    document = {"architecture": "amd64", "os": "linux", "config": config or {}, "history": steps}
    document["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{each}" for each in digests]}
    text = json.dumps(document).encode()
    name = hashlib.sha256(text).hexdigest()
    manifest = [{"Config": f"{name}.json", "RepoTags": ["app:1"], "Layers": [f"{each}/layer.tar" for each in digests]}]
    parts = {f"{name}.json": text, "manifest.json": json.dumps(manifest).encode()}
    parts.update({f"{digest}/layer.tar": each for digest, each in zip(digests, layers, strict=True)})
    with tarfile.open(path, "w") as archive:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(path)


def hidden(analysis):
    return [
        (each.path, each.size, each.cause, each.added_by, each.hidden_by)
        for each in analysis.waste
        if each.hidden_by is not None
    ]


def kinds(analysis):
    return {(each.kind, each.path) for each in analysis.findings}
