from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.managers.packages import actions, inner, reading
from dfadvise.managers.repeats import AGAIN, OTHER, repeats
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.repeats import Repeat
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

_BOTH = ("DL4001", "DS-0014", "kics:fc775e75", "semgrep:use-either-wget-or-curl")
_CUDA = ("tally:gpu/no-redundant-cuda-install",)
_BUNDLER = ("tally:ruby/redundant-bundler-install",)
_CLIENTS = frozenset(("curl", "wget"))


class RedundantPackage(Rule):
    """A package is installed that the image has already.

    Why:
        What the base image or an earlier step brought is there. At best the package manager says so, at worst it brings
        a second Python or Node.js beside the one that the image is named after, and one of them is used by chance.

    Bad:
        FROM python:3.13
        RUN apt-get update && apt-get install -y curl graphviz

    Good:
        FROM python:3.13
        RUN apt-get update && apt-get install -y graphviz

    Bad (a second one):
        FROM node:22-slim
        RUN apt-get update && apt-get install -y nodejs npm

    Bad (installed before):
        FROM alpine:3.22
        RUN apk add --no-cache curl
        RUN apk add --no-cache curl jq

    Fixed:
        FROM alpine:3.22
        RUN apk add --no-cache curl
        RUN apk add --no-cache jq

    Bad (bundler):
        FROM ruby:3.4
        RUN gem install bundler

    Good (the slim image has none of it):
        FROM python:3.13-slim
        RUN apt-get update && apt-get install -y curl git

    Good (removed in between):
        FROM alpine:3.22
        RUN apk add --no-cache --virtual .build gcc && apk del .build
        RUN apk add --no-cache gcc

    Good (another version):
        FROM python:3.13
        RUN apt-get update && apt-get install -y git=1:2.47.3-0+deb13u1 curl/trixie-backports
        RUN add-apt-repository -y ppa:git-core/ppa && apt-get update && apt-get install -y git

    Good (a stage that does not ship):
        FROM python:3.13 AS build
        RUN apt-get update && apt-get install -y curl
        FROM python:3.13-slim
        COPY --from=build /app /app

    Fix:
        unsafe: the word goes, where others stay and the version is the same.
    """

    on = ("stage",)
    severity = "info"
    aliases = (*_BOTH, *_CUDA, *_BUNDLER)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in, programs_in

        if {"curl", "wget"} <= programs_in(file):
            return True
        return any(action.manager.system or action.manager.name == "gem" for action in actions_in(file))

    def check(self, stage: Stage) -> Iterator[Finding]:
        yield from self._both_clients(stage)
        if not stage.ships:
            return
        for repeat in repeats(stage):
            yield self._repeat(stage, repeat)
        base = base_of(stage)
        if base is not None and base.name == "ruby":
            yield from self._bundlers(stage)

    def _repeat(self, stage: Stage, repeat: Repeat) -> Finding:
        base = base_of(stage)
        name, label = repeat.name, base.label if base is not None else ""
        message = f"{name} was installed before"
        if repeat.kind != AGAIN:
            message = f"{label} has {name} already"
        if repeat.kind == OTHER:
            message = f"{name} comes a second time: {label} has its own"
        from dfadvise.editing.edits import without

        edit = without(repeat.action.command, repeat.word) if repeat.removable else None
        return self.finding(
            repeat.word.span,
            message,
            repeat.word.script.instruction,
            aliases=_CUDA if "nvidia/cuda" in label and repeat.kind != AGAIN else (),
            related=[("here", repeat.earlier.span)] if repeat.earlier is not None else (),
            fix=Fix(f"Drop {name}", [edit]) if edit is not None else None,
        )

    def _bundlers(self, stage: Stage) -> Iterator[Finding]:
        for run in _runs(stage):
            for action in actions(run):
                if action.manager.name != "gem" or action.effect != "install" or action.verb == "update":
                    continue
                for word in action.operands:
                    name, colon, _ = (word.text or "").partition(":")
                    if name == "bundler":
                        pinned = colon or action.manager.option_at(action.argv, action.manager.pin_flags) >= 0
                        yield self.finding(
                            word.span,
                            "the ruby image has a bundler already",
                            run,
                            severity="style" if pinned else None,
                            aliases=_BUNDLER,
                        )

    def _both_clients(self, stage: Stage) -> Iterator[Finding]:
        """curl and wget in one stage: told at each RUN from where on both are used."""
        first: dict[str, ShellCommand] = {}
        for run in _runs(stage):
            clients = [command for command in reading(run).commands if command.program in _CLIENTS]
            for command in clients:
                first.setdefault(command.program or "", command)
            if clients and len(first) == 2:
                later = list(first)[1]
                here = next((command for command in clients if command.program == later), clients[0])
                other = first["wget" if here.program == "curl" else "curl"]
                yield self.finding(
                    here.words[0].span,
                    f"both curl and wget are used in the stage {stage.label}",
                    here.script.instruction,
                    severity="style",
                    aliases=_BOTH,
                    related=[(f"{other.program} here", other.words[0].span)],
                )


def _runs(stage: Stage) -> Iterator[Run]:
    for instruction in stage.instructions:
        run = inner(instruction)
        if isinstance(run, Run):
            yield run
