"""Ignore files: which paths they keep from the builder, which patterns stop a build, where the file is."""

from __future__ import annotations

import time

import pytest

from dfadvise.dockerignore import DockerIgnore, find_ignore_file, read_inside, resolve
from dfadvise.gopath import PatternError, clean
from dfadvise.gopattern import glob_steps, run

NOT_UTF8 = b"caf\xe9".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "."),
        (".", "."),
        ("a", "a"),
        ("a/", "a"),
        ("./a", "a"),
        ("a//b", "a/b"),
        ("a/./b", "a/b"),
        ("a/../b", "b"),
        ("a/..", "."),
        ("a/../..", ".."),
        ("../../a", "../../a"),
        ("../a/../b", "../b"),
        ("/", "/"),
        ("//", "/"),
        ("//a", "/a"),
        ("/..", "/"),
        ("/../a/", "/a"),
        ("/a/../..", "/"),
        ("...", "..."),
        (" ", " "),
    ],
)
def test_clean(path: str, expected: str) -> None:
    assert clean(path) == expected


@pytest.mark.parametrize(
    ("patterns", "path"),
    [
        pytest.param(["build"], "build", id="itself"),
        pytest.param(["build"], "build/a/b.o", id="whatever is in a folder"),
        pytest.param(["build/"], "build", id="a final slash says nothing"),
        pytest.param(["./build"], "build", id="a leading dot says nothing"),
        pytest.param(["a/../build"], "build", id="patterns are cleaned"),
        pytest.param(["build"], "./build/x", id="paths are cleaned"),
        pytest.param(["  build\t"], "build", id="blanks around"),
        pytest.param(["*.md"], "README.md", id="star"),
        pytest.param(["*"], ".hidden", id="star takes a leading dot"),
        pytest.param(["*"], "a/b/c", id="star takes a parent"),
        pytest.param(["a/*/c"], "a/b/c/d", id="star for one folder, and what is in it"),
        pytest.param(["**"], "a/b", id="everything"),
        pytest.param(["**/x"], "x", id="two stars for no folder"),
        pytest.param(["**/x"], "a/b/x", id="two stars for two"),
        pytest.param(["**/x"], "a/x/b", id="two stars and a parent"),
        pytest.param(["**x"], "a/bx", id="two stars as a suffix"),
        pytest.param(["**x"], "ax/b", id="suffix of a parent"),
        pytest.param(["a/**/x"], "a/x", id="two stars in the middle for none"),
        pytest.param(["a/**/x"], "a/b/c/x", id="two stars in the middle for two"),
        pytest.param(["a**/x"], "ab/c/x", id="two stars in a name"),
        pytest.param(["a/**"], "a/b", id="all in a folder"),
        pytest.param(["a/b**"], "a/bc", id="prefix of a name"),
        pytest.param(["**/*.pyc"], "a/b.pyc", id="two stars, star"),
        pytest.param(["a?c"], "a☺c", id="one character, however many bytes"),
        pytest.param(["a?c"], f"a{NOT_UTF8[-1]}c", id="one byte that is no character"),
        pytest.param([NOT_UTF8], NOT_UTF8, id="name that is no UTF-8"),
        pytest.param(["[a-c]x"], "bx", id="range"),
        pytest.param(["[^a]x"], "bx", id="complement"),
        pytest.param(["[\\]\\-]x"], "]x", id="escapes in a class"),
        pytest.param(["a\\*b"], "a*b", id="escaped star"),
        pytest.param(["\\[a]"], "[a]", id="escaped bracket"),
        pytest.param(["a.b+(c)|{d}$"], "a.b+(c)|{d}$", id="no character of regular expressions is special"),
        pytest.param(["*.b+(c)|{d}$"], "a.b+(c)|{d}$", id="nor behind a star"),
        pytest.param(["a^b"], "a^b", id="caret in a plain name"),
        pytest.param(["a", "!b", "!a/x"], "a/y", id="brought back elsewhere"),
        pytest.param(["a", "!a", "a"], "a", id="the last one decides"),
        pytest.param(["*", "!a", "a/x"], "a/x", id="excluded again"),
        pytest.param(["!a", "a"], "a", id="bringing back too early"),
        pytest.param(["*"], "/a/b", id="the empty parent of a rooted path"),
    ],
)
def test_excludes(patterns: list[str], path: str) -> None:
    assert DockerIgnore(patterns).excludes(path)


