"""compare: which instruction became which, and what that changes in bytes, re-runs and findings."""

from __future__ import annotations

import io
import json
import os
import sys

import pytest

from dfadvise.cli import main
from dfadvise.comparing import paired
from dfadvise.ordered import longest_row
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
OLD = f"""\
FROM node:22 AS build
WORKDIR /app
ARG VERSION=1
COPY . .
RUN npm ci
RUN npm run build

FROM node:22
ENV TOKEN={SECRET}
RUN apt-get update && apt-get install -y curl
COPY --from=build /app/dist /srv
CMD node /srv/index.js
"""
NEW = """\
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22-slim
COPY --from=build /app/dist /srv
# A comment and a break do not make another instruction.
RUN apt-get update && apt-get install -y --no-install-recommends curl && \\
    rm -rf /var/lib/apt/lists/*
USER node
CMD ["node", "/srv/index.js"]
"""


@pytest.fixture
def project(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(NEW)
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "src.js").write_text("x" * 1000)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/old").write_text(OLD)
    return tmp_path


@pytest.fixture
def compare(capsys):
    def run(*words, format="json"):
        status = main(["compare", *words, "--format", format])
        out, err = capsys.readouterr()
        return status, json.loads(out) if format == "json" and out else out, err

    return run


def kinds(old, new):
    pairs = paired(Dockerfile(Source(old)).instructions, Dockerfile(Source(new)).instructions)
    return [(pair.old and pair.old.line, pair.new and pair.new.line, pair.kind) for pair in pairs]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("FROM a\nRUN x\n", "# c\nFROM a\n\nRUN  x\n", [(1, 2, "same"), (2, 4, "same")], id="spacing"),
        pytest.param("FROM a\nRUN x y\n", "FROM a\nRUN x \\\n  y\n", [(1, 1, "same"), (2, 2, "same")], id="breaks"),
        pytest.param(
            "FROM a\nRUN x\nRUN y\nRUN z\n",
            "FROM a\nRUN z\nRUN x\nRUN y\n",
            [(1, 1, "same"), (4, 2, "moved"), (2, 3, "same"), (3, 4, "same")],
            id="moved",
        ),
        pytest.param(
            "FROM a AS b\nRUN x\nFROM c\nRUN y\n",
            "FROM a AS b\nFROM c\nRUN x\nRUN y\n",
            [(1, 1, "same"), (3, 2, "same"), (2, 3, "moved"), (4, 4, "same")],
            id="another stage",
        ),
        pytest.param("FROM a:1\n", "FROM b:2\n", [(1, 1, "changed")], id="base"),
        pytest.param(
            "FROM a\nRUN apt install x\nRUN make\n",
            "FROM a\nRUN apt install x y\nCOPY a b\n",
            [(1, 1, "same"), (2, 2, "changed"), (3, None, "gone"), (None, 3, "new")],
            id="alike",
        ),
        pytest.param(
            "FROM a\nRUN x\nRUN x\n", "FROM a\nRUN x\n", [(1, 1, "same"), (2, 2, "same"), (3, None, "gone")], id="twice"
        ),
        pytest.param("FROM a\nRUN x\n", "", [(1, None, "gone"), (2, None, "gone")], id="nothing left"),
        pytest.param("", "", [], id="nothing"),
        pytest.param(
            "FROM a\nCOPY <<E /x\n1\nE\n", "FROM a\nCOPY <<E /x\n2\nE\n", [(1, 1, "same"), (2, 2, "changed")], id="text"
        ),
    ],
)
def test_which_instruction_became_which(old, new, expected):
    assert kinds(old, new) == expected


def test_layers_reruns_and_findings(project, compare):
    status, found, err = compare("elsewhere/old", "Dockerfile")
    assert (status, err) == (0, "")
    assert (found["old"]["path"], found["new"]["path"]) == ("elsewhere/old", "Dockerfile")
    copy, run = found["layers"]
    assert (copy["change"], copy["old"]["line"], copy["new"]["line"]) == ("same", 11, 9)
    assert (run["change"], run["old"]["line"], run["new"]["line"]) == ("changed", 10, 11)
    assert (run["old"]["bytes"] or 0) > 0
    assert run["old"]["basis"] == "table"
    scenarios = {(each["name"], each["argument"]): each for each in found["scenarios"]}
    # npm ci no longer runs again when a source file changes, and still does when a manifest changes.
    assert scenarios["source", None]["spared"] == [5]
    assert 5 in scenarios["manifest", None]["old"]["reruns"]
    assert 4 in scenarios["manifest", None]["new"]["reruns"]
    assert scenarios["argument", "VERSION"]["new"] is None
    assert {5, 6} <= set(scenarios["argument", "VERSION"]["spared"])
    gone = {each["rule"] for each in found["findings"]["gone"]}
    assert {"missing-user", "package-cache-left", "shell-form-command", "secret-value"} <= gone
    assert not gone & {each["rule"] for each in found["findings"]["new"]}


def test_both_stand_in_the_place_of_the_new_one(project, compare):
    (project / "elsewhere/old").write_text("FROM scratch\nCOPY gone.js /\nCOPY src.js /\n")
    (project / "Dockerfile").write_text("FROM scratch\nCOPY src.js /\n")
    gone, same = compare("elsewhere/old", "Dockerfile")[1]["layers"]
    assert (gone["change"], gone["old"]["bytes"], gone["new"]) == ("gone", None, None)
    assert (same["old"]["basis"], same["old"]["bytes"], same["new"]["bytes"]) == ("context", 1000, 1000)
    (project / "dfadvise.toml").write_text('select = ["missing-user"]\n')
    found = compare("elsewhere/old", "Dockerfile")[1]["findings"]
    assert found == {"gone": [], "new": []}


