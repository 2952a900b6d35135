"""The rules that carry the names of BuildKit's checks: where they speak, where they must not, and what they edit."""

import pytest

from dfadvise import packs
from dfadvise.base.reference import is_reference, platform
from dfadvise.source import Source
from dfadvise.spelling import nearest
from dfadvise.stages import Dockerfile
from dfadvise.syntax.validate import validate
from dfadvise.testing import Bench, context_of

RULES = {rule.id: rule for rule in packs.load_packs()}


def findings(rule, text, root=None, **options):
    return Bench(RULES[rule], root=root, options=options).findings(text)


def places(rule, text, alias, **options):
    """Lines of the instructions that a foreign code is found at."""
    source = Source(text)
    return [
        finding.instruction.line if finding.instruction else source.line(finding.span.start)
        for finding in findings(rule, text, **options)
        if alias in finding.aliases
    ]


def severities(rule, text, **options):
    return [finding.severity for finding in findings(rule, text, **options)]


def under(rule, text, **options):
    """The words that the findings point at."""
    source = Source(text)
    return [source.slice(finding.span) for finding in findings(rule, text, **options)]


def fixed(rule, text, unsafe=True):
    return Bench(RULES[rule]).fixed(text, unsafe)


def refusals(text, **options):
    return [(refusal.code, refusal.line) for refusal in validate(Dockerfile(Source(text), **options))]


BASE = "FROM debian:12\n"


