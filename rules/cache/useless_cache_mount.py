from __future__ import annotations

from dfadvise.editing.mountedits import with_option, with_target
from dfadvise.effects import FILE_PROGRAMS, HARMLESS, INTERPRETERS
from dfadvise.managers.cachedirs import cache_mounts, cache_paths, home_at, is_root, may_serve, uid_of
from dfadvise.managers.cacheplaces import is_meant
from dfadvise.managers.packages import actions, reading
from dfadvise.managers.programs import is_known_program
from dfadvise.paths import is_below
from dfadvise.rule import Edit, Finding, Fix, Rule, Saving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Run
    from dfadvise.syntax.mounts import Mount


class UselessCacheMount(Rule):
    """Nothing in the RUN can use its cache mount.

    Why:
        A cache mount helps only where the program keeps its cache for the user, HOME and settings in force, and only
        when that user may write there: a mount belongs to root unless uid= says otherwise. Elsewhere it stays empty.

    Bad (another home):
        FROM node:22
        USER node
        RUN --mount=type=cache,target=/root/.npm,uid=1000 npm install -g serve

    Good:
        FROM node:22
        USER node
        RUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm install -g serve

    Bad (gems are elsewhere in the ruby images):
        FROM ruby:3.4
        RUN --mount=type=cache,target=/root/.gem bundle install

    Good (where they are):
        FROM ruby:3.4
        RUN --mount=type=cache,target=/usr/local/bundle/cache bundle install

    Bad (not writable):
        FROM node:22
        USER 1000
        ENV HOME=/home/node
        RUN --mount=type=cache,target=/home/node/.npm npm install -g serve

    Good (writable):
        FROM node:22
        USER 1000
        ENV HOME=/home/node
        RUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm install -g serve

    Good (a program of which nobody knows what it keeps where):
        FROM ruby:3.4
        RUN --mount=type=cache,target=/root/.gem bin/setup && bundle install

    Good (above the cache):
        FROM python:3.13
        RUN --mount=type=cache,target=/root/.cache pip install flask==3.1.0

    Variants:
        not onbuild: a USER or ENV that is held back belongs to another image

    Fix:
        unsafe: the right target; safe when only uid= is missing and the user's number is known.
    """

    on = ("RUN",)
    mentions = ("--mount",)
    severity = "warning"

    def check(self, run: Run) -> Iterator[Finding]:
        if not run.mounts or run.is_opaque or run.outer is not None:
            return
        mounts = [(mount, path) for mount, path in cache_mounts(run) if "$" not in path]
        if not mounts:
            return
        places = {action.place for action in actions(run)}
        if not all(place in places or _is_known(command) for place, command in enumerate(reading(run).commands)):
            return
        acting = [each for each in actions(run) if each.effect not in ("clean", "remove") and not each.is_idle]
        for mount, path in mounts:
            finding = self._elsewhere(run, mount, path, acting) or self._locked_out(run, mount, path, acting)
            if finding is not None:
                yield finding

    def _elsewhere(self, run: Run, mount: Mount, path: str, acting: list[Action]) -> Finding | None:
        """The mount is where nobody looks."""
        meant = [each for each in acting if is_meant(path, each)]
        if not meant or any(_may_use(run, each, path) for each in acting):
            return None
        action = meant[0]
        right = cache_paths(action)
        if right is None:
            return None
        edit = with_target(run.file.source, mount, right[0])
        edits: list[Edit | None] = [edit]
        if is_root(run) is False and "uid" not in mount.options and "mode" not in mount.options:
            owner = uid_of(run)
            edits.append(with_option(run.file.source, mount, f"uid={owner[0]}") if owner is not None else None)
        whole = [each for each in edits if each is not None]
        where = " and ".join(right)
        return self.finding(
            mount.flag.span,
            f"{action.program or action.manager.name} keeps its cache in {where}, not in {path}",
            related=[("the command", action.span)],
            saving=Saving(rank=action.manager.rank),
            fix=Fix("Mount the cache where it is", whole) if len(whole) == len(edits) else None,
        )

    def _locked_out(self, run: Run, mount: Mount, path: str, acting: list[Action]) -> Finding | None:
        """The mount belongs to root, and somebody else runs the command."""
        if is_root(run) is not False or "uid" in mount.options or "mode" in mount.options or not mount.writable:
            return None
        if any("sudo" in command.wrappers or "gosu" in command.wrappers for command in reading(run).commands):
            return None
        action = next((each for each in acting if _may_use(run, each, path) and not each.manager.system), None)
        if action is None:
            return None
        fix = None
        owner = uid_of(run)
        # Who has another home keeps nothing here.
        if owner is not None and any(is_below(each, path) for each in cache_paths(action) or ()):
            option = f"uid={owner[0]}" + (f",gid={owner[1]}" if owner[1] is not None else "")
            edit = with_option(run.file.source, mount, option)
            fix = Fix("Give the cache to the user", [edit], "safe", "mount") if edit is not None else None
        user = run.stage.user_at(run)
        return self.finding(
            mount.flag.span,
            f"the cache mount belongs to root, and {action.text} runs as {user}",
            related=[("the command", action.span)],
            saving=Saving(rank=action.manager.rank),
            fix=fix,
        )


def _is_known(command: ShellCommand) -> bool:
    """Whether a command that is no manager's surely keeps no cache."""
    program = command.program
    if command.is_assignment:
        return True
    if program is None or program in INTERPRETERS:
        return False
    # A manager's other commands may run anything: `npm run build`.
    return program in HARMLESS or program in FILE_PROGRAMS or (is_known_program(program) and not _is_manager(program))


def _is_manager(program: str) -> bool:
    from dfadvise.knowledge.language_managers import language_manager

    return language_manager(program) is not None


def _may_use(run: Run, action: Action, path: str) -> bool:
    if action.manager.system:
        return may_serve(run, action.manager, path)
    known = cache_paths(action)
    if known is None:
        return True
    if any(is_below(each, path) or is_below(path, each) for each in known):
        return True
    if action.manager.name == "yarn":
        # Another yarn than the one of the image may be called.
        return "corepack" in run.file.source.text and may_serve(run, action.manager, path)
    if action.manager.name in ("bundler", "composer", "gradle", "conda"):
        home = home_at(run) or "/root"
        return may_serve(run, action.manager, path) and not path.startswith(f"{home}/.gem")
    return False
