"""Pipes, the shell that runs them, and words that it does not know."""

import pytest

from rule_answers import codes, findings, fixed, marks

# --- missing-pipefail ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM debian:12\nRUN curl a | sh\n", ("warning", "curl"), id="download"),
        pytest.param("FROM debian:12\nRUN echo a | curl b | sh\n", ("warning", "curl"), id="in the middle"),
        pytest.param("FROM debian:12\nRUN true && echo b | sha256sum -c -\n", ("style", "echo"), id="only echo"),
        pytest.param("FROM debian:12\nRUN yes | apt-get install a\n", ("style", "yes"), id="yes"),
        pytest.param("FROM debian:12\nRUN { echo a; echo b; } | tee c\n", ("style", "echo"), id="echo in a group"),
        pytest.param("FROM debian:12\nRUN { curl a; echo b; } | tee c\n", ("warning", "curl"), id="curl in a group"),
        pytest.param("FROM debian:12\nRUN if curl a | grep -q b; then c; fi\n", ("style", "curl"), id="a question"),
        pytest.param("FROM debian:12\nRUN curl a | grep b\n", ("style", "curl"), id="seen by grep"),
        pytest.param("FROM debian:12\nRUN curl a | grep -v b\n", ("warning", "curl"), id="not seen by grep -v"),
        pytest.param("FROM debian:12\nRUN v=$(curl a | jq .b) && c\n", ("warning", "curl"), id="assigned"),
        pytest.param("FROM debian:12\nRUN echo $(curl a | jq .b)\n", ("style", "curl"), id="lost anyway"),
        pytest.param("FROM debian:12\nRUN curl a | sh || exit 1\n", ("warning", "curl"), id="looked at too late"),
        pytest.param('FROM debian:12\nRUN ["sh", "-c", "curl a | sh"]\n', ("warning", "curl"), id="exec form"),
        pytest.param("FROM debian:12\nRUN bash -c 'curl a | sh'\n", ("warning", "curl"), id="in bash -c"),
        pytest.param("FROM debian:12\nRUN <<EOF\ncurl a | sh\nEOF\n", ("warning", "curl"), id="heredoc"),
        pytest.param("FROM debian:12\nRUN a | b; set -o pipefail\n", ("warning", "a"), id="set too late"),
        pytest.param("FROM debian:12\nONBUILD RUN curl a | sh\n", ("warning", "curl"), id="ONBUILD"),
        pytest.param('FROM debian:12\nSHELL ["/bin/bash", "-c"]\nRUN curl a | sh\n', ("warning", "curl"), id="SHELL"),
        pytest.param("FROM debian:12\nRUN set -o pipefail && sh -c 'curl a | sh'\n", ("warning", "curl"), id="inner"),
    ],
)
def test_pipe_without_pipefail(text, expected):
    assert marks("missing-pipefail", text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM debian:12\nRUN curl a || sh\n", id="no pipe"),
        pytest.param("FROM debian:12\nRUN echo 'a | b'\n", id="quoted"),
        pytest.param("FROM debian:12\nRUN curl a | sh || true\n", id="ignored on purpose"),
        pytest.param("FROM debian:12\nRUN curl a | sh || :\n", id="ignored by a colon"),
        pytest.param("FROM debian:12\nRUN bash -o pipefail -c 'curl a | sh'\n", id="bash -o pipefail"),
        pytest.param("FROM debian:12\nRUN bash -eo pipefail -c 'curl a | sh'\n", id="bash -eo pipefail"),
        pytest.param("FROM debian:12\nRUN set -eux -o pipefail; curl a | sh\n", id="set -o"),
        pytest.param('FROM a\nSHELL ["/bin/ash", "-eo", "pipefail", "-c"]\nRUN curl a | sh\n', id="SHELL"),
        pytest.param('FROM a AS b\nSHELL ["bash", "-o", "pipefail", "-c"]\nFROM b\nRUN curl a | sh\n', id="inherited"),
        pytest.param('FROM a\nSHELL ["pwsh", "-c"]\nRUN Get-Item a | Out-Null\n', id="PowerShell"),
        pytest.param("FROM mcr.microsoft.com/windows/servercore:1\nRUN dir | find a\n", id="cmd"),
        pytest.param("# hadolint shell=powershell\nFROM a\nRUN Get-Item a | Out-Null\n", id="pragma"),
        pytest.param("FROM debian:12\nCMD a | b\n", id="CMD"),
        pytest.param("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nx = a | b\nEOF\n", id="python"),
    ],
)
def test_no_pipe_without_pipefail(text):
    assert marks("missing-pipefail", text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "FROM alpine\nRUN <<EOF\na | sh\nEOF\n",
            'FROM alpine\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\nRUN <<EOF\na | sh\nEOF\n',
            id="heredoc",
        ),
        pytest.param(
            "FROM debian:12\nRUN <<EOF\n#!/bin/bash\na | sort\nEOF\n",
            "FROM debian:12\nRUN <<EOF\n#!/bin/bash\nset -o pipefail\na | sort\nEOF\n",
            id="behind the shebang",
        ),
        pytest.param(
            "FROM fedora\n# hadolint ignore=DL3041\nRUN a | sudo tee b\nRUN c | sort\n",
            'FROM fedora\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n# hadolint ignore=DL3041\n'
            "RUN a | sudo tee b\nRUN c | sort\n",
            id="one SHELL for all",
        ),
        pytest.param(
            "FROM alpine\nRUN a | head -1\nRUN b\nRUN c | xargs rm\n",
            'FROM alpine\nRUN a | head -1\nRUN b\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\nRUN c | xargs rm\n',
            id="behind what stops early",
        ),
        pytest.param(
            'FROM debian\nSHELL ["bash", "-c"]\nRUN set -ex && a | sort\n',
            'FROM debian\nSHELL ["bash", "-c"]\nRUN set -exo pipefail && a | sort\n',
            id="set",
        ),
        pytest.param(
            "FROM debian\nRUN bash -c 'a | tar x'\n",
            "FROM debian\nRUN bash -c 'set -o pipefail && a | tar x'\n",
            id="bash -c",
        ),
    ],
)
def test_pipefail_is_set(text, expected):
    assert fixed("missing-pipefail", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM debian:12\nRUN a | b\n", id="old dash"),
        pytest.param("FROM ubuntu:24.04\nRUN a | b\n", id="old dash of Ubuntu"),
        pytest.param("FROM example/base\nRUN a | b\n", id="unknown base"),
        pytest.param("FROM python:3.12\nRUN a | b\n", id="unknown release"),
        pytest.param('FROM a\nSHELL ["bash", "-c"]\nRUN <<A cat | sh\nx\nA\n', id="document first"),
        pytest.param("FROM debian:13\nRUN a | sort\n", id="a mistake to ShellCheck"),
        pytest.param("FROM alpine\nRUN a | b\n", id="unknown reader"),
        pytest.param("FROM alpine\nRUN a | head -1\n", id="head"),
        pytest.param("FROM alpine\nRUN a | sed 1q\n", id="sed q"),
        pytest.param("FROM alpine\nRUN a | grep -q b\n", id="grep -q"),
        pytest.param("FROM alpine\nRUN v=$(a | awk '{print; exit}')\n", id="awk exit"),
        pytest.param("FROM alpine\nRUN a | sort && yes | apk add b\n", id="yes"),
        pytest.param("FROM alpine\nRUN a | grep b | sort\n", id="a status that answers"),
        pytest.param("FROM alpine\nRUN a | sh\nRUN b | head -1\n", id="a later step"),
        pytest.param("FROM alpine\nRUN a | sh\nCMD b | c\n", id="CMD"),
        pytest.param("FROM alpine\nRUN a | sh -c b\n", id="not from its input"),
        pytest.param("FROM alpine\nRUN a | xargs apk info -e | sort\n", id="one of many"),
    ],
)
def test_pipefail_is_not_set(text):
    assert marks("missing-pipefail", text)
    assert fixed("missing-pipefail", text) == text


