"""Image references: `registry/repository:tag@digest`, as Docker's reference grammar splits them."""

from __future__ import annotations

from dfadvise.syntax.words import UNKNOWN

DEFAULT_REGISTRY = "docker.io"
_HUB_HOSTS = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"))


class ImageRef:
    """An external image.

    Attributes:
        raw: The word as written.
        text: The word with ARG defaults put in; parts without a value are NUL characters.
        registry: The host, `docker.io` when none is named; None when it is not known.
        name: The repository as people say it: `python` for Docker Hub's library, `bitnami/redis`,
            `gcr.io/distroless/static`; None when any part of it is not known.
        tag: The tag; None when there is none or it is not known (`tag_known` tells).
        tag_prefix: The literal beginning of the tag, also when the rest is not known.
        digest: `sha256:...`, or None.
    """

    __slots__ = ("digest", "name", "raw", "registry", "tag", "tag_known", "tag_prefix", "text")

    def __init__(self, raw: str, text: str) -> None:
        self.raw = raw
        self.text = text
        rest, _, digest = text.partition("@")
        self.digest: str | None = digest or None
        slash = rest.rfind("/")
        colon = rest.rfind(":")
        tag = None
        # An unknown part before the last colon may hold the colon of a tag itself; the last one still counts.
        if colon > slash:
            rest, tag = rest[:colon], rest[colon + 1 :]
        self.tag_known = UNKNOWN not in text if tag is None else UNKNOWN not in tag
        self.tag_prefix = (tag or "").partition(UNKNOWN)[0]
        self.tag: str | None = tag if tag is not None and UNKNOWN not in tag else None
        self.registry, self.name = _split(rest)

    @property
    def is_scratch(self) -> bool:
        """Whether it is the empty base."""
        return self.text == "scratch"

    @property
    def has_tag(self) -> bool:
        """Whether a tag is written, known or not."""
        return self.tag is not None or not self.tag_known

    def __repr__(self) -> str:
        return f"ImageRef({self.raw!r})"


def _split(path: str) -> tuple[str | None, str | None]:
    first, slash, rest = path.partition("/")
    registry = DEFAULT_REGISTRY
    if slash and ("." in first or ":" in first or first == "localhost" or UNKNOWN in first):
        registry = first
        path = rest
    if UNKNOWN in registry:
        return None, None
    if UNKNOWN in path or not path:
        return registry, None
    if registry in _HUB_HOSTS:
        return DEFAULT_REGISTRY, path.removeprefix("library/")
    return registry, f"{registry}/{path}"