@pytest.mark.parametrize(
    ("patterns", "path"),
    [
        pytest.param([], "a", id="no pattern"),
        pytest.param(["", "  "], "a", id="blank patterns"),
        pytest.param(["x"], "a/x", id="anchored at the root"),
        pytest.param(["x"], "xy", id="whole names"),
        pytest.param(["/x"], "x", id="a leading slash counts, outside of a file"),
        pytest.param(["a/*"], "a", id="the folder itself"),
        pytest.param(["a/**"], "a", id="the folder itself, two stars"),
        pytest.param(["*/x"], "a/b/x", id="star stays in a name"),
        pytest.param(["a?c"], "a/c", id="? is no slash"),
        pytest.param(["?"], "", id="? is something"),
        pytest.param(["**/x"], "ax", id="two stars and a slash end at a folder"),
        pytest.param(["**/x"], "xa", id="nor longer"),
        pytest.param(["**/*.pyc"], "a.pyco", id="suffix is the end"),
        pytest.param(["*"], ".", id="the root is never excluded"),
        pytest.param(["**"], "", id="an empty path is the root"),
        pytest.param(["a^*"], "a^b", id="caret turns into an anchor behind which nothing starts"),
        pytest.param(["a**/b"], "a\n/b", id="two stars stop at a line break"),
        pytest.param(["\x1cx"], "x", id="U+001C is no blank"),
        pytest.param(["docs", "!docs/README.md"], "docs/README.md", id="brought back"),
        pytest.param(["**", "!a"], "a/b/c", id="a folder brought back"),
        pytest.param(["**", "!**/*.py"], "a/b.py", id="brought back by two stars"),
        pytest.param(["a", "!/a"], "a\\b", id="unrelated"),
        pytest.param(["x"], "x" * 5000, id="longer than any path"),
    ],
)
def test_lets_through(patterns: list[str], path: str) -> None:
    assert not DockerIgnore(patterns).excludes(path)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        pytest.param("\\d", "7", "d", id="digit"),
        pytest.param("\\D", "d", "7", id="no digit"),
        pytest.param("x\\w", "x_", "x-", id="word character"),
        pytest.param("[\\d]x", None, "7x", id="but in a class filepath.Match has no say"),
        pytest.param("\\x41", "A", "x41", id="hexadecimal"),
        pytest.param("\\101", "A", "101", id="octal"),
        pytest.param("\\n", "\n", "n", id="control character"),
        pytest.param("\\pL", "é", "1", id="category"),
        pytest.param("\\PL", "1", "é", id="no category"),
        pytest.param("[[:alpha:]]", "b", "1", id="named class"),
        pytest.param("[[:^alpha:]]", "1", "b", id="named class, complement"),
        pytest.param("[a*]x", "/]x", "ax", id="star in a class closes it"),
        pytest.param("[a?]", "[]", "?", id="so does a question mark"),
        pytest.param("\\Qab", "ab$c", "ab", id="quoting swallows the end"),
        pytest.param("\\Qa.b\\E", "a\\.b", "a.b", id="quoting shows the escapes"),
        pytest.param("a*\\b", "a-b", "a-", id="word boundary at the end"),
        pytest.param("z*\\", "zx$", "zx\\", id="last backslash behind a star"),
        pytest.param("[^a]", "/", "a", id="a complement takes a slash"),
        pytest.param("\\_", "_", "\\_", id="underscore"),
    ],
)
def test_what_leaks_from_the_translation(pattern: str, matching: str | None, other: str) -> None:
    entry = DockerIgnore([pattern]).entries[0]
    if matching is None:
        assert entry.matches(other)
    else:
        assert entry.matches(matching)
        assert not entry.matches(other)


@pytest.mark.parametrize(
    "pattern",
    ["[", "a[", "[]", "[]a]", "[^", "[^]", "[x-]", "[-x]", "[a", "[a-", "[\\", "a\\", "*\\", "?*[", ".*[a-]"],
)
def test_a_pattern_that_is_not_well_formed_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(ValueError, match="bad pattern"):
        DockerIgnore(["ok", pattern])


@pytest.mark.parametrize("pattern", ["!", "!/", " ! ", "!//"])
def test_a_lone_exclamation_mark_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match='a lone "!"'):
        DockerIgnore(["ok", pattern])


def test_a_class_of_bytes_that_are_no_utf8_is_refused() -> None:
    with pytest.raises(ValueError, match="bad pattern"):
        DockerIgnore(["[\udce9]"])


