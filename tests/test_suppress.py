"""Comments that hide findings: where they hold, what they hide, and what is said about those that hide nothing."""

from __future__ import annotations

import time

import pytest

from dfadvise.rule import Finding, Rule
from dfadvise.selection import Vocabulary
from dfadvise.source import Source, Span
from dfadvise.suppress import Suppressions
from dfadvise.syntax.tokenizer import parse


def rule(
    name: str, family: str, aliases: tuple[str, ...] = (), default: str = "on", severity: str = "warning"
) -> type[Rule]:
    return type(
        "R", (Rule,), {"id": name, "family": family, "aliases": aliases, "default": default, "severity": severity}
    )


RULES = [
    rule("latest-base-image", "base", ("DL3006", "DL3007")),
    rule("unpinned-package", "packages", ("DL3008", "kics:965a08d7")),
    rule("apt-command", "packages", ("DL3027",)),
    rule("shellcheck-finding", "shell"),
    rule("shell-form-command", "instructions", ("JSONArgsRecommended", "DL3025")),
    rule("overridden-instruction", "instructions", ("MultipleInstructionsDisallowed", "DL4003")),
    rule("inconsistent-case", "style", ("ConsistentInstructionCasing", "FromAsCasing"), "off", "style"),
    rule("description-mismatch", "style", ("InvalidDefinitionDescription",), "off", "style"),
    rule("todo-comment", "style", (), "off", "style"),
    rule("syntax-error", "instructions", ("DL1000", "DL3061")),
    rule("inline-suppression", "style", ("DL1001",), "off", "style"),
    rule("unused-suppression", "style"),
]
VOCABULARY = Vocabulary(RULES)
RAN = {each.id for each in RULES}


def finding(name: str, *aliases: str) -> Finding:
    family = VOCABULARY.rules[name].family
    return Finding(name, family, "warning", Span(0, 1), "x", aliases=aliases)


def read(text: str, check: str | None = None) -> Suppressions:
    return Suppressions(parse(Source(text)), VOCABULARY, check)


def hidden(text: str, name: str, *aliases: str, check: str | None = None) -> list[int]:
    """The lines of the text on which a finding is hidden."""
    suppressions = read(text, check)
    return [line for line in range(1, text.count("\n") + 2) if suppressions.hides(finding(name, *aliases), line)]


def complaints(text: str, ran: set[str] = RAN) -> list[tuple[int, str]]:
    source = Source(text)
    return [(source.line(each.span.start), each.message) for each in read(text).unused(ran)]


