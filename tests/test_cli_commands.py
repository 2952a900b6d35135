"""`dfadvise parse`, `explain`, `rules` and `test`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from dfadvise.cli import main
from dfadvise.docs import in_readme, page
from dfadvise.packs import load_pack

RULE = '''
from dfadvise.rule import Edit, Fix, Rule
from dfadvise.source import Span


class BadWord(Rule):
    """A bad word is said.

    Why:
        It hurts.

    Bad:
        FROM scratch
        RUN bad

    Good (said better):
        FROM scratch
        RUN fine

    Fix:
        unsafe: someone may have meant it.

    Variants:
        not second-stage: words are the same there
    """

    on = ("RUN",)
    severity = "warning"
    aliases = ("XX1001", "DL9999")
    options = {"words": ["bad"], "limit": 1}

    def check(self, run):
        at = run.file.source.text.find("bad", run.span.start, run.span.end)
        if at >= 0:
            span = Span(at, at + 3)
            yield self.finding(span, "says bad", fix=Fix("Say it better", [Edit(span, "NEW")]))
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a pack of one rule."""
    (tmp_path / "pack" / "own").mkdir(parents=True)
    (tmp_path / "pack" / "own" / "bad_word.py").write_text(RULE.replace("NEW", "fine"))
    (tmp_path / "dfadvise.toml").write_text('rule-packs = ["pack"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- parse ---


def parsed(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_parse_prints_one_object_a_file(here: Path, capsys) -> None:
    text = (
        '# escape=`\nFROM --platform=linux/amd64 a:1 AS b\nrun ["x", "é"]\nRUN x `\n  y\n'
        'ENV A=1 B="2 3"\nLABEL k v w\nCOPY --chown=1 a b /c/\nRUN <<-"E" cat\n\tx\n\tE\nEXPOSE 80 81/udp\n'
    )
    (here / "Dockerfile").write_text(text)
    assert main(["parse", "Dockerfile"]) == 0
    (record,) = parsed(capsys)
    assert list(record) == ["path", "escape", "errors", "instructions"]
    assert (record["path"], record["escape"], record["errors"]) == ("Dockerfile", "`", [])
    found = [
        (each["keyword"], each["line"], each["end_line"], each["flags"], each["form"], each["args"])
        for each in record["instructions"]
    ]
    assert found == [
        ("FROM", 2, 2, ["--platform=linux/amd64"], None, ["a:1", "AS", "b"]),
        ("RUN", 3, 3, [], "exec", ["x", "é"]),
        ("RUN", 4, 5, [], "shell", ["x   y"]),
        ("ENV", 6, 6, [], None, ["A", "1", "B", '"2 3"']),
        ("LABEL", 7, 7, [], None, ["k", "v w"]),
        ("COPY", 8, 8, ["--chown=1"], "shell", ["a", "b", "/c/"]),
        ("RUN", 9, 11, [], "shell", ['<<-"E" cat']),
        ("EXPOSE", 12, 12, [], None, ["80", "81/udp"]),
    ]
    assert record["instructions"][6]["heredocs"] == [{"name": "E", "content": "\tx\n", "expand": False, "chomp": True}]


def test_parse_tells_what_the_builder_refuses_and_exits_with_0(here: Path, capsys) -> None:
    (here / "Dockerfile").write_text("")
    (here / "Containerfile").write_text("FROM a\nENV x\nFOO y\nSTOPSIGNAL\n")
    assert main(["parse"]) == 0
    two, one = parsed(capsys)
    assert one["errors"] == [{"line": 1, "message": "file with no instructions"}]
    assert one["instructions"] == []
    assert [error["line"] for error in two["errors"]] == [2]
    # An unknown keyword is a finding of the linter, and nothing behind it is read.
    assert two["instructions"][2]["args"] == [""]


def test_parse_output_is_ascii_and_every_reader_takes_it(here: Path, capfdbinary) -> None:
    (here / "Dockerfile").write_bytes(b"FROM a\nRUN caf\xe9 \xf0\x9f\x90\xb3\n")
    assert main(["parse"]) == 0
    out = capfdbinary.readouterr().out
    assert out.isascii()
    assert json.loads(out)["instructions"][1]["args"] == ["caf\ufffd 🐳"]


def test_parse_of_what_cannot_be_read(here: Path, capsys, monkeypatch) -> None:
    (here / "Dockerfile").write_text("FROM a\n")
    (here / "binary").write_bytes(b"\x7fELF\0")
    assert main(["parse", "missing", "binary", "Dockerfile"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["path"] == "Dockerfile"
    assert sorted(err.splitlines()) == [
        "dfadvise: binary: is a binary file",
        "dfadvise: missing: no such file or directory",
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"FROM a\n")))
    assert main(["parse", "-", "--stdin-filename", "x/Dockerfile"]) == 0
    assert parsed(capsys)[0]["path"] == "x/Dockerfile"


# --- explain ---


@pytest.mark.parametrize("name", ["bad-word", "XX1001", "dl9999", "Bad-Word"])
def test_explain_takes_any_name(here: Path, capsys, name: str) -> None:
    assert main(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out == (
        "bad-word\n"
        "A bad word is said.\n"
        "\n"
        "  own, warning, on by default, unsafe fix\n"
        "\n"
        "Why\n"
        "    It hurts.\n"
        "\n"
        "Reported\n"
        "    FROM scratch\n"
        "    RUN bad\n"
        "\n"
        "Not reported (said better)\n"
        "    FROM scratch\n"
        "    RUN fine\n"
        "\n"
        "Fix\n"
        "    unsafe: someone may have meant it.\n"
        "\n"
        "Options, in [rules.bad-word] of the configuration, with their defaults\n"
        '    words = ["bad"]\n'
        "    limit = 1\n"
        "\n"
        "Not wanted\n"
        "    in one place: # dfadvise: ignore[bad-word] and the reason, on the line above\n"
        '    everywhere: ignore = ["bad-word"] in dfadvise.toml\n'
        "\n"
        "Also known as\n"
        "    XX1001, DL9999\n"
    )


def test_explain_lists_a_family(here: Path, capsys) -> None:
    assert main(["explain", "own"]) == 0
    assert "bad-word  warning       unsafe  A bad word is said (DL9999)" in capsys.readouterr().out


def test_explain_what_does_not_exist(here: Path, capsys) -> None:
    assert main(["explain", "bad-wrd"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "dfadvise: unknown rule `bad-wrd`, did you mean `bad-word`\n"
    assert main(["explain", "nope", "bad-word"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("bad-word\n")
    assert "unknown rule `nope`" in err
    assert main(["explain", "--isolated", "bad-word"]) == 2


def test_explain_knows_the_default_rules_by_the_codes_of_others(here: Path, capsys) -> None:
    assert main(["explain", "DL3027"]) == 0
    assert capsys.readouterr().out.startswith("apt-command\n")


# --- rules ---


def test_rules_lists_the_default_pack_and_our_own(here: Path, capsys) -> None:
    assert main(["rules"]) == 0
    out = capsys.readouterr().out
    assert "apt-command" in out
    assert "bad-word" in out
    assert main(["rules", "--isolated"]) == 0
    out = capsys.readouterr().out
    assert "apt-command" in out
    assert "bad-word" not in out


def test_rules_narrowed(here: Path, capsys) -> None:
    for name in ("bad-word", "own", "dl9999"):
        assert main(["rules", name]) == 0
        out = capsys.readouterr().out
        assert out.startswith("own:\n  bad-word  warning       unsafe  A bad word is said (DL9999)\n")
        assert out.endswith("\n1 rule; `dfadvise explain RULE` says more\n")
    assert main(["rules", "nothing"]) == 2


def test_rules_as_json_and_markdown(here: Path, capsys) -> None:
    assert main(["rules", "bad-word", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (rule,) = document["rules"]
    assert document["version"] == 1
    assert rule.pop("documentation").startswith("### bad-word\n")
    assert rule == {
        "id": "bad-word",
        "family": "own",
        "title": "A bad word is said",
        "severity": "warning",
        "default": "on",
        "fix": "unsafe",
        "aliases": ["XX1001", "DL9999"],
        "options": ["limit", "words"],
        "pack": "pack",
    }
    assert main(["rules", "bad-word", "--format", "markdown"]) == 0
    row = "| [bad-word](#bad-word) | warning | unsafe | A bad word is said | DL9999 |"
    assert row in capsys.readouterr().out.splitlines()


def test_a_broken_rule_file_is_told_and_the_others_are_listed(here: Path, capsys) -> None:
    (here / "pack" / "own" / "broken.py").write_text("x = (\n")
    assert main(["rules", "own"]) == 2
    out, err = capsys.readouterr()
    assert "bad-word" in out
    assert "broken.py:1: syntax error" in err


# --- test ---


def test_the_kit_passes_a_sound_pack(here: Path, capsys) -> None:
    assert main(["test", "pack"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok    bad-word: docstring" in lines
    assert "ok    bad-word: Bad 1" in lines
    assert "ok    bad-word: Good said better, crlf" in lines
    assert not any("second-stage" in line for line in lines)
    assert lines[-1].startswith("1 rule: ")
    assert lines[-1].endswith(" tests passed, 0 failed")
    assert main(["test", "-q", "pack/own/bad_word.py"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("NEW", "bad", "has a fix that changes nothing", id="fix does nothing"),
        pytest.param("NEW", "else", "fixes to something else:", id="fix does another thing"),
        pytest.param("RUN bad\n", "RUN fine\n", "finds nothing", id="misses"),
        pytest.param("RUN fine\n", "RUN also bad\n", "must not find: says bad", id="false alarm"),
        pytest.param("    Why:\n        It hurts.\n", "", "has no Why section", id="no reason"),
        pytest.param("if at >= 0:", "if at >= nowhere:", "NameError", id="raises"),
    ],
)
def test_the_kit_fails_a_pack_that_does_not_hold(here: Path, capsys, old: str, new: str, message: str) -> None:
    assert old in RULE
    text = RULE.replace(old, new).replace("NEW", "fine")
    (here / "pack" / "own" / "bad_word.py").write_text(text)
    assert main(["test", "-q", "pack"]) == 1
    out = capsys.readouterr().out
    assert "FAIL  bad-word: " in out
    assert message in out
    assert "Traceback" not in out


def test_the_kit_and_files_that_are_no_rules(here: Path, capsys) -> None:
    (here / "pack" / "own" / "broken.py").write_text("x = (\n")
    assert main(["test", "pack"]) == 1
    out = capsys.readouterr().out
    assert "broken.py:1: syntax error: " in out
    assert "ok    bad-word: Bad 1" in out
    assert main(["test", "missing"]) == 2
    (here / "empty").mkdir()
    assert main(["test", "empty"]) == 1
    assert "holds no rule files" in capsys.readouterr().out


# --- generated documentation ---


def test_the_page_has_a_section_for_every_rule(here: Path) -> None:
    text = page(load_pack(str(here / "pack"), "pack"))
    assert "1 rules in 1 families" not in text
    assert "\n## own\n" in text
    assert "\n### bad-word\n" in text
    assert "```dockerfile\nFROM scratch\nRUN bad\n```" in text
    assert "[rules.bad-word]\nwords = [" in text
    assert "second-stage" not in text


def test_the_table_goes_between_the_marks_of_a_readme(here: Path) -> None:
    rules = load_pack(str(here / "pack"), "pack")
    old = "# x\n<!-- rules: begin -->\nold\n<!-- rules: end -->\nrest\n"
    new = in_readme(old, rules)
    assert new.startswith("# x\n<!-- rules: begin -->\n\n**own**\n\n| rule |")
    assert "(docs/rules.md#bad-word)" in new
    assert new.endswith("\n<!-- rules: end -->\nrest\n")
    assert in_readme(new, rules) == new
    assert in_readme("# no marks\n", rules) == "# no marks\n"
