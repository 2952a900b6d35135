"""The rules of the shell family: what they must say, and as many things that they must not."""

import time

import pytest

from dfadvise import packs
from dfadvise.source import Source
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}


def found(rule, text):
    """(severity, text under the span) of each finding of a rule."""
    source = Source(text)
    return [(finding.severity, source.slice(finding.span)) for finding in Bench(RULES[rule]).findings(text)]


def codes(rule, text):
    return [finding.aliases for finding in Bench(RULES[rule]).findings(text)]


def fixed(rule, text):
    return Bench(RULES[rule]).fixed(text)


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
    assert found("missing-pipefail", text) == [expected]


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
    assert found("missing-pipefail", text) == []


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
    assert found("missing-pipefail", text)
    assert fixed("missing-pipefail", text) == text


def test_one_finding_for_all_pipes_of_a_step():
    (finding,) = Bench(RULES["missing-pipefail"]).findings("FROM a\nRUN a | b && c | d && e | f\n")
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
    assert [severity for severity, _ in found("replaced-sh", f"FROM ubuntu\nRUN {command}\n")] == ["warning"]


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
    assert found("replaced-sh", f"FROM ubuntu\nRUN {command}\n") == []


def test_link_to_sh_is_style():
    assert found("replaced-sh", "FROM a\nRUN ln -s /bin/sh /bin/x\n") == [("style", "/bin/sh")]
    assert found("replaced-sh", "FROM a\nRUN ln -s /busybox/sh /bin/sh\n") == [("style", "/bin/sh")]


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
    assert found("bashism-in-sh", text)[0] == (severity, place)
    assert codes("bashism-in-sh", text)[0] == (code,)


@pytest.mark.parametrize("base", ["rockylinux:9", "fedora", "example/unknown", "$BASE", "scratch"])
def test_other_sh_may_have_it(base):
    for command, *_ in DASH:
        assert found("bashism-in-sh", f"FROM {base}\nRUN {command}\n") == []


@pytest.mark.parametrize(
    ("command", "severity"),
    [("a=(1)", "error"), ("cat <<< a", "error"), ("echo {1..3}", "warning"), ("mkdir {a,b}", "warning")],
)
def test_busybox_lacks_it(command, severity):
    assert [each for each, _ in found("bashism-in-sh", f"FROM alpine:3.22\nRUN {command}\n")] == [severity]


def test_busybox_has_it():
    for command in (case[0] for case in DASH if case[3] not in ("SC3030", "SC3011", "SC3009")):
        assert found("bashism-in-sh", f"FROM alpine:3.22\nRUN {command}\n") == []


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
    assert found("bashism-in-sh", text) == []


def test_sh_is_replaced_only_afterwards():
    text = "FROM debian:12\nRUN [[ -f a ]]\nRUN ln -sf /bin/bash /bin/sh\nRUN [[ -f b ]]\n"
    assert len(found("bashism-in-sh", text)) == 1


def test_source_without_a_slash_is_not_rewritten():
    assert fixed("bashism-in-sh", "FROM debian:12\nRUN source env.sh\n") == "FROM debian:12\nRUN source env.sh\n"
    assert fixed("bashism-in-sh", "FROM debian:12\nRUN source ./env.sh\n") == "FROM debian:12\nRUN . ./env.sh\n"


# --- ignored-failure ---


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("curl -O a; b", "curl"),
        ("apt-get update; apt-get install -y a", "apt-get update"),
        ("a && make && b; c", "make"),
        ("git clone a; cd b", "git clone"),
        ("pip install a; rm -rf b", "pip install"),
        ("python3 -m pip install a; b", "python3 -m pip install"),
        ("if a; then curl b; c; fi", "curl"),
        ("(cp a b; c)", "cp"),
        ("for a in b; do curl $a; tar xf c; done", "curl"),
        ("if a; then curl b; fi; c", "curl"),
        ("wget -O - a | tar xz; b", "tar"),
        ("set -e; curl a; set +e; curl b; c", "curl"),
        ("curl a; b || true", "curl"),
    ],
)
def test_failure_is_ignored(command, place):
    assert found("ignored-failure", f"FROM debian:12\nRUN {command}\n") == [("warning", place)]


