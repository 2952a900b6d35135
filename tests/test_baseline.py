"""`--baseline`: what is known is left out, what is new is not."""

from __future__ import annotations

import json

import pytest

from dfadvise.cli import main

OLD = "FROM debian:12\nUSER 1000\nMAINTAINER me\nRUN sudo true\n"
RULES = ["--select", "deprecated-maintainer,sudo-command"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(capsys, *words: str) -> tuple[int, list[str], str]:
    status = main(["lint", *RULES, "--format", "json", *words])
    out, err = capsys.readouterr()
    return status, [each["rule"] for each in json.loads(out)["findings"]] if out else [], err


def adopt(here, capsys, text: str = OLD, place: str = "known.json") -> None:
    (here / "Dockerfile").write_text(text)
    status, _, err = lint(capsys, "--baseline", place, "--write-baseline")
    assert status == 0
    assert f"{place} is written: 2 findings" in err


def test_known_findings_are_left_out(here, capsys):
    adopt(here, capsys)
    assert lint(capsys, "--baseline", "known.json")[:2] == (0, [])


def test_lines_may_move(here, capsys):
    adopt(here, capsys)
    (here / "Dockerfile").write_text(OLD.replace("USER", "# a comment\n\nENV A=b\nUSER"))
    assert lint(capsys, "--baseline", "known.json")[:2] == (0, [])


def test_new_findings_are_reported(here, capsys):
    adopt(here, capsys)
    (here / "Dockerfile").write_text(OLD + "RUN sudo false\n")
    assert lint(capsys, "--baseline", "known.json")[:2] == (1, ["sudo-command"])


def test_the_same_once_more_is_new(here, capsys):
    adopt(here, capsys)
    (here / "Dockerfile").write_text(OLD + "RUN sudo true\n")
    assert lint(capsys, "--baseline", "known.json")[1] == ["sudo-command"]


def test_what_is_mended_is_told(here, capsys):
    adopt(here, capsys)
    (here / "Dockerfile").write_text(OLD.replace("MAINTAINER me\n", ""))
    status, rules, err = lint(capsys, "--baseline", "known.json")
    assert (status, rules) == (0, [])
    assert "1 finding of the baseline left out" in err
    assert "1 finding of the baseline gone: --write-baseline takes them out of it" in err


def test_paths_are_given_from_the_folder_of_the_baseline(here, capsys, monkeypatch):
    (here / "sub").mkdir()
    adopt(here, capsys, place="sub/known.json")
    monkeypatch.chdir(here / "sub")
    assert lint(capsys, "--baseline", "known.json", "../Dockerfile")[:2] == (0, [])


def test_fixes_leave_the_rest_known(here, capsys):
    adopt(here, capsys)
    assert main(["fix", *RULES, "--baseline", "known.json"]) == 0
    assert "MAINTAINER" not in (here / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read: No such file or directory: --write-baseline makes it"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no baseline of this version"),
        ('{"version": 1, "findings": [1]}', "has a finding without path and mark"),
    ],
)
def test_what_is_no_baseline(here, capsys, text, told):
    (here / "Dockerfile").write_text(OLD)
    if text is not None:
        (here / "known.json").write_text(text)
    status, _, err = lint(capsys, "--baseline", "known.json")
    assert status == 2
    assert told in err
    assert err.count("\n") == 1


def test_writing_needs_a_place(here, capsys):
    assert main(["lint", "--write-baseline"]) == 2
    assert "`--write-baseline` needs `--baseline FILE`" in capsys.readouterr().err


def test_a_secret_that_a_finding_left_out_knows_of_stays_hidden():
    from dfadvise.results import FileResult
    from dfadvise.rule import Finding
    from dfadvise.runner import slim
    from dfadvise.secret.signs import shown_source
    from dfadvise.source import Source, Span

    source = Source("FROM a\nRUN x correcthorse99\n")
    at = source.text.index("correct")
    finding = Finding("a", "b", "error", Span(7, 10), "c", hides=[Span(at, at + 14)])
    result = slim(FileResult("Dockerfile", source, [finding]))
    result.findings = []
    assert "correcthorse99" not in shown_source(result).text