# --- where an ignore holds -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        pytest.param("# dfadvise: ignore[unpinned-package]", "unpinned-package", id="rule"),
        pytest.param("# dfadvise: ignore[packages] old mirror", "unpinned-package", id="family"),
        pytest.param("# dfadvise: ignore[all]", "unpinned-package", id="all"),
        pytest.param("# dfadvise: ignore[DL3008]", "unpinned-package", id="alias"),
        pytest.param("# dfadvise: ignore[dl3008]", "unpinned-package", id="alias in lower case"),
        pytest.param("# dfadvise: ignore[apt-command, kics:965a08d7]", "unpinned-package", id="second of two"),
        pytest.param("#dfadvise:ignore[ unpinned-package ]", "unpinned-package", id="no blanks"),
        pytest.param("  # Dfadvise : IGNORE [unpinned-package]", "unpinned-package", id="blanks and case"),
        pytest.param("# hadolint ignore=DL3008", "unpinned-package", id="hadolint"),
        pytest.param("# hadolint ignore=DL3009,DL3008 # why", "unpinned-package", id="hadolint, list and reason"),
        pytest.param("# hadolint ignore = DL3006 , DL3008", "unpinned-package", id="hadolint, blanks"),
        pytest.param("# hadolint ignore=DL3006 DL3008", "unpinned-package", id="hadolint without comma"),
        pytest.param("#hadolint ignore=DL3008 the mirror moves", "unpinned-package", id="hadolint, bare reason"),
        pytest.param("# hadolint ignore=dl3008", "unpinned-package", id="hadolint, lower case"),
        pytest.param("# hadolint ignore=DL9999,DL3008", "unpinned-package", id="hadolint, a bad code beside"),
    ],
)
def test_ignore_hides_in_the_next_instruction(comment: str, name: str) -> None:
    text = f"FROM a\n{comment}\nRUN x \\\n  y\nRUN z\n"
    assert hidden(text, name, "DL3008", "kics:965a08d7") == [2, 3, 4]


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("# dfadvise: ignore[apt-command]", id="another rule"),
        pytest.param("# dfadvise: ignore[base]", id="another family"),
        pytest.param("# dfadvise: ignore[DL3027]", id="another alias"),
        pytest.param("# dfadvise: ignore", id="no brackets"),
        pytest.param("# dfadvise: ignore[]", id="empty brackets"),
        pytest.param("# dfadvise: ignore[unpinned-package", id="bracket not closed"),
        pytest.param("# dfadvise ignore[unpinned-package]", id="no colon"),
        pytest.param("# dfadvise: disable[unpinned-package]", id="another word"),
        pytest.param("# dfadvise: ignore-line[unpinned-package]", id="a scope that is not there"),
        pytest.param("# see dfadvise: ignore[unpinned-package]", id="in the middle of a sentence"),
        pytest.param("# hadolint DL3008", id="hadolint, no word"),
        pytest.param("# hadolint ignore DL3008", id="hadolint, no equals sign"),
        pytest.param("# hadolint shell=bash", id="hadolint, shell"),
        pytest.param("# hadolint ignore=DL3008x", id="hadolint, longer code"),
        pytest.param("# check=skip=unpinned-package", id="check skips BuildKit's checks only"),
        pytest.param("# check=skip=all", id="check=skip=all hides no rule of ours"),
        pytest.param("RUN echo '# dfadvise: ignore[all]'", id="text of an instruction"),
    ],
)
def test_comment_hides_nothing(comment: str) -> None:
    assert hidden(f"FROM a\n{comment}\nRUN x\n", "unpinned-package", "DL3008") == []


def test_ignore_reaches_over_comments_blank_lines_and_other_pragmas() -> None:
    text = "FROM a\n# dfadvise: ignore[unpinned-package]\n\n# TODO\n# hadolint ignore=DL3027\n\nRUN x\nRUN y\n"
    assert hidden(text, "unpinned-package") == [2, 3, 4, 5, 6, 7]
    assert 7 in hidden(text, "apt-command", "DL3027")
    assert 8 not in hidden(text, "apt-command", "DL3027")
    assert hidden(text, "todo-comment") == []


def test_ignore_at_the_end_of_the_file_holds_for_the_comments_below() -> None:
    assert hidden("FROM a\n# dfadvise: ignore[todo-comment]\n# TODO\n", "todo-comment") == [2, 3, 4]


def test_ignore_inside_an_instruction_holds_for_the_next_line() -> None:
    text = (
        "FROM a\nRUN x \\\n  # dfadvise: ignore[unpinned-package]\n  # more\n\n  y \\\n"
        "  # hadolint ignore=DL3027\n  z\n"
    )
    assert hidden(text, "unpinned-package") == [3, 4, 6]
    assert hidden(text, "apt-command", "DL3027") == [7, 8]


def test_ignore_in_a_heredoc_holds_for_the_next_line() -> None:
    text = "FROM a\nRUN <<EOF\n# dfadvise: ignore[unpinned-package]\n\napt-get x\napt-get y\nEOF\n"
    assert hidden(text, "unpinned-package") == [3, 5]
    assert hidden(text.replace("RUN <<EOF", "ONBUILD RUN <<EOF"), "unpinned-package") == [3, 5]


def test_a_heredoc_of_copy_is_data() -> None:
    text = "FROM a\nCOPY <<EOF /x\n# dfadvise: ignore[unpinned-package]\ny\nEOF\n"
    assert hidden(text, "unpinned-package") == []
    assert complaints(text) == []


