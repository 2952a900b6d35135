from __future__ import annotations

from dfadvise.pragmas import pragma_in
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.expansions import triggers
from dfadvise.syntax.instructions import Env, Label, bodies
from dfadvise.syntax.words import WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction, Pair

CODE = "LegacyKeyValueFormat"


class LegacyKeyValue(Rule):
    r"""ENV or LABEL in the old form, with a blank between key and value.

    Why:
        The old form holds one pair and takes the rest of the line as the value, trailing words and quotes included.
        Docker warns about it. `ENV A = b` sets A to `= b`.

    Bad:
        FROM debian:12
        ENV APP_HOME /opt/app

    Good:
        FROM debian:12
        ENV APP_HOME="/opt/app"

    Bad (with blanks in the value):
        FROM debian:12
        LABEL description A web server \
            for tests

    Fixed:
        FROM debian:12
        LABEL description="A web server \
            for tests"

    Bad (the equals sign is part of the value):
        FROM debian:12
        ENV APP_HOME = /opt/app

    Good (several pairs):
        FROM debian:12
        ENV APP_HOME=/opt/app APP_USER="app user"

    Good (no value form at all):
        FROM debian:12
        ARG APP_HOME

    Fix:
        safe: `key="value"` in the whole stage, where both forms expand to the same text; unsafe where the value starts
        with `=`.
    """

    on = ("stage",)
    keywords = ("ENV", "LABEL")
    severity = "info"
    aliases = (CODE, "sonar:S6574")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.syntax.instructions import Env, Label

        return any(isinstance(each, (Env, Label)) and any(pair.legacy for pair in each.pairs) for each in file.walk())

    def check(self, stage: Stage) -> Iterator[Finding]:
        plain: list[Finding] = []
        for instruction in stage.instructions:
            for each in (instruction, *bodies(instruction)):
                pair = _legacy(each)
                if pair is None:
                    continue
                # BuildKit reads the body of an ONBUILD once it is triggered.
                aliases: tuple[str, ...] = (CODE,) if each.outer is None else ()
                outer = each.outer or each
                if (pair.value or "").startswith("="):
                    message = f"`{pair.key}` is set to `{_short(pair.value)}`, with the equals sign"
                    fix = _without_equals(each, pair)
                    yield self.finding(pair.span, message, outer, "warning", (*aliases, "sonar:S6574"), fix=fix)
                    continue
                message = f"old form `{each.keyword} key value`"
                plain.append(self.finding(pair.span, message, outer, "style", aliases, fix=_fix(each, pair)))
        if plain:
            self._show_one(plain)
            yield from plain
        for body in triggers(stage):
            if _legacy(body) is not None and stage.from_ is not None:
                message = f"an ONBUILD of the base has the old form `{body.keyword} key value`"
                yield self.finding(stage.from_.name_span, message, stage.from_, "style", (CODE,))

    def _show_one(self, findings: list[Finding]) -> None:
        """One finding stands for those of a stage, and its fix for theirs, so that a stage is of one form after it."""
        fixable = [finding for finding in findings if finding.fix is not None and not _is_marked(finding)]
        shown = next((finding for finding in findings if not _is_marked(finding)), findings[0])
        if fixable:
            shown = fixable[0]
            edits = [edit for finding in fixable if finding.fix is not None for edit in finding.fix.edits]
            shown.fix = Fix('Write key="value"', edits, "safe")
        shown.severity = self.severity


def _is_marked(finding: Finding) -> bool:
    """Whether a comment above suppresses something for the instruction, perhaps this."""
    instruction = finding.instruction
    if instruction is None:
        return False
    comments = (*instruction.comments, *instruction.inner_comments)
    return any(pragma_in(comment) is not None for comment in comments)


def _legacy(instruction: Instruction) -> Pair | None:
    if isinstance(instruction, (Env, Label)) and instruction.pairs and instruction.pairs[0].legacy:
        return instruction.pairs[0]
    return None


def _short(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= 40 else text[:39] + "…"


def _fix(instruction: Instruction, pair: Pair) -> Fix | None:
    value, escape = pair.value or "", instruction.file.escape
    source = instruction.file.source
    gap = Span(pair.key_span.end, pair.value_span.start)
    if not _is_key(pair.key, escape) or source.slice(gap).strip(" \t\r\n" + escape):
        return None
    edits = None
    if not any(char in value for char in ('"', "'", escape)):
        end = Span(pair.value_span.end, pair.value_span.end)
        edits, new = [Edit(gap, '="'), Edit(end, '"')], f'"{value}"'
    elif source.slice(pair.value_span) == value:
        new = _requoted(value, escape)
        edits = [Edit(Span(gap.start, pair.value_span.end), "=" + new)]
    if edits is None or not _same(value, new, escape):
        return None
    return Fix('Write key="value"', edits, "safe")


def _without_equals(instruction: Instruction, pair: Pair) -> Fix | None:
    value, escape = (pair.value or "")[1:].strip(), instruction.file.escape
    source = instruction.file.source
    if source.slice(pair.value_span) != pair.value or not value or not _is_key(pair.key, escape):
        return None
    new = _requoted(value, escape) if any(char in value for char in ('"', "'", escape)) else f'"{value}"'
    if not _same(value, new, escape):
        return None
    return Fix("Write key=value", [Edit(Span(pair.key_span.end, pair.value_span.end), "=" + new)])


def _is_key(key: str, escape: str) -> bool:
    return not any(char in key for char in ("$", "'", '"', escape))


def _requoted(value: str, escape: str) -> str:
    """The value as one word: as it is when it is one, else in double quotes, else with its blanks escaped."""
    if _same(value, value, escape):
        return value
    if value[0] == value[-1] == '"' and '"' not in value[1:-1]:
        return value
    if '"' not in value and "'" not in value and escape + escape not in value:
        return f'"{value}"'
    return value


def _same(value: str, new: str, escape: str) -> bool:
    """Whether the old form's value and a word of the new form expand to the same text, whatever variables hold."""
    for content in ("", "x y", "\\\"'$"):

        def look(name: str, content: str = content) -> str | None:
            return content + name if content else None

        try:
            if process(value, look, escape).text != process(new, look, escape).text:
                return False
        except WordError:
            return False
    return _is_one_word(new, escape)


def _is_one_word(text: str, escape: str) -> bool:
    """Whether ENV and LABEL take a text for one word."""
    at, quote = 0, ""
    while at < len(text):
        char = text[at]
        if char.isspace() and not quote:
            return False
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape and quote != "'":
            at += 1
        at += 1
    return not quote and bool(text)
