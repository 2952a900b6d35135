from __future__ import annotations

from dfadvise.about.strays import swallows
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile


class EmptyContinuation(Rule):
    r"""A blank line stands inside a continued instruction.

    Why:
        Docker passes over it today and says that it will become an error. To a reader the instruction seems to end
        there.

    Bad:
        FROM debian:12
        RUN apt-get update && \

            apt-get install -y --no-install-recommends curl

    Good:
        FROM debian:12
        RUN apt-get update && \
            apt-get install -y --no-install-recommends curl

    Good (a comment line is fine):
        FROM debian:12
        RUN apt-get update && \
            # for the health check
            apt-get install -y --no-install-recommends curl

    Good (blank lines in a heredoc):
        FROM debian:12
        RUN <<EOF
        apt-get update

        apt-get install -y --no-install-recommends curl
        EOF

    Fix:
        safe: deletes the line; the joined text stays the same.
    """

    on = ("file",)
    severity = "warning"
    aliases = ("NoEmptyContinuation",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(instruction.empty_lines for instruction in file.instructions)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        for instruction in file.instructions:
            lines = instruction.empty_lines
            if not lines:
                continue
            # What the blank line should have kept apart is for broken-continuation to mend.
            fix = None
            if not swallows(instruction):
                fix = Fix("Delete the blank line", [Edit(span, "") for span in lines], "safe")
            yield self.finding(
                lines[0],
                f"blank line inside {instruction.keyword}",
                instruction,
                aliases=self.aliases,
                related=[("another one", span) for span in lines[1:]],
                fix=fix,
            )
