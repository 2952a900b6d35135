"""Apply fixes to a text until nothing is left to fix; refuse, and say why, what cannot be proven."""

from __future__ import annotations

from bisect import bisect_right

from dfadvise.pragmas import CHECKS, EXPERIMENTAL_CHECKS
from dfadvise.proving.batches import Candidate, Prover, apply_edits, overlap
from dfadvise.proving.proof import JOIN
from dfadvise.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dfadvise.results import FileResult
    from dfadvise.rule import Edit, Finding
    from dfadvise.stages import Dockerfile

    Lint = Callable[[Source], FileResult]
    Model = Callable[[Source], Dockerfile]
    Wanted = Callable[[Finding], str | None]

__all__ = ["Applied", "Outcome", "Refused", "apply_edits", "fix"]

LIMIT = 10
OVERLAPS = "overlaps another fix; run again"
# How often a round looks for the fixes that bring new findings before it drops all it has not looked at.
_MOST_LINTS = 40
# Kinds of fixes that wait until the RUNs they are in are joined.
_CLEANING = frozenset(("+clean", "+flag"))


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


def fix(source: Source, lint: Lint, model: Model, wanted: Wanted) -> Outcome:
    """Fix a file to a fixed point.

    A safe fix is applied only when its proof holds (dfadvise.proving.proof); any fix only when the result can be read,
    keeps every comment, and brings no new error and no new finding of BuildKit's own checks.

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
    for _ in range(LIMIT):
        outcome.refused = []
        done = _Round(outcome, lint, model, wanted).run()
        if done is None:
            outcome.converged = True
            return outcome
        if done.source is None or done.source.text in seen:
            return outcome
        seen.add(done.source.text)
        outcome.source, outcome.result = done.source, done
    return outcome


class _Round:
    """One round of fixes over one text."""

    __slots__ = ("excluded", "lint", "lints", "model", "outcome", "source", "wanted")

    def __init__(self, outcome: Outcome, lint: Lint, model: Model, wanted: Wanted) -> None:
        self.outcome = outcome
        self.source = outcome.source
        self.lint = lint
        self.model = model
        self.wanted = wanted
        # Findings whose fixes were refused in this round.
        self.excluded: set[int] = set()
        self.lints = 0

    def run(self) -> FileResult | None:
        """Apply what can be applied; the new text with its findings, or None when there was nothing to do."""
        first = True
        while True:
            chosen, crowded = self.choose(first)
            first = False
            if not chosen:
                return None
            prover = Prover(self.source, self.model)
            prover.judge(chosen)
            for each, reason in prover.refused:
                self.refuse(each, reason)
            for each in prover.deferred:
                self.refuse(each, OVERLAPS)
            accepted = [each for each in prover.accepted if each.edits]
            if not accepted:
                self.finish(prover.accepted)
                if not crowded:
                    return None
                # Those that gave way to what was refused have their turn now.
                self.excluded.update(id(each.finding) for each in prover.accepted)
                continue
            result = self.lint(Source(prover.text, self.source.path, self.source.bom))
            if self.worse(result) is None:
                self.finish(prover.accepted)
                return result
            self.find_worse(accepted)

    def choose(self, first: bool) -> tuple[list[Candidate], bool]:
        """The fixes to try now, none of which is in another's way, and whether any was left out for that."""
        taken, joined = _Taken(), _Taken()
        chosen: list[Candidate] = []
        crowded: list[Candidate] = []
        # What stands in one RUN at last is cleaned once, so RUNs are joined first.
        pending = sorted(self.candidates(first), key=lambda each: each.repair.declares != JOIN)
        spoken = {each.finding.cause for each in pending if each.finding.severity != "style"} - {None}
        for each in pending:
            declares = each.repair.declares
            run = each.finding.instruction
            waits = run is not None and declares in _CLEANING and joined.meets(run.span)
            # Two remedies of one cause do not know of each other: a mount on what another would delete.
            waits = waits or (each.finding.cause in spoken and each.finding.severity == "style")
            if waits or not taken.take(each.edits):
                crowded.append(each)
                continue
            chosen.append(each)
            if declares == JOIN:
                joined.take(each.edits)
        if not chosen:
            for each in crowded:
                self.refuse(each, OVERLAPS)
        return chosen, bool(crowded)

    def candidates(self, first: bool) -> Iterator[Candidate]:
        """The fixes that are wanted and would change something."""
        result = self.outcome.result
        for finding in (*result.findings, *result.repeated):
            repair = finding.fix
            if repair is None or id(finding) in self.excluded:
                continue
            each = Candidate(finding, repair, self.source.line(finding.span.start))
            reason = self.wanted(finding)
            if reason is not None:
                if reason and first:
                    self.refuse(each, reason)
                continue
            each.edits = [edit for edit in repair.edits if self.source.slice(edit.span) != edit.text]
            if each.edits or any(path not in self.outcome.creates for path, _ in repair.creates):
                yield each

    def refuse(self, candidate: Candidate, reason: str) -> None:
        """Note a fix that is not applied."""
        self.excluded.add(id(candidate.finding))
        rule, title = candidate.finding.rule, candidate.repair.title
        self.outcome.refused.append(Refused(rule, candidate.line, title, reason))

    def finish(self, accepted: list[Candidate]) -> None:
        """Note the fixes that are applied, in order of place."""
        for each in sorted(accepted, key=lambda each: each.finding.span.start):
            self.outcome.applied.append(Applied(each.finding.rule, each.line, each.repair.title))
            for path, content in each.repair.creates:
                self.outcome.creates.setdefault(path, content)

    def worse(self, result: FileResult) -> str | None:
        """What a result has that the text before had not: errors, and findings of BuildKit's own checks."""
        before, after = _grave(self.outcome.result), _grave(result)
        if "syntax-error" in before and "syntax-error" not in after:
            return None  # only now does anybody read it as BuildKit does
        for name, messages in after.items():
            if len(messages) > len(before.get(name, ())):
                known = set(before.get(name, ()))
                return f"it would bring {name}: {next((each for each in messages if each not in known), messages[0])}"
        return None

    def find_worse(self, accepted: list[Candidate]) -> None:
        """Refuse the fixes that bring new errors; the others are judged anew."""
        kept: list[Edit] = []
        middle = len(accepted) // 2
        pending = [accepted[middle:], accepted[:middle]]
        while pending:
            group = pending.pop()
            if not group:
                continue
            edits = [*kept, *(edit for each in group for edit in each.edits)]
            self.lints += 1
            if self.lints > _MOST_LINTS:
                reason: str | None = "it may bring a new error"
            else:
                text = apply_edits(self.source.text, edits)
                reason = self.worse(self.lint(Source(text, self.source.path, self.source.bom)))
            if reason is None:
                kept = edits
            elif len(group) == 1 or self.lints > _MOST_LINTS:
                for each in group:
                    self.refuse(each, reason)
            else:
                middle = len(group) // 2
                pending += [group[middle:], group[:middle]]


