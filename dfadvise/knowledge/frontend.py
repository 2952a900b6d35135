"""What the Dockerfile frontend knows: which version a feature needs, and the arguments it sets by itself.

Source: the release notes and the reference of the Dockerfile frontend, read 2026-11-24.
"""

from __future__ import annotations

# feature: the first frontend that has it
NEEDS: dict[str, tuple[int, int]] = {
    "RUN --mount": (1, 2),
    "--chmod": (1, 2),
    "RUN --network": (1, 3),
    "heredoc": (1, 4),
    "--link": (1, 4),
    "ADD git": (1, 6),
    "ADD --checksum": (1, 6),
    "HEALTHCHECK --start-interval": (1, 6),
    "pattern expansion": (1, 7),  # ${v#p}, ${v%p}, ${v/p/r}
    "check directive": (1, 8),
    "secret env": (1, 10),
    "ONBUILD from": (1, 11),
    "symbolic --chmod": (1, 14),
    "RUN --device": (1, 14),
    "ADD --unpack": (1, 17),
    "--exclude": (1, 19),
    "--parents": (1, 20),
    "RUN --security": (1, 20),
}
# In the labs channel only.
LABS = frozenset(("RUN --device",))
# Without a `# syntax=` line the builder's own frontend is used; the first engine with BuildKit as default had this one.
DEFAULT: tuple[int, int] = (1, 4)
# A moving tag (`docker/dockerfile:1`) is the newest there is.
NEWEST: tuple[int, int] = (1, 1_000_000)

# Arguments that a build knows without a declaration in FROM, and in a stage once an ARG names them.
PLATFORM_ARGS = frozenset(
    f"{side}{what}" for side in ("BUILD", "TARGET") for what in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
# Arguments that need no declaration at all.
PREDEFINED_ARGS = frozenset(
    name
    for plain in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
    for name in (plain, plain.upper())
)

# How a source of ADD begins that is fetched from the network.
REMOTE = ("http://", "https://", "ftp://", "git://", "ssh://", "git@")


def is_remote(source: str) -> bool:
    """Whether a source of ADD is an address, and not a path in the context."""
    return source.lower().startswith(REMOTE)


def frontend_version(reference: str) -> tuple[int, int] | None:
    """The version of the frontend that a `# syntax=` line asks for.

    Args:
        reference: The image, as in `docker/dockerfile:1.7-labs`.

    Returns:
        Major and minor; NEWEST for a moving tag; None for other images and tags that are no version.
    """
    name, _, digest = reference.partition("@")
    name = name.removeprefix("docker.io/")
    if name in ("docker/dockerfile", "docker/dockerfile-upstream"):
        return None if digest else NEWEST
    name, colon, tag = name.rpartition(":")
    if not colon or name not in ("docker/dockerfile", "docker/dockerfile-upstream"):
        return None
    words = tag.split("-")
    if words[0] in ("latest", "labs"):
        return None if digest else NEWEST
    parts = words[0].split(".")
    if words[1:] not in ([], ["labs"]) or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    if any(len(part) > 6 for part in parts):
        return None
    if len(parts) == 1:
        return NEWEST if parts[0] == "1" and not digest else None
    return int(parts[0]), int(parts[1])


def is_labs(reference: str) -> bool:
    """Whether a `# syntax=` line asks for the labs channel."""
    tag = reference.partition("@")[0].rpartition(":")[2]
    return "labs" in tag.split("-")


def supported(feature: str, version: tuple[int, int], labs: bool = False) -> bool:
    """Whether a frontend has a feature.

    Args:
        feature: A key of NEEDS.
        version: The frontend's version.
        labs: Whether it is of the labs channel.
    """
    return version >= NEEDS[feature] and (labs or feature not in LABS)
