from __future__ import annotations

from dfadvise.about.needs import PROJECT
from dfadvise.about.ordering import BUILD, DEPENDENCIES, is_script, misplaced
from dfadvise.rule import Finding, Rule, Saving
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.ordering import Misplaced
    from dfadvise.rule import Severity
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction


class CacheOrder(Rule):
    """A costly step stands below a copy of files that it does not read.

    Why:
        A step comes from the cache only as long as everything above it does. An install of dependencies needs their
        manifests, a system package nothing at all; below a copy of the sources both run again at every change of a
        line of code. On 2,000 real projects a better order made rebuilds a quarter shorter.

    Files:
        package.json: {"dependencies": {"express": "^4"}}
        package-lock.json: {}
        server.js: serve()

    Bad (dependencies below the sources):
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN npm ci
        CMD ["node", "server.js"]

    Good:
        FROM node:22
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci
        COPY . .
        CMD ["node", "server.js"]

    Bad (system packages below the sources):
        FROM debian:12
        WORKDIR /srv/app
        COPY . .
        RUN apt-get update && apt-get install -y curl

    Good (nothing to wait for):
        FROM debian:12
        WORKDIR /srv/app
        RUN apt-get update && apt-get install -y curl
        COPY . .

    Good (a script of the project does the work):
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN ./server.js --prepare && npm ci

    Files:
        go.mod: module example\\n\\nrequire golang.org/x/text v0.14.0
        go.sum: x
        main.go: package main

    Bad (the build fetches what it needs):
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        RUN go build -o /app .

    Good (a step of its own for the modules):
        FROM golang:1.26
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -o /app .

    Good (a cache mount keeps the modules):
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .

    Files:
        package.json: {"workspaces": ["packages/*"]}
        packages/a/package.json: {}

    Good (workspaces are installed from the sources):
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN npm ci

    Files:
        requirements.txt: -e .\\nflask
        setup.py: setup()

    Good (the project itself is installed):
        FROM python:3.13
        WORKDIR /app
        COPY . .
        RUN pip install -r requirements.txt

    Note:
        Info instead of warning where a cache mount keeps the downloads, where only scripts were copied, and for builds
        whose manifests are not in a known context; there, a Go build is reported at style, since it may be vendored.

    Fix:
        unsafe: the manifests are copied by themselves and the sources below the install; safe only for system
        packages above copies into folders of their own. A build is left to its author.
    """

    on = ("stage",)
    severity = "warning"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        brought = False
        for each in file.walk():
            if each.keyword == "FROM":
                brought = False
            elif each.keyword in ("COPY", "ADD"):
                brought = brought or each.flag("from") is None
            elif each.keyword == "RUN" and (brought or any(flag.name == "mount" for flag in each.flags)):
                return True
        return False

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not any(_may_bring(each) for each in stage.instructions):
            return
        for found in misplaced(stage):
            from dfadvise.editing.steps import fix_of

            fix = fix_of(found)
            yield self.finding(
                _span(found),
                _message(found),
                found.run.outer or found.run,
                _severity(found),
                related=[(_copied(found), found.copies[0].span)],
                saving=Saving(rank=_rank(found)),
                fix=fix,
            )


def _may_bring(each: Instruction) -> bool:
    """Whether an instruction may bring files of the context before a later one."""
    if isinstance(each, Run):
        return any(mount.type == "bind" for mount in each.mounts)
    return each.keyword == "ONBUILD" or (isinstance(each, Copy) and each.origin is None)


def _span(found: Misplaced) -> Span:
    action = found.need.action
    return action.span if action is not None else found.need.command.argv_span


def _severity(found: Misplaced) -> Severity:
    if found.mounted or all(map(is_script, found.copies)):
        return "info"
    action = found.need.action
    if found.kind == BUILD and found.known is None:
        return "style" if action is not None and action.manager.name == "go" else "info"
    return "warning"


def _rank(found: Misplaced) -> int:
    action = found.need.action
    return action.manager.rank if action is not None else 1


def _message(found: Misplaced) -> str:
    action = found.need.action
    name = action.text if action is not None else found.need.command.program or "this step"
    where = f"the files copied on line {found.copies[0].instruction.line}"
    if found.copies[0].instruction is found.run:
        where = "the files that its RUN mounts"
    if found.kind == BUILD:
        return f"{name} fetches its dependencies again at every change of {where}"
    if found.kind == DEPENDENCIES:
        if found.need.kind == PROJECT:
            return f"{name} installs the dependencies again at every change of {where}, not only of the manifests"
        return f"{name} runs again at every change of {where}, of which it needs the manifests alone"
    return f"{name} runs again at every change of {where}, of which it reads none"


def _copied(found: Misplaced) -> str:
    """What is copied, with the number of files where the context tells."""
    first = found.copies[0]
    context = found.run.file.context
    if context is None or first.source is None:
        return "copied here"
    count = context.count_of(first.source)
    return f"{count:,} files are copied here" if count > 1 else "copied here"
