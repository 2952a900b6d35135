"""Which line of a Dockerfile made which layer: the history of an image laid beside the instructions of a stage."""

from __future__ import annotations

from posixpath import normpath

from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.image.history import History, Step
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

SAME, PERHAPS = 2, 1
MOST_PAIRS = 1_000_000  # of steps and instructions that are held against each other, over all stages


class Match:
    """A history laid beside a Dockerfile.

    Attributes:
        instructions: By the index of the layer.
        base: How many layers are below the first of them; None when there is none.
        missing: Instructions of the stage that the history does not have.
        changed: Those that are not what the history says, and stand where they must have stood.
        stage: The stage.
    """

    __slots__ = ("base", "changed", "instructions", "missing", "stage")

    def __init__(
        self,
        stage: Stage,
        instructions: dict[int, Instruction],
        missing: list[Instruction],
        changed: list[Instruction],
    ) -> None:
        self.stage = stage
        self.instructions = instructions
        self.missing = missing
        self.changed = changed
        self.base = min(instructions, default=None)


def match(history: History, file: Dockerfile) -> Match | None:
    """Find the stage that an image was built from, and the instructions of its layers.

    Args:
        history: The history of the image.
        file: The Dockerfile.

    Returns:
        None when no instruction of any stage made one of the layers, or the history does not go with the layers.
    """
    steps = history.matchable()
    keys = [squeezed(step.body) for step in steps]
    room = MOST_PAIRS
    best: Match | None = None
    # The last stage is the usual one, and wins where several fit as well.
    stages = sorted(file.stages, key=lambda stage: (stage is not file.exported, -stage.index))
    for stage in stages:
        instructions = layer_instructions(stage)
        room -= len(instructions) * len(steps)
        if room < 0:
            break
        found = _lay(steps, keys, stage, instructions)
        if found is not None and (best is None or _worth(found) > _worth(best)):
            best = found
        if best is not None and not best.missing and not best.changed:
            break
    return best


def _worth(found: Match) -> int:
    return len(found.instructions) - len(found.changed) - len(found.missing)


def layer_instructions(stage: Stage) -> list[Instruction]:
    """The instructions of a stage's chain that make layers, in order."""
    return [each for each in stage.chain_instructions() if makes_layer(each)]


def makes_layer(instruction: Instruction) -> bool:
    """Whether an instruction makes a layer: RUN, COPY, ADD, and WORKDIR but for `/`."""
    if instruction.keyword == "WORKDIR":
        return instruction.stage.symbolic_workdir_at(instruction, after=True) != "/"
    return instruction.keyword in ("RUN", "COPY", "ADD")


def _lay(steps: Sequence[Step], keys: Sequence[str], stage: Stage, instructions: Sequence[Instruction]) -> Match | None:
    wanted = [_Wanted(each) for each in instructions]
    pairs = _align(steps, keys, wanted)
    if not pairs:
        return None
    changed: list[Instruction] = []
    # Between two that fit, and behind the last one, the same keywords in the same number are the same instructions.
    anchors = [(-1, -1), *pairs, (len(steps), len(wanted))]
    for (step, place), (next_step, next_place) in zip(anchors, anchors[1:], strict=False):
        inner_steps, inner = list(range(step + 1, next_step)), list(range(place + 1, next_place))
        if place < 0:
            # Below the first one the base image begins somewhere.
            inner_steps = inner_steps[len(inner_steps) - len(inner) :] if len(inner) <= len(inner_steps) else []
        if len(inner) == len(inner_steps) and all(
            steps[at].keyword == wanted[where].keyword for at, where in zip(inner_steps, inner, strict=True)
        ):
            pairs += zip(inner_steps, inner, strict=True)
            changed += [instructions[where] for where in inner]
    by_layer = {layer: instructions[where] for at, where in pairs if (layer := steps[at].layer) is not None}
    matched = {where for _, where in pairs}
    missing = [each for where, each in enumerate(instructions) if where not in matched]
    return Match(stage, by_layer, missing, changed)


def _align(steps: Sequence[Step], keys: Sequence[str], wanted: list[_Wanted]) -> list[tuple[int, int]]:
    """The pairs of the longest common sequence, those nearest to the end where several are as long."""
    rows, columns = len(steps), len(wanted)
    # Nearly always everything fits from the end on.
    ends: list[tuple[int, int]] = []
    while rows and columns and wanted[columns - 1].fits(steps[rows - 1], keys[rows - 1]):
        rows, columns = rows - 1, columns - 1
        ends.append((rows, columns))
    fits = [[each.fits(steps[row], keys[row]) for each in wanted[:columns]] for row in range(rows)]
    longest = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows):
        for column in range(columns):
            value = fits[row][column]
            best = max(longest[row][column + 1], longest[row + 1][column])
            if value:
                best = max(best, longest[row][column] + value)
            longest[row + 1][column + 1] = best
    pairs = ends
    row, column = rows, columns
    while row and column:
        value = fits[row - 1][column - 1]
        if value and longest[row][column] == longest[row - 1][column - 1] + value:
            pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
        elif longest[row][column] == longest[row][column - 1]:
            column -= 1
        else:
            row -= 1
    return pairs[::-1]