def test_crlf_and_backtick_escape() -> None:
    text = "# escape=`\nFROM a\nRUN x `\n# dfadvise: ignore[apt-command]\n y\n".replace("\n", "\r\n")
    assert hidden(text, "apt-command") == [4, 5]


@pytest.mark.parametrize("comment", ["# dfadvise: ignore-stage[base]", "# hadolint stage ignore=DL3006"])
def test_ignore_stage(comment: str) -> None:
    above = f"FROM a\nRUN x\n{comment}\nFROM b\nRUN y\nFROM c\n"
    assert hidden(above, "latest-base-image", "DL3006") == [3, 4, 5]
    within = f"FROM a\n{comment}\nRUN x\nFROM b\n"
    assert hidden(within, "latest-base-image", "DL3006") == [1, 2, 3]
    before = f"{comment}\nARG V\nFROM a\nFROM b\n"
    assert hidden(before, "latest-base-image", "DL3006") == [1, 2, 3]
    behind = f"FROM a\nFROM b\n{comment}\n"
    assert hidden(behind, "latest-base-image", "DL3006") == [2, 3, 4]


@pytest.mark.parametrize(
    "comment", ["# dfadvise: ignore-file[latest-base-image] x", "# hadolint global ignore = DL3023 , DL3006"]
)
def test_ignore_file_anywhere(comment: str) -> None:
    text = f"FROM a\nRUN x\n{comment}\nFROM b\n"
    assert hidden(text, "latest-base-image", "DL3006") == [1, 2, 3, 4, 5]


def test_the_reason_is_given_back_and_else_the_comment() -> None:
    text = "FROM a\n# dfadvise: ignore[base]: the tag is ours\nRUN x\n# hadolint ignore=DL3006\nRUN y\n"
    suppressions = read(text)
    latest = finding("latest-base-image", "DL3006")
    assert suppressions.hides(latest, 3) == "the tag is ours"
    assert suppressions.hides(latest, 5) == "# hadolint ignore=DL3006"
    assert suppressions.hides(latest, 1) is None


@pytest.mark.parametrize("name", ["all", "syntax-error", "DL1000", "instructions"])
def test_what_buildkit_refuses_is_never_hidden(name: str) -> None:
    assert hidden(f"# dfadvise: ignore-file[{name}]\nFRO a\n", "syntax-error", "DL1000") == []


def test_a_ban_on_comments_is_not_lifted_by_a_comment() -> None:
    assert hidden("# dfadvise: ignore-file[all]\nFROM a\n", "inline-suppression", "DL1001") == []


# --- check= ----------------------------------------------------------------------------------------

JSON_ARGS = ("shell-form-command", "JSONArgsRecommended", "DL3025")
CASING = ("inconsistent-case", "ConsistentInstructionCasing")


@pytest.mark.parametrize(
    ("head", "holds"),
    [
        pytest.param("# check=skip=JSONArgsRecommended\n", True, id="by name"),
        pytest.param("#check=skip=all;error=true\n", True, id="all"),
        pytest.param("# CHECK = skip=FromAsCasing,JSONArgsRecommended // why\n", True, id="list and free text"),
        pytest.param("#!/usr/bin/env x\n# check=skip=all\n", True, id="below a shebang"),
        pytest.param("# syntax=docker/dockerfile:1\n# check=skip=all\n", True, id="below another directive"),
        pytest.param("# check=skip=FromAsCasing, JSONArgsRecommended\n", False, id="cut at the first blank"),
        pytest.param("# check=skip=jsonargsrecommended\n", False, id="wrong case"),
        pytest.param("# check=skip=InvalidDefinitionDescription\n", False, id="another check"),
        pytest.param("# check=error=true\n", False, id="no skip"),
        pytest.param("# check=skip\n", False, id="not readable"),
        pytest.param("\n# check=skip=all\n", False, id="below a blank line"),
        pytest.param("# x\n# check=skip=all\n", False, id="below a comment"),
        pytest.param(" # check=skip=all\n", False, id="indented"),
    ],
)
def test_check_directive(head: str, holds: bool) -> None:
    text = head + "FROM a\nRUN x\nCMD y\n"
    assert bool(read(text).hides(finding(*JSON_ARGS), text.count("\n"))) is holds


