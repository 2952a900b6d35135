from __future__ import annotations

from dfadvise.base.portability import portable_toolchain, sets_architecture
from dfadvise.managers.packages import inner, reading
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

PLATFORMS = ("TARGETARCH", "TARGETPLATFORM", "BUILDPLATFORM", "TARGETOS", "TARGETVARIANT", "BUILDARCH")


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
    mentions = ("TARGET", "BUILDPLATFORM", "BUILDARCH", "bootsnap")
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
            what = portable_toolchain(stage)
            if what is None or from_.image is None:
                continue
            fix = None
            if what != "go" or sets_architecture(stage):
                at = from_.name_span.end
                fix = Fix("Build on the builder's own platform", [Edit(Span(at, at), " --platform=$BUILDPLATFORM")])
            reason = "Go can compile for it" if what == "go" else "its result does not depend on it"
            yield self.finding(
                from_.image.span,
                f"stage {stage.label} is emulated for every foreign platform, though {reason}",
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
