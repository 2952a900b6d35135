"""Texts as files for a program that we start, out of everybody else's reach.

They are in memory where a system has that (Linux), since a folder can take a millisecond, and stays behind when we are
killed. `tempfile` would make the folder as well, but importing it takes most of the time that ShellCheck takes.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VARIABLES = ("TMPDIR", "TEMP", "TMP")
_FOLDERS = ("/tmp", "/var/tmp", "/usr/tmp")
_LAST_STREAM = 2


class Passed:
    """Some files, until they are closed.

    Args:
        contents: What is in each of them.
        in_memory: Whether they may be in memory; a program that is behind another one may not find them there.

    Raises:
        OSError: There is no place for them.

    Attributes:
        paths: Their absolute paths, which hold in a program that was started meanwhile.
        in_memory: Whether they are in memory.
    """

    __slots__ = ("_folder", "_handles", "in_memory", "paths")

    def __init__(self, contents: Iterable[bytes], in_memory: bool = True) -> None:
        contents = list(contents)
        self.paths: list[str] = []
        self._handles: list[int] = []
        self._folder: str | None = None
        try:
            self.in_memory = in_memory and self._keep(contents)
            if not self.in_memory:
                self._write(contents)
        except BaseException:
            self.close()
            raise

    def _keep(self, contents: list[bytes]) -> bool:
        make = getattr(os, "memfd_create", None)
        if make is None:
            return False
        try:
            for content in contents:
                # Without the flag that closes it in what is started.
                handle = make("dfadvise", 0)
                self._handles.append(handle)
                # A stream of ours was closed, and the program's own will be in its place.
                if handle <= _LAST_STREAM or os.write(handle, content) != len(content):
                    break
            else:
                self.paths = [f"/proc/self/fd/{handle}" for handle in self._handles]
                return True
        except OSError:
            pass
        self.close()
        return False

    def _write(self, contents: list[bytes]) -> None:
        self._folder = _made()
        for number, content in enumerate(contents):
            self.paths.append(os.path.join(self._folder, str(number)))
            with open(self.paths[-1], "xb") as file:
                file.write(content)

    def close(self) -> None:
        """Let them go; what cannot be removed stays."""
        while self._handles:
            os.close(self._handles.pop())
        if self._folder is None:
            return
        for path in self.paths:
            try:
                os.unlink(path)
            except OSError:
                continue
        try:
            os.rmdir(self._folder)
        except OSError:
            return
        finally:
            self._folder = None


def _made() -> str:
    """A new folder that only this user can look into."""
    problem: OSError | None = None
    for place in _places():
        # Nobody can lay a trap under a name that nobody guesses; one that is taken all the same is not used.
        path = os.path.join(place, f"dfadvise-{os.urandom(8).hex()}")
        try:
            os.mkdir(path, 0o700)
        except OSError as met:
            problem = problem or met
        else:
            return path
    raise problem or FileNotFoundError("no folder for temporary files")


def _places() -> Iterator[str]:
    """Where temporary files may be, the best place first."""
    for name in _VARIABLES:
        if os.environ.get(name):
            yield os.path.abspath(os.environ[name])
    if os.name != "nt":
        yield from _FOLDERS
        return
    from tempfile import gettempdir

    yield gettempdir()
