"""Rule packs: what a folder of rule files turns into, and what is said about one that cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dfadvise.packs import PackError, default_pack_path, load_pack, load_packs
from dfadvise.testing import run_case

RULE = '''
from __future__ import annotations

from dfadvise.rule import Finding, Rule


class {name}(Rule):
    """Something holds."""

    on = ("RUN",)
    severity = "info"

    def check(self, node):
        yield from ()
'''
MORE = RULE.format(name="A") + "\n    "
LOOKS = MORE + "@staticmethod\n    def concerns({}):\n        return True\n"
TWO = RULE.format(name="Some") + "\n\nclass Other(Rule):\n    '''Other.'''\n"


def write(folder: Path, name: str, text: str | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text is not None else RULE.format(name="Some"), encoding="utf-8")
    return path


def refusal(folder: Path) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(str(folder), "mine")
    return caught.value


def test_a_rule_is_named_by_its_file_and_folder(tmp_path: Path) -> None:
    file = write(tmp_path, "packages/unpinned_package.py")
    write(tmp_path, "own_rule.py", RULE.format(name="Own"))
    rules = load_pack(str(tmp_path), "my_pack")
    assert [(each.id, each.family, each.pack) for each in rules] == [
        ("own-rule", "my-pack", "my_pack"),
        ("unpinned-package", "packages", "my_pack"),
    ]
    assert rules[1].path == str(file)
    assert rules[1].severity == "info"
    assert rules[1]().title == "Something holds"


def test_what_is_no_rule_file_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "one.py")
    for name in ("__init__.py", "_shared.py", "README.md", "fam/__init__.py", "fam/notes.txt", ".git/x.py"):
        write(tmp_path, name, "not python (")
    write(tmp_path, "fam/deeper/two.py", "not python (")
    write(tmp_path, "__pycache__/one.py", "not python (")
    assert [each.id for each in load_pack(str(tmp_path), "mine")] == ["one"]


def test_one_file_is_a_pack(tmp_path: Path) -> None:
    file = write(tmp_path, "one.py")
    assert [(each.id, each.family) for each in load_pack(str(file), "mine")] == [("one", "mine")]


def test_imported_and_private_rules_do_not_count(tmp_path: Path) -> None:
    text = RULE.format(name="_Base") + "\n\nclass Real(_Base):\n    '''Real.'''\n\n\nAlias = Real\n"
    write(tmp_path, "real.py", text)
    assert [each.__name__ for each in load_pack(str(tmp_path), "mine")] == ["Real"]


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        pytest.param("a.py", "x = 1\n", None, "defines no subclass of Rule", id="no rule"),
        pytest.param("a.py", "from dfadvise.rule import Rule\n", None, "no subclass of Rule", id="only imported"),
        pytest.param("a.py", "x = (\n", 1, "syntax error", id="syntax"),
        pytest.param("a.py", "x = 1\n\nx.y\n", 3, "AttributeError: 'int' object has no attribute 'y'", id="raises"),
        pytest.param("a.py", "import nowhere_at_all\n", 1, "ModuleNotFoundError", id="import"),
        pytest.param("a.py", "from . import b\n", 1, "ImportError: attempted relative import", id="neighbour"),
        pytest.param("a.py", "import sys\nsys.exit(3)\n", 2, "SystemExit: 3", id="exits"),
        pytest.param("a.py", "x = '\0'\n", None, "null", id="null byte"),
        pytest.param("a.py", TWO, 17, "defines two rules: `Some` and `Other`", id="two"),
        pytest.param("A.py", None, None, "the file name of a rule is made of a-z, 0-9 and _", id="capital"),
        pytest.param("a-b.py", None, None, "the file name of a rule", id="dash"),
        pytest.param("all.py", None, 7, "`all` is not free as a rule's name", id="reserved"),
        pytest.param("mine.py", None, 7, "`mine` is both a rule and a family", id="named as its family"),
        pytest.param(
            "a.py", RULE.format(name="A").replace('("RUN",)', '"RUN"'), 7, "`on` is not a tuple", id="on is a text"
        ),
        pytest.param(
            "a.py", RULE.format(name="A").replace('"RUN"', '"run"'), 7, "`on` names 'run'", id="on in lower case"
        ),
        pytest.param(
            "a.py", RULE.format(name="A").replace('"info"', '"hint"'), 7, "`severity` is 'hint'", id="severity"
        ),
        pytest.param("a.py", MORE + "mentions = 'curl'\n", 7, "`mentions` is not a tuple of words", id="one word"),
        pytest.param("a.py", MORE + "mentions = ('a', 1)\n", 7, "`mentions` is not a tuple of words", id="no word"),
        pytest.param("a.py", MORE + "mentions = ('a', '')\n", 7, "`mentions` is not a tuple of words", id="nothing"),
        pytest.param("a.py", MORE + "keywords = ('run',)\n", 7, "`keywords` is not a tuple of keywords", id="keyword"),
        pytest.param("a.py", LOOKS.format("file"), 7, "`concerns` is no static method of a file", id="one argument"),
        pytest.param("a.py", LOOKS.format("file, text, a=1"), 7, "`concerns` is no static method", id="default"),
        pytest.param(
            "a.py", LOOKS.format("file, text, *, a=1"), 7, "`concerns` is no static method", id="keyword only"
        ),
        pytest.param("a.py", LOOKS.format("file, text, **a"), 7, "`concerns` is no static method", id="any keywords"),
        pytest.param("a.py", MORE + "concerns = lambda a, b: 1\n", 7, "`concerns` is no static method", id="no static"),
        pytest.param(
            "a.py", MORE + "concerns = staticmethod(any)\n", 7, "`concerns` is no static method", id="no code"
        ),
    ],
)
def test_broken_rule(tmp_path: Path, name: str, text: str | None, line: int | None, reason: str) -> None:
    file = write(tmp_path, name, text)
    problem = refusal(tmp_path)
    assert (problem.path, problem.line) == (str(file), line)
    assert reason in problem.reason
    assert "\n" not in str(problem)


def test_sound_rules_are_kept_beside_broken_ones(tmp_path: Path) -> None:
    write(tmp_path, "bad.py", "x = (\n")
    write(tmp_path, "good.py")
    errors: list[PackError] = []
    assert [each.id for each in load_pack(str(tmp_path), "mine", errors)] == ["good"]
    assert [os.path.basename(each.path) for each in errors] == ["bad.py"]


def test_one_id_twice_is_an_error(tmp_path: Path) -> None:
    first = write(tmp_path, "fam/one.py")
    write(tmp_path, "other/one.py")
    problem = refusal(tmp_path)
    assert problem.path.endswith(os.path.join("other", "one.py"))
    assert problem.reason == f"the rule `one` is already in {first}"


def test_no_pack(tmp_path: Path) -> None:
    assert "cannot be read as a rule pack" in refusal(tmp_path / "nowhere").reason
    assert refusal(tmp_path).reason == "holds no rule files"


def test_packs_of_one_name_do_not_meet(tmp_path: Path) -> None:
    write(tmp_path, "a/rules/fam/one.py")
    write(tmp_path, "b/rules/fam/one.py", RULE.format(name="Other"))
    first = load_pack(str(tmp_path / "a/rules"), "rules")
    second = load_pack(str(tmp_path / "b/rules"), "rules")
    assert [first[0].__name__, second[0].__name__] == ["Some", "Other"]
    assert sys.modules[first[0].__module__].__file__ != sys.modules[second[0].__module__].__file__


def test_a_rule_file_cannot_shadow_a_module(tmp_path: Path) -> None:
    write(tmp_path, "json.py")
    write(tmp_path, "re.py", RULE.format(name="Re"))
    path = list(sys.path)
    assert [each.id for each in load_pack(str(tmp_path), "mine")] == ["json", "re"]
    assert sys.path == path
    import json

    assert json.loads("1") == 1


def test_default_pack_is_found_and_loaded_once() -> None:
    assert os.path.isdir(default_pack_path())
    assert os.path.basename(default_pack_path()) == "rules"


def test_own_packs_come_after_the_default_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "default/fam/one.py")
    write(tmp_path, "own/two.py")
    write(tmp_path, "own/one.py")
    monkeypatch.setattr("dfadvise.packs.default_pack_path", lambda: str(tmp_path / "default"))
    errors: list[PackError] = []
    rules = load_packs([str(tmp_path / "own")], errors)
    assert [(each.id, each.family, each.pack) for each in rules] == [
        ("one", "fam", "default"),
        ("two", "own", "own"),
    ]
    assert [each.reason for each in errors] == [f"the rule `one` is already in {tmp_path}/default/fam/one.py"]
    again = load_packs([str(tmp_path / "own"), str(tmp_path / "own")], [])
    assert [each is other for each, other in zip(rules, again, strict=True)] == [True, True]


def test_loading_is_fast_and_light(tmp_path: Path) -> None:
    for number in range(140):
        write(tmp_path, f"fam{number % 10}/rule_{number}.py", RULE.format(name=f"R{number}"))
    program = (
        "import sys, time; from dfadvise.packs import load_pack; started = time.perf_counter()\n"
        f"rules = load_pack({str(tmp_path)!r}, 'p')\n"
        "print(len(rules), time.perf_counter() - started, *(set(sys.modules) & {'re', 'typing', 'json', 'inspect'}))"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.path.dirname(os.path.dirname(load_pack.__code__.co_filename))
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
    count, seconds, *heavy = done.stdout.split()
    assert (count, heavy) == ("140", [])
    # A few milliseconds when measured; the rest is for a busy machine.
    assert float(seconds) < 0.1
    assert len(list(tmp_path.rglob("*.pyc"))) == 140


def test_an_edited_rule_is_read_anew(tmp_path: Path) -> None:
    file = write(tmp_path, "one.py")
    assert load_pack(str(tmp_path), "mine")[0].severity == "info"
    file.write_text(RULE.format(name="Some").replace('"info"', '"error"'), encoding="utf-8")
    os.utime(file, (time.time() + 5, time.time() + 5))
    assert load_pack(str(tmp_path), "mine")[0].severity == "error"


HELPED = (
    RULE.format(name="Helped").replace("class", "WORDS = ('curl',)\n\n\nclass")
    + """
    @staticmethod
    def concerns(file, text):
        return any(word in text for word in WORDS)
"""
)


def test_a_look_without_its_module_is_the_same_with_an_index_and_without(tmp_path: Path) -> None:
    write(tmp_path, "helped.py", HELPED)
    (rule,) = load_pack(str(tmp_path), "mine")
    with pytest.raises(NameError):
        rule.concerns(None, "")  # type: ignore[arg-type]
    assert run_case(rule, None, "docstring") == "`concerns` knows no name of its module, and uses WORDS"
