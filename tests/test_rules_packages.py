"""What the rules about packages say and do not say, and what their fixes leave behind."""

import pytest

from dfadvise import packs
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}


def found(rule, text, **options):
    """The findings that a plain run shows."""
    return [each for each in Bench(RULES[rule], options=options).findings(text) if each.severity != "style"]


def everything(rule, text):
    """The findings that `--select all` shows."""
    return Bench(RULES[rule]).findings(text)


def codes(rule, text):
    return {code for finding in everything(rule, text) for code in finding.aliases}


def safely_fixed(rule, text):
    return Bench(RULES[rule]).fixed(text, unsafe=False)


def unsafely_fixed(rule, text):
    return Bench(RULES[rule]).fixed(text)


# package-cache-left: what leaves something ------------------------------------------------------------------------

LEAVES = {
    "apt in a heredoc": "FROM debian:12\nRUN <<EOF\napt-get update\napt-get install -y curl\nEOF\n",
    "apt behind sudo": "FROM debian:12\nRUN sudo apt-get update && sudo apt-get install -y curl\n",
    "apt in sh -c": "FROM debian:12\nRUN sh -c 'apt-get update && apt-get install -y curl'\n",
    "apt in exec form": 'FROM debian:12\nRUN ["apt-get", "update"]\n',
    "lists cleaned before the last refresh": "FROM debian:12\nRUN rm -rf /var/lib/apt/lists/* && apt-get update\n",
    "apt-get clean leaves the lists": "FROM debian:12\nRUN apt-get update && apt-get clean\n",
    "the wrong folder": "FROM centos:7\nRUN yum install -y git && rm -rf /var/yum/cache/*\n",
    "another manager's clean-up": "FROM node:22\nRUN npm ci && apt-get clean && rm -rf /var/lib/apt/lists/*\n",
    "a mount on another folder": "FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt apt-get update\n",
    "braces that dash does not know": "FROM debian:12\nRUN apt-get update && rm -rf /var/lib/{apt,dpkg}/\n",
    "a quoted wildcard": "FROM debian:12\nRUN apt-get update && rm -rf '/var/lib/apt/lists/*'\n",
    "metadata is not all": "FROM fedora:43\nRUN dnf install -y git && dnf clean metadata\n",
    "npm's clean needs force": "FROM node:22\nRUN npm ci && npm cache clean\n",
    "pacman answers no to itself": "FROM archlinux\nRUN pacman -S --noconfirm git && pacman -Scc --noconfirm\n",
    "false keeps pip's cache": "FROM python:3.13\nENV PIP_NO_CACHE_DIR=false\nRUN pip install flask\n",
    "uv that copies": "FROM python:3.13\nENV UV_LINK_MODE=copy\nRUN uv sync --locked\n",
    "one install without the switch": "FROM alpine\nRUN apk add --no-cache curl && apk add git\n",
    "a find that is narrowed": "FROM python:3.13\nRUN pip install flask && find / -name '*.pyc' -delete\n",
    "go, and nothing needs its modules": 'FROM golang:1.26\nRUN go build -o /app .\nCMD ["/app"]\n',
    "cargo": 'FROM rust:1\nRUN cargo build --release\nENTRYPOINT ["./target/release/app"]\n',
    "archives without docker-clean": (
        "FROM debian:12\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\n"
        "RUN --mount=type=cache,target=/var/lib/apt/lists apt-get install -y curl\n"
    ),
    "a version of its own that moves nothing": "FROM python:3.13\nRUN pip3 install --upgrade pip\n",
    "before any FROM": "RUN apk add curl\n",
}


@pytest.mark.parametrize("text", LEAVES.values(), ids=LEAVES.keys())
def test_leaves(text):
    assert [finding.severity for finding in found("package-cache-left", text)] == ["warning"]


