"""Cache mounts: missing, defeated, useless, shared, lost."""

import pytest

from rule_answers import applicability, fixed, levels, lines, messages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM node:22\nUSER node\nRUN npm ci\n",
            "FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm ci\n",
        ),
        (
            "FROM debian:12\nRUN useradd -m -u 999 app\nUSER app\nRUN pip install x\n",
            "FROM debian:12\nRUN useradd -m -u 999 app\nUSER app\n"
            "RUN --mount=type=cache,target=/home/app/.cache/pip,uid=999 pip install x\n",
        ),
        (
            "FROM python:3.13\nRUN pip3 install x && pip3 cache purge\n",
            "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip3 install x\n",
        ),
        (
            "FROM node:22\nRUN yarn install\n",
            "FROM node:22\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn,sharing=locked yarn install\n",
        ),
        (
            'FROM python:3.13\nRUN ["pip", "install", "--no-cache-dir", "x"]\n',
            'FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip ["pip", "install", "x"]\n',
        ),
        (
            'FROM golang:1.26 AS b\nRUN go build -o /x .\nFROM scratch\nCOPY --from=b /x /x\nENTRYPOINT ["/x"]\n',
            "FROM golang:1.26 AS b\n"
            "RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build"
            ' go build -o /x .\nFROM scratch\nCOPY --from=b /x /x\nENTRYPOINT ["/x"]\n',
        ),
    ],
)
def test_a_cache_mount_is_added_for_the_user_in_force(text, expected):
    assert fixed("missing-cache-mount", text) == expected


GO = "--mount=type=cache,target=/go/pkg/mod"
BOTH = f"{GO} --mount=type=cache,target=/root/.cache/go-build"
CARGO = "--mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM golang:1.26\nRUN go version\nRUN go mod download && go mod verify\nCOPY . .\n"
            'RUN go vet . && go build -o /x\nCMD ["/x"]\n',
            f"FROM golang:1.26\nRUN go version\nRUN {GO} go mod download && go mod verify\nCOPY . .\n"
            f'RUN {BOTH} go vet . && go build -o /x\nCMD ["/x"]\n',
        ),
        (
            f'FROM golang:1.26\nRUN go mod download\nRUN {BOTH} go build -o /x\nCMD ["/x"]\n',
            f'FROM golang:1.26\nRUN {GO} go mod download\nRUN {BOTH} go build -o /x\nCMD ["/x"]\n',
        ),
        (
            "FROM rust:1.90 AS b\nRUN cargo fetch\nCOPY . .\nRUN cargo build\nFROM debian:12\n"
            'COPY --from=b /target/release/x /x\nCMD ["/x"]\n',
            f"FROM rust:1.90 AS b\nRUN {CARGO} cargo fetch\nCOPY . .\nRUN {CARGO} cargo build\n"
            'FROM debian:12\nCOPY --from=b /target/release/x /x\nCMD ["/x"]\n',
        ),
    ],
)
def test_all_steps_of_a_stage_share_the_store_that_one_fills(text, expected):
    assert fixed("missing-cache-mount", text) == expected
    assert fixed("missing-cache-mount", expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        # The user, the base or the place is not known.
        "FROM debian:12\nUSER app\nRUN pip install x\n",
        "FROM registry.example.com/base\nRUN pip install x\n",
        "FROM node:22\nUSER 1000\nRUN npm ci\n",
        # A later step takes its dependencies from there, and may have no other place to get them from.
        'FROM golang:1.26\nRUN go mod download\nCOPY . .\nRUN make\nCMD ["/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nCOPY . .\nRUN ./build.sh\nRUN go build -o /x\nCMD ["/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nRUN GOPROXY=off go build -o /x\nCMD ["/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nRUN --network=none go build -o /x\nCMD ["/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nRUN go build -o /x\nCMD ["go", "run", "."]\n',
        'FROM golang:1.26 AS d\nRUN go mod download\nFROM d\nRUN go build -o /x\nCMD ["/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nUSER 1000:1000\nRUN go build -o /tmp/x\nCMD ["/tmp/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nRUN go doc x > /l\nRUN go build -o /x\nCMD ["/x"]\n',
        'FROM golang:1.26\nRUN go mod download\nRUN go build -o /x\nONBUILD RUN go build\nCMD ["/x"]\n',
        'FROM rust:1.90\nRUN cargo fetch\nRUN cargo build --release --offline\nCMD ["/x"]\n',
        'FROM maven:3-eclipse-temurin-21\nRUN mvn dependency:go-offline\nRUN mvn -o package\nCMD ["java"]\n',
        'FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet restore\nRUN dotnet publish --no-restore\nCMD ["/x"]\n',
        "FROM maven:3 AS b\nRUN mvn package\nFROM a\nCOPY --from=b /root/.m2 /root/.m2\n",
        # The folder above is removed in the same RUN, or the clean-up takes other things along.
        "FROM python:3.13\nRUN pip install x && rm -rf /root/.cache\n",
        "FROM node:22\nRUN npm ci && rm -rf /root/.npm /tmp/x\n",
        # An old frontend.
        "# syntax=docker/dockerfile:1.0\nFROM node:22\nRUN npm ci\n",
    ],
)
def test_no_cache_mount_where_it_could_do_harm(text):
    assert lines("missing-cache-mount", text)
    assert fixed("missing-cache-mount", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22\nRUN npm ci --offline\n",
        "FROM node:22\nRUN --network=none npm ci\n",
        "FROM node:22\nRUN npm run build\n",
        "FROM python:3.13\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x\n",
        "FROM python:3.13\nRUN pip install --cache-dir /x x\n",
        "FROM python:3.13\nRUN pip install --upgrade pip setuptools\n",
        "FROM node:22\nRUN --mount=type=cache,target=/root npm ci\n",
        "FROM node:22\nRUN --mount=type=cache,target=$CACHE npm ci\n",
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN npm ci\n",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet publish --no-restore\n",
    ],
)
def test_missing_cache_mount_is_quiet(text):
    assert lines("missing-cache-mount", text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache pip install --no-cache-dir x\n", [2]),
        (
            (
                "FROM debian:12\n"
                "RUN --mount=type=cache,target=/var/lib/apt apt-get update && rm -rf /var/lib/apt/lists/*\n"
            ),
            [2],
        ),
        ("FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt apt-get install -y x && apt-get clean\n", [2]),
        ("FROM fedora:43\nRUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y x && dnf clean all\n", [2]),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci && rm -rf ~/.npm\n", [2]),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci && rm -rf /root/.cache /tmp/*\n", []),
        ("FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt apt-get install -y x && apt-get clean\n", []),
        ("FROM node:22\nRUN --mount=type=cache,target=/p,id=pnpm pnpm install && pnpm store prune\n", []),
        ("FROM python:3.13\nRUN --mount=type=cache,target=/models pip install --no-cache-dir x\n", []),
        (
            "FROM python:3.13\nENV PIP_NO_CACHE_DIR=0\nRUN --mount=type=cache,target=/root/.cache/pip pip install x\n",
            [],
        ),
    ],
)
def test_defeated_cache_mount(text, expected):
    assert lines("defeated-cache-mount", text) == expected


