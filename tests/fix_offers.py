"""Lint functions that offer fixes, right and wrong ones."""

from dfadvise.fixing import fix
from dfadvise.results import FileResult
from dfadvise.rule import Edit, Finding, Fix
from dfadvise.source import Source, Span
from dfadvise.stages import Dockerfile


def always(finding):
    return None


def lint_with(*makers):
    """A lint function that makes findings from the text."""

    def lint(source):
        result = FileResult(source.path, source)
        for make in makers:
            made = make(source.text)
            if made is not None:
                result.findings.append(Finding("r", "f", "warning", made.edits[0].span, "m", fix=made))
        return result

    return lint


def replace(old, new, applicability="safe", declares="="):
    def make(text):
        at = text.find(old)
        return Fix("x", [Edit(Span(at, at + len(old)), new)], applicability, declares) if at >= 0 else None

    return make


def run(text, *makers):
    return fix(Source(text), lint_with(*makers), Dockerfile, always)
