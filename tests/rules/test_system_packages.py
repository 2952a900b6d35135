"""System packages: recommended ones, stale indexes, questions, upgrades."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, codes, findings, fixed, shown, shown_levels

# --- recommended-packages ---


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
    assert len(shown("recommended-packages", text)) == 1


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
    assert shown("recommended-packages", text) == []


def test_recommended_is_shown_once_a_stage():
    text = "FROM debian\nRUN apt-get install -y jq && apt-get install -y vim\nRUN apt-get install -y nano\n"
    assert [each.severity for each in findings("recommended-packages", text)] == ["info", "style", "style"]


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
    assert (findings("recommended-packages", text)[0].fix is not None) is is_fixed


def test_recommended_in_a_builder_is_style():
    text = "FROM debian AS a\nRUN apt-get install -y curl\nFROM scratch\nCOPY --from=a /x /x\n"
    (finding,) = findings("recommended-packages", text)
    assert (finding.severity, finding.fix) == ("style", None)
    assert "DL3015" in finding.aliases


# --- stale-package-index ---


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
    assert shown_levels("stale-package-index", text) == ["warning"]


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
    assert shown_levels("stale-package-index", text) == ["error"]


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
    assert shown_levels("stale-package-index", text) == []


def test_a_refresh_is_joined_with_its_install():
    text = "FROM debian\nRUN apt-get update\n# tools\nRUN apt-get install -y curl\n"
    assert fixed("stale-package-index", text, unsafe=False) == (
        "FROM debian\nRUN apt-get update \\\n# tools\n    && apt-get install -y curl\n"
    )


def test_a_refresh_is_moved_to_its_install():
    text = "FROM debian\nRUN echo x > /y && apt-get update\nCOPY a b\nRUN apt-get install -y curl\n"
    assert fixed("stale-package-index", text, unsafe=False) == text
    assert fixed("stale-package-index", text) == (
        "FROM debian\nRUN echo x > /y\nCOPY a b\nRUN apt-get update && apt-get install -y curl\n"
    )


def test_a_refresh_with_a_comment_is_not_moved():
    text = "FROM debian\nRUN apt-get update # index\nCOPY a b\nRUN apt-get install -y curl\n"
    assert fixed("stale-package-index", text) == text


def test_the_pair_is_one_finding():
    text = "FROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n"
    shown = [
        finding.rule
        for finding in Bench(RULES["stale-package-index"], RULES["unmerged-run"]).findings(text)
        if finding.severity != "style"
    ]
    assert shown == ["stale-package-index"]


# --- interactive-command ---


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
    assert [finding.severity for finding in shown("interactive-command", text)] == ["warning"]


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
    assert shown("interactive-command", text) == []


def test_the_answer_stands_behind_the_verb():
    assert fixed("interactive-command", "FROM debian\nRUN apt-get -q install curl\n", unsafe=False) == (
        "FROM debian\nRUN apt-get -q install -y curl\n"
    )
    assert fixed("interactive-command", "FROM opensuse/leap\nRUN zypper verify\n", unsafe=False) == (
        "FROM opensuse/leap\nRUN zypper --non-interactive verify\n"
    )
    assert fixed("interactive-command", "FROM archlinux\nRUN pacman -S git\n", unsafe=False) == (
        "FROM archlinux\nRUN pacman -S --noconfirm git\n"
    )


def test_a_text_for_another_shell_is_not_edited():
    text = 'FROM debian\nRUN sh -c "apt-get install curl"\n'
    (finding,) = shown("interactive-command", text)
    assert finding.fix is None


def test_codes_of_questions():
    assert "DL3014" in codes("interactive-command", "FROM debian\nRUN apt-get install curl\n")
    assert codes("interactive-command", "FROM debian\nRUN apt-get remove curl\n") == set()
    assert codes("interactive-command", "FROM debian\nRUN apt install curl\n") == set()
    assert codes("interactive-command", "FROM opensuse/leap\nRUN zypper rm git\n") == {"DL3034"}
    assert "DL3038" in codes("interactive-command", "FROM ubi9\nRUN microdnf install git\n")


# --- system-upgrade ---


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FROM debian\nRUN apt-get -q dist-upgrade\n", "DS-0024"),
        ("FROM opensuse/leap\nRUN zypper dup\n", "DL3035"),
        ("FROM debian\nRUN apt-get full-upgrade -y\n", "DKL-DI-0003"),
    ],
)
def test_another_system(text, code):
    (finding,) = shown("system-upgrade", text)
    assert finding.severity == "info"
    assert code in finding.aliases


def test_a_plain_upgrade_is_style():
    for text, code in (
        ("FROM debian\nRUN apt-get update && apt-get upgrade -y\n", "semgrep:avoid-apt-get-upgrade"),
        ("FROM alpine\nRUN apk upgrade\n", "semgrep:avoid-apk-upgrade"),
        ("FROM centos:7\nRUN yum update -y\n", "semgrep:avoid-yum-update"),
        ("FROM fedora\nRUN dnf update -y\n", "DS-0017"),
    ):
        (finding,) = findings("system-upgrade", text)
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
    assert findings("system-upgrade", text) == []


def test_an_update_with_an_install_behind_it_does_not_stand_alone():
    assert "DS-0017" not in codes("system-upgrade", "FROM fedora\nRUN dnf update -y && dnf install -y git\n")


# --- all rules about packages ---


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
