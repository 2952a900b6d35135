"""Applying fixes: to a fixed point, byte for byte; wrong ones give way."""

import pytest

from dfadvise.fixing import apply_edits, fix
from dfadvise.results import FileResult
from dfadvise.rule import Edit, Finding, Fix
from dfadvise.source import Source, Span
from dfadvise.stages import Dockerfile
from fix_offers import always, lint_with, replace, run


def test_nothing_to_do_gives_the_source_back():
    outcome = run("FROM a\r\n# é \ufeff\r\nRUN x")
    assert outcome.source.text == "FROM a\r\n# é \ufeff\r\nRUN x"
    assert outcome.converged
    assert not outcome.applied


def test_only_the_edit_changes():
    outcome = run("FROM a\r\nRUN apt  install x \\\r\n  # c\r\n  y", replace("apt ", "apt-get ", "safe", "program"))
    assert outcome.source.text == "FROM a\r\nRUN apt-get  install x \\\r\n  # c\r\n  y"
    assert [each.line for each in outcome.applied] == [2]


def test_an_unsafe_fix_needs_no_proof_but_must_be_readable():
    assert run("FROM a\nRUN x\n", replace("RUN x", "RUN y", "unsafe")).source.text == "FROM a\nRUN y\n"
    outcome = run("FROM a\nRUN x\n", replace("RUN x", "RUN <<EOF", "unsafe"))
    assert outcome.source.text == "FROM a\nRUN x\n"
    assert "would not be read" in outcome.refused[0].reason


def test_overlapping_fixes_take_turns():
    outcome = run("FROM a\nRUN bcd\n", replace("bc", "xx", "unsafe"), replace("cd", "yy", "unsafe"))
    assert outcome.source.text == "FROM a\nRUN xxd\n"
    assert outcome.converged


def test_fixes_that_never_end_are_stopped():
    outcome = run("FROM a\nRUN x\n", replace("x", "xx", "unsafe"))
    assert not outcome.converged


def test_a_fix_that_goes_back_and_forth_is_stopped():
    outcome = run("FROM a\nRUN x\n", replace("x", "y", "unsafe"), replace("y", "x", "unsafe"))
    assert not outcome.converged


def test_identical_edits_count_once():
    edit = Edit(Span(0, 1), "b")
    assert apply_edits("abc", [edit, Edit(Span(0, 1), "b")]) == "bbc"


def test_unwanted_fixes_are_named_or_passed_over():
    makers = [replace("x", "y", "unsafe")]
    outcome = fix(Source("FROM a\nRUN x\n"), lint_with(*makers), Dockerfile, lambda finding: "needs --unsafe")
    assert [each.reason for each in outcome.refused] == ["needs --unsafe"]
    outcome = fix(Source("FROM a\nRUN x\n"), lint_with(*makers), Dockerfile, lambda finding: "")
    assert outcome.refused == []


def many(*makers):
    """A lint function whose makers give any number of fixes, each as (rule, fix)."""

    def lint(source):
        result = FileResult(source.path, source)
        for make in makers:
            for rule, made in make(source.text):
                result.findings.append(Finding(rule, "f", "warning", made.edits[0].span, "m", fix=made))
        return result

    return lint


def every(old, new, declares, rule, applicability="safe"):
    """One fix for each place of a text."""

    def make(text):
        at = -1
        while (at := text.find(old, at + 1)) >= 0:
            yield rule, Fix("x", [Edit(Span(at, at + len(old)), new)], applicability, declares)

    return make


def test_fixes_of_different_kinds_in_one_run_are_applied_together():
    text = "FROM debian:12\nRUN apt update && apt install curl\nMAINTAINER x\nCMD a\nCMD b\n"
    lint = many(
        every("apt ", "apt-get ", "program", "a"),
        every("install curl", "install -y curl", "+flag", "b"),
        every("CMD a\n", "", "-dead", "d"),
        every("MAINTAINER x", "LABEL org.opencontainers.image.authors=x", "meta", "e"),
    )
    outcome = fix(Source(text), lint, Dockerfile, always)
    assert outcome.source.text == (
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"
        "LABEL org.opencontainers.image.authors=x\nCMD b\n"
    )
    assert [each.rule for each in outcome.applied] == ["a", "a", "b", "e", "d"]
    assert outcome.converged
    assert not outcome.refused


def test_one_wrong_fix_among_many_is_found_and_the_others_are_applied():
    lines = [f"RUN apt install p{number}" for number in range(60)]
    text = "\n".join(["FROM debian:12", *lines, ""])
    lint = many(
        every("apt install p4\n", "apt-get remove p4\n", "program", "evil"),
        every("apt install p", "apt-get install p", "program", "good"),
        every("RUN apt-get install p7\n", "RUN apt-get  install p7\n", "=", "good"),
        every("RUN apt-get install p8\n", "RUN apt-get install p9\n", "=", "evil"),
    )
    outcome = fix(Source(text), lint, Dockerfile, always)
    wanted = text.replace("apt install", "apt-get install").replace("install p7\n", " install p7\n")
    assert outcome.source.text == wanted
    assert outcome.converged
    assert {(each.rule, each.line) for each in outcome.refused} == {("evil", 10)}