def _grave(result: FileResult) -> dict[str, list[str]]:
    """The messages of errors by rule, and of findings of BuildKit's checks (as it makes them by default) by check."""
    found: dict[str, list[str]] = {}
    for finding in result.findings:
        if finding.severity == "error":
            found.setdefault(finding.rule, []).append(finding.message)
        for alias in finding.aliases:
            if alias in CHECKS and alias not in EXPERIMENTAL_CHECKS:
                found.setdefault(alias, []).append(finding.message)
    return found


class _Taken:
    """The edits that are taken, for a search by place."""

    __slots__ = ("edits", "spans", "starts")

    def __init__(self) -> None:
        self.edits: set[Edit] = set()
        self.starts: list[int] = []
        self.spans: list[Span] = []

    def take(self, edits: list[Edit]) -> bool:
        """Take edits, if they overlap none that was taken before."""
        new = [edit for edit in edits if edit not in self.edits]
        if any(self._hit(edit.span) for edit in new):
            return False
        for edit in new:
            at = bisect_right(self.starts, edit.span.start)
            self.starts.insert(at, edit.span.start)
            self.spans.insert(at, edit.span)
        self.edits.update(new)
        return True

    def meets(self, span: Span) -> bool:
        """Whether an edit that was taken begins or ends a span, or reaches over one of its ends."""
        return self._hit(Span(span.start, span.start)) or self._hit(Span(span.end, span.end))

    def _hit(self, span: Span) -> bool:
        at = bisect_right(self.starts, span.end)
        while at:
            at -= 1
            if overlap(span, self.spans[at]):
                return True
            if self.spans[at].end < span.start:
                return False
        return False
