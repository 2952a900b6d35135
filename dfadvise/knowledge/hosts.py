"""Hosts that no longer answer, hosts that redirect, and versions that must not be downloaded.

Source: the operators' announcements and the CVE records named below, read 2026-11-24.
"""

from __future__ import annotations


class DeadHost:
    """A place that gives nothing any more.

    Args:
        what: The place, for people to read.
        successor: What took its place; None when nothing did.
    """

    __slots__ = ("successor", "what")

    def __init__(self, what: str, successor: str | None) -> None:
        self.what = what
        self.successor = successor

    def __repr__(self) -> str:
        return f"DeadHost({self.what})"


class Vulnerable:
    """A version that must not be used.

    Args:
        product: "OpenSSL", ...
        version: The version found.
        cve: The record.
        fixed: The first version that mends it.
    """

    __slots__ = ("cve", "fixed", "product", "version")

    def __init__(self, product: str, version: str, cve: str, fixed: str) -> None:
        self.product = product
        self.version = version
        self.cve = cve
        self.fixed = fixed

    def __repr__(self) -> str:
        return f"Vulnerable({self.product} {self.version})"


_SKS = DeadHost("sks-keyservers.net", "keys.openpgp.org or keyserver.ubuntu.com")
_BINTRAY = DeadHost("bintray.com", None)
_KUBERNETES = DeadHost("the old Kubernetes package repository", "pkgs.k8s.io")
_CENTOS = DeadHost("mirrorlist.centos.org", None)
_DEBIAN = DeadHost("Debian's mirrors for this release", "Debian's archive")
_GIT = DeadHost("git://github.com", "https://github.com")
_MAVEN = DeadHost("Maven Central over http", "https")
_K8S_GCR = DeadHost("k8s.gcr.io", "registry.k8s.io")

_ARCHIVED_SUITES = ("buster", "stretch", "jessie", "wheezy", "squeeze", "lenny")
_KEPT_DEBIAN_HOSTS = ("archive.", "snapshot.", "www.", "bugs.", "packages.", "wiki.", "salsa.", "people.", "tracker.")

# host, path prefixes; a host beginning with a dot stands for itself and all below it
_REDIRECTING = (
    (".sourceforge.net", ("/",)),
    ("dl.k8s.io", ("/",)),
    ("golang.org", ("/dl",)),
    ("aka.ms", ("/",)),
    ("go.microsoft.com", ("/fwlink",)),
    ("bit.ly", ("/",)),
)


# A text that has none of them in it names no dead host.
DEAD_MARKS = (
    *("sks-keyservers", "bintray.com", "kubernetes", "centos.org", "k8s.gcr.io", "git://github.com"),
    *("maven", ".debian.org"),
)


