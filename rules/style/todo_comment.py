from __future__ import annotations

from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile

WORD = "TODO"


class TodoComment(Rule):
    """A comment says that something is left to do.

    Why:
        What is written down in a build file is easily forgotten there; a list of issues is looked at.

    Bad:
        FROM debian:12
        # TODO pin the version
        RUN apt-get update

    Bad (inside a command):
        FROM debian:12
        RUN apt-get update && \\
            # TODO clean up
            apt-get install -y curl

    Good:
        FROM debian:12
        # The version is pinned by the snapshot.
        RUN apt-get update

    Good (another word):
        FROM debian:12
        # Serves todos; see AUTODOC and the todo list.
        RUN apt-get update

    Fix:
        none: somebody has to do it.
    """

    on = ("file",)
    severity = "style"
    default = "off"
    aliases = ("sonar:S1135",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        for comment in file.tree.comments:
            at = _place(comment.text)
            if at >= 0:
                what = comment.text[at:].strip()
                shown = what if len(what) <= 60 else what[:59] + "…"
                yield self.finding(comment.span, f"`{shown}`", aliases=self.aliases)


def _place(text: str) -> int:
    """Where a comment's TODO stands; -1 without one. It may have letters behind it, but none before it."""
    at = text.find(WORD)
    while at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at = text.find(WORD, at + 1)
    return at
