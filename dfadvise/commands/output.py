"""Writing to standard output and standard error: UTF-8 whatever the locale, and quiet when nobody reads on."""

from __future__ import annotations

import os
import sys
from time import sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, TextIO

_PAUSE = 0.01  # seconds until a reader that is behind is looked at again


class OutputError(Exception):
    """The output cannot be written; the text says where to and why."""


def write(text: str | bytes) -> None:
    """Write to standard output.

    Text is encoded as UTF-8; bytes that a file's text held as surrogates come out as they were read.

    Raises:
        OutputError: It cannot be written, but for a reader that has gone, which is no error.
    """
    stream = sys.stdout
    if stream is None or not text:
        return
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    try:
        buffer = getattr(stream, "buffer", None)
        if buffer is None:
            stream.write(data.decode("utf-8", "replace"))
        else:
            stream.flush()
            _write_all(buffer, data)
        stream.flush()
    except BrokenPipeError:
        _give_up(stream)
    except OSError as problem:
        _give_up(stream)
        raise OutputError(f"standard output cannot be written: {problem.strerror}") from problem


def _write_all(buffer: BinaryIO, data: bytes) -> None:
    """Write all of it, where Python writes without a buffer (`-u`) or the other end has made the pipe one that is
    never waited for: both take a part and call it done.
    """
    rest = memoryview(data)
    while rest:
        try:
            done = buffer.write(rest) or 0
        except BlockingIOError as problem:
            done = problem.characters_written
        rest = rest[done:]
        if rest and not done:
            sleep(_PAUSE)
    while True:
        try:
            buffer.flush()
            return
        except BlockingIOError:
            sleep(_PAUSE)


def complain(message: str) -> None:
    """Write one line to standard error, with the program's name in front."""
    note(f"dfadvise: {message}")


def note(text: str) -> None:
    """Write one line to standard error; nothing in it can steer a terminal."""
    stream = sys.stderr
    if stream is None:
        return
    from dfadvise.report.common import printable_lines

    try:
        stream.write(printable_lines(text) + "\n")
        stream.flush()
    except UnicodeEncodeError:
        stream.write(text.encode("ascii", "backslashreplace").decode() + "\n")
    except OSError:
        _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """Let what is still in the buffer go nowhere, so that the interpreter does not complain at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        return


def colored() -> bool:
    """Whether standard output is a terminal that shows colours, and NO_COLOR does not forbid them."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(sys.stdout)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def columns() -> int | None:
    """How wide the terminal behind standard output is; None when there is none."""
    if not is_terminal(sys.stdout):
        return None
    from shutil import get_terminal_size

    return get_terminal_size((120, 24)).columns


def deliver(text: str, path: str | None) -> None:
    """Write a report to standard output, or to a file.

    Args:
        text: The report.
        path: The file; None for standard output.

    Raises:
        OutputError: It cannot be written.
    """
    if path is None:
        write(text)
        return
    from dfadvise.writing import WriteError, write_new

    try:
        write_new(path, text.encode("utf-8", "surrogateescape"))
    except WriteError as problem:
        raise OutputError(f"{path} {problem}") from problem
