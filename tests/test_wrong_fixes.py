"""Fixes that other tools get wrong, by the name or number that our notes on those tools give them.

Each is fixed here with all rules, safe fixes alone and unsafe ones as well: the damage must not happen, and where
there is a right fix, that is what comes out.
"""

from typing import NamedTuple

import pytest

from dfadvise import packs
from dfadvise.testing import Bench, context_of

RULES = packs.load_packs()
NODE = {"package.json": '{"dependencies": {"a": "1"}}', "server.js": "x"}
LOCKED = {**NODE, "package-lock.json": "{}"}
CARGO = {"Cargo.toml": '[package]\nname = "app"\n', "Cargo.lock": "version = 4\n", "src/main.rs": "fn main() {}\n"}
DOTNET = {"app.csproj": "<Project/>\n", "Program.cs": "x\n"}
PNPM = {"package.json": "{}", "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}


class Wrong(NamedTuple):
    """A text that a tool damages.

    text: The Dockerfile.
    never: What a damaged text would hold.
    kept: What stays as it is.
    right: What a right fix gives, under --unsafe.
    files: The context.
    """

    text: str
    never: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    files: dict[str, str | int] = {}


WRONG = {
    # tally, its safe fixes
    "e1 quotes of a LABEL become part of the value": Wrong(
        'FROM debian:13\nLABEL vendor "Jess <j@x>"\n',
        ('\\"',),
        right=('LABEL vendor="Jess <j@x>"',),
    ),
    "e1 quotes of an ENV become part of the value": Wrong(
        "FROM debian:13\nENV A \"b c\"\nENV B 'x y'\nENV C a b\nRUN echo $A $B $C\n",
        ('\\"', "\"'"),
        right=('ENV A="b c"', "ENV B='x y'", 'ENV C="a b"'),
    ),
    "e2 an option of GNU's wget for BusyBox": Wrong(
        "FROM alpine:3.22\nRUN wget https://example.com/a.tgz -O /a.tgz && tar xzf /a.tgz\n",
        ("--progress", "-nv"),
        ("wget https://example.com/a.tgz -O /a.tgz",),
    ),
    "e3 ADD of an archive by a variable becomes COPY": Wrong(
        "FROM debian:13\nARG F=x.tar.gz\nADD $F /a/\n",
        ("COPY",),
        ("ADD ", "$F /a/"),
        files={"x.tar.gz": "not read"},
    ),
    "e-minor BUNDLE_DEPLOYMENT without a lock file": Wrong(
        "FROM ruby:3.4\nWORKDIR /app\nCOPY Gemfile ./\nRUN bundle install\nCOPY . .\n",
        ("BUNDLE_DEPLOYMENT", "deployment", "--frozen"),
        ("bundle install",),
        files={"Gemfile": "gem 'a'\n", "app.rb": "x"},
    ),
    "e-minor --chmod=+x": Wrong(
        'FROM debian:13\nCOPY run.sh /usr/local/bin/run.sh\nRUN chmod +x /usr/local/bin/run.sh\nCMD ["run.sh"]\n',
        ("--chmod=+x", "--chmod=a+x"),
        files={"run.sh": "#!/bin/sh\n"},
    ),
    # tally, its unsafe fixes
    "e4 cd and what follows it becomes WORKDIR": Wrong(
        "FROM debian:13\nRUN cd /tmp; curl -fsSL https://example.com/i.sh | sh\nRUN ls\n",
        ("WORKDIR",),
        ("https://example.com/i.sh", "cd /tmp"),
    ),
    "e4 cd || exit becomes RUN exit": Wrong(
        "FROM debian:13\nRUN cd /srv || exit 1\nRUN ls\n",
        ("RUN exit", "WORKDIR /srv\n"),
    ),
    "e5 SHELL of a bash that alpine has not": Wrong(
        "FROM alpine:3.22\nRUN wget -qO- https://example.com/a | tar x\n",
        ("bash",),
        ("wget -qO- https://example.com/a | tar x",),
        ('SHELL ["/bin/ash", "-o", "pipefail", "-c"]',),
    ),
    "e5 pipefail in a heredoc that dash reads": Wrong(
        "FROM debian:12\nRUN <<EOF\ncat /etc/passwd | sort > /x\nEOF\n",
        ("<<EOF\nset -o pipefail", "<<EOF\nset -eo pipefail"),
        ("cat /etc/passwd | sort > /x",),
    ),
    "e6 cd leaks into the next RUN": Wrong(
        "FROM debian:13\nRUN cd t && make\nRUN rm -rf t\nRUN touch a\n",
        ("make \\\n    && rm", "make && rm"),
        ("RUN cd t && make\n",),
    ),
    "e6 export leaks into the next RUN": Wrong(
        "FROM debian:13\nRUN export A=1 && mkdir /a\nRUN echo ${A:-none} > /b\nRUN touch /c\n",
        ("mkdir /a \\\n    && echo", "mkdir /a && echo"),
    ),
    "e6 umask leaks into the next RUN": Wrong(
        "FROM debian:13\nRUN umask 077 && mkdir /a\nRUN mkdir /b\nRUN mkdir /c\n",
        ("mkdir /a \\\n    && mkdir /b", "mkdir /a && mkdir /b"),
        ("RUN umask 077 && mkdir /a\n",),
    ),
    "e6 a failure that was passed over stops the build": Wrong(
        "FROM debian:13\nRUN false; echo x > /x\nRUN mkdir /y\nRUN mkdir /z\n",
        ("false && echo", "set -e"),
        ("RUN false; echo x > /x\n",),
    ),
    "e6 comments are dropped": Wrong(
        "FROM debian:13\nRUN mkdir /a\n# why b\nRUN mkdir /b\n\n# why c\nRUN mkdir /c\n",
        kept=("# why b\n", "# why c\n"),
        right=("RUN mkdir /a \\\n# why b\n    && mkdir /b \\\n# why c\n    && mkdir /c\n",),
    ),
    "e7 a cache mount hides what cargo built": Wrong(
        "FROM rust:1.90 AS b\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\n"
        "FROM debian:13\nCOPY --from=b /app/target/release/app /app\n",
        ("target=/app/target", "target=target"),
        files=CARGO,
    ),
    "e7 a cache mount hides what dotnet restored": Wrong(
        "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS b\nWORKDIR /src\nCOPY app.csproj .\nRUN dotnet restore\nCOPY . .\n"
        "RUN dotnet publish --no-restore -o /out\nFROM mcr.microsoft.com/dotnet/runtime:9.0\nCOPY --from=b /out /out\n",
        ("RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore\nCOPY . .\nRUN dotnet",),
        files=DOTNET,
    ),
    "e7 root's cache for a user, and caching left on": Wrong(
        "FROM python:3.13\nRUN useradd -m -u 10001 app\nUSER app\nRUN pip install --no-cache-dir --user flask==3.1.0\n",
        ("target=/root/",),
        right=("--mount=type=cache,target=/home/app/.cache/pip,uid=10001 pip install --user",),
    ),
    "e7 docker-clean deletes what the mount keeps": Wrong(
        "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends curl ca-certificates\n",
        ("--mount",),
    ),
    "e7 one cache for two distributions": Wrong(
        "FROM ubuntu:24.04 AS a\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y curl\n"
        "FROM debian:13\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y curl\n"
        "COPY --from=a /usr/bin/curl /usr/bin/curl-24\n",
        right=("id=",),
    ),
    "e7 a store that is not pnpm's": Wrong(
        "FROM node:22\nRUN corepack enable\nWORKDIR /app\nCOPY package.json pnpm-lock.yaml ./\n"
        "RUN pnpm install --frozen-lockfile\nCOPY . .\n",
        ("/root/.pnpm-store",),
        right=("target=/root/.local/share/pnpm/store",),
        files=PNPM,
    ),
    "e7 a list of packages collapses into one line": Wrong(
        "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n        less \\\n"
        "        nano \\\n    && rm -rf /var/lib/apt/lists/*\n",
        ("less nano",),
        ("        less \\\n        nano \\\n",),
    ),
    "e8 words that are meant to split are quoted": Wrong(
        "FROM debian:13\nARG PKGS\nENV JAVA_OPTS=-Xmx1g\nRUN apt-get update && apt-get install -y $PKGS\n"
        "RUN java $JAVA_OPTS -version\n",
        ('"$PKGS"', '"$JAVA_OPTS"'),
        ("java $JAVA_OPTS -version",),
    ),
    "e9 git over ssh becomes ADD": Wrong(
        "FROM debian:13\nRUN --mount=type=ssh git clone git@github.com:a/b.git /b && cd /b && make\n",
        ("ADD ",),
        ("git clone git@github.com:a/b.git /b",),
    ),
    "e9 a curlrc and its variable stay in the image": Wrong(
        "FROM debian:13\nRUN curl -fsSLO https://example.com/a && curl -fsSLO https://example.com/b\n",
        ("CURL_HOME", "curlrc"),
    ),
    "e9 heredocs for a frontend that nobody named": Wrong(
        "FROM debian:13\nRUN echo a > /etc/a && echo b >> /etc/a\nRUN echo c > /etc/c\n",
        ("<<",),
    ),
    # dockerfile-doctor
    "dockerfile-doctor USER nobody before CMD": Wrong(
        'FROM debian:13\nCOPY app /app\nCMD ["/app"]\n',
        ("nobody",),
        files={"app": "x"},
    ),
    "dockerfile-doctor an empty maintainer": Wrong("FROM debian:13\nCOPY a /a\n", ("maintainer",), files={"a": "x"}),
    "dockerfile-doctor npm ci without a lock file": Wrong(
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\n",
        ("npm ci",),
        ("npm install",),
        files=NODE,
    ),
    "dockerfile-doctor && after ;": Wrong(
        "FROM debian:13\nRUN mkdir /a; mkdir /b\nRUN mkdir /c\nRUN mkdir /d\n",
        ("mkdir /b && mkdir /c", "mkdir /b \\\n    && mkdir /c"),
        ("mkdir /a; mkdir /b",),
    ),
    "dockerfile-doctor ADD becomes a curl that alpine has not": Wrong(
        "FROM alpine:3.22\nADD https://example.com/a.tgz /a.tgz\n",
        ("curl",),
        ("ADD ", "https://example.com/a.tgz /a.tgz"),
    ),
    # dockrx, docktor-py, dockerfile-hardener, docker-opt
    "dockrx HEALTHCHECK and chown for an app that nobody knows": Wrong(
        'FROM debian:13\nCOPY app /app\nCMD ["/app"]\n', ("HEALTHCHECK", "/opt/app"), files={"app": "x"}
    ),
    "docktor-py COPY of a URL": Wrong("FROM debian:13\nADD https://example.com/a.tgz /a.tgz\n", ("COPY",), ("ADD ",)),
    "dockerfile-hardener a user that does not exist": Wrong(
        'FROM node:22\nCOPY server.js /\nCMD ["node", "/server.js"]\n', ("nonroot", "wget"), files={"server.js": "x"}
    ),
    "dockerfile-hardener apt's cleanup behind apk": Wrong(
        "FROM alpine:3.22\nRUN apk add curl\n", ("/var/lib/apt",), right=("apk add --no-cache curl",)
    ),
    "docker-opt a template whatever the input": Wrong(
        "FROM debian:13\nRUN apt-get update && apt-get install -y gcc libc6-dev\nCOPY a.c /\nRUN gcc -o /a /a.c\n",
        ("python", "pip "),
        ("gcc -o /a /a.c",),
        files={"a.c": "int main(){}\n"},
    ),
    # Parfum
    "RUN --mount is corrupted": Wrong(
        "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0\n",
        ("pippip", "--no-cache-dir"),
        ("--mount=type=cache,target=/root/.cache/pip", "pip install flask==3.1.0"),
    ),
    "two mounts are glued": Wrong(
        "FROM debian:13\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked "
        "--mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install curl\n",
        ("locked--mount", "rm -rf /var/lib/apt"),
        right=("sharing=locked --mount=type=cache",),
    ),
    "the lists are removed from a cache mount": Wrong(
        "FROM debian:13\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\n"
        "RUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get update && apt-get install -y less\n",
        ("rm -rf /var/lib/apt",),
    ),
    "ENV PIP_NO_CACHE_DIR is not accepted as clean": Wrong(
        "FROM python:3.13\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask==3.1.0\n", ("--no-cache-dir",)
    ),
    "yum clean all is not accepted as clean": Wrong(
        "FROM rockylinux:9\nRUN yum install -y nginx && yum clean all\n", ("/var/cache/yum", "/var/cache/dnf")
    ),
    "apt-get dist-clean is not accepted as clean": Wrong(
        "FROM debian:13\nRUN apt-get update && apt-get install -y less && apt-get dist-clean\n",
        ("/var/lib/apt/lists",),
        ("apt-get dist-clean",),
    ),
    "heredoc RUN: nothing detected": Wrong(
        "FROM debian:13\nRUN <<EOF\nset -e\napt-get update\napt-get install less\nEOF\n", right=("-y less",)
    ),
    "dnf: no rule": Wrong("FROM fedora:43\nRUN dnf install -y nginx\n", right=("dnf clean all",)),
    "conda: no rule": Wrong(
        "FROM condaforge/miniforge3\nRUN conda install -y numpy\n", right=("target=/opt/conda/pkgs",)
    ),
    "pnpm install gets npm cache clean": Wrong(
        "FROM node:22\nRUN corepack enable\nWORKDIR /app\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install\n",
        ("npm cache clean",),
        files=PNPM,
    ),
    "DL3020 COPY of https": Wrong("FROM debian:13\nADD https://example.com/a.tgz /\n", ("COPY",), ("ADD ",)),
    "DL3020 COPY with --checksum": Wrong(
        f"FROM debian:13\nADD --checksum=sha256:{'0a' * 32} https://example.com/a.tgz /\n", ("COPY",), ("ADD ",)
    ),
    "DL3020 COPY of git@": Wrong("FROM debian:13\nADD git@github.com:a/b.git /b\n", ("COPY",), ("ADD ",)),
    "exec-form RUN becomes shell form": Wrong(
        'FROM python:3.13\nRUN ["pip", "install", "flask==3.1.0"]\n',
        ("RUN pip", "&&"),
        ('["pip", "install"',),
    ),
    "a builder stage is cleaned though it never ships": Wrong(
        "FROM debian:13 AS b\nRUN apt-get update && apt-get install -y --no-install-recommends less\n"
        "FROM debian:13\nCOPY --from=b /usr/bin/less /usr/bin/less\n",
        ("rm -rf",),
    ),
    "mkdir /usr/src/app and WORKDIR are removed": Wrong(
        "FROM node:22\nRUN mkdir -p /usr/src/app\nWORKDIR /usr/src/app\nCOPY . .\nRUN npm ci\n",
        ("rm -rf /usr/src",),
        files=LOCKED,
    ),
    "sha256sum of a binary file is a wrong form": Wrong(
        'FROM debian:13\nRUN wget -q https://example.com/a && echo "0a *a" | sha256sum -c -\n', (), ('echo "0a *a"',)
    ),
}


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_fixes(name, unsafe):
    wrong = WRONG[name]
    with context_of(wrong.files) as root:
        after = Bench(*RULES, root=root).fixed(wrong.text, unsafe)
    assert [each for each in wrong.never if each in after and each not in wrong.text] == [], after
    assert [each for each in wrong.kept if each not in after] == [], after
    if unsafe:
        assert [each for each in wrong.right if each not in after] == [], after
