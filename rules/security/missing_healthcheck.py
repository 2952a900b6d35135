from __future__ import annotations

from dfadvise.base.users import is_function, is_interactive
from dfadvise.rule import Finding, Rule
from dfadvise.shells.startup import Startup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage

_SCANNERS = ("DL3057", "DS-0026", "CKV_DOCKER_2", "kics:b03a748a", "CIS-DI-0006")
_RAILS_ALIAS = "tally:ruby/healthcheck-rails-up-endpoint"


class MissingHealthcheck(Rule):
    """The image has no HEALTHCHECK.

    Why:
        Docker, Swarm and Compose then only see whether the process lives, not whether it works. Kubernetes ignores
        HEALTHCHECK and has probes of its own.

    Bad:
        FROM node:22-slim
        COPY app.js /srv/
        CMD ["node", "/srv/app.js"]

    Good:
        FROM node:22-slim
        COPY app.js health.js /srv/
        HEALTHCHECK CMD ["node", "/srv/health.js"]
        CMD ["node", "/srv/app.js"]

    Good (set in the stage below, or switched off on purpose):
        FROM node:22-slim AS base
        HEALTHCHECK NONE

        FROM base
        CMD ["node", "/srv/app.js"]

    Good (a function):
        FROM public.ecr.aws/lambda/python:3.13
        COPY app.py ./
        CMD ["app.handler"]

    Good (a shell to work in):
        FROM debian:13
        CMD ["bash"]

    Fix:
        none: what tells that the service works is for the author to say.

    Variants:
        not onbuild: a check in a trigger is one of the child image
    """

    on = ("file",)
    severity = "info"
    default = "off"
    aliases = (*_SCANNERS, _RAILS_ALIAS)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        exported = file.exported
        checked = _checked(file)
        for stage in file.stages:
            if stage.index in checked or stage.from_ is None:
                continue
            if stage is not exported:
                if not stage.ships:
                    message = "the stage has no HEALTHCHECK"
                    yield self.finding(
                        stage.from_.name_span, message, stage.from_, severity="style", aliases=("DL3057",)
                    )
                continue
            startup = Startup(stage)
            excused = is_function(stage) or is_interactive(startup)
            rails = (_RAILS_ALIAS,) if any("rails" in word for word in startup.words()) else ()
            yield self.finding(
                stage.from_.name_span,
                "the image has no HEALTHCHECK",
                stage.from_,
                severity="style" if excused else None,
                aliases=(*_SCANNERS, *rails),
            )


def _checked(file: Dockerfile) -> set[int]:
    """The stages in whose chain, or in that of a stage built on them, there is a HEALTHCHECK."""
    found: set[int] = set()
    for stage in file.stages:
        if any(instruction.keyword == "HEALTHCHECK" for instruction in stage.instructions):
            pending: list[Stage] = [stage]
            while pending:
                each = pending.pop()
                if each.index not in found:
                    found.add(each.index)
                    pending.extend(each.children)
            below = stage.parent
            while below is not None and below.index not in found:
                found.add(below.index)
                below = below.parent
    return found
