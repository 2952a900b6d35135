from __future__ import annotations

from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.engine import Judged


class UnusedSuppression(Rule):
    """A suppression comment hides nothing.

    Why:
        A comment that hides nothing today will hide the next real finding, and nobody remembers why it is there.

    Options:
        rules.unused-suppression.require-reason = false

    Bad:
        FROM debian:12
        # dfadvise: ignore[no-such-rule] it was needed once
        RUN true

    Good (hides what it names):
        FROM debian:12
        # dfadvise: ignore[unused-suppression]
        RUN true

    Good (an ordinary comment):
        FROM debian:12
        # see dfadvise: the ignore list
        RUN true

    Fixed:
        FROM debian:12
        RUN true

    Fix:
        safe: deletes the name, or the comment when nothing else is in it; comments for other tools stay.
    """

    on = ("suppressions",)
    severity = "info"
    options = {"require-reason": False}

    def check(self, judged: Judged) -> Iterator[Finding]:
        ran = judged.ran - {"shellcheck-finding"}
        for unused in judged.suppressions.unused(ran, bool(self.settings["require-reason"])):
            own = unused.pragma.tool == "dfadvise"
            fix = None
            if own and unused.fix is not None:
                span, text = unused.fix
                fix = Fix("Delete what hides nothing", [Edit(span, text)], "safe", "=")
            yield self.finding(unused.span, unused.message, severity=None if own else "style", fix=fix)