# --- what BuildKit refuses ---


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("RUNN echo", "keyword", id="unknown keyword"),
        pytest.param("COPY --form=x a b", "flag", id="unknown flag"),
        pytest.param("CMD --init true", "flag", id="flag where there are none"),
        pytest.param("COPY --chown=a --chown=b x y", "flag", id="repeated flag"),
        pytest.param("COPY --chown x y", "flag", id="flag without its value"),
        pytest.param("COPY --link=perhaps x y", "flag", id="no truth value"),
        pytest.param("COPY --link= x y", "flag", id="empty truth value"),
        pytest.param("COPY a", "arguments", id="no destination"),
        pytest.param("COPY", "arguments", id="nothing to copy"),
        pytest.param("ENV", "arguments", id="ENV without anything"),
        pytest.param("ENV =a", "arguments", id="blank name"),
        pytest.param("ARG =a", "arguments", id="blank argument name"),
        pytest.param("ENV a", "parser", id="ENV without value"),
        pytest.param("LABEL a=1 b", "parser", id="pair without equals sign"),
        pytest.param('CMD ["a", 1]', "parser", id="array of more than strings"),
        pytest.param("WORKDIR", "arguments", id="WORKDIR without path"),
        pytest.param("MAINTAINER", "arguments", id="MAINTAINER without name"),
        pytest.param("VOLUME", "arguments", id="VOLUME without path"),
        pytest.param("SHELL /bin/bash -c", "arguments", id="SHELL not in JSON"),
        pytest.param("HEALTHCHECK", "arguments", id="HEALTHCHECK alone"),
        pytest.param("HEALTHCHECK CMD", "arguments", id="HEALTHCHECK without command"),
        pytest.param("HEALTHCHECK NONE x", "arguments", id="HEALTHCHECK NONE with more"),
        pytest.param("HEALTHCHECK curl -f localhost", "arguments", id="HEALTHCHECK of another type"),
        pytest.param("HEALTHCHECK --interval=5 CMD true", "value", id="duration without unit"),
        pytest.param("HEALTHCHECK --interval=$I CMD true", "value", id="no variables in a duration"),
        pytest.param("HEALTHCHECK --timeout=10us CMD true", "value", id="too short"),
        pytest.param("HEALTHCHECK --retries=-1 CMD true", "value", id="negative retries"),
        pytest.param("HEALTHCHECK --retries=few CMD true", "value", id="retries in words"),
        pytest.param("RUN --network=bridge true", "value", id="unknown network"),
        pytest.param("RUN --security=off true", "value", id="unknown security mode"),
        pytest.param("COPY --chmod=999 a b", "value", id="no octal mode"),
        pytest.param("COPY --chmod=17777 a b", "value", id="mode out of range"),
        pytest.param("COPY https://example.org/a /a", "value", id="COPY of an address"),
        pytest.param("ADD --checksum=sha256:00 https://a/b https://a/c /", "value", id="checksum of two"),
        pytest.param("STOPSIGNAL SIGFOO", "value", id="unknown signal"),
        pytest.param("STOPSIGNAL 0", "value", id="no signal 0"),
        pytest.param('VOLUME [""]', "value", id="empty volume"),
        pytest.param("EXPOSE http", "port", id="no port"),
        pytest.param("EXPOSE 80/quic", "port", id="no protocol"),
        pytest.param("COPY <<EOF <<DEST\na\nEOF\nb\nDEST", "arguments", id="heredoc as destination"),
        pytest.param("RUN --mount=type=cash,target=/x true", "mount", id="unknown mount type"),
        pytest.param("RUN --mount=/x true", "mount", id="mount without key"),
        pytest.param("RUN --mount=type=cache,dest=/x true", "mount", id="unknown mount key"),
        pytest.param("RUN --mount=type=bind,target=/ true", "mount", id="mount over the root"),
        pytest.param("RUN --mount=type=cache,target=/x,sharing=mine true", "mount", id="unknown sharing"),
        pytest.param("RUN --mount=type=bind,target=/x,uid=5 true", "mount", id="uid of a bind"),
        pytest.param("RUN --mount=type=cache,target=/x,mode=rwx true", "mount", id="mode in letters"),
        pytest.param("RUN --mount=type=tmpfs,target=/x,size=big true", "mount", id="no size"),
        pytest.param("RUN --mount=type=secret true", "mount", id="secret without a name"),
        pytest.param("RUN --mount=type=secret,id=a,source=b true", "mount", id="secret with two names"),
        pytest.param("RUN --mount=type=secret,id=a,required=maybe true", "mount", id="no truth value in a mount"),
        pytest.param("ONBUILD", "arguments", id="ONBUILD alone"),
        pytest.param("ONBUILD FROM debian", "onbuild", id="ONBUILD FROM"),
        pytest.param("ONBUILD MAINTAINER me", "onbuild", id="ONBUILD MAINTAINER"),
        pytest.param("ONBUILD ONBUILD RUN true", "onbuild", id="ONBUILD ONBUILD"),
        pytest.param("ONBUILD RUNN true", "onbuild", id="ONBUILD of an unknown keyword"),
        pytest.param('ENV a="b', "word", id="open quote"),
        pytest.param('COPY "a b" c', "word", id="quotes do not hold COPY words together"),
        pytest.param("WORKDIR /${x", "word", id="open brace"),
        pytest.param("LABEL a=${x:=y}", "word", id="operator that does not exist"),
        pytest.param("FROM debian AS 1st", "arguments", id="stage name with a digit first"),
        pytest.param("FROM debian AS", "arguments", id="FROM with two arguments"),
        pytest.param("FROM debian as a b", "arguments", id="FROM with four arguments"),
        pytest.param("FROM --platform=x86 debian", "value", id="no such platform"),
        pytest.param("FROM Debian", "image", id="capitals in an image"),
    ],
)
def test_refused(line, code):
    assert (code, 2) in refusals(BASE + line + "\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BASE + "RUN\nCMD\nENTRYPOINT []\n", id="commands may be empty"),
        pytest.param(BASE + "RUN -- --x\nCOPY -- --a b\n", id="a lone -- ends the flags"),
        pytest.param(BASE + "ARG --x foo\n", id="ARG drops flags"),
        pytest.param(BASE + "HEALTHCHECK --frequency=5s NONE\n", id="so does HEALTHCHECK NONE"),
        pytest.param(BASE + "HEALTHCHECK --interval=1m30s --retries=0 cmd true\n", id="a duration of two units"),
        pytest.param(BASE + "HEALTHCHECK --interval=0 --timeout=1.5s CMD true\n", id="0 is the default"),
        pytest.param(BASE + "COPY --link=TRUE --chmod=u=rwX,go=rX a b\n", id="symbolic mode"),
        pytest.param(BASE + "ARG MODE\nCOPY --chmod=$MODE a b\n", id="unknown mode"),
        pytest.param(BASE + "STOPSIGNAL rtmin+3\n", id="real-time signal"),
        pytest.param(BASE + "STOPSIGNAL $SIGNAL\n", id="unknown signal"),
        pytest.param(BASE + "VOLUME $DATA\n", id="unknown volume"),
        pytest.param(BASE + "RUN --mount=type=bind,from=nginx,src=/a,dst=/b,rw true\n", id="other names of keys"),
        pytest.param(BASE + "RUN --mount=type=secret,id=a,env=TOKEN,required true\n", id="secret as a variable"),
        pytest.param(BASE + "RUN --mount=type=ssh true\n", id="mount without options"),
        pytest.param(BASE + "ARG UID\nRUN --mount=type=cache,target=/x,uid=$UID true\n", id="unknown uid"),
        pytest.param(BASE + "RUN --mount=target=. true\n", id="relative target on an unknown directory"),
        pytest.param(BASE + "ARG NEEDED\nENV a=${NEEDED:?needed}\n", id="an argument may be given"),
        pytest.param(BASE + "ENV a=${b#c} d=${b%%e} f=${b/g/h}\n", id="operators that exist"),
        pytest.param(BASE + "RUN echo \"it's\" 'a\n", id="what a shell reads is the shell's"),
        pytest.param(BASE + "ADD https://example.org/a https://example.org/b /x/\n", id="ADD of two addresses"),
        pytest.param("ARG A=12\nFROM debian:$A AS b1.x-y_z\n", id="stage name with everything allowed"),
        pytest.param("FROM --platform=$BUILDPLATFORM debian:12\n", id="platform variable"),
        pytest.param("FROM --platform=linux/arm64/v8 debian:12\n", id="platform with variant"),
        pytest.param("ARG IMAGE\nFROM $IMAGE\n", id="an image to be given"),
        pytest.param("FROM scratch AS a\nFROM a\n", id="stage as image"),
    ],
)
def test_not_refused(text):
    assert refusals(text) == []


def test_files_without_stages():
    assert refusals("RUN true\nCMD x\n") == [("no-stage", 1)]
    assert refusals("ARG a=1\n") == [("no-stage", 1)]
    assert refusals("ENV a=1\nFROM debian\n") == [("no-stage", 1)]
    assert [code for code, _ in refusals("")] == ["parser"]