def test_a_version_compared_with_itself_changes_nothing(project, compare):
    found = compare("Dockerfile", "Dockerfile")[1]
    assert {each["change"] for each in found["layers"]} == {"same"}
    assert found["findings"] == {"gone": [], "new": []}
    assert all(each["spared"] == each["added"] == [] and each["old"] == each["new"] for each in found["scenarios"])


def test_standard_input(project, compare, monkeypatch):
    from_file = compare("elsewhere/old", "Dockerfile")[1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OLD.encode())))
    from_input = compare("-", "Dockerfile")[1]
    assert from_input.pop("old")["path"] == "-"
    assert from_file.pop("old")["path"] == "elsewhere/old"
    assert from_input == from_file


def test_a_moved_finding_is_the_same_one(project, compare):
    (project / "elsewhere/old").write_text("FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN b\n")
    (project / "Dockerfile").write_text("FROM debian:12\n\nRUN b\n\nRUN apt-get update && apt-get install -y curl\n")
    assert compare("elsewhere/old", "Dockerfile")[1]["findings"] == {"gone": [], "new": []}


@pytest.mark.parametrize("format", ["text", "markdown", "json"])
def test_no_format_shows_a_secret(project, capsys, format):
    assert main(["compare", "Dockerfile", "elsewhere/old", "--format", format]) == 0
    out = capsys.readouterr().out
    assert SECRET not in out
    assert "secret-value" in out


def test_tables_fit_a_terminal(project):
    from dfadvise.commands.compare import compared
    from dfadvise.commands.options import COMMANDS, read
    from dfadvise.discovery import Found
    from dfadvise.report.compare_text import render
    from dfadvise.runner import Job

    job = Job(read(COMMANDS["compare"], ["elsewhere/old", "Dockerfile"]))
    comparison = compared(job, Source(OLD, "elsewhere/old"), Source(NEW), Found("Dockerfile", "Dockerfile"))
    text = render(comparison, False, 80)
    assert max(map(len, text.splitlines())) <= 80
    for word in ("Layers", "What runs again", "Findings gone", "Findings new", "no longer"):
        assert word in text


def test_markdown_holds_whatever_a_file_says(project, compare):
    (project / "Dockerfile").write_text("FROM scratch\nCOPY `|<script>` \x1b[31m /a|b\n")
    status, out, _ = compare("elsewhere/old", "Dockerfile", format="markdown")
    assert status == 0
    assert "\x1b" not in out
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (6, 8) for line in rows)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere", "Dockerfile"], "nowhere: cannot be read: No such file"),
        ([".", "Dockerfile"], ". is a folder, not a Dockerfile"),
        (["-", "-"], "only one of OLD and NEW can be `-`"),
        (["Dockerfile"], "needs OLD NEW"),
        (["a", "b", "c"], "does not take `c`"),
        (["bin", "Dockerfile"], "bin: is a binary file"),
        (["Dockerfile", "Dockerfile", "--format", "sarif"], "`--format` cannot be `sarif`"),
        (["Dockerfile", "Dockerfile", "--profile", "x"], "unknown profile `x`"),
    ],
)
def test_what_cannot_be_compared_is_one_line(project, capsys, words, message):
    (project / "bin").write_bytes(b"\0\1\2")
    assert main(["compare", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_broken_and_empty_versions(project, compare):
    for text in ("", "NOPE\n", "FROM\n", "RUN x\n", "FROM a\nRUN <<E\n", "\ufeffFROM a\r\nRUN x\r\n", "FROM a\udcff\n"):
        (project / "elsewhere/old").write_bytes(text.encode("utf-8", "surrogateescape"))
        assert compare("elsewhere/old", "Dockerfile")[0] == 0
        assert compare("Dockerfile", "elsewhere/old", format="text")[0] == 0


def test_a_report_goes_to_a_file(project, capsys):
    assert main(["compare", "elsewhere/old", "Dockerfile", "-o", "out.md", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == ""
    assert (project / "out.md").read_text().startswith("## `elsewhere/old`")
    if os.name == "posix":
        assert main(["compare", "elsewhere/old", "Dockerfile", "-o", "no/such/folder"]) == 2


def test_the_longest_row():
    assert longest_row([]) == []
    assert longest_row([(0, 1), (1, 2), (2, 0)]) == [(0, 1), (1, 2)]
    assert len(longest_row((at, 50_000 - at) for at in range(50_000))) == 1
    assert len(longest_row((at, at) for at in range(50_000))) == 50_000


def test_large_versions_are_laid_beside_each_other_in_good_time():
    from time import process_time

    old = Dockerfile(Source("FROM a\n" + "".join(f"RUN step {at} of many\n" for at in range(4000)))).instructions
    new = Dockerfile(Source("FROM a\n" + "".join(f"RUN Step {at} of much\n" for at in range(4000)))).instructions
    began = process_time()
    paired(old, new)
    paired(old[:400], new[:400])
    paired(old, old[::-1])
    assert process_time() - began < 5
