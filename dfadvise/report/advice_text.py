"""The answers of `advise` on a terminal, as tables."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.report.advice import fixable, lines_of, saved, scenario_seconds, seconds_cell, shown_scenarios
from dfadvise.report.common import count_of
from dfadvise.report.terminal import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.advice import Advice


def render(advice: Advice, color: bool, width: int | None) -> str:
    """The answers as text.

    Args:
        advice: The answers.
        color: Whether to colour them.
        width: Columns of the terminal; None for one that is as wide as needed.
    """
    screen = Screen(color, width)
    screen.print(f"{advice.file.source.path}, on {advice.base or 'a base that is not known'}", "bold")
    for draw in (_layers, _scenarios, *([_build] if advice.timing is not None else []), _savings):
        screen.print()
        draw(advice, screen)
    if any(each.maybe for each in advice.scenarios):
        screen.print("maybe: only if what the step looks up or copies has come out differently.")
    if any(row.basis == "table" for row in advice.layers):
        screen.print("(table): known for this kind of step from a measurement; there may be more in the layer.")
    if advice.efficiency is not None:
        text = f"Of {human(advice.stored)} whose size is known, {human(advice.hidden)} are hidden by later layers"
        unknown = sum(row.size is None for row in advice.layers)
        rest = f"; {unknown} of {count_of(len(advice.layers), 'layer')} of unknown size" if unknown else ""
        screen.print(f"{text}: efficiency {advice.efficiency:.0%}{rest}.")
    weights = advice.weights
    if weights is not None:
        text = f"Of the last {weights.commits} commits {weights.source} touched sources, {weights.manifest} manifests, "
        screen.print(f"{text}{weights.dockerfile} the Dockerfile.")
    if any(finding.fix is not None and finding.fix.applicability != "display" for finding in advice.savings):
        screen.print("A proposed Dockerfile: dfadvise advise --diff")
    return screen.drawn()


def _layers(advice: Advice, screen: Screen) -> None:
    timed = advice.timing is not None
    rows = [
        (
            str(row.instruction.line),
            row.text,
            f"{human(row.size)} ({row.basis})" if row.size is not None else "?",
            *([seconds_cell(row)] if timed else []),
            [*row.effects[:4], *(["…"] if len(row.effects) > 4 else [])],
            ", ".join(row.reruns_on) or "never",
        )
        for row in advice.layers
    ]
    columns = (">line", "layer", ">bytes", *([">seconds"] if timed else []), "does", "runs again when")
    screen.table("Layers", columns, rows or [("", "none", *[""] * (len(columns) - 2))])


def _scenarios(advice: Advice, screen: Screen) -> None:
    known = any(each.share is not None for each in advice.scenarios)
    rows = []
    for each in shown_scenarios(advice):
        cells = [each.title, lines_of(advice, each.reruns), lines_of(advice, each.maybe)]
        if advice.timing is not None:
            cells.append(scenario_seconds(each))
        if known:
            cells.append(f"{each.share:.0%}" if each.share is not None else "")
        rows.append(cells)
    columns = ("when", "lines", "maybe", *(["takes"] if advice.timing is not None else []))
    screen.table("What runs again", (*columns, *([">share"] if known else [])), rows)


def _build(advice: Advice, screen: Screen) -> None:
    from dfadvise.report.timing import COLUMNS, lines, rows

    if advice.timing is None:
        return
    screen.table("The build by its log", COLUMNS, rows(advice.timing))
    for line in lines(advice.timing):
        screen.print(line)


def _savings(advice: Advice, screen: Screen) -> None:
    source = advice.file.source
    rows = [
        (saved(each, advice.timing), str(source.line(each.span.start)), each.message, each.rule, fixable(each))
        for each in advice.savings
    ]
    columns = ("saves", ">line", "what", "rule", "fix")
    screen.table("Savings", columns, rows or [("", "", "nothing found", "", "")])
