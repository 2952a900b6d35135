from __future__ import annotations

from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.engine import Judged
    from dfadvise.pragmas import Name


class InlineSuppression(Rule):
    """A comment hides findings.

    Why:
        Where a team wants every exception in one reviewed place, comments that hide findings go around it.

    Bad:
        FROM debian:12
        # hadolint ignore=DL3008
        RUN apt-get update

    Good:
        FROM debian:12
        # an ordinary comment
        RUN apt-get update

    Fix:
        none: what it hides has to be looked at first.
    """

    on = ("suppressions",)
    severity = "style"
    default = "off"
    aliases = ("DL1001",)

    def check(self, judged: Judged) -> Iterator[Finding]:
        for pragma in judged.suppressions.pragmas:
            inline = pragma.tool == "hadolint" and pragma.scope in ("next", "line")
            aliases = self.aliases if inline else ()
            yield self.finding(pragma.span, f"comment hides {_names(pragma.names)}", aliases=aliases)


def _names(names: list[Name]) -> str:
    return ", ".join(name.text for name in names) or "findings"
