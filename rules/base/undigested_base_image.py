from __future__ import annotations

from dfadvise.base.origins import image_uses
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage


class UndigestedBaseImage(Rule):
    """An external image is not pinned by its digest.

    Why:
        A tag can be moved to another image at any time; only `@sha256:...` names one image for good. Tag and digest
        together say both which version is meant and which build of it is used.

    Bad:
        FROM debian:13

    Good:
        FROM debian:13@sha256:2bcbba19a4a4a7e6a9a7a2a4b6e1a8b9d9b1a2a4e3a5a7b9c1d2e3f405162738

    Good (a stage, and an image that only the build knows):
        ARG BASE
        FROM $BASE AS build
        FROM build
        FROM scratch

    Fix:
        none: the digest is not known without the registry.
    """

    on = ("stage",)
    severity = "info"
    default = "off"
    aliases = ("semgrep:dockerfile-source-not-pinned", "sonar:S7023")

    def check(self, stage: Stage) -> Iterator[Finding]:
        for use in image_uses(stage):
            image = use.image
            # A value that is not known may hold the digest.
            if image.digest is None and not image.text.endswith(UNKNOWN):
                aliases = self.aliases if use.is_base else ()
                yield self.finding(use.span, f"{image.raw} is not pinned by a digest", use.instruction, aliases=aliases)
