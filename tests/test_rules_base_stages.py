"""What the rules about base images and stages say and do not say, and what their fixes leave behind."""

import pytest

from dfadvise import packs
from dfadvise.context import BuildContext
from dfadvise.engine import Engine
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}
DIGEST = "@sha256:" + "0123456789abcdef" * 4


def everything(rule, text, root=None, **options):
    """The findings that `--select all` shows."""
    return Bench(RULES[rule], root=root, options=options).findings(text)


def shown(rule, text, root=None, **options):
    """The findings that a plain run shows."""
    return [each for each in everything(rule, text, root, **options) if each.severity != "style"]


def levels(rule, text, **options):
    return [each.severity for each in everything(rule, text, **options)]


def codes(rule, text, **options):
    return {code for finding in everything(rule, text, **options) for code in finding.aliases}


def marked(rule, text, **options):
    """The texts under the findings that a plain run shows."""
    return [text[each.span.start : each.span.end] for each in shown(rule, text, **options)]


def fixed(rule, text, root=None):
    return Bench(RULES[rule], root=root).fixed(text)


def cases(table):
    return pytest.mark.parametrize("text", list(table.values()), ids=list(table))


# latest-base-image ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FROM debian\n", "DL3006"),
        ("FROM registry.example.com:5000/team/app\n", "DL3006"),
        ("ARG REGISTRY\nFROM ${REGISTRY}/ubuntu\n", "DL3006"),
        ("ARG IMAGE=debian\nFROM $IMAGE\n", "DL3006"),
        ("FROM debian:latest\n", "DL3007"),
        ("ARG TAG=latest\nFROM debian:${TAG}\n", "DL3007"),
        ("ARG A\nFROM $A/x:latest AS build\n", "DL3007"),
    ],
)
def test_no_version(text, code):
    assert code in codes("latest-base-image", text)
    assert "DS-0001" in codes("latest-base-image", text)
    assert levels("latest-base-image", text) == ["warning"]


@cases(
    {
        "a tag": "FROM debian:13\n",
        "a digest": f"FROM debian{DIGEST}\n",
        "latest with a digest": f"FROM debian:latest{DIGEST}\n",
        "a stage in any case of its own": "FROM debian:13 AS Build\nFROM build\n",
        "scratch": "FROM scratch\n",
        "an image that nobody knows": "ARG BASE\nFROM $BASE\n",
        "a tag that nobody knows": "ARG TAG\nFROM debian:$TAG\n",
        "a slip for a stage": "FROM debian:13 AS build\nFROM debian:13\nCOPY --from=biuld /a /b\n",
        "a stage that a variable chooses": "FROM debian:13 AS base-amd64\nFROM base-$TARGETARCH\n",
        "a suite": "FROM debian:trixie\nFROM ubuntu:noble\nFROM node:jod-bookworm-slim\n",
    }
)
def test_has_a_version(text):
    assert not everything("latest-base-image", text)


@cases(
    {
        "a word": "FROM debian:stable-slim\n",
        "a variant": "FROM nginx:alpine\n",
        "a release train": "FROM node:lts\n",
        "a rolling one": "FROM fedora:rawhide\n",
    }
)
def test_moving_tag_is_information(text):
    assert levels("latest-base-image", text) == ["info"]
    assert not codes("latest-base-image", text)


def test_copied_images_count_too():
    text = "FROM debian:13\nCOPY --from=nginx:latest /a /b\nRUN --mount=type=bind,from=ghcr.io/x/y,target=/t /t/run\n"
    assert marked("latest-base-image", text) == ["nginx:latest", "ghcr.io/x/y"]
    assert not codes("latest-base-image", text)  # the other tools look at FROM alone


def test_a_possible_tag_in_a_variable_is_a_style_finding():
    assert levels("latest-base-image", "ARG V\nFROM alpine$V\n") == ["style"]
    assert "DS-0001" in codes("latest-base-image", "ARG V\nFROM alpine$V\n")


# undigested-base-image, untrusted-registry ------------------------------------------------------------------------


def test_digests():
    assert marked("undigested-base-image", f"FROM debian:13\nFROM debian:13{DIGEST}\nFROM scratch\n") == ["debian:13"]
    assert not shown("undigested-base-image", "ARG BASE\nFROM $BASE AS a\nFROM a\n")
    assert RULES["undigested-base-image"].default == "off"


@pytest.mark.parametrize(
    ("trusted", "text", "count"),
    [
        (["docker.io"], "FROM debian:13\nFROM docker.io/a/b:1\nFROM library/debian:13\n", 0),
        (["hub.docker.com"], "FROM debian:13\n", 0),
        (["quay.io"], "FROM debian:13\n", 1),
        (["*.example.com"], "FROM a.example.com/x:1\nFROM example.org/x:1\n", 1),
        (["registry*"], "FROM registry.example.com:5000/x:1\n", 0),
        (["*"], "FROM evil.example.org/x:1\n", 0),
        (["ghcr.io/team"], "FROM ghcr.io/team/x:1\nFROM ghcr.io/team:1\nFROM ghcr.io/teammate/x:1\n", 1),
        (["quay.io"], "FROM scratch\nCOPY --from=docker.io/a/b:1 / /\nRUN --mount=from=c.io/d,target=/d e\n", 2),
        (["quay.io"], "FROM quay.io/a/b:1 AS a\nFROM a\nCOPY --from=a /x /x\n", 0),
        (["quay.io"], "ARG REGISTRY\nFROM $REGISTRY/x:1\n", 0),
        (["quay.io"], "# syntax=docker/dockerfile:1\nFROM scratch\n", 1),
        ([], "FROM evil.example.org/x:1\n", 0),
    ],
)
def test_registries(trusted, text, count):
    rules = {"untrusted-registry": {"trusted-registries": trusted}}
    assert levels("untrusted-registry", text, rules=rules) == ["error"] * count


