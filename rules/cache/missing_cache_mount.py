from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge.language_managers import NODE, cache_off_by_env
from dfadvise.knowledge.packages import plain_name
from dfadvise.knowledge.toolchain_tables import GO_MODULES
from dfadvise.managers.packages import actions, cache_cause, option_value, value_of
from dfadvise.memory import remembered
from dfadvise.rule import Finding, Rule, Saving
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action

# Commands of the tables that fetch nothing worth keeping, or nothing of the project's.
IDLE_VERBS = frozenset(
    """venv lock export clean validate help tasks wrapper projects list generate vet new update dlx x create import
    rebuild rb run test vendor""".split()
) | {"pip compile", "python install", "self add", "self update", "mod vendor"}
# With these they fetch nothing.
SKIPS = ("--no-restore", "--no-build", "--no-index", "--frozen-offline")
# Installing nothing but tools like these is soon done.
TOOLS = frozenset("pip setuptools wheel npm yarn pnpm corepack bundler uv poetry pipenv virtualenv".split())
TALLY = frozenset("apt apk dnf yum zypper npm yarn yarn-berry pnpm bun pip uv go cargo bundler composer nuget".split())


class MissingCacheMount(Rule):
    """An install downloads everything again whenever its step runs.

    Why:
        A cache mount (`RUN --mount=type=cache`) keeps what a package manager has downloaded from build to build, and
        keeps it out of the image: when one dependency changes, one is fetched.

    Bad:
        FROM node:22
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci

    Good:
        FROM node:22
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN --mount=type=cache,target=/root/.npm npm ci

    Bad (its switch and its clean-up have no use then):
        FROM python:3.13
        COPY requirements.txt /
        RUN pip install --no-cache-dir -r /requirements.txt && rm -rf /root/.cache/pip

    Good (nothing to save):
        FROM python:3.13
        COPY requirements.txt /
        RUN --mount=type=cache,target=/root/.cache/pip pip install -r /requirements.txt

    Good (nothing is downloaded):
        FROM python:3.13
        COPY wheels /wheels
        RUN pip install --no-index --find-links=/wheels flask

    Good (its cache is moved):
        FROM node:22
        ENV NPM_CONFIG_CACHE=/cache/npm
        COPY package.json package-lock.json ./
        RUN npm ci

    Bad (a later step takes its dependencies from there, and fetches what is missing):
        FROM golang:1.26 AS build
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -o /app
        FROM scratch
        COPY --from=build /app /app
        ENTRYPOINT ["/app"]

    Good (both have it):
        FROM golang:1.26 AS build
        COPY go.mod go.sum ./
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build -o /app
        FROM scratch
        COPY --from=build /app /app
        ENTRYPOINT ["/app"]

    Options:
        rules.missing-cache-mount.system = true

    Bad (system packages, on demand):
        FROM alpine:3.22
        RUN apk add --no-cache curl

    Good (with a mount):
        FROM alpine:3.22
        RUN --mount=type=cache,target=/var/cache/apk,sharing=locked apk add --update-cache curl

    Fix:
        unsafe: the mount, with sharing and uid as due, and without the switches and clean-ups that it makes pointless.
        Where later steps of the stage take their dependencies from the cache (go, cargo, maven, gradle), they get it
        too. None where the user or the cache is not known, or where another step needs what the cache holds.
    """

    on = ("RUN",)
    keywords = ("RUN",)
    severity = "info"
    aliases = (
        "tally:prefer-package-cache-mounts",
        "tally:js/node-gyp-cache-mounts",
        "tally:ruby/prefer-bundler-cache-mount",
    )
    options = {"system": False}
    yields_to = ("package-cache-left",)

    def check(self, run: Run) -> Iterator[Finding]:
        network = run.flag("network")
        if (network is not None and network.value == "none") or is_windows(run.stage):
            return
        by_manager: dict[str, list[Action]] = {}
        for action in actions(run):
            if self._fetches(action):
                by_manager.setdefault(action.manager.name, []).append(action)
        if not by_manager:
            return
        from dfadvise.editing.addmounts import mount_fix
        from dfadvise.managers.cachedirs import has_cache_mount

        for together in by_manager.values():
            if any(_is_settled(each) or has_cache_mount(each) for each in together):
                continue
            action = together[0]
            if action.manager.name == "go" and _is_go_without_caches(run):
                continue
            manager = action.manager
            loss = _loss(run, action)
            # The first of a stage speaks for all of it.
            slot = ("missing cache mount", run.stage.index, manager.name, loss)
            first = remembered(run.file).setdefault(slot, id(run)) == id(run)
            found = self.finding(
                action.span,
                f"{action.text} {loss} everything again whenever this step runs",
                severity=None if first else "style",
                aliases=codes(manager.name),
                saving=Saving(rank=manager.rank),
                fix=mount_fix(run, together),
                cause=cache_cause(run, manager),
            )
            found.repeats = not first
            yield found
            return

    def _fetches(self, action: Action) -> bool:
        manager = action.manager
        if action.is_idle or not manager.mounts or (manager.system and not self.settings["system"]):
            return False
        if action.verb in IDLE_VERBS or (manager.offline and manager.option_at(action.argv, manager.offline) >= 0):
            return False
        names = {plain_name(word.partial) for word in action.operands}
        if names and names <= TOOLS:
            return False
        if names and all(_is_wheel(word.partial) for word in action.operands):
            return False  # another step fetched or built them all, with what they need
        if manager.system:
            return action.installs
        return action.effect in ("install", "download", "compile") and manager.option_at(action.argv, SKIPS) < 0


def _is_wheel(text: str) -> bool:
    """Whether a word names all of a folder of wheels; a single one has dependencies that are fetched."""
    folder, _, name = text.rpartition("/")
    return name in ("*", "*.whl") and folder.rpartition("/")[2] in ("wheels", "wheelhouse")


def _is_go_without_caches(run: Run) -> bool:
    from dfadvise.base.toolversions import image_version, is_before

    return is_before(image_version(base_of(run.stage), "golang"), GO_MODULES)


def _loss(run: Run, action: Action) -> str:
    """What an install or a build without a cache does over and over."""
    if action.effect != "compile":
        return "downloads"
    if any("@" in word.partial for word in action.operands):
        return "downloads and compiles"  # a program of its own, as in `go install example.com/tool@v1`
    for earlier in run.stage.chain_instructions():
        if earlier is run:
            break
        if isinstance(earlier, Run):
            for each in actions(earlier):
                if each.manager is action.manager and each.effect in ("install", "download", "compile"):
                    return "compiles"  # what an earlier layer holds is not fetched again
    return "downloads and compiles"


def _is_settled(action: Action) -> bool:
    """Whether the author has moved the cache, or switched it off for good by a variable."""
    manager = action.manager
    if manager.moved and option_value(action, manager.moved) is not None:
        return True
    for name in manager.moved_env:
        if name not in ("GEM_HOME", "CARGO_HOME", "GOPATH", "PNPM_HOME", "CI") and value_of(action, name):
            return True
    return any(cache_off_by_env(manager, name, value_of(action, name) or "") for name in manager.off_env)


def codes(name: str) -> tuple[str, ...]:
    """The foreign codes that hold for a manager."""
    if name not in TALLY:
        return ()
    found: tuple[str, ...] = ("tally:prefer-package-cache-mounts",)
    if name in NODE:
        found += ("tally:js/node-gyp-cache-mounts",)
    if name == "bundler":
        found += ("tally:ruby/prefer-bundler-cache-mount",)
    return found
