"""`dfadvise fix`: what is written, what is only shown, and what is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dfadvise.cli import main
from dfadvise.commands.patch import patch

RULES = {
    "bad_word": '''
from dfadvise.rule import Edit, Fix, Rule
from dfadvise.source import Span


class BadWord(Rule):
    """A bad word; `bad` is safe to mend, `worse` is not, and `worst` can only be shown."""

    on = ("RUN",)
    severity = "warning"
    words = (("worse", "unsafe"), ("worst", "display"), ("bad", "safe"), ("lie", "safe"))

    def check(self, run):
        text = run.file.source.text
        for word, kind in self.words:
            at = text.find(word, run.span.start, run.span.end)
            if at >= 0:
                span = Span(at, at + len(word))
                # Nobody proves that a command may become two.
                new = "x && y" if word == "lie" else "fine"
                fix = Fix(f"Say it better than {word}", [Edit(span, new)], kind, "=")
                yield self.finding(span, f"says {word}", fix=fix)
''',
    "new_file": '''
from dfadvise.rule import Fix, Rule


class NewFile(Rule):
    """Writes an ignore file."""

    on = ("file",)
    severity = "info"

    def check(self, file):
        if file.context is not None and file.context.ignore is None:
            fix = Fix("Add one", [], "safe", "=", [(".dockerignore", ".git\\n")])
            yield self.finding(file.instructions[0].span, "no ignore file", fix=fix)
''',
}
BAD = "FROM scratch\nRUN : # bad\n"
FINE = "FROM scratch\nRUN : # fine\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    for name, text in RULES.items():
        path = tmp_path / "pack" / "own" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    work = tmp_path / "work"
    work.mkdir()
    (work / "dfadvise.toml").write_text('rule-packs = ["../pack"]\nselect = ["bad-word"]\n')
    monkeypatch.chdir(work)
    return work


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("words", [["fix"], ["lint", "--fix"]], ids=["fix", "lint --fix"])
def test_a_safe_fix_is_written(here: Path, capsys, words: list[str]) -> None:
    path = put(here, "Dockerfile", BAD)
    assert main([*words, "--format", "text"]) == 0
    assert path.read_text() == FINE
    out, err = capsys.readouterr()
    assert out == "no findings in 1 file\n"
    assert err.splitlines() == [
        "Dockerfile:2: fixed bad-word: Say it better than bad",
        "fixed 1 finding in 1 of 1 file",
    ]


def test_nothing_to_fix_writes_nothing(here: Path, capsys) -> None:
    path = put(here, "Dockerfile", FINE)
    before = path.stat()
    assert main(["fix"]) == 0
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert capsys.readouterr().err == "nothing to fix in 1 file\n"


def test_unsafe_fixes_need_the_word_and_display_ones_are_never_applied(here: Path, capsys) -> None:
    path = put(here, "Dockerfile", "FROM scratch\nRUN : # bad\nRUN worse\nRUN worst\n")
    assert main(["fix"]) == 1
    assert path.read_text() == "FROM scratch\nRUN : # fine\nRUN worse\nRUN worst\n"
    assert main(["fix", "--unsafe"]) == 1
    assert path.read_text() == "FROM scratch\nRUN : # fine\nRUN fine\nRUN worst\n"
    assert main(["fix", "--unsafe", "--fail-on", "error"]) == 0


def test_the_findings_left_are_reported(here: Path, capsys) -> None:
    put(here, "Dockerfile", "FROM scratch\nRUN : # bad\nRUN worst\n")
    assert main(["fix", "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert [each["message"] for each in json.loads(out)["findings"]] == ["says worst"]
    assert "fixed 1 finding" in err
    assert main(["fix", "-q", "--output", "report"]) == 1
    assert capsys.readouterr() == ("", "")
    assert "says worst" in (here / "report").read_text()


def test_a_fix_without_a_proof_is_refused_with_the_reason(here: Path, capsys) -> None:
    path = put(here, "Dockerfile", "FROM scratch\nRUN lie\n")
    assert main(["fix"]) == 1
    assert path.read_text() == "FROM scratch\nRUN lie\n"
    err = capsys.readouterr().err
    assert "Dockerfile:2: not fixed bad-word: Say it better than lie (the proof failed: " in err


def test_what_is_hidden_or_not_selected_is_not_fixed(here: Path) -> None:
    text = "FROM scratch\n# dfadvise: ignore[bad-word] meant\nRUN : # bad\n"
    path = put(here, "Dockerfile", text)
    assert main(["fix"]) == 0
    assert path.read_text() == text
    path = put(here, "Dockerfile", BAD)
    assert main(["fix", "--ignore", "bad-word"]) == 0
    assert path.read_text() == BAD


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"FROM scratch\r\nRUN : # bad # \r\n", id="crlf"),
        pytest.param(b"FROM scratch\nRUN : # bad", id="no final newline"),
        pytest.param(b"\xef\xbb\xbfFROM scratch\nRUN : # bad\n", id="byte order mark"),
        pytest.param(b"FROM scratch\n# caf\xe9 \xff\nRUN : # bad\n\n\n", id="not utf-8"),
        pytest.param("FROM scratch\n# 漢\u2028字\x0b\x0c\nRUN : # bad\n".encode(), id="odd line ends"),
    ],
)
def test_every_other_byte_stays_and_the_patch_says_the_same(here: Path, capfdbinary, text: bytes) -> None:
    path = put(here, "Dockerfile", text)
    assert main(["fix", "--diff"]) == 1
    assert path.read_bytes() == text
    shown = capfdbinary.readouterr().out
    assert main(["fix"]) == 0
    wanted = text.replace(b"bad", b"fine")
    assert path.read_bytes() == wanted
    assert applied(here, "Dockerfile", text, shown) == wanted


def applied(folder: Path, name: str, old: bytes, diff: bytes, cwd: str = ".") -> bytes:
    """What `git apply` makes of a file with a patch."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")
    tree = folder / "tree"
    put(tree / cwd, name, old)
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run([git, "init", "-q"], cwd=tree, check=True, env=environment)
    done = subprocess.run([git, "apply", "-"], cwd=tree / cwd, input=diff, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + diff.decode(errors="replace")
    return (tree / cwd / name).read_bytes()


@pytest.mark.parametrize(
    "name",
    ["Dockerfile", "sub/Dockerfile", "with blank/Dockerfile", 'quote"d', "tab\tbed", "back\\slash", "ünïcödé", "a/b"],
)
@pytest.mark.parametrize("cwd", [".", "a"], ids=["root", "folder"])
@pytest.mark.skipif(os.name == "nt", reason="names that Windows has not")
def test_git_applies_a_patch_to_any_name_from_any_folder(tmp_path: Path, name: str, cwd: str) -> None:
    old, new = b"1\n2\n3\n4\n5\n6\n7\n8\n9\nx", b"1\nzwei\n3\n4\n5\n6\n7\n8\n9\nx\n"
    assert applied(tmp_path, name, old, patch(name, old, new), cwd) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b"a\n"),
        (b"a\n", b""),
        (b"a", b"a\n"),
        (b"a\n", b"a"),
        (b"a\r\nb\r\n", b"a\nb\r\n"),
        (b"\n" * 50 + b"x\n" + b"\n" * 50, b"\n" * 49 + b"y\n" + b"\n" * 52),
        (b"".join(b"%d\n" % n for n in range(99)), b"".join(b"%d\n" % n for n in range(99) if n % 30)),
        (b"a\xff\x00\n", b"a\xfe\x00\nb"),
    ],
)
def test_git_applies_any_change(tmp_path: Path, old: bytes, new: bytes) -> None:
    assert applied(tmp_path, "f", old, patch("f", old, new)) == new