class _Wanted:
    """What a history would say of an instruction."""

    __slots__ = ("instruction", "keyword", "operands", "shell", "targets", "texts", "written")

    def __init__(self, instruction: Instruction) -> None:
        self.instruction = instruction
        self.keyword = instruction.keyword
        self.texts: tuple[str, ...] = ()
        self.operands: list[str] = []
        self.written: list[str] = []
        self.targets: set[str] = set()
        self.shell = squeezed(" ".join(instruction.stage.shell_at(instruction) or ()))
        if isinstance(instruction, Run):
            self.texts = tuple(squeezed(text) for text in _run_texts(instruction))
        elif isinstance(instruction, Copy):
            # Unknown parts stand for anything.
            names = {heredoc.word_span.start: f"<<{heredoc.name}" for heredoc in instruction.heredocs}
            for word in instruction.args:
                name = names.get(word.span.start)
                self.operands += (name or _expanded(instruction, word.text)).split()
                self.written += (name or word.text).split()
            if instruction.target is not None:
                self.targets = _places(instruction, instruction.target.text)
        else:
            text = instruction.args[0].text if instruction.args else ""
            self.targets = _places(instruction, text)

    def fits(self, step: Step, key: str) -> int:
        """Whether a step is this instruction: SAME, PERHAPS (as far as the history tells), or 0."""
        if step.keyword != self.keyword:
            return 0
        if self.keyword == "RUN":
            return SAME if any(_is_command(key, text, self.shell) for text in self.texts) else 0
        if self.keyword == "WORKDIR":
            return SAME if key in self.targets or normpath(key or ".") in self.targets else 0
        if step.hashed:
            return PERHAPS if any(_is_like(key, target) for target in self.targets) else 0
        words = [word for word in key.split(" ") if not word.startswith("--")]
        # kaniko leaves variables as they are.
        if words == self.written:
            return SAME
        if len(words) == len(self.operands) and all(map(_is_like, words, self.operands)):
            return PERHAPS if any(UNKNOWN in word for word in self.operands) else SAME
        return 0


def _run_texts(run: Run) -> list[str]:
    """The command of a RUN as a builder passes it on."""
    if run.form == "exec":
        return [" ".join(word.text for word in run.args)]
    text = run.args[0].text if run.args else ""
    if not run.heredocs:
        return [text]
    bodies = [_chomped(each.content) if each.chomp else each.content for each in run.heredocs]
    whole = text + "".join(f"\n{body}{heredoc.name}" for body, heredoc in zip(bodies, run.heredocs, strict=True))
    plain = text + "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in run.heredocs)
    found = [whole, plain]
    if len(run.heredocs) == 1 and text.strip() == run.heredocs[0].word_text:
        # The body alone goes to the shell, or is a program itself.
        found += [bodies[0], f"/dev/pipes/{run.heredocs[0].name}"]
    return found


def _chomped(content: str) -> str:
    return "\n".join(line.lstrip("\t") for line in content.split("\n"))


def _is_command(key: str, text: str, shell: str) -> bool:
    """Whether the body of a step is a command, with nothing but build arguments and a shell before it."""
    if key == text:
        return True
    if not text or not key.endswith(" " + text):
        return False
    before = key[: -len(text) - 1]
    if shell and (before == shell or before.endswith(" " + shell)):
        return True
    last = before.rpartition(" ")[2].lower()
    # The last word of a shell: -c, -lc, -euxc, /C, -Command; an exec form has arguments only.
    return (
        last == "/c"
        or last == "-command"
        or (last.startswith("-") and last.endswith("c"))
        or (before.startswith("|") and "=" in before)
    )


def _is_like(text: str, pattern: str) -> bool:
    """Whether a text is what a word became, unknown parts being anything."""
    if UNKNOWN not in pattern:
        return text == pattern
    from dfadvise.knowledge.packages import matches

    return "*" not in pattern and matches(pattern.replace(UNKNOWN, "*"), text)


def _expanded(instruction: Instruction, word: str) -> str:
    found = instruction.stage.expand_partly(word, instruction)
    return word if found is None else squeezed(found)


def _places(instruction: Instruction, word: str) -> set[str]:
    """A path as it is written, and as an absolute one."""
    text = _expanded(instruction, word)
    after = instruction.keyword == "WORKDIR"
    found = {text, text.rstrip("/") or "/"}
    if UNKNOWN not in text:
        folder = instruction.stage.workdir_at(instruction)
        if after:
            path = instruction.stage.symbolic_workdir_at(instruction, after=True)
            if "$" not in path:
                found.add(path)
        elif folder is not None:
            full = normpath(f"{folder}/{text}")
            full = full[1:] if full.startswith("//") else full
            found |= {full, full.rstrip("/") + "/"}
    return found


def squeezed(text: str) -> str:
    """A text with single blanks."""
    return " ".join(text.split())
