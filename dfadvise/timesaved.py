"""What a build log says of the answers of `advise`: seconds of layers, of scenarios, and of what is saved."""

from __future__ import annotations

from dfadvise.about.ordering import BUILD, UNRELATED, misplaced
from dfadvise.rule import Saving
from dfadvise.timing import Timing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.about.ordering import Misplaced
    from dfadvise.advice import Advice, Scenario
    from dfadvise.buildlog import Build
    from dfadvise.rule import Finding
    from dfadvise.syntax.instructions import Instruction

MOST = 300  # findings whose seconds are worked out


def measure(advice: Advice, builds: Sequence[Build]) -> None:
    """Put the times of a log into the answers.

    Args:
        advice: The answers; findings whose step need not run again get the seconds of it.
        builds: The builds of the log.

    Raises:
        LogError: None of them is a build of the file.
    """
    timing = advice.timing = Timing(advice.file, builds)
    for row in advice.layers:
        node = timing.node_of(row.instruction)
        row.seconds = node.seconds if node is not None else None
    for scenario in [*advice.scenarios, *(one for each in advice.scenarios for one in each.each)]:
        scenario.seconds = timing.cost(scenario.reruns)
        everything = [*scenario.reruns, *scenario.maybe]
        scenario.most_seconds = timing.cost(everything) if scenario.maybe else scenario.seconds
    orders = {
        id(found.run.outer or found.run): found
        for stage in advice.file.stages
        if stage.ships or stage.feeds
        for found in misplaced(stage)
    }
    for finding in advice.savings[:MOST]:
        _judge(finding, advice, timing, orders)
    advice.rank()


def _judge(finding: Finding, advice: Advice, timing: Timing, orders: dict[int, Misplaced]) -> None:
    saving, instruction = finding.saving, finding.instruction
    if saving is None or not saving.rank or instruction is None:
        return
    avoided, scenario = _avoided(finding, advice, orders)
    if avoided is not None and scenario is not None:
        seconds = _difference(timing, scenario, avoided)
        if seconds is not None:
            basis = saving.basis if saving.size is not None else "measured"
            finding.saving = Saving(saving.size, seconds, basis, saving.rank)
            timing.verdicts[id(finding)] = seconds > 0
            return
    slack = timing.slack_of((avoided or instruction).innermost)
    if slack is not None:
        # How much of the step is saved is not known, but beside the critical path it is nothing.
        timing.verdicts[id(finding)] = slack == 0


def _avoided(
    finding: Finding, advice: Advice, orders: dict[int, Misplaced]
) -> tuple[Instruction | None, Scenario | None]:
    """The step that need not run again, and when it does now."""
    if finding.rule == "cache-order":
        found = orders.get(id(finding.instruction))
        # Of a build, and of an install among other things, only a part is saved.
        if found is None or found.kind == BUILD or not (found.alone or found.kind == UNRELATED):
            return None, None
        return found.run, next((each for each in advice.scenarios if each.name == "source"), None)
    if finding.rule == "cache-busting-variable" and finding.related:
        place = finding.related[0][1]
        costly = next((each for each in advice.file.walk() if each.name_span == place), None)
        name = advice.file.source.text[finding.span.start : finding.span.end].partition("=")[0]
        arguments = [one for each in advice.scenarios for one in each.each]
        return costly, next((one for one in arguments if one.argument == name), None)
    return None, None


def _difference(timing: Timing, scenario: Scenario, avoided: Instruction) -> float | None:
    """How much sooner the build is done without a step, in seconds; None when the log does not say."""
    again = [*scenario.reruns, *scenario.maybe]
    if avoided not in again:
        return None
    now, then = timing.cost(again), timing.cost([each for each in again if each is not avoided])
    if now is None:
        return None
    return round(max(0.0, now - (then or 0.0)), 6)
