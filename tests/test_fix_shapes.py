"""What fixes must leave alone, and how the text reads that they leave: line breaks, blank lines, comments."""

import pytest

from dfadvise import packs
from dfadvise.testing import Bench, context_of

RULES = {rule.id: rule for rule in packs.load_packs()}
NODE = {"package.json": '{"dependencies": {"a": "1"}}', "package-lock.json": "{}", "server.js": "x"}


def fixed(rules, text, files=None):
    with context_of(files or {}) as root:
        return Bench(*(RULES[rule] for rule in rules.split()), root=root).fixed(text)


@pytest.mark.parametrize(
    "text",
    [
        # Nobody knows who runs it, and where that keeps a cache.
        "FROM myorg/x\nRUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir a\n",
        "FROM jupyter/base-notebook\n"
        "RUN --mount=type=cache,target=/root/.cache/pip pip install a && rm -rf ~/.cache/pip\n",
        "FROM python:3.13\nUSER 1000\nRUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir a\n",
        "FROM python:3.13\nENV HOME=/s\nRUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir a\n",
        "FROM fedora:41\nRUN --mount=type=cache,target=/var/cache/dnf dnf -y install a && dnf clean all\n",
        "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip install a && rm -rf /home/b/.cache/pip\n",
    ],
)
def test_a_cache_that_may_be_elsewhere_stays_off(text):
    assert fixed("defeated-cache-mount", text) == text


def test_a_home_that_is_not_known_gets_no_owner():
    text = "FROM python:3.13\nUSER 1000\nRUN --mount=type=cache,target=/root/.cache/pip pip install a\n"
    assert fixed("useless-cache-mount", text) == text


@pytest.mark.parametrize(
    "comment",
    ["# hadolint ignore=DL3008", "# dfadvise: ignore[apt-command]", "# check=skip=all", "# kics-scan ignore-line"],
)
def test_a_word_to_a_checker_is_not_drawn_into_a_run(comment):
    text = f"FROM debian:12\nRUN mkdir /a\nRUN mkdir /b\n{comment}\nRUN mkdir /c\n"
    assert fixed("unmerged-run", text) == text
    text = f"FROM debian:12\n{comment}\nRUN touch /a\nRUN rm /a\n"
    assert fixed("unmerged-run late-cleanup", text) == text


@pytest.mark.parametrize(
    ("first", "joined"),
    [
        ("mkdir /a \\\n  && mkdir /b", "mkdir /a \\\n  && mkdir /b \\\n  && mkdir /c \\\n  && mkdir /d"),
        ("mkdir /a &&\\\n\tmkdir /b", "mkdir /a &&\\\n\tmkdir /b &&\\\n\tmkdir /c &&\\\n\tmkdir /d"),
        (
            "mkdir /a        && \\\n    mkdir -p /bbb/c && \\\n    mkdir /x",
            "mkdir /a        && \\\n    mkdir -p /bbb/c && \\\n    mkdir /x        && \\\n"
            "    mkdir /c        && \\\n    mkdir /d",
        ),
        ("mkdir \\\n  /a", "mkdir \\\n  /a \\\n  && mkdir /c \\\n  && mkdir /d"),
    ],
)
def test_runs_are_joined_in_their_own_shape(first, joined):
    text = f"FROM debian:12\nRUN {first}\nRUN mkdir /c\n  RUN mkdir /d\n"
    assert fixed("unmerged-run", text) == f"FROM debian:12\nRUN {joined}\n"


def test_one_liners_take_the_shape_of_the_file():
    text = "FROM debian:12\nRUN a &&\\\n  b\nUSER x\nRUN mkdir /a\nRUN mkdir /b\nRUN mkdir /c\n"
    assert fixed("unmerged-run", text).endswith("RUN mkdir /a &&\\\n  mkdir /b &&\\\n  mkdir /c\n")


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian:12\nCOPY a /app/\nRUN mkdir /app/up\nRUN chown -R 1:1 /app\n",
        "FROM debian:12\nWORKDIR /app/x\nCOPY . /app\nRUN chown -R 1:1 /app\n",
        "FROM node:22\nCOPY . /app\nRUN cd /app && npm ci && chown -R node:node /app\n",
        "FROM debian:12\nRUN tar xf /x.tgz -C /\nCOPY a /app/\nRUN ./b.sh && chown -R 1:1 /app\n",
        "FROM debian:12\nCOPY a /app/\nCOPY --chown=2:2 b /app/b\nRUN chown -R 1:1 /app\n",
        "FROM debian:12\nCOPY a /app/x/y/\nRUN chown -R 1:1 /app\n",
        "FROM nobody/knows\nCOPY a /app\nRUN chown -R 1:1 /app\n",
        "FROM debian:12\nCOPY a a/\nRUN chown -R 1:1 ./\n",
        "FROM nginx\nCOPY html/ /usr/share/nginx/html/\nRUN chown -R nginx:nginx /usr/share/nginx/html\n",
        "FROM debian:12\nCOPY a /app/\n\n# chown all the files\nRUN chown -R 1:1 /app\n",
    ],
)
def test_an_owner_is_not_moved_where_others_write(text):
    with context_of({"a/x": "x", "b": "x", "html/x": "x"}) as root:
        assert Bench(RULES["duplicated-tree"], root=root).fixed(text) == text


