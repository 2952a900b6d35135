"""Parser directives: those that are not read, and those that are missing."""

import pytest

from dfadvise.engine import Engine
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from rule_answers import RULES, findings, fixed, marks

# --- ignored-directive ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "\n# syntax=docker/dockerfile:1\nFROM a\n", ("warning", "# syntax=docker/dockerfile:1"), id="blank"
        ),
        pytest.param("FROM a\n# escape=`\n", ("warning", "# escape=`"), id="below an instruction"),
        pytest.param("# hello\n# escape=`\nFROM a\n", ("warning", "# escape=`"), id="below a comment"),
        pytest.param("#!/bin/x\n# escape=`\nFROM a\n", ("warning", "# escape=`"), id="escape behind #!"),
        pytest.param(
            " # syntax=docker/dockerfile:1\nFROM a\n", ("warning", "# syntax=docker/dockerfile:1"), id="indented"
        ),
        pytest.param("FROM a\n# check=error=true\n", ("warning", "# check=error=true"), id="error= counts at the top"),
        pytest.param("# syntx=docker/dockerfile:1\nFROM a\n", ("warning", "# syntx=docker/dockerfile:1"), id="name"),
        pytest.param(
            "# syntax: docker/dockerfile:1\nFROM a\n", ("warning", "# syntax: docker/dockerfile:1"), id="colon"
        ),
        pytest.param("# syntax=docker/dockerfiles:1\nFROM a\n", ("error", "docker/dockerfiles:1"), id="frontend"),
        pytest.param("# syntax=dockerfile:1\nFROM a\n", ("error", "dockerfile:1"), id="without its owner"),
        pytest.param("# syntax=docker/dockerfile/1\nFROM a\n", ("error", "docker/dockerfile/1"), id="a slash"),
        pytest.param("# syntax=docker /dockerfile:1\nFROM a\n", ("error", "docker /dockerfile:1"), id="a blank in it"),
        pytest.param("# check=skip=A, B\nFROM a\n", ("warning", "B"), id="a blank in the list"),
    ],
)
def test_directive_that_is_not_read(text, expected):
    assert marks("ignored-directive", text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a\n", id="at the top"),
        pytest.param("#syntax = docker/dockerfile:1.7-labs\nFROM a\n", id="blanks around ="),
        pytest.param("# ESCAPE=`\nFROM a\n", id="name in capitals"),
        pytest.param("#!/bin/x\n# syntax=docker/dockerfile:1\nFROM a\n", id="syntax behind #!"),
        pytest.param("  # escape=`\nFROM a\n", id="escape may be indented"),
        pytest.param("# syntax=ghcr.io/example/frontend:2\nFROM a\n", id="another frontend"),
        pytest.param("# syntax=docker.io/docker/dockerfile:1@sha256:abc\nFROM a\n", id="in full"),
        pytest.param("# syntax=docker/dockerfile-upstream:master\nFROM a\n", id="upstream"),
        pytest.param("FROM a\n# check=skip=JSONArgsRecommended\nCMD a\n", id="of an instruction"),
        pytest.param("FROM a\n# the syntax=is explained below\n# escape=\\n is a line end\nRUN b\n", id="prose"),
        pytest.param("FROM a\nCOPY <<EOF /f\n# escape=`\nEOF\n", id="in a heredoc"),
        pytest.param(
            "# syntax=docker/dockerfile:1\n# syntax=docker/dockerfile:1\nFROM a\n", id="refused by the parser"
        ),
    ],
)
def test_directive_that_is_fine(text):
    assert marks("ignored-directive", text) == []


def test_directive_moves_to_the_top():
    text = "# hello\n# syntax=docker/dockerfile:1\nFROM a\n"
    assert fixed("ignored-directive", text) == "# syntax=docker/dockerfile:1\n# hello\nFROM a\n"


def test_directive_stays_when_there_is_one_already():
    text = "# syntax=docker/dockerfile:1\nFROM a\n# syntax=docker/dockerfile:1.4\n"
    assert marks("ignored-directive", text) == [("warning", "# syntax=docker/dockerfile:1.4")]
    assert fixed("ignored-directive", text) == text


