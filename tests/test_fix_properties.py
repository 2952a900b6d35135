"""What holds for every fix, whatever the file: held against files made of realistic pieces."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dfadvise import packs
from dfadvise.fixing import OVERLAPS, fix
from dfadvise.plan import normal_form
from dfadvise.pragmas import CHECKS, EXPERIMENTAL_CHECKS
from dfadvise.proving.batches import lost_comments
from dfadvise.source import Source
from dfadvise.syntax.instructions import Run
from dfadvise.testing import Bench

# Their findings come from another program, and their fixes are for people.
RULES = {rule.id: rule for rule in packs.load_packs() if rule.id != "shellcheck-finding"}
BENCH = Bench(*RULES.values(), options={"today": "2026-11-24"})
LEVELS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What may take a command away: a clean-up of what a mount keeps, an instruction that another one overrides.
DELETING = frozenset(("defeated-cache-mount", "overridden-instruction"))

BASES = (
    "debian:12",
    "debian:12-slim",
    "ubuntu:24.04",
    "alpine:3.20",
    "python:3.12",
    "python:3.12-slim AS py",
    "node:22 AS build",
    "golang:1.26 as Build",
    "fedora:40",
    "rockylinux:9",
    "scratch",
    "nginx",
    "$BASE",
    "--platform=$TARGETPLATFORM debian:12",
    "ruby:3.3 AS rb",
)
COMMANDS = (
    "apt-get update",
    "apt update",
    "apt install -y git",
    "apt-get install curl wget",
    "apt-get install -y --no-install-recommends gcc",
    "apt-get -y upgrade",
    "sudo apt-get install -y vim",
    "apk add git",
    "apk update",
    "apk add --no-cache curl bash",
    "yum install httpd",
    "dnf -y install nginx",
    "dnf clean all",
    "pip install flask",
    "pip install --no-cache-dir -r requirements.txt",
    "npm ci",
    "npm install -g yarn@1",
    "yarn install",
    "go build -o /bin/app .",
    "bundle install",
    "gem install rake",
    "rm -rf /var/lib/apt/lists/*",
    "rm -rf /tmp/x",
    "curl -sL https://example.com/a.tar.gz -o /tmp/a.tar.gz",
    "wget https://example.com/b.zip",
    "tar -xzf /tmp/a.tar.gz -C /opt",
    "useradd -u 123456789 app",
    "adduser -D app",
    "cd /srv",
    "make install",
    "export A=b",
    "echo hi > /etc/motd",
    "chmod -R 777 /srv",
    "chown -R app:app /srv",
    "mkdir -p /srv/app",
    "ln -s /a /b",
    "./configure",
    "bash -c 'apt install -y jq'",
    "if [ -f /x ]; then apt-get install -y tar; fi",
    "for p in a b; do apt install -y $p; done",
    "set -e",
    "true",
    "curl -fsSL https://example.com/i.sh | sh",
    'echo "a  b" | grep -q a',
    "(cd /x && ls)",
    "git clone https://github.com/a/b.git /srv/b",
)
FLAGS = (
    "",
    "",
    "",
    "",
    "--mount=type=cache,target=/var/cache/apt ",
    "--mount=type=cache,target=/root/.cache/pip ",
    "--mount=type=cache,target=/root/.npm,sharing=locked ",
    "--mount=type=secret,id=a,mode=0444 ",
    "--network=none ",
)
OTHERS = (
    "ENV A b",
    "ENV A=b C=d",
    'ENV PATH "/x:$PATH"',
    "ENV DEBIAN_FRONTEND noninteractive",
    "ENV A=${B:-c} \\\n    D=e",
    "ARG VERSION",
    "ARG VERSION=1",
    "LABEL a b c",
    "LABEL a=b",
    "LABEL a=b a=c",
    'LABEL maintainer "Ann <a@b.c>"',
    "MAINTAINER Ann <a@b.c>",
    "COPY . .",
    "COPY . /app/",
    "COPY a b /c",
    "COPY --chown=app:app a /srv/a",
    "COPY package.json ./",
    "COPY requirements.txt /app/",
    "COPY --from=build /bin/app /bin/app",
    "COPY --from=0 /x /y",
    "COPY <<E /etc/x\na  b\n# no comment\nE",
    "ADD . /app/",
    "ADD a.tar.gz /x/",
    "ADD https://example.com/x /x",
    "ADD src/ /src/",
    "WORKDIR /app",
    "WORKDIR app",
    "USER app",
    "USER root",
    "USER 1000:1000",
    "EXPOSE 80/TCP",
    "EXPOSE 8080:80",
    "VOLUME /data",
    "STOPSIGNAL KILL",
    'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    "CMD a b",
    'CMD ["a", "b"]',
    "CMD ['a']",
    "ENTRYPOINT /x.sh",
    'ENTRYPOINT ["/x.sh"]',
    "HEALTHCHECK CMD curl -f http://localhost/",
    "HEALTHCHECK NONE",
    "ONBUILD RUN apt install -y x",
    "ONBUILD CMD a",
    "RUN <<E\nset -e\napt-get update\n# inside\napt-get install -y git\nE",
    "RUN cat <<E > /x && apt install -y y\nq  r\nE",
    'RUN ["apt", "install", "-y", "x"]',
    "RUN apt-get update && \\\n  # between\n  apt-get install -y \\\n    a \\\n\n    b",
    "# dfadvise: ignore[apt-command] old\nRUN apt install -y z",
)
JOINS = (" && ", " && ", " && ", " && \\\n    ", " \\\n && ", " \\\n    # why\n    && ", "; ", " || ")
GAPS = ("", "", "", "# a comment\n", "\n", "# one  \n# two\n", "\n\n\n", "  # indented\n")


@st.composite
def runs(draw):
    """A RUN of a few commands."""
    parts = [draw(st.sampled_from(COMMANDS))]
    for _ in range(draw(st.integers(0, 3))):
        parts += [draw(st.sampled_from(JOINS)), draw(st.sampled_from(COMMANDS))]
    return "RUN " + draw(st.sampled_from(FLAGS)) + "".join(parts)


@st.composite
def files(draw):
    """A Dockerfile of one to three stages."""
    lines = [draw(st.sampled_from(("", "", "", "# syntax=docker/dockerfile:1\n", "ARG BASE=debian:12\n", "# top\n")))]
    for _ in range(draw(st.integers(1, 3))):
        lines.append("FROM " + draw(st.sampled_from(BASES)) + "\n")
        for piece in draw(st.lists(st.one_of(runs(), st.sampled_from(OTHERS)), max_size=7)):
            lines.append(draw(st.sampled_from(GAPS)))
            keyword, _, rest = piece.partition(" ")
            if draw(st.integers(0, 9)) == 0 and not piece.startswith("#"):
                piece = f"{keyword.lower()}{'  ' if draw(st.booleans()) else ' '}{rest}"
            lines.append(piece + "\n")
    text = "".join(lines)
    if draw(st.integers(0, 5)) == 0:
        # Every backslash of the pieces continues a line.
        text = "# escape=`\n" + text.replace("\\\n", "`\n")
    if draw(st.integers(0, 4)) == 0:
        text = text.replace("\n", "\r\n")
    return text.rstrip("\r\n") if draw(st.booleans()) else text


def fixed(text, unsafe):
    """What fixing a text comes to."""

    def wanted(finding):
        kind = finding.fix.applicability if finding.fix else "display"
        return None if kind == "safe" or (unsafe and kind == "unsafe") else ""

    return fix(Source(text), lambda s: BENCH.engine.lint(BENCH.model(s)), BENCH.model, wanted)


def grave(result):
    """How often each rule finds an error, and each of BuildKit's checks anything."""
    found = Counter(finding.rule for finding in result.findings if finding.severity == "error")
    for finding in result.findings:
        found.update(alias for alias in finding.aliases if alias in CHECKS - EXPERIMENTAL_CHECKS)
    return found


