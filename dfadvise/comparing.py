"""Two versions of a Dockerfile laid beside each other: which instruction became which, and what that changes."""

from __future__ import annotations

from dfadvise.ordered import longest_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Literal

    from dfadvise.advice import Advice, LayerRow, Scenario
    from dfadvise.rule import Finding
    from dfadvise.syntax.instructions import Instruction

    Kind = Literal["same", "moved", "changed", "gone", "new"]

# Of these a stage has one that counts, so that the old and the new one belong together whatever they say.
_SINGLE = frozenset(("FROM", "CMD", "ENTRYPOINT", "HEALTHCHECK", "MAINTAINER", "SHELL", "STOPSIGNAL", "USER"))
_ALIKE = 0.5  # share of words that two instructions have in common to be one that was changed
_MOST_PAIRS = 250_000  # pairs of instructions whose words are held against each other


class Pair:
    """An instruction of the old version and what became of it in the new one.

    Attributes:
        old, new: The instructions; one of them is None when the instruction is new or gone.
        kind: "same" (lines may have moved with what stands above), "moved" (another order or stage), "changed" (another
            text), "gone" or "new".
    """

    __slots__ = ("kind", "new", "old")

    def __init__(self, old: Instruction | None, new: Instruction | None, kind: Kind) -> None:
        self.old = old
        self.new = new
        self.kind: Kind = kind


class Layer:
    """A layer of the shipped image in either version.

    Attributes:
        pair: What makes it.
        old, new: The layer; None where the image does not have it.
    """

    __slots__ = ("new", "old", "pair")

    def __init__(self, pair: Pair, old: LayerRow | None, new: LayerRow | None) -> None:
        self.pair = pair
        self.old = old
        self.new = new


class Rerun:
    """What runs again in one scenario in both versions.

    Attributes:
        old, new: The scenario; None where a version has no such build argument.
        spared: Instructions of the old version that run again, or may, and whose new form does not.
        added: Instructions of the new version that run again, or may, and whose old form does not.
    """

    __slots__ = ("added", "new", "old", "spared")

    def __init__(self, old: Scenario | None, new: Scenario | None) -> None:
        self.old = old
        self.new = new
        self.spared: list[Instruction] = []
        self.added: list[Instruction] = []

    @property
    def title(self) -> str:
        """What changes, in words."""
        found = self.new or self.old
        return found.title if found is not None else ""


class Comparison:
    """What changes between two versions.

    Args:
        old, new: The answers of `advise` for each.
        old_findings, new_findings: All findings of each.

    Attributes:
        pairs: Every instruction, in the order of the new version, what is gone where it stood.
        layers: The layers of both images in that order.
        reruns: The scenarios.
        gone: The findings of the old version that the new one does not have.
        fresh: The findings of the new version that the old one did not have.
    """

    __slots__ = ("fresh", "gone", "layers", "new", "old", "pairs", "reruns")

    def __init__(
        self, old: Advice, new: Advice, old_findings: Iterable[Finding], new_findings: Iterable[Finding]
    ) -> None:
        self.old = old
        self.new = new
        self.pairs = paired(old.file.instructions, new.file.instructions)
        self.layers = _layers(self.pairs, old, new)
        self.reruns = _reruns(self.pairs, old, new)
        self.gone, self.fresh = _findings(self.pairs, old_findings, new_findings)


def paired(old: list[Instruction], new: list[Instruction]) -> list[Pair]:
    """Which instruction became which: the same text, in the same stage first, then the most alike.

    Args:
        old, new: The instructions of both versions in order.
    """
    became: dict[int, int] = {}
    for key in (_in_stage, _text):
        _match(old, new, became, key)
    exact = set(became.items())
    _match_single(old, new, became)
    _match_alike(old, new, became)
    held = set(longest_row((at, to) for at, to in exact if _stage(old[at]) == _stage(new[to])))
    pairs = [(at, to, _kind((at, to), exact, held)) for at, to in became.items()]
    # What is gone stands behind the last instruction before it that kept its place.
    row = dict(longest_row(became.items()))
    rows: list[tuple[tuple[int, int], Pair]] = [((to, -1), Pair(old[at], new[to], kind)) for at, to, kind in pairs]
    taken = set(became.values())
    rows += [((to, -1), Pair(None, each, "new")) for to, each in enumerate(new) if to not in taken]
    behind = -1
    for at, each in enumerate(old):
        behind = row.get(at, behind)
        if at not in became:
            rows.append(((behind, at), Pair(each, None, "gone")))
    rows.sort(key=lambda pair: pair[0])
    return [pair for _, pair in rows]


def _kind(places: tuple[int, int], exact: set[tuple[int, int]], held: set[tuple[int, int]]) -> Kind:
    if places not in exact:
        return "changed"
    return "same" if places in held else "moved"


def _match(
    old: list[Instruction],
    new: list[Instruction],
    became: dict[int, int],
    key: Callable[[Instruction], Hashable],
) -> None:
    """Put together what has the same key and is not yet put together, in order."""
    taken = set(became.values())
    waiting: dict[Hashable, list[int]] = {}
    for to in range(len(new) - 1, -1, -1):
        if to not in taken:
            waiting.setdefault(key(new[to]), []).append(to)
    for at, each in enumerate(old):
        if at not in became and (places := waiting.get(key(each))):
            became[at] = places.pop()


