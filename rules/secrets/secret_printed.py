from __future__ import annotations

from dfadvise.rule import Finding, Rule
from dfadvise.secret.printing import printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run


class SecretPrinted(Rule):
    """A build step prints a secret into the build log.

    Why:
        Build logs are kept by CI servers and shown to many. A secret that a mount keeps out of the image is given away
        by one `echo` or by a trace of the commands.

    Bad (a trace):
        FROM debian:13
        RUN --mount=type=secret,id=token,env=TOKEN set -ex; curl -H "Authorization: Bearer $TOKEN" https://example.org/

    Bad (the environment):
        FROM debian:13
        ARG API_TOKEN
        RUN env && ./fetch

    Bad (a mounted file):
        FROM debian:13
        RUN --mount=type=secret,id=token cat /run/secrets/token

    Good (no trace where the secret is):
        FROM debian:13
        RUN --mount=type=secret,id=token,env=TOKEN set -ex; make; set +x; curl -H "Authorization: Bearer $TOKEN" e.org

    Good (read by a program):
        FROM debian:13
        RUN --mount=type=secret,id=token,env=TOKEN printf '%s' "$TOKEN" | ./login --password-stdin

    Good (no secret in sight):
        FROM debian:13
        ARG VERSION
        RUN set -x && env && echo "$VERSION"

    Good (only asks):
        FROM debian:13
        RUN --mount=type=secret,id=token,env=TOKEN set -e; test -n "$TOKEN" && echo "token ${TOKEN:+is set}"

    Fix:
        none: what the line is for, the author knows.
    """

    on = ("RUN",)
    severity = "warning"
    security = "5.5"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.about.mentions import distinct
        from dfadvise.secret.signs import names_any

        names = (pair.key for each in file.walk() for pair in getattr(each, "pairs", ()))
        return "secret" in distinct(text).lower() or any(map(names_any, names))

    def check(self, run: Run) -> Iterator[Finding]:
        for each in printed(run):
            yield self.finding(each.span, f"{each.by} prints {each.what} to the build log")
