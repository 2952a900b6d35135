from __future__ import annotations

from dfadvise.base.bases import is_windows
from dfadvise.base.users import is_root, last_user
from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, REWRITES, directories, effects_of
from dfadvise.layers import copy_effects
from dfadvise.managers.packages import actions
from dfadvise.paths import has_glob, is_below
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Cmd, Copy, Entrypoint, Run, Single, bodies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.effects import Effect
    from dfadvise.stages import Dockerfile, Stage

ALIAS = ("tally:copy-after-user-without-chown",)
RAILS = "tally:ruby/state-paths-not-writable-as-non-root"
# They write into the directory that they run in.
WRITERS = frozenset(("npm", "yarn", "pnpm", "bun", "composer"))
# Only the owner of a file, or root, can run these on it.
OWNERS_ONLY = ("chmod", "chown", "chgrp")
WINDOWS_USER = "containeruser"
# Copies that are looked at closely, at most, and the later steps for each.
MOST = 50


class UnownedCopy(Rule):
    """A copy belongs to root although another user has to write to it.

    Why:
        COPY and ADD ignore USER: without --chown everything belongs to root. A later `chmod`, `npm install` or a
        framework that writes beside its code then fails with "permission denied".

    Bad (its mode cannot be changed):
        FROM debian:12
        RUN useradd app
        USER app
        COPY start.sh /app/start.sh
        RUN chmod +x /app/start.sh

    Good:
        FROM debian:12
        RUN useradd app
        USER app
        COPY --chown=app start.sh /app/start.sh
        RUN chmod +x /app/start.sh

    Bad (no folder can be made in it):
        FROM node:22-slim
        USER node
        COPY . /app
        WORKDIR /app
        RUN npm ci

    Fixed:
        FROM node:22-slim
        USER node
        COPY --chown=node . /app
        WORKDIR /app
        RUN npm ci

    Good (the user's own folder):
        FROM node:22-slim
        USER node
        WORKDIR /home/node/app
        COPY . .
        RUN npm ci

    Good (code that is only read):
        FROM python:3.13-slim
        RUN useradd app
        USER app
        COPY app.py /srv/app.py
        CMD ["python", "/srv/app.py"]

    Fix:
        unsafe: `--chown` with that user, who can then change what was copied.

    Variants:
        not onbuild: what is there before is the child's
    """

    on = ("stage",)
    keywords = ("COPY", "ADD")
    severity = "info"
    aliases = (*ALIAS, RAILS)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(each.keyword == "USER" for each in file.walk())

    def check(self, stage: Stage) -> Iterator[Finding]:
        if last_user(stage) is None or is_windows(stage):
            return
        budget = MOST
        done: dict[int, list[Effect]] = {}
        for outer in stage.instructions:
            for copy in (outer, *bodies(outer)):
                if not isinstance(copy, Copy) or copy.flag("chown") is not None:
                    continue
                user = stage.user_at(copy)
                if user is None or is_root(user) or user.lower() == WINDOWS_USER:
                    continue
                budget -= 1
                reason = None
                if stage.ships and copy.outer is None and budget > 0:
                    reason = _written_to(stage, copy, user, done) or _is_rails(stage, copy)
                if reason is None:
                    message = f"belongs to root, while USER is {user}"
                    yield self.finding(copy.name_span, message, outer, "style", ALIAS)
                    continue
                what, where = reason
                aliases = ALIAS if where is not None else (*ALIAS, RAILS)
                related = [("here", where)] if where is not None else []
                fix = _fix(copy, user)
                message = f"what this copies belongs to root, but {user} {what}"
                yield self.finding(copy.name_span, message, outer, None, aliases, related, fix=fix)


