"""From the path of an archive to the image in it that was built from a Dockerfile."""

from __future__ import annotations

from dfadvise.image.reading import analyses_of
from dfadvise.image.stream import ArchiveError
from dfadvise.measuring.built import Built, MisfitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.stages import Dockerfile


def built_from(
    path: str,
    file: Dockerfile,
    name: str | None = None,
    platform: str | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> Built:
    """Find the image that was built from a Dockerfile.

    Args:
        path: As for `image.reading.analyses_of`.
        file: The Dockerfile.
        name: The one image to look at; any that fits when None.
        platform: The one platform, such as `linux/arm64`; any when None.
        report: Gets the number of bytes as they are read.

    Raises:
        MisfitError: The archive cannot be read, none of its images was built from the file, or several were.
    """
    try:
        analyses, problems = analyses_of(path, name, platform, file, report, keep=True)
    except ArchiveError as problem:
        raise MisfitError(str(problem)) from problem
    found: list[Built] = []
    reasons = list(problems)
    for analysis in analyses:
        try:
            found.append(Built(analysis, file))
        except MisfitError as problem:
            reasons.append(str(problem))
    if not found:
        more = f" (the first of {len(reasons)} images)" if len(reasons) > 1 else ""
        raise MisfitError(f"{reasons[0]}{more}" if reasons else f"does not fit {file.source.path}")
    if len(found) > 1:
        names = ", ".join(each.analysis.image.name for each in found[:5])
        raise MisfitError(f"holds several images that fit {file.source.path}; --image-name takes one: {names}")
    return found[0]