@pytest.mark.parametrize(
    "command",
    [
        "curl -O a && b",
        "a; curl -O b",
        "rm a; echo b; mkdir c",
        "set -e; curl a; b",
        "set -eux; curl a; b",
        "set -o errexit; curl a; b",
        "curl a || exit 1; b",
        "curl a || true; b",
        "if curl a; then b; fi; c",
        "! curl a; b",
        "while ! curl a; do sleep 1; done; b",
        "curl a | sh || c",
        "a && curl b || c; d",
        "echo $(curl a); b",
        "f() { curl a; b; }; set -e; f",
        "apt-get clean; rm -rf /var/lib/apt/lists/*",
        "apt-cache search a; b",
        "git config --global a b; c",
        "for a in b; do curl $a; done",
        "if a; then curl b; else c; fi",
        "sh -ec 'curl a; b'",
        "curl a & b",
        "echo 'curl a; b'",
    ],
)
def test_failure_is_not_ignored(command):
    assert found("ignored-failure", f"FROM debian:12\nRUN {command}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        'FROM a\nSHELL ["bash", "-ec"]\nRUN curl a; b\n',
        "FROM a\nRUN <<EOF\nset -e\ncurl a\nb\nEOF\n",
        "FROM a\nRUN <<EOF\n#!/bin/bash -e\ncurl a\nb\nEOF\n",
        "FROM a\nRUN <<EOF\na\ncurl b\nEOF\n",
        'FROM a\nSHELL ["pwsh", "-c"]\nRUN $ErrorActionPreference = "Stop"; iwr a; b\n',
        'FROM a\nSHELL ["pwsh", "-c"]\nRUN a; iwr "b; c"\n',
        'FROM a\nSHELL ["pwsh", "-c"]\nRUN Write-Host "iwr a; b"; c\n',
    ],
)
def test_failure_stops_the_step(text):
    assert found("ignored-failure", text) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("curl a; b; c", "curl a && b && c"),
        ("curl a;b", "curl a && b"),
        ("a; curl b; c", "a; curl b && c"),
        ("curl a \\\n  ; b", "curl a \\\n  && b"),
        ("curl a; b || c", "curl a; b || c"),
        ("curl a; b & c", "curl a; b & c"),
        ("(cp a b; c)", "(cp a b; c)"),
        ("curl a && dpkg -i b; apt-get install -f; c", "curl a && dpkg -i b; apt-get install -f; c"),
        ("curl a; [ -f b ] && c; d", "curl a; [ -f b ] && c; d"),
        ("curl a; b=$(grep c d); e", "curl a; b=$(grep c d); e"),
        ("curl a; ! grep b c; d", "curl a; ! grep b c; d"),
        ("curl a; mkdir b; d", "curl a; mkdir b; d"),
        ("curl a; if grep b c; then cp d e; fi; f", "curl a && if grep b c; then cp d e; fi && f"),
    ],
)
def test_commands_are_joined(before, after):
    assert fixed("ignored-failure", f"FROM a\nRUN {before}\n") == f"FROM a\nRUN {after}\n"


def test_document_stops_at_a_failure():
    text = "FROM a\nRUN <<EOF\n#!/bin/bash\ncurl a\nb\nEOF\n"
    assert fixed("ignored-failure", text) == "FROM a\nRUN <<EOF\n#!/bin/bash\nset -e\ncurl a\nb\nEOF\n"