def test_aliases_of_refusals():
    def codes(text):
        return set().union(*(finding.aliases for finding in findings("syntax-error", text)))

    assert codes("LABEL a=1\nFROM debian:12\n") == {"DL1000", "DL3061", "kics:52e2b1c6"}
    assert "tally:require-stages" in codes("RUN true\n")
    assert "DL3061" not in codes("ARG a\n")
    assert {"DL1000", "DL3043"} <= codes(BASE + "ONBUILD FROM a\n")
    assert {"DL1000", "tally:unknown-instruction"} <= codes(BASE + "RUNN a\n")
    # BuildKit builds this image; what is refused is a build on top of it.
    assert codes(BASE + "ONBUILD COPY a\n") == set()


def test_suggestions_keep_the_case_and_are_applied():
    assert nearest("RUMM", ["FROM", "RUN"]) == "RUN"
    assert fixed("syntax-error", BASE + "RUMM true\n") == BASE + "RUN true\n"
    assert fixed("syntax-error", "from debian:12\ncpoy a b\n") == "from debian:12\ncopy a b\n"
    assert fixed("syntax-error", BASE + "COPY --chwon=a b c\n") == BASE + "COPY --chown=a b c\n"
    # Nothing is near.
    assert fixed("syntax-error", BASE + "INSTALL curl\n") == BASE + "INSTALL curl\n"


def test_one_cause_is_shown_once():
    bench = Bench(RULES["syntax-error"], RULES["invalid-expose"], RULES["invalid-base-image"])
    shown = [(f.rule, f.severity) for f in bench.findings("FROM Debian\nEXPOSE 99999\n")]
    assert ("invalid-base-image", "error") in shown
    assert ("invalid-expose", "error") in shown
    assert ("syntax-error", "style") in shown
    assert ("syntax-error", "error") not in shown


# --- image names and platforms ---


@pytest.mark.parametrize(
    "text",
    [
        "debian",
        "library/debian:12-slim",
        "localhost/a:1",
        "registry.example.org:5000/a/b__c/d-e.f:V1.0_x",
        "[::1]:5000/a",
        "a@sha256:" + "0" * 64,
        "a:b@sha256:" + "f" * 64,
        "Registry/a",
    ],
)
def test_references(text):
    assert is_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Debian",
        "a/B",
        "a:",
        "a:.b",
        "a b",
        "-a",
        "a-",
        "a___b",
        "a..b",
        "a//b",
        "a@sha256:12",
        "https://a/b",
        "0" * 64,
    ],
)
def test_no_references(text):
    assert not is_reference(text)


def test_platforms():
    assert platform("linux/amd64") == ("linux", "amd64")
    assert platform("linux/x86_64") == ("linux", "amd64")
    assert platform("arm64") == ("linux", "arm64")
    assert platform("windows(10.0.17763)/amd64") == ("windows", "amd64")
    assert platform("linux")[0] == "linux"
    for text in ("", "x86", "linux/", "a/b/c/d", "linux/amd64 "):
        assert platform(text) is None


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("FROM Alpine\n", "error", id="capitals"),
        pytest.param("FROM alpine:\n", "error", id="empty tag"),
        pytest.param("ARG V=:\nFROM alpine:$V\n", "error", id="bad default"),
        pytest.param("ARG V\nFROM alpine:$V\n", "info", id="no default"),
        pytest.param("ARG V\nARG W=$V\nFROM alpine:${W}\n", "error", id="default of nothing"),
    ],
)
def test_invalid_base_image(text, severity):
    assert severities("invalid-base-image", text) == [severity]
    assert places("invalid-base-image", text, "InvalidDefaultArgInFrom") == [text.count("\n")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ARG V\nFROM alpine:3$V\n", id="empty suffix"),
        pytest.param("ARG V\nFROM alpine:${V:-3}\n", id="default in place"),
        pytest.param("FROM alpine-$TARGETARCH\n", id="platform argument"),
        pytest.param("FROM debian AS Build\nFROM build\n", id="stage"),
        pytest.param("ARG V\nARG V=3\nFROM alpine:$V\n", id="default given later"),
    ],
)
def test_valid_base_image(text):
    assert findings("invalid-base-image", text) == []


def test_base_image_is_judged_without_build_arguments():
    text = "ARG V\nFROM alpine:$V\n"
    assert places("invalid-base-image", text, "InvalidDefaultArgInFrom", **{"build-args": {"V": "3"}}) == [2]


def test_capitals_alone_are_fixed():
    assert fixed("invalid-base-image", "FROM Debian:12\n") == "FROM debian:12\n"
    text = "ARG V\nFROM a:${V}\nFROM b:${V}\n"
    assert severities("invalid-base-image", text) == ["info", "style"]
    assert fixed("invalid-base-image", "FROM Debian:\n") == "FROM Debian:\n"


@pytest.mark.parametrize(
    ("line", "finds"),
    [
        ("FROM --platform=linux/amd64 debian:12", True),
        ("FROM --platform=amd64 debian:12 AS build", True),
        ("FROM --platform=linux/amd64 debian:12 AS build-amd64", False),
        ("FROM --platform=linux/amd64 debian:12 AS linux", False),
        ("FROM --platform=${P:-linux/amd64} debian:12", False),
        ("FROM debian:12", False),
    ],
)
def test_constant_platform(line, finds):
    assert bool(places("constant-platform", line + "\n", "FromPlatformFlagConstDisallowed")) is finds
    assert bool(findings("constant-platform", line + "\n")) is finds


