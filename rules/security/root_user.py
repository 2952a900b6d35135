from __future__ import annotations

from dfadvise.base.users import handover, is_root, last_user
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage

_SCANNERS = ("DS-0002", "kics:67fd0c4a", "semgrep:last-user-is-root")
_STATE = "tally:stateful-root-runtime"


class RootUser(Rule):
    """The last USER of the image is root.

    Why:
        Its containers run as root: whoever breaks out of the process is root on a host without user namespaces.
        Steps that need root belong before the last USER.

    Bad:
        FROM jenkins/jenkins:lts-jdk21
        USER root
        RUN apt-get update && apt-get install -y git

    Good (back again):
        FROM jenkins/jenkins:lts-jdk21
        USER root
        RUN apt-get update && apt-get install -y git
        USER jenkins

    Bad (by number, from an ARG):
        FROM debian:13
        ARG UID=0
        USER ${UID}:0
        CMD ["/app"]

    Good (a builder):
        FROM golang:1.26 AS build
        USER root
        RUN go build -o /app .

        FROM debian:13
        COPY --from=build /app /app
        USER 10001

    Good (a value that nobody knows):
        FROM debian:13
        ARG APP_USER
        USER $APP_USER
        CMD ["/app"]

    Good (dropped at the start):
        FROM debian:13
        USER root
        ENTRYPOINT ["gosu", "nobody", "/app"]

    Fix:
        none: which user can run the image is for the author to say.

    Variants:
        not onbuild: what the child image sets behind the trigger is not known
    """

    on = ("file",)
    keywords = ("USER",)
    severity = "warning"
    security = "6.0"
    aliases = ("DL3002", *_SCANNERS, "CKV_DOCKER_8", "sonar:S6471", "CIS-DI-0001", _STATE)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        shipped = last_user(file.exported) if file.exported is not None else None
        for stage in file.linted_stages:
            user = _own_last_user(stage)
            value = user.stage.expand(user.value, user) if user is not None else None
            if user is None or value is None or not is_root(value):
                continue
            message = f"the last USER is {value}, so containers run as root"
            if user is not shipped or file.exported is None:
                message = f"the last USER of the stage is {value}"
                yield self.finding(user.args[0].span, message, user, severity="style", aliases=("DL3002",))
                continue
            reason = handover(file.exported)
            aliases = ["DL3002", *_SCANNERS, "CIS-DI-0001"]
            if value == "root":
                aliases.append("CKV_DOCKER_8")
            if reason is None:
                aliases.append("sonar:S6471")
            if any(each.keyword == "VOLUME" for each in file.exported.chain_instructions()):
                aliases.append(_STATE)
            yield self.finding(
                user.args[0].span,
                message,
                user,
                severity="style" if reason else None,
                aliases=tuple(aliases),
            )


def _own_last_user(stage: Stage) -> Single | None:
    for instruction in reversed(stage.instructions):
        if isinstance(instruction, Single) and instruction.keyword == "USER" and instruction.args:
            return instruction
    return None
