"""ShellCheck's comments stand at their place in the Dockerfile, and nothing fails without a shellcheck."""

import pytest

from dfadvise.shells.snippets import snippets
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench
from rule_answers import RULES
from shellcheck_answers import RULE, found, needs_shellcheck

pytestmark = needs_shellcheck


def severities(text):
    return {finding.aliases[0]: finding.severity for finding in Bench(RULE).findings(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM a\nRUN rm $x\n", [("SC2086", 2, 8, "$x"), ("SC2154", 2, 8, "$x")], id="one line"),
        pytest.param(
            "FROM a\nRUN rm \\\n  # note\n\n  $X \\\n  $Y\n",
            [("SC2086", 5, 3, "$X"), ("SC2086", 6, 3, "$Y")],
            id="continued",
        ),
        pytest.param("FROM a\nRUN\trm\t$X\t$Y\n", [("SC2086", 2, 8, "$X"), ("SC2086", 2, 11, "$Y")], id="tabs"),
        pytest.param(
            "FROM a\nRUN echo é$X && rm $Y\n", [("SC2086", 2, 11, "$X"), ("SC2086", 2, 20, "$Y")], id="not ASCII"
        ),
        pytest.param("FROM a\r\nRUN ls && \\\r\n    rm $X\r\n", [("SC2086", 3, 8, "$X")], id="CRLF"),
        pytest.param("# escape=`\nFROM a\nRUN ls && `\n rm $X\n", [("SC2086", 4, 5, "$X")], id="backtick"),
        pytest.param("FROM a\nONBUILD RUN rm $X\n", [("SC2086", 2, 16, "$X")], id="ONBUILD"),
        pytest.param("FROM a\nRUN --mount=type=cache,target=/c rm $X\n", [("SC2086", 2, 37, "$X")], id="flags"),
        pytest.param("FROM a\nCMD exec app $X\n", [("SC2086", 2, 14, "$X")], id="CMD"),
        pytest.param("FROM a\nENTRYPOINT exec app $X\n", [("SC2086", 2, 21, "$X")], id="ENTRYPOINT"),
        pytest.param("FROM a\nHEALTHCHECK --interval=5s CMD curl $X\n", [("SC2086", 2, 36, "$X")], id="HEALTHCHECK"),
        pytest.param("FROM a\nRUN <<EOF\nls\nrm $X\nEOF\n", [("SC2086", 4, 4, "$X")], id="heredoc"),
        pytest.param("FROM a\nRUN <<-EOF\n\tls\n\trm $X\n\tEOF\n", [("SC2086", 4, 5, "$X")], id="heredoc without tabs"),
        pytest.param(
            "FROM a\nRUN <<EOF\n#!/bin/bash\n[[ a ]] && rm $X\nEOF\n",
            [("SC2078", 4, 4, "a"), ("SC2086", 4, 15, "$X")],
            id="shebang",
        ),
        pytest.param(
            "FROM a\nRUN cat $A <<EOF > b && rm $X\nplain $Y\nEOF\n",
            [("SC2086", 2, 9, "$A"), ("SC2086", 2, 28, "$X")],
            id="line with a document",
        ),
        pytest.param(
            "FROM a\nRUN bash <<'EOF'\n[[ -f b ]] && rm $X\nEOF\n", [("SC2086", 3, 18, "$X")], id="document for bash"
        ),
        pytest.param(
            "FROM a\nRUN bash <<'A' && sh <<'B'\nrm $X\nA\nrm $Y\nB\n",
            [("SC2086", 3, 4, "$X"), ("SC2086", 5, 4, "$Y")],
            id="two documents",
        ),
    ],
)
def test_place(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('FROM a\nARG x\nRUN rm "$x" $x\n', id="ARG"),
        pytest.param("FROM a\nENV x=y\nRUN rm $x\n", id="ENV"),
        pytest.param("FROM a AS one\nENV x=y\nFROM one\nRUN rm $x\n", id="inherited"),
        pytest.param('FROM a\nRUN curl "$http_proxy" "$no_proxy"\n', id="proxies"),
        pytest.param("FROM a\nENV x=y\nONBUILD RUN rm $x\n", id="ENV of the image below"),
        pytest.param("FROM a\nONBUILD ARG x\nONBUILD RUN rm $x\n", id="ONBUILD ARG"),
        pytest.param("FROM a\nENV x=y\nCMD app $x\n", id="ENV for CMD"),
        pytest.param("FROM a\nCMD app $x\nENV x=y\n", id="ENV behind CMD"),
        pytest.param('FROM a\nRUN ["rm", "$x"]\n', id="exec form"),
        pytest.param('FROM a\nSHELL ["pwsh", "-c"]\nRUN rm $x | Out-Null\n', id="PowerShell"),
        pytest.param('FROM a\nSHELL ["/bin/zsh", "-c"]\nRUN rm $x\n', id="zsh"),
        pytest.param("FROM a\n# hadolint shell=powershell\nRUN rm $x\n", id="pragma"),
        pytest.param("# hadolint shell=bash\nFROM a\nRUN [[ -f a ]] && echo $RANDOM\n", id="pragma for bash"),
        pytest.param("# escape=`\nARG BASE\nFROM $BASE\nRUN $env:a = $b\n", id="Windows by its looks"),
        pytest.param("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nprint($x)\nEOF\n", id="python"),
        pytest.param("FROM a\nRUN python3 <<'EOF'\nprint($x)\nEOF\n", id="document for python"),
        pytest.param('FROM a\nRUN . ./x && . "$Y"\n', id="files that are not there"),
        pytest.param('FROM a\nSHELL ["/bin/ash", "-c"]\nRUN echo hello\n', id="a note on ash"),
        pytest.param('FROM a\nSHELL ["/bin/bash", "-e", "-c"]\nRUN cd /x; make\n', id="bash -e"),
        pytest.param(
            "FROM a\nRUN <<EOF\n# shellcheck disable=SC2086\nls\nrm $X\nEOF\n", id="directive for the document"
        ),
        pytest.param("FROM a\nRUN <<EOF\nrm $x\n", id="no end of the document"),
        pytest.param("FROM a\nRUN\n", id="nothing"),
    ],
)
def test_silent(text):
    assert found(text) == []


