from __future__ import annotations

from dfadvise.editing import cutting
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.words import UNKNOWN, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import From

TARGET = "TARGETPLATFORM"
# Stands for the value in the expanded text.
MARK = "\x01"


class RedundantPlatform(Rule):
    """FROM asks for the platform that it gets anyway.

    Why:
        The platform of the build, TARGETPLATFORM, is the default of every FROM.

    Bad:
        FROM --platform=$TARGETPLATFORM debian:12

    Good:
        FROM debian:12

    Good (the builder's own platform):
        FROM --platform=$BUILDPLATFORM debian:12 AS build

    Fix:
        safe: deletes the flag, unless an ARG gives TARGETPLATFORM a value of its own.
    """

    on = ("FROM",)
    mentions = ("--platform",)
    severity = "style"
    default = "off"
    aliases = ("DL3065", "RedundantTargetPlatform")

    def check(self, from_: From) -> Iterator[Finding]:
        flag = from_.flag("platform")
        if flag is None or not flag.value or TARGET not in flag.value or from_.outer is not None:
            return
        known = from_.file.global_args

        def look(name: str) -> str | None:
            if name == TARGET:
                return MARK
            value = known.get(name)
            # The platform's other parts have values too.
            return UNKNOWN if value is None and name in known else value

        try:
            found = process(flag.value, look, from_.file.escape)
        except WordError:
            return
        if found.text != MARK or found.matched != {TARGET} or found.unmatched:
            return
        aliases = self.aliases if flag.value in (f"${TARGET}", f"${{{TARGET}}}") else self.aliases[1:]
        fix = None
        edit = cutting.flag(from_, flag) if TARGET not in known else None
        if edit is not None:
            fix = Fix("Delete the flag", [edit], "safe")
        yield self.finding(flag.span, f"platform {flag.value} is the default", aliases=aliases, fix=fix)
