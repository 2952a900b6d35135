"""Replacing files: whole or not at all, with mode and owner kept, and never what someone else has changed."""

from __future__ import annotations

import errno
import os
import stat

from dfadvise.discovery import repository_of

PREFIX = ".dfadvise-"


class WriteError(Exception):
    """A file that is not written; the text is what is in the way, to be read behind the file's name."""


def replace(path: str, old: bytes, new: bytes) -> None:
    """Put new content in the place of a file, atomically.

    The content goes to a new file in the same folder, which then takes the name; whoever reads sees the old or the
    new content, never half. A link is followed to its file when that lies in the same working tree.

    Args:
        path: The file.
        old: What was read from it.
        new: The new content.

    Raises:
        WriteError: The file is not as it was read, may not be written, or cannot keep its mode and owner.
    """
    real = _real(path)
    try:
        status = os.stat(real)
        with open(real, "rb") as file:
            held = file.read(len(old) + 1)
    except OSError as problem:
        raise WriteError(_reason(problem)) from problem
    if not stat.S_ISREG(status.st_mode):
        raise WriteError("is not a regular file")
    if held != old:
        raise WriteError("has changed since it was read")
    if not os.access(real, os.W_OK):
        raise WriteError("is read-only")
    if new != old:
        _swap(real, new, status)


def write_new(path: str, data: bytes) -> None:
    """Write a file that someone asked for by name, such as a report; an old one is replaced atomically.

    Args:
        path: The file; what is no regular file (a terminal, a pipe) is written to as it is.
        data: The content.

    Raises:
        WriteError: It cannot be written.
    """
    try:
        real = os.path.realpath(path)
        if os.path.isfile(real):
            if not os.access(real, os.W_OK):
                raise WriteError("is read-only")
            try:
                _swap(real, data, os.stat(real))
                return
            except WriteError:
                # A folder that takes no new files may hold one that can be written.
                pass
        with open(path, "wb") as file:
            file.write(data)
    except OSError as problem:
        raise WriteError(_reason(problem)) from problem


def create(folder: str, name: str, data: bytes) -> None:
    """Write a file that does not exist yet.

    Args:
        folder: The folder.
        name: The path in it, with `/` between folders.
        data: The content.

    Raises:
        WriteError: There is such a file, the name leads out of the folder, or it cannot be written.
    """
    parts = name.split("/")
    if "\\" in name or not all(parts) or ".." in parts or "." in parts:
        raise WriteError("does not name a file in the folder")
    path = os.path.join(folder, *parts)
    root = os.path.join(os.path.realpath(folder), "")
    if not os.path.join(os.path.realpath(os.path.dirname(path)), "").startswith(root):
        raise WriteError("leads out of the folder")
    try:
        # O_EXCL takes a link for a file, wherever it leads.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except OSError as problem:
        raise WriteError(_reason(problem)) from problem
    try:
        with open(handle, "wb") as file:
            file.write(data)
            _flush(file.fileno())
    except OSError as problem:
        os.unlink(path)
        raise WriteError(_reason(problem)) from problem


def _real(path: str) -> str:
    """The file behind a path.

    Raises:
        WriteError: The path is a link that leads out of the working tree.
    """
    if not os.path.islink(path):
        return path
    folder, real = os.path.realpath(os.path.dirname(path) or "."), os.path.realpath(path)
    root = repository_of(folder)
    if root == os.path.dirname(root):
        # Outside a repository the folder alone is the tree.
        root = folder
    if not real.startswith(os.path.join(root, "")):
        raise WriteError("is a link that leads out of the working tree")
    return real


def _swap(path: str, data: bytes, status: os.stat_result) -> None:
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f"{PREFIX}{os.getpid()}-{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(temporary, flags, 0o600)
    except OSError as problem:
        raise WriteError(_reason(problem)) from problem
    try:
        with open(handle, "wb") as file:
            file.write(data)
            _keep(file.fileno(), temporary, path, status)
            _flush(file.fileno())
        os.replace(temporary, path)
    except BaseException as problem:
        os.unlink(temporary)
        if isinstance(problem, OSError):
            raise WriteError(_reason(problem)) from problem
        raise


def _keep(handle: int, temporary: str, path: str, status: os.stat_result) -> None:
    """Give a new file the owner, the mode and the extended attributes (access lists, labels) of another."""
    if hasattr(os, "fchown"):
        made = os.fstat(handle)
        if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
            try:
                os.fchown(handle, status.st_uid, status.st_gid)
            except OSError as problem:
                raise WriteError("belongs to someone else, and would not any more") from problem
    # After the owner: changing that takes set-user-id bits away.
    os.chmod(temporary, stat.S_IMODE(status.st_mode))
    if hasattr(os, "listxattr"):
        try:
            for name in os.listxattr(path):
                os.setxattr(handle, name, os.getxattr(path, name))
        except OSError:
            # Not every file system has them, and not every user may set them.
            return


def _flush(handle: int) -> None:
    """Have the content on the disk before the name points to it."""
    try:
        os.fsync(handle)
    except OSError as problem:
        # Some file systems know no such thing.
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _reason(problem: OSError) -> str:
    if isinstance(problem, FileExistsError):
        return "exists already"
    return f"cannot be written: {problem.strerror or problem}"
