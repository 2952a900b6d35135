from __future__ import annotations

from dfadvise.base.accounts import accounts
from dfadvise.base.bases import base_of, is_windows
from dfadvise.base.users import handover, is_root, last_user, may_need_root, starts_unprivileged
from dfadvise.knowledge.base_users import drops_root
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.startup import Startup
from dfadvise.source import Span
from dfadvise.syntax.instructions import Cmd, Entrypoint, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.accounts import Account
    from dfadvise.base.bases import Base
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

_SCANNERS = ("DS-0002", "CKV_DOCKER_3", "kics:fd54f200", "semgrep:missing-user")
_ENTRYPOINT = "semgrep:missing-user-entrypoint"
_UNUSED = "tally:user-created-but-never-used"
_STATE = "tally:stateful-root-runtime"


class MissingUser(Rule):
    """The image sets no USER, so its containers run as root.

    Why:
        Whoever breaks out of a process that runs as root is root on a host without user namespaces, and inside the
        container nothing stops it from changing the programs. Creating a user does not use it.

    Bad:
        FROM python:3.13-slim
        RUN useradd --system --uid 10001 app
        COPY app.py /app/
        CMD ["python", "/app/app.py"]

    Good:
        FROM python:3.13-slim
        RUN useradd --system --uid 10001 app
        COPY app.py /app/
        USER app
        CMD ["python", "/app/app.py"]

    Bad (the user of another stage):
        FROM golang:1.26 AS build
        USER 1000
        RUN go build -o /tmp/app .

        FROM scratch
        COPY --from=build /tmp/app /app
        ENTRYPOINT ["/app"]

    Good (set in the stage below):
        FROM debian:13 AS base
        USER 10001

        FROM base
        CMD ["/app"]

    Good (the base runs as another user):
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY app /app
        ENTRYPOINT ["/app"]

    Good (its entrypoint drops root):
        FROM postgres:17
        COPY init.sql /docker-entrypoint-initdb.d/

    Good (dropped by its own command):
        FROM debian:13
        RUN apt-get update && apt-get install -y gosu
        ENTRYPOINT ["gosu", "nobody", "/app"]

    Good (switches users itself):
        FROM debian:13
        RUN apt-get update && apt-get install -y openssh-server && useradd penguin
        CMD ["/usr/sbin/sshd", "-D"]

    Good (a shell to work in):
        FROM ubuntu:24.04
        RUN apt-get update && apt-get install -y make
        CMD ["bash"]

    Good (a base that nobody knows):
        ARG BASE
        FROM $BASE
        CMD ["/app"]

    Fix:
        unsafe: the user that the file creates, or `nonroot` of distroless images, before the last CMD or ENTRYPOINT;
        files and ports may need root. None for services that need it, and where a script is started that cannot be
        read.

    Variants:
        not onbuild: triggers set users and commands of the child image
    """

    on = ("file",)
    severity = "warning"
    security = "6.0"
    aliases = (*_SCANNERS, _ENTRYPOINT, "sonar:S6471", "CIS-DI-0001", _UNUSED, _STATE)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        stage = file.exported
        if stage is None or stage.from_ is None or stage.from_.image is None or last_user(stage) is not None:
            return
        base = base_of(stage)
        if base is None or starts_unprivileged(stage):
            return
        windows = is_windows(stage)
        if windows and "nanoserver" in base.image.text:
            return  # runs as ContainerUser
        created = [account for account in accounts(stage).values() if account.created and not is_root(account.name)]
        held = any(each.keyword == "ONBUILD" for each in stage.chain_instructions())
        unsure = base.distribution is None and not windows and not created
        reason = handover(stage)
        yield self.finding(
            stage.from_.image.span,
            _message(base, created, windows),
            stage.from_,
            severity="style" if reason else "info" if unsure or held or _is_base(stage) else None,
            aliases=_aliases(stage, created, bool(reason) or held),
            related=[
                (f"{account.name} is created here", account.created.argv_span)
                for account in created
                if account.created is not None
            ],
            fix=None if reason else _fix(stage, created),
        )


def _message(base: Base, created: list[Account], windows: bool) -> str:
    if created:
        names = " and ".join(account.name for account in created[:2])
        return f"nothing runs as {names}: the image sets no USER"
    if windows:
        return "the image sets no USER, so its containers run as ContainerAdministrator"
    if base.distribution is not None:
        return "the image sets no USER, so its containers run as root"
    return f"the image sets no USER, and {base.label} is not known to set one"


def _is_base(stage: Stage) -> bool:
    """Whether the image starts nothing of its own, so that others build on it."""
    return not Startup(stage).is_set and not any(each.keyword == "EXPOSE" for each in stage.chain_instructions())


def _aliases(stage: Stage, created: list[Account], excused: bool) -> tuple[str, ...]:
    found = list(_SCANNERS)
    startup = Startup(stage)
    if startup.entrypoint is not None:
        found.append(_ENTRYPOINT)
    if not excused and not created:
        found.append("sonar:S6471")
    found.append("CIS-DI-0001")
    if created:
        found.append(_UNUSED)
    if any(each.keyword == "VOLUME" for each in stage.chain_instructions()):
        found.append(_STATE)
    return tuple(found)


def _fix(stage: Stage, created: list[Account]) -> Fix | None:
    user = _user(stage, created)
    place = _place(stage)
    if user is None or place is None or may_need_root(stage):
        return None
    start = stage.file.source.starts[place.line - 1]
    if stage.file.source.slice(Span(start, place.span.start)).strip():
        return None
    from dfadvise.editing.keywords import keyword

    line = keyword(f"USER {user}", stage.file) + stage.file.source.newline
    return Fix(f"Run as {user}", [Edit(Span(place.span.start, place.span.start), line)])


def _user(stage: Stage, created: list[Account]) -> str | None:
    base = base_of(stage)
    if len(created) == 1:
        return created[0].name if created[0].created is not None else None
    if not created and base is not None and base.users and "nonroot" in base.users:
        return "65532:65532"
    return None


def _place(stage: Stage) -> Instruction | None:
    """The CMD or ENTRYPOINT to put USER before; None when a later step would run as that user too."""
    place: Instruction | None = None
    for instruction in reversed(stage.instructions):
        if isinstance(instruction, Cmd | Entrypoint):
            place = instruction
        elif isinstance(instruction, Run) or instruction.keyword in ("WORKDIR", "ONBUILD") or place is not None:
            break
    base = base_of(stage)
    return None if base is not None and drops_root(base.name) else place