def test_one_finding_for_all_pipes_of_a_step():
    (finding,) = findings("missing-pipefail", "FROM a\nRUN a | b && c | d && e | f\n")
    assert len(finding.related) == 2


# --- replaced-sh ---


@pytest.mark.parametrize(
    "command",
    [
        "ln -sf /bin/bash /bin/sh",
        "ln -snf bash /bin/sh",
        "rm /bin/sh && ln -s /bin/bash /bin/sh",
        "mv /bin/bash /bin/sh",
        "cp /bin/bash /usr/bin/sh",
        "dpkg-divert --add --rename --divert /bin/sh.old /bin/sh",
        "update-alternatives --install /bin/sh sh /bin/bash 100",
        "sudo ln -sf /bin/bash /bin/sh",
    ],
)
def test_sh_is_replaced(command):
    assert [severity for severity, _ in marks("replaced-sh", f"FROM ubuntu\nRUN {command}\n")] == ["warning"]


@pytest.mark.parametrize(
    "command",
    [
        "ln -sf /bin/true /sbin/initctl",
        "ln -s a b && thing /bin/sh",
        "echo ln -sf /bin/bash /bin/sh",
        "cp /bin/sh /tmp/x",
        "dpkg-divert --local --rename --add /sbin/initctl",
        "dpkg-divert --remove /bin/sh",
        "update-alternatives --install /usr/bin/python python /usr/bin/python3 1",
        "ln -s /bin/bash /bin/sh.distrib",
    ],
)
def test_sh_is_not_replaced(command):
    assert marks("replaced-sh", f"FROM ubuntu\nRUN {command}\n") == []


