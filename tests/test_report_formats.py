"""The reports for machines, but for SARIF: what each reader insists on."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import pytest

from dfadvise.report import FORMATS, render
from dfadvise.report.github import append_summary
from dfadvise.results import FileResult, Report
from dfadvise.rule import Edit, Finding, Fix, Rule, Saving
from dfadvise.source import Source, Span
from report_samples import finding

SEVERITIES = ("error", "warning", "info", "style")


class OddRule(Rule):
    """Something is odd.

    Why:
        Odd things
        break.
    """

    id = "odd-rule"
    family = "security"
    severity = "warning"
    security = "5.0"


def report(source: Source, *findings: Finding, path: str = "Dockerfile") -> Report:
    return Report([FileResult(path, source, list(findings))], {"odd-rule": OddRule()})


def ugly() -> Report:
    """Every awkward thing at once."""
    source = Source.from_bytes("RUN\t漢 😀 \x1b\x00 e\u0301 \u202e\r\n".encode() + b'RUN \xff\xfe <a href="x">&\'\n')
    found = [
        finding(source, "😀", message="says \x1b]0;x\x07 \ud800 \uffff & <b> ::error::\n\r%", severity="error"),
        finding(source, "\udcff", rule='r"<', related=[("a\x00b", Span(0, 3))], severity="info"),
        finding(source, (len(source.text),) * 2, fix=Fix("\x00", [Edit(Span(0, 0), "\udcff")], "safe")),
        finding(source, (10_000, 10_001), severity="style", aliases=("\x1f", "DL1")),
    ]
    ran = report(source, *found, path="a b/<&>\"'\udcff\x0b,:.Dockerfile")
    ran.files += [
        FileResult("empty", Source(""), [finding(Source(""), (0, 0))]),
        FileResult("gone", error="no\x00"),
    ]
    ran.files[0].internal.append("rule\x00 raised")
    ran.notes.append("a\x00note")
    return ran


@pytest.mark.parametrize("name", FORMATS)
def test_ugly_input_gives_clean_utf_8_and_no_control_characters(name: str) -> None:
    text = render(name, ugly())
    text.encode()
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab", "sonarqube"])
def test_json_formats_hold_no_lone_surrogates(name: str) -> None:
    text = render(name, ugly())
    assert text.isascii()
    json.dumps(json.loads(text), ensure_ascii=False).encode()


@pytest.mark.parametrize("name", ["checkstyle", "junit"])
def test_xml_formats_are_well_formed(name: str) -> None:
    text = render(name, ugly())
    assert text.isascii()
    ElementTree.fromstring(text)


# json


def test_json_holds_what_the_contract_names_and_nothing_else() -> None:
    source = Source("FROM x\nRUN a \\\n  b\n")
    found = finding(
        source,
        "a \\\n  b",
        aliases=("DL1", "DL2"),
        related=[("there", Span(0, 4))],
        saving=Saving(12, None, "table", 2),
        fix=Fix("Do it", [Edit(Span(11, 12), "A"), Edit(Span(7, 7), "B\n")], "safe", "=", [("new", "text")]),
    )
    found.instruction = SimpleNamespace(keyword="RUN", line=2, end_line=3)  # type: ignore[assignment]
    ran = report(source, found)
    ran.files.append(FileResult("gone", error="no such file"))
    assert json.loads(render("json", ran)) == {
        "version": 1,
        "findings": [
            {
                "path": "Dockerfile",
                "rule": "a-rule",
                "family": "style",
                "severity": "warning",
                "message": "is odd",
                "start": {"line": 2, "column": 5},
                "end": {"line": 3, "column": 4},
                "instruction": {"keyword": "RUN", "line": 2, "end_line": 3},
                "aliases": ["DL1", "DL2"],
                "related": [
                    {
                        "message": "there",
                        "start": {"line": 1, "column": 1},
                        "end": {"line": 1, "column": 5},
                    }
                ],
                "saving": {"bytes": 12, "seconds": None, "basis": "table"},
                "fix": {
                    "title": "Do it",
                    "applicability": "safe",
                    "edits": [
                        {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 1}, "text": "B\n"},
                        {"start": {"line": 2, "column": 5}, "end": {"line": 2, "column": 6}, "text": "A"},
                    ],
                },
            }
        ],
        "errors": [{"path": "gone", "message": "no such file"}],
    }


def test_json_leaves_unknown_things_null() -> None:
    source = Source("FROM x\n")
    (found,) = json.loads(render("json", report(source, finding(source, "x"))))["findings"]
    assert (found["instruction"], found["saving"], found["fix"]) == (None, None, None)
    assert (found["aliases"], found["related"]) == ([], [])


@pytest.mark.parametrize(
    ("text", "span", "start", "end"),
    [
        pytest.param("RUN 😀漢\tx\n", (7, 8), (1, 8), (1, 9), id="columns are characters"),
        pytest.param("RUN x\r\n", (4, 7), (1, 5), (2, 1), id="line endings count"),
        pytest.param("RUN x\n", (6, 6), (2, 1), (2, 1), id="the end is exact"),
        pytest.param("", (0, 0), (1, 1), (1, 1), id="an empty file"),
        pytest.param("RUN x", (3, 99), (1, 4), (1, 6), id="past the end"),
    ],
)
def test_json_positions(text: str, span: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> None:
    source = Source(text)
    (found,) = json.loads(render("json", report(source, finding(source, span))))["findings"]
    assert found["start"] == {"line": start[0], "column": start[1]}
    assert found["end"] == {"line": end[0], "column": end[1]}


def test_a_fix_that_json_would_corrupt_is_left_out() -> None:
    source = Source.from_bytes(b"RUN \xff\n")
    broken = finding(source, "RUN", fix=Fix("Move", [Edit(Span(0, 0), "\udcff")], "safe"))
    whole = finding(source, "RUN", fix=Fix("Move", [Edit(Span(4, 5), "é")], "safe"))
    found = json.loads(render("json", report(source, broken, whole)))["findings"]
    assert found[0]["fix"] is None
    assert found[1]["fix"]["edits"][0]["text"] == "é"


# github


def test_github_annotations_have_place_level_and_title() -> None:
    source = Source("FROM x\nRUN abc\n")
    found = [finding(source, "abc", severity=severity) for severity in SEVERITIES]
    lines = render("github", report(source, *found, path="./app/Dockerfile")).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::warning", "::notice", "::notice"]
    assert lines[0] == (
        "::error file=app/Dockerfile,line=2,endLine=2,col=5,endColumn=8,title=dfadvise a-rule"
        "::./app/Dockerfile:2:5: is odd"
    )


def test_github_leaves_columns_out_where_the_runner_would_drop_them() -> None:
    source = Source("RUN a \\\n  b\n")
    text = render("github", report(source, finding(source, (4, 11))))
    assert ",line=1,endLine=2,title=" in text


def test_github_commands_cannot_be_broken_out_of() -> None:
    source = Source("FROM x\n")
    found = finding(
        source, "x", message="a\n::error::b %0A c\r", fix=Fix("x\n::warning::y", [], "safe"), rule="r,a:b\n"
    )
    text = render("github", report(source, found, path="a,b:c%\n::error::.Dockerfile"))
    assert text.count("\n") == 1
    properties = text[len("::warning ") :].partition("::")[0]
    assert dict(item.split("=", 1) for item in properties.split(",")) == {
        "file": "a%2Cb%3Ac%25\\x0a%3A%3Aerror%3A%3A.Dockerfile",
        "line": "1",
        "endLine": "1",
        "col": "6",
        "endColumn": "7",
        "title": "dfadvise r%2Ca%3Ab\\x0a",
    }
    assert "a\\x0a::error::b %250A c\\x0d%0Afix: x\\x0a::warning::y (safe)\n" in text


def test_github_summary_is_appended_only_where_there_is_one(tmp_path: Path) -> None:
    source = Source("FROM x\n")
    ran = report(source, finding(source, "x"))
    assert not append_summary(ran, {})
    assert not append_summary(ran, {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "folder")})
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    assert append_summary(ran, {"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text().startswith("before\n## dfadvise\n\n1 warning in 1 file.\n")


def test_github_summary_stays_within_its_limit(tmp_path: Path) -> None:
    source = Source("FROM x\n")
    errors = [finding(source, "x", severity="error", message="grave")]
    found = [finding(source, "x", message="é" * 500) for _ in range(2000)]
    summary = tmp_path / "summary"
    assert append_summary(report(source, *found, *errors), {"GITHUB_STEP_SUMMARY": str(summary)})
    text = summary.read_text()
    assert 900_000 < summary.stat().st_size <= 1024 * 1024
    assert "| grave |" in text.partition("é")[0]
    rows = text.count("| warning |")
    assert text.endswith(f"\n... and {2000 - rows} more.\n")
    append_summary(report(source, *found), {"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.stat().st_size <= 1024 * 1024


# gitlab


def test_gitlab_issues_have_what_the_widget_needs() -> None:
    source = Source("FROM x\nRUN a \\\n  b\n")
    found = [finding(source, (11, 18), severity=severity) for severity in SEVERITIES]
    issues = json.loads(render("gitlab", report(source, *found, path="./app/Dockerfile")))
    assert [issue["severity"] for issue in issues] == ["critical", "major", "minor", "info"]
    assert len({issue["fingerprint"] for issue in issues}) == 4
    assert issues[0] == {
        "type": "issue",
        "check_name": "a-rule",
        "description": "is odd",
        "categories": ["Style"],
        "severity": "critical",
        "fingerprint": issues[0]["fingerprint"],
        "location": {"path": "app/Dockerfile", "lines": {"begin": 2, "end": 3}},
    }


def test_gitlab_paths_are_relative_to_the_root() -> None:
    source = Source("FROM x\n")
    ran = report(source, finding(source, "x"), path="/repo/app/Dockerfile")
    (issue,) = json.loads(render("gitlab", ran, {"root": "/repo/"}))
    assert issue["location"]["path"] == "app/Dockerfile"
    (issue,) = json.loads(render("gitlab", ran, {"root": "/rep"}))
    assert issue["location"]["path"] == "/repo/app/Dockerfile"


# checkstyle


def test_checkstyle_lists_findings_and_failures_by_file() -> None:
    source = Source("FROM x\n\nRUN <&\n")
    found = [finding(source, "<&", severity=severity, message="a <\"&'> b") for severity in SEVERITIES]
    ran = report(source, *found, path="a & b")
    ran.files.append(FileResult("gone", error="no such file"))
    root = ElementTree.fromstring(render("checkstyle", ran))
    first, gone = root
    assert (root.tag, first.get("name"), gone.get("name")) == ("checkstyle", "a & b", "gone")
    assert [error.get("severity") for error in first] == ["error", "warning", "info", "info"]
    assert first[0].attrib == {
        "line": "3",
        "column": "5",
        "severity": "error",
        "message": "a <\"&'> b",
        "source": "dfadvise.style.a-rule",
    }
    assert [error.get("message") for error in gone] == ["no such file"]


def test_xml_drops_only_what_xml_forbids() -> None:
    source = Source("FROM x\n")
    found = finding(source, "x", message="a\x00\x08\x0b\x1f\ufffe\uffff\t\n\réb😀\ud800")
    root = ElementTree.fromstring(render("checkstyle", report(source, found)))
    assert root[0][0].get("message") == "a\t\n\réb😀\ufffd"


# junit


def test_junit_has_a_case_a_finding_and_a_passed_one_for_a_clean_file() -> None:
    source = Source("FROM x\n")
    fix = Fix("Do it", [], "safe")
    ran = report(source, finding(source, "x", saving=Saving(5, basis="table"), fix=fix), path="bad")
    ran.files += [FileResult("good", source), FileResult("gone", error="no such file")]
    root = ElementTree.fromstring(render("junit", ran))
    assert root.attrib == {"name": "dfadvise", "tests": "3", "failures": "1", "errors": "1"}
    bad, good, gone = root
    assert (bad.get("tests"), bad.get("failures"), bad.get("errors")) == ("1", "1", "0")
    failure = bad[0][0]
    assert failure.attrib == {"message": "is odd", "type": "warning"}
    assert failure.text == "bad:1:6: warning: is odd\nsaves: 5 B (typical, not measured here)\nfix: Do it (safe)"
    assert [len(case) for case in good] == [0]
    assert gone[0][0].tag == "error"
    assert (gone.get("failures"), gone.get("errors")) == ("0", "1")


# sonarqube


def test_sonarqube_has_rules_and_issues() -> None:
    source = Source("RUN 😀 abc\n")
    found = finding(source, "abc", rule="odd-rule", family="security", related=[("there", Span(0, 3))])
    document = json.loads(render("sonarqube", report(source, found)))
    assert document["rules"] == [
        {
            "id": "odd-rule",
            "name": "Something is odd",
            "description": "Odd things break.",
            "engineId": "dfadvise",
            "cleanCodeAttribute": "TRUSTWORTHY",
            "type": "VULNERABILITY",
            "severity": "MAJOR",
            "impacts": [{"softwareQuality": "SECURITY", "severity": "MEDIUM"}],
        }
    ]
    (issue,) = document["issues"]
    assert issue["ruleId"] == "odd-rule"
    assert issue["primaryLocation"] == {
        "message": "is odd",
        "filePath": "Dockerfile",
        "textRange": {"startLine": 1, "endLine": 1, "startColumn": 7, "endColumn": 10},
    }
    assert issue["secondaryLocations"][0]["textRange"]["endColumn"] == 3


@pytest.mark.parametrize(
    ("text", "span", "area"),
    [
        pytest.param("RUN x\n", (4, 4), {"startLine": 1, "endLine": 1}, id="no empty range"),
        pytest.param("RUN x\n", (6, 6), {"startLine": 1, "endLine": 1}, id="no line behind the last"),
        pytest.param("", (0, 0), {"startLine": 1, "endLine": 1}, id="an empty file"),
        pytest.param("RUN\rx\n", (0, 5), {"startLine": 1, "endLine": 1}, id="no columns with a lone return"),
        pytest.param(
            "RUN x\r\n",
            (4, 7),
            {"startLine": 1, "endLine": 1, "startColumn": 4, "endColumn": 5},
            id="no CRLF",
        ),
    ],
)
def test_sonarqube_ranges_do_not_stop_the_import(text: str, span: tuple[int, int], area: dict[str, int]) -> None:
    source = Source(text)
    document = json.loads(render("sonarqube", report(source, finding(source, span))))
    assert document["issues"][0]["primaryLocation"]["textRange"] == area


# markdown


def test_markdown_is_a_table_with_the_gravest_first() -> None:
    source = Source("FROM x\n")
    found = [finding(source, "x", severity=severity) for severity in reversed(SEVERITIES)]
    text = render("markdown", report(source, *found))
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| Dockerfile")]
    assert [row[1] for row in rows] == list(SEVERITIES)
    assert rows[0][2].endswith("docs/rules.md#a-rule)")


def test_markdown_cannot_be_broken_out_of() -> None:
    source = Source("FROM x\n")
    found = finding(source, "x", message="a | b\n# c <img src=x> [l](http://x) `y` @someone *z*")
    text = render("markdown", report(source, found, path="a|b"))
    (row,) = [line for line in text.splitlines() if line.startswith("| a")]
    assert row.endswith(" | a \\| b\\\\x0a# c &lt;img src=x&gt; \\[l\\](http://x) \\`y\\` @<!-- -->someone \\*z\\* |")
    assert row.startswith("| a\\|b:1:6 | ")
