"""`DockerfileParser` as an editor: setters, added lines, files."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfadvise import DockerfileParser
from parser_samples import parser, shape

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