CLEAN = {
    "whole folder": "FROM debian:12\nRUN apt-get update && rm -rf /var/lib/apt/lists\n",
    "options apart": "FROM debian:12\nRUN apt-get update && rm -r -f /var/lib/apt/lists/*\n",
    "all of apt's state": "FROM debian:12\nRUN apt-get update && rm -rf /tmp/* /var/lib/apt/*\n",
    "dist-clean": "FROM debian:13\nRUN apt-get update && apt-get install -y curl && apt-get dist-clean\n",
    "find": "FROM debian:12\nRUN apt-get update && find /var/lib/apt/lists -type f -delete\n",
    "find and xargs": "FROM debian:12\nRUN apt-get update && find /var/lib/apt/lists -type f | xargs rm -f\n",
    "braces in bash": 'FROM debian:12\nSHELL ["bash", "-c"]\nRUN apt-get update && rm -rf /var/lib/{apt,dpkg}/\n',
    "in a directory": "FROM debian:12\nRUN apt-get update && cd /var/lib/apt/lists && rm -rf *\n",
    "in a branch": "FROM debian:12\nRUN apt-get update; if [ -d /x ]; then rm -rf /var/lib/apt/lists/*; fi\n",
    "by a trap": "FROM debian:12\nRUN trap 'rm -rf /var/lib/apt/lists/*' EXIT; apt-get update\n",
    "by a function": "FROM debian:12\nRUN end() { rm -rf /var/lib/apt/lists/*; }; apt-get update; end\n",
    "by a script": "FROM debian:12\nRUN apt-get update && apt-get install -y curl && /usr/local/bin/cleanup.sh\n",
    "no refresh here": "FROM debian:12\nRUN apt-get install -y curl\n",
    "docker-clean empties the archives": "FROM debian:12\nRUN apt-get install -y curl\n",
    "apt in cache mounts": (
        "FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked"
        " --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install -y curl\n"
    ),
    "a mount above": "FROM alpine\nRUN --mount=type=cache,target=/var/cache apk add curl\n",
    "a mount that is not known": "FROM alpine\nARG DIR\nRUN --mount=type=cache,target=$DIR apk add curl\n",
    "a tmpfs": "FROM python:3.13\nRUN --mount=type=tmpfs,target=/root/.cache pip install flask\n",
    "a mount in another home": (
        "FROM python:3.13\nRUN --mount=type=cache,target=/home/app/.cache/pip pip install flask\n"
    ),
    "apk removed": "FROM alpine\nRUN apk add --update curl && rm -f /var/cache/apk/*\n",
    "apk without a network": "FROM alpine\nRUN apk add --no-network --virtual .deps $deps\n",
    "simulated": "FROM debian:12\nRUN apt-get update --print-uris\n",
    "other spelling": "FROM fedora:43\nRUN dnf -y install git && dnf -y clean all --enablerepo='*'\n",
    "microdnf by dnf": "FROM fedora:43\nRUN microdnf install -y git && rm -rf /var/cache/dnf /var/cache/yum\n",
    "a glob over folders": "FROM fedora:43\nRUN dnf install -y git && rm -rf /var/cache/dnf*\n",
    "zypper": "FROM opensuse/leap\nRUN zypper -n in git && zypper cc -a\n",
    "pacman with an answer": "FROM archlinux\nRUN pacman -S --noconfirm git && yes | pacman -Scc\n",
    "pip by variable": "FROM python:3.13\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask\n",
    "pip by argument": "FROM python:3.13\nARG PIP_NO_CACHE_DIR=on\nRUN pip install flask\n",
    "pip by export": "FROM python:3.13\nRUN export PIP_NO_CACHE_DIR=yes && pip install flask\n",
    "pip by prefix": "FROM python:3.13\nRUN PIP_NO_CACHE_DIR=1 python -m pip install flask\n",
    "pip by a parent's variable": "FROM python:3 AS a\nENV PIP_NO_CACHE_DIR=1\nFROM a\nRUN pip install flask\n",
    "pip by a value that is not known": "FROM python:3\nARG PIP_NO_CACHE_DIR\nRUN pip install flask\n",
    "pip by its settings": "FROM python:3\nRUN pip config set global.no-cache-dir true\nRUN pip install flask\n",
    "pip by a file": "FROM python:3\nCOPY pip.conf /etc/pip.conf\nRUN pip install flask\n",
    "pip by a file that is written": (
        "FROM python:3\nRUN printf '[global]\\nno-cache-dir = true\\n' > /etc/pip.conf\nRUN pip install flask\n"
    ),
    "pip by options that are not known": "FROM python:3\nARG PIP_OPTS\nRUN pip install $PIP_OPTS flask\n",
    "pip purged": "FROM python:3\nRUN pip install flask && pip cache purge\n",
    "pip removed": "FROM python:3\nRUN pip install flask && rm -rf /root/.cache\n",
    "pip removed at home": 'FROM python:3\nUSER app\nRUN pip install flask && rm -rf "$HOME/.cache/pip"\n',
    "pip by its own answer": 'FROM python:3\nRUN pip install flask && rm -rf "$(pip cache dir)"\n',
    "pip moved and removed": ("FROM python:3\nENV PIP_CACHE_DIR=/tmp/pip\nRUN pip install flask && rm -rf /tmp/pip\n"),
    "pipx and pipenv's lock alone": "FROM python:3\nRUN pipx install black\n",
    "npm": "FROM node:22\nRUN npm ci && npm cache clean --force\n",
    "pip by the beginning of its switch": "FROM python:3\nRUN pip install --no-cache /wheels/*\n",
    "npm's contents": "FROM node:22\nRUN npm ci && rm -rf ~/.npm/_cacache\n",
    "npm is not pnpm": "FROM node:22\nRUN pnpm install --frozen-lockfile\n",
    "npm nowhere": "FROM node:22\nENV YARN_CACHE_FOLDER=/dev/null\nRUN yarn install\n",
    "yarn 2": "FROM node:22\nCOPY package.json yarn.lock .yarnrc.yml ./\nRUN yarn install --immutable\n",
    "uv links": "FROM python:3.13\nRUN uv sync --locked\n",
    "bundler at its path": (
        'FROM ruby:3.4\nENV BUNDLE_PATH="/usr/local/bundle"\n'
        'RUN bundle install && rm -rf ~/.bundle/ "${BUNDLE_PATH}"/ruby/*/cache\n'
    ),
    "gems": "FROM ruby:3.4\nRUN gem install rake && rm -rf /usr/local/bundle/cache/*.gem\n",
    "conda the old way": "FROM continuumio/miniconda3\nRUN conda install -y numpy && conda clean -tipsy\n",
    "conda": "FROM continuumio/miniconda3\nRUN conda install -y numpy && /opt/conda/bin/conda clean -ya\n",
    "go, run by go": 'FROM golang:1.26\nRUN go build ./...\nCMD ["go", "run", "."]\n',
    "go, run by a script": 'FROM golang:1.26\nRUN go build ./...\nENTRYPOINT ["/entrypoint.sh"]\n',
    "go, run by nothing that is known": "FROM golang:1.26\nRUN go build ./...\n",
    "go, reloaded by air": 'FROM golang:1.26\nRUN go mod download\nCMD ["air"]\n',
    "maven, run by its wrapper": 'FROM maven:3\nRUN mvn package\nCMD ["./mvnw", "spring-boot:run"]\n',
    "a broken script": "FROM debian:12\nRUN apt-get update && if (( ; then\n",
    "powershell": 'FROM x\nSHELL ["powershell", "-Command"]\nRUN pip install flask\n',
    "only an argument": "FROM debian:12\nRUN echo 'apt-get update'\n",
}


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN.keys())
def test_leaves_nothing(text):
    assert found("package-cache-left", text) == []


