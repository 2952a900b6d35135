"""The answers of `advise` as an HTML page: layers to scale, the Dockerfile with its margin, ranked savings."""

from __future__ import annotations

from markupsafe import Markup

from dfadvise.about.sizes import human
from dfadvise.advice import SCENARIOS
from dfadvise.report.advice import as_dict, fixable, lines_of, saved, scenario_seconds, seconds_cell, shown_scenarios
from dfadvise.report.html_page import MOST_LINES, Margin, listing, page, segments, size
from dfadvise.secret.redact import Secrets
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from dfadvise.advice import Advice

MOST_FILES = 200
MOST_ROWS = 500
_LETTERS = {"source": "S", "manifest": "M", "argument": "A", "base": "B", "time": "T"}
_WORDS = {**{name: name for name in SCENARIOS}, "argument": "build argument", "base": "base image"}
_BASIS = {
    "measured": "in the image that was built",
    "context": "from the build context",
    "table": "typical for such a step; there may be more in the layer",
}


def section(advice: Advice, number: int, alone: bool, patches: Sequence[tuple[str, str]]) -> str:
    """The part of the page about one file.

    Args:
        advice: The answers.
        number: The number of the file, counted from 1.
        alone: Whether it is the only file.
        patches: What is proposed, as (path, patch) of each file, without secrets.

    Returns:
        HTML; nothing for a file too many.
    """
    if number > MOST_FILES:
        return ""
    source = advice.file.source
    # The numbers are those of the JSON report, by construction.
    data = as_dict(advice)
    layers, scenarios = data["layers"], data["scenarios"]
    secrets = secrets_of(advice)
    known = sum(row["bytes"] or 0 for row in layers)
    widest = max((row["bytes"] or 0 for row in layers), default=0)
    text = secrets.masked()
    return page(
        "advice_file.html.j2",
        number=number,
        alone=alone,
        path=source.path,
        base=advice.base or "",
        data=data,
        unknown=sum(row["bytes"] is None for row in layers),
        stack=segments(
            [
                (f"line {row['line']}", f"line {row['line']}: {human(row['bytes'])}", row["bytes"], 0, False)
                for row in layers
                if row["bytes"]
            ],
            known,
        ),
        layers=[
            {**data, "share": (data["bytes"] or 0) / widest if widest else 0, "took": seconds_cell(row)}
            for data, row in zip(layers[:MOST_ROWS], advice.layers, strict=False)
        ],
        more_layers=max(0, len(layers) - MOST_ROWS),
        bases=sorted({row["basis"] for row in layers if row["basis"]}),
        basis_words=_BASIS,
        letters=[(_LETTERS[name], SCENARIOS[name]) for name in SCENARIOS],
        words=_WORDS,
        listing=listing(source if text is source.text else Source(text, source.path), _margins(layers, scenarios)),
        scenarios=_scenarios(advice),
        shares=any(each["share"] is not None for each in scenarios),
        timed=advice.timing is not None,
        build=_build(advice),
        unsure=any(each["maybe"] for each in scenarios),
        weights=advice.weights,
        savings=[
            {**row, "saved": saved(finding, advice.timing), "how": fixable(finding)}
            for row, finding in zip(data["savings"][:MOST_ROWS], advice.savings, strict=False)
        ],
        more_savings=max(0, len(advice.savings) - MOST_ROWS),
        patches=[_changes(*each) for each in patches if each[1]],
        human=human,
        sized=lambda value: size(value, human(value)),
    )


def secrets_of(advice: Advice) -> Secrets:
    """The secret values of the file, those that only a rule has seen too."""
    return Secrets(advice.file.source.text, advice.hides)


def masked(advice: Advice, text: str) -> str:
    """A text that grew out of the file, with stars for its secrets."""
    return secrets_of(advice).hidden(Secrets(text, []).masked())


def whole(sections: Sequence[str], paths: Sequence[str], errors: Sequence[tuple[str, str]]) -> str:
    """The page.

    Args:
        sections: What `section` made of each.
        paths: The paths of all files that were read.
        errors: (path, message) for what could not be done.
    """
    return page(
        "advice.html.j2",
        sections=[Markup(each) for each in sections if each],
        paths=paths[:MOST_FILES],
        more_files=max(0, len(paths) - MOST_FILES),
        errors=errors[:MOST_ROWS],
        more_errors=max(0, len(errors) - MOST_ROWS),
    )


def _build(advice: Advice) -> dict[str, Any] | None:
    """What a build log says; None without one."""
    if advice.timing is None:
        return None
    from dfadvise.report.timing import COLUMNS, lines, rows

    return {"columns": COLUMNS, "rows": rows(advice.timing), "lines": lines(advice.timing)}


def _changes(path: str, text: str) -> dict[str, Any]:
    """A patch without its head, which names the file as the page does."""
    # Line endings and the byte order mark are no part of what is read.
    lines = [line.removesuffix("\r").replace("\ufeff", "", 1) for line in text.removesuffix("\n").split("\n")[2:]]
    return {"path": path, "lines": lines[:MOST_LINES], "more": max(0, len(lines) - MOST_LINES)}


def _margins(layers: list[dict[str, Any]], scenarios: list[dict[str, Any]]) -> dict[int, Margin]:
    margins: dict[int, Margin] = {}
    for row in layers:
        margin = margins.setdefault(row["line"], Margin())
        margin.layer = True
        margin.size, margin.basis = row["bytes"], row["basis"] or ""
    reached = [(each["name"], set(each["reruns"]), set(each["maybe"])) for each in scenarios]
    for line in {line for _, sure, maybe in reached for line in (*sure, *maybe)}:
        margins.setdefault(line, Margin()).marks = [
            (_LETTERS[name], _WORDS[name], line in sure) if line in sure or line in maybe else None
            for name, sure, maybe in reached
        ]
    return margins


def _scenarios(advice: Advice) -> list[dict[str, Any]]:
    """The scenarios as they are listed."""
    return [
        {
            "title": each.title,
            "lines": lines_of(advice, each.reruns),
            "maybe": lines_of(advice, each.maybe),
            "share": each.share,
            "takes": scenario_seconds(each) if advice.timing is not None else "",
        }
        for each in shown_scenarios(advice)
    ]