def test_a_patch_of_nothing_is_empty_and_a_long_file_takes_no_long_time() -> None:
    assert patch("f", b"a\n", b"a\n") == b""
    lines = [b"RUN x\n"] * 100_000
    diff = patch("f", b"".join(lines), b"".join([*lines[:50_000], b"RUN y\n", *lines[50_001:]]))
    assert diff.count(b"\n") == 2 + 1 + 3 + 2 + 3


def test_a_new_file_in_a_patch(tmp_path: Path) -> None:
    diff = patch("new", None, b"a\nb\n")
    (tmp_path / "tree").mkdir()
    assert applied(tmp_path, "other", b"", diff) == b""
    assert (tmp_path / "tree" / "new").read_bytes() == b"a\nb\n"


def test_check_and_diff_write_nothing_and_exit_with_1(here: Path, capsys) -> None:
    path = put(here, "Dockerfile", BAD)
    put(here, "sub/Dockerfile", FINE)
    assert main(["fix", "--check"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Dockerfile:2: would fix bad-word: Say it better than bad" in err
    assert "would fix 1 finding in 1 of 2 files" in err
    assert main(["fix", "--diff", "-q"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n")
    assert err == ""
    assert path.read_text() == BAD
    assert main(["fix", "--check", "sub"]) == 0
    # The findings that stay do not count: nothing would change.
    put(here, "sub/Dockerfile", "FROM scratch\nRUN worst\n")
    assert main(["fix", "--check", "sub"]) == 0
    assert main(["fix", "--check", "--diff"]) == 2


def test_standard_input_is_written_mended_to_standard_output(here: Path, capsys, monkeypatch) -> None:
    for text, wanted in ((BAD, FINE), (FINE, FINE), ("FROM scratch\r\nRUN : # bad", "FROM scratch\r\nRUN : # fine")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main(["fix", "-"]) == 0
        assert capsys.readouterr().out == wanted
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"FROM scratch\nRUN worst\n")))
    assert main(["fix", "-"]) == 1
    out, err = capsys.readouterr()
    assert out == "FROM scratch\nRUN worst\n"
    assert "-:2:5: warning[bad-word] says worst" in err


def test_a_file_that_changed_meanwhile_is_left_alone(here: Path, capsys, monkeypatch) -> None:
    path = put(here, "Dockerfile", BAD)
    put(here, "sub/Dockerfile", BAD)
    from dfadvise.commands import fix as command

    real = command.replace

    def late(name: str, old: bytes, new: bytes) -> None:
        if name == "Dockerfile":
            path.write_text("FROM scratch\nRUN other bad\n")
        real(name, old, new)

    monkeypatch.setattr(command, "replace", late)
    assert main(["fix"]) == 2
    assert path.read_text() == "FROM scratch\nRUN other bad\n"
    assert (here / "sub" / "Dockerfile").read_text() == FINE
    assert "Dockerfile: has changed since it was read" in capsys.readouterr().err


def test_what_cannot_be_read_is_2_and_the_rest_is_fixed(here: Path, capsys) -> None:
    path = put(here, "Dockerfile", BAD)
    put(here, "binary", b"\x7fELF\0\0")
    for extra in ([], ["--diff"], ["--check"]):
        put(here, "Dockerfile", BAD)
        assert main(["fix", "missing", "binary", "Dockerfile", *extra]) == 2
        text = "".join(capsys.readouterr())
        assert "missing: " in text
        assert "is a binary file" in text
    main(["fix", "missing", "binary", "Dockerfile"])
    assert path.read_text() == FINE


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_link_out_of_the_tree_is_not_written_through(here: Path, capsys) -> None:
    outside = put(here.parent, "outside", BAD)
    (here / "Dockerfile").symlink_to(outside)
    assert main(["fix", "Dockerfile"]) == 2
    assert outside.read_text() == BAD
    assert "Dockerfile: is a link that leads out of the working tree" in capsys.readouterr().err


def test_new_files(here: Path, capsys) -> None:
    put(here, "sub/Dockerfile", "FROM scratch\nCOPY app /\n")
    put(here, "sub/app", "")
    words = ["fix", "--select", "new-file"]
    assert main([*words, "--check"]) == 1
    assert "sub/.dockerignore: would be created" in capsys.readouterr().err
    assert main([*words, "--diff"]) == 1
    assert "--- /dev/null\n+++ b/sub/.dockerignore\n@@ -0,0 +1,1 @@\n+.git\n" in capsys.readouterr().out
    assert not (here / "sub" / ".dockerignore").exists()
    assert main([*words, "--fail-on", "info"]) == 0
    assert (here / "sub" / ".dockerignore").read_text() == ".git\n"
    assert "sub/.dockerignore: created" in capsys.readouterr().err
    assert main([*words, "--check"]) == 0


def test_a_second_run_changes_nothing(here: Path) -> None:
    path = put(here, "Dockerfile", "FROM scratch\nRUN : # bad && bad\nRUN : # bad; bad\n")
    assert main(["fix"]) == 0
    once = path.read_bytes()
    assert b"bad" not in once
    assert main(["fix", "--check"]) == 0
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    ("told", "words", "changed"),
    [
        ("never", ["fix", "--unsafe"], "FROM scratch\nRUN : # bad\nRUN worse\n"),
        ("safe", ["fix", "--unsafe"], "FROM scratch\nRUN : # fine\nRUN worse\n"),
        ("always", ["fix"], "FROM scratch\nRUN : # fine\nRUN fine\n"),
    ],
)
def test_the_configuration_says_which_fixes_of_a_rule_are_applied(here, told, words, changed):
    config = here / "dfadvise.toml"
    config.write_text(f'{config.read_text()}[rules.bad-word]\nfix = "{told}"\n')
    path = put(here, "Dockerfile", "FROM scratch\nRUN : # bad\nRUN worse\n")
    main(words)
    assert path.read_text() == changed


def test_what_fix_cannot_be(here, capsys):
    config = here / "dfadvise.toml"
    config.write_text(f'{config.read_text()}[rules.bad-word]\nfix = "sometimes"\n')
    put(here, "Dockerfile", BAD)
    assert main(["fix"]) == 2
    assert "`fix` of the rule `bad-word` is 'sometimes', not one of always, safe, never" in capsys.readouterr().err


def test_what_one_finding_says_for_a_stage_is_fixed_everywhere(tmp_path, monkeypatch, capsys):
    steps = "".join(f"RUN apt-get install -y package{number}\nENV A{number}=1\n" for number in range(15))
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text("FROM debian:13-slim\n" + steps)
    main(["fix", "--unsafe", "--isolated", "Dockerfile"])
    assert Path("Dockerfile").read_text().count("--no-install-recommends") == 15
    capsys.readouterr()
    main(["lint", "--isolated", "--format", "json", "Dockerfile"])
    rules = [each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]]
    assert "recommended-packages" not in rules
