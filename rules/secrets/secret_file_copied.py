from __future__ import annotations

from dfadvise.rule import Finding, Rule
from dfadvise.secrets import secret_files
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage


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
        COPY package.json .npmrc ./

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

    Fix:
        none: which command needs the secret is for the author to say.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    severity = "warning"
    security = "7.5"
    aliases = ("DS-0031", "CIS-DI-0010", "tally:secrets-in-code")
    yields_to = ("secret-copied-then-deleted",)

    def check(self, stage: Stage) -> Iterator[Finding]:
        for secret in secret_files(stage):
            instruction = secret.layer.instruction
            # Each stage speaks of its own copies; what it stands on has spoken already.
            if instruction.stage is not stage or not isinstance(instruction, Copy):
                continue
            where = "" if stage.ships else " of a stage that only feeds the image"
            shown = secret.name if secret.effect.tree else secret.name.rpartition("/")[2]
            message = f"{shown} ({secret.kind}) is in a layer{where}"
            if secret.effect.tree:
                message = f"the copied folder holds {shown} ({secret.kind})"
            yield self.finding(
                secret.span,
                message,
                instruction,
                severity=("error" if secret.grade == "error" else "warning") if stage.ships else "info",
                aliases=self.aliases,
                cause=secret.cause,
            )
