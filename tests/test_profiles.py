"""Profiles: a named set of settings goes over the configuration's, and under the command line's."""

from __future__ import annotations

import json

import pytest

from dfadvise.cli import main

TEXT = "FROM debian\nMAINTAINER x\nRUN apt-get update && apt-get install -y curl\n"
CONFIG = """
select = ["default"]
ignore = ["latest-base-image"]
fail-on = "error"
exclude = ["vendor/"]

[severity]
deprecated-maintainer = "info"
package-cache-left = "info"

[build-args]
A = "1"

[profiles.ci]
fail-on = "info"
exclude = ["old/"]
ignore = ["deprecated-maintainer"]

[profiles.ci.severity]
package-cache-left = "error"

[profiles.narrow]
select = ["latest-base-image"]
"""


@pytest.fixture
def project(tmp_path, monkeypatch, cache):
    for folder in (".", "vendor", "old"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "Dockerfile").write_text(TEXT)
    (tmp_path / "dfadvise.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lint(capsys):
    def run(*words):
        status = main(["lint", "--format", "json", *words])
        out, err = capsys.readouterr()
        found = json.loads(out) if out else {"findings": [], "errors": []}
        levels = {(each["path"], each["rule"]): each["severity"] for each in found["findings"]}
        return status, levels, err + "".join(f"{each['path']}: {each['message']}" for each in found["errors"])

    return run


def test_a_profile_goes_over_the_file(project, lint):
    status, plain, _ = lint()
    assert status == 0
    assert {path for path, _ in plain} == {"Dockerfile", "old/Dockerfile"}
    assert plain["Dockerfile", "deprecated-maintainer"] == plain["Dockerfile", "package-cache-left"] == "info"
    status, found, _ = lint("--profile", "ci")
    assert status == 1
    assert {path for path, _ in found} == {"Dockerfile"}
    assert found["Dockerfile", "package-cache-left"] == "error"
    assert ("Dockerfile", "deprecated-maintainer") not in found
    assert ("Dockerfile", "latest-base-image") not in found


def test_its_select_starts_afresh_and_the_command_line_goes_over_it(project, lint):
    assert {rule for _, rule in lint("--profile", "narrow", "Dockerfile")[1]} == {"latest-base-image"}
    both = lint("--profile", "narrow", "--extend-select", "deprecated-maintainer", "Dockerfile")[1]
    assert {rule for _, rule in both} == {"latest-base-image", "deprecated-maintainer"}
    assert lint("--profile", "ci", "--fail-on", "never")[0] == 0


def test_the_file_can_choose_one_and_the_command_line_another(project, lint):
    (project / "dfadvise.toml").write_text('profile = "ci"\n' + CONFIG)
    assert lint() == lint("--profile", "ci")
    assert {rule for _, rule in lint("--profile", "narrow", "Dockerfile")[1]} == {"latest-base-image"}


def test_it_works_in_pyproject(project, lint):
    text = CONFIG.replace("[profiles", "[tool.dfadvise.profiles").replace("[severity", "[tool.dfadvise.severity")
    text = text.replace("[build-args", "[tool.dfadvise.build-args")
    (project / "pyproject.toml").write_text("[tool.dfadvise]\n" + text)
    expected = lint("--profile", "ci")
    (project / "dfadvise.toml").unlink()
    assert lint("--profile", "ci") == expected


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        pytest.param(CONFIG, ["--profile", "narow"], "unknown profile `narow`, did you mean `narrow`", id="near"),
        pytest.param(CONFIG, ["--profile", "release"], "unknown profile `release`, known are ci, narrow", id="far"),
        pytest.param(CONFIG, ["--profile="], "unknown profile ``, known are", id="empty"),
        pytest.param("", ["--profile", "ci"], "dfadvise.toml: unknown profile `ci`", id="none there"),
        pytest.param('profile = "ic"\n' + CONFIG, [], "line 1: unknown profile `ic`", id="in the file"),
        pytest.param(CONFIG, ["--isolated", "--profile", "ci"], "no configuration was found", id="isolated"),
        pytest.param("[profiles]\nci = 1", [], "holds `ci`, which is not a table", id="no table"),
        pytest.param("profiles = 1", [], "`profiles` is not a table", id="no tables"),
        pytest.param("[profiles.ci]\nselct = []", [], "line 2: `profiles` has the unknown key `selct`", id="key"),
        pytest.param("[profiles.ci]\nselct = []", [], "did you mean `select`", id="key's hint"),
        pytest.param("[profiles.ci]\nselect = 1", [], "`select` in `ci`, which is not a list of strings", id="type"),
        pytest.param('[profiles.ci]\nprofile = "a"', [], "a profile names no other", id="profile"),
        pytest.param('[profiles.ci]\nselect = ["nope"]', ["--profile", "ci"], "line 2: unknown rule `nope`", id="rule"),
    ],
)
def test_what_cannot_be_meant_is_one_line(project, lint, text, words, message):
    (project / "dfadvise.toml").write_text(text)
    status, _, told = lint(*words, "Dockerfile")
    assert status == 2
    assert message in told
    assert "Traceback" not in told


def test_fix_and_advise_know_it(project, capsys):
    assert main(["fix", "--check", "--profile", "narrow", "Dockerfile"]) == 0
    assert main(["advise", "--profile", "ci", "Dockerfile"]) == 0
    capsys.readouterr()
    assert main(["advise", "--profile", "no", "Dockerfile"]) == 2
    assert "unknown profile `no`" in capsys.readouterr().err


def test_a_table_of_a_rule_is_put_together_option_by_option(project, lint):
    (project / "dfadvise.toml").write_text(
        '[rules.latest-base-image]\nfix = "never"\n[profiles.a.rules.latest-base-image]\nfix = "always"\n'
    )
    assert lint("--profile", "a", "Dockerfile")[0] == 1
    (project / "dfadvise.toml").write_text("[profiles.a.rules.nope]\nx = 1\n")
    assert "unknown rule `nope`" in lint("--profile", "a", "Dockerfile")[2]
