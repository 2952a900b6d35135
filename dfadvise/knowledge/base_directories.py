"""The working directory in which base images leave off.

Source: the images' own build files (read 2026-11-24): these set no WORKDIR, so a container starts at the root.
"""

from __future__ import annotations

_AT_ROOT = frozenset(
    """scratch debian ubuntu alpine busybox fedora centos rockylinux almalinux oraclelinux amazonlinux archlinux
    opensuse/leap opensuse/tumbleweed buildpack-deps python node ruby nginx openjdk eclipse-temurin
    amazoncorretto""".split()
)


def starts_at_root(name: str) -> bool:
    """Whether an image is known to have no working directory of its own.

    Args:
        name: The normalised name.
    """
    return name in _AT_ROOT
