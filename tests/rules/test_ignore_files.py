"""The ignore file: what it takes from the build, and patterns that cannot work."""

import time

import pytest

from dfadvise.context import BuildContext
from dfadvise.engine import Engine
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import context_of
from rule_answers import RULES, findings

BASE = "FROM debian:12\n"


# --- ignored-copy-source ---


@pytest.mark.parametrize(
    ("ignore", "line", "finds", "as_buildkit"),
    [
        ("a", "COPY a /x", True, True),
        ("a", "COPY a/b /x", True, True),
        ("a", "COPY ./c/../a /x", True, True),
        ("*.txt", "COPY *.txt /x/", True, True),
        ("*", "COPY . /x", True, True),
        ("**", "COPY / /x", True, True),
        ("dir/*", "COPY dir /x", False, False),
        ("a", "COPY --from=b a /x", False, False),
        ("a", "ADD https://example.org/a /x", False, False),
        ("**", "COPY <<EOF /x\ny\nEOF", False, False),
        ("a", "COPY $A /x", False, False),
        ("a", "COPY b /x", False, False),
        ("*\n!b", "COPY a /x", True, False),
        ("*\n!b", "COPY b /x", False, False),
        ("d\n!d/e", "COPY d /x", False, False),
        ("a", "COPY /a /x", True, False),
    ],
)
def test_ignored_sources(ignore, line, finds, as_buildkit):
    with context_of({".dockerignore": ignore, "a": "1", "b": "2", "d/e": "3", "n.txt": "4"}) as root:
        found = findings("ignored-copy-source", BASE + line + "\n", root)
        assert bool(found) is finds
        assert any("CopyIgnoredFile" in finding.aliases for finding in found) is as_buildkit


def test_without_a_context_nothing_is_ignored():
    assert findings("ignored-copy-source", BASE + "COPY a /x\n") == []


# --- invalid-ignore-pattern ---


def complaints(ignore, own=None):
    """(severity, message) of what is said about an ignore file, and that of the Dockerfile's own."""
    files = {".dockerignore": ignore}
    if own is not None:
        files["Dockerfile.dockerignore"] = own
    found = findings("invalid-ignore-pattern", "FROM a\nCOPY . /b\n", files)
    return [(each.severity, each.message) for each in found]


def test_a_context_that_does_not_fit_is_none(tmp_path):
    (tmp_path / ".dockerignore").write_text("*\n!dist\n")
    (tmp_path / "app.js").write_text("1")

    def shown(rule, text, name="Dockerfile"):
        context = BuildContext(str(tmp_path), str(tmp_path / name))
        result = Engine([RULES[rule]()]).lint(Dockerfile(Source(text), context=context))
        return [finding.severity for finding in result.findings if finding.severity != "style"]

    # The sources are below a root further up.
    elsewhere = "FROM a\nCOPY cmd/app/app.yaml /etc/\n"
    assert shown("ignored-copy-source", elsewhere) == []
    assert shown("ignored-copy-source", "FROM a\nCOPY app.js /b/\n") == ["error"]
    (tmp_path / ".dockerignore").write_text("a # why\n")
    assert shown("invalid-ignore-pattern", elsewhere) == []
    assert shown("invalid-ignore-pattern", "FROM a\nCOPY app.js /b/\n") == ["warning"]
    # What is wrong with the one ignore file is said at the one Dockerfile.
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    assert shown("invalid-ignore-pattern", "FROM a\nCOPY app.js /b/\n", "other.Dockerfile") == []


@pytest.mark.parametrize(
    ("ignore", "severity", "message"),
    [
        ("!\n", "error", "stops the build"),
        ("a\n[b\n", "warning", "line 2"),
        ("  # a comment\nb\n", "warning", "line 1: `# a comment`"),
        ("a # why\n", "warning", "line 1: `a # why`"),
        ("!a\n*\n", "warning", "nothing above it excludes"),
        ("*.log\n!src\n", "warning", "line 2: `!src`"),
        ("build/x\n!build/y\n", "warning", "line 2: `!build/y`"),
    ],
)
def test_ignore_line_that_cannot_work(ignore, severity, message):
    ((found_severity, found_message),) = complaints(ignore)
    assert found_severity == severity
    assert message in found_message


@pytest.mark.parametrize(
    "ignore",
    [
        "",
        "# a\n\nb\nc#d\n",
        "*\n!a\n!b/**\n",
        "**/*.md\n!README.md\n",
        "a\n!a/b\n",
        "a/b\n!a\n",
        "a/*\n!a/b/c\n",
        "a/**/x\n!a/b\n",
        "**\n!**/*.go\n",
        "**/node_modules\n!web/node_modules/x\n",
    ],
)
def test_ignore_line_that_works(ignore):
    assert complaints(ignore) == []


def test_own_ignore_file_hides_the_general_one():
    ((severity, message),) = complaints("a\nb\n", own="a\n")
    assert severity == "warning"
    assert message == ".dockerignore is not read, Dockerfile.dockerignore takes its place without 1 of its patterns"
    assert complaints("a\nb\n", own="b\na\nc\n") == []


def test_many_ignore_lines_take_no_long_time():
    ignore = "".join(f"a{n}/b\n!c{n}/d\n" for n in range(5000))
    start = time.perf_counter()
    assert len(complaints(ignore)) == 20
    assert time.perf_counter() - start < 5
