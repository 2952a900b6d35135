"""`DockerfileParser`: the library's own uses keep working, and read what BuildKit reads."""

from __future__ import annotations

import io
import json

import dockerfile_parse
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfadvise import DockerfileParser


def parser(text: str | bytes, **options) -> DockerfileParser:
    data = text.encode() if isinstance(text, str) else text
    return DockerfileParser(fileobj=io.BytesIO(data), **options)


def shape(text: str | bytes) -> list[tuple[str, int, int, str]]:
    return [(e["instruction"], e["startline"], e["endline"], e["value"]) for e in parser(text).structure]


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


# --- setters -----------------------------------------------------------------------------------------------------


def edited(text: str | bytes, change) -> str:
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    change(DockerfileParser(fileobj=file))
    return file.getvalue().decode()


def assign(name: str, value):
    return lambda dfp: setattr(dfp, name, value)


@pytest.mark.parametrize(
    ("before", "image", "after"),
    [
        ("FROM --platform=$P a as b # c\n", "z", "FROM --platform=$P z as b # c\n"),
        ("FROM a\nFROM  b   As c\nRUN d\n", "z", "FROM a\nFROM  z   As c\nRUN d\n"),
        ("FROM \\\n  # why\n  a AS b\n", "z", "FROM \\\n  # why\n  z AS b\n"),
        ("FROM a\r\nRUN b\r\n", "z", "FROM z\r\nRUN b\r\n"),
        ("ARG V=1\nFROM a:$V\n", "a:1", "ARG V=1\nFROM a:$V\n"),
        ("ARG V=1\nFROM a:$V\n", "a:2", "ARG V=1\nFROM a:2\n"),
        ("FROM x\nRUN <<E\nFROM y\nE\n", "z", "FROM z\nRUN <<E\nFROM y\nE\n"),
    ],
)
def test_a_new_base_image_changes_one_word(before, image, after):
    assert edited(before, assign("baseimage", image)) == after


def test_parent_images_must_be_as_many_as_stages():
    dfp = parser("FROM a\nFROM b AS c\nFROM\n")
    dfp.parent_images = ["x", "b"]
    assert dfp.content == "FROM x\nFROM b AS c\nFROM\n"
    for images in (["x"], ["x", "y", "z"]):
        with pytest.raises(RuntimeError):
            dfp.parent_images = images
    with pytest.raises(RuntimeError):
        parser("RUN a\n").baseimage = "b"


SETTING = {
    "the value only": (
        "LABEL a=1 \\\n  # kept\n  b=2\n",
        "labels",
        {"a": "x y", "b": "2"},
        "LABEL a='x y' \\\n  # kept\n  b=2\n",
    ),
    "the one that counts": ("ENV a=1\nENV a=2\n", "envs", {"a": "3"}, "ENV a=1\nENV a=3\n"),
    "the first line": ("LABEL a=1\n", "labels", {"a": "2"}, "LABEL a=2\n"),
    "the legacy form": ("ENV key some value\n", "envs", {"key": "x"}, "ENV key x\n"),
    "an argument without a value": ("ARG a\n", "args", {"a": "1"}, "ARG a=1\n"),
    "an empty value": ("ENV a= b=2\n", "envs", {"a": "1", "b": "2"}, "ENV a=1 b=2\n"),
    "a quoted key": ('LABEL "a b"=1\n', "labels", {"a b": "2"}, 'LABEL "a b"=2\n'),
    "one away, last": ("LABEL a=1 \\\n  b=2\n", "labels", {"a": "1"}, "LABEL a=1\n"),
    "one away, first": ("LABEL a=1 \\\n  b=2\n", "labels", {"b": "2"}, "LABEL b=2\n"),
    "two away of four": ("ENV a=1 b=2 c=3 d=4\n", "envs", {"b": "2", "d": "4"}, "ENV b=2 d=4\n"),
    "all away": ("USER u\nENV a=1 \\\n b=2\nUSER v\n", "envs", {}, "USER u\nUSER v\n"),
    "one of another stage": ("FROM x\nENV a=1\nFROM y\nENV a=1\n", "envs", {}, "FROM x\nENV a=1\nFROM y\n"),
    "a new one": ("FROM x\n", "labels", {"a": "it's"}, "FROM x\nLABEL a='it'\"'\"'s'\n"),
    "a new one without a final newline": ("FROM x", "envs", {"a": "$b"}, "FROM x\nENV a='$b'\n"),
    "a new one in CRLF": ("FROM x\r\n", "envs", {"a": "b"}, "FROM x\r\nENV a=b\r\n"),
    "a new one behind a continuation": ("FROM x\nRUN a \\\n", "envs", {"a": "b"}, "FROM x\nRUN a\nENV a=b\n"),
    "not in a heredoc": ("FROM x\nRUN <<E\nENV a=1\nE\n", "envs", {"a": "2"}, "FROM x\nRUN <<E\nENV a=1\nE\nENV a=2\n"),
}


