"""Programs that base images have and lack.

Source: the package lists of the images, taken 2026-11-24. Holds for Debian from 10, Ubuntu from 18.04 and Alpine from
3.12 on; older images and unknown ones are left open.
"""

from __future__ import annotations

from dfadvise.knowledge.distributions import distribution, release
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import NONE
from dfadvise.knowledge.tags import version

_DEBIAN_LACKS = words(
    "curl wget git gpg unzip zip xz make gcc g++ cmake sudo ssh ping ip python3 pip pip3 node npm npx java jq file less"
    " man vim nano lsb_release add-apt-repository dig nslookup telnet nc systemctl apk yum dnf"
)
# Ubuntu's images carry a `man` that says they were minimised.
_UBUNTU_LACKS = _DEBIAN_LACKS - {"man"}
_ALPINE_LACKS = words(
    "bash curl git gpg gcc g++ make cmake sudo useradd usermod groupadd python3 pip pip3 jq openssl systemctl apt-get"
    " apt yum dnf"
)
# Managers of packages of another kind.
_FOREIGN = words("apt-get apt apk zypper pacman")
_LACKS = {
    "busybox": words("bash curl git apt-get apt apk yum dnf microdnf zypper pacman"),
    "amazonlinux": words("wget git tar unzip useradd find ps") | _FOREIGN,
    "ubi-minimal": words("dnf yum wget git unzip") | _FOREIGN,
    "rpm": words("wget git gcc make unzip") | _FOREIGN,
    # Of these no more is told than that the managers of other packages are missing. Fedora and EPEL package apt,
    # openSUSE an apt-get that calls zypper (zypper-aptitude), which nothing else asks for (openSUSE/zypper, its spec
    # file, read 2026-11-24).
    "foreign": _FOREIGN,
    "suse": _FOREIGN - {"zypper"},
}
# Debian's package with the certificates of authorities, and packages that recommend it (packages.debian.org, read
# 2026-11-24); images built on Debian that hold it already (their Dockerfiles, read 2026-11-24).
CERTIFICATES = "ca-certificates"
RECOMMEND_CERTIFICATES = frozenset(("curl", "libcurl4", "wget", "git", "git-lfs"))
_WITH_CERTIFICATES = frozenset(("buildpack-deps", "python", "ruby", "php", "golang", "rust", "perl", "eclipse-temurin"))
_RPM_IMAGES = frozenset(
    (
        "fedora",
        "registry.fedoraproject.org/fedora",
        "quay.io/fedora/fedora",
        "rockylinux",
        "rockylinux/rockylinux",
        "almalinux",
        "quay.io/almalinuxorg/almalinux",
    )
)
_FOREIGN_IMAGES = frozenset(
    (
        "centos",
        "quay.io/centos/centos",
        "oraclelinux",
        "container-registry.oracle.com/os/oraclelinux",
        "ghcr.io/oracle/oraclelinux",
        "registry.fedoraproject.org/fedora-minimal",
        "quay.io/fedora/fedora-minimal",
        "almalinux/8-base",
        "almalinux/8-minimal",
        "almalinux/9-base",
        "almalinux/9-minimal",
        "almalinux/10-base",
        "almalinux/10-minimal",
    )
)
_SUSE_IMAGES = frozenset(
    (
        "opensuse/leap",
        "opensuse/tumbleweed",
        "registry.opensuse.org/opensuse/leap",
        "registry.opensuse.org/opensuse/tumbleweed",
    )
)
_UBI_HOSTS = ("registry.access.redhat.com/ubi", "registry.redhat.io/ubi", "redhat/ubi")
# Red Hat's images of the system alone, behind `ubi9/` or `ubi9-`.
_UBI_IMAGES = frozenset(("ubi", "init", "ubi-init", "micro", "ubi-micro", "minimal", "ubi-minimal", ""))
_AMAZON_IMAGES = ("amazonlinux", "public.ecr.aws/amazonlinux/amazonlinux")

# Language images, and from which version on their tags without a suite stand on a known release.
_SLIM = {"python": (3, 7), "node": (16,), "ruby": (2, 6), "perl": (5, 30)}
_ALPINE = {"python": (3, 8), "node": (14,), "ruby": (2, 7), "golang": (1, 15)}
_LEAST = {"debian": (10,), "ubuntu": (18, 4), "alpine": (3, 12)}

