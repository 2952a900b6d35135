"""What re-runs too often or not often enough."""

import pytest

from rule_answers import fixed, lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nARG BUILD_DATE\nRUN apt-get install -y curl\n", [2]),
        ("FROM a\nARG COMMIT=unknown\nENV COMMIT=$COMMIT\nRUN npm ci\n", [2]),
        ("FROM a\nARG C\nENV GIT_SHA=$C\nRUN npm ci\n", [3]),
        ("FROM a\nARG CI_JOB_ID\nRUN echo $CI_JOB_ID && npm ci\nRUN pip install x\n", []),
        ("FROM a\nARG VERSION\nRUN npm ci\n", [2]),
        ("FROM a\nARG VERSION=1.0\nRUN npm ci\n", []),
        ("ARG VERSION=1.0\nFROM a\nARG VERSION\nRUN npm ci\n", []),
        ("FROM a\nARG BRANCH=stable\nRUN npm ci\n", []),
        ("FROM a\nENV RELEASE=bookworm\nRUN npm ci\n", []),
        ("FROM a\nENV GIT_LFS_VERSION=3\nRUN npm ci\n", []),
        ("FROM a\nARG GIT_COMMIT\nRUN mkdir /a\nCOPY . .\n", []),
        ("FROM a\nRUN npm ci\nARG GIT_COMMIT\nCMD x\n", []),
        ("FROM a\nARG GIT_COMMIT\nFROM b\nRUN npm ci\n", []),
        ("FROM a\nARG BUILD_DATE\nRUN python -c 'import os; os.environ[\"BUILD_DATE\"]' && npm ci\n", []),
    ],
)
def test_cache_busting_variable(text, expected):
    assert lines("cache-busting-variable", text) == expected


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("git clone https://github.com/a/b", 1),
        ("git clone -b main https://github.com/a/b", 1),
        ("git clone -b v1 https://github.com/a/b", 0),
        ("git clone --branch=$TAG https://github.com/a/b", 0),
        ("git clone https://github.com/a/b && cd b && git reset --hard 4f5d", 0),
        ("git clone https://github.com/a/b && git -C b checkout main", 1),
        ("git clone /srv/mirror", 0),
        ("git clone $OPTIONS https://github.com/a/b", 0),
        ("curl -LO https://raw.githubusercontent.com/a/b/master/install.sh", 1),
        ("curl -LO https://github.com/a/b/archive/main.tar.gz", 1),
        ("curl -LO https://example.com/nightly/tool.tgz", 1),
        ("curl -LO https://example.com/master/tool.tgz", 0),
        ("curl -LO https://github.com/a/master/releases/download/v1/master.tgz", 0),
        ("curl -LO http://ftp.debian.org/debian/pool/main/a/a.deb", 0),
        ("curl -LO https://github.com/a/b/raw/main/tool-1.2.tar.gz", 0),
        ("echo https://example.com/latest/x", 0),
        ("date > /built", 1),
        ("echo $(date +%s) >> /built", 1),
        ("echo started at $(date)", 0),
        ("date -d @0 > /built", 0),
        ("date > /tmp/x", 0),
    ],
)
def test_stale_run(run, count):
    assert len(lines("stale-run", f"FROM debian:12\nRUN {run}\n")) == count


def test_stale_run_is_quiet_where_the_cache_is_broken_anyway():
    assert lines("stale-run", "FROM a\nARG CACHE_BUST_DEPS=1\nRUN git clone https://github.com/a/b\n") == []
    assert lines("stale-run", "FROM a\nARG GIT_COMMIT\nRUN git clone https://github.com/a/b\n") == []


