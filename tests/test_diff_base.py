"""--diff-base: only what is about lines that have changed since a revision, and no code of the repository run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from random import Random

import pytest

from dfadvise.changes import _lines, changed
from dfadvise.cli import main

OLD = """\
FROM debian:12
RUN apt-get update && apt-get install -y curl
RUN apt-get update && \\
    apt-get install -y \\
      git
CMD curl x
"""


def git(*words, cwd="."):
    settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false")
    return subprocess.run(["git", *settings, *words], cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repo(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    (tmp_path / "Dockerfile").write_text(OLD)
    git("add", ".")
    git("commit", "-q", "-m", "first")
    git("checkout", "-q", "-b", "work")
    return tmp_path


@pytest.fixture
def lint(capsys):
    def run(*words, base="main"):
        capsys.readouterr()
        chosen = () if "--select" in words else ("--select", "package-cache-left")
        status = main(["lint", "--format", "json", "--diff-base", base, *chosen, *words])
        out, err = capsys.readouterr()
        found = json.loads(out)["findings"] if out else []
        return status, sorted({(each["path"], each["start"]["line"]) for each in found}), err

    return run


def write(path, text):
    path.write_bytes(text.encode())


def test_nothing_has_changed(repo, lint):
    assert lint()[:2] == (0, [])


@pytest.mark.parametrize("how", ["unstaged", "staged", "committed"])
def test_a_changed_instruction_is_reported_as_a_whole(repo, lint, how):
    write(repo / "Dockerfile", OLD.replace("      git", "      git make"))
    if how != "unstaged":
        git("add", ".")
    if how == "committed":
        git("commit", "-q", "-m", "second")
    status, lines, _ = lint()
    assert status == 1
    assert {line for _, line in lines} <= {3, 4, 5}
    assert ("Dockerfile", 3) in lines


def test_a_line_taken_out_changes_its_instruction_alone(repo, lint):
    write(repo / "Dockerfile", OLD.replace("    apt-get install -y \\\n", "").replace("      git", "    true"))
    assert {line for _, line in lint()[1]} <= {3, 4}
    # A whole instruction that goes changes none of its neighbours.
    write(repo / "Dockerfile", OLD.replace("RUN apt-get update && apt-get install -y curl\n", ""))
    assert lint()[1] == []


def test_what_others_did_since_is_no_change(repo, lint):
    git("checkout", "-q", "main")
    write(repo / "Dockerfile", OLD.replace("curl\n", "curl wget\n", 1))
    git("commit", "-q", "-am", "theirs")
    git("checkout", "-q", "work")
    assert lint()[1] == []
    assert lint(base="HEAD")[1] == []


def test_a_renamed_file_is_compared_with_what_it_was(repo, lint):
    (repo / "docker").mkdir()
    git("mv", "Dockerfile", "docker/app.Dockerfile")
    assert lint()[1] == []
    write(repo / "docker/app.Dockerfile", OLD.replace("install -y curl", "install -y wget"))
    assert lint()[1] == [("docker/app.Dockerfile", 2)]


def test_all_of_a_new_file_counts(repo, lint):
    write(repo / "Dockerfile.new", OLD)
    paths = {path for path, _ in lint()[1]}
    assert paths == {"Dockerfile.new"}
    git("add", ".")
    assert {path for path, _ in lint()[1]} == {"Dockerfile.new"}


def test_endings_of_lines_are_no_change(repo, lint):
    write(repo / "Dockerfile", OLD.replace("\n", "\r\n"))
    assert lint()[1] == []


def test_odd_names_and_folders(repo, lint):
    (repo / "ä :(glob)*").mkdir()
    write(repo / "ä :(glob)*/Dockerfile", OLD)
    git("add", ".")
    git("commit", "-q", "-m", "second")
    assert lint(base="HEAD")[1] == []
    write(repo / "ä :(glob)*/Dockerfile", OLD.replace("curl x", "curl y"))
    os.chdir(repo / "ä :(glob)*")
    assert {path for path, _ in lint(base="HEAD")[1]} <= {"Dockerfile"}


def test_standard_input_is_compared_with_the_file_it_stands_for(repo):
    text = OLD.replace("install -y curl", "install -y wget")
    words = ["lint", "--diff-base", "main", "--format", "json", "--stdin-filename", "Dockerfile"]
    words += ["--select", "package-cache-left", "-"]
    done = subprocess.run([sys.executable, "-m", "dfadvise", *words], input=text, capture_output=True, text=True)
    assert {each["start"]["line"] for each in json.loads(done.stdout)["findings"]} == {2}


def test_related_lines_count(repo, lint):
    old = "FROM debian:12\nWORKDIR /a\nCOPY a /a/\nRUN apt-get update && apt-get install -y curl\n"
    write(repo / "Dockerfile", old)
    git("commit", "-q", "-am", "second")
    write(repo / "Dockerfile", old.replace("COPY a ", "COPY . "))
    assert ("Dockerfile", 4) in lint("--select", "cache-order", base="HEAD")[1]


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("nope", "no revision `nope`"),
        ("", "`` is no revision"),
        ("--output=x", "is no revision"),
        ("main..work", "no revision `main..work`"),
    ],
)
def test_an_unknown_revision_is_one_line(repo, capsys, revision, message):
    assert main(["lint", f"--diff-base={revision}"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert not (repo / "x").exists()


def test_no_repository_no_git_no_common_commit(repo, lint, tmp_path_factory, monkeypatch):
    git("checkout", "-q", "--orphan", "other")
    git("commit", "-q", "-m", "other")
    assert "no commit in common" in lint()[2]
    outside = tmp_path_factory.mktemp("outside")
    write(outside / "Dockerfile", OLD)
    status, _, err = lint(str(outside))
    assert (status, err.count("\n")) == (2, 1)
    assert "is in no git repository" in err
    monkeypatch.setenv("PATH", str(outside))
    assert "git is not installed" in lint()[2]


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_settings_of_the_repository_run_nothing(repo, lint):
    program = repo / "spy"
    write(program, f"#!/bin/sh\ntouch {repo}/ran\ncat\n")
    program.chmod(0o755)
    for key in (
        *("core.fsmonitor", "diff.external", "diff.spy.textconv", "diff.spy.command", "filter.spy.clean"),
        *("filter.spy.smudge", "filter.spy.process", "core.pager", "core.sshCommand", "core.hooksPath", "gpg.program"),
    ):
        git("config", key, str(program))
    git("config", "log.showSignature", "true")
    write(repo / ".git/info/attributes", "* diff=spy filter=spy\n")
    write(repo / "Dockerfile", OLD.replace("install -y curl", "install -y wget"))
    assert lint()[1] == [("Dockerfile", 2)]
    assert not (repo / "ran").exists()


def test_fix_mends_what_is_reported_and_nothing_else(repo, capsys):
    write(repo / "Dockerfile", OLD.replace("install -y curl", "install -y wget"))
    assert main(["fix", "--diff-base", "main", "--fail-on", "never", "--ignore", "unmerged-run"]) == 0
    text = (repo / "Dockerfile").read_text()
    lines = text.split("\n")
    assert "rm -rf /var/lib/apt/lists/*" in lines[1]
    assert lines[2:] == OLD.split("\n")[2:]
    capsys.readouterr()
    git("checkout", "-q", "Dockerfile")
    assert main(["lint", "--fix", "--check", "--diff-base", "main"]) == 0
    assert (repo / "Dockerfile").read_text() == OLD


def test_baselines(repo, capsys):
    assert main(["lint", "--write-baseline", "--baseline", "b.json"]) == 0
    write(repo / "Dockerfile", OLD.replace("install -y curl", "install -y wget"))
    capsys.readouterr()
    assert main(["lint", "--baseline", "b.json", "--diff-base", "main"]) == 1
    assert "Dockerfile:2" in capsys.readouterr().out
    assert main(["lint", "--baseline", "b.json", "--diff-base", "main", "--write-baseline"]) == 2


def test_it_is_told_what_was_left_out(repo, capsys):
    assert main(["lint", "--diff-base", "main"]) == 0
    captured = capsys.readouterr()
    assert "on what has not changed since main left out" in captured.out + captured.err


def test_several_processes_see_the_same(repo, lint):
    for number in range(8):
        write(repo / f"Dockerfile.{number}", OLD)
    git("add", ".")
    git("commit", "-q", "-m", "many")
    for number in (2, 5):
        write(repo / f"Dockerfile.{number}", OLD.replace("install -y curl", "install -y wget"))
    expected = [("Dockerfile.2", 2), ("Dockerfile.5", 2)]
    assert lint("--jobs", "1", base="HEAD")[1] == expected
    assert lint("--jobs", "3", base="HEAD")[1] == expected


def found(old, new):
    result = changed(_lines(old.encode()), _lines(new.encode()))
    return result._lines, result._gaps


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", ([], [])),
        ("a\nb\nc\n", "a\nx\nc\n", ([2], [])),
        ("a\nb\nc\n", "a\nb\nx\nc\n", ([3], [])),
        ("a\nb\nc\n", "a\nc\n", ([], [1])),
        ("a\nb\n", "b\n", ([], [0])),
        ("", "a\n", ([1], [])),
        ("a\n", "", ([], [0])),
        ("a\na\na\n", "a\na\n", ([], [2])),
        ("a\nb\n", "b\na\n", ([1], [2])),
    ],
)
def test_lines(old, new, expected):
    assert found(old, new) == expected


def test_unchanged_lines_put_together_are_in_the_old_version():
    random = Random(7)
    for _ in range(300):
        old = [random.choice("abcdefgh\\") for _ in range(random.randint(0, 30))]
        new = list(old)
        for _ in range(random.randint(0, 5)):
            at = random.randint(0, len(new))
            new[at : at + random.randint(0, 2)] = random.choices("abxyz", k=random.randint(0, 2))
        lines, _ = found("\n".join(old), "\n".join(new))
        kept = [line for number, line in enumerate(new, 1) if number not in lines]
        rest = iter(old or [""])
        assert all(line in rest for line in kept)


def test_many_lines_take_no_longer_than_they_must():
    from time import process_time

    old = [b"RUN true" if number % 3 else b"RUN %d" % number for number in range(30_000)]
    began = process_time()
    changed(old, old[::-1])
    changed(old, [line + b"x" if at % 2 else line for at, line in enumerate(old)])
    changed([b"a"] * 20_000, [b"a", b"b"] * 10_000)
    assert process_time() - began < 5