# What the image is named after.
_OWN = {
    "python": words("python python3 pip pip3"),
    "node": words("node npm npx"),
    "ruby": words("ruby gem bundle bundler irb rake"),
    "perl": words("perl cpan prove"),
    "golang": words("go gofmt"),
    "rust": words("cargo rustc rustup"),
    "php": words("php"),
    "composer": words("composer php"),
    "eclipse-temurin": words("java"),
    "amazoncorretto": words("java"),
    "maven": words("mvn java javac"),
    "gradle": words("gradle java javac"),
    "mcr.microsoft.com/dotnet/sdk": words("dotnet"),
    "mcr.microsoft.com/dotnet/aspnet": words("dotnet"),
    "mcr.microsoft.com/dotnet/runtime": words("dotnet"),
}
# Programs of the full images of languages, and the headers that come with them.
_BUILDPACK_PACKAGES = words(
    "autoconf automake bzip2 ca-certificates curl dpkg-dev file g++ gcc git gnupg libbz2-dev libc6-dev"
    " libcurl4-openssl-dev libffi-dev libglib2.0-dev libgmp-dev libjpeg-dev liblzma-dev libpng-dev libpq-dev"
    " libreadline-dev libsqlite3-dev libssl-dev libtool libxml2-dev libxslt-dev libyaml-dev make openssh-client patch"
    " procps unzip wget xz-utils zlib1g-dev"
)
# Packages that bring what the image already is, by other means.
_OWN_PACKAGES = {
    "python": words("python3 python3-pip python3-dev python3-venv python-pip python"),
    "node": words("nodejs npm"),
    "ruby": words("ruby ruby-dev ruby-bundler bundler rubygems ruby-full"),
    "perl": words("perl cpanminus"),
    "golang": words("golang golang-go go"),
    "rust": words("rustc cargo rust rust-all"),
    "php": words("php php-cli composer-php"),
    "composer": words("composer"),
    "eclipse-temurin": words("default-jre default-jre-headless default-jdk default-jdk-headless"),
    "amazoncorretto": words("java-headless"),
    "maven": words("maven default-jdk default-jdk-headless"),
    "gradle": words("gradle default-jdk default-jdk-headless"),
}
_JAVA = ("eclipse-temurin", "maven", "gradle")


def lacks(name: str, tag: str | None) -> frozenset[str]:
    """The programs that an image is known not to have.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.

    Returns:
        An empty set when nothing is known.
    """
    if name == "busybox":
        return _LACKS["busybox"]
    if name in _RPM_IMAGES:
        return _LACKS["rpm"]
    if _is_ubi_minimal(name):
        return _LACKS["ubi-minimal"]
    if name in _FOREIGN_IMAGES or _is_ubi(name):
        return _LACKS["foreign"]
    if name in _SUSE_IMAGES:
        return _LACKS["suse"]
    if tag is None:
        return NONE
    if name in _AMAZON_IMAGES:
        return _LACKS["amazonlinux"] if not tag or tag == "latest" or tag.startswith("2023") else NONE
    family = distribution(name, tag)
    if family == "alpine" and (name == "alpine" or name in _ALPINE):
        base = _ALPINE_LACKS
    elif family == "debian" and (name == "debian" or (name in _SLIM and "slim" in tag.split("-"))):
        base = _DEBIAN_LACKS
    elif family == "ubuntu" and name == "ubuntu":
        base = _UBUNTU_LACKS
    else:
        return NONE
    return base - _OWN.get(name, NONE) if _recent(name, tag, family) else NONE


def provided_packages(name: str, tag: str | None) -> frozenset[str]:
    """The system packages that only repeat what an image has already.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    own = _OWN_PACKAGES.get(name, NONE)
    if name == "python" and (2,) <= version(tag or "") < (3,):
        own = words("python python-pip")
    if name in _JAVA and tag:
        numbers = version(tag.rpartition("temurin-")[2])
        if name == "eclipse-temurin":
            numbers = version(tag.replace("u", "."))
        if numbers:
            kinds = (
                ("jre", "jre-headless") if "jre" in tag.split("-") else ("jre", "jre-headless", "jdk", "jdk-headless")
            )
            own = own | {f"openjdk-{numbers[0]}-{kind}" for kind in kinds}
        if "jre" in tag.split("-"):
            own = own - {"default-jdk", "default-jdk-headless"}
    return own | _BUILDPACK_PACKAGES if _is_full(name, tag) else own


def _is_full(name: str, tag: str | None) -> bool:
    """Whether it is the full Debian image of python, node or ruby."""
    if tag is None or name not in ("python", "node", "ruby"):
        return False
    return "slim" not in tag.split("-") and distribution(name, tag) == "debian"


def _recent(name: str, tag: str, family: str) -> bool:
    """Whether the table holds for the release below an image."""
    known = release(name, tag)
    if known:
        return version(known) >= _LEAST[family]
    if name in ("debian", "ubuntu", "alpine"):
        return not version(tag) or len(version(tag)) == 1  # a moving tag: latest, stable, alpine:3
    numbers = version(tag)
    least = _ALPINE[name] if family == "alpine" else _SLIM[name]
    # A short version moves: python:3 is the newest 3.x.
    return numbers[: len(least)] >= least[: len(numbers)]


def _is_ubi_minimal(name: str) -> bool:
    if not name.startswith(_UBI_HOSTS):
        return False
    image = name.rpartition("/")[2]
    return image == "ubi-minimal" or (image.startswith("ubi") and image.endswith("-minimal"))


def _is_ubi(name: str) -> bool:
    """Whether it is one of Red Hat's images of the system alone: ubi9, ubi9/ubi, ubi9-init, ubi9/ubi-micro."""
    host = next((host for host in _UBI_HOSTS if name.startswith(host)), None)
    if host is None:
        return False
    rest = name[len(host) :].lstrip("0123456789")
    return rest[:1] in ("", "/", "-") and rest[1:] in _UBI_IMAGES


def holds_certificates(name: str, tag: str) -> bool:
    """Whether an image is known to hold the certificates of authorities.

    Args:
        name: The image's name.
        tag: Its tag.
    """
    return name in _WITH_CERTIFICATES or (name == "node" and "slim" not in tag)
