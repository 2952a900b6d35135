"""Advice on a Dockerfile with the image that was built from it: its numbers are those of the image."""

from __future__ import annotations

import json

import pytest

from dfadvise.cli import main
from image_samples import layer
from test_image_command import saved

DOCKERFILE = """\
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends curl
COPY app /app
RUN chown -R 1000 /app
RUN rm -rf /var/lib/apt/lists/*
CMD ["curl"]
"""
STEPS = [
    "/bin/sh -c #(nop) ADD file:1 in / ",
    "RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends curl # buildkit",
    "COPY app /app # buildkit",
    "RUN /bin/sh -c chown -R 1000 /app # buildkit",
    "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit",
]


@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    layers = [
        layer(("etc/os-release", "x" * 100)),
        layer(("var/lib/apt/lists/a_Packages", "x" * 12_000_000), ("usr/bin/curl", "x" * 500_000)),
        layer(("app/big", "y" * 2_000_000)),
        layer(("app/big", "y" * 2_000_000, {"uid": 1000})),
        layer(("var/lib/apt/lists/.wh.a_Packages", "")),
    ]
    return saved(tmp_path / "app.tar", layers, STEPS)


def test_layers_and_totals_are_measured(built, capsys):
    assert main(["advise", "Dockerfile", "--image", built, "--format", "json"]) == 0
    advice = json.loads(capsys.readouterr().out)
    assert [(each["line"], each["bytes"], each["basis"]) for each in advice["layers"]] == [
        (2, 12_500_000, "measured"),
        (3, 2_000_000, "measured"),
        (4, 2_000_000, "measured"),
        (5, 0, "measured"),
    ]
    assert (advice["stored_bytes"], advice["hidden_bytes"]) == (16_500_000, 14_000_000)
    found = {each["rule"]: (each["line"], each["bytes"], each["basis"]) for each in advice["savings"]}
    assert found["late-cleanup"] == (5, 12_000_000, "measured")
    assert found["duplicated-tree"] == (4, 2_000_000, "measured")


def test_an_estimate_that_was_wrong_is_contradicted(built, capsys):
    assert main(["lint", "Dockerfile", "--image", built, "--select", "late-cleanup"]) == 1
    assert "saves: 12 MB (measured; 19 MB were estimated)" in capsys.readouterr().out
