"""The shell model: which commands a RUN runs, how they are joined, what they stand in, where they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dfadvise.shell import Script, ShellCommand
from dfadvise.shells import grammar
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

pytestmark = pytest.mark.skipif(not grammar.available(), reason=grammar.MISSING)


def script(line: str, before: str = "") -> Script:
    """The script of the last instruction of a file."""
    file = Dockerfile(Source(f"FROM scratch\n{before}{line}\n"))
    return file.stages[-1].instructions[-1].scripts[0]


def commands(text: str, before: str = "") -> list[ShellCommand]:
    return script("RUN " + text, before).commands


def only(text: str, before: str = "") -> ShellCommand:
    (command,) = commands(text, before)
    return command


def argvs(text: str, before: str = "") -> list[list[str | None]]:
    return [command.texts for command in commands(text, before)]


def source_of(command: ShellCommand) -> str:
    return command.instruction.file.source.slice(command.span)


# --- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("apt-get install -y curl", ["apt-get", "install", "-y", "curl"]),
        ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
        ("a 'x'\"y\"z", ["a", "xyz"]),
        ('a "\\"\\$x\\`\\\\\\n"', ["a", '"$x`\\\\n']),
        ("a $'b\\n\\'c'", ["a", "b\n'c"]),
        ("a '' \"\"", ["a", "", ""]),
        ("a \\\n  b \\\n  # note\n\n  c", ["a", "b", "c"]),
        ("a x\\\ny", ["a", "xy"]),
        ("a *.txt ~/x {b,c}", ["a", "*.txt", "~/x", "{b,c}"]),
        ("a 'b;c && d' \"e | f\" g\\;h", ["a", "b;c && d", "e | f", "g;h"]),
        ("\"apt-get\" 'update'", ["apt-get", "update"]),
        ("echo é ü", ["echo", "é", "ü"]),
        ("a # comment", ["a"]),
        ("a b#c", ["a", "b#c"]),
        ("a --x=y", ["a", "--x=y"]),
        # What is not known until it runs.
        ('a $U b$U "$U c" $(d)', ["a", None, None, None, None]),
        ("a `b`", ["a", None]),
        ("a $1 $@ $? $$", ["a", None, None, None, None]),
        ("a '$U'", ["a", "$U"]),
        ("a \\$U", ["a", "$U"]),
        ("$U b", [None, "b"]),
    ],
)
def test_words_and_their_values(text, words):
    assert commands(text)[-1].texts == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a $V ${V} "$V" x-$V.tgz', ["a", "1.2", "1.2", "1.2", "x-1.2.tgz"]),
        ("a http://x/${V}/y-${V}.tgz", ["a", "http://x/1.2/y-1.2.tgz"]),
        ("a ${V:-d} ${V%.*} ${#V} ${!V}", ["a", "1.2", "1", None, None]),
        ('a ${S} "${S}"', ["a", "x", "y", "x  y"]),
        ('a $E b "$E"', ["a", "b", ""]),
        ("a ${U:-d}", ["a", "d"]),
        ("V=3 && a $V", ["a", "3"]),
        ("V=3 a $V", ["a", "1.2"]),
        ("V=3; a $V$V", ["a", "33"]),
        ("export V=3 && a $V", ["a", "3"]),
        ("{ V=3; } && a $V", ["a", "3"]),
        ("(V=3); a $V", ["a", None]),
        ("if x; then V=3; fi; a $V", ["a", None]),
        ("for V in p q; do x; done; a $V", ["a", None]),
        ("read V; a $V", ["a", None]),
        ("V=$(x); a $V", ["a", None]),
    ],
)
def test_variables_that_are_known_are_put_in(text, words):
    assert commands(text, "ENV V=1.2 S='x  y' E=\n")[-1].texts == words


@pytest.mark.parametrize("word", ["/$V/y-$V.tgz", "${V}/$V.x", "a$V-$V-b"])
def test_two_variables_in_one_word(word):
    assert only("a " + word, "ENV V=1\n").texts == ["a", word.replace("${V}", "1").replace("$V", "1")]


def test_a_word_knows_its_place_and_its_quotes():
    command = only("apt-get \\\n  # why\n  install 'a b' \"c\"d")
    source = command.instruction.file.source
    assert [source.slice(word.span) for word in command.words] == ["apt-get", "install", "'a b'", '"c"d']
    assert [word.quoted for word in command.words] == [False, False, True, True]
    assert source.slice(command.argv_span) == source_of(command)


def test_places_behind_characters_of_several_bytes():
    first, second = commands("echo é\U0001f600 && ls ü")
    assert (source_of(first), source_of(second)) == ("echo é\U0001f600", "ls ü")


def test_places_under_the_backtick_and_crlf():
    file = Dockerfile(Source("# escape=`\r\nFROM a\r\nRUN one `\r\n  && two x\r\n"))
    found = file.stages[0].instructions[-1].scripts[0].commands
    assert [source_of(command) for command in found] == ["one", "two x"]


# --- how commands are joined -------------------------------------------------------------------------------------


def joins(text: str) -> str:
    return " ".join(f"{c.before}{c.program}{c.after}" for c in commands(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("a && b || c; d", "a&& &&b|| ||c; ;d"),
        ("a | b |& c", "a| |b|& |&c"),
        ("a & b", "a& &b"),
        ("a && b | c && d", "a&& &&b| |c&& &&d"),
        ("a && b || c | d && e | f", "a&& &&b|| ||c| |d&& &&e| |f"),
        ("a;", "a;"),
    ],
)
def test_operators_around_commands(text, expected):
    assert joins(text) == expected


def test_lines_of_a_heredoc_are_joined_like_semicolons():
    found = script("RUN <<EOF\na\n\nb && c\nEOF").commands
    assert [(c.program, c.before, c.after) for c in found] == [("a", "", ";"), ("b", ";", "&&"), ("c", "&&", "")]


@pytest.mark.parametrize(
    ("text", "kinds", "chain"),
    [
        ("a && b | c && d", ["command", "pipeline", "command"], True),
        ("a; b", ["command", "command"], False),
        ("a || b", ["command", "command"], False),
        ("a &", ["command"], False),
        ("if a; then b; fi && c", ["if", "command"], False),
        ("(a) && { b; } && ! c", ["subshell", "group", "negated"], False),
        ("for x in y; do z; done", ["for"], False),
        ("while a; do b; done", ["while"], False),
        ("case x in y) z;; esac", ["case"], False),
        ("f() { a; }; f", ["function", "command"], False),
        ("A=1 && export B && [ -f c ] && b > d", ["command"] * 4, True),
    ],
)
def test_items_at_the_top(text, kinds, chain):
    parsed = script("RUN " + text)
    assert [item.kind for item in parsed.items] == kinds
    assert parsed.is_chain is chain
    assert [c for item in parsed.items for c in item.commands] == parsed.commands


def test_a_pipe_knows_where_it_reads_from():
    a, b, c = commands("a | b | c")
    assert (a.pipe_from, b.pipe_from, c.pipe_from) == (None, a, b)
    assert [c.pipe_from for c in commands("a && b")] == [None, None]


# --- what commands stand in --------------------------------------------------------------------------------------


def contexts(text: str) -> dict[str | None, tuple[str, ...]]:
    return {command.program: command.contexts for command in commands(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", {"a": ()}),
        (
            "if a; then b; elif c; then d; else e; fi",
            {"a": ("if-condition",), "b": ("if-body",), "c": ("if-condition",), "d": ("if-body",), "e": ("if-body",)},
        ),
        ("while a; do b; done", {"a": ("loop-condition",), "b": ("loop",)}),
        ("until a; do b; done", {"a": ("loop-condition",), "b": ("loop",)}),
        ("for x in 1 2; do b; done", {"b": ("loop",)}),
        ("for ((i=0;i<3;i++)); do b; done", {"b": ("loop",)}),
        ("case $x in p) a;; *) b;; esac", {"a": ("case",), "b": ("case",)}),
        ("f() { a; }", {"a": ("function", "group")}),
        ("(a && b)", {"a": ("subshell",), "b": ("subshell",)}),
        ("{ a; }", {"a": ("group",)}),
        ("! a", {"a": ("negated",)}),
        ('x $(a) "$(b)"', {"a": ("substitution",), "b": ("substitution",), "x": ()}),
        ("x `a` <(b)", {"a": ("substitution",), "b": ("substitution",), "x": ()}),
        ("for x in $(a); do b; done", {"a": ("substitution",), "b": ("loop",)}),
        ("A=$(a)", {"a": ("substitution",), None: ()}),
        ("x > $(a)", {"a": ("substitution",), "x": ()}),
        ("x || (a)", {"x": (), "a": ("or-branch", "subshell")}),
        ("(a) || x", {"a": ("or-guarded", "subshell"), "x": ()}),
        ("a | b || x", {"a": ("or-guarded",), "b": ("or-guarded",), "x": ()}),
    ],
)
def test_contexts(text, expected):
    assert contexts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x $(a "$(b)")', {"a": ("substitution",), "b": ("substitution", "substitution"), "x": ()}),
        ("if x; then y $(a); fi", {"x": ("if-condition",), "a": ("if-body", "substitution"), "y": ("if-body",)}),
        ("for x in p; do b $(a); done", {"a": ("loop", "substitution"), "b": ("loop",)}),
    ],
)
def test_contexts_of_substitutions_inside_constructs(text, expected):
    assert contexts(text) == expected


@pytest.mark.parametrize(
    ("text", "conditional", "handled"),
    [
        ("a", "", ""),
        ("a && b", "", ""),
        ("a || b", "b", "a"),
        ("if a; then b; fi", "b", "a"),
        ("while a; do b; done", "b", "a"),
        ("! a", "", "a"),
        ("case x in y) b;; esac", "b", ""),
        ("f() { b; }", "b", ""),
        ("(a; c) || b", "b", "a c"),
        ("a || (b && c)", "b c", "a"),
        ("(a)", "", ""),
    ],
)
def test_what_may_not_run_and_what_is_handled(text, conditional, handled):
    found = commands(text)
    assert " ".join(c.program for c in found if c.conditional) == conditional
    assert " ".join(c.program for c in found if c.failure_handled) == handled


@pytest.mark.parametrize(
    ("text", "stopping"),
    [
        ("a && b && c", "a b c"),
        ("a; b && c", "b c"),
        ("a || b; c", "c"),
        ("a & b", "b"),
        ("set -e; a; b", "a b"),
        ("set -eux && a; b", "a b"),
        ("set -o errexit; a; b", "a b"),
        ("set -e; a; set +e; b; c", "a set c"),
        ("set -x; a; b", "b"),
    ],
)
def test_whose_failure_fails_the_build(text, stopping):
    parsed = script("RUN " + text)
    names = [c.program for c in parsed.commands if parsed.stops_on_failure(c)]
    assert " ".join(name for name in names if name != "set" or "set" in stopping) == stopping


@pytest.mark.parametrize(
    ("text", "stopping"),
    [
        ("if a; then b; fi", "b"),
        ("! a", ""),
        ("(a || b) && c", "b c"),
        ("{ a; b; } && c", "b c"),
        ("a | b", "b"),
        ("x $(a)", "x"),
        ("set -e; a || b", "b"),
    ],
)
def test_whose_failure_fails_the_build_inside_constructs(text, stopping):
    parsed = script("RUN " + text)
    names = [c.program for c in parsed.commands if parsed.stops_on_failure(c) and c.program != "set"]
    assert " ".join(names) == stopping


# --- wrappers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "wrappers"),
    [
        ("sudo apt-get update", ["apt-get", "update"], ("sudo",)),
        ("sudo -E -u root -- apt-get update", ["apt-get", "update"], ("sudo",)),
        ("env A=1 B='2 3' make x", ["make", "x"], ("env",)),
        ("env -i -u X A=1 make", ["make"], ("env",)),
        ("sudo env A=1 make", ["make"], ("sudo", "env")),
        ("nice -n 5 ionice -c2 make", ["make"], ("nice", "ionice")),
        ("timeout -k 5 10m curl x", ["curl", "x"], ("timeout",)),
        ("xargs -0 -n 1 rm -f", ["rm", "-f"], ("xargs",)),
        ("time make", ["make"], ("time",)),
        ("nohup make", ["make"], ("nohup",)),
        ("command make", ["make"], ("command",)),
        ("exec make", ["make"], ("exec",)),
        ("gosu u make x", ["make", "x"], ("gosu",)),
        ("busybox wget x", ["wget", "x"], ("busybox",)),
        # Nothing is wrapped here.
        ("command -v make", ["command", "-v", "make"], ()),
        ("env", ["env"], ()),
        ("sudo -l", ["sudo", "-l"], ()),
        ("echo sudo make", ["echo", "sudo", "make"], ()),
    ],
)
def test_what_only_runs_another_command(text, words, wrappers):
    command = only(text)
    assert (command.texts, command.wrappers) == (words, wrappers)
    assert source_of(command) == text


def test_assignments_before_a_command_and_within_env():
    assert only("A=1 B='x y' C= env D=4 make").assigned == {"A": "1", "B": "x y", "C": "", "D": "4"}
    assert only("A=$U make").assigned == {"A": None}
    lone = only("A=1")
    assert (lone.is_assignment, lone.program, lone.words) == (True, None, [])
    assert not only("A=1 make").is_assignment


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("sh -c 'a b && c'", [["a", "b"], ["c"]]),
        ('bash -exc "a"', [["a"]]),
        ("bash -o pipefail -c 'a | b'", [["a"], ["b"]]),
        ("bash -euxo pipefail -c a", [["a"]]),
        ("sudo -u x sh -c 'a'", [["a"]]),
        ("su user -c 'a b'", [["a", "b"]]),
        ("eval 'a b'", [["a", "b"]]),
        ("xargs sh -c 'a'", [["a"]]),
        ("find . -name x -exec a {} \\; -execdir b {} +", [["a", "{}"], ["b", "{}"]]),
        ("find . -exec sudo rm {} \\;", [["rm", "{}"]]),
        ("sh -c \"sh -c 'a'\"", [["sh", "-c", "a"], ["a"]]),
        # Nothing is known of these, or nothing is run.
        ("sh x.sh", []),
        ('sh -c "$U"', []),
        ("sh -c", []),
        ("eval $U", []),
        ("echo 'a && b'", []),
        ("find . -name x", []),
    ],
)
def test_commands_inside_a_commands_words(text, inner):
    first, *rest = commands(text)
    assert [command.texts for command in rest] == inner
    assert all(command.parent is not None for command in rest)
    assert not any(command.is_simple for command in rest)
    assert first.is_simple


def test_nested_commands_have_their_own_places():
    _, a, b = commands("sh -c 'a b && c'")
    assert (source_of(a), source_of(b)) == ("a b", "c")
    outer, inner = commands('sh -c "a \\"b\\""')
    # The text was unquoted, so its parts stand for the whole word.
    assert source_of(inner) == '"a \\"b\\""'
    assert inner.parent is outer


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