def test_apk_needs_the_index_in_the_cache():
    text = "FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apk apk add --no-cache curl\n"
    assert applicability("defeated-cache-mount", text) == ["unsafe"]
    assert "apk add --update-cache curl" in fixed("defeated-cache-mount", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n", [2]),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm yarn install\n", [2]),
        ("FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip uv pip install x\n", [2]),
        ("FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apt apk add curl\n", [2]),
        ("FROM rust:1.90\nRUN --mount=type=cache,target=/root/.cargo/registry cargo build\n", [2]),
        ("FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm npm ci\n", [3]),
        ("FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,mode=0777 npm ci\n", []),
        ("FROM node:22\nRUN corepack enable\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n", []),
        ("FROM node:22\nRUN --mount=type=cache,target=/app/.next/cache npm ci\n", []),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.cargo/registry npm ci\n", []),
        (
            (
                "FROM node:22\nENV npm_config_cache=/root/.npm\nUSER node\n"
                "RUN --mount=type=cache,target=/root/.npm,uid=1000 npm ci\n"
            ),
            [],
        ),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm run build && yarn install\n", []),
        ("FROM example.org/node\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n", []),
        ("FROM rust:1.90\nWORKDIR /a\nRUN --mount=type=cache,target=/a/target cargo build\n", []),
    ],
)
def test_useless_cache_mount(text, expected):
    assert lines("useless-cache-mount", text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (
            (
                "FROM debian:12\n"
                "RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update\n"
            ),
            2,
        ),
        ("FROM debian:12\nRUN --mount=type=cache,sharing=shared,target=/var/cache/apt apt-get install -y x\n", 1),
        ("FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt,ro apt-get install -y x\n", 0),
        ("FROM debian:12\nRUN --mount=type=cache,target=/models apt-get install -y x\n", 0),
        ("FROM gradle:8\nRUN --mount=type=cache,target=/root/.gradle gradle build\n", 1),
        ("FROM golang:1.26\nRUN --mount=type=cache,target=/go/pkg/mod go build\n", 0),
    ],
)
def test_unsafe_cache_sharing(text, count):
    assert len(lines("unsafe-cache-sharing", text)) == count


