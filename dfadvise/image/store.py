"""Where the parts of an image archive are: in a directory, in a tar file, or in a stream that goes by once."""

from __future__ import annotations

import os
import stat
from posixpath import dirname, join, normpath

from dfadvise.image.stream import (
    BLOCK,
    CHUNK,
    PLAIN,
    ArchiveError,
    Buffered,
    Counted,
    Slice,
    compression_of,
    decompressed,
)
from dfadvise.image.tar import FILE, HARD_LINK, LINK, TarReader, looks_like_tar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from dfadvise.image.layer import Layer, Scanner
    from dfadvise.image.stream import Reader
    from dfadvise.image.tar import Budget

LARGEST_JSON = 4 << 20
MOST_JSON = 16 << 20  # that is read of one archive
MOST_HELD = 64 << 20  # of JSON that is held of a stream, where nobody knows yet what is needed
MOST_PARTS = 20_000
MOST_LINKS = 16

NO_ARCHIVE = "is no tar archive"


class Store:
    """The parts of an archive by name, as far as images are made of them.

    Layers are read when they are asked for, unless the archive goes by once: then all are, and one that cannot be
    read is only a problem when an image needs it.
    """

    __slots__ = ("_layers", "_room", "scanner")

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self._room = MOST_JSON
        self._layers: dict[str, Layer | ArchiveError] = {}

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        raise NotImplementedError

    def text(self, name: str) -> bytes:
        """The content of a small part.

        Raises:
            ArchiveError: There is none, it is not small, or there was too much already.
        """
        data = self._text(name)
        self._room -= len(data)
        if len(data) > LARGEST_JSON:
            raise ArchiveError(f"holds a {name} of more than {LARGEST_JSON >> 20} MiB")
        if self._room < 0:
            raise ArchiveError(f"holds more than {MOST_JSON >> 20} MiB of manifests and configurations")
        return data

    def _text(self, name: str) -> bytes:
        raise NotImplementedError

    def layer(self, name: str, algorithm: str = "sha256") -> Layer:
        """A layer, read once.

        Raises:
            ArchiveError: There is none, or it cannot be read.
        """
        key = self.key(name)
        found = self._layers.get(key)
        if found is None:
            found = self._layers[key] = self._scan(name, algorithm)
        if isinstance(found, ArchiveError):
            raise found
        return found

    def key(self, name: str) -> str:
        """What a name stands for, after links."""
        return name

    def forget(self, key: str) -> None:
        """Let go of a layer that nobody needs any more."""
        self._layers.pop(key, None)

    def _scan(self, name: str, algorithm: str) -> Layer:
        raise NotImplementedError


class DirectoryStore(Store):
    """The parts in a directory: an OCI layout, or an archive that was unpacked.

    Args:
        root: The directory; nothing outside of it is read, whatever links in it say.
        scanner: Reads layers.
        report: Gets the number of bytes as they are read.
    """

    __slots__ = ("_report", "_root")

    def __init__(self, root: str, scanner: Scanner, report: Callable[[int], None]) -> None:
        super().__init__(scanner)
        self._root = os.path.realpath(root)
        self._report = report

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return self._path(name) is not None

    def _text(self, name: str) -> bytes:
        with self._open(name) as file:
            return file.read(LARGEST_JSON + 1)

    def _scan(self, name: str, algorithm: str) -> Layer:
        with self._open(name) as file:
            return self.scanner.scan(Counted(file, self._report), algorithm)

    def _open(self, name: str) -> BinaryIO:
        path = self._path(name)
        if path is None:
            raise ArchiveError(f"holds no {name}")
        try:
            return open(path, "rb", buffering=0)
        except OSError as problem:
            raise ArchiveError(f"cannot be read: {name}: {problem.strerror}") from problem

    def _path(self, name: str) -> str | None:
        if not is_inside(name):
            return None
        path = os.path.realpath(os.path.join(self._root, *name.split("/")))
        if not path.startswith(os.path.join(self._root, "")):
            return None
        try:
            return path if stat.S_ISREG(os.stat(path).st_mode) else None
        except (OSError, ValueError):
            return None


