"""What runs and what shows under select, ignore, per-file-ignores and severity."""

from __future__ import annotations

import pytest

from dfadvise.config import Config, ConfigError
from dfadvise.rule import Finding, Rule
from dfadvise.selection import Selection
from dfadvise.source import Span


def rule(name: str, family: str, severity: str, default: str = "on", aliases: tuple[str, ...] = ()) -> type[Rule]:
    return type(
        "R", (Rule,), {"id": name, "family": family, "severity": severity, "default": default, "aliases": aliases}
    )


RULES = [
    rule("unpinned-package", "packages", "info", "off", ("DL3008", "DL3013", "kics:965a08d7")),
    rule("package-cache-left", "packages", "warning", "on", ("DL3009", "DL3019")),
    rule("missing-secret-mount", "secrets", "warning", "cfg", ("tally:require-secret-mounts",)),
    rule("shellcheck-finding", "shell", "warning"),
    rule("bashism-in-sh", "shell", "warning", "on", ("SC3010",)),
    rule("todo-comment", "style", "style", "off", ("sonar:S1135",)),
    rule("inline-suppression", "style", "style", "on"),
]


def finding(name: str, severity: str | None = None, *aliases: str) -> Finding:
    found = next(each for each in RULES if each.id == name)
    return Finding(name, found.family, severity or found.severity, Span(0, 1), "x", aliases=aliases)


def select(command_line: dict[str, list[str]] | None = None, **values: object) -> Selection:
    config = Config({key.replace("_", "-"): value for key, value in values.items()}, root="/repo")
    return Selection(RULES, config.over(command_line or {}))


def runs(selection: Selection) -> list[str]:
    return [each.id for each in selection.rules()]


def test_by_default_rules_that_are_on_or_wait_for_an_option_run() -> None:
    selection = select()
    assert runs(selection) == [
        "package-cache-left",
        "missing-secret-mount",
        "shellcheck-finding",
        "bashism-in-sh",
        "inline-suppression",
    ]
    assert selection.visible(finding("package-cache-left"))
    assert not selection.visible(finding("unpinned-package"))


def test_style_shows_only_when_it_was_named() -> None:
    weak = finding("package-cache-left", "style", "DL3009")
    assert not select().visible(weak)
    assert not select(select=["default"]).visible(weak)
    for name in ("all", "packages", "package-cache-left", "DL3009"):
        assert select(select=[name]).visible(weak), name
        assert select(extend_select=[name]).visible(weak), name
    assert not select(select=["DL3019"]).visible(weak)
    assert not select(select=["unpinned-package"]).visible(weak)
    assert select(select=["default", "all"]).visible(weak)


def test_select_replaces_and_extend_select_adds() -> None:
    assert runs(select(select=["packages"])) == ["unpinned-package", "package-cache-left"]
    assert "unpinned-package" in runs(select(extend_select=["packages"]))
    assert "shellcheck-finding" in runs(select(extend_select=["packages"]))
    assert runs(select(select=[])) == []
    assert len(runs(select(select=["all"]))) == len(RULES)


def test_selecting_a_code_shows_only_the_findings_that_carry_it() -> None:
    selection = select(select=["DL3013"])
    assert runs(selection) == ["unpinned-package"]
    assert selection.visible(finding("unpinned-package", None, "DL3013"))
    assert selection.visible(finding("unpinned-package", None, "DL3008", "DL3013"))
    assert not selection.visible(finding("unpinned-package", None, "DL3008"))
    assert not selection.visible(finding("unpinned-package"))


def test_ignoring_a_code_hides_the_findings_that_carry_it() -> None:
    selection = select(select=["all"], ignore=["DL3008"])
    assert "unpinned-package" in runs(selection)
    assert selection.visible(finding("unpinned-package", None, "DL3013"))
    assert not selection.visible(finding("unpinned-package", None, "DL3013", "DL3008"))


def test_ignoring_a_rule_or_family_keeps_it_from_running() -> None:
    assert "package-cache-left" not in runs(select(ignore=["package-cache-left"]))
    assert "bashism-in-sh" not in runs(select(ignore=["shell"]))
    assert runs(select(ignore=["all"])) == []


@pytest.mark.parametrize(
    ("chosen", "ignored", "shows"),
    [
        (["all"], ["packages"], False),
        (["packages"], ["all"], True),
        (["unpinned-package"], ["packages"], True),
        (["unpinned-package"], ["unpinned-package"], False),
        (["DL3008"], ["unpinned-package"], True),
        (["unpinned-package"], ["DL3008"], False),
        (["DL3008"], ["kics:965a08d7"], False),
        (["all"], ["default"], True),
        (["default"], ["unpinned-package"], False),
    ],
)
def test_the_narrowest_name_decides(chosen: list[str], ignored: list[str], shows: bool) -> None:
    selection = select(select=chosen, ignore=ignored)
    assert selection.visible(finding("unpinned-package", None, "DL3008", "kics:965a08d7")) is shows
    if shows:
        assert "unpinned-package" in runs(selection)


