"""Packages that are there already, that nobody needs, that bring others along."""

import pytest

from rule_answers import codes, findings, fixed, shown, shown_levels, shown_under

# --- redundant-package ---

REDUNDANT = {
    "of the full image": ("FROM python:3.13\nRUN apt-get install -y git graphviz\n", ["git"]),
    "without a tag": ("FROM node\nRUN apt-get install -y curl\n", ["curl"]),
    "a second node": ("FROM node:22-alpine\nRUN apk add --no-cache nodejs\n", ["nodejs"]),
    "a second java": ("FROM eclipse-temurin:21\nRUN apt-get install -y openjdk-21-jdk\n", ["openjdk-21-jdk"]),
    "twice in a chain": ("FROM debian:13\nRUN apt-get install -y jq\nRUN apt-get install -y jq\n", ["jq"]),
    "twice in a command": ("FROM debian:13\nRUN apt-get install -y jq vim jq\n", ["jq"]),
    "by the stage below": (
        "FROM debian:13 AS base\nRUN apt-get install -y jq\nFROM base\nRUN apt-get install -y jq tree\n",
        ["jq"],
    ),
    "dnf": ("FROM fedora:43\nRUN dnf install -y jq && dnf install -y tree jq\n", ["jq"]),
    "of CUDA": (
        "FROM nvidia/cuda:12.6.3-devel-ubuntu24.04\nRUN apt-get install -y cuda-toolkit-12-6 cuda-toolkit-12-4 ninja\n",
        ["cuda-toolkit-12-6"],
    ),
    "bundler": ("FROM ruby:3.4-slim\nRUN gem install --no-document bundler\n", ["bundler"]),
}


@pytest.mark.parametrize(("text", "words"), REDUNDANT.values(), ids=REDUNDANT.keys())
def test_redundant(text, words):
    assert shown_under("redundant-package", text) == words


NEEDED = {
    "slim has none": "FROM python:3.13-slim\nRUN apt-get install -y curl git\n",
    "alpine has none": "FROM node:22-alpine\nRUN apk add --no-cache git curl\n",
    "an unknown base": "FROM registry.example.com/python:3.13\nRUN apt-get install -y git\n",
    "an unknown tag": "ARG V\nFROM python:$V\nRUN apt-get install -y git\n",
    "a version": "FROM debian:13\nRUN apt-get install -y jq\nRUN apt-get install -y jq=1.7.1-6\n",
    "another release": "FROM python:3.13\nRUN apt-get install -y -t trixie-backports git\n",
    "another architecture": "FROM python:3.13\nRUN apt-get install -y libssl-dev:arm64\n",
    "removed": "FROM debian:13\nRUN apt-get install -y jq && apt-get purge -y jq\nRUN apt-get install -y jq\n",
    "a group removed": (
        "FROM alpine:3.22\nRUN apk add --no-cache -t .deps gcc && apk del .deps\nRUN apk add --no-cache gcc\n"
    ),
    "a new repository": (
        "FROM ubuntu:24.04\nRUN apt-get install -y git\n"
        "RUN add-apt-repository -y ppa:git-core/ppa && apt-get update && apt-get install -y git\n"
    ),
    "a repository by a script": (
        "FROM debian:13\nRUN apt-get install -y nodejs\n"
        "RUN curl -fsSL https://deb.nodesource.com/setup_22.x | bash - && apt-get install -y nodejs\n"
    ),
    "a repository by hand": (
        "FROM debian:13\nRUN apt-get install -y nginx\n"
        "RUN echo 'deb https://nginx.org/packages trixie nginx' > /etc/apt/sources.list.d/n.list\n"
        "RUN apt-get update && apt-get install -y nginx\n"
    ),
    "an upgrade of it": "FROM alpine:3.22\nRUN apk add openssl && apk upgrade openssl\n",
    "perhaps": "FROM debian:13\nRUN if [ -n $X ]; then apt-get install -y jq; fi\nRUN apt-get install -y jq\n",
    "another stage": "FROM debian:13 AS a\nRUN apt-get install -y jq\nFROM debian:13\nRUN apt-get install -y jq\n",
    "a dry run": "FROM debian:13\nRUN apt-get install -s -y jq\nRUN apt-get install -y jq\n",
    "build dependencies of it": "FROM debian:13\nRUN apt-get install -y jq && apt-get build-dep -y jq\n",
    "another CUDA": "FROM nvidia/cuda:12.6.3-runtime-ubuntu24.04\nRUN apt-get install -y cuda-nvcc-12-6\n",
    "another image's bundler": "FROM debian:13\nRUN gem install bundler\n",
}


