"""`DockerfileParser`: the library's own uses keep working, and read what BuildKit reads."""

from __future__ import annotations

import io
import json

import dockerfile_parse
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfadvise import DockerfileParser
from parser_samples import parser, shape


def test_use_in_the_librarys_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dfp = DockerfileParser()
    dfp.content = 'From  base\nLABEL foo="bar baz"\nUSER  me'
    assert dfp.structure == [
        {"instruction": "FROM", "startline": 0, "endline": 0, "content": "From  base\n", "value": "base"},
        {
            "instruction": "LABEL",
            "startline": 1,
            "endline": 1,
            "content": 'LABEL foo="bar baz"\n',
            "value": 'foo="bar baz"',
        },
        {"instruction": "USER", "startline": 2, "endline": 2, "content": "USER  me", "value": "me"},
    ]
    assert json.loads(dfp.json) == [{"FROM": "base"}, {"LABEL": 'foo="bar baz"'}, {"USER": "me"}]
    assert dfp.labels == {"foo": "bar baz"}
    dfp.baseimage = "centos:7"
    assert (tmp_path / "Dockerfile").read_text() == 'From  centos:7\nLABEL foo="bar baz"\nUSER  me'


PLAIN = {
    "comments, continuations and indentation": (
        "# first\n#second\nFROM fedora:40\n\n  # indented\nRUN dnf -y update && \\\n    # within\n    dnf clean all\n"
        "LABEL a=1 \\\n\tb='x y'\nCMD yum -y update && \\\n    yum clean all\n"
    ),
    "lower case, tabs, trailing blanks": "from\tdebian  \nrun a \\  \n  b\t\nEXPOSE 80\n",
    "the backtick escape": "# escape=`\nFROM x\nRUN dir C:\\ `\n  /s\nCOPY a C:\\\n",
    "escape behind syntax": "# syntax=docker/dockerfile:1\n# escape = `\nFROM x\nRUN a `\n b\n",
    "no final newline": "FROM a\nENV b=c",
    "flags stay in the value": "FROM --platform=linux/amd64 a AS b\nCOPY --from=x --chown=1:1 c d\n",
    "variables": (
        'ARG V=12\nFROM debian:$V AS base\nARG W\nENV A=1 B=$A\nENV C=$A-${B} D\\ E=f\nLABEL l=$C m="$A b"\n'
        "FROM base\nENV Z='$A'\nLABEL \"q r\"=s\n"
    ),
    "legacy": 'FROM a\nENV key some value\nENV quoted "a b" c\nLABEL one two\nMAINTAINER someone <x@y.z>\n',
    "onbuild": "FROM a\nONBUILD RUN make\nONBUILD ENV x y\n",
    "nothing": "",
    "blank lines": "\n\n",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain_files_read_as_the_library_reads_them(text):
    ours, theirs = parser(text), dockerfile_parse.DockerfileParser(fileobj=io.BytesIO(text.encode()))
    for name in ("structure", "content", "lines", "json", "labels", "envs", "parent_images", "baseimage", "cmd"):
        assert getattr(ours, name) == getattr(theirs, name), name


WORDS = st.sampled_from(["apt-get update", "x", 'echo "a  b"', "a=b", "--flag=1 y", "[ -f z ]", "'q'", "é", "$A"])
PARTS = st.one_of(
    st.tuples(st.sampled_from(["RUN", "run", "CMD", "COPY", "Label"]), WORDS).map(" ".join),
    st.tuples(st.sampled_from(["RUN ", "  ENTRYPOINT "]), WORDS, WORDS).map(
        lambda p: f"{p[0]}{p[1]} && \\\n    {p[2]}"
    ),
    st.just("# a comment  "),
    st.just("RUN a \\\n  # inside\n b"),
    st.just(""),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=8), st.booleans())
def test_plain_files_of_any_make_have_the_librarys_structure(parts, final_newline):
    text = "\n".join(["FROM base", *parts]) + ("\n" if final_newline else "")
    theirs = dockerfile_parse.DockerfileParser(fileobj=io.BytesIO(text.encode()))
    assert parser(text).structure == theirs.structure


# --- what the library alone gets wrong ---------------------------------------------------------------------------


def test_a_heredoc_is_part_of_its_instruction():
    text = "FROM a\nRUN <<EOF\n# no comment\nENV x=y\nLABEL p=q \\\nEOF\nENV z=1\n"
    assert shape(text) == [
        ("FROM", 0, 0, "a"),
        ("RUN", 1, 5, "<<EOF\n# no comment\nENV x=y\nLABEL p=q \\\nEOF"),
        ("ENV", 6, 6, "z=1"),
    ]
    dfp = parser(text)
    assert dfp.envs == {"z": "1"}
    assert dfp.labels == {}
    assert dfp.structure[1]["content"] == "".join(dfp.lines[1:6])


