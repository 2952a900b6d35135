from __future__ import annotations

from posixpath import basename

from dfadvise.about.sizes import human
from dfadvise.base.bases import base_of, from_of
from dfadvise.knowledge.base_images import build_image
from dfadvise.managers.packages import actions, inner
from dfadvise.rule import Finding, Rule, Saving
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.knowledge.base_images import BuildImage
    from dfadvise.rule import Severity
    from dfadvise.shell import ShellCommand
    from dfadvise.shells.startup import Startup
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Stage


class BuildImageShipped(Rule):
    """The image that ships stands on a toolchain that its program does not need.

    Why:
        The program is built, and the compiler, the package manager and the sources stay around it: hundreds of
        megabytes that each host pulls and each scan reports. A second stage takes the product alone.

    Bad:
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        RUN go build -o /usr/local/bin/app ./cmd/app
        EXPOSE 8080
        ENTRYPOINT ["/usr/local/bin/app"]

    Fixed:
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN CGO_ENABLED=0 go build -o /usr/local/bin/app ./cmd/app

        FROM gcr.io/distroless/static-debian13:nonroot
        WORKDIR /src
        COPY --from=build /usr/local/bin/app /usr/local/bin/app
        EXPOSE 8080
        ENTRYPOINT ["/usr/local/bin/app"]

    Bad (Maven around a jar):
        FROM maven:3.9-eclipse-temurin-21
        WORKDIR /app
        COPY . .
        RUN mvn -B package
        CMD ["java", "-jar", "target/app.jar"]

    Fixed:
        FROM maven:3.9-eclipse-temurin-21 AS build
        WORKDIR /app
        COPY . .
        RUN mvn -B package

        FROM eclipse-temurin:21-jre
        WORKDIR /app
        COPY --from=build /app/target/app.jar /app/target/app.jar
        CMD ["java", "-jar", "target/app.jar"]

    Good (two stages):
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN CGO_ENABLED=0 go build -o /usr/local/bin/app ./cmd/app
        FROM gcr.io/distroless/static-debian13:nonroot
        COPY --from=build /usr/local/bin/app /usr/local/bin/app
        ENTRYPOINT ["/usr/local/bin/app"]

    Good (it runs the toolchain):
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        CMD ["go", "run", "."]

    Good (an image to build in):
        FROM golang:1.26
        RUN go install golang.org/x/tools/cmd/stringer@v0.38.0

    Good (a toolchain of its own):
        FROM buildpack-deps:trixie
        RUN curl -fsSLo /tmp/ruby.tar.gz https://cache.ruby-lang.org/pub/ruby/3.4/ruby-3.4.7.tar.gz \
            && tar -xzf /tmp/ruby.tar.gz -C /tmp && cd /tmp/ruby-3.4.7 && ./configure && make install
        CMD ["irb"]

    Bad (a second stage on the toolchain):
        FROM golang:1.26 AS build
        WORKDIR /build
        COPY . .
        RUN go build -o /out/app .
        FROM golang:1.26
        COPY --from=build /out/app /usr/bin/app
        CMD ["/usr/bin/app"]

    Good (a second stage that uses the toolchain):
        FROM golang:1.26 AS build
        WORKDIR /build
        COPY . .
        RUN go build -o /out/app .
        FROM golang:1.26
        COPY --from=build /out/app /usr/bin/app
        RUN go install golang.org/x/tools/gopls@v0.20.0
        CMD ["/usr/bin/app"]

    Good (a script, and nothing is built):
        FROM rust:1.90
        COPY entrypoint.sh /entrypoint.sh
        ENTRYPOINT ["/entrypoint.sh"]

    Variants:
        not onbuild: nothing says what the child image starts
        not second-stage: the file has two stages then

    Fix:
        unsafe: the two-stage file, where the one product, what starts it and the version of the runtime are known; a
        program may read files that are not its own. Otherwise it is shown only.
    """

    on = ("file",)
    mentions = (
        "golang",
        "rust",
        "gcc",
        "buildpack",
        "maven",
        "gradle",
        "scala-sbt",
        "composer",
        "haskell",
        "swift",
        "dotnet",
    )
    severity = "warning"
    aliases = ("tally:prefer-multi-stage-build",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        stage = file.exported
        base = base_of(stage) if stage is not None else None
        if stage is None or base is None:
            return
        build = build_image(base.name, base.tag)
        from_ = from_of(stage)
        if build is None or from_ is None or from_.image is None:
            return
        from dfadvise.base.toolchainuse import starts_toolchain
        from dfadvise.base.users import is_interactive
        from dfadvise.shells.startup import Startup

        startup = Startup(stage)
        if starts_toolchain(startup):
            return
        built = _built(stage, base)
        starts = startup.is_set and not is_interactive(startup)
        received = _received(stage, base, startup) if built is None and starts else None
        if built is None and received is None and not (starts and startup.program in ("java", "dotnet")):
            return  # an image to build in, or a script that may use the toolchain
        if not starts and base.name == "buildpack-deps":
            return  # a toolchain itself, of a language of its own
        severity: Severity = "warning" if starts else "info"
        saving = fix = None
        # The sizes are those of Debian's variants.
        is_measured = base.distribution == "debian"
        if is_measured and build.size is not None and build.runtime_size is not None:
            saving = Saving(build.size - build.runtime_size, basis="table")
        if severity == "warning":
            from dfadvise.editing.twostages import two_stages

            fix = two_stages(stage, build, startup)
        yield self.finding(
            from_.image.span,
            _message(base, build, is_measured),
            from_,
            severity,
            self.aliases,
            _related(built, received),
            saving,
            fix,
            ("base", id(from_)),
        )


def _built(stage: Stage, base: Base) -> ShellCommand | None:
    """The first command that builds the file's own sources."""
    from dfadvise.base.toolchainuse import builds_product

    for instruction in stage.chain_instructions():
        run = inner(instruction)
        if not isinstance(run, Run):
            continue
        command = builds_product(run)
        if command is not None:
            return command
        if base.name == "composer":
            for action in actions(run):
                if action.manager.name == "composer" and action.installs:
                    return action.command
    return None


def _received(stage: Stage, base: Base, startup: Startup) -> Copy | None:
    """The copy of the program that starts, from a stage on the same toolchain; None where the toolchain is used too."""
    from dfadvise.base.toolchainuse import COMPILERS, TOOLCHAIN_PROGRAMS, uses
    from dfadvise.layers import copy_effects

    for edge in stage.edges:
        copy, origin = edge.instruction, base_of(edge.stage) if edge.stage is not None else None
        if not isinstance(copy, Copy) or origin is None or origin.name != base.name:
            continue
        names = {
            basename(place or "") for effect in copy_effects(copy, set()) for place in (effect.path, effect.origin)
        }
        if startup.program in names and uses(stage.chain_instructions(), TOOLCHAIN_PROGRAMS | COMPILERS) is None:
            return copy
    return None


def _related(built: ShellCommand | None, received: Copy | None) -> list[tuple[str, Span]]:
    if built is not None and built.words:
        return [("it is built here", built.words[0].span)]
    return [("it is built in another stage", received.span)] if received is not None else []


def _message(base: Base, build: BuildImage, is_measured: bool) -> str:
    size = f" of {human(build.size)}" if is_measured and build.size is not None else ""
    runtime = build.runtime.replace("{suite}", "<same suite>").replace("{version}", "<same version>")
    about = f" ({'about ' if build.about else ''}{human(build.runtime_size)})" if build.runtime_size is not None else ""
    return f"{base.label} is a toolchain{size}; what it builds runs on {runtime}{about}"
