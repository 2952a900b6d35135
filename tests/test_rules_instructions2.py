"""Instructions, style and ignore files, second half: what these rules must say, and as many things they must not."""

import time

import pytest

from dfadvise import packs
from dfadvise.about.labels import is_mail, is_semver, is_time, is_url
from dfadvise.context import BuildContext
from dfadvise.engine import Engine
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}


def bench(rule, **settings):
    return Bench(RULES[rule], options={"rules": {rule: settings}})


def found(rule, text, **settings):
    """(severity, text under the span) of each finding of a rule."""
    source = Source(text)
    return [(finding.severity, source.slice(finding.span)) for finding in bench(rule, **settings).findings(text)]


def visible(rule, text, **settings):
    return [each for each in found(rule, text, **settings) if each[0] != "style"]


def codes(rule, text, **settings):
    return sorted({alias for finding in bench(rule, **settings).findings(text) for alias in finding.aliases})


def fixed(rule, text, **settings):
    return bench(rule, **settings).fixed(text)


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
    assert found("ignored-directive", text) == [expected]


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
    assert found("ignored-directive", text) == []


def test_directive_moves_to_the_top():
    text = "# hello\n# syntax=docker/dockerfile:1\nFROM a\n"
    assert fixed("ignored-directive", text) == "# syntax=docker/dockerfile:1\n# hello\nFROM a\n"


def test_directive_stays_when_there_is_one_already():
    text = "# syntax=docker/dockerfile:1\nFROM a\n# syntax=docker/dockerfile:1.4\n"
    assert found("ignored-directive", text) == [("warning", "# syntax=docker/dockerfile:1.4")]
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
    assert [each[0] for each in found("missing-syntax-directive", text)] == [severity]


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
    assert found("missing-syntax-directive", text) == []


def test_frontend_is_an_option():
    text = "FROM a\nCOPY --exclude=*.md . /\n"
    assert found("missing-syntax-directive", text, frontend="1.19") == []
    assert found("missing-syntax-directive", text, frontend="1.18") == [("info", "--exclude=*.md")]
    assert found("missing-syntax-directive", text, frontend="nonsense") == [("info", "--exclude=*.md")]


def test_one_finding_names_the_newest_feature():
    text = "FROM a\nADD --checksum=sha256:0 http://x/y /y\nCOPY --parents b /\nADD --checksum=sha256:1 http://x/z /z\n"
    (finding,) = bench("missing-syntax-directive").findings(text)
    assert finding.message == "--parents needs Dockerfile frontend 1.20, and the file names none"
    assert [message for message, _ in finding.related] == ["ADD --checksum needs 1.6"]
    assert fixed("missing-syntax-directive", text).startswith("# syntax=docker/dockerfile:1\nFROM")


def test_buildah_has_no_frontends():
    engine = Engine([RULES["missing-syntax-directive"]()])
    text = "FROM a\nCOPY --parents b /\n"
    assert engine.lint(Dockerfile(Source(text, "x/Containerfile"))).findings == []
    assert engine.lint(Dockerfile(Source(text), build_args={"BUILDKIT_SYNTAX": "x"})).findings == []


# --- broken-continuation ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM a\nRUN b \\\nCOPY c d\n", ("error", "COPY"), id="COPY"),
        pytest.param("FROM a\nRUN b && \\\n  # c\nRUN d\n", ("error", "RUN"), id="behind a comment"),
        pytest.param("FROM a\nENV A=b \\\n    C=d \\\n\nRUN e\n", ("error", "RUN"), id="behind an empty line"),
        pytest.param('FROM a\nCMD ["b"] \\\nEXPOSE 80\n', ("error", "EXPOSE"), id="CMD"),
        pytest.param("FROM a\nRUN \\\nCOPY c d\n", ("error", "COPY"), id="nothing before it"),
        pytest.param("FROM a\nRUN b # c \\\n && d\n", ("error", "# c"), id="commented out"),
        pytest.param("FROM a\nRUN if b; then \\\n c; # d \\\n fi\n", ("error", "# d"), id="half a construct"),
        pytest.param("FROM a\nHEALTHCHECK CMD b # c \\\n || exit 1\n", ("error", "# c"), id="HEALTHCHECK"),
        pytest.param("FROM a\nRUN apt-get install curl\\\nwget\n", ("warning", "curl"), id="fused"),
        pytest.param("FROM a\nRUN apt-get install curl\\\n-y\n", ("warning", "curl"), id="fused with an option"),
    ],
)
def test_broken_continuation(text, expected):
    assert found("broken-continuation", text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nHEALTHCHECK --interval=5s \\\n  CMD b\n", id="CMD of HEALTHCHECK"),
        pytest.param("FROM a\nONBUILD \\\n  RUN b\n", id="body of ONBUILD"),
        pytest.param("FROM a\nENV A=b \\\n    USER=c \\\n    CMD=d\n", id="keys"),
        pytest.param("FROM a\nRUN psql -c 'CREATE \\\nUSER x \\\nADD y'\n", id="in quotes"),
        pytest.param('FROM a\nLABEL d="one \\\nRUN two"\n', id="in a label"),
        pytest.param("FROM a\nRUN b \\\n  run c \\\n  Add d\n", id="no capitals"),
        pytest.param("FROM a\nRUN b && \\\n  CMD=c d && \\\n  $RUN e\n", id="not alone"),
        pytest.param("FROM a\nRUN <<EOF\nb \\\nCOPY c d\nEOF\n", id="heredoc"),
        pytest.param("FROM a\nRUN b  # c\n", id="a comment at the end"),
        pytest.param("FROM a\nRUN b \\\n && c  # d \\\n\n", id="nothing behind the comment"),
        pytest.param("FROM a\nRUN b \\\n # c \\\n && d\n", id="comment lines"),
        pytest.param("FROM a\nRUN b$# ${#c} a#b \\\n '# d' \"# e\" \\# \\\n && f\n", id="other hashes"),
        pytest.param('FROM a\nSHELL ["cmd", "/S", "/C"]\nRUN b # c \\\n && d\n', id="another shell"),
        pytest.param("FROM a\nRUN printf 'a\\n\\\nb\\n\\\nc'\n", id="split text"),
        pytest.param("FROM a\nRUN wget http://x/yy\\\nzz && a=b\\\nc\n", id="split address"),
        pytest.param("FROM a\nRUN a &&\\\nb;\\\nc\n", id="operators"),
        pytest.param("FROM a\nRUN a \\\n\\\n b\n", id="a lone backslash"),
        pytest.param("FROM a\nRUN echo 'x \\\nCOPY a b\n", id="an open quote"),
    ],
)
def test_continuation_that_is_meant(text):
    assert found("broken-continuation", text) == []


def test_swallowed_instruction_is_freed():
    assert fixed("broken-continuation", "FROM a\nRUN b \\\nCOPY c d\n") == "FROM a\nRUN b\nCOPY c d\n"
    assert fixed("broken-continuation", "# escape=`\nFROM a\nRUN b `\r\nCOPY c d\n") == (
        "# escape=`\nFROM a\nRUN b\r\nCOPY c d\n"
    )


