from __future__ import annotations

from dfadvise.base.origins import image_uses, stage_pattern
from dfadvise.knowledge.tags import suite
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.origins import ImageUse
    from dfadvise.rule import Severity
    from dfadvise.stages import Stage

_BOTH = ("DS-0001", "CKV_DOCKER_7", "sonar:S6596", "DKL-DI-0006")
UNTAGGED = ("DL3006", *_BOTH, "kics:9efb0b2d", "semgrep:missing-image-version")
LATEST = ("DL3007", *_BOTH, "kics:f45ea400", "semgrep:avoid-latest-version")
# Words that name a variant, not a moving version; alone they say no more than `latest`.
_ROLLING = frozenset(("rolling", "rawhide", "edge", "nightly", "master", "main", "dev", "devel", "snapshot"))
_STAGES = 100  # stages before a FROM that its name is compared with


class LatestBaseImage(Rule):
    """An external image is named without a version.

    Why:
        Without a tag Docker takes `latest`, which is another image from one day to the next: a build that worked
        yesterday breaks today, and nobody can tell what an old image was built from.

    Bad (no tag):
        FROM debian
        RUN true

    Bad (latest, from an ARG):
        ARG TAG=latest
        FROM python:${TAG}

    Bad (a moving word):
        FROM node:lts

    Good:
        FROM debian:13
        RUN true

    Good (a stage, and the empty image):
        FROM golang:1.26 AS build
        FROM build AS test
        FROM scratch
        COPY --from=build /app /app

    Good (a digest, or a tag that only the build knows):
        ARG TAG
        FROM python:${TAG} AS one
        FROM debian@sha256:2bcbba19a4a4a7e6a9a7a2a4b6e1a8b9d9b1a2a4e3a5a7b9c1d2e3f405162738

    Good (a variable chooses the stage):
        FROM debian:13 AS base-amd64
        FROM debian:12 AS base-arm64
        FROM base-${TARGETARCH}

    Good (a suite is a version, in the repository's name too):
        FROM debian:trixie-slim AS build
        FROM gcr.io/distroless/static-debian13:nonroot

    Fix:
        none: which version is wanted is the author's choice.
    """

    on = ("stage",)
    severity = "warning"
    aliases = (*dict.fromkeys((*UNTAGGED, *LATEST)),)

    def check(self, stage: Stage) -> Iterator[Finding]:
        for use in image_uses(stage):
            judged = _judge(use)
            if judged is not None:
                message, severity, aliases = judged
                # hadolint and its like look at FROM alone.
                yield self.finding(use.span, message, use.instruction, severity, aliases if use.is_base else ())


def _judge(use: ImageUse) -> tuple[str, Severity, tuple[str, ...]] | None:
    image = use.image
    if image.digest is not None:
        return None
    if image.tag is None:
        if image.text.strip(UNKNOWN) == "":
            return None
        last = image.text.rpartition("/")[2]
        if UNKNOWN not in last:
            return f"{_name(use)} has no tag, so it is whatever is latest", "warning", UNTAGGED
        if ":" in last or _may_be_stage(use):
            return None
        # A variable behind the name may bring a tag; without a value it does not.
        aliases = UNTAGGED if not use.image.raw.startswith("$") else UNTAGGED[1:]
        return f"{_name(use)} has no tag of its own", "style", aliases
    if image.tag == "latest":
        return f"{_name(use)} is another image from day to day", "warning", LATEST
    named = suite((image.name or "").rpartition("/")[2])  # gcr.io/distroless/static-debian13
    if _is_moving(image.tag) and not (named and named[1]):
        return f"the tag {image.tag} names no version", "info", ()
    return None


def _may_be_stage(use: ImageUse) -> bool:
    """Whether a variable may make the name that of an earlier stage: `base-${TARGETARCH}`."""
    file = use.stage.file
    pattern = stage_pattern(use.image.raw, file.escape)
    if pattern is None or not use.is_base:
        return False
    from dfadvise.knowledge.packages import matches

    before = file.stages[max(0, use.stage.index - _STAGES) : max(0, use.stage.index)]
    return any(matches(pattern, each.name) for each in before if each.name)


def _is_moving(tag: str) -> bool:
    """Whether a tag names neither a number nor a suite."""
    if any(char.isdigit() for char in tag):
        return False
    words = tag.split("-")
    if any(word in _ROLLING for word in words):
        return True
    named = suite(tag)
    return named is None or not named[1]


def _name(use: ImageUse) -> str:
    """What to call an image: as written, and resolved when a variable is in it."""
    text = use.image.text.replace(UNKNOWN, "…")
    return use.image.raw if text == use.image.raw or UNKNOWN in use.image.text else f"{use.image.raw} ({text})"
