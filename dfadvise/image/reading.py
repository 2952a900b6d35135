"""From a path to what there is to say about the images in it."""

from __future__ import annotations

import os

from dfadvise.image import packages, secrets
from dfadvise.image.analysis import Analysis, Room, analyse
from dfadvise.image.layer import Probe, Scanner
from dfadvise.image.manifests import images_of
from dfadvise.image.store import DirectoryStore, open_store
from dfadvise.image.stream import ArchiveError
from dfadvise.image.tar import Budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.image.manifests import Image
    from dfadvise.image.store import Store
    from dfadvise.stages import Dockerfile

STDIN = "-"


def analyses_of(
    path: str,
    name: str | None = None,
    platform: str | None = None,
    file: Dockerfile | None = None,
    report: Callable[[int], None] = lambda _: None,
    keep: bool = False,
) -> tuple[list[Analysis], list[str]]:
    """Find out about the images of an archive.

    Args:
        path: A tar file of `docker save` or in OCI layout, a directory in OCI layout, or `-` for standard input.
        name: The one image to look at, by name with or without tag, or by the beginning of its id; all when None.
        platform: The one platform, such as `linux/arm64`; all when None.
        file: The Dockerfile that they were built from.
        report: Gets the number of bytes as they are read.
        keep: Whether to keep what is stored where, for questions about single paths and packages.

    Returns:
        What was found out, and what is wrong with images that cannot be read.

    Raises:
        ArchiveError: The archive cannot be read, or holds no such image.
    """
    budget = Budget()
    look = secrets.Look()
    probes = [
        Probe(packages.wants, packages.takes, packages.weight),
        Probe(look.wants, secrets.takes, lambda kind: 100 + len(kind)),
    ]
    scanner = Scanner(budget, probes)
    if path != STDIN and os.path.isdir(path):
        found, problems = _from(DirectoryStore(path, scanner, report), name, platform, file, keep)
    else:
        try:
            with open(0 if path == STDIN else path, "rb", buffering=0, closefd=path != STDIN) as source:
                found, problems = _from(open_store(source, budget, scanner, report), name, platform, file, keep)
        except OSError as problem:
            raise ArchiveError(f"cannot be read: {problem.strerror or problem}") from problem
    for analysis in found:
        if scanner.room < 0:
            analysis.notes.append("the package databases are too large to be held, so packages are missing")
        if look.room < 0:
            analysis.notes.append(f"only {secrets.MOST >> 30} GiB of text was searched for secrets")
    return found, problems


def _from(
    store: Store, name: str | None, platform: str | None, file: Dockerfile | None, keep: bool
) -> tuple[list[Analysis], list[str]]:
    images, problems = images_of(store)
    chosen = _chosen(images, name, platform)
    uses: dict[str, int] = {}
    for image in chosen:
        for part in image.parts:
            key = store.key(part.name)
            uses[key] = uses.get(key, 0) + 1

    def done(name: str) -> None:
        key = store.key(name)
        uses[key] -= 1
        if not uses[key]:
            store.forget(key)

    room = Room()
    found: list[Analysis] = []
    for image in chosen:
        try:
            found.append(analyse(store, image, file, room, done, keep))
        except ArchiveError as problem:
            problems.append(str(problem))
    return found, problems


def _chosen(images: list[Image], name: str | None, platform: str | None) -> list[Image]:
    found = [image for image in images if name is None or image.is_called(name)]
    if name is not None and not found:
        known = ", ".join([each for image in images for each in (image.names or [image.name])][:10])
        raise ArchiveError(f"holds no image called {name}" + (f", but {known}" if known else ""))
    if platform is None:
        return found
    matching = [image for image in found if image.platform == platform or image.platform.startswith(platform + "/")]
    if not matching:
        known = ", ".join(sorted({image.platform for image in found if image.platform})[:10])
        raise ArchiveError(f"holds no image for {platform}" + (f", but for {known}" if known else ""))
    return matching
