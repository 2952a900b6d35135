from __future__ import annotations

from dfadvise.base.images import DEFAULT_REGISTRY, ImageRef
from dfadvise.base.origins import image_uses
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile


class UntrustedRegistry(Rule):
    """An image comes from a registry that is not on the list of trusted ones.

    Why:
        What an image holds is up to whoever runs its registry. The option `trusted-registries` lists those that may
        be used: a host, `*`, `*suffix`, `prefix*`, or a host with the beginning of a path (`ghcr.io/example`). An
        image without a registry comes from `docker.io`, an official one from `docker.io/library`.

    Options:
        rules.untrusted-registry.trusted-registries = ["docker.io", "*.example.com", "ghcr.io/example"]

    Bad:
        FROM quay.io/fedora/fedora:43

    Bad (the frontend is an image too):
        # syntax=evil.example.org/dockerfile:1
        FROM debian:13

    Good:
        FROM debian:13 AS build
        FROM build AS test
        FROM scratch
        COPY --from=registry.example.com/tools:1 /tool /tool

    Good (the beginning of a path):
        # syntax=docker/dockerfile:1
        FROM ghcr.io/example/base:2

    Variants:
        not backtick: the other directive comes first

    Fix:
        none: where else the image is to be had is not known.
    """

    on = ("file",)
    severity = "error"
    default = "cfg"
    aliases = ("DL3026", "kics:d0b535a2")
    options = {"trusted-registries": []}
    security = "7.0"

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        trusted: list[str] = self.settings.get("trusted_registries") or self.settings["trusted-registries"]
        if not trusted:
            return
        directive = file.tree.directive("syntax")
        if directive is not None and (place := _untrusted(ImageRef(directive.value, directive.value), trusted)):
            yield self.finding(directive.value_span, f"the frontend comes from {place}, which is not trusted")
        for stage in file.linted_stages:
            for use in image_uses(stage):
                place = _untrusted(use.image, trusted)
                if place is not None:
                    message = f"{use.image.raw} comes from {place}, which is not trusted"
                    yield self.finding(use.span, message, use.instruction, aliases=self.aliases)


def _untrusted(image: ImageRef, trusted: list[str]) -> str | None:
    """The registry of an image when no entry of the list allows it; None when one does, or it is not known."""
    registry = image.registry
    if registry is None:
        return None
    paths = _paths(registry, image.name)
    for entry in map(str.lower, trusted):
        if registry == DEFAULT_REGISTRY and entry == "hub.docker.com":
            return None
        if "/" in entry:
            start = entry.rstrip("/")
            if not paths or any(_fits(start, path) or path.startswith(start + "/") for path in paths):
                return None
        elif _fits(entry, registry.lower()):
            return None
    return registry


def _paths(registry: str, name: str | None) -> list[str]:
    """The names that an image goes by, with their registry; official images are in `library` too."""
    if name is None:
        return []
    if registry != DEFAULT_REGISTRY:
        return [name.lower()]
    return [f"{registry}/{name}", *([f"{registry}/library/{name}"] if "/" not in name else [])]


def _fits(entry: str, text: str) -> bool:
    if entry.startswith("*"):
        return text.endswith(entry[1:])
    return text.startswith(entry[:-1]) if entry.endswith("*") else text == entry