def test_fused_words_get_a_blank():
    assert fixed("broken-continuation", "FROM a\nRUN b c\\\nd\n") == "FROM a\nRUN b c \\\nd\n"


# --- trailing-comment ---


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("ARG A=b # c", "warning"),
        ("ENV A b # c", "warning"),
        ("ENV A=b # c", "error"),
        ("LABEL a b # c", "warning"),
        ("LABEL a=b #c", "error"),
        ("EXPOSE 80 # c", "error"),
        ("COPY a b # c", "error"),
        ("ADD a b #c", "error"),
        ("WORKDIR /a # c", "warning"),
        ("USER a # c", "error"),
        ("VOLUME /a # c", "warning"),
        ("STOPSIGNAL SIGTERM # c", "error"),
    ],
)
def test_trailing_comment(line, severity):
    (finding,) = visible("trailing-comment", f"FROM a\n{line}\n")
    assert finding == (severity, line[line.index("#") :])
    assert fixed("trailing-comment", f"FROM a\n  {line}\n") == (
        f"FROM a\n  {line[line.index('#') :]}\n  {line[: line.index('#')].rstrip()}\n"
    )


def test_trailing_comment_behind_from():
    assert found("trailing-comment", "FROM a AS b # c\n") == [("error", "# c")]
    assert fixed("trailing-comment", "FROM a # c") == "# c\nFROM a"


@pytest.mark.parametrize(
    "line",
    [
        "RUN a # b",
        "CMD a # b",
        "HEALTHCHECK CMD a # b",
        "ENV A=#fff B='# c' C=\"x # y\" D=x\\ #",
        "ENV A #fff",
        "ENV A Issue #12",
        "LABEL a see #b",
        "COPY a#b c#d",
        "COPY #a #b",
        "ADD https://x/y.git#main /z",
        'COPY ["a # b", "/c"]',
        "WORKDIR /a#b",
        'ENTRYPOINT ["a", "# b"]',
    ],
)
def test_hash_that_is_data(line):
    assert found("trailing-comment", f"FROM a\n{line}\n") == []


def test_comment_stays_below_a_pragma():
    text = "FROM a\n# hadolint ignore=DL3000\nWORKDIR b # c\n"
    assert found("trailing-comment", text) == [("warning", "# c")]
    assert fixed("trailing-comment", text) == text


# --- unused-arg ---


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("ARG A=1\nFROM b\nRUN c\n", ["A=1"], id="global"),
        pytest.param("ARG A=1\nARG B=$A\nFROM b:$B\n", [], id="through another"),
        pytest.param("ARG A=1 B=2\nFROM b:$B\n", ["A=1"], id="one of two"),
        pytest.param("FROM b\nARG A\nCOPY c d\n", ["A"], id="no RUN behind it"),
        pytest.param("FROM b\nRUN c\nARG A\nCMD d\n", ["A"], id="RUN before it"),
        pytest.param("FROM b AS x\nARG A\nFROM y\nRUN c\n", ["A"], id="RUN in another stage"),
    ],
)
def test_unused_arg(text, names):
    assert [text for _, text in found("unused-arg", text)] == names


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ARG A=1\nFROM b:${A:-2}\n", id="with a default"),
        pytest.param("ARG P\nFROM --platform=$P b\n", id="platform"),
        pytest.param("ARG A\nFROM b\nARG A\nRUN c\n", id="declared again"),
        pytest.param("ARG A\nFROM b\nONBUILD ARG A\n", id="declared again in ONBUILD"),
        pytest.param("ARG A\nFROM b\nRUN echo $A\n", id="undefined, which is another matter"),
        pytest.param("FROM b\nARG A\nRUN c\n", id="in the environment"),
        pytest.param("FROM b\nARG A\nONBUILD RUN c\n", id="in that of a child"),
        pytest.param("FROM b AS x\nARG A\nFROM x\nRUN c\n", id="in that of a later stage"),
        pytest.param("FROM b\nARG A\nLABEL c=$A\n", id="label"),
        pytest.param("FROM b\nARG A\nCOPY <<EOF /c\n$A\nEOF\n", id="heredoc"),
        pytest.param("FROM b\nARG A=1 B=$A\nLABEL c=$B\n", id="same instruction"),
        pytest.param("FROM b\nARG HTTP_PROXY\nARG TARGETARCH\nARG SOURCE_DATE_EPOCH\nARG BUILDKIT_X\n", id="builder's"),
        pytest.param("ARG A\nARG B\n", id="a fragment"),
        pytest.param("FROM b\nONBUILD ARG A\n", id="a child's"),
    ],
)
def test_arg_that_may_matter(text):
    assert found("unused-arg", text) == []


# --- unexpanded-shell-syntax ---


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('CMD ["java", "-jar", "$APP"]', '"$APP"'),
        ('CMD ["java", "-Dport=$PORT"]', '"-Dport=$PORT"'),
        ('ENTRYPOINT ["server", "--port=${PORT}"]', '"--port=${PORT}"'),
        ('CMD ["migrate", "&&", "server"]', '"&&"'),
        ('RUN ["echo", "a", ">", "/b"]', '">"'),
        ('HEALTHCHECK CMD ["curl", "http://localhost:$PORT/"]', '"http://localhost:$PORT/"'),
        ("ENV A=~/b", "~"),
        ('ENV PATH="$PATH:~/bin"', "~"),
        ("WORKDIR ~", "~"),
        ("COPY a ~/b", "~"),
        ("ENV A=$(date)", "$(date)"),
        ('ARG JOBS="$(nproc)"', "$(nproc)"),
        ("ARG NOW=`date`", "`date`"),
        ('LABEL built="$(date)"', "$(date)"),
    ],
)
def test_shell_syntax_without_a_shell(line, place):
    assert found("unexpanded-shell-syntax", f"FROM debian:12\n{line}\n") == [("warning", place)]


@pytest.mark.parametrize(
    "line",
    [
        'CMD ["sh", "-c", "exec server $PORT && x"]',
        'CMD ["/usr/bin/env", "bash", "-c", "a | b $C"]',
        'CMD ["tini", "--", "sh", "-c", "a $B"]',
        'CMD ["/entrypoint.sh", "$A"]',
        'CMD ["awk", "{print $NF}"]',
        'CMD ["find", ".", "-exec", "rm", "{}", ";"]',
        'CMD ["perl", "-e", "print $x"]',
        'CMD ["nginx", "-g", "set $a b;"]',
        'CMD ["java", "-jar", "a.jar", "--db=${DB_URL}"]',
        'CMD ["grep", "^a$"]',
        'CMD ["pwsh", "-Command", "$x = 1"]',
        'CMD ["a", "b;c", "d>e"]',
        'RUN [ "$A" = b ] && c',
        "ENV PS1='$(whoami) $ '",
        'ENV START_CMD="make -j$(nproc)"',
        "ENV A='$(b)'",
        "ENV A=\\$(b)",
        "ENV A=a~b B=~c C=x:~/y D=http://x/~user",
        'LABEL usage="docker run -v $(pwd):/x"',
        'LABEL note="use `a` and `b`"',
        "COPY ~backup /x",
        "COPY a /b/~",
    ],
)
def test_shell_syntax_that_is_meant(line):
    assert found("unexpanded-shell-syntax", f"FROM debian:12\n{line}\n") == []


