"""Shell form and exec form, and who gets the signals."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, codes, findings, fixed, levels, marks, places

BASE = "FROM debian:12\n"


# --- commands ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM debian\nCMD a\nENTRYPOINT b\n", [2, 3]),
        ("FROM debian\nCMD\n", [2]),
        ("FROM debian\nCMD ['a']\n", [2]),
        ('FROM debian\nSHELL ["/bin/bash", "-c"]\nCMD a\n', []),
        ('FROM debian AS a\nSHELL ["/bin/bash", "-c"]\nFROM a\nCMD a\n', []),
        ('FROM debian\nCMD a\nSHELL ["/bin/bash", "-c"]\n', [2]),
        ('FROM debian\nCMD ["a"]\nHEALTHCHECK CMD a\nRUN a\n', []),
        ("FROM debian AS a\nONBUILD CMD x\nFROM a\n", [3]),
    ],
)
def test_shell_form(text, lines):
    assert places("shell-form-command", text, "JSONArgsRecommended") == lines


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("FROM debian\nCMD a b\n", "warning"),
        ("FROM debian\nCMD exec a b\n", "style"),
        ("FROM debian AS x\nCMD a b\nFROM debian\n", "style"),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCMD a b\n", "style"),
        ("FROM debian\nHEALTHCHECK CMD a b\n", "style"),
    ],
)
def test_levels_of_shell_form(text, severity):
    assert levels("shell-form-command", text) == [severity]


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("CMD server --port 80", 'CMD ["server", "--port", "80"]'),
        ("CMD exec server", 'CMD ["server"]'),
        ('CMD server \'a b\' "c\\"d"', 'CMD ["server", "a b", "c\\"d"]'),
        ("CMD server \\\n    --port 80", 'CMD ["server", \\\n    "--port", "80"]'),
        ("CMD server $PORT", None),
        ("CMD server *.conf", None),
        ("CMD server ~/conf", None),
        ("CMD server && other", None),
        ("CMD server > /log", None),
        ("CMD A=1 server", None),
        ("CMD cd /app", None),
        ("CMD server & wait", None),
    ],
)
def test_exec_form_of_simple_commands(line, new):
    assert fixed("shell-form-command", BASE + line + "\n") == BASE + (new or line) + "\n"


@pytest.mark.parametrize(
    "line",
    [
        "CMD ['a', 'b']",
        'CMD ["a" "b"]',
        'CMD ["a", "b",]',
        "CMD [a, b]",
        "CMD [python app.py]",
        "ENTRYPOINT [“a”, “b”]",
        'ENTRYPOINT ["C:\\app.exe"]',
        'RUN ["a", b]',
        'RUN ["a", "b"] && c',
        'COPY ["a", "b"',
        "COPY ['a', 'b']",
        "VOLUME [/data]",
        "HEALTHCHECK CMD ['a']",
    ],
)
def test_malformed_exec_form(line):
    assert len(findings("malformed-exec-form", BASE + line + "\n")) == (0 if line == 'COPY ["a", "b"' else 1)


@pytest.mark.parametrize(
    "line",
    [
        'CMD ["a", "b"]',
        "CMD []",
        "RUN [ -f /a ] || exit 1",
        'RUN [ "$A" = "b" ] && c',
        'RUN [ "$A" ] && c',
        'RUN [[ "$A" == b ]]',
        "RUN [Net.ServicePointManager]::SecurityProtocol = 'Tls12'; a",
        "CMD [Powershell-call]",
        "RUN test 'a'",
        "COPY [a-z]* /x/",
        "COPY a[1] b",
    ],
)
def test_no_malformed_exec_form(line):
    assert findings("malformed-exec-form", BASE + line + "\n") == []


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("CMD ['a', 'b c']", 'CMD ["a", "b c"]'),
        ('CMD ["a" "b"]', 'CMD ["a", "b"]'),
        ("CMD [python, /app.py]", 'CMD ["python", "/app.py"]'),
        ("VOLUME [/data]", 'VOLUME ["/data"]'),
        ("CMD [npm run, build]", None),
        ('CMD ["a", $B]', None),
        ('CMD ["a"] b', None),
        ("CMD ['a \"b\" c']", 'CMD ["a \\"b\\" c"]'),
    ],
)
def test_json_is_written_where_it_is_clear(line, new):
    assert fixed("malformed-exec-form", BASE + line + "\n") == BASE + (new or line) + "\n"


def test_malformed_array_hides_the_shell_form():
    bench = Bench(RULES["shell-form-command"], RULES["malformed-exec-form"])
    assert {(f.rule, f.severity) for f in bench.findings(BASE + "CMD ['a']\n")} == {
        ("malformed-exec-form", "error"),
        ("shell-form-command", "style"),
    }


# --- entrypoint-clash ---


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param('FROM a\nENTRYPOINT b\nCMD ["c"]\n', "warning", id="CMD is ignored"),
        pytest.param("FROM a\nENTRYPOINT exec b\nCMD c\n", "warning", id="both in shell form"),
        pytest.param('FROM a\nENTRYPOINT ["python3", "-u"]\nCMD app.py\n', "warning", id="python"),
        pytest.param('FROM a\nENTRYPOINT ["/usr/sbin/nginx"]\nCMD -g x\n', "warning", id="nginx"),
        pytest.param('FROM a AS b\nENTRYPOINT ["node"]\nFROM b\nCMD app.js\n', "warning", id="inherited"),
        pytest.param('FROM gcr.io/distroless/python3-debian12\nCMD ["python3", "a.py"]\n', "error", id="python twice"),
        pytest.param(
            'FROM gcr.io/distroless/java21-debian12\nCMD ["java", "-jar", "a.jar"]\n', "error", id="java twice"
        ),
    ],
)
def test_entrypoint_clash(text, severity):
    assert [each[0] for each in marks("entrypoint-clash", text)] == [severity]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM a\nENTRYPOINT ["b"]\nCMD ["c"]\n', id="exec form"),
        pytest.param('FROM a\nENTRYPOINT ["/b.sh"]\nCMD c $D\n', id="script"),
        pytest.param('FROM a\nENTRYPOINT ["/b"]\nCMD c $D\n', id="unknown program"),
        pytest.param('FROM a\nENTRYPOINT ["tini", "--"]\nCMD c $D\n', id="init"),
        pytest.param('FROM a\nENTRYPOINT ["python", "run.py"]\nCMD c\n', id="a script in python"),
        pytest.param('FROM a\nENTRYPOINT ["python", "-m", "wrapper"]\nCMD c\n', id="a module"),
        pytest.param('FROM a\nENTRYPOINT exec b "$@"\nCMD ["c"]\n', id="hands its arguments on"),
        pytest.param("FROM a\nENTRYPOINT b\n", id="no CMD"),
        pytest.param("FROM a AS b\nCMD c\nFROM b\nENTRYPOINT d\n", id="CMD is reset"),
        pytest.param('FROM gcr.io/distroless/python3-debian12\nCMD ["a.py"]\n', id="once"),
        pytest.param('FROM gcr.io/distroless/nodejs22\nENTRYPOINT ["/x"]\nCMD ["node", "a"]\n', id="own ENTRYPOINT"),
        pytest.param('FROM gcr.io/distroless/cc-debian12\nCMD ["node", "a"]\n', id="no interpreter"),
        pytest.param('FROM node:22\nCMD ["node", "a"]\n', id="its script execs"),
        pytest.param('FROM a AS b\nENTRYPOINT x\nCMD ["y"]\nFROM c\n', id="does not ship"),
    ],
)
def test_entrypoint_that_fits(text):
    assert marks("entrypoint-clash", text) == []


def test_both_take_the_exec_form():
    assert fixed("entrypoint-clash", "FROM a\nENTRYPOINT b c\nCMD d\n") == 'FROM a\nENTRYPOINT ["b", "c"]\nCMD ["d"]\n'
    text = 'FROM gcr.io/distroless/java21-debian12\nCMD ["java", "-jar", "a.jar"]\n'
    assert fixed("entrypoint-clash", text) == 'FROM gcr.io/distroless/java21-debian12\nCMD ["a.jar"]\n'


# --- signal-swallowing-command ---


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('FROM node:22\nCMD ["npm", "run", "start"]\n', '"npm", "run", "start"'),
        ('FROM node:22\nENTRYPOINT ["yarn", "start"]\n', '"yarn", "start"'),
        ('FROM node:22\nCMD ["pnpm", "run", "x"]\n', '"pnpm", "run", "x"'),
        ('FROM debian:12\nCMD ["/bin/sh", "-c", "a && b"]\n', "b"),
        ('FROM debian:12\nENTRYPOINT ["dash", "-c", "a"]\n', "a"),
    ],
)
def test_signals_are_swallowed(text, place):
    assert marks("signal-swallowing-command", text) == [("info", place)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM node:22\nCMD ["node", "a.js"]\n', id="node"),
        pytest.param('FROM node:22\nCMD ["npm", "test"]\n', id="ends by itself"),
        pytest.param('FROM node:22\nENTRYPOINT ["tini", "--", "npm", "start"]\n', id="init"),
        pytest.param('FROM node:22\nENTRYPOINT ["dumb-init"]\nCMD ["npm", "start"]\n', id="init and CMD"),
        pytest.param('FROM node:22\nENTRYPOINT ["/e.sh"]\nCMD ["npm", "start"]\n', id="unknown script"),
        pytest.param("FROM node:22\nCMD npm start\n", id="shell form, another rule's"),
        pytest.param('FROM debian:12\nCMD ["sh", "-c", "a && exec b"]\n', id="exec"),
        pytest.param('FROM debian:12\nCMD ["sh", "-c", "trap x TERM; a & wait"]\n', id="trap"),
        pytest.param('FROM debian:12\nCMD ["bash", "-c", "a; b"]\n', id="bash replaces itself"),
        pytest.param('FROM fedora:43\nCMD ["sh", "-c", "a"]\n', id="sh is bash"),
        pytest.param('FROM debian:12\nCMD ["sh"]\n', id="a bare shell"),
        pytest.param('FROM debian:12\nCMD ["sh", "-c", "supervisord -n"]\n', id="a supervisor"),
        pytest.param('FROM node:22 AS dev\nCMD ["npm", "start"]\nFROM nginx\n', id="does not ship"),
        pytest.param('FROM mcr.microsoft.com/windows/servercore:1\nCMD ["npm", "start"]\n', id="Windows"),
    ],
)
def test_signals_arrive(text):
    assert marks("signal-swallowing-command", text) == []


def signals(text, script):
    """(severity, message) of each finding, with run.sh in the context."""
    found = findings("signal-swallowing-command", text, {"run.sh": script})
    return [(each.severity, each.message) for each in found]


def test_script_from_the_context():
    text = 'FROM debian:12\nCOPY run.sh /usr/local/bin/\nENTRYPOINT ["run.sh"]\n'
    script = "#!/bin/sh\nset -e\nmigrate\nserver --all\n"
    ((severity, message),) = signals(text, script)
    assert severity == "info"
    assert "run.sh ends in server without exec" in message
    script = script.replace("server --all", 'exec "$@"')
    assert signals(text, script) == []
    ((_, message),) = signals(text + 'CMD ["npm", "start"]\n', script)
    assert message.startswith("npm is process 1")


@pytest.mark.parametrize(
    "script",
    [
        "#!/usr/bin/env python3\nimport app\n",
        "#!/bin/sh\nif [ -n x ]; then\n  a\nelse\n  exec b\nfi\n",
        "#!/bin/sh\ntrap stop TERM\nserver &\nwait\n",
        "#!/bin/sh\nmigrate\necho done\n",
        "#!/bin/sh\nwhile true; do\n  a\ndone\n",
        "#!/bin/sh\nif [\n",
        "",
    ],
)
def test_script_that_is_fine_or_not_understood(script):
    text = 'FROM debian:12\nCOPY run.sh /run.sh\nENTRYPOINT ["sh", "/run.sh"]\n'
    assert signals(text, script) == []


# --- ungraceful-stopsignal ---


@pytest.mark.parametrize("signal", ["SIGKILL", "KILL", "9", "sigkill", "SIGSTOP", "STOP", "19"])
def test_signal_that_cannot_be_caught(signal):
    text = f"FROM a\nSTOPSIGNAL {signal}\n"
    assert marks("ungraceful-stopsignal", text) == [("warning", signal)]
    assert sorted(codes("ungraceful-stopsignal", text)) == ["tally:no-ungraceful-stopsignal"]
    assert fixed("ungraceful-stopsignal", text) == "FROM a\nSTOPSIGNAL SIGTERM\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'FROM ubuntu:24.04\nRUN apt-get install -y systemd-sysv\nCMD ["/sbin/init"]\n', "warning", id="init"
        ),
        pytest.param(
            'FROM rockylinux:9\nRUN rm -f /lib/systemd/system/a\nCMD ["/usr/sbin/init"]\n', "warning", id="its units"
        ),
        pytest.param('FROM fedora:43\nENTRYPOINT ["/usr/lib/systemd/systemd"]\n', "warning", id="systemd"),
        pytest.param(
            'FROM debian:12\nRUN apt-get install -y systemd\nSTOPSIGNAL SIGTERM\nCMD ["/sbin/init"]\n',
            "warning",
            id="another signal",
        ),
        pytest.param('FROM debian:12\nCMD ["nginx", "-g", "daemon off;"]\n', "info", id="nginx"),
        pytest.param("FROM debian:12\nCMD exec nginx -g 'daemon off;'\n", "info", id="exec nginx"),
    ],
)
def test_program_with_its_own_signal(text, expected):
    assert [each[0] for each in marks("ungraceful-stopsignal", text)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM debian:12\nRUN ./install_s6init.sh\nCMD ["/init"]\n', id="s6"),
        pytest.param('FROM ubuntu:24.04\nCMD ["/sbin/init"]\n', id="no init that is known"),
        pytest.param('FROM debian:12\nRUN apt install systemd\nCOPY a /sbin/init\nCMD ["/sbin/init"]\n', id="copied"),
        "FROM a\nSTOPSIGNAL SIGTERM\n",
        "FROM a\nSTOPSIGNAL $S\n",
        'FROM debian:12\nSTOPSIGNAL SIGRTMIN+3\nCMD ["/sbin/init"]\n',
        'FROM debian:12\nSTOPSIGNAL SIGQUIT\nCMD ["nginx"]\n',
        'FROM debian:12\nSTOPSIGNAL SIGWINCH\nCMD ["nginx"]\n',
        'FROM nginx:1.29\nCMD ["nginx"]\n',
        'FROM openresty/openresty:alpine\nCMD ["openresty"]\n',
        'FROM registry.example.com/base:1\nCMD ["nginx"]\n',
        'FROM registry.example.com/systemd:1\nCMD ["/sbin/init"]\n',
        'FROM alpine:3.23\nRUN apk add openrc\nCMD ["/sbin/init"]\n',
        'FROM debian:12\nRUN apt-get install -y sysvinit-core\nCMD ["/sbin/init"]\n',
        'FROM debian:12\nCMD ["/init"]\n',
        "FROM debian:12\nCMD nginx && tail -f /dev/null\n",
        'FROM debian:12\nENTRYPOINT ["/e.sh"]\nCMD ["nginx"]\n',
        "FROM a AS b\nSTOPSIGNAL SIGKILL\nFROM c\n",
    ],
)
def test_signal_that_is_fine(text):
    assert marks("ungraceful-stopsignal", text) == []