# expired-base-image -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "today", "level"),
    [
        ("debian:9", "2026-11-24", "warning"),
        ("python:3.8", "2026-11-24", "warning"),
        ("node:18-alpine", "2026-11-24", "warning"),
        ("python:3.12-slim-buster", "2026-11-24", "warning"),
        ("debian:12", "2028-07-01", "info"),  # within ninety days
        ("debian:12", "2028-12-01", "warning"),
        ("openjdk:17", "2026-11-24", "warning"),
        ("centos", "2026-11-24", "warning"),
    ],
)
def test_ended(image, today, level):
    assert levels("expired-base-image", f"FROM {image}\nCMD x\n", today=today) == [level]


@cases(
    {
        "a supported one": "FROM debian:13\nFROM node:24\n",
        "no version": "FROM debian\nFROM python:slim\n",
        "no version that anybody knows": "ARG V\nFROM python:$V\n",
        "another repository": "FROM example.com/python:3.6\nFROM team/debian:9\n",
        "a stage": "FROM debian:13 AS python\nFROM python\n",
    }
)
def test_not_ended(text):
    assert not everything("expired-base-image", text, today="2026-11-24")


def test_what_does_not_ship_is_information():
    text = "FROM node:16 AS build\nRUN npm ci\nFROM debian:13\nCOPY --from=build /a /a\nCOPY --from=python:3.8 /b /b\n"
    assert levels("expired-base-image", text, today="2026-11-24") == ["info", "info"]


@pytest.mark.parametrize(
    ("run", "level"),
    [
        ("RUN apt-get update", "error"),
        ("RUN apt-get install -y git || true", "warning"),
        ("RUN sed -i 's/deb.debian.org/archive.debian.org/' /etc/apt/sources.list && apt-get update", "warning"),
        ("COPY sources.list /etc/apt/sources.list\nRUN apt-get update", "warning"),
        ("RUN echo 'deb http://x' > /etc/apt/sources.list && apt-get update", "warning"),
        ("RUN pip install x", "warning"),
    ],
)
def test_packages_that_are_gone(run, level):
    assert levels("expired-base-image", f"FROM debian:9\n{run}\n", today="2026-11-24") == [level]


def test_the_next_version_is_named():
    finding = shown("expired-base-image", "FROM ruby:2.7\n", today="2026-11-24")[0]
    assert "ruby 2.7 is out of support" in finding.message
    assert "3.3 is supported until 2027-03-31" in finding.message
    assert finding.aliases == ("tally:ruby/eol-ruby-version",)


# oversized-base-image ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "sibling"),
    [
        ("python:3.12", "python:3.12-slim"),
        ("python:3.12-bookworm", "python:3.12-slim-bookworm"),
        ("node:22-bookworm", "node:22-bookworm-slim"),
        ("docker.io/library/node:22", "docker.io/library/node:22-slim"),
        ("eclipse-temurin:21-jdk-jammy", "eclipse-temurin:21-jre-jammy"),
        ("debian:trixie", "debian:trixie-slim"),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", "nvidia/cuda:12.4.1-runtime-ubuntu22.04"),
        ("python", "python:slim"),
    ],
)
def test_smaller_sibling(image, sibling):
    text = f'FROM {image}\nCOPY app /app\nCMD ["/app"]\n'
    assert levels("oversized-base-image", text) == ["info"]
    assert fixed("oversized-base-image", text) == text.replace(image, sibling, 1)


@cases(
    {
        "slim already": "FROM python:3.12-slim\nCMD x\n",
        "alpine": "FROM node:22-alpine\nCMD x\n",
        "another image": "FROM redis:7\n",
        "build tools": "FROM python:3.12\nRUN apt-get update && apt-get install -y libpq-dev\n",
        "a compiler": "FROM python:3.12\nRUN gcc -o /a a.c\n",
        "a source package": "FROM python:3.12\nRUN pip install psycopg2\n",
        "git for pip": "FROM python:3.12\nRUN pip install git+https://example.com/x.git\n",
        "curl in the health check": "FROM python:3.12\nHEALTHCHECK CMD curl localhost\nCMD x\n",
        "a script": "FROM node:22\nCOPY . .\nRUN ./setup.sh\n",
        "the JDK's tools": "FROM eclipse-temurin:21\nRUN ./mvnw package\n",
        "a stage on it compiles": "FROM python:3.12 AS base\nFROM base AS x\nRUN make\nFROM base\nCMD y\n",
        "it does not ship": "FROM node:22 AS build\nRUN npm ci\nFROM node:22-slim\nCOPY --from=build /a /a\n",
        "what ONBUILD needs": "FROM python:3.12\nONBUILD RUN git clone x\n",
        "a tag that nobody knows": "ARG V\nFROM python:$V\nCMD x\n",
    }
)
def test_size_is_needed(text):
    assert not everything("oversized-base-image", text)


def test_sizes_alternatives_and_what_they_would_change():
    text = (
        "FROM python:3.12\n"
        "RUN apt-get update && apt-get install -y tzdata\n"
        "RUN pip install flask\n"
        "CMD python -m flask run\n"
    )
    finding = shown("oversized-base-image", text)[0]
    assert "python:3.12-slim: 43.2 MB instead of 411 MB" in finding.message
    assert (finding.saving.size, finding.saving.basis) == (410_900_000 - 43_200_000, "table")
    alpine, distroless = (message for message, _ in finding.related)
    assert alpine.startswith(
        "python:3.12-alpine (18.0 MB): pip install may have to compile for musl; apk instead of apt"
    )
    assert "2 RUNs move to a build stage" in distroless
    assert "its Python is 3.13, not 3.12" in distroless


def test_no_edit_where_a_variable_or_a_digest_decides():
    assert shown("oversized-base-image", "ARG V=3.12\nFROM python:$V\nCMD x\n")[0].fix is None
    assert shown("oversized-base-image", f"FROM python:3.12{DIGEST}\nCMD x\n")[0].fix is None


