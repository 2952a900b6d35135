"""Smaller relatives of base images, and images that hold a toolchain.

Sizes are compressed, amd64, from the official images' published layer lists (builds of July to September 2026); sizes
with `about` are vendors' round figures. Collected 2026-11-24. Sizes that nobody measured are None.
"""

from __future__ import annotations

from dfadvise.knowledge.dates import SIZES
from dfadvise.knowledge.distributions import distribution as distribution
from dfadvise.knowledge.distributions import managers as managers
from dfadvise.knowledge.distributions import release as release
from dfadvise.knowledge.distributions import shell as shell
from dfadvise.knowledge.distributions import system as system
from dfadvise.knowledge.tags import DEBIAN_SUITES, NODE_CODENAMES, UBUNTU_SUITES, version
from dfadvise.knowledge.tags import normalise as normalise

SIZES_DATE = SIZES


class Sibling:
    """A smaller image of the same family, version, suite and C library.

    Args:
        name: The normalised name, as given.
        tag: Its tag.
        size: Bytes of the image in use, compressed; None when unknown.
        sibling_size: Bytes of the sibling; None when unknown.
        measured: The image the sizes were taken of.
    """

    __slots__ = ("date", "measured", "name", "sibling_size", "size", "tag")

    def __init__(
        self, name: str, tag: str, size: int | None = None, sibling_size: int | None = None, measured: str = ""
    ) -> None:
        self.name = name
        self.tag = tag
        self.size = size
        self.sibling_size = sibling_size
        self.measured = measured
        self.date = SIZES_DATE

    @property
    def saved(self) -> int | None:
        """Bytes between the two; None when one of them is unknown."""
        return None if self.size is None or self.sibling_size is None else self.size - self.sibling_size

    def __repr__(self) -> str:
        return f"Sibling({self.name}:{self.tag})"


class Alternative:
    """A still smaller image of another kind: advice, never a fix.

    Args:
        kind: "alpine" or "distroless"; CHANGES says what must change in a file for each.
        image: The image with its tag.
        size: Bytes, compressed; None when unknown.
        about: Whether the size is a round figure.
    """

    __slots__ = ("about", "image", "kind", "size")

    def __init__(self, kind: str, image: str, size: int | None, about: bool = False) -> None:
        self.kind = kind
        self.image = image
        self.size = size
        self.about = about

    def __repr__(self) -> str:
        return f"Alternative({self.image})"


class BuildImage:
    """An image that holds a toolchain which the built program runs without.

    Args:
        ecosystem: The name of its row in ecosystems; None when it has none.
        runtime: What runs the product, for people to read.
        size: Bytes of the toolchain image, compressed; None when unknown.
        runtime_size: Bytes of what runs the product; None when unknown.
        about: Whether `runtime_size` is a round figure.
    """

    __slots__ = ("about", "ecosystem", "runtime", "runtime_size", "size")

    def __init__(
        self,
        ecosystem: str | None,
        runtime: str,
        size: int | None = None,
        runtime_size: int | None = None,
        about: bool = False,
    ) -> None:
        self.ecosystem = ecosystem
        self.runtime = runtime
        self.size = size
        self.runtime_size = runtime_size
        self.about = about

    def __repr__(self) -> str:
        return f"BuildImage({self.runtime})"


# name: (full, slim, the image measured)
_SLIM_SIZES: dict[str, tuple[int | None, int | None, str]] = {
    "python": (410_900_000, 43_200_000, "python:3.12"),
    "node": (408_500_000, 79_900_000, "node:22"),
    "ruby": (None, 85_200_000, "ruby:3.4"),
    "perl": (None, None, ""),
}
_DEBIAN_SIZES = {"trixie": (49_300_000, 29_800_000), "bookworm": (48_500_000, 28_200_000)}
_DEBIAN_MOVING = ("stable", "oldstable", "oldoldstable", "testing", "unstable", "sid")
_TEMURIN_SIZES = (230_100_000, 121_100_000, "eclipse-temurin:21")
_NODE_WORDS = frozenset(("latest", "lts", "current", *NODE_CODENAMES))


