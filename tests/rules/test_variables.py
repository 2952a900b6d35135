"""Variables: undefined, unused, misplaced, not expanded, overwritten."""

import pytest

from rule_answers import findings, fixed, levels, marks, places, under

BASE = "FROM debian:12\n"


# --- variables ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("COPY $x $x", [2, 2], id="once a word"),
        pytest.param("ENV a=$x$x", [2], id="once within a word"),
        pytest.param("ENV a=$x b=${x:-1}", [2, 2], id="defaults do not count"),
        pytest.param("ENV a=${x:-${y:-z}}", [2, 2], id="nested"),
        pytest.param("ENV a=1 b=$a", [2], id="same ENV"),
        pytest.param("LABEL $x=$y", [2, 2], id="keys too"),
        pytest.param("ADD --chown=$x a b", [2], id="flags"),
        pytest.param("RUN --mount=type=cache,target=$x true", [2], id="mounts"),
        pytest.param("COPY <<EOF /a\n$x ${y}\nEOF", [2, 2], id="heredoc"),
        pytest.param("ARG a=$x", [2], id="default of an argument"),
        pytest.param("ENV b=$TARGETARCH c=$HTTP_PROXY", [2, 2], id="not there without ARG"),
        pytest.param("WORKDIR /$x\nUSER $y\nVOLUME $z\nSTOPSIGNAL $w", [2, 3, 4, 5], id="other instructions"),
    ],
)
def test_undefined(text, lines):
    assert places("undefined-variable", "FROM scratch\n" + text + "\n", "UndefinedVar") == lines


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM scratch\nARG a\nENV b=$a\n", id="argument without value"),
        pytest.param("FROM scratch\nARG a=1 b=$a\n", id="arguments one after the other"),
        pytest.param("FROM scratch\nENV a=$PATH\n", id="PATH"),
        pytest.param("FROM scratch AS s\nARG a\nENV e=1\nFROM s\nENV b=$a c=$e\n", id="inherited"),
        pytest.param("FROM scratch\nEXPOSE $x\nCMD $x\nRUN $x\n", id="not looked at"),
        pytest.param("FROM scratch\nENV a='$x' b=\\$x\n", id="not expanded"),
        pytest.param("FROM scratch\nCOPY <<'EOF' /a\n$x\nEOF\n", id="quoted heredoc"),
        pytest.param("FROM scratch\nARG TARGETARCH\nENV a=$TARGETARCH\n", id="declared platform"),
        pytest.param("FROM scratch\nCOPY --exclude=$x a b\n", id="exclude is not expanded so"),
    ],
)
def test_defined(text):
    assert places("undefined-variable", text, "UndefinedVar") == []


def test_names_of_one_stage_do_not_reach_another():
    text = "FROM scratch AS a\nARG x=1\nFROM scratch\nCOPY --from=a /$x /\nFROM a\nCOPY $x /\n"
    assert places("undefined-variable", text, "UndefinedVar") == [4]


def test_triggers_count_where_they_run():
    text = "FROM scratch AS a\nONBUILD ARG y\nONBUILD COPY $x $y /\nFROM a\nENV z=$y\n"
    assert places("undefined-variable", text, "UndefinedVar") == [4]
    assert sorted(levels("undefined-variable", text)) == ["style", "warning"]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("FROM debian:12\nENV a=$x\n", "warning", id="known base"),
        pytest.param("FROM example.org/team/base\nENV a=$x\n", "style", id="unknown base"),
        pytest.param("FROM eclipse-temurin:21\nENV a=$JAVA_HOME\n", "style", id="base sets it"),
        pytest.param("FROM nginx:1.29\nENV a=$NGINX_VERSION\n", "style", id="named after the base"),
        pytest.param("FROM scratch\nENV a=$JAVA_HOME\n", "warning", id="scratch sets nothing"),
        pytest.param("FROM debian:12\nENV a=${x:-1}\n", "style", id="with a default"),
        pytest.param("ARG x=1\nFROM example.org/team/base\nENV a=$x\n", "warning", id="declared before FROM"),
        pytest.param("FROM example.org/team/base\nENV a=$TARGETARCH\n", "warning", id="no base sets these"),
        pytest.param("FROM example.org/team/base\nENV a=1 b=$a\n", "warning", id="same ENV"),
        pytest.param("FROM debian:$x\n", "error", id="FROM"),
        pytest.param("FROM debian:${x:-12}\n", "warning", id="FROM with a default"),
    ],
)
def test_levels_of_undefined(text, severity):
    assert levels("undefined-variable", text) == [severity]


