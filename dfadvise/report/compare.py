"""A comparison of two versions as JSON and Markdown; the terminal has a module of its own."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.report.advice import lines_of
from dfadvise.report.common import printable
from dfadvise.report.markdown import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.advice import Advice, LayerRow, Scenario
    from dfadvise.comparing import Comparison, Layer
    from dfadvise.rule import Finding
    from dfadvise.syntax.instructions import Instruction

VERSION = 1


def as_json(comparison: Comparison) -> str:
    """The comparison in the machine-readable form, on one line."""
    from dfadvise.report.dump import dump

    return dump(as_dict(comparison))


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data; the contract is in docs/compare.md."""
    old, new = comparison.old, comparison.new
    return {
        "version": VERSION,
        "old": _side(old),
        "new": _side(new),
        "layers": [
            {
                "change": each.pair.kind,
                "old": _layer(each.old),
                "new": _layer(each.new),
            }
            for each in comparison.layers
        ],
        "scenarios": [
            {
                "name": _name(each.new, each.old),
                "argument": _argument(each.new, each.old),
                "old": _scenario(each.old),
                "new": _scenario(each.new),
                "spared": [instruction.line for instruction in each.spared],
                "added": [instruction.line for instruction in each.added],
            }
            for each in comparison.reruns
        ],
        "findings": {
            "gone": [_finding(each, old) for each in comparison.gone],
            "new": [_finding(each, new) for each in comparison.fresh],
        },
    }


def _side(advice: Advice) -> dict[str, Any]:
    return {
        "path": advice.file.source.path,
        "base": advice.base,
        "layers": len(advice.layers),
        "unknown_layers": unknown(advice),
        "stored_bytes": advice.stored or None,
        "hidden_bytes": advice.hidden if advice.stored else None,
    }


def _layer(row: LayerRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "line": row.instruction.line,
        "end_line": row.instruction.end_line,
        "instruction": row.text,
        "bytes": row.size,
        "basis": row.basis,
        "reruns_on": row.reruns_on,
    }


def _name(*scenarios: Scenario | None) -> str | None:
    return next((each.name for each in scenarios if each is not None), None)


def _argument(*scenarios: Scenario | None) -> str | None:
    return next((each.argument or None for each in scenarios if each is not None), None)


def _scenario(scenario: Scenario | None) -> dict[str, Any] | None:
    if scenario is None:
        return None
    return {
        "reruns": [instruction.line for instruction in scenario.reruns],
        "maybe": [instruction.line for instruction in scenario.maybe],
    }


def _finding(finding: Finding, advice: Advice) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "line": advice.file.source.line(finding.span.start),
        "message": finding.message,
    }


def unknown(advice: Advice) -> int:
    """How many layers have no known size."""
    return sum(row.size is None for row in advice.layers)


def line_cell(row: LayerRow | None, instruction: Instruction | None) -> str:
    """The line of an instruction in one version, in brackets where it makes no layer of the image."""
    if row is not None:
        return str(row.instruction.line)
    return f"({instruction.line})" if instruction is not None else "–"


def size_cell(row: LayerRow | None) -> str:
    """The bytes of a layer in one version, with where they come from."""
    if row is None:
        return "–"
    return f"{human(row.size)} ({row.basis})" if row.size is not None else "?"


def again_cell(layer: Layer) -> str:
    """The scenarios in which a layer runs again, before and after where that differs."""
    was, now = (", ".join(row.reruns_on) or "never" if row is not None else "" for row in (layer.old, layer.new))
    return now or was if was == now or not was or not now else f"{was} → {now}"


def text_of(layer: Layer) -> str:
    """The instruction of a layer, as the newer version has it."""
    row = layer.new or layer.old
    return row.text if row is not None else ""


def reruns_cell(scenario: Scenario | None, advice: Advice) -> str:
    """The lines that run again, and those that may."""
    if scenario is None:
        return "–"
    sure, maybe = lines_of(advice, scenario.reruns), lines_of(advice, scenario.maybe)
    if not scenario.maybe:
        return sure
    return f"maybe {maybe}" if not scenario.reruns else f"{sure}, maybe {maybe}"


def total_lines(comparison: Comparison) -> list[str]:
    """What is known of both images as a whole, one line each."""
    found = []
    for word, advice in (("Before", comparison.old), ("After", comparison.new)):
        rest = f", {unknown(advice)} of unknown size" if unknown(advice) else ""
        hidden = f", {human(advice.hidden)} of it hidden by later layers" if advice.hidden else ""
        known = f"{human(advice.stored)} known{hidden}" if advice.stored else "no size known"
        number = len(advice.layers)
        layers = f"{number} layer{'' if number == 1 else 's'}"
        found.append(f"{word}: {advice.base or 'a base that is not known'}; {layers}, {known}{rest}.")
    return found


def as_markdown(comparison: Comparison) -> str:
    """The comparison as a Markdown document, for a pull request or a job summary."""
    old, new = comparison.old, comparison.new
    out = [f"## `{_code(old.file.source.path)}` and `{_code(new.file.source.path)}`", ""]
    out += [f"- {escaped(line)}" for line in total_lines(comparison)]
    out += ["", "| before | after | layer | bytes before | bytes after | what | runs again when |"]
    out += ["| ---: | ---: | --- | ---: | ---: | --- | --- |"]
    for each in comparison.layers:
        lines = f"{line_cell(each.old, each.pair.old)} | {line_cell(each.new, each.pair.new)}"
        sizes = f"{size_cell(each.old)} | {size_cell(each.new)}"
        out.append(f"| {lines} | `{_code(text_of(each))}` | {sizes} | {each.pair.kind} | {again_cell(each)} |")
    out += ["", "| when | runs again before | after | no longer | newly |", "| --- | --- | --- | --- | --- |"]
    for rerun in comparison.reruns:
        cells = [reruns_cell(rerun.old, old), reruns_cell(rerun.new, new)]
        cells += [lines_of(old, rerun.spared), lines_of(new, rerun.added)]
        out.append(f"| {escaped(rerun.title)} | {' | '.join(cells)} |")
    for title, findings, advice in (("gone", comparison.gone, old), ("new", comparison.fresh, new)):
        out += ["", f"### Findings {title}", ""]
        out += [f"- {_told(each, advice)}" for each in findings] or ["- none"]
    return "\n".join(out) + "\n"


def _told(finding: Finding, advice: Advice) -> str:
    line = advice.file.source.line(finding.span.start)
    return f"line {line}: {finding.severity} `{finding.rule}`: {escaped(finding.message)}"


def _code(text: str) -> str:
    """A text for a code span in a cell of a table."""
    return printable(text).replace("|", "\\|").replace("`", "'")
