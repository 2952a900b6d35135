"""Names of images and platforms."""

import pytest

from dfadvise.base.reference import is_reference, platform
from rule_answers import findings, fixed, levels, places


@pytest.mark.parametrize(
    "text",
    [
        "debian",
        "library/debian:12-slim",
        "localhost/a:1",
        "registry.example.org:5000/a/b__c/d-e.f:V1.0_x",
        "[::1]:5000/a",
        "a@sha256:" + "0" * 64,
        "a:b@sha256:" + "f" * 64,
        "Registry/a",
    ],
)
def test_references(text):
    assert is_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Debian",
        "a/B",
        "a:",
        "a:.b",
        "a b",
        "-a",
        "a-",
        "a___b",
        "a..b",
        "a//b",
        "a@sha256:12",
        "https://a/b",
        "0" * 64,
    ],
)
def test_no_references(text):
    assert not is_reference(text)


def test_platforms():
    assert platform("linux/amd64") == ("linux", "amd64")
    assert platform("linux/x86_64") == ("linux", "amd64")
    assert platform("arm64") == ("linux", "arm64")
    assert platform("windows(10.0.17763)/amd64") == ("windows", "amd64")
    assert platform("linux")[0] == "linux"
    for text in ("", "x86", "linux/", "a/b/c/d", "linux/amd64 "):
        assert platform(text) is None


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("FROM Alpine\n", "error", id="capitals"),
        pytest.param("FROM alpine:\n", "error", id="empty tag"),
        pytest.param("ARG V=:\nFROM alpine:$V\n", "error", id="bad default"),
        pytest.param("ARG V\nFROM alpine:$V\n", "info", id="no default"),
        pytest.param("ARG V\nARG W=$V\nFROM alpine:${W}\n", "error", id="default of nothing"),
    ],
)
def test_invalid_base_image(text, severity):
    assert levels("invalid-base-image", text) == [severity]
    assert places("invalid-base-image", text, "InvalidDefaultArgInFrom") == [text.count("\n")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ARG V\nFROM alpine:3$V\n", id="empty suffix"),
        pytest.param("ARG V\nFROM alpine:${V:-3}\n", id="default in place"),
        pytest.param("FROM alpine-$TARGETARCH\n", id="platform argument"),
        pytest.param("FROM debian AS Build\nFROM build\n", id="stage"),
        pytest.param("ARG V\nARG V=3\nFROM alpine:$V\n", id="default given later"),
    ],
)
def test_valid_base_image(text):
    assert findings("invalid-base-image", text) == []


def test_base_image_is_judged_without_build_arguments():
    text = "ARG V\nFROM alpine:$V\n"
    assert places("invalid-base-image", text, "InvalidDefaultArgInFrom", **{"build-args": {"V": "3"}}) == [2]


def test_capitals_alone_are_fixed():
    assert fixed("invalid-base-image", "FROM Debian:12\n") == "FROM debian:12\n"
    text = "ARG V\nFROM a:${V}\nFROM b:${V}\n"
    assert levels("invalid-base-image", text) == ["info", "style"]
    assert fixed("invalid-base-image", "FROM Debian:\n") == "FROM Debian:\n"


@pytest.mark.parametrize(
    ("line", "finds"),
    [
        ("FROM --platform=linux/amd64 debian:12", True),
        ("FROM --platform=amd64 debian:12 AS build", True),
        ("FROM --platform=linux/amd64 debian:12 AS build-amd64", False),
        ("FROM --platform=linux/amd64 debian:12 AS linux", False),
        ("FROM --platform=${P:-linux/amd64} debian:12", False),
        ("FROM debian:12", False),
    ],
)
def test_constant_platform(line, finds):
    assert bool(places("constant-platform", line + "\n", "FromPlatformFlagConstDisallowed")) is finds
    assert bool(findings("constant-platform", line + "\n")) is finds


def test_platform_stays_where_files_for_one_are_fetched():
    text = "FROM --platform=linux/amd64 debian:12\nRUN curl -LO https://example.org/tool-amd64\n"
    assert fixed("constant-platform", text) == text


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("FROM --platform=$TARGETPLATFORM debian\n", True),
        ("FROM --platform=${TARGETPLATFORM} debian\n", True),
        ("FROM --platform=${TARGETPLATFORM:-linux/amd64} debian\n", True),
        ("ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian\n", True),
        ("FROM --platform=$BUILDPLATFORM debian\n", False),
        ("FROM --platform=$TARGETPLATFORM$X debian\n", False),
        ("FROM --platform=x$TARGETPLATFORM debian\n", False),
    ],
)
def test_redundant_platform(text, finds):
    assert bool(places("redundant-platform", text, "RedundantTargetPlatform")) is finds


def test_platform_of_the_files_own_is_not_deleted():
    text = "ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian\n"
    assert fixed("redundant-platform", text) == text
