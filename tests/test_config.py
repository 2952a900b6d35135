"""Configuration: where it is found, what it may hold, and what is said about what it may not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfadvise.config import Config, ConfigError, Configs, read
from dfadvise.patterns import matches
from dfadvise.rule import Rule

EVERYTHING = """
select = ["default", "style"]
ignore = ["DL3008"]
extend-select = ["todo-comment"]
fail-on = "info"
exclude = ["vendor/"]
trusted-registries = ["docker.io", "*.example.com"]
strict-labels = true
rule-packs = ["ci/rules", "/abs/rules"]
profile = "ci"
target = "app"
targets = ["app", "test"]
platform = "linux/arm64"
context = "."
today = 2026-11-24

[severity]
DL3009 = "error"

[per-file-ignores]
"test/*" = ["all"]

[label-schema]
"org.opencontainers.image.url" = "url"
name = ""

[build-args]
VERSION = "1.2"
JOBS = 4

[build-contexts]
assets = "../assets"
base = "docker-image://alpine:3.22"

[rules.some-rule]
limit = 3

[profiles.ci]
fail-on = "error"
"""


class Some(Rule):
    id = "some-rule"
    options = {
        "limit": 1,
        "names": (),
        "allow": [],
        "strict": False,
        "table": {},
        "text": "",
        "free": None,
        "today": None,
        "strict-labels": False,
    }


class Plain(Rule):
    id = "plain-rule"


def put(path: Path, text: str = "") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(folder: Path, text: str, name: str = "dfadvise.toml") -> str:
    path = put(folder / name, text)
    with pytest.raises(ConfigError) as caught:
        read(path, str(folder)).check_options([Some, Plain])
    return str(caught.value).replace(str(folder) + os.sep, "")


def test_every_key(tmp_path: Path) -> None:
    config = read(put(tmp_path / "dfadvise.toml", EVERYTHING), str(tmp_path))
    (layer,) = config.layers
    assert (layer.select, layer.ignore, layer.extend) == (["default", "style"], ["DL3008"], ["todo-comment"])
    assert (config.fail_on, config.exclude, config.profile) == ("info", ["vendor/"], "ci")
    assert (config.trusted_registries, config.strict_labels) == (["docker.io", "*.example.com"], True)
    assert config.rule_packs == [str(tmp_path / "ci/rules"), "/abs/rules"]
    assert (config.target, config.targets, config.platform) == ("app", ["app", "test"], "linux/arm64")
    assert (config.severity, config.per_file_ignores) == ({"DL3009": "error"}, {"test/*": ["all"]})
    assert config.label_schema == {"org.opencontainers.image.url": "url", "name": "text"}
    assert config.build_args == {"VERSION": "1.2", "JOBS": "4"}
    assert config.build_contexts == {
        "assets": os.path.join(tmp_path, "../assets"),
        "base": "docker-image://alpine:3.22",
    }
    assert (config.context, config.today) == (os.path.join(tmp_path, "."), "2026-11-24")
    assert config.settings(Some) == {"limit": 3, "today": "2026-11-24", "strict-labels": True}
    assert config.settings(Plain) == {}


def test_defaults() -> None:
    config = Config()
    assert (config.layers[0].select, config.fail_on, config.rule_packs) == (None, None, [])
    assert config.settings(Some) == {}
    assert not config.excludes("vendor/Dockerfile")


# --- discovery -------------------------------------------------------------------------------------


def test_the_nearest_file_holds(tmp_path: Path) -> None:
    put(tmp_path / "dfadvise.toml", 'target = "outer"')
    put(tmp_path / "a/pyproject.toml", '[tool.dfadvise]\ntarget = "inner"')
    put(tmp_path / "b/pyproject.toml", "[tool.other]\nx = 1")
    put(tmp_path / "c/pyproject.toml", '[tool.dfadvise]\ntarget = "no"')
    put(tmp_path / "c/dfadvise.toml", 'target = "own file first"')
    configs = Configs()
    names = ["Dockerfile", "a/Dockerfile", "a/x/y/Dockerfile", "b/x/Dockerfile", "c/Dockerfile"]
    assert [configs.of(str(tmp_path / name)).target for name in names] == [
        "outer",
        "inner",
        "inner",
        "outer",
        "own file first",
    ]
    assert configs.of(str(tmp_path / "a/x/Dockerfile")) is configs.of(str(tmp_path / "a/y/Dockerfile"))


def test_relative_paths_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "dfadvise.toml", 'target = "here"')
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert [Configs().of(path).target for path in ("Dockerfile", "-", "x/Dockerfile")] == ["here"] * 3


def test_isolated_and_explicit(tmp_path: Path) -> None:
    put(tmp_path / "dfadvise.toml", 'target = "found"')
    file = str(tmp_path / "Dockerfile")
    other = put(tmp_path / "other.toml", 'target = "given"')
    assert Configs(isolated=True).of(file).target is None
    assert Configs(explicit=other).of(file).target == "given"
    assert Configs(explicit=other, isolated=True).of(file).target == "given"
    assert Configs().of(file).target == "found"


def test_explicit_patterns_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = put(tmp_path / "ci/other.toml", 'exclude = ["/vendor"]\nrule-packs = ["rules"]')
    monkeypatch.chdir(tmp_path)
    config = Configs(explicit=other).of("Dockerfile")
    assert config.excludes("vendor/Dockerfile")
    assert not config.excludes("ci/vendor/Dockerfile")
    assert config.rule_packs == [str(tmp_path / "ci/rules")]


def test_a_broken_file_is_an_error_for_those_below_it_only(tmp_path: Path) -> None:
    put(tmp_path / "bad/dfadvise.toml", "select = [")
    configs = Configs()
    for _ in range(2):
        with pytest.raises(ConfigError):
            configs.of(str(tmp_path / "bad/x/Dockerfile"))
    assert configs.of(str(tmp_path / "good/Dockerfile")).path is None
    assert not configs.excludes(str(tmp_path / "bad/Dockerfile"))


def test_explicit_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        Configs(explicit=str(tmp_path / "none.toml"))


def test_command_line_goes_over_the_file(tmp_path: Path) -> None:
    put(tmp_path / "dfadvise.toml", 'fail-on = "info"\ntarget = "a"\nbuild-args = {A = "1", B = "1"}\n')
    options = {"fail-on": "error", "target": None, "build-args": {"B": "2"}, "today": "2027-01-01"}
    config = Configs(options=options).of(str(tmp_path / "Dockerfile"))
    assert (config.fail_on, config.target) == ("error", "a")
    assert config.build_args == {"A": "1", "B": "2"}
    assert config.settings(Some) == {"today": "2027-01-01"}


# --- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nselct = []", "dfadvise.toml:2: unknown key `selct`, did you mean `select`"),
        ("fail_on = 'info'", "dfadvise.toml:1: unknown key `fail_on`, did you mean `fail-on`"),
        ("ignored = []", "dfadvise.toml:1: unknown key `ignored`, did you mean `ignore`"),
        ("trustedRegistries = []", "unknown key `trustedRegistries`, did you mean `trusted-registries`"),
        ("zzz = 1", "dfadvise.toml:1: unknown key `zzz`"),
        ("# select\nselect = 'all'", "dfadvise.toml:2: `select` is not a list of strings"),
        ("ignore = [1]", "`ignore` is not a list of strings"),
        ("fail-on = 'high'", "`fail-on` has 'high', not one of error, warning, info, style, never"),
        ("fail-on = ['info']", "`fail-on` has ['info'], not one of"),
        ("strict-labels = 'yes'", "`strict-labels` is not true or false"),
        ("[severity]\nx = 'high'", "dfadvise.toml:2: `severity` has 'high'"),
        ("severity = 'error'", "`severity` is not a table"),
        ("[per-file-ignores]\n'*' = 'all'", "`per-file-ignores` is not a list of strings"),
        ("[label-schema]\nname = 'uri'", "dfadvise.toml:2: `label-schema` has 'uri', not one of text, url"),
        ("[build-args]\nA = true", "dfadvise.toml:2: `build-args` has a value for `A` that is not a string"),
        ("[build-contexts]\na = 1", "`build-contexts` is not a string"),
        ("today = 'now'", "`today` is not a date such as 2026-11-24"),
        ("today = 5", "`today` is not a date"),
        ("rules = 1", "`rules` is not a table"),
        ("rules.some-rule = 1", "`rules` holds `some-rule`, which is not a table"),
        ("\n[rules.some-rul]", "dfadvise.toml:2: unknown rule `some-rul` in `rules`, did you mean `some-rule`"),
        ("[rules.some-rule]\nlimt = 1", "dfadvise.toml:2: unknown option `limt` of the rule `some-rule`, did"),
        ("[rules.plain-rule]\nx = 1", "unknown option `x` of the rule `plain-rule`, it has none"),
        ("[rules.some-rule]\nlimit = '1'", "dfadvise.toml:2: `limit` of the rule `some-rule` is not a number"),
        ("[rules.some-rule]\nlimit = true", "`limit` of the rule `some-rule` is not a number"),
        ("[rules.some-rule]\nnames = 'x'", "`names` of the rule `some-rule` is not a list"),
        ("[rules.some-rule]\ntoday = 'x'", "`rules` is not a date"),
        ("[rules.some-rule]\nallow = [['x']]", "`allow` of the rule `some-rule` is not a list of strings or numbers"),
        ("trusted-registries = ['https://ghcr.io']", "has 'https://ghcr.io', not a host such as ghcr.io"),
        ("trusted-registries = ['']", "has '', not a host"),
        ("select = [\n\n'a' 'b']", "dfadvise.toml:3: no valid TOML: "),
        ("x = " + "[" * 100000, "no valid TOML"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    said = refusal(tmp_path, text)
    assert message in said
    assert "\n" not in said


def test_line_in_pyproject(tmp_path: Path) -> None:
    text = "[tool.other]\nselect = 1\n\n[tool.dfadvise]\nselect = 1\n"
    assert refusal(tmp_path, text, "pyproject.toml") == "pyproject.toml:5: `select` is not a list of strings"


def test_what_is_no_text_or_too_large(tmp_path: Path) -> None:
    path = tmp_path / "dfadvise.toml"
    path.write_bytes(b"x = 1\ny = '\xff'\n")
    with pytest.raises(ConfigError, match=r"dfadvise.toml:2: is not UTF-8"):
        read(str(path), str(tmp_path))
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(ConfigError, match="is larger than 1 MiB"):
        read(str(path), str(tmp_path))


def test_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    path = tmp_path / "dfadvise.toml"
    path.write_bytes(b"\xef\xbb\xbfprofile = 'x'\r\ntarget = 'y'\r\n")
    assert read(str(path), str(tmp_path)).target == "y"


def test_no_configuration_costs_no_toml(tmp_path: Path) -> None:
    put(tmp_path / "pyproject.toml", "[project]\nname = 'x'\n")
    program = (
        "import sys; from dfadvise.config import Configs\n"
        "from dfadvise.selection import Selection\n"
        "Selection([], Configs().of('Dockerfile')).rules()\n"
        "print(*(set(sys.modules) & {'tomllib', 'tomli', 're', 'typing', 'difflib', 'json'}))"
    )
    home = os.path.dirname(os.path.dirname(sys.modules["dfadvise"].__file__ or ""))
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": home},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


# --- patterns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("vendor", "vendor/a/Dockerfile"),
        ("vendor/", "a/vendor/Dockerfile"),
        ("*.dev", "a/Dockerfile.dev"),
        ("/a", "a/Dockerfile"),
        ("./a/b", "a/b/Dockerfile"),
        ("a/*/c", "a/b/c/Dockerfile"),
        ("a/**/c", "a/c"),
        ("a/**/c", "a/x/y/c"),
        ("**/c", "a/b/c"),
        ("a/**", "a/b/c"),
        ("Docker?ile", "Dockerfile"),
        ("[a-c]x", "bx"),
        ("[!a]x", "bx"),
        ("[ab", "[ab"),
        ("a*b*c", "a12b3b4c"),
        ("**", "a/b"),
    ],
)
def test_pattern_fits(pattern: str, path: str) -> None:
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("vendor", "vendors/Dockerfile"),
        ("/a", "b/a/Dockerfile"),
        ("a/b", "x/a/b"),
        ("a/*", "a"),
        ("a/*/c", "a/b/b/c"),
        ("*.dev", "Dockerfile.dev2"),
        ("[a-c]x", "dx"),
        ("[!a]x", "ax"),
        ("?", ""),
        ("a/**/c", "a/b"),
        ("dockerfile", "Dockerfile"),
    ],
)
def test_pattern_does_not_fit(pattern: str, path: str) -> None:
    assert not matches(pattern, path)


def test_no_pattern_takes_long() -> None:
    assert not matches("*a" * 100 + "b", "a" * 2000)
    assert not matches("**/" * 100 + "b", "/".join("a" * 500))
