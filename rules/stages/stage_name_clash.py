from __future__ import annotations

from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Word

RESERVED = frozenset(("scratch", "context"))
DUPLICATE = ("DuplicateStageName", "DS-0012", "CKV_DOCKER_11", "kics:f2daed12", "semgrep:alias-must-be-unique")


class StageNameClash(Rule):
    """A stage has a name that is taken.

    Why:
        Names are compared in lower case, and a later stage hides an earlier one of its name: `COPY --from` reads from
        another stage than the author meant. `scratch` and `context` mean something else already.

    Bad (used before):
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM node:22 AS Build
        RUN npm run build

    Good:
        FROM golang:1.26 AS build-server
        RUN go build -o /app .
        FROM node:22 AS build-web
        RUN npm run build

    Bad (reserved):
        FROM debian:12 AS context

    Good (not quite):
        FROM debian:12 AS build-context

    Fix:
        none: which of the two is meant elsewhere is not known.
    """

    on = ("file",)
    severity = "error"
    aliases = ("DL3024", *DUPLICATE, "DL3063", "ReservedStageName")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(stage.name for stage in file.stages)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        first: dict[str, Word] = {}
        written: set[str] = set()
        for stage in file.stages:
            word = stage.from_.alias if stage.from_ is not None else None
            if word is None or not stage.name:
                continue
            if stage.name in RESERVED:
                message = f"stage name `{word.text}` is reserved"
                yield self.finding(word.span, message, stage.from_, aliases=("DL3063", "ReservedStageName"))
            if stage.name in first:
                # hadolint compares names as they are written.
                aliases = ("DL3024", *DUPLICATE) if word.text in written else DUPLICATE
                related = [("first used here", first[stage.name].span)]
                message = f"stage name `{word.text}` is used before"
                yield self.finding(word.span, message, stage.from_, None, aliases, related)
            first.setdefault(stage.name, word)
            written.add(word.text)
