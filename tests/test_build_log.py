"""`advise --build-log`: the log of a real build beside its Dockerfile, and logs that are none."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dfadvise.cli import main

DATA = Path(__file__).parent / "data" / "buildlog"


@pytest.fixture
def build(tmp_path, monkeypatch):
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def advise(capsys, log, *options):
    capsys.readouterr()
    status = main(["advise", "--isolated", "--build-log", str(log), *options, "Dockerfile"])
    return status, *capsys.readouterr()


def scenarios(capsys, log):
    status, out, err = advise(capsys, log, "--format", "json")
    assert (status, err) == (0, "")
    return {each["name"]: each for each in json.loads(out)["scenarios"]}


def test_every_step_has_its_time_at_its_line(build, capsys):
    text = advise(capsys, "cold.log")[1]
    lines = [line for line in text.partition("The build by its log")[2].splitlines() if line[:4].strip().isdigit()]
    for number, seconds, place in (("5", "1.1", "on it"), ("11", "2.1", "2.4 s to spare"), ("15", "3.1", "on it")):
        found = next(line for line in lines if line.split()[0] == number)
        assert seconds in found.split()
        assert found.rstrip().endswith(place)
    assert "Critical path: 6.6 s through lines 5, 15, 16, 22." in text
    assert "to make it faster saves nothing" in text


def test_what_runs_again_takes_the_longest_chain_and_not_the_sum(build, capsys):
    found = scenarios(capsys, "cold.log")
    # Lines 15 and 16, then perhaps 22; line 11 runs beside them.
    assert found["source"]["seconds"] == pytest.approx(4.5)
    assert found["source"]["most_seconds"] == pytest.approx(5.5)
    assert found["source"]["basis"] == "measured"
    assert found["argument"]["seconds"] == pytest.approx(5.6)
    assert found["manifest"]["seconds"] is None


def test_the_two_forms_of_a_log_say_the_same(build, capsys):
    plain, raw = scenarios(capsys, "cold.log"), scenarios(capsys, "both.rawjson")
    for name in plain:
        assert plain[name]["reruns"] == raw[name]["reruns"]
    # Two builds on a busier machine.
    assert raw["source"]["seconds"] == pytest.approx(4.289)


def test_a_step_from_the_cache_has_no_time(build, capsys):
    text = advise(capsys, "warm.log")[1]
    assert "The log has no step that took time." in text
    assert all(each["seconds"] is None for each in scenarios(capsys, "warm.log").values())


def dressed(text, how):
    if how == "GitHub Actions":
        return "\n".join(f"2026-11-24T08:00:00.0000000Z {line}" for line in text.splitlines())
    if how == "GitHub's client":
        return "\n".join(f"build\tBuild image\t2026-11-24T08:00:00.0000000Z {line}" for line in text.splitlines())
    if how == "colours":
        return "\n".join(f"\x1b[34m{line}\x1b[0m" for line in text.splitlines())
    if how == "Windows":
        return text.replace("\n", "\r\n")
    if how == "compose":
        return (
            text.replace(" [stage-3 ", " [web stage-3 ")
            .replace(" [base ", " [web base ")
            .replace(" [build ", " [web build ")
            .replace(" [tools ", " [web tools ")
        )
    if how == "a platform":
        return (
            text.replace(" [base ", " [linux/amd64 base ")
            .replace(" [build ", " [linux/amd64 build ")
            .replace(" [tools ", " [linux/amd64 tools ")
            .replace(" [stage-3 ", " [linux/amd64 stage-3 ")
        )
    return text


@pytest.mark.parametrize("how", ["GitHub Actions", "GitHub's client", "colours", "Windows", "compose", "a platform"])
def test_a_log_may_be_dressed_by_who_kept_it(build, capsys, how):
    Path("other.log").write_bytes(dressed(Path("cold.log").read_text(), how).encode())
    assert scenarios(capsys, "other.log") == scenarios(capsys, "cold.log")


def test_a_log_comes_through_a_pipe(build):
    command = [sys.executable, "-m", "dfadvise", "advise", "--isolated", "--build-log", "-", "Dockerfile"]
    done = subprocess.run(command, input=Path("cold.log").read_bytes(), capture_output=True, timeout=60)
    assert b"Critical path: 6.6 s" in done.stdout


def test_a_log_that_ends_early_tells_what_it_has(build, capsys):
    text = Path("cold.log").read_text()
    Path("cut.log").write_text(text[: text.index("#10 [build 3/3]") + 40])
    status, out, _ = advise(capsys, "cut.log")
    assert status == 0
    assert "Critical path: 4.2 s through lines 5, 15." in out


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"hello\n" * 1000, "has no step of a build by BuildKit"),
        (b"\x00\xff" * 5000, "has no step of a build by BuildKit"),
        (b"{" * 100_000, "has no step of a build by BuildKit"),
        (b"#1 [2/3] RUN other\n#1 DONE 1.0s\n#2 [3/3] RUN things\n#2 DONE 2.0s\n", "is not of Dockerfile"),
    ],
)
def test_what_is_no_log_of_the_file_is_one_line(build, capsys, log, message):
    if log is not None:
        Path("odd.log").write_bytes(log)
    status, out, err = advise(capsys, "odd.log")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err


def test_a_long_log_takes_little_memory(build, capsys):
    text = Path("cold.log").read_text()
    head, tail = text.split("#14 0.040 line 1\n")
    Path("long.log").write_text(head + "".join(f"#14 0.1 line {n} {'x' * 200}\n" for n in range(50_000)) + tail)
    assert scenarios(capsys, "long.log") == scenarios(capsys, "cold.log")


def test_a_download_counts_for_the_line_that_waits_for_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text("FROM debian:12\nADD https://example.com/a.tgz /a\nRUN make\n")
    Path("log").write_text(
        "#1 [1/3] FROM docker.io/library/debian:12\n#1 DONE 1.0s\n#2 https://example.com/a.tgz\n#2 DONE 3.0s\n"
        "#3 [2/3] ADD https://example.com/a.tgz /a\n#3 DONE 0.5s\n#4 [3/3] RUN make\n#4 DONE 2.0s\n"
    )
    text = advise(capsys, "log")[1]
    assert "Critical path: 5.5 s through lines 2, 3, behind https://example.com/a.tgz." in text
    assert "the builder itself took" not in text
