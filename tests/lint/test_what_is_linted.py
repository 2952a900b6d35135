"""`dfadvise lint`: what it looks at, its exit status, its configuration."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from dfadvise.cli import main
from lint_samples import BAD, GOOD, found, put

# --- what is looked at ---


def test_without_a_path_the_working_directory_is_searched(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD, sub__Containerfile=BAD, other__notes=BAD)
    assert main(["lint", "--format", "json"]) == 1
    assert found(capsys) == [("Dockerfile", "bad-word", 2), ("sub/Containerfile", "bad-word", 2)]


def test_files_and_folders_and_each_once(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD, sub__Dockerfile=BAD, odd=BAD)
    assert main(["lint", "--format=json", "odd", "sub", "./Dockerfile", "sub/Dockerfile"]) == 1
    assert [path for path, _, _ in found(capsys)] == ["odd", "sub/Dockerfile", "Dockerfile"]


def test_standard_input(here: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert main(["lint", "-", "--format", "json"]) == 1
    assert found(capsys) == [("-", "bad-word", 2)]


def test_standard_input_under_a_name(here: Path, capsys, monkeypatch) -> None:
    put(here, sub__dfadvise_toml="")
    (here / "sub" / "dfadvise_toml").rename(here / "sub" / "dfadvise.toml")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    # The configuration is that of the named folder, which knows no pack.
    assert main(["lint", "-", "--format", "json", "--stdin-filename", "sub/Dockerfile", "--ignore", "all"]) == 0
    assert found(capsys) == []


def test_a_list_of_files(here: Path, capsys) -> None:
    put(here, one=BAD, two=BAD, list="one\ntwo\n", none="")
    assert main(["lint", "--format", "json", "--files-from", "list"]) == 1
    assert [path for path, _, _ in found(capsys)] == ["one", "two"]
    # An empty list is no request to search the working directory.
    put(here, Dockerfile=BAD)
    assert main(["lint", "--format", "json", "--files-from", "none"]) == 0
    assert found(capsys) == []
    assert main(["lint", "--files-from", "missing"]) == 2
    assert "--files-from: missing cannot be read" in capsys.readouterr().err


def test_a_named_file_that_is_no_dockerfile_is_told_about(here: Path, capsys) -> None:
    put(here, **{"Dockerfile.dockerignore": "*\n", "Dockerfile.md": "hello\n"})
    assert main(["lint", "Dockerfile.dockerignore", "Dockerfile.md"]) == 0
    out = capsys.readouterr().out
    assert "Dockerfile.dockerignore is not looked at: an ignore file by its name" in out
    assert "Dockerfile.md is not looked at: its content is no Dockerfile" in out
    # A walk passes over it in silence.
    put(here, Dockerfile=GOOD)
    assert main(["lint"]) == 0
    assert "not looked at" not in capsys.readouterr().out


# --- exit status ---


def test_the_threshold(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    assert main(["lint"]) == 1
    for level, status in (("error", 0), ("warning", 1), ("info", 1), ("style", 1), ("never", 0)):
        assert main(["lint", "--fail-on", level]) == status, level
    (here / "dfadvise.toml").write_text('rule-packs = ["../pack"]\nselect = ["bad-word"]\nfail-on = "error"\n')
    assert main(["lint"]) == 0
    assert main(["lint", "--fail-on", "warning"]) == 1
    put(here, Dockerfile=GOOD)
    assert main(["lint", "--fail-on", "style"]) == 0


def test_each_file_has_the_threshold_of_its_own_configuration(here: Path, capsys) -> None:
    put(here, strict__Dockerfile=BAD, lax__Dockerfile=BAD)
    for name, level in (("strict", "info"), ("lax", "error")):
        text = f'rule-packs = ["../../pack"]\nselect = ["bad-word"]\nfail-on = "{level}"\n'
        (here / name / "dfadvise.toml").write_text(text)
    assert main(["lint", "lax"]) == 0
    assert main(["lint", "lax", "strict"]) == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "FROM scratch\nENV a\n"], ids=["empty", "comment", "refused"])
def test_what_the_builder_refuses_is_a_finding_and_no_failure(here: Path, capsys, text: str) -> None:
    put(here, Dockerfile=text)
    assert main(["lint", "--isolated", "--format", "json"]) == 1
    assert "syntax-error" in [rule for _, rule, _ in found(capsys)]
    assert main(["parse"]) == 0


def test_what_cannot_be_done_is_2_and_the_rest_is_still_reported(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    (here / "folder").mkdir()
    assert main(["lint", "missing", "Dockerfile", "folder"]) == 2
    out, err = capsys.readouterr()
    assert "Dockerfile:2:5: warning[bad-word] says bad (XX1)" in out
    assert "2 paths not checked" in out
    assert "dfadvise: missing: no such file or directory" in err
    assert "dfadvise: folder: no Dockerfile found in this directory" in err


def test_other_formats_leave_errors_to_standard_error(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    assert main(["lint", "missing", "Dockerfile", "--format", "checkstyle"]) == 2
    out, err = capsys.readouterr()
    assert "says bad" in out
    assert err == "dfadvise: missing: no such file or directory\n"


def test_a_rule_that_raises_costs_its_own_findings_only(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD + "CMD x\n")
    assert main(["lint", "--select", "bad-word,raises", "--format", "json"]) == 2
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert [each["rule"] for each in report["findings"]] == ["bad-word"]
    assert report["errors"][0]["path"] == "Dockerfile"
    assert "rule raises failed at line 3: ZeroDivisionError" in report["errors"][0]["message"]
    assert "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"\x7fELF\x02\x01\x01\0\0\0", "is a binary file", id="binary"),
        pytest.param("FROM scratch\n".encode("utf-16"), "is UTF-16 text", id="utf-16"),
        pytest.param(b"FROM scratch\n" + b"#" * (32 << 20), "is larger than 32 MiB", id="large"),
    ],
)
def test_what_is_no_dockerfile_by_its_content(here: Path, capsys, data: bytes, reason: str) -> None:
    (here / "Dockerfile").write_bytes(data)
    assert main(["lint", "Dockerfile"]) == 2
    assert f"Dockerfile: {reason}" in capsys.readouterr().err


def test_a_null_in_a_dockerfile_does_not_make_it_binary(here: Path, capsys) -> None:
    (here / "Dockerfile").write_bytes(b"FROM scratch\nRUN bad\0\n")
    assert main(["lint", "Dockerfile"]) == 1


def test_bytes_that_are_not_utf_8(here: Path, capsys) -> None:
    (here / "Dockerfile").write_bytes(b"FROM scratch\nRUN caf\xe9 bad\n")
    assert main(["lint"]) == 1
    out = capsys.readouterr().out
    assert "RUN caf\\xe9 bad" in out
    assert "2 |" in out


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user who may not read all")
def test_an_unreadable_file(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD, sub__Dockerfile=BAD)
    (here / "Dockerfile").chmod(0)
    assert main(["lint"]) == 2
    assert "Dockerfile: error: cannot be read: Permission denied" in capsys.readouterr().out


# --- configuration ---


def test_a_broken_configuration_is_named_once_and_costs_its_own_files(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD, sub__Dockerfile=BAD, sub__deep__Dockerfile=BAD)
    (here / "sub" / "dfadvise.toml").write_text('select = ["bad-wrd"]\n')
    assert main(["lint"]) == 2
    out, err = capsys.readouterr()
    assert out.count("says bad") == 1
    config = os.path.join("sub", "dfadvise.toml")
    assert err.count(f"{config}: ") == 1
    assert "line 1: unknown rule `bad-wrd`" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--select", "nothing-such"], "--select: unknown rule `nothing-such`"),
        (["--ignore", "bad-wrd"], "--ignore: unknown rule `bad-wrd`, did you mean `bad-word`"),
        (["--config", "missing.toml"], "missing.toml: cannot be read"),
        (["--context", "missing"], "--context: no such directory: missing"),
        (["--build-arg", "=x"], "--build-arg: `=x` is not NAME=VALUE"),
        (["--build-context", "x"], "--build-context: `x` is not NAME=VALUE"),
        (["--jobs", "many"], "`--jobs` cannot be `many`"),
    ],
)
def test_options_that_cannot_be_used(here: Path, capsys, words: list[str], message: str) -> None:
    put(here, Dockerfile=BAD)
    assert main(["lint", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_isolated_passes_over_the_configuration_but_not_the_one_that_is_named(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    assert main(["lint", "--isolated", "--select", "bad-word"]) == 2
    assert "unknown rule `bad-word`" in capsys.readouterr().err
    assert main(["lint", "--isolated", "--config", "dfadvise.toml"]) == 1


def test_foreign_codes_select(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    assert main(["lint", "--select", "xx1", "--format", "json"]) == 1
    assert found(capsys) == [("Dockerfile", "bad-word", 2)]
    assert main(["lint", "--ignore", "XX1"]) == 0


def test_a_broken_rule_file_is_reported_and_the_others_run(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    (here.parent / "pack" / "own" / "broken.py").write_text("x = (\n")
    assert main(["lint"]) == 2
    out, err = capsys.readouterr()
    assert "says bad" in out
    assert "broken.py: line 1: syntax error" in err
