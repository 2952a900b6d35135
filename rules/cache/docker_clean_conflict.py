from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.editing.keywords import keyword
from dfadvise.editing.moving import before
from dfadvise.effects import effects_of
from dfadvise.knowledge.package_managers import DOCKER_CLEAN
from dfadvise.layers import copy_target
from dfadvise.managers.cachedirs import cache_mounts, is_root
from dfadvise.managers.leftovers import keeps_archives
from dfadvise.managers.packages import actions, inner
from dfadvise.memory import comes_before
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Fix, Rule, Saving
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.memory import Place
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

ARCHIVES = "/var/cache/apt/archives"
KEEP = "echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > /etc/apt/apt.conf.d/keep-cache"


class DockerCleanConflict(Rule):
    """The packages that a cache mount is to keep are deleted after each install.

    Why:
        The official Debian and Ubuntu images bring /etc/apt/apt.conf.d/docker-clean, which empties apt's archives
        after each install, in a cache mount too: it stays empty, and everything is downloaded again.

    Bad:
        FROM debian:12
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y curl

    Good:
        FROM debian:12
        RUN rm -f /etc/apt/apt.conf.d/docker-clean; \\
            echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y curl

    Good (only the lists are cached):
        FROM debian:12
        RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install -y curl

    Good (nobody knows the image):
        FROM registry.example.com/base:1
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y curl

    Fix:
        unsafe: a step of its own deletes the file and tells apt to keep what it downloads.
    """

    on = ("stage",)
    mentions = ("--mount",)
    severity = "warning"

    def check(self, stage: Stage) -> Iterator[Finding]:
        if "type=cache" not in stage.file.source.text or "/apt" not in stage.file.source.text:
            return
        base = base_of(stage)
        if base is None or base.distribution not in ("debian", "ubuntu"):
            return
        mended = False
        for outer in stage.instructions:
            run = inner(outer)
            if not isinstance(run, Run) or not run.mounts:
                continue
            mount = next((each for each, path in cache_mounts(run) if is_below(ARCHIVES, path)), None)
            action = next((each for each in actions(run) if each.manager.name == "apt" and each.installs), None)
            if mount is None or action is None or keeps_archives(run, action):
                continue
            # In the RUN itself it counts too, wherever it stands.
            if comes_before(run, 1, "docker-clean replaced", _first_replaced):
                continue
            fix = None
            if not mended and run is outer and is_root(run):
                lines = [keyword(f"RUN rm -f {DOCKER_CLEAN}; {stage.file.escape}", stage.file), "    " + KEEP]
                fix = Fix("Let apt keep what it downloads", [before(run, lines)])
                mended = True
            yield self.finding(
                mount.flag.span,
                f"{DOCKER_CLEAN} empties this cache after each install",
                outer,
                saving=Saving(rank=2),
                fix=fix,
            )


def _first_replaced(stage: Stage) -> Place | None:
    """Where a stage first may change what apt is told."""
    return next(((each.index, 0) for each in stage.instructions if _replaces(each)), None)


def _replaces(each: Instruction) -> bool:
    if isinstance(each, Copy):
        target, _ = copy_target(each)
        return target is None or is_below(target, "/etc/apt") or target in ("/", "/etc")
    if not isinstance(each, Run) or "docker-clean" not in each.file.source.slice(each.span):
        return False
    return any(effect.path == DOCKER_CLEAN for effect in effects_of(each))
