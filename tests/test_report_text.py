"""The report for a terminal: what a user sees, and what a hostile Dockerfile cannot make them see."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from dfadvise.report import FORMATS, render
from dfadvise.results import FileResult, Report
from dfadvise.rule import Edit, Finding, Fix, Saving
from dfadvise.source import Source, Span
from report_samples import finding


def report(source: Source, *findings: Finding, path: str = "Dockerfile") -> Report:
    return Report([FileResult(path, source, list(findings))], {})


def frame(text: str, needle: str | tuple[int, int]) -> list[str]:
    """The lines that show the source under the head line."""
    source = Source(text)
    lines = render("text", report(source, finding(source, needle))).split("\n")
    return lines[1 : lines.index("", 1)]


def marked(rows: list[str]) -> list[str]:
    """What stands above the marks, for lines in which every character takes one column."""
    pairs = [(rows[at - 1], row) for at, row in enumerate(rows) if row.rstrip("^").endswith((" ", "|"))]
    return [above[below.index("^") : below.rindex("^") + 1] for above, below in pairs if "^" in below]


def test_a_finding_is_a_head_line_a_frame_and_a_summary() -> None:
    source = Source("FROM debian\nRUN apt-get install curl\n")
    text = render("text", report(source, finding(source, "install", aliases=("DL3015",))))
    assert text == (
        "Dockerfile:2:13: warning[a-rule] is odd (DL3015)\n"
        "2 | RUN apt-get install curl\n"
        "  |             ^^^^^^^\n"
        "\n"
        "1 warning in 1 file\n"
    )


def test_the_place_saving_and_fix_of_a_finding_are_told() -> None:
    source = Source("FROM debian\nRUN x\n")
    fix = Fix("Use y", [Edit(Span(16, 17), "y")], "safe")
    found = finding(
        source,
        "x",
        related=[("the base is chosen here", Span(0, 4))],
        saving=Saving(19_200_000, 2.5, "table"),
        fix=fix,
    )
    text = render("text", report(source, found))
    assert "  = note: line 1: the base is chosen here\n1 | FROM debian\n  | ----\n" in text
    assert "  = saves: 19.2 MB and 2.5 s a rebuild (typical, not measured here)\n" in text
    assert "  = fix: Use y (safe)\n" in text
    assert text.endswith("1 warning in 1 file; 1 fixable with `dfadvise fix`\n")


def test_a_saving_without_a_number_and_no_fix_say_nothing() -> None:
    source = Source("FROM x\n")
    text = render("text", report(source, finding(source, "x", saving=Saving(rank=3))))
    assert "saves" not in text
    assert "fix" not in text


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1 MB"),
        (2_340_000_000, "2.3 GB"),
    ],
)
def test_sizes_are_decimal_and_short(size: int, shown: str) -> None:
    source = Source("FROM x\n")
    text = render("text", report(source, finding(source, "x", saving=Saving(size, basis="measured"))))
    assert f"saves: {shown} (measured)\n" in text


def test_unsafe_and_display_fixes_are_not_promised() -> None:
    source = Source("FROM x\n")
    unsafe = finding(source, "x", fix=Fix("Change it", [], "unsafe"))
    shown = finding(source, "x", fix=Fix("Rewrite it", [], "display"))
    text = render("text", report(source, unsafe, shown))
    assert "fix: Change it (unsafe)" in text
    assert "fix: Rewrite it (not applied by `dfadvise fix`)" in text
    assert text.endswith("2 warnings in 1 file; 1 fixable with `dfadvise fix --unsafe`\n")


@pytest.mark.parametrize(
    ("text", "needle", "rows"),
    [
        pytest.param("RUN\ta b\n", "b", ["1 | RUN    a b", "  |          ^"], id="a tab before"),
        pytest.param("RUN a\tb\n", "a\tb", ["1 | RUN a    b", "  |     ^^^^^^"], id="a tab inside"),
        pytest.param("RUN 漢字 b\n", "b", ["1 | RUN 漢字 b", "  |          ^"], id="wide characters before"),
        pytest.param("RUN 漢字\n", "字", ["1 | RUN 漢字", "  |       ^^"], id="wide characters inside"),
        pytest.param("RUN 😀 b\n", "b", ["1 | RUN 😀 b", "  |        ^"], id="an emoji before"),
        pytest.param("RUN e\u0301 b\n", "b", ["1 | RUN e\u0301 b", "  |       ^"], id="a combining accent"),
        pytest.param("RUN a\r\nRUN b\r\n", "a\r\n", ["1 | RUN a", "  |     ^"], id="CRLF is not shown"),
        pytest.param("", (0, 0), ["1 |", "  | ^"], id="an empty file"),
        pytest.param("RUN a", (5, 5), ["1 | RUN a", "  |      ^"], id="the end without a final newline"),
        pytest.param("RUN a\n", (6, 6), ["1 | RUN a", "  |      ^"], id="the end after the final newline"),
        pytest.param("RUN a\r\n", (7, 7), ["1 | RUN a", "  |      ^"], id="the end after a final CRLF"),
        pytest.param("RUN a\n", (4, 99), ["1 | RUN a", "  |     ^"], id="a span past the end"),
        pytest.param("RUN a\n", (50, 99), ["1 | RUN a", "  |      ^"], id="a span wholly past the end"),
        pytest.param("RUN a\n\nRUN b\n", (5, 6), ["1 | RUN a", "  |      ^"], id="only a newline"),
        pytest.param("\n\n\nRUN a\n", (0, 0), ["1 |", "  | ^"], id="an empty line"),
    ],
)
def test_marks_stand_under_the_place(text: str, needle: str | tuple[int, int], rows: list[str]) -> None:
    assert frame(text, needle) == rows


def test_a_span_over_two_lines_shows_both() -> None:
    text = "RUN a && \\\n    b && c\n"
    assert frame(text, (4, text.index(" && c"))) == [
        "1 | RUN a && \\",
        "  |     ^^^^^^",
        "2 |     b && c",
        "  |     ^",
    ]


def test_a_span_over_many_lines_shows_the_first_and_the_last() -> None:
    text = "FROM x\nRUN a && \\\n    b && \\\n    c && \\\n    d\n"
    assert frame(text, (7, len(text))) == [
        "2 | RUN a && \\",
        "  | ^^^^^^^^^^",
        "...",
        "5 |     d",
        "  |     ^",
    ]


def test_line_numbers_of_all_frames_are_aligned() -> None:
    source = Source("FROM x\n" * 12)
    text = render("text", report(source, finding(source, (0, 4), related=[("there", Span(70, 74))])))
    assert " 1 | FROM x\n   | ^^^^\n" in text
    assert "11 | FROM x\n   | ----\n" in text


@pytest.mark.parametrize("before", [0, 60, 150, 290])
def test_a_long_line_is_clipped_around_the_place(before: int) -> None:
    rows = frame("RUN " + "a" * before + "NEEDLE" + "b" * (300 - before) + "\n", "NEEDLE")
    assert marked(rows) == ["NEEDLE"]
    assert len(rows[0]) < 120
    assert rows[0].endswith("...") == (before < 250)


def test_a_span_longer_than_the_window_is_clipped_with_its_marks() -> None:
    rows = frame("RUN " + "a" * 300 + "\n", "a" * 300)
    assert len(rows[0]) < 120
    assert len(rows[1]) < 120
    assert rows[1].count("^") == rows[0].count("a")


def test_the_end_of_a_span_is_seen_on_a_long_last_line() -> None:
    rows = frame("RUN a \\\n" + "b" * 300 + "END more\n", (0, 8 + 303))
    assert "END more" in rows[2]
    assert marked(rows)[-1].endswith("END")


HOSTILE = "RUN a\x1b[2J\x07\x00\x7f\x9b31m\u202e\u200b\u2066\ufeff\u2028\u00a0 b\n"


def test_nothing_in_the_source_steers_the_terminal() -> None:
    source = Source.from_bytes(HOSTILE.encode() + b"RUN \xff\xfe c\r\n")
    found = [
        finding(source, "b", message="says \x1b]0;title\x07\nnext", related=[("\x1b[1m", Span(0, 3))]),
        finding(source, "c", rule="\x1b[m", aliases=("\x1b",), fix=Fix("\x1b[5m", [], "safe")),
    ]
    ran = report(source, *found, path="a\x1b[31m\udcff\n")
    ran.files[0].internal.append("broke \x1b[0m")
    ran.notes.append("note \x1b[0m")
    for options in ({}, {"quiet": True}, {"statistics": True}):
        text = render("text", ran, options)
        assert all(char.isprintable() or char == "\n" for char in text)
        text.encode()
    text = render("text", ran)
    assert "RUN a\\x1b[2J\\x07\\x00\\x7f\\x9b31m\\u202e\\u200b\\u2066\\ufeff\\u2028\\xa0 b" in text
    assert "RUN \\xff\\xfe c" in text
    assert text.startswith("a\\x1b[31m\\xff\\x0a:1:")


def test_marks_follow_escaped_characters() -> None:
    assert frame("RUN \x1b[0m b\n", "b") == ["1 | RUN \\x1b[0m b", "  |             ^"]


def test_colour_only_when_asked_for() -> None:
    source = Source("FROM x\n")
    ran = report(source, finding(source, "x"))
    assert "\x1b" not in render("text", ran)
    colored = render("text", ran, {"color": True})
    assert "\x1b[1;33mwarning[a-rule]\x1b[0m" in colored
    plain = colored
    for code in ("1;33", "1", "2", "0"):
        plain = plain.replace(f"\x1b[{code}m", "")
    hint = "why, and how to switch it off: dfadvise explain RULE\n"
    assert plain == render("text", ran) + hint


def test_quiet_is_one_line_a_finding_and_nothing_for_none() -> None:
    source = Source("FROM x\n")
    found = finding(source, "x", saving=Saving(5, basis="table"), fix=Fix("Do", [], "safe"))
    assert render("text", report(source, found, found), {"quiet": True}) == (
        "Dockerfile:1:6: warning[a-rule] is odd\n" * 2
    )
    assert render("text", report(source), {"quiet": True}) == ""


def test_failures_are_told_even_when_quiet() -> None:
    ran = Report([FileResult("gone", error="no such file")], {}, ["no shell grammar"])
    assert render("text", ran, {"quiet": True}) == "gone: error: no such file\n"
    assert render("text", ran) == ("gone: error: no such file\nnote: no shell grammar\n1 path not checked\n")


def test_many_aliases_and_places_are_counted() -> None:
    source = Source("FROM x\n")
    found = finding(source, "x", aliases=tuple("abcdef"), related=[("here", Span(0, 4))] * 9)
    text = render("text", report(source, found))
    assert "is odd (a, b, c, d, +2)\n" in text
    assert text.count("note: line 1: here") == 6
    assert "= note: and 3 more places" in text


def test_summary_counts_by_severity_and_file() -> None:
    source = Source("FROM x\n")
    levels = ("error", "error", "warning", "info", "info", "style")
    ran = report(source, *(finding(source, "x", severity=level) for level in levels))
    ran.files.append(FileResult("other", source))
    assert render("text", ran).splitlines()[-1] == "2 errors, 1 warning, 2 info, 1 style in 1 of 2 files"


def test_statistics_count_by_rule_the_most_frequent_first() -> None:
    source = Source("FROM x\n")
    rare = finding(source, "x", rule="rare", severity="error")
    often = finding(source, "x", rule="often", fix=Fix("Do", [], "safe"), saving=Saving(1000, basis="table"))
    lines = render("text", report(source, rare, often, often), {"quiet": True, "statistics": True}).splitlines()
    assert lines[-2:] == ["     2  warning  often (2 fixable, up to 2 kB)", "     1  error    rare"]


def test_suppressed_findings_are_not_shown() -> None:
    source = Source("FROM x\n")
    ran = Report([FileResult("Dockerfile", source, [], [finding(source, "x")])], {})
    assert render("text", ran) == "no findings in 1 file\n"


def test_an_unknown_format_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"unknown format 'xls'.*sarif"):
        render("xls", Report([], {}))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_an_empty_report_and_foreign_options(name: str) -> None:
    text = render(name, Report([], {}), {"color": False, "quiet": False, "surprise": 1})
    assert text.endswith("\n") or (name, text) == ("github", "")


def test_ten_thousand_findings_in_one_line_take_seconds_at_most() -> None:
    source = Source("RUN " + "x && " * 10_000 + "é\n")
    found = [finding(source, (4 + 5 * at, 5 + 5 * at)) for at in range(10_000)]
    start = time.perf_counter()
    render("text", report(source, *found))
    assert time.perf_counter() - start < 10


def test_plain_text_needs_no_heavy_module() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "from dfadvise.report import render\n"
        "from dfadvise.results import FileResult, Report\n"
        "from dfadvise.rule import Finding\n"
        "from dfadvise.source import Source, Span\n"
        "found = [Finding('r', 'f', 'error', Span(0, 4), 'm')]\n"
        "render('text', Report([FileResult('D', Source('FROM x'), found)], {}), {'color': True})\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=root, timeout=60
    ).stdout.split()
    ours = {name for name in loaded if name.startswith("dfadvise")}
    assert set(loaded) - ours <= {"__future__", "bisect", "_bisect"}
    assert {name for name in ours if name.startswith("dfadvise.report.")} == {
        "dfadvise.report.common",
        "dfadvise.report.text",
    }