def test_platform_stays_where_files_for_one_are_fetched():
    text = "FROM --platform=linux/amd64 debian:12\nRUN curl -LO https://example.org/tool-amd64\n"
    assert fixed("constant-platform", text) == text


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("FROM --platform=$TARGETPLATFORM debian\n", True),
        ("FROM --platform=${TARGETPLATFORM} debian\n", True),
        ("FROM --platform=${TARGETPLATFORM:-linux/amd64} debian\n", True),
        ("ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian\n", True),
        ("FROM --platform=$BUILDPLATFORM debian\n", False),
        ("FROM --platform=$TARGETPLATFORM$X debian\n", False),
        ("FROM --platform=x$TARGETPLATFORM debian\n", False),
    ],
)
def test_redundant_platform(text, finds):
    assert bool(places("redundant-platform", text, "RedundantTargetPlatform")) is finds


def test_platform_of_the_files_own_is_not_deleted():
    text = "ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian\n"
    assert fixed("redundant-platform", text) == text


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
    assert sorted(severities("undefined-variable", text)) == ["style", "warning"]


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
    assert severities("undefined-variable", text) == [severity]


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


# --- commands ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM debian\nCMD a\nENTRYPOINT b\n", [2, 3]),
        ("FROM debian\nCMD\n", [2]),
        ("FROM debian\nCMD ['a']\n", [2]),
        ('FROM debian\nSHELL ["/bin/bash", "-c"]\nCMD a\n', []),
        ('FROM debian AS a\nSHELL ["/bin/bash", "-c"]\nFROM a\nCMD a\n', []),
        ('FROM debian\nCMD a\nSHELL ["/bin/bash", "-c"]\n', [2]),
        ('FROM debian\nCMD ["a"]\nHEALTHCHECK CMD a\nRUN a\n', []),
        ("FROM debian AS a\nONBUILD CMD x\nFROM a\n", [3]),
    ],
)
def test_shell_form(text, lines):
    assert places("shell-form-command", text, "JSONArgsRecommended") == lines


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("FROM debian\nCMD a b\n", "warning"),
        ("FROM debian\nCMD exec a b\n", "style"),
        ("FROM debian AS x\nCMD a b\nFROM debian\n", "style"),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCMD a b\n", "style"),
        ("FROM debian\nHEALTHCHECK CMD a b\n", "style"),
    ],
)
def test_levels_of_shell_form(text, severity):
    assert severities("shell-form-command", text) == [severity]


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("CMD server --port 80", 'CMD ["server", "--port", "80"]'),
        ("CMD exec server", 'CMD ["server"]'),
        ('CMD server \'a b\' "c\\"d"', 'CMD ["server", "a b", "c\\"d"]'),
        ("CMD server \\\n    --port 80", 'CMD ["server", \\\n    "--port", "80"]'),
        ("CMD server $PORT", None),
        ("CMD server *.conf", None),
        ("CMD server ~/conf", None),
        ("CMD server && other", None),
        ("CMD server > /log", None),
        ("CMD A=1 server", None),
        ("CMD cd /app", None),
        ("CMD server & wait", None),
    ],
)
def test_exec_form_of_simple_commands(line, new):
    assert fixed("shell-form-command", BASE + line + "\n") == BASE + (new or line) + "\n"


@pytest.mark.parametrize(
    "line",
    [
        "CMD ['a', 'b']",
        'CMD ["a" "b"]',
        'CMD ["a", "b",]',
        "CMD [a, b]",
        "CMD [python app.py]",
        "ENTRYPOINT [“a”, “b”]",
        'ENTRYPOINT ["C:\\app.exe"]',
        'RUN ["a", b]',
        'RUN ["a", "b"] && c',
        'COPY ["a", "b"',
        "COPY ['a', 'b']",
        "VOLUME [/data]",
        "HEALTHCHECK CMD ['a']",
    ],
)
def test_malformed_exec_form(line):
    assert len(findings("malformed-exec-form", BASE + line + "\n")) == (0 if line == 'COPY ["a", "b"' else 1)


@pytest.mark.parametrize(
    "line",
    [
        'CMD ["a", "b"]',
        "CMD []",
        "RUN [ -f /a ] || exit 1",
        'RUN [ "$A" = "b" ] && c',
        'RUN [ "$A" ] && c',
        'RUN [[ "$A" == b ]]',
        "RUN [Net.ServicePointManager]::SecurityProtocol = 'Tls12'; a",
        "CMD [Powershell-call]",
        "RUN test 'a'",
        "COPY [a-z]* /x/",
        "COPY a[1] b",
    ],
)
def test_no_malformed_exec_form(line):
    assert findings("malformed-exec-form", BASE + line + "\n") == []


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("CMD ['a', 'b c']", 'CMD ["a", "b c"]'),
        ('CMD ["a" "b"]', 'CMD ["a", "b"]'),
        ("CMD [python, /app.py]", 'CMD ["python", "/app.py"]'),
        ("VOLUME [/data]", 'VOLUME ["/data"]'),
        ("CMD [npm run, build]", None),
        ('CMD ["a", $B]', None),
        ('CMD ["a"] b', None),
        ("CMD ['a \"b\" c']", 'CMD ["a \\"b\\" c"]'),
    ],
)
def test_json_is_written_where_it_is_clear(line, new):
    assert fixed("malformed-exec-form", BASE + line + "\n") == BASE + (new or line) + "\n"