def test_what_gave_way_to_a_refused_fix_has_its_turn():
    text = "FROM debian:12\nRUN apt update\n"
    lint = many(
        every("apt update", "evil", "program", "evil"),
        every("apt ", "apt-get ", "program", "good"),
    )
    outcome = fix(Source(text), lint, Dockerfile, always)
    assert outcome.source.text == "FROM debian:12\nRUN apt-get update\n"
    assert outcome.converged


def test_fixes_that_hold_only_alone_are_not_applied_together():
    text = "FROM a\nLABEL a=b\nRUN c\nLABEL a=b\n"
    outcome = fix(Source(text), many(every("LABEL a=b\n", "", "-dead", "r")), Dockerfile, always)
    assert outcome.source.text == "FROM a\nRUN c\nLABEL a=b\n"
    assert outcome.converged
    assert [each.reason for each in outcome.refused] == ["the proof failed: the labels of the stage on line 1 changed"]


@pytest.mark.parametrize(
    ("old", "new", "applicability", "lost"),
    [
        ("# one\n", "", "unsafe", "# one"),
        ("# one\n", "", "safe", "# one"),
        ("  # two\n", "", "safe", "# two"),
        ("# three\n", "", "unsafe", "# three"),
        ("# dfadvise: ignore[x] y\n", "", "safe", None),
        ("ignore[x]", "ignore[z]", "safe", None),
        ("# one\nRUN", "RUN", "unsafe", "# one"),
        ("# one\n", "#  one\n", "unsafe", "# one"),
        ("\n# one\n", "\n    # one\n", "safe", None),
    ],
)
def test_no_fix_drops_a_comment(old, new, applicability, lost):
    text = "FROM a\n# one\nRUN b \\\n  # two\n  && c\n# dfadvise: ignore[x] y\nRUN <<E\nd\n# three\nE\n"
    outcome = run(text, replace(old, new, applicability))
    assert outcome.source.text == (text if lost else text.replace(old, new))
    assert [each.reason for each in outcome.refused] == ([f"it would drop a comment: {lost}"] if lost else [])


def test_a_comment_may_become_the_directive_that_it_was_to_be():
    outcome = run("# sintax=docker/dockerfile:1\nFROM a\n", replace("sintax", "syntax", "unsafe"))
    assert outcome.source.text == "# syntax=docker/dockerfile:1\nFROM a\n"


def brings(severity, aliases=()):
    """A lint function that offers one fix, and finds something new in its result."""

    def lint(source):
        result = FileResult(source.path, source)
        text = source.text
        at = text.find("x")
        if at >= 0:
            repair = Fix("y", [Edit(Span(at, at + 1), "y")], "unsafe")
            result.findings.append(Finding("r", "f", "info", Span(at, at + 1), "m", fix=repair))
        for place, char in enumerate(text):
            if char == "y":
                result.findings.append(Finding("new", "f", severity, Span(place, place + 1), "bad", aliases=aliases))
        return result

    return lint


@pytest.mark.parametrize(
    ("severity", "aliases", "refused"),
    [
        ("error", (), "it would bring new: bad"),
        ("style", ("UndefinedVar",), "it would bring UndefinedVar: bad"),
        ("warning", ("DL3008",), None),
        ("style", ("InvalidDefinitionDescription",), None),
    ],
)
def test_no_fix_brings_a_new_error_or_a_new_check_of_buildkit(severity, aliases, refused):
    outcome = fix(Source("FROM a\nRUN x\n"), brings(severity, aliases), Dockerfile, always)
    assert outcome.source.text == ("FROM a\nRUN x\n" if refused else "FROM a\nRUN y\n")
    assert [each.reason for each in outcome.refused] == ([refused] if refused else [])
    # What was there before is no reason.
    outcome = fix(Source("FROM y\nRUN x\n"), brings(severity, aliases), Dockerfile, always)
    assert (outcome.source.text == "FROM y\nRUN y\n") is (refused is None)


def test_a_safe_fix_is_still_judged_where_unsafe_ones_are_applied():
    text = "FROM debian:12\nRUN apt update\nRUN b\n"
    lint = many(
        every("apt ", "evil ", "program", "evil"),
        every("RUN b", "RUN c", "=", "unsafe", "unsafe"),
    )
    outcome = fix(Source(text), lint, Dockerfile, always)
    assert outcome.source.text == text.replace("RUN b", "RUN c")
    assert [each.rule for each in outcome.refused] == ["evil"]


def test_hundreds_of_fixes_in_a_long_file_take_seconds():
    from time import perf_counter

    lines = ["FROM debian:12"]
    for number in range(500):
        lines += [f"# {number}", f"COPY a{number} /b{number}/", "RUN apt update && \\"]
        lines += ["    apt install \\", f"    p{number} \\", "    git && \\", "    ls", f"ENV A{number}=1", ""]
    text = "\n".join(lines)
    lint = many(
        every("apt update", "apt-get update", "program", "a"),
        every("apt install", "apt-get install", "program", "a"),
        every("git &&", "--yes git &&", "+flag", "b"),
    )

    def once(source):
        result = lint(source)
        result.findings = [each for each in result.findings if "--yes" not in source.text or each.rule == "a"]
        return result

    start = perf_counter()
    outcome = fix(Source(text), once, Dockerfile, always)
    assert perf_counter() - start < 20
    assert len(outcome.applied) == 1500
    assert outcome.source.text.count("--yes git") == 500
