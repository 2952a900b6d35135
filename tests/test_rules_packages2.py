"""What the rules about locked, lean, living and quiet installs and downloads say and do not say."""

import pytest

from dfadvise import packs
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}


def everything(rule, text, root=None, **options):
    """The findings that `--select all` shows."""
    return Bench(RULES[rule], root=root, options=options).findings(text)


def found(rule, text, root=None, **options):
    """The findings that a plain run shows."""
    return [each for each in everything(rule, text, root, **options) if each.severity != "style"]


def levels(rule, text, root=None):
    return [each.severity for each in found(rule, text, root)]


def codes(rule, text):
    return {code for finding in everything(rule, text) for code in finding.aliases}


def named(rule, text):
    """What the visible findings stand on, as written."""
    return [text[each.span.start : each.span.end] for each in found(rule, text)]


def fixed(rule, text, root=None, unsafe=True):
    return Bench(RULES[rule], root=root).fixed(text, unsafe=unsafe)


@pytest.fixture
def context(tmp_path):
    """Makes a build context of some files."""

    def make(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_lock_", "-lock.").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return str(tmp_path)

    return make


# unchecked-http-status ----------------------------------------------------------------------------------------------

UNCHECKED = {
    "saved by name": "RUN curl -sSLO https://example.com/a.tgz",
    "saved in a bundle": "RUN curl -sSLo a.tgz https://example.com/a.tgz",
    "redirected": "RUN curl -L https://example.com/a > /usr/local/bin/a",
    "piped to a shell": "RUN curl -sL https://example.com/a.sh | bash -",
    "piped to tar": "RUN curl -L https://example.com/a.tgz | tar xz -C /opt",
    "handed over": 'RUN bash -c "$(curl -sSL https://example.com/a.sh)"',
    "a value": "RUN V=$(curl -s https://example.com/latest) && echo $V > /version",
    "no scheme": "RUN curl -o a example.com/a",
    "only a variable": "ARG URL\nRUN curl -L $URL -o a",
    "the url by option": "RUN curl -L --url https://example.com/a -o a",
    "in a heredoc": "RUN <<EOF\nset -e\ncurl -LO https://example.com/a\nEOF",
    "behind sudo": "RUN sudo curl -L -o /a https://example.com/a",
    "exec form": 'RUN ["curl", "-L", "-o", "/a", "https://example.com/a"]',
    "retries do not look at it": "RUN curl -L --retry 5 -o a https://example.com/a",
    "what is not --fail": "RUN curl -L --fail-early -o a https://example.com/a",
}


@pytest.mark.parametrize("text", UNCHECKED.values(), ids=UNCHECKED.keys())
def test_status_is_not_looked_at(text):
    assert levels("unchecked-http-status", f"FROM debian:13\n{text}\n") == ["warning"]


CHECKED = {
    "-f": "RUN curl -f -L -o a https://example.com/a",
    "in a bundle": "RUN curl -fsSL https://example.com/a.sh | sh",
    "last in a bundle": "RUN curl -sSLf https://example.com/a -o a",
    "--fail": "RUN curl --fail -L https://example.com/a -o a",
    "--fail-with-body": "RUN curl --fail-with-body -L https://example.com/a -o a",
    "the status is written": "RUN curl -sL -w '%{http_code}' https://example.com/a -o a",
    "the head alone": "RUN curl -sI https://example.com/a | grep -i etag",
    "the head with it": "RUN curl -si https://example.com/a | head -1",
    "nobody keeps it": "RUN curl -s https://example.com/ping",
    "nobody keeps it at all": "RUN curl -sL https://example.com/ping > /dev/null && curl -o /dev/null https://a.io",
    "verified": "RUN curl -LO https://example.com/a && echo 'abc  a' | sha256sum -c",
    "signed": "RUN curl -LO https://example.com/a && curl -LO https://example.com/a.asc && gpg --verify a.asc a",
    "options in a variable": "ARG CURL_OPTS\nRUN curl $CURL_OPTS -L -o a https://example.com/a",
    "a variable beside a url": "ARG EXTRA\nRUN curl $EXTRA -L -o a https://example.com/a",
    "settings from a file": "RUN curl -K /curl.cfg -o a https://example.com/a",
    "settings that are written": "RUN echo fail > /root/.curlrc\nRUN curl -L -o a https://example.com/a",
    "settings that are copied": "COPY .curlrc /root/\nRUN curl -L -o a https://example.com/a",
    "no web server": "RUN curl -o a ftp://example.com/a && curl -o b file:///b",
    "a question": "RUN curl --version | head -1",
    "only a word": "RUN echo curl -o a https://example.com/a > /usage",
    "wget fails by itself": "RUN wget -O a https://example.com/a",
    "not while building": "HEALTHCHECK CMD curl -s http://localhost/ | grep ok",
}


@pytest.mark.parametrize("text", CHECKED.values(), ids=CHECKED.keys())
def test_status_is_looked_at_or_does_not_matter(text):
    assert levels("unchecked-http-status", f"FROM debian:13\n{text}\n") == []


def test_a_redirect_that_nobody_follows():
    text = "FROM debian:13\nRUN curl -fO https://github.com/a/b/archive/v1.tar.gz\n"
    (finding,) = everything("unchecked-http-status", text)
    assert "github.com" in finding.message
    assert finding.aliases == ("tally:curl-should-follow-redirects",)
    assert "curl -L -fO" in fixed("unchecked-http-status", text)


def test_other_hosts_that_may_redirect_are_for_those_who_ask():
    text = "FROM debian:13\nRUN curl -fO https://example.com/a\n"
    assert [each.severity for each in everything("unchecked-http-status", text)] == ["style"]


def test_both_are_mended_at_once():
    text = "FROM debian:13\nRUN curl -o a.tgz https://github.com/a/b/releases/download/v1/a.tgz\n"
    result = fixed("unchecked-http-status", text)
    assert "RUN curl -f -L -o a.tgz" in result
    assert found("unchecked-http-status", result) == []


def test_what_sends_something_gets_no_fix():
    for options in ("-X POST", "-d a=b", "-T file", "-F a=@b"):
        text = f"FROM debian:13\nRUN curl {options} -L https://example.com/a -o a\n"
        (finding,) = found("unchecked-http-status", text)
        assert finding.fix is None
    text = "FROM debian:13\nRUN curl -LX GET https://example.com/a -o a\n"
    assert found("unchecked-http-status", text)[0].fix is not None


# noisy-download -----------------------------------------------------------------------------------------------------

NOISY = {
    "plain": "FROM debian:13\nRUN wget https://example.com/a\n",
    "to a file": "FROM debian:13\nRUN wget -O a https://example.com/a\n",
    "busybox": "FROM alpine:3.22\nRUN wget https://example.com/a\n",
    "behind a shell": "FROM debian:13\nRUN sh -c 'wget https://example.com/a'\n",
    "no clobber is not quiet": "FROM debian:13\nRUN wget -nc https://example.com/a\n",
}


@pytest.mark.parametrize("text", NOISY.values(), ids=NOISY.keys())
def test_noisy(text):
    assert codes("noisy-download", text) == {"DL3047"}


QUIET = {
    "-q": "RUN wget -q https://example.com/a",
    "in a bundle": "RUN wget -qO- https://example.com/a | sh",
    "at the end": "RUN wget https://example.com/a -nv",
    "-nv in a bundle": "RUN wget -nvc https://example.com/a",
    "a log": "RUN wget -o/tmp/log https://example.com/a && wget --append-output=/tmp/log https://example.com/b",
    "dots": "RUN wget --progress=dot:giga https://example.com/a",
    "installed only": "RUN apt-get update && apt-get install -y wget",
    "asked only": "RUN wget --help | head",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET.keys())
def test_quiet(text):
    assert everything("noisy-download", f"FROM debian:13\n{text}\n") == []


def test_only_gnu_wget_gets_the_option():
    assert "wget -nv -O a" in fixed("noisy-download", "FROM ubuntu:24.04\nRUN wget -O a b.io/a\n", unsafe=False)
    for base in ("alpine:3.22", "busybox:1.37", "registry.example.com/base:1", "golang:1.26-alpine"):
        text = f"FROM {base}\nRUN wget -O a b.io/a\n"
        assert fixed("noisy-download", text) == text
    text = "FROM debian:13\nCOPY --from=busybox:uclibc /bin/busybox /bin/wget\nRUN wget -O a b.io/a\n"
    assert fixed("noisy-download", text) == text


POWERSHELL = 'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command"{}]\nRUN {}\n'


def test_powershell():
    plain = "Invoke-WebRequest https://example.com/a.zip -OutFile a.zip; Expand-Archive a.zip"
    code = {"tally:powershell/progress-preference"}
    assert codes("noisy-download", POWERSHELL.format("", plain)) == code
    assert codes("noisy-download", POWERSHELL.format(", \"$ProgressPreference = 'SilentlyContinue';\"", plain)) == set()
    quiet = "$ProgressPreference = 'SilentlyContinue'; " + plain
    assert codes("noisy-download", POWERSHELL.format("", quiet)) == set()
    assert codes("noisy-download", POWERSHELL.format("", "Write-Host 'Invoke-WebRequest'")) == set()
    cmd = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN powershell -Command {}\n"
    assert codes("noisy-download", cmd.format("Invoke-WebRequest a.io/b -OutFile b")) == code


# redundant-package --------------------------------------------------------------------------------------------------

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
    assert named("redundant-package", text) == words


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
    assert named("redundant-package", text) == []


def test_a_second_python_gets_no_fix():
    text = "FROM python:3.13-slim\nRUN apt-get install -y python3-dev gcc\n"
    (finding,) = found("redundant-package", text)
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
    assert found("redundant-package", text) == []
    assert codes("redundant-package", text) == {"tally:ruby/redundant-bundler-install"}


def test_curl_and_wget():
    both = {"DL4001", "DS-0014", "kics:fc775e75", "semgrep:use-either-wget-or-curl"}
    text = "FROM debian:13\nRUN wget a.io/b\nRUN true\nRUN curl a.io/b && wget a.io/c\nRUN wget a.io/d\n"
    findings = everything("redundant-package", text)
    assert [each.instruction.line for each in findings] == [4, 5]
    assert {each.severity for each in findings} == {"style"}
    assert codes("redundant-package", text) == both
    assert codes("redundant-package", "FROM debian:13\nONBUILD RUN wget a.io/b\nONBUILD RUN curl a.io/b\n") == both
    for quiet in (
        "FROM debian:13\nRUN wget a.io/b\nFROM debian:13\nRUN curl a.io/b\n",
        "FROM debian:13\nRUN apt-get install -y curl wget && curl a.io/b\n",
        "FROM debian:13\nRUN wget a.io/b\nHEALTHCHECK CMD curl localhost\n",
    ):
        assert codes("redundant-package", quiet) == set()


# needless-package ---------------------------------------------------------------------------------------------------


def test_needless_packages_are_told_once_a_command():
    text = 'FROM debian:13\nRUN apt-get install -y vim=2:9.1 curl tcpdump\nCMD ["curl"]\n'
    (finding,) = found("needless-package", text)
    assert finding.message == "vim and tcpdump serve a person at a terminal"
    assert finding.aliases == ()


def test_host_packages():
    text = (
        "FROM nvidia/cuda:12.6.3-base-ubuntu24.04\nRUN apt-get install -y nvidia-container-toolkit nvidia-driver-550\n"
    )
    (finding,) = found("needless-package", text)
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
    assert found("needless-package", text) == []


# package-extras-shipped ---------------------------------------------------------------------------------------------

EXTRAS = {
    "gem": "FROM debian:13\nRUN gem install rake:13.0.6\n",
    "microdnf": "FROM registry.access.redhat.com/ubi9-minimal:9.6\nRUN microdnf install -y jq\n",
    "dnf": "FROM registry.access.redhat.com/ubi9:9.6\nRUN dnf install -y jq\n",
    "a package of documents": "FROM alpine:3.22\nRUN apk add --no-cache git-doc\n",
    "pip": "FROM python:3.13\nRUN pip install flask==3.1\n",
}


@pytest.mark.parametrize("text", EXTRAS.values(), ids=EXTRAS.keys())
def test_extras(text):
    assert levels("package-extras-shipped", text) == ["info"]


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
    assert found("package-extras-shipped", text) == []


def test_options_stand_behind_the_verb():
    rule = "package-extras-shipped"
    assert "gem install --no-document rake" in fixed(rule, "FROM debian:13\nRUN gem install rake\n", unsafe=False)
    text = "FROM registry.access.redhat.com/ubi9:9.6\nRUN dnf -y install jq\n"
    assert "dnf -y install --setopt=tsflags=nodocs jq" in fixed(rule, text, unsafe=False)
    unknown = "FROM registry.example.com/base\nRUN gem install rake\n"
    assert fixed(rule, unknown) == unknown


# managed-python-install ---------------------------------------------------------------------------------------------

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
    assert levels("managed-python-install", text) == ["error"]


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
    assert found("managed-python-install", text) == []


# retired-command ----------------------------------------------------------------------------------------------------

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
    assert levels("retired-command", text) == [level]


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
    assert everything("retired-command", text) == []


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
    assert everything("retired-command", result) == []


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
    assert found("retired-command", text)
    assert fixed("retired-command", text) == text


def test_codes_of_bundler_flags():
    text = "FROM ruby:3.4\nRUN bundle install --deployment\nRUN apt-key add k\n"
    assert codes("retired-command", text) == {"tally:ruby/deprecated-bundler-install-flags"}


# dead-download-host -------------------------------------------------------------------------------------------------

DEAD = {
    "keyserver": "RUN gpg --keyserver hkps://hkps.pool.sks-keyservers.net --recv-keys 1",
    "keyserver with =": "RUN gpg --keyserver=pool.sks-keyservers.net --recv-keys 1",
    "apt-key": "RUN apt-key adv --keyserver hkp://p80.pool.sks-keyservers.net:80 --recv-keys 1",
    "in a loop": "RUN for k in 1 2; do gpg --keyserver pool.sks-keyservers.net --recv-keys $k; done",
    "bintray": "RUN curl -fsSLO https://dl.bintray.com/a/b.tgz",
    "jcenter": "ADD https://jcenter.bintray.com/a/b.jar /",
    "kubernetes": "RUN echo 'deb http://apt.kubernetes.io/ kubernetes-xenial main' | tee /etc/apt/sources.list.d/k",
    "kubernetes at Google": (
        "RUN echo 'deb [signed-by=/k] https://packages.cloud.google.com/apt kubernetes-xenial main'"
        " > /etc/apt/sources.list.d/k.list"
    ),
    "by add-apt-repository": "RUN add-apt-repository 'deb http://apt.kubernetes.io/ kubernetes-xenial main'",
    "an old suite": "RUN echo 'deb http://deb.debian.org/debian stretch main' >> /etc/apt/sources.list",
    "its security": "RUN echo 'deb http://security.debian.org/ jessie/updates main' >> /etc/apt/sources.list",
    "its sources": (
        "COPY <<EOF /etc/apt/sources.list.d/b.sources\nURIs: http://deb.debian.org/debian\nSuites: buster\nEOF"
    ),
    "an old package": "RUN wget http://ftp.us.debian.org/debian/dists/jessie/Release",
    "centos": (
        "RUN printf '[base]\\nmirrorlist=http://mirrorlist.centos.org/?release=7&arch=x86_64&repo=os\\n'"
        " > /etc/yum.repos.d/b.repo"
    ),
    "git": "RUN git clone git://github.com/a/b.git",
    "git by pip": "RUN pip install git+git://github.com/a/b.git",
    "maven": "RUN wget http://repo1.maven.org/maven2/a/b/1/b-1.jar",
    "a heredoc": "RUN <<EOF\ncurl -O https://dl.bintray.com/a\nEOF",
}


@pytest.mark.parametrize("text", DEAD.values(), ids=DEAD.keys())
def test_dead(text):
    assert levels("dead-download-host", f"FROM debian:12\n{text}\n") == ["error"]


ALIVE = {
    "another keyserver": "RUN gpg --keyserver keyserver.ubuntu.com --recv-keys 1",
    "a suite that is there": "RUN echo 'deb http://deb.debian.org/debian bookworm main' > /etc/apt/sources.list",
    "the archive": "RUN echo 'deb http://archive.debian.org/debian stretch main' > /etc/apt/sources.list",
    "sent to the archive": (
        "RUN echo 'deb http://deb.debian.org/debian stretch-backports main' > /etc/apt/sources.list.d/b.list && "
        "sed -i s/deb.debian.org/archive.debian.org/ /etc/apt/sources.list.d/b.list"
    ),
    "another repository at Google": (
        "RUN echo 'deb https://packages.cloud.google.com/apt cloud-sdk main' > /etc/apt/sources.list.d/g.list"
    ),
    "taken out": "RUN sed -i 's/mirrorlist.centos.org/vault.centos.org/; /dl.bintray.com/d' /etc/yum.repos.d/*.repo",
    "a comment": "# RUN curl -O https://dl.bintray.com/a",
    "a commented repository": "RUN echo '# deb http://apt.kubernetes.io/ kubernetes-x main' > /etc/apt/sources.list",
    "only a word": "RUN echo https://dl.bintray.com/a > /README",
    "another git": "RUN git clone git://git.example.com/a.git && git clone https://github.com/a/b.git",
    "git that goes elsewhere": (
        "RUN git config --global url.https://github.com/.insteadOf git://github.com/ && git clone git://github.com/a/b"
    ),
    "npm knows better": "RUN npm install git://github.com/a/b.git",
    "maven over https": "RUN curl -fO https://repo1.maven.org/maven2/a/b/1/b-1.jar",
    "an unknown host": "ARG HOST\nRUN gpg --keyserver $HOST --recv-keys 1 && curl -fO https://$HOST/bintray.com",
}


@pytest.mark.parametrize("text", ALIVE.values(), ids=ALIVE.keys())
def test_alive(text):
    assert found("dead-download-host", f"FROM debian:12\n{text}\n") == []


TRIED = {
    "another one is tried": "RUN gpg --keyserver pool.sks-keyservers.net --recv-keys 1 || gpg --recv-keys 1",
    "until one works": (
        "RUN for s in 1 2; do gpg --keyserver pool.sks-keyservers.net --recv-keys 1 && break; sleep 1; done"
    ),
    "in a branch": 'RUN if [ -n "$A" ]; then curl -fO https://dl.bintray.com/a; fi',
}


@pytest.mark.parametrize("text", TRIED.values(), ids=TRIED.keys())
def test_a_dead_host_that_need_not_answer_is_a_warning(text):
    assert levels("dead-download-host", f"FROM debian:12\n{text}\n") == ["warning"]


SUCCESSORS = {
    "keyserver": (
        "RUN gpg --keyserver hkp://p80.pool.sks-keyservers.net:80 --recv-keys 1",
        "RUN gpg --keyserver hkp://keyserver.ubuntu.com:80 --recv-keys 1",
    ),
    "git": ("RUN git clone git://github.com/a/b.git", "RUN git clone https://github.com/a/b.git"),
    "git by pip": ("RUN pip install git+git://github.com/a/b", "RUN pip install git+https://github.com/a/b"),
    "maven": ("ADD http://repo1.maven.org/a.jar /", "ADD https://repo1.maven.org/a.jar /"),
    "debian": (
        'RUN echo "deb http://deb.debian.org/debian stretch main" > /etc/apt/sources.list',
        'RUN echo "deb http://archive.debian.org/debian stretch main" > /etc/apt/sources.list',
    ),
    "its security": (
        "RUN cat > /etc/apt/sources.list <<E\ndeb http://security.debian.org/ jessie/updates main\nE",
        "RUN cat > /etc/apt/sources.list <<E\ndeb http://archive.debian.org/debian-security/ jessie/updates main\nE",
    ),
}


@pytest.mark.parametrize(("text", "expected"), SUCCESSORS.values(), ids=SUCCESSORS.keys())
def test_successor(text, expected):
    assert fixed("dead-download-host", f"FROM debian:12\n{text}\n") == f"FROM debian:12\n{expected}\n"


def test_a_line_among_others_is_the_one_that_changes():
    body = "deb http://deb.debian.org/debian bookworm main\ndeb http://deb.debian.org/debian {} main\nEOF\n"
    text = "FROM debian:12\nRUN cat > /etc/apt/sources.list <<EOF\n" + body
    result = fixed("dead-download-host", text.format("buster"))
    assert result == text.format("buster").replace("deb.debian.org/debian buster", "archive.debian.org/debian buster")


def test_no_successor_no_fix():
    text = "FROM debian:12\nRUN curl -fO https://dl.bintray.com/a\n"
    assert fixed("dead-download-host", text) == text


# unlocked-install ---------------------------------------------------------------------------------------------------

UNLOCKED = {
    "npm": ("COPY package.json package-lock.json ./\nRUN npm i", "RUN npm ci"),
    "npm in another folder": ("COPY web/package.json web/package-lock.json /w/\nRUN cd /w && npm install", "&& npm ci"),
    "npm by prefix": ("COPY package.json package-lock.json /w/\nRUN npm --prefix /w install", "npm --prefix /w ci"),
    "npm, shrinkwrapped": ("COPY package.json npm-shrinkwrap.json ./\nRUN npm install", "RUN npm ci"),
    "yarn": ("COPY package.json yarn.lock ./\nRUN yarn", "RUN yarn --frozen-lockfile"),
    "yarn 4": ("COPY .yarnrc.yml package.json yarn.lock ./\nRUN yarn install", "RUN yarn install --immutable"),
    "pnpm": ("COPY package.json pnpm-lock.yaml ./\nRUN pnpm i --prod", "RUN pnpm i --frozen-lockfile --prod"),
    "bun": ("COPY package.json bun.lock ./\nRUN bun install", "RUN bun install --frozen-lockfile"),
    "uv": ("COPY pyproject.toml uv.lock ./\nRUN uv sync --no-dev", "RUN uv sync --locked --no-dev"),
    "pipenv": ("COPY Pipfile Pipfile.lock ./\nRUN pipenv install --system", "RUN pipenv install --deploy --system"),
    "composer": ("COPY composer.json composer.lock ./\nRUN composer update", "RUN composer install"),
    "bundler": ("COPY Gemfile Gemfile.lock ./\nRUN bundle install", "ENV BUNDLE_FROZEN=true\nRUN bundle install"),
    "cargo": ("COPY Cargo.toml Cargo.lock ./\nRUN cargo build --release", "RUN cargo build --locked --release"),
    "cargo install": (
        "COPY Cargo.toml Cargo.lock ./\nRUN cargo install --path .",
        "RUN cargo install --locked --path .",
    ),
    "nuget": ("COPY a.csproj packages.lock.json ./\nRUN dotnet restore", "RUN dotnet restore --locked-mode"),
    "a bind mount": (
        "RUN --mount=type=bind,source=package-lock.json,target=/app/package-lock.json npm install",
        "target=/app/package-lock.json npm ci",
    ),
    "from another stage": ("COPY --from=node:22 /src/package-lock.json /app/\nRUN npm install", "RUN npm ci"),
}


@pytest.mark.parametrize(("text", "ending"), UNLOCKED.values(), ids=UNLOCKED.keys())
def test_unlocked(text, ending):
    text = f"FROM node:22\nWORKDIR /app\n{text}\n"
    assert levels("unlocked-install", text) == ["info"]
    result = fixed("unlocked-install", text)
    assert result.endswith(ending + "\n")
    assert found("unlocked-install", result) == []


LOCKED = {
    "npm ci": "COPY package.json package-lock.json ./\nRUN npm ci",
    "no lock file": "COPY package.json ./\nRUN npm install",
    "perhaps a lock file": "COPY package*.json ./\nRUN npm install",
    "everything, nobody knows what": "COPY . .\nRUN npm install",
    "another folder's": "COPY web/package-lock.json /web/\nRUN npm install",
    "copied later": "RUN npm install\nCOPY package.json package-lock.json ./",
    "another manager's": "COPY package.json yarn.lock ./\nRUN npm install",
    "removed": "COPY package.json package-lock.json ./\nRUN rm package-lock.json && npm install",
    "named packages": "COPY package.json package-lock.json ./\nRUN npm install express@5",
    "tools": "COPY package.json yarn.lock ./\nRUN yarn global add serve && npm i -g npm",
    "yarn": "COPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile",
    "yarn add": "COPY package.json yarn.lock ./\nRUN yarn add left-pad",
    "pnpm in CI": "ENV CI=true\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install",
    "pnpm that nobody knows": "ARG CI\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install",
    "uv by variable": "ENV UV_FROZEN=1\nCOPY pyproject.toml uv.lock ./\nRUN uv sync",
    "uv pip": "COPY pyproject.toml uv.lock requirements.txt ./\nRUN uv pip install -r requirements.txt",
    "pipenv sync": "COPY Pipfile Pipfile.lock ./\nRUN pipenv sync",
    "poetry always": "COPY pyproject.toml poetry.lock ./\nRUN poetry install",
    "composer install": "COPY composer.json composer.lock ./\nRUN composer install --no-dev",
    "composer update of one": "COPY composer.json composer.lock ./\nRUN composer update a/b",
    "bundler by setting": "COPY Gemfile Gemfile.lock ./\nRUN bundle config set --local frozen true && bundle install",
    "bundler deployed": "ENV BUNDLE_DEPLOYMENT=1\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install",
    "go by default": "COPY go.mod go.sum ./\nRUN go mod download",
    "cargo": "COPY Cargo.toml Cargo.lock ./\nRUN cargo build --frozen",
    "nuget by property": "COPY a.csproj packages.lock.json ./\nRUN dotnet restore -p:RestoreLockedMode=true",
    "options nobody knows": "ARG NPM_FLAGS\nCOPY package.json package-lock.json ./\nRUN npm install $NPM_FLAGS",
}


@pytest.mark.parametrize("text", LOCKED.values(), ids=LOCKED.keys())
def test_locked(text):
    assert found("unlocked-install", f"FROM node:22\nWORKDIR /app\n{text}\n") == []


def test_a_lock_file_of_the_context_counts(context):
    root = context(package_json="{}", package_lock_json="{}")
    text = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install\n"
    (finding,) = found("unlocked-install", text, root)
    assert "is copied" in finding.message
    assert fixed("unlocked-install", text, root).endswith("RUN npm ci\n")


def test_a_lock_file_that_is_not_copied_gets_no_fix(context):
    root = context(package_json="{}", package_lock_json="{}")
    text = "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\n"
    (finding,) = found("unlocked-install", text, root)
    assert "is in the context" in finding.message
    assert finding.fix is None


def test_an_ignored_lock_file_is_none(context):
    root = context(package_json="{}", package_lock_json="{}", _dockerignore="*-lock.json\n")
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\n"
    assert found("unlocked-install", text, root) == []


def test_settings_of_the_context_hold_to_the_lock_file(context):
    root = context(package_json="{}", yarn_lock="#", _yarnrc="--install.frozen-lockfile true\n")
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN yarn install\n"
    assert found("unlocked-install", text, root) == []


def test_bundler_without_a_lock_file_is_style():
    text = "FROM ruby:3.4\nCOPY . .\nRUN bundle install\n"
    assert [each.severity for each in everything("unlocked-install", text)] == ["style"]
    assert codes("unlocked-install", text) == {"tally:ruby/missing-bundle-deployment"}


# dev-dependencies-shipped -------------------------------------------------------------------------------------------

END = 'CMD ["node", "server.js"]'
WITH_DEVELOPMENT = {
    "npm": (f"RUN npm ci\n{END}", "RUN npm ci --omit=dev"),
    "npm install": (f"RUN npm install --no-audit\n{END}", "RUN npm install --omit=dev --no-audit"),
    "the variable comes too late": (f"RUN npm ci\nENV NODE_ENV=production\n{END}", "RUN npm ci --omit=dev"),
    "pruned in a layer of its own": (f"RUN npm ci\nRUN npm prune --omit=dev\n{END}", "RUN npm ci --omit=dev"),
    "yarn": (f"RUN yarn install --frozen-lockfile\n{END}", "RUN yarn install --production --frozen-lockfile"),
    "pnpm": (f"RUN pnpm install\n{END}", "RUN pnpm install --prod"),
    "bun": (f"RUN bun install\n{END}", "RUN bun install --production"),
    "uv": (f"RUN uv sync --locked\n{END}", "RUN uv sync --no-dev --locked"),
    "poetry": (f"RUN poetry install --no-root\n{END}", "RUN poetry install --only=main --no-root"),
    "pipenv": (f"RUN pipenv install --deploy --dev\n{END}", "RUN pipenv install --deploy"),
    "composer": (f"RUN composer install\n{END}", "RUN composer install --no-dev"),
    "bundler": (f"RUN bundle install\n{END}", "ENV BUNDLE_WITHOUT=development:test\nRUN bundle install"),
}


@pytest.mark.parametrize(("text", "line"), WITH_DEVELOPMENT.values(), ids=WITH_DEVELOPMENT.keys())
def test_with_development(text, line):
    text = f"FROM node:22-slim\nWORKDIR /app\nCOPY . .\n{text}\n"
    assert levels("dev-dependencies-shipped", text) == ["warning"]
    result = fixed("dev-dependencies-shipped", text)
    assert f"\n{line}\n" in result
    assert found("dev-dependencies-shipped", result) == []


LEAN = {
    "npm": f"RUN npm ci --omit=dev\n{END}",
    "npm, old": f"RUN npm ci --only=production\n{END}",
    "by variable": f"ENV NODE_ENV=production\nRUN npm ci\n{END}",
    "before the command": f"RUN NODE_ENV=production npm ci\n{END}",
    "nobody knows": f"ARG NODE_ENV\nRUN npm ci\n{END}",
    "an image for development": f"ENV NODE_ENV=development\nRUN npm ci\n{END}",
    "asked for": f"RUN npm ci --include=dev\n{END}",
    "pruned at once": f"RUN npm ci && npm prune --omit=dev\n{END}",
    "removed at once": f"RUN npm ci && rm -rf node_modules\n{END}",
    "a tool": f"RUN npm install -g pm2\n{END}",
    "a package": f"RUN npm install express\n{END}",
    "builds": f"RUN npm ci\nRUN npm run build\n{END}",
    "builds at once": f"RUN npm ci && npx tsc\n{END}",
    "tests": f"RUN npm ci && npm test\n{END}",
    "a development server": 'RUN npm ci\nCMD ["npm", "run", "dev"]',
    "a watcher": 'RUN npm ci\nCMD ["nodemon", "server.js"]',
    "only a prompt": "RUN npm ci",
    "uv": f"RUN uv sync --locked --no-dev\n{END}",
    "uv by variable": f"ENV UV_NO_DEV=1\nRUN uv sync --locked\n{END}",
    "poetry": f"RUN poetry install --only main && poetry install --without dev\n{END}",
    "pipenv": f"RUN pipenv install --deploy --system\n{END}",
    "composer": f"RUN composer install --no-dev\n{END}",
    "composer by variable": f"ENV COMPOSER_NO_DEV=1\nRUN composer install\n{END}",
    "bundler by variable": f"ENV BUNDLE_WITHOUT=development\nRUN bundle install\n{END}",
    "bundler by setting": f"RUN bundle config set --local without 'development test' && bundle install\n{END}",
    "pip knows no such thing": f"RUN pip install -r requirements.txt\n{END}",
    "options nobody knows": f"ARG NPM_ARGS\nRUN npm ci $NPM_ARGS\n{END}",
}


@pytest.mark.parametrize("text", LEAN.values(), ids=LEAN.keys())
def test_without_development(text):
    assert found("dev-dependencies-shipped", f"FROM node:22-slim\nWORKDIR /app\nCOPY . .\n{text}\n") == []


@pytest.mark.parametrize("name", ["dev", "test", "ci", "debug", "web-dev"])
def test_stages_for_development(name):
    text = f"FROM node:22-slim AS {name}\nWORKDIR /app\nCOPY . .\nRUN npm ci\n{END}\n"
    assert found("dev-dependencies-shipped", text) == []


BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
COPIED = {
    "node_modules": (BUILD + "FROM node:22-slim\nCOPY --from=build /app/node_modules ./node_modules\n", True),
    "the whole folder": (BUILD + "FROM node:22-slim\nCOPY --from=build /app /app\n", True),
    "relative to the root": (BUILD + "FROM node:22-slim\nCOPY --from=build app/node_modules ./node_modules\n", True),
    "the product": (BUILD + "FROM node:22-slim\nCOPY --from=build /app/dist /app\n", False),
    "pruned": (BUILD + "RUN npm prune --production\nFROM node:22-slim\nCOPY --from=build /app /app\n", False),
    "installed again": (BUILD + "RUN npm ci --omit=dev\nFROM node:22-slim\nCOPY --from=build /app /app\n", False),
    "removed": (BUILD + "RUN rm -rf node_modules\nFROM node:22-slim\nCOPY --from=build /app /app\n", False),
    "left out": (BUILD + "FROM node:22-slim\nCOPY --from=build --exclude=node_modules /app /app\n", False),
    "a stage of its own": (
        BUILD + "FROM node:22 AS deps\nWORKDIR /app\nRUN npm ci --omit=dev\n"
        "FROM node:22-slim\nCOPY --from=deps /app/node_modules ./node_modules\n",
        False,
    ),
    "of a stage that does not ship": (
        BUILD + "FROM node:22 AS other\nCOPY --from=build /app /app\nFROM node:22-slim\nRUN true\n",
        False,
    ),
    "gems": (
        "FROM ruby:3.4 AS build\nCOPY Gemfile ./\nRUN bundle install\n"
        "FROM ruby:3.4-slim\nCOPY --from=build /usr/local/bundle /usr/local/bundle\n",
        True,
    ),
    "a virtual environment": (
        "FROM python:3.13 AS build\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\n"
        "FROM python:3.13-slim\nCOPY --from=build /app/.venv /app/.venv\n",
        True,
    ),
    "vendor": (
        "FROM composer:2 AS build\nWORKDIR /app\nCOPY . .\nRUN composer install\n"
        "FROM php:8.4\nCOPY --from=build /app/vendor /app/vendor\n",
        True,
    ),
}


@pytest.mark.parametrize(("text", "told"), COPIED.values(), ids=COPIED.keys())
def test_copied_along(text, told):
    findings = found("dev-dependencies-shipped", f"{text}{END}\n")
    assert [each.instruction.keyword for each in findings] == ["COPY"] * told


def test_manifests_without_development_dependencies(context):
    text = f"FROM node:22-slim\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\n{END}\n"
    for content, told in (
        ('{"dependencies": {}}', 0),
        ('{"devDependencies": {}}', 0),
        ('{"devDependencies": {"jest": "30"}}', 1),
    ):
        assert len(found("dev-dependencies-shipped", text, context(package_json=content))) == told


def test_gemfiles_without_groups(context):
    text = f"FROM ruby:3.4\nWORKDIR /app\nCOPY Gemfile ./\nRUN bundle install\n{END}\n"
    assert found("dev-dependencies-shipped", text, context(Gemfile="gem 'rake'\n")) == []
    assert found("dev-dependencies-shipped", text, context(Gemfile="group :test do\n gem 'rspec'\nend\n")) != []


def test_old_npm_gets_its_own_option():
    text = f"FROM node:14\nWORKDIR /app\nCOPY . .\nRUN npm ci\n{END}\n"
    assert "RUN npm ci --only=production\n" in fixed("dev-dependencies-shipped", text)


def test_other_tools_look_at_every_stage():
    text = "FROM composer:2 AS b\nRUN composer install\nFROM php:8.4\nCOPY --from=b /x /x\n"
    assert found("dev-dependencies-shipped", text) == []
    assert codes("dev-dependencies-shipped", text) == {"tally:php/composer-no-dev-in-production"}


def test_a_setting_stands_above_the_comment_of_its_step():
    text = "FROM ruby:3.4\nCOPY Gemfile Gemfile.lock ./\n# dfadvise: ignore[stale-run]\nRUN bundle install\n"
    expected = text.replace("# dfadvise", "ENV BUNDLE_FROZEN=true\n# dfadvise")
    assert fixed("unlocked-install", text) == expected
