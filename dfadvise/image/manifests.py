"""Which images an archive holds: Docker's manifest.json, OCI indexes and manifests, platforms, attestations.

Sources: the OCI image specification 1.1, and Docker's image specification 1.2 and its `docker save` before and after
version 25, read 2026-11-24.
"""

from __future__ import annotations

import hashlib
from posixpath import basename

from dfadvise.image.layer import short
from dfadvise.image.store import is_inside
from dfadvise.image.stream import ArchiveError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.image.store import Store

MOST_IMAGES = 100
MOST_LAYERS = 500
MOST_DESCRIPTORS = 1000
DEEPEST = 4  # indexes in indexes

_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_ATTESTATION = "vnd.docker.reference.type"
_ALGORITHMS = {"sha256": 64, "sha384": 96, "sha512": 128}
_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")


class Part:
    """A layer of an image: its place in the archive, and its digest as it is stored, when that is known."""

    __slots__ = ("digest", "name")

    def __init__(self, name: str, digest: str | None = None) -> None:
        self.name = name
        self.digest = digest


class Image:
    """An image of an archive.

    Attributes:
        names: Its names with tags; the first is the one to report. Empty for one without.
        id: The digest of its configuration.
        platform: Such as `linux/arm64/v8`; empty when it says nothing.
        config: Its configuration.
        parts: Its layers, the lowest first.
        diff_ids: The digests of their decompressed archives; empty when it says nothing.
        several: Whether the archive holds the same name for other platforms too.
    """

    __slots__ = ("config", "diff_ids", "id", "names", "parts", "platform", "several")

    def __init__(self, names: list[str], digest: str, config: dict[str, Any], parts: list[Part]) -> None:
        self.names = names
        self.id = digest
        self.config = config
        self.parts = parts
        self.several = False
        self.platform = "/".join(
            value for key in ("os", "architecture", "variant") if isinstance(value := config.get(key), str) and value
        )
        rootfs = config.get("rootfs")
        listed = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        self.diff_ids: list[str] = (
            [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
        )

    @property
    def name(self) -> str:
        """What to call it."""
        name = self.names[0] if self.names else f"{self.id.partition(':')[0]}:{short(self.id)}"
        return f"{name} ({self.platform})" if self.several and self.platform else name

    def is_called(self, name: str) -> bool:
        """Whether a name means it: one of its own with or without registry and tag, or the beginning of its id."""
        wanted = normal_name(name)
        if any(name == each or wanted == normal_name(each) for each in self.names):
            return True
        digits = name.rpartition(":")[2]
        return len(digits) >= 6 and self.id.partition(":")[2].startswith(digits)


def normal_name(name: str) -> str:
    """An image's name with the default tag, and without the default registry."""
    for prefix in ("docker.io/library/", "index.docker.io/library/", "docker.io/", "library/"):
        name = name.removeprefix(prefix)
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


def images_of(store: Store) -> tuple[list[Image], list[str]]:
    """The images of an archive.

    Args:
        store: The archive.

    Returns:
        The images, and what is wrong with those that cannot be read.

    Raises:
        ArchiveError: It is no image archive, or holds too much.
    """
    found: dict[str, Image] = {}
    problems: list[str] = []
    docker, oci = store.has("manifest.json"), store.has("index.json")
    if not docker and not oci:
        raise ArchiveError("holds neither manifest.json nor index.json, so it is no image")
    if docker:
        for entry in _list(_json(store, "manifest.json")):
            _keep(found, problems, lambda entry=entry: _docker_image(store, entry))
    if oci:
        reader = _Indexes(store)
        reader.walk(_object(_json(store, "index.json")), [], 0)
        for descriptor, names in reader.manifests:
            _keep(found, problems, lambda each=descriptor, names=names: _oci_image(store, each, names))
        if not found and not problems:
            missing = f", {reader.absent} of its manifests are not there" if reader.absent else ""
            raise ArchiveError(f"holds no image{missing}")
    if not found and not problems:
        raise ArchiveError("holds no image")
    images = list(found.values())
    counts: dict[str, int] = {}
    for image in images:
        for name in image.names[:1]:
            counts[name] = counts.get(name, 0) + 1
    for image in images:
        image.several = bool(image.names) and counts[image.names[0]] > 1
    return images, problems


def _keep(found: dict[str, Image], problems: list[str], read: Any) -> None:
    try:
        image = read()
    except ArchiveError as problem:
        if str(problem) not in problems:
            problems.append(str(problem))
        return
    if image is None:
        return
    known = found.setdefault(image.id, image)
    if known is not image:
        known.names += [name for name in image.names if normal_name(name) not in map(normal_name, known.names)]
        for part, other in zip(known.parts, image.parts, strict=False):
            part.digest = part.digest or (other.digest if part.name == other.name else None)
    if len(found) > MOST_IMAGES:
        raise ArchiveError(f"holds more than {MOST_IMAGES} images")


def _docker_image(store: Store, entry: Any) -> Image:
    entry = _object(entry)
    name, layers, tags = entry.get("Config"), entry.get("Layers"), entry.get("RepoTags")
    if not isinstance(name, str) or not isinstance(layers, list):
        raise ArchiveError("is damaged: manifest.json names no layers")
    _limit_layers(layers)
    parts = []
    for layer in layers:
        if not isinstance(layer, str) or not is_inside(layer):
            raise ArchiveError("is damaged: manifest.json names a layer outside of the archive")
        folder, _, digits = layer.rpartition("/")
        parts.append(Part(layer, f"sha256:{digits}" if folder == "blobs/sha256" and _is_hex(digits, 64) else None))
    if not is_inside(name):
        raise ArchiveError("is damaged: manifest.json names a configuration outside of the archive")
    data = store.text(name)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    stem = basename(name).removesuffix(".json").removeprefix("sha256:")
    if _is_hex(stem, 64) and digest != f"sha256:{stem}":
        raise ArchiveError(f"is damaged: the configuration {stem[:12]} has the content of {short(digest)}")
    names = [each for each in tags if isinstance(each, str)] if isinstance(tags, list) else []
    return Image(names, digest, _object(_parse(data, name)), parts)


class _Indexes:
    """Finds the manifests of an index and of the indexes in it.

    Attributes:
        manifests: Their descriptors, with the names they go by.
        absent: How many are listed and not there.
    """

    __slots__ = ("_seen", "_store", "absent", "manifests")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = 0
        self.manifests: list[tuple[dict[str, Any], list[str]]] = []
        self.absent = 0

    def walk(self, index: dict[str, Any], names: list[str], depth: int) -> None:
        """Look through an index."""
        if depth > DEEPEST:
            raise ArchiveError("is damaged: its indexes are nested too deeply")
        for descriptor in _list(index.get("manifests")):
            self._seen += 1
            if self._seen > MOST_DESCRIPTORS:
                raise ArchiveError(f"lists more than {MOST_DESCRIPTORS} manifests")
            descriptor = _object(descriptor)
            if _is_attestation(descriptor):
                continue
            own = _names_of(descriptor) or names
            digest = descriptor.get("digest")
            if not self._store.has(blob(digest)):
                # An engine saves the platforms it has, and the list of all there are.
                self.absent += 1
                continue
            kind = descriptor.get("mediaType")
            if isinstance(kind, str) and kind.endswith(("image.index.v1+json", "manifest.list.v2+json")):
                self.walk(_object(_verified(self._store, digest)), own, depth + 1)
            else:
                self.manifests.append((descriptor, own))


def _oci_image(store: Store, descriptor: dict[str, Any], names: list[str]) -> Image | None:
    manifest = _object(_verified(store, descriptor.get("digest")))
    config, layers = manifest.get("config"), manifest.get("layers")
    if not isinstance(config, dict) or not isinstance(layers, list):
        raise ArchiveError("is damaged: a manifest names no layers")
    if config.get("mediaType", _CONFIGS[0]) not in _CONFIGS:
        return None  # charts, signatures and the like
    _limit_layers(layers)
    parts = []
    for layer in layers:
        digest = layer.get("digest") if isinstance(layer, dict) else None
        parts.append(Part(blob(digest), digest))
    digest = config.get("digest")
    return Image(list(names), str(digest), _object(_verified(store, digest)), parts)


def blob(digest: Any) -> str:
    """The place of a blob.

    Raises:
        ArchiveError: It is no digest, or of an unknown kind.
    """
    algorithm, _, digits = digest.partition(":") if isinstance(digest, str) else ("", "", "")
    if algorithm not in _ALGORITHMS or not _is_hex(digits, _ALGORITHMS[algorithm]):
        raise ArchiveError("is damaged: it names a part by something that is no digest")
    return f"blobs/{algorithm}/{digits}"


def _verified(store: Store, digest: Any) -> Any:
    name = blob(digest)
    data = store.text(name)
    algorithm, _, digits = digest.partition(":")
    if hashlib.new(algorithm, data).hexdigest() != digits:
        raise ArchiveError(f"is damaged: the blob {short(digest)} has another content")
    return _parse(data, name)


def _is_attestation(descriptor: dict[str, Any]) -> bool:
    notes = descriptor.get("annotations")
    if isinstance(notes, dict) and _ATTESTATION in notes:
        return True
    platform = descriptor.get("platform")
    return isinstance(platform, dict) and platform.get("os") == "unknown" == platform.get("architecture")


def _names_of(descriptor: dict[str, Any]) -> list[str]:
    notes = descriptor.get("annotations")
    if not isinstance(notes, dict):
        return []
    for key in _NAMES:
        if isinstance(notes.get(key), str) and notes[key]:
            return [notes[key]]
    return []


def _limit_layers(layers: list[Any]) -> None:
    if len(layers) > MOST_LAYERS:
        raise ArchiveError(f"holds an image of more than {MOST_LAYERS} layers")


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and not text.strip("0123456789abcdef")


def _json(store: Store, name: str) -> Any:
    return _parse(store.text(name), name)


def _parse(data: bytes, name: str) -> Any:
    import json

    try:
        return json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise ArchiveError(f"is damaged: {name} is no JSON") from problem


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArchiveError("is damaged: JSON of an unexpected form")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ArchiveError("is damaged: JSON of an unexpected form")
    return value
