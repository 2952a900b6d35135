"""The distribution below an image, its package managers and its /bin/sh.

Source: the images' own build files and pages, read 2026-11-24. What an image without any hint stands on is left open.
"""

from __future__ import annotations

from dfadvise.knowledge.base_users import has_no_shell
from dfadvise.knowledge.package_managers import MANAGERS_OF
from dfadvise.knowledge.tags import release_of, suite, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.manager import Manager

# Distribution images: their tag is the release.
_SYSTEMS = {
    "debian": "debian",
    "bitnami/minideb": "debian",
    "ubuntu": "ubuntu",
    "public.ecr.aws/ubuntu/ubuntu": "ubuntu",
    "phusion/baseimage": "ubuntu",
    "alpine": "alpine",
    "fedora": "fedora",
    "registry.fedoraproject.org/fedora": "fedora",
    "registry.fedoraproject.org/fedora-minimal": "fedora",
    "quay.io/fedora/fedora": "fedora",
    "quay.io/fedora/fedora-minimal": "fedora",
    "centos": "rhel",
    "quay.io/centos/centos": "rhel",
    "rockylinux": "rhel",
    "rockylinux/rockylinux": "rhel",
    "almalinux": "rhel",
    "quay.io/almalinuxorg/almalinux": "rhel",
    "oraclelinux": "rhel",
    "container-registry.oracle.com/os/oraclelinux": "rhel",
    "ghcr.io/oracle/oraclelinux": "rhel",
    "amazonlinux": "rhel",
    "public.ecr.aws/amazonlinux/amazonlinux": "rhel",
    "opensuse/leap": "suse",
    "opensuse/tumbleweed": "suse",
    "registry.opensuse.org/opensuse/leap": "suse",
    "registry.opensuse.org/opensuse/tumbleweed": "suse",
    "archlinux": "arch",
    "archlinux/archlinux": "arch",
    "ghcr.io/archlinux/archlinux": "arch",
    "busybox": "busybox",
}
# Prefixes that only one family uses.
_PREFIXES = (
    ("gcr.io/distroless/", "distroless"),
    ("mcr.microsoft.com/windows", "windows"),
    ("mcr.microsoft.com/dotnet/framework/", "windows"),
    ("registry.access.redhat.com/", "rhel"),
    ("registry.redhat.io/", "rhel"),
    ("redhat/ubi", "rhel"),
    ("almalinux/", "rhel"),
    ("public.ecr.aws/lambda/", "rhel"),
    ("quay.io/pypa/manylinux2014", "rhel"),
    ("quay.io/pypa/manylinux_2_28", "rhel"),
    ("quay.io/pypa/manylinux_2_34", "rhel"),
    ("quay.io/pypa/musllinux", "alpine"),
    ("registry.suse.com/", "suse"),
    ("cimg/", "ubuntu"),
    ("selenium/", "ubuntu"),
    ("nvcr.io/nvidia/pytorch", "ubuntu"),
    ("nvcr.io/nvidia/tensorflow", "ubuntu"),
)
# Images that stand on one family unless a word of the tag names another.
_DEFAULTS = {
    name: family
    for family, names in (
        (
            "debian",
            "python node ruby perl golang rust php gcc buildpack-deps haskell erlang elixir nginx httpd postgres redis"
            " valkey/valkey memcached wordpress drupal joomla ghost haproxy couchdb pypy r-base julia neo4j dart mono"
            " nextcloud matomo redmine phpmyadmin varnish telegraf jenkins/jenkins oven/bun denoland/deno"
            " continuumio/miniconda3 continuumio/anaconda3 mambaorg/micromamba cypress/included cypress/base"
            " cypress/browsers nginxinc/nginx-unprivileged",
        ),
        (
            "ubuntu",
            "eclipse-temurin maven gradle tomcat tomee mongo mariadb rabbitmq swift groovy sapmachine solr"
            " condaforge/miniforge3 condaforge/mambaforge pytorch/pytorch tensorflow/tensorflow",
        ),
        ("alpine", "composer docker bash registry traefik eclipse-mosquitto hashicorp/terraform alpine/git"),
        ("rhel", "amazoncorretto"),
    )
    for name in names.split()
}
# Images whose tag alone tells.
_BY_TAG = frozenset(
    (
        "nvidia/cuda",
        "nvcr.io/nvidia/cuda",
        # CUDA with OpenGL, and OpenGL alone: `10.1-devel-ubuntu18.04`, `1.2-glvnd-runtime-ubuntu20.04` (the tags that
        # NVIDIA's README of container-images/opengl lists, read 2026-11-24).
        "nvidia/cudagl",
        "nvcr.io/nvidia/cudagl",
        "nvidia/opengl",
        "nvcr.io/nvidia/opengl",
        "mysql",
        "openjdk",
        "clojure",
        "sbtscala/scala-sbt",
        "hseeberger/scala-sbt",
        "ghcr.io/astral-sh/uv",
        "crystallang/crystal",
        "influxdb",
        "cassandra",
        "zookeeper",
        "kong",
    )
)
_NO_ALPINE = frozenset(("gcc", "buildpack-deps", "r-base", "dart", "mono", "pytorch/pytorch", "tensorflow/tensorflow"))
# Words of a tag that name systems outside the families.
_OTHERS = ("azurelinux", "cbl", "mariner", "photon", "wolfi")
_DOTNET_DEBIAN = {5: "10", 6: "11", 7: "11", 8: "12", 9: "12"}

