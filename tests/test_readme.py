"""What README and docs show is true: outputs are what is printed, commands exist, settings are valid, examples run.

Run as a script it prints the outputs anew.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dfadvise import docs, packs
from dfadvise.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# Made by `python -m dfadvise.docs`; its examples are tests already.
RULES = ROOT / "docs" / "rules.md"
WRITTEN = [page for page in PAGES if page != RULES]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)

pytestmark = pytest.mark.skipif(not PAGES[0].is_file(), reason="the sources are not here")


def blocks(*languages: str, pages: list[Path] = WRITTEN) -> Iterator[tuple[Path, str]]:
    for page in pages:
        for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if language in languages:
                yield page, text


def example_pack(folder: Path) -> None:
    """The rule of docs/writing-a-rule.md, where the page says it is."""
    page = ROOT / "docs" / "writing-a-rule.md"
    (_, text), *_ = blocks("python", pages=[page])
    (folder / "company").mkdir()
    (folder / "company" / "wget_progress.py").write_text(text, encoding="utf-8")


def printed(command: str) -> str:
    """What a command of a console block prints; it runs beside the examples and the documented rule."""
    program, *words = shlex.split(command)
    assert program == "dfadvise", command
    environment = {key: value for key, value in os.environ.items() if key not in ("GITHUB_ACTIONS", "FORCE_COLOR")}
    environment |= {"NO_COLOR": "1", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "examples", Path(name, "examples"))
        example_pack(Path(name))
        done = subprocess.run(
            [sys.executable, "-m", "dfadvise", *words],
            cwd=name,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
        )
    assert "Traceback" not in done.stdout
    return done.stdout


def console(text: str) -> Iterator[tuple[str, str]]:
    """(command, output) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


CONSOLE = [(page.name, *pair) for page, text in blocks("console") for pair in console(text)]


@pytest.mark.parametrize(("page", "command", "output"), CONSOLE, ids=[f"{c[0]}: {c[1]}" for c in CONSOLE])
def test_outputs_are_what_is_printed(page, command, output):
    assert output == printed(command), f"{page} is out of date: python tests/test_readme.py"


def dfadvise_commands() -> Iterator[str]:
    for _, text in blocks("sh", "yaml"):
        for line in text.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|\|", line.strip().removeprefix("- ").partition("#")[0]):
                if part.split()[:1] == ["dfadvise"]:
                    yield part.strip()
    for page in WRITTEN:
        yield from re.findall(r"`(dfadvise [^`]*)`", BLOCK.sub("", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", sorted(set(dfadvise_commands())))
def test_commands_are_understood(command):
    from dfadvise.commands.options import COMMANDS, read

    _, name, *words = shlex.split(command)
    assert COMMANDS[name].ready, command
    if words:
        read(COMMANDS[name], words)


def test_settings_are_valid():
    from dfadvise.config import Config
    from dfadvise.selection import Vocabulary

    tomllib = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    vocabulary = Vocabulary(packs.load_packs())
    texts = [text for page, text in blocks("toml")]
    assert texts
    for text in texts:
        config = Config(tomllib.loads(text), text=text)
        layer = config.layers[0]
        names = [*(layer.select or []), *layer.extend, *layer.ignore, *config.severity, *config.options]
        for name in [*names, *(each for ignored in config.per_file_ignores.values() for each in ignored)]:
            known = {*vocabulary.rules, *vocabulary.families, "default", "all"}
            assert name in known or name.lower() in vocabulary.codes, name


def test_rules_that_are_named_exist():
    rules = {rule.id for rule in packs.load_packs()}
    for page in WRITTEN:
        for names in re.findall(r"ignore\[([^]]*)\]", page.read_text(encoding="utf-8")):
            for name in names.split(","):
                assert name.strip() in rules or name == "names", f"{page.name}: {name}"


def test_workflows_are_yaml_and_name_what_there_is():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    found = [yaml.safe_load(text) for _, text in blocks("yaml")]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    named = {hook["id"] for each in found for repo in each.get("repos", ()) for hook in repo["hooks"]}
    assert named == hooks
    steps = [step for each in found for job in each.get("jobs", {}).values() for step in job["steps"]]
    used = [step for step in steps if step["uses"].startswith("dfadvise/")]
    assert used
    assert all(set(step["with"]) <= set(inputs) for step in used)
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]


def test_links_lead_somewhere():
    for page in WRITTEN:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            place = page.parent / target
            if "://" not in target and place != RULES:
                assert place.exists(), f"{page.name}: {target}"


def test_the_documentation_of_rules_is_up_to_date():
    if not RULES.exists():
        pytest.skip("python -m dfadvise.docs was not run yet")
    rules = packs.load_packs()
    assert RULES.read_text(encoding="utf-8") == docs.page(rules), "run python -m dfadvise.docs"
    readme = PAGES[0].read_text(encoding="utf-8")
    assert readme == docs.in_readme(readme, rules), "run python -m dfadvise.docs"


@pytest.mark.parametrize(
    "text", [text for _, text in blocks("python", pages=[ROOT / "docs" / "python.md"])], ids=["parser", "model"]
)
def test_python_examples_run(text):
    exec(compile(text, "docs/python.md", "exec"), {})


def test_the_example_rule_explains_itself(tmp_path, monkeypatch, capsys):
    example_pack(tmp_path)
    (tmp_path / "dfadvise.toml").write_text('rule-packs = ["company"]\n')
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "wget-progress"]) == 0
    assert "wget fills the build log" in capsys.readouterr().out


def test_the_commands_for_newcomers_are_those_of_ci():
    commands = re.search(r"<!-- tests -->\n```sh\n(.*?)```", PAGES[0].read_text(encoding="utf-8"), re.S)
    assert commands
    assert commands[1] == "pip install -e '.[dev]' && pytest\n"
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script
    for word in ("ruff check", "ruff format --check", "mypy --strict", "--strict"):
        assert word in script


def rewrite() -> None:
    """Put what is printed now into the console blocks."""
    for page in WRITTEN:
        old = page.read_text(encoding="utf-8")

        def block(match: re.Match[str]) -> str:
            if match[1] != "console":
                return match[0]
            parts = (f"$ {command}\n{printed(command)}" for command, _ in console(match[2]))
            return f"```console\n{''.join(parts)}```"

        new = BLOCK.sub(block, old)
        if new != old:
            page.write_text(new, encoding="utf-8", newline="\n")
            print(f"{page.relative_to(ROOT)}: written")


if __name__ == "__main__":
    rewrite()