def test_words_for_an_entrypoint_that_may_read_them():
    assert found("unexpanded-shell-syntax", 'FROM a\nENTRYPOINT ["/run.sh"]\nCMD ["a", "$B"]\n') == []
    assert found("unexpanded-shell-syntax", 'FROM a\nENTRYPOINT ["/run"]\nCMD ["a", "$B"]\n') == [("warning", '"$B"')]
    assert found("unexpanded-shell-syntax", 'FROM a\nENV A="$(b)"\nRUN eval "$A"\n') == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'CMD ["java", "$JAVA_OPTS", "-jar", "a b.jar"]',
            'CMD ["sh", "-c", "exec java $JAVA_OPTS -jar \\"a b.jar\\""]',
        ),
        ('CMD ["a", "&&", "b"]', 'CMD ["sh", "-c", "a && exec b"]'),
        ('ENTRYPOINT ["a", "|", "b"]', 'ENTRYPOINT ["sh", "-c", "a | b"]'),
        ('RUN ["a", "$B", ">", "/c"]', 'RUN a "$B" > /c'),
        ('HEALTHCHECK --interval=5s CMD ["a", "$B"]', 'HEALTHCHECK --interval=5s CMD a "$B"'),
        ("WORKDIR ~/b", "WORKDIR /root/b"),
    ],
)
def test_shell_syntax_is_given_a_shell(before, after):
    assert fixed("unexpanded-shell-syntax", f"FROM debian:12\n{before}\n") == f"FROM debian:12\n{after}\n"


def test_no_shell_form_without_a_shell():
    text = 'FROM gcr.io/distroless/static-debian12\nCMD ["/a", "$B"]\n'
    assert found("unexpanded-shell-syntax", text) == [("warning", '"$B"')]
    assert fixed("unexpanded-shell-syntax", text) == text


# --- path-overwrite ---


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("ENV PATH=/a/bin", "ENV PATH=/a/bin:$PATH"),
        ('ENV PATH "/a/bin:/b"', 'ENV PATH "/a/bin:/b:$PATH"'),
        ("ENV A=b PATH=/a C=d", "ENV A=b PATH=/a:$PATH C=d"),
        ("ENV PATH='/a'", "ENV PATH='/a'"),
        ("ENV PATH=/opt/x-${V}/bin", "ENV PATH=/opt/x-${V}/bin:$PATH"),
    ],
)
def test_lost_path(line, after):
    assert [each[0] for each in found("path-overwrite", f"FROM a\n{line}\n")] == ["error"]
    assert fixed("path-overwrite", f"FROM a\n{line}\n") == f"FROM a\n{after}\n"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nENV PATH=/a:$PATH\n",
        "FROM a\nENV PATH ${PATH}:/a\n",
        "FROM a\nENV PATH=/usr/local/bin:/usr/bin\n",
        "FROM a\nENV PATH=/a:/bin/\n",
        "FROM a\nENV PATH=/a:$OTHER\n",
        "FROM a\nENV OLD=/usr/bin\nENV PATH=/a:$OLD\n",
        "FROM scratch\nENV PATH=/a\n",
        "FROM gcr.io/distroless/base-debian12\nENV PATH=/a\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV PATH=C:/a\n",
        "FROM a\nENV PATH='C:\\a;C:\\b'\n",
        "FROM a\nENV NODE_PATH=/a PYTHONPATH=/b\n",
        "FROM a\nARG PATH=/a\n",
    ],
)
def test_path_that_is_kept(text):
    assert found("path-overwrite", text) == []


# --- write-after-volume ---


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("FROM a\nVOLUME /d\nRUN chown b /d\n", "/d", id="chown"),
        pytest.param("FROM a\nVOLUME /d\nCOPY x.txt /d/x.txt\n", "/d/x.txt", id="COPY"),
        pytest.param('FROM a\nVOLUME ["/d", "/e"]\nADD x.txt /e/\n', "/e/", id="exec form"),
        pytest.param("FROM a\nWORKDIR /d\nVOLUME /d\nRUN echo x > y\n", "y", id="working directory"),
        pytest.param("FROM a AS b\nVOLUME /d\nFROM b\nCOPY x.txt /d/x.txt\n", "/d/x.txt", id="a stage below"),
    ],
)
def test_write_after_volume(text, place):
    assert found("write-after-volume", text) == [("info", place)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nCOPY x /d/x\nVOLUME /d\n", id="before"),
        pytest.param("FROM a\nVOLUME /d\nCOPY x /data/x\n", id="a longer name"),
        pytest.param("FROM a\nVOLUME /d\nRUN rm -rf /d/x\n", id="removal"),
        pytest.param("FROM a\nVOLUME $D\nCOPY x /d/x\n", id="unknown volume"),
        pytest.param("FROM a\nVOLUME /d\nCOPY x $T\n", id="unknown target"),
        pytest.param("FROM a AS b\nVOLUME /d\nCOPY x /d/x\nFROM c\nCOPY --from=b /y /y\n", id="does not ship"),
        pytest.param("FROM a\nVOLUME /d\nRUN --mount=type=cache,target=/d echo x > /d/y\n", id="under a mount"),
        pytest.param('FROM a\nVOLUME /d\nCMD ["sh", "-c", "echo > /d/x"]\n', id="at run time"),
    ],
)
def test_write_that_lasts(text):
    assert found("write-after-volume", text) == []


def test_volume_moves_below_the_last_write():
    text = "FROM a\nVOLUME /d\nCOPY x /d/x\nFROM b\nRUN c\n"
    assert fixed("write-after-volume", text) == text
    text = "FROM a\nVOLUME /d\nRUN chown b /d\nCMD c"
    assert fixed("write-after-volume", text) == "FROM a\nRUN chown b /d\nVOLUME /d\nCMD c"
    text = "FROM a\n\n# kept\nVOLUME /d\n\nRUN touch /d/x\nUSER b\nCOPY y /d/y\n\nCMD c\n"
    assert fixed("write-after-volume", text) == (
        "FROM a\n\nRUN touch /d/x\nUSER b\nCOPY y /d/y\n\n# kept\nVOLUME /d\n\nCMD c\n"
    )
    text = "FROM a\n# kept\nVOLUME /d\nVOLUME /e\nRUN touch /d/x /e/x\n\nCMD c\n"
    assert fixed("write-after-volume", text) == "FROM a\nRUN touch /d/x /e/x\n# kept\nVOLUME /d\nVOLUME /e\n\nCMD c\n"
    text = "FROM a\nARG D=/d\nVOLUME $D\nARG D=/e\nRUN touch /d/x\n"
    assert fixed("write-after-volume", text) == text