def test_malformed_array_hides_the_shell_form():
    bench = Bench(RULES["shell-form-command"], RULES["malformed-exec-form"])
    assert {(f.rule, f.severity) for f in bench.findings(BASE + "CMD ['a']\n")} == {
        ("malformed-exec-form", "error"),
        ("shell-form-command", "style"),
    }


# --- instructions that lose ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('FROM scratch\nCMD ["a"]\nCMD ["b"]\nCMD ["c"]\n', [2, 3]),
        ('FROM scratch\nHEALTHCHECK NONE\nHEALTHCHECK CMD ["b"]\n', [2]),
        ('FROM scratch AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\n', []),
        ('FROM scratch\nCMD ["a"]\nENTRYPOINT ["b"]\n', []),
        ('FROM scratch AS a\nONBUILD CMD ["a"]\nFROM a\nCMD ["b"]\n', [3]),
    ],
)
def test_overridden(text, lines):
    assert places("overridden-instruction", text, "MultipleInstructionsDisallowed") == lines


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("ENV A=1\nENV A=2", ["A=1"]),
        ("ENV A=1 A=2", ["A=1"]),
        ("LABEL a=1 b=2\nRUN true\nLABEL a=3", ["a=1"]),
        ('LABEL "a"=1\nLABEL a=2', ['"a"=1']),
        ("ENV A=1\nRUN true\nENV A=2", []),
        ("ENV A=1\nCOPY $A /\nENV A=2", []),
        ("ENV A=1\nENV A=${A}2", []),
        ("ENV A=1\nENV B=$A A=2", []),
        ("ENV A=1\nONBUILD RUN true\nENV A=2", ["A=1"]),
        ("ENV A=1\nENV B=2", []),
        ("ENV A=1\nUSER $A\nENV A=2", []),
    ],
)
def test_pairs_that_lose(body, words):
    assert under("overridden-instruction", BASE + body + "\n") == words


def test_what_loses_is_deleted():
    keep = BASE + "# the one\nCMD a\n"
    assert fixed("overridden-instruction", BASE + "CMD b\n# the one\nCMD a\n", unsafe=False) == keep
    assert fixed("overridden-instruction", BASE + "ENV A=1 B=2\nENV A=3\n") == BASE + "ENV B=2\nENV A=3\n"
    two = BASE + "ENV A=1 \\\n    B=2\nENV B=3\n"
    assert fixed("overridden-instruction", two) == BASE + "ENV A=1\nENV B=3\n"
    commented = BASE + "CMD b \\\n# why\n  c\nCMD a\n"
    assert fixed("overridden-instruction", commented) == commented


# --- paths ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM golang\nWORKDIR app\n", [2]),
        ("FROM golang\nWORKDIR app\nWORKDIR b\n", [2]),
        ("FROM golang\nWORKDIR /app\nWORKDIR b\n", []),
        ("FROM golang AS a\nWORKDIR /app\nFROM a\nWORKDIR b\n", []),
        ("FROM golang\nENV A=/app\nWORKDIR $A\n", []),
        ("FROM golang\nENV A=app\nWORKDIR $A\n", [3]),
        ("FROM golang\nWORKDIR $A/b\n", []),
        ("FROM golang\nWORKDIR C:/app\n", [2]),
        ("FROM golang\nWORKDIR '/app'\n", []),
        ("FROM golang AS a\nONBUILD WORKDIR rel\nFROM a\nWORKDIR x\n", [3]),
    ],
)
def test_relative_workdir(text, lines):
    assert places("relative-path", text, "WorkdirRelativePath") == lines


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("FROM golang\nWORKDIR app\n", "warning"),
        ("FROM golang\nWORKDIR /a\nWORKDIR app\n", "style"),
        ("FROM golang\nWORKDIR C:/app\n", "style"),
        ("FROM scratch\nCOPY a b\n", "style"),
        ("FROM golang\nCOPY a b\n", "warning"),
        ("FROM golang\nADD a ./\n", "warning"),
        ("FROM golang\nONBUILD COPY a b\n", "warning"),
    ],
)
def test_levels_of_relative_paths(text, severity):
    assert severities("relative-path", text) == [severity]


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang\nCOPY a $B\n",
        "FROM golang\nCOPY a 'c:\\b'\n",
        'FROM golang\nCOPY ["a", "/b"]\n',
        "FROM golang\nWORKDIR /x\nCOPY a b\n",
        "FROM golang\nONBUILD COPY a b\nWORKDIR /x\n",
        "FROM golang\nONBUILD WORKDIR /x\nONBUILD COPY a b\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nWORKDIR C:/app\n",
    ],
)
def test_absolute_enough(text):
    assert findings("relative-path", text) == []


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("WORKDIR app", "WORKDIR /app"),
        ('WORKDIR "./app"', 'WORKDIR "/app"'),
        ("COPY a .", "COPY a /"),
        ("COPY a ./b/", "COPY a /b/"),
        ("WORKDIR ../app", None),
        ("WORKDIR ~/app", None),
    ],
)
def test_leading_slash_on_a_base_that_ends_at_the_root(line, new):
    assert fixed("relative-path", BASE + line + "\n") == BASE + (new or line) + "\n"
    assert fixed("relative-path", "FROM golang\n" + line + "\n") == "FROM golang\n" + line + "\n"


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("COPY a b /app", "error"),
        ('COPY ["a", "b", "/app"]', "error"),
        ("COPY a <<EOF /app\nx\nEOF", "error"),
        ("COPY a b .", "style"),
        ("COPY a b $DIR", "style"),
    ],
)
def test_several_sources(line, severity):
    assert severities("missing-destination-slash", BASE + line + "\n") == [severity]