def test_an_owner_is_moved_where_the_copy_alone_writes():
    text = "FROM debian:12\nRUN apt-get update && useradd -r x\n\nCOPY a /app/\n\nRUN chown -R 1:1 /app\n\nUSER x\n"
    assert fixed("duplicated-tree", text, {"a/x": "x"}) == (
        "FROM debian:12\nRUN apt-get update && useradd -r x\n\nCOPY --chown=1:1 a /app/\n\nUSER x\n"
    )


def test_a_folder_that_workdir_made_gets_its_owner_still():
    text = "FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN pip install -r a/x\nRUN chown -R 1:1 /app\nUSER 1\n"
    after = "FROM python:3.13\nWORKDIR /app\nCOPY --chown=1:1 . .\nRUN pip install -r a/x\nRUN chown 1:1 /app\nUSER 1\n"
    assert fixed("duplicated-tree", text, {"a/x": "x"}) == after
    # The classic builder makes /app for root.
    text = "FROM debian:12\nCOPY a /app/a/\nRUN chown -R 1:1 /app\n"
    after = "FROM debian:12\nCOPY --chown=1:1 a /app/a/\nRUN chown 1:1 /app\n"
    assert fixed("duplicated-tree", text, {"a/x": "x"}) == after


def test_mounts_stand_on_lines_of_their_own_when_the_line_grows_long():
    text = f"FROM python:3.13\nCOPY requirements.txt /t/\nRUN pip install -r /t/requirements.txt {'a' * 50}\n"
    assert fixed("missing-cache-mount one-run-copy", text, {"requirements.txt": "a"}) == (
        "FROM python:3.13\n"
        "RUN --mount=type=cache,target=/root/.cache/pip \\\n"
        "    --mount=type=bind,source=requirements.txt,target=/t/requirements.txt \\\n"
        f"    pip install -r /t/requirements.txt {'a' * 50}\n"
    )


def test_the_mount_goes_with_the_install():
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
    assert fixed("cache-order missing-cache-mount", text, NODE) == (
        "FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
        "RUN --mount=type=cache,target=/root/.npm npm ci\nCOPY . .\nRUN npm run build\n"
    )


def test_blank_lines_and_comments_go_along():
    text = "FROM debian:12\n\n\n# a\nCOPY a.py /srv/\n# b\nCOPY b.py /srv/\n\nRUN apt-get update\nUSER x\n"
    assert fixed("cache-order", text) == (
        "FROM debian:12\n\n\nRUN apt-get update\n\n# a\nCOPY a.py /srv/\n# b\nCOPY b.py /srv/\n\nUSER x\n"
    )
    text = "FROM debian:12\n\n# the commit\nARG GIT_COMMIT\n\nRUN pip install a\n\n# label\nLABEL x=$GIT_COMMIT\n"
    assert fixed("cache-busting-variable", text) == (
        "FROM debian:12\n\nRUN pip install a\n\n# the commit\nARG GIT_COMMIT\n\n# label\nLABEL x=$GIT_COMMIT\n"
    )
    text = "FROM python:3.13\n\n# Copy the list\nCOPY requirements.txt /t/\nRUN pip install -r /t/requirements.txt\n"
    assert fixed("one-run-copy", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian:12 AS b\nENV U=https://a.b/c-arm-linux-gnueabihf.tar.gz\nRUN curl -o /x $U\n"
        "FROM --platform=arm debian:12\nCOPY --from=b /x /x\n",
        "FROM --platform=amd64 golang:1.26 AS b\nRUN GOARCH=amd64 make\n",
        "# made under emulation\nFROM --platform=linux/amd64 node:22\nRUN x\n",
    ],
)
def test_a_platform_that_is_meant_stays(text):
    assert fixed("constant-platform", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "FROM ruby:3.4\nCOPY Gemfile ./\nRUN bundle install\n",
        "FROM ruby:3.4\nRUN gem install rails\n",
        "FROM ruby:3.4\nRUN C:\\ruby30-x64\\bin\\gem install rails\n",
    ],
)
def test_gems_keep_their_compiler(text):
    assert fixed("oversized-base-image", text) == text


def test_of_two_remedies_for_one_cause_the_first_is_applied_and_the_second_then_sees_it():
    # What is mounted cannot be deleted: rm fails and stops the build.
    text = "FROM ruby:3.4\nWORKDIR /app\nRUN bundle install\n"
    after = "FROM ruby:3.4\nWORKDIR /app\nRUN bundle install && rm -rf /usr/local/bundle/cache ~/.bundle/cache\n"
    assert fixed("package-cache-left missing-cache-mount", text) == after
    text = "FROM node:22\nRUN npm install -g a@1\n"
    after = "FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm install -g a@1\n"
    assert fixed("package-cache-left missing-cache-mount", text) == after
