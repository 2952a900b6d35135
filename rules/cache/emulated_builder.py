from __future__ import annotations

from dfadvise.bases import base_of
from dfadvise.cachedirs import is_familiar
from dfadvise.joining import is_known_program
from dfadvise.packages import actions, inner, reading
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

PLATFORMS = ("TARGETARCH", "TARGETPLATFORM", "BUILDPLATFORM", "TARGETOS", "TARGETVARIANT", "BUILDARCH")
# Images whose products run anywhere, or that compile for any platform.
NEUTRAL = frozenset(("golang", "node", "maven", "gradle", "eclipse-temurin", "amazoncorretto"))
DOTNET = "mcr.microsoft.com/dotnet/sdk"
# What ties the product of a neutral toolchain to the platform that it was built on.
NATIVE_FOLDERS = frozenset(("node_modules", ".output", "standalone", "site-packages", "venv"))
NATIVE_WORDS = ("native", "jlink", "jpackage", "aot", "selfcontained", "self-contained", "pkg", "nexe", "sea")
COMPILERS = frozenset(
    """gcc g++ build-base build-essential musl-dev libc-dev clang gcc-aarch64-linux-gnu libc6-dev gcc-c++ cmake
    libsqlite3-dev sqlite-dev""".split()
)


class EmulatedBuilder(Rule):
    """A build stage is emulated for each platform, though its toolchain could do the work on the builder's own.

    Why:
        A multi-platform build runs a stage without --platform once for each platform, in emulation for the foreign
        ones: many times slower. Go cross-compiles, and jars, .NET assemblies and web assets are the same anywhere.

    Bad:
        FROM node:22 AS assets
        WORKDIR /app
        COPY . .
        RUN npm ci && npm run build
        FROM nginx:1.29
        ARG TARGETARCH
        COPY agent-$TARGETARCH /usr/local/bin/agent
        COPY --from=assets /app/dist /usr/share/nginx/html

    Good:
        FROM --platform=$BUILDPLATFORM node:22 AS assets
        WORKDIR /app
        COPY . .
        RUN npm ci && npm run build
        FROM nginx:1.29
        ARG TARGETARCH
        COPY agent-$TARGETARCH /usr/local/bin/agent
        COPY --from=assets /app/dist /usr/share/nginx/html

    Good (one platform):
        FROM node:22 AS assets
        WORKDIR /app
        COPY . .
        RUN npm ci && npm run build
        FROM nginx:1.29
        COPY --from=assets /app/dist /usr/share/nginx/html

    Bad (Ruby's fork under emulation):
        FROM ruby:3.4
        WORKDIR /app
        ARG TARGETARCH
        COPY . .
        RUN bundle exec bootsnap precompile app/ lib/

    Good (in one process):
        FROM ruby:3.4
        WORKDIR /app
        ARG TARGETARCH
        COPY . .
        RUN bundle exec bootsnap precompile -j 1 app/ lib/

    Good (modules with native code are copied):
        FROM node:22 AS build
        WORKDIR /app
        COPY . .
        RUN npm ci
        FROM node:22-slim
        ARG TARGETARCH
        COPY --from=build /app/node_modules /app/node_modules

    Variants:
        not onbuild: what is held back runs in another image

    Fix:
        unsafe: `--platform=$BUILDPLATFORM`; for Go only where GOARCH is set from the platform already.
    """

    on = ("file",)
    severity = "info"
    aliases = ("tally:ruby/bootsnap-precompile-without-j1",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        text = file.source.text
        if not any(name in text for name in PLATFORMS) or not _is_for_several(file):
            return
        for stage in file.stages:
            yield from self._bootsnap(stage)
            from_ = stage.from_
            if from_ is None or stage.image is None or stage.ships or not stage.feeds or from_.flag("platform"):
                continue
            what = _toolchain(stage)
            if what is None or from_.image is None:
                continue
            fix = None
            if what != "go" or any("GOARCH" in file.source.slice(each.span) for each in stage.instructions):
                at = from_.name_span.end
                fix = Fix("Build on the builder's own platform", [Edit(Span(at, at), " --platform=$BUILDPLATFORM")])
            yield self.finding(
                from_.image.span,
                f"stage {stage.label} is emulated for every foreign platform, though its result does not depend on it"
                if what != "go"
                else f"stage {stage.label} is emulated for every foreign platform, though Go can compile for it",
                from_,
                fix=fix,
            )

    def _bootsnap(self, stage: Stage) -> Iterator[Finding]:
        for outer in stage.instructions:
            run = inner(outer)
            if not isinstance(run, Run):
                continue
            for command in reading(run).commands:
                if _precompiles(command) and not _in_one_process(command):
                    message = "bootsnap precompile forks, which hangs or fails under emulation"
                    yield self.finding(command.argv_span, message, outer, aliases=self.aliases)


def _is_for_several(file: Dockerfile) -> bool:
    """Whether a platform argument is used or declared outside comments."""
    for instruction in file.instructions:
        words = [word.text for word in instruction.args] + [flag.text for flag in instruction.flags]
        if any(name in word for word in words for name in PLATFORMS):
            return True
    return False


def _precompiles(command: ShellCommand) -> bool:
    texts = [word.partial.rpartition("/")[2] for word in command.words]
    return "bootsnap" in texts and "precompile" in texts


def _in_one_process(command: ShellCommand) -> bool:
    if command.option("-j", "--jobs") in ("0", "1"):
        return True
    return any(word.partial in ("-j1", "-j0", "--jobs=1", "--jobs=0") for word in command.words)


def _toolchain(stage: Stage) -> str | None:
    """What makes the product of a stage: "go", "node", "java" or "dotnet"; None when it may depend on the platform."""
    base = base_of(stage)
    if base is None or not is_familiar(base.name) or (base.name not in NEUTRAL and base.name != DOTNET):
        return None
    runs = [each for each in stage.instructions if isinstance(each, Run)]
    if not runs or any(run.is_opaque for run in runs):
        return None
    text = " ".join(stage.file.source.slice(run.span) for run in runs).lower()
    if base.name == "golang":
        return "go" if _is_pure_go(stage, runs) else None
    if any(word in text for word in NATIVE_WORDS) or not _is_portable(stage, base.name):
        return None
    if not any(actions(run) for run in runs):
        return None
    return "dotnet" if base.name == DOTNET else "node" if base.name == "node" else "java"


def _is_pure_go(stage: Stage, runs: list[Run]) -> bool:
    """Whether a stage compiles Go without C."""
    source = stage.file.source
    if not any("CGO_ENABLED=0" in source.slice(each.span).replace(" 0", "=0") for each in stage.instructions):
        return False
    builds = False
    for run in runs:
        for action in actions(run):
            if action.manager.system and any(word.partial in COMPILERS for word in action.operands):
                return False
            builds = builds or (action.manager.name == "go" and action.verb in ("build", "install"))
        for command in reading(run).commands:
            if any(word.partial == "CGO_ENABLED=1" for word in command.words):
                return False
            # What is built here may be run here.
            if command.program is not None and command.program != "make" and not is_known_program(command.program):
                return False
    return builds


def _is_portable(stage: Stage, name: str) -> bool:
    """Whether only files that are the same on any platform are taken from a stage."""
    found = False
    for other in stage.file.stages:
        if other.parent is stage:
            return False
        for edge in other.edges:
            if edge.stage is not stage:
                continue
            if not isinstance(edge.instruction, Copy):
                return False
            for word in edge.instruction.sources:
                parts = word.text.strip("/").split("/")
                found = True
                if not NATIVE_FOLDERS.isdisjoint(parts) or parts[-1] in ("", ".", "app", "src", "usr", "bin", "code"):
                    return False
                if name in ("maven", "gradle", "eclipse-temurin", "amazoncorretto") and "." not in parts[-1]:
                    return False  # a folder may hold a runtime
    return found and (name != DOTNET or _is_started_by_dotnet(stage.file))


def _is_started_by_dotnet(file: Dockerfile) -> bool:
    """Whether the image starts its program through `dotnet`, not through a host made for one platform."""
    return any(
        each.keyword in ("CMD", "ENTRYPOINT") and "dotnet" in file.source.slice(each.span)
        for each in (file.exported.instructions if file.exported is not None else ())
    )