@pytest.mark.parametrize("pattern", ["[z-a]", "\\q", "\\8", "\\x4", "\\pX", "\\C", "[[:no:]]", "[a-**]", "z*[", "\\E"])
def test_a_pattern_that_cannot_be_matched_raises_when_it_is_asked(pattern: str) -> None:
    ignore = DockerIgnore(["done", pattern])
    assert ignore.excludes("done")
    with pytest.raises(ValueError, match="bad pattern"):
        ignore.excludes("other")
    with pytest.raises(PatternError) as caught:
        DockerIgnore.parse(f"# one\n\n{pattern}\n")
    assert caught.value.line == 3


@pytest.mark.parametrize("pattern", ["zz*[a-]", "zz*[]a]", "zz*\\", "]", "a]", "-", "^", "[a]]", "{", "[x\\-]"])
def test_odd_patterns_that_go_accepts(pattern: str) -> None:
    DockerIgnore.parse(pattern)


def test_a_file_is_read_line_by_line() -> None:
    text = "\ufeff# comment\n  # no comment\n\n/abs\r\n! /back/again/ \r\ndir/sub/../\n//twice\n/\nlast\\ "
    with pytest.raises(PatternError):
        DockerIgnore.parse(text)
    ignore = DockerIgnore.parse(text.replace("last\\ ", "last"), "x/.dockerignore")
    assert [(e.pattern, e.negated, e.line) for e in ignore.entries] == [
        ("# no comment", False, 2),
        ("abs", False, 4),
        ("back/again", True, 5),
        ("dir", False, 6),
        ("twice", False, 7),
        ("/", False, 8),
        ("last", False, 9),
    ]
    assert ignore.has_exceptions
    assert ignore.path == "x/.dockerignore"


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "# only\n#comments", "   \t\r\n"])
def test_a_file_without_patterns(text: str) -> None:
    ignore = DockerIgnore.parse(text)
    assert ignore.entries == []
    assert not ignore.has_exceptions
    assert not ignore.excludes("a")


@pytest.mark.parametrize(
    ("text", "line"), [("a\n!\n", 2), ("\n! \n", 2), ("!/\n", 1), ("a\n\n[x-]", 3), ("x" * 65536, 1)]
)
def test_a_bad_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(PatternError) as caught:
        DockerIgnore.parse(text)
    assert caught.value.line == line
    assert len(str(caught.value)) < 120


def test_the_longest_line_that_the_docker_tools_read() -> None:
    assert DockerIgnore.parse("é" * 32767 + "\n").entries


def test_which_pattern_decides() -> None:
    ignore = DockerIgnore.parse("*.md\n\nREADME.md\n!docs/README.md\ndocs\n!docs\n")

    def line(path: str) -> int | None:
        entry = ignore.which(path)
        return entry and entry.line

    assert line("README.md") == 1
    assert line("src/a.md") is None
    assert line("docs/x") == 6
    assert not ignore.excludes("docs/x")


def test_the_walk_forgets_what_a_folder_was_brought_back_for() -> None:
    # BuildKit's own check says that a/x is sent; its walk, which decides, does not send it.
    ignore = DockerIgnore(["**/x", "!a"])
    assert not ignore.excludes("a/x")
    excluded, above = ignore.enter("a")
    assert not excluded
    assert ignore.enter("a/x", above)[0]


def test_the_walk_agrees_otherwise() -> None:
    ignore = DockerIgnore(["docs", "!docs/keep", "**/*.o", "!b/c"])
    for path in ("docs/a", "docs/keep/b", "a/b.o", "b/c/d.o", "e"):
        above = frozenset()
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            excluded, above = ignore.enter("/".join(parts[:end]), above)
        assert excluded == (path in ("docs/a", "a/b.o", "b/c/d.o")), path


@pytest.mark.parametrize(
    ("patterns", "hidden"),
    [
        (["a"], True),
        (["a", "!b"], True),
        (["a", "!ab/c"], True),
        (["a", "!a/b"], False),
        (["a", "!a/*"], False),
        (["a", "!**/x"], False),
        (["a", "!?/x"], False),
    ],
)
def test_whether_anything_in_an_excluded_folder_can_come_back(patterns: list[str], hidden: bool) -> None:
    assert DockerIgnore(patterns).hides_all_of("a") is hidden


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**/" * 400 + "*a" * 200 + "*b", "a/" * 1000 + "a" * 1900),
        ("[^b]*" * 1000 + "x", "a" * 4000),
        ("*" * 5000 + "x", "a" * 4000),
        ("?*" * 5000 + "x", "a" * 4000),
        ("**/a**" * 1000 + "x", "a/" * 2000),
        ("*" + "".join(f"[^{chr(c)}]*" for c in range(300, 2300)) + "x", "ab" * 2000),
    ],
)
def test_hostile_patterns_take_no_time(pattern: str, path: str) -> None:
    start = time.process_time()
    assert not DockerIgnore.parse(pattern).excludes(path)
    assert time.process_time() - start < 2


