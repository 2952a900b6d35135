"""The stage graph: scopes of variables, what a stage stands on, what ships and what only feeds it."""

from __future__ import annotations

import time

import pytest

from dfadvise.source import Source
from dfadvise.stages import Dockerfile


def dockerfile(text: str, **options) -> Dockerfile:
    return Dockerfile(Source(text), **options)


def expanded(text: str, word: str, **options) -> str | None:
    """A word expanded at the last instruction of a file."""
    stage = dockerfile(text, **options).stages[-1]
    return stage.expand(word, stage.instructions[-1])


# --- variables ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "word", "value"),
    [
        ("ENV A=1", "$A", "1"),
        ("ENV A 1 2", "x$A", "x1 2"),
        ("ENV A=1\nENV A=2", "$A", "2"),
        ("ENV A=1 B=$A", "$B", None),
        ("ENV A=1\nENV B=${A}2", "$B", "12"),
        ("ENV A='$B' C=\"x y\"", "$A$C", "$Bx y"),
        ("ENV A=", "[$A]", "[]"),
        ("ENV A=", "${A:-d}", "d"),
        ('ENV "A"=1', "$A", "1"),
        ("ARG A=1", "$A", "1"),
        ("ARG A=1 B=$A-2", "$B", "1-2"),
        ("ARG A", "${A:-d}", "d"),
        ("ARG A=1\nENV A=2", "$A", "2"),
        ("ENV A=2\nARG A=1", "$A", "1"),
        ("ENV A='x", "$A", None),
        ("", "plain", "plain"),
        ("", "'a'b\\c", "abc"),
        ("", "'a", None),
        ("", "$UNDECLARED", None),
        ("ONBUILD ENV A=1", "$A", None),
    ],
)
def test_a_stage_sees_what_it_set(body, word, value):
    assert expanded(f"FROM scratch\n{body}\nRUN x\n", word) == value


def test_an_instruction_does_not_see_what_it_sets_itself():
    file = dockerfile("FROM scratch\nENV A=1\nENV A=${A}2\nRUN x\n")
    stage = file.stages[0]
    first, second, run = stage.instructions[1:]
    assert [stage.expand("${A:-none}", each) for each in (first, second, run)] == ["none", "1", "12"]


@pytest.mark.parametrize(
    ("text", "word", "value"),
    [
        ("ARG G=1\nFROM scratch\nRUN x", "${G:-none}", "none"),
        ("ARG G=1\nFROM scratch\nARG G\nRUN x", "$G", "1"),
        ("ARG G=1\nFROM scratch\nARG G=own\nRUN x", "$G", "own"),
        ("ARG G=1\nARG H=${G}2\nFROM scratch\nARG H\nRUN x", "$H", "12"),
        ("ARG G=1\nARG G\nFROM scratch\nARG G\nRUN x", "$G", "1"),
        ("ARG G=1\nFROM scratch AS a\nARG G\nFROM a\nRUN x", "$G", "1"),
        ("ARG G=1\nFROM scratch AS a\nARG G\nFROM scratch\nRUN x", "${G:-none}", "none"),
        ("FROM scratch AS a\nENV A=1\nFROM a AS b\nENV B=2\nFROM b\nRUN x", "$A$B", "12"),
        ("FROM scratch AS a\nENV A=1\nFROM scratch\nCOPY --from=a / /\nRUN x", "${A:-none}", "none"),
        ("FROM scratch AS a\nENV A=1\nFROM a\nENV A=2\nRUN x", "$A", "2"),
    ],
)
def test_scope_of_global_arguments_and_of_stages(text, word, value):
    assert expanded(text + "\n", word) == value


def test_a_stage_keeps_its_own_state_when_another_stands_on_it():
    file = dockerfile("FROM scratch AS a\nENV A=1\nRUN x\nFROM a\nENV A=2\nRUN y\n")
    a, b = file.stages
    assert a.expand("$A", a.instructions[-1]) == "1"
    assert b.expand("$A", b.instructions[-1]) == "2"
    assert {name: v.value for name, v in b.variables(b.instructions[-1]).items()} == {"A": "2"}