def test_one_finding_for_a_manager_and_run():
    text = "FROM alpine\nRUN apk add a && apk add b && pip install c && pip install d\n"
    assert len(found("package-cache-left", text)) == 2


def test_what_only_feeds_is_shown_to_those_who_ask():
    text = "FROM alpine AS build\nRUN apk add gcc\nFROM alpine\nCOPY --from=build /x /x\n"
    (finding,) = everything("package-cache-left", text)
    assert finding.severity == "style"
    assert finding.fix is None
    assert finding.saving is None
    assert "DL3019" in finding.aliases


def test_a_stage_that_a_shipped_one_stands_on_ships():
    text = "FROM alpine AS base\nRUN apk add gcc\nFROM base\nRUN true\n"
    assert len(found("package-cache-left", text)) == 1


def test_codes_follow_the_other_tools():
    stages = "FROM debian AS a\nRUN apt-get update\nFROM scratch\nCOPY --from=a /x /x\n"
    assert "DL3009" not in codes("package-cache-left", stages)
    assert "kics:df746b39" in codes("package-cache-left", stages)
    assert codes("package-cache-left", "FROM fedora\nRUN microdnf install -y a\n") >= {"DL3040", "DS-0027"}
    assert codes("package-cache-left", "FROM alpine\nRUN apk update\n") == set()
    assert codes("package-cache-left", "FROM python\nRUN pip download flask\n") == set()
    assert "semgrep:missing-pip-no-cache-dir" not in codes("package-cache-left", "FROM python\nRUN pip install .\n")


def test_the_saving_is_the_least_that_was_measured():
    (finding,) = found("package-cache-left", "FROM debian:12\nRUN apt-get update\n")
    assert (finding.saving.size, finding.saving.basis) == (19_000_000, "table")
    (finding,) = found("package-cache-left", "FROM alpine\nRUN apk add curl\n")
    assert finding.saving is None


def test_the_place_is_the_command():
    text = "FROM debian:12\nRUN true && \\\n  apt-get -q update && \\\n  apt-get install -y curl\n"
    (finding,) = found("package-cache-left", text)
    assert text[finding.span.start : finding.span.end] == "apt-get -q update"


# package-cache-left: fixes ----------------------------------------------------------------------------------------