_MICROSOFT_DEBIAN = tuple(
    f"mcr.microsoft.com/{part}"
    for part in ("dotnet/", "playwright", "devcontainers/", "vscode/devcontainers/", "azure-functions/")
)

MAIN_SHELLS = {
    "debian": "dash",
    "ubuntu": "dash",
    "alpine": "ash",
    "busybox": "ash",
    "rhel": "bash",
    "fedora": "bash",
    "suse": "bash",
    "arch": "bash",
}


def system(name: str, tag: str | None) -> tuple[str, str] | None:
    """The family and the release that an image stands on.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.

    Returns:
        The family ("debian", "ubuntu", "alpine", "rhel", "fedora", "suse", "arch", "busybox", "windows",
        "distroless", "scratch") and the release, empty when the tag does not tell; None when nothing is known.
    """
    if name == "scratch":
        return "scratch", ""
    family = _SYSTEMS.get(name)
    if family is not None:
        return family, _release(name, family, tag or "")
    if "/distroless/" in name:
        named = suite(name.rpartition("/")[2])
        return "distroless", named[1] if named else ""
    family = next((family for prefix, family in _PREFIXES if name.startswith(prefix)), None)
    if family is not None:
        number = name.partition("/ubi")[2].partition("/")[0].partition("-")[0] if family == "rhel" else ""
        return family, number if number.isdigit() else ""
    if name.startswith("mcr.microsoft.com/"):
        return _microsoft(name, tag)
    family = _DEFAULTS.get(name)
    if family is None and name not in _BY_TAG and not name.startswith(("bitnami/", "bitnamilegacy/")):
        return None
    if tag is None:
        return (family, "") if family and name in _NO_ALPINE else None
    return _from_tag(family, tag)


def distribution(name: str, tag: str | None) -> str | None:
    """The family of distributions that an image stands on, see `system`."""
    found = system(name, tag)
    return found[0] if found else None


def release(name: str, tag: str | None) -> str | None:
    """The release of the distribution below an image ("12", "22.04", "3.20"); None when the tag does not tell."""
    found = system(name, tag)
    return (found[1] or None) if found else None


def shell(name: str, tag: str | None) -> str | None:
    """What /bin/sh is in an image: "dash", "bash", "ash" (BusyBox), or None when unknown or absent."""
    family = distribution(name, tag)
    return None if family is None or has_no_shell(name, tag) else MAIN_SHELLS.get(family)


def managers(name: str, tag: str | None) -> tuple[Manager, ...]:
    """The system package managers that an image can have, the usual one first; () when unknown or none."""
    family = distribution(name, tag)
    return () if family is None or has_no_shell(name, tag) else MANAGERS_OF.get(family, ())


def _release(name: str, family: str, tag: str) -> str:
    if family in ("busybox", "arch"):
        return ""
    named = suite(tag)
    if named is not None and named[0] == family and named[1]:
        return named[1]
    numbers = version(tag.partition("-")[0].removeprefix("stream"))
    return release_of(family, numbers)


def _from_tag(family: str | None, tag: str) -> tuple[str, str] | None:
    words = tag.split("-")
    if any(word.startswith(_OTHERS) for word in words):
        return None
    if "distroless" in words or "chiseled" in words:
        return "distroless", ""
    named = suite(tag)
    if named is not None:
        if named == ("debian", "") and "debian" in words:  # bitnami: 8.0-debian-12-r5
            at = words.index("debian")
            return "debian", words[at + 1] if at + 1 < len(words) and words[at + 1].isdigit() else ""
        return named
    return (family, "") if family else None


def _microsoft(name: str, tag: str | None) -> tuple[str, str] | None:
    """Microsoft's registry: its tags name the suite; .NET without one is Debian up to 9, Ubuntu 24.04 in 10."""
    if tag is None or not name.startswith(_MICROSOFT_DEBIAN):
        return None
    found = _from_tag("", tag)
    if found is not None:
        return found
    numbers = version(tag)
    if not name.startswith("mcr.microsoft.com/dotnet/") or any(word.startswith(_OTHERS) for word in tag.split("-")):
        return None
    if numbers and numbers[0] in _DOTNET_DEBIAN:
        return "debian", _DOTNET_DEBIAN[numbers[0]]
    return ("ubuntu", "24.04") if numbers[:1] == (10,) else None
