"""The answers of `advise` on a terminal, as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dfadvise.about.sizes import human
from dfadvise.report.advice import fixable, lines_of, saved, shown_scenarios
from dfadvise.report.common import count_of

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
    from io import StringIO

    console = Console(
        file=StringIO(),
        width=width or 160,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    source = advice.file.source
    console.print(Text(f"{source.path}, on {advice.base or 'a base that is not known'}", style="bold"))
    console.print()
    console.print(_layers(advice))
    console.print()
    console.print(_scenarios(advice))
    console.print()
    console.print(_savings(advice))
    if any(each.maybe for each in advice.scenarios):
        console.print(Text("maybe: only if what the step looks up or copies has come out differently."))
    if any(row.basis == "table" for row in advice.layers):
        console.print(Text("(table): known for this kind of step from a measurement; there may be more in the layer."))
    if advice.efficiency is not None:
        text = f"Of {human(advice.stored)} whose size is known, {human(advice.hidden)} are hidden by later layers"
        unknown = sum(row.size is None for row in advice.layers)
        rest = f"; {unknown} of {count_of(len(advice.layers), 'layer')} of unknown size" if unknown else ""
        console.print(Text(f"{text}: efficiency {advice.efficiency:.0%}{rest}."))
    if advice.weights is not None:
        weights = advice.weights
        text = f"Of the last {weights.commits} commits {weights.source} touched sources, {weights.manifest} manifests, "
        console.print(Text(f"{text}{weights.dockerfile} the Dockerfile."))
    if any(finding.fix is not None and finding.fix.applicability != "display" for finding in advice.savings):
        console.print(Text("A proposed Dockerfile: dfadvise advise --diff"))
    written = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        right = column in ("line", "bytes", "share")
        table.add_column(column, justify="right" if right else "left", overflow="fold", style=None)
    return table


def _layers(advice: Advice) -> Table:
    table = _table("Layers", "line", "layer", "bytes", "does", "runs again when")
    for row in advice.layers:
        size = f"{human(row.size)} ({row.basis})" if row.size is not None else "?"
        does = "\n".join(row.effects[:4]) + ("\n…" if len(row.effects) > 4 else "")
        again = ", ".join(row.reruns_on) or "never"
        table.add_row(*map(_plain, (str(row.instruction.line), row.text, size, does, again)))
    if not advice.layers:
        table.add_row("", "none", "", "", "")
    return table


def _scenarios(advice: Advice) -> Table:
    known = any(each.share is not None for each in advice.scenarios)
    table = _table("What runs again", "when", "lines", "maybe", *(["share"] if known else []))
    for each in shown_scenarios(advice):
        cells = [each.title, lines_of(advice, each.reruns), lines_of(advice, each.maybe)]
        if known:
            cells.append(f"{each.share:.0%}" if each.share is not None else "")
        table.add_row(*map(_plain, cells))
    return table


def _savings(advice: Advice) -> Table:
    table = _table("Savings", "saves", "line", "what", "rule", "fix")
    source = advice.file.source
    for finding in advice.savings:
        line = str(source.line(finding.span.start))
        table.add_row(*map(_plain, (saved(finding), line, finding.message, finding.rule, fixable(finding))))
    if not advice.savings:
        table.add_row("", "", "nothing found", "", "")
    return table


def _plain(text: str) -> Text:
    """Text from a file never steers the terminal."""
    return Text("".join(char if char == "\n" or char.isprintable() else "\ufffd" for char in text))
