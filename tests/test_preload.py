"""Groups of modules: written by a run that had to do without, void when a source changes, and never in the way."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dfadvise
from dfadvise import lazyrules, preload
from dfadvise.packs import default_pack_path, load_pack

PROBE = """
import os, sys
sys.path.insert(0, sys.argv.pop(1))
from dfadvise import lazyrules, preload, preloadwriter
run = preload._run
def noted(name, file, code):
    print("preloaded", name)
    run(name, file, code)
preload._run = noted
make = preload._Loader
def served(name, file, code):
    print("served", name)
    return make(name, file, code)
preload._Loader = served
def edit_behind(function, name):
    def reading(asked):
        code = function(asked)
        if asked.endswith(name):
            edited = os.environ["EDITED"]
            with open(edited, "a") as file:
                file.write("\\nprint('Dockerfile: [changed]')\\n")
        return code
    return reading
if os.environ.get("EDITED", "").endswith("plain.py"):
    preloadwriter._code_of = edit_behind(preloadwriter._code_of, ".shells.plain")
elif "EDITED" in os.environ:
    lazyrules.code_of = edit_behind(lazyrules.code_of, os.environ["EDITED"])
import dfadvise.cli
leave = dfadvise.cli._leave
def leaving(status):
    for name in [name for name in sys.modules if name.startswith("dfadvise.")]:
        print("loaded", name)
    leave(status)
dfadvise.cli._leave = leaving
dfadvise.cli.main()
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__", "rules")
    shutil.copytree(Path(dfadvise.__file__).parent, root / "dfadvise", ignore=ignore)
    shutil.copytree(default_pack_path(), root / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "Dockerfile").write_text("FROM debian:12\nRUN apt-get install curl\n")
    return root


@pytest.fixture
def package(copied: Path) -> Path:
    """A copy of the package that has no groups yet."""
    for group in groups(copied):
        group.unlink()
    return copied


def groups(root: Path) -> list[Path]:
    return sorted((root / "dfadvise" / "__pycache__").glob("group-*"))


def lint(root: Path, **environment: str) -> tuple[list[str], set[str]]:
    """The findings' rules, and the modules that came from a group."""
    found, told = probe(root, **environment)
    return found, told["preloaded"]


