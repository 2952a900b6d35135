"""The cache model: what re-runs when something changes."""

import os

import pytest

from dfadvise.buildcache import CacheModel, Change
from dfadvise.context import BuildContext
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import context_of


def model(text, files=None, root=None):
    context = BuildContext(root, os.path.join(root, "Dockerfile"), True) if root else None
    return Dockerfile(Source(text), context=context)


def reruns(text, change, stage=-1, root=None):
    """Lines that re-run, with ? where it is not sure."""
    file = model(text, root=root)
    return [
        f"{each.instruction.line}{'' if each.certain else '?'}"
        for each in CacheModel(file.stages[stage]).reruns(change)
    ]


PROJECT = (
    "ARG TAG=22\nFROM node:$TAG AS build\nWORKDIR /a\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nARG COMMIT\n"
    "LABEL c=$COMMIT\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /a/dist /web\nCOPY --link x /x\n"
    "RUN ls /web\nENV A=b\n"
)


def test_a_source_edit_re_runs_from_the_copy_that_brings_it():
    assert reruns(PROJECT, Change("source"), 0) == ["6", "9"]
    assert reruns(PROJECT, Change("manifest"), 0) == ["4", "5", "6", "9"]
    # What is copied from a stage may come out the same; a linked copy depends on its own files alone.
    assert reruns(PROJECT, Change("manifest"), 1) == ["11?", "13?"]


def test_a_copy_of_the_whole_brings_the_manifests_that_are_there(tmp_path):
    text = "FROM node:22\nCOPY . /a\nRUN npm ci\n"
    assert reruns(text, Change("manifest")) == ["2", "3"]
    (tmp_path / "index.js").write_text("")
    assert reruns(text, Change("manifest"), root=str(tmp_path)) == []
    (tmp_path / "package.json").write_text("{}")
    assert reruns(text, Change("manifest"), root=str(tmp_path)) == ["2", "3"]
    (tmp_path / ".dockerignore").write_text("package.json\n")
    assert reruns(text, Change("manifest"), root=str(tmp_path)) == []


def test_an_argument_counts_from_the_first_run_behind_it():
    assert reruns(PROJECT, Change("argument", "COMMIT"), 0) == ["9"]
    assert reruns(PROJECT, Change("argument", "TAG"), 0) == ["2", "3", "4", "5", "6", "9"]
    assert reruns(PROJECT, Change("argument", "HTTP_PROXY"), 0) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nARG V\nENV V=1\nRUN x\n", []),
        ("FROM a\nARG V\nENV W=$V\nRUN x\nCOPY a /\n", ["4", "5"]),
        ("FROM a\nARG V\nCOPY a-$V /x\n", ["3"]),
        ("FROM a\nARG V\nCOPY a /x\n", []),
        ("FROM a\nARG V\nWORKDIR /$V\nCOPY a .\n", ["3", "4"]),
        ("FROM a\nARG V\nUSER $V\nRUN x\n", ["4"]),
        ("FROM a\nARG V\nLABEL a=$V\nEXPOSE $V\nCMD x $V\n", []),
        ("ARG V=1\nFROM a\nARG V\nRUN x\n", ["4"]),
        ("ARG V=1\nFROM a\nRUN x\n", []),
        ("ARG V=1\nARG W=$V\nFROM a:$W\nRUN x\n", ["3", "4"]),
        ("FROM a\nARG V\nONBUILD RUN x\n", []),
    ],
)
def test_arguments_by_kind_of_instruction(text, expected):
    assert reruns(text, Change("argument", "V"), 0) == expected


def test_bases_and_time():
    assert reruns("FROM a:1\nRUN x\n", Change("base")) == ["1", "2"]
    assert reruns("FROM a:1\nRUN x\n", Change("base", "b:1")) == []
    assert reruns(f"FROM a@sha256:{'0' * 64}\nRUN x\n", Change("base")) == []
    assert reruns("FROM scratch\nCOPY a /\n", Change("base")) == []
    assert reruns("FROM scratch\nADD https://x.org/a /\nCOPY b /\n", Change("time")) == ["2?", "3?"]
    assert reruns("FROM scratch\nADD --checksum=sha256:0 https://x.org/a /\nCOPY b /\n", Change("time")) == []


def test_triggers_of_a_local_parent_run_in_the_child():
    text = "FROM a AS p\nONBUILD COPY . /a\nONBUILD RUN x\nFROM p\nRUN y\n"
    assert reruns(text, Change("source"), 0) == []
    assert reruns(text, Change("source"), 1) == ["2", "3", "5"]
    assert [each.instruction.line for each in CacheModel(model(text).stages[0]).triggers(Change("source"))] == [2, 3]


def test_a_named_file_is_looked_for_in_the_context():
    text = "FROM a\nCOPY src/*.js /a/\nCOPY docs /d\nRUN x\n"
    with context_of({"src/a.js": "x", "docs/b.md": "x", ".dockerignore": "docs/b.md\n"}) as root:
        assert reruns(text, Change("source", "src/a.js"), root=root) == ["2", "3", "4"]
        assert reruns(text, Change("source", "docs/b.md"), root=root) == []
        assert reruns(text, Change("source", "docs/c.md"), root=root) == ["3", "4"]
        assert reruns(text, Change("source", "lib/a.js"), root=root) == []


def test_mounts_in_the_key():
    assert reruns("FROM a\nRUN --mount=type=bind,source=src,target=/s x\n", Change("source")) == ["2"]
    assert reruns("FROM a\nRUN --mount=type=bind,source=go.mod,target=go.mod x\n", Change("source")) == []
    assert (
        reruns("FROM a\nRUN --mount=type=cache,target=/c x\nRUN --mount=type=secret,id=s x\n", Change("source")) == []
    )
    two = "FROM a AS p\nCOPY . /a\nFROM b\nRUN --mount=type=bind,from=p,target=/s x\n"
    assert reruns(two, Change("source")) == ["4?"]


def test_scenarios_of_one_instruction():
    file = model(PROJECT)
    stage = file.stages[0]
    assert CacheModel(stage).reruns_on(stage.instructions[2]) == ["manifest", "base", "time"]
    assert CacheModel(stage).reruns_on(stage.instructions[4]) == ["source", "manifest", "base", "time"]