# --- unowned-copy ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("FROM a\nUSER b\nCOPY c.sh /c.sh\nRUN chmod +x /c.sh\n", "b runs chmod on it", id="chmod"),
        pytest.param(
            "FROM a\nWORKDIR /w\nUSER b\nCOPY . .\nRUN chmod +x ./mvnw\n", "b runs chmod on it", id="in a tree"
        ),
        pytest.param("FROM a\nUSER b\nCOPY . /w\nRUN touch /w/log/x\n", "b writes to /w/log/x", id="writes"),
        pytest.param(
            "FROM a\nUSER 1000:1000\nCOPY . /w\nWORKDIR /w\nRUN yarn install\n", "runs yarn install", id="yarn"
        ),
        pytest.param(
            'FROM ruby:3.3\nWORKDIR /rails\nUSER rails\nCOPY . .\nCMD ["bin/rails", "server"]\n', "Rails", id="Rails"
        ),
    ],
)
def test_copy_that_the_user_has_to_write_to(text, message):
    (finding,) = bench("unowned-copy").findings(text)
    assert finding.severity == "info"
    assert message in finding.message
    assert "tally:copy-after-user-without-chown" in finding.aliases


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nUSER b\nCOPY . /w\n", id="only read"),
        pytest.param("FROM a\nUSER b\nWORKDIR /w\nCOPY . .\nRUN npm ci\n", id="the user's directory"),
        pytest.param("FROM a\nRUN mkdir /w && chown b /w\nUSER b\nCOPY . /w\nRUN touch /w/x\n", id="given away"),
        pytest.param("FROM a\nUSER b\nCOPY . /home/b/w\nRUN touch /home/b/w/x\n", id="home"),
        pytest.param("FROM a\nUSER b\nCOPY c /c\nUSER root\nRUN chmod +x /c\n", id="root again"),
        pytest.param("FROM a\nUSER b\nCOPY c /c\nRUN sudo chmod +x /c\n", id="sudo"),
        pytest.param("FROM a\nUSER b\nCOPY c /c\nRUN chmod +x /c || true\n", id="may fail"),
        pytest.param("FROM a\nUSER b\nCOPY . /w\nRUN npm install -g x\n", id="elsewhere"),
        pytest.param("FROM a AS x\nUSER b\nCOPY c /c\nRUN chmod +x /c\nFROM y\n", id="does not ship"),
    ],
)
def test_copy_that_may_belong_to_root(text):
    assert visible("unowned-copy", text) == []
    assert codes("unowned-copy", text) == ["tally:copy-after-user-without-chown"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nUSER b\nCOPY --chown=b c.sh /c.sh\nRUN chmod +x /c.sh\n",
        "FROM a\nUSER root\nCOPY c.sh /c.sh\nRUN chmod +x /c.sh\n",
        "FROM a\nUSER $B\nCOPY c.sh /c.sh\nRUN chmod +x /c.sh\n",
        "FROM a\nCOPY c.sh /c.sh\nUSER b\nRUN true\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\nCOPY c /c\n",
    ],
)
def test_copy_that_has_its_owner(text):
    assert found("unowned-copy", text) == []


# --- entrypoint-clash ---


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param('FROM a\nENTRYPOINT b\nCMD ["c"]\n', "warning", id="CMD is ignored"),
        pytest.param("FROM a\nENTRYPOINT exec b\nCMD c\n", "warning", id="both in shell form"),
        pytest.param('FROM a\nENTRYPOINT ["python3", "-u"]\nCMD app.py\n', "warning", id="python"),
        pytest.param('FROM a\nENTRYPOINT ["/usr/sbin/nginx"]\nCMD -g x\n', "warning", id="nginx"),
        pytest.param('FROM a AS b\nENTRYPOINT ["node"]\nFROM b\nCMD app.js\n', "warning", id="inherited"),
        pytest.param('FROM gcr.io/distroless/python3-debian12\nCMD ["python3", "a.py"]\n', "error", id="python twice"),
        pytest.param(
            'FROM gcr.io/distroless/java21-debian12\nCMD ["java", "-jar", "a.jar"]\n', "error", id="java twice"
        ),
    ],
)
def test_entrypoint_clash(text, severity):
    assert [each[0] for each in found("entrypoint-clash", text)] == [severity]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM a\nENTRYPOINT ["b"]\nCMD ["c"]\n', id="exec form"),
        pytest.param('FROM a\nENTRYPOINT ["/b.sh"]\nCMD c $D\n', id="script"),
        pytest.param('FROM a\nENTRYPOINT ["/b"]\nCMD c $D\n', id="unknown program"),
        pytest.param('FROM a\nENTRYPOINT ["tini", "--"]\nCMD c $D\n', id="init"),
        pytest.param('FROM a\nENTRYPOINT ["python", "run.py"]\nCMD c\n', id="a script in python"),
        pytest.param('FROM a\nENTRYPOINT ["python", "-m", "wrapper"]\nCMD c\n', id="a module"),
        pytest.param('FROM a\nENTRYPOINT exec b "$@"\nCMD ["c"]\n', id="hands its arguments on"),
        pytest.param("FROM a\nENTRYPOINT b\n", id="no CMD"),
        pytest.param("FROM a AS b\nCMD c\nFROM b\nENTRYPOINT d\n", id="CMD is reset"),
        pytest.param('FROM gcr.io/distroless/python3-debian12\nCMD ["a.py"]\n', id="once"),
        pytest.param('FROM gcr.io/distroless/nodejs22\nENTRYPOINT ["/x"]\nCMD ["node", "a"]\n', id="own ENTRYPOINT"),
        pytest.param('FROM gcr.io/distroless/cc-debian12\nCMD ["node", "a"]\n', id="no interpreter"),
        pytest.param('FROM node:22\nCMD ["node", "a"]\n', id="its script execs"),
        pytest.param('FROM a AS b\nENTRYPOINT x\nCMD ["y"]\nFROM c\n', id="does not ship"),
    ],
)
def test_entrypoint_that_fits(text):
    assert found("entrypoint-clash", text) == []


def test_both_take_the_exec_form():
    assert fixed("entrypoint-clash", "FROM a\nENTRYPOINT b c\nCMD d\n") == 'FROM a\nENTRYPOINT ["b", "c"]\nCMD ["d"]\n'
    text = 'FROM gcr.io/distroless/java21-debian12\nCMD ["java", "-jar", "a.jar"]\n'
    assert fixed("entrypoint-clash", text) == 'FROM gcr.io/distroless/java21-debian12\nCMD ["a.jar"]\n'


