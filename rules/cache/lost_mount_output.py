from __future__ import annotations

from dfadvise.about.lostoutput import lost_outputs
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage


class LostMountOutput(Rule):
    """What a step writes under a mount is read where the mount is not.

    Why:
        A cache or tmpfs mount, and a writable bind mount, stays out of the layer: behind the RUN its content is gone.
        A later step, COPY --from or the command of the image then finds nothing, and the build or the container fails.

    Bad:
        FROM rust:1.90 AS build
        WORKDIR /app
        COPY . .
        RUN --mount=type=cache,target=/app/target cargo build --release
        FROM debian:13-slim
        COPY --from=build /app/target/release/server /usr/local/bin/

    Good:
        FROM rust:1.90 AS build
        WORKDIR /app
        COPY . .
        RUN --mount=type=cache,target=/app/target cargo build --release && cp target/release/server /server
        FROM debian:13-slim
        COPY --from=build /server /usr/local/bin/

    Good (only the downloads are under the mount):
        FROM rust:1.90 AS build
        WORKDIR /app
        COPY . .
        RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release
        FROM debian:13-slim
        COPY --from=build /app/target/release/server /usr/local/bin/

    Bad (restored under a mount):
        FROM mcr.microsoft.com/dotnet/sdk:8.0
        WORKDIR /src
        COPY app.csproj ./
        RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore
        COPY . .
        RUN dotnet publish --no-restore -c Release -o /out

    Good (both with the mount):
        FROM mcr.microsoft.com/dotnet/sdk:8.0
        WORKDIR /src
        COPY app.csproj ./
        RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore
        COPY . .
        RUN --mount=type=cache,target=/root/.nuget/packages dotnet publish --no-restore -c Release -o /out

    Variants:
        not onbuild: what is held back runs in another image

    Fix:
        none: where the result belongs is for the author to say.
    """

    on = ("stage",)
    mentions = ("--mount",)
    severity = "error"

    def check(self, stage: Stage) -> Iterator[Finding]:
        if "--mount=" not in stage.file.source.text:
            return
        for lost in lost_outputs(stage):
            yield self.finding(
                lost.span,
                f"{lost.path} is under a {lost.mount.type} mount when line {lost.run.line} runs, and is not kept",
                lost.reader,
                related=[("the mount", lost.mount.flag.span)],
            )
