from __future__ import annotations

from dfadvise.effects import home_of
from dfadvise.knowledge.credential_options import SETTING_UP
from dfadvise.managers.packages import reading
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Rule, Weighs
from dfadvise.secret.stores import sets_up, stays, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.secret.stores import Stored
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

_TRIVY = "DS-0031"
_PROGRAMS = frozenset(program for program, _, _ in SETTING_UP)
_ORIGINS = {"mount": "the mounted secret", "arg": "the build argument", "env": "the variable"}


class SecretPersisted(Rule):
    """A build step stores a secret in the image.

    Why:
        A secret mount leaves nothing behind by itself, but a command that logs in, sets a token or writes it to a file
        keeps a copy in the layer, where everybody who can pull the image can read it.

    Bad (a setting):
        FROM node:22-slim
        RUN --mount=type=secret,id=npm,env=TOKEN npm config set //registry.npmjs.org/:_authToken "$TOKEN" && npm ci

    Bad (a clone):
        FROM debian:13
        ARG GIT_TOKEN
        RUN git clone "https://x-access-token:${GIT_TOKEN}@git.example.org/app.git" /app

    Bad (a file):
        FROM python:3.13-slim
        RUN --mount=type=secret,id=pw \\
            echo "machine pypi.example.org login ci password $(cat /run/secrets/pw)" > /root/.netrc && \\
            pip install --no-cache-dir app

    Bad (a copy):
        FROM debian:13
        RUN --mount=type=secret,id=key cp /run/secrets/key /etc/app.key

    Good (removed in the same step):
        FROM debian:13
        ARG GIT_TOKEN
        RUN git clone "https://x-access-token:${GIT_TOKEN}@git.example.org/app.git" /app && rm -rf /app/.git

    Good (mounted where it is read):
        FROM python:3.13-slim
        RUN --mount=type=secret,id=netrc,target=/root/.netrc pip install --no-cache-dir app

    Good (a reference):
        FROM node:22-slim
        RUN echo '//registry.npmjs.org/:_authToken=${NPM_TOKEN}' > .npmrc

    Good (a builder):
        FROM debian:13 AS build
        ARG GIT_TOKEN
        RUN git clone "https://x-access-token:${GIT_TOKEN}@git.example.org/app.git" /app

        FROM debian:13-slim
        COPY --from=build /app/dist /app

    Good (taken back):
        FROM docker:28
        RUN --mount=type=secret,id=pw docker login -u ci --password "$(cat /run/secrets/pw)" && ./push && docker logout

    Fix:
        none: how the command gets the secret otherwise is for the author to say.
    """

    on = ("RUN",)
    severity = "error"
    security = "8.0"
    aliases = (_TRIVY,)
    yields_to = ("secret-copied-then-deleted",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.secret.signs import hands_any

        return hands_any(text)

    def check(self, run: Run) -> Iterator[Finding]:
        said: set[tuple[int, str]] = set()
        for each in stored(run):
            origin = _origin(run, each)
            if origin is None or (id(each.command), each.what) in said:
                continue
            cached = _in_cache(run, each)
            if not (run.stage.ships or cached) or not stays(run, each):
                continue
            from dfadvise.secret.flow import secrets_of

            said.add((id(each.command), each.what))
            where = "a cache mount, which later builds see" if cached else "a layer of the image"
            yield self.finding(
                each.span,
                f"{origin} is stored in {each.what}, in {where}",
                severity="error" if run.stage.ships else "warning",
                aliases=(_TRIVY,) if sets_up(each.command) and not secrets_of(run).has_mounts else (),
                cause=("written", id(each.command)),
                weighs=Weighs("stored", (run,), each.keys) if run.stage.ships and not cached else None,
            )
        yield from self._unknown(run, said)

    def _unknown(self, run: Run, said: set[tuple[int, str]]) -> Iterator[Finding]:
        """Set-up commands of which nobody knows what they are handed."""
        if not run.stage.is_last:
            return
        spoken = {command for command, _ in said}
        for command in reading(run).commands:
            if command.program not in _PROGRAMS or id(command) in spoken:
                continue
            from dfadvise.secret.flow import secrets_of

            if sets_up(command) and not secrets_of(run).has_mounts:
                message = f"{command.program} sets up credentials without a secret mount"
                yield self.finding(command.argv_span, message, severity="style", aliases=(_TRIVY,))


def _origin(run: Run, each: Stored) -> str | None:
    """Where a stored secret comes from, in words; None when it is no secret, or stands there literally."""
    if each.mount is not None:
        return f"the mounted secret {each.mount}"
    from dfadvise.secret.flow import secrets_of

    value, secrets = each.value, secrets_of(run)
    if value is None:
        return "the key file"
    for name in value.names:
        origin = secrets.origin(name, each.command)
        if origin in _ORIGINS and (each.certain or secrets.names_secret(name, each.command)):
            shown = f" {name}" if name.isidentifier() else ""
            return _ORIGINS[origin] + shown
    return None


def _in_cache(run: Run, each: Stored) -> bool:
    from dfadvise.secret.flow import path_key

    home = home_of(run)
    for mount in run.mounts:
        if mount.type != "cache" or not mount.target:
            continue
        target = run.expand(mount.target)
        key = path_key(target, run.stage.symbolic_workdir_at(run), home) if target else None
        if key is not None and any(is_below(path, key) for path in each.keys):
            return True
    return False
