"""The command line: what it takes, and what it says about what it does not."""

from __future__ import annotations

import pytest

from dfadvise import __version__
from dfadvise.cli import main
from dfadvise.commands.options import COMMANDS, FORMATS, OPTIONS, UsageError, options_of, read
from dfadvise.commands.usage import help_of, overview
from dfadvise.report import FORMATS as REPORT_FORMATS
from dfadvise.rule import SEVERITIES

READY = [name for name, command in COMMANDS.items() if command.ready]


def given(*words: str, command: str = "lint"):
    return read(COMMANDS[command], words)


def refusal(*words: str, command: str = "lint") -> str:
    with pytest.raises(UsageError) as caught:
        given(*words, command=command)
    return str(caught.value)


def test_values_stand_behind_the_option_or_an_equals_sign() -> None:
    for words in (("--target", "app", "x"), ("--target=app", "x"), ("x", "--target", "app")):
        arguments = given(*words)
        assert arguments.one("target") == "app"
        assert arguments.operands == ["x"]
    assert given("--build-arg", "A=1=2").many("build-arg") == ["A=1=2"]
    assert given("--build-arg=A=1").many("build-arg") == ["A=1"]
    assert given("--target=").one("target") == ""
    assert given("-o", "f").one("output") == "f"
    assert given("-of").one("output") == "f"
    assert given("-j4").one("jobs") == "4"


def test_options_that_count_every_time_and_those_that_do_not() -> None:
    assert given("--select", "a, b", "--select=c").many("select") == ["a", "b", "c"]
    assert given("--build-arg", "A=1,2", "--build-arg", "B").many("build-arg") == ["A=1,2", "B"]
    assert given("--target", "a", "--target", "b").one("target") == "b"
    assert given().many("select") is None
    assert given("--select=").many("select") == []


def test_operands() -> None:
    assert given("-", "a").operands == ["-", "a"]
    assert given("--quiet", "--", "--quiet", "-q").operands == ["--quiet", "-q"]
    assert given("--quiet", "--", "-q").flag("quiet") is True
    assert given("--", "-q").flag("quiet") is False


@pytest.mark.parametrize(
    ("words", "command", "message"),
    [
        pytest.param(["--selct", "x"], "lint", "unknown option `--selct`, did you mean `--select`", id="near"),
        pytest.param(["--zzz"], "lint", "unknown option `--zzz`", id="far"),
        pytest.param(["-z"], "lint", "unknown option `-z`", id="short"),
        pytest.param(["--failure-threshold=error"], "lint", "use --fail-on LEVEL", id="another tool's"),
        pytest.param(["--no-color"], "lint", "use NO_COLOR in the environment", id="colour"),
        pytest.param(["--format"], "lint", "`--format` needs a value: --format FORMAT", id="no value"),
        pytest.param(["--output", "--quiet"], "lint", "`--output=--quiet` if that is the value", id="option as value"),
        pytest.param(["--quiet=yes"], "lint", "`--quiet` takes no value", id="value for a switch"),
        pytest.param(["--format", "jsn"], "lint", "`--format` cannot be `jsn`, did you mean `json`", id="near choice"),
        pytest.param(["--format", "tty"], "lint", "known are text, json, sarif", id="far choice"),
        pytest.param(["--fail-on", "fatal"], "lint", "known are error, warning, info, style, never", id="level"),
        pytest.param(["--select", "x"], "parse", "`--select` is an option of `dfadvise lint`", id="other command"),
        pytest.param([], "explain", "`dfadvise explain` needs RULE...", id="too few"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], command: str, message: str) -> None:
    text = refusal(*words, command=command)
    assert message in text
    assert "\n" not in text


def test_main_says_it_in_one_line_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--selct", "x"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "dfadvise: unknown option `--selct`, did you mean `--select`\n"


@pytest.mark.parametrize("flag", ["--unsafe", "--diff", "--check"])
def test_options_of_fix_need_it(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", flag]) == 2
    assert capsys.readouterr().err == f"dfadvise: `{flag}` needs `--fix`\n"


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("--version", "-V"):
        assert main([word]) == 0
        assert capsys.readouterr().out == f"dfadvise {__version__}\n"


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["help"], ["lint", "--help"], ["help", "fix"], ["parse", "x", "-h"]]
)
def test_help_is_no_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: dfadvise ")
    assert err == ""


def test_help_is_not_asked_for_behind_two_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--isolated", "--", "--help"]) == 2
    assert "unknown rule `--help`" in capsys.readouterr().err


def test_no_command_shows_the_help_and_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: dfadvise COMMAND")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lnt"], "unknown command `lnt`, did you mean `lint`"),
        (["wxyz"], "unknown command `wxyz`\n"),
        (["--quiet", "lint"], "`--quiet` stands before the command"),
        (["help", "nothing"], "unknown command `nothing`"),
        (["lsp"], "not available yet"),
    ],
)
def test_commands_that_do_not_exist(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_a_file_instead_of_a_command(tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Some").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    assert main(["Some"]) == 2
    assert "to look at a file, `dfadvise lint Some`" in capsys.readouterr().err


def test_the_table_fits_what_it_stands_for() -> None:
    assert tuple(REPORT_FORMATS) == FORMATS
    levels = options_of("lint")["--fail-on"].choices
    assert levels == (*SEVERITIES, "never")
    for option in OPTIONS:
        assert option.name.startswith("--")
        assert option.text[:1].isupper(), option.name
        assert not option.text.endswith("."), option.name
        assert all(name in COMMANDS for name in option.commands)
    for name in COMMANDS:
        names = [option.name for option in OPTIONS if name in option.commands]
        assert len(names) == len(set(names)), name


@pytest.mark.parametrize("name", READY)
def test_help_fits_a_terminal_and_names_every_option(name: str) -> None:
    text = help_of(name)
    assert max(map(len, text.splitlines())) <= 80
    assert text.endswith("\n")
    for option in OPTIONS:
        if name in option.commands:
            assert (option.name in text.split()) is option.ready, option.name
    assert name in overview()
    assert max(map(len, overview().splitlines())) <= 80


def test_ready_commands_have_their_module() -> None:
    for name in READY:
        module = __import__(f"dfadvise.commands.{name}", fromlist=("run",))
        assert callable(module.run)
