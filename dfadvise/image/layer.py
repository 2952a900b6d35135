"""One layer as a list of what it holds, read in a single pass: paths, sizes, digests of contents, finds of probes."""

from __future__ import annotations

import hashlib

from dfadvise.image.stream import ArchiveError, Buffered, Hashed, decompressed
from dfadvise.image.tar import FILE, TarReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dfadvise.image.stream import Reader
    from dfadvise.image.tar import Budget, Member

    # Says how many bytes of a file to keep for it; 0 for a file that does not matter.
    Wants = Callable[[str, int], int]
    Takes = Callable[[str, bytes], Any]

CONTENT = 16  # bytes of a digest that are kept
MOST_FOUND = 200 << 20  # bytes, roughly, of what probes remember


class Entry:
    """A member of a layer.

    Attributes:
        path: As `tar.Member.path`.
        kind: As `tar.Member.kind`.
        size: Bytes of a file.
        access: (mode, uid, gid, capabilities), shared between entries.
        link: Where a link leads; empty for all else.
        content: The beginning of the content's digest; None for all but files.
    """

    __slots__ = ("access", "content", "kind", "link", "path", "size")

    def __init__(
        self, path: str, kind: str, size: int, access: tuple[int, int, int, bool], link: str, content: bytes | None
    ) -> None:
        self.path = path
        self.kind = kind
        self.size = size
        self.access = access
        self.link = link
        self.content = content


class Probe:
    """Something that looks into files while they go by.

    Args:
        wants: Gets the path and the size of a file, says how many bytes of it to hand over; 0 for none.
        takes: Gets the path and those bytes, says what to remember; None for nothing.
        weight: Says how many bytes that takes, roughly.
    """

    __slots__ = ("takes", "wants", "weight")

    def __init__(self, wants: Wants, takes: Takes, weight: Callable[[Any], int]) -> None:
        self.wants = wants
        self.takes = takes
        self.weight = weight


class Layer:
    """A layer that was read.

    Attributes:
        entries: Its members, in order.
        size: Σ sizes of its files.
        diff_id: The digest of the archive, decompressed.
        digest: The digest as it is stored.
        stored: Its size as it is stored.
        found: What each probe remembers, by path.
    """

    __slots__ = ("diff_id", "digest", "entries", "found", "size", "stored")

    def __init__(self, probes: int) -> None:
        self.entries: list[Entry] = []
        self.size = 0
        self.diff_id = ""
        self.digest = ""
        self.stored = 0
        self.found: list[dict[str, Any]] = [{} for _ in range(probes)]


class Scanner:
    """Reads layers.

    Args:
        budget: What may be kept.
        probes: What looks into files.

    Attributes:
        room: How much probes may still remember; below 0 when something was left out.
    """

    __slots__ = ("_access", "_budget", "_empty", "_probes", "room")

    def __init__(self, budget: Budget, probes: list[Probe]) -> None:
        self.room = MOST_FOUND
        self._budget = budget
        self._probes = probes
        self._access: dict[tuple[int, int, int, bool], tuple[int, int, int, bool]] = {}
        self._empty = hashlib.sha256().digest()[:CONTENT]

    def scan(self, source: Reader, algorithm: str = "sha256") -> Layer:
        """Read a layer to its end.

        Args:
            source: The layer as it is stored.
            algorithm: The digest that it is known by.

        Raises:
            ArchiveError: It cannot be read.
        """
        layer = Layer(len(self._probes))
        outer = Hashed(source, algorithm)
        raw = Buffered(outer)
        plain = decompressed(raw)
        if plain is raw and algorithm == "sha256":
            inner, archive = outer, raw
        else:
            inner = Hashed(plain)
            archive = Buffered(inner)
        reader = TarReader(archive, self._budget)
        for member in reader:
            self._add(layer, member, reader)
        archive.drain()
        raw.drain()
        layer.diff_id = inner.digest()
        layer.digest, layer.stored = outer.digest(), outer.size
        return layer

    def _add(self, layer: Layer, member: Member, reader: TarReader) -> None:
        access = (member.mode, member.uid, member.gid, member.capable)
        access = self._access.setdefault(access, access)
        content = self._read(layer, member, reader) if member.kind == FILE else None
        layer.size += member.size
        layer.entries.append(Entry(member.path, member.kind, member.size, access, member.link, content))

    def _read(self, layer: Layer, member: Member, reader: TarReader) -> bytes:
        if not member.stored:
            return self._empty
        limits = [probe.wants(member.path, member.size) for probe in self._probes]
        most = max(limits, default=0)
        digest = hashlib.sha256()
        parts: list[bytes] = []
        missing = most
        for piece in reader.data():
            digest.update(piece)
            if missing:
                parts.append(piece[:missing])
                missing -= len(parts[-1])
        kept = b"".join(parts)
        for number, limit in enumerate(limits):
            if limit:
                probe = self._probes[number]
                found = probe.takes(member.path, kept[:limit])
                if found is None:
                    continue
                self.room -= probe.weight(found)
                if self.room >= 0:
                    layer.found[number][member.path] = found
        return digest.digest()[:CONTENT]


def expect(layer: Layer, diff_id: str | None, digest: str | None) -> None:
    """Hold a layer against the digests that it should have.

    Args:
        layer: The layer.
        diff_id: That of its decompressed archive; None when nobody says.
        digest: That of what is stored; None when nobody says.

    Raises:
        ArchiveError: It has others.
    """
    if digest is not None and digest != layer.digest:
        raise ArchiveError(f"is damaged: the layer {short(digest)} has the content of {short(layer.digest)}")
    if diff_id is not None and diff_id.startswith("sha256:") and diff_id != layer.diff_id:
        raise ArchiveError(f"is damaged: the layer {short(diff_id)} has the content of {short(layer.diff_id)}")


def short(digest: str) -> str:
    """A digest as people read it: the first twelve digits."""
    return digest.partition(":")[2][:12] or digest[:12]
