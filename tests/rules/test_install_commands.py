"""Commands of package managers that are refused or retired."""

import pytest

from rule_answers import codes, findings, fixed, shown, shown_levels

# --- managed-python-install ---

REFUSED = {
    "debian": "FROM debian:12\nRUN apt-get install -y python3-pip && pip3 install flask\n",
    "the newest": "FROM debian\nRUN apt-get install -y python3-pip && pip install flask\n",
    "ubuntu": "FROM ubuntu:24.04\nRUN apt-get install -y python3-pip\nRUN pip install -r requirements.txt\n",
    "alpine": "FROM alpine:3.20\nRUN apk add --no-cache py3-pip && pip install --no-cache-dir flask\n",
    "a language image": "FROM node:22-bookworm\nRUN apt-get install -y python3-pip && pip install awscli\n",
    "a tag that moves": "FROM node:22-alpine\nRUN apk add python3 py3-pip && pip3 install awscli\n",
    "by module": "FROM debian:13\nRUN apt-get install -y python3-pip && python3 -m pip install -U pip\n",
    "its own version": "FROM debian:12\nRUN apt-get install -y python3-pip && python3.11 -m pip install flask\n",
    "for a user": "FROM debian:12\nRUN apt-get install -y python3-pip\nUSER 1000\nRUN pip install --user flask\n",
    "from below": "FROM debian:12 AS a\nRUN apt-get install -y python3-pip\nFROM a\nRUN pip install flask\n",
    "a link to itself": (
        "FROM debian:12\nRUN apt-get install -y python3-pip && ln -s python3 /usr/bin/python\nRUN pip install flask\n"
    ),
    "a folder in PATH": (
        "FROM debian:12\nENV PATH=/root/.local/bin:$PATH\nRUN apt-get install -y python3-pip && pip install flask\n"
    ),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_pip_refuses(text):
    assert shown_levels("managed-python-install", text) == ["error"]


ALLOWED = {
    "an older release": "FROM debian:11\nRUN apt-get install -y python3-pip && pip3 install flask\n",
    "a frozen tag": "FROM node:18.12-alpine\nRUN apk add py3-pip && pip3 install flask\n",
    "python's own image": "FROM python:3.13-bookworm\nRUN apt-get install -y python3-pip && pip install flask\n",
    "an unknown image": "FROM example.com/debian:12\nRUN apt-get install -y python3-pip && pip install flask\n",
    "no pip of the distribution": "FROM debian:12\nRUN pip install flask\n",
    "by option": "FROM debian:12\nRUN apt-get install -y python3-pip && pip install --break-system-packages flask\n",
    "by variable": (
        "FROM debian:12\nENV PIP_BREAK_SYSTEM_PACKAGES=1\nRUN apt-get install -y python3-pip && pip install flask\n"
    ),
    "by a setting": (
        "FROM debian:12\nRUN apt-get install -y python3-pip && pip config set global.break-system-packages true\n"
        "RUN pip install flask\n"
    ),
    "by a file": "FROM debian:12\nCOPY pip.conf /etc/\nRUN apt-get install -y python3-pip && pip install flask\n",
    "the mark is removed": (
        "FROM debian:12\nRUN apt-get install -y python3-pip && rm /usr/lib/python3.*/EXTERNALLY-MANAGED\n"
        "RUN pip install flask\n"
    ),
    "elsewhere": "FROM debian:12\nRUN apt-get install -y python3-pip && pip install -t /lib/app flask\n",
    "a prefix": "FROM debian:12\nRUN apt-get install -y python3-pip && pip install --prefix=/opt/x flask\n",
    "a virtual environment": (
        "FROM debian:12\nRUN apt-get install -y python3-pip python3-venv && python3 -m venv /v\nENV PATH=/v/bin:$PATH\n"
        "RUN pip install flask\n"
    ),
    "its pip": "FROM debian:12\nRUN apt-get install -y python3-pip\nRUN /opt/app/bin/pip install flask\n",
    "another python": (
        "FROM ubuntu:24.04\nRUN apt-get install -y python3-pip python3.11 && python3.11 -m pip install flask\n"
    ),
    "a copied python": (
        "FROM debian:12\nCOPY --from=python:3.13 /usr/local /usr/local\nRUN apt-get install -y python3-pip\n"
        "RUN pip install flask\n"
    ),
    "a linked python": (
        "FROM debian:12\nRUN apt-get install -y python3-pip && ln -sf /opt/py/bin/python3 /usr/local/bin/python3\n"
        "RUN pip install flask\n"
    ),
    "an unknown script": "FROM debian:12\nCOPY s /\nRUN apt-get install -y python3-pip && /s\nRUN pip install flask\n",
    "somebody looks at it": "FROM debian:12\nRUN apt-get install -y python3-pip && pip install flask || true\n",
    "in a branch": "FROM debian:12\nRUN apt-get install -y python3-pip\nRUN if [ $A ]; then pip install flask; fi\n",
    "options nobody knows": (
        "FROM debian:12\nARG PIP_OPTS\nRUN apt-get install -y python3-pip && pip install $PIP_OPTS flask\n"
    ),
    "a download": "FROM debian:12\nRUN apt-get install -y python3-pip && pip download flask\n",
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED.keys())
def test_pip_may(text):
    assert shown("managed-python-install", text) == []


# --- retired-command ---

RETIRED = {
    "apt-key": ("FROM ubuntu:22.04\nRUN curl -f a.io/k | apt-key add -\n", "info"),
    "apt-key is gone": ("FROM debian:13\nRUN curl -f a.io/k | apt-key add -\n", "error"),
    "apt-key of the newest": ("FROM debian:trixie-slim\nRUN apt-key adv --recv-keys 1\n", "error"),
    "apt-key, looked at": ("FROM debian:13\nRUN apt-key add k || true\n", "warning"),
    "apt-key, nobody knows": ("FROM registry.example.com/a\nRUN apt-key add k\n", "warning"),
    "go get": ("FROM registry.example.com/go\nRUN go get -u example.com/a/b\n", "warning"),
    "go get is gone": ("FROM golang:1.25-alpine\nRUN go get example.com/a/b\n", "error"),
    "easy_install": ("FROM debian:9\nRUN easy_install supervisor\n", "warning"),
    "setup.py": ("FROM python:3.13\nRUN python setup.py install\n", "warning"),
    "poetry": ("FROM python:3.13\nRUN pip install poetry==1.8.3 && poetry install --no-dev\n", "warning"),
    "poetry is gone": ("FROM python:3.13\nRUN pip install poetry==2.1.0 && poetry install --no-dev\n", "error"),
    "poetry by variable": (
        "FROM python:3.13\nENV POETRY_VERSION=2.0.1\nRUN pip install poetry\nRUN poetry install --no-dev\n",
        "error",
    ),
    "npm": ("FROM node:22\nRUN npm install --production\n", "warning"),
    "npm in two words": ("FROM node:22\nRUN npm ci --only production\n", "warning"),
    "bundle": ("FROM ruby:3.4\nRUN bundle install --deployment\n", "warning"),
    "composer": ("FROM composer:2\nRUN composer install --no-suggest\n", "warning"),
    "pip": ("FROM python:3.13\nRUN pip install --install-option=x a\n", "warning"),
    "dnf": ("FROM fedora:42\nRUN dnf config-manager --add-repo https://a.io/a.repo\n", "error"),
    "corepack": ("FROM node:25\nRUN corepack enable\n", "error"),
}


@pytest.mark.parametrize(("text", "level"), RETIRED.values(), ids=RETIRED.keys())
def test_retired(text, level):
    assert shown_levels("retired-command", text) == [level]


NOT_RETIRED = {
    "an old npm": "FROM node:12-alpine\nRUN npm ci --production\n",
    "an old go": "FROM golang:1.13\nRUN go get -u example.com/a/b\n",
    "an old poetry": "FROM python:3.8\nRUN pip install poetry==1.1.15 && poetry install --no-dev\n",
    "an old bundler": "FROM ruby:2.5\nRUN gem install bundler -v 1.17.3 && bundle install --without test\n",
    "an old composer": "FROM composer:1\nRUN composer install --no-suggest\n",
    "an older fedora": "FROM fedora:40\nRUN dnf config-manager --add-repo https://a.io/a.repo\n",
    "another dnf": "FROM rockylinux:9\nRUN dnf config-manager --add-repo https://a.io/a.repo\n",
    "corepack that is there": "FROM node:22\nRUN corepack enable\n",
    "corepack that was installed": "FROM node:25\nRUN npm install -g corepack && corepack enable\n",
    "a module": "FROM golang:1.26\nCOPY go.mod .\nRUN go get example.com/a/b@v1\n",
    "a new module": "FROM golang:1.26\nRUN go mod init x && go get example.com/a/b\n",
    "dependencies": "FROM golang:1.26\nRUN go get -d -v ./...\n",
    "the old way": "FROM golang:1.21\nENV GO111MODULE=off\nRUN go get example.com/a/b\n",
    "production off": "FROM node:22\nRUN npm ci --production=false\n",
    "another setup": "FROM python:3.13\nRUN python setup.py build_ext --inplace && pip install .\n",
    "its name": "FROM debian:13\nRUN apt-get install -y apt-key && echo easy_install\n",
}


@pytest.mark.parametrize("text", NOT_RETIRED.values(), ids=NOT_RETIRED.keys())
def test_not_retired(text):
    assert findings("retired-command", text) == []


REPLACED = {
    "npm": ("FROM node:22\nRUN npm ci --only production\n", "RUN npm ci --omit=dev\n"),
    "poetry": ("FROM python:3.13\nRUN poetry install --no-dev -n\n", "RUN poetry install --only main -n\n"),
    "go": ("FROM golang:1.26\nRUN go get -u a.io/b\n", "RUN go install a.io/b@latest\n"),
    "go with a version": ("FROM golang:1.26\nRUN go get a.io/b@v2\n", "RUN go install a.io/b@v2\n"),
    "setup.py": ("FROM python:3.13\nRUN python3 setup.py install\n", "RUN python3 -m pip install .\n"),
    "bundle": (
        "FROM ruby:3.4\nRUN bundle install --without development test -j4\n",
        "ENV BUNDLE_WITHOUT=development:test\nRUN bundle install -j4\n",
    ),
    "bundle twice": (
        "FROM ruby:3.4\nRUN bundle install --deployment --path vendor/bundle\n",
        "RUN bundle install\n",
    ),
    "dnf": (
        "FROM fedora:43\nRUN dnf config-manager --add-repo https://a.io/a.repo\n",
        "RUN dnf config-manager addrepo --from-repofile=https://a.io/a.repo\n",
    ),
    "corepack": ("FROM node:25\nRUN corepack enable\n", "RUN npm install -g corepack && corepack enable\n"),
    "composer": ("FROM composer:2\nRUN composer install --no-suggest -n\n", "RUN composer install -n\n"),
    "easy_install": ("FROM debian:9\nRUN easy_install supervisor\n", "RUN pip install supervisor\n"),
}


@pytest.mark.parametrize(("text", "ending"), REPLACED.values(), ids=REPLACED.keys())
def test_replaced(text, ending):
    result = fixed("retired-command", text)
    assert result.endswith(ending)
    assert findings("retired-command", result) == []


KEPT = {
    "options of setup.py": "FROM python:3.13\nRUN python setup.py install --prefix=/opt\n",
    "several modules": "FROM golang:1.26\nRUN go get a.io/b c.io/d\n",
    "libraries": "FROM golang:1.26\nRUN go get a.io/b\nRUN go build -o /x x.go\n",
    "groups nobody knows": "FROM ruby:3.4\nARG G\nRUN bundle install --without $G\n",
    "a repository without a file": "FROM fedora:43\nRUN dnf config-manager --add-repo https://a.io/\n",
    "apt-key": "FROM debian:13\nRUN apt-key add k\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_retired_without_a_fix(text):
    assert shown("retired-command", text)
    assert fixed("retired-command", text) == text


def test_codes_of_bundler_flags():
    text = "FROM ruby:3.4\nRUN bundle install --deployment\nRUN apt-key add k\n"
    assert codes("retired-command", text) == {"tally:ruby/deprecated-bundler-install-flags"}
