"""The answers of `advise` as JSON and Markdown; the terminal has a module of its own."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.report.common import is_unicode, printable
from dfadvise.report.markdown import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.advice import Advice, LayerRow, Scenario
    from dfadvise.rule import Finding
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.timing import Timing


def as_json(advice: Advice) -> str:
    """The answers in the machine-readable form, on one line."""
    from dfadvise.report.dump import dump

    return dump(as_dict(advice))


def _rounded(seconds: float | None) -> float | None:
    """Seconds to the millisecond."""
    return None if seconds is None else round(seconds, 3)


def as_dict(advice: Advice) -> dict[str, Any]:
    """The answers as plain data; the contract is in docs/formats.md."""
    source = advice.file.source
    return {
        "version": 1,
        "path": source.path,
        "layers": [
            {
                "line": row.instruction.line,
                "end_line": row.instruction.end_line,
                "instruction": row.text,
                "bytes": row.size,
                "basis": row.basis,
                "seconds": _rounded(row.seconds),
                "effects": row.effects,
                "reruns_on": row.reruns_on,
            }
            for row in advice.layers
        ],
        "scenarios": [
            {
                "name": each.name,
                "reruns": [instruction.line for instruction in each.reruns],
                "maybe": [instruction.line for instruction in each.maybe],
                "share": each.share,
                "seconds": _rounded(each.seconds),
                "most_seconds": _rounded(each.most_seconds),
                "basis": "measured" if each.seconds is not None else None,
                "arguments": [
                    {
                        "name": one.argument,
                        "reruns": [instruction.line for instruction in one.reruns],
                        "maybe": [instruction.line for instruction in one.maybe],
                        "seconds": _rounded(one.seconds),
                        "most_seconds": _rounded(one.most_seconds),
                    }
                    for one in each.each
                ],
            }
            for each in advice.scenarios
        ],
        "savings": [
            {
                "rule": finding.rule,
                "line": source.line(finding.span.start),
                "message": finding.message,
                "bytes": finding.saving.size if finding.saving else None,
                "seconds": _rounded(finding.saving.seconds) if finding.saving else None,
                "rank": finding.saving.rank if finding.saving else 0,
                "critical": advice.timing.verdicts.get(id(finding)) if advice.timing else None,
                "basis": finding.saving.basis if finding.saving else None,
                **({"estimated_bytes": estimated} if (estimated := _estimated(finding)) is not None else {}),
                "fix": finding.fix.applicability if finding.fix else None,
            }
            for finding in advice.savings
        ],
        "build": _build(advice),
        "stored_bytes": advice.stored or None,
        "hidden_bytes": advice.hidden if advice.stored else None,
        "efficiency": advice.efficiency,
        # A text that cannot be written down here would put other bytes into the file.
        "proposed": advice.proposed if is_unicode(advice.proposed or "") else None,
        "creates": [{"path": path, "text": text} for path, text in advice.creates.items()],
    }


def _build(advice: Advice) -> dict[str, Any] | None:
    if advice.timing is None:
        return None
    from dfadvise.report.timing import as_dict as build

    return build(advice.timing)


def _estimated(finding: Finding) -> int | None:
    """The bytes that were expected where the measurement says otherwise."""
    return finding.saving.estimated if finding.saving is not None else None


def saved(finding: Finding, timing: Timing | None = None) -> str:
    """What a finding saves, in words, with what a build log says where there is one."""
    saving = finding.saving
    if saving is None:
        return "unknown"
    size = f"{human(saving.size)} ({saving.basis})" if saving.size else ""
    if size and saving.estimated is not None:
        size = f"{human(saving.size or 0)} (measured; {human(saving.estimated)} estimated)"
    if saving.seconds:
        from dfadvise.report.timing import seconds_text

        time = f"{seconds_text(saving.seconds)} (measured)"
    elif timing is not None and timing.verdicts.get(id(finding)) is False:
        time = "no time: it is beside the critical path"
    elif size:
        return size
    else:
        time = {0: "unknown", 1: "a little time", 2: "time", 3: "much time"}[saving.rank]
    return f"{size}, {time}" if size else time


def fixable(finding: Finding) -> str:
    """How a finding can be fixed, in a word."""
    if finding.fix is None:
        return "by hand"
    return {"safe": "dfadvise fix", "unsafe": "dfadvise fix --unsafe", "display": "shown only"}[
        finding.fix.applicability
    ]


def seconds_cell(row: LayerRow) -> str:
    """How long a layer took, for a column of seconds."""
    return f"{row.seconds:.1f}" if row.seconds is not None else "?"


def scenario_seconds(scenario: Scenario) -> str:
    """How long a scenario takes, in words; empty when it is not known."""
    from dfadvise.report.timing import seconds_text

    least, most = scenario.seconds, scenario.most_seconds
    if least is None:
        return f"up to {seconds_text(most)}" if most is not None and not scenario.reruns else ""
    if most is None:
        return f"{seconds_text(least)} or more"
    return seconds_text(least) if most <= least else f"{seconds_text(least)} to {seconds_text(most)}"


def lines_of(advice: Advice, reruns: list[Instruction]) -> str:
    """The lines of instructions in order, as `3–9` where all steps between run again; a dash when there are none."""
    wanted = {instruction.line for instruction in reruns}
    parts: list[str] = []
    row: list[int] = []
    for line in [*(step.line for step in advice.steps), 0]:
        if line in wanted:
            row.append(line)
            continue
        parts += [f"{row[0]}–{row[-1]}"] if len(row) > 2 else map(str, row)
        row = []
    return ", ".join(parts) or "–"


def shown_scenarios(advice: Advice) -> list[Scenario]:
    """The scenarios as they are listed: every build argument of its own."""
    return [row for each in advice.scenarios for row in (each.each or [each])]


def as_markdown(advice: Advice) -> str:
    """The answers as a Markdown document, for a pull request or a job summary."""
    source = advice.file.source
    out = [f"## Advice for `{_code(source.path)}`", ""]
    out += [f"On `{_code(advice.base)}`." if advice.base else "The base is not known.", ""]
    timed = advice.timing is not None
    more, rule = (" seconds |", " ---: |") if timed else ("", "")
    out += [f"| line | layer | bytes |{more} does | runs again when |", f"| ---: | --- | ---: |{rule} --- | --- |"]
    for row in advice.layers:
        size = f"{human(row.size)} ({row.basis})" if row.size is not None else "?"
        does = "; ".join(row.effects[:4]) or "–"
        again = ", ".join(row.reruns_on) or "never"
        took = f" {seconds_cell(row)} |" if timed else ""
        out.append(f"| {row.instruction.line} | `{_code(row.text)}` | {size} |{took} {escaped(does)} | {again} |")
    more = " takes |" if timed else ""
    out += ["", f"| when | runs again (lines) | maybe |{more} share of commits |", f"| --- | --- | --- |{rule} ---: |"]
    for each in shown_scenarios(advice):
        share = f"{each.share:.0%}" if each.share is not None else "–"
        sure, maybe = lines_of(advice, each.reruns), lines_of(advice, each.maybe)
        takes = f" {scenario_seconds(each) or '?'} |" if timed else ""
        out.append(f"| {escaped(each.title)} | {sure} | {maybe} |{takes} {share} |")
    out += ["", "| saves | line | what | rule | fix |", "| --- | ---: | --- | --- | --- |"]
    for finding in advice.savings:
        line = source.line(finding.span.start)
        worth, how = saved(finding, advice.timing), fixable(finding)
        out.append(f"| {worth} | {line} | {escaped(finding.message)} | {finding.rule} | {how} |")
    if not advice.savings:
        out.append("| – | – | nothing found | – | – |")
    if advice.efficiency is not None:
        out += ["", f"Efficiency of the known bytes: {advice.efficiency:.0%}."]
    if advice.timing is not None:
        from dfadvise.report.timing import as_markdown as build

        out += ["", *build(advice.timing)]
    if advice.proposed is not None:
        fence = "```"
        while fence in advice.proposed:
            fence += "`"
        out += ["", "### Proposed", "", f"{fence}dockerfile", advice.proposed.rstrip("\n"), fence]
    return "\n".join(out) + "\n"


def _code(text: str) -> str:
    """A text for a code span in a cell of a table."""
    return printable(text).replace("|", "\\|").replace("`", "'")