def probe(root: Path, **environment: str) -> tuple[list[str], dict[str, set[str]]]:
    """The findings' rules, and the modules that came from a group, from the other file, and from Python."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE",)}
    words = ["lint", "--isolated", "--no-cache", "--fail-on", "never", "--ignore", "shellcheck-finding", "Dockerfile"]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(root), *words],
        cwd=root,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    found = [line.partition("[")[2].partition("]")[0] for line in lines if line.startswith("Dockerfile:")]
    kinds = ("preloaded", "served", "loaded")
    return found, {kind: {line.split()[1] for line in lines if line.startswith(f"{kind} ")} for kind in kinds}


def test_a_run_writes_the_groups_and_the_next_one_uses_them(package: Path) -> None:
    found, preloaded = lint(package)
    assert "recommended-packages" in found
    assert preloaded == set()
    # The others are left for a second run: many installs lint only once.
    assert len(groups(package)) == len(preload.GROUPS)
    again, preloaded = lint(package)
    assert len(groups(package)) == len(preload.GROUPS) + 1
    assert again == found
    assert {"dfadvise.runner", "dfadvise.engine", "dfadvise.shells.reader"} <= preloaded
    # Names that stand under `if TYPE_CHECKING:` bring nothing.
    assert "dfadvise.syntax.parser" not in preloaded


def test_what_python_has_kept_it_need_not_look_for(package: Path) -> None:
    found, first = probe(package)
    assert first["served"] == set()
    lint(package)
    again, told = probe(package)
    assert again == found
    assert {"dfadvise.report.text", "dfadvise.managers.indexes"} <= told["served"]
    itself = {f"dfadvise.{name}" for name in ("cli", "preload", "lazyrules", "preloadwriter", "rule", "rulefile")}
    assert told["loaded"] - told["served"] - told["preloaded"] <= itself | {"dfadvise.asked", "dfadvise.faults"}


def test_a_changed_source_of_what_is_served_is_what_counts(package: Path) -> None:
    lint(package)
    lint(package)
    source = package / "dfadvise" / "managers" / "indexes.py"
    text = source.read_text()
    try:
        source.write_text(text + "\nprint('Dockerfile: [changed]')\n")
        found, told = probe(package)
        assert "changed" in found
        assert "dfadvise.managers.indexes" not in told["served"]
        found, told = probe(package)
        assert "changed" in found
        assert "dfadvise.managers.indexes" in told["served"]
    finally:
        source.write_text(text)


def test_a_changed_source_is_what_counts(package: Path) -> None:
    lint(package)
    source = package / "dfadvise" / "shells" / "plain.py"
    text = source.read_text()
    try:
        source.write_text(text + "\nprint('Dockerfile: [changed]')\n")
        found, preloaded = lint(package)
        assert "changed" in found
        assert "dfadvise.engine" not in preloaded
        found, preloaded = lint(package)
        assert "changed" in found
        assert "dfadvise.engine" in preloaded
    finally:
        source.write_text(text)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"\4\0\0\0rubbish", b"\xff" * 5000])
def test_a_damaged_group_is_made_anew(package: Path, data: bytes) -> None:
    found, _ = lint(package)
    whole = [group.read_bytes() for group in groups(package)]
    for group in groups(package):
        group.write_bytes(data)
    assert lint(package) == (found, set())
    assert [len(group.read_bytes()) for group in groups(package)] == [len(each) for each in whole]


@pytest.mark.parametrize("gone", range(len(preload.GROUPS) + 1))
def test_one_group_does_without_the_other(package: Path, gone: int) -> None:
    lint(package)
    found, _ = lint(package)
    groups(package)[gone].unlink()
    assert lint(package)[0] == found
    assert len(groups(package)) == len(preload.GROUPS) + 1


def test_a_truncated_group_is_made_anew(package: Path) -> None:
    found, _ = lint(package)
    for group in groups(package):
        group.write_bytes(group.read_bytes()[:-2000])
    assert lint(package) == (found, set())
    assert lint(package)[1]


@pytest.mark.parametrize("name", ["PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONOPTIMIZE"])
def test_where_no_bytecode_belongs_there_is_no_group(package: Path, name: str) -> None:
    shutil.rmtree(package / "rules" / "__pycache__", ignore_errors=True)
    found, preloaded = lint(package, **{name: str(package / "elsewhere") if name.endswith("PREFIX") else "1"})
    assert "recommended-packages" in found
    assert preloaded == set()
    assert groups(package) == []
    if name.endswith("PREFIX"):
        (index,) = (package / "elsewhere").rglob("index.*")
        index.write_bytes(b"")
        assert lint(package, **{name: str(package / "elsewhere")})[0] == found
        assert index.stat().st_size > 0
        assert list((package / "rules").glob("__pycache__/*")) == []


def test_modules_of_a_group_are_as_python_makes_them(package: Path) -> None:
    lint(package)
    lint(package)
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from importlib.machinery import SourceFileLoader\n"
        "from dfadvise import preload\n"
        "def told():\n"
        "    found = [m for n, m in sorted(sys.modules.items()) if n.startswith('dfadvise.')]\n"
        "    return [(m.__name__, m.__file__, m.__package__, getattr(m, '__path__', 0), m.__doc__, m.__spec__.name,\n"
        "             m.__spec__.origin, m.__spec__.parent, m.__spec__.has_location,\n"
        "             isinstance(m.__loader__, SourceFileLoader))\n"
        "            for m in found if m.__name__ != 'dfadvise.preload']\n"
        "preload.enable(); preload.load('start'); preload.load('lint')\n"
        "import dfadvise.managers.indexes, dfadvise.report.text, dfadvise.proving.proof\n"
        "assert isinstance(sys.modules['dfadvise.proving'].__loader__, preload._Loader)\n"
        "one = told()\n"
        "sys.meta_path.pop(0)\n"
        "for name in [n for n in sys.modules if n.startswith('dfadvise')]: del sys.modules[name]\n"
        "for name, *_ in one: __import__(name)\n"
        "assert len(one) > 40\n"
        "assert told() == one, (told(), one)\n"
    )
    subprocess.run([sys.executable, "-c", probe, str(package)], check=True, cwd=package)


def test_a_module_that_became_a_package_is_what_python_takes(copied: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(copied, root, ignore=shutil.ignore_patterns("__pycache__"))
    module = root / "dfadvise" / "managers" / "indexes.py"
    module.with_suffix("").mkdir()
    (module.with_suffix("") / "__init__.py").write_text(f"{module.read_text()}\nprint('Dockerfile: [package]')\n")
    for _ in range(4):
        assert "package" in lint(root)[0]


def test_what_an_image_keeps_of_the_times_is_enough(copied: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(copied, root, ignore=shutil.ignore_patterns("__pycache__"))
    found, _ = lint(root)
    lint(root)
    # Layers of images keep whole seconds.
    for source in root.rglob("*.py"):
        os.utime(source, (int(source.stat().st_mtime),) * 2)
    kept = {path: path.read_bytes() for path in root.rglob("*.bin")}
    again, told = probe(root)
    assert again == found
    assert {"dfadvise.engine", "dfadvise.managers.indexes"} <= told["preloaded"] | told["served"]
    assert {path: path.read_bytes() for path in root.rglob("*.bin")} == kept


@pytest.mark.parametrize("name", ["dfadvise/shells/plain.py", "rules/packages/recommended_packages.py"])
def test_a_source_that_changes_while_it_is_kept_is_what_counts(copied: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(copied, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    found, _ = lint(tmp_path / "copy", EDITED=str(tmp_path / "copy" / name))
    assert "changed" not in found
    for _ in range(2):
        assert "changed" in lint(tmp_path / "copy")[0]


def test_what_was_moved_works_and_asks_nothing_of_where_it_was(copied: Path, tmp_path: Path) -> None:
    shutil.copytree(copied, tmp_path / "old", ignore=shutil.ignore_patterns("__pycache__"))
    found, _ = lint(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    assert list((tmp_path / "new" / "rules" / "__pycache__").glob("index.*"))
    for _ in range(2):
        assert lint(tmp_path / "new")[0] == found


def test_code_is_taken_from_the_index_that_was_read_and_no_other(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    pack = tmp_path / "pack"
    shutil.copytree(Path(default_pack_path()) / "style", pack / "style", ignore=shutil.ignore_patterns("__pycache__"))
    rules = load_pack(str(pack), "default")
    lazyrules.write(str(pack), rules)
    (first, *_) = lazyrules.read(str(pack)) or []
    place = first.__dict__["_place"]
    assert lazyrules._code_at(first.path, *place) is not None
    # As another process does it.
    lazyrules.write(str(pack), rules)
    assert lazyrules._code_at(first.path, *place) is None
    assert first.load().id == first.id


def test_what_cannot_be_kept_leaves_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    # In another container that shares the folder.
    other = tmp_path / f"group.{os.getpid()}"
    other.write_bytes(b"being written")
    preload.put(str(tmp_path / "group"), b"a", b"b")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        preload.put(str(tmp_path / "group"), b"c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["group", other.name]
    data = (tmp_path / "group").read_bytes()
    assert data[preload.HEAD :] == b"ab"
    assert preload.head_size(data[: preload.HEAD]) == 1
    assert other.read_bytes() == b"being written"


def test_words_that_a_rule_has_from_a_table_are_those_of_the_table(copied: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(copied, root, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "Dockerfile").write_text("FROM debian:12\nRUN curl -f https://gone.example/a -o b\n")
    assert "dead-download-host" not in lint(root)[0]
    table = root / "dfadvise" / "knowledge" / "hosts.py"
    table.write_text(table.read_text() + "DEAD_MARKS += ('gone.example',)\ndead_host = lambda *_: _DEBIAN\n")
    for _ in range(2):
        assert "dead-download-host" in lint(root)[0]


@pytest.mark.parametrize(
    "data", [b"\xff\xff\xff\x7f", b"\5\0\0\0(\xff\xff\xff\x7f", b"\5\0\0\0[\0\0\0\0", b"\1\0\0\0N"]
)
def test_a_damaged_index_is_made_anew(package: Path, data: bytes) -> None:
    found, _ = lint(package)
    (index,) = (package / "rules" / "__pycache__").glob("index.*")
    whole = index.read_bytes()
    index.write_bytes(data)
    assert lint(package)[0] == found
    assert len(index.read_bytes()) == len(whole)


def test_what_is_none_of_ours_is_not_read_as_bytecode() -> None:
    # A tuple of two thousand million members.
    with pytest.raises(ValueError, match="no file of ours"):
        preload.head_size(b"\5\0\0\0(\xff\xff\xff\x7f\0\0\0")
