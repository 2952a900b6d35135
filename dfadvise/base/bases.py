"""What a stage stands on, asked by its rules: the image as the tables know it, its system, its shell and programs."""

from __future__ import annotations

from dfadvise.knowledge import base_programs, base_users, distributions
from dfadvise.knowledge.tags import normalise
from dfadvise.memory import remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dfadvise.base.images import ImageRef
    from dfadvise.stages import Edge, Stage
    from dfadvise.syntax.instructions import From

# Names of Windows images from before Microsoft had a registry of its own.
_OLD_WINDOWS = ("windowsservercore", "nanoserver", "dotnet-framework", "iis", "aspnet")


class Base:
    """An external image whose repository is known.

    Args:
        image: The reference.

    Attributes:
        name: The name that the tables know it by: `python` for the official image under any of its names.
        tag: The tag; "" when there is none, None when it is not known.
    """

    __slots__ = ("image", "name", "tag")

    def __init__(self, image: ImageRef) -> None:
        assert image.name is not None
        self.image = image
        self.name = "scratch" if image.is_scratch else normalise(image.name)
        # With a digest alone nobody knows which tag was meant.
        self.tag = image.tag if image.tag is not None else None if image.has_tag or image.digest else ""

    def __repr__(self) -> str:
        return f"Base({self.label})"

    @property
    def label(self) -> str:
        """What to call it in a message: name and tag, without a digest."""
        return f"{self.name}:{self.tag}" if self.tag else self.name

    @property
    def distribution(self) -> str | None:
        """The family that it stands on ("debian", "alpine", "windows", ...); see `distributions.system`."""
        return distributions.distribution(self.name, self.tag)

    @property
    def release(self) -> str | None:
        """The release of the distribution, or None."""
        return distributions.release(self.name, self.tag)

    @property
    def is_scratch(self) -> bool:
        """Whether it is the empty base."""
        return self.name == "scratch"

    @property
    def has_no_shell(self) -> bool:
        """Whether it is known to have no shell; variants to build on, whose tag says `dev`, have one."""
        return "dev" not in (self.tag or "").split("-") and base_users.has_no_shell(self.name, self.tag)

    @property
    def lacks(self) -> frozenset[str]:
        """The programs that it is known not to have; empty when nothing is known."""
        return base_programs.lacks(self.name, self.tag)

    @property
    def users(self) -> dict[str, int] | None:
        """The users that it has, with their ids; None when they are not known."""
        return base_users.users(self.name, self.tag)

    @property
    def libc(self) -> str | None:
        """The C library: "glibc", "musl", "none" (scratch, static images); None when it is not known."""
        name = self.name
        if name == "scratch" or name.endswith("/distroless/static") or "/distroless/static-" in name:
            return "none"
        if name in ("cgr.dev/chainguard/static", "dhi.io/static"):
            return "none"
        if name == "cgr.dev/chainguard/glibc-dynamic":
            return "glibc"
        family = self.distribution
        if family == "alpine":
            return "musl"
        if family == "distroless":
            return "glibc" if name.startswith("gcr.io/distroless/") else None
        return "glibc" if family in _GLIBC else None


_GLIBC = frozenset(("debian", "ubuntu", "rhel", "fedora", "suse", "arch"))


def base_of(stage: Stage) -> Base | None:
    """The external image at the bottom of a stage's chain; None when its repository is not known."""
    return known_base(stage.base)


def known_base(image: ImageRef | None) -> Base | None:
    """An external image as the tables know it; None when its repository is not known."""
    if image is None or (image.name is None and not image.is_scratch):
        return None
    return Base(image)


def source_base(edge: Edge) -> Base | None:
    """The external image that a reference reads from, directly or below a stage; None when it is not known."""
    return base_of(edge.stage) if edge.stage is not None else known_base(edge.image)


def from_of(stage: Stage) -> From | None:
    """The FROM at the bottom of a stage's chain, the one that names the external image."""
    return stage.chain[0].from_


def inherited(stage: Stage, name: str, step: Callable[[Stage, Any], Any]) -> Any:
    """Something that a stage has from the one below and from its own instructions, worked out once for each stage.

    Args:
        stage: The stage.
        name: What it is, to remember it by.
        step: Gives it for a stage, from what the stage below has (None for the first).
    """
    memo = remembered(stage.file)
    slot = (name, stage.index)
    if slot not in memo:
        below: Any = None
        for each in stage.chain:  # without recursion: chains may be thousands of stages long
            here = (name, each.index)
            if here not in memo:
                memo[here] = step(each, below)
            below = memo[here]
    return memo[slot]


def is_windows(stage: Stage) -> bool:
    """Whether a stage is known to stand on Windows: by its image, or by the platform it asks for."""
    from_ = from_of(stage)
    flag = from_.flag("platform") if from_ is not None else None
    if flag is not None and (flag.value or "").lower().startswith("windows"):
        return True
    base = base_of(stage)
    if base is None:
        return False
    if base.name.startswith("microsoft/"):
        return base.name.removeprefix("microsoft/").startswith(_OLD_WINDOWS) and base.name != "microsoft/aspnetcore"
    return base.distribution == "windows"