def test_one_cause_one_visible_finding():
    text = 'FROM maven:3.9-eclipse-temurin-21\nWORKDIR /a\nRUN mvn package\nCMD ["java", "-jar", "target/a.jar"]\n'
    both = Bench(RULES["oversized-base-image"], RULES["build-image-shipped"]).findings(text)
    assert [each.rule for each in both if each.severity != "style"] == ["build-image-shipped"]


# missing-shell ----------------------------------------------------------------------------------------------------

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
    assert not everything("missing-shell", text)


def test_exec_form_of_one_literal_command():
    text = 'FROM scratch\nCOPY a.bin /a\nCMD /a --name "x y"\n'
    assert fixed("missing-shell", text) == text.replace('/a --name "x y"', '["/a", "--name", "x y"]')
    for kept in ("CMD /a $X\n", "CMD /a && /b\n", "CMD exec /a > /log\n"):
        assert fixed("missing-shell", "FROM scratch\n" + kept) == "FROM scratch\n" + kept


def test_missing_shell_is_shown_instead_of_what_follows_from_it():
    text = "FROM scratch\nCOPY a.bin /a\nCMD /a\n"
    both = Bench(RULES["missing-shell"], RULES["shell-form-command"]).findings(text)
    assert [each.rule for each in both if each.severity != "style"] == ["missing-shell"]


# missing-program --------------------------------------------------------------------------------------------------

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
    assert marked("missing-program", text)[0].strip('"') == word


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
    assert not everything("missing-program", text)


# musl-source-build ------------------------------------------------------------------------------------------------


def test_compiling_for_musl():
    text = "FROM node:22-alpine3.20\nRUN apk add --no-cache make g++\nRUN npm ci\nRUN npm i x\n"
    (finding,) = shown("musl-source-build", text)
    assert "node:22-slim takes what is ready-made for glibc" in finding.message
    assert text[finding.related[0][1].start :].startswith("g++")


def test_packages_without_a_build_for_musl():
    text = "FROM python:3.12-alpine\nRUN pip install flask torch==2.9 jaxlib\n"
    assert marked("musl-source-build", text) == ["torch==2.9"]


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
    assert not everything("musl-source-build", text)


# unknown-user -----------------------------------------------------------------------------------------------------


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
    assert not everything("unknown-user", text)


def test_well_known_numbers():
    text = "FROM scratch\nCOPY --chown=nonroot:nonroot a.bin /a\nUSER nobody\n"
    assert fixed("unknown-user", text) == "FROM scratch\nCOPY --chown=65532:65532 a.bin /a\nUSER 65534\n"
    assert codes("unknown-user", text) == {"tally:named-identity-in-passwdless-stage"}


# unsupported-on-windows -------------------------------------------------------------------------------------------

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
    assert not everything("unsupported-on-windows", text)


def test_the_platform_tells():
    assert levels("unsupported-on-windows", "FROM --platform=windows/amd64 x:1\nCOPY --chmod=1 a b\n") == ["error"]


def test_headers_and_generators_compile_nothing():
    assert not everything("musl-source-build", "FROM node:22-alpine\nRUN apk add protobuf-dev go\nRUN npm ci\n")


def test_no_day_is_made_up():
    (finding,) = everything("expired-base-image", "FROM mcr.microsoft.com/dotnet/sdk:5.0\n")
    assert "since" not in finding.message


# unused-stage, test-stage-last ------------------------------------------------------------------------------------


def test_only_the_end_of_an_unused_branch_is_shown():
    text = "FROM a:1 AS one\nFROM b:1 AS two\nCOPY --from=one /x /x\nFROM c:1\n"
    assert marked("unused-stage", text) == ["two"]
    assert levels("unused-stage", text) == ["style", "info"]


@cases(
    {
        "copied from": "FROM a:1 AS one\nFROM c:1\nCOPY --from=0 /x /x\n",
        "mounted": "FROM a:1 AS one\nFROM c:1\nRUN --mount=from=one,target=/x y\n",
        "stood on": "FROM a:1 AS one\nFROM one\n",
        "for a person or a pipeline": "FROM a:1 AS unit-test\nFROM a:1 AS dev\nFROM a:1 AS release-arm\nFROM c:1\n",
        "needed by one of those": "FROM a:1 AS tools\nFROM a:1 AS lint\nCOPY --from=tools /x /x\nFROM c:1\n",
        "chosen by a variable": "FROM a:1 AS os-linux\nFROM a:1 AS os-windows\nFROM os-$TARGETOS\n",
        "chosen whole": "ARG BASE=one\nFROM a:1 AS one\nFROM a:1 AS two\nFROM $BASE\n",
        "one stage": "FROM a:1\n",
    }
)
def test_used_stages(text):
    assert not everything("unused-stage", text)


def test_several_unused_ends_are_targets():
    text = "FROM a:1 AS one\nFROM b:1 AS two\nFROM c:1\n"
    assert levels("unused-stage", text) == ["style", "style"]


def test_targets_of_the_configuration_are_used():
    text = "FROM a:1 AS one\nFROM b:1 AS two\nFROM c:1 AS three\n"
    assert marked("unused-stage", text, target="two") == ["one", "three"]
    assert marked("unused-stage", text, target="two", targets=["one"]) == ["three"]


def test_what_a_plain_build_exports():
    text = "FROM a:1 AS prod\nFROM prod AS test\n"
    assert marked("test-stage-last", text) == ["test"]
    for quiet in (
        "FROM a:1 AS test\nFROM a:1 AS prod\n",
        "FROM a:1 AS build\nFROM build AS dev\n",
        "FROM a:1 AS prod\nFROM prod AS latest-final\n",
        "FROM a:1 AS prod\nFROM prod\n",
    ):
        assert not everything("test-stage-last", quiet)
    assert not everything("test-stage-last", text, target="prod")


