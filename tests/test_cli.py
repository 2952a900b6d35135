"""`dfadvise lint`: what it looks at, what it writes where, and its exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfadvise.cli import main

# A pack of our own, so that these tests do not hang on what the default rules find.
RULES = {
    "own/bad_word.py": '''
from dfadvise.rule import Rule
from dfadvise.source import Span


class BadWord(Rule):
    """A bad word."""

    on = ("RUN",)
    severity = "warning"
    aliases = ("XX1",)

    def check(self, run):
        at = run.file.source.text.find("bad", run.span.start, run.span.end)
        if at >= 0:
            yield self.finding(Span(at, at + 3), "says bad", aliases=self.aliases)
''',
    "own/raises.py": '''
from dfadvise.rule import Rule


class Raises(Rule):
    """A rule with a mistake."""

    on = ("CMD",)

    def check(self, node):
        raise ZeroDivisionError("oh\\nno")
        yield
''',
    "own/sees_context.py": '''
from dfadvise.rule import Rule


class SeesContext(Rule):
    """What a rule is told about the build."""

    on = ("file",)
    severity = "info"

    def check(self, file):
        context = file.context
        what = "none" if context is None else f"{context.known} {context.root} {context.is_sent('secret')}"
        stage = file.exported.label if file.exported else ""
        arguments = sorted(f"{name}={value}" for name, value in file.build_args.items())
        message = f"context {what}; target {stage}; args {' '.join(arguments)}"
        yield self.finding(file.instructions[0].span, message)
''',
}
GOOD = "FROM scratch\nLABEL a=b\n"
BAD = "FROM scratch\nRUN bad\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a configuration that selects the pack's first rule, outside any repository."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, text in RULES.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "dfadvise.toml").write_text('rule-packs = ["../pack"]\nselect = ["bad-word"]\n')
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def found(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, int]]:
    out = json.loads(capsys.readouterr().out)
    return [(each["path"], each["rule"], each["start"]["line"]) for each in out["findings"]]


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