def test_link_to_sh_is_style():
    assert marks("replaced-sh", "FROM a\nRUN ln -s /bin/sh /bin/x\n") == [("style", "/bin/sh")]
    assert marks("replaced-sh", "FROM a\nRUN ln -s /busybox/sh /bin/sh\n") == [("style", "/bin/sh")]


def test_lone_link_becomes_shell():
    text = "FROM a\nRUN rm -f /bin/sh && ln -s bash /bin/sh\n"
    assert fixed("replaced-sh", text) == 'FROM a\nSHELL ["/bin/bash", "-c"]\n'
    kept = "FROM a\nRUN ln -sf /bin/bash /bin/sh && make\n"
    assert fixed("replaced-sh", kept) == kept


# --- bashism-in-sh ---

DASH = [
    ("[[ -f a ]] && b", "error", "[[", "SC3010"),
    ('[ "$a" == b ]', "warning", "==", "SC3014"),
    ("test a == b", "warning", "==", "SC3014"),
    ("if [ a == b ] && [ c == d ]; then e; fi", "warning", "==", "SC3014"),
    ("a=(1 2)", "error", "(1 2)", "SC3030"),
    ("source ./a", "error", "source", "SC3046"),
    ("function a { b; }; a", "error", "function", "SC2113"),
    ("function a() { b; }; a", "error", "function", "SC2112"),
    ("cat <<< a", "error", "<<<", "SC3011"),
    ("cat <(a)", "error", "<(", "SC3001"),
    ("a &> /dev/null", "warning", "&>", "SC3020"),
    ("a &>> b", "warning", "&>>", "SC3020"),
    ("for i in {1..3}; do a; done", "warning", "{1..3}", "SC3009"),
    ("mkdir -p /a/{b,c}", "warning", "{", "SC3009"),
    ("echo ${A//b/c}", "error", "${A//b/c}", "SC3060"),
    ('echo "${A/b/}"', "error", "${A/b/}", "SC3060"),
    ("echo ${A:0:2}", "error", "${A:0:2}", "SC3057"),
    ("set -euo pipefail; a", "error", "pipefail", "SC3040"),
    ("sh -c '[[ -f a ]]'", "error", "[[", "SC3010"),
    ("echo $(source ./a)", "error", "source", "SC3046"),
]


@pytest.mark.parametrize(("command", "severity", "place", "code"), DASH, ids=[case[0] for case in DASH])
def test_dash_lacks_it(command, severity, place, code):
    text = f"FROM debian:12\nRUN {command}\n"
    assert marks("bashism-in-sh", text)[0] == (severity, place)
    assert codes("bashism-in-sh", text) == {code}