def split_url(url: str) -> tuple[str, str, str]:
    """Scheme, host and path of a URL, in that order; user info and port are left out, scheme and host in lower case.

    A text without a scheme is taken for a host and a path.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    for end, letter in enumerate(rest):
        if letter in "/?# \t":
            authority, path = rest[:end], rest[end:]
            break
    else:
        authority, path = rest, ""
    host = authority.rpartition("@")[2]
    if not host.startswith("["):
        host = host.partition(":")[0]
    return scheme.lower(), host.lower(), path


def dead_host(url: str, suites: tuple[str, ...] = ()) -> DeadHost | None:
    """Whether a URL or a keyserver no longer answers.

    Args:
        url: A URL, or a bare host as `gpg --keyserver` takes it.
        suites: Words that follow the URL in a repository line: `buster main`, `kubernetes-xenial main`.
    """
    scheme, host, path = split_url(url)
    if host == "sks-keyservers.net" or host.endswith(".sks-keyservers.net"):
        return _SKS
    if host in ("dl.bintray.com", "jcenter.bintray.com"):
        return _BINTRAY
    if host == "apt.kubernetes.io" or (
        host == "packages.cloud.google.com"
        and path.startswith("/apt")
        and (any(word.startswith("kubernetes-") for word in suites) or "/dists/kubernetes-" in path)
    ):
        return _KUBERNETES
    if host == "mirrorlist.centos.org":
        return _CENTOS
    if host == "k8s.gcr.io":
        return _K8S_GCR
    if scheme == "git" and host == "github.com":
        return _GIT
    if scheme == "http" and host in ("repo1.maven.org", "repo.maven.apache.org"):
        return _MAVEN
    if host.endswith(".debian.org") and not host.startswith(_KEPT_DEBIAN_HOSTS):
        named = [*suites[:1], *path.split("/")]
        if any(word.partition("-")[0].partition("/")[0] in _ARCHIVED_SUITES for word in named):
            return _DEBIAN
    return None


def redirects(url: str) -> bool:
    """Whether a download from a URL answers with a redirect first.

    Args:
        url: The URL.
    """
    _, host, path = split_url(url)
    if host in ("github.com", "www.github.com"):
        parts = path.split("/")
        return len(parts) > 4 and parts[3] in ("releases", "archive")
    for known, prefixes in _REDIRECTING:
        if (host == known or (known[0] == "." and (host == known[1:] or host.endswith(known)))) and path.startswith(
            prefixes
        ):
            return True
    return False


def vulnerable(text: str) -> Vulnerable | None:
    """The known bad version that a URL or file name asks for.

    Finds `openssl-3.0.5.tar.gz`, `log4j-core-2.14.1.jar`, `xz-5.6.1`; distributions mend versions without changing
    their number, so pinned packages with a revision (`openssl=3.0.2-0ubuntu1`) are none.

    Args:
        text: A URL, a file name or a pinned package.
    """
    lower = text.lower()
    for name, product in (("openssl", "OpenSSL"), ("log4j-core", "log4j-core"), ("xz", "xz"), ("xz-utils", "xz")):
        at = lower.find(name)
        while at >= 0:
            end = at + len(name)
            if (not at or not (lower[at - 1].isalnum() or lower[at - 1] in "-_.")) and lower[end : end + 1] in (
                "-",
                "=",
                "@",
                ":",
                "/",
                "_",
            ):
                found = _check(product, _version_at(lower, end + 1))
                if found is not None and not _revised(lower, end, found.version):
                    return found
            at = lower.find(name, end)
    return None


def _version_at(text: str, at: int) -> str:
    at += text[at : at + 1] in ("v", "=")
    end = at
    while end < len(text) and (text[end].isdecimal() or text[end] == "."):
        end += 1
    if end > at and end < len(text) and text[end].isalpha() and not text[end + 1 : end + 2].isalpha():
        end += 1  # 1.0.1f
    return text[at:end].rstrip(".")


def _revised(text: str, name_end: int, version: str) -> bool:
    """Whether the version goes on with a distribution's revision."""
    if text[name_end] != "=":
        return False
    return text[text.find(version, name_end) + len(version) :][:1] in ("-", "+", "~")


def _check(product: str, version: str) -> Vulnerable | None:
    letter = version[-1:] if version[-1:].isalpha() else ""
    parts = version.removesuffix(letter).split(".") if letter else version.split(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        return None
    numbers = tuple(int(part) for part in parts)
    if product == "OpenSSL":
        if (3, 0, 0) <= numbers <= (3, 0, 6) and not letter and len(numbers) == 3:
            return Vulnerable(product, version, "CVE-2022-3602", "3.0.7")
        if numbers == (1, 0, 1) and letter in ("", "a", "b", "c", "d", "e", "f"):
            return Vulnerable(product, version, "CVE-2014-0160", "1.0.1g")
    elif product == "log4j-core":
        if (2, 0) <= numbers <= (2, 14, 1) and not letter:
            return Vulnerable(product, version, "CVE-2021-44228", "2.15.0")
    elif numbers in ((5, 6, 0), (5, 6, 1)) and not letter:
        return Vulnerable(product, version, "CVE-2024-3094", "5.6.2")
    return None
