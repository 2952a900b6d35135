"""SARIF: valid for the standard, and what code scanning makes of it.

Two tests need tools that are installed elsewhere (`npm install @microsoft/sarif-multitool-linux` has both):
SARIF_SCHEMA names the schema file of SARIF 2.1.0, SARIF_MULTITOOL the program Sarif.Multitool.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dfadvise import __version__
from dfadvise.report import render
from dfadvise.results import FileResult, Report
from dfadvise.rule import Edit, Fix, Saving
from dfadvise.source import Source, Span
from report_samples import odd_finding as finding
from report_samples import region_of, report, result_of, run_of


def full() -> Report:
    """A report with everything in it that the format has a place for."""
    source = Source.from_bytes(
        "FROM x\r\nRUN a 😀 b && \\\r\n  c\r\nRUN \x1b漢\t".encode() + b"\xff\r\n", "a b/Dockerfile"
    )
    fix = Fix("Add d", [Edit(Span(12, 13), "d 😀"), Edit(Span(0, 0), "")], "safe", creates=[(".ignore", "x\n")])
    found = [
        finding(source, "b", aliases=("DL1",), saving=Saving(5, 1.5, "table"), fix=fix),
        finding(source, (12, 30), severity="error", related=[("there", Span(0, 4)), ("and there", Span(8, 11))]),
        finding(source, "\udcff", severity="info", rule="unknown-rule", family="other"),
        finding(source, (len(source.text),) * 2, severity="style", rule="quiet", family="style"),
        finding(source, "漢", fix=Fix("No", [Edit(Span(0, 0), "\udcff")], "safe")),
    ]
    hidden = finding(source, "a")
    hidden.suppressed = "known \udcff"
    ran = report(source, *found, path="a b/%Dockerfile#1\udcff?:é")
    ran.files[0].suppressed.append(hidden)
    ran.files[0].internal.append("rule odd-rule raised ValueError")
    ran.files += [
        FileResult("empty", Source(""), [finding(Source(""), (0, 0))]),
        FileResult("../up/Dockerfile", Source("FROM x\n"), [finding(Source("FROM x\n"), (0, 4))]),
        FileResult("/elsewhere/Dockerfile", Source("FROM x\n"), [finding(Source("FROM x\n"), (0, 4))]),
        FileResult("C:/x/Dockerfile", Source("FROM x\n"), [finding(Source("FROM x\n"), (0, 4))]),
        FileResult("gone", error="no such file"),
        FileResult("<stdin>", Source("FROM x\n")),
    ]
    ran.notes.append("no shell grammar")
    return ran


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    return run_of(full())


def test_it_is_valid_for_the_schema() -> None:
    path = os.environ.get("SARIF_SCHEMA", "")
    if not os.path.isfile(path):
        pytest.skip("SARIF_SCHEMA does not name the schema of SARIF 2.1.0")
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for ran in (full(), Report([], {})):
        errors = [error.message for error in validator.iter_errors(json.loads(render("sarif", ran)))]
        assert errors == []


def test_the_multitool_finds_no_error_and_no_warning(tmp_path: Path) -> None:
    tool = os.environ.get("SARIF_MULTITOOL", "")
    if not os.path.isfile(tool):
        pytest.skip("SARIF_MULTITOOL does not name the program Sarif.Multitool")
    (tmp_path / "full.sarif").write_text(render("sarif", full()))
    (tmp_path / "empty.sarif").write_text(render("sarif", Report([], {})))
    done = subprocess.run(
        [
            tool,
            "validate",
            "full.sarif",
            "empty.sarif",
            "--rule-kind",
            "Sarif;Ghas",
            "--level",
            "Error;Warning",
        ],
        cwd=tmp_path,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "2 files scanned" in done.stdout
    assert [line for line in done.stdout.splitlines() if re.search(": (error|warning) ", line)] == []


def test_the_run_describes_the_tool_and_its_rules(run: dict[str, Any]) -> None:
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"], driver["semanticVersion"]) == (
        "dfadvise",
        __version__,
        __version__,
    )
    assert driver["informationUri"].startswith("https://")
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["automationDetails"] == {"id": "dfadvise/"}
    assert run["originalUriBaseIds"].keys() == {"%SRCROOT%"}
    assert [rule["id"] for rule in driver["rules"]] == ["odd-rule", "quiet", "unknown-rule"]
    odd, quiet, unknown = driver["rules"]
    assert odd["name"] == "OddRule"
    assert "name" not in quiet  # it would only repeat the id
    assert odd["shortDescription"] == {"text": "Something is odd."}
    assert odd["fullDescription"] == {"text": "Odd things break."}
    assert odd["helpUri"] == "https://github.com/dfadvise/dfadvise/blob/main/docs/rules.md#odd-rule"
    assert odd["defaultConfiguration"] == {"level": "error"}
    assert odd["properties"] == {
        "security-severity": "7.5",
        "aliases": ["DL1", "DL2"],
        "tags": ["security", "dockerfile"],
    }
    assert quiet["properties"] == {"tags": ["style", "dockerfile"]}
    assert quiet["defaultConfiguration"] == {"level": "note"}
    assert unknown["shortDescription"] == {"text": "Unknown rule."}


def test_the_help_of_a_rule_is_its_docstring(run: dict[str, Any]) -> None:
    shown = run["tool"]["driver"]["rules"][0]["help"]
    assert shown["text"].startswith("Something is odd.\n\nWhy:\n    Odd things\n    break.\n\nBad:\n    FROM x\n")
    assert shown["markdown"].startswith(
        "Something is odd.\n\n### Why\n\nOdd things\nbreak.\n\n### Bad\n\n"
        "```dockerfile\nFROM x\nRUN a && \\\n    b\n```\n\n### Options\n\n    limit: 5\n\n"
    )
    assert shown["markdown"].endswith("docs/rules.md#odd-rule)")


def test_results_point_to_their_rule_with_their_own_level(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    # Also where it is the schema's default: a missing level would mean the rule's.
    assert [result["level"] for result in run["results"]][:5] == [
        "warning",
        "error",
        "note",
        "note",
        "warning",
    ]
    assert run["results"][0]["message"] == {"text": "is odd."}
    assert run["results"][0]["properties"] == {
        "aliases": ["DL1"],
        "saving": {"bytes": 5, "seconds": 1.5, "basis": "table"},
    }


def test_related_places_have_ids_and_messages(run: dict[str, Any]) -> None:
    first, second = run["results"][1]["relatedLocations"]
    assert (first["id"], first["message"]) == (1, {"text": "there."})
    assert second["id"] == 2
    assert second["physicalLocation"]["region"] == {
        "startLine": 2,
        "startColumn": 1,
        "endLine": 2,
        "endColumn": 4,
    }


@pytest.mark.parametrize(
    ("text", "span", "region"),
    [
        pytest.param("RUN x y\n", (4, 5), (1, 5, 1, 6), id="plain"),
        pytest.param("RUN 漢 y\n", (6, 7), (1, 7, 1, 8), id="wide characters are one unit"),
        pytest.param("RUN 😀 y\n", (6, 7), (1, 8, 1, 9), id="characters beyond U+FFFF are two before"),
        pytest.param("RUN 😀 y\n", (4, 5), (1, 5, 1, 7), id="and inside"),
        pytest.param("RUN 😀\nRUN yz\n", (11, 12), (2, 6, 2, 7), id="but not on other lines"),
        pytest.param("RUN a \\\n  b\n", (4, 11), (1, 5, 2, 4), id="two lines"),
        pytest.param("RUN x\r\nRUN y\r\n", (4, 7), (1, 5, 1, 6), id="line endings are left out"),
        pytest.param("RUN x\n", (6, 6), (1, 6, 1, 6), id="no line behind the last"),
        pytest.param("", (0, 0), (1, 1, 1, 1), id="an empty file"),
        pytest.param("RUN x", (4, 99), (1, 5, 1, 6), id="past the end"),
    ],
)
def test_regions(text: str, span: tuple[int, int], region: tuple[int, ...]) -> None:
    source = Source(text)
    found = region_of(result_of(report(source, finding(source, span))))
    assert (found["startLine"], found["startColumn"], found["endLine"], found["endColumn"]) == region


def test_a_byte_order_mark_shifts_no_column() -> None:
    source = Source.from_bytes(b"\xef\xbb\xbfFROM x\n")
    assert region_of(result_of(report(source, finding(source, "FROM"))))["startColumn"] == 1


def test_snippets_are_the_text_of_the_region_unless_it_is_long() -> None:
    source = Source.from_bytes(b"RUN a \xff b\nRUN " + b"c" * 5000 + b"\n")
    assert region_of(result_of(report(source, finding(source, (4, 9)))))["snippet"] == {"text": "a \ufffd b"}
    assert "snippet" not in region_of(result_of(report(source, finding(source, "c" * 5000))))


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("Dockerfile", "Dockerfile"),
        ("./a//b/../Dockerfile", "a/Dockerfile"),
        ("a b/%#?é.Dockerfile", "a%20b/%25%23%3F%C3%A9.Dockerfile"),
        ("a:b/Dockerfile", "a%3Ab/Dockerfile"),
        ("\udcff", "%FF"),
        ("\ud800", "%EF%BF%BD"),
        ("../Dockerfile", "../Dockerfile"),
        ("/root/app/Dockerfile", "app/Dockerfile"),
    ],
)
def test_paths_are_relative_and_percent_encoded(path: str, uri: str) -> None:
    source = Source("FROM x\n")
    run = run_of(report(source, finding(source, "x"), path=path), root="/root")
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": uri, "uriBaseId": "%SRCROOT%", "index": 0}
    assert run["artifacts"][0]["location"] == location


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/other/a b", "file:///other/a%20b"),
        ("C:/a b", "file:///C:/a%20b"),
        ("/rooted/x", "file:///rooted/x"),
    ],
)
def test_paths_outside_the_tree_are_absolute(path: str, uri: str) -> None:
    source = Source("FROM x\n")
    result = result_of(report(source, finding(source, "x"), path=path), root="/root")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri, "index": 0}


def test_failures_and_notes_are_notifications(run: dict[str, Any]) -> None:
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = invocation["toolExecutionNotifications"]
    assert [(note["level"], note["message"]["text"]) for note in told] == [
        ("error", "no such file."),
        ("error", "rule odd-rule raised ValueError."),
        ("note", "no shell grammar."),
    ]
    assert told[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "gone"
    assert run_of(Report([], {}))["invocations"] == [{"executionSuccessful": True}]


def test_an_empty_report_has_results_that_close_old_alerts() -> None:
    assert run_of(Report([], {}))["results"] == []


# fixes


def apply(text: str, replacements: list[dict[str, Any]]) -> str:
    """What a reader of SARIF makes of the text, counting UTF-16 units and lines itself."""
    data = text.encode("utf-16-le")
    starts = [0, *(at + 2 for at in range(0, len(data), 2) if data[at : at + 2] == b"\n\0")]
    for change in reversed(replacements):
        region = change["deletedRegion"]
        start = starts[region["startLine"] - 1] + 2 * (region["startColumn"] - 1)
        end = starts[region["endLine"] - 1] + 2 * (region["endColumn"] - 1)
        data = data[:start] + change.get("insertedContent", {}).get("text", "").encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")


def test_fixes_give_the_text_that_our_own_edits_give() -> None:
    text = "FROM x\r\nRUN 😀 a && \\\r\n  漢 b\r\nRUN c"
    edits = [
        Edit(Span(0, 0), "# 😀\r\n"),
        Edit(Span(6, 8), "\n"),
        Edit(Span(14, 15), ""),
        Edit(Span(20, 25), "漢"),
        Edit(Span(len(text), len(text)), "\n"),
    ]
    source = Source(text)
    (fix,) = result_of(report(source, finding(source, "RUN", fix=Fix("Do it", edits, "safe"))))["fixes"]
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
    assert fix["description"] == {"text": "Do it."}
    assert fix["properties"] == {"applicability": "safe"}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "Dockerfile"
    assert apply(text, change["replacements"]) == expected


def test_a_fix_that_creates_a_file_names_it_beside_the_dockerfile() -> None:
    source = Source("FROM x\n")
    fix = Fix("Write it", [], "unsafe", creates=[("Dockerfile.dockerignore", ".git\n")])
    result = result_of(report(source, finding(source, "x", fix=fix), path="app/Dockerfile"))
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "app/Dockerfile.dockerignore"
    assert change["replacements"][0]["insertedContent"] == {"text": ".git\n"}


@pytest.mark.parametrize(
    "fix",
    [
        pytest.param(None, id="no fix"),
        pytest.param(Fix("Show it", [Edit(Span(0, 1), "x")], "display"), id="only shown"),
        pytest.param(Fix("Nothing", [], "safe"), id="no edits"),
        pytest.param(Fix("Bytes", [Edit(Span(0, 1), "\udcff")], "safe"), id="bytes that are no text"),
    ],
)
def test_what_no_reader_should_apply_is_no_fix(fix: Fix | None) -> None:
    source = Source("FROM x\n")
    assert "fixes" not in result_of(report(source, finding(source, "x", fix=fix)))


# suppressions


def test_suppressed_findings_are_marked_with_their_comment() -> None:
    source = Source("FROM x\n")
    ran = report(source, finding(source, "x"))
    assert "suppressions" not in result_of(ran)
    hidden = finding(source, "FROM")
    hidden.suppressed = "a reason"
    ran.files[0].suppressed.append(hidden)
    shown, hid = run_of(ran)["results"]
    assert shown["suppressions"] == []
    assert hid["suppressions"] == [{"kind": "inSource", "justification": "a reason"}]
    assert "suppressions" not in result_of(ran, suppressed=False)
