"""Which folder is a Dockerfile's build context: the one that was named, else the nearest that can be it."""

from __future__ import annotations

import os

from dfadvise import asked
from dfadvise.knowledge.frontend import is_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.context import BuildContext
    from dfadvise.stages import Dockerfile

KEPT = 16  # contexts; neighbours share one


class Contexts:
    """The contexts of many Dockerfiles; those with one root and one ignore file share a walk."""

    __slots__ = ("_pool",)

    def __init__(self) -> None:
        self._pool: dict[tuple[str, str | None], BuildContext] = {}

    def forget(self) -> None:
        """Look at the disk anew from now on."""
        self._pool.clear()

    def of(self, file: Dockerfile, place: str, named: str | None) -> BuildContext | None:
        """The context of a Dockerfile; None when it reads nothing from one, or none is found.

        Args:
            file: The Dockerfile.
            place: Where it is; `-` for one without a place on disk.
            named: The folder that the user named.
        """
        sources = read_from_context(file)
        if sources is None or (named is not None and not asked.is_folder(named)):
            return None
        on_disk = None if place == "-" else place
        if named is not None:
            return self._seen(named, on_disk, known=True)
        root = guess_root(place, sources)
        if root is None and on_disk is not None:
            # What a build makes is copied before it is there; an ignore file still says what the root is.
            folder = os.path.dirname(os.path.abspath(place))
            root = folder if asked.ignore_file(on_disk, folder) is not None else None
        return self._seen(root, on_disk, known=False) if root is not None else None

    def _seen(self, root: str, dockerfile_path: str | None, known: bool) -> BuildContext:
        from dfadvise.watched import WatchedContext

        return WatchedContext(self.shared(root, dockerfile_path), dockerfile_path, known)

    def shared(self, root: str, dockerfile_path: str | None) -> BuildContext:
        """The context that all Dockerfiles with this root and the same ignore file look at.

        Args:
            root: The folder.
            dockerfile_path: The Dockerfile that looks, beside which an ignore file may stand.
        """
        from dfadvise.context import BuildContext

        while len(self._pool) > KEPT:
            del self._pool[next(iter(self._pool))]
        key = (root, asked.ignore_file(dockerfile_path, root))
        if key not in self._pool:
            self._pool[key] = BuildContext(root, dockerfile_path)
        return self._pool[key]


def read_from_context(file: Dockerfile) -> list[str] | None:
    """The sources in the context whose names are fully known; None when nothing is read from the context."""
    from dfadvise.syntax.instructions import Copy, Run

    found: list[str] = []
    reads = False
    for instruction in file.instructions:
        if isinstance(instruction, Copy) and instruction.origin is None:
            for word in instruction.sources:
                value = instruction.expand(word.text)
                if instruction.keyword == "ADD" and is_remote(value or word.text):
                    continue
                reads = True
                if value and not any(char in value for char in "*?[\\"):
                    found.append(value)
        elif isinstance(instruction, Run):
            for mount in instruction.mounts:
                if mount.type == "bind" and "from" not in mount.options:
                    reads = True
    return found if reads else None


def guess_root(dockerfile_path: str, literal_sources: Iterable[str]) -> str | None:
    """The nearest folder that can be the Dockerfile's context: every literal COPY or ADD source exists in it.

    Args:
        dockerfile_path: Where the Dockerfile is; `-` has no context.
        literal_sources: The sources from the context that hold neither wildcards nor unknown variables.

    Returns:
        The Dockerfile's folder, or one above it up to the repository's root (the folder with `.git`); outside a
        repository only its own folder. None when no folder fits; the root of the file system never does.
    """
    if dockerfile_path == "-":
        return None
    try:
        folder = os.path.dirname(os.path.abspath(dockerfile_path))
    except OSError:  # the working directory is gone
        return None
    from dfadvise.context import inside

    sources = [inside(source) for source in dict.fromkeys(literal_sources)]
    for candidate in _candidates(folder):
        if all(asked.is_there(candidate, source) for source in sources):
            return candidate
    return None


def _candidates(folder: str) -> list[str]:
    """The folder and those above it, up to the repository's root; the folder alone outside a repository."""
    repository = asked.repository(folder)
    if folder == os.path.dirname(folder):
        return []
    found = [folder]
    while found[-1] != repository and repository != os.path.dirname(repository):
        found.append(os.path.dirname(found[-1]))
    return found
