from __future__ import annotations

from dfadvise.about.strays import has_strays
from dfadvise.editing import cutting, dropping
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.expansions import expanded, expanded_silently, references, triggers
from dfadvise.syntax.instructions import Env, Label, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction, Pair

CODES = {
    "CMD": ("DL4003", "DS-0016", "kics:41c195f4", "semgrep:multiple-cmd-instructions"),
    "ENTRYPOINT": ("DL4004", "DS-0007", "kics:6938958b", "semgrep:multiple-entrypoint-instructions"),
    "HEALTHCHECK": ("DL3012", "DS-0023", "kics:1c2d47bd"),
}
ALL_THREE = ("MultipleInstructionsDisallowed", "sonar:S6589")
LABELS = ("tally:labels/no-duplicate-keys",)


class OverriddenInstruction(Rule):
    """An instruction has no effect, because a later one in the stage takes its place.

    Why:
        An image has one CMD, one ENTRYPOINT and one HEALTHCHECK, and one value for each label and variable: the last
        one wins. What stands before it only misleads.

    Bad:
        FROM nginx:1.29
        CMD ["nginx"]
        CMD ["nginx", "-g", "daemon off;"]

    Good:
        FROM nginx:1.29
        CMD ["nginx", "-g", "daemon off;"]

    Bad (a label):
        FROM debian:12
        LABEL version="1"
        LABEL version="2"

    Good (a label):
        FROM debian:12
        LABEL version="2"

    Good (one for each stage):
        FROM nginx:1.29 AS web
        CMD ["nginx", "-g", "daemon off;"]
        FROM web
        CMD ["nginx-debug", "-g", "daemon off;"]

    Good (the first value is used):
        FROM debian:12
        ENV MODE=build
        RUN make
        ENV MODE=run

    Good (the first value is part of the second):
        FROM debian:12
        ENV PATH=/opt/a/bin:$PATH
        ENV PATH=/opt/b/bin:$PATH

    Fix:
        safe: deletes the one that does nothing, with its line; unsafe when it is one pair among others.
    """

    on = ("stage",)
    keywords = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "ENV", "LABEL")
    severity = "warning"
    aliases = (*(code for codes in CODES.values() for code in codes), *ALL_THREE, *LABELS)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.syntax.instructions import Env, Label

        seen: set[tuple[str, str]] = set()
        for each in file.walk():
            keys = [""] if each.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK") else []
            if isinstance(each, (Env, Label)):
                keys = [pair.key for pair in each.pairs]
            for key in keys:
                if (each.keyword, key) in seen or any(char in key for char in ("$", '"', "'", file.escape)):
                    return True
                seen.add((each.keyword, key))
        return False

    def check(self, stage: Stage) -> Iterator[Finding]:
        outer = [instruction for instruction in stage.instructions if not isinstance(instruction, Onbuild)]
        bodies = [i.inner for i in stage.instructions if isinstance(i, Onbuild) and i.inner is not None]
        inherited = triggers(stage)
        if inherited:
            yield from self._triggers(stage, [*inherited, *outer])
        for instructions in (outer, bodies):
            yield from self._last_wins(instructions)
            yield from self._labels(instructions)
            yield from self._variables(instructions)

    def _last_wins(self, instructions: list[Instruction]) -> Iterator[Finding]:
        last: dict[str, Instruction] = {}
        for instruction in instructions:
            codes = CODES.get(instruction.keyword)
            if codes is None:
                continue
            dead = last.get(instruction.keyword)
            last[instruction.keyword] = instruction
            if dead is None:
                continue
            message = f"this {dead.keyword} has no effect, the one on line {instruction.line} counts"
            # The triggers of a child come together there, and tools see them there.
            aliases = (*codes, *ALL_THREE) if dead.outer is None else ()
            if not dead.stage.is_last:
                # KICS looks at the last stage alone.
                aliases = tuple(alias for alias in aliases if not alias.startswith("kics:"))
            related = [("the one that counts", instruction.name_span)]
            yield self.finding(dead.span, message, dead.outer or dead, None, aliases, related, fix=_delete(dead))

    def _triggers(self, stage: Stage, instructions: list[Instruction]) -> Iterator[Finding]:
        """What a local base's ONBUILD sets and another trigger or the stage itself sets again."""
        last: dict[str, Instruction] = {}
        for instruction in instructions:
            if instruction.keyword not in CODES:
                continue
            dead = last.get(instruction.keyword)
            last[instruction.keyword] = instruction
            if dead is not None and dead.outer is not None and stage.from_ is not None:
                message = f"the {dead.keyword} that an ONBUILD of the base adds has no effect"
                related = [("the trigger", dead.name_span)]
                yield self.finding(stage.from_.name_span, message, stage.from_, "style", ALL_THREE[:1], related)

    def _labels(self, instructions: list[Instruction]) -> Iterator[Finding]:
        last: dict[str, tuple[Label, Pair]] = {}
        for label in instructions:
            if not isinstance(label, Label):
                continue
            for pair in label.pairs:
                key = label.expand(pair.key)
                if not key:
                    continue
                if key in last:
                    yield self._pair(last[key], label, pair, LABELS)
                last[key] = (label, pair)

    def _variables(self, instructions: list[Instruction]) -> Iterator[Finding]:
        last: dict[str, tuple[Env, Pair]] = {}
        for instruction in instructions:
            if isinstance(instruction, Run):
                # Every program sees the whole environment.
                last.clear()
            if not last and not isinstance(instruction, Env):
                continue
            for texts in (expanded(instruction), expanded_silently(instruction)):
                for text in texts:
                    for use in references(text.text, instruction.file.escape, not text.is_document):
                        last.pop(use.name, None)
            if not isinstance(instruction, Env):
                continue
            for pair in instruction.pairs:
                if "$" in pair.key or not pair.key:
                    continue
                if pair.key in last:
                    yield self._pair(last[pair.key], instruction, pair, ())
                last[pair.key] = (instruction, pair)

    def _pair(
        self, dead: tuple[Env | Label, Pair], later: Instruction, again: Pair, aliases: tuple[str, ...]
    ) -> Finding:
        instruction, pair = dead
        where = "in the same instruction" if later is instruction else f"on line {later.line}"
        message = f"`{pair.key}` is set again {where}, before anything reads it"
        related = [("set again", again.span)]
        fix = _delete(instruction) if len(instruction.pairs) == 1 else _delete_pair(instruction, pair)
        if again.value is not None and later.stage.expand_partly(again.value, later) is None:
            fix = None  # the one that counts is malformed
        return self.finding(pair.span, message, instruction.outer or instruction, None, aliases, related, fix=fix)


def _delete(dead: Instruction) -> Fix | None:
    whole = dead.outer or dead
    if whole.inner_comments or has_strays(dead) or dropping.strands_comment(whole):
        return None
    return Fix(f"Delete the {dead.keyword}", [dropping.instruction(whole)], "safe", "-dead")


def _delete_pair(instruction: Env | Label, pair: Pair) -> Fix | None:
    pairs = instruction.pairs
    if len(pairs) > cutting.MOST or has_strays(instruction):
        return None
    place = pairs.index(pair)
    if place + 1 < len(pairs):
        span = Span(pair.span.start, pairs[place + 1].span.start)
    else:
        span = Span(pairs[place - 1].span.end, pair.span.end)
    outer = instruction.outer or instruction
    if any(span.start <= comment.span.start < span.end for comment in outer.inner_comments):
        return None
    return Fix(f"Delete {pair.key}", [Edit(span, "")])
