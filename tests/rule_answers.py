"""What rules answer to a text: the questions that the tests of the rules ask.

A `context` is the folder of a build context or the files of one; `settings` are the rule's own options; what else is
named goes to `dfadvise.testing.Bench` as it stands (`today`, `target`, `rules` ...).
"""

from contextlib import contextmanager

import pytest

from dfadvise import packs
from dfadvise.about.wordings import every_wording
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench, context_of

RULES = {rule.id: rule for rule in packs.load_packs()}


@contextmanager
def bench(rule, context=None, settings=None, **options):
    """A bench with one rule."""
    if settings is not None:
        options["rules"] = {rule: settings}
    with context_of(context if isinstance(context, dict) else {}) as made:
        yield Bench(RULES[rule], root=made or context or None, options=options)


def findings(rule, text, context=None, **options):
    """The findings that `--select all` shows."""
    with bench(rule, context, **options) as made:
        return made.findings(text)


def concerned(rule, text):
    """Whether a rule's `concerns` lets it be asked."""
    file = Dockerfile(Source(text))
    return RULES[rule].concerns(file, every_wording(file))


def shown(rule, text, context=None, **options):
    """The findings that a plain run shows."""
    return [each for each in findings(rule, text, context, **options) if each.severity != "style"]


def fixed(rule, text, context=None, unsafe=True, **options):
    """The text after fixing."""
    with bench(rule, context, **options) as made:
        return made.fixed(text, unsafe)


def applicability(rule, text, context=None, **options):
    """The applicability of each finding's fix, None without one."""
    return [each.fix and each.fix.applicability for each in findings(rule, text, context, **options)]


def levels(rule, text, context=None, **options):
    return [each.severity for each in findings(rule, text, context, **options)]


def shown_levels(rule, text, context=None, **options):
    return [each.severity for each in shown(rule, text, context, **options)]


def messages(rule, text, context=None, **options):
    return [each.message for each in findings(rule, text, context, **options)]


def codes(rule, text, context=None, **options):
    """The foreign codes of all findings."""
    return {code for each in findings(rule, text, context, **options) for code in each.aliases}


def marks(rule, text, context=None, **options):
    """(severity, words that it stands on) of each finding."""
    source = Source(text)
    return [(each.severity, source.slice(each.span)) for each in findings(rule, text, context, **options)]


def shown_marks(rule, text, context=None, **options):
    return [each for each in marks(rule, text, context, **options) if each[0] != "style"]


def under(rule, text, context=None, **options):
    """The words that the findings stand on."""
    return [words for _, words in marks(rule, text, context, **options)]


def shown_under(rule, text, context=None, **options):
    return [words for _, words in shown_marks(rule, text, context, **options)]


def lines(rule, text, context=None, **options):
    """The lines that the findings start at."""
    source = Source(text)
    return [source.line(each.span.start) for each in findings(rule, text, context, **options)]


def places(rule, text, code, context=None, **options):
    """The lines of the instructions that a foreign code is found at."""
    source = Source(text)
    return [
        each.instruction.line if each.instruction else source.line(each.span.start)
        for each in findings(rule, text, context, **options)
        if code in each.aliases
    ]


def cases(table, name="text"):
    """Parametrises a test with the values of a table, named by its keys."""
    return pytest.mark.parametrize(name, list(table.values()), ids=list(table))
