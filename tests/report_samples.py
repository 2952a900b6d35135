"""Findings and reports for tests of formats, and where things are in SARIF."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from dfadvise.report import render
from dfadvise.results import FileResult, Report
from dfadvise.rule import Finding, Rule
from dfadvise.source import Source, Span


class OddRule(Rule):
    r"""Something is odd.

    Why:
        Odd things
        break.

    Bad:
        FROM x
        RUN a && \
            b

    Options:
        limit: 5
    """

    id = "odd-rule"
    family = "security"
    severity = "error"
    aliases = ("DL1", "DL2")
    security = "7.5"


class QuietRule(Rule):
    """Nothing much."""

    id = "quiet"
    family = "style"
    severity = "style"


RULES = {rule.id: rule() for rule in (QuietRule, OddRule)}


def finding(source: Source, needle: str | tuple[int, int], **fields: object) -> Finding:
    """A finding on the first occurrence of a text, or on a span."""
    if isinstance(needle, str):
        start = source.text.index(needle)
        needle = (start, start + len(needle))
    values = {"rule": "a-rule", "family": "style", "severity": "warning", "message": "is odd", **fields}
    return Finding(span=Span(*needle), **values)  # type: ignore[arg-type]


odd_finding = partial(finding, rule="odd-rule", family="security")


def report(source: Source, *findings: Finding, path: str = "Dockerfile") -> Report:
    return Report([FileResult(path, source, list(findings))], RULES)


def run_of(ran: Report, **options: object) -> dict[str, Any]:
    (run,) = json.loads(render("sarif", ran, options))["runs"]
    assert isinstance(run, dict)
    return run


def result_of(ran: Report, **options: object) -> dict[str, Any]:
    (result,) = run_of(ran, **options)["results"]
    assert isinstance(result, dict)
    return result


def region_of(result: dict[str, Any]) -> dict[str, Any]:
    region = result["locations"][0]["physicalLocation"]["region"]
    assert isinstance(region, dict)
    return region