def _match_single(old: list[Instruction], new: list[Instruction], became: dict[int, int]) -> None:
    left = {at: at for at, each in enumerate(old) if each.keyword not in _SINGLE}
    trial = {**left, **became}
    taken = {to for to, each in enumerate(new) if each.keyword not in _SINGLE} | set(became.values())
    waiting: dict[Hashable, list[int]] = {}
    for to in range(len(new) - 1, -1, -1):
        if to not in taken:
            waiting.setdefault((_stage(new[to]), new[to].keyword), []).append(to)
    for at, each in enumerate(old):
        if at not in trial and (places := waiting.get((_stage(each), each.keyword))):
            became[at] = places.pop()


def _match_alike(old: list[Instruction], new: list[Instruction], became: dict[int, int]) -> None:
    """Put together what has the most words in common, the most alike first."""
    taken = set(became.values())
    olds = [(at, _words(each)) for at, each in enumerate(old) if at not in became]
    news = [(to, _words(each)) for to, each in enumerate(new) if to not in taken]
    if len(olds) * len(news) > _MOST_PAIRS:
        return
    found: list[tuple[float, bool, int, int, int]] = []
    for at, words in olds:
        for to, others in news:
            if old[at].keyword != new[to].keyword:
                continue
            share = 2 * len(words & others) / (len(words) + len(others) or 1)
            if share >= _ALIKE:
                found.append((-share, _stage(old[at]) != _stage(new[to]), abs(at - to), at, to))
    for _, _, _, at, to in sorted(found):
        if at not in became and to not in taken:
            became[at] = to
            taken.add(to)


def _stage(instruction: Instruction) -> Hashable:
    """What a stage is called in both versions: its name, else its number."""
    stage = getattr(instruction, "stage", None)
    return None if stage is None else (stage.name or stage.index)


def _text(instruction: Instruction) -> str:
    flags = " ".join(flag.text for flag in instruction.flags)
    documents = "\n".join(document.content for document in instruction.heredocs)
    text = " ".join(f"{instruction.keyword} {flags} {instruction.body.text}".split())
    return f"{text}\n{documents}"


def _in_stage(instruction: Instruction) -> Hashable:
    return _stage(instruction), _text(instruction)


def _words(instruction: Instruction) -> frozenset[str]:
    return frozenset(_text(instruction).split()[1:])


def _layers(pairs: list[Pair], old: Advice, new: Advice) -> list[Layer]:
    before = {id(row.instruction): row for row in old.layers}
    after = {id(row.instruction): row for row in new.layers}
    found = [Layer(pair, before.get(id(pair.old)), after.get(id(pair.new))) for pair in pairs]
    return [each for each in found if each.old is not None or each.new is not None]


def _reruns(pairs: list[Pair], old: Advice, new: Advice) -> list[Rerun]:
    before, after = _scenarios(old), _scenarios(new)
    found: list[Rerun] = []
    for key in dict.fromkeys((*before, *after)):
        rerun = Rerun(before.get(key), after.get(key))
        was, now = _touched(rerun.old), _touched(rerun.new)
        for pair in pairs:
            if id(pair.old) in was and id(pair.new) not in now and pair.old is not None:
                rerun.spared.append(pair.old)
            elif id(pair.new) in now and id(pair.old) not in was and pair.new is not None:
                rerun.added.append(pair.new)
        found.append(rerun)
    return found


def _scenarios(advice: Advice) -> dict[tuple[str, str], Scenario]:
    rows = [row for each in advice.scenarios for row in (each.each or [each])]
    return {(each.name, each.argument): each for each in rows if each.name != "argument" or each.argument}


def _touched(scenario: Scenario | None) -> set[int]:
    return set() if scenario is None else {id(each) for each in (*scenario.reruns, *scenario.maybe)}


def _findings(pairs: list[Pair], old: Iterable[Finding], new: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Findings that are only in the old, and only in the new version; one stays itself when its instruction does."""
    number = {pair.old.line: at for at, pair in enumerate(pairs) if pair.old is not None}
    other = {pair.new.line: at for at, pair in enumerate(pairs) if pair.new is not None}
    waiting: dict[Hashable, list[Finding]] = {}
    for each in old:
        waiting.setdefault(_mark(each, number), []).append(each)
    fresh: list[Finding] = []
    for each in new:
        held = waiting.get(_mark(each, other), [])
        # Of several on one instruction those that say the same belong together.
        same = next((at for at, known in enumerate(held) if known.message == each.message), 0)
        if held:
            held.pop(same)
        else:
            fresh.append(each)
    gone = [each for held in waiting.values() for each in held]
    return sorted(gone, key=lambda each: each.span.start), fresh


def _mark(finding: Finding, number: dict[int, int]) -> Hashable:
    held = finding.instruction
    return finding.rule, None if held is None else number.get(held.line, -1)
