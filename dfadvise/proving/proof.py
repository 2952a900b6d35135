"""The proof of a safe fix: what the build does before and after differs by the declared change alone.

Both texts are read anew and put into their normal form (dfadvise.plan). What a fix declares (`Fix.declares`) says which
difference is allowed, and what has to be shown for it; anything else throws the fix away.
"""

from __future__ import annotations

from dfadvise.plan import normal_form
from dfadvise.proving import cleanups as proof_cleanups
from dfadvise.proving import commands as proof_commands
from dfadvise.proving import moves as plan_moves
from dfadvise.proving.cleanups import Cleanup
from dfadvise.proving.difference import facts_difference, same_frame, stage_difference, step_difference
from dfadvise.proving.mounts import mounts_difference
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dfadvise.plan import Plan, StagePlan, Step
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

JOIN = "join"
# Kinds of change that leave the plan equal.
EQUAL = frozenset(("=", JOIN, "-dead", "meta"))
# Kinds that change one RUN each and leave all others alone.
WITHIN = frozenset(("+flag", "-flag", "program", "wrapper", "mount", "+clean", "-clean"))
MOVE = "move"


class Version:
    """A file with its plan, which is worked out once."""

    __slots__ = ("_plan", "file")

    def __init__(self, file: Dockerfile) -> None:
        self.file = file
        self._plan: Plan | None = None

    @property
    def plan(self) -> Plan:
        """The plan of the file."""
        if self._plan is None:
            self._plan = normal_form(self.file)
        return self._plan


def difference(before: Dockerfile, after: Dockerfile, declares: str) -> str | None:
    """Why two files do not differ by a declared change alone; None when they do.

    Args:
        before: The file as it was.
        after: The file with the fix.
        declares: The kind of change: see `Fix.declares`.
    """
    if declares in WITHIN:
        kinds = dict.fromkeys(range(len(before.instructions)), declares)
        return within(Version(before), Version(after), kinds)
    return throughout(Version(before), Version(after), declares)


def throughout(before: Version, after: Version, kind: str) -> str | None:
    """Why two files differ by more than a change that leaves every step as it is; None when they do not.

    Args:
        before: The file as it was.
        after: The file with the fixes.
        kind: One of EQUAL, or "move".
    """
    reason = same_frame(before.plan, after.plan)
    if reason is None and kind not in EQUAL and kind != MOVE:
        reason = f"nobody knows the change `{kind}`"
    if reason is not None:
        return reason
    compare = _moved if kind == MOVE else stage_difference
    for one, other in zip(before.plan.stages, after.plan.stages, strict=True):
        reason = compare(one, other)
        if reason is not None:
            return reason
    return None


def _moved(old: StagePlan, new: StagePlan) -> str | None:
    reason = facts_difference(old, new)
    if reason is not None:
        return reason
    if old.triggers is None or new.triggers is None:
        if old.triggers is not new.triggers:
            return "the triggers changed"
    else:
        reason = stage_difference(old.triggers, new.triggers)
    return reason or plan_moves.difference(old.steps, new.steps)


def within(before: Version, after: Version, kinds: Mapping[int, str]) -> str | None:
    """Why two files differ by more than one declared change in each of some instructions; None when they do not.

    Args:
        before: The file as it was.
        after: The file with the fixes.
        kinds: The kind of change by the place of the instruction in the file; no other may change.
    """
    return next(iter(faults(before, after, kinds).values()), None)


def faults(before: Version, after: Version, kinds: Mapping[int, str]) -> dict[int, str]:
    """What `within` finds, by the place of the instruction in the file; -1 where it is none.

    Args:
        before: The file as it was.
        after: The file with the fixes.
        kinds: See `within`.
    """
    pairs = _changed(before.plan, after.plan)
    if isinstance(pairs, str):
        return {-1: pairs}
    # Each file's own facts are kept while it is looked at, so all of one comes before the other.
    for old, _ in pairs:
        _read(old)
    for _, new in pairs:
        _read(new)
    places = {id(each): place for place, each in enumerate(before.file.instructions)}
    found: dict[int, str] = {}
    cleanups: list[tuple[int, Instruction, str, Cleanup]] = []
    for old, new in pairs:
        outer: Instruction = old.instruction.outer or old.instruction
        place = places[id(outer)]
        kind = kinds.get(place, "=")
        reason = _step(old, new, kind)
        if isinstance(reason, Cleanup):
            cleanups.append((place, outer, kind, reason))
        elif reason is not None:
            found[place] = f"line {outer.line}: {reason}"
    for place, outer, kind, cleanup in cleanups:
        check = proof_cleanups.added_reason if kind == "+clean" else proof_cleanups.deleted_reason
        text = check(cleanup)
        if text is not None:
            found[place] = f"line {outer.line}: {text}"
    return found


def _changed(old: Plan, new: Plan) -> list[tuple[Step, Step]] | str:
    """The steps that differ, one by one; in words what else does."""
    reason = same_frame(old, new)
    if reason is not None:
        return reason
    found: list[tuple[Step, Step]] = []
    for one, other in zip(old.stages, new.stages, strict=True):
        pair: tuple[StagePlan | None, StagePlan | None] = (one, other)
        while pair != (None, None):
            ours, theirs = pair
            if ours is None or theirs is None:
                return "the triggers changed"
            reason = facts_difference(ours, theirs)
            if reason is None and len(ours.steps) != len(theirs.steps):
                reason = f"{len(ours.steps)} steps became {len(theirs.steps)}"
            if reason is not None:
                return reason
            found.extend((a, b) for a, b in zip(ours.steps, theirs.steps, strict=True) if a.key != b.key)
            pair = (ours.triggers, theirs.triggers)
    return found


def _read(step: Step) -> None:
    if isinstance(step.instruction, Run):
        list(step.instruction.all_commands())


def _step(old: Step, new: Step, kind: str) -> str | Cleanup | None:
    """Why a step differs by more than its kind of change; a clean-up that is yet to be looked at."""
    one, other = old.instruction, new.instruction
    if old.head != new.head or not isinstance(one, Run) or not isinstance(other, Run) or kind in EQUAL:
        return step_difference(old, new)
    if kind == "mount":
        return mounts_difference(one, other) if old.body == new.body else "the command changed"
    if old.flags != new.flags:
        return "the flags changed"
    if kind in ("+clean", "-clean"):
        shorter, longer = (one, other) if kind == "+clean" else (other, one)
        return proof_cleanups.compare(shorter, longer)
    return proof_commands.compare(one, other, kind)
