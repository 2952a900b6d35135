from __future__ import annotations

from dfadvise.rule import Finding, Rule
from dfadvise.shells.directories import cd_aliases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Run


class DirectoryChange(Rule):
    """A RUN changes the directory where WORKDIR could stand.

    Why:
        WORKDIR says where a step works before the command starts, and creates the folder. A `cd` is easy to overlook
        in a long RUN, and its effect ends with it.

    Bad:
        FROM debian:12
        RUN cd /src && make

    Good:
        FROM debian:12
        WORKDIR /src
        RUN make

    Good (an option of the program):
        FROM debian:12
        RUN make -C /src

    Fix:
        none: a rewrite cannot keep the scope of `cd`.
    """

    on = ("RUN",)
    mentions = ("cd",)
    severity = "style"
    default = "off"
    aliases = ("DL3003", "DS-0013", "kics:f4a6bcd3", "semgrep:use-workdir")
    yields_to = ("lost-run-effect",)

    def check(self, run: Run) -> Iterator[Finding]:
        for command in run.commands("cd"):
            yield self.finding(
                command.argv_span,
                "changes the directory within a RUN",
                aliases=cd_aliases(command),
                cause=("command", command.span.start),
            )
