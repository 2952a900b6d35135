"""Results of earlier runs: the same answer as without them, and none when anything has changed."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dfadvise import shellcheck
from dfadvise.cli import main
from dfadvise.resultcache import prune

TEXT = """\
FROM node:22
WORKDIR /app
COPY . .
RUN npm install && apt-get update && apt-get install -y curl
ARG NAME
COPY $NAME /etc/
RUN echo $unset
CMD node index.js
"""


@pytest.fixture
def project(tmp_path, monkeypatch, cache):
    """A project with a Dockerfile, its context and a rule of its own."""
    files = {
        "Dockerfile": TEXT,
        "package.json": "{}",
        "index.js": "",
        "rules/own.py": """
from dfadvise.rule import Rule


class Own(Rule):
    "Our own."

    on = ("FROM",)

    def check(self, node):
        yield self.finding(node.span, "ours")
""",
        "dfadvise.toml": 'rule-packs = ["rules"]\n',
        ".git/HEAD": "ref: refs/heads/main\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def answer(capsys):
    def run(*options, format="json"):
        capsys.readouterr()
        if "--isolated" not in options:
            options += ("--config", "dfadvise.toml")  # which may name packs
        status = main(["lint", "--select", "all", "--format", format, "--fail-on", "never", *options, "Dockerfile"])
        return status, *capsys.readouterr()

    return run


def entries(cache):
    return sorted(path for path in Path(cache).rglob("*") if path.is_file())


@pytest.mark.parametrize("format", ["json", "text", "sarif", "github", "markdown", "junit"])
def test_the_answer_is_the_same(project, cache, answer, format):
    fresh = answer("--no-cache", format=format)
    assert entries(cache) == []
    assert answer(format=format) == fresh
    assert len(entries(cache)) == 1
    assert answer(format=format) == fresh
    assert len(entries(cache)) == 1


def rewrite(path, text):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    # A clock may be too coarse to tell two writes apart.
    later = time.time() + 5
    os.utime(path, (later, later))


CHANGES = {
    "the Dockerfile": lambda: rewrite("Dockerfile", TEXT.replace("npm install", "npm ci")),
    "an ignore file": lambda: rewrite(".dockerignore", "node_modules\n*.json\n"),
    "the ignore file's text": lambda: rewrite(".dockerignore", "*\n"),
    "an ignore file beside the Dockerfile": lambda: rewrite("Dockerfile.dockerignore", "index.js\n"),
    "a manifest": lambda: rewrite("package.json", '{"dependencies": {"express": "4"}, "workspaces": ["a"]}'),
    "a lock file": lambda: rewrite("package-lock.json", "{}"),
    "a source that goes": lambda: Path("index.js").unlink(),
    "a folder of junk": lambda: rewrite("node_modules/x/index.js", "x" * 5000),
    "a secret": lambda: rewrite(".env", "PASSWORD=abcdefgh12345678\n"),
    "the configuration": lambda: rewrite(
        "dfadvise.toml", 'rule-packs = ["rules"]\n[severity]\nmissing-healthcheck = "error"\n'
    ),
    "a rule's severity": lambda: rewrite("dfadvise.toml", 'rule-packs = ["rules"]\n[severity]\nown = "error"\n'),
    "a rule's file": lambda: rewrite("rules/own.py", Path("rules/own.py").read_text().replace("ours", "still ours")),
    "a rule more": lambda: rewrite(
        "rules/more.py", Path("rules/own.py").read_text().replace("Own", "More").replace("ours", "more")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(project, change):
    def answer(*options):
        words = ("lint", "--select", "all", "--format", "json", "--fail-on", "never", "--config", "dfadvise.toml")
        command = [sys.executable, "-m", "dfadvise", *words, *options, "Dockerfile"]
        return subprocess.run(command, capture_output=True, timeout=60).stdout

    if change == "the ignore file's text":
        rewrite(".dockerignore", "node_modules\n")
    before = answer("--context", ".")
    guessed = answer()
    CHANGES[change]()
    assert answer("--context", ".") == answer("--context", ".", "--no-cache")
    assert answer() == answer("--no-cache")
    if change not in ("a manifest", "a folder of junk", "a source that goes", "a lock file"):
        assert (answer("--context", "."), answer()) != (before, guessed)


def test_options_of_the_command_line_count(project, answer, monkeypatch):
    seen = [answer()[1]]
    for options in (["--target", "x"], ["--build-arg", "NAME=package.json"], ["--ignore", "cache"], ["--isolated"]):
        assert answer(*options) == answer(*options, "--no-cache")
        seen.append(answer(*options)[1])
    monkeypatch.setenv("NAME", "one")
    assert answer("--build-arg", "NAME") == answer("--build-arg", "NAME", "--no-cache")
    monkeypatch.setenv("NAME", "index.js")
    assert answer("--build-arg", "NAME") == answer("--build-arg", "NAME", "--no-cache")
    assert len(set(seen)) > 2


def test_a_baseline_counts(project, answer):
    before = json.loads(answer()[1])["findings"]
    assert main(["lint", "--select", "all", "--write-baseline", "--baseline", "b.json", "Dockerfile"]) == 0
    assert before
    assert json.loads(answer("--baseline", "b.json")[1])["findings"] == []
    assert json.loads(answer()[1])["findings"] == before


def test_a_day_counts(project, answer, monkeypatch):
    rewrite("Dockerfile", "FROM debian:13\n")
    today = answer()
    real = time.strftime
    monkeypatch.setattr(time, "strftime", lambda form, *rest: "2040-01-01" if form == "%Y-%m-%d" else real(form, *rest))
    later = answer()
    assert "out of support" in later[1]
    assert later != today


def test_shellcheck_counts(project, answer, monkeypatch):
    monkeypatch.setattr(shellcheck, "_looked", True)
    monkeypatch.setattr(shellcheck, "_found", None)
    without = answer()
    monkeypatch.setattr(shellcheck, "_looked", False)
    if shellcheck.program() is None:
        pytest.skip("no shellcheck here")
    assert "SC2154" in answer()[1]
    monkeypatch.setattr(shellcheck, "_looked", True)
    monkeypatch.setattr(shellcheck, "_found", None)
    assert answer() == without


def test_a_rule_that_looks_around_is_asked_every_time(project, cache, answer):
    rewrite(
        "rules/own.py",
        Path("rules/own.py")
        .read_text()
        .replace("yield", "import os\n        if os.path.exists('mark'):\n            yield"),
    )
    assert '"own"' not in answer()[1]
    rewrite("mark", "")
    assert '"own"' in answer()[1]
    assert entries(cache) == []


def test_standard_input_is_not_kept(project, cache, capsys, monkeypatch):
    import io

    for text in ("FROM a\n", "FROM b\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        main(["lint", "--fail-on", "never", "-"])
    assert entries(cache) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"\nfinding",
        lambda data: data.replace(b"finding", b"removed", 1),
        lambda data: b"\x80\x04cos\nsystem\n(S'touch marked'\ntR.",
        lambda data: b"\xff" * 2_000_000,
        lambda data: data.split(b"\n")[0],
    ],
)
def test_an_entry_that_is_not_whole_is_passed_over(project, cache, answer, spoil):
    fresh = answer()
    (entry,) = entries(cache)
    entry.write_bytes(spoil(entry.read_bytes()))
    assert answer() == fresh
    assert not Path("marked").exists()


def test_an_entry_of_another_file_is_passed_over(project, cache, answer):
    answer()
    (entry,) = entries(cache)
    rewrite("Dockerfile", 'FROM scratch\nCMD ["/x"]\n')
    fresh = answer()
    other = next(path for path in entries(cache) if path != entry)
    other.write_bytes(entry.read_bytes())
    assert answer() == fresh


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_reads_or_writes_it(project, cache, answer):
    answer()
    for path in (cache / "results").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077
    assert not stat.S_IMODE((cache / "results").stat().st_mode) & 0o077
    (cache / "results").chmod(0o777)
    before = entries(cache)
    rewrite("Dockerfile", "FROM scratch\n")
    assert answer() == answer("--no-cache")
    assert entries(cache) == before


def test_a_folder_that_cannot_be_made_is_no_error(project, answer, monkeypatch, tmp_path):
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("DFADVISE_CACHE_DIR", str(tmp_path / "taken"))
    assert answer() == answer("--no-cache")


def test_no_secret_is_kept(project, cache, answer):
    value = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    rewrite(
        "Dockerfile", f"FROM debian:13\nENV TOKEN={value}\nRUN curl -H 'Authorization: Bearer {value}' https://x.y\n"
    )
    assert answer() == answer()
    assert entries(cache)
    assert not any(value.encode() in entry.read_bytes() for entry in entries(cache))


def test_the_oldest_go_when_there_is_no_room(tmp_path):
    for number in range(40):
        path = tmp_path / f"{number:02}"
        path.write_bytes(b"x" * 4096)
        os.utime(path, (number, number))
    prune(str(tmp_path), room=20 * 4096)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{number:02}" for number in range(25, 40)]


def test_two_runs_at_once_leave_whole_entries(project, cache, answer):
    for number in range(12):
        rewrite(f"Dockerfile.{number}", TEXT + f"LABEL a={number}\n")
    command = [sys.executable, "-m", "dfadvise", "lint", "--format", "json", "--fail-on", "never", "."]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    outputs = {process.communicate(timeout=120) for process in running}
    assert len(outputs) == 1
    again = subprocess.run(command, capture_output=True, timeout=120)
    assert outputs == {(again.stdout, again.stderr)}