def measured() -> list[tuple[str, int]]:
    """(image, compressed bytes) of every image of the official registry whose size is in the tables of siblings."""
    found = [(f"debian:{suite}{end}", size) for suite, both in _DEBIAN_SIZES.items() for end, size in _both(both)]
    for full, slim, image in _SLIM_SIZES.values():
        found += [(f"{image}{end}", size) for end, size in _both((full, slim))]
    return found


def _both(sizes: tuple[int | None, int | None]) -> list[tuple[str, int]]:
    return [(end, size) for end, size in zip(("", "-slim"), sizes, strict=True) if size is not None]


# Major versions for which distroless publishes images on Debian 13.
_DISTROLESS_NODE = (22, 24, 26)
_DISTROLESS_JAVA = (17, 21, 25)

# What must change in a file that moves to the kind of base.
CHANGES = {
    "alpine": (
        "musl instead of glibc: wheels and native modules may have to be compiled",
        "programs built for glibc do not start",
        "BusyBox tools instead of GNU's, apk instead of apt",
    ),
    "distroless": (
        "no shell: CMD, ENTRYPOINT and HEALTHCHECK in exec form",
        "no package manager and no RUN after the switch: everything is copied in",
        "`nonroot` is user 65532",
    ),
}

_BUILD_IMAGES = {
    "golang": BuildImage("go", "scratch or gcr.io/distroless/static", 312_300_000, 2_000_000, True),
    "rust": BuildImage("rust", "debian:{suite}-slim or gcr.io/distroless/cc", None, 29_800_000, True),
    "gcc": BuildImage("c", "debian:{suite}-slim or gcr.io/distroless/cc"),
    "buildpack-deps": BuildImage("c", "debian:{suite}-slim or gcr.io/distroless/cc"),
    "maven": BuildImage("java", "eclipse-temurin:{version}-jre"),
    "gradle": BuildImage("java", "eclipse-temurin:{version}-jre"),
    "sbtscala/scala-sbt": BuildImage("java", "eclipse-temurin:{version}-jre"),
    "hseeberger/scala-sbt": BuildImage("java", "eclipse-temurin:{version}-jre"),
    "composer": BuildImage("php", "php:{version}"),
    "haskell": BuildImage(None, "debian:{suite}-slim"),
    "swift": BuildImage(None, "swift:{version}-slim"),
    "mcr.microsoft.com/dotnet/sdk": BuildImage("dotnet", "mcr.microsoft.com/dotnet/aspnet or runtime"),
}
_RUST_SLIM = BuildImage("rust", "debian:{suite}-slim or gcr.io/distroless/cc", 319_100_000, 29_800_000, True)


def smaller_sibling(name: str, tag: str | None) -> Sibling | None:
    """The smaller image of the same family, version, suite and C library.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.

    Returns:
        None when there is none: the image is slim already, stands on Alpine or Windows, or is not in the table.
    """
    if tag is None:
        return None
    words = (tag or "latest").split("-")
    if name in _SLIM_SIZES:
        slim = _slim(name, words)
        return Sibling(name, slim, *_SLIM_SIZES[name]) if slim else None
    if name == "debian":
        return _debian(words)
    if name == "eclipse-temurin":
        return _temurin(words)
    if name in ("nvidia/cuda", "nvcr.io/nvidia/cuda") and words.count("devel") == 1:
        return Sibling(name, "-".join("runtime" if word == "devel" else word for word in words))
    return None