@pytest.mark.parametrize(("before", "name", "value", "after"), SETTING.values(), ids=SETTING)
def test_setting_values(before, name, value, after):
    assert edited(before, assign(name, value)) == after
    again = parser(after)
    assert getattr(again, name) == value


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=12))
def test_any_value_that_was_set_is_read_back(value):
    dfp = parser("FROM x\nLABEL a=1 b=2\n")
    dfp.labels["a"] = value
    dfp.labels["new"] = value
    assert dfp.labels == {"a": value, "b": "2", "new": value}


def test_setting_one_key_and_deleting_one():
    dfp = parser("FROM x\nENV a=1 b=2\n")
    dfp.envs["a"] = "9"
    del dfp.envs["b"]
    assert dfp.content == "FROM x\nENV a=9\n"


def test_a_line_break_in_a_value_is_refused():
    dfp = parser("FROM x\nENV a=1\n")
    with pytest.raises(ValueError, match="line break"):
        dfp.envs["a"] = "1\nRUN evil"
    assert dfp.content == "FROM x\nENV a=1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM a\nCMD x\nFROM b\nCMD y \\\n  z\nUSER u\n", "FROM a\nCMD x\nFROM b\nCMD new\nUSER u\n"),
        ("FROM a\nCMD x\nFROM b\n", "FROM a\nCMD x\nFROM b\nCMD new\n"),
        ("FROM a\nCOPY <<CMD /x\nCMD x\nCMD\n", "FROM a\nCOPY <<CMD /x\nCMD x\nCMD\nCMD new\n"),
    ],
)
def test_setting_the_command(before, after):
    assert edited(before, assign("cmd", "new")) == after
    assert parser(after).cmd == "new"


# --- adding lines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        ("FROM a\nFROM b\nUSER u", {}, "FROM a\nFROM b\nUSER u\nX 1\n"),
        ("FROM a\nFROM b\nUSER u\n", {"at_start": True}, "FROM a\nFROM b\nX 1\nUSER u\n"),
        ("FROM a\nFROM b\n", {"all_stages": True}, "FROM a\nX 1\nFROM b\nX 1\n"),
        (
            "FROM a\nFROM --platform=$P scratch\n",
            {"all_stages": True, "skip_scratch": True},
            "FROM a\nX 1\nFROM --platform=$P scratch\n",
        ),
        ("", {}, "X 1\n"),
        ("FROM a\nRUN <<E\nFROM z\nE\n", {"all_stages": True}, "FROM a\nRUN <<E\nFROM z\nE\nX 1\n"),
        ("FROM a \\\n", {"at_start": True}, "FROM a\nX 1\n"),
        ("FROM a", {"at_start": True}, "FROM a\nX 1\n"),
        ("FROM a\nRUN b \\\n# end\n", {}, "FROM a\nRUN b\n# end\nX 1\n"),
        ("FROM a\r\nUSER u", {}, "FROM a\r\nUSER u\r\nX 1\r\n"),
        ("FROM a\r\nUSER u\n", {}, "FROM a\r\nUSER u\nX 1\n"),
        ("FROM a\r\nUSER u\r\n", {}, "FROM a\r\nUSER u\r\nX 1\r\n"),
    ],
)
def test_adding_lines(before, options, after):
    assert edited(before, lambda dfp: dfp.add_lines("X 1", **options)) == after


