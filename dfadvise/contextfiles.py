"""Files of a build context on disk, links followed as if its root were `/`: the ignore file, and any other."""

from __future__ import annotations

import os
import stat

LARGEST_TEXT = 1 << 20  # bytes
MOST_LINKS = 40  # as Linux has it


def find_ignore_file(dockerfile_path: str | None, context_root: str) -> str | None:
    """The ignore file that counts: `<Dockerfile>.dockerignore` beside the Dockerfile, else the root's own.

    Args:
        dockerfile_path: Where the Dockerfile is; None when it comes from elsewhere (standard input).
        context_root: The root of the build context.

    Returns:
        The path, or None when there is none. A link counts when it stays inside its folder, as in BuildKit.
    """
    if dockerfile_path is not None:
        folder, name = os.path.split(dockerfile_path)
        if _is_file(folder or ".", name + ".dockerignore"):
            return dockerfile_path + ".dockerignore"
    if _is_file(context_root, ".dockerignore"):
        return os.path.join(context_root, ".dockerignore").replace(os.sep, "/")
    return None


def _is_file(folder: str, name: str) -> bool:
    found = resolve(folder, name)
    return found is not None and stat.S_ISREG(found[1].st_mode)


def resolve(root: str, path: str) -> tuple[str, os.stat_result] | None:
    """Where a path inside a root leads, links followed as if the root were `/`: they never lead out.

    Returns:
        The path without links, relative to the root (empty for the root itself), and its status; None when
        there is nothing, or it cannot be reached.
    """
    todo = path.split("/")[::-1]
    done: list[str] = []
    links = 0
    try:
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                del done[-1:]
                continue
            here = "/".join((root, *done, part))
            if not stat.S_ISLNK(os.lstat(here).st_mode):
                done.append(part)
                continue
            links += 1
            if links > MOST_LINKS:
                return None
            target = os.readlink(here)
            if target.startswith("/"):
                done.clear()
            todo.extend(target.split("/")[::-1])
        return "/".join(done), os.lstat("/".join((root, *done))) if done else os.stat(root)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


def read_inside(root: str, path: str, limit: int = LARGEST_TEXT) -> str | None:
    """The text of a regular file inside a root, of at most `limit` bytes; None for all else.

    Bytes that are no UTF-8 become surrogates.
    """
    found = resolve(root, path)
    if found is None or not stat.S_ISREG(found[1].st_mode) or found[1].st_size > limit:
        return None
    # What stands there may be another file by now: never wait for a pipe, never follow a new link.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(f"{root}/{found[0]}", flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            data = file.read(limit + 1)
    except (OSError, ValueError):
        return None
    return data.decode("utf-8", "surrogateescape") if len(data) <= limit else None