def test_on_an_unknown_base_an_unset_variable_may_be_set():
    assert expanded("FROM debian\nRUN x\n", "${A:-d}") is None
    assert expanded("FROM debian\nENV A=1\nRUN x\n", "${A:-d}") == "1"
    stage = dockerfile("FROM debian\nRUN x\n").stages[0]
    assert stage.expand_partly("a/$A/b", stage.instructions[-1]) == "a/\x00/b"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("FROM scratch\nARG A=1\nRUN x", "9"),
        ("FROM scratch\nARG A\nRUN x", "9"),
        ("ARG A=1\nFROM scratch\nARG A\nRUN x", "9"),
        ("ARG A=1\nARG B=$A\nFROM scratch\nARG B\nENV A=$B\nRUN x", "9"),
        ("FROM scratch\nRUN x", None),
        ("FROM scratch\nARG A\nENV A=2\nRUN x", "2"),
    ],
)
def test_build_arguments(text, value):
    assert expanded(text + "\n", "$A", build_args={"A": "9"}) == value


def test_a_build_argument_given_empty_is_a_value():
    assert expanded("FROM scratch\nARG A=1\nRUN x\n", "[$A]", build_args={"A": ""}) == "[]"


def test_an_argument_without_a_value_leaves_an_earlier_one_alone():
    assert expanded("FROM scratch\nENV A=1\nARG A\nRUN x\n", "$A") == "1"


@pytest.mark.parametrize(
    "text", ["FROM scratch\nARG TARGETARCH\nRUN x\n", "ARG TARGETARCH\nFROM scratch\nARG TARGETARCH\nRUN x\n"]
)
def test_platform_arguments_have_a_value_that_is_not_known(text):
    assert expanded(text, "${TARGETARCH:-amd64}") is None


def test_platform_arguments_in_from_have_a_value_that_is_not_known():
    assert "\x00" in dockerfile("FROM a-${TARGETARCH:-amd64}\n").stages[0].image.text


def test_platform_arguments_that_are_given_are_known():
    given = {"TARGETARCH": "arm64"}
    assert expanded("FROM scratch\nARG TARGETARCH\nRUN x\n", "$TARGETARCH", build_args=given) == "arm64"
    assert dockerfile("FROM a-$TARGETARCH\n", build_args=given).stages[0].image.text == "a-arm64"
    assert expanded("FROM scratch\nRUN x\n", "${TARGETARCH:-none}", build_args=given) == "none"


def test_expansion_follows_the_escape_directive():
    assert expanded("# escape=`\nFROM scratch\nENV A=`$x B=C:\\d\nRUN x\n", "$A $B `$A") == "$x C:\\d $A"


# --- bases -------------------------------------------------------------------------------------------------------


def test_a_stage_stands_on_an_image_or_on_another_stage():
    file = dockerfile("ARG V=3\nFROM alpine:$V AS Base\nFROM base AS next\nFROM Base\n")
    base, following, other = file.stages
    assert (base.name, base.parent, base.image.text) == ("base", None, "alpine:3")
    assert (following.parent, following.image, following.base) == (base, None, base.image)
    # A name in FROM is matched as written; stage names are kept in lower case.
    assert (other.parent, other.image.text) == (None, "Base")
    assert following.chain == [base, following]
    assert [i.keyword for i in following.chain_instructions()] == ["FROM", "FROM"]


def test_a_stage_named_like_its_image_stands_on_the_image():
    file = dockerfile("FROM node AS node\nFROM node\n")
    assert file.stages[0].image.text == "node"
    assert file.stages[1].parent is file.stages[0]


def test_of_two_stages_of_one_name_the_later_one_counts():
    file = dockerfile("FROM a AS x\nFROM b AS x\nFROM x\nCOPY --from=x / /\n")
    assert file.stages[2].parent is file.stages[1]
    assert file.stages[2].edges[0].stage is file.stages[1]


def test_a_stage_name_comes_from_expanded_text_too():
    file = dockerfile("ARG WHICH=dev\nFROM a AS dev\nFROM b AS prod\nFROM $WHICH\n")
    assert file.stages[2].parent is file.stages[0]
    file = dockerfile("ARG WHICH=dev\nFROM a AS dev\nFROM b AS prod\nFROM $WHICH\n", build_args={"WHICH": "prod"})
    assert file.stages[2].parent is file.stages[1]


