"""Names of stages, descriptions, ports, the case of keywords; and what fixes leave alone."""

import pytest

from rule_answers import findings, fixed, places

BASE = "FROM debian:12\n"


@pytest.mark.parametrize(
    ("text", "code", "lines"),
    [
        ("FROM a\nrun x\n", "ConsistentInstructionCasing", [2]),
        ("from a\nRUN x\nrun y\n", "ConsistentInstructionCasing", [2]),
        ("from a\nrun x\n", "ConsistentInstructionCasing", []),
        ("arg a\nFROM a\n", "ConsistentInstructionCasing", []),
        ("FROM a\nOnBuild RUN x\n", "ConsistentInstructionCasing", [2]),
        ("FROM a as b\n", "FromAsCasing", [1]),
        ("from a AS b\n", "FromAsCasing", [1]),
        ("FROM a aS b\n", "FromAsCasing", [1]),
        ("From a as b\n", "FromAsCasing", []),
        ("FROM a AS B\n", "StageNameCasing", [1]),
        ("FROM a\nEXPOSE 80/TCP 81/Udp 82/tcp\n", "ExposeProtoCasing", [2, 2]),
        ("FROM a\nEXPOSE 80/HTTP\n", "ExposeProtoCasing", []),
    ],
)
def test_case(text, code, lines):
    assert places("inconsistent-case", text, code) == lines


def test_case_is_mended_with_all_references():
    text = "from a AS Build\nRUN x\nFROM a\nCOPY --from=Build a b\nCOPY --from=build a b\n"
    new = "FROM a AS build\nRUN x\nFROM a\nCOPY --from=build a b\nCOPY --from=build a b\n"
    assert fixed("inconsistent-case", text, unsafe=False) == new
    lower = "from a as b\nrun x\ncopy --from=b c d\nCMD x\n"
    assert fixed("inconsistent-case", lower) == lower


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nRUN x \\\n  y\n  some-devel\\\n  z\n", id="a package behind a lost backslash"),
        pytest.param("FROM a\nrun x\nLABLE a=b\n", id="refused"),
        pytest.param("from a\nrun x\nRUN y\n", id="towards lower case"),
    ],
)
def test_case_is_left_alone(text):
    assert findings("inconsistent-case", text)
    assert fixed("inconsistent-case", text) == text


@pytest.mark.parametrize(
    "command",
    ["powershell ./start -p %sa_password%", "app.exe -x", "server C:\\data"],
)
def test_what_cmd_may_read_stays_in_shell_form(command):
    text = f"FROM example/app\nCMD {command}\n"
    assert fixed("shell-form-command", text) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("missing-destination-slash", "FROM debian:12\nCOPY a b /x # c\n"),
        ("missing-destination-slash", "FROM debian:12\nCOPY a b \\\nRUN x\n"),
        ("relative-path", "FROM debian:12\nCOPY a /x # c\n"),
        ("unused-arg", "FROM debian:12\nARG STACK # e.g. 8.5\n"),
        ("admin-port", "FROM debian:12\nEXPOSE 22 # SSH\n"),
        ("overridden-instruction", "FROM debian:12\nENV A=b # c\nENV A=c\n"),
        ("shell-form-command", "FROM debian:12\nCMD x \\\nEXPOSE 80\n"),
        ("legacy-key-value", "FROM debian:12\nENV A b # for the tests\n"),
        ("package-cache-left", "FROM debian:12\nRUN apt-get update && apt-get install -y curl; \\\n\nRUN echo\n"),
        ("package-cache-left", "FROM fedora:42\nRUN dnf install -y a \\\n  b\n  c \\\n  d\n"),
        ("empty-continuation", "FROM debian:12\nRUN apt-get install -y curl; \\\n\nRUN echo\n"),
    ],
)
def test_strays_are_not_built_upon(rule, text):
    assert fixed(rule, text) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("unused-arg", "FROM debian:12\nRUN x\n# the revision\nARG REVISION\nCMD x\n"),
        ("admin-port", "FROM debian:12\n# Standard SSH port\nEXPOSE 22\nCMD x\n"),
        ("overridden-instruction", "FROM debian:12\n# Start it\nCMD x\n\n# Or so\nCMD y\n"),
    ],
)
def test_no_comment_is_left_behind(rule, text):
    assert fixed(rule, text) == text


