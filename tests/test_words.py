"""Words expand and split as BuildKit's shell lexer expands and splits them."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfadvise import words as public
from dfadvise.syntax.words import UNKNOWN, WordError, expand, is_plain, process, split

ENV = {"A": "one", "E": "", "P": "/a/b/a.tar.gz", "SP": "x  y", "Q": "'q'", "D": "$A", "S": "*"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("$A", "one"),
        ("${A}", "one"),
        ("a$A.b", "aone.b"),
        ("$A$A", "oneone"),
        ("$AB", ""),
        ("${A}B", "oneB"),
        ("$A-B", "one-B"),
        ("$NO", ""),
        ("${NO}", ""),
        ("$", "$"),
        ("a$", "a$"),
        ("$ A", "$ A"),
        ("$=", "$="),
        # Special and numbered parameters are variables that nobody sets.
        ("$1$@$*$#$?$-$$$!$0", ""),
        ("$12x", "x"),
        ("${12}", ""),
        # Quotes and escapes.
        ("'$A'", "$A"),
        ('"$A"', "one"),
        ("\"'$A'\"", "'one'"),
        ("'\"'", '"'),
        ("''", ""),
        ("a'b'\"c\"", "abc"),
        ("\\$A", "$A"),
        ("\\a\\\\", "a\\"),
        ("'\\'", "\\"),
        ('"\\$A"', "$A"),
        ('"\\"\\\\"', '"\\'),
        ('"\\a"', "\\a"),
        ("a\\", "a"),
        ("a b", "a b"),
        # Values are not expanded again, and their quotes are text.
        ("$D", "$A"),
        ("$Q", "'q'"),
        # Modifiers.
        ("${A:-d}", "one"),
        ("${NO:-d}", "d"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${NO-d}", "d"),
        ("${NO-}", ""),
        ("${A:+d}", "d"),
        ("${E:+d}", ""),
        ("${E+d}", "d"),
        ("${NO+d}", ""),
        ("${A:?m}", "one"),
        ("${E?m}", ""),
        ("${NO:-$A}", "one"),
        ("${NO:-${NO2:-x}}", "x"),
        ("${NO:-'a}b'}", "a}b"),
        ("${NO:-\\}}", "}"),
        ("${NO:-a b}", "a b"),
        ('${NO:-"x"}', "x"),
        ("${P#*/}", "a/b/a.tar.gz"),
        ("${P##*/}", "a.tar.gz"),
        ("${P%.*}", "/a/b/a.tar"),
        ("${P%%.*}", "/a/b/a"),
        ("${P#x}", "/a/b/a.tar.gz"),
        ("${P%.g?}", "/a/b/a.tar"),
        ("${P/a/x}", "/x/b/a.tar.gz"),
        ("${P//a/x}", "/x/b/x.txr.gz"),
        ("${P//\\//-}", "-a-b-a.tar.gz"),
        ("${P/.*/}", "/a/b/a"),
        ("${S#\\*}", ""),
        ("${A/\\*/x}", "one"),
        ("${NO#x}", ""),
        ("${NO/a/b}", ""),
        ("${A//n/$E}", "oe"),
    ],
)
def test_expansion(word, expected):
    assert expand(word, ENV) == expected


def test_a_superscript_ends_a_name():
    assert expand("$A²", ENV) == "one²"


@pytest.mark.parametrize(
    "word",
    [
        "'a",
        '"a',
        '"a\\"',
        "${",
        "${A",
        "${A:-x",
        "${}",
        "${:-x}",
        "${{A}}",
        "${A:}",
        "${A:=x}",
        "${A=x}",
        "${A!x}",
        "${A:#x}",
        "${A:%x}",
        "${A/x}",
        "${A/x/y",
        "${NO:?}",
        "${NO?needed}",
        "${E:?}",
        "${A#\\a}",
        "${A:-'x}",
    ],
)
def test_words_that_are_refused(word):
    for read in (expand, split):
        with pytest.raises(WordError):
            read(word, ENV)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("'a", "unexpected end of statement while looking for matching single-quote"),
        ('"a', "unexpected end of statement while looking for matching double-quote"),
        ("${}", "syntax error: bad substitution"),
        ("${A:-x", "syntax error: missing '}'"),
        ("${A/x", "syntax error: missing '/' in ${}"),
        ("${NO?needed}", "NO: needed"),
        ("${NO?}", "NO: is not allowed to be unset"),
        ("${E:?}", "E: is not allowed to be empty"),
        ("${A!x}", "unsupported modifier (!) in substitution"),
        ("${A:=x}", "unsupported modifier (:=) in substitution"),
    ],
)
def test_refusals_say_what_a_build_says(word, message):
    with pytest.raises(WordError, match="^" + "".join("\\" + c if c in "${}()?:'/" else c for c in message) + "$"):
        expand(word, ENV)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("a b\tc", ["a", "b", "c"]),
        ("'a b' c", ["a b", "c"]),
        ('"a b"c d', ["a bc", "d"]),
        ("a\\ b", ["a b"]),
        ("$SP", ["x", "y"]),
        ('"$SP"', ["x  y"]),
        ("p$SP-", ["px", "y-"]),
        ("$NO a", ["a"]),
        ("$E", []),
        ("${NO:-a b}", ["a", "b"]),
        ("a\xa0b\u3000c", ["a", "b", "c"]),
        ("a\x1cb", ["a\x1cb"]),
    ],
)
def test_splitting(text, expected):
    assert split(text, ENV) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("C:\\x\\$A", "C:\\x\\one"), ("a`$A", "a$A"), ('"`"\\"', '"\\'), ("`'a", "'a"), ("a`", "a"), ("'`'", "`")],
)
def test_the_backtick_as_escape(word, expected):
    assert expand(word, ENV, "`") == expected


def test_which_variables_were_asked_for():
    found = process("$A ${NO:-x} '$Z' \\$Z ${E}", ENV.get)
    assert (found.matched, found.unmatched) == ({"A", "E"}, {"NO"})


def test_what_is_not_known_stays_marked():
    def lookup(name):
        return UNKNOWN if name == "U" else ENV.get(name)

    assert process("a$U", lookup).text == "a" + UNKNOWN
    assert process("${U#x}${U/a/b}", lookup).text == UNKNOWN * 2
    assert process("$NO", lookup, unset="?").text == "?"
    assert process("$NO ${NO:-a} $A", lookup, keep_unset=True).text == "$NO ${NO:-a} one"


def test_a_word_may_mean_itself():
    assert is_plain("a-b:c")
    assert not any(is_plain(word) for word in ("$a", "'a'", '"', "a\\b"))
    assert is_plain("a\\b", "`")
    assert not is_plain("a`b", "`")


def test_the_public_module_is_the_same():
    assert public.expand("$A", ENV) == "one"
    assert public.split("$SP", ENV) == ["x", "y"]
    assert issubclass(public.WordError, ValueError)


@settings(max_examples=200, deadline=None)
@given(st.text("aA$N{}:-+?#%/*'\"\\` ", max_size=16), st.sampled_from("\\`"))
def test_any_text_expands_or_is_refused(text, escape):
    try:
        whole = expand(text, ENV, escape)
        parts = split(text, ENV, escape)
    except WordError:
        return
    assert "".join("".join(parts).split()) == "".join(whole.split())


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_characters="'", exclude_categories=("Cs",)), max_size=20))
def test_single_quotes_keep_any_text(text):
    assert expand(f"'{text}'", ENV) == text
    assert expand("$X", {"X": text}) == text


HOSTILE = {
    "open": "${A:-" * 5000,
    "nested": "${A:-" * 5000 + "}" * 5000,
    "many": "$A" * 50000,
    "quotes": "'" * 99999,
    "escapes": "\\" * 99999,
    "question marks": "${P//" + "?" * 30 + "b/x}",
    "stars": "${P//*a*a*a*a*b/x}",
}


@pytest.mark.parametrize("word", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_end_soon(word):
    start = time.process_time()
    with suppress(WordError):
        expand(word, {"A": "one", "P": "a" * 100000})
    assert time.process_time() - start < 5


def test_many_hostile_replacements_end_soon():
    start = time.process_time()
    with suppress(WordError):
        expand("${P//a*a*a*a*a*b/x}" * 50, {"P": "a" * 4000})
    assert time.process_time() - start < 5
