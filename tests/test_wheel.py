"""The wheel: what is in it, and that it works where nothing but the wheel is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*words: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "GITHUB_ACTIONS")}
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env={**kept, **environment}, capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the checkout, built offline with the installed build tools."""
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("the sources are not here")
    pytest.importorskip("build", reason="the `build` package is not installed")
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    target = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, ROOT, cwd=target)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = target.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel, and the dependencies of this one, but not the checkout."""
    folder = tmp_path_factory.mktemp("venv")
    done = run(sys.executable, "-m", "venv", "--without-pip", folder / "v", cwd=folder)
    if done.returncode != 0:
        pytest.skip(f"no virtual environment to be had: {done.stderr.strip().splitlines()[-1:]}")
    scripts = folder / "v" / ("Scripts" if os.name == "nt" else "bin")
    program = scripts / "python"
    libraries = run(program, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(libraries)
    # The tree-sitter bindings and the other dependencies are those of this environment, without its own dfadvise.
    for name in ("tree_sitter", "tree_sitter_bash"):
        module = __import__(name)
        os.symlink(os.path.dirname(module.__file__), os.path.join(libraries, name))
    return program


def test_the_top_level_is_the_package_and_its_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dfadvise"}
    assert len(tops) == 2


def test_rules_and_types_are_in_it_and_nothing_else_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "dfadvise/rules/packages/apt_command.py" in names
    assert "dfadvise/py.typed" in names
    assert "dfadvise/__main__.py" in names
    folder = "dfadvise/report/templates/"
    pages = {f"{folder}{each.name}" for each in (ROOT / folder).iterdir() if each.is_file()}
    assert f"{folder}style.css" in pages
    assert pages <= names
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dfadvise").rglob("*.py")}
    assert sources <= names
    rules = {f"dfadvise/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "rules").glob("*/[!_]*.py")}
    assert rules <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert not {path.name for path in (ROOT / "tests").iterdir()} & {name.rpartition("/")[2] for name in names}


def test_the_metadata(wheel: Path) -> None:
    from dfadvise import __version__

    with zipfile.ZipFile(wheel) as archive:
        folder = next(name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name)
        metadata = archive.read(f"{folder}/METADATA").decode()
        entry_points = archive.read(f"{folder}/entry_points.txt").decode()
        names = archive.namelist()
    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "dfadvise = dfadvise.cli:main" in entry_points
    assert f"{folder}/licenses/LICENSE" in names


@pytest.mark.skipif(os.name == "nt", reason="links to the dependencies")
def test_the_installed_program_finds_its_rules(python: Path, tmp_path: Path) -> None:
    done = run(python, "-m", "dfadvise", "rules", "--isolated", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rules = json.loads(done.stdout)["rules"]
    assert "apt-command" in [rule["id"] for rule in rules]
    assert {rule["pack"] for rule in rules} == {"default"}
    # It is the wheel that answers.
    where = run(python, "-c", "import dfadvise.packs as p; print(p.default_pack_path())", cwd=tmp_path).stdout.strip()
    assert os.path.basename(os.path.dirname(where)) == "dfadvise"
    assert not where.startswith(str(ROOT) + os.sep + "rules")


@pytest.mark.skipif(os.name == "nt", reason="links to the dependencies")
def test_the_installed_program_lints_and_fixes(python: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN apt list\nRUN apt update\n")
    words = (python, "-m", "dfadvise", "fix", "--isolated", "--select", "apt-command")
    done = run(*words, cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "Dockerfile").read_text() == "FROM debian:12\nRUN apt list\nRUN apt-get update\n"
