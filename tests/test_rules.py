"""Every rule's docstring is run: Bad gives a finding, Good gives none, fixes do what they say, in all variants."""

import pytest

from dfadvise import packs, testing

RULES = packs.load_packs()
CASES = [(rule, block, name) for rule in RULES for block, name in testing.cases(rule)]


@pytest.mark.parametrize(
    ("rule", "block", "variant"),
    CASES,
    ids=[
        f"{rule.id}-{block.kind if block else 'doc'}-{block.name if block else ''}-{name}"
        for rule, block, name in CASES
    ],
)
def test_docstring(rule, block, variant):
    assert testing.run_case(rule, block, variant) is None


def test_every_rule_says_what_it_is():
    for rule in RULES:
        assert rule.title if isinstance(rule, object) else True
        assert rule.on, rule.id
        assert rule.default in ("on", "off", "cfg"), rule.id
