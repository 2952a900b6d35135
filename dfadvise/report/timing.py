"""What a build log says, in the forms of `advise`: JSON, a table for a terminal and for Markdown, and lines of text."""

from __future__ import annotations

from dfadvise.advice import shown
from dfadvise.report.common import count_of
from dfadvise.report.markdown import escaped
from dfadvise.secret.redact import Secrets
from dfadvise.timing import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dfadvise.timing import Node, Timing

MOST_ROWS = 200
MOST_UNMAPPED = 10
COLUMNS = (">line", "stage", "step", ">seconds", "critical path")


def seconds_text(seconds: float) -> str:
    """A time for people: `3.1 s`, `2 min 5 s`.

    Args:
        seconds: Seconds.
    """
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def as_dict(timing: Timing) -> dict[str, Any]:
    """The log as plain data; the contract is in docs/formats.md."""
    secrets = Secrets(timing.file.source.text, [])
    return {
        "builds": timing.builds,
        "other_builds": timing.others,
        "platforms": timing.platforms,
        "critical_seconds": round(timing.path.seconds, 6),
        "steps": [
            {
                "line": node.instruction.line if node.instruction is not None else None,
                "end_line": node.instruction.end_line if node.instruction is not None else None,
                "stage": node.stage.label if node.stage is not None else None,
                "step": _name(node, secrets),
                "seconds": node.seconds,
                "state": node.state,
                "slack": round(slack, 6) if slack is not None and node.seconds is not None else None,
            }
            for node, slack in zip(timing.nodes, timing.path.slack, strict=True)
            if _is_shown(node)
        ],
        "beside": [{"step": _hidden(name, secrets), "seconds": seconds} for name, seconds in timing.beside],
        "unmapped": [
            {"step": _hidden(name, secrets), "seconds": seconds, "reason": reason}
            for name, seconds, reason in timing.unmapped
        ],
    }


def rows(timing: Timing) -> list[tuple[str, str, str, str, str]]:
    """The steps as rows under COLUMNS, in the order of the file."""
    secrets = Secrets(timing.file.source.text, [])
    found = []
    for node, slack in zip(timing.nodes, timing.path.slack, strict=True):
        if not _is_shown(node):
            continue
        line = str(node.instruction.line) if node.instruction is not None else ""
        stage = node.stage.label if node.stage is not None and len(timing.file.stages) > 1 else ""
        found.append((line, stage, _name(node, secrets), _took(node), _standing(node, slack)))
    if len(found) > MOST_ROWS:
        left_out = f"{len(found) - MOST_ROWS} more steps, of which json tells"
        found = [*found[:MOST_ROWS], ("", "", left_out, "", "")]
    return found


def lines(timing: Timing) -> list[str]:
    """What else there is to say, a sentence or two a line."""
    out = [_path(timing)]
    cached = [node for node in timing.unknown() if node.state == "cached"]
    absent = [node for node in timing.unknown() if node.state != "cached"]
    if cached:
        out.append(
            f"Of {_lines(cached)} the log has no time, since the step came from the cache: what runs again there "
            "counts as nothing in the critical path. A log of docker build --no-cache has all times."
        )
    if absent:
        out.append(f"Of {_lines(absent)} the log does not tell the time; it counts as nothing in the critical path.")
    if timing.pulls_nothing:
        out.append("A base image was there already, so that no time is in it for a pull.")
    if timing.platforms:
        first, *rest = timing.platforms
        out.append(f"The build was for several platforms; the times are those of {first}, not of {', '.join(rest)}.")
    if timing.builds > 1:
        out.append(f"The log has {timing.builds} builds; of each line the last time counts that is no cache hit.")
    if timing.others:
        out.append(f"{count_of(timing.others, 'build')} of the log {_are(timing.others)} of another Dockerfile.")
    secrets = Secrets(timing.file.source.text, [])
    if timing.beside:
        longest = sorted(timing.beside, key=lambda each: -each[1])[:4]
        named = ", ".join(f"{_hidden(name, secrets)} {seconds_text(seconds)}" for name, seconds in longest)
        out.append(f"Besides, the builder itself took: {named}.")
    for name, seconds, reason in timing.unmapped[:MOST_UNMAPPED]:
        took = f", {seconds_text(seconds)}" if seconds is not None else ""
        out.append(f"Not mapped: {_short(_hidden(name, secrets))}{took}: {reason}")
    if len(timing.unmapped) > MOST_UNMAPPED:
        out.append(f"Not mapped: {len(timing.unmapped) - MOST_UNMAPPED} more steps")
    return out


def as_markdown(timing: Timing) -> list[str]:
    """The steps and what there is to say, as lines of Markdown."""
    out = ["### The build by its log", "", "| line | stage | step | seconds | critical path |"]
    out.append("| ---: | --- | --- | ---: | --- |")
    for line, stage, step, took, standing in rows(timing):
        out.append(f"| {line} | {escaped(stage)} | {escaped(step)} | {took} | {standing} |")
    return [*out, "", *(f"- {escaped(line)}" for line in lines(timing))]


def _path(timing: Timing) -> str:
    critical = timing.critical()
    if not critical:
        return "The log has no step that took time."
    through = _lines(critical)
    outside = [_name(node, Secrets(timing.file.source.text, [])) for node in critical if node.instruction is None]
    behind = f", behind {_short(', '.join(outside))}" if outside else ""
    text = f"Critical path: {seconds_text(timing.path.seconds)} through {through or 'no line'}{behind}."
    if any(slack and node.seconds for node, slack in zip(timing.nodes, timing.path.slack, strict=True)):
        text += " A step beside it runs while another does: to make it faster saves nothing."
    return text


def _standing(node: Node, slack: float | None) -> str:
    if not node.seconds or slack is None:
        return ""
    return "on it" if slack == 0 else f"{seconds_text(slack)} to spare"


def _took(node: Node) -> str:
    if node.seconds is not None:
        return f"{node.seconds:.1f}"
    return "not in the log" if node.state == MISSING else node.state


def _is_shown(node: Node) -> bool:
    """Whether a step is of interest: joins are not, nor what is outside of all lines and took no time."""
    return node.instruction is not None or bool(node.name and node.seconds)


def _name(node: Node, secrets: Secrets) -> str:
    if node.instruction is not None:
        return shown(node.instruction, secrets)
    return secrets.hidden(node.name)


def _hidden(name: str, secrets: Secrets) -> str:
    """A text of the log with stars for secrets: those of the file, and those that only the build knew."""
    text = name.partition("] ")[2] or name
    return Secrets(f"FROM scratch\n{text}", []).hidden(secrets.hidden(name))


def _lines(nodes: list[Node]) -> str:
    found = list(dict.fromkeys(node.instruction.line for node in nodes if node.instruction is not None))
    if not found:
        return ""
    more = f" and {len(found) - 20} more" if len(found) > 20 else ""
    return f"line{'s' if len(found) > 1 else ''} {', '.join(map(str, found[:20]))}{more}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _short(text: str) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= 100 else squeezed[:99] + "…"