def test_check_above_an_instruction_holds_for_it_alone() -> None:
    text = "FROM a\n# check=skip=JSONArgsRecommended\n\n# more\nCMD x\nCMD y\n"
    assert hidden(text, *JSON_ARGS) == [2, 3, 4, 5]


def test_check_above_an_instruction_does_not_reach_checks_over_the_file() -> None:
    text = "FROM a\n# check=skip=all\nrun x\n"
    assert hidden(text, *CASING) == []
    assert hidden("# check=skip=all\nFROM a\nrun x\n", *CASING) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "comments",
    [
        pytest.param("# check=skip=all\n#\n", id="an empty comment ends the run"),
        pytest.param("  # check=skip=all\n", id="indented"),
        pytest.param("# check=skip=FromAsCasing\n# check=skip=all\n", id="only the first counts"),
        pytest.param("# check=skip=all;more=1\n", id="not readable"),
    ],
)
def test_check_that_buildkit_does_not_read(comments: str) -> None:
    assert hidden(f"FROM a\n{comments}CMD x\n", *JSON_ARGS) == []


def test_check_for_repeated_instructions_stands_above_the_later_one() -> None:
    check = "# check=skip=MultipleInstructionsDisallowed"
    many = ("overridden-instruction", "MultipleInstructionsDisallowed")
    assert hidden(f'FROM a\nCMD ["a"]\n{check}\nCMD ["b"]\n', *many) == [2]
    assert hidden(f'FROM a\n{check}\nCMD ["a"]\nCMD ["b"]\n', *many) == []
    assert hidden(f'FROM a\nCMD ["a"]\nFROM b\n{check}\nCMD ["b"]\n', *many) == []


def test_check_argument_replaces_the_directive() -> None:
    text = "# check=skip=all\nFROM a\nCMD x\n"
    assert hidden(text, *JSON_ARGS) == [1, 2, 3, 4]
    # It does not become a comment of the first instruction by that.
    assert hidden(text, *JSON_ARGS, check="") == []
    assert hidden(text, "inconsistent-case", "FromAsCasing", check="skip=JSONArgsRecommended") == []
    assert hidden("FROM a\nCMD x\n", *JSON_ARGS, check="skip=all") == [1, 2, 3]


def test_experimental_checks() -> None:
    name = "InvalidDefinitionDescription"
    assert not read("FROM a\n").experimental(name, 1)
    assert read("# check=experimental=all\nFROM a\n").experimental(name, 2)
    at_one = read(f"FROM a\nARG x\n# check=experimental={name}\nARG y\n")
    assert [at_one.experimental(name, line) for line in (1, 2, 4)] == [False, False, True]
    skip = "# check=skip=all;experimental=all\nFROM a\nARG x\n"
    assert hidden(skip, "description-mismatch", name) == []


def test_check_directive_is_kept_for_its_error_setting() -> None:
    directive = read("# check=skip=all;error=true\nFROM a\n").check
    assert directive is not None
    assert directive.error is True
    bad = read("# check=skipp=all\nFROM a\n").check
    assert bad is not None
    assert bad.problem == "invalid check option 'skipp'"


# --- shell= ----------------------------------------------------------------------------------------


def test_shell_pragma() -> None:
    text = "# hadolint shell=bash # why\nFROM a\nRUN x\n# hadolint shell = pwsh.exe\nRUN y\nFROM b\nRUN z\n"
    suppressions = read(text)
    assert [suppressions.shell(line) for line in (3, 5, 7)] == ["bash", "pwsh.exe", "bash"]
    assert suppressions.pragmas == []
    assert read("FROM a\nRUN x\n").shell(2) is None
    assert read("FROM a\n# hadolint shell=bash\nRUN x\nFROM b\nRUN y\n").shell(5) is None