def _written_to(stage: Stage, copy: Copy, user: str, done: dict[int, list[Effect]]) -> tuple[str, Span] | None:
    """What a later RUN of the user does to the copy, and where; None when nothing is known to fail."""
    copied = [effect for effect in copy_effects(copy, set()) if effect.path is not None and not has_glob(effect.path)]
    if not 0 < len(copied) <= MOST:
        return None
    fresh = [effect for effect in copied if effect.tree and not _is_made_before(stage, copy, effect.path or "")]
    for later in stage.instructions[copy.index + 1 : copy.index + 1 + MOST]:
        if not isinstance(later, Run):
            continue
        if stage.user_at(later) != user:
            return None  # root may change the owner
        if id(later) not in done:
            done[id(later)] = effects_of(later)
        for effect in done[id(later)]:
            command, path = effect.command, effect.path
            if command is None or path is None or command.wrappers or command.failure_handled or not effect.certain:
                continue
            if effect.kind == REWRITES and command.program in OWNERS_ONLY:
                if not has_glob(path) and any(_brings(each, path) for each in copied):
                    return f"runs {command.program} on it", effect.span
            elif effect.kind in (ADDS, DOWNLOADS, EXTRACTS) and any(
                is_below(path, each.path or "") and path != each.path for each in fresh
            ):
                return f"writes to {path}", effect.span
        if fresh:
            for action in actions(later):
                if action.manager.name not in WRITERS or not action.installs or action.is_idle:
                    continue
                cwd = next((cwd for command, cwd in directories(later) if command is action.command), None)
                options = ("-g", "--global", "--prefix", "global")
                if cwd is None or any(word in options for word in action.argv):
                    continue
                if any(is_below(cwd, each.path or "") for each in fresh):
                    return f"runs {action.text} in it", action.span
        if any(effect.kind in (ADDS, DOWNLOADS, EXTRACTS) for effect in done[id(later)]):
            # What follows may be about the user's own files.
            copied = [each for each in copied if not each.tree]
    return None


def _brings(copied: Effect, path: str) -> bool:
    """Whether a path is surely one of the copied files."""
    if not copied.tree:
        return copied.path == path
    return copied.path is not None and path != copied.path and is_below(path, copied.path)


def _is_made_before(stage: Stage, copy: Copy, path: str) -> bool:
    """Whether a folder may be there before the copy, or somebody may have given it away."""
    context_root = path in ("/", "/tmp", "/home", "/root", "/opt", "/srv", "/usr", "/var", "/etc")
    if context_root or is_below(path, "/home") or is_below(path, "/tmp") or is_below(path, "/root"):
        return True
    for each in stage.chain_instructions():
        if each is copy:
            return False
        if isinstance(each, Single) and each.keyword == "WORKDIR":
            made = each.stage.symbolic_workdir_at(each, after=True)
            if "$" in made or is_below(made, path):
                return True
        elif isinstance(each, Run) and (each.is_opaque or path in each.body.text):
            return True
        elif isinstance(each, Copy):
            for effect in copy_effects(each, set()):
                if effect.path is None or is_below(effect.path, path):
                    return True
    return False


def _is_rails(stage: Stage, copy: Copy) -> tuple[str, None] | None:
    """Whether the copy brings a Rails application, which writes to log, tmp, storage and db."""
    if "rails" not in stage.file.source.text or stage is not stage.file.exported or copy.target is None:
        return None
    target = copy.expand(copy.target.text)
    if target is None or not any(effect.tree for effect in copy_effects(copy, set())):
        return None
    if target.rstrip("/.") and target.rstrip("/") != stage.symbolic_workdir_at(copy):
        return None
    if copy.origin is None and not any(word.text in (".", "./") for word in copy.sources):
        return None
    starts = False
    for each in stage.instructions[copy.index + 1 :]:
        if isinstance(each, Run) and ("chown" in each.body.text or "chmod" in each.body.text):
            return None
        starts = starts or (isinstance(each, (Cmd, Entrypoint)) and _starts_rails(each))
    return ("runs Rails, which writes to log, tmp, storage and db in it", None) if starts else None


def _starts_rails(started: Cmd | Entrypoint) -> bool:
    words = (word.text for command in started.all_commands() for word in command.words)
    return any(text is not None and text.rpartition("/")[2] in ("rails", "thrust") for text in words)


def _fix(copy: Copy, user: str) -> Fix | None:
    owner = next((each.value for each in _users_before(copy)), user).strip("\"'")
    # What a variable names stays one: another build may give it another value.
    if owner != user and copy.expand(owner) != user:
        return None
    if any(not (char.isalnum() or char in "_-.:${}") for char in owner):
        return None
    at = copy.name_span.end
    return Fix(f"Give it to {user}", [Edit(Span(at, at), f" --chown={owner}")])


def _users_before(copy: Copy) -> Iterator[Single]:
    """The USERs in front of a copy, the last one first."""
    for stage in reversed(copy.stage.chain):
        for each in reversed(stage.instructions[: copy.index] if stage is copy.stage else stage.instructions):
            if isinstance(each, Single) and each.keyword == "USER":
                yield each