def test_one_cache_for_debian_and_ubuntu():
    run = "RUN --mount=type=cache,id={},target=/var/cache/apt,sharing=locked apt-get install -y x\n"
    text = "FROM debian:12\n" + run.format("a") + "FROM ubuntu:24.04\n" + run.format("{}")
    assert lines("unsafe-cache-sharing", text.replace("{}", "a")) == [4]
    assert lines("unsafe-cache-sharing", text.replace("{}", "b")) == []
    # Which release the second one is, nobody knows.
    assert (
        lines("unsafe-cache-sharing", "FROM debian:12\n" + run.format("a") + "FROM debian:$X\n" + run.format("a")) == []
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM rust:1.90 AS b\nWORKDIR /a\nCOPY . .\nRUN --mount=type=cache,target=target cargo build\n"
            "RUN cp target/debug/x /x\n",
            [5],
        ),
        (
            "FROM rust:1.90 AS b\nWORKDIR /a\nCOPY . .\nRUN --mount=type=cache,target=/a/target cargo build\n"
            "RUN --mount=type=cache,target=/a/target cp target/debug/x /x\n",
            [],
        ),
        ("FROM debian:12\nRUN --mount=type=tmpfs,target=/tmp curl -o /tmp/x https://x.org/x\nRUN cp /tmp/x /y\n", [3]),
        ('FROM debian:12\nRUN --mount=type=cache,target=/out make -C /s O=/out\nCMD ["/out/app"]\n', [3]),
        ('FROM debian:12\nRUN --mount=type=cache,target=/out make\nRUN make O=/out\nCMD ["/out/app"]\n', []),
        ('FROM debian:12\nCOPY out /out\nRUN --mount=type=cache,target=/out make\nCMD ["/out/app"]\n', []),
        ("FROM a\nRUN --mount=type=bind,target=/src,rw make\nFROM b\nCOPY --from=0 /src/bin/x /x\n", []),
        ("FROM debian:12\nRUN --mount=type=bind,target=/src,rw make\nFROM b\nCOPY --from=0 /src/bin/x /x\n", [4]),
        ("FROM debian:12\nRUN --mount=type=bind,target=/src make\nFROM b\nCOPY --from=0 /src/bin/x /x\n", []),
        ("FROM debian:12\nRUN --mount=type=cache,target=/o make\nRUN cp /o/x /x || true\n", []),
    ],
)
def test_lost_mount_output(text, expected):
    assert lines("lost-mount-output", text) == expected


def test_docker_clean_only_where_it_is():
    run = "RUN --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y curl\n"
    assert lines("docker-clean-conflict", "FROM ubuntu:24.04\n" + run) == [2]
    assert lines("docker-clean-conflict", "FROM fedora:43\n" + run) == []
    assert lines("docker-clean-conflict", "FROM debian:12\nCOPY 99keep /etc/apt/apt.conf.d/docker-clean\n" + run) == []
    assert lines("docker-clean-conflict", "FROM debian:12\nRUN : > /etc/apt/apt.conf.d/docker-clean\n" + run) == []
    parent = "FROM debian:12 AS base\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\nFROM base\n"
    assert lines("docker-clean-conflict", parent + run) == []


@pytest.mark.parametrize(
    ("steps", "losses"),
    [
        ("RUN go mod download\nRUN go build .\n", ["downloads", "compiles"]),
        ("RUN go build .\n", ["downloads and compiles"]),
        ("RUN go install a.example/x@v1\nRUN go install a.example/y@v1\n", ["downloads and compiles"] * 2),
        ("RUN go mod download\nRUN go install a.example/y@v1\n", ["downloads", "downloads and compiles"]),
    ],
)
def test_what_is_lost_without_a_cache(steps, losses):
    found = messages("missing-cache-mount", "FROM golang:1.26\n" + steps)
    for message, loss in zip(found, losses, strict=True):
        # "downloads and compiles" ends in "compiles" too.
        assert f"{loss} everything again" in message
        assert (" and " in message) == (" and " in loss)


def test_one_loss_is_told_once_a_stage():
    text = "FROM golang:1.26\nRUN go install a.example/x@v1\nRUN go install a.example/y@v1\n"
    assert levels("missing-cache-mount", text) == ["info", "style"]