# --- unused ----------------------------------------------------------------------------------------


def test_unused_name_is_reported_and_taken_out() -> None:
    text = "FROM a\n# dfadvise: ignore[unpinned-package, apt-command , base] x\nRUN x\n"
    suppressions = read(text)
    suppressions.hides(finding("unpinned-package"), 3)
    suppressions.hides(finding("latest-base-image"), 3)
    (unused,) = suppressions.unused(RAN)
    assert (unused.names, unused.message) == (["apt-command"], "`apt-command` hides nothing")
    assert text[unused.span.start : unused.span.end] == "apt-command"
    assert unused.fix is not None
    span, new = unused.fix
    assert (
        text[: span.start] + new + text[span.end :] == "FROM a\n# dfadvise: ignore[unpinned-package, base] x\nRUN x\n"
    )


def test_unused_last_name_is_taken_out_with_its_comma() -> None:
    text = "FROM a\n# dfadvise: ignore[base, apt-command]\nRUN x\n"
    suppressions = read(text)
    suppressions.hides(finding("latest-base-image"), 3)
    (unused,) = suppressions.unused(RAN)
    assert unused.fix is not None
    span, new = unused.fix
    assert text[: span.start] + new + text[span.end :] == "FROM a\n# dfadvise: ignore[base]\nRUN x\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_unused_comment_is_taken_out_with_its_line(newline: str) -> None:
    text = "FROM a\nRUN x \\\n  # dfadvise: ignore[apt-command, base] why\n  y\n".replace("\n", newline)
    (unused,) = read(text).unused(RAN)
    assert unused.message == "hides nothing: `apt-command`, `base`"
    assert unused.fix is not None
    span, new = unused.fix
    assert text[: span.start] + new + text[span.end :] == "FROM a\nRUN x \\\n  y\n".replace("\n", newline)


def test_a_comment_that_keeps_a_directive_from_being_one_is_not_taken_out() -> None:
    (unused,) = read("# dfadvise: ignore[base]\n# escape=`\nFROM a\n").unused(RAN)
    assert unused.fix is None


def test_used_comments_are_not_reported() -> None:
    text = "# dfadvise: ignore-file[base]\nFROM a\n# hadolint ignore=DL3006\n# dfadvise: ignore[all]\nRUN x\n"
    suppressions = read(text)
    suppressions.hides(finding("latest-base-image", "DL3006"), 5)
    assert suppressions.unused(RAN) == []


@pytest.mark.parametrize(
    ("comment", "ran"),
    [
        pytest.param("# dfadvise: ignore[apt-command]", RAN - {"apt-command"}, id="the rule did not run"),
        pytest.param("# dfadvise: ignore[packages]", RAN - {"apt-command"}, id="one rule of the family did not"),
        pytest.param("# hadolint ignore=SC2086", RAN - {"shellcheck-finding"}, id="no shellcheck"),
        pytest.param("# dfadvise: ignore[unused-suppression]", RAN, id="hides this very report"),
        pytest.param("# check=skip=InvalidBaseImagePlatform", RAN, id="no rule stands for it"),
        pytest.param("# dfadvise: rules live in ci/", RAN, id="prose"),
        pytest.param("# hadolint ignore rules are in ci/", RAN, id="prose about hadolint"),
        pytest.param("# hadolint is nice", RAN, id="more prose"),
    ],
)
def test_what_cannot_be_judged_is_not_reported(comment: str, ran: set[str]) -> None:
    assert complaints(f"FROM a\n{comment}\nRUN x\n", ran) == []


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# dfadvise: ignore[apt-comand]", "unknown rule `apt-comand`, did you mean `apt-command`"),
        ("# dfadvise: ignore[zzzz]", "unknown rule `zzzz`"),
        ("# dfadvise: ignore[default]", "`default` names no rule"),
        ("# dfadvise: ignore[syntax-error]", "`syntax-error` cannot be hidden by a comment"),
        ("# dfadvise: ignore", "`ignore` has no rules in brackets behind it"),
        ("# dfadvise: ignore[ , ]", "names no rule"),
        ("# dfadvise: ignore[base", "the bracket is not closed"),
        ("# dfadvise ignore[base]", "`dfadvise` has no colon behind it"),
        ("# dfadvise: ignore-flie[base]", "unknown word `ignore-flie`, did you mean `ignore-file`"),
        ("# hadolint ignore=", "names no rule"),
        ("# hadolint ignore DL3006", "`ignore` has no `=` behind it"),
        ("# hadolint ignore=DL3066", "unknown rule `DL3066`"),
        ("# hadolint ignore=SC2086", "`SC2086` hides nothing"),
        ("# hadolint global ignore=DL3008", "`DL3008` hides nothing"),
        ("# check=skip=DL3008", "unknown check `DL3008`"),
        ("# check=skip=jsonargsrecommended", "unknown check `jsonargsrecommended`, did you mean `JSONArgsRecommended`"),
        ("# check=skip=JSONArgsRecommended", "`JSONArgsRecommended` hides nothing"),
        ("# check=skip=all;x", "invalid check option 'x', so BuildKit does not read it"),
    ],
)
def test_what_is_said_about_a_comment(comment: str, message: str) -> None:
    found = complaints(f"FROM a\n{comment}\nRUN x\n")
    assert [line for line, _ in found] == [2]
    assert found[0][1] == message


