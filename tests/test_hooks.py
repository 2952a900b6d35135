"""The pre-commit hooks: run as users run them, and on the same files as a walk over the directory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dfadvise.discovery import is_candidate, set_aside

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
BAD = "FROM python:3.12\nRUN pip install flask==3.1.0\nUSER nobody\n"
NAMES = (
    *("Dockerfile", "dockerfile", "Dockerfile.dev", "Dockerfile-dev", "web.Dockerfile", "web.dockerfile"),
    *("Containerfile", "Containerfile.dev", "web.containerfile", "deep/er/Dockerfile"),
)
OTHERS = {
    "Dockerfile.dockerignore": "*\n",
    "Dockerfile.j2": BAD + "{{ more }}\n",
    "Dockerfile.md": "# How the image is built\n\nSee below.\n",
    "notes.txt": BAD,
    "my-Dockerfile.py": "x = 1\n",
}
# What pip says when the registry cannot be reached; anything else is a failure of the hook.
OFFLINE = re.compile(
    "name resolution|Max retries|connection|No matching distribution found|timed out|Network is unreachable", re.I
)

pytestmark = pytest.mark.skipif(not MANIFEST.is_file(), reason="the sources are not here")


def hooks() -> dict[str, dict[str, str]]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}


def test_the_hooks_look_at_what_a_walk_looks_at():
    names = [*NAMES, *OTHERS, "Dockerfilex", "docker", "Dockerfile.bak", "Dockerfile.d/x", "a.containerfile.in"]
    for hook in hooks().values():
        for path in names:
            name = path.rpartition("/")[2]
            taken = bool(re.search(hook["files"], path)) and not re.search(hook["exclude"], path)
            # The command itself leaves out templates and backups that it is given.
            assert taken == is_candidate(name) or (taken and set_aside(name)), path


def test_both_hooks_exist_and_are_alike():
    lint, fix = hooks()["dfadvise"], hooks()["dfadvise-fix"]
    assert [(hook["language"], hook["types"]) for hook in (lint, fix)] == [("python", ["text"])] * 2
    assert (lint["files"], lint["exclude"]) == (fix["files"], fix["exclude"])


def test_the_hooks_run(tmp_path):
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))},
        **{f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "PRE_COMMIT_COLOR": "never",
    }

    def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)

    def commit(folder: Path) -> None:
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "All"]):
            done = run(git, *words, cwd=folder)
            assert done.returncode == 0, done.stderr

    # The hooks as they stand, whether they are committed or not.
    sources = tmp_path / "sources"
    listed = run(git, "ls-files", "-coz", "--exclude-standard", cwd=ROOT)
    if listed.returncode:
        pytest.skip("the sources are no git repository")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and name.startswith(
            ("dfadvise/", "rules/", ".pre-commit", "pyproject", "README", "LIC")
        ):
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, sources / name)
    commit(sources)

    scratch = tmp_path / "scratch"
    for name in NAMES:
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(BAD)
    for name, text in OTHERS.items():
        (scratch / name).write_text(text)
    commit(scratch)

    done = run(sys.executable, "-m", "pre_commit", "try-repo", str(sources), "--all-files", cwd=scratch)
    if "pip" in done.stdout and "install" in done.stdout and OFFLINE.search(done.stdout):
        pytest.skip("the hook's environment cannot be made offline: " + OFFLINE.search(done.stdout)[0])
    assert done.returncode == 1, done.stdout + done.stderr
    lint, _, fix = done.stdout.rpartition("dfadvise fix.")
    assert "hook id: dfadvise\n- exit code: 1" in lint
    assert "hook id: dfadvise-fix\n- files were modified by this hook" in fix
    for name in NAMES:
        assert f"{name}:2:5: warning[package-cache-left]" in lint
        assert (scratch / name).read_text() == BAD.replace("install", "install --no-cache-dir")
    for name, text in OTHERS.items():
        assert f"{name}:" not in lint
        assert (scratch / name).read_text() == text