def test_escape_does_not_move_over_continued_lines():
    text = "# hello\n# escape=`\nFROM a\nRUN b \\\n  c\n"
    assert fixed("ignored-directive", text) == text


# --- missing-syntax-directive ---


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("FROM a\nADD --checksum=sha256:0 http://x/y /y\n", "info", id="checksum"),
        pytest.param("FROM a\nADD https://github.com/a/b.git#v1 /b\n", "info", id="git"),
        pytest.param("FROM a\nHEALTHCHECK --start-interval=1s CMD x\n", "info", id="start-interval"),
        pytest.param("FROM a\nCOPY --exclude=*.md . /\n", "info", id="exclude"),
        pytest.param("FROM a\nCOPY --chmod=u+x b /b\n", "info", id="symbolic mode"),
        pytest.param("FROM a\nRUN --mount=type=secret,id=x,env=X y\n", "info", id="secret env"),
        pytest.param("FROM a\nARG V=1.2\nLABEL v=${V%.*}\n", "info", id="pattern"),
        pytest.param("FROM a\nONBUILD COPY --from=b c d\n", "info", id="ONBUILD from"),
        pytest.param("# syntax=docker/dockerfile:1.3\nFROM a\nCOPY --link b /\n", "error", id="an old one is named"),
        pytest.param("# syntax=docker/dockerfile:1.6\nFROM a\nCOPY --parents b /\n", "error", id="still too old"),
    ],
)
def test_feature_without_its_frontend(text, severity):
    assert [each[0] for each in marks("missing-syntax-directive", text)] == [severity]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nRUN --mount=type=cache,target=/c b\nCOPY --link --chmod=755 c /\n", id="old enough"),
        pytest.param("FROM a\nRUN <<EOF\nb\nEOF\n", id="heredoc"),
        pytest.param("# syntax=docker/dockerfile:1\nFROM a\nCOPY --parents b /\n", id="the newest"),
        pytest.param("# syntax=docker/dockerfile:1.7-labs\nFROM a\nCOPY --parents b /\n", id="labs had it first"),
        pytest.param("# syntax=docker/dockerfile:labs\nFROM a\nRUN --device=x y\n", id="labs"),
        pytest.param("# syntax=ghcr.io/example/x:1\nFROM a\nCOPY --parents b /\n", id="another frontend"),
        pytest.param("# syntax=docker/dockerfile:experimental\nFROM a\nCOPY --parents b /\n", id="a word"),
        pytest.param("FROM a\nRUN echo ${V%.*}\n", id="the shell's own"),
        pytest.param("FROM a\nADD https://example.com/a.tgz /a.tgz\n", id="a file"),
        pytest.param("FROM a\nLABEL v=${V%.*\n", id="broken anyway"),
    ],
)
def test_feature_that_every_frontend_has(text):
    assert marks("missing-syntax-directive", text) == []


def test_frontend_is_an_option():
    text = "FROM a\nCOPY --exclude=*.md . /\n"
    assert marks("missing-syntax-directive", text, settings={"frontend": "1.19"}) == []
    assert marks("missing-syntax-directive", text, settings={"frontend": "1.18"}) == [("info", "--exclude=*.md")]
    assert marks("missing-syntax-directive", text, settings={"frontend": "nonsense"}) == [("info", "--exclude=*.md")]


def test_one_finding_names_the_newest_feature():
    text = "FROM a\nADD --checksum=sha256:0 http://x/y /y\nCOPY --parents b /\nADD --checksum=sha256:1 http://x/z /z\n"
    (finding,) = findings("missing-syntax-directive", text)
    assert finding.message == "--parents needs Dockerfile frontend 1.20, and the file names none"
    assert [message for message, _ in finding.related] == ["ADD --checksum needs 1.6"]
    assert fixed("missing-syntax-directive", text).startswith("# syntax=docker/dockerfile:1\nFROM")


def test_buildah_has_no_frontends():
    engine = Engine([RULES["missing-syntax-directive"]()])
    text = "FROM a\nCOPY --parents b /\n"
    assert engine.lint(Dockerfile(Source(text, "x/Containerfile"))).findings == []
    assert engine.lint(Dockerfile(Source(text), build_args={"BUILDKIT_SYNTAX": "x"})).findings == []
