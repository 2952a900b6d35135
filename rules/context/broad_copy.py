from __future__ import annotations

from dfadvise.about.junk import ROOT_SOURCES
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class BroadCopy(Rule):
    """The whole context is copied.

    Why:
        What is copied by name is what is needed; a copy of everything takes in whatever comes to lie in the folder.

    Bad:
        FROM debian:12
        COPY . /app

    Good:
        FROM debian:12
        COPY src/ config.toml /app/

    Good (from another stage):
        FROM debian:12 AS build
        RUN make
        FROM debian:12
        COPY --from=build . /app

    Fix:
        none: what is needed is for the author to say.
    """

    on = ("COPY", "ADD")
    severity = "info"
    default = "off"
    aliases = ("sonar:S6470",)

    def check(self, copy: Copy) -> Iterator[Finding]:
        if copy.origin is not None or not copy.stage.ships:
            return
        for word in copy.sources:
            top_level = word.text.startswith(("*", "./*")) and "/" not in word.text.removeprefix("./")
            if word.text in ROOT_SOURCES or top_level:
                yield self.finding(word.span, f"{word.text} copies the whole context", aliases=self.aliases)
