"""What files that nobody had tried yet taught: each case is the core of a real one."""

import pytest

from dfadvise.secret.redact import Secrets
from dfadvise.testing import Bench
from rule_answers import RULES, findings, fixed, shown_levels

UV = "ghcr.io/astral-sh/uv:0.9"
APT = "RUN apt-get update && {} && rm -rf /var/lib/apt/lists/*\n"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(
            "cache-order",
            "FROM node:22-alpine\nWORKDIR /repo\nCOPY package.json package-lock.json ./\nCOPY apps/web apps/web\n"
            "COPY packages/shared packages/shared\nRUN npm ci\nRUN npm run build --workspace apps/web\n",
            id="folders that may be packages of a workspace",
        ),
        pytest.param(
            "cache-order",
            "FROM ubuntu:22.04\nCOPY depends.txt /tmp/depends.txt\n"
            + APT.format("xargs -a /tmp/depends.txt apt-get install -y"),
            id="xargs reads the packages from a file",
        ),
        pytest.param(
            "duplicated-tree",
            "FROM debian:13-slim\nCOPY logs/ /srv/logs/\nRUN chmod 755 /srv/logs\n",
            id="the mode of a folder alone",
        ),
        pytest.param(
            "duplicated-tree",
            "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN chown node:node /app\n",
            id="the owner of the working directory alone",
        ),
        pytest.param(
            "unlocked-install",
            "FROM oven/bun:1.2-slim\nWORKDIR /app\nCOPY package.json bun.lock ./\nRUN bun install --production\n",
            id="bun is frozen in production",
        ),
        pytest.param(
            "missing-cache-mount",
            "FROM golang:1.8-alpine\nADD ./gospace/ /go/src/coop\nRUN go install coop\n",
            id="Go without modules and build cache",
        ),
        pytest.param(
            "missing-cache-mount",
            "FROM python:3.13-slim\nCOPY --from=b:1 /wheels /wheels\nRUN pip install /wheels/*\n",
            id="wheels that are there",
        ),
        pytest.param(
            "signal-swallowing-command",
            'FROM alpine:3.23\nCOPY app.sh /app.sh\nCMD ["sh", "-c", "/app.sh --port ${PORT}"]\n',
            id="BusyBox replaces itself",
        ),
        pytest.param(
            "dev-dependencies-shipped",
            "FROM python:3.12-slim\nCOPY pyproject.toml poetry.lock ./\nRUN poetry install --only-root\n",
            id="the project alone has no dependencies",
        ),
        pytest.param(
            "package-cache-left",
            "FROM python:3.12-slim\nCOPY pyproject.toml poetry.lock ./\nRUN poetry install --only-root\n",
            id="the project alone fetches nothing",
        ),
        pytest.param(
            "ignored-failure",
            'FROM debian:13-slim\nRUN apt-get update && apt-get install git if [ "$X" ]; then echo curl; fi && a\n',
            id="no shell takes the script",
        ),
        pytest.param(
            "musl-source-build",
            "FROM python:3.12-alpine\nRUN apk add gcc musl-dev && pip install --upgrade pip\n",
            id="pip itself is pure Python",
        ),
        pytest.param(
            "musl-source-build",
            "FROM ruby:3.3-alpine\nRUN apk add build-base && gem update --system\n",
            id="RubyGems itself is pure Ruby",
        ),
        pytest.param(
            "misplaced-env",
            'FROM debian:12\nRUN make\nENV https_proxy=http://proxy.example.com:3128\nCMD ["/start"]\n',
            id="a proxy that only the container has",
        ),
        pytest.param(
            "dangerous-file-mode",
            "FROM alpine:3.22\nRUN mkdir /data && chmod 2775 /data && chmod g+s /srv/\n",
            id="folders that hand their group down",
        ),
        pytest.param(
            "retired-command",
            "FROM registry.access.redhat.com/ubi8/nodejs-12\nRUN npm install --production\n",
            id="npm 6 knows nothing else",
        ),
        pytest.param(
            "signal-swallowing-command", 'FROM alpine:3.23\nENTRYPOINT ["ash", "-c", "a"]\n', id="BusyBox by its name"
        ),
    ],
)
def test_nothing_to_say(rule, text):
    assert findings(rule, text) == []


