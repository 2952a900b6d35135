"""What package managers leave in a layer, and how it is cleaned up."""

import pytest

from rule_answers import codes, findings, fixed, shown

# --- package-cache-left: what leaves something ---

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
    assert [finding.severity for finding in shown("package-cache-left", text)] == ["warning"]


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
    assert shown("package-cache-left", text) == []


def test_one_finding_for_a_manager_and_run():
    text = "FROM alpine\nRUN apk add a && apk add b && pip install c && pip install d\n"
    assert len(shown("package-cache-left", text)) == 2


def test_what_only_feeds_is_shown_to_those_who_ask():
    text = "FROM alpine AS build\nRUN apk add gcc\nFROM alpine\nCOPY --from=build /x /x\n"
    (finding,) = findings("package-cache-left", text)
    assert finding.severity == "style"
    assert finding.fix is None
    assert finding.saving is None
    assert "DL3019" in finding.aliases


def test_a_stage_that_a_shipped_one_stands_on_ships():
    text = "FROM alpine AS base\nRUN apk add gcc\nFROM base\nRUN true\n"
    assert len(shown("package-cache-left", text)) == 1


def test_codes_follow_the_other_tools():
    stages = "FROM debian AS a\nRUN apt-get update\nFROM scratch\nCOPY --from=a /x /x\n"
    assert "DL3009" not in codes("package-cache-left", stages)
    assert "kics:df746b39" in codes("package-cache-left", stages)
    assert codes("package-cache-left", "FROM fedora\nRUN microdnf install -y a\n") >= {"DL3040", "DS-0027"}
    assert codes("package-cache-left", "FROM alpine\nRUN apk update\n") == set()
    assert codes("package-cache-left", "FROM python\nRUN pip download flask\n") == set()
    assert "semgrep:missing-pip-no-cache-dir" not in codes("package-cache-left", "FROM python\nRUN pip install .\n")


def test_the_saving_is_the_least_that_was_measured():
    (finding,) = shown("package-cache-left", "FROM debian:12\nRUN apt-get update\n")
    assert (finding.saving.size, finding.saving.basis) == (19_000_000, "table")
    (finding,) = shown("package-cache-left", "FROM alpine\nRUN apk add curl\n")
    assert finding.saving is None


def test_the_place_is_the_command():
    text = "FROM debian:12\nRUN true && \\\n  apt-get -q update && \\\n  apt-get install -y curl\n"
    (finding,) = shown("package-cache-left", text)
    assert text[finding.span.start : finding.span.end] == "apt-get -q update"


# --- package-cache-left: fixes ---

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
    assert fixed("package-cache-left", text, unsafe=False) == expected
    assert fixed("package-cache-left", expected, unsafe=False) == expected


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
    first = shown("package-cache-left", text)[0]
    assert first.fix.applicability == "unsafe"
    assert fixed("package-cache-left", text, unsafe=False) == text
    assert fixed("package-cache-left", text) != text


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
    first = shown("package-cache-left", text)[0]
    assert first.fix is None
