"""Commands without effect, whose effect is lost, or whose failure is."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, codes, fixed, marks

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
    assert marks("ignored-failure", f"FROM debian:12\nRUN {command}\n") == [("warning", place)]


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
    assert marks("ignored-failure", f"FROM debian:12\nRUN {command}\n") == []


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
    assert marks("ignored-failure", text) == []


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
    assert marks("lost-run-effect", f"FROM debian:12\nRUN {command}\n") == [("warning", place)]


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
    assert marks("lost-run-effect", f"FROM debian:12\nWORKDIR /work\nRUN {command}\n") == []


def test_file_that_may_do_work_is_style():
    assert marks("lost-run-effect", "FROM a\nRUN . ./install.sh\n") == [("style", ". ./install.sh")]


def test_everything_at_the_end_is_lost():
    assert len(marks("lost-run-effect", "FROM a\nRUN make && cd /a && export B=c\n")) == 2


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
    assert marks("pointless-command", f"FROM debian:12\nRUN {command}\n") == [("info", place)]


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
    assert marks("pointless-command", f"FROM debian:12\nRUN {command}\n") == []


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
    assert {severity for severity, _ in marks("pointless-command", f"FROM a\n{text}\n")} == {"style"}


def test_in_the_container_everything_may_make_sense():
    assert marks("pointless-command", 'FROM a\nCMD ["top"]\nENTRYPOINT ssh a\nHEALTHCHECK CMD ps\n') == []


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
    assert codes("pointless-command", f"FROM a\nRUN {command}\n") == expected


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
    assert codes("directory-change", f"FROM a\nRUN {command}\n") == expected


@pytest.mark.parametrize("command", ["pip install a && echo cd ..", "make -C a", "abcd a", "git -C a pull"])
def test_no_directory_change(command):
    assert marks("directory-change", f"FROM a\nRUN {command}\n") == []


def test_one_cause_is_shown_once():
    bench = Bench(RULES["lost-run-effect"], RULES["directory-change"], RULES["pointless-command"])
    assert [finding.severity for finding in bench.findings("FROM a\nRUN cd /a\n")] == ["warning"]
    found = bench.findings("FROM a\nRUN service a start\n")
    assert sorted(finding.severity for finding in found) == ["style", "warning"]