@pytest.mark.parametrize(
    ("rule", "text", "level"),
    [
        pytest.param(
            "lost-mount-output",
            "FROM debian:13 AS builder\nWORKDIR /src\nRUN --mount=type=cache,target=/src/target cargo build --release\n"
            "RUN ls target\nFROM debian:13-slim\nCOPY --from=builder /src/target/release/app /app/\n",
            "error",
            id="who looks makes nothing",
        ),
        pytest.param(
            "cache-order",
            "FROM debian:13-slim AS web\nRUN echo > /x\nFROM node:24-slim\nWORKDIR /app\nCOPY . .\n"
            "COPY --from=web /x ./public/build/\nRUN npm ci\n",
            "warning",
            id="what lies below brings no manifests",
        ),
        pytest.param(
            "build-image-shipped",
            "FROM rust:1.90 AS build\nCOPY . .\nRUN cargo build --release\nFROM rust:1.90\n"
            'COPY --from=build /target/release/app /usr/local/bin/app\nENTRYPOINT ["app"]\n',
            "warning",
            id="the toolchain only receives the program",
        ),
        pytest.param(
            "cache-order",
            "FROM python:3.12-slim\nWORKDIR /app\nCOPY app app\nCOPY requirements.txt .\n"
            "RUN pip install -r requirements.txt\nCOPY entrypoint.sh /\n",
            "warning",
            id="a script that comes later says nothing of the sources",
        ),
        pytest.param(
            "dangerous-file-mode", "FROM alpine:3.22\nRUN chmod 2755 /usr/bin/tool\n", "warning", id="no folder"
        ),
        pytest.param(
            "misplaced-env",
            "FROM debian:12\nENV https_proxy=http://proxy.example.com:3128\nRUN make\n",
            "info",
            id="a proxy that the build has too",
        ),
        pytest.param(
            "lost-run-effect", "FROM ros:humble\nRUN . /opt/ros/humble/setup.sh\n", "warning", id="settings of ROS"
        ),
        pytest.param(
            "musl-source-build",
            "FROM python:3.12-alpine\nRUN apk add gcc musl-dev && pip install --upgrade pip -r requirements.txt\n",
            "info",
            id="pip and more",
        ),
        pytest.param(
            "undefined-variable",
            "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV P=a\nWORKDIR $env:P\n",
            "warning",
            id="PowerShell's way to write it",
        ),
        pytest.param(
            "missing-cache-mount",
            "FROM python:3.13-slim\nCOPY --from=b:1 /dist /dist\nRUN pip install /dist/app-1.0-py3-none-any.whl\n",
            "info",
            id="what one wheel needs is fetched",
        ),
        pytest.param("secret-variable", "FROM node:24\nENV DB_PASSWORD=**None**\n", "warning", id="a placeholder"),
        pytest.param("shell-form-command", "FROM debian:12\nCMD sleep 100\n", "warning", id="dash keeps signals"),
        pytest.param("shell-form-command", "FROM alpine:3.23\nCMD sleep 100\n", "info", id="BusyBox does not"),
    ],
)
def test_something_to_say(rule, text, level):
    assert shown_levels(rule, text) == [level]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f"FROM python:3.12-slim\nCOPY . /app\nCOPY --from={UV} /uv /bin/uv\nRUN uv pip install --system six\n",
            f"FROM python:3.12-slim\nCOPY --from={UV} /uv /bin/uv\nRUN uv pip install --system six\nCOPY . /app\n",
            id="the program comes from another image",
        ),
        pytest.param(
            "FROM ubuntu:22.04\nCOPY src/ /src/\nCOPY a.list /etc/apt/sources.list.d/a.list\n"
            + APT.format("apt-get install -y git"),
            "FROM ubuntu:22.04\nCOPY a.list /etc/apt/sources.list.d/a.list\n"
            + APT.format("apt-get install -y git")
            + "COPY src/ /src/\n",
            id="the settings of the manager",
        ),
    ],
)
def test_only_what_is_not_read_moves(before, after):
    assert fixed("cache-order", before) == after


def test_no_copy_moves_from_under_another_one():
    text = f"FROM python:3.12-slim\nCOPY src /app/src\nCOPY --from={UV} /app /app\nRUN apt-get install -y git\n"
    assert fixed("cache-order", text) == text


def test_no_install_is_split_from_its_cleaning():
    text = (
        "FROM condaforge/miniforge3:24.11.3-0\nCOPY env.yaml /tmp/env.yaml\nCOPY app /srv/app\n"
        "RUN mamba env create -n app --file /tmp/env.yaml && /srv/app/setup.sh && conda clean -afy\n"
    )
    assert fixed("cache-order", text) == text