def test_fixes_are_for_own_comments_only() -> None:
    text = "FROM a\n# hadolint ignore=DL3006\nRUN <<EOF\n# dfadvise: ignore[base]\nx\nEOF\n"
    found = read(text).unused(RAN)
    assert [each.fix for each in found] == [None, None]


def test_reason_can_be_required() -> None:
    text = "FROM a\n# dfadvise: ignore[base]\nRUN x\n# hadolint ignore=DL3006 # why\nRUN y\n"
    suppressions = read(text)
    for line in (3, 5):
        suppressions.hides(finding("latest-base-image", "DL3006"), line)
    assert [each.message for each in suppressions.unused(RAN, require_reason=True)] == ["gives no reason"]
    assert suppressions.unused(RAN) == []


def test_pragmas_are_listed_in_order() -> None:
    text = "# check=skip=all\nFROM a\n# hadolint ignore=DL3006\nRUN <<EOF\n# dfadvise: ignore[base]\nx\nEOF\n"
    assert [(each.line, each.tool, each.scope) for each in read(text).pragmas] == [
        (1, "check", "file"),
        (3, "hadolint", "next"),
        (5, "dfadvise", "line"),
    ]


# --- size ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\n" + "# dfadvise: ignore[apt-command]\n" * 10000 + "RUN x\n", id="stacked"),
        pytest.param("FROM a\n" + "# dfadvise: ignore[nope]\nRUN x\n" * 5000, id="unknown names"),
        pytest.param("FROM a\nRUN x \\\n" + "# dfadvise: ignore[base]\n\n" * 5000 + "y\n", id="inside"),
        pytest.param("FROM a\n" + "# check=skip=all\nCMD x\n" * 5000, id="checks"),
        pytest.param("# hadolint shell=bash\n" * 5000 + "FROM a\n" + "RUN x\n" * 5000, id="shells"),
        pytest.param("FROM a\n# dfadvise: ignore[" + "base," * 50000 + "]\nRUN x\n", id="long list"),
        pytest.param("FROM a\n# hadolint ignore=" + "DL3006 " * 50000 + "\nRUN x\n", id="long list, hadolint"),
    ],
)
def test_large_files_take_linear_time(text: str) -> None:
    started = time.perf_counter()
    suppressions = read(text)
    latest = finding("latest-base-image", "DL3006", "JSONArgsRecommended")
    for line in range(1, 10001):
        suppressions.hides(latest, line)
        suppressions.shell(line)
    suppressions.unused(RAN)
    assert time.perf_counter() - started < 5
