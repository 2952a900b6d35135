"""Secret values are never printed: where they stand in a file, and texts with stars in their place.

Reports ask for the source with stars before they show a line of it, and for their messages, whatever rule they are of.
What counts is what looks like a secret (`dfadvise.secret.scan`), what a variable or option with a secret's name is set
to, and what a rule says that it found (`Finding.hides`).
"""

from __future__ import annotations

from dfadvise.knowledge.secret_names import harmless_value, placeholder_value, sets_secret
from dfadvise.secret import signs
from dfadvise.secret.signs import SHOWN
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Pattern

    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding, Fix
    from dfadvise.stages import Dockerfile

_LEAST = 4  # shorter values are no secrets, and hiding them would hide too much
_LEAST_SHOWN = 16
_MOST_ASSIGNED = 2000
# `NAME=value`, `name: value`, `--name value`, `ENV NAME value`; quotes and blanks in between.
_ASSIGNED = (
    r"""(?m:(?<![A-Za-z0-9_.-])([A-Za-z_-][A-Za-z0-9_.-]{2,80})["']?[ \t]{0,3}[=:][ \t]{0,3}"""
    r"""|(?<![A-Za-z0-9_.-])(--[A-Za-z0-9_.-]{2,80})[ \t]{1,3}"""
    r"""|^[ \t]{0,80}ENV[ \t]{1,40}([A-Za-z0-9_.-]{2,80})[ \t]{1,40})"""
)
_VALUE = r"""(?:"([^"\n]{4,400})"|'([^'\n]{4,400})'|([^\s"'\\]{4,400}))"""
_pattern: Pattern[str] | None = None
_memo: tuple[FileResult, Secrets] | None = None


class Secrets:
    """The secret values of one file.

    Args:
        text: The file's text.
        spans: Where secrets stand besides those that can be told by the text alone.
        known: Where they all stand, when that was worked out before.
    """

    __slots__ = ("_texts", "spans", "text")

    def __init__(self, text: str, spans: list[tuple[int, int]], known: list[tuple[int, int]] | None = None) -> None:
        self.text = text
        self.spans = _places(text, spans, None) if known is None else known
        found = {text[start:end] for start, end in self.spans if _is_telling(text[start:end])}
        self._texts = sorted(found, key=lambda value: (-len(value), value))

    def masked(self) -> str:
        """The text with stars over all but the first characters of its secrets: as long as it was, line by line."""
        if not self.spans:
            return self.text
        parts, at = [], 0
        for start, end in self.spans:
            parts += [self.text[at:start], _stars(self.text[start:end])]
            at = end
        return "".join([*parts, self.text[at:]])

    def hidden(self, text: str) -> str:
        """Another text, such as a message, with stars for the secrets of this file."""
        for value in self._texts:
            if value in text:
                text = text.replace(value, _stars(value)[: SHOWN + 3])
        return text

    def touches(self, text: str) -> bool:
        """Whether another text holds a secret of this file."""
        return any(value in text for value in self._texts)


def _is_telling(value: str) -> bool:
    """Whether a value is one of its own, and no word that a message may hold for other reasons."""
    if len(value) < _LEAST or placeholder_value(value):
        return False
    return len(value) > 11 or (len(value) > 5 and not value.isalpha())


def _stars(value: str) -> str:
    keep = SHOWN if len(value) >= _LEAST_SHOWN else 0
    return value[:keep] + "".join([char if char in "\r\n" else "*" for char in value[keep:]])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def _seen(text: str) -> list[tuple[int, int]]:
    """What looks like a secret."""
    if not signs.looks_secret(text):
        return []
    from dfadvise.secret.scan import scan

    return [(each.start, each.end) for each in scan(text) if each.worth == "secret"]


def _assigned(text: str) -> list[tuple[int, int]]:
    """What variables and options with a secret's name are set to."""
    global _pattern
    if not signs.sets_secret(text):
        return []
    from dfadvise.knowledge.credential_options import is_switched_off

    if _pattern is None:
        import re

        _pattern = re.compile(_ASSIGNED + _VALUE)
    found: list[tuple[int, int]] = []
    for match in _pattern.finditer(text):
        written = match.group(1) or match.group(2) or match.group(3)
        name = written.lstrip("-")
        group = match.lastindex or 1
        value = match.group(group)
        if written != name and is_switched_off(name):
            continue  # `--disabled-password`
        if sets_secret(name) and not harmless_value(name, value) and "$" not in value:
            found.append(match.span(group))
            if len(found) >= _MOST_ASSIGNED:
                break
    return found


def _handed(text: str, model: Dockerfile | None) -> list[tuple[int, int]]:
    """The credentials on command lines, whatever rules have run."""
    if not signs.hands_secret(text):
        return []
    from dfadvise.secret.credentials import credentials
    from dfadvise.syntax.instructions import Commanding

    # What a build argument puts in the place of a default must not show the default.
    if model is None or model.build_args:
        from dfadvise.stages import Dockerfile

        model = Dockerfile(Source(text))
    found: list[tuple[int, int]] = []
    for instruction in model.walk():
        if not isinstance(instruction, Commanding):
            continue
        for command in instruction.all_commands():
            for each in credentials(command):
                if each.worth in ("secret", "placeholder"):
                    span = each.value.span
                    found.append((span.start, span.end))
    return found


def secrets_of(file: FileResult) -> Secrets:
    """The secret values of a file whose findings are reported."""
    global _memo
    if _memo is None or _memo[0] is not file:
        text = file.source.text if file.source is not None else ""
        _memo = (file, Secrets(text, _told(file), file.secrets))
    return _memo[1]


def note_secrets(file: FileResult, model: Dockerfile) -> None:
    """Note where the secrets of a file stand, while its model is there to ask.

    Args:
        file: What came of the file.
        model: The model of the file.
    """
    file.secrets = _places(model.source.text, _told(file), model)


def _told(file: FileResult) -> list[tuple[int, int]]:
    """What findings say of secrets."""
    return [
        *file.hides,
        *((span.start, span.end) for finding in (*file.findings, *file.suppressed) for span in finding.hides),
    ]


def _places(text: str, told: list[tuple[int, int]], model: Dockerfile | None) -> list[tuple[int, int]]:
    return _merged([*told, *_seen(text), *_assigned(text), *_handed(text, model)])


def conceal(report: Report) -> None:
    """Take secret values out of messages and titles, and mark the fixes that would print one.

    Args:
        report: The outcome of a run; its findings are changed in place.
    """
    for file in report.files:
        if not file.findings and not file.suppressed:
            continue
        secrets = secrets_of(file)
        if secrets.spans:
            for finding in (*file.findings, *file.suppressed):
                _conceal(finding, secrets)


def _conceal(finding: Finding, secrets: Secrets) -> None:
    finding.message = secrets.hidden(finding.message)
    finding.related = tuple((secrets.hidden(message), span) for message, span in finding.related)
    fix: Fix | None = finding.fix
    if fix is not None:
        fix.title = secrets.hidden(fix.title)
        fix.private = fix.private or prints_secret(fix, secrets)


def prints_secret(fix: Fix, secrets: Secrets) -> bool:
    """Whether the edits or the new files of a fix hold a secret."""
    return any(secrets.touches(edit.text) for edit in fix.edits) or any(
        secrets.touches(text) for _, text in fix.creates
    )
