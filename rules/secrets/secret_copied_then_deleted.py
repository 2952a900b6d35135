from __future__ import annotations

from dfadvise.rule import Finding, Rule, Weighs
from dfadvise.secret.files import removed_files, removed_from_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage


class SecretCopiedThenDeleted(Rule):
    """A secret file is put into one layer and removed in a later one.

    Why:
        Removing a file only hides it: the layer that brought it still holds it, and everybody who can pull the image
        can read it. A secret mount shows the file to one RUN and leaves nothing behind.

    Bad:
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json .npmrc ./
        RUN npm ci && rm -f .npmrc

    Fixed:
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci

    Bad (written by a command):
        FROM python:3.13-slim
        ARG TOKEN
        RUN echo "machine pypi.example.com login ci password ${TOKEN}" > ~/.netrc
        RUN pip install --no-cache-dir private-package
        RUN rm ~/.netrc

    Good (a secret mount):
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci

    Good (written and removed in one layer):
        FROM python:3.13-slim
        ARG TOKEN
        RUN echo "machine pypi.example.com login ci password ${TOKEN}" > ~/.netrc \\
            && pip install --no-cache-dir private-package \\
            && rm ~/.netrc

    Good (a builder's layers do not ship):
        FROM node:22 AS build
        COPY .npmrc package.json ./
        RUN npm install && rm .npmrc

        FROM node:22-slim
        COPY --from=build /app /app

    Good (nothing secret):
        FROM debian:12
        COPY app.deb /tmp/
        RUN dpkg -i /tmp/app.deb && rm /tmp/app.deb

    Fix:
        unsafe: a secret mount on the RUN that reads the file, where it is the only one; the build must then be given
        the secret.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    severity = "error"
    security = "8.0"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        # What removes a file, or moves or packs it.
        removing = ("rm", "unlink", "rmdir", "mv", "gunzip", "gzip", "bunzip2", "unxz", "find")
        return not programs_in(file).isdisjoint(removing)

    def check(self, stage: Stage) -> Iterator[Finding]:
        # The exported chain is looked at once, from its last stage.
        if stage.file.exported is not stage and not (stage.ships and stage.from_ is None):
            return
        for each in [*removed_files(stage), *removed_from_folder(stage)]:
            file = each.file
            if not file.instruction.stage.ships:
                continue
            from dfadvise.secret.reads import mount_fix

            yield self.finding(
                each.by.span,
                f"{file.name} ({file.kind}) is removed here, but the layer of line {file.instruction.line} keeps it",
                each.later,
                related=[("enters the image here", file.span)],
                fix=mount_fix(file, removed=True),
                cause=file.cause,
                weighs=Weighs("stored", (file.instruction,), (file.path,)),
            )
