from __future__ import annotations

from dfadvise.about.removals import Removal, home_form, removals
from dfadvise.editing import dropping
from dfadvise.editing.addmounts import MOST_COMMANDS, emptied_by
from dfadvise.editing.edits import is_literal, without
from dfadvise.effects import directories
from dfadvise.knowledge.language_managers import cache_off_by_env
from dfadvise.managers.cachedirs import cache_mounts, cache_paths, home_at, is_kept, may_serve
from dfadvise.managers.packages import actions, reading, value_of
from dfadvise.paths import is_below, literal_prefix, word_path
from dfadvise.proving.deletions import is_cleaner
from dfadvise.rule import Edit, Finding, Fix, Rule, Saving
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.manager import Manager
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Run
    from dfadvise.syntax.mounts import Mount


class DefeatedCacheMount(Rule):
    """A RUN has a cache mount, and keeps its package manager from using it.

    Why:
        With its cache switched off, or emptied at the end, the mount stays empty and everything is downloaded again
        at each build. Nothing under a cache mount gets into the image, so there is nothing to save either.

    Bad (switched off):
        FROM python:3.13
        RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir flask==3.1.0

    Good:
        FROM python:3.13
        RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0

    Bad (emptied):
        FROM node:22
        COPY package.json package-lock.json ./
        RUN --mount=type=cache,target=/root/.npm \\
            npm ci && \\
            npm cache clean --force

    Good (kept):
        FROM node:22
        COPY package.json package-lock.json ./
        RUN --mount=type=cache,target=/root/.npm \\
            npm ci

    Bad (by a variable):
        FROM python:3.13
        ENV PIP_NO_CACHE_DIR=1
        RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0

    Good (the lists have no mount):
        FROM debian:12
        RUN rm -f /etc/apt/apt.conf.d/docker-clean
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\
            apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*

    Good (another manager's):
        FROM python:3.13-alpine
        RUN --mount=type=cache,target=/root/.cache/pip apk add --no-cache git && pip install flask==3.1.0

    Fix:
        safe: the option or the clean-up goes. Unsafe for apk, where `--no-cache` becomes `--update-cache`; none for a
        variable, and where nobody knows that this user keeps the cache in the mount.
    """

    on = ("RUN",)
    mentions = ("--mount",)
    severity = "warning"

    def check(self, run: Run) -> Iterator[Finding]:
        if not run.mounts:
            return
        mounts = list(cache_mounts(run))
        if not mounts:
            return
        served: list[str] = []
        known: dict[str, list[str]] = {}
        for action in actions(run):
            name = action.manager.name
            if name not in known:
                known[name] = [path for _, path in mounts if _serves(run, action, path)]
                served.extend(path for path in known[name] if path not in served)
            mount = next((each for each, path in mounts if path in known[name]), None)
            if mount is not None and not action.is_idle:
                yield from self._switched_off(action, mount)
        if served:
            yield from self._emptied(run, mounts, served)

    def _switched_off(self, action: Action, mount: Mount) -> Iterator[Finding]:
        manager = action.manager
        if action.effect in ("remove", "clean"):
            return
        related = [("the cache mount", mount.flag.span)]
        at = manager.option_at(action.argv, manager.off)
        if at >= 0:
            word = action.command.words[at]
            fix = None
            if manager.name == "apk":
                if is_literal(word):
                    fix = Fix("Refresh the index into the cache", [Edit(word.span, "--update-cache")])
            elif is_kept(action):
                edit = without(action.command, word)
                fix = Fix(f"Delete {word.partial}", [edit], "safe", "-flag") if edit is not None else None
            message = f"{word.partial} keeps {manager.name} from using the cache mount"
            yield self.finding(word.span, message, related=related, saving=Saving(rank=manager.rank), fix=fix)
            return
        for name in manager.off_env:
            value = value_of(action, name)
            if value is not None and UNKNOWN not in value and cache_off_by_env(manager, name, value):
                message = f"{name} keeps {manager.name} from using the cache mount"
                yield self.finding(action.span, message, related=related, saving=Saving(rank=manager.rank))
                return

    def _emptied(self, run: Run, mounts: list[tuple[Mount, str]], served: list[str]) -> Iterator[Finding]:
        commands = reading(run).commands
        managers = list({action.manager.name: action.manager for action in actions(run)}.values())
        by_place: dict[int, list[Removal]] = {}
        for removal in removals(run):
            by_place.setdefault(removal.place, []).append(removal)
        for place, command in enumerate(commands):
            path = _cleaned(managers, command, served)
            whole = True
            if path is None:
                removed = by_place.get(place, [])
                hit = [_under(removal, served) for removal in removed]
                path = next((each for each in hit if each is not None), None)
                whole = all(each is not None for each in hit) and len(hit) == len(command.operands)
            if path is None:
                continue
            mount = next(each for each, target in mounts if target == path)
            edit = None
            if whole and 1 < len(commands) <= MOST_COMMANDS and _may_stay(run, command, mounts):
                edit = dropping.command(command)
            yield self.finding(
                command.argv_span,
                f"{command.program} empties the cache mount at {path}",
                related=[("the cache mount", mount.flag.span)],
                saving=Saving(rank=2),
                fix=_kept(command, edit) if edit is not None else None,
            )


def _may_stay(run: Run, command: ShellCommand, mounts: list[tuple[Mount, str]]) -> bool:
    """Whether everything that a clean-up takes surely lies in mounts, for the user and the home in force."""
    acting = [action for action in actions(run) if action.effect not in ("remove", "clean") and not action.is_idle]
    if command.program in ("rm", "find"):
        home = home_at(run)
        cwd = next((cwd for each, cwd in directories(run, home) if each is command), None)
        for word in command.operands[: 1 if command.program == "find" else None]:
            path = word_path(word, cwd, home)
            if path is None or not any(is_below(literal_prefix(path), target) for _, target in mounts):
                return False
        return all(is_kept(action) for action in acting if not action.manager.system)
    emptying = [action for action in acting if emptied_by(command, action.manager)]
    return all(is_kept(action, emptied_by(command, action.manager)) for action in emptying)


def _kept(command: ShellCommand, edit: Edit) -> Fix:
    """The fix without a clean-up: safe where the proof knows the command for one."""
    return Fix("Keep what is in the cache", [edit], "safe" if is_cleaner(command) else "unsafe", "-clean")


def _serves(run: Run, action: Action, path: str) -> bool:
    if action.manager.system or "$" in path:
        return "$" not in path and may_serve(run, action.manager, path)
    known = cache_paths(action)
    if known is not None and any(is_below(each, path) or is_below(path, each) for each in known):
        return True
    return known is None and may_serve(run, action.manager, path)


def _cleaned(managers: list[Manager], command: ShellCommand, served: list[str]) -> str | None:
    """The mount that a manager's own clean-up command empties."""
    for manager in managers:
        if manager.name == "pnpm":
            continue  # `store prune` drops only what nothing refers to
        kinds = emptied_by(command, manager)
        for leftover in manager.leftovers:
            if leftover.kind not in kinds:
                continue
            for path in served:
                form = home_form(path)
                for place in (*leftover.paths, *(manager.mounts if not manager.system else ())):
                    usual = home_form(place)
                    if is_below(usual, form) or is_below(form, usual):
                        return path
    return None


def _under(removal: Removal, served: list[str]) -> str | None:
    """The mount that a removal empties, in whole or in part."""
    start = literal_prefix(removal.path)
    for path in served:
        form = home_form(path)
        if is_below(start, form) and (removal.recursive or start != removal.path):
            return path
        if removal.recursive and start not in ("/", "~") and is_below(form, start):
            return path
    return None
