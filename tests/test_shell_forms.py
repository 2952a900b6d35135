"""The shell model: options, redirections, heredocs, dialects, and any text at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dfadvise.shells import grammar
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from shell_samples import commands, only, script, source_of

pytestmark = pytest.mark.skipif(not grammar.available(), reason=grammar.MISSING)


# --- options and operands ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("apt-get -y install", ("-y",), "-y"),
        ("apt-get install -qqy x", ("-y", "--yes"), "-qqy"),
        ("apt-get install --yes x", ("-y", "--yes"), "--yes"),
        ("a --opt=v", ("--opt",), "--opt=v"),
        ("a --option", ("--opt",), None),
        ("a -- -y", ("-y",), None),
        ("a x-y", ("-y",), None),
        ("a --yes", ("-y",), None),
        ("a '-y'", ("-y",), "-y"),
        ("a $U", ("-y",), None),
    ],
)
def test_flags(text, names, expected):
    word = only(text).flag(*names)
    assert (word.text if word else None) == expected
    assert only(text).has_flag(*names) is (expected is not None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("curl -o f x", "f"),
        ("curl -of x", "f"),
        ("curl --output f x", "f"),
        ("curl --output=f x", "f"),
        ("curl -o $U x", None),
        ("curl --output=$U x", None),
        ("curl x", None),
        ("curl -o", None),
    ],
)
def test_option_values(text, value):
    assert only(text).option("-o", "--output") == value


def test_operands_leave_out_options_and_their_values():
    command = only("apt-get -y -o Dpkg::Use-Pty=0 install --no-install-recommends curl wget")
    assert [word.text for word in command.operands] == ["install", "curl", "wget"]
    assert command.subcommand == "install"
    assert [word.text for word in command.targets] == ["curl", "wget"]
    assert [word.text for word in only("rm -f -- -x y").operands] == ["-x", "y"]
    assert only("apt-get").subcommand is None
    assert only("apt-get $U").subcommand is None


@pytest.mark.parametrize(
    ("text", "program"),
    [("/usr/bin/apt-get x", "apt-get"), ("./a", "a"), ("$U x", None), ("$U/a x", "a"), ("A=1", None)],
)
def test_the_program_is_a_base_name(text, program):
    assert only(text).program == program


# --- redirections and heredocs -----------------------------------------------------------------------------------


def test_redirections():
    command = only("a >out 2>&1 <in >>app &>all 2>/dev/null b")
    found = [(r.fd, r.operator, r.target.text if r.target else None) for r in command.redirects]
    assert found == [
        ("", ">", "out"),
        ("2", ">&", "1"),
        ("", "<", "in"),
        ("", ">>", "app"),
        ("", "&>", "all"),
        ("2", ">", "/dev/null"),
    ]
    assert [r.writes for r in command.redirects] == [True, False, False, True, True, True]
    assert command.texts == ["a", "b"]
    assert only("> /x").redirects[0].target.text == "/x"
    assert only("cat <<< x").redirects[0].operator == "<<<"


def test_a_redirection_belongs_to_the_last_command_of_a_pipe():
    a, b = commands("a | b > c")
    assert (a.redirects, len(b.redirects)) == ([], 1)
    assert source_of(b) == "b > c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN <<E\na\nb\nE", [["a"], ["b"]]),
        ("RUN <<'E'\na $x\nE", [["a", None]]),
        ("RUN <<-E\n\tif a; then\n\t\tb\n\tfi\n\tE", [["a"], ["b"]]),
        ("RUN <<E\n#!/bin/bash -e\na\nE", [["a"]]),
        ("RUN bash <<E\na && b\nE", [["bash"], ["a"], ["b"]]),
        ("RUN <<E bash\na\nE", [["bash"], ["a"]]),
        ("RUN cat <<E > /f && b\na; $(x)\nE", [["cat"], ["b"]]),
        ("RUN cat <<A <<B\n1\nA\n2\nB", [["cat"]]),
        ("RUN python3 <<E\nimport os\nE", [["python3"]]),
        ("RUN <<E\ncat <<F > x\nhello\nF\nb\nE", [["cat"], ["b"]]),
        ("ONBUILD RUN <<E\na\nE", [["a"]]),
    ],
)
def test_heredocs(text, expected):
    file = Dockerfile(Source(f"FROM scratch\n{text}\n"))
    run = next(i for i in file.walk() if i.keyword == "RUN")
    assert [command.texts for command in run.all_commands()] == expected


def test_a_script_in_a_heredoc_keeps_its_places():
    found = script("RUN <<-E\n\tapt-get update\n\t\tcurl x\nE").commands
    assert [source_of(command) for command in found] == ["apt-get update", "curl x"]


def test_a_document_is_the_body_of_its_command():
    command = script("RUN cat <<E > /f\nhello\nE").commands[0]
    assert command.body.text == "hello\n"
    assert [r.operator for r in command.redirects] == ["<<", ">"]


def test_a_heredoc_before_its_program_keeps_the_commands_place():
    assert source_of(script("RUN <<E bash\na\nE").commands[0]) == "<<E bash"


def test_another_redirection_may_stand_before_a_heredoc():
    command = script("RUN <in <<E cat\nx\nE").commands[0]
    assert (command.texts, command.body.text) == (["cat"], "x\n")


def test_two_heredocs_may_stand_before_their_program():
    command = script("RUN <<A <<B cat\n1\nA\n2\nB").commands[0]
    assert (command.texts, command.body.text) == (["cat"], "2\n")


@pytest.mark.xfail(reason="the grammar takes a first line with a backslash for words", strict=True)
def test_a_document_may_begin_with_a_backslash():
    command = script("RUN <<E\ncat <<'F' > x\n\\hello you\nF\nE").commands[0]
    assert command.texts == ["cat"]
    assert command.body.text == "\\hello you\n"


# --- dialects, forms, what cannot be read ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "line", "dialect", "opaque"),
    [
        ("", "RUN a", "sh", False),
        ('SHELL ["/bin/bash", "-c"]\n', "RUN a", "bash", False),
        ('SHELL ["/bin/ash", "-eo", "pipefail", "-c"]\n', "RUN a", "ash", False),
        ('SHELL ["powershell", "-Command"]\n', "RUN a", "powershell", True),
        ('SHELL ["C:\\\\x\\\\pwsh.EXE", "-c"]\n', "RUN a", "pwsh", True),
        ('SHELL ["cmd", "/S", "/C"]\n', "RUN a", "cmd", True),
        ('SHELL ["python3", "-c"]\n', "RUN import a", "python3", True),
        ("", "RUN <<E\n#!/usr/bin/env python3\nimport a\nE", "python3", True),
        ("", "RUN <<E\n#!/bin/bash\na\nE", "bash", False),
        ("FROM mcr.microsoft.com/windows/nanoserver:x\n", "RUN dir", "cmd", True),
        ('SHELL ["powershell"]\n', 'RUN ["a", "b"]', "exec", False),
    ],
)
def test_dialects(before, line, dialect, opaque):
    parsed = script(line, before)
    assert (parsed.dialect, parsed.opaque) == (dialect, opaque)
    if opaque:
        assert parsed.commands == []
        assert not parsed.is_chain


def test_options_of_the_shell():
    before = 'SHELL ["/bin/bash", "-eo", "pipefail", "-c"]\n'
    parsed = script("RUN a; b", before)
    assert parsed.options == {"errexit", "pipefail"}
    assert all(command.errexit for command in parsed.commands)
    assert script("RUN a", 'SHELL ["/bin/bash", "-c"]\n').options == frozenset()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('RUN ["a", "b c"]', [["a", "b c"]]),
        ('CMD ["sh", "-c", "a && b"]', [["sh", "-c", "a && b"], ["a"], ["b"]]),
        ('ENTRYPOINT ["/bin/sudo", "a"]', [["a"]]),
        ('CMD ["a", "$U"]', [["a", "$U"]]),
        ("CMD a && b", [["a"], ["b"]]),
        ("HEALTHCHECK --interval=3s CMD a || exit 1", [["a"], ["exit", "1"]]),
        ('HEALTHCHECK CMD ["a", "b"]', [["a", "b"]]),
    ],
)
def test_forms(line, expected):
    assert [command.texts for command in script(line).commands] == expected


@pytest.mark.parametrize("line", ["HEALTHCHECK NONE", "RUN", "CMD", "ENTRYPOINT []"])
def test_instructions_without_a_command_have_no_script(line):
    assert Dockerfile(Source("FROM a\n" + line)).stages[0].instructions[1].scripts == []


@pytest.mark.parametrize("text", ["echo 'x", "if then", "( a", "a && ", "$(a", "case x", "a | | b", "['a', 'b']"])
def test_what_cannot_be_read_is_said(text):
    parsed = script("RUN " + text)
    assert parsed.opaque
    assert not parsed.is_chain


def test_places_of_exec_words():
    command = script('RUN ["a", \\\n  "b\\"c"]').commands[0]
    source = command.instruction.file.source
    assert [source.slice(word.span) for word in command.words] == ['"a"', '"b\\"c"']


# --- any text ----------------------------------------------------------------------------------------------------

PIECES = (
    *("a", "b ", "cd /x", "$V", "${V}", "'", '"', "\\", " ", "\n", "\\\n", ";", "&&", "||", "|", "&", "(", ")", "{ "),
    *(";}", "$(", "`", "<<E", "<", ">", "2>&1", "if ", "; then ", "; fi", "for x in ", "; do ", "; done", "case x in "),
    *(";;", "esac", "[ ", " ]", "[[ ", "]]", "((", "))", "f() ", "sh -c ", "find . -exec ", "sudo ", "A=1 ", "#", "!"),
    *("é", "=", "*"),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example('sh -c \'sh -c "sh -c \\"sh -c a\\""\'')
@example("<<E a")
@example("\\")
def test_any_text_is_read_and_every_place_is_in_its_instruction(text):
    file = Dockerfile(Source(f"FROM scratch\nENV V=1\nRUN {text}\nE\n"))
    for instruction in file.walk():
        if instruction.keyword != "RUN":
            continue
        for command in instruction.all_commands():
            assert instruction.span.contains(command.span)
            for word in command.words:
                assert instruction.span.contains(word.span)
                if not word.script.opaque and word.script.joined.is_contiguous(word.start, word.end):
                    assert file.source.slice(word.span) == word.raw


LARGE = {
    "a chain": "a b && " * 5000 + "c",
    "statements": "a b; " * 5000,
    "a pipe": "a | " * 5000 + "b",
    "words": "a " + "b " * 20000,
    "substitutions": "$(a) " * 5000,
    "nested substitutions": "$(a " * 2000 + ")" * 2000,
    "subshells": "(" * 3000 + "a" + ")" * 3000,
    "ifs": "if a; then " * 500 + "b" + "; fi" * 500,
    "quotes": "'" * 20001,
    "shells": "sh -c 'a; b'; " * 3000,
    "find": "find " + "-exec a {} \\; " * 3000,
    "options": "set -e; " * 5000,
    "characters": "echo é && " * 5000 + "a",
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_large_scripts_take_linear_time(text):
    start = time.process_time()
    commands(text)
    assert time.process_time() - start < 5


def test_values_that_double_do_not_fill_the_memory():
    commands("A=xxxx; " + "A=$A$A; " * 60)


def test_a_delimiter_may_end_in_an_escaped_blank() -> None:
    file = Dockerfile(Source("# escape=`\nFROM a\nRUN <<\\  \nls\n \n"))
    run = file.stages[0].instructions[-1]
    assert [each.form for each in run.scripts] == ["heredoc"]
