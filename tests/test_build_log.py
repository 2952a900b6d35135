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


def log_of(*steps):
    """A log with steps as (name, seconds); those without seconds came from the cache."""
    text = ""
    for number, (name, seconds) in enumerate(steps, 1):
        text += f"#{number} {name}\n#{number} {'CACHED' if seconds is None else f'DONE {seconds}s'}\n\n"
    return text


@pytest.fixture
def steps_of(tmp_path, monkeypatch, capsys):
    """The answers for a Dockerfile and a log, as JSON."""
    monkeypatch.chdir(tmp_path)

    def answer(dockerfile, log):
        Path("Dockerfile").write_text(dockerfile)
        Path("log").write_text(log)
        status, out, err = advise(capsys, "log", "--format", "json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return answer


def seconds_by_line(answers):
    return {step["line"]: step["seconds"] for step in answers["build"]["steps"]}


# An install of dependencies below a copy of the sources, beside another stage.
ORDER = (
    "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:22 AS tools\nCOPY src /src\n"
    "RUN make -C /src\nFROM node:22\nCOPY --from=build /app /app\nCOPY --from=tools /src /src\n"
)


@pytest.mark.parametrize(
    ("install", "make", "saved", "critical"),
    [("40.0", "10.0", 30.0, True), ("40.0", "1.0", 39.0, True), ("9.0", "10.0", 0.0, False)],
)
def test_a_better_order_saves_no_more_than_the_next_chain_leaves(
    tmp_path, steps_of, capsys, install, make, saved, critical
):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.js").write_text("run()\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "^4"}}\n')
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}\n')
    log = log_of(
        ("[build 1/4] FROM docker.io/library/node:22", "0.0"),
        ("[build 2/4] WORKDIR /app", "0.0"),
        ("[build 3/4] COPY . .", "0.0"),
        ("[build 4/4] RUN npm ci", install),
        ("[tools 2/3] COPY src /src", "0.0"),
        ("[tools 3/3] RUN make -C /src", make),
        ("[stage-2 2/3] COPY --from=build /app /app", "0.0"),
        ("[stage-2 3/3] COPY --from=tools /src /src", "0.0"),
    )
    answers = steps_of(ORDER, log)
    (found,) = (each for each in answers["savings"] if each["rule"] == "cache-order")
    assert found["seconds"] == pytest.approx(saved)
    assert found["critical"] is critical
    assert found["basis"] == "measured"
    text = advise(capsys, "log")[1]
    assert ("(measured)" if critical else "beside the critical path") in " ".join(text.partition("Savings")[2].split())


def test_texts_that_the_builder_writes_otherwise(steps_of):
    dockerfile = (
        "ARG V=1\nFROM debian:$V AS base\nONBUILD RUN echo trigger\nFROM base\nARG NAME\n"
        "RUN <<EOF\nmake all\nmake install\nEOF\nRUN echo '$NAME' \"${NAME:-x}\" && \\\n# no\n    true\n"
        'COPY "a file" /b/\nRUN echo same\nRUN echo same\n'
    )
    answers = steps_of(
        dockerfile,
        log_of(
            ("[base 1/1] FROM docker.io/library/debian:12@sha256:" + "a" * 64, "1.0"),
            ("[stage-1 1/6] ONBUILD RUN echo trigger", "2.0"),
            ("[stage-1 2/6] RUN <<EOF (make all...)", "3.0"),
            ("[stage-1 3/6] RUN echo '$NAME' \"some thing\" &&     true", "4.0"),
            ("[stage-1 4/6] COPY a file /b/", "5.0"),
            ("[stage-1 5/6] RUN echo same", "6.0"),
            ("[stage-1 6/6] RUN echo same", "7.0"),
        ),
    )
    assert seconds_by_line(answers) == {2: 1.0, 3: 2.0, 6: 3.0, 10: 4.0, 13: 5.0, 14: 6.0, 15: 7.0}
    assert answers["build"]["unmapped"] == []
    assert answers["build"]["critical_seconds"] == pytest.approx(28)