class TarStore(Store):
    """The parts in a tar file that can be read anywhere.

    Args:
        file: The file.
        size: Its size.
        budget: What may be kept.
        scanner: Reads layers.
        report: Gets the number of bytes as they are read.

    Raises:
        ArchiveError: It is damaged or ends early.
    """

    __slots__ = ("_file", "_links", "_places", "_report")

    def __init__(
        self, file: BinaryIO, size: int, budget: Budget, scanner: Scanner, report: Callable[[int], None]
    ) -> None:
        super().__init__(scanner)
        self._file = file
        self._report = report
        self._places: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        file.seek(0)
        source = Buffered(Counted(file, lambda _: None), lambda ahead: file.seek(ahead, os.SEEK_CUR))
        for number, member in enumerate(TarReader(source, budget)):
            _limit(number)
            if member.kind == FILE:
                if source.at + member.stored > size:
                    raise ArchiveError("ends early")
                self._places[member.path] = (source.at, member.stored)
            elif member.kind in (LINK, HARD_LINK):
                self._links[member.path] = _goal(member.path, member.kind, member.link)

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return self.key(name) in self._places

    def key(self, name: str) -> str:
        """What a name stands for, after links."""
        return _follow(name, self._links)

    def _text(self, name: str) -> bytes:
        data = []
        reader = self._open(name)
        missing = LARGEST_JSON + 1
        while missing and (piece := reader.read(min(CHUNK, missing))):
            data.append(piece)
            missing -= len(piece)
        return b"".join(data)

    def _scan(self, name: str, algorithm: str) -> Layer:
        return self.scanner.scan(self._open(name), algorithm)

    def _open(self, name: str) -> Reader:
        place = self._places.get(self.key(name))
        if place is None:
            raise ArchiveError(f"holds no {name}")
        self._file.seek(place[0])
        return Slice(Counted(self._file, self._report), place[1])


class StreamStore(Store):
    """The parts of a tar archive that goes by once.

    Args:
        source: The archive, decompressed.
        budget: What may be kept.
        scanner: Reads layers.

    Raises:
        ArchiveError: It is damaged or ends early.
    """

    __slots__ = ("_links", "_texts")

    def __init__(self, source: Buffered, budget: Budget, scanner: Scanner) -> None:
        super().__init__(scanner)
        self._texts: dict[str, bytes] = {}
        self._links: dict[str, str] = {}
        room = MOST_HELD
        reader = TarReader(source, budget)
        for number, member in enumerate(reader):
            _limit(number)
            if member.kind in (LINK, HARD_LINK):
                self._links[member.path] = _goal(member.path, member.kind, member.link)
            if member.kind != FILE:
                continue
            data = reader.open()
            part = Buffered(data)
            head = part.peek(BLOCK)
            if head.lstrip()[:1] in (b"{", b"["):
                if member.stored <= min(LARGEST_JSON, room):
                    self._texts[member.path] = part.exactly(member.stored)
                    room -= member.stored
            elif compression_of(head) != PLAIN or looks_like_tar(head):
                try:
                    self._layers[member.path] = scanner.scan(part, _algorithm(member.path))
                except ArchiveError as problem:
                    self._layers[member.path] = problem
            while data.read(CHUNK):
                pass
        source.drain()

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        name = self.key(name)
        return name in self._texts or name in self._layers

    def _text(self, name: str) -> bytes:
        found = self._texts.get(self.key(name))
        if found is None:
            raise ArchiveError(f"holds no {name} that could be read")
        return found

    def key(self, name: str) -> str:
        """What a name stands for, after links."""
        return _follow(name, self._links)

    def _scan(self, name: str, algorithm: str) -> Layer:
        raise ArchiveError(f"holds no layer {name}")


def open_store(
    file: BinaryIO, budget: Budget, scanner: Scanner, report: Callable[[int], None]
) -> TarStore | StreamStore:
    """The parts of an archive in a file or a pipe.

    Args:
        file: The file, without a buffer of its own.
        budget: What may be kept.
        scanner: Reads layers.
        report: Gets the number of bytes as they are read.

    Raises:
        ArchiveError: It cannot be read.
    """
    source = Buffered(Counted(file, report))
    head = source.peek(BLOCK)
    if compression_of(head) == PLAIN:
        if not looks_like_tar(head):
            raise ArchiveError("is empty" if not head else NO_ARCHIVE)
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            return TarStore(file, status.st_size, budget, scanner, report)
        return StreamStore(source, budget, scanner)
    plain = Buffered(decompressed(source))
    if not looks_like_tar(plain.peek(BLOCK)):
        raise ArchiveError(NO_ARCHIVE)
    return StreamStore(plain, budget, scanner)


def is_inside(name: str) -> bool:
    """Whether a name that an archive gives leads to one of its own parts."""
    return bool(name) and "\\" not in name and "\0" not in name and not {"", ".", ".."} & set(name.split("/"))


def _algorithm(name: str) -> str:
    """The digest that a blob is known by."""
    parts = name.split("/")
    return parts[-2] if len(parts) > 2 and parts[-3] == "blobs" and parts[-2] in ("sha384", "sha512") else "sha256"


def _limit(number: int) -> None:
    if number >= MOST_PARTS:
        raise ArchiveError(f"holds more than {MOST_PARTS} parts, so it is no image archive")


def _goal(path: str, kind: str, link: str) -> str:
    return link if kind == HARD_LINK else normpath(join("/", dirname(path), link)).lstrip("/")


def _follow(name: str, links: dict[str, str]) -> str:
    for _ in range(MOST_LINKS):
        goal = links.get(name)
        if goal is None:
            break
        name = goal
    return name
