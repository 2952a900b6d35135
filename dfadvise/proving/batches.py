"""Fixes held against the proof: many at once where they are alike, each for itself only when those together fail.

A wave is a set of fixes that one comparison of plans can judge: all those that leave the plan equal, or those that
change RUNs, of one kind in each RUN. A wave that fails is halved until the fixes at fault are found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from dfadvise.proving.proof import EQUAL, MOVE, WITHIN, Version, faults, throughout, within
from dfadvise.proving.tokens import tokens
from dfadvise.source import Source
from dfadvise.syntax.tokenizer import directive_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dfadvise.rule import Edit, Finding, Fix
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile

    Model = Callable[[Source], Dockerfile]

# A rule whose fixes failed this often in one round is not asked on.
_MOST_FAILURES = 5
PROOF = "the proof failed: "
UNSAFE = "unsafe"


class Candidate:
    """A fix that may be applied: the finding, its fix, and the line at this moment."""

    __slots__ = ("edits", "finding", "line", "places", "repair")

    def __init__(self, finding: Finding, repair: Fix, line: int) -> None:
        self.finding = finding
        self.repair = repair
        self.line = line
        self.edits: list[Edit] = list(repair.edits)
        # The instructions that it touches, by their place in the file.
        self.places: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """What it declares; "unsafe" for one that needs no proof."""
        return self.repair.declares if self.repair.applicability == "safe" else UNSAFE


class _Wave:
    __slots__ = ("kind", "kinds", "members")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.members: list[Candidate] = []
        # The kind of change by instruction, where each changes for itself.
        self.kinds: dict[int, str] = {}


class Prover:
    """Judges fixes of one text, each on top of those that were accepted before.

    Args:
        source: The text.
        model: Reads a text.

    Attributes:
        accepted: The fixes that hold, in the order in which they were judged.
        refused: Those that do not, each with the reason.
        deferred: Those that hold alone, but not together with others.
    """

    __slots__ = ("_edits", "_failures", "_model", "_now", "_original", "_source", "accepted", "deferred", "refused")

    def __init__(self, source: Source, model: Model) -> None:
        self._source = source
        self._model = model
        self._original = self._now = Version(model(source))
        self._edits: list[Edit] = []
        self._failures: Counter[str] = Counter()
        self.accepted: list[Candidate] = []
        self.refused: list[tuple[Candidate, str]] = []
        self.deferred: list[Candidate] = []

    @property
    def text(self) -> str:
        """The text with the accepted fixes."""
        return self._now.file.source.text

    def judge(self, candidates: Sequence[Candidate]) -> None:
        """Sort fixes into accepted, refused and deferred ones."""
        instructions = self._original.file.instructions
        starts = [instruction.span.start for instruction in instructions]
        ends = [instruction.span.end for instruction in instructions]
        for each in candidates:
            places: set[int] = set()
            for edit in each.edits:
                places.update(range(bisect_left(ends, edit.span.start), bisect_left(starts, edit.span.end + 1)))
            each.places = tuple(places)
        for wave in _waves(candidates):
            self._settle(wave, wave.members)

    def _settle(self, wave: _Wave, members: list[Candidate]) -> None:
        edits = [*self._edits, *(edit for each in members for edit in each.edits)]
        after = Version(self._read(edits))
        reason = self._reason(wave, self._now, after)
        if reason is None:
            self._edits, self._now = edits, after
            self.accepted.extend(members)
            return
        if len(members) == 1:
            self._single(wave, members[0], reason)
            return
        for group in self._groups(wave, members, after):
            if self._failures[group[0].finding.rule] < _MOST_FAILURES:
                self._settle(wave, group)
            else:
                # The same fix went wrong so often that nobody waits for the rest.
                self.refused.extend((each, reason) for each in group)

    def _groups(self, wave: _Wave, members: list[Candidate], after: Version) -> list[list[Candidate]]:
        """The fixes of a wave that fails, split so that those at fault come to stand alone."""
        if wave.kinds:
            at_fault = faults(self._now, after, wave.kinds)
            innocent = [each for each in members if at_fault.keys().isdisjoint(each.places)]
            if innocent and len(innocent) < len(members) and -1 not in at_fault:
                return [innocent, *([each] for each in members if not at_fault.keys().isdisjoint(each.places))]
        rules = {each.finding.rule for each in members}
        if len(rules) > 1:
            return [[each for each in members if each.finding.rule == rule] for rule in sorted(rules)]
        middle = len(members) // 2
        return [members[:middle], members[middle:]]

    def _single(self, wave: _Wave, member: Candidate, reason: str) -> None:
        if self._now is not self._original:
            alone = Version(self._read(member.edits))
            if self._reason(wave, self._original, alone) is None:
                self.deferred.append(member)
                return
        self._failures[member.finding.rule] += 1
        self.refused.append((member, reason))

    def _read(self, edits: Iterable[Edit]) -> Dockerfile:
        source = self._source
        return self._model(Source(apply_edits(source.text, edits), source.path, source.bom))

    def _reason(self, wave: _Wave, before: Version, after: Version) -> str | None:
        """Why a wave does not hold; None when it does."""
        known = {problem.message for problem in before.file.tree.problems}
        for problem in after.file.tree.problems:
            if problem.message not in known:
                return f"the result would not be read: {problem.message}"
        for text in lost_comments(before.file, after.file):
            return f"it would drop a comment: {text[:60]}"
        if wave.kind == UNSAFE:
            return None
        if wave.kinds:
            reason = within(before, after, wave.kinds)
        else:
            reason = throughout(before, after, wave.kind)
        return None if reason is None else PROOF + reason


def _waves(candidates: Iterable[Candidate]) -> list[_Wave]:
    """The fixes in waves; those that keep the instructions where they are come first."""
    changing: list[_Wave] = []
    equal = _Wave("=")
    single: list[_Wave] = []
    unsafe = _Wave(UNSAFE)
    for each in candidates:
        kind = each.kind
        if kind in EQUAL or not each.edits:
            equal.members.append(each)
        elif kind == UNSAFE:
            unsafe.members.append(each)
        elif kind in WITHIN and each.places:
            wave = next((wave for wave in changing if all(wave.kinds.get(p, kind) == kind for p in each.places)), None)
            if wave is None:
                wave = _Wave(kind)
                changing.append(wave)
            wave.kinds.update(dict.fromkeys(each.places, kind))
            wave.members.append(each)
        else:
            # A move is a matter of its own; what is unknown fails.
            wave = _Wave(kind if kind == MOVE or kind not in WITHIN else "=")
            wave.members.append(each)
            single.append(wave)
    return [wave for wave in (*changing, equal, *single, unsafe) if wave.members]


def lost_comments(before: Dockerfile, after: Dockerfile) -> list[str]:
    """The comments that one text has and the other has not.

    A suppression of this project's own may go with what it hid, a directive may change, and a comment that was to be a
    directive may become one.
    """
    lost = _comments(before) - _comments(after)
    more = len(after.tree.directives) > len(before.tree.directives)
    return [
        text
        for text in lost
        if not text.lstrip("# \t").startswith("dfadvise:")
        and not (more and directive_in(text, 0, len(text)) is not None)
    ]


def _comments(file: Dockerfile) -> Counter[str]:
    """The comments of a file, those of heredoc scripts included, and how often each stands there."""
    directives = {directive.span.start for directive in file.tree.directives}
    found = Counter(each.text.strip() for each in file.tree.comments if each.span.start not in directives)
    for instruction in file.walk():
        if instruction.keyword == "RUN":
            for heredoc in instruction.heredocs:
                if "#" in heredoc.content:
                    found.update(tokens(heredoc.content).comments)
    return found


def overlap(one: Span, other: Span) -> bool:
    """Whether two edits cannot be applied together."""
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
