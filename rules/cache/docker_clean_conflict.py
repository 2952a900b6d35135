from __future__ import annotations

from dfadvise.about.removals import FOREVER
from dfadvise.base.bases import base_of
from dfadvise.editing.moving import before
from dfadvise.effects import effects_of
from dfadvise.knowledge.package_managers import DOCKER_CLEAN
from dfadvise.layers import copy_target
from dfadvise.managers.cachedirs import cache_mounts, is_root
from dfadvise.managers.leftovers import keeps_archives
from dfadvise.managers.packages import actions, inner, remembered
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Fix, Rule, Saving
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
            if mount is None or action is None or keeps_archives(run, action) or _is_replaced(run):
                continue
            fix = None
            if not mended and run is outer and is_root(run):
                lines = [f"RUN rm -f {DOCKER_CLEAN}; {stage.file.escape}", "    " + KEEP]
                fix = Fix("Let apt keep what it downloads", [before(run, lines)])
                mended = True
            yield self.finding(
                mount.flag.span,
                f"{DOCKER_CLEAN} empties this cache after each install",
                outer,
                saving=Saving(rank=2),
                fix=fix,
            )


def _is_replaced(run: Run) -> bool:
    """Whether something before the RUN, or in it, may change what apt is told."""
    memo = remembered(run.file)
    stage: Stage | None = run.stage
    limit = run.index
    while stage is not None:
        slot = ("docker-clean-conflict.replaced", stage.index)
        if slot not in memo:
            memo[slot] = next((each.index for each in stage.instructions if _replaces(each)), FOREVER)
        if memo[slot] <= limit:
            return True
        stage, limit = stage.parent, FOREVER - 1
    return False


def _replaces(each: Instruction) -> bool:
    if isinstance(each, Copy):
        target, _ = copy_target(each)
        return target is None or is_below(target, "/etc/apt") or target in ("/", "/etc")
    if not isinstance(each, Run) or "docker-clean" not in each.file.source.slice(each.span):
        return False
    return any(effect.path == DOCKER_CLEAN for effect in effects_of(each))