def test_adding_lines_at_an_anchor():
    text = "FROM a\nRUN <<E\nb\nE\nUSER c\n"
    run = parser(text).structure[1]
    new = "RUN <<F\nd\nF"
    assert edited(text, lambda d: d.add_lines_at(run, "X", after=True)) == "FROM a\nRUN <<E\nb\nE\nX\nUSER c\n"
    assert edited(text, lambda d: d.add_lines_at(run, new, replace=True)) == f"FROM a\n{new}\nUSER c\n"
    assert edited(text, lambda d: d.add_lines_at("USER c\n", "X")) == "FROM a\nRUN <<E\nb\nE\nX\nUSER c\n"
    assert edited(text, lambda d: d.add_lines_at(0, "X", after=True)).startswith("FROM a\nX\nRUN")
    for anchor in ("USER z\n", 1.5):
        with pytest.raises(RuntimeError):
            parser(text).add_lines_at(anchor, "X", after=True)
    with pytest.raises(AssertionError):
        parser(text).add_lines_at({**run, "startline": 7}, "X", after=True)


def test_a_line_behind_an_open_continuation_stands_for_itself():
    text = "FROM a\nRUN b \\"
    assert shape(edited("FROM a\nRUN b \\\n\\\n\n\\", lambda dfp: dfp.add_lines("USER c")))[2][0] == "USER"
    for anchor in (1, "RUN b \\", parser(text).structure[1]):
        after = edited(text, lambda dfp, at=anchor: dfp.add_lines_at(at, "USER c", after=True))
        assert [row[0] for row in shape(after)] == ["FROM", "RUN", "USER"]


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Dockerfile", "Containerfile", "Dockerfile.dev", "Dockerfile-x", "app.Dockerfile", "web.dockerfile", "odd"]
)
def test_a_path_means_the_file_itself(tmp_path, name):
    (tmp_path / name).write_text("FROM a\n")
    dfp = DockerfileParser(str(tmp_path / name))
    assert dfp.baseimage == "a"
    dfp.baseimage = "b"
    assert (tmp_path / name).read_text() == "FROM b\n"


def test_a_path_means_the_dockerfile_in_a_folder(tmp_path):
    folder = tmp_path / "web.Dockerfile"
    folder.mkdir()
    DockerfileParser(folder).content = "FROM a\n"
    assert (folder / "Dockerfile").read_text() == "FROM a\n"


def test_a_file_that_is_not_there_yet_can_be_written(tmp_path):
    dfp = DockerfileParser(str(tmp_path / "Containerfile"), cache_content=True)
    with pytest.raises(FileNotFoundError):
        dfp.content  # noqa: B018
    dfp.lines = ["FROM a\n", b"USER b\n"]
    assert (tmp_path / "Containerfile").read_text() == "FROM a\nUSER b\n"
    assert dfp.content == "FROM a\nUSER b\n"


def test_a_path_and_a_file_object_exclude_each_other():
    with pytest.raises(ValueError, match="together"):
        DockerfileParser("Dockerfile", fileobj=io.BytesIO())


def test_cached_content_is_read_once():
    file = io.BytesIO(b"FROM a\n")
    dfp = DockerfileParser(fileobj=file, cache_content=True)
    file.truncate(0)
    assert dfp.baseimage == "a"


def test_values_that_double_with_each_line_do_not_fill_the_memory():
    dfp = parser("FROM x\nENV A=xxxx\n" + "ENV A=$A$A\n" * 60)
    assert len(dfp.envs["A"]) < 1 << 24
    assert len(dfp.context_structure) == 62