@pytest.mark.parametrize("text", NEEDED.values(), ids=NEEDED.keys())
def test_not_redundant(text):
    assert shown_under("redundant-package", text) == []


def test_a_second_python_gets_no_fix():
    text = "FROM python:3.13-slim\nRUN apt-get install -y python3-dev gcc\n"
    (finding,) = shown("redundant-package", text)
    assert "comes a second time" in finding.message
    assert fixed("redundant-package", text) == text


def test_the_last_package_stays():
    text = "FROM python:3.13\nRUN apt-get install -y git\n"
    assert fixed("redundant-package", text) == text


def test_a_word_of_a_list_over_lines_goes():
    text = "FROM python:3.13\nRUN apt-get install -y \\\n    git \\\n    graphviz\n"
    assert fixed("redundant-package", text) == "FROM python:3.13\nRUN apt-get install -y \\\n    graphviz\n"


def test_a_pinned_bundler_is_style():
    text = "FROM ruby:3.4\nRUN gem install bundler:2.6.2 && gem install bundler -v 2.5\n"
    assert shown("redundant-package", text) == []
    assert codes("redundant-package", text) == {"tally:ruby/redundant-bundler-install"}


def test_curl_and_wget():
    both = {"DL4001", "DS-0014", "kics:fc775e75", "semgrep:use-either-wget-or-curl"}
    text = "FROM debian:13\nRUN wget a.io/b\nRUN true\nRUN curl a.io/b && wget a.io/c\nRUN wget a.io/d\n"
    found = findings("redundant-package", text)
    assert [each.instruction.line for each in found] == [4, 5]
    assert {each.severity for each in found} == {"style"}
    assert codes("redundant-package", text) == both
    assert codes("redundant-package", "FROM debian:13\nONBUILD RUN wget a.io/b\nONBUILD RUN curl a.io/b\n") == both
    for quiet in (
        "FROM debian:13\nRUN wget a.io/b\nFROM debian:13\nRUN curl a.io/b\n",
        "FROM debian:13\nRUN apt-get install -y curl wget && curl a.io/b\n",
        "FROM debian:13\nRUN wget a.io/b\nHEALTHCHECK CMD curl localhost\n",
    ):
        assert codes("redundant-package", quiet) == set()


# --- needless-package ---


def test_needless_packages_are_told_once_a_command():
    text = 'FROM debian:13\nRUN apt-get install -y vim=2:9.1 curl tcpdump\nCMD ["curl"]\n'
    (finding,) = shown("needless-package", text)
    assert finding.message == "vim and tcpdump are tools for a person at a terminal"
    assert finding.aliases == ()


def test_host_packages():
    text = (
        "FROM nvidia/cuda:12.6.3-base-ubuntu24.04\nRUN apt-get install -y nvidia-container-toolkit nvidia-driver-550\n"
    )
    (finding,) = shown("needless-package", text)
    assert finding.message == "nvidia-container-toolkit and nvidia-driver-550 work only on a host"
    assert finding.aliases == ("tally:gpu/no-container-runtime-in-image",)
    assert codes("needless-package", 'FROM debian:13\nRUN apt-get install -y grub2-common\nCMD ["x"]\n') == set()