# --- signal-swallowing-command ---


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('FROM node:22\nCMD ["npm", "run", "start"]\n', '"npm", "run", "start"'),
        ('FROM node:22\nENTRYPOINT ["yarn", "start"]\n', '"yarn", "start"'),
        ('FROM node:22\nCMD ["pnpm", "run", "x"]\n', '"pnpm", "run", "x"'),
        ('FROM debian:12\nCMD ["/bin/sh", "-c", "a && b"]\n', "b"),
        ('FROM alpine:3.23\nENTRYPOINT ["ash", "-c", "a"]\n', "a"),
    ],
)
def test_signals_are_swallowed(text, place):
    assert found("signal-swallowing-command", text) == [("info", place)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM node:22\nCMD ["node", "a.js"]\n', id="node"),
        pytest.param('FROM node:22\nCMD ["npm", "test"]\n', id="ends by itself"),
        pytest.param('FROM node:22\nENTRYPOINT ["tini", "--", "npm", "start"]\n', id="init"),
        pytest.param('FROM node:22\nENTRYPOINT ["dumb-init"]\nCMD ["npm", "start"]\n', id="init and CMD"),
        pytest.param('FROM node:22\nENTRYPOINT ["/e.sh"]\nCMD ["npm", "start"]\n', id="unknown script"),
        pytest.param("FROM node:22\nCMD npm start\n", id="shell form, another rule's"),
        pytest.param('FROM debian:12\nCMD ["sh", "-c", "a && exec b"]\n', id="exec"),
        pytest.param('FROM debian:12\nCMD ["sh", "-c", "trap x TERM; a & wait"]\n', id="trap"),
        pytest.param('FROM debian:12\nCMD ["bash", "-c", "a; b"]\n', id="bash replaces itself"),
        pytest.param('FROM fedora:43\nCMD ["sh", "-c", "a"]\n', id="sh is bash"),
        pytest.param('FROM debian:12\nCMD ["sh"]\n', id="a bare shell"),
        pytest.param('FROM debian:12\nCMD ["sh", "-c", "supervisord -n"]\n', id="a supervisor"),
        pytest.param('FROM node:22 AS dev\nCMD ["npm", "start"]\nFROM nginx\n', id="does not ship"),
        pytest.param('FROM mcr.microsoft.com/windows/servercore:1\nCMD ["npm", "start"]\n', id="Windows"),
    ],
)
def test_signals_arrive(text):
    assert found("signal-swallowing-command", text) == []


def in_context(tmp_path, rule, text, **files):
    for name, content in files.items():
        (tmp_path / name.replace("_", ".")).write_text(content)
    context = BuildContext(str(tmp_path), str(tmp_path / "Dockerfile"), True)
    result = Engine([RULES[rule]()]).lint(Dockerfile(Source(text), context=context))
    assert not result.internal
    return [(finding.severity, finding.message) for finding in result.findings]


def test_script_from_the_context(tmp_path):
    text = 'FROM debian:12\nCOPY run.sh /usr/local/bin/\nENTRYPOINT ["run.sh"]\n'
    script = "#!/bin/sh\nset -e\nmigrate\nserver --all\n"
    ((severity, message),) = in_context(tmp_path, "signal-swallowing-command", text, run_sh=script)
    assert severity == "info"
    assert "run.sh ends in server without exec" in message
    script = script.replace("server --all", 'exec "$@"')
    assert in_context(tmp_path, "signal-swallowing-command", text, run_sh=script) == []
    ((_, message),) = in_context(tmp_path, "signal-swallowing-command", text + 'CMD ["npm", "start"]\n', run_sh=script)
    assert message.startswith("npm is process 1")


@pytest.mark.parametrize(
    "script",
    [
        "#!/usr/bin/env python3\nimport app\n",
        "#!/bin/sh\nif [ -n x ]; then\n  a\nelse\n  exec b\nfi\n",
        "#!/bin/sh\ntrap stop TERM\nserver &\nwait\n",
        "#!/bin/sh\nmigrate\necho done\n",
        "#!/bin/sh\nwhile true; do\n  a\ndone\n",
        "#!/bin/sh\nif [\n",
        "",
    ],
)
def test_script_that_is_fine_or_not_understood(tmp_path, script):
    text = 'FROM debian:12\nCOPY run.sh /run.sh\nENTRYPOINT ["sh", "/run.sh"]\n'
    assert in_context(tmp_path, "signal-swallowing-command", text, run_sh=script) == []


# --- ungraceful-stopsignal ---


@pytest.mark.parametrize("signal", ["SIGKILL", "KILL", "9", "sigkill", "SIGSTOP", "STOP", "19"])
def test_signal_that_cannot_be_caught(signal):
    text = f"FROM a\nSTOPSIGNAL {signal}\n"
    assert found("ungraceful-stopsignal", text) == [("warning", signal)]
    assert codes("ungraceful-stopsignal", text) == ["tally:no-ungraceful-stopsignal"]
    assert fixed("ungraceful-stopsignal", text) == "FROM a\nSTOPSIGNAL SIGTERM\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'FROM ubuntu:24.04\nRUN apt-get install -y systemd-sysv\nCMD ["/sbin/init"]\n', "warning", id="init"
        ),
        pytest.param(
            'FROM rockylinux:9\nRUN rm -f /lib/systemd/system/a\nCMD ["/usr/sbin/init"]\n', "warning", id="its units"
        ),
        pytest.param('FROM fedora:43\nENTRYPOINT ["/usr/lib/systemd/systemd"]\n', "warning", id="systemd"),
        pytest.param(
            'FROM debian:12\nRUN apt-get install -y systemd\nSTOPSIGNAL SIGTERM\nCMD ["/sbin/init"]\n',
            "warning",
            id="another signal",
        ),
        pytest.param('FROM debian:12\nCMD ["nginx", "-g", "daemon off;"]\n', "info", id="nginx"),
        pytest.param("FROM debian:12\nCMD exec nginx -g 'daemon off;'\n", "info", id="exec nginx"),
    ],
)
def test_program_with_its_own_signal(text, expected):
    assert [each[0] for each in found("ungraceful-stopsignal", text)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM debian:12\nRUN ./install_s6init.sh\nCMD ["/init"]\n', id="s6"),
        pytest.param('FROM ubuntu:24.04\nCMD ["/sbin/init"]\n', id="no init that is known"),
        pytest.param('FROM debian:12\nRUN apt install systemd\nCOPY a /sbin/init\nCMD ["/sbin/init"]\n', id="copied"),
        "FROM a\nSTOPSIGNAL SIGTERM\n",
        "FROM a\nSTOPSIGNAL $S\n",
        'FROM debian:12\nSTOPSIGNAL SIGRTMIN+3\nCMD ["/sbin/init"]\n',
        'FROM debian:12\nSTOPSIGNAL SIGQUIT\nCMD ["nginx"]\n',
        'FROM debian:12\nSTOPSIGNAL SIGWINCH\nCMD ["nginx"]\n',
        'FROM nginx:1.29\nCMD ["nginx"]\n',
        'FROM openresty/openresty:alpine\nCMD ["openresty"]\n',
        'FROM registry.example.com/base:1\nCMD ["nginx"]\n',
        'FROM registry.example.com/systemd:1\nCMD ["/sbin/init"]\n',
        'FROM alpine:3.23\nRUN apk add openrc\nCMD ["/sbin/init"]\n',
        'FROM debian:12\nRUN apt-get install -y sysvinit-core\nCMD ["/sbin/init"]\n',
        'FROM debian:12\nCMD ["/init"]\n',
        "FROM debian:12\nCMD nginx && tail -f /dev/null\n",
        'FROM debian:12\nENTRYPOINT ["/e.sh"]\nCMD ["nginx"]\n',
        "FROM a AS b\nSTOPSIGNAL SIGKILL\nFROM c\n",
    ],
)
def test_signal_that_is_fine(text):
    assert found("ungraceful-stopsignal", text) == []