# unresolvable-stage-reference -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "level", "aliases"),
    [
        ("FROM a:1 AS x\nCOPY --from=x a b\n", "error", {"DL3023", "DS-0006", "tally:circular-stage-deps"}),
        ("FROM a:1\nCOPY --from=0 a b\n", "error", {"DL3023"}),
        ("FROM a:1\nCOPY --from=1 a b\nFROM c:1\n", "error", {"DL3022"}),
        ("FROM a:1\nCOPY --from=7 a b\n", "error", {"DL3022"}),
        ("FROM a:1\nCOPY --from=later a b\nFROM c:1 AS later\n", "error", {"DL3022"}),
        ("FROM a:1\nARG S=x\nCOPY --from=$S a b\n", "error", {"DL3022"}),
        ("FROM a:1 AS builder\nFROM b:1\nCOPY --from=buidler a b\n", "error", {"DL3022"}),
        ("FROM a:1\nCOPY --from=artifacts a b\n", "info", {"DL3022"}),
        ("COPY --from=0 a b\n", "error", {"DL3022"}),
        ("FROM a:1 AS x\nRUN --mount=from=x,target=/t y\n", "error", {"tally:circular-stage-deps"}),
        ("FROM a:1\nRUN --mount=from=x,target=/t y\nFROM b:1 AS x\n", "error", set()),
        ("FROM a:1 AS builder\nFROM Builder\n", "error", set()),
    ],
)
def test_references_that_go_wrong(text, level, aliases):
    assert levels("unresolvable-stage-reference", text) == [level]
    found = codes("unresolvable-stage-reference", text)
    assert aliases <= found
    assert bool(aliases) == bool(found)


@cases(
    {
        "a name in any case": "FROM a:1 AS Builder\nFROM b:1\nCOPY --from=BUILDER a b\n",
        "a number": "FROM a:1\nFROM b:1\nCOPY --from=0 a b\n",
        "an official image": "FROM a:1 AS node2\nFROM b:1\nCOPY --from=node a b\n",
        "an image with a tag": "FROM a:1\nCOPY --from=tool:1 a b\n",
        "an image with an owner": "FROM a:1\nCOPY --from=me/tool a b\n",
        "no reference": "FROM a:1\nCOPY a b\nRUN --mount=type=cache,target=/x y\n",
        "the name used again": "FROM a:1 AS x\nFROM b:1 AS x\nFROM c:1\nCOPY --from=x a b\n",
    }
)
def test_references_that_work(text):
    assert not everything("unresolvable-stage-reference", text)


def test_named_contexts_are_no_stages():
    rules = [RULES["unresolvable-stage-reference"](), RULES["latest-base-image"]()]
    text = "FROM shared\nCOPY --from=Shared a b\n"
    file = Dockerfile(Source(text), named_contexts=["shared"])
    assert not Engine(rules).lint(file).findings


def test_near_names_are_put_right():
    text = (
        "FROM a:1 AS builder\nFROM Builder AS b\nCOPY --link --from=bulder x y\nRUN --mount=from=bilder,target=/t z\n"
    )
    expected = (
        "FROM a:1 AS builder\nFROM builder AS b\nCOPY --link --from=builder x y\nRUN --mount=from=builder,target=/t z\n"
    )
    assert fixed("unresolvable-stage-reference", text) == expected


# missing-copy-source ----------------------------------------------------------------------------------------------


@cases(
    {
        "an empty stage": "FROM scratch AS a\nFROM debian:13\nCOPY --from=a / /x\n",
        "another folder": "FROM scratch AS a\nCOPY x.txt /d/e/f/\nFROM debian:13\nCOPY --from=a /g /g\n",
        "upon another": "FROM scratch AS a\nCOPY x.txt /d/\nFROM a AS b\nFROM debian:13\nCOPY --from=b /e /e\n",
    }
)
def test_surely_not_there(text):
    assert levels("missing-copy-source", text) == ["error"]
    assert codes("missing-copy-source", text) == {"tally:copy-from-empty-scratch-stage"}


@pytest.mark.parametrize(
    ("build", "source"),
    [
        ("FROM golang:1.26 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o bin/app .", "/app"),
        ("FROM golang:1.26 AS b\nRUN cd /src && go build -o /out/app ./x", "/src/app"),
        ("FROM rust:1 AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release", "/s/target/debug/a"),
        (
            "FROM rust:1 AS b\nWORKDIR /s\nRUN cargo build --release --target x86_64-unknown-linux-musl",
            "/s/target/release/a",
        ),
        ("FROM gcc:13 AS b\nRUN gcc -o /out/tool tool.c", "/tool"),
    ],
)
def test_built_elsewhere(build, source):
    text = f"{build}\nFROM debian:13\nCOPY --from=b {source} /x\n"
    assert levels("missing-copy-source", text) == ["warning"]


