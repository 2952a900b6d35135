"""The first difference between two plans, in words."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.plan import Plan, StagePlan, Step
    from dfadvise.syntax.instructions import Instruction


def difference(old: Plan, new: Plan) -> str | None:
    """The first difference between two plans, in words; None when they are equal."""
    reason = same_frame(old, new)
    if reason is not None:
        return reason
    for one, other in zip(old.stages, new.stages, strict=True):
        reason = stage_difference(one, other)
        if reason is not None:
            return reason
    return None


def same_frame(old: Plan, new: Plan) -> str | None:
    """What differs outside the stages: directives, and how many stages there are."""
    if old.frontend != new.frontend:
        return "the directives changed"
    if len(old.stages) != len(new.stages):
        return f"{len(old.stages) - 1} stages became {len(new.stages) - 1}"
    return None


def stage_difference(old: StagePlan, new: StagePlan) -> str | None:
    """The first difference between two stages."""
    return facts_difference(old, new) or steps_difference(old.steps, new.steps) or _triggers(old, new)


def _triggers(old: StagePlan, new: StagePlan) -> str | None:
    if old.triggers is None or new.triggers is None:
        return None if old.triggers is new.triggers else "the triggers changed"
    return stage_difference(old.triggers, new.triggers)


def facts_difference(old: StagePlan, new: StagePlan) -> str | None:
    """What differs in the base or in what the image says of itself."""
    line = old.stage.from_.line if old.stage.from_ is not None else 1
    if old.base != new.base:
        return f"line {line}: the base changed"
    for name in sorted({*old.facts, *new.facts}):
        if old.facts.get(name) != new.facts.get(name):
            return f"the {name} of the stage on line {line} changed"
    return None


def steps_difference(old: Sequence[Step], new: Sequence[Step]) -> str | None:
    """The first difference between two sequences of steps, however their commands are spread over RUNs."""
    start = 0
    while start < min(len(old), len(new)) and old[start].key == new[start].key:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end].key == new[-1 - end].key:
        end += 1
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if not left and not right:
        return None
    ours = [(unit, step) for step in left for unit in step.units]
    theirs = [(unit, step) for step in right for unit in step.units]
    for (one, step), (other, twin) in zip(ours, theirs, strict=False):
        if one != other:
            return f"line {step.instruction.line}: {step_difference(step, twin)}"
    if len(ours) == len(theirs):
        return None
    longer = ours if len(ours) > len(theirs) else theirs
    place = min(len(ours), len(theirs))
    if place >= len(ours):
        return f"line {(left or old)[-1].instruction.line if old else 1}: a step was added"
    return f"line {longer[place][1].instruction.line}: a step is missing"


def step_difference(old: Step, new: Step) -> str:
    """In words, how two steps differ."""
    run = old.instruction.keyword == new.instruction.keyword == "RUN"
    if run and old.head[:-1] == new.head[:-1] and old.head != new.head:
        return f"the variable {_variable(old.instruction, new.instruction)} changed"
    if old.head != new.head:
        return "the step changed, or the user, directory or shell that it runs with"
    if old.flags != new.flags:
        return "the flags changed"
    return "the commands or their order changed" if old.instruction.keyword == "RUN" else "the arguments changed"


def _variable(old: Instruction, new: Instruction) -> str:
    """The first variable that two RUNs see differently."""
    ours, theirs = old.stage.variables(old), new.stage.variables(new)
    for name in sorted({*ours, *theirs}):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None or (one.kind, one.value) != (other.kind, other.value):
            return name
    return "that it sees"
