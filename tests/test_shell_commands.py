"""The shell model: words, which commands a RUN runs, how they are joined, what they stand in."""

from __future__ import annotations

import pytest

from dfadvise.shells import grammar
from dfadvise.shells.failures import unseen_failures
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from shell_samples import commands, only, script, source_of

pytestmark = pytest.mark.skipif(not grammar.available(), reason=grammar.MISSING)


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
    ("text", "lost"),
    [
        ("a && b && c", ""),
        ("a; b && c", "a"),
        ("a || b; c", "b"),
        ("a & b", ""),
        ("set -e; a; b", "set"),
        ("set -eux && a; b", "set"),
        ("set -o errexit; a; b", "set"),
        ("set -e; a; set +e; b; c", "set b"),
        ("set -x; a; b", "set a"),
        ("if a; then b; fi", ""),
        ("! a; b", ""),
        ("(a || b) && c", ""),
        ("{ a; b; } && c", "a"),
        ("a | b; c", "b"),
        ("x $(a); b", "x"),
        ("set -e; a || b", "set"),
    ],
)
def test_whose_failure_nobody_sees(text, lost):
    assert " ".join(c.program for c in unseen_failures(script("RUN " + text))) == lost


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
