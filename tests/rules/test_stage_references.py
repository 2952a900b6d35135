"""Stages that nobody uses, and copies from stages that are not there."""

import pytest

from dfadvise.engine import Engine
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from rule_answers import RULES, cases, codes, findings, fixed, levels, marks, shown_under

# --- unused-stage, test-stage-last ---


def test_only_the_end_of_an_unused_branch_is_shown():
    text = "FROM a:1 AS one\nFROM b:1 AS two\nCOPY --from=one /x /x\nFROM c:1\n"
    assert shown_under("unused-stage", text) == ["two"]
    assert levels("unused-stage", text) == ["style", "info"]


@cases(
    {
        "copied from": "FROM a:1 AS one\nFROM c:1\nCOPY --from=0 /x /x\n",
        "mounted": "FROM a:1 AS one\nFROM c:1\nRUN --mount=from=one,target=/x y\n",
        "stood on": "FROM a:1 AS one\nFROM one\n",
        "for a person or a pipeline": "FROM a:1 AS unit-test\nFROM a:1 AS dev\nFROM a:1 AS release-arm\nFROM c:1\n",
        "needed by one of those": "FROM a:1 AS tools\nFROM a:1 AS lint\nCOPY --from=tools /x /x\nFROM c:1\n",
        "chosen by a variable": "FROM a:1 AS os-linux\nFROM a:1 AS os-windows\nFROM os-$TARGETOS\n",
        "chosen whole": "ARG BASE=one\nFROM a:1 AS one\nFROM a:1 AS two\nFROM $BASE\n",
        "one stage": "FROM a:1\n",
    }
)
def test_used_stages(text):
    assert not findings("unused-stage", text)


def test_several_unused_ends_are_targets():
    text = "FROM a:1 AS one\nFROM b:1 AS two\nFROM c:1\n"
    assert levels("unused-stage", text) == ["style", "style"]


def test_targets_of_the_configuration_are_used():
    text = "FROM a:1 AS one\nFROM b:1 AS two\nFROM c:1 AS three\n"
    assert shown_under("unused-stage", text, target="two") == ["one", "three"]
    assert shown_under("unused-stage", text, target="two", targets=["one"]) == ["three"]


def test_what_a_plain_build_exports():
    text = "FROM a:1 AS prod\nFROM prod AS test\n"
    assert shown_under("test-stage-last", text) == ["test"]
    for quiet in (
        "FROM a:1 AS test\nFROM a:1 AS prod\n",
        "FROM a:1 AS build\nFROM build AS dev\n",
        "FROM a:1 AS prod\nFROM prod AS latest-final\n",
        "FROM a:1 AS prod\nFROM prod\n",
    ):
        assert not findings("test-stage-last", quiet)
    assert not findings("test-stage-last", text, target="prod")


# --- unresolvable-stage-reference ---


@pytest.mark.parametrize(
    ("text", "level", "aliases"),
    [
        ("FROM a:1 AS x\nCOPY --from=x a b\n", "error", {"DL3023", "DS-0006", "tally:circular-stage-deps"}),
        ("FROM a:1\nCOPY --from=0 a b\n", "error", {"DL3023"}),
        ("FROM a:1\nCOPY --from=1 a b\nFROM c:1\n", "error", {"DL3022"}),
        ("FROM a:1\nCOPY --from=7 a b\n", "error", {"DL3022"}),
        ("FROM a:1\nCOPY --from=later a b\nFROM c:1 AS later\n", "error", {"DL3022"}),
        ("FROM a:1\nARG S=x\nCOPY --from=$S a b\n", "error", {"DL3022"}),
        ("FROM a:1 AS builder\nFROM b:1\nCOPY --from=buidler a b\n", "error", {"DL3022"}),
        ("FROM a:1\nCOPY --from=artifacts a b\n", "info", {"DL3022"}),
        ("COPY --from=0 a b\n", "error", {"DL3022"}),
        ("FROM a:1 AS x\nRUN --mount=from=x,target=/t y\n", "error", {"tally:circular-stage-deps"}),
        ("FROM a:1\nRUN --mount=from=x,target=/t y\nFROM b:1 AS x\n", "error", set()),
        ("FROM a:1 AS builder\nFROM Builder\n", "error", set()),
    ],
)
def test_references_that_go_wrong(text, level, aliases):
    assert levels("unresolvable-stage-reference", text) == [level]
    found = codes("unresolvable-stage-reference", text)
    assert aliases <= found
    assert bool(aliases) == bool(found)


@cases(
    {
        "a name in any case": "FROM a:1 AS Builder\nFROM b:1\nCOPY --from=BUILDER a b\n",
        "a number": "FROM a:1\nFROM b:1\nCOPY --from=0 a b\n",
        "an official image": "FROM a:1 AS node2\nFROM b:1\nCOPY --from=node a b\n",
        "an image with a tag": "FROM a:1\nCOPY --from=tool:1 a b\n",
        "an image with an owner": "FROM a:1\nCOPY --from=me/tool a b\n",
        "no reference": "FROM a:1\nCOPY a b\nRUN --mount=type=cache,target=/x y\n",
        "the name used again": "FROM a:1 AS x\nFROM b:1 AS x\nFROM c:1\nCOPY --from=x a b\n",
    }
)
def test_references_that_work(text):
    assert not findings("unresolvable-stage-reference", text)


def test_named_contexts_are_no_stages():
    rules = [RULES["unresolvable-stage-reference"](), RULES["latest-base-image"]()]
    text = "FROM shared\nCOPY --from=Shared a b\n"
    file = Dockerfile(Source(text), named_contexts=["shared"])
    assert not Engine(rules).lint(file).findings