def test_a_heredoc_behind_a_continuation_and_under_onbuild():
    assert shape("FROM a\nONBUILD COPY \\\n  <<A <<B /d/\n1\nA\n2\nB\nUSER u\n") == [
        ("FROM", 0, 0, "a"),
        ("ONBUILD", 1, 6, "COPY   <<A <<B /d/\n1\nA\n2\nB"),
        ("USER", 7, 7, "u"),
    ]


def test_a_word_that_only_looks_like_a_heredoc_is_none():
    assert [row[0] for row in shape('FROM a\nRUN cat <<<EOF\nENV x=y\nRUN echo "<<EOF"\nENV z=1\n')] == [
        "FROM",
        "RUN",
        "ENV",
        "RUN",
        "ENV",
    ]


def test_a_blank_line_does_not_end_a_continuation():
    assert shape("FROM a\nRUN b && \\\n\n  \n  c\nUSER d\n") == [
        ("FROM", 0, 0, "a"),
        ("RUN", 1, 4, "b &&   c"),
        ("USER", 5, 5, "d"),
    ]


def test_a_final_backslash_keeps_the_instruction():
    assert shape("FROM a\nRUN b \\") == [("FROM", 0, 0, "a"), ("RUN", 1, 1, "b")]
    assert shape("FROM a\nRUN b \\\n") == [("FROM", 0, 0, "a"), ("RUN", 1, 1, "b")]


def test_two_backslashes_and_a_form_feed_do_not_continue():
    assert [row[0] for row in shape("FROM a\nRUN b \\\\\nUSER c\nRUN d \\\f\nUSER e\n")] == [
        "FROM",
        "RUN",
        "USER",
        "RUN",
        "USER",
    ]


def test_escape_counts_behind_check_and_not_behind_a_comment():
    assert len(shape("# check=skip=all\n# escape=`\nFROM a\nRUN b `\n  c\n")) == 4
    assert len(shape("# hello\n# escape=`\nFROM a\nRUN b `\n  c\n")) == 5


def test_a_split_keyword_is_put_together():
    assert shape("FR\\\nOM a\n\\\nRUN b\n") == [("FROM", 0, 1, "a"), ("RUN", 2, 3, "b")]


def test_a_keyword_without_arguments_at_the_end_is_kept():
    assert shape("FROM a\nCMD") == [("FROM", 0, 0, "a"), ("CMD", 1, 1, "")]


def test_a_byte_order_mark_is_not_content_and_stays_in_the_file():
    file = io.BytesIO(b"\xef\xbb\xbf# escape=`\nFROM a\n")
    dfp = DockerfileParser(fileobj=file)
    assert [e["instruction"] for e in dfp.structure] == ["COMMENT", "FROM"]
    assert dfp.content.startswith("#")
    dfp.baseimage = "b"
    assert file.getvalue() == b"\xef\xbb\xbf# escape=`\nFROM b\n"
    dfp.content = dfp.content
    assert file.getvalue().count(b"\xef\xbb\xbf") == 1


@pytest.mark.parametrize("cached", [False, True])
def test_bytes_that_are_no_text_survive(cached):
    data = b"FROM a\nLABEL x=\xff\xfe\n# \x80\n"
    file = io.BytesIO(data)
    dfp = DockerfileParser(fileobj=file, cache_content=cached)
    dfp.lines = dfp.lines
    assert file.getvalue() == data
    dfp.baseimage = "b"
    assert file.getvalue() == data.replace(b"FROM a", b"FROM b")


@pytest.mark.parametrize("cached", [False, True])
def test_only_a_newline_ends_a_line(cached):
    dfp = parser("FROM a\nLABEL x='\f\x85\u2028y'\nUSER u\n", cache_content=cached)
    assert len(dfp.lines) == 3
    assert dfp.structure[-1]["startline"] == 2


def test_crlf_leaves_no_carriage_return_in_a_value():
    assert shape("# c\r\nFROM a\r\nRUN b \\\r\n  c\r\n") == [
        ("COMMENT", 0, 0, "c"),
        ("FROM", 1, 1, "a"),
        ("RUN", 2, 3, "b   c"),
    ]


def test_problems_and_typed_instructions_are_there_to_ask_for():
    tree = parser("FROM a\nENV b\n").tree
    assert [instruction.line for instruction in tree.instructions] == [1, 2]
    assert tree.problems[0].message == "ENV must have two arguments"