# --- misplaced-env ---


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("ENV DEBIAN_FRONTEND noninteractive", "ARG DEBIAN_FRONTEND=noninteractive"),
        ('env DEBIAN_FRONTEND="noninteractive"', 'arg DEBIAN_FRONTEND="noninteractive"'),
        ("ENV A=b DEBIAN_FRONTEND=teletype", "ARG DEBIAN_FRONTEND=teletype\nENV A=b"),
        ("ENV DEBCONF_NOWARNINGS=yes", "ARG DEBCONF_NOWARNINGS=yes"),
        ("ENV HTTPS_PROXY=http://p:3128", "ARG HTTPS_PROXY=http://p:3128"),
        ("ENV http_proxy=$http_proxy", "ARG http_proxy=$http_proxy"),
        ("ENV A=b CUDA_VISIBLE_DEVICES=0", "ENV A=b"),
        ("ENV A=b NVIDIA_VISIBLE_DEVICES=GPU-1a,GPU-2b", "ENV A=b"),
        ("ENV NVIDIA_DRIVER_CAPABILITIES=all", "ENV NVIDIA_DRIVER_CAPABILITIES=all"),
    ],
)
def test_misplaced_env(line, after):
    assert [each[0] for each in found("misplaced-env", f"FROM a\n{line}\n")] == ["info"]
    assert fixed("misplaced-env", f"FROM a\n{line}\n") == f"FROM a\n{after}\n"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nARG DEBIAN_FRONTEND=noninteractive\n",
        "FROM a\nRUN DEBIAN_FRONTEND=noninteractive b\n",
        "FROM a\nENV DEBIAN_FRONTEND=noninteractive\nRUN b\nENV DEBIAN_FRONTEND=dialog\n",
        'FROM a\nENV http_proxy="" https_proxy=\n',
        "FROM a\nENV no_proxy=localhost\n",
        "FROM a\nENV CUDA_VISIBLE_DEVICES=-1\n",
        "FROM a\nENV CUDA_VISIBLE_DEVICES=\n",
        "FROM a\nENV NVIDIA_VISIBLE_DEVICES=all\n",
        "FROM a\nENV NVIDIA_VISIBLE_DEVICES=$GPUS\n",
        "FROM a\nENV NVIDIA_DRIVER_CAPABILITIES=compute,utility\n",
        "FROM a AS b\nENV DEBIAN_FRONTEND=noninteractive\nFROM c\nCOPY --from=b /x /x\n",
    ],
)
def test_env_in_its_place(text):
    assert found("misplaced-env", text) == []


# --- label-schema-violation ---

SCHEMA = {"label-schema": {"name": "text", "url": "url"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM a\n", ["DL3049", "sonar:S7028"], id="missing"),
        pytest.param("FROM a\nLABEL name=b url=c\n", ["DL3052"], id="no URL"),
        pytest.param("FROM a\nLABEL name='' url=http://c/\n", ["DL3051"], id="empty"),
        pytest.param("FROM a\nLABEL name=b url=\n", ["DL3051", "DL3052"], id="empty and no URL"),
        pytest.param("FROM a\nLABEL name=b url=http://c/ x=y\n", [], id="more than asked for"),
        pytest.param("FROM a\nARG U\nLABEL name=$U url=$U\n", [], id="unknown values"),
        pytest.param("FROM a\nARG U=nonsense\nLABEL name=b url=$U\n", ["DL3052"], id="known value"),
        pytest.param('FROM a\nLABEL "name"="b"\nLABEL "url" "http://c/"\n', [], id="quotes"),
        pytest.param("FROM a AS b\nLABEL name=b url=http://c/\nFROM b\n", [], id="inherited"),
        pytest.param("FROM a AS b\nFROM c\nLABEL name=b url=http://c/\nCOPY --from=b /x /x\n", [], id="copied from"),
        pytest.param("LABEL url=x\n", ["DL3052"], id="a fragment"),
        pytest.param("FROM a\nONBUILD LABEL url=x\nLABEL name=b url=http://c/\n", [], id="a child's"),
    ],
)
def test_label_schema(text, expected):
    assert codes("label-schema-violation", text, **SCHEMA) == expected


def test_label_schema_speaks_of_what_is_exported():
    text = "FROM a AS b\nRUN c\nFROM d\nLABEL name=e url=http://f/\n"
    assert found("label-schema-violation", text, **SCHEMA) == [("style", "a AS b"), ("style", "a AS b")]
    assert found("label-schema-violation", "FROM a\nRUN c\nFROM d\n", **SCHEMA)[-1] == ("info", "d")


def test_strict_labels():
    text = "FROM a\nLABEL name=b url=http://c/ nmae=d x=y\n"
    findings = bench("label-schema-violation", **SCHEMA, **{"strict-labels": True}).findings(text)
    assert [finding.aliases for finding in findings] == [("DL3050",), ("DL3050",)]
    assert findings[0].message == "label `nmae` is not in the schema, perhaps `name` is meant"


def test_no_schema_no_findings():
    assert found("label-schema-violation", "FROM a\nLABEL b=''\n") == []


@pytest.mark.parametrize(
    ("kind", "value", "severity"),
    [
        ("rfc3339", "2026-03-01", "info"),
        ("spdx", "Apache 2", "info"),
        ("spdx", "MIT OR Apache-2.0", "style"),
        ("spdx", "apache-2.0", "style"),
        ("hash", "abcdef", "info"),
        ("hash", "abcdef0123", "style"),
        ("hash", "ABCDEF0", "info"),
        ("semver", "v1.2.3", "info"),
        ("semver", "1.2", "info"),
        ("email", "A. Writer", "info"),
    ],
)
def test_label_type(kind, value, severity):
    text = f'FROM a\nLABEL x="{value}"\n'
    assert [each[0] for each in found("label-schema-violation", text, **{"label-schema": {"x": kind}})] == [severity]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "anything"),
        ("rfc3339", "2026-03-01T10:26:33.564595127+01:00"),
        ("spdx", "BSD-3-Clause"),
        ("spdx", "GPL-3.0-or-later"),
        ("hash", "2dbfae9"),
        ("hash", "2dbfae92dbfae92dbfae92dbfae92dbfae92dbfa"),
        ("semver", "2.0.1-rc1"),
        ("email", "a.writer+x@example.com"),
        ("url", "https://example.com/a?b#c"),
    ],
)
def test_label_of_its_type(kind, value):
    assert found("label-schema-violation", f'FROM a\nLABEL x="{value}"\n', **{"label-schema": {"x": kind}}) == []


