"""Bytes from where they are to where they are read: bounded, hashed, decompressed, never held as a whole."""

from __future__ import annotations

import hashlib
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Protocol

    class Reader(Protocol):
        """Anything that gives its bytes in pieces."""

        def read(self, size: int, /) -> bytes:
            """At most so many bytes; none at the end."""
            ...


CHUNK = 1 << 18
# A layer of many small members (eStargz) would copy the rest of a larger piece for each of them.
GZIP_PIECE = 1 << 14
BLOCK = 512

GZIP, ZSTD, PLAIN = "gzip", "zstd", "plain"
_MAGIC = (
    (b"\x1f\x8b", GZIP),
    (b"\x28\xb5\x2f\xfd", ZSTD),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)
NO_ZSTD = "is compressed with zstd, which takes Python 3.14 or the package zstandard (`pip install 'dfadvise[image]'`)"


class ArchiveError(Exception):
    """An archive that cannot be read; the text is one line, to be read behind the archive's name."""


class Slice:
    """The next bytes of another reader, so many of them."""

    __slots__ = ("_left", "_source")

    def __init__(self, source: Reader, size: int) -> None:
        self._source = source
        self._left = size

    def read(self, size: int, /) -> bytes:
        """At most so many bytes.

        Raises:
            ArchiveError: The other reader ends too early.
        """
        if not self._left:
            return b""
        data = self._source.read(min(size, self._left))
        if not data:
            raise ArchiveError("ends early")
        self._left -= len(data)
        return data


class Counted:
    """A reader that reports how many bytes went through."""

    __slots__ = ("_report", "_source")

    def __init__(self, source: Reader, report: Callable[[int], None]) -> None:
        self._source = source
        self._report = report

    def read(self, size: int, /) -> bytes:
        """At most so many bytes.

        Raises:
            ArchiveError: They cannot be read.
        """
        try:
            data = self._source.read(size)
        except OSError as problem:
            raise ArchiveError(f"cannot be read: {problem.strerror or problem}") from problem
        self._report(len(data))
        return data


class Hashed:
    """A reader that knows the digest and the number of the bytes that went through."""

    __slots__ = ("_hash", "_source", "size")

    def __init__(self, source: Reader, algorithm: str = "sha256") -> None:
        self._source = source
        self._hash = hashlib.new(algorithm)
        self.size = 0

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        data = self._source.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def digest(self) -> str:
        """The digest so far, as `sha256:...`."""
        return f"{self._hash.name}:{self._hash.hexdigest()}"


class Gunzip:
    """The content of gzip data, of all its members."""

    __slots__ = ("_engine", "_pending", "_source", "_started")

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._engine: Any = zlib.decompressobj(31)
        self._pending = b""
        self._started = False

    def read(self, size: int, /) -> bytes:
        """At most so many bytes.

        Raises:
            ArchiveError: The data is damaged or ends early.
        """
        while True:
            if self._engine.eof and not self._next_member():
                return b""
            piece = self._pending or self._source.read(GZIP_PIECE)
            if not piece:
                raise ArchiveError("is gzip data that ends early")
            try:
                data: bytes = self._engine.decompress(piece, size)
            except zlib.error as problem:
                raise ArchiveError("is damaged gzip data") from problem
            self._pending = self._engine.unconsumed_tail
            if data:
                return data

    def _next_member(self) -> bool:
        rest: bytes = self._engine.unused_data
        while True:
            rest = rest.lstrip(b"\0")
            if rest:
                break
            rest = self._source.read(GZIP_PIECE)
            if not rest:
                self._pending = b""
                return False
        self._engine = zlib.decompressobj(31)
        self._pending = rest
        return True


