"""Shells, programs, users and platforms that a base image has or lacks."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, cases, codes, findings, fixed, levels, shown, shown_under

# --- missing-shell ---

NO_SHELL = {
    "shell form": "FROM scratch\nCOPY a.bin /a\nCMD /a\n",
    "a health check": 'FROM scratch\nCOPY a.bin /a\nHEALTHCHECK CMD /a check\nCMD ["/a"]\n',
    "exec form of a shell": 'FROM gcr.io/distroless/base-debian12\nENTRYPOINT ["bash", "-c", "x"]\n',
    "a RUN, in a stage that does not ship": "FROM scratch AS a\nRUN mkdir /x\nFROM debian:13\nCOPY --from=a /x /x\n",
    "inherited": "FROM gcr.io/distroless/static AS base\nFROM base\nCMD server\n",
    "chiseled": "FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled\nENTRYPOINT dotnet a.dll\n",
    "held back": "FROM scratch\nONBUILD RUN make\n",
}


@cases(NO_SHELL)
def test_needs_a_shell(text):
    assert levels("missing-shell", text) == ["error"]


@cases(
    {
        "exec form": 'FROM scratch\nCOPY a.bin /a\nCMD ["/a"]\n',
        "a root file system": "FROM scratch\nADD rootfs.tar.xz /\nRUN x\nCMD bash\n",
        "one from a stage": "FROM debian:13 AS b\nFROM scratch\nCOPY --from=b / /\nRUN x\n",
        "a copied shell": "FROM scratch\nCOPY --from=busybox:1 /bin/sh /bin/sh\nRUN x\n",
        "BusyBox": 'FROM scratch\nCOPY --from=busybox:1 /bin/ /bin/\nRUN ["/bin/busybox", "--install"]\nCMD x\n',
        "a folder without a name of its own": "FROM scratch\nCOPY hello /\nCMD hello\n",
        "SHELL": 'FROM gcr.io/distroless/base\nSHELL ["/busybox/sh", "-c"]\nRUN x\n',
        "the debug variant": "FROM gcr.io/distroless/base:debug\nRUN x\n",
        "the variant to build on": "FROM dhi.io/python:3.13-dev\nRUN x\n",
        "a link": 'FROM scratch\nCOPY --from=b /b /b\nRUN ["/b/ln", "-s", "/b/sh", "/bin/sh"]\nRUN x\n',
        "a CMD that is replaced": 'FROM scratch\nCMD /a\nCMD ["/a"]\n',
        "a CMD that is arguments": 'FROM scratch\nENTRYPOINT ["/a"]\nCMD x\n',
        "a CMD that does not ship": "FROM scratch AS a\nCMD x\nFROM debian:13\nCOPY --from=a /a /a\n",
        "an unknown base": "ARG B\nFROM $B\nRUN x\n",
        "a base with one": "FROM debian:13\nRUN x\n",
    }
)
def test_needs_no_shell(text):
    assert not findings("missing-shell", text)


def test_exec_form_of_one_literal_command():
    text = 'FROM scratch\nCOPY a.bin /a\nCMD /a --name "x y"\n'
    assert fixed("missing-shell", text) == text.replace('/a --name "x y"', '["/a", "--name", "x y"]')
    for kept in ("CMD /a $X\n", "CMD /a && /b\n", "CMD exec /a > /log\n"):
        assert fixed("missing-shell", "FROM scratch\n" + kept) == "FROM scratch\n" + kept


def test_missing_shell_is_shown_instead_of_what_follows_from_it():
    text = "FROM scratch\nCOPY a.bin /a\nCMD /a\n"
    both = Bench(RULES["missing-shell"], RULES["shell-form-command"]).findings(text)
    assert [each.rule for each in both if each.severity != "style"] == ["missing-shell"]


def test_the_context_tells_files_from_folders():
    """`COPY app /` brings no shell when app is a file."""
    text = "FROM scratch\nCOPY app /\nCMD /app\n"
    assert levels("missing-shell", text, {"app": "x"}) == ["error"]
    assert findings("missing-shell", text) == []


# --- missing-program ---

MISSING = {
    "curl in a health check": ("FROM node:22-slim\nHEALTHCHECK CMD curl -f x || exit 1\nCMD x\n", "curl"),
    "in exec form": ('FROM node:22-alpine\nHEALTHCHECK CMD ["curl", "-f", "x"]\nCMD x\n', "curl"),
    "a closed package": ("FROM python:3.12-slim\nRUN apt-get install -y libpq5\nRUN git clone x\n", "git"),
    "a compiler brings no downloader": ("FROM debian:13\nRUN apt-get install -y gcc make\nRUN wget x\n", "wget"),
    "packages of an index": ("FROM python:3.12-slim\nRUN pip install cmake\nHEALTHCHECK CMD curl x\n", "curl"),
    "another manager": ("FROM debian:13\nRUN useradd a\nRUN apk add x\n", "apk"),
    "sudo": ("FROM ubuntu:24.04\nRUN sudo apt-get update\n", "sudo"),
    "SHELL": ('FROM alpine:3.22\nSHELL ["/bin/bash", "-c"]\nRUN echo\n', "/bin/bash"),
    "inherited": ("FROM alpine:3.22 AS a\nRUN mkdir /x\nFROM a\nRUN jq . x\n", "jq"),
    "in a pipe": ("FROM debian:13-slim\nRUN curl x | tar xz -C /x\n", "curl"),
    "what starts": ('FROM alpine:3.22\nCOPY x.sh /x.sh\nENTRYPOINT ["bash", "/x.sh"]\n', "bash"),
    "another copied program": ("FROM alpine:3.22\nCOPY --from=x /usr/bin/jq /usr/bin/jq\nRUN git x\n", "git"),
    "held back": ("FROM alpine:3.22\nONBUILD RUN git clone x\n", "git"),
}


@pytest.mark.parametrize(("text", "word"), list(MISSING.values()), ids=list(MISSING))
def test_program_is_missing(text, word):
    assert levels("missing-program", text) == ["error"]
    assert shown_under("missing-program", text)[0].strip('"') == word


@cases(
    {
        "installed": "FROM debian:13\nRUN apt-get install -y curl && curl x\n",
        "installed after the health check": "FROM debian:13\nHEALTHCHECK CMD curl x\nRUN apt-get install -y curl\n",
        "a package that may bring anything": "FROM debian:13\nRUN apt-get install -y texlive\nRUN curl x\n",
        "what git brings": "FROM debian:13\nRUN apt-get install -y git\nRUN ssh -V\n",
        "packages that nobody knows": "FROM debian:13\nARG P\nRUN apt-get install -y $P\nRUN curl x\n",
        "a script": "FROM alpine:3.22\nCOPY x.sh /x.sh\nRUN /x.sh\nRUN curl x\n",
        "a script from the net": "FROM alpine:3.22\nRUN wget -O- https://x.io/i | sh\nRUN curl x\n",
        "a copied folder of programs": "FROM alpine:3.22\nCOPY bin/ /usr/local/bin/\nRUN curl x\n",
        "a copied root": "FROM alpine:3.22\nCOPY root/ /\nRUN curl x\n",
        "copied": "FROM alpine:3.22\nCOPY --from=x /curl /usr/bin/curl\nRUN curl x\n",
        "moved there": "FROM alpine:3.22\nADD https://x.io/jq /tmp/jq\nRUN mv /tmp/jq /usr/bin/jq && jq .\n",
        "on another PATH": "FROM alpine:3.22\nENV PATH=/o/bin:$PATH\nCOPY --from=x /o /o\nRUN curl x\n",
        "under a mount": "FROM alpine:3.22\nRUN --mount=from=x,target=/usr/local/bin curl x\n",
        "a way out": "FROM alpine:3.22\nRUN curl x || wget x\n",
        "another check": "FROM alpine:3.22\nHEALTHCHECK CMD curl x || wget -q x\nCMD y\n",
        "asked for": "FROM alpine:3.22\nRUN command -v curl && curl x\n",
        "in a branch": 'FROM alpine:3.22\nRUN if [ -n "$A" ]; then curl x; fi\n',
        "BusyBox has it": "FROM alpine:3.22\nRUN wget x && unzip y && tar xf z\n",
        "the image is named after it": 'FROM node:22-slim\nRUN npm ci && npx x\nCMD ["node", "a"]\n',
        "the full image has it": "FROM python:3.12\nRUN git clone x && curl y\n",
        "an old release": "FROM debian:8\nRUN curl x\n",
        "an unknown base": "ARG B\nFROM $B\nRUN curl x\n",
        "a local program": "FROM alpine:3.22\nCOPY curl /app/curl\nRUN /app/curl x\n",
        "a CMD that does not ship": "FROM alpine:3.22 AS a\nCMD bash\nFROM debian:13\nCOPY --from=a /x /x\n",
        "conda": (
            "FROM debian:13\nCOPY --from=c /opt/conda /opt/conda\nRUN /opt/conda/bin/conda install git\nRUN git x\n"
        ),
    }
)
def test_program_may_be_there(text):
    assert not findings("missing-program", text)


# --- musl-source-build ---


def test_compiling_for_musl():
    text = "FROM node:22-alpine3.20\nRUN apk add --no-cache make g++\nRUN npm ci\nRUN npm i x\n"
    (finding,) = shown("musl-source-build", text)
    assert "node:22-slim takes what is ready-made for glibc" in finding.message
    assert text[finding.related[0][1].start :].startswith("g++")


def test_packages_without_a_build_for_musl():
    text = "FROM python:3.12-alpine\nRUN pip install flask torch==2.9 jaxlib\n"
    assert shown_under("musl-source-build", text) == ["torch==2.9"]


@cases(
    {
        "Debian": "FROM python:3.12-slim\nRUN apt-get install -y gcc && pip install torch\n",
        "tools after the packages": "FROM python:3.12-alpine\nRUN pip install flask\nRUN apk add gcc\n",
        "no tools": "FROM python:3.12-alpine\nRUN apk add curl && pip install flask\n",
        "another language": "FROM golang:1.26-alpine\nRUN apk add gcc musl-dev && go build .\n",
        "unknown": "ARG B\nFROM $B\nRUN apk add gcc && pip install x\n",
    }
)
def test_nothing_to_compile_for_musl(text):
    assert not findings("musl-source-build", text)


# --- unknown-user ---


@cases(
    {
        "scratch": 'FROM scratch\nCOPY a.bin /a\nUSER app\nCMD ["/a"]\n',
        "scratch has no root either": "FROM scratch\nUSER root\n",
        "distroless": "FROM gcr.io/distroless/base\nUSER www-data\n",
        "an owner": "FROM scratch\nCOPY --chown=app:app a.bin /a\n",
        "from a variable": "FROM scratch\nARG U=app\nUSER $U\n",
        "created later": "FROM debian:13\nCOPY --chown=app . /a\nRUN useradd -m app\n",
        "run as who is created later": "FROM alpine:3.22\nUSER app\nRUN adduser -D app\n",
        "created in a child": "FROM debian:13 AS a\nCOPY --chown=app x /x\nFROM a\nRUN useradd app\n",
    }
)
def test_nobody_of_that_name(text):
    # BuildKit refuses USER; the files of an owner nobody knows silently become root's.
    assert levels("unknown-user", text) == ["warning" if "--chown" in text else "error"]


@cases(
    {
        "numbers": "FROM scratch\nCOPY --chown=1:1 a.bin /a\nUSER 65532:65532\n",
        "a known one": "FROM gcr.io/distroless/static:nonroot\nUSER nonroot:nonroot\n",
        "a copied passwd": "FROM scratch\nCOPY --from=b /etc/passwd /etc/group /etc/\nUSER app\n",
        "a copied root": "FROM scratch\nADD rootfs.tar /\nUSER app\n",
        "a passwd in a heredoc": "FROM scratch\nCOPY <<EOF /etc/passwd\napp:x:1:1::/:\nEOF\nUSER app\n",
        "a RUN that may create one": 'FROM gcr.io/distroless/base:debug\nSHELL ["/busybox/sh"]\nRUN x\nUSER a\n',
        "nobody knows which": "FROM scratch\nARG U\nUSER $U\n",
        "another base": "FROM debian:13\nUSER whoever\n",
        "created before": "FROM debian:13\nRUN useradd app\nCOPY --chown=app . /a\nUSER app\n",
        "created if it is not there": "FROM debian:13\nCOPY --chown=app . /a\nRUN id app || useradd app\n",
        "nothing runs as that user": "FROM debian:13\nUSER app\nUSER root\nRUN useradd app\nUSER app\n",
        "into a group": "FROM debian:13\nCOPY --chown=www-data . /a\nRUN adduser www-data video\n",
    }
)
def test_there_may_be_one(text):
    assert not findings("unknown-user", text)


def test_well_known_numbers():
    text = "FROM scratch\nCOPY --chown=nonroot:nonroot a.bin /a\nUSER nobody\n"
    assert fixed("unknown-user", text) == "FROM scratch\nCOPY --chown=65532:65532 a.bin /a\nUSER 65534\n"
    assert codes("unknown-user", text) == {"tally:named-identity-in-passwdless-stage"}


# --- unsupported-on-windows ---

WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2025\n"


def test_windows():
    text = WINDOWS + "RUN --mount=type=cache,target=C:/x a\nCOPY --chown=a --chmod=755 a C:/a\nSTOPSIGNAL SIGINT\n"
    assert levels("unsupported-on-windows", text) == ["error", "error", "error", "warning"]
    assert fixed("unsupported-on-windows", text) == WINDOWS + "RUN a\nCOPY a C:/a\n"


@cases(
    {
        "Linux": "FROM debian:13\nRUN --mount=type=cache,target=/x a\nSTOPSIGNAL SIGINT\n",
        "other flags": WINDOWS + "RUN --network=none a\nCOPY --from=x a b\n",
        "unknown": "ARG B\nFROM $B\nCOPY --chown=a b c\n",
        "a name like it": "FROM example.com/windows-exporter:1\nCOPY --chown=a b c\n",
    }
)
def test_not_windows(text):
    assert not findings("unsupported-on-windows", text)


def test_the_platform_tells():
    assert levels("unsupported-on-windows", "FROM --platform=windows/amd64 x:1\nCOPY --chmod=1 a b\n") == ["error"]


def test_headers_and_generators_compile_nothing():
    assert not findings("musl-source-build", "FROM node:22-alpine\nRUN apk add protobuf-dev go\nRUN npm ci\n")


def test_no_day_is_made_up():
    (finding,) = findings("expired-base-image", "FROM mcr.microsoft.com/dotnet/sdk:5.0\n")
    assert "since" not in finding.message
