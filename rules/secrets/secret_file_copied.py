from __future__ import annotations

from dfadvise.knowledge.secret_files import is_checked_in
from dfadvise.rule import Finding, Rule, Weighs
from dfadvise.secret.files import secret_files
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.secret.files import SecretFile
    from dfadvise.stages import Stage

_TRIVY, _DOCKLE, _TALLY = "DS-0031", "CIS-DI-0010", "tally:secrets-in-code"
# Files of which the scanner of images says nothing, as most of them are public.
_NOT_BY_NAME = (".pem", ".key", ".p12", ".pfx", ".yarnrc.yml")


class SecretFileCopied(Rule):
    """A secret file is copied into the image.

    Why:
        Everybody who can pull the image can read what is in it. Credentials and private keys belong in a secret
        mount (at build time) or in the runtime's own secrets (at run time).

    Bad (a private key):
        FROM debian:12
        COPY id_rsa /root/.ssh/id_rsa

    Bad (credentials):
        FROM node:22-slim
        WORKDIR /app
        COPY package.json .npmrc ./
        RUN npm ci

    Fixed:
        FROM node:22-slim
        WORKDIR /app
        COPY package.json ./
        RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci

    Bad (out of a builder):
        FROM debian:13 AS build
        ARG TOKEN
        RUN echo "machine pypi.example.org login ci password $TOKEN" > /root/.netrc && ./build

        FROM debian:13-slim
        COPY --from=build /root /root

    Bad (a document):
        FROM debian:13
        COPY <<'EOF' /root/.pgpass
        db.example.org:5432:app:app:tr0ub4dor-3
        EOF

    Good (a public key, a certificate):
        FROM debian:12
        COPY id_rsa.pub /root/.ssh/authorized_keys
        COPY ca.pem /usr/local/share/ca-certificates/ca.crt

    Good (a template):
        FROM debian:12
        COPY .env.example /app/.env.example

    Good (a secret mount):
        FROM node:22-slim
        COPY package.json ./
        RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm install

    Good (a reference in a document):
        FROM node:22-slim
        COPY <<'EOF' /root/.npmrc
        //registry.npmjs.org/:_authToken=${NPM_TOKEN}
        EOF

    Good (a key from a server is public):
        FROM debian:13
        ADD https://packages.example.org/repo.key /etc/apt/keyrings/repo.key

    Options:
        rules.secret-file-copied.allow = ["test/**", "signing.key"]

    Good (allowed by its path):
        FROM debian:13
        COPY test/server.pem deploy/signing.key /etc/app/

    Variants:
        not onbuild: triggers make layers in the child, not here

    Fix:
        unsafe: a secret mount on the RUN that reads the file, where it is the only one; the build must then be given
        the secret.
    """

    on = ("stage",)
    keywords = ("COPY", "ADD")
    severity = "warning"
    security = "7.5"
    aliases = (_TRIVY, _DOCKLE, _TALLY)
    yields_to = ("secret-copied-then-deleted",)
    options = {"allow": []}

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not (stage.ships or stage.feeds):
            return
        for file in secret_files(stage):
            copy = file.instruction
            if not isinstance(copy, Copy):
                continue  # what a RUN stores is for secret-persisted to say
            if self.allows(file.effect.origin or "", file.name, file.path.lstrip("/")):
                continue
            from dfadvise.secret.flow import graded
            from dfadvise.secret.reads import mount_fix

            # Of settings, the name says what they may hold; a key is nothing else than a key.
            guessed = file.guessed and file.kind != "private key"
            what = ", which may hold credentials" if guessed else f" ({file.kind})"
            message = f"{_shown(file)}{what}{',' if guessed else ''} is in a layer"
            if file.effect.tree:
                message = f"the copied folder holds {_shown(file)}{what}"
            if not stage.ships:
                message += ", not of the image, but of exported caches"
            yield self.finding(
                file.span,
                message,
                copy,
                severity=graded(_severity(file, guessed), stage),
                aliases=_codes(file),
                fix=mount_fix(file),
                cause=file.cause,
                weighs=Weighs("stored", (copy,), (file.path,)),
            )


def _severity(file: SecretFile, guessed: bool) -> Severity:
    if guessed:
        return "info" if is_checked_in(file.path) else "warning"
    return "error" if file.grade == "error" else "warning"


def _shown(file: SecretFile) -> str:
    return file.name if file.effect.tree else file.name.rpartition("/")[2]


def _codes(file: SecretFile) -> tuple[str, ...]:
    """The scanners that see it: by a variable that points to it, by its name, by its content."""
    codes = [_TRIVY] if file.alias else []
    if not file.path.lower().endswith(_NOT_BY_NAME):
        codes.append(_DOCKLE)
    if file.seen:
        codes.append(_TALLY)
    return tuple(codes)