class Unzstd:
    """The content of zstd data, of all its frames."""

    __slots__ = ("_errors", "_stream")

    def __init__(self, source: Reader) -> None:
        self._stream, self._errors = _zstd(source)

    def read(self, size: int, /) -> bytes:
        """At most so many bytes.

        Raises:
            ArchiveError: The data is damaged or ends early.
        """
        try:
            data: bytes = self._stream.read(size)
        except ArchiveError:
            raise
        except self._errors as problem:
            raise ArchiveError("is damaged zstd data") from problem
        return data


def _zstd(source: Reader) -> tuple[Any, tuple[type[BaseException], ...]]:
    """A reader of zstd data, and what it raises on bad data.

    Raises:
        ArchiveError: Neither the standard library nor the package zstandard is there.
    """
    from importlib import import_module

    try:
        library = import_module("compression.zstd")
    except ImportError:
        pass
    else:
        return library.ZstdFile(source), (library.ZstdError, EOFError)
    try:
        library = import_module("zstandard")
    except ImportError:
        raise ArchiveError(NO_ZSTD) from None
    stream = library.ZstdDecompressor().stream_reader(source, read_size=CHUNK, read_across_frames=True)
    return stream, (library.ZstdError,)


class Buffered:
    """A reader that can look ahead, gives exact numbers of bytes, and skips.

    Attributes:
        at: How many bytes were taken.
    """

    __slots__ = ("_data", "_ended", "_place", "_seek", "_source", "at")

    def __init__(self, source: Reader, seek: Callable[[int], object] | None = None) -> None:
        self._source = source
        self._seek = seek
        self._data = b""
        self._place = 0
        self._ended = False
        self.at = 0

    def peek(self, size: int) -> bytes:
        """The next bytes without taking them; fewer at the end."""
        while len(self._data) - self._place < size and not self._ended:
            more = self._source.read(CHUNK)
            self._ended = not more
            self._data = self._data[self._place :] + more
            self._place = 0
        return self._data[self._place : self._place + size]

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        place = self._place
        if place == len(self._data):
            if self._ended:
                return b""
            self._data = self._source.read(CHUNK)
            self._ended = not self._data
            place = self._place = 0
        if place == 0 and len(self._data) <= size:
            data = self._data
        else:
            data = self._data[place : place + size]
        self._place = place + len(data)
        self.at += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        """So many bytes.

        Raises:
            ArchiveError: There are fewer.
        """
        data = self.read(size)
        if len(data) == size:
            return data
        parts = [data]
        missing = size - len(data)
        while missing:
            data = self.read(missing)
            if not data:
                raise ArchiveError("ends early")
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def pieces(self, size: int) -> Iterator[bytes]:
        """So many bytes, in pieces.

        Raises:
            ArchiveError: There are fewer.
        """
        while size:
            data = self.read(size)
            if not data:
                raise ArchiveError("ends early")
            size -= len(data)
            yield data

    def skip(self, size: int) -> None:
        """Leave out so many bytes.

        Raises:
            ArchiveError: There are fewer, as far as that can be told.
        """
        ready = len(self._data) - self._place
        if self._seek is not None and size > ready:
            self._seek(size - ready)
            self._place = len(self._data)
            self.at += size
            return
        for _ in self.pieces(size):
            pass

    def drain(self) -> None:
        """Leave out everything that is left."""
        while self.read(CHUNK):
            pass


def compression_of(head: bytes) -> str:
    """How data is compressed, by its first bytes: "gzip", "zstd", "bzip2", "xz", or "plain"."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    # A skippable frame of zstd: 0x184D2A50 to 0x184D2A5F, little endian.
    if len(head) > 3 and head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50:
        return ZSTD
    return PLAIN


def decompressed(source: Buffered) -> Reader:
    """What a reader holds, decompressed when it is compressed.

    Raises:
        ArchiveError: It is compressed in a way that images do not use, or zstd cannot be read here.
    """
    name = compression_of(source.peek(8))
    if name == PLAIN:
        return source
    if name == GZIP:
        return Gunzip(source)
    if name == ZSTD:
        return Unzstd(source)
    raise ArchiveError(f"is compressed with {name}, which images are not")