@pytest.mark.parametrize("line", ["COPY a b", "COPY a b ./", 'COPY a b "/x/"', "ENV D=/x/\nCOPY a b $D"])
def test_directory_or_one_source(line):
    assert findings("missing-destination-slash", BASE + line + "\n") == []


def test_slash_goes_inside_the_quotes():
    assert fixed("missing-destination-slash", BASE + 'COPY ["a", "b", "/x"]\n') == BASE + 'COPY ["a", "b", "/x/"]\n'
    variable = BASE + "ENV D=/x\nCOPY a b /y/$D\n"
    assert fixed("missing-destination-slash", variable) == variable


# --- ADD ---


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("ADD a.conf /etc/", "info"),
        ("ADD app.zip /x/", "info"),
        ("ADD *.jar /x/", "info"),
        ("ADD a.conf https://example.org/b /x/", "style"),
        ("ADD a.conf b.tar.gz /x/", "style"),
        ("ADD $FILE /x/", "style"),
        ("ARG V\nADD app-$V.jar /x/", "info"),
    ],
)
def test_add(line, severity):
    assert severities("add-for-local-file", BASE + line + "\n") == [severity]


@pytest.mark.parametrize(
    "line",
    [
        "ADD a.tar.zst /",
        "ADD 'a.tgz' /",
        "ADD https://example.org/a /a",
        "ADD git@example.org:a/b.git /a",
        "ADD --keep-git-dir https://example.org/a.git /a",
        "ADD --unpack=true a /a",
        "ARG V\nADD rootfs-$V.tar.xz /",
        "ARG V\nADD https://example.org/$V /a",
        "COPY a b",
    ],
)
def test_add_for_what_it_is_for(line):
    assert findings("add-for-local-file", BASE + line + "\n") == []


def test_add_is_judged_by_content():
    bench = Bench(RULES["add-for-local-file"])
    with context_of({"plain": "text", "dir/a": "a", "odd": 1}) as root:
        with open(f"{root}/odd", "wb") as stream:
            stream.write(b"\x1f\x8b\x08" + b"x" * 20)
        bench.root = root
        assert bench.findings(BASE + "ADD odd /x/\n") == []
        assert bench.fixed(BASE + "ADD plain /x/\n", unsafe=False) == BASE + "COPY plain /x/\n"
        assert bench.fixed(BASE + "add dir /x/\n", unsafe=False) == BASE + "copy dir /x/\n"
    absent = BASE + "ADD absent /x/\n"
    assert fixed("add-for-local-file", absent, unsafe=False) == absent
    wild = BASE + "ADD * /x/\n"
    assert fixed("add-for-local-file", wild) == wild


# --- key and value ---


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("ENV a b", 'ENV a="b"'),
        ("ENV a b  c", 'ENV a="b  c"'),
        ("ENV a $B/c", 'ENV a="$B/c"'),
        ('ENV a "b c"', 'ENV a="b c"'),
        ("LABEL a 'b c'", "LABEL a='b c'"),
        ("ENV a b\\ c", "ENV a=b\\ c"),
        ("ENV a \\\n  b \\\n  c", 'ENV a="b \\\n  c"'),
        ('ENV a "b" c', None),
        ('ENV a ${B:-"c d"} e', None),
        ("ENV a it's", None),
        ("ENV a \\\n# why\n  b", None),
    ],
)
def test_legacy_pairs(line, new):
    text = BASE + line + "\n"
    assert places("legacy-key-value", text, "LegacyKeyValueFormat") == [2]
    assert fixed("legacy-key-value", text, unsafe=False) == BASE + (new or line) + "\n"


def test_one_legacy_pair_a_stage_is_shown():
    text = "FROM debian\nENV a b\nENV c d\nFROM debian\nLABEL e f\n"
    assert severities("legacy-key-value", text) == ["info", "style", "info"]
    spaced = BASE + "ENV a = b\n"
    assert severities("legacy-key-value", spaced) == ["warning"]
    assert places("legacy-key-value", spaced, "sonar:S6574") == [2]
    assert fixed("legacy-key-value", spaced, unsafe=False) == spaced


@pytest.mark.parametrize(
    ("maintainer", "label"),
    [
        ("Jane <j@e.org>", '"Jane <j@e.org>"'),
        ('"Jane Doe"', '"Jane Doe"'),
        ('The "A" $team', '"The \\"A\\" \\$team"'),
    ],
)
def test_maintainer_becomes_a_label(maintainer, label):
    text = BASE + f"MAINTAINER {maintainer}\n"
    new = BASE + f"LABEL org.opencontainers.image.authors={label}\n"
    assert fixed("deprecated-maintainer", text, unsafe=False) == new