def build_image(name: str, tag: str | None) -> BuildImage | None:
    """The toolchain that an image holds, when its product runs without it.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    if name == "rust" and tag and "slim" in tag.split("-"):
        return _RUST_SLIM
    return _BUILD_IMAGES.get(name)


def alternatives(name: str, tag: str | None) -> tuple[Alternative, ...]:
    """Smaller images of another kind: for people to weigh, never for a fix.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    if tag is None or distribution(name, tag) not in ("debian", "ubuntu"):
        return ()
    first = (tag or "latest").partition("-")[0]
    number = first if version(first) else ""
    dash = f"{number}-" if number else ""
    if name == "python":
        return (
            Alternative("alpine", f"python:{dash}alpine", 18_000_000),
            Alternative("distroless", "gcr.io/distroless/python3-debian13", 50_000_000, True),
        )
    if name == "node":
        plain = number or (first if first in ("lts", "current") else NODE_CODENAMES.get(first, ""))
        alpine = Alternative("alpine", f"node:{plain}-alpine" if plain else "node:alpine", 60_700_000)
        return alpine, *_distroless("nodejs", plain, _DISTROLESS_NODE, 50_000_000)
    if name == "golang":
        return (
            Alternative("alpine", f"golang:{dash}alpine", 71_400_000),
            Alternative("distroless", "gcr.io/distroless/static-debian13", 2_000_000, True),
        )
    if name == "eclipse-temurin" and number:
        build = (tag or "").split("-")[1:2]  # 8u402-b06
        exact = f"{number}-{build[0]}" if build and build[0][:1] == "b" and build[0][1:].isdigit() else number
        alpine = Alternative("alpine", f"eclipse-temurin:{exact}-jre-alpine", 74_100_000)
        return alpine, *_distroless("java", number, _DISTROLESS_JAVA, None)
    if name == "php":
        kind = next((word for word in tag.split("-") if word in ("cli", "fpm", "zts")), "cli")
        return (Alternative("alpine", f"php:{dash}{kind}-alpine", 44_100_000 if kind == "cli" else None),)
    if name == "nginx":
        return (Alternative("alpine", f"nginx:{dash}alpine-slim", 5_700_000),)
    if name in ("debian", "ubuntu"):
        return (Alternative("distroless", "gcr.io/distroless/base-debian13", 20_000_000, True),)
    return ()


def _distroless(runtime: str, number: str, known: tuple[int, ...], size: int | None) -> tuple[Alternative, ...]:
    """The distroless image of a runtime's major version, where it is published."""
    major = version(number)[:1]
    if not major or major[0] not in known:
        return ()
    return (Alternative("distroless", f"gcr.io/distroless/{runtime}{major[0]}-debian13", size, size is not None),)


def _slim(name: str, words: list[str]) -> str:
    """The slim tag: `X-slim-SUITE` for python, ruby and perl, `X-SUITE-slim` for node."""
    suites = [word for word in words if word in DEBIAN_SUITES]
    heads = [word for word in words if word not in DEBIAN_SUITES]
    if len(suites) > 1 or (suites and words[-1] != suites[0]):
        return ""
    head = "-".join(heads)
    if heads and not _is_head(name, heads):
        return ""
    if name == "node":
        parts = [head, *suites, "slim"]
    else:
        parts = [head, "slim", *suites]
    return "-".join(part for part in parts if part and part != "latest")


def _is_head(name: str, heads: list[str]) -> bool:
    if len(heads) == 2 and name in ("python", "ruby"):
        return bool(version(heads[0])) and heads[1] in ("rc", "preview1", "preview2", "preview3")
    if len(heads) != 1:
        return False
    return bool(version(heads[0])) or heads[0] == "latest" or (name == "node" and heads[0] in _NODE_WORDS)


def _debian(words: list[str]) -> Sibling | None:
    first, dated = words[0], words[1:]
    if len(dated) > 1 or (dated and not (dated[0].isdigit() and len(dated[0]) == 8)):
        return None
    if first not in DEBIAN_SUITES and first not in _DEBIAN_MOVING and not version(first):
        return None
    suites = {number: suite for suite, number in DEBIAN_SUITES.items()}
    suite = first if first in DEBIAN_SUITES else suites.get(first.partition(".")[0], "")
    size, slim = _DEBIAN_SIZES.get(suite, (None, None))
    return Sibling("debian", "-".join([*words, "slim"]), size, slim, f"debian:{suite}" if size else "")


def _temurin(words: list[str]) -> Sibling | None:
    number = version(words[0].replace("u", "."))
    if not number or (number[0] not in (8, 11) and number[0] < 17) or "jre" in words:
        return None
    at = words.index("jdk") if "jdk" in words else 0
    system = words[at + 1 :]
    if system and system[0] not in UBUNTU_SUITES and not system[0].startswith(("alpine", "ubi")):
        return None
    tag = "-".join([*words[:at], "jre", *system]) if at else "-".join([words[0], "jre", *system])
    plain = not system or system[0] in UBUNTU_SUITES
    return Sibling("eclipse-temurin", tag, *_TEMURIN_SIZES) if plain else Sibling("eclipse-temurin", tag)
