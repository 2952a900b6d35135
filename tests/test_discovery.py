"""Which files are linted: by name, by content, by git, by configuration; named or found."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from dfadvise.config import Configs
from dfadvise.discovery import begins_as_dockerfile, find, not_linted, read_list, reported

DOCKERFILE = "FROM alpine:3.22\nRUN x\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*names: str, text: str = DOCKERFILE) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(*arguments: str, folder: str = ".") -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def found(*paths: str, excludes: Configs | None = None, skipped: list[tuple[str, str]] | None = None) -> list[str]:
    """The reported paths; errors in angle brackets."""
    check = excludes.excludes if excludes else None
    return [
        f"<{each.reported}: {each.error}>" if each.error else each.reported
        for each in find(paths or (".",), excludes=check, skipped=skipped)
    ]


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Dockerfile.prod",
        "Dockerfile-prod",
        "Dockerfile.a.b",
        "dockerfile",
        "web.Dockerfile",
        "web.dockerfile",
        "Containerfile",
        "Containerfile.prod",
        "Containerfile-prod",
        "Containerfile2",
        "web.containerfile",
        "Dockerfile.built-in",
        "Dockerfile.template-base",
    ],
)
def test_name_is_found(tree: Path, name: str) -> None:
    put(f"a/{name}")
    assert found() == [f"a/{name}"]
    assert found(f"a/{name}") == [f"a/{name}"]


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dockerignore",
        "Dockerfile.prod.dockerignore",
        "Containerfile.dockerignore",
        ".dockerignore",
        "Dockerfile.j2",
        "Dockerfile.prod.jinja2",
        "Dockerfile.tmpl",
        "Dockerfile.tpl",
        "Dockerfile.template",
        "Dockerfile-debian.template",
        "Dockerfile.erb",
        "Dockerfile.in",
        "Containerfile.in",
        "Dockerfile-template",
        "Dockerfile.prod~",
        "Dockerfile~",
        "Containerfile~",
        "Dockerfile.bak",
        "Dockerfile.orig",
        "Dockerfile.old",
        "Dockerfile.swp",
    ],
)
def test_ignore_files_templates_and_backups_are_not(tree: Path, name: str) -> None:
    put("Dockerfile", name)
    assert found() == ["Dockerfile"]
    skipped: list[tuple[str, str]] = []
    assert found(name, skipped=skipped) == []
    assert [path for path, _ in skipped] == [name]


@pytest.mark.parametrize("name", ["Makefile", "dockerfile.prod", "DOCKERFILE", "MyDockerfile", "Dockerfiles", "a.txt"])
def test_other_names_are_linted_only_when_they_are_named(tree: Path, name: str) -> None:
    put("Dockerfile")
    put(f"a/{name}", text="RUN no matter what\n")
    assert found() == ["Dockerfile"]
    assert found(f"a/{name}") == [f"a/{name}"]


# --- content ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n",
        "from a\n",
        "from a as b\n",
        "FROM --platform=$X a AS b\n",
        "FROM a AS\n",
        "FROM \\\n  a\n",
        "ARG A=1\nFROM a\n",
        "arg A\n",
        "\ufeff# licence\n#\n\n# more\nFROM a\n",
        "# syntax=docker/dockerfile:1\nRUN x\n",
        "#escape=`\n",
        "#!/usr/bin/env docker\n# check=skip=all\n",
        "# comment\r\n\r\nFROM a\r\n",
        "#" * 60000 + "\nFROM a\n",
    ],
)
def test_content_of_a_dockerfile(tree: Path, text: str) -> None:
    put("Dockerfile.x", text=text)
    assert found() == ["Dockerfile.x"]
    assert found("Dockerfile.x") == ["Dockerfile.x"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "#!/bin/sh\nset -e\n",
        "version: '3'\n",
        "# Building\n\nFrom the root of the tree, run:\n",
        "from os import path\n",
        "from . import x\n",
        "FROM {{ base }}\n",
        "ARG <%= x %>\n",
        "FROM\n",
        "ARG --x\n",
        "arg =1\n",
        "RUN apt-get update\n",
        "*.pyc\n",
        "FROM a\0\n",
        "# comment\n# syntax=x\nRUN y\n",
        "#" * 70000 + "\nFROM a\n",
    ],
)
def test_content_of_something_else(tree: Path, text: str) -> None:
    put("Dockerfile")
    put("Dockerfile.x", "a/Dockerfile.md", text=text)
    assert found() == ["Dockerfile"]
    skipped: list[tuple[str, str]] = []
    assert found("Dockerfile.x", "a/Dockerfile.md", skipped=skipped) == []
    assert skipped == [
        ("Dockerfile.x", "its content is no Dockerfile"),
        ("a/Dockerfile.md", "its content is no Dockerfile"),
    ]


@pytest.mark.parametrize("text", ["", "{{ template }}\n", "\0\1\2", "#!/bin/sh\n"])
def test_plain_names_count_whatever_they_hold(tree: Path, text: str) -> None:
    put("Dockerfile", "a/Containerfile", text=text)
    assert found() == ["Dockerfile", "a/Containerfile"]
    assert found("Dockerfile") == ["Dockerfile"]


def test_a_name_that_pre_commit_takes_for_a_dockerfile_is_judged_by_content(tree: Path) -> None:
    put("web.Dockerfile.prod")
    put("notes.Dockerfile.md", text="# Notes\n")
    assert not_linted("web.Dockerfile.prod") is None
    assert not_linted("notes.Dockerfile.md") == "its content is no Dockerfile"


def test_bytes_that_are_no_utf8() -> None:
    assert begins_as_dockerfile(b"# caf\xe9\nFROM a\n")
    assert not begins_as_dockerfile(bytes(range(1, 256)))


# --- paths -----------------------------------------------------------------------------------------


def test_order_and_reported_paths(tree: Path) -> None:
    put("b/Dockerfile", "a/z/Dockerfile", "a/Dockerfile.b", "a/Dockerfile.a", "a-b/Dockerfile", "Dockerfile")
    everything = ["Dockerfile", "a/Dockerfile.a", "a/Dockerfile.b", "a/z/Dockerfile", "a-b/Dockerfile", "b/Dockerfile"]
    assert found() == everything
    assert found("./") == everything
    assert found("./a") == ["a/Dockerfile.a", "a/Dockerfile.b", "a/z/Dockerfile"]
    assert found("a/") == found("a")
    assert found("b", "./Dockerfile") == ["b/Dockerfile", "Dockerfile"]
    assert found(str(tree / "b")) == [f"{tree.as_posix()}/b/Dockerfile"]
    assert reported("././/a/b") == "a/b"
    assert reported("../a") == "../a"
    for each in find(["a"]):
        assert Path(each.path).is_file()


def test_each_file_once(tree: Path) -> None:
    put("a/Dockerfile", "Dockerfile")
    assert found("a/Dockerfile", ".", "a", "./a/../Dockerfile", str(tree / "Dockerfile")) == [
        "a/Dockerfile",
        "Dockerfile",
    ]


def test_standard_input(tree: Path) -> None:
    assert found("-", "-") == ["-"]
    assert [each.reported for each in find(["-"], stdin_filename="./a/Dockerfile")] == ["a/Dockerfile"]


def test_what_is_not_there(tree: Path) -> None:
    put("Dockerfile", "empty/x.txt")
    assert found("nowhere", "Dockerfile", "empty", "a\0b") == [
        "<nowhere: no such file or directory>",
        "Dockerfile",
        "<empty: no Dockerfile found in this directory>",
        "<a\0b: no such file or directory>",
    ]


def test_folders_that_hold_other_peoples_files_are_skipped(tree: Path) -> None:
    put(
        "Dockerfile", "a/node_modules/b/Dockerfile", ".venv/Dockerfile", "a/.git/Dockerfile", ".devcontainer/Dockerfile"
    )
    assert found() == [".devcontainer/Dockerfile", "Dockerfile"]
    assert found("a/node_modules/b/Dockerfile") == ["a/node_modules/b/Dockerfile"]


def test_a_folder_named_like_a_dockerfile_is_walked(tree: Path) -> None:
    put("Dockerfile/Dockerfile", "Dockerfile.d/web.Dockerfile")
    assert found() == ["Dockerfile/Dockerfile", "Dockerfile.d/web.Dockerfile"]


def test_list_of_files(tree: Path) -> None:
    Path("list").write_bytes(b"a/Dockerfile\r\n\n caf\xc3\xa9 \n")
    assert read_list("list") == ["a/Dockerfile", " caf\u00e9 "]
    Path("list").write_bytes(b"a\nb\0c\0")
    assert read_list("list") == ["a\nb", "c"]
    with pytest.raises(OSError, match="No such file"):
        read_list("none")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes(tree: Path) -> None:
    os.mkfifo("Dockerfile")
    os.mkfifo("Dockerfile.x")
    put("a/Dockerfile")
    assert found() == ["a/Dockerfile"]
    # Named, it is read once, by the linter.
    assert found("Dockerfile.x") == ["Dockerfile.x"]


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs permissions that hold")
def test_unreadable_file_is_not_hidden(tree: Path) -> None:
    put("Dockerfile.x")
    Path("Dockerfile.x").chmod(0)
    assert found() == ["Dockerfile.x"]


# --- links -----------------------------------------------------------------------------------------


def test_links(tree: Path) -> None:
    put("a/Dockerfile", "a/base.txt", "b/real")
    os.symlink(".", "a/loop")
    os.symlink("../b", "a/other")
    os.symlink("Dockerfile", "a/Dockerfile.same")
    os.symlink("base.txt", "a/Dockerfile.base")
    os.symlink("nowhere", "a/Dockerfile.dangling")
    assert found("a") == ["a/Dockerfile", "a/Dockerfile.base"]
    assert found("a/loop") == ["a/loop/Dockerfile", "a/loop/Dockerfile.base"]


def test_a_link_does_not_lead_out_of_the_tree(tree: Path) -> None:
    put("secret")
    put("a/x.txt")
    os.symlink("../secret", "a/Dockerfile")
    skipped: list[tuple[str, str]] = []
    assert found("a", skipped=skipped) == []
    assert skipped == [("a/Dockerfile", "a link that leads out of the tree")]
    assert found("a/Dockerfile") == ["a/Dockerfile"]


def test_a_link_may_lead_to_another_folder_of_the_repository(tree: Path) -> None:
    put("common/base", "a/x.txt")
    os.symlink("../common/base", "a/Dockerfile")
    git("init", "-q")
    assert found("a") == ["a/Dockerfile"]


# --- git -------------------------------------------------------------------------------------------


def test_git_ignored_files_are_skipped(tree: Path) -> None:
    put("Dockerfile", "build/Dockerfile", "a/Dockerfile.gen", "a/Dockerfile", "a/b/Dockerfile.gen")
    git("init", "-q")
    put(".gitignore", text="/build\n*.gen\n!a/b/*.gen\n")
    assert found() == ["Dockerfile", "a/Dockerfile", "a/b/Dockerfile.gen"]
    assert found("a") == ["a/Dockerfile", "a/b/Dockerfile.gen"]
    assert [each.reported for each in find(["a"], git=False)] == [
        "a/Dockerfile",
        "a/Dockerfile.gen",
        "a/b/Dockerfile.gen",
    ]


def test_named_files_and_folders_are_linted_though_git_ignores_them(tree: Path) -> None:
    put("build/Dockerfile", "build/x/Dockerfile")
    git("init", "-q")
    put(".gitignore", text="build\n")
    assert found("build/Dockerfile") == ["build/Dockerfile"]
    assert found("build") == ["build/Dockerfile", "build/x/Dockerfile"]
    assert found() == ["<.: no Dockerfile found in this directory>"]


def test_tracked_files_are_not_ignored(tree: Path) -> None:
    put("a/Dockerfile", "b/Dockerfile")
    git("init", "-q")
    git("add", "a")
    put(".gitignore", text="Dockerfile\n")
    assert found() == ["a/Dockerfile"]


def test_repositories_within(tree: Path) -> None:
    put("Dockerfile", "sub/Dockerfile", "sub/gen/Dockerfile", "third/x/Dockerfile", "third/x/deep/Dockerfile")
    put("subway/Dockerfile")
    git("init", "-q")
    for folder in ("sub", "third/x", "third/x/deep"):
        git("init", "-q", folder=folder)
    put("sub/.gitignore", text="gen\n")
    put(".gitignore", text="third\n")
    assert found() == ["Dockerfile", "sub/Dockerfile", "subway/Dockerfile"]


def test_git_submodule(tree: Path) -> None:
    put("lib/Dockerfile", "lib/gen/Dockerfile")
    put("lib/.gitignore", text="gen\n")
    git("init", "-q", folder="lib")
    git("add", "Dockerfile", ".gitignore", folder="lib")
    git("commit", "-qm", "x", folder="lib")
    put("app/Dockerfile")
    git("init", "-q", folder="app")
    git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tree / "lib"), "lib", folder="app")
    put("app/lib/gen/Dockerfile")
    assert found("app") == ["app/Dockerfile", "app/lib/Dockerfile"]


def test_the_variables_of_a_hook_do_not_mislead_git(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("r/Dockerfile", "r/gen/Dockerfile")
    git("init", "-q", folder="r")
    put("r/.gitignore", text="gen\n")
    monkeypatch.setenv("GIT_DIR", str(tree / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tree / "nowhere"))
    assert found("r") == ["r/Dockerfile"]


def test_without_git_nothing_is_ignored(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("gen/Dockerfile")
    git("init", "-q")
    put(".gitignore", text="gen\n")
    monkeypatch.setenv("PATH", "")
    assert found() == ["gen/Dockerfile"]


@pytest.mark.skipif(os.name == "nt", reason="writes a shell script")
def test_no_program_of_the_repository_runs(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("Dockerfile")
    git("init", "-q")
    put("git", "watch", text="#!/bin/sh\ntouch ran\n")
    for name in ("git", "watch"):
        Path(name).chmod(0o755)
    git("config", "core.fsmonitor", str(tree / "watch"))
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert found() == ["Dockerfile"]
    assert not Path("ran").exists()


def test_a_damaged_repository_ignores_nothing(tree: Path) -> None:
    put("a/Dockerfile")
    put(".git", text="gitdir: nowhere\n")
    assert found() == ["a/Dockerfile"]


# --- configuration ---------------------------------------------------------------------------------


def test_excluded_files_are_skipped_named_or_found(tree: Path) -> None:
    put("Dockerfile", "vendor/Dockerfile", "vendor/x/Dockerfile", "a/Dockerfile.dev")
    put("dfadvise.toml", text='exclude = ["/vendor", "*.dev"]\n')
    configs = Configs()
    skipped: list[tuple[str, str]] = []
    assert found(excludes=configs, skipped=skipped) == ["Dockerfile"]
    assert skipped == [
        ("vendor", "excluded by the configuration"),
        ("a/Dockerfile.dev", "excluded by the configuration"),
    ]
    named = ["Dockerfile", "vendor/Dockerfile", "a/Dockerfile.dev"]
    assert found(*named, excludes=configs) == ["Dockerfile"]
    assert found("vendor", excludes=configs) == []
    assert found("vendor/x", excludes=configs) == []
    assert found("a", excludes=configs) == []


def test_many_files_take_little_time(tree: Path) -> None:
    for folder in range(100):
        for inner in range(10):
            put(f"d{folder}/e{inner}/Dockerfile", f"d{folder}/e{inner}/x.py")
    git("init", "-q")
    started = time.perf_counter()
    assert len(found()) == 1000
    assert time.perf_counter() - started < 30
