"""Several processes: the same answers in the same order, and no answer lost when one of them dies."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dfadvise
from dfadvise.cli import main
from dfadvise.commands.lint import Linting
from dfadvise.commands.options import COMMANDS, UsageError, read
from dfadvise.commands.pool import jobs_for
from dfadvise.commands.spread import _script
from dfadvise.discovery import find

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(dfadvise.__file__)))
# A shellcheck that wants its files on the disk, and does not come to an end.
SLOW = f"""#!{sys.executable}
import os, sys, time
if sys.argv[-1].startswith("/proc/"):
    sys.exit(2)
with open(os.path.join(os.environ["STARTED"], str(os.getpid())), "w"):
    time.sleep(100)
"""

RULE = '''
import os
import sys

from dfadvise.rule import Edit, Fix, Rule
from dfadvise.source import Span


class BadWord(Rule):
    """A bad word."""

    on = ("RUN",)
    severity = "warning"

    def check(self, run):
        text = run.file.source.text
        if "crash" in text and PARENT != os.getpid():
            os._exit(9)
        if "print" in text:
            print("a rule that prints", sys.stdin.read())
        at = text.find("bad", run.span.start, run.span.end)
        if at >= 0:
            span = Span(at, at + 3)
            fix = Fix("Say it better", [Edit(span, "fine")], "safe", "=")
            yield self.finding(span, "says bad", cause=run, fix=fix)
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "pack" / "own").mkdir(parents=True)
    (tmp_path / "pack" / "own" / "bad_word.py").write_text(RULE.replace("PARENT", str(os.getpid())))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "dfadvise.toml").write_text('rule-packs = ["../pack"]\nselect = ["bad-word"]\n')
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def fill(folder: Path, number: int, **special: str) -> None:
    for n in range(number):
        path = folder / f"d{n:03d}" / "Dockerfile"
        path.parent.mkdir(exist_ok=True)
        text = special.get(f"d{n:03d}", f"FROM scratch\nLABEL n={n}\n" + "RUN : # bad\n" * (n % 3))
        path.write_text(text)


def report(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict, str]:
    status = main(["lint", "--format", "json", *words])
    out, err = capsys.readouterr()
    return status, json.loads(out), err


def test_the_same_answers_in_the_same_order(here: Path, capsys) -> None:
    fill(here, 60)
    one = report(capsys, "--jobs", "1")
    assert [each["path"] for each in one[1]["findings"][:2]] == ["d001/Dockerfile", "d002/Dockerfile"]
    assert len(one[1]["findings"]) == 60
    assert report(capsys, "--jobs", "3") == one
    assert report(capsys, "-j", "2", *[f"d{n:03d}/Dockerfile" for n in range(60)]) == one
    assert one[1]["findings"][0]["instruction"] == {"keyword": "RUN", "line": 3, "end_line": 3}


def test_text_with_the_lines_of_the_source_survives(here: Path, capsys) -> None:
    fill(here, 8)
    main(["lint", "--jobs", "1"])
    one = capsys.readouterr().out
    assert "3 | RUN : # bad" in one
    main(["lint", "--jobs", "2"])
    assert capsys.readouterr().out == one


def test_a_process_that_dies_costs_one_file(here: Path, capsys) -> None:
    fill(here, 20, d005="FROM scratch\nRUN crash\n", d006="FROM scratch\nRUN crash\n", d019="FROM scratch\nRUN crash\n")
    status, document, err = report(capsys, "--jobs", "2")
    assert status == 2
    assert [each["path"] for each in document["errors"]] == [f"d{n:03d}/Dockerfile" for n in (5, 6, 19)]
    assert document["errors"][0]["message"] == "the process that worked on it ended unexpectedly"
    assert len(document["findings"]) == sum(n % 3 for n in range(20) if n not in (5, 6, 19))
    assert err.count("\n") == 3


def test_what_rules_print_harms_nothing(here: Path, capfd) -> None:
    fill(here, 6, d002="FROM scratch\nRUN print bad\n")
    status = main(["lint", "--format", "json", "--jobs", "2"])
    out, err = capfd.readouterr()
    assert status == 1
    assert len(json.loads(out)["findings"]) == 1 + 0 + 1 + 0 + 1 + 2
    assert "a rule that prints" in err


def test_standard_input_among_files(here: Path, capsys, monkeypatch) -> None:
    fill(here, 4)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"FROM scratch\nRUN : # bad\n")))
    paths = ["d001/Dockerfile", "-", "d002/Dockerfile", "d000/Dockerfile"]
    document = report(capsys, "--jobs", "2", *paths)[1]
    assert [each["path"] for each in document["findings"]] == ["d001/Dockerfile", "-", *["d002/Dockerfile"] * 2]


def test_files_that_cannot_be_read(here: Path, capsys) -> None:
    fill(here, 6)
    (here / "d003" / "Dockerfile").write_bytes(b"\x7fELF\0")
    status, document, _ = report(capsys, "--jobs", "2")
    assert status == 2
    assert document["errors"] == [{"path": "d003/Dockerfile", "message": "is a binary file"}]
    assert len(document["findings"]) == 1 + 2 + 1 + 2


def test_fixes_are_written_by_any_process(here: Path, capsys) -> None:
    fill(here, 12)
    assert main(["fix", "--jobs", "2", "--diff", "-q"]) == 1
    together = capsys.readouterr().out
    assert main(["fix", "--jobs", "1", "--diff", "-q"]) == 1
    assert capsys.readouterr().out == together
    assert main(["fix", "--jobs", "2"]) == 0
    assert "fixed 12 findings in 8 of 12 files" in capsys.readouterr().err
    assert all("bad" not in path.read_text() for path in here.glob("*/Dockerfile"))
    assert main(["fix", "--jobs", "2", "--check"]) == 0


def test_parse_in_several_processes(here: Path, capsys) -> None:
    fill(here, 12)
    assert main(["parse", "--jobs", "1"]) == 0
    one = capsys.readouterr().out
    assert len(one.splitlines()) == 12
    assert main(["parse", "--jobs", "2"]) == 0
    assert capsys.readouterr().out == one


@pytest.mark.parametrize(
    ("given", "files", "least", "most"),
    [
        (None, 1, 1, 1),
        (None, 50, 1, 1),
        (None, 51, 1, 2),
        ("0", 10, 1, 1),
        ("auto", 9, 1, 1),
        ("4", 2, 2, 2),
        ("3", 9, 3, 3),
    ],
)
def test_how_many(given: str | None, files: int, least: int, most: int) -> None:
    arguments = read(COMMANDS["lint"], [] if given is None else ["--jobs", given])
    assert least <= jobs_for(arguments, files) <= most


@pytest.mark.parametrize("given", ["-1", "x", "1.5", "99999", "", "²"])
def test_what_is_no_number_of_processes(given: str) -> None:
    with pytest.raises(UsageError, match="`--jobs` cannot be"):
        jobs_for(read(COMMANDS["lint"], [f"--jobs={given}"]), 9)


@pytest.mark.skipif(os.name == "nt", reason="there processes end without a word")
def test_an_interrupt_leaves_no_process_and_no_file(here: Path, tmp_path: Path) -> None:
    fill(here, 20, **{f"d{n:03d}": "FROM a\nRUN rm $X\n" for n in range(20)})
    for name in ("place", "started", "bin"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "shellcheck").write_text(SLOW)
    (tmp_path / "bin" / "shellcheck").chmod(0o755)
    started = tmp_path / "started"
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(tmp_path / "place"),
        "STARTED": str(started),
        "PYTHONPATH": ROOT,
    }
    # Whoever runs the tests in the background may have us ignore it.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from dfadvise.cli import main; raise SystemExit(main())\n"
    )
    words = [sys.executable, "-c", program, "lint", "--isolated", "--no-cache", "--jobs", "2", "."]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while len(list(started.iterdir())) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == 130
    assert list((tmp_path / "place").iterdir()) == []
    for each in started.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(each.name), 0)


def test_a_process_whose_results_nobody_takes_ends_without_a_word(here: Path) -> None:
    fill(here, 4)
    arguments = read(COMMANDS["lint"], ["--no-cache"])
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, _script()], **streams) as process:
        pickle.dump(([ROOT, *sys.path], True, None), process.stdin)
        pickle.dump((Linting, arguments), process.stdin)
        process.stdin.flush()
        assert pickle.load(process.stdout) == "ready"
        process.stdout.close()
        pickle.dump(list(find(["."])), process.stdin)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_what_is_kept_from_this_process_is_kept_from_all(here: Path, tmp_path: Path) -> None:
    fill(here, 4)
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "pickle.py").write_text(f"open({str(tmp_path / 'caught')!r}, 'w').close()\n")
    program = f"import sys; sys.path.insert(0, {ROOT!r}); from dfadvise.cli import main; raise SystemExit(main())"
    words = [sys.executable, "-I", "-c", program, "lint", "--no-cache", "--jobs", "2", "--format", "json"]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(trap)}, capture_output=True, timeout=60)
    assert done.stderr == b""
    assert len(json.loads(done.stdout)["findings"]) == 3
    assert not (tmp_path / "caught").exists()