def test_one_blank_line_stays_where_an_instruction_was():
    assert fixed("unused-arg", BASE + "RUN x\n\nARG A\n\nCMD x\n") == BASE + "RUN x\n\nCMD x\n"
    assert fixed("unused-arg", BASE + "RUN x\n\nARG A\n") == BASE + "RUN x\n"
    assert fixed("unused-arg", "# syntax=docker/dockerfile:1\nARG A\n\nFROM a\n") == (
        "# syntax=docker/dockerfile:1\n\nFROM a\n"
    )


def test_a_stage_comes_to_one_form_at_once():
    text = BASE + "ENV A 1\n# dfadvise: ignore[legacy-key-value]\nENV B 2\nENV C 3\n"
    shown, *rest = [f for f in findings("legacy-key-value", text) if f.severity != "style"]
    assert not rest
    assert [edit.text for edit in shown.fix.edits] == ['="', '"', '="', '"']


def test_stage_names():
    text = "FROM a AS b\nFROM a AS B\nFROM a AS scratch\nFROM a AS d\n"
    assert places("stage-name-clash", text, "DuplicateStageName") == [2]
    assert places("stage-name-clash", text, "DL3024") == []
    assert places("stage-name-clash", text, "ReservedStageName") == [3]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# about x\nARG x\nFROM a\n", [2]),
        ("# x: about it\nARG x\nFROM a\n", [2]),
        ("# x about it\nARG x\nFROM a\n", []),
        ("# y about it\nARG x y\nFROM a\n", []),
        ("# about x\n\nARG x\nFROM a\n", [3]),
        ("# about x\n#\nARG x\nFROM a\n", []),
        ("  # x about it\nARG x\nFROM a\n", [2]),
        ("# x\n# more\nARG x\nFROM a\n", [3]),
        ("# about it\nFROM a\n", []),
        ("# build makes it\nFROM a AS Build\n", []),
        ("# about it\nRUN x\n", []),
    ],
)
def test_descriptions(text, lines):
    assert places("description-mismatch", text, "InvalidDefinitionDescription") == lines


def test_blank_continuation_lines_are_one_finding():
    text = BASE + "RUN a && \\\n\n \t\n  b\nRUN c\n"
    assert places("empty-continuation", text, "NoEmptyContinuation") == [2]
    assert fixed("empty-continuation", text, unsafe=False) == BASE + "RUN a && \\\n  b\nRUN c\n"
    assert findings("empty-continuation", BASE + "RUN a && \\\n# why\n  b\n\nRUN c\n") == []


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("EXPOSE 70000", {"DL3011"}),
        ("EXPOSE 8000-70000/udp", {"DL3011"}),
        ("EXPOSE 80:80", {"ExposeInvalidFormat"}),
        ("EXPOSE 127.0.0.1:80:80 [::1]:81:81", {"ExposeInvalidFormat"}),
        ("EXPOSE 80,81", set()),
        ("EXPOSE 90-80", set()),
    ],
)
def test_ports(line, codes):
    found = findings("invalid-expose", BASE + line + "\n")
    assert found
    assert codes <= set().union(*(finding.aliases for finding in found))


@pytest.mark.parametrize(
    "line", ["EXPOSE 65535 1-2/sctp", "EXPOSE $P", 'EXPOSE "80"', "EXPOSE 80 # web", "ENV P=80\nEXPOSE $P/tcp"]
)
def test_ports_that_are_fine(line):
    assert findings("invalid-expose", BASE + line + "\n") == []
