"""`dfadvise init`: a configuration to start from, and one out of hadolint's."""

from __future__ import annotations

import pytest

from dfadvise.cli import main

HADOLINT = """\
failure-threshold: warning
ignored: [DL3008, SC2086, DL9999]
override:
  error: [DL3001]
  style: [DL3001, DL3015]
trustedRegistries: [docker.io, "my.example:5000"]
label-schema: {author: text, "org.example/rev": hash, note: ""}
strict-labels: true
format: json
bogus: 1
"""
TOML = """\
# Out of a configuration of hadolint.
ignore = ["DL3008", "SC2086"]
fail-on = "warning"
trusted-registries = ["docker.io", "my.example:5000"]
strict-labels = true

[severity]
"DL3001" = "error"
"DL3015" = "style"

[label-schema]
"author" = "text"
"org.example/rev" = "hash"
"note" = "text"
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def converted(here, capsys, text: str) -> tuple[int, str, str]:
    (here / ".hadolint.yaml").write_text(text)
    status = main(["init", "--from-hadolint", ".hadolint.yaml", "-o", "-"])
    out, err = capsys.readouterr()
    return status, out, err


def test_a_first_configuration_changes_nothing(here, capsys):
    (here / "Dockerfile").write_text("FROM debian:12\nMAINTAINER me\n")
    main(["lint"])
    before = capsys.readouterr().out
    assert main(["init"]) == 0
    assert "dfadvise.toml is written" in capsys.readouterr().err
    main(["lint"])
    assert capsys.readouterr().out == before


def test_what_is_there_is_not_replaced(here, capsys):
    path = here / "dfadvise.toml"
    path.write_text("fail-on = 'info'\n")
    assert main(["init"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == "fail-on = 'info'\n"
    assert main(["init", "--force"]) == 0
    assert "fail-on = 'info'" not in path.read_text()


def test_what_hadolint_was_told(here, capsys):
    status, out, err = converted(here, capsys, HADOLINT)
    assert (status, out) == (0, TOML)
    assert "DL9999 of ignored is not carried over" in err
    assert "format is not carried over" in err
    assert "bogus is not carried over" in err


def test_the_outcome_is_a_configuration_that_counts(here, capsys):
    (here / "Dockerfile").write_text("FROM debian:12\nUSER 1\nMAINTAINER me\n")
    assert converted(here, capsys, "override: {error: [DL4000]}\nlabel-schema: {author: text}\n")[0] == 0
    assert main(["init", "--from-hadolint", ".hadolint.yaml"]) == 0
    capsys.readouterr()
    assert main(["lint", "--fail-on", "error", "-q"]) == 1
    out = capsys.readouterr().out
    assert "error[deprecated-maintainer]" in out
    assert "author" in out


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no-fail: true\n", 'fail-on = "never"'),
        ("failure-threshold: ignore\n", 'fail-on = "never"'),
        ("failure-threshold: none\n", 'fail-on = "never"'),
        ("failure-threshold: style\n", 'fail-on = "style"'),
    ],
)
def test_when_to_fail(here, capsys, text, kept):
    assert kept in converted(here, capsys, text)[1]


def test_the_usual_threshold_differs_and_that_is_told(here, capsys):
    status, out, err = converted(here, capsys, "")
    assert status == 0
    assert "fail-on" not in out
    assert 'fail-on = "info" is the same' in err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [\n", "is not YAML"),
        ("- a\n", "is not a table of keys and values"),
        ("ignored: DL3008\n", "ignored is not a list of texts"),
        ("override: [DL3008]\n", "override is not a table of levels"),
        ("label-schema: {a: color}\n", "label-schema has 'color' for a"),
        ("failure-threshold: high\n", "failure-threshold is 'high'"),
        ("!!python/object/apply:os.system ['true']\n", "is not YAML"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_what_is_no_configuration(here, capsys, text, told):
    status, out, err = converted(here, capsys, text)
    assert (status, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_no_file(here, capsys):
    assert main(["init", "--from-hadolint", "nowhere.yaml"]) == 2
    assert "nowhere.yaml: cannot be read: No such file or directory" in capsys.readouterr().err