@pytest.mark.parametrize("word", ["tar", "gpg", "apk", "cd"])
def test_no_command_is_made_a_keyword(word):
    text = f"FROM alpine:3.22\n{word} --import a\n"
    assert fixed("syntax-error", text) == text


def test_a_sum_of_nothing_fails():
    text = "FROM ubuntu:22.04\nRUN cd /tmp && grep tool.sh SHASUMS.txt | sha256sum {} -\n"
    assert shown_levels("missing-pipefail", text.format("-c")) == []
    assert shown_levels("missing-pipefail", text.format("--tag")) == ["warning"]


def test_only_pipes_that_matter_are_named_beside_the_first():
    text = "FROM debian:13-slim\nRUN curl -fsS https://example.com/a.sh | bash && yes | /opt/sdkmanager --licenses\n"
    (finding,) = findings("missing-pipefail", text)
    assert list(finding.related) == []


def test_an_option_that_switches_passwords_off_hides_nothing():
    text = 'FROM debian:12\nRUN adduser --disabled-password --gecos "" app\n'
    assert Secrets(text, []).masked() == text
    secret = text.replace("--disabled-password --gecos", "--reset-password swordfish-7")
    assert "swordfish" not in Secrets(secret, []).masked()


@pytest.mark.parametrize("image", ["ubuntu:12.04", "ubuntu:10.04", "opensuse/leap:42.3", "oraclelinux:6"])
def test_the_oldest_releases_are_out_of_support_too(image):
    assert shown_levels("expired-base-image", f"FROM {image}\n") == ["warning"]


@pytest.mark.parametrize("image", ["oraclelinux:9", "opensuse/leap:16.0", "ubuntu:24.04"])
def test_supported_releases_are_not(image):
    assert findings("expired-base-image", f"FROM {image}\n") == []


ZYPPER = "FROM opensuse/leap:16.0\nRUN zypper "


def test_repositories_whose_signatures_are_never_checked():
    assert shown_levels("package-signature-off", f"{ZYPPER}addrepo -G https://example.com/r/ r\n") == ["warning"]
    assert shown_levels("package-signature-off", f"{ZYPPER}-n ar --no-gpgcheck https://example.com/r.repo\n")
    assert findings("package-signature-off", f"{ZYPPER}ar -g https://example.com/r.repo && zypper -n in a\n") == []


def test_a_layer_stores_a_file_once():
    text = "FROM alpine:3.22\nCOPY a.sh /a.sh\nRUN chmod 0755 /a.sh{}\n"
    (finding,) = findings("duplicated-tree", text.format(" && sed -i s/a/b/ /a.sh && sed -i s/c/d/ /a.sh"))
    assert finding.fix is None
    assert finding.message.startswith("chmod stores")
    (finding,) = findings("duplicated-tree", text.format(""))
    assert finding.fix is not None
    two = text.format("") + "RUN sed -i s/a/b/ /a.sh\n"
    assert len(findings("duplicated-tree", two)) == 2


def test_one_finding_for_the_bytes_of_an_archive():
    bench = Bench(RULES["hand-unpacked-archive"], RULES["late-cleanup"])
    text = (
        "FROM debian:13-slim\nCOPY target/a.tar.gz /opt/\nRUN tar xzf /opt/a.tar.gz -C /opt && rm -rf /opt/a.tar.gz\n"
    )
    told = {(f.rule, f.severity) for f in bench.findings(text)}
    assert told == {("hand-unpacked-archive", "warning"), ("late-cleanup", "style")}


@pytest.mark.parametrize("run", ["apt-get install -y sudo", "apk add sudo", "pacman -S sudo"])
def test_managers_of_other_packages_are_missed(run):
    for image in ("fedora:43", "rockylinux:9", "registry.access.redhat.com/ubi9/ubi-minimal"):
        assert shown_levels("missing-program", f"FROM {image}\nRUN {run}\n") == ["error"]
        # Fedora packages apt itself.
        assert findings("missing-program", f"FROM {image}\nRUN microdnf install -y apt\nRUN {run}\n") == []
        assert findings("missing-program", f"FROM {image}\nRUN if [ -x /usr/bin/x ]; then {run}; fi\n") == []
