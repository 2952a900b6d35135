"""What an image will weigh, what an edit will re-run, and what would be saved: the answers of `dfadvise advise`."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.buildcache import CacheModel, Change
from dfadvise.effects import REMOVES, REWRITES
from dfadvise.knowledge.frontend import PLATFORM_ARGS
from dfadvise.layers import chain_layers
from dfadvise.managers.leftovers import left_by
from dfadvise.managers.packages import actions
from dfadvise.savings import saves, size_of, stored_and_hidden, worth
from dfadvise.secret.redact import Secrets
from dfadvise.syntax.instructions import Arg, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.history import Weights
    from dfadvise.layers import Layer
    from dfadvise.rule import Finding
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.timing import Timing

# Families whose findings are about bytes or time.
FAMILIES = frozenset(("base", "cache", "layers", "stages", "context", "packages"))
SCENARIOS = {
    "source": "a source file changes",
    "manifest": "a manifest or lock file changes",
    "argument": "a build argument changes",
    "base": "the base image moves",
    "time": "time passes: what is not pinned is looked up anew",
}
STEPS = frozenset(("FROM", "RUN", "COPY", "ADD", "WORKDIR"))
_SHORT = 60
_MOST_ARGUMENTS = 30


class LayerRow:
    """One layer of the shipped image.

    Attributes:
        instruction: What makes it.
        text: The instruction on one line, shortened.
        size: Bytes that it adds as far as they are known; None when nothing is known.
        basis: Where the size comes from: "measured", "context", "table" or None; a table's is a part of the whole.
        effects: What it does, in words.
        reruns_on: The scenarios in which it runs again.
        seconds: How long it took in the build whose log was read; None without one, or when that does not say.
    """

    __slots__ = ("basis", "effects", "instruction", "reruns_on", "seconds", "size", "text")

    def __init__(self, instruction: Instruction, text: str) -> None:
        self.instruction = instruction
        self.text = text
        self.size: int | None = None
        self.basis: str | None = None
        self.seconds: float | None = None
        self.effects: list[str] = []
        self.reruns_on: list[str] = []


class Scenario:
    """Something that changes before the next build.

    Attributes:
        name: source, manifest, argument, base or time.
        title: The same in words.
        reruns: The instructions of all stages that a build needs which run again, in order.
        maybe: Those that may come out the same and be found in the cache after all.
        share: The share of the last commits in which it happened; None when unknown.
        argument: The one build argument that changes; "" when any does, or none of them.
        each: The same for every build argument of its own, where arguments change.
        seconds: How long the longest chain through what surely runs again takes by the build log; None when unknown.
        most_seconds: The same when all that may run again does.
    """

    __slots__ = ("argument", "each", "maybe", "most_seconds", "name", "reruns", "seconds", "share", "title")

    def __init__(self, name: str, argument: str = "") -> None:
        self.name = name
        self.argument = argument
        self.title = f"the build argument {argument} changes" if argument else SCENARIOS[name]
        self.each: list[Scenario] = []
        self.reruns: list[Instruction] = []
        self.maybe: list[Instruction] = []
        self.share: float | None = None
        self.seconds: float | None = None
        self.most_seconds: float | None = None


class Advice:
    """Everything that `advise` shows for one file.

    Attributes:
        file: The model.
        base: The base image as written, or None.
        layers: The layers of the shipped image.
        scenarios: The scenarios with what re-runs.
        savings: Findings that save bytes or time, the most worthwhile first.
        stored, hidden: Known bytes of the layers, and of those the ones that nobody can see.
        weights: What the repository's last commits touched, or None.
        timing: What a build log says, or None.
        proposed: The text with every fix that saves something; None when there is none.
        creates: New files that belong to it.
        hides: Where the secrets stand that rules have seen, as start and end.
    """

    __slots__ = (
        "base",
        "creates",
        "file",
        "hidden",
        "hides",
        "layers",
        "proposed",
        "savings",
        "scenarios",
        "stored",
        "timing",
        "weights",
    )

    def __init__(self, file: Dockerfile, findings: Iterable[Finding], weights: Weights | None = None) -> None:
        self.file = file
        self.weights = weights
        stage = file.exported
        self.base = stage.base.raw if stage is not None and stage.base is not None else None
        self.scenarios = [_scenario(file, name, weights) for name in SCENARIOS] if stage is not None else []
        self.layers = _rows(stage, self.scenarios) if stage is not None else []
        found = list(findings)
        self.hides = [(span.start, span.end) for each in found for span in each.hides]
        self.savings = sorted(filter(saves, found), key=worth)
        self.timing: Timing | None = None
        self.stored, self.hidden = stored_and_hidden(chain_layers(stage)) if stage is not None else (0, 0)
        self.proposed: str | None = None
        self.creates: dict[str, str] = {}

    def rank(self) -> None:
        """Put the savings in order anew, after they were measured."""
        self.savings.sort(key=worth)

    @property
    def steps(self) -> list[Instruction]:
        """The instructions of the stages that the build needs which may run again, in order."""
        stages = [stage for stage in self.file.stages if stage.ships or stage.feeds]
        return [each for stage in stages for each in stage.instructions if each.keyword in STEPS]

    @property
    def efficiency(self) -> float | None:
        """Visible bytes over stored bytes, of what is known; None when nothing is."""
        return 1 - self.hidden / self.stored if self.stored else None


def is_proposed(finding: Finding) -> bool:
    """Whether the fix of a finding belongs into the proposed file."""
    return finding.family in FAMILIES or saves(finding)


def _rows(stage: Stage, scenarios: list[Scenario]) -> list[LayerRow]:
    again = {each.name: {id(instruction) for instruction in (*each.reruns, *each.maybe)} for each in scenarios}
    rows: list[LayerRow] = []
    secrets = Secrets(stage.file.source.text, [])
    for layer in chain_layers(stage).layers:
        instruction = layer.instruction
        row = LayerRow(instruction, shown(instruction, secrets))
        row.size, row.basis = size_of(layer)
        row.effects = _effects(layer)
        row.reruns_on = [name for name, reached in again.items() if id(instruction) in reached]
        rows.append(row)
    return rows


def _effects(layer: Layer) -> list[str]:
    """What a layer does, in a few words each."""
    found: list[str] = []
    run = layer.instruction
    if isinstance(run, Run):
        for action in actions(run):
            names = [word.text or word.raw for word in action.operands]
            if action.installs:
                found.append(f"installs with {action.manager.name}" + (f": {_few(names)}" if names else ""))
        found.extend(f"leaves the {left.manager.name} {' and '.join(left.kinds)}" for left in left_by(run))
    words = {REMOVES: "removes", REWRITES: "stores again"}
    for effect in layer.effects:
        if effect.path is None:
            continue
        shown = effect.path.replace("/$WORKDIR/", "")
        size = f" ({human(effect.size)})" if effect.size else ""
        found.append(
            f"{words.get(effect.kind, effect.kind)} {shown}{'/' if effect.tree and shown != '/' else ''}{size}"
        )
    return found


def _few(names: list[str]) -> str:
    return " ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def shown(instruction: Instruction, secrets: Secrets) -> str:
    """An instruction on one line, with stars for secrets, and a mark where it was longer."""
    flags = " ".join(flag.text for flag in instruction.flags)
    text = secrets.hidden(" ".join(f"{instruction.keyword} {flags} {instruction.body.text}".split()))
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def _scenario(file: Dockerfile, name: str, weights: Weights | None) -> Scenario:
    if name == "argument":
        return _arguments(file)
    scenario = _played(file, Scenario(name))
    scenario.share = weights.share(name) if weights is not None else None
    return scenario


def _arguments(file: Dockerfile) -> Scenario:
    """What runs again when a build argument changes: all of them together, and each of its own."""
    together = Scenario("argument")
    names = dict.fromkeys(
        pair.key
        for instruction in file.walk()
        if isinstance(instruction, Arg)
        for pair in instruction.pairs
        if pair.key not in PLATFORM_ARGS
    )
    together.each = [_played(file, Scenario("argument", name)) for name in list(names)[:_MOST_ARGUMENTS]]
    sure = {id(instruction): instruction for each in together.each for instruction in each.reruns}
    maybe = {id(instruction): instruction for each in together.each for instruction in each.maybe}
    together.reruns = sorted(sure.values(), key=lambda each: each.line)
    together.maybe = sorted((each for key, each in maybe.items() if key not in sure), key=lambda each: each.line)
    return together


def _played(file: Dockerfile, scenario: Scenario) -> Scenario:
    change = Change(scenario.name, scenario.argument)
    for stage in file.stages:
        if not stage.ships and not stage.feeds:
            continue
        for rerun in CacheModel(stage).reruns(change):
            (scenario.reruns if rerun.certain else scenario.maybe).append(rerun.instruction)
    return scenario