@cases(
    {
        "a folder of it": "FROM scratch AS a\nCOPY x.txt /d/e/f/\nFROM debian:13\nCOPY --from=a /d /d\n",
        "a part of a copied folder": "FROM scratch AS a\nCOPY src /d\nFROM debian:13\nCOPY --from=a /d/e/f /f\n",
        "unpacked": "FROM scratch AS a\nADD x.tar /d\nFROM debian:13\nCOPY --from=a /d/e /e\n",
        "a working directory": "FROM scratch AS a\nWORKDIR /d\nFROM debian:13\nCOPY --from=a /d /d\n",
        "a RUN on scratch": 'FROM scratch AS a\nADD r.tar /\nRUN ["/x"]\nFROM debian:13\nCOPY --from=a /y /y\n',
        "a wildcard": "FROM scratch AS a\nCOPY x.txt /d/\nFROM debian:13\nCOPY --from=a /e/* /e/\n",
        "just there": "FROM golang:1 AS b\nRUN go build -o /out/app .\nFROM debian:13\nCOPY --from=b /out/app /app\n",
        "the folder of it": "FROM golang:1 AS b\nRUN go build -o /out/app .\nFROM debian:13\nCOPY --from=b /out/ /o/\n",
        "another file": "FROM golang:1 AS b\nRUN go build -o /out/app .\nFROM debian:13\nCOPY --from=b /etc/x /x\n",
        "moved": (
            "FROM golang:1 AS b\nRUN go build -o /out/app . && mv /out/app /app\nFROM a:1\nCOPY --from=b /app /a\n"
        ),
        "from the context": (
            "FROM golang:1 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /o/app .\nFROM a:1\nCOPY --from=b /s/app /a\n"
        ),
        "a script": "FROM golang:1 AS b\nRUN go build -o /out/app . && ./pack.sh\nFROM a:1\nCOPY --from=b /app /a\n",
        "make": "FROM golang:1 AS b\nRUN go build -o /out/app . && make install\nFROM a:1\nCOPY --from=b /app /a\n",
        "an image": "FROM debian:13\nCOPY --from=nginx:1 /x /x\n",
    }
)
def test_may_be_there(text):
    assert not everything("missing-copy-source", text)


# build-image-shipped ----------------------------------------------------------------------------------------------

GO = "FROM golang:1.26-bookworm\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n"


@pytest.mark.parametrize(
    ("text", "level", "kind"),
    [
        (GO + 'CMD ["/app"]\n', "warning", "unsafe"),
        (GO, "info", None),
        (GO + 'CMD ["bash"]\n', "info", None),
        (GO + "CMD /app\n", "warning", "display"),
        (GO + 'RUN apt-get install -y curl\nCMD ["/app"]\n', "warning", "display"),
        (GO + 'USER app\nCMD ["/app"]\n', "warning", "display"),
        (GO + 'HEALTHCHECK CMD curl x\nCMD ["/app"]\n', "warning", "display"),
        (GO + 'EXPOSE $PORT\nCMD ["/app"]\n', "warning", "display"),
        (GO.replace("RUN go", "RUN go generate && go") + 'CMD ["/app"]\n', "warning", "unsafe"),
        (GO.replace("-o /app .", "-o /app . && echo done") + 'CMD ["/app"]\n', "warning", "display"),
        ('FROM golang:1.26 AS x\nFROM scratch AS y\nFROM x\nRUN go build -o /a .\nCMD ["/a"]\n', "warning", None),
        ('FROM rust:1.90\nWORKDIR /s\nRUN cargo build --release\nCMD ["target/release/a"]\n', "warning", "display"),
        ('FROM gcc:13\nRUN gcc -o /a a.c\nCMD ["/a"]\n', "warning", "display"),
    ],
)
def test_toolchain_ships(text, level, kind):
    (finding,) = everything("build-image-shipped", text)
    assert finding.severity == level
    assert (finding.fix.applicability if finding.fix else None) == kind
    assert "tally:prefer-multi-stage-build" in finding.aliases


@cases(
    {
        "two stages": GO.replace("\n", " AS b\n", 1) + 'FROM scratch\nCOPY --from=b /app /app\nCMD ["/app"]\n',
        "it runs the toolchain": 'FROM golang:1.26\nCOPY . .\nCMD ["go", "run", "."]\n',
        "it watches": 'FROM golang:1.26\nRUN go install github.com/air-verse/air@v1\nCMD ["air"]\n',
        "dotnet watch": 'FROM mcr.microsoft.com/dotnet/sdk:8.0\nCOPY . .\nCMD ["dotnet", "watch", "run"]\n',
        "an image to build in": "FROM golang:1.26\nRUN go install example.com/tool@v1\n",
        "a script": 'FROM golang:1.26\nCOPY e.sh /e.sh\nENTRYPOINT ["/e.sh"]\n',
        "no toolchain": 'FROM python:3.12\nCMD ["python"]\n',
        "unknown": 'ARG B\nFROM $B\nRUN go build -o /app .\nCMD ["/app"]\n',
    }
)
def test_toolchain_does_not_ship(text):
    assert not everything("build-image-shipped", text)


