from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.editing.mountedits import with_option, with_value
from dfadvise.managers.cachedirs import cache_mounts, cache_paths, may_serve
from dfadvise.managers.packages import actions
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.mounts import Mount


class UnsafeCacheSharing(Rule):
    """A cache mount is shared by what must not write to it at once, or by what does not fit together.

    Why:
        Two builds on one builder run at the same time and share the cache mounts of one id. apt, apk, dnf, conda,
        gradle and yarn 1 keep indexes and locks in theirs: they fail on each other's lock, or leave a broken index.
        Packages of one distribution release are of no use to another, and its index is wrong there.

    Bad:
        FROM debian:12
        RUN --mount=type=cache,target=/var/cache/apt apt-get install -y curl

    Good:
        FROM debian:12
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y curl

    Good (pip looks after itself):
        FROM python:3.13
        RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0

    Good (one cache a build):
        FROM alpine:3.22
        RUN --mount=type=cache,target=/var/cache/apk,sharing=private apk add curl

    Bad (one cache for two releases):
        FROM debian:12 AS one
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y curl
        FROM debian:13
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y curl
        COPY --from=one /usr/bin/curl /usr/bin/curl-12

    Fixed:
        FROM debian:12 AS one
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y curl
        FROM debian:13
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=apt-archives-debian-13 apt-get install -y curl
        COPY --from=one /usr/bin/curl /usr/bin/curl-12

    Good (each release its own):
        FROM debian:12 AS one
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=apt-12 apt-get install -y curl
        FROM debian:13
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=apt-13 apt-get install -y curl
        COPY --from=one /usr/bin/curl /usr/bin/curl-12

    Fix:
        safe: what the RUN does stays the same; a cache with a new id starts empty.
    """

    on = ("file",)
    mentions = ("--mount",)
    severity = "warning"

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        if "type=cache" not in file.source.text:
            return
        seen: dict[str, tuple[str, str, Mount]] = {}
        for run in file.walk():
            if not isinstance(run, Run) or not run.mounts:
                continue
            acting = [each for each in actions(run) if each.manager.sharing == "locked"]
            for mount, path in cache_mounts(run):
                action = next((each for each in acting if _is_cache_of(run, each, path)), None)
                if action is None or not mount.writable:
                    continue
                sharing = run.expand(mount.options.get("sharing", "shared"))
                if sharing == "shared":
                    yield self._shared(run, action, mount)
                if action.manager.system:
                    yield from self._mixed(run, action, mount, path, seen)

    def _shared(self, run: Run, action: Action, mount: Mount) -> Finding:
        source = run.file.source
        edit = with_option(source, mount, "sharing=locked")
        if "sharing" in mount.options:
            edit = with_value(source, mount, ("sharing",), "locked")
        fix = Fix("Lock the cache", [edit], "safe", "mount") if edit is not None else None
        message = f"{action.manager.name} keeps locks and indexes in this cache, and builds share it at the same time"
        return self.finding(mount.flag.span, message, run.outer or run, fix=fix)

    def _mixed(
        self, run: Run, action: Action, mount: Mount, path: str, seen: dict[str, tuple[str, str, Mount]]
    ) -> Iterator[Finding]:
        name = run.expand(mount.options.get("id", path))
        base = base_of(run.stage)
        if name is None or base is None or base.distribution is None:
            return
        family, release = base.distribution, base.release or ""
        first = seen.setdefault(name, (family, release, mount))
        if first[0] == family and (first[1] == release or not first[1] or not release):
            return
        label = f"{family} {release}".strip()
        other = f"{first[0]} {first[1]}".strip()
        fix = None
        if "id" not in mount.options:
            edit = with_option(run.file.source, mount, f"id={_name(action, path)}-{label.replace(' ', '-')}")
            fix = Fix("Give the cache an id of its own", [edit], "safe", "mount") if edit is not None else None
        yield self.finding(
            mount.flag.span,
            f"a stage on {label} shares the {action.manager.name} cache of one on {other}",
            run.outer or run,
            related=[(f"used on {other} here", first[2].flag.span)],
            fix=fix,
        )


def _is_cache_of(run: Run, action: Action, path: str) -> bool:
    known = cache_paths(action)
    if known is not None and not action.manager.system:
        return any(is_below(each, path) or is_below(path, each) for each in known)
    return may_serve(run, action.manager, path)


def _name(action: Action, path: str) -> str:
    """A name for the cache at a path, different for each of a manager's caches."""
    kind = "lists" if "/lib/" in path else "archives"
    return f"{action.manager.name}-{kind}" if action.manager.name == "apt" else action.manager.name