def test_types_of_values():
    for text in ("http://a", "https://u:p@a:8/x", "ssh://git@a/b.git", "mailto:a@b", "urn:isbn:1", "file:///a"):
        assert is_url(text), text
    for text in ("", "a", "a.b/c", "://a", "http:", "http://", "http:/a", "1a:b", "http://a b", "http://é/"):
        assert not is_url(text), text
    for text in ("2026-02-28T00:00:00Z", "2026-12-31t23:59:60z", "2026-01-01 00:00:00.1-23:59"):
        assert is_time(text), text
    for text in ("", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
                 "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "x026-01-01T00:00:00Z"):  # fmt: skip
        assert not is_time(text), text
    for text in ("0.0.0", "1.2.3-a.1+b.01", "1.0.0--"):
        assert is_semver(text), text
    for text in ("", "1", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.x"):
        assert not is_semver(text), text
    for text in ("a@b", "a.b@c.de", '"a b"@c.de', "a@[127.0.0.1]"):
        assert is_mail(text), text
    for text in ("", "a", "@b", "a@", "a b@c", ".a@b", "a..b@c", "a@b..c", "A <a@b.c>"):
        assert not is_mail(text), text


# --- invalid-label ---


@pytest.mark.parametrize(
    "key", ["com.docker.x", "io.docker.x", "org.dockerproject.x", "A", "a_b!", "1a", ".a", "a.", "a..b", "a--b", "a$b"]
)
def test_invalid_label(key):
    assert codes("invalid-label", f"FROM x\nLABEL {key}=y\n") == ["DL3048", "tally:labels/valid-key"]


@pytest.mark.parametrize("key", ["a", "a1", "com.example.a-b_c", "org.valid-key.label3", "maintainer", '"a.b"'])
def test_valid_label(key):
    assert found("invalid-label", f"FROM x\nLABEL {key}=y\n") == []


def test_label_that_goes_stale():
    image = "FROM x\nLABEL org.opencontainers.image"
    assert codes("invalid-label", f"{image}.base.digest=sha256:abc\n") == ["tally:labels/no-stale-base-digest"]
    assert codes("invalid-label", f"{image}.revision=abc\n") == ["tally:labels/no-buildx-git-overlap"]
    assert len(found("invalid-label", f"{image}.created=2026-01-01\n")) == 1
    for rest in (".created=$CREATED", ".revision=${REV}", '.revision=""', ".version=1.2.3"):
        assert found("invalid-label", image + rest + "\n") == []


# --- todo-comment ---


@pytest.mark.parametrize("comment", ["# TODO x", "#TODO", "# TODOs", "# a TODO b", "# x (TODO): y"])
def test_todo(comment):
    assert found("todo-comment", f"FROM a\n{comment}\nRUN b \\\n  {comment}\n  c\n") == [
        ("style", comment),
        ("style", comment),
    ]


@pytest.mark.parametrize("line", ["# todo x", "# AUTODOC", "# MY_TODO_LIST", "RUN echo '# TODO'", "LABEL a=TODO"])
def test_no_todo(line):
    assert found("todo-comment", f"FROM a\n{line}\n") == []


# --- unreadable-run ---


def test_long_line():
    words = " ".join(["word"] * 30)
    assert codes("unreadable-run", f"FROM a\nRUN {words}\n") == ["sonar:S7020"]
    assert codes("unreadable-run", f"FROM a\nRUN <<EOF\n{words}\nEOF\n") == ["sonar:S7020"]
    for fine in (f"RUN {'x' * 130}", f"RUN curl {'-a ' * 8} https://x/{'y' * 90}", f"# {words}", f"CMD {words}"):
        assert found("unreadable-run", f"FROM a\n{fine}\n") == []
    assert found("unreadable-run", f"FROM a\nRUN a \\\n  # {words}\n  b\n") == []


def test_many_commands_on_a_line():
    assert codes("unreadable-run", "FROM a\nRUN a && b && c && d\n") == ["tally:newline-per-chained-call"]
    assert codes("unreadable-run", "FROM a\nRUN <<EOF\na; b; c; d\nEOF\n") == ["tally:prefer-formatted-heredocs"]
    assert found("unreadable-run", "FROM a\nRUN a && b && c\n") == []
    assert found("unreadable-run", "FROM a\nRUN a && b && \\\n  c && d\n") == []
    assert found("unreadable-run", "FROM a\nRUN (a; b; c; d) && e\n") == []


def test_lines_are_broken_before_the_operator():
    text = "FROM a\nRUN a && b  &&  c && (d && e) || f\n"
    assert fixed("unreadable-run", text) == "FROM a\nRUN a \\\n    && b \\\n    && c \\\n    && (d && e) || f\n"
    backtick = "# escape=`\r\nFROM a\r\nRUN a && b && c && d\r\n"
    assert fixed("unreadable-run", backtick) == (
        "# escape=`\r\nFROM a\r\nRUN a `\r\n    && b `\r\n    && c `\r\n    && d\r\n"
    )
    for kept in ("RUN <<EOF\na && b && c && d\nEOF", "RUN a; b; c; d"):
        assert fixed("unreadable-run", f"FROM a\n{kept}\n") == f"FROM a\n{kept}\n"


def test_file_written_line_by_line():
    assert codes("unreadable-run", "FROM a\nRUN echo b > /c && echo d >> /c\n") == ["tally:prefer-copy-heredoc"]
    assert codes("unreadable-run", "FROM a\nRUN printf 'b\\nc\\n' > /d\n") == ["tally:prefer-copy-heredoc"]
    for fine in ("echo b > /c", "echo b > /c && echo d > /e", "echo b >> /dev/stderr && echo c >> /dev/stderr",
                 "cat a b > c", "sed -i 's/a/b/' c"):  # fmt: skip
        assert found("unreadable-run", f"FROM a\nRUN {fine}\n") == []


# --- unsorted-packages ---


def listed(*names, command="apt-get install -y"):
    return f"FROM debian:12\nRUN {command} \\\n    " + " \\\n    ".join(names) + "\n"


@pytest.mark.parametrize("command", ["apt-get install -y", "apk add", "dnf install -y", "pip install"])
def test_unsorted_packages(command):
    text = listed("b", "c", "a", command=command)
    assert found("unsorted-packages", text) == [("style", "a")]
    assert fixed("unsorted-packages", text) == listed("a", "b", "c", command=command)


@pytest.mark.parametrize(
    "text",
    [
        listed("a", "b", "c"),
        listed("a=9", "a-b=1", "b"),
        listed("A", "b", "C"),
        listed("b", "a"),
        listed("c", "$B", "a"),
        listed("c", "-t x", "b", "a"),
        listed("c", "b a", "d"),
        listed("c", '"b"', "a"),
        "FROM debian:12\nRUN apt-get install -y \\\n  c \\\n  # why\n  b \\\n  a\n",
        "FROM debian:12\nRUN apt-get purge -y \\\n  c \\\n  b \\\n  a\n",
        "FROM debian:12\nRUN echo \\\n  c \\\n  b \\\n  a\n",
    ],
)
def test_packages_that_stay(text):
    assert found("unsorted-packages", text) == []


# --- untidy-whitespace ---


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("FROM a \nRUN b\t\n", "FROM a\nRUN b\n", id="trailing"),
        pytest.param("FROM a\nRUN b \\  \n  c\n", "FROM a\nRUN b \\\n  c\n", id="behind a continuation"),
        pytest.param("# a \nFROM a\n  \nRUN b\n", "# a\nFROM a\n\nRUN b\n", id="comments and empty lines"),
        pytest.param("FROM a", "FROM a\n", id="no line end"),
        pytest.param("FROM a\r\nRUN b", "FROM a\r\nRUN b\r\n", id="no line end, CRLF"),
        pytest.param("FROM a\n\n\nRUN b\n\n\n\n", "FROM a\n\nRUN b\n\n", id="empty lines"),
        pytest.param("FROM  a\nRUN\tb\nONBUILD  RUN   c\n", "FROM a\nRUN b\nONBUILD RUN c\n", id="keywords"),
    ],
)
def test_untidy_whitespace(text, after):
    assert found("untidy-whitespace", text)
    assert bench("untidy-whitespace").fixed(text, unsafe=False) == after


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n\nRUN b\n",
        "FROM a\nCOPY <<EOF /f\nb  \n\n\n\tc\nEOF\n",
        'FROM a\nRUN echo "a   b"\n',
        "FROM a\nENV A  b\n",
        "FROM a\nRUN b \\\n\n\n\n  c\n",
        "FROM a\nRUN b \\\n\tc \\\n\t\td\n",
        "FROM a\nRUN \\\n  b\n",
        "",
    ],
)
def test_tidy_whitespace(text):
    assert found("untidy-whitespace", text) == []


