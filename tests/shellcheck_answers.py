"""What ShellCheck says of a text by way of its rule: what several tests ask."""

import pytest

from dfadvise import shellcheck
from dfadvise.source import Source
from dfadvise.testing import Bench
from rule_answers import RULES

RULE = RULES["shellcheck-finding"]

needs_shellcheck = pytest.mark.skipif(shellcheck.program() is None, reason="there is no shellcheck")


def found(text):
    """(code, line, column, text under the span) of each finding."""
    source = Source(text)
    return [
        (each.aliases[0], *source.position(each.span.start), source.slice(each.span))
        for each in Bench(RULE).findings(text)
    ]