def test_near_names_are_put_right():
    text = (
        "FROM a:1 AS builder\nFROM Builder AS b\nCOPY --link --from=bulder x y\nRUN --mount=from=bilder,target=/t z\n"
    )
    expected = (
        "FROM a:1 AS builder\nFROM builder AS b\nCOPY --link --from=builder x y\nRUN --mount=from=builder,target=/t z\n"
    )
    assert fixed("unresolvable-stage-reference", text) == expected


# --- missing-copy-source ---


@cases(
    {
        "an empty stage": "FROM scratch AS a\nFROM debian:13\nCOPY --from=a / /x\n",
        "another folder": "FROM scratch AS a\nCOPY x.txt /d/e/f/\nFROM debian:13\nCOPY --from=a /g /g\n",
        "upon another": "FROM scratch AS a\nCOPY x.txt /d/\nFROM a AS b\nFROM debian:13\nCOPY --from=b /e /e\n",
    }
)
def test_surely_not_there(text):
    assert levels("missing-copy-source", text) == ["error"]
    assert codes("missing-copy-source", text) == {"tally:copy-from-empty-scratch-stage"}


@pytest.mark.parametrize(
    ("build", "source"),
    [
        ("FROM golang:1.26 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o bin/app .", "/app"),
        ("FROM golang:1.26 AS b\nRUN cd /src && go build -o /out/app ./x", "/src/app"),
        ("FROM rust:1 AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release", "/s/target/debug/a"),
        (
            "FROM rust:1 AS b\nWORKDIR /s\nRUN cargo build --release --target x86_64-unknown-linux-musl",
            "/s/target/release/a",
        ),
        ("FROM gcc:13 AS b\nRUN gcc -o /out/tool tool.c", "/tool"),
    ],
)
def test_built_elsewhere(build, source):
    text = f"{build}\nFROM debian:13\nCOPY --from=b {source} /x\n"
    assert levels("missing-copy-source", text) == ["warning"]


@cases(
    {
        "a folder of it": "FROM scratch AS a\nCOPY x.txt /d/e/f/\nFROM debian:13\nCOPY --from=a /d /d\n",
        "a part of a copied folder": "FROM scratch AS a\nCOPY src /d\nFROM debian:13\nCOPY --from=a /d/e/f /f\n",
        "unpacked": "FROM scratch AS a\nADD x.tar /d\nFROM debian:13\nCOPY --from=a /d/e /e\n",
        "a working directory": "FROM scratch AS a\nWORKDIR /d\nFROM debian:13\nCOPY --from=a /d /d\n",
        "a RUN on scratch": 'FROM scratch AS a\nADD r.tar /\nRUN ["/x"]\nFROM debian:13\nCOPY --from=a /y /y\n',
        "a wildcard": "FROM scratch AS a\nCOPY x.txt /d/\nFROM debian:13\nCOPY --from=a /e/* /e/\n",
        "just there": "FROM golang:1 AS b\nRUN go build -o /out/app .\nFROM debian:13\nCOPY --from=b /out/app /app\n",
        "the folder of it": "FROM golang:1 AS b\nRUN go build -o /out/app .\nFROM debian:13\nCOPY --from=b /out/ /o/\n",
        "another file": "FROM golang:1 AS b\nRUN go build -o /out/app .\nFROM debian:13\nCOPY --from=b /etc/x /x\n",
        "moved": (
            "FROM golang:1 AS b\nRUN go build -o /out/app . && mv /out/app /app\nFROM a:1\nCOPY --from=b /app /a\n"
        ),
        "from the context": (
            "FROM golang:1 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /o/app .\nFROM a:1\nCOPY --from=b /s/app /a\n"
        ),
        "a script": "FROM golang:1 AS b\nRUN go build -o /out/app . && ./pack.sh\nFROM a:1\nCOPY --from=b /app /a\n",
        "make": "FROM golang:1 AS b\nRUN go build -o /out/app . && make install\nFROM a:1\nCOPY --from=b /app /a\n",
        "an image": "FROM debian:13\nCOPY --from=nginx:1 /x /x\n",
    }
)
def test_may_be_there(text):
    assert not findings("missing-copy-source", text)


# --- numbered-stage-reference ---


def test_stage_by_number():
    text = "FROM a AS b\nFROM c\nFROM d\nCOPY --from=0 /e /e\nCOPY --chown=x --from=1 /f /f\nCOPY --from=1 /g /g\n"
    assert marks("numbered-stage-reference", text) == [("style", "0"), ("style", "1"), ("style", "1")]
    assert fixed("numbered-stage-reference", text, unsafe=False) == text.replace("from=0", "from=b")
    assert fixed("numbered-stage-reference", text) == (
        "FROM a AS b\nFROM c AS stage-1\nFROM d\nCOPY --from=b /e /e\n"
        "COPY --chown=x --from=stage-1 /f /f\nCOPY --from=stage-1 /g /g\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "FROM a AS b\nFROM c\nCOPY --from=b /d /d\n",
        "FROM a AS b\nFROM c\nCOPY --from=5 /d /d\n",
        "FROM a AS b\nFROM c\nCOPY 0 /d\n",
        "FROM a\nCOPY --from=nginx:1 /d /d\n",
    ],
)
def test_stage_by_name(text):
    assert marks("numbered-stage-reference", text) == []


def test_name_that_means_another_stage_is_not_used():
    text = "FROM a AS b\nFROM c AS b\nFROM d\nCOPY --from=0 /e /e\n"
    assert fixed("numbered-stage-reference", text) == text
