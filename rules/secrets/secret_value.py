from __future__ import annotations

from dfadvise.knowledge.secret_values import KICS, TALLY
from dfadvise.rule import Finding, Rule
from dfadvise.secret.flow import FILE, reach_of
from dfadvise.secret.scan import hits, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.secret.flow import Reach
    from dfadvise.secret.scan import Hit
    from dfadvise.stages import Dockerfile

_DOCKLE = "CIS-DI-0010"


class SecretValue(Rule):
    """A token, a private key or a password stands in the file.

    Why:
        Everybody who can read the file has the secret, and most instructions also put it into the image's
        configuration, history or layers. A secret that was once in a repository or an image counts as known: it
        has to be replaced, not only removed. Secret mounts bring secrets to a build, the runtime's own ones to
        containers.

    Bad (a token):
        FROM node:22-slim
        ENV NPM_TOKEN=npm_Zx81qLw0vN3sT6yBc9dE2fGh4jKm7pQr5uVa

    Bad (a password in a URL):
        FROM debian:13
        RUN git clone https://ci:correct7horse@git.example.org/app.git

    Good (variables):
        FROM debian:13
        RUN git clone "https://ci:${GIT_PASSWORD}@git.example.org/app.git"

    Good (what a secret looks like):
        FROM debian:13
        # AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE, NPM_TOKEN=npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        ENV APP_REGION=eu-west-1

    Good (hashes):
        FROM debian:13
        ENV APP_SHA256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        ADD --checksum=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://e.org/a /a

    Fix:
        none: the secret has to be replaced where it was given out.
    """

    on = ("file",)
    severity = "error"
    security = "9.0"
    aliases = (KICS, TALLY, _DOCKLE)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.secret.signs import looks_secret

        return looks_secret(text)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        for hit in hits(file):
            found = hit.found
            value = file.source.text[found.start : found.end]
            reach = reach_of(hit.instruction, hit.comment, _in_document(hit))
            severity, message = _judge(hit, value, reach)
            codes = found.codes if reach.places == (FILE,) else (*found.codes, _DOCKLE)
            yield self.finding(
                hit.span,
                f"{message} is {reach.text}",
                severity=severity,
                aliases=codes,
                cause=hit.cause,
                hides=() if found.worth == "local" else (hit.span,),
            )


def _judge(hit: Hit, value: str, reach: Reach) -> tuple[Severity, str]:
    found = hit.found
    if found.worth == "local":
        return "style", f"{found.name} that stands for one"
    if found.worth == "placeholder":
        severity: Severity = "style" if reach.places == (FILE,) else "warning" if reach.ships else "info"
        return severity, f"{found.name} that is easily guessed"
    head = shown(value)
    return "error", found.name if head == "..." or value.startswith("--") else f"{found.name} ({head})"


def _in_document(hit: Hit) -> bool:
    instruction = hit.instruction
    if instruction is None:
        return False
    return any(
        document.body_span.start <= hit.found.start < document.body_span.end for document in instruction.heredocs
    )