# --- variables ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM ${X:-alpine}:3", ["alpine:3"]),
        ("ARG X=debian\nFROM ${X:-alpine}:3", ["debian:3"]),
        ("ARG X\nFROM ${X:+y}z", ["z"]),
        ("ARG A=1\nARG B=v$A\nFROM x:$B AS s\nFROM s", ["x:v1", "s"]),
        ('FROM --platform=$P "a"', ["a"]),
        ("FROM ${broken", ["${broken"]),
        ("RUN x", []),
    ],
)
def test_parent_images_expand_as_in_a_build(text, images):
    assert parser(text).parent_images == images
    assert parser(text).baseimage == (images[-1] if images else None)


def test_build_args_reach_declared_and_platform_arguments_only():
    given_args = {"V": "2", "TARGETARCH": "arm64", "UNDECLARED": "no"}
    dfp = parser("ARG V=1\nFROM a:$V-$TARGETARCH$UNDECLARED\nARG V\nENV E=$V$UNDECLARED\n", build_args=given_args)
    assert dfp.parent_images == ["a:2-arm64"]
    assert dfp.args == {"V": "2"}
    assert dfp.envs == {"E": "2"}


@pytest.mark.parametrize(
    ("text", "envs"),
    [
        ("ENV A=1 B=$A\nENV C=$A", {"A": "1", "B": "", "C": "1"}),
        ("ENV A=${B:-d} C=${A:+x}", {"A": "d", "C": ""}),
        ("ENV A='$B' C=\"\\$B\" D=\\$B", {"A": "$B", "C": "$B", "D": "$B"}),
        ("ARG A=1\nENV A=2\nENV B=$A", {"A": "2", "B": "2"}),
        ("ENV A=2\nARG A\nENV B=$A", {"A": "2", "B": "2"}),
        ("ARG A\nENV B=${A-unset}", {"B": "unset"}),
        ("ENV A=one\nENV B=${A#o}${A/n/N}", {"A": "one", "B": "neoNe"}),
        ("ENV $K=1", {"": "1"}),
        ("ENV a=b c", {"a": "b"}),
        ("ENV a='b", {"a": "'b"}),
        ("ENV a", {}),
        ("ENV", {}),
    ],
)
def test_envs_expand_as_in_a_build(text, envs):
    assert parser("FROM x\n" + text).envs == envs


def test_expansion_follows_the_escape_directive():
    assert parser("# escape=`\nFROM a\nENV P=C:\\dir Q=`$P R=a` b\n").envs == {"P": "C:\\dir", "Q": "$P", "R": "a b"}


def test_a_global_argument_is_seen_only_where_it_is_declared_again():
    dfp = parser("ARG G=1\nARG H=2\nFROM a\nARG G\nARG H=own\nENV X=$G-$H\nFROM b\nENV X=$G\n")
    assert dfp.envs == {"X": ""}
    assert dfp.context_structure[5].line_envs == {"X": "1-own"}


def test_a_stage_inherits_from_the_stage_it_stands_on():
    dfp = parser("FROM a AS base\nENV A=1\nARG B=2\nLABEL l=m\nFROM base\nENV C=$A$B\n", parent_env={"P": "p"})
    assert dfp.envs == {"C": "12"}
    last = dfp.context_structure[-1]
    assert last.envs == {"P": "p", "A": "1", "C": "12"}
    assert last.labels == {"l": "m"}
    assert parser("FROM a\nENV C=$P\n", parent_env={"P": "p"}).envs == {"C": "p"}


def test_without_replacement_variables_stay_and_quotes_go():
    dfp = parser('ARG V=1\nFROM a:$V\nENV A=1\nENV B="x $A ${C:-d}"\nARG D=$A\n', env_replace=False)
    assert dfp.envs == {"A": "1", "B": "x $A ${C:-d}"}
    assert dfp.args == {"D": "$A"}
    assert dfp.parent_images == ["a:1"]


def test_the_context_of_each_entry():
    dfp = parser("ARG G=1\nFROM a\n# note\nENV A=1\nRUN b \\\n  # c\n  d\nLABEL x=$A\n")
    contexts = dfp.context_structure
    assert len(contexts) == len(dfp.structure)
    assert contexts[0].args == {"G": "1"}
    assert contexts[1].args == {}
    assert (contexts[2].envs, contexts[3].envs) == ({}, {"A": "1"})
    assert contexts[5].get_line_value("ENV") == {}
    assert contexts[-1].get_values("LABEL") == {"x": "1"}