def test_command_line_select_starts_afresh() -> None:
    selection = select({"select": ["packages"]}, select=["shell"], ignore=["unpinned-package"])
    assert runs(selection) == ["unpinned-package", "package-cache-left"]


def test_command_line_ignore_and_extend_select_go_over_the_configuration() -> None:
    assert "bashism-in-sh" not in runs(select({"ignore": ["shell"]}, select=["bashism-in-sh"]))
    selection = select({"extend-select": ["packages"]}, ignore=["unpinned-package"])
    assert "unpinned-package" in runs(selection)
    assert "shellcheck-finding" in runs(selection)


def test_shellcheck_codes_need_no_list() -> None:
    selection = select(select=["SC2086"])
    assert runs(selection) == ["shellcheck-finding"]
    assert selection.visible(finding("shellcheck-finding", None, "SC2086"))
    assert not selection.visible(finding("shellcheck-finding", None, "SC2046"))
    assert runs(select(select=["SC3010"])) == ["shellcheck-finding", "bashism-in-sh"]


def test_letter_case_and_blanks_do_not_count() -> None:
    assert runs(select(select=["dl3008"])) == ["unpinned-package"]
    assert runs(select(select=[" Unpinned-Package"])) == ["unpinned-package"]
    assert select(select=["SONAR:s1135"]).visible(finding("todo-comment", None, "sonar:S1135"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"select": ["unpined-package"]}, "unknown rule `unpined-package`, did you mean `unpinned-package`"),
        ({"ignore": ["DL9999"]}, "unknown rule `DL9999`"),
        ({"ignore": ["SC20861"]}, "unknown rule `SC20861`"),
        ({"extend-select": ["sekrets"]}, "unknown rule `sekrets`, did you mean `secrets`"),
        ({"per-file-ignores": {"a": ["nope"]}}, "unknown rule `nope`"),
        ({"severity": {"todo": "error"}}, "unknown rule `todo`"),
        ({"rules": {"todo-coment": {}}}, "unknown rule `todo-coment` in `rules`, did you mean `todo-comment`"),
    ],
)
def test_unknown_names_are_errors(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Selection(RULES, Config(values))
    assert caught.value.reason == message


def test_unknown_name_on_the_command_line_names_the_option() -> None:
    with pytest.raises(ConfigError) as caught:
        select({"ignore": ["packges"]})
    assert str(caught.value) == "--ignore: unknown rule `packges`, did you mean `packages`"


def test_per_file_ignores() -> None:
    selection = select(
        select=["all"], per_file_ignores={"legacy/": ["packages"], "*.dev": ["DL3008"], "/ci/**/x": ["all"]}
    )
    cached = finding("package-cache-left", None, "DL3009")
    pinned = finding("unpinned-package", None, "DL3008")
    assert selection.for_file("/repo/Dockerfile") is selection
    assert not selection.for_file("/repo/legacy/a/Dockerfile").visible(cached)
    assert selection.for_file("/repo/a/Dockerfile.dev").visible(cached)
    assert not selection.for_file("/repo/a/Dockerfile.dev").visible(pinned)
    assert not selection.for_file("/repo/ci/a/b/x").visible(cached)
    assert selection.for_file("/repo/a/ci/x").visible(cached)
    assert selection.for_file("/elsewhere/legacy/Dockerfile").visible(cached)
    assert selection.visible(cached)


def test_severity_by_rule_code_and_family() -> None:
    selection = select(severity={"packages": "info", "package-cache-left": "error", "DL3019": "style"})
    assert selection.severity(finding("package-cache-left", None, "DL3009")) == "error"
    assert selection.severity(finding("package-cache-left", None, "DL3009", "DL3019")) == "style"
    assert selection.severity(finding("unpinned-package", "warning")) == "info"
    assert selection.severity(finding("bashism-in-sh")) == "warning"


def test_severity_leaves_weaker_readings_where_they_are() -> None:
    selection = select(severity={"package-cache-left": "error", "todo-comment": "warning"})
    assert selection.severity(finding("package-cache-left", "style")) == "style"
    assert selection.severity(finding("todo-comment")) == "warning"


def test_the_gravest_of_several_codes_counts() -> None:
    selection = select(severity={"DL3008": "info", "kics:965a08d7": "error"})
    assert selection.severity(finding("unpinned-package", "warning", "DL3008", "kics:965a08d7")) == "error"
