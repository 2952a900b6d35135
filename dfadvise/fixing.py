"""Apply fixes to a text until nothing is left to fix; refuse, and say why, what cannot be proven."""

from __future__ import annotations

from dfadvise.proof import difference
from dfadvise.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dfadvise.results import FileResult
    from dfadvise.rule import Edit, Finding, Fix
    from dfadvise.stages import Dockerfile

    Lint = Callable[[Source], FileResult]
    Model = Callable[[Source], Dockerfile]

LIMIT = 10


class Applied:
    """A fix that was applied: the rule, the line at that moment, and the title."""

    __slots__ = ("line", "rule", "title")

    def __init__(self, rule: str, line: int, title: str) -> None:
        self.rule = rule
        self.line = line
        self.title = title


class Refused(Applied):
    """A fix that was not applied, with the reason."""

    __slots__ = ("reason",)

    def __init__(self, rule: str, line: int, title: str, reason: str) -> None:
        super().__init__(rule, line, title)
        self.reason = reason


class Outcome:
    """What fixing one file came to.

    Attributes:
        source: The text after all fixes.
        applied: The fixes applied, in order.
        refused: The fixes that could have applied and were not, in the last round.
        creates: New files, by path relative to the file's folder.
        result: The findings that remain.
        converged: Whether a last round had nothing to do.
    """

    __slots__ = ("applied", "converged", "creates", "refused", "result", "source")

    def __init__(self, source: Source, result: FileResult) -> None:
        self.source = source
        self.result = result
        self.applied: list[Applied] = []
        self.refused: list[Refused] = []
        self.creates: dict[str, str] = {}
        self.converged = False


def fix(source: Source, lint: Lint, model: Model, wanted: Callable[[Finding], str | None]) -> Outcome:
    """Fix a file to a fixed point.

    Args:
        source: The text.
        lint: Finds what is wrong in a text.
        model: Reads a text anew, for the proof.
        wanted: Why the fix of a finding is not to be applied; None when it is, "" to pass it over in silence.

    Returns:
        The outcome; its source is the one given when nothing was done.
    """
    outcome = Outcome(source, lint(source))
    seen = {source.text}
    barred: set[tuple[str, str]] = set()
    for _ in range(LIMIT):
        outcome.refused = []
        text = _round(outcome, model, wanted, barred)
        if text is None:
            outcome.converged = True
            return outcome
        if text in seen:
            return outcome
        seen.add(text)
        outcome.source = Source(text, source.path, source.bom)
        outcome.result = lint(outcome.source)
    return outcome


def _round(
    outcome: Outcome,
    model: Model,
    wanted: Callable[[Finding], str | None],
    barred: set[tuple[str, str]],
) -> str | None:
    """One round of fixes; the new text, or None when there was nothing to do."""
    source = outcome.source
    before = model(source)
    chosen: list[Edit] = []
    taken: list[Span] = []
    done: list[Applied] = []
    for finding in outcome.result.findings:
        repair = finding.fix
        if repair is None:
            continue
        line = source.line(finding.span.start)
        reason = wanted(finding)
        if reason is None and (finding.rule, source.slice(finding.span)) in barred:
            continue
        if reason is None:
            reason = _obstacle(source, before, repair, model, chosen, taken)
            if reason is not None and not reason.startswith("overlaps"):
                barred.add((finding.rule, source.slice(finding.span)))
        if reason is not None:
            if reason:
                outcome.refused.append(Refused(finding.rule, line, repair.title, reason))
            continue
        fresh = [(path, content) for path, content in repair.creates if path not in outcome.creates]
        if not repair.edits and not fresh:
            continue
        outcome.creates.update(fresh)
        new = [edit for edit in repair.edits if edit not in chosen]
        chosen.extend(new)
        taken.extend(edit.span for edit in new)
        done.append(Applied(finding.rule, line, repair.title))
    if not chosen:
        outcome.applied.extend(done)
        return None
    text = apply_edits(source.text, chosen)
    after = model(Source(text, source.path, source.bom))
    if after.tree.problems and not before.tree.problems:
        # Each edit was fine alone; together they are not. Take the first alone; the rest has another round.
        first = next(f.fix for f in outcome.result.findings if f.fix and set(f.fix.edits) & set(chosen))
        text = apply_edits(source.text, first.edits)
        done = done[:1]
    outcome.applied.extend(done)
    return None if text == source.text else text


def _obstacle(
    source: Source,
    before: Dockerfile,
    repair: Fix,
    model: Model,
    chosen: Sequence[Edit],
    taken: Iterable[Span],
) -> str | None:
    """Why a fix cannot be applied now; None when nothing is in the way."""
    for edit in repair.edits:
        if edit in chosen:
            continue
        if any(_overlap(edit.span, span) for span in taken):
            return "overlaps another fix; run again"
    if not repair.edits:
        return None
    text = apply_edits(source.text, repair.edits)
    after = model(Source(text, source.path, source.bom))
    if after.tree.problems and not before.tree.problems:
        return f"the result would not be read: {after.tree.problems[0].message}"
    if repair.applicability == "safe":
        reason = difference(before, after, repair.declares)
        if reason is not None:
            return f"the proof failed: {reason}"
    return None


def _overlap(one: Span, other: Span) -> bool:
    if one.start == one.end or other.start == other.end:
        # Two insertions at one place have no order of their own; neither has one inside the other's span.
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits applied; identical edits count once.

    Args:
        text: The text.
        edits: Edits that do not overlap.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits), key=lambda each: (each.span.start, each.span.end)):
        parts.append(text[at : edit.span.start])
        parts.append(edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)
