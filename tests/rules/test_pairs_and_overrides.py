"""Pairs of key and value, and instructions that lose against a later one."""

import pytest

from rule_answers import fixed, levels, places, under

BASE = "FROM debian:12\n"


# --- instructions that lose ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('FROM scratch\nCMD ["a"]\nCMD ["b"]\nCMD ["c"]\n', [2, 3]),
        ('FROM scratch\nHEALTHCHECK NONE\nHEALTHCHECK CMD ["b"]\n', [2]),
        ('FROM scratch AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\n', []),
        ('FROM scratch\nCMD ["a"]\nENTRYPOINT ["b"]\n', []),
        ('FROM scratch AS a\nONBUILD CMD ["a"]\nFROM a\nCMD ["b"]\n', [3]),
    ],
)
def test_overridden(text, lines):
    assert places("overridden-instruction", text, "MultipleInstructionsDisallowed") == lines


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("ENV A=1\nENV A=2", ["A=1"]),
        ("ENV A=1 A=2", ["A=1"]),
        ("LABEL a=1 b=2\nRUN true\nLABEL a=3", ["a=1"]),
        ('LABEL "a"=1\nLABEL a=2', ['"a"=1']),
        ("ENV A=1\nRUN true\nENV A=2", []),
        ("ENV A=1\nCOPY $A /\nENV A=2", []),
        ("ENV A=1\nENV A=${A}2", []),
        ("ENV A=1\nENV B=$A A=2", []),
        ("ENV A=1\nONBUILD RUN true\nENV A=2", ["A=1"]),
        ("ENV A=1\nENV B=2", []),
        ("ENV A=1\nUSER $A\nENV A=2", []),
    ],
)
def test_pairs_that_lose(body, words):
    assert under("overridden-instruction", BASE + body + "\n") == words


def test_what_loses_is_deleted():
    keep = BASE + "# the one\nCMD a\n"
    assert fixed("overridden-instruction", BASE + "CMD b\n# the one\nCMD a\n", unsafe=False) == keep
    assert fixed("overridden-instruction", BASE + "ENV A=1 B=2\nENV A=3\n") == BASE + "ENV B=2\nENV A=3\n"
    two = BASE + "ENV A=1 \\\n    B=2\nENV B=3\n"
    assert fixed("overridden-instruction", two) == BASE + "ENV A=1\nENV B=3\n"
    commented = BASE + "CMD b \\\n# why\n  c\nCMD a\n"
    assert fixed("overridden-instruction", commented) == commented


# --- key and value ---


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("ENV a b", 'ENV a="b"'),
        ("ENV a b  c", 'ENV a="b  c"'),
        ("ENV a $B/c", 'ENV a="$B/c"'),
        ('ENV a "b c"', 'ENV a="b c"'),
        ("LABEL a 'b c'", "LABEL a='b c'"),
        ("ENV a b\\ c", "ENV a=b\\ c"),
        ("ENV a \\\n  b \\\n  c", 'ENV a="b \\\n  c"'),
        ('ENV a "b" c', None),
        ('ENV a ${B:-"c d"} e', None),
        ("ENV a it's", None),
        ("ENV a \\\n# why\n  b", None),
    ],
)
def test_legacy_pairs(line, new):
    text = BASE + line + "\n"
    assert places("legacy-key-value", text, "LegacyKeyValueFormat") == [2]
    assert fixed("legacy-key-value", text, unsafe=False) == BASE + (new or line) + "\n"


def test_one_legacy_pair_a_stage_is_shown():
    text = "FROM debian\nENV a b\nENV c d\nFROM debian\nLABEL e f\n"
    assert levels("legacy-key-value", text) == ["info", "style", "info"]
    spaced = BASE + "ENV a = b\n"
    assert levels("legacy-key-value", spaced) == ["warning"]
    assert places("legacy-key-value", spaced, "sonar:S6574") == [2]
    assert fixed("legacy-key-value", spaced, unsafe=False) == spaced


@pytest.mark.parametrize(
    ("maintainer", "label"),
    [
        ("Jane <j@e.org>", '"Jane <j@e.org>"'),
        ('"Jane Doe"', '"Jane Doe"'),
        ('The "A" $team', '"The \\"A\\" \\$team"'),
    ],
)
def test_maintainer_becomes_a_label(maintainer, label):
    text = BASE + f"MAINTAINER {maintainer}\n"
    new = BASE + f"LABEL org.opencontainers.image.authors={label}\n"
    assert fixed("deprecated-maintainer", text, unsafe=False) == new


def test_maintainer_is_left_alone_beside_the_label():
    text = BASE + "MAINTAINER a\nLABEL org.opencontainers.image.authors=b\n"
    assert fixed("deprecated-maintainer", text) == text
    assert places("deprecated-maintainer", text, "MaintainerDeprecated") == [2]