def test_maintainer_is_left_alone_beside_the_label():
    text = BASE + "MAINTAINER a\nLABEL org.opencontainers.image.authors=b\n"
    assert fixed("deprecated-maintainer", text) == text
    assert places("deprecated-maintainer", text, "MaintainerDeprecated") == [2]


# --- names and case ---


@pytest.mark.parametrize(
    ("text", "code", "lines"),
    [
        ("FROM a\nrun x\n", "ConsistentInstructionCasing", [2]),
        ("from a\nRUN x\nrun y\n", "ConsistentInstructionCasing", [2]),
        ("from a\nrun x\n", "ConsistentInstructionCasing", []),
        ("arg a\nFROM a\n", "ConsistentInstructionCasing", []),
        ("FROM a\nOnBuild RUN x\n", "ConsistentInstructionCasing", [2]),
        ("FROM a as b\n", "FromAsCasing", [1]),
        ("from a AS b\n", "FromAsCasing", [1]),
        ("FROM a aS b\n", "FromAsCasing", [1]),
        ("From a as b\n", "FromAsCasing", []),
        ("FROM a AS B\n", "StageNameCasing", [1]),
        ("FROM a\nEXPOSE 80/TCP 81/Udp 82/tcp\n", "ExposeProtoCasing", [2, 2]),
        ("FROM a\nEXPOSE 80/HTTP\n", "ExposeProtoCasing", []),
    ],
)
def test_case(text, code, lines):
    assert places("inconsistent-case", text, code) == lines


def test_case_is_mended_with_all_references():
    text = "from a AS Build\nRUN x\nFROM a\nCOPY --from=Build a b\nCOPY --from=build a b\n"
    new = "FROM a AS build\nRUN x\nFROM a\nCOPY --from=build a b\nCOPY --from=build a b\n"
    assert fixed("inconsistent-case", text, unsafe=False) == new
    lower = "from a as b\nrun x\ncopy --from=b c d\nCMD x\n"
    assert fixed("inconsistent-case", lower) == lower


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nRUN x \\\n  y\n  some-devel\\\n  z\n", id="a package behind a lost backslash"),
        pytest.param("FROM a\nrun x\nLABLE a=b\n", id="refused"),
        pytest.param("from a\nrun x\nRUN y\n", id="towards lower case"),
    ],
)
def test_case_is_left_alone(text):
    assert findings("inconsistent-case", text)
    assert fixed("inconsistent-case", text) == text


@pytest.mark.parametrize(
    "command",
    ["powershell ./start -p %sa_password%", "app.exe -x", "server C:\\data"],
)
def test_what_cmd_may_read_stays_in_shell_form(command):
    text = f"FROM example/app\nCMD {command}\n"
    assert fixed("shell-form-command", text) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("missing-destination-slash", "FROM debian:12\nCOPY a b /x # c\n"),
        ("missing-destination-slash", "FROM debian:12\nCOPY a b \\\nRUN x\n"),
        ("relative-path", "FROM debian:12\nCOPY a /x # c\n"),
        ("unused-arg", "FROM debian:12\nARG STACK # e.g. 8.5\n"),
        ("admin-port", "FROM debian:12\nEXPOSE 22 # SSH\n"),
        ("overridden-instruction", "FROM debian:12\nENV A=b # c\nENV A=c\n"),
        ("shell-form-command", "FROM debian:12\nCMD x \\\nEXPOSE 80\n"),
        ("legacy-key-value", "FROM debian:12\nENV A b # for the tests\n"),
        ("package-cache-left", "FROM debian:12\nRUN apt-get update && apt-get install -y curl; \\\n\nRUN echo\n"),
        ("package-cache-left", "FROM fedora:42\nRUN dnf install -y a \\\n  b\n  c \\\n  d\n"),
        ("empty-continuation", "FROM debian:12\nRUN apt-get install -y curl; \\\n\nRUN echo\n"),
    ],
)
def test_strays_are_not_built_upon(rule, text):
    assert fixed(rule, text) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("unused-arg", "FROM debian:12\nRUN x\n# the revision\nARG REVISION\nCMD x\n"),
        ("admin-port", "FROM debian:12\n# Standard SSH port\nEXPOSE 22\nCMD x\n"),
        ("overridden-instruction", "FROM debian:12\n# Start it\nCMD x\n\n# Or so\nCMD y\n"),
    ],
)
def test_no_comment_is_left_behind(rule, text):
    assert fixed(rule, text) == text


def test_one_blank_line_stays_where_an_instruction_was():
    assert fixed("unused-arg", BASE + "RUN x\n\nARG A\n\nCMD x\n") == BASE + "RUN x\n\nCMD x\n"
    assert fixed("unused-arg", BASE + "RUN x\n\nARG A\n") == BASE + "RUN x\n"
    assert fixed("unused-arg", "# syntax=docker/dockerfile:1\nARG A\n\nFROM a\n") == (
        "# syntax=docker/dockerfile:1\n\nFROM a\n"
    )


