"""Long files: the time of a rule grows with the file, not with its square, which would take minutes here."""

import time

import pytest

from dfadvise.source import Source
from dfadvise.testing import Bench
from rule_answers import RULES
from secret_samples import BASE, SECRETS

# shellcheck is a process of its own.
IN_PROCESS = [rule for rule in RULES.values() if rule.id != "shellcheck-finding"]


def of(*families):
    return [rule for rule in IN_PROCESS if rule.family in families]


def seconds(rules, text):
    """How long rules take; the model of the text is not on trial."""
    bench = Bench(*rules)
    model = bench.model(Source(text))
    for instruction in model.walk():
        _ = getattr(instruction, "scripts", None)
    start = time.process_time()
    result = bench.engine.lint(model)
    assert result.internal == []
    return time.process_time() - start


SIZE = 1500
STAGES = {
    "a chain of stages": "FROM alpine:3.22 AS s0\n"
    + "".join(f"FROM s{at} AS s{at + 1}\nCOPY x /x{at}\nUSER u{at}\nRUN apk add gcc\n" for at in range(SIZE)),
    "a star of stages": "FROM debian:13-slim AS base\n"
    + "".join(f"COPY f{at} /f{at}\n" for at in range(SIZE))
    + "".join(f"FROM base AS s{at}\nRUN curl x\n" for at in range(SIZE)),
    "many references": "FROM golang:1.26 AS b\n"
    + "".join(f"RUN go build -o /o/{at} .\n" for at in range(SIZE))
    + "FROM scratch\n"
    + "".join(f"COPY --from=b /x/{at} /y\nCOPY --from=buld /x /y\n" for at in range(SIZE)),
    "many tools": "FROM debian:13\nRUN "
    + " && ".join(["apt-get install -y gcc && apt-get purge -y make"] * SIZE)
    + '\nCMD ["x"]\n',
}
SECURITY = {
    "lines": "FROM debian\n" + "RUN curl -k http://a.example/x.tgz | sudo sh && chmod 777 /srv && useradd a\n" * 3000,
    "variables": "# syntax=docker/dockerfile:1\nFROM debian\n"
    + "".join(f"ARG TOKEN_{n}\nENV X{n}_DEBUG=1 GIT_SSL_NO_VERIFY=1\n" for n in range(3000))
    + "".join(f"RUN x $TOKEN_{n}\n" for n in range(3000)),
    "commands": "FROM debian\nRUN "
    + " && ".join(["curl -O http://a.example/x", "npm config set strict-ssl false", "chmod 777 /srv/x"] * 1500)
    + "\n",
    "words": "FROM debian\nEXPOSE " + "22 " * 5000 + "\nRUN curl " + "http://a.example/x " * 4000 + "\n",
    "users": "FROM debian\n" + "USER app:app\n" * 4000 + "RUN sudo make\n" * 4000,
    "settings": "FROM debian\nRUN echo '" + "gpgcheck " * 20000 + "' > /etc/yum.conf\n",
}
LEAKS = {
    "steps": BASE
    + "".join(
        f"ARG TOKEN{at}\nENV PASSWORD{at}=x\nRUN set -x; curl -u a:$TOKEN{at} https://e.org && env >/x{at} && rm /x\n"
        for at in range(1500)
    ),
    "one step": BASE
    + "ARG T1\nRUN --mount=type=secret,id=t,env=T2 "
    + " && ".join(f'echo "password=$T{at}" > /root/.netrc{at} && rm /root/.netrc{at}' for at in range(2500))
    + "\n",
}
SHELL = {
    "pipes": "apt-get install p{} | tee x; cd /a{} &&",
    "signals": "kill {} &&",
    "groups": "(curl {}; make) | sh &&",
    "tests": "[ a == b ] && x={{{}..3}} &&",
    "directories": "cd /{} &&",
}
INSTRUCTIONS = {
    "commands": "FROM a\nRUN " + " && \\\n  ".join(["b"] * 5000) + "\n",
    "volumes": "FROM a\nVOLUME " + " ".join(f"/{n}" for n in range(5000)) + "\nCOPY b /0/c\n" * 5000,
    "copies": "FROM a\nUSER b\n" + "COPY c /c\nRUN chmod +x /d\n" * 5000,
    "variables": "ARG A=b\n" * 5000 + "FROM a\n" + "ENV PATH=/x A=~/y\n" * 5000,
    "pairs": BASE
    + "".join(f"ENV A{n}=$B{n}\nLABEL l{n} $A{n}\nCOPY a$C{n} b\nCMD x{n}\n" for n in range(2500))
    + "ENV "
    + " ".join(f"K{n}=$K{n + 1}" for n in range(5000))
    + "\n",
    "continuations": "FROM a\nRUN b" + "\\\nc" * 10000 + "\n",
    "brackets": "FROM a\nRUN " + "$(" * 5000 + " # \\\n x\n",
    "stages by number": "FROM a\nFROM b\n" + "COPY --from=0 c d\n" * 5000,
    "empty lines": "FROM a\n" + "\n\n\nRUN b  \n" * 5000,
}


@pytest.mark.parametrize("text", STAGES.values(), ids=STAGES)
def test_stages(text):
    assert seconds(of("base", "stages"), text) < 20


@pytest.mark.parametrize("text", SECURITY.values(), ids=SECURITY)
def test_security(text):
    assert seconds([*of("security"), RULES["secret-variable"], RULES["loose-secret-mode"]], text) < 12


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_secrets(text):
    assert seconds(SECRETS, text) < 20


@pytest.mark.parametrize("line", SHELL.values(), ids=SHELL)
def test_long_steps(line):
    step = " \\\n".join(line.format(at, at) for at in range(1600))
    assert seconds(of("shell"), f"FROM debian:12\nRUN {step} cd /x\n") < 20


@pytest.mark.parametrize("text", INSTRUCTIONS.values(), ids=INSTRUCTIONS)
def test_instructions(text):
    assert seconds(of("instructions", "style", "context"), text) < 15