def test_a_base_that_is_not_known_is_no_stage():
    (stage,) = dockerfile("FROM $X\n").stages
    assert stage.parent is None
    assert "\x00" in stage.image.text
    assert dockerfile("FROM base\n", named_contexts=["base"]).stages[0].image is None


@pytest.mark.parametrize("text", ["FROM\nRUN x\n", "FROM ''\nRUN x\n", "FROM ${\nRUN x\n", "FROM a b c d\nRUN x\n"])
def test_a_broken_from_is_still_a_stage(text):
    file = dockerfile(text)
    assert len(file.stages) == 1
    assert file.stages[0].ships
    assert file.stages[0].workdir_at(file.stages[0].instructions[-1]) is None


def test_instructions_before_any_from_have_a_stage_of_their_own():
    file = dockerfile("ARG A=1\nRUN x\n")
    assert file.stages == []
    assert file.linted_stages == [file.preamble]
    assert file.preamble.from_ is None
    assert file.preamble.ships
    assert [stage.index for stage in dockerfile("ARG A=1\nFROM x\n").linted_stages] == [0]


# --- edges, ships, feeds -----------------------------------------------------------------------------------------


def test_what_instructions_read_from():
    file = dockerfile(
        "FROM a AS one\nFROM b\nCOPY --from=ONE x y\n"
        "COPY --from=0 x y\nCOPY --from=img:1 x y\nCOPY --from=7 x y\n"
        "COPY --from=$v x y\nCOPY x y\nRUN --mount=from=one,target=/m --mount=type=cache,target=/c z\n"
    )
    one, two = file.stages
    assert [(e.raw, e.stage, e.image and e.image.text) for e in two.edges] == [
        ("ONE", one, None),
        ("0", one, None),
        ("img:1", None, "img:1"),
        ("7", None, None),
        ("$v", None, None),
        ("one", one, None),
    ]


def test_a_stage_cannot_be_copied_from_before_it_is_built():
    file = dockerfile("FROM a AS x\nCOPY --from=y p q\nCOPY --from=0 p q\nCOPY --from=x p q\nFROM b AS y\n")
    assert [edge.stage for edge in file.stages[0].edges] == [None, None, None]


GRAPH = (
    "FROM base AS lib\nFROM lib AS build\nFROM other AS unused\nFROM tool AS deep\n"
    "FROM tool AS mid\nCOPY --from=deep / /\n"
    "FROM lib AS final\nCOPY --from=build / /\nRUN --mount=from=mid,target=/m x\n"
)


@pytest.mark.parametrize(
    ("target", "ships", "feeds"),
    [
        (None, "lib final", "build deep mid"),
        ("final", "lib final", "build deep mid"),
        ("FINAL", "lib final", "build deep mid"),
        ("5", "lib final", "build deep mid"),
        ("build", "lib build", ""),
        ("mid", "mid", "deep"),
        ("2", "unused", ""),
        ("nowhere", "lib final", "build deep mid"),
    ],
)
def test_what_ships_and_what_feeds_it(target, ships, feeds):
    file = dockerfile(GRAPH, target=target)
    assert " ".join(stage.name for stage in file.stages if stage.ships) == ships
    assert " ".join(stage.name for stage in file.stages if stage.feeds) == feeds
    assert file.exported.ships


def test_further_targets_feed_and_do_not_ship():
    file = dockerfile(GRAPH, targets=["unused", "nowhere"])
    unused = file.stage_named("unused")
    assert (unused.ships, unused.feeds) == (False, True)


def test_stages_by_name_and_number():
    file = dockerfile("FROM a AS x\nFROM b AS y\n")
    assert file.stage_named("Y") is file.stages[1]
    assert file.stage_named("0") is file.stages[0]
    assert [file.stage_named(name) for name in ("2", "z", "", "-1", "²", "9" * 30)] == [None] * 6
    assert file.stage_named("y", before=1) is None
    assert [stage.label for stage in dockerfile("FROM a\nFROM b AS Y\n").stages] == ["0", "y"]