def test_many_paths_and_patterns_take_little_time() -> None:
    patterns = [f"**/*{c}{d}?z" for c in "abcde" for d in "vwxyz"] + [f"dir{n}/**" for n in range(24)] + ["!keep"]
    ignore = DockerIgnore(patterns)
    paths = [f"src/pkg{n % 200}/mod{n % 37}/file_{n}.py" for n in range(20_000)]
    start = time.process_time()
    assert not any(map(ignore.excludes, paths))
    assert time.process_time() - start < 5


def test_deep_paths_do_not_recurse() -> None:
    assert DockerIgnore(["**/z"]).excludes("a/" * 2000 + "z/b")


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*.json", "package.json", True),
        ("*.json", ".json", True),
        ("package*.json", "package-lock.json", True),
        ("package*.json", "package.json5", False),
        ("?.c", "é.c", True),
        ("[!a]", "b", False),
        ("[!a]", "!", True),
        ("[^a]", "b", True),
        ("a\\?", "a?", True),
        ("a\\d", "ad", True),
        ("[b-a]", "a", False),
        ("**", "x", True),
        ("", "", True),
        ("*", "", True),
    ],
)
def test_the_wildcards_of_copy(pattern: str, name: str, matches: bool) -> None:
    assert run(glob_steps(pattern), name) is matches


def test_the_ignore_file_beside_the_dockerfile_wins(tmp_path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    dockerfile = str(app / "Dockerfile")
    assert find_ignore_file(dockerfile, str(tmp_path)) is None
    (tmp_path / ".dockerignore").write_text("a\n")
    assert find_ignore_file(dockerfile, str(tmp_path)) == f"{tmp_path}/.dockerignore"
    assert find_ignore_file(None, str(tmp_path)) == f"{tmp_path}/.dockerignore"
    (app / ".dockerignore").write_text("")
    assert find_ignore_file(dockerfile, str(tmp_path)) == f"{tmp_path}/.dockerignore"
    (app / "Dockerfile.dockerignore").write_text("")
    assert find_ignore_file(dockerfile, str(tmp_path)) == dockerfile + ".dockerignore"
    assert find_ignore_file(str(app / "Dockerfile.dev"), str(app)) == f"{app}/.dockerignore"


def test_a_folder_or_a_link_out_is_no_ignore_file(tmp_path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").write_text("x\n")
    (root / ".dockerignore").symlink_to("../outside")
    assert find_ignore_file(None, str(root)) is None
    (root / ".dockerignore").unlink()
    (root / ".dockerignore").mkdir()
    assert find_ignore_file("\0", str(root)) is None
    (root / ".dockerignore").rmdir()
    (root / "real").write_text("x\n")
    (root / ".dockerignore").symlink_to("real")
    assert find_ignore_file(None, str(root)) is not None


def test_links_resolve_as_if_the_root_were_the_whole_file_system(tmp_path) -> None:
    root = tmp_path / "root"
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/f").write_text("inside")
    (tmp_path / "f").write_text("outside")
    (root / "rooted").symlink_to("/a/b")
    (root / "up").symlink_to("../../../a/b/f")
    (root / "out").symlink_to(str(tmp_path / "f"))
    (root / "loop").symlink_to("loop")
    (root / "here").symlink_to(".")

    def lead(path: str) -> str | None:
        found = resolve(str(root), path)
        return found and found[0]

    assert lead("rooted/f") == "a/b/f"
    assert lead("up") == "a/b/f"
    assert lead("here/here/a") == "a"
    assert lead("") == lead("here") == ""
    assert resolve(str(root), "here")[1].st_ino == root.stat().st_ino
    assert lead("../../f") is None
    assert lead("out") is lead("loop") is lead("loop/x") is lead("missing") is lead("a\0") is None
    assert read_inside(str(root), "up") == "inside"
    assert read_inside(str(root), "out") is None
