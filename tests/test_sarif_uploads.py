"""SARIF in code scanning: fingerprints that survive edits, and the limits of an upload."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest

from dfadvise.report import render, sarif
from dfadvise.report.fingerprint import line_hashes
from dfadvise.results import FileResult, Report
from dfadvise.rule import Edit, Fix, Rule
from dfadvise.source import Source, Span
from report_samples import odd_finding as finding
from report_samples import report, run_of

# fingerprints

INSTRUCTION = SimpleNamespace(keyword="RUN", line=2, end_line=2)


def marks(
    text: str, *spans: tuple[int, int], path: str = "Dockerfile", line: int = 2, rule: str = "odd-rule"
) -> list[str]:
    source = Source(text)
    run = SimpleNamespace(keyword="RUN", line=line, end_line=line)
    found = [finding(source, span, instruction=run, rule=rule) for span in spans]
    results = run_of(report(source, *found, path=path))["results"]
    return [result["partialFingerprints"]["dfadviseInstruction/v1"] for result in results]


def test_fingerprints_survive_moved_lines_and_spacing() -> None:
    before = marks("FROM x\nRUN a  b\n", (11, 12))
    assert before == marks("FROM x\n\n# new\nRUN a\t b\r\n", (18, 19), line=4)
    assert before == marks("FROM x\nRUN a  b\n", (11, 12), path="./Dockerfile")


def test_fingerprints_tell_findings_apart() -> None:
    text = "FROM x\nRUN a b\nRUN a b\n"
    first, second = marks(text, (11, 12), (13, 14))
    assert first != second
    assert first not in marks("FROM x\nRUN a c\n", (11, 12))
    assert first not in marks(text, (11, 12), path="other")
    assert first not in marks(text, (11, 12), rule="quiet")


def test_suppressing_one_finding_leaves_the_fingerprints_of_the_others() -> None:
    source = Source("FROM x\nRUN a b c\n")
    found = [finding(source, needle, instruction=INSTRUCTION) for needle in ("a", "b", "c")]
    ran = report(source, *found)
    before = [result["partialFingerprints"] for result in run_of(ran)["results"]]
    found[0].suppressed = "known"
    ran.files[0].findings.remove(found[0])
    ran.files[0].suppressed.append(found[0])
    after = [result["partialFingerprints"] for result in run_of(ran)["results"]]
    assert after == [before[1], before[2], before[0]]


@pytest.mark.parametrize(
    ("data", "hashes"),
    [
        (b"", ["c129715d7a2bc9a3:1"]),
        (
            b" a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
    ],
)
def test_line_hashes_are_those_of_the_upload_action(data: bytes, hashes: list[str]) -> None:
    found = line_hashes(Source.from_bytes(data))
    assert [found[line] for line in range(1, len(hashes) + 1)] == hashes


def test_line_hashes_count_repeated_lines_and_ignore_the_line_ending() -> None:
    repeated = line_hashes(Source("FROM debian\n" * 40))
    assert repeated[1].endswith(":1")
    assert repeated[2] == repeated[1].replace(":1", ":2")
    assert repeated[40].partition(":")[0] != repeated[1].partition(":")[0]  # near the end of the file
    assert line_hashes(Source("FROM debian\r\n" * 40)) == repeated


# limits


def test_too_many_results_lose_the_least_grave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 6)
    source = Source("FROM x\n")
    levels = ("style", "info", "error", "style", "warning", "error", "info", "style")
    ran = report(source, *(finding(source, "x", severity=level, message=level) for level in levels))
    hidden = finding(source, "x", severity="error")
    ran.files[0].suppressed.append(hidden)
    run = run_of(ran)
    assert [result["message"]["text"] for result in run["results"]] == [
        "style.",
        "info.",
        "error.",
        "warning.",
        "error.",
        "info.",
    ]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "warning"
    assert note["message"]["text"].startswith("The 3 least grave results were left out")


def test_a_file_that_packs_too_large_loses_the_least_grave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_BYTES", 20_000)
    source = Source("".join(f"RUN {number * 7919**9:x}\n" for number in range(2000)))
    found = [
        finding(source, (start, start + 20), severity="error" if at % 10 == 0 else "info")
        for at, start in enumerate(source.starts[:-1])
    ]
    text = render("sarif", report(source, *found))
    (run,) = json.loads(text)["runs"]
    levels = [result["level"] for result in run["results"]]
    assert sarif._packed(text) <= 20_000
    assert levels.count("error") >= levels.count("note")
    assert (
        f"The {2000 - len(levels)} least grave"
        in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    )


def test_places_and_descriptions_are_kept_to_what_is_shown() -> None:
    class LongRule(Rule):
        __doc__ = "Long.\n\n    Why:\n        " + "word " * 1000

    source = Source("FROM x\n")
    rule = LongRule()
    rule.id = "long-rule"
    found = finding(source, "x", rule="long-rule", related=[("there", Span(0, 4))] * 500)
    run = run_of(Report([FileResult("Dockerfile", source, [found])], {"long-rule": rule}))
    assert len(run["results"][0]["relatedLocations"]) == 100
    assert len(run["tool"]["driver"]["rules"][0]["fullDescription"]["text"]) == 1024


def test_twenty_thousand_results_take_seconds() -> None:
    text = "FROM x\n" + "RUN apt-get install -y é\n" * 20_000
    source = Source(text)
    found = [
        finding(
            source,
            (start + 4, start + 11),
            instruction=SimpleNamespace(keyword="RUN", line=at + 2, end_line=at + 2),
            fix=Fix("Do it", [Edit(Span(start, start), "x")], "safe"),
        )
        for at, start in enumerate(source.starts[1:-1])
    ]
    start = time.perf_counter()
    assert len(run_of(report(source, *found))["results"]) == 20_000
    assert time.perf_counter() - start < 30
