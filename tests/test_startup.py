"""What is imported: start-up time held by a list of modules, which does not waver as milliseconds do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dfadvise

PROBE = """
import sys
before = set(sys.modules)
from dfadvise.cli import main
status = main(sys.argv[1:])
sys.stdout.flush()
print("modules", status, *sorted(set(sys.modules) - before))
"""

# From the standard library, for linting one file as text. `re` and what it brings come with the binding of tree-sitter,
# which is loaded for scripts that are more than plain commands.
ALLOWED = frozenset(
    (
        *("__future__", "_bisect", "bisect", "gc", "importlib", "importlib._bootstrap"),
        *("importlib._bootstrap_external", "importlib.machinery", "warnings", "errno", "time", "posixpath", "ntpath"),
        *("_blake2", "_collections", "_functools", "_operator", "_sre"),
        *("collections", "collections.abc", "copyreg", "enum"),
        *("functools", "itertools", "keyword", "operator", "re", "re._casefix", "re._compiler", "re._constants"),
        *("re._parser", "reprlib", "sre_compile", "sre_constants", "sre_parse", "types"),
    )
)
OURS = ("dfadvise.", "dfadvise_rules_")
BINDINGS = frozenset(("tree_sitter._binding", "tree_sitter_bash._binding"))
# Loaded only when something asks for them.
LAZY = (
    *("dfadvise.testing", "dfadvise.docs", "dfadvise.fixing", "dfadvise.writing", "dfadvise.commands.usage"),
    *("dfadvise.commands.fix", "dfadvise.commands.patch", "dfadvise.commands.worker", "dfadvise.report.json"),
    *("dfadvise.report.sarif", "dfadvise.syntax.parser"),
)


ROOT = os.path.dirname(os.path.dirname(os.path.abspath(dfadvise.__file__)))


def run(*words: str, cwd: Path, **given: object) -> subprocess.CompletedProcess[str]:
    """Run Python with the package at hand."""
    environment = {**os.environ, "PYTHONPATH": ROOT}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
    return subprocess.run([sys.executable, *words], cwd=cwd, env=environment, text=True, timeout=60, **streams)


def loaded(*words: str, cwd: Path) -> tuple[int, set[str]]:
    """The exit status of a command line, and the modules that it loaded."""
    # Where no bytecode may be kept, no index of the rules is, and each start reads them all.
    dropped = ("GITHUB_ACTIONS", "PYTHONDONTWRITEBYTECODE")
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "modules"
    return int(last[1]), set(last[2:])


def test_the_version_loads_the_entry_point_alone(tmp_path: Path) -> None:
    assert loaded("--version", cwd=tmp_path) == (0, {"__future__", "dfadvise", "dfadvise.cli"})


def test_linting_one_file_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    text = "FROM debian:12 AS build\nARG V=1\nENV A=$V\nRUN apt-get update && apt-get install -y curl\nUSER app\n"
    (tmp_path / "Dockerfile").write_text(text)
    # ShellCheck is there on some machines and not on others.
    status, modules = loaded("lint", "Dockerfile", "--ignore", "shellcheck-finding", "--fail-on", "never", cwd=tmp_path)
    assert status == 0
    foreign = {name for name in modules - BINDINGS - ALLOWED if not f"{name}.".startswith(OURS)}
    assert foreign == set()
    assert modules.isdisjoint(LAZY)
    # Nor the grammar, which takes longer to load than such a file to lint: what RUN holds are plain commands.
    assert modules.isdisjoint((*BINDINGS, "re", "enum"))


def test_a_file_that_copies_needs_no_more_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY . /app\nCMD ["/app"]\n')
    (tmp_path / ".dockerignore").write_text("**/*.py[cod]\n!x?\n")
    words = ("lint", "Dockerfile", "--ignore", "shellcheck-finding", "--fail-on", "never")
    modules = loaded(*words, cwd=tmp_path)[1]
    assert {name for name in modules - BINDINGS - ALLOWED if not f"{name}.".startswith(OURS)} == set()


def test_a_file_that_was_linted_before_loads_neither_rules_nor_the_grammar(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN apt-get install -y curl\nCOPY a /\n")
    words = ("lint", "Dockerfile", "--fail-on", "never")
    assert "dfadvise.engine" in loaded(*words, cwd=tmp_path)[1]
    for form in ("text", "json", "github"):
        modules = loaded(*words, "--format", form, cwd=tmp_path)[1]
        assert modules.isdisjoint(("re", "enum", "json", "tree_sitter._binding", "dfadvise.shell", "dfadvise.engine"))
        assert not any(name.startswith(("dfadvise_rules_", "dfadvise.stages", "dfadvise.syntax")) for name in modules)


def test_a_configuration_costs_the_reader_of_toml_only_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nENV A=b\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    words = ("lint", "Dockerfile", "--fail-on", "never")
    assert not {"tomllib", "tomli"} & loaded(*words, cwd=tmp_path)[1]
    (tmp_path / "pyproject.toml").write_text("[tool.dfadvise]\nignore = ['style']\n")
    assert {"tomllib", "tomli"} & loaded(*words, cwd=tmp_path)[1]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("words", [("--version",), ("--help",), ("help", "lint"), ("lint", "Dockerfile")])
def test_output_that_cannot_be_written_is_one_line_and_a_status(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    with open("/dev/full", "w") as full:
        done = run("-m", "dfadvise", *words, cwd=tmp_path, stdout=full)
    assert done.stderr == "dfadvise: standard output cannot be written: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
@pytest.mark.parametrize("flag", ["-u", "-B"])
def test_a_slow_reader_of_a_pipe_that_does_not_wait_gets_it_all(tmp_path: Path, flag: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n" + "MAINTAINER somebody\n" * 2000)
    words = ("-m", "dfadvise", "lint", "--isolated", "--format", "json", "--fail-on", "never", "Dockerfile")
    whole = run(*words, cwd=tmp_path).stdout
    assert len(whole) > 200_000
    read, write = os.pipe()
    os.set_blocking(write, False)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    environment["PYTHONPATH"] = ROOT
    process = subprocess.Popen([sys.executable, flag, *words], cwd=tmp_path, env=environment, stdout=write)
    os.close(write)
    with open(read, encoding="utf-8") as stream:
        # The pipe is full by then.
        time.sleep(1)
        assert stream.read() == whole
    assert process.wait(30) == 0


def test_who_looks_on_or_waits_for_the_end_gets_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    words = ("lint", "--isolated", "--fail-on", "never", "Dockerfile")
    assert run("-m", "cProfile", "-o", "profile", "-m", "dfadvise", *words, cwd=tmp_path).returncode == 0
    assert (tmp_path / "profile").is_file()
    program = (
        "import atexit; atexit.register(print, 'the end'); from dfadvise.cli import main; raise SystemExit(main())"
    )
    done = run("-c", program, *words, cwd=tmp_path)
    assert done.stdout.endswith("the end\n")
    assert done.returncode == 0
    # Else nothing is taken down.
    noisy = "class Noisy:\n    def __del__(self): print('taken down')\nnoisy = Noisy()\n"
    program = f"{noisy}from dfadvise.cli import main\nraise SystemExit(main())\n"
    assert "taken down" not in run("-c", program, *words, cwd=tmp_path).stdout


@pytest.mark.parametrize("where", ["load", "keep"])
def test_interrupted_at_any_time_there_is_no_trace(tmp_path: Path, where: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    interrupted = "preload.load" if where == "load" else "preloadwriter.write"
    program = (
        "from dfadvise import preload, preloadwriter\n"
        "def interrupt(*_): raise KeyboardInterrupt\n"
        f"{interrupted} = interrupt; preload._missed.add('start')\n"
        "import sys; sys.dont_write_bytecode = False\n"
        "from dfadvise.cli import main; raise SystemExit(main())\n"
    )
    done = run("-c", program, "lint", "--isolated", "--fail-on", "never", "Dockerfile", cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == (130 if where == "load" else 0)