def test_arg_of_another_stage_is_not_known():
    assert "SC2154" in severities("ARG x=1\nFROM a\nARG x\nFROM b\nRUN rm $x\n")


def test_arg_is_gone_when_the_held_back_step_runs():
    assert "SC2154" in severities('FROM a\nARG x=1\nONBUILD RUN rm "$x"\n')


def test_what_run_time_may_set_is_only_style():
    assert severities('FROM a\nCMD app "$x"\n') == {"SC2154": "style"}


@pytest.mark.parametrize(
    ("base", "severity"),
    [("debian:12", "style"), ("alpine:3.22", "style"), ("rockylinux:9", "style"), ("example/unknown", "style")],
)
def test_local_is_style_where_sh_has_it(base, severity):
    assert severities(f'FROM {base}\nRUN f() {{ local x=1; echo "$x"; }}; f\n') == {"SC3043": severity}


def test_escapes_of_echo_are_style_where_sh_expands_them():
    text = "FROM {}\nRUN echo 'a\\nb' > /c\n"
    assert severities(text.format("debian:12")) == {"SC2028": "style"}
    assert severities(text.format("alpine:3.22")) == {"SC2028": "info"}


def test_levels_are_shellchecks():
    text = 'FROM a\nRUN [ -f $X ] && echo `ls` && for f in $(ls); do rm "$f"; done && if true; then\n'
    assert severities(text)["SC1073"] == "error"
    assert severities("FROM a\nRUN echo `date`\n") == {"SC2046": "style", "SC2006": "style", "SC2005": "style"}


def test_every_comment_of_a_step_is_there():
    text = "FROM a\nRUN rm -rf $C/* && cp $A b && echo `ls $D`\n"
    assert len([code for code, *_ in found(text) if code == "SC2086"]) == 3


def test_a_plain_run_shows_a_comment_once_a_step_with_the_other_places():
    text = "FROM a\nRUN cd $A; make && cd $B; make\n"
    first, second = (each for each in Bench(RULE).findings(text) if each.aliases == ("SC2164",))
    assert (first.severity, second.severity) == ("warning", "style")
    assert [span for _, span in first.related] == [second.span]


def test_own_edit_is_shown_and_never_applied():
    bench = Bench(RULE)
    text = "FROM a\nRUN rm \\\n $X\n"
    fix = bench.findings(text)[0].fix
    assert fix.applicability == "display"
    assert [(edit.span.start, edit.span.end, edit.text) for edit in fix.edits] == [(17, 17, '"'), (19, 19, '"')]
    assert bench.fixed(text) == text


def test_no_edit_across_a_continuation():
    text = "FROM a\nRUN rm $(\\\n ls $X) && test 1 == \\\n 1\n"
    for finding in Bench(RULE).findings(text):
        for edit in finding.fix.edits if finding.fix else ():
            assert "\\" not in text[edit.span.start : edit.span.end]


@pytest.mark.parametrize(
    "text",
    [
        "FROM iis\nRUN powershell.exe -Command $cert = 1\n",
        'ARG BASE\nFROM ${BASE}\nUSER ContainerAdministrator\nRUN pwsh -Command "$stop = $env:X"\n',
    ],
)
def test_nothing_is_said_about_windows(text):
    assert found(text) == []


def test_bashism_is_shown_once():
    text = "FROM debian:12\nRUN [[ -f a ]]\n"
    both = Bench(RULE, RULES["bashism-in-sh"]).findings(text)
    assert [(finding.rule, finding.severity, finding.aliases) for finding in both] == [
        ("bashism-in-sh", "error", ("SC3010",))
    ]


def test_same_comment_of_two_shells_is_one():
    text = "FROM a\nRUN bash <<EOF\nrm $X\necho \\`date\\`\nEOF\n"
    places = found(text)
    assert len(places) == len(set(places))


def test_only_names_in_the_text_are_exported():
    file = Dockerfile(Source('FROM a\nARG x\nARG y\nENV z=1\nRUN echo "$x" z\n'))
    assert [snippet.text for snippet in snippets(file)] == ['#!/bin/sh\nexport x=1\nexport z=1\necho "$x" z']
