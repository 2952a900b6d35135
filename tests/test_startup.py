"""What is imported: start-up time held by a list of modules, which does not waver as milliseconds do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROBE = """
import sys
before = set(sys.modules)
from dfadvise.cli import main
status = main(sys.argv[1:])
sys.stdout.flush()
print("modules", status, *sorted(set(sys.modules) - before))
"""

# From the standard library, for linting one file as text. `re` and what it brings come with the binding of tree-sitter.
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
    # ShellCheck is another program, and starting one takes more of the library.
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