def test_what_comes_after_an_instruction_includes_the_stages_on_top():
    file = dockerfile("FROM a AS x\nENV A=1\nRUN one\nFROM x AS y\nRUN two\nFROM b\nRUN other\nFROM y\nRUN three\n")
    env = file.stages[0].instructions[1]
    texts = [i.args[0].text for i in file.stages[0].after(env) if i.keyword == "RUN"]
    assert texts == ["one", "two", "three"]


def test_walking_goes_into_onbuild():
    file = dockerfile("FROM a\nONBUILD RUN b\nUSER c\n")
    assert [i.keyword for i in file.walk()] == ["FROM", "ONBUILD", "RUN", "USER"]
    inner = file.stages[0].instructions[1].inner
    assert (inner.stage, inner.index) == (file.stages[0], 1)


# --- user, working directory, shell ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("FROM scratch", "/"),
        ("FROM debian", None),
        ("FROM debian\nWORKDIR x", None),
        ("FROM scratch\nWORKDIR x", "/x"),
        ("FROM debian\nWORKDIR /a\nWORKDIR b/../c/", "/a/c"),
        ("FROM debian\nWORKDIR /a\nWORKDIR /b", "/b"),
        ("FROM debian\nENV D=/e\nWORKDIR $D/f", "/e/f"),
        ("FROM debian\nWORKDIR /a\nWORKDIR $UNKNOWN", None),
        ("FROM debian\nWORKDIR $UNKNOWN\nWORKDIR /b", "/b"),
        ('FROM debian\nWORKDIR "/a b"', "/a b"),
        ("FROM debian\nWORKDIR //a", "/a"),
        ("FROM debian AS x\nWORKDIR /a\nFROM x\nWORKDIR b", "/a/b"),
        ("FROM debian AS x\nWORKDIR /a\nFROM debian", None),
        ("FROM debian\nONBUILD WORKDIR /a", None),
    ],
)
def test_the_working_directory(text, path):
    stage = dockerfile(text + "\nRUN x\n").stages[-1]
    assert stage.workdir_at(stage.instructions[-1]) == path


def test_two_unknown_working_directories_are_not_the_same():
    stage = dockerfile("FROM a\nWORKDIR $X\nRUN x\nWORKDIR $X\nRUN y\n").stages[0]
    first, second = (stage.symbolic_workdir_at(i) for i in stage.instructions if i.keyword == "RUN")
    assert first != second
    assert stage.symbolic_workdir_at(stage.instructions[1], after=True) == first


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("FROM a", None),
        ("FROM a\nUSER b", "b"),
        ("FROM a\nUSER b\nUSER c:d", "c:d"),
        ("FROM a\nARG U=e\nUSER $U", "e"),
        ("FROM a\nUSER b\nUSER $U", None),
        ("FROM a AS x\nUSER b\nFROM x", "b"),
        ("FROM a AS x\nUSER b\nFROM a", None),
        ("FROM a\nONBUILD USER b", None),
    ],
)
def test_the_user(text, user):
    stage = dockerfile(text + "\nRUN x\n").stages[-1]
    assert stage.user_at(stage.instructions[-1]) == user


def test_the_shell_is_inherited_and_counts_from_its_place_on():
    file = dockerfile('FROM a AS x\nRUN b\nSHELL ["bash", "-c"]\nRUN c\nFROM x\nRUN d\nFROM a\nRUN e\n')
    runs = [i for i in file.instructions if i.keyword == "RUN"]
    assert [run.stage.shell_at(run) for run in runs] == [None, ["bash", "-c"], ["bash", "-c"], None]


# --- size --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\n" + "ENV A=$A$B B=1\n" * 5000,
        "FROM scratch\n" + "WORKDIR d\n" * 5000,
        "".join(f"FROM scratch AS s{n}\nCOPY --from=s{n - 1} a b\n" for n in range(3000)),
        "FROM scratch AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\nRUN a\n" for n in range(3000)),
    ],
    ids=["variables", "directories", "copies", "a chain"],
)
def test_large_files_take_linear_time(text):
    start = time.process_time()
    dockerfile(text)
    assert time.process_time() - start < 5


def test_values_that_double_do_not_fill_the_memory():
    dockerfile("FROM scratch\nENV A=xxxx\n" + "ENV A=$A$A\n" * 60)