def test_mixed_indentation():
    assert codes("untidy-whitespace", "FROM a\nRUN b \\\n    c \\\n\td\n") == ["tally:consistent-indentation"]
    assert codes("untidy-whitespace", "FROM a\nRUN b \\\n \tc\n") == ["tally:consistent-indentation"]


# --- numbered-stage-reference ---


def test_stage_by_number():
    text = "FROM a AS b\nFROM c\nFROM d\nCOPY --from=0 /e /e\nCOPY --chown=x --from=1 /f /f\nCOPY --from=1 /g /g\n"
    assert found("numbered-stage-reference", text) == [("style", "0"), ("style", "1"), ("style", "1")]
    assert bench("numbered-stage-reference").fixed(text, unsafe=False) == text.replace("from=0", "from=b")
    assert fixed("numbered-stage-reference", text) == (
        "FROM a AS b\nFROM c AS stage-1\nFROM d\nCOPY --from=b /e /e\n"
        "COPY --chown=x --from=stage-1 /f /f\nCOPY --from=stage-1 /g /g\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "FROM a AS b\nFROM c\nCOPY --from=b /d /d\n",
        "FROM a AS b\nFROM c\nCOPY --from=5 /d /d\n",
        "FROM a AS b\nFROM c\nCOPY 0 /d\n",
        "FROM a\nCOPY --from=nginx:1 /d /d\n",
    ],
)
def test_stage_by_name(text):
    assert found("numbered-stage-reference", text) == []


def test_name_that_means_another_stage_is_not_used():
    text = "FROM a AS b\nFROM c AS b\nFROM d\nCOPY --from=0 /e /e\n"
    assert fixed("numbered-stage-reference", text) == text


# --- invalid-ignore-pattern ---


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
def test_ignore_line_that_cannot_work(tmp_path, ignore, severity, message):
    (tmp_path / ".dockerignore").write_text(ignore)
    ((found_severity, found_message),) = in_context(tmp_path, "invalid-ignore-pattern", "FROM a\nCOPY . /b\n")
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
def test_ignore_line_that_works(tmp_path, ignore):
    (tmp_path / ".dockerignore").write_text(ignore)
    assert in_context(tmp_path, "invalid-ignore-pattern", "FROM a\nCOPY . /b\n") == []


def test_own_ignore_file_hides_the_general_one(tmp_path):
    (tmp_path / ".dockerignore").write_text("a\nb\n")
    (tmp_path / "Dockerfile.dockerignore").write_text("a\n")
    ((severity, message),) = in_context(tmp_path, "invalid-ignore-pattern", "FROM a\nCOPY . /b\n")
    assert severity == "warning"
    assert message == ".dockerignore is not read, Dockerfile.dockerignore takes its place without 1 of its patterns"
    (tmp_path / "Dockerfile.dockerignore").write_text("b\na\nc\n")
    assert in_context(tmp_path, "invalid-ignore-pattern", "FROM a\nCOPY . /b\n") == []


def test_many_ignore_lines_take_no_long_time(tmp_path):
    (tmp_path / ".dockerignore").write_text("".join(f"a{n}/b\n!c{n}/d\n" for n in range(5000)))
    start = time.perf_counter()
    assert len(in_context(tmp_path, "invalid-ignore-pattern", "FROM a\nCOPY . /b\n")) == 20
    assert time.perf_counter() - start < 5


# --- all of them ---

IDS = (
    "ignored-directive missing-syntax-directive broken-continuation trailing-comment unused-arg"
    " unexpanded-shell-syntax path-overwrite write-after-volume unowned-copy entrypoint-clash"
    " signal-swallowing-command ungraceful-stopsignal misplaced-env label-schema-violation invalid-label"
    " todo-comment unreadable-run unsorted-packages untidy-whitespace numbered-stage-reference"
    " invalid-ignore-pattern"
).split()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "FROM",
        "FROM \\",
        "RUN",
        "RUN [",
        "ENV",
        "ENV A",
        "ENV =",
        "LABEL =x",
        "ARG",
        "COPY",
        "COPY a",
        "WORKDIR",
        "STOPSIGNAL",
        "CMD []",
        "ENTRYPOINT []",
        'CMD [""]',
        "VOLUME []",
        "ONBUILD",
        "ONBUILD ONBUILD ENV A=~",
        "USER\nCOPY . .",
        "# syntax=",
        "# syntax=\n# syntax = :",
        "# syntax=@\nFROM a",
        "FROM a\nCOPY <<EOF /x\n",
        "FROM a\nRUN <<A <<B\nA\nB\n",
        'FROM a\nCMD ["sh", "-c"]',
        'FROM a\nCMD ["sh", "-c", ""]',
        "FROM a\nRUN a \\\n",
        "FROM a\nRUN 'a \\\n #\n",
        "FROM a\nENV PATH",
        'FROM a\nENV PATH=\nENV PATH="\n',
        "FROM a\n\udcff\ud800 x # y\n",
    ],
)
def test_nothing_raises(text):
    options = {"label-schema-violation": {"label-schema": {"a": "url"}, "strict-labels": True}}
    rules = [RULES[rule_id](options.get(rule_id)) for rule_id in IDS]
    for instructions in (text, "FROM debian:12\nUSER x\n" + text, text + "\nFROM debian:12\n"):
        assert Engine(rules).lint(Dockerfile(Source(instructions))).internal == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nRUN " + " && \\\n  ".join(["b"] * 5000) + "\n", id="commands"),
        pytest.param(
            "FROM a\nVOLUME " + " ".join(f"/{n}" for n in range(5000)) + "\nCOPY b /0/c\n" * 5000, id="volumes"
        ),
        pytest.param("FROM a\nUSER b\n" + "COPY c /c\nRUN chmod +x /d\n" * 5000, id="copies"),
        pytest.param("ARG A=b\n" * 5000 + "FROM a\n" + "ENV PATH=/x A=~/y\n" * 5000, id="variables"),
        pytest.param("FROM a\nRUN b" + "\\\nc" * 10000 + "\n", id="continuations"),
        pytest.param("FROM a\nRUN " + "$(" * 5000 + " # \\\n x\n", id="brackets"),
        pytest.param("FROM a\n" + "\n\n\nRUN b  \n" * 5000, id="empty lines"),
        pytest.param("FROM a\nFROM b\n" + "COPY --from=0 c d\n" * 5000, id="stages by number"),
    ],
)
def test_long_files_take_no_long_time(text):
    engine = Engine([RULES[rule_id]() for rule_id in IDS])
    start = time.perf_counter()
    engine.lint(Dockerfile(Source(text)))
    assert time.perf_counter() - start < 10