def test_several_platforms_are_told_by_the_slowest(steps_of):
    answers = steps_of(
        "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build\nFROM debian\nRUN apt\nCOPY --from=build /a /a\n",
        log_of(
            ("[linux/amd64 build 1/2] FROM docker.io/library/golang:latest", "0.5"),
            ("[linux/amd64 build 2/2] RUN go build", "3.0"),
            ("[linux/amd64->arm64 build 2/2] RUN go build", "4.0"),
            ("[linux/amd64 stage-1 1/3] FROM docker.io/library/debian:latest", "0.1"),
            ("[linux/amd64 stage-1 2/3] RUN apt", "1.0"),
            ("[linux/amd64 stage-1 3/3] COPY --from=build /a /a", "0.1"),
            ("[linux/arm64 stage-1 1/3] FROM docker.io/library/debian:latest", "0.2"),
            ("[linux/arm64 stage-1 2/3] RUN apt", "9.0"),
            ("[linux/arm64 stage-1 3/3] COPY --from=build /a /a", "0.3"),
        ),
    )
    assert seconds_by_line(answers) == {1: 0.5, 2: 4.0, 3: 0.2, 4: 9.0, 5: 0.3}
    assert answers["build"]["platforms"] == ["linux/arm64", "linux/amd64"]


def test_a_file_that_has_changed_since_keeps_what_is_still_in_it(steps_of):
    log = log_of(
        ("[1/5] FROM docker.io/library/debian:12", "1.0"),
        ("[2/5] COPY a b", "2.0"),
        ("[3/5] RUN make", "3.0"),
        ("[4/5] RUN make check", "4.0"),
        ("[5/5] RUN echo twice", "5.0"),
    )
    answers = steps_of("FROM debian:12\nRUN new\nCOPY a b\nRUN make\nRUN echo twice\nRUN echo twice\n", log)
    assert seconds_by_line(answers) == {1: 1.0, 2: None, 3: 2.0, 4: 3.0, 5: None, 6: None}
    assert [each["step"] for each in answers["build"]["unmapped"]] == ["[4/5] RUN make check", "[5/5] RUN echo twice"]
    # What is not known makes no number.
    assert next(each for each in answers["scenarios"] if each["name"] == "base")["seconds"] is None


def test_secrets_that_only_the_build_knew_are_not_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text("FROM debian:12\nCOPY a b\nRUN make\nRUN curl -u joe:$PASSWORD https://example.com\n")
    log = log_of(
        ("[1/4] FROM docker.io/library/debian:12", "1.0"),
        ("[2/4] COPY a b", "2.0"),
        ("[3/4] RUN make", "2.0"),
        ("[4/4] RUN curl -u joe:Hunter2Rabbit! https://ann:Zebra77Crossing@example.org", "3.0"),
        ("https://eve:Monkey55Wrench@example.net/a.tgz", "4.0"),
    )
    Path("log").write_text(log)
    for form in ("text", "json", "markdown", "html"):
        status, out, _ = advise(capsys, "log", "--format", form)
        assert status == 0
        assert "example.org" in out
        for secret in ("Hunter2Rabbit", "Zebra77Crossing", "Monkey55Wrench"):
            assert secret not in out, form


def test_two_builds_in_one_file_the_later_time_counts(steps_of):
    first = log_of(
        ("[internal] load build definition from Dockerfile", "0.0"),
        ("[1/3] FROM docker.io/library/debian:12", "1.0"),
        ("[2/3] RUN make", "2.0"),
        ("[3/3] RUN true", "3.0"),
    )
    second = log_of(
        ("[internal] load build definition from Dockerfile", "0.0"),
        ("[1/3] FROM docker.io/library/debian:12", "0.0"),
        ("[2/3] RUN make", None),
        ("[3/3] RUN true", "5.0"),
    )
    other = log_of(
        ("[internal] load build definition from Other", "0.0"), ("[1/1] FROM docker.io/library/redis", "7.0")
    )
    answers = steps_of("FROM debian:12\nRUN make\nRUN true\n", first + second + other)
    assert (answers["build"]["builds"], answers["build"]["other_builds"]) == (2, 1)
    assert seconds_by_line(answers) == {1: 0.0, 2: 2.0, 3: 5.0}
    assert [step["state"] for step in answers["build"]["steps"]] == ["done", "cached", "done"]


@pytest.mark.parametrize("total", [2001, 2002])
def test_many_lines_that_could_be_anything_take_no_longer_than_they_should(steps_of, total):
    from time import monotonic

    lines = "RUN $A$B$C$D$E$F x\n" * 2000
    steps = [("[1/1] FROM docker.io/library/debian:12", "0.0")] if total == 2002 else []
    steps += [(f"[{n}/{total}] RUN {'xaby ' * 200}x", "0.1") for n in range(2, 2002)]
    Path("Dockerfile").write_text(f"FROM debian:12\n{lines}")
    Path("log").write_text(log_of(*steps))
    start = monotonic()
    status = main(["advise", "--isolated", "--build-log", "log", "--format", "json", "Dockerfile"])
    # Where the number of steps is another one, no line can be told from the next.
    assert status == (0 if total == 2001 else 2)
    assert monotonic() - start < 30