def test_a_stage_comes_to_one_form_at_once():
    text = BASE + "ENV A 1\n# dfadvise: ignore[legacy-key-value]\nENV B 2\nENV C 3\n"
    shown, *rest = [f for f in findings("legacy-key-value", text) if f.severity != "style"]
    assert not rest
    assert [edit.text for edit in shown.fix.edits] == ['="', '"', '="', '"']


def test_stage_names():
    text = "FROM a AS b\nFROM a AS B\nFROM a AS scratch\nFROM a AS d\n"
    assert places("stage-name-clash", text, "DuplicateStageName") == [2]
    assert places("stage-name-clash", text, "DL3024") == []
    assert places("stage-name-clash", text, "ReservedStageName") == [3]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# about x\nARG x\nFROM a\n", [2]),
        ("# x: about it\nARG x\nFROM a\n", [2]),
        ("# x about it\nARG x\nFROM a\n", []),
        ("# y about it\nARG x y\nFROM a\n", []),
        ("# about x\n\nARG x\nFROM a\n", [3]),
        ("# about x\n#\nARG x\nFROM a\n", []),
        ("  # x about it\nARG x\nFROM a\n", [2]),
        ("# x\n# more\nARG x\nFROM a\n", [3]),
        ("# about it\nFROM a\n", []),
        ("# build makes it\nFROM a AS Build\n", []),
        ("# about it\nRUN x\n", []),
    ],
)
def test_descriptions(text, lines):
    assert places("description-mismatch", text, "InvalidDefinitionDescription") == lines


def test_blank_continuation_lines_are_one_finding():
    text = BASE + "RUN a && \\\n\n \t\n  b\nRUN c\n"
    assert places("empty-continuation", text, "NoEmptyContinuation") == [2]
    assert fixed("empty-continuation", text, unsafe=False) == BASE + "RUN a && \\\n  b\nRUN c\n"
    assert findings("empty-continuation", BASE + "RUN a && \\\n# why\n  b\n\nRUN c\n") == []


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("EXPOSE 70000", {"DL3011"}),
        ("EXPOSE 8000-70000/udp", {"DL3011"}),
        ("EXPOSE 80:80", {"ExposeInvalidFormat"}),
        ("EXPOSE 127.0.0.1:80:80 [::1]:81:81", {"ExposeInvalidFormat"}),
        ("EXPOSE 80,81", set()),
        ("EXPOSE 90-80", set()),
    ],
)
def test_ports(line, codes):
    found = findings("invalid-expose", BASE + line + "\n")
    assert found
    assert codes <= set().union(*(finding.aliases for finding in found))


@pytest.mark.parametrize(
    "line", ["EXPOSE 65535 1-2/sctp", "EXPOSE $P", 'EXPOSE "80"', "EXPOSE 80 # web", "ENV P=80\nEXPOSE $P/tcp"]
)
def test_ports_that_are_fine(line):
    assert findings("invalid-expose", BASE + line + "\n") == []


# --- the ignore file ---


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
        found = findings("ignored-copy-source", BASE + line + "\n", root=root)
        assert bool(found) is finds
        assert any("CopyIgnoredFile" in finding.aliases for finding in found) is as_buildkit


def test_without_a_context_nothing_is_ignored():
    assert findings("ignored-copy-source", BASE + "COPY a /x\n") == []


# --- all of them ---

MINE = [
    *("syntax-error", "undefined-variable", "empty-continuation", "deprecated-maintainer", "overridden-instruction"),
    *("relative-path", "invalid-expose", "legacy-key-value", "missing-destination-slash", "add-for-local-file"),
    *("shell-form-command", "malformed-exec-form", "inconsistent-case", "description-mismatch", "invalid-base-image"),
    *("constant-platform", "redundant-platform", "stage-name-clash", "ignored-copy-source"),
]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "FROM",
        "FROM \\",
        "FROM a AS",
        "COPY",
        "ONBUILD",
        "ONBUILD ONBUILD",
        "ENV",
        "ENV =",
        "EXPOSE",
        "EXPOSE /",
        "EXPOSE :",
        "CMD [",
        "CMD [,",
        "CMD [']",
        "WORKDIR ''",
        "COPY '' ''",
        "COPY [] []",
        "FROM $",
        "FROM ${",
        "FROM a\nENV a ${b:?}\nLABEL ${x} ${",
        "FROM a\nRUN --mount=",
        "FROM a\nRUN --mount=type=",
        "FROM a\nHEALTHCHECK --interval=. CMD a",
        "FROM a\nCOPY --chmod=, a b",
        "FROM --platform= a",
        "FROM a\nMAINTAINER \\\n# x\n\n",
        "FROM a AS a\nFROM a AS a\nFROM a",
        "FROM a\nADD '",
        'FROM a\nLABEL a="\n',
    ],
)
def test_odd_files_are_looked_at_without_a_mistake(text):
    Bench(*(RULES[rule] for rule in MINE)).findings(text)


def test_long_files_take_little_time():
    lines = "".join(f"ENV A{n}=$B{n}\nLABEL l{n} $A{n}\nCOPY a$C{n} b\nCMD x{n}\n" for n in range(2500))
    wide = "ENV " + " ".join(f"K{n}=$K{n + 1}" for n in range(5000)) + "\n"
    found = Bench(*(RULES[rule] for rule in MINE)).findings(BASE + lines + wide)
    assert len(found) > 10_000
