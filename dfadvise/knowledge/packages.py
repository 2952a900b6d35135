"""Kinds of packages: build tools, packages of no use in a container, packages that bring no program.

Source: the package lists of Debian 12 and 13, Alpine 3.22 and Fedora 43, read 2026-11-24. Patterns know `*` only.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# By format of package: "deb", "apk", "rpm".
BUILD_TOOLS = {
    "deb": words(
        "build-essential gcc* g++* clang clang-* llvm llvm-* make cmake ninja-build meson autoconf automake"
        " libtool pkg-config pkgconf bison flex gfortran gfortran-* nasm cargo cargo-* rustc rustc-* golang"
        " golang-* default-jdk* openjdk-*-jdk* maven gradle ant dpkg-dev *-dev linux-headers-*"
    ),
    "apk": words(
        "build-base gcc g++ make cmake musl-dev libc-dev linux-headers *-dev cargo rust go openjdk*-jdk"
        " autoconf automake libtool $PHPIZE_DEPS"
    ),
    "rpm": words(
        "gcc gcc-* make cmake *-devel cargo rust golang golang-* java-*-devel kernel-headers rpm-build"
        " @development-tools development-tools"
    ),
}
# Matched by a pattern above, but no tool.
_NO_TOOLS = words("gcc-*-base gcc-*-locales gcc-*-doc golang-doc llvm-runtime llvm-*-runtime *-doc g++-*-doc")
_GROUPS = frozenset(("development tools", "@development tools"))
_FORMATS = {"apt": "deb", "apk": "apk", "dnf": "rpm", "yum": "rpm", "zypper": "rpm"}

# Works only on a host.
NEEDLESS_HOST = words(
    "linux-image-* nvidia-driver-* nvidia-container-toolkit nvidia-docker2 libnvidia-container* dkms grub*"
    " initramfs-tools open-vm-tools"
)
# Serves a person at a terminal.
NEEDLESS_PERSON = words(
    "vim nano emacs joe man-db htop iotop screen tmux mc telnet ftp tcpdump nmap strace gdb net-tools"
    " openssh-server sudo"
)
# Brings no program that could stand in for a missing one.
CLOSED = words(
    "tzdata ca-certificates libpq5 libpq libffi8 libssl3 openssl-libs libgomp1 locales fonts-* libxml2"
    " libjpeg* zlib* icu-libs libstdc++ gcompat libc6-compat"
)
# Managers whose packages come ready-made for glibc, and often not for musl.
READY_MADE = words("pip uv poetry pipenv npm yarn yarn-berry pnpm bundler gem")
# Pure Python or Ruby, the same for every C library: pypi.org and rubygems.org, 2026-11-24.
PURE = words("pip setuptools wheel build virtualenv pipenv poetry twine bundler rake")
# Publishes no wheel or build for musl, as of 2026-11-24.
NO_MUSL_BUILD = words("tensorflow torch torchvision jaxlib playwright")


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which `*` stands for any characters.

    Takes time in proportion to the text.
    """
    parts = pattern.split("*")
    if len(parts) == 1:
        return pattern == text
    first, last = parts[0], parts[-1]
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def matches_any(patterns: Iterable[str], text: str) -> bool:
    """Whether a text matches one of the patterns."""
    return any(matches(pattern, text) for pattern in patterns)


def plain_name(word: str) -> str:
    """The package's name in a word of an install command, without version, release and architecture.

    `curl=7.88*`, `curl/bookworm`, `libc6:i386`, `gcc~=13`, `torch==2.1` and `uvicorn[standard]` give the name alone.
    """
    for at, letter in enumerate(word):
        if letter in "=<>~!:[; @" and at:
            return word[:at]
        if letter == "/" and at and ":" not in word:
            return word[:at]
    return word


def is_build_tool(manager: str, word: str) -> bool:
    """Whether a word of an install command names a compiler, headers or a build system.

    Args:
        manager: The system manager's name.
        word: The word, with or without a version.
    """
    kind = _FORMATS.get(manager)
    if kind is None:
        return False
    if word.lower() in _GROUPS:
        return kind == "rpm"
    name = word if word.startswith(("$", "@")) else plain_name(word)
    if kind == "rpm":
        while (cut := name.rfind("-")) > 0 and name[cut + 1 : cut + 2].isdigit():
            name = name[:cut]  # name-version-release
    return matches_any(BUILD_TOOLS[kind], name) and not matches_any(_NO_TOOLS, name)


def needless(word: str) -> str | None:
    """Why a package is of no use in an image.

    Args:
        word: The word of the install command, with or without a version.

    Returns:
        "host" (works only on a host), "person" (for a person at a terminal), or None.
    """
    name = plain_name(word)
    if name in NEEDLESS_PERSON:
        return "person"
    return "host" if matches_any(NEEDLESS_HOST, name) else None


def is_closed(word: str) -> bool:
    """Whether a package is known to bring no program but its own.

    Args:
        word: The word of the install command, with or without a version.
    """
    return matches_any(CLOSED, plain_name(word))


def lacks_musl_build(manager: str, word: str) -> bool:
    """Whether a package of a language's index publishes no build for musl.

    Args:
        manager: The language manager's name: "pip", "npm", ...
        word: The word of the install command, with or without a version.
    """
    name = plain_name(word).lower().replace("_", "-")
    return name in NO_MUSL_BUILD and (manager not in ("npm", "yarn", "pnpm", "bun") or name == "playwright")