def warnings(result):
    """How many findings are errors or warnings."""
    return sum(finding.severity in ("error", "warning") for finding in result.findings)


def commands(text):
    """How many commands the RUNs of a text run."""
    return sum(
        1
        for instruction in BENCH.model(Source(text)).walk()
        if isinstance(instruction, Run)
        for _ in instruction.all_commands()
    )


def look(text, outcome, unsafe):
    """What must hold for every outcome."""
    before, after = BENCH.model(Source(text)), BENCH.model(outcome.source)
    assert outcome.converged
    assert not [each.title for each in outcome.refused if each.reason == OVERLAPS]
    assert not lost_comments(before, after)
    assert {each.message for each in after.tree.problems} <= {each.message for each in before.tree.problems}
    if "\r\n" in outcome.source.text:
        assert outcome.source.text.count("\n") == outcome.source.text.count("\r\n")
    else:
        assert "\r" not in outcome.source.text
    old = BENCH.engine.lint(before)
    if not any(finding.rule == "syntax-error" for finding in old.findings):
        assert not grave(outcome.result) - grave(old)
        # A warning may give way to another one about the same bytes.
        assert unsafe or warnings(outcome.result) <= warnings(old)
    again = fixed(outcome.source.text, unsafe)
    assert again.source.text == outcome.source.text, [each.title for each in again.applied]


@LEVELS
@given(files())
def test_safe_fixes(text):
    outcome = fixed(text, False)
    look(text, outcome, False)
    allowed = sum(each.rule in DELETING for each in outcome.applied)
    assert commands(outcome.source.text) >= commands(text) - allowed


@LEVELS
@given(files())
def test_unsafe_fixes(text):
    look(text, fixed(text, True), True)


# Rules whose safe fixes leave the plan equal.
PLAIN = ("inconsistent-case", "untidy-whitespace", "legacy-key-value", "unreadable-run", "redundant-platform")
EQUAL = Bench(*(RULES[name] for name in PLAIN if name in RULES))


@LEVELS
@given(files())
def test_what_is_about_style_leaves_the_plan_equal(text):
    mended = EQUAL.fixed(text, unsafe=False)
    assert normal_form(EQUAL.model(Source(mended))) == normal_form(EQUAL.model(Source(text)))


APT = Bench(RULES["apt-command"])


@LEVELS
@given(files(), st.sampled_from(("# caf\udce9  \t", "#\x0b\x0c \u2028", "# \U0001f40b \r")))
def test_every_byte_outside_of_the_edits_stays(text, odd):
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("# a comment", odd).replace("# one  ", odd)
    mended = APT.fixed(text, unsafe=False)
    assert mended.replace("apt-get", "apt") == text.replace("apt-get", "apt")
    assert mended.count(newline) == text.count(newline)


@pytest.mark.parametrize("unsafe", [False, True])
def test_nothing_to_fix_gives_the_same_object(unsafe):
    source = Source("FROM scratch\n")
    outcome = fix(source, lambda s: BENCH.engine.lint(BENCH.model(s)), BENCH.model, lambda finding: "")
    assert outcome.source is source
