from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.base.toolchainuse import build_tools
from dfadvise.knowledge.packages import PURE, READY_MADE, lacks_musl_build, plain_name
from dfadvise.knowledge.tags import suite, version
from dfadvise.managers.packages import actions, inner
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellWord
    from dfadvise.stages import Dockerfile

# Packages of apk with which extensions are compiled; headers and code generators alone compile nothing.
_COMPILERS = frozenset(("gcc", "g++", "build-base", "alpine-sdk", "clang", "clang-dev"))
_SIBLINGS = ("python", "node", "ruby")


class MuslSourceBuild(Rule):
    """On Alpine, packages have to be compiled that come ready-made elsewhere.

    Why:
        Alpine's C library is musl. What a package index publishes for glibc does not run there; where there is no
        build for musl, the package is compiled: minutes instead of seconds, with compilers that are installed for
        nothing else. Some packages do not build there at all.

    Bad:
        FROM python:3.12-alpine
        RUN apk add --no-cache gcc musl-dev libffi-dev
        COPY requirements.txt ./
        RUN pip install --no-cache-dir -r requirements.txt

    Bad (nothing for musl is published):
        FROM python:3.12-alpine
        RUN pip install --no-cache-dir torch==2.9.0

    Good:
        FROM python:3.12-slim
        COPY requirements.txt ./
        RUN pip install --no-cache-dir -r requirements.txt

    Good (nothing is compiled):
        FROM python:3.12-alpine
        RUN apk add --no-cache tzdata
        RUN pip install --no-cache-dir flask

    Good (no compiler):
        FROM node:24-alpine
        RUN apk add --no-cache protobuf-dev go
        RUN npm ci

    Fix:
        none: another system below may need other packages.
    """

    on = ("file",)
    mentions = ("alpine", "apk")
    severity = "info"

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        installed: dict[int, ShellWord | None] = {}
        for stage in file.stages:
            base = base_of(stage)
            if base is None or base.libc != "musl":
                continue
            tools = installed.get(stage.parent.index) if stage.parent is not None else None
            compiles = False
            for instruction in stage.instructions:
                run = inner(instruction)
                for action in actions(run) if isinstance(run, Run) else ():
                    found = [word for word in build_tools(action) if plain_name(word.partial) in _COMPILERS]
                    tools = tools or (found[0] if found else None)
                    if not _installs(action):
                        continue
                    word = next((w for w in action.operands if lacks_musl_build(action.manager.name, w.partial)), None)
                    if word is not None:
                        message = f"{plain_name(word.partial)} is published for glibc alone{_advice(base, ' has that')}"
                        yield self.finding(word.span, message, instruction)
                    elif tools is not None and not compiles:
                        compiles = True  # one finding a stage
                        advice = _advice(base, " takes what is ready-made for glibc")
                        message = f"{action.text} may have to compile for musl{advice}"
                        related = [("for it, build tools are installed here", tools.span)]
                        yield self.finding(action.span, message, instruction, related=related)
            installed[stage.index] = tools


def _installs(action: Action) -> bool:
    if action.effect != "install" or action.manager.name not in READY_MADE or action.is_idle:
        return False
    if action.manager.name == "gem" and action.manager.option_at(action.argv, ("--system",)) >= 0:
        return False  # RubyGems itself
    names = {plain_name(word.partial) for word in action.operands}
    return not names or not names <= PURE or any(word.partial.startswith("-r") for word in action.command.words[1:])


def _advice(base: Base, fact: str) -> str:
    """A fact about the sibling of an image that stands on glibc; empty when there is none."""
    if base.name not in _SIBLINGS or not base.tag:
        return ""
    head = [word for word in base.tag.split("-") if not (suite(word) and word.startswith("alpine"))]
    if len(head) > 1 or (head and not version(head[0]) and head[0] not in ("lts", "current")):
        return ""
    return f", {base.name}:{'-'.join([*head, 'slim'])}{fact}"
