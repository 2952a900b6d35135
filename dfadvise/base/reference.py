"""Image references and platforms that the tools accept: Docker's reference grammar, containerd's platform names.

Source of the rules: distribution/reference and containerd/platforms (read 2026-11-24).
"""

from __future__ import annotations

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_HEX = frozenset("0123456789abcdef")
_DIGESTS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST_NAME = 255
_LONGEST_TAG = 128

_SYSTEMS = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows"
    " zos".split()
)
_ARCHITECTURES = frozenset(
    "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32"
    " mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm".split()
)
_RENAMED = {
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "macos": "darwin",
}


def is_reference(text: str) -> bool:
    """Whether an image reference is well formed: `[registry/]repository[:tag][@digest]`, names in lower case."""
    if len(text) == 64 and _HEX.issuperset(text):
        return False
    rest, at, digest = text.partition("@")
    if at and not _is_digest(digest):
        return False
    first, slash, path = rest.partition("/")
    domain = "docker.io"
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        if not _is_domain(first):
            return False
        domain = first
    else:
        path = rest
    repository, colon, tag = path.partition(":")
    if colon and not _is_tag(tag):
        return False
    if domain == "docker.io" and "/" not in repository:
        repository = "library/" + repository
    return len(repository) <= _LONGEST_NAME and all(map(_is_component, repository.split("/")))


def _is_component(text: str) -> bool:
    """Runs of small letters and digits, with `.`, `_`, `__` or dashes between them."""
    if not text or text[0] not in _LOWER or text[-1] not in _LOWER:
        return False
    run = ""
    for char in text:
        if char in _LOWER:
            if run not in ("", ".", "_", "__") and run.strip("-"):
                return False
            run = ""
        elif char in "._-":
            run += char
        else:
            return False
    return True


def _is_tag(text: str) -> bool:
    if not text or len(text) > _LONGEST_TAG or text[0] in ".-":
        return False
    return all(char in _WORD or char in "_.-" for char in text)


def _is_domain(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    if text.startswith("["):
        host, bracket, rest = text.partition("]")
        if not bracket or (rest and not (rest[0] == ":" and rest[1:].isdigit())):
            return False
        return bool(host[1:]) and all(char in _HEX or char in ":ABCDEF" for char in host[1:])
    if colon:
        if not (port.isascii() and port.isdigit()):
            return False
    else:
        host = text
    return all(
        part and part[0] != "-" and part[-1] != "-" and all(char in _WORD or char == "-" for char in part)
        for part in host.split(".")
    )


def _is_digest(text: str) -> bool:
    algorithm, _, value = text.partition(":")
    return _DIGESTS.get(algorithm) == len(value) and _HEX.issuperset(value)


def platform(text: str) -> tuple[str, str] | None:
    """Operating system and architecture that a platform names (`linux/arm64/v8`, `amd64`, `linux`).

    Returns:
        Both in their usual spelling; the one that is not named is "linux" or empty. None for no platform.
    """
    parts = text.split("/")
    if len(parts) > 3 or not all(map(_is_specifier, parts)):
        return None
    first = parts[0].partition("(")[0].lower()
    system = _RENAMED.get(first, first)
    if len(parts) > 1:
        named = parts[1].lower()
        return system, _RENAMED.get(named, named)
    if system in _SYSTEMS:
        return system, ""
    return ("linux", system) if system in _ARCHITECTURES else None


def _is_specifier(text: str) -> bool:
    name, open_, version = text.partition("(")
    if open_:
        if not version.endswith(")"):
            return False
        name += version[:-1]
    return bool(name) and all(char in _WORD or char in "_.-" for char in name)
