"""Replacing files: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dfadvise.writing import WriteError, create, replace, write_new

posix = pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
not_root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everything")
root_only = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")


def file(folder: Path, name: str = "Dockerfile", data: bytes = b"old") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refusal(path: Path, old: bytes = b"old", new: bytes = b"new") -> str:
    with pytest.raises(WriteError) as caught:
        replace(str(path), old, new)
    return str(caught.value)


def left(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@posix
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664, 0o4755])
def test_content_changes_and_mode_stays(tmp_path: Path, mode: int) -> None:
    path = file(tmp_path)
    path.chmod(mode)
    before = path.stat()
    replace(str(path), b"old", b"new\r\n")
    after = path.stat()
    assert path.read_bytes() == b"new\r\n"
    assert after.st_mode == before.st_mode
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino
    assert left(tmp_path) == ["Dockerfile"]


@root_only
def test_the_owner_stays(tmp_path: Path) -> None:
    path = file(tmp_path)
    os.chown(path, 12345, 54321)
    replace(str(path), b"old", b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_extended_attributes_stay(tmp_path: Path) -> None:
    path = file(tmp_path)
    try:
        os.setxattr(path, "user.kept", b"yes")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    replace(str(path), b"old", b"new")
    assert os.getxattr(path, "user.kept") == b"yes"


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    path = file(tmp_path)
    before = path.stat()
    replace(str(path), b"old", b"old")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("now", [b"other", b"", b"old and more"])
def test_what_someone_else_changed_stays(tmp_path: Path, now: bytes) -> None:
    path = file(tmp_path, data=now)
    assert refusal(path) == "has changed since it was read"
    assert path.read_bytes() == now


def test_a_file_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "gone")
    assert left(tmp_path) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder").startswith("cannot be written")


@posix
def test_a_link_inside_the_tree_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    real = file(tmp_path, "real/Dockerfile")
    (tmp_path / "sub").mkdir()
    link = tmp_path / "sub" / "Dockerfile"
    link.symlink_to("../real/Dockerfile")
    replace(str(link), b"old", b"new")
    assert real.read_bytes() == b"new"
    assert link.is_symlink()


@posix
def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    outside = file(tmp_path, "outside/Dockerfile")
    for tree, marks in (("repository", [".git"]), ("plain", [])):
        folder = tmp_path / tree / "sub"
        folder.mkdir(parents=True)
        for mark in marks:
            (tmp_path / tree / mark).mkdir()
        link = folder / "Dockerfile"
        link.symlink_to(outside)
        assert refusal(link) == "is a link that leads out of the working tree"
    assert outside.read_bytes() == b"old"


@posix
def test_outside_a_repository_the_folder_is_the_tree(tmp_path: Path) -> None:
    real = file(tmp_path, "sub/real")
    (tmp_path / "sub" / "inner").symlink_to("real")
    replace(str(tmp_path / "sub" / "inner"), b"old", b"new")
    assert real.read_bytes() == b"new"
    (tmp_path / "above").symlink_to("sub/real")
    replace(str(tmp_path / "above"), b"new", b"newer")
    (tmp_path / "sub" / "beside").symlink_to("../other")
    file(tmp_path, "other")
    assert "leads out" in refusal(tmp_path / "sub" / "beside")


@posix
@not_root
def test_a_read_only_file_stays(tmp_path: Path) -> None:
    path = file(tmp_path)
    path.chmod(0o444)
    assert refusal(path) == "is read-only"
    assert path.read_bytes() == b"old"


@posix
@not_root
def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    path = file(tmp_path)
    tmp_path.chmod(0o555)
    try:
        assert refusal(path) == "cannot be written: Permission denied"
        assert path.read_bytes() == b"old"
        write_new(str(path), b"report")
        assert path.read_bytes() == b"report"
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = file(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, fail)
    assert refusal(path) == "cannot be written: No space left on device"
    assert path.read_bytes() == b"old"
    assert left(tmp_path) == ["Dockerfile"]


def test_a_report_replaces_an_older_one_and_makes_a_new_one(tmp_path: Path) -> None:
    path = file(tmp_path, "report")
    write_new(str(path), b"first")
    assert path.read_bytes() == b"first"
    write_new(str(tmp_path / "other"), b"second")
    assert (tmp_path / "other").read_bytes() == b"second"
    assert left(tmp_path) == ["other", "report"]


@posix
def test_a_report_to_what_is_no_file_is_written_there() -> None:
    write_new(os.devnull, b"gone")
    assert not os.path.isfile(os.devnull)


@posix
def test_a_report_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    real = file(tmp_path, "real")
    (tmp_path / "link").symlink_to("real")
    write_new(str(tmp_path / "link"), b"report")
    assert real.read_bytes() == b"report"
    assert (tmp_path / "link").is_symlink()


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="cannot be written"):
        write_new(str(tmp_path / "no" / "folder"), b"")
    with pytest.raises(WriteError, match="cannot be written"):
        write_new(str(tmp_path), b"")


def test_a_new_file(tmp_path: Path) -> None:
    create(str(tmp_path), ".dockerignore", b"*\n")
    assert (tmp_path / ".dockerignore").read_bytes() == b"*\n"
    (tmp_path / "sub").mkdir()
    create(str(tmp_path), "sub/x", b"")
    assert (tmp_path / "sub" / "x").exists()


def test_a_new_file_never_takes_the_place_of_one(tmp_path: Path) -> None:
    file(tmp_path, ".dockerignore")
    with pytest.raises(WriteError, match="exists already"):
        create(str(tmp_path), ".dockerignore", b"new")
    assert (tmp_path / ".dockerignore").read_bytes() == b"old"


@posix
def test_a_new_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WriteError, match="exists already"):
        create(str(tmp_path), "x", b"new")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", ".", "a//b", "./x", "a\\b"])
def test_a_new_file_stays_in_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    with pytest.raises(WriteError, match="does not name a file in the folder"):
        create(str(tmp_path / "in"), name, b"new")
    assert left(tmp_path) == ["in"]
    assert left(tmp_path / "in") == ["a"]


@posix
def test_a_new_file_stays_in_the_folder_through_links(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "link").symlink_to("../out")
    with pytest.raises(WriteError, match="leads out of the folder"):
        create(str(tmp_path / "in"), "link/x", b"new")
    assert left(tmp_path / "out") == []
