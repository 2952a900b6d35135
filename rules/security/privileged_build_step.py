from __future__ import annotations

from dfadvise.editing import cutting
from dfadvise.rule import Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Run

_FLAGS = {
    ("security", "insecure"): ("the step runs without a sandbox, with all rights of the builder", "sonar:S6502"),
    ("network", "host"): ("the step is in the network of the host that builds", "sonar:S6431"),
}


class PrivilegedBuildStep(Rule):
    """A build step runs outside of the builder's sandbox.

    Why:
        `--security=insecure` gives a step every capability of the builder, `--network=host` its network with all
        that listens there. Whatever the step downloads and runs has them too. Builders refuse both unless they were
        told to allow them.

    Bad (no sandbox):
        FROM debian:13
        RUN --security=insecure ./build-image.sh

    Bad (the host's network):
        FROM debian:13
        RUN --mount=type=cache,target=/cache --network=host make

    Good:
        FROM debian:13
        RUN ./build-image.sh

    Fixed:
        FROM debian:13
        RUN --mount=type=cache,target=/cache make

    Good (no network at all):
        FROM debian:13
        RUN --network=none --security=sandbox make

    Fix:
        unsafe: deletes the flag; the step may need what it gives.
    """

    on = ("RUN",)
    mentions = ("--security", "--network")
    severity = "warning"
    security = "6.5"
    aliases = ("sonar:S6502", "sonar:S6431")

    def check(self, run: Run) -> Iterator[Finding]:
        for flag in run.flags:
            value = run.expand(flag.value) if flag.value else None
            known = _FLAGS.get((flag.name, value or ""))
            if known is None:
                continue
            edit = cutting.flag(run, flag)
            fix = Fix(f"Delete --{flag.name}={value}", [edit]) if edit is not None else None
            yield self.finding(flag.span, known[0], aliases=(known[1],), fix=fix)