TWO_STAGES = {
    "go": (
        "FROM golang:1.26-bookworm\nENV CGO_ENABLED=0\nENV PORT=80\nLABEL a=b\nWORKDIR /src\nCOPY . .\n"
        'RUN go build -o app ./cmd/app\nEXPOSE 80\nUSER 1000\nENTRYPOINT ["./app"]\nCMD ["-v"]\n',
        "FROM golang:1.26-bookworm AS build\nENV CGO_ENABLED=0\nENV PORT=80\nLABEL a=b\nWORKDIR /src\nCOPY . .\n"
        "RUN go build -o app ./cmd/app\n\n"
        "FROM gcr.io/distroless/static-debian13:nonroot\nENV PORT=80\nLABEL a=b\nWORKDIR /src\n"
        'COPY --from=build /src/app /src/app\nEXPOSE 80\nUSER 1000\nENTRYPOINT ["./app"]\nCMD ["-v"]\n',
    ),
    "rust": (
        'FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\nCMD ["/s/target/release/a"]\n',
        "FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\n\n"
        "FROM debian:bookworm-slim\nWORKDIR /s\nCOPY --from=b /s/target/release/a /s/target/release/a\n"
        'CMD ["/s/target/release/a"]\n',
    ),
    "dotnet": (
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /o\n"
        'WORKDIR /o\nENTRYPOINT ["dotnet", "A.dll"]\n',
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /o\n\n"
        "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /s\nCOPY --from=build /o /o\n"
        'WORKDIR /o\nENTRYPOINT ["dotnet", "A.dll"]\n',
    ),
    "gradle": (
        'FROM gradle:8-jdk17\nWORKDIR /s\nCOPY . .\nRUN gradle build\nCMD ["java", "-jar", "build/libs/a.jar"]\n',
        "FROM gradle:8-jdk17 AS build\nWORKDIR /s\nCOPY . .\nRUN gradle build\n\n"
        "FROM eclipse-temurin:17-jre\nWORKDIR /s\nCOPY --from=build /s/build/libs/a.jar /s/build/libs/a.jar\n"
        'CMD ["java", "-jar", "build/libs/a.jar"]\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), list(TWO_STAGES.values()), ids=list(TWO_STAGES))
def test_two_stage_form(before, after):
    assert fixed("build-image-shipped", before) == after
    assert fixed("build-image-shipped", before.replace("\n", "\r\n")) == after.replace("\n", "\r\n")
    assert not shown("build-image-shipped", after)


def test_a_program_that_reads_files_keeps_them(tmp_path):
    (tmp_path / "templates").mkdir()
    (finding,) = everything("build-image-shipped", GO + 'CMD ["/app"]\n', root=str(tmp_path))
    assert finding.fix.applicability == "display"


def test_sizes_are_said_of_what_was_measured_only():
    debian = everything("build-image-shipped", GO + 'CMD ["/app"]\n')[0]
    alpine = everything("build-image-shipped", GO.replace("bookworm", "alpine") + 'CMD ["/app"]\n')[0]
    assert (debian.saving.size, debian.saving.basis) == (310_300_000, "table")
    assert alpine.saving is None
    assert "312 MB" not in alpine.message


# build-tools-shipped ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('FROM python:3.12-slim\nRUN apt-get install -y curl gcc libpq-dev\nCMD ["x"]\n', "gcc and libpq-dev stay"),
        ('FROM alpine:3.22\nRUN apk add -U build-base\nCMD ["x"]\n', "build-base stays"),
        ('FROM php:8.4-alpine\nRUN apk add $PHPIZE_DEPS\nCMD ["x"]\n', "$PHPIZE_DEPS stays"),
        ('FROM rockylinux:9\nRUN dnf groupinstall -y "Development Tools"\nCMD ["x"]\n', "Development Tools stays"),
        ('FROM debian:13\nRUN P="gcc make" && apt-get install -y $P\nCMD ["x"]\n', "gcc and make stay"),
        (
            'FROM debian:13\nRUN apt-get install -y gcc g++ make cmake nasm\nCMD ["x"]\n',
            "gcc, g++, make and 2 more stay",
        ),
    ],
)
def test_tools_that_stay(text, words):
    (finding,) = shown("build-tools-shipped", text)
    assert finding.message == f"{words} in the image"
    assert finding.severity == "warning"


@cases(
    {
        "removed by name": 'FROM debian:13\nRUN apt-get install -y gcc && make && apt-get purge -y gcc\nCMD ["x"]\n',
        "removed as a group": 'FROM alpine:3.22\nRUN apk add -t .d gcc && x && apk del .d\nCMD ["x"]\n',
        "removed by the same variable": (
            'FROM debian:13\nARG D\nRUN apt-get install -y gcc $D && apt-get purge -y $D\nCMD ["x"]\n'
        ),
        "marked": (
            "FROM debian:13\n"
            'RUN apt-get install -y gcc && apt-mark auto gcc && apt-get purge -y --auto-remove\nCMD ["x"]\n'
        ),
        "removed later": 'FROM debian:13\nRUN apt-get install -y gcc\nRUN apt-get purge -y gcc\nCMD ["x"]\n',
        "in a stage that does not ship": (
            "FROM debian:13 AS a\nRUN apt-get install -y gcc\nFROM debian:13\nCOPY --from=a /x /x\n"
        ),
        "it is what runs": 'FROM debian:13\nRUN apt-get install -y make\nCMD ["make"]\n',
        "a stage for it": 'FROM debian:13 AS dev\nRUN apt-get install -y gcc\nCMD ["x"]\n',
        "no tools": 'FROM debian:13\nRUN apt-get install -y curl libpq5 gcc-12-base\nCMD ["x"]\n',
        "a toolchain image has its own rule": 'FROM golang:1.26\nRUN apt-get install -y gcc\nCMD ["x"]\n',
    }
)
def test_tools_that_do_not_stay(text):
    assert not everything("build-tools-shipped", text)


def test_an_image_without_a_start_is_information():
    assert levels("build-tools-shipped", "FROM debian:13\nRUN apt-get install -y gcc\n") == ["info"]
    assert levels("build-tools-shipped", 'FROM debian:13\nRUN apt-get install -y gcc\nCMD ["bash"]\n') == ["info"]


@pytest.mark.parametrize(
    ("run", "result"),
    [
        (
            "apk add --no-cache gcc && pip install x",
            "apk add --no-cache --virtual .build-deps gcc && pip install x && apk del .build-deps",
        ),
        ("apk add --no-cache gcc curl && pip install x", None),
        ("apk add --no-cache gcc libffi-dev && pip install x", None),
        ("apk add --no-cache gcc", None),
        ("apk add --no-cache gcc && pip install x\nRUN pip install y", None),
        ("apk add --no-cache gcc; pip install x", None),
    ],
)
def test_tools_are_removed_in_their_run(run, result):
    text = f'FROM python:3.12-alpine\nRUN {run}\nCMD ["x"]\n'
    assert fixed("build-tools-shipped", text) == (text.replace(run, result) if result else text)