FIXED = {
    "&& at the end of lines": (
        "FROM debian:12\nRUN apt-get update && \\\n    apt-get install -y curl\n",
        "FROM debian:12\nRUN apt-get update && \\\n    apt-get install -y curl && \\\n"
        "    rm -rf /var/lib/apt/lists/*\n",
    ),
    "&& at the start of lines": (
        "FROM debian:12\nRUN apt-get update \\\n && apt-get install -y curl\n",
        "FROM debian:12\nRUN apt-get update \\\n && apt-get install -y curl \\\n && rm -rf /var/lib/apt/lists/*\n",
    ),
    "a list over lines": (
        "FROM debian:12\nRUN apt-get update && apt-get install -y \\\n  curl \\\n  git\n",
        "FROM debian:12\nRUN apt-get update && apt-get install -y \\\n  curl \\\n  git \\\n"
        "  && rm -rf /var/lib/apt/lists/*\n",
    ),
    "behind the manager's last command": (
        "FROM node:22\nRUN npm ci && npm run build && echo done\n",
        "FROM node:22\nRUN npm ci && npm run build && npm cache clean --force && echo done\n",
    ),
    "behind what may install too": (
        "FROM debian:12\nRUN apt-get update && apt-get install -y make && ./setup\n",
        "FROM debian:12\nRUN apt-get update && apt-get install -y make && ./setup && rm -rf /var/lib/apt/lists/*\n",
    ),
    "set -e and semicolons": (
        "FROM debian:12\nRUN set -eux; \\\n\tapt-get update; \\\n\tapt-get install -y \\\n\t\tcurl \\\n\t; \\\n"
        "\ttrue\n",
        "FROM debian:12\nRUN set -eux; \\\n\tapt-get update; \\\n\tapt-get install -y \\\n\t\tcurl \\\n\t; \\\n"
        "\trm -rf /var/lib/apt/lists/*; \\\n\ttrue\n",
    ),
    "set -e in a heredoc": (
        "FROM debian:12\nRUN <<-EOF\n\tset -e\n\tapt-get update\n\tapt-get install -y curl\n\tEOF\n",
        "FROM debian:12\nRUN <<-EOF\n\tset -e\n\tapt-get update\n\tapt-get install -y curl\n"
        "\trm -rf /var/lib/apt/lists/*\n\tEOF\n",
    ),
    "a chain's end under set -e": (
        "FROM debian:12\nRUN set -e; apt-get update && apt-get install -y curl; true\n",
        "FROM debian:12\nRUN set -e; apt-get update && apt-get install -y curl; rm -rf /var/lib/apt/lists/*; true\n",
    ),
    "behind sh -c, not in it": (
        "FROM debian:12\nRUN bash -c 'apt-get update && apt-get install -y curl'\n",
        "FROM debian:12\nRUN bash -c 'apt-get update && apt-get install -y curl' && rm -rf /var/lib/apt/lists/*\n",
    ),
    "before a comment": (
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl # tools\n",
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/* # tools\n",
    ),
    "with sudo": (
        "FROM debian:12\nRUN sudo apt-get update && sudo apt-get install -y curl\n",
        "FROM debian:12\nRUN sudo apt-get update && sudo apt-get install -y curl && sudo rm -rf /var/lib/apt/lists/*\n",
    ),
    "the switch for each install": (
        "FROM python:3.13\nRUN pip install -U pip && if [ -f r ]; then python -m pip install -r r; fi\n",
        "FROM python:3.13\nRUN pip install --no-cache-dir -U pip && if [ -f r ]; then"
        " python -m pip install --no-cache-dir -r r; fi\n",
    ),
    "the switch in exec form": (
        'FROM alpine:3.22\nRUN ["apk", "add", "curl"]\n',
        'FROM alpine:3.22\nRUN ["apk", "add", "--no-cache", "curl"]\n',
    ),
    "no switch in alpine 3.2": (
        "FROM alpine:3.2\nRUN apk add curl\n",
        "FROM alpine:3.2\nRUN apk add curl && rm -rf /var/cache/apk/*\n",
    ),
    "an index that a refresh stored": (
        "FROM alpine:3.22\nRUN apk update && apk add curl\n",
        "FROM alpine:3.22\nRUN apk update && apk add curl && rm -rf /var/cache/apk/*\n",
    ),
    "a pip that nobody knows": (
        "FROM example/app\nRUN pip install flask\n",
        "FROM example/app\nRUN pip install flask && rm -rf ~/.cache/pip\n",
    ),
    "a pip that was upgraded": (
        "FROM example/app\nRUN pip install --no-cache-dir -U pip\nRUN pip install flask\n",
        "FROM example/app\nRUN pip install --no-cache-dir -U pip\nRUN pip install --no-cache-dir flask\n",
    ),
    "poetry, whose switch leaves what it fetched": (
        "FROM python:3.12\nENV POETRY_VERSION=1.8.2\nRUN poetry install\n",
        "FROM python:3.12\nENV POETRY_VERSION=1.8.2\n"
        "RUN poetry install && rm -rf ~/.cache/pypoetry/cache ~/.cache/pypoetry/artifacts\n",
    ),
    "npm that replaced itself": (
        "FROM node:10\nRUN npm install npm@latest -g\n",
        "FROM node:10\nRUN npm install npm@latest -g && rm -rf ~/.npm/_cacache\n",
    ),
    "npm that works after it replaced itself": (
        "FROM node:22\nRUN npm install -g npm@11 && npm ci\n",
        "FROM node:22\nRUN npm install -g npm@11 && npm ci && npm cache clean --force\n",
    ),
    "a yarn of which the project decides the version": (
        "FROM node:22\nCOPY . .\nRUN yarn\nUSER node\nRUN yarn build && yarn add a\n",
        "FROM node:22\nCOPY . .\nRUN yarn && rm -rf /usr/local/share/.cache/yarn\n"
        "USER node\nRUN yarn build && yarn add a && rm -rf ~/.cache/yarn\n",
    ),
    "a yarn that must be the first": (
        "FROM node:22\nRUN yarn global add serve\n",
        "FROM node:22\nRUN yarn global add serve && yarn cache clean\n",
    ),
    "operators in a column": (
        "FROM debian\nRUN apt-get update           &&\\\n    apt-get install -y a     &&\\\n    true\n",
        "FROM debian\nRUN apt-get update           &&\\\n    apt-get install -y a     &&\\\n"
        "    rm -rf /var/lib/apt/lists/* &&\\\n    true\n",
    ),
    "continuations in a column": (
        "FROM debian\nRUN apt-get update                     \\\n    && apt-get install -y              \\\n"
        "       curl\n",
        "FROM debian\nRUN apt-get update                     \\\n    && apt-get install -y              \\\n"
        "       curl                            \\\n    && rm -rf /var/lib/apt/lists/*\n",
    ),
    "a blank behind a continuation": (
        "FROM debian\nRUN apt-get update \\ \n && apt-get install -y a\n",
        "FROM debian\nRUN apt-get update \\ \n && apt-get install -y a \\\n && rm -rf /var/lib/apt/lists/*\n",
    ),
    "a composer from its image": (
        "FROM php:8\nCOPY --from=composer:2 /usr/bin/composer /bin/\nRUN composer install\n",
        "FROM php:8\nCOPY --from=composer:2 /usr/bin/composer /bin/\nRUN composer install --no-cache\n",
    ),
    "a composer that nobody knows": (
        "FROM example/php\nRUN composer install\n",
        "FROM example/php\nRUN composer install && composer clear-cache\n",
    ),
    "rpm": (
        "FROM ubi8/ubi-minimal\nRUN microdnf install -y git\n",
        "FROM ubi8/ubi-minimal\nRUN microdnf install -y git && microdnf clean all\n",
    ),
    "dnf5": (
        "FROM fedora:43\nRUN dnf5 install -y git\n",
        "FROM fedora:43\nRUN dnf5 install -y git && rm -rf /var/cache/libdnf5\n",
    ),
    "conda at its place": (
        "FROM example/x\nRUN /opt/conda/bin/conda install -y numpy\n",
        "FROM example/x\nRUN /opt/conda/bin/conda install -y numpy && /opt/conda/bin/conda clean -afy\n",
    ),
    "both kinds of apt": (
        "FROM debian\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\nRUN apt-get update && apt-get install -y curl\n",
        "FROM debian\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\n"
        "RUN apt-get update && apt-get install -y curl && apt-get clean && rm -rf /var/lib/apt/lists/*\n",
    ),
    "a later install that refreshes": (
        "FROM debian\nRUN apt-get update && apt-get install -y a\nRUN apt-get update && apt-get install -y b\n",
        "FROM debian\nRUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n"
        "RUN apt-get update && apt-get install -y b && rm -rf /var/lib/apt/lists/*\n",
    ),
    "known programs later": (
        "FROM debian\nRUN apt-get update && apt-get install -y a\n"
        "RUN useradd app && curl -O https://x/y && pip --version\n",
        "FROM debian\nRUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n"
        "RUN useradd app && curl -O https://x/y && pip --version\n",
    ),
}


@pytest.mark.parametrize(("text", "expected"), FIXED.values(), ids=FIXED.keys())
def test_safe_fix(text, expected):
    assert safely_fixed("package-cache-left", text) == expected
    assert safely_fixed("package-cache-left", expected) == expected


UNSAFE = {
    "an unknown program may install": "FROM debian\nRUN apt-get update && apt-get install -y a\nRUN ./setup.sh\n",
    "make may install": "FROM debian\nRUN apt-get update && apt-get install -y a\nRUN make deps\n",
    "a child's script may install": (
        "FROM debian AS a\nRUN apt-get update && apt-get install -y a\nFROM a\nRUN curl https://x | sh\n"
    ),
    "a trigger may install": (
        "FROM debian\nRUN apt-get update && apt-get install -y a\nONBUILD RUN /usr/local/bin/prepare\n"
    ),
    "apk after an update": "FROM alpine\nRUN apk update && apk add a\nRUN apk add --no-network b\n",
    "no network later": ("FROM x\nRUN pip install a\nRUN --network=none pip install --no-cache-dir b\n"),
    "a script may be what installs": "FROM debian\nRUN apt-get update && ./install.sh\n",
    "the store of a build": 'FROM golang\nRUN go build -o /app .\nCMD ["/app"]\n',
}


@pytest.mark.parametrize("text", UNSAFE.values(), ids=UNSAFE.keys())
def test_unsafe_fix(text):
    first = found("package-cache-left", text)[0]
    assert first.fix.applicability == "unsafe"
    assert safely_fixed("package-cache-left", text) == text
    assert unsafely_fixed("package-cache-left", text) != text


UNFIXED = {
    "a later install needs the lists": "FROM debian\nRUN apt-get update\nRUN apt-get install -y a\n",
    "a child's install needs the lists": "FROM debian AS a\nRUN apt-get update\nFROM a\nRUN apt-get install -y a\n",
    "a trigger's install needs the lists": "FROM debian\nRUN apt-get update\nONBUILD RUN apt-get install -y a\n",
    "the container's install needs the lists": "FROM debian\nRUN apt-get update\nCMD apt-get install -y a && a\n",
    "an index for the container": 'FROM ubuntu\nRUN apt-get update\nENTRYPOINT ["/entry.sh"]\n',
    "metadata for the container": "FROM fedora\nRUN dnf makecache\n",
    "a yarn whose user nobody knows": "FROM example/node\nCOPY . .\nRUN yarn\n",
    "exec form": 'FROM debian\nRUN ["sh", "-c", "apt-get update && apt-get install -y a"]\n',
    "no chain": "FROM debian\nRUN apt-get update; apt-get install -y a\n",
    "an alternative": "FROM debian\nRUN apt-get update && apt-get install -y a || true\n",
    "lines without set -e": "FROM debian\nRUN <<EOF\napt-get update\napt-get install -y a\nEOF\n",
    "another user": "FROM node\nRUN su app -c 'npm ci'\n",
    "gems somewhere": "FROM debian\nRUN gem install rake\n",
    "moved by an option": "FROM node\nRUN npm ci --cache /opt/npm\n",
}


@pytest.mark.parametrize("text", UNFIXED.values(), ids=UNFIXED.keys())
def test_no_fix(text):
    first = found("package-cache-left", text)[0]
    assert first.fix is None


# recommended-packages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get install curl\n",
        "FROM debian\nRUN apt-get -o APT::Install-Recommends=true install curl\n",
        "FROM debian\nRUN dpkg -i x.deb; apt-get -f install\n",
        "FROM debian\nRUN aptitude install -y curl\n",
        "FROM fedora\nRUN dnf in -y git\n",
        "FROM opensuse/leap\nRUN zypper -n install git\n",
        'FROM node\nRUN ["apt-get", "install", "-y", "curl"]\n',
        "FROM debian\nRUN apt-get install -y $PACKAGES\n",
        "FROM debian\nRUN apt-get install -y curl && echo 'APT::Install-Recommends 0;' > /etc/apt/apt.conf.d/x\n",
    ],
)
def test_recommended(text):
    assert len(found("recommended-packages", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get --no-install-recommends install curl\n",
        "FROM debian\nRUN apt-get install -y curl --no-install-recommends\n",
        "FROM debian\nRUN apt-get -o APT::Install-Recommends=0 install curl\n",
        "FROM debian\nRUN apt-get build-dep -y python3\n",
        "FROM debian\nRUN apt-get install -y ./a.deb /tmp/b.deb\n",
        "FROM debian\nRUN apt-get upgrade -y\n",
        "FROM debian\nCOPY no-recommends /etc/apt/apt.conf.d/\nRUN apt-get install -y curl\n",
        "FROM debian AS a\nRUN echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf\nFROM a\n"
        "RUN apt-get install -y curl\n",
        "FROM debian\nARG APT_FLAGS\nRUN apt-get install $APT_FLAGS curl\n",
        "FROM fedora\nRUN dnf install --setopt=install_weak_deps=False -y git\n",
        "FROM fedora\nRUN echo install_weak_deps=0 >> /etc/dnf/dnf.conf && dnf install -y git\n",
        "FROM centos:7\nRUN yum install -y git\n",
        "FROM opensuse/leap\nRUN zypper -n install --no-recommends git\n",
        "FROM alpine\nRUN apk add git\n",
    ],
)
def test_not_recommended(text):
    assert found("recommended-packages", text) == []


def test_recommended_is_shown_once_a_stage():
    text = "FROM debian\nRUN apt-get install -y jq && apt-get install -y vim\nRUN apt-get install -y nano\n"
    assert [each.severity for each in everything("recommended-packages", text)] == ["info", "style", "style"]


@pytest.mark.parametrize(
    ("text", "is_fixed"),
    [
        ("FROM debian\nRUN apt-get install -y curl\n", False),
        ("FROM ubuntu:24.04\nRUN apt-get install -y wget=1.2 jq\n", False),
        ("FROM node:22-slim\nRUN apt-get install -y git\n", False),
        ("FROM debian\nRUN apt-get install -y jq\n", True),
        ("FROM debian\nRUN apt-get install -y curl ca-certificates\n", True),
        ("FROM python:3.12-slim\nRUN apt-get install -y curl\n", True),
        ("FROM fedora\nRUN dnf install -y curl\n", True),
    ],
)
def test_no_fix_takes_the_certificates_away(text, is_fixed):
    assert (everything("recommended-packages", text)[0].fix is not None) is is_fixed


def test_recommended_in_a_builder_is_style():
    text = "FROM debian AS a\nRUN apt-get install -y curl\nFROM scratch\nCOPY --from=a /x /x\n"
    (finding,) = everything("recommended-packages", text)
    assert (finding.severity, finding.fix) == ("style", None)
    assert "DL3015" in finding.aliases


# stale-package-index ----------------------------------------------------------------------------------------------


def levels(text):
    return [finding.severity for finding in found("stale-package-index", text)]


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n",
        "FROM alpine\nRUN apk update\n",
        "FROM opensuse/leap\nRUN zypper addrepo x && zypper refresh\nRUN zypper -n in git\n",
        "FROM fedora\nRUN dnf makecache\nRUN dnf install -y git\n",
        "FROM debian\nRUN apt-get install -y ./x.deb && apt-get update\n",
    ],
)
def test_refreshed_apart(text):
    assert levels(text) == ["warning"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get install -y curl\n",
        "FROM ubuntu:24.04 AS a\nRUN true\nFROM a\nRUN apt-get install -y curl git\n",
        "FROM debian\nRUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n"
        "RUN apt-get install -y b\n",
        "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y a\n"
        "RUN apt-get install -y b\n",
    ],
)
def test_no_lists(text):
    assert levels(text) == ["error"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get update && apt-get install -y curl\n",
        "FROM debian\nRUN apt-get update && ./install.sh\n",
        "FROM debian\nRUN apt-get update && apt-get source hello\n",
        "FROM debian\nRUN apt-get update && apt-get upgrade -y\n",
        "FROM alpine\nRUN apk update && apk upgrade\n",
        "FROM fedora\nRUN dnf update -y\n",
        "FROM python:3.13\nRUN apt-get install -y curl\n",
        "FROM example/base\nRUN apt-get install -y curl\n",
        "FROM debian\nARG BASE\nFROM $BASE\nRUN apt-get install -y curl\n",
        "FROM debian\nRUN apt-get install -y /tmp/x.deb\n",
        "FROM debian\nRUN apt-get install -y bash tzdata\n",
        "FROM debian\nRUN apt-get install -f\n",
        "FROM debian\nRUN apt-get install -y curl || true\n",
        "FROM debian\nRUN if false; then apt-get install -y curl; fi\n",
        "FROM debian\nRUN apt-get update && apt-get install -y a\nRUN apt-get install -y b\n",
        "FROM debian\nRUN ./prepare\nRUN apt-get install -y curl\n",
        "FROM debian\nRUN wget -qO- https://x | bash -\nRUN apt-get install -y curl\n",
        "FROM debian\nRUN add-apt-repository -y ppa:x/y && apt-get install -y curl\n",
        "FROM debian\nCOPY --from=x / /\nRUN apt-get install -y curl\n",
        "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get install -y curl\n",
        "FROM debian\nRUN apt-get update && apt-get install -y a && (rm -rf /var/lib/apt/lists/* || true)\n"
        "RUN apt-get update && apt-get install -y b\n",
    ],
)
def test_not_stale(text):
    assert levels(text) == []


def test_a_refresh_is_joined_with_its_install():
    text = "FROM debian\nRUN apt-get update\n# tools\nRUN apt-get install -y curl\n"
    assert safely_fixed("stale-package-index", text) == (
        "FROM debian\nRUN apt-get update \\\n# tools\n    && apt-get install -y curl\n"
    )


def test_a_refresh_is_moved_to_its_install():
    text = "FROM debian\nRUN echo x > /y && apt-get update\nCOPY a b\nRUN apt-get install -y curl\n"
    assert safely_fixed("stale-package-index", text) == text
    assert unsafely_fixed("stale-package-index", text) == (
        "FROM debian\nRUN echo x > /y\nCOPY a b\nRUN apt-get update && apt-get install -y curl\n"
    )


def test_a_refresh_with_a_comment_is_not_moved():
    text = "FROM debian\nRUN apt-get update # index\nCOPY a b\nRUN apt-get install -y curl\n"
    assert unsafely_fixed("stale-package-index", text) == text


def test_the_pair_is_one_finding():
    text = "FROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n"
    shown = [
        finding.rule
        for finding in Bench(RULES["stale-package-index"], RULES["unmerged-run"]).findings(text)
        if finding.severity != "style"
    ]
    assert shown == ["stale-package-index"]


# interactive-command ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get install -q curl\n",
        "FROM debian\nRUN DEBIAN_FRONTEND=noninteractive apt-get install curl\n",
        "FROM debian\nRUN apt-get purge curl\n",
        "FROM debian\nRUN apt-get dist-upgrade\n",
        "FROM debian\nRUN aptitude install curl\n",
        "FROM fedora\nRUN dnf module enable nodejs:20\n",
        "FROM fedora\nRUN microdnf install git\n",
        "FROM opensuse/leap\nRUN zypper rm git\n",
        "FROM archlinux\nRUN pacman -Syu git\n",
        "FROM x\nRUN conda create -n env python=3.12\n",
        "FROM debian\nRUN adduser app\n",
        "FROM alpine\nRUN adduser -u 1000 app\n",
        "FROM x\nRUN ssh-keygen -t ed25519 -f /key\n",
        "FROM x\nRUN gpg --quick-gen-key me\n",
    ],
)
def test_asks(text):
    assert [finding.severity for finding in found("interactive-command", text)] == ["warning"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get -qqy install curl\n",
        "FROM debian\nRUN apt-get install -q -q curl\n",
        "FROM debian\nRUN apt-get install -q=2 curl\n",
        "FROM debian\nRUN apt-get -o APT::Get::Assume-Yes=true install curl\n",
        "FROM debian\nRUN echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/y\nRUN apt-get install curl\n",
        "FROM debian\nRUN apt-get update && apt-get clean && apt-get download curl\n",
        "FROM debian\nRUN apt-get install --simulate curl\n",
        "FROM debian\nRUN echo y | apt-get install curl\n",
        "FROM debian\nRUN yes | (apt-get install curl)\n",
        "FROM debian\nRUN apt-get install curl < /answers\n",
        "FROM debian\nRUN APT='apt-get install -y' && $APT curl\n",
        "FROM debian\nARG OPTS\nRUN apt-get install $OPTS curl\n",
        "FROM fedora\nRUN dnf --assumeyes install git\n",
        "FROM fedora\nRUN echo assumeyes=1 >> /etc/dnf/dnf.conf && dnf install git\n",
        "FROM ubi9\nRUN microdnf install git\n",
        "FROM opensuse/leap\nRUN zypper --non-interactive install git\n",
        "FROM opensuse/leap\nRUN zypper install -n git\n",
        "FROM archlinux\nRUN pacman -Sy\n",
        "FROM x\nRUN conda env create -f environment.yml\n",
        "FROM x\nENV CONDA_ALWAYS_YES=true\nRUN conda install numpy\n",
        "FROM x\nRUN conda config --set always_yes yes && conda install numpy\n",
        "FROM debian\nRUN adduser --disabled-password --gecos '' app\n",
        "FROM debian\nRUN adduser --system app\n",
        "FROM debian\nRUN adduser app audio\n",
        "FROM alpine\nRUN adduser -D app\n",
        "FROM alpine\nRUN adduser -S -u 1000 app\n",
        "FROM fedora\nRUN adduser app\n",
        "FROM x\nRUN adduser app\n",
        "FROM x\nRUN ssh-keygen -A\n",
        "FROM x\nRUN ssh-keygen -q -t rsa -N '' -f /key\n",
        "FROM x\nRUN ssh-keygen -R github.com\n",
        "FROM x\nRUN yes '' | ssh-keygen\n",
        "FROM x\nRUN gpg --batch --gen-key params\n",
        "FROM x\nRUN add-apt-repository ppa:x/y\n",
        "FROM alpine\nRUN apk del curl\n",
    ],
)
def test_asks_nothing(text):
    assert found("interactive-command", text) == []


def test_the_answer_stands_behind_the_verb():
    assert safely_fixed("interactive-command", "FROM debian\nRUN apt-get -q install curl\n") == (
        "FROM debian\nRUN apt-get -q install -y curl\n"
    )
    assert safely_fixed("interactive-command", "FROM opensuse/leap\nRUN zypper verify\n") == (
        "FROM opensuse/leap\nRUN zypper --non-interactive verify\n"
    )
    assert safely_fixed("interactive-command", "FROM archlinux\nRUN pacman -S git\n") == (
        "FROM archlinux\nRUN pacman -S --noconfirm git\n"
    )


def test_a_text_for_another_shell_is_not_edited():
    text = 'FROM debian\nRUN sh -c "apt-get install curl"\n'
    (finding,) = found("interactive-command", text)
    assert finding.fix is None


def test_codes_of_questions():
    assert "DL3014" in codes("interactive-command", "FROM debian\nRUN apt-get install curl\n")
    assert codes("interactive-command", "FROM debian\nRUN apt-get remove curl\n") == set()
    assert codes("interactive-command", "FROM debian\nRUN apt install curl\n") == set()
    assert codes("interactive-command", "FROM opensuse/leap\nRUN zypper rm git\n") == {"DL3034"}
    assert "DL3038" in codes("interactive-command", "FROM ubi9\nRUN microdnf install git\n")


# system-upgrade ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FROM debian\nRUN apt-get -q dist-upgrade\n", "DS-0024"),
        ("FROM opensuse/leap\nRUN zypper dup\n", "DL3035"),
        ("FROM debian\nRUN apt-get full-upgrade -y\n", "DKL-DI-0003"),
    ],
)
def test_another_system(text, code):
    (finding,) = found("system-upgrade", text)
    assert finding.severity == "info"
    assert code in finding.aliases


def test_a_plain_upgrade_is_style():
    for text, code in (
        ("FROM debian\nRUN apt-get update && apt-get upgrade -y\n", "semgrep:avoid-apt-get-upgrade"),
        ("FROM alpine\nRUN apk upgrade\n", "semgrep:avoid-apk-upgrade"),
        ("FROM centos:7\nRUN yum update -y\n", "semgrep:avoid-yum-update"),
        ("FROM fedora\nRUN dnf update -y\n", "DS-0017"),
    ):
        (finding,) = everything("system-upgrade", text)
        assert finding.severity == "style"
        assert code in finding.aliases


@pytest.mark.parametrize(
    "text",
    [
        "FROM fedora\nRUN dnf upgrade -y openssl-libs\n",
        "FROM debian\nRUN apt-get update\n",
        "FROM debian\nRUN apt-get dist-upgrade --simulate\n",
        "FROM opensuse/leap\nRUN zypper patch --cve=cve-2015-7547\n",
        "FROM python\nRUN pip install --upgrade pip\n",
    ],
)
def test_no_upgrade_of_the_system(text):
    assert everything("system-upgrade", text) == []


def test_an_update_with_an_install_behind_it_does_not_stand_alone():
    assert "DS-0017" not in codes("system-upgrade", "FROM fedora\nRUN dnf update -y && dnf install -y git\n")


# unpinned-package -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FROM debian\nRUN apt-get install -y curl\n", "DL3008"),
        ("FROM alpine\nRUN apk add -t .deps curl\n", "DL3018"),
        ("FROM fedora\nRUN dnf install -y rpm-sign\n", "DL3041"),
        ("FROM fedora\nRUN dnf module install -y nodejs\n", "DL3041"),
        ("FROM centos:7\nRUN yum -y install git\n", "DL3033"),
        ("FROM opensuse/leap\nRUN zypper -n in git\n", "DL3037"),
        ("FROM python\nRUN pip install --upgrade pip\n", "DL3013"),
        ("FROM python\nRUN pip install git+https://github.com/x/y.git\n", "DL3013"),
        ("FROM python\nRUN pipx install black\n", "DL3013"),
        ("FROM node\nRUN npm i -g typescript\n", "DL3016"),
        ("FROM node\nRUN yarn global add serve\n", "DL3016"),
        ("FROM ruby\nRUN gem install bundler\n", "DL3028"),
        ("FROM golang\nRUN go install example.com/x@latest\n", "DL3062"),
    ],
)
def test_unpinned(text, code):
    (finding,) = found("unpinned-package", text)
    assert code in finding.aliases


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get install -y curl=7.* ./x.deb git/bookworm-backports\n",
        "FROM debian\nARG P\nRUN apt-get install -y $P curl-$P\n",
        "FROM debian\nRUN apt-get build-dep -y python3 && apt-get remove -y git\n",
        "FROM alpine\nRUN apk add --virtual .deps 'curl~=8' !pyc\n",
        "FROM fedora\nENV V=2.51\nRUN dnf install -y git-core-$V @development-tools\n",
        "FROM fedora\nRUN dnf group install -y 'Development Tools'\n",
        "FROM opensuse/leap\nRUN zypper -n in -t pattern devel_basis\n",
        "FROM python\nRUN pip install -r requirements.txt -e . ./x.whl 'flask>=3' 'b[c]==1'\n",
        "FROM python\nRUN pip install flask -c constraints.txt\n",
        "FROM node\nRUN npm ci && npm install && npm install x@1 @a/b@2 ./c\n",
        "FROM node\nRUN npm run install x && yarn add x@1\n",
        "FROM ruby\nRUN gem install bundler -v 2.5 && gem install rake:13 -- --with-x y && bundle install\n",
        "FROM golang\nRUN go install x.com/y@v1 && go build ./... && go run x.com/y@v1 arg && go run main.go\n",
    ],
)
def test_pinned(text):
    assert found("unpinned-package", text) == []


def test_only_the_managers_asked_for():
    text = "FROM debian\nRUN apt-get install -y curl && pip install flask\n"
    options = {"rules": {"unpinned-package": {"managers": ["pip"]}}}
    (finding,) = found("unpinned-package", text, **options)
    assert finding.message == "flask installed without a version"


def test_one_finding_names_the_first_and_marks_all():
    text = "FROM debian\nRUN apt-get install -y a b=1 c d e\n"
    (finding,) = found("unpinned-package", text)
    assert finding.message == "a, c, d and 1 more installed without a version"
    assert text[finding.span.start : finding.span.end] == "a"
    assert [text[span.start : span.end] for _, span in finding.related] == ["c", "d", "e"]


# all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN\n",
        "RUN apt-get\n",
        "FROM debian\nRUN apt-get -o\n",
        'FROM debian\nRUN []\nRUN ["apt-get"]\n',
        "FROM debian\nONBUILD ONBUILD RUN apt-get update\n",
        "FROM debian\nRUN $X install $Y && ${A}pt-get update\n",
        "FROM debian\nRUN <<EOF cat && apt-get update\nx\nEOF\n",
        "FROM debian\nRUN pip install \\\n",
        "FROM debian\nRUN find . -exec pip install {} \\;\n",
    ],
)
def test_odd_files_raise_nothing(text):
    rules = [rule for rule in RULES.values() if rule.family == "packages"]
    Bench(*rules).findings(text)
    Bench(*rules).fixed(text)


def test_all_fixes_together_settle():
    text = "FROM debian:12\nRUN apt-get update\nRUN apt-get install jq && npm ci && pip3.11 install flask\n"
    rules = [rule for rule in RULES.values() if rule.family == "packages"]
    assert Bench(*rules).fixed(text) == (
        "FROM debian:12\n"
        "RUN apt-get update \\\n"
        "    && apt-get install --no-install-recommends -y jq \\\n"
        "    && rm -rf /var/lib/apt/lists/* && npm ci --omit=dev \\\n"
        "    && npm cache clean --force && pip3.11 install --no-cache-dir flask\n"
    )
