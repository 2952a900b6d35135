"""`dfadvise advise`: layers, scenarios, savings, the proposal, and what-if bases."""

import json

import pytest

from dfadvise.advice import Advice
from dfadvise.cli import main
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

SEED = """\
FROM node:18
WORKDIR /app
COPY . .
RUN apt-get update
RUN apt-get install -y git
RUN rm -rf /var/lib/apt/lists/*
RUN npm ci
RUN npm run build && rm .npmrc
RUN chown -R node:node /app
CMD ["node", "dist/index.js"]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.js").write_text("run()\n" * 1000)
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1.0.0"}\n')
    (tmp_path / "package-lock.json").write_text('{"name": "x", "lockfileVersion": 3, "packages": {}}\n')
    (tmp_path / ".npmrc").write_text("//registry.npmjs.org/:_authToken=abcdefghijklmnop\n")
    (tmp_path / ".dockerignore").write_text(".git\nDockerfile\n.dockerignore\n")
    (tmp_path / "Dockerfile").write_text(SEED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def advise(capsys, *options):
    status = main(["advise", "--isolated", *options, "Dockerfile"])
    return status, capsys.readouterr().out


def test_json(project, capsys):
    status, out = advise(capsys, "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert found["version"] == 1
    assert [layer["line"] for layer in found["layers"]] == [2, 3, 4, 5, 6, 7, 8, 9]
    copied = found["layers"][1]
    assert copied["basis"] == "context"
    assert copied["bytes"] == sum(
        path.stat().st_size for path in project.rglob("*") if path.is_file() and path.name not in IGNORED
    )
    assert "source" in copied["reruns_on"]
    scenarios = {each["name"]: each["reruns"] for each in found["scenarios"]}
    assert scenarios["source"] == [3, 4, 5, 6, 7, 8, 9]
    rules = [each["rule"] for each in found["savings"]]
    for rule in (
        "oversized-base-image",
        "late-cleanup",
        "cache-order",
        "secret-copied-then-deleted",
        "duplicated-tree",
    ):
        assert rule in rules
    sizes = [each["bytes"] or 0 for each in found["savings"]]
    assert sizes == sorted(sizes, reverse=True)
    assert found["proposed"].startswith("FROM node:18-slim\n")


IGNORED = ("Dockerfile", ".dockerignore")


def test_text_names_everything(project, capsys):
    status, out = advise(capsys)
    assert status == 0
    for part in ("Layers", "What runs again", "Savings", "COPY . .", "efficiency"):
        assert part in out
    assert "\x1b" not in out


def test_markdown(project, capsys):
    _, out = advise(capsys, "--format", "markdown")
    assert out.startswith("## Advice for `Dockerfile`")
    assert "### Proposed" in out


def test_diff_applies(project, capsys):
    import subprocess

    _, out = advise(capsys, "--diff")
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "apply", "-"], input=out.encode(), check=True)
    assert (project / "Dockerfile").read_text() != SEED


def test_a_file_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(SEED)
    status, out = advise(capsys, "--format", "json")
    found = json.loads(out)
    assert status == 0
    # Its folder is the guessed context, and holds nothing else.
    assert found["layers"][1]["bytes"] == len(SEED)


@pytest.mark.parametrize("text", ["", "# nothing\n", "FROM scratch\n", "RUN x\n", "FROM a\nRUN <<EOF\n", "\x00\x01"])
def test_odd_files(tmp_path, monkeypatch, capsys, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(text)
    status = main(["advise", "--isolated", "Dockerfile"])
    captured = capsys.readouterr()
    assert status == (2 if "\x00" in text else 0)
    assert "Traceback" not in captured.err


def test_weights_come_from_the_history(project, capsys):
    import subprocess

    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    (project / "src" / "index.js").write_text("x\n")
    git("commit", "-qam", "two")
    _, out = advise(capsys, "--format", "json")
    shares = {each["name"]: each["share"] for each in json.loads(out)["scenarios"]}
    assert shares["source"] == 1.0
    assert shares["manifest"] == 0.5


@pytest.mark.parametrize(("kind", "lines"), [("alpine", [4, 5]), ("slim", []), ("distroless", [])])
def test_what_if(tmp_path, monkeypatch, capsys, kind, lines):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(SEED)
    status, out = advise(capsys, "--base", kind)
    assert status == 0
    for line in lines:
        assert f"  {line}  RUN apt-get" in out
    if not lines and kind == "slim":
        assert "nothing is known to break" in out


def test_what_if_distroless(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nCOPY app.py /\nRUN true\nUSER app\nCMD python app.py\n")
    _, out = advise(capsys, "--base", "distroless")
    assert "3 lines would break" in out


def test_bytes_of_caches_that_are_cleaned_too_late_are_stored_and_hidden():
    text = "FROM debian:13\nRUN apt-get update\nRUN apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n"
    late = Advice(Dockerfile(Source(text)), ())
    assert late.hidden == late.stored > 1_000_000
    assert late.efficiency == 0
    kept = Advice(Dockerfile(Source(text.rpartition("RUN")[0])), ())
    assert (kept.stored, kept.hidden) == (late.stored, 0)