# overbroad-stage-copy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("FROM python:3.12 AS b\nFROM debian:13\nCOPY --from=b /usr/local /usr/local\n", "warning"),
        ("FROM debian:13 AS b\nFROM debian:13\nCOPY --from=b /usr/ /usr/\n", "warning"),
        ("FROM debian:13 AS b\nFROM scratch\nCOPY --from=b / /\n", "warning"),
        ("FROM debian:13\nCOPY --from=node:22 /root /root\n", "warning"),
        ("ARG B\nFROM $B AS b\nRUN x\nFROM debian:13\nCOPY --from=b /opt /opt\n", "warning"),
        ("FROM a:1 AS b\nWORKDIR /s\nRUN mvn package\nFROM debian:13\nCOPY --from=b /s /s\n", "info"),
        ("FROM a:1 AS b\nWORKDIR /s\nRUN dotnet publish -o out\nFROM debian:13\nCOPY --from=b /s .\n", "info"),
        (
            "FROM debian:13 AS b\nFROM debian:13 AS c\nCOPY --from=b /usr /usr\nFROM debian:13\nCOPY --from=c /x /x\n",
            "style",
        ),
        ("FROM debian:13\nCOPY --from=tonistiigi/xx:1 / /\n", "style"),
    ],
)
def test_copies_too_much(text, level):
    assert levels("overbroad-stage-copy", text) == [level]
    assert ("DL3067" in codes("overbroad-stage-copy", text)) == (" / /\n" in text)


@cases(
    {
        "a file": "FROM golang:1.26 AS b\nFROM debian:13\nCOPY --from=b /usr/local/bin/x /usr/local/bin/\n",
        "what a plain system holds empty": "FROM debian:13 AS b\nFROM debian:13\nCOPY --from=b /usr/local /usr/local\n",
        "a stage of products": "FROM scratch AS b\nCOPY x /\nFROM debian:13\nCOPY --from=b / /x/\n",
        "an image of a few files": "FROM debian:13\nCOPY --from=me/tools:1 / /tools/\n",
        "the context": "FROM debian:13\nCOPY / /\n",
        "the product": "FROM a:1 AS b\nWORKDIR /s\nRUN mvn package\nFROM debian:13\nCOPY --from=b /s/target /t\n",
    }
)
def test_copies_what_is_needed(text):
    assert not everything("overbroad-stage-copy", text)


# libc-mismatch ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("FROM node:22 AS b\nFROM node:22-alpine\nCOPY --from=b /a/node_modules /a/node_modules\n", "warning"),
        ("FROM python:3.12-alpine AS b\nFROM python:3.12-slim\nCOPY --from=b /opt/venv /opt/venv\n", "warning"),
        ("FROM alpine:3.22\nCOPY --from=node:22 /usr/local/bin/node /usr/local/bin/\n", "warning"),
        ("FROM golang:1.26 AS b\nRUN go build -o /a .\nFROM alpine:3.22\nCOPY --from=b /a /a\n", "warning"),
        (
            "FROM golang:1.26-alpine AS b\nRUN apk add gcc musl-dev && go build -o /a .\n"
            "FROM debian:13\nCOPY --from=b /a /a\n",
            "warning",
        ),
        (
            "FROM rust:1.90 AS b\nWORKDIR /s\nRUN cargo build -r\nFROM scratch\nCOPY --from=b /s/target/release/a /a\n",
            "error",
        ),
        (
            "FROM rust:1.90 AS b\nWORKDIR /s\nRUN cargo build -r\n"
            "FROM alpine:3\nCOPY --from=b /s/target/release/a /a\n",
            "warning",
        ),
        ("FROM gcc:13 AS b\nRUN gcc -o /a a.c\nFROM gcr.io/distroless/static\nCOPY --from=b /a /a\n", "error"),
        ("FROM alpine:3.22\nRUN wget -O /t.tgz https://x.io/t-x86_64-unknown-linux-gnu.tar.gz\n", "warning"),
    ],
)
def test_another_c_library(text, level):
    assert levels("libc-mismatch", text) == [level]


@cases(
    {
        "the same": "FROM node:22 AS b\nFROM node:22-slim\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "no cgo in the environment": (
            "FROM golang:1.26 AS b\nENV CGO_ENABLED=0\nRUN go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\n"
        ),
        "no C compiler": "FROM golang:1.26-alpine AS b\nRUN go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\n",
        "static flags": (
            "FROM golang:1.26 AS b\nRUN go build -ldflags '-extldflags -static' -o /a .\n"
            "FROM scratch\nCOPY --from=b /a /a\n"
        ),
        "another machine": (
            "FROM golang:1.26 AS b\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /a .\n"
            "FROM scratch\nCOPY --from=b /a /a\n"
        ),
        "Rust for musl": (
            "FROM rust:1.90 AS b\nWORKDIR /s\nRUN cargo build -r --target x86_64-unknown-linux-musl\n"
            "FROM scratch\nCOPY --from=b /s/target/x86_64-unknown-linux-musl/release/a /a\n"
        ),
        "Rust links musl statically": (
            "FROM rust:1.90-alpine AS b\nWORKDIR /s\nRUN cargo build -r\n"
            "FROM scratch\nCOPY --from=b /s/target/release/a /a\n"
        ),
        "linked statically": "FROM gcc:13 AS b\nRUN gcc -static -o /a a.c\nFROM scratch\nCOPY --from=b /a /a\n",
        "its libraries come along": (
            "FROM gcc:13 AS b\nRUN gcc -o /a a.c\nFROM scratch\nCOPY --from=b /lib64 /lib64\nCOPY --from=b /a /a\n"
        ),
        "glibc on Alpine": (
            "FROM node:22 AS b\nFROM alpine:3.22\nRUN apk add gcompat\nCOPY --from=b /a/node_modules /a/node_modules\n"
        ),
        "pages": "FROM node:22 AS b\nFROM nginx:1-alpine\nCOPY --from=b /a/dist /usr/share/nginx/html\n",
        "unknown": "ARG B\nFROM $B AS b\nFROM alpine:3\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "a download for musl": "FROM alpine:3.22\nRUN wget https://x.io/t-x86_64-unknown-linux-musl.tar.gz\n",
    }
)
def test_c_libraries_that_fit(text):
    assert not everything("libc-mismatch", text)


