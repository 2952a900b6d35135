"""What BuildKit refuses, and what it takes."""

import pytest

from dfadvise.source import Source
from dfadvise.spelling import nearest
from dfadvise.stages import Dockerfile
from dfadvise.syntax.validate import validate
from dfadvise.testing import Bench
from rule_answers import RULES, findings, fixed


def refusals(text, **options):
    return [(refusal.code, refusal.line) for refusal in validate(Dockerfile(Source(text), **options))]


BASE = "FROM debian:12\n"


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


@pytest.mark.parametrize("line", ["cd mapnik", "export PATH=/opt"])
def test_a_command_that_fell_out_of_its_run_is_no_misspelt_keyword(line):
    (finding,) = findings("syntax-error", f"{BASE}RUN apt-get update\n{line}\n")
    assert finding.fix is None


def test_an_unknown_keyword_is_told_beside_the_continuation_that_follows_it():
    bench = Bench(RULES["syntax-error"], RULES["broken-continuation"])
    shown = bench.findings(f"{BASE}RUN apt-get update\n    apt-get install -y cmake \\\n\n# x\nCOPY a /a\n")
    told = {f.rule for f in shown if f.severity != "style"}
    assert told == {"syntax-error", "broken-continuation"}


def test_one_cause_is_shown_once():
    bench = Bench(RULES["syntax-error"], RULES["invalid-expose"], RULES["invalid-base-image"])
    shown = [(f.rule, f.severity) for f in bench.findings("FROM Debian\nEXPOSE 99999\n")]
    assert ("invalid-base-image", "error") in shown
    assert ("invalid-expose", "error") in shown
    assert ("syntax-error", "style") in shown
    assert ("syntax-error", "error") not in shown
