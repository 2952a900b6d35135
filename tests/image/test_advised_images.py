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


def lint(capsys, *words):
    status = main(["lint", "Dockerfile", "--format", "json", "--isolated", *words])
    out, err = capsys.readouterr()
    return status, json.loads(out)["findings"] if out else [], err


def image_of(path, *made, name="app:1"):
    """An image of (step, layer) above a base of one file."""
    base = ("/bin/sh -c #(nop) ADD file:1 in / ", layer(("etc/os-release", "x" * 100)))
    steps, layers = zip(*[base, *made], strict=True)
    return saved(path, list(layers), list(steps), name)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Writes a Dockerfile and an image in the working directory."""
    monkeypatch.chdir(tmp_path)

    def make(text, *made):
        (tmp_path / "Dockerfile").write_text(text)
        return image_of(tmp_path / "app.tar", *made)

    return make


def test_a_secret_that_a_script_wrote_is_found_and_never_printed(small, capsys):
    token = "ghp_a8sD92kLmQp03ZxcVbN7tYuIoP1aSdFgHj4K"
    path = small(
        "FROM debian:12\nRUN /setup.sh\nRUN /tidy.sh\n",
        ("RUN /bin/sh -c /setup.sh # buildkit", layer(("root/.git-credentials", f"https://me:{token}@github.com\n"))),
        ("RUN /bin/sh -c /tidy.sh # buildkit", layer(("root/.wh..git-credentials", ""))),
    )
    status, found, _ = lint(capsys, "--image", path, "--select", "secrets")
    (finding,) = found
    assert (status, finding["rule"], finding["start"]["line"]) == (1, "secret-copied-then-deleted", 3)
    assert "the layer of line 2 holds /root/.git-credentials" in finding["message"]
    assert token not in json.dumps(found)


def test_a_suppression_holds_for_what_only_the_image_shows(small, capsys):
    text = "FROM debian:12\n{}RUN /build.sh\n"
    made = ("RUN /bin/sh -c /build.sh # buildkit", layer(("root/.cache/pip/wheel", "x" * 2_000_000)))
    _, found, _ = lint(capsys, "--image", small(text.format(""), made), "--select", "package-cache-left")
    assert [each["saving"]["bytes"] for each in found] == [2_000_000]
    quiet = text.format("# dfadvise: ignore[package-cache-left] wanted\n")
    assert lint(capsys, "--image", small(quiet, made), "--select", "package-cache-left")[1] == []


def test_a_cache_in_the_home_of_an_account_is_measured(small, capsys):
    text = "FROM python:3.13\nRUN useradd -d /srv/me me\nUSER me\nENV HOME=/srv/me\nRUN pip install flask==3.1.0\n"
    path = small(
        text,
        ("RUN /bin/sh -c useradd -d /srv/me me # buildkit", layer(("etc/passwd", "me:x:1:1::/srv/me:/bin/sh\n"))),
        ("RUN /bin/sh -c pip install flask==3.1.0 # buildkit", layer(("srv/me/.cache/pip/http/a", "x" * 70_000))),
    )
    _, found, _ = lint(capsys, "--image", path, "--select", "package-cache-left")
    assert [each["saving"] for each in found] == [{"bytes": 70_000, "seconds": None, "basis": "measured"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("FROM debian:12\nRUN a\nRUN b\n", "line 3 made no layer of it"),
        ("FROM debian:12\nRUN c\n", "no layer of the image was made by Dockerfile"),
        ("FROM debian:12\nCMD a\n", "no layer of the image was made by Dockerfile"),
        (
            "FROM debian:12 AS one\nRUN a\nFROM debian:12\nCOPY --from=one / /\n",
            "was built from the stage one of Dockerfile",
        ),
    ],
)
def test_an_image_of_another_file_is_refused_in_one_line(small, capsys, text, says):
    path = small(text, ("RUN /bin/sh -c a # buildkit", layer(("a", "x"))))
    status, found, err = lint(capsys, "--image", path)
    assert (status, found, err.count("\n")) == (2, [], 1)
    assert says in err


def test_an_image_that_was_built_upon_is_refused(small, capsys):
    path = small(
        "FROM debian:12\nRUN a\n",
        ("RUN /bin/sh -c a # buildkit", layer(("a", "x"))),
        ("RUN /bin/sh -c b # buildkit", layer(("b", "x"))),
    )
    status, _, err = lint(capsys, "--image", path)
    assert (status, err.count("\n")) == (2, 1)
    assert "does not fit Dockerfile" in err


def test_one_image_goes_with_one_file(small, capsys, tmp_path):
    path = small("FROM debian:12\nRUN a\n", ("RUN /bin/sh -c a # buildkit", layer(("a", "x"))))
    (tmp_path / "other.Dockerfile").write_text("FROM debian:12\n")
    assert main(["lint", ".", "--image", path]) == 2
    assert "goes with one Dockerfile, and 2 are named or found" in capsys.readouterr().err
    assert main(["lint", "Dockerfile", "--image", path, "--fix"]) == 2
    assert "`--image` does not go with `--fix`" in capsys.readouterr().err
    assert main(["lint", "Dockerfile", "--image", "missing.tar"]) == 2
    assert capsys.readouterr().err == "dfadvise: --image: missing.tar cannot be read: No such file or directory\n"


def test_an_image_is_looked_at_whatever_was_kept_of_earlier_runs(small, capsys):
    made = "RUN /bin/sh -c /build.sh # buildkit"
    text = "FROM debian:12\nRUN /build.sh\n"
    path = small(text, (made, layer(("a", "x"))))
    for _ in range(2):
        assert lint(capsys, "--image", path, "--select", "package-cache-left")[1] == []
    path = small(text, (made, layer(("root/.cache/pip/wheel", "x" * 2_000_000))))
    assert len(lint(capsys, "--image", path, "--select", "package-cache-left")[1]) == 1