def test_old_value_in_the_same_env():
    again = "FROM debian:12\nENV V=1\nENV V=2 URL=/a/$V\n"
    assert under("undefined-variable", again) == ["$V"]
    assert places("undefined-variable", again, "DL3044") == []
    assert places("undefined-variable", BASE + "ENV A=1 B=$A\n", "DL3044") == [2]
    assert places("undefined-variable", BASE + "ENV PATH=/a:$PATH PATH=/b:$PATH\n", "DL3044") == [2]
    # Its own old value is what everybody means there, and `A=$A` changes nothing.
    assert findings("undefined-variable", BASE + "ENV PATH=/a:$PATH MODE=x\n") == []
    assert findings("undefined-variable", BASE + "ARG A\nENV A=$A B=$A\n") == []


def test_global_argument_in_run():
    text = 'ARG V=1\nFROM debian:12\nRUN echo "v$V"\n'
    assert places("undefined-variable", text, "sonar:S6579") == [3]
    assert fixed("undefined-variable", text) == 'ARG V=1\nFROM debian:12\nARG V\nRUN echo "v$V"\n'
    for line in ("RUN V=2; echo $V", "RUN for V in a b; do echo $V; done", "RUN echo '$V'", "RUN echo ${V:-3}"):
        assert findings("undefined-variable", f"ARG V=1\nFROM debian:12\n{line}\n") == []
    assert findings("undefined-variable", "ARG V=1\nFROM debian:12\nARG V\nRUN echo $V\n") == []


def test_near_names_are_proposed():
    text = BASE + "ARG VERSION=1\nENV A=v${VERSIN}\n"
    assert fixed("undefined-variable", text) == BASE + "ARG VERSION=1\nENV A=v${VERSION}\n"
    assert fixed("undefined-variable", "ARG TAG=1\nFROM a:$TGA\n") == "ARG TAG=1\nFROM a:$TAG\n"
    far = BASE + "ARG VERSION=1\nENV A=$REVISION\n"
    assert fixed("undefined-variable", far) == far


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM golang:1.26\nWORKDIR $GOPATH/src\n", id="set by the base"),
        pytest.param(BASE + 'ARG "vcs_url=x"\nLABEL a=$vcs_url\n', id="a quoted ARG"),
        pytest.param("FROM debian:12\nARG ROLE=a\nENV P=$HOME/bin\n", id="HOME"),
        pytest.param("FROM debian:12\nARG MAJOR_VERSION\nARG MINOR_VERSION=$MINOR_VERSION\n", id="two edits"),
        pytest.param("FROM debian:12\nARG VERSION_1=a\nLABEL a=$VERSION_2\n", id="a digit"),
        pytest.param("FROM debian:12\nARG MIRROR_A=a\nLABEL a=$MIRROR_B\n", id="a letter by itself"),
        pytest.param("FROM debian:12\nARG PACKAGES=a\nLABEL a=$PACKAGE\n", id="a plural"),
        pytest.param("FROM example/app\nARG VERSION=a\nLABEL a=$VERSIN\n", id="any base"),
    ],
)
def test_other_names_are_no_slips(text):
    assert fixed("undefined-variable", text) == text


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
    assert [text for _, text in marks("unused-arg", text)] == names


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
    assert marks("unused-arg", text) == []


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
    assert marks("unexpanded-shell-syntax", f"FROM debian:12\n{line}\n") == [("warning", place)]


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
    assert marks("unexpanded-shell-syntax", f"FROM debian:12\n{line}\n") == []


def test_words_for_an_entrypoint_that_may_read_them():
    assert marks("unexpanded-shell-syntax", 'FROM a\nENTRYPOINT ["/run.sh"]\nCMD ["a", "$B"]\n') == []
    assert marks("unexpanded-shell-syntax", 'FROM a\nENTRYPOINT ["/run"]\nCMD ["a", "$B"]\n') == [("warning", '"$B"')]
    assert marks("unexpanded-shell-syntax", 'FROM a\nENV A="$(b)"\nRUN eval "$A"\n') == []


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
    assert marks("unexpanded-shell-syntax", text) == [("warning", '"$B"')]
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
    assert [each[0] for each in marks("path-overwrite", f"FROM a\n{line}\n")] == ["error"]
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
    assert marks("path-overwrite", text) == []


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
    assert [each[0] for each in marks("misplaced-env", f"FROM a\n{line}\nRUN make\n")] == ["info"]
    frame = "from a\n{}\nrun make\n" if line[0].islower() else "FROM a\n{}\nRUN make\n"
    assert fixed("misplaced-env", frame.format(line)) == frame.format(after)


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
    assert marks("misplaced-env", text) == []
