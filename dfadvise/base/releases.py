"""Whether the distribution below an image is a release or a later one, moving tags included.

Source: the images' own build files, read 2026-11-24. A tag that names a major version alone, as `node:20`, moves with
its image and stands on what that stood on when its series ended; one that names a patch release is frozen, and says
nothing.
"""

from __future__ import annotations

from dfadvise.knowledge.tags import version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dfadvise.base.bases import Base

# Tags of the distributions' own images that are the newest release, or beyond it.
_NEWEST = {
    "debian": ("", "latest", "stable", "stable-slim", "testing", "testing-slim", "unstable", "unstable-slim", "sid"),
    "ubuntu": ("", "latest", "rolling", "devel"),
    "alpine": ("", "latest", "edge", "3"),
    "fedora": ("", "latest", "rawhide"),
}
# Images whose moving tags stand on Debian 12 and Alpine 3.19 or later: how many numbers a moving tag has at most, and
# from which version on.
_MOVING: dict[str, tuple[int, tuple[int, ...]]] = {
    "node": (1, (18,)),
    "golang": (2, (1, 21)),
    "ruby": (2, (3, 1)),
    "php": (2, (8, 1)),
    "rust": (2, (1, 73)),
    "nginx": (2, (1, 26)),
    "httpd": (2, (2, 4)),
    "composer": (2, (2, 7)),
    "docker": (1, (26,)),
}
_MOVING_RELEASES = {"debian": (12,), "alpine": (3, 19)}
# Words of moving tags that are no version.
_WORDS = frozenset(
    """latest lts current stable mainline slim alpine fpm cli apache zts dind git rootless perl otel bookworm trixie
    iron jod krypton""".split()
)


def is_at_least(base: Base | None, least: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether the distribution below an image is known to be a release or a later one.

    Args:
        base: The image; None when it is not known.
        least: The release by family of distributions: {"debian": (12,), "alpine": (3, 19)}.

    Returns:
        False also when nothing is known.
    """
    family = base.distribution if base is not None else None
    wanted = least.get(family or "")
    if base is None or wanted is None or family is None or base.tag is None:
        return False
    if base.release:
        return version(base.release) >= wanted
    if base.name in _NEWEST:
        return base.tag in _NEWEST[base.name]
    known = _MOVING_RELEASES.get(family)
    return known is not None and known >= wanted and _moves(base.name, base.tag)


def _moves(name: str, tag: str) -> bool:
    """Whether a tag of an image moves, and has moved far enough."""
    if name not in _MOVING:
        return False
    most, least = _MOVING[name]
    words = tag.split("-") if tag else []
    numbers = version(words[0]) if words else ()
    if numbers:
        words = words[1:]
    # A short version is the newest that begins so: `rust:1` is the newest 1.x.
    return all(word in _WORDS for word in words) and len(numbers) <= most and numbers >= least[: len(numbers)]
