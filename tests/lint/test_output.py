"""`dfadvise lint`: what it knows of the build, what it writes where, and what it is as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfadvise.cli import main
from lint_samples import BAD, put

# --- the build ---


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main(["lint", "--select", "sees-context", "--format", "json", *words])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return findings[0]["message"]


def test_a_context_is_guessed_from_the_sources(here: Path, capsys) -> None:
    put(here, sub__Dockerfile="FROM scratch\nCOPY app /app\n", sub__app="x")
    put(here, **{"sub__.dockerignore": "secret\n"})
    assert told(capsys, "sub").startswith(f"context False {here}/sub False;")
    put(here, sub__Dockerfile="FROM scratch\nCOPY gone /app\nADD https://x/y /\n")
    # An ignore file shows where the root is, though what is copied has yet to be made.
    assert told(capsys, "sub").startswith(f"context False {here}/sub False;")
    (here / "sub" / ".dockerignore").unlink()
    assert told(capsys, "sub").startswith("context none;")


def test_a_context_that_is_given_is_known(here: Path, capsys) -> None:
    put(here, sub__Dockerfile="FROM scratch\nCOPY gone /app\n", ctx__x="")
    assert told(capsys, "sub", "--context", "ctx").startswith(f"context True {here}/ctx True;")


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\nENV a=b\n",
        "FROM scratch AS a\nFROM scratch\nCOPY --from=a app /\n",
        "FROM scratch\nADD https://x.example/app git@x.example:a/b.git /\n",
        "FROM scratch\nCOPY <<E /x\nx\nE\n",
        "FROM scratch\nRUN --mount=type=bind,from=alpine,target=/x true\n",
    ],
)
def test_no_context_where_nothing_is_read_from_it(here: Path, capsys, text: str) -> None:
    put(here, Dockerfile=text, app="x", **{".dockerignore": "secret\n"})
    assert told(capsys).startswith("context none;")


def test_target_arguments_and_platform(here: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("FROM_ENV", "e")
    monkeypatch.delenv("NOT_SET", raising=False)
    put(here, Dockerfile="FROM scratch AS one\nFROM scratch AS two\n")
    assert "target two; args " in told(capsys)
    words = ["--target", "one", "--build-arg", "A=1", "--build-arg", "FROM_ENV", "--build-arg", "NOT_SET"]
    assert told(capsys, *words).endswith("target one; args A=1 FROM_ENV=e")
    assert told(capsys, "--platform", "linux/arm/v7").endswith(
        "args TARGETARCH=arm TARGETOS=linux TARGETPLATFORM=linux/arm/v7 TARGETVARIANT=v7"
    )


# --- output ---


def test_github_is_the_format_in_a_workflow_unless_another_is_asked_for(here: Path, capsys, monkeypatch) -> None:
    put(here, Dockerfile=BAD)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    assert main(["lint"]) == 1
    assert capsys.readouterr().out.startswith("::warning file=Dockerfile,line=2")
    assert "bad-word" in (here / "summary.md").read_text()
    assert main(["lint", "--format", "text"]) == 1
    assert capsys.readouterr().out.startswith("Dockerfile:2:5:")
    assert main(["lint", "--output", "report"]) == 1
    assert capsys.readouterr().out == ""
    assert (here / "report").read_text().startswith("Dockerfile:2:5:")


def test_no_colour_but_on_a_terminal(here: Path, capsys, monkeypatch) -> None:
    put(here, Dockerfile=BAD)
    monkeypatch.setenv("TERM", "xterm")
    main(["lint"])
    assert "\x1b[" not in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    main(["lint"])
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["lint"])
    assert "\x1b[" not in capsys.readouterr().out


def test_a_report_goes_to_a_file(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD, **{"old.json": "old"})
    (here / "old.json").chmod(0o640)
    assert main(["lint", "--format", "json", "--output", "old.json"]) == 1
    assert json.loads((here / "old.json").read_text())["version"] == 1
    assert (here / "old.json").stat().st_mode & 0o777 == 0o640
    assert capsys.readouterr() == ("", "")
    assert main(["lint", "-o", "no/such/folder"]) == 2
    assert "no/such/folder cannot be written" in capsys.readouterr().err


def test_quiet_and_statistics(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD)
    main(["lint", "-q"])
    assert capsys.readouterr().out == "Dockerfile:2:5: warning[bad-word] says bad (XX1)\n"
    main(["lint", "-q", "--statistics"])
    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["1", "warning", "bad-word"]


def test_a_template(here: Path, capsys) -> None:
    put(here, Dockerfile=BAD, t="{% for f in findings %}{{ f.path }} {{ f.start.line }}\n{% endfor %}")
    assert main(["lint", "--template", "t"]) == 1
    assert capsys.readouterr().out == "Dockerfile 2\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% if %}", "t:1: Expected an expression"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ findings.__class__.__mro__ }}", "t: "),
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
    ],
)
def test_a_template_that_cannot_be_used(here: Path, capsys, text: str, message: str) -> None:
    put(here, Dockerfile=BAD, t=text)
    assert main(["lint", "--template", "t"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_names_in_messages_cannot_steer_a_terminal(here: Path, capsys) -> None:
    assert main(["lint", "\x1b[31mx"]) == 2
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err


# --- as a process of its own ---


def dfadvise(*words: str, **options) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **options.pop("env", {})}
    environment.pop("GITHUB_ACTIONS", None)
    command = [sys.executable, "-m", "dfadvise", *words]
    return subprocess.run(command, capture_output=True, env=environment, timeout=60, **options)


def test_output_is_utf_8_whatever_the_locale(here: Path) -> None:
    put(here, Dockerfile="FROM scratch\nRUN bad ünïcödé → ✓\n")
    done = dfadvise("lint", cwd=here, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"})
    assert done.returncode == 1
    assert "ünïcödé → ✓".encode() in done.stdout
    assert done.stderr == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_error_in_one_line(here: Path) -> None:
    put(here, Dockerfile=BAD)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dfadvise", "lint"], cwd=here, stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr == b"dfadvise: standard output cannot be written: No space left on device\n"


def test_a_reader_that_goes_away_is_no_error(here: Path) -> None:
    put(here, Dockerfile="FROM scratch\n" + "RUN bad\n" * 5000)
    child = subprocess.Popen(
        [sys.executable, "-m", "dfadvise", "lint"], cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    child.stdout.read(10)
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait(60) == 1


def test_modules_of_the_linted_repository_are_not_imported(here: Path) -> None:
    put(here, Dockerfile=BAD)
    for name in ("bisect", "re", "json", "tree_sitter", "dfadvise_evil", "threading", "pickle"):
        (here / f"{name}.py").write_text("raise SystemExit('imported from the working directory')\n")
    done = dfadvise("lint", "--format", "json", cwd=here)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["findings"][0]["rule"] == "bad-word"