@pytest.mark.parametrize("base", ["rockylinux:9", "fedora", "example/unknown", "$BASE", "scratch"])
def test_other_sh_may_have_it(base):
    for command, *_ in DASH:
        assert marks("bashism-in-sh", f"FROM {base}\nRUN {command}\n") == []


@pytest.mark.parametrize(
    ("command", "severity"),
    [("a=(1)", "error"), ("cat <<< a", "error"), ("echo {1..3}", "warning"), ("mkdir {a,b}", "warning")],
)
def test_busybox_lacks_it(command, severity):
    assert [each for each, _ in marks("bashism-in-sh", f"FROM alpine:3.22\nRUN {command}\n")] == [severity]


def test_busybox_has_it():
    for command in (case[0] for case in DASH if case[3] not in ("SC3030", "SC3011", "SC3009")):
        assert marks("bashism-in-sh", f"FROM alpine:3.22\nRUN {command}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM debian:12\nRUN [ a = b ] && . ./a && echo ${A:-b} ${A%%c} ${#A}\n", id="POSIX"),
        pytest.param("FROM debian:12\nRUN echo '[[ a == b ]]' \"source x\" > c\n", id="quoted"),
        pytest.param("FROM debian:12\nRUN bash -c '[[ a == b ]] && source c'\n", id="bash -c"),
        pytest.param('FROM debian:12\nRUN ["bash", "-c", "[[ a == b ]]"]\n', id="exec form"),
        pytest.param("FROM debian:12\nRUN su app -c '[[ a == b ]]'\n", id="the shell of a user"),
        pytest.param("FROM debian:12\nRUN <<EOF\n#!/bin/bash\n[[ a ]]\nEOF\n", id="shebang"),
        pytest.param("FROM debian:12\nRUN bash <<'EOF'\n[[ a ]]\nEOF\n", id="document for bash"),
        pytest.param("FROM debian:12\nRUN <<EOF cat > a\n[[ source\nEOF\n", id="text"),
        pytest.param("FROM debian:12\nRUN ln -sf /bin/bash /bin/sh\nRUN [[ -f a ]]\n", id="sh replaced"),
        pytest.param("FROM debian:12\nRUN dpkg-reconfigure dash\nRUN [[ -f a ]]\n", id="sh perhaps replaced"),
        pytest.param('FROM debian:12\nSHELL ["bash", "-c"]\nRUN [[ -f a ]]\n', id="SHELL"),
        pytest.param("FROM debian:12\n# hadolint shell=bash\nRUN [[ -f a ]]\n", id="pragma"),
        pytest.param("FROM debian:13\nRUN set -o pipefail; a\n", id="dash with pipefail"),
        pytest.param("FROM python:3.12\nRUN set -o pipefail; a\n", id="unknown release"),
        pytest.param("FROM debian:12\nRUN find . -exec a {} + && echo {} {a} { }\n", id="braces that do not expand"),
        pytest.param('FROM debian:12\nRUN echo {"a":1,"b":2}\n', id="JSON"),
        pytest.param("FROM debian:12\nRUN curl -O https://a/b.{zip,sig}\n", id="curl expands it"),
        pytest.param("FROM debian:12\nRUN echo $((a == b)) && awk '$1 == 2 { a[1] }' c\n", id="other languages"),
        pytest.param("FROM debian:12\nRUN a 2>&1 >&2 & wait\n", id="redirections"),
    ],
)
def test_no_bashism(text):
    assert marks("bashism-in-sh", text) == []


def test_sh_is_replaced_only_afterwards():
    text = "FROM debian:12\nRUN [[ -f a ]]\nRUN ln -sf /bin/bash /bin/sh\nRUN [[ -f b ]]\n"
    assert len(marks("bashism-in-sh", text)) == 1


def test_source_without_a_slash_is_not_rewritten():
    assert fixed("bashism-in-sh", "FROM debian:12\nRUN source env.sh\n") == "FROM debian:12\nRUN source env.sh\n"
    assert fixed("bashism-in-sh", "FROM debian:12\nRUN source ./env.sh\n") == "FROM debian:12\nRUN . ./env.sh\n"
