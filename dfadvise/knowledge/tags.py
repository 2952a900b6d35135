"""Names and tags of images: what every table about base images reads them with."""

from __future__ import annotations

# Debian's and Ubuntu's code names; their own release pages.
DEBIAN_SUITES = {
    "lenny": "5",
    "squeeze": "6",
    "wheezy": "7",
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
}
UBUNTU_SUITES = {
    "lucid": "10.04",
    "precise": "12.04",
    "quantal": "12.10",
    "raring": "13.04",
    "saucy": "13.10",
    "trusty": "14.04",
    "utopic": "14.10",
    "vivid": "15.04",
    "wily": "15.10",
    "xenial": "16.04",
    "yakkety": "16.10",
    "zesty": "17.04",
    "artful": "17.10",
    "bionic": "18.04",
    "cosmic": "18.10",
    "disco": "19.04",
    "eoan": "19.10",
    "focal": "20.04",
    "groovy": "20.10",
    "hirsute": "21.04",
    "impish": "21.10",
    "jammy": "22.04",
    "kinetic": "22.10",
    "lunar": "23.04",
    "mantic": "23.10",
    "noble": "24.04",
    "oracular": "24.10",
    "plucky": "25.04",
    "questing": "25.10",
    "resolute": "26.04",
}
# Code names of Node.js' long-term releases, as its images use them.
NODE_CODENAMES = {
    "argon": "4",
    "boron": "6",
    "carbon": "8",
    "dubnium": "10",
    "erbium": "12",
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}

# Docker Hub's hosts, and registries that carry its official images unchanged.
_OFFICIAL_PREFIXES = (
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "registry.hub.docker.com/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "mcr.microsoft.com/mirror/docker/library/",
    "docker.io/",
    "index.docker.io/",
    "registry-1.docker.io/",
    "registry.hub.docker.com/",
    "mirror.gcr.io/",
    "library/",
)
# The official images of one architecture: arm64v8/python is python.
_ARCHITECTURES = frozenset(
    ("amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64", "s390x")
)


def normalise(repository: str) -> str:
    """The name that the tables know a repository by.

    Args:
        repository: The repository without tag and digest, with or without a registry.

    Returns:
        `python` for the official image under any of its names; other registries keep their host.
    """
    for prefix in _OFFICIAL_PREFIXES:
        if repository.startswith(prefix):
            repository = repository[len(prefix) :]
            break
    first, slash, rest = repository.partition("/")
    if first.startswith("ubi") and first[3:4].isdigit():  # Red Hat's tools know the registry by themselves
        return f"registry.access.redhat.com/{repository}"
    return rest if slash and first in _ARCHITECTURES and "/" not in rest else repository


def version(text: str) -> tuple[int, ...]:
    """The leading version of a word: (3, 12) for `3.12`, `v3.12` and `3.12rc1`; () when it has none.

    A word like `20240606` is a date and has none.
    """
    end = start = int(text[:1] == "v")
    while end < len(text) and (text[end].isdecimal() or text[end] == "."):
        end += 1
    parts = [part for part in text[start:end].split(".") if part]
    if not parts or not text[start].isascii() or len(parts[0]) > 5:
        return ()
    return tuple(int(part) for part in parts[:4] if part.isascii() and len(part) < 10)


def dotted(numbers: tuple[int, ...]) -> str:
    """A version as text: `3.12`."""
    return ".".join(str(number) for number in numbers)


def release_of(family: str, numbers: tuple[int, ...]) -> str:
    """A version as the release of a distribution: `22.04` for Ubuntu, `3.20` for Alpine, `12` for Debian.

    Returns:
        An empty string when the version is too short to tell, as in `alpine:3`.
    """
    if family not in ("alpine", "ubuntu", "suse"):
        return dotted(numbers[:1])
    if len(numbers) < 2:
        return ""
    return f"{numbers[0]}.{numbers[1]:02d}" if family == "ubuntu" else dotted(numbers[:2])


def suite(tag: str) -> tuple[str, str] | None:
    """The distribution and release that a word of a tag names.

    Knows suites (`bookworm`), `alpine3.20`, `ubuntu22.04`, `debian12`, `ubi9`, `rockylinux9`, `centos7`, `al2023`.

    Args:
        tag: The tag.

    Returns:
        ("debian", "12"), ("alpine", "3.20"), ("rhel", "9"), ...; the release is empty for a bare `alpine`; None
        when no word names a distribution.
    """
    for word in tag.split("-"):
        if word in DEBIAN_SUITES:
            return "debian", DEBIAN_SUITES[word]
        if word in UBUNTU_SUITES:
            return "ubuntu", UBUNTU_SUITES[word]
        for prefix, family in _DISTRIBUTION_WORDS:
            if word.startswith(prefix):
                release = word[len(prefix) :]
                if release[:1].isdigit() or (not release and prefix != "al"):
                    return family, release_of(family, version(release))
    return None


_DISTRIBUTION_WORDS = (
    ("alpine", "alpine"),
    ("ubuntu", "ubuntu"),
    ("debian", "debian"),
    ("ubi", "rhel"),
    ("rockylinux", "rhel"),
    ("rocky", "rhel"),
    ("almalinux", "rhel"),
    ("centos", "rhel"),
    ("oraclelinux", "rhel"),
    ("oracle", "rhel"),
    ("amazonlinux", "rhel"),
    ("al", "rhel"),
    ("fedora", "fedora"),
    ("windowsservercore", "windows"),
    ("nanoserver", "windows"),
    ("windows", "windows"),
)