@pytest.mark.parametrize(
    ("head", "run", "expected"),
    [
        (
            "# syntax=docker/dockerfile:1\nFROM debian:12\n",
            "git clone https://github.com/a/b",
            "ADD https://github.com/a/b.git b",
        ),
        (
            "# syntax=docker/dockerfile:1\nFROM debian:12\n",
            "git clone -b main https://example.org/a/b.git /src",
            "ADD https://example.org/a/b.git#main /src",
        ),
        ("FROM debian:12\n", "git clone https://github.com/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\nUSER app\n", "git clone https://github.com/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone https://example.org/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone --recursive https://github.com/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone git@github.com:a/b.git", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone https://u:p@github.com/a/b.git", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone https://github.com/a/b && make -C b", None),
    ],
)
def test_a_clone_becomes_an_add_only_where_it_is_the_same(head, run, expected):
    text = f"{head}RUN {run}\n"
    assert fixed("stale-run", text) == (text if expected is None else f"{head}{expected}\n")


def test_history_is_kept_for_a_build_that_may_read_it():
    text = (
        "# syntax=docker/dockerfile:1\nFROM golang:1.26\n"
        "RUN git clone --depth 1 https://github.com/a/b /b\nRUN cd /b && go build\n"
    )
    assert "ADD --keep-git-dir=true https://github.com/a/b.git /b\n" in fixed("stale-run", text)


@pytest.mark.parametrize(
    "text",
    [
        "RUN git clone https://github.com/a/b /b\nRUN cd /b && go build\n",
        "RUN git clone https://github.com/a/b /b\nRUN cd /b && git checkout next\n",
        "RUN git clone --depth 1 https://github.com/a/b /b\nRUN cd /b && git describe\n",
        "RUN git clone https://github.com/a/b /b\nFROM debian\nCOPY --from=0 /b /b\nRUN git -C /b log\n",
    ],
)
def test_one_commit_is_not_enough(text):
    text = "# syntax=docker/dockerfile:1\nFROM golang:1.26\n" + text
    assert lines("stale-run", text)
    assert fixed("stale-run", text) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("FROM debian:12\nCOPY a /app/\n", 1),
        ("FROM debian:12\nCOPY a.txt /app/a.txt\n", 1),
        ("FROM debian:12\nCOPY a /app\n", 0),
        ("FROM debian:12\nCOPY --chmod=755 a /app/\n", 0),
        ("FROM debian:12\nCOPY --link=false a /app/\n", 0),
        ("FROM debian:12\nCOPY a /bin/\n", 0),
        ("FROM debian:12\nRUN ln -s /data /app\nCOPY a /app/\n", 0),
        (f"FROM debian@sha256:{'0' * 64}\nCOPY a /app/\n", 0),
        ("# syntax=docker/dockerfile:1.3\nFROM debian:12\nCOPY a /app/\n", 0),
    ],
)
def test_unlinked_copy(text, count):
    assert len(lines("unlinked-copy", text)) == count


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("FROM debian:12\nCOPY a /app/\n", True),
        ("FROM debian:12\nCOPY --chown=1000:1000 a /app/\n", True),
        ("FROM debian:12\nCOPY --chown=app a /app/\n", False),
        ("FROM debian:12\nARG uid=1000\nCOPY --chown=$uid a /app/\n", False),
        ("FROM debian:12\nCOPY a /tmp/\n", False),
        ("FROM debian:12\nCOPY a.txt /home/app/a.txt\n", False),
        ("FROM debian:12\nRUN install -d -o app /app\nCOPY a /app/\n", False),
        ("FROM debian:12\nUSER 1000\nWORKDIR /app\nCOPY a /app/\n", False),
        ("FROM a\nCOPY a /app/\n", False),
        ("FROM a\nCOPY a.txt /etc/a.txt\n", True),
    ],
)
def test_a_linked_copy_keeps_owners_and_modes(text, linked):
    assert lines("unlinked-copy", text)
    assert ("--link" in fixed("unlinked-copy", text)) is linked


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (
            (
                "FROM node:22\nWORKDIR /a\nCOPY package.json package-lock.json ./\n"
                "RUN npm ci\nCOPY . .\nRUN npm run build\n"
            ),
            1,
        ),
        (
            (
                "FROM node:22\nWORKDIR /a\nCOPY package.json package-lock.json ./\n"
                "RUN npm ci\nCOPY src src\nRUN npm run build\n"
            ),
            0,
        ),
        ("FROM node:22\nWORKDIR /a\nCOPY package.json ./\nRUN npm ci\n", 0),
        ("FROM python:3.13\nCOPY a.txt /tmp/requirements.txt\nRUN pip install -r /tmp/requirements.txt\n", 0),
        ("FROM debian:12\nCOPY tool.deb /tmp/\nRUN dpkg -i /tmp/tool.deb\n", 1),
        ("FROM debian:12 AS b\nCOPY tool.deb /tmp/\nRUN dpkg -i /tmp/tool.deb\nFROM a\nCOPY --from=b /tmp /tmp\n", 0),
    ],
)
def test_one_run_copy(text, count):
    assert len(lines("one-run-copy", text)) == count


def test_a_file_that_the_run_changes_is_not_mounted():
    text = (
        "FROM python:3.13\nCOPY requirements.txt /tmp/requirements.txt\n"
        "RUN sed -i /torch/d /tmp/requirements.txt && pip install -r /tmp/requirements.txt\n"
    )
    assert lines("one-run-copy", text) == [2]
    assert fixed("one-run-copy", text) == text


@pytest.mark.parametrize(
    ("build", "copy", "count"),
    [
        ("FROM golang:1.26 AS b\nENV CGO_ENABLED=0\nRUN go build -o /x .\n", "/x", 1),
        ("FROM golang:1.26 AS b\nRUN go build -o /x .\n", "/x", 0),
        ("FROM golang:1.26-alpine AS b\nENV CGO_ENABLED=0\nRUN apk add gcc musl-dev\nRUN go build -o /x .\n", "/x", 0),
        ("FROM --platform=$BUILDPLATFORM golang:1.26 AS b\nENV CGO_ENABLED=0\nRUN go build -o /x .\n", "/x", 0),
        ("FROM maven:3 AS b\nRUN mvn package\n", "/app/target/app.jar", 1),
        ("FROM maven:3 AS b\nRUN mvn -Pnative package\n", "/app/target/app", 0),
        ("FROM node:22 AS b\nRUN npm ci && npm run build\n", "/app", 0),
        ("FROM debian:12 AS b\nRUN make\n", "/x", 0),
    ],
)
def test_emulated_builder(build, copy, count):
    text = f"{build}FROM debian:12\nARG TARGETARCH\nCOPY --from=b {copy} /\n"
    assert len(lines("emulated-builder", text)) == count


def test_go_is_only_mended_where_it_is_told_the_platform():
    text = (
        "FROM golang:1.26 AS b\nARG TARGETARCH\n"
        "RUN CGO_ENABLED=0 {}go build -o /x .\nFROM scratch\nCOPY --from=b /x /\n"
    )
    plain, told = text.format(""), text.format("GOARCH=$TARGETARCH ")
    assert fixed("emulated-builder", plain) == plain
    assert fixed("emulated-builder", told).startswith("FROM --platform=$BUILDPLATFORM golang:1.26 AS b\n")