# --- lost-run-effect ---


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("cd /a", "cd /a"),
        ("make && cd /a", "cd /a"),
        ("cd /a && make && cd /b", "cd /b"),
        ("export A=b", "export A=b"),
        ("a && export PATH=$PATH:/b", "export PATH=$PATH:/b"),
        ("unset A", "unset A"),
        ("alias a=b", "alias a=b"),
        ("umask 022", "umask 022"),
        ("ulimit -n 4096", "ulimit -n 4096"),
        ("sysctl -w a=b", "sysctl -w a=b"),
        ("mount -t tmpfs a /b", "mount -t tmpfs a /b"),
        (". /venv/bin/activate", ". /venv/bin/activate"),
        ("source ~/.bashrc", "source ~/.bashrc"),
        ("redis-server &", "redis-server"),
        ("a && service b start", "service b start"),
        ("systemctl restart a", "systemctl restart a"),
        ("/etc/init.d/a start", "/etc/init.d/a start"),
        ("service a start || true", "service a start"),
        ("echo a >> /etc/hosts", "/etc/hosts"),
        ("echo a | tee -a /etc/resolv.conf", "/etc/resolv.conf"),
    ],
)
def test_effect_is_lost(command, place):
    assert found("lost-run-effect", f"FROM debian:12\nRUN {command}\n") == [("warning", place)]


@pytest.mark.parametrize(
    "command",
    [
        "cd /a && make",
        "cd /a && make && cd ..",
        "cd /a && make && cd -",
        "cd /a && make && cd ../..",
        "cd /a && make && cd /",
        "cd /a && make && cd /work",
        "pushd /a && make && popd",
        "(cd /a && make)",
        "make -C /a",
        "export A=b && make",
        "export A=b; make",
        "service a start && b",
        "redis-server & sleep 1 && redis-cli ping",
        "systemctl enable a",
        "service --status-all",
        "echo 127.0.0.1 a >> /etc/hosts && ping a",
        "cat /etc/hosts",
        "cd /a || exit 1",
        "sh -c 'cd /a'",
        "echo cd /a",
        "mount",
        "sysctl a",
        "export -p",
        "umask",
        "if a; then cd /b; fi",
    ],
)
def test_effect_is_not_lost(command):
    assert found("lost-run-effect", f"FROM debian:12\nWORKDIR /work\nRUN {command}\n") == []


def test_file_that_may_do_work_is_style():
    assert found("lost-run-effect", "FROM a\nRUN . ./install.sh\n") == [("style", ". ./install.sh")]


def test_everything_at_the_end_is_lost():
    assert len(found("lost-run-effect", "FROM a\nRUN make && cd /a && export B=c\n")) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN cd /a", "WORKDIR /a"),
        ("RUN  cd  a/b", "WORKDIR  a/b"),
        ("RUN export A=b", "ENV A=b"),
        ('RUN export A="b c" D=e', 'ENV A="b c" D=e'),
        ("ONBUILD RUN cd /a", "ONBUILD WORKDIR /a"),
        ("RUN cd ~/a", None),
        ("RUN cd $A", None),
        ('RUN cd "/a b"', None),
        ("RUN export PATH=$PATH:/a", None),
        ("RUN export A", None),
        ("RUN export A=`b`", None),
        ("RUN make && cd /a", None),
        ("RUN --network=none cd /a", None),
        ("RUN \\\n# note\ncd /a", None),
        ("RUN cd /a > b", None),
    ],
)
def test_lone_command_becomes_an_instruction(before, after):
    text = f"FROM a\n{before}\n"
    assert fixed("lost-run-effect", text) == (f"FROM a\n{after}\n" if after else text)


# --- pointless-command ---


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("top", "top"),
        ("ps aux", "ps"),
        ("a && kill 1", "kill"),
        ("/usr/bin/free -m", "/usr/bin/free"),
        ("sudo reboot", "reboot"),
        ("ssh host a", "ssh"),
        ("service a status", "service"),
        ("vim a", "vim"),
        ("ifconfig eth0", "ifconfig"),
        ("nvidia-smi", "nvidia-smi"),
        ("python3 -c 'import torch; torch.cuda.is_available()'", "python3"),
        ("docker ps", "docker"),
        ("systemctl status a", "systemctl"),
        ("sh -c 'top -b'", "top"),
    ],
)
def test_command_is_pointless(command, place):
    assert found("pointless-command", f"FROM debian:12\nRUN {command}\n") == [("info", place)]