USEFUL = {
    "a stage to debug in": "FROM debian:13 AS debug\nRUN apt-get install -y gdb strace\n",
    "a stage that does not ship": "FROM debian:13 AS b\nRUN apt-get install -y vim\nFROM scratch\nCOPY --from=b /a /\n",
    "the container runs it": 'FROM debian:13\nRUN apt-get install -y openssh-server\nCMD ["/usr/sbin/sshd", "-D"]\n',
    "a service": "FROM debian:13\nRUN apt-get install -y openssh-server\nCMD service ssh start && sleep inf\n",
    "its port": 'FROM debian:13\nRUN apt-get install -y openssh-server\nEXPOSE 22\nCMD ["/start.sh"]\n',
    "it is set up": "FROM debian:13\nRUN apt-get install -y sudo\nRUN echo 'a' > /etc/sudoers.d/a\nCMD [\"a\"]\n",
    "the build uses it": 'FROM debian:13\nRUN apt-get install -y gdb && gdb --version\nCMD ["a"]\n',
    "the health check uses it": (
        'FROM debian:13\nRUN apt-get install -y telnet\nHEALTHCHECK CMD telnet localhost 25 </dev/null\nCMD ["a"]\n'
    ),
    "removed": 'FROM debian:13\nRUN apt-get install -y vim && make && apt-get remove -y vim\nCMD ["a"]\n',
    "a shell to work in": 'FROM debian:13\nRUN apt-get install -y vim tmux\nCMD ["bash"]\n',
    "a workplace": "FROM mcr.microsoft.com/devcontainers/base:debian\nRUN apt-get install -y vim\n",
    "of a language": 'FROM python:3.13\nRUN pip install nano\nCMD ["a"]\n',
    "another package": 'FROM debian:13\nRUN apt-get install -y vim-common libnmap-dev\nCMD ["a"]\n',
}


@pytest.mark.parametrize("text", USEFUL.values(), ids=USEFUL.keys())
def test_not_needless(text):
    assert shown("needless-package", text) == []


# --- package-extras-shipped ---

EXTRAS = {
    "gem": "FROM debian:13\nRUN gem install rake:13.0.6\n",
    "microdnf": "FROM registry.access.redhat.com/ubi9-minimal:9.6\nRUN microdnf install -y jq\n",
    "dnf": "FROM registry.access.redhat.com/ubi9:9.6\nRUN dnf install -y jq\n",
    "a package of documents": "FROM alpine:3.22\nRUN apk add --no-cache git-doc\n",
    "pip": "FROM python:3.13\nRUN pip install flask==3.1\n",
}


@pytest.mark.parametrize("text", EXTRAS.values(), ids=EXTRAS.keys())
def test_extras(text):
    assert shown_levels("package-extras-shipped", text) == ["info"]


NO_EXTRAS = {
    "gem, short": "FROM debian:13\nRUN gem install -N rake\n",
    "gem, old": "FROM debian:13\nRUN gem install --no-ri --no-rdoc rake\n",
    "gem, in Ruby's image": "FROM ruby:3.4\nRUN gem install rake\n",
    "gem, by a file": "FROM debian:13\nRUN echo 'gem: --no-document' >> ~/.gemrc && gem install rake\n",
    "dnf, by option": "FROM registry.access.redhat.com/ubi9:9.6\nRUN dnf install -y --setopt=tsflags=nodocs jq\n",
    "dnf, for good": (
        "FROM registry.access.redhat.com/ubi9:9.6\nRUN echo tsflags=nodocs >> /etc/dnf/dnf.conf\n"
        "RUN dnf install -y jq\n"
    ),
    "Fedora is set so": "FROM fedora:43\nRUN dnf install -y jq\n",
    "nothing installed": "FROM registry.access.redhat.com/ubi9:9.6\nRUN dnf module enable -y nodejs:22\n",
    "pip": "FROM python:3.13\nRUN pip install --no-compile flask\n",
    "pip, by variable": "FROM python:3.13\nENV PIP_NO_COMPILE=1\nRUN pip install flask\n",
    "a builder": "FROM python:3.13 AS b\nRUN pip install flask\nFROM scratch\nCOPY --from=b /a /\n",
}


@pytest.mark.parametrize("text", NO_EXTRAS.values(), ids=NO_EXTRAS.keys())
def test_no_extras(text):
    assert shown("package-extras-shipped", text) == []


def test_options_stand_behind_the_verb():
    rule = "package-extras-shipped"
    assert "gem install --no-document rake" in fixed(rule, "FROM debian:13\nRUN gem install rake\n", unsafe=False)
    text = "FROM registry.access.redhat.com/ubi9:9.6\nRUN dnf -y install jq\n"
    assert "dnf -y install --setopt=tsflags=nodocs jq" in fixed(rule, text, unsafe=False)
    unknown = "FROM registry.example.com/base\nRUN gem install rake\n"
    assert fixed(rule, unknown) == unknown
