"""Readings in which dfadvise and other tools differ (docs/differences.md), and those in which they must not."""

from __future__ import annotations

import pytest

from dfadvise import packs
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}
BASE = "FROM debian:12\n"


def codes(rule: str, text: str) -> set[str]:
    return {alias for finding in Bench(RULES[rule]).findings(text) for alias in finding.aliases}


@pytest.mark.parametrize(
    "second",
    [
        pytest.param("touch /b", id="a command"),
        pytest.param("if [ -f /a ]; then touch /b; fi", id="a condition"),
        pytest.param("find /a -name x -exec strip {} ';' -exec cp {} /b ';'", id="what find runs"),
        pytest.param("sh -c 'touch /b && touch /c'", id="what a shell runs"),
    ],
)
def test_one_command_is_told_to_join(second: str) -> None:
    assert "DL3059" in codes("unmerged-run", f"{BASE}RUN touch /a\nRUN {second}\n")


@pytest.mark.parametrize(
    "second",
    [
        pytest.param("touch /b && touch /c", id="a chain"),
        pytest.param("if [ -f /a ]; then touch /b; touch /c; fi", id="two in a branch"),
        pytest.param("touch $(mktemp)", id="a substitution"),
        pytest.param("echo b | tee /b", id="a pipe"),
    ],
)
def test_more_than_one_command_is_not(second: str) -> None:
    assert "DL3059" not in codes("unmerged-run", f"{BASE}RUN touch /a\nRUN {second}\n")


@pytest.mark.parametrize(
    ("second", "told"),
    [
        pytest.param("mkdir C:\\b", True, id="a command"),
        pytest.param('setx PATH "%PATH%;C:\\b"', True, id="a separator in quotes"),
        pytest.param("Write-Host b; Write-Host c", False, id="two statements"),
        pytest.param("New-Item b | Out-Null", False, id="a pipe"),
    ],
)
def test_windows_text_is_one_command_without_a_separator(second: str, told: bool) -> None:
    text = f'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell"]\nRUN mkdir C:\\a\nRUN {second}\n'
    assert ("DL3059" in codes("unmerged-run", text)) is told


@pytest.mark.parametrize(
    ("command", "told"),
    [
        pytest.param("pip install wheel", True, id="a package"),
        pytest.param("/venv/bin/pip install wheel", True, id="pip by its path"),
        pytest.param("bash -c 'pip install wheel'", True, id="in a shell's text"),
        pytest.param("find /w -name '*.whl' -exec pip install {} ';'", False, id="what find found"),
        pytest.param("find /w -name '*.whl' -exec pip install {}[all] ';'", False, id="what find found, with extras"),
        pytest.param("ls /w | xargs -I{} pip install {}", False, id="what xargs got"),
    ],
)
def test_a_place_for_a_name_is_no_package(command: str, told: bool) -> None:
    assert ("DL3013" in codes("unpinned-package", f"FROM python:3.13\nRUN {command}\n")) is told


@pytest.mark.parametrize(
    ("rule", "code", "text"),
    [
        pytest.param(
            "unpinned-package",
            "DL3041",
            "FROM fedora:42 AS a\nENV V=2.51.0\nFROM fedora:42\nRUN dnf -y install git-core-${V}\n",
            id="a variable that the base may set",
        ),
        pytest.param(
            "package-cache-left",
            "DL3009",
            f"{BASE}RUN apt-get update && apt-get install -y curl && apt-get dist-clean\n",
            id="dist-clean empties the lists",
        ),
        pytest.param(
            "package-cache-left",
            "DL3019",
            "FROM alpine:3.22\nRUN apk add --update curl && rm -rf /var/cache/apk/*\n",
            id="apk's cache is removed",
        ),
        pytest.param(
            "package-cache-left",
            "DL3036",
            "FROM opensuse/leap:16.0\nRUN zypper install -y curl && rm -rf /var/cache/zypp/*\n",
            id="zypper's cache is removed",
        ),
        pytest.param(
            "unresolvable-stage-reference",
            "DL3022",
            f"{BASE}COPY --from=webdevops/toolbox /bin/x /bin/\n",
            id="an image to copy from",
        ),
        pytest.param(
            "sparse-lastlog",
            "DL3046",
            f"{BASE}ENV APP_USER_ID=999\nRUN useradd -u $APP_USER_ID app\n",
            id="the value counts, not the name's length",
        ),
        pytest.param(
            "missing-pipefail",
            "DL4006",
            f'{BASE}SHELL ["/bin/bash", "-c"]\nRUN set -eo pipefail; ls | wc -l\n',
            id="pipefail by set",
        ),
        pytest.param(
            "constant-platform",
            "DL3029",
            "FROM --platform=linux/arm64 debian:12 AS build-arm64\n",
            id="a stage named by its architecture",
        ),
        pytest.param(
            "relative-path",
            "WorkdirRelativePath",
            "FROM mcr.microsoft.com/windows:1909\nWORKDIR C:/App\n",
            id="a drive on Windows",
        ),
        pytest.param(
            "admin-port",
            "sonar:S6473",
            f"{BASE}EXPOSE 100\n",
            id="a port that only another tool's settings forbid",
        ),
    ],
)
def test_what_others_say_and_dfadvise_does_not(rule: str, code: str, text: str) -> None:
    assert code not in codes(rule, text)


@pytest.mark.parametrize(
    ("rule", "code", "text"),
    [
        pytest.param(
            "latest-base-image", "DL3006", "ARG BASE=quay.io/a/b\nFROM $BASE\n", id="the default of an ARG has no tag"
        ),
        pytest.param(
            "latest-base-image", "DL3007", "ARG TAG=latest\nFROM debian:$TAG\n", id="the default of an ARG is latest"
        ),
        pytest.param("directory-change", "DL3003", f"{BASE}ONBUILD RUN cd /a && make\n", id="below ONBUILD"),
        pytest.param(
            "package-cache-left",
            "DL3032",
            "FROM rockylinux:9\nRUN yum install -y curl && rm -rf /var/yum/cache/*\n",
            id="not yum's cache",
        ),
        pytest.param(
            "package-cache-left",
            "DL3040",
            "FROM redhat/ubi9-minimal:9.6\nRUN microdnf install -y jq && rm -rf /tmp/build\n",
            id="another folder removed",
        ),
        pytest.param("package-cache-left", "DL3060", "FROM node:22\nRUN yarn\n", id="yarn alone installs"),
        pytest.param(
            "unpinned-package", "DL3028", "FROM ruby:3.4\nRUN gem install --no-document fpm\n", id="an option of gem"
        ),
        pytest.param("replaced-sh", "DL4005", f'{BASE}RUN ["/busybox/ln", "-s", "/busybox/sh", "/bin/sh"]\n', id="ln"),
        pytest.param(
            "root-user",
            "DL3002",
            "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nUSER ContainerAdministrator\nCMD a.exe\n",
            id="the root of Windows",
        ),
        pytest.param(
            "undefined-variable", "DL3044", f'{BASE}ENV A=1 B="${{A:-2}}"\n', id="the old value behind an operator"
        ),
    ],
)
def test_what_dfadvise_says_and_others_do_not(rule: str, code: str, text: str) -> None:
    assert code in codes(rule, text)
