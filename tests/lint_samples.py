"""A pack of rules for tests of `dfadvise lint`, and what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

# A pack of our own, so that these tests do not hang on what the default rules find.
RULES = {
    "own/bad_word.py": '''
from dfadvise.rule import Rule
from dfadvise.source import Span


class BadWord(Rule):
    """A bad word."""

    on = ("RUN",)
    severity = "warning"
    aliases = ("XX1",)

    def check(self, run):
        at = run.file.source.text.find("bad", run.span.start, run.span.end)
        if at >= 0:
            yield self.finding(Span(at, at + 3), "says bad", aliases=self.aliases)
''',
    "own/raises.py": '''
from dfadvise.rule import Rule


class Raises(Rule):
    """A rule with a mistake."""

    on = ("CMD",)

    def check(self, node):
        raise ZeroDivisionError("oh\\nno")
        yield
''',
    "own/sees_context.py": '''
from dfadvise.rule import Rule


class SeesContext(Rule):
    """What a rule is told about the build."""

    on = ("file",)
    severity = "info"

    def check(self, file):
        context = file.context
        what = "none" if context is None else f"{context.known} {context.root} {context.is_sent('secret')}"
        stage = file.exported.label if file.exported else ""
        arguments = sorted(f"{name}={value}" for name, value in file.build_args.items())
        message = f"context {what}; target {stage}; args {' '.join(arguments)}"
        yield self.finding(file.instructions[0].span, message)
''',
}
GOOD = "FROM scratch\nLABEL a=b\n"
BAD = "FROM scratch\nRUN bad\n"


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def found(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, int]]:
    out = json.loads(capsys.readouterr().out)
    return [(each["path"], each["rule"], each["start"]["line"]) for each in out["findings"]]
