"""ShellCheck as a program that runs beside us: whatever it does, and whatever is taken from it."""

import gc
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dfadvise import child, passing, shellcheck
from dfadvise.engine import Engine
from dfadvise.jsontext import value_of
from dfadvise.rule import Rule
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from shellcheck_answers import RULE, found, needs_shellcheck

pytestmark = needs_shellcheck


@pytest.fixture
def other_program(tmp_path, monkeypatch):
    """Puts a script in the place of shellcheck."""

    def put(body):
        path = tmp_path / "shellcheck"
        path.write_text(f"#!{sys.executable}\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(shellcheck, "_found", str(path))
        monkeypatch.setattr(shellcheck, "_looked", True)
        monkeypatch.setattr(shellcheck, "_results", {})
        monkeypatch.setattr(shellcheck, "_sees_memory", True)
        shellcheck.take_notes()
        return path

    return put


@pytest.fixture
def afresh(monkeypatch):
    """Nothing is known of earlier runs."""
    monkeypatch.setattr(shellcheck, "_results", {})
    monkeypatch.setattr(shellcheck, "_sees_memory", True)
    shellcheck.take_notes()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder for temporary files, with no memory to put them into."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.delattr(os, "memfd_create", raising=False)
    return folder


def without_spawning(monkeypatch):
    """As on a system that has no posix_spawn; `subprocess` may have seen that there is one."""
    monkeypatch.delattr(os, "posix_spawn")
    monkeypatch.setattr(subprocess, "_USE_POSIX_SPAWN", False, raising=False)


def handles():
    """How many files this process has open, where that can be told; what other tests have left open is closed first."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def children():
    """The processes that this one has started and not let go of, where that can be told."""
    found = set()
    for thread in Path("/proc/self/task").glob("*/children"):
        found.update(thread.read_text().split())
    return found


def test_prefetch_answers_for_many_files(monkeypatch):
    monkeypatch.setattr(shellcheck, "_results", {})
    files = [Dockerfile(Source(f"FROM a\nRUN rm $X{number}\n", f"{number}/Dockerfile")) for number in range(5)]
    shellcheck.prefetch(files, jobs=2)
    monkeypatch.setattr(shellcheck, "_Process", None)
    results = [Engine([RULE()]).lint(file) for file in files]
    assert [len(result.findings) for result in results] == [1] * 5
    assert not any(result.internal for result in results)


def test_without_shellcheck_nothing_is_found(monkeypatch):
    monkeypatch.setattr(shellcheck, "_found", None)
    monkeypatch.setattr(shellcheck, "_looked", True)
    assert found("FROM a\nRUN rm $X\n") == []
    shellcheck.prefetch([Dockerfile(Source("FROM a\nRUN rm $X\n"))])
    assert shellcheck.identity() is None
    assert "shellcheck" in shellcheck.HINT


def test_program_of_a_relative_folder_is_not_run(tmp_path, monkeypatch):
    path = tmp_path / "shellcheck"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join((".", "")))
    monkeypatch.setattr(shellcheck, "_looked", False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(shellcheck, "_found", None)
    assert shellcheck.program() is None


def test_options_of_the_user_change_nothing(monkeypatch):
    monkeypatch.setenv("SHELLCHECK_OPTS", "-e SC2086 -f tty")
    monkeypatch.setattr(shellcheck, "_results", {})
    assert found("FROM a\nRUN rm $X\n") == [("SC2086", 2, 8, "$X")]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(" && ".join(["true"] * 500), id="a chain"),
        pytest.param("echo " + "$X" * 500, id="variables"),
        pytest.param("true; " * 1_100 + "true", id="a list"),
        pytest.param("echo " + "x" * 50_000, id="a text"),
    ],
)
def test_too_long_script_is_noted(script):
    shellcheck.take_notes()
    assert found(f"FROM a\nRUN {script}\nRUN rm $X\n") == [("SC2086", 3, 8, "$X")]
    assert shellcheck.take_notes() == ["Dockerfile:2: too long for ShellCheck"]
    assert shellcheck.take_notes() == []


def test_old_shellcheck_is_noted_and_left_alone(other_program):
    other_program("import sys; sys.exit(4)")
    assert found("FROM a\nRUN rm $X\n") == []
    assert len(shellcheck.take_notes()) == 1
    assert shellcheck.program() is None


@pytest.mark.parametrize(
    "body",
    [
        "print('no json')",
        "print('{}')",
        'print(\'{"comments": [{"file": "x"}]}\')',
        "import os; os.kill(os.getpid(), 9)",
    ],
)
def test_broken_answer_is_noted(other_program, body):
    other_program(body)
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes() == ["Dockerfile:2: ShellCheck gave no answer"]


@pytest.mark.parametrize("spawns", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("import time; time.sleep(60)", id="hangs"),
        pytest.param("import os, time; os.close(1); time.sleep(60)", id="hangs behind its answer"),
        pytest.param("while True: print(1, flush=True)", id="never ends"),
    ],
)
def test_slow_shellcheck_is_stopped(other_program, monkeypatch, body, spawns):
    other_program(body)
    if not spawns:
        without_spawning(monkeypatch)
    monkeypatch.setattr(shellcheck, "_PROCESS_SECONDS", 0.2)
    before = handles(), children()
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes() == ["Dockerfile:2: ShellCheck gave no answer"]
    assert handles() <= before[0]
    assert children() == before[1]


def test_answer_without_end_takes_no_more_memory(other_program, monkeypatch):
    other_program("import sys\nwhile True: sys.stdout.write('x' * 100_000)")
    monkeypatch.setattr(child, "_LARGEST", 1 << 20)
    before = time.monotonic()
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes() == ["Dockerfile:2: ShellCheck gave no answer"]
    assert time.monotonic() - before < shellcheck._PROCESS_SECONDS


def test_answer_may_be_larger_than_a_pipe(other_program):
    other_program(
        "import json, sys\n"
        "one = dict(line=2, endLine=2, column=4, endColumn=6, level='info', code=1, fix=None, file=sys.argv[-1])\n"
        "print(json.dumps(dict(comments=[dict(one, message=f'{at} ' + 'é' * 300) for at in range(1_000)])))"
    )
    assert len(found("FROM a\nRUN rm $X\n")) == 1_000
    assert shellcheck.take_notes() == []


def test_program_that_leaves_another_one_behind_is_not_waited_for(other_program):
    other_program(
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)'])\n"
        "print('{\"comments\": []}')"
    )
    before = time.monotonic()
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes() == []
    assert time.monotonic() - before < 10


def test_program_that_is_gone_meanwhile_is_noted(other_program):
    path = other_program("")
    assert shellcheck.program() == str(path)
    path.unlink()
    before = handles()
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes()[0].startswith("ShellCheck could not be run: ")
    assert handles() <= before


def test_old_shellcheck_is_asked_once(other_program, tmp_path):
    other_program(f"import sys; print(1, file=open({str(tmp_path / 'calls')!r}, 'a')); sys.exit(3)")
    text = "FROM a\n" + "".join(f"RUN rm $X{number}\n" for number in range(200))
    assert found(text) == []
    assert len(shellcheck.take_notes()) == 1
    assert (tmp_path / "calls").read_text() == "1\n"


@pytest.mark.usefixtures("afresh")
def test_many_scripts_are_all_answered():
    text = "FROM a\n" + "".join(f"RUN rm $X{number}\n" for number in range(150))
    before = handles(), children()
    assert [(code, line) for code, line, *_ in found(text)] == [("SC2086", number + 2) for number in range(150)]
    assert handles() <= before[0]
    assert children() == before[1]


@pytest.mark.usefixtures("afresh")
def test_no_memory_for_files_is_no_loss(place):
    assert found("FROM a\nRUN rm $X\nRUN ls $Y\n") == [("SC2086", 2, 8, "$X"), ("SC2086", 3, 8, "$Y")]
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("afresh")
def test_no_handles_for_files_are_no_loss(place, monkeypatch):
    def refuse(name, flags):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    assert found("FROM a\nRUN rm $X\n") == [("SC2086", 2, 8, "$X")]
    assert list(place.iterdir()) == []


def test_program_behind_a_script_gets_its_files_on_the_disk(other_program, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    real = shellcheck.program()
    other_program(f"import subprocess, sys; sys.exit(subprocess.run([{real!r}, *sys.argv[1:]]).returncode)")
    before = handles()
    assert found("FROM a\nRUN rm $X\nRUN ls $Y\n") == [("SC2086", 2, 8, "$X"), ("SC2086", 3, 8, "$Y")]
    assert shellcheck.take_notes() == []
    assert not list(tmp_path.glob("dfadvise-*"))
    assert handles() <= before


def test_script_that_cannot_be_read_is_noted(other_program):
    other_program("import sys; print('{\"comments\": []}'); sys.exit(2)")
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes() == ["Dockerfile:2: ShellCheck gave no answer"]


@pytest.mark.usefixtures("afresh")
def test_other_systems_have_subprocess(place, monkeypatch):
    without_spawning(monkeypatch)
    before = handles()
    assert found("FROM a\nRUN rm $X\n") == [("SC2086", 2, 8, "$X")]
    assert list(place.iterdir()) == []
    assert handles() <= before


@pytest.mark.usefixtures("afresh")
def test_folder_is_nobody_elses(place, monkeypatch):
    monkeypatch.setattr(os, "rmdir", lambda path: None)
    assert found("FROM a\nRUN rm $X\n")
    (folder,) = place.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("afresh")
def test_folder_with_an_odd_name_is_one_too(place, monkeypatch):
    odd = place / "é -\udcff"
    odd.mkdir()
    monkeypatch.setenv("TMPDIR", str(odd))
    monkeypatch.setenv("LC_ALL", "C")
    assert found("FROM a\nRUN rm $X\n") == [("SC2086", 2, 8, "$X")]
    assert list(odd.iterdir()) == []


@pytest.mark.usefixtures("afresh", "place")
def test_no_place_for_files_is_noted(tmp_path, monkeypatch):
    monkeypatch.setattr(passing, "_places", lambda: [str(tmp_path / "missing")])
    assert found("FROM a\nRUN rm $X\n") == []
    assert shellcheck.take_notes()[0].startswith("ShellCheck could not be run")


@pytest.mark.usefixtures("afresh")
def test_who_ignores_children_gets_answers():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert found("FROM a\nRUN rm $X\n") == [("SC2086", 2, 8, "$X")]
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.mark.parametrize("closed", [(0,), (2,), (0, 2), (0, 1, 2)])
def test_closed_streams_are_no_trouble(tmp_path, closed):
    code = (
        f"import os; [os.close(number) for number in {closed}]\n"
        "from dfadvise import shellcheck\n"
        "from dfadvise.source import Source\n"
        "from dfadvise.stages import Dockerfile\n"
        "comments = shellcheck.comments_on(Dockerfile(Source('FROM a\\nRUN rm $X\\n')))\n"
        "open('answer', 'w').write(' '.join(str(comment.code) for _, comment in comments))\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "answer").read_text() == "2086"


def test_starting_it_takes_little_of_the_library(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN cd /a; make\n")
    code = (
        "import sys\n"
        "from dfadvise.cli import main\n"
        "main(['lint', '--isolated', '--no-cache', '--fail-on', 'never', 'Dockerfile'])\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    *report, modules = done.stdout.splitlines()
    assert any("shellcheck-finding" in line for line in report)
    # What an installation imports at every start is not ours to choose.
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, timeout=60
    )
    ours = set(modules.split()) - set(bare.stdout.split())
    assert ours.isdisjoint(("json", "subprocess", "tempfile", "shutil", "signal", "select", "threading", "contextlib"))


def test_work_begins_before_it_is_asked_for(other_program, tmp_path):
    mark = tmp_path / "begun"
    other_program(f"open({str(mark)!r}, 'w').close(); print('{{\"comments\": []}}')")
    file = Dockerfile(Source("FROM a\nRUN rm $X\n"))
    with shellcheck.Ahead(file):
        deadline = time.monotonic() + 20
        while not mark.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        mark.unlink()
        assert shellcheck.comments_on(file) == []
    assert shellcheck.take_notes() == []
    assert not mark.exists()


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError, None])
def test_work_that_nobody_asks_for_ends(other_program, place, raised):
    other_program("import time; time.sleep(60)")
    before = handles(), children()
    try:
        with shellcheck.Ahead(Dockerfile(Source("FROM a\nRUN rm $X\n"))):
            assert len(list(place.iterdir())) == 1
            if raised:
                raise raised
    except (KeyboardInterrupt, ValueError):
        assert raised
    assert list(place.iterdir()) == []
    assert handles() <= before[0]
    assert children() == before[1]
    assert shellcheck.take_notes() == []


def test_all_other_rules_are_asked_meanwhile():
    seen = []

    class Other(Rule):
        id = "other"
        on = ("file", "RUN")

        def check(self, node):
            seen.append(list(shellcheck._ahead))
            return iter(())

    file = Dockerfile(Source("FROM a\nRUN rm $X\n"))
    assert len(Engine([RULE(), Other()]).lint(file).findings) == 1
    assert seen == [[id(file)], [id(file)]]
    assert shellcheck._ahead == {}


def test_interrupt_while_waiting_ends_the_work(other_program, place, monkeypatch):
    other_program("import time; time.sleep(60)")
    before = handles(), children()

    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        shellcheck.comments_on(Dockerfile(Source("FROM a\nRUN rm $X\n")))
    assert list(place.iterdir()) == []
    assert handles() <= before[0]
    assert children() == before[1]


@pytest.mark.parametrize("spared", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        '{"comments": []}\n',
        ' [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00\\"\\\\\\n\\ud800", "é😀", {"": {}}] \r\n\t',
        '"\\udcff"',
        "0",
    ],
)
def test_json_is_read_as_by_the_library(monkeypatch, text, spared):
    if not spared:
        monkeypatch.setitem(sys.modules, "_json", None)
    assert value_of(text.encode()) == json.loads(text)


@pytest.mark.parametrize("spared", [True, False])
@pytest.mark.parametrize(
    "data", [b"", b" ", b"{", b"[1,]", b"{} {}", b'"a', b"nul", b'"\xff"', b'"\n"', b'{"a" 1}', b"\xa0{}"]
)
def test_what_is_no_json_is_a_value_error(monkeypatch, data, spared):
    if not spared:
        monkeypatch.setitem(sys.modules, "_json", None)
    with pytest.raises(ValueError):  # noqa: PT011
        value_of(data)


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("in_memory", [True, False])
def test_what_is_no_utf8_keeps_columns(monkeypatch, in_memory):
    monkeypatch.setattr(shellcheck, "_sees_memory", in_memory)
    source = Source.from_bytes(b"FROM a\nRUN echo \xff\xfe && rm $X\n")
    finding = Engine([RULE()]).lint(Dockerfile(source)).findings[0]
    assert source.slice(finding.span) == "$X"
