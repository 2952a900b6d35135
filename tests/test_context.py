"""The build context: what is there, what is sent, how large it is, and which folder it is."""

from __future__ import annotations

import os
import socket
import time

import pytest

from dfadvise.context import BuildContext
from dfadvise.contextroot import Contexts, guess_root
from dfadvise.source import Source
from dfadvise.stages import Dockerfile


def lay_out(root, files: dict[str, str | int]) -> None:
    """Write files; a number is a size in bytes."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("x" * content if isinstance(content, int) else content)


def context(root, files: dict[str, str | int], **options) -> BuildContext:
    lay_out(root, files)
    return BuildContext(str(root), str(root / "Dockerfile"), True, **options)


def sent(ctx: BuildContext) -> list[str]:
    return sorted(file.path for file in ctx.sent())


def test_without_an_ignore_file_everything_is_sent(tmp_path) -> None:
    ctx = context(
        tmp_path, {"Dockerfile": 5, "src/a.py": 10, "src/b/c.py": 20, ".git/HEAD": 3, ".git/objects/aa/x": 100}
    )
    assert sent(ctx) == [".git/HEAD", ".git/objects/aa/x", "Dockerfile", "src/a.py", "src/b/c.py"]
    assert ctx.size_of() == ctx.size_of(".") == ctx.size_of("/") == 138
    assert ctx.size_of("src") == ctx.size_of("./src/") == 30
    assert ctx.size_of("src/a.py") == 10
    assert ctx.size_of(".git") == 103
    assert ctx.size_of("missing") == 0
    assert (ctx.count_of(), ctx.count_of("src"), ctx.count_of("src/a.py"), ctx.count_of("nope")) == (5, 2, 1, 0)
    assert ctx.ignore is ctx.ignore_path is ctx.ignore_error is None
    assert not ctx.truncated


def test_the_ignore_file_keeps_files_back(tmp_path) -> None:
    ctx = context(
        tmp_path,
        {
            ".dockerignore": "node_modules\n*.log\n",
            "a.py": 1,
            "x.log": 10,
            "node_modules/p/i.js": 99,
            "sub/node_modules/y": 7,
        },
    )
    assert sent(ctx) == [".dockerignore", "a.py", "sub/node_modules/y"]
    assert ctx.size_of("node_modules") == 0
    assert ctx.size_of("sub") == 7
    listed = {file.path: file for file in ctx.files()}
    assert not listed["node_modules"].sent
    assert listed["node_modules"].is_dir
    assert "node_modules/p" not in listed, "an ignored folder is not opened"
    assert listed["x.log"].size == 10
    assert not ctx.is_sent("node_modules/anything")
    assert ctx.is_sent("sub/node_modules")
    assert ctx.is_sent(".")


def test_an_exception_opens_an_ignored_folder(tmp_path) -> None:
    ctx = context(
        tmp_path, {".dockerignore": "*\n!docs/keep\n!src\n", "docs/keep/a": 2, "docs/b": 3, "src/c": 4, "d": 5}
    )
    assert sent(ctx) == ["docs/keep/a", "src/c"]
    assert ctx.size_of() == 6
    assert ctx.size_of("docs") == 2
    assert not next(file for file in ctx.files() if file.path == "docs").sent


def test_the_dockerfiles_own_ignore_file_counts(tmp_path) -> None:
    lay_out(
        tmp_path,
        {".dockerignore": "a\n", "docker/Dockerfile": "", "docker/Dockerfile.dockerignore": "b\n", "a": 1, "b": 2},
    )
    ctx = BuildContext(str(tmp_path), str(tmp_path / "docker/Dockerfile"))
    assert ctx.ignore_path == f"{tmp_path}/docker/Dockerfile.dockerignore"
    assert ctx.is_sent("a")
    assert not ctx.is_sent("b")
    assert ctx.size_of("a") == 1
    assert BuildContext(str(tmp_path)).ignore_path == f"{tmp_path}/.dockerignore"


def test_with_a_bad_ignore_file_nothing_is_sent(tmp_path) -> None:
    ctx = context(tmp_path, {".dockerignore": "ok\n[a-\n", "package.json": "{}"})
    assert ctx.ignore is None
    assert ctx.ignore_text == "ok\n[a-\n"
    assert ctx.ignore_error == 'bad pattern "[a-"'
    assert ctx.ignore_error_line == 2
    assert ctx.sent() == []
    assert ctx.size_of() == 0
    assert not ctx.has("package.json")
    assert ctx.exists("package.json")


def test_an_ignore_file_that_is_too_large(tmp_path) -> None:
    ctx = context(tmp_path, {".dockerignore": (1 << 20) + 1, "a": 1})
    assert ctx.ignore_path
    assert ctx.ignore is None
    assert "1 MiB" in ctx.ignore_error
    assert ctx.ignore_error_line == 0


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("a/b.txt", True),
        ("/a/b.txt", True),
        ("./a/", True),
        ("../../a/b.txt", True),
        ("a/../a/b.txt", True),
        (".", True),
        ("", True),
        ("/", True),
        ("ignored", True),
        ("a/b", False),
        ("a/b.txt/c", False),
        ("A", False),
        ("../outside", False),
        ("/etc/passwd", False),
        ("a\0b", False),
        ("x" * 5000, False),
        ("a/" * 10000, False),
        ("*", False),
    ],
)
def test_exists(tmp_path, path: str, there: bool) -> None:
    root = tmp_path / "root"
    lay_out(tmp_path, {"outside": 1, "root/a/b.txt": 1, "root/ignored": 1, "root/.dockerignore": "ignored\n"})
    assert BuildContext(str(root)).exists(path) is there


@pytest.mark.parametrize(
    ("source", "matches"),
    [
        ("*.json", ["package-lock.json", "package.json"]),
        ("/package*.json", ["package-lock.json", "package.json"]),
        ("./package?json", ["package.json"]),
        ("../package.json", ["package.json"]),
        ("*", [".dockerignore", ".env", "ignored.txt", "link", "package-lock.json", "package.json", "src"]),
        ("src/*.py", ["src/a.py"]),
        ("src/*", ["src/a.py", "src/sub"]),
        ("s*/*/*", ["src/sub/b.py"]),
        ("**/*.py", ["src/a.py"]),
        ("link/*.py", ["src/a.py"]),
        ("l*/*.py", []),
        ("src/[ab].py", ["src/a.py"]),
        ("src/[^a].py", []),
        ("src/[a.py", []),
        ("[z-a]*", []),
        ("src", ["src"]),
        ("src/", ["src"]),
        (".", ["."]),
        ("/", ["."]),
        ("missing", []),
        ("missing/*", []),
        ("package.json/*", []),
        ("*.none", []),
        ("ignored.*", ["ignored.txt"]),
        ("src\\*", []),
        ("a\0*", []),
    ],
)
def test_glob(tmp_path, source: str, matches: list[str]) -> None:
    files = {"package.json": 1, "package-lock.json": 1, "src/a.py": 1, "src/sub/b.py": 1, ".env": 1}
    ctx = context(tmp_path, {**files, "ignored.txt": 1, ".dockerignore": "ignored.txt\n"})
    (tmp_path / "link").symlink_to("src")
    assert ctx.glob(source) == matches
    assert ctx.glob(source) == matches


def test_glob_takes_one_pass_over_a_hostile_pattern(tmp_path) -> None:
    ctx = context(tmp_path, {"a" * 250: 1, "b": 1})
    start = time.process_time()
    assert ctx.glob("*a" * 100 + "*b") == []
    assert time.process_time() - start < 1


def test_has_is_about_files_that_are_sent(tmp_path) -> None:
    ctx = context(
        tmp_path, {"package.json": 1, "web/package.json": 1, "Gemfile/x": 1, "hid/go.mod": 1, ".dockerignore": "hid\n"}
    )
    assert ctx.has("package.json")
    assert ctx.has("package.json", "web")
    assert ctx.has("package.json", "/web/")
    assert not ctx.has("Gemfile")
    assert not ctx.has("go.mod")
    assert not ctx.has("go.mod", "hid")


def test_read_text(tmp_path) -> None:
    root = tmp_path / "root"
    lay_out(tmp_path, {"secret": "outside", "root/a/go.mod": "module x\n", "root/big": 100})
    (root / "latin").write_bytes(b"caf\xe9")
    (root / "inner").symlink_to("a/go.mod")
    (root / "out").symlink_to(str(tmp_path / "secret"))
    (root / "up").symlink_to("../secret")
    (root / "folder").symlink_to("a")
    os.mkfifo(root / "pipe")
    ctx = BuildContext(str(root))
    assert ctx.read_text("a/go.mod") == ctx.read_text("/a/../a/go.mod") == ctx.read_text("inner") == "module x\n"
    assert ctx.read_text("folder/go.mod") == "module x\n"
    assert ctx.read_text("latin") == "caf\udce9"
    assert ctx.read_text("big", 100) == "x" * 100
    for path in ("out", "up", "../secret", "a", ".", "pipe", "missing", "a\0"):
        assert ctx.read_text(path) is None, path
    assert ctx.read_text("big", 99) is None


def test_links_and_odd_files_are_listed_and_not_followed(tmp_path) -> None:
    root = tmp_path / "root"
    lay_out(tmp_path, {"outside/huge": 5000, "root/a/f": 10})
    (root / "a/loop").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "out").symlink_to(str(tmp_path / "outside"))
    (root / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(root / "sock"))
    listener.close()
    ctx = BuildContext(str(root))
    assert {file.path: file.kind for file in ctx.files()} == {
        "a": "folder",
        "a/f": "file",
        "a/loop": "link",
        "self": "link",
        "out": "link",
        "dangling": "link",
        "pipe": "other",
        "sock": "other",
    }
    assert ctx.size_of() == 10
    assert ctx.size_of("a/loop/a") == 10
    assert ctx.size_of("out") == 0
    assert not ctx.exists("dangling")
    assert not ctx.exists("out/huge")
    assert not ctx.exists("self")
    assert ctx.glob("out/*") == []


def test_names_that_are_no_utf8(tmp_path) -> None:
    with open(os.fsencode(str(tmp_path)) + b"/caf\xe9.txt", "wb") as file:
        file.write(b"12345")
    (tmp_path / "line\nbreak").write_text("1")
    ctx = BuildContext(str(tmp_path))
    assert sent(ctx) == ["caf\udce9.txt", "line\nbreak"]
    assert ctx.size_of("caf\udce9.txt") == 5
    assert ctx.glob("caf?.txt") == ["caf\udce9.txt"]
    assert len(ctx.listing_key()) == 32


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_left_out(tmp_path) -> None:
    ctx = context(tmp_path, {"a": 1, "closed/b": 2})
    (tmp_path / "closed").chmod(0)
    try:
        assert sent(ctx) == ["a"]
        assert ctx.glob("closed/*") == []
        assert ctx.read_text("closed/b") is None
    finally:
        (tmp_path / "closed").chmod(0o755)


@pytest.mark.parametrize("root", ["missing", "file"])
def test_a_root_that_is_no_folder_is_empty(tmp_path, root: str) -> None:
    (tmp_path / "file").write_text("x")
    ctx = BuildContext(str(tmp_path / root))
    assert ctx.files() == []
    assert ctx.glob("*") == []
    assert not ctx.exists("a")
    assert ctx.size_of() == 0
    assert not ctx.has("a")


def test_the_walk_is_bounded_and_says_so(tmp_path) -> None:
    files = {f".git/objects/{n:02}/{m}": 1 for n in range(10) for m in range(10)}
    ctx = context(tmp_path, {**files, "src/a": 100, "z": 100}, limit=20)
    assert len(ctx.files()) <= 20
    assert ctx.truncated
    assert ctx.size_of("src") == 100, "what is near the root is seen first"
    assert ctx.size_of() < 300
    exact = context(tmp_path, {}, limit=len(files) + 10 + 5)
    assert exact.size_of() == 300
    assert not exact.truncated


def test_one_crowded_folder_is_bounded_too(tmp_path) -> None:
    ctx = context(tmp_path, {f"f{n}": 1 for n in range(50)}, limit=10)
    assert len(ctx.files()) == 10
    assert ctx.truncated


def test_a_huge_ignore_file_shortens_the_walk(tmp_path) -> None:
    lay_out(tmp_path, {f"d/{n}": 1 for n in range(60)})
    (tmp_path / ".dockerignore").write_text("a\n" * 250_000)
    ctx = BuildContext(str(tmp_path))
    start = time.process_time()
    assert 0 < len(ctx.files()) < 60
    assert ctx.truncated
    assert time.process_time() - start < 20


def test_constructing_reads_nothing(tmp_path, monkeypatch) -> None:
    def refuse(*_args, **_options):
        raise AssertionError("touched the disk")

    for name in ("scandir", "stat", "lstat", "open", "readlink", "listdir"):
        monkeypatch.setattr(os, name, refuse)
    BuildContext(str(tmp_path), str(tmp_path / "Dockerfile"), True)


def test_listing_key_changes_with_what_matters_only(tmp_path) -> None:
    files = {"a": "1", "skip/x": "1", ".dockerignore": "skip\n*.log\n", ".git/index": "1", "b.log": "1"}
    lay_out(tmp_path, files)

    def key() -> str:
        return BuildContext(str(tmp_path)).listing_key()

    first = key()
    assert key() == first
    (tmp_path / "skip/y").write_text("2")
    (tmp_path / "b.log").write_text("more")
    (tmp_path / ".git/index").write_text("more")
    assert key() == first
    (tmp_path / "a").write_text("22")
    second = key()
    assert second != first
    os.utime(tmp_path / "a", ns=(1, 1))
    third = key()
    assert third != second
    (tmp_path / "new").write_text("")
    fourth = key()
    assert fourth != third
    (tmp_path / ".dockerignore").write_text("skip\n*.log\n\n")
    assert key() != fourth


@pytest.mark.parametrize(
    ("dockerfile", "sources", "root"),
    [
        pytest.param("repo/app/docker/Dockerfile", ["entry.sh"], "repo/app/docker", id="its own folder"),
        pytest.param("repo/app/docker/Dockerfile", ["package.json", "src"], "repo/app", id="one above"),
        pytest.param("repo/app/docker/Dockerfile", ["/package.json", "./src/"], "repo/app", id="spellings"),
        pytest.param("repo/app/docker/Dockerfile", ["app/src"], "repo", id="the repository"),
        pytest.param("repo/app/docker/Dockerfile", [], "repo/app/docker", id="no source"),
        pytest.param("repo/app/docker/Dockerfile", ["."], "repo/app/docker", id="the root alone"),
        pytest.param("repo/app/docker/Dockerfile", ["entry.sh", "package.json"], None, id="no folder has both"),
        pytest.param("repo/app/docker/Dockerfile", ["above"], None, id="not above the repository"),
        pytest.param("plain/docker/Dockerfile", ["own"], "plain/docker", id="outside a repository"),
        pytest.param("plain/docker/Dockerfile", ["beside"], None, id="only its own folder there"),
        pytest.param("tree/docker/Dockerfile", ["beside"], "tree", id="a linked work tree has a .git file"),
        pytest.param("-", [], None, id="standard input"),
    ],
)
def test_guess(tmp_path, dockerfile: str, sources: list[str], root: str | None) -> None:
    lay_out(
        tmp_path,
        {
            "above": 1,
            "repo/.git/HEAD": 1,
            "repo/app/package.json": 1,
            "repo/app/src/a": 1,
            "repo/app/docker/entry.sh": 1,
            "repo/app/docker/Dockerfile": 1,
            "plain/beside": 1,
            "plain/docker/own": 1,
            "tree/.git": "gitdir: elsewhere",
            "tree/beside": 1,
            "tree/docker/Dockerfile": 1,
        },
    )
    path = dockerfile if dockerfile == "-" else str(tmp_path / dockerfile)
    assert guess_root(path, sources) == (root and str(tmp_path / root))


def test_guess_from_a_relative_path(tmp_path, monkeypatch) -> None:
    lay_out(tmp_path, {".git/HEAD": 1, "a/Dockerfile": 1, "x": 1})
    monkeypatch.chdir(tmp_path / "a")
    assert guess_root("Dockerfile", ["x"]) == str(tmp_path)
    assert guess_root("../a/Dockerfile", []) == str(tmp_path / "a")


def test_guesses_with_one_root_share_a_walk(tmp_path) -> None:
    lay_out(
        tmp_path, {".git/HEAD": 1, "x": 1, "a/Dockerfile": 1, "b/Dockerfile": 1, "c/Dockerfile.dockerignore": "x\n"}
    )
    contexts = Contexts()
    file = Dockerfile(Source("FROM scratch\nCOPY x /\n"))
    found = [contexts.of(file, str(tmp_path / name / "Dockerfile"), None) for name in "abc"]
    assert not any(each.known for each in found)
    shared = [contexts.shared(each.root, each.dockerfile_path) for each in found]
    assert shared[0] is shared[1]
    assert shared[2] is not shared[0]
    assert found[2].root == found[0].root
    assert found[0].is_sent("x")
    assert not found[2].is_sent("x")


def test_the_file_systems_root_is_never_guessed() -> None:
    assert guess_root("/Dockerfile", []) is None


def test_the_walk_is_quick(tmp_path) -> None:
    for folder in range(20):
        (tmp_path / f"d{folder}").mkdir()
        for n in range(100):
            (tmp_path / f"d{folder}/f{n}.py").touch()
    (tmp_path / ".dockerignore").write_text("".join(f"**/*{n}.log\n" for n in range(50)))
    start = time.process_time()
    assert len(BuildContext(str(tmp_path)).sent()) == 2001
    assert time.process_time() - start < 2