@pytest.mark.parametrize(
    "command",
    [
        "apt-get install -y vim ssh man less top",
        "echo top",
        "which ps",
        "command -v nvidia-smi",
        "rm -rf /usr/share/man",
        "ssh-keyscan github.com",
        "mkdir -p ~/.ssh",
        "docker build .",
        "systemctl enable a",
        "python3 -c 'print(1)'",
        "pkill a",
        "mount-helper a",
        "top=1 && echo $top",
    ],
)
def test_command_is_not_pointless(command):
    assert found("pointless-command", f"FROM debian:12\nRUN {command}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "RUN --mount=type=ssh ssh git@github.com",
        "RUN service postgresql start && psql -c a",
        "RUN mysqld & sleep 5 && mysql -e a && kill %1",
        "RUN --security=insecure mount -t proc a /b",
    ],
)
def test_use_within_the_step_is_style(text):
    assert {severity for severity, _ in found("pointless-command", f"FROM a\n{text}\n")} == {"style"}


def test_in_the_container_everything_may_make_sense():
    assert found("pointless-command", 'FROM a\nCMD ["top"]\nENTRYPOINT ssh a\nHEALTHCHECK CMD ps\n') == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("top", {"DL3001", "kics:9b6b0f38", "semgrep:nonsensical-command", "slim:ID.20022"}),
        ("ifconfig", {"kics:9b6b0f38", "semgrep:nonsensical-command"}),
        ("ssh a", {"DL3001", "slim:ID.20022"}),
        ("nvidia-smi", {"tally:gpu/no-buildtime-gpu-queries"}),
        ("htop", set()),
    ],
)
def test_codes_of_pointless_commands(command, expected):
    assert set(codes("pointless-command", f"FROM a\nRUN {command}\n")[0]) == expected


# --- directory-change ---


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cd /a && b", {"DL3003", "DS-0013", "semgrep:use-workdir"}),
        ("cd a && b", {"DL3003", "DS-0013", "semgrep:use-workdir", "kics:f4a6bcd3"}),
        ("cd /a/../b && c", {"DL3003", "DS-0013", "semgrep:use-workdir", "kics:f4a6bcd3"}),
        ("a && cd /b", {"DL3003", "DS-0013"}),
        ("(cd /a && b)", {"DL3003", "DS-0013"}),
    ],
)
def test_codes_of_directory_changes(command, expected):
    assert set(codes("directory-change", f"FROM a\nRUN {command}\n")[0]) == expected


@pytest.mark.parametrize("command", ["pip install a && echo cd ..", "make -C a", "abcd a", "git -C a pull"])
def test_no_directory_change(command):
    assert found("directory-change", f"FROM a\nRUN {command}\n") == []


def test_one_cause_is_shown_once():
    bench = Bench(RULES["lost-run-effect"], RULES["directory-change"], RULES["pointless-command"])
    for text in ("FROM a\nRUN cd /a\n", "FROM a\nRUN service a start\n"):
        assert sorted(finding.severity for finding in bench.findings(text)) == ["style", "warning"]


# --- all of them ---


@pytest.mark.parametrize(
    "line",
    [
        "apt-get install p{} | tee x; cd /a{} &&",
        "kill {} &&",
        "(curl {}; make) | sh &&",
        "[ a == b ] && x={{{}..3}} &&",
        "cd /{} &&",
    ],
)
def test_long_steps_do_not_hang(line):
    rules = [rule for rule in RULES.values() if rule.family == "shell" and rule.id != "shellcheck-finding"]

    def seconds(number):
        text = "FROM debian:12\nRUN " + " \\\n".join(line.format(at, at) for at in range(number)) + " cd /x\n"
        bench = Bench(*rules)
        model = bench.model(Source(text))
        # The model is not on trial here.
        for instruction in model.instructions[1:]:
            assert instruction.scripts
        began = time.process_time()
        bench.engine.lint(model)
        return time.process_time() - began

    # Quadratic work on this many would take minutes.
    assert seconds(1600) < 20