def test_cgo_is_switched_off_only_where_nothing_needs_it():
    text = "FROM golang:1.26 AS b\n{}RUN cd /s && go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\n"
    plain, needed = text.format(""), text.format("RUN apt-get install -y libsqlite3-dev\n")
    assert fixed("libc-mismatch", plain) == plain.replace("go build", "CGO_ENABLED=0 go build")
    assert fixed("libc-mismatch", needed) == needed


# runtime-mismatch -------------------------------------------------------------------------------------------------

SITE = "/usr/local/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (f"FROM python:3.11 AS b\nFROM python:3.12\nCOPY --from=b {SITE} {SITE}\n", "error"),
        (f"FROM python:3.12 AS b\nFROM python:3.11\nCOPY --from=b {SITE} {SITE}\n", "error"),
        ("FROM node:20 AS b\nFROM node:22\nCOPY --from=b /a/node_modules /a/node_modules\n", "warning"),
        ("FROM ruby:3.2 AS b\nFROM ruby:3.4\nCOPY --from=b /usr/local/bundle /usr/local/bundle\n", "warning"),
        ("FROM python:3.12 AS b\nRUN python3 -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /opt/v\n", "warning"),
        ("FROM python:3.11 AS b\nRUN virtualenv /v\nFROM python:3.12\nCOPY --from=b /v /v\n", "warning"),
        ("FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nRUN pip install torch==2.1+cu118\n", "warning"),
        ("FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nRUN pip install torch -f https://x.io/whl/cu121/t.html\n", "style"),
    ],
)
def test_another_runtime(text, level):
    assert levels("runtime-mismatch", text) == [level]


@cases(
    {
        "the same": f"FROM python:3.11.4 AS b\nFROM python:3.11-slim\nCOPY --from=b {SITE} {SITE}\n",
        "a later patch": "FROM node:22.1 AS b\nFROM node:22-slim\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "the same path": "FROM python:3.12 AS b\nRUN python -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /v\n",
        "below its own path": (
            "FROM python:3.12 AS b\nWORKDIR /a\nRUN uv venv\n"
            "FROM python:3.12-slim\nWORKDIR /a\nCOPY --from=b /a/.venv ./.venv\n"
        ),
        "another Python is put in": (
            f"FROM python:3.11 AS b\nRUN pyenv install 3.12\nFROM python:3.12\nCOPY --from=b {SITE} /x\n"
        ),
        "no version": "FROM node AS b\nFROM node:22\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "another folder": "FROM node:20 AS b\nFROM node:22\nCOPY --from=b /a/dist /a/dist\n",
        "no CUDA base": "FROM python:3.12\nRUN pip install torch --index-url https://x.io/whl/cu118\n",
    }
)
def test_runtimes_that_fit(text):
    assert not everything("runtime-mismatch", text)


def test_an_environment_goes_back_to_its_path():
    text = "FROM python:3.12 AS b\nRUN python -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /opt/v\n"
    assert fixed("runtime-mismatch", text) == text.replace("/opt/v", "/v")


# All of them together ---------------------------------------------------------------------------------------------

MINE = [rule for rule in RULES.values() if rule.family in ("base", "stages")]


@cases(
    {
        "nothing": "",
        "no FROM": "COPY --from=x a b\nRUN curl x\nUSER app\n",
        "an empty FROM": "FROM\nCOPY --from=0 a b\n",
        "half a file": "FROM golang:1.26 AS\nRUN go build -o\nCOPY --from= a\nCMD [\n",
        "odd references": "FROM :\nFROM a@\nFROM /\nFROM ${\nCOPY --from=@ a b\nRUN --mount=from=,target= x\n",
        "odd words": "FROM scratch AS s\nCOPY --chown=: a\nUSER :\nWORKDIR $\nCOPY --from=s \"\" ''\n",
    }
)
def test_no_file_is_too_bad(text):
    Bench(*MINE).findings(text)  # raises when a rule does


def test_long_files_take_time_in_proportion():
    """A chain of stages, a star of stages and many references: what grows with the square would take minutes."""
    size = 1500
    chain = "FROM alpine:3.22 AS s0\n" + "".join(
        f"FROM s{at} AS s{at + 1}\nCOPY x /x{at}\nUSER u{at}\nRUN apk add gcc\n" for at in range(size)
    )
    star = "FROM debian:13-slim AS base\n" + "".join(f"COPY f{at} /f{at}\n" for at in range(size))
    star += "".join(f"FROM base AS s{at}\nRUN curl x\n" for at in range(size))
    edges = "FROM golang:1.26 AS b\n" + "".join(f"RUN go build -o /o/{at} .\n" for at in range(size))
    edges += "FROM scratch\n" + "".join(f"COPY --from=b /x/{at} /y\nCOPY --from=buld /x /y\n" for at in range(size))
    tools = "FROM debian:13\nRUN " + " && ".join(["apt-get install -y gcc && apt-get purge -y make"] * size)
    from time import process_time

    start = process_time()
    for text in (chain, star, edges, tools + '\nCMD ["x"]\n'):
        result = Engine([rule() for rule in MINE]).lint(Dockerfile(Source(text)))
        assert not result.internal
    assert process_time() - start < 30


def test_the_context_tells_files_from_folders(tmp_path):
    """`COPY app /` brings no shell when app is a file."""
    (tmp_path / "app").write_text("x")
    (tmp_path / "Dockerfile").write_text("")
    text = "FROM scratch\nCOPY app /\nCMD /app\n"
    file = Dockerfile(Source(text), context=BuildContext(str(tmp_path), str(tmp_path / "Dockerfile"), True))
    assert len(Engine([RULES["missing-shell"]()]).lint(file).findings) == 1
    assert not Engine([RULES["missing-shell"]()]).lint(Dockerfile(Source(text))).findings
