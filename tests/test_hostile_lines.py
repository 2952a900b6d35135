"""A line of a megabyte of what readers choke on: `lint` comes to an end, in a time that grows with the line."""

import resource
import subprocess
import sys

import pytest

SMALL, LARGE = 125_000, 1_000_000
# What stands before, what is repeated, what stands behind.
LINES = {
    "double quotes": ('RUN echo "', '"', ""),
    "words in quotes": ("RUN echo ", "'a' ", ""),
    "backslashes": ("RUN echo ", "\\", " x"),
    "escaped quotes": ('RUN echo "', '\\"', '"'),
    "substitutions without an end": ("RUN echo ", "$(", ""),
    "substitutions": ("RUN echo ", "$(a) ", ""),
    "expansions without an end": ("ENV A=", "${", ""),
    "expansions": ("ENV A=", "${a}", ""),
    "defaults in defaults": ("RUN echo ", "${a:-", ""),
    "removed beginnings": ("RUN echo ", "${a#", ""),
    "heredocs": ("RUN cat ", "<<A ", ""),
    "heredocs without names": ("RUN ", "<<", ""),
    "documents to copy": ("COPY ", '<<-"A" ', " /x"),
    "pipes": ("RUN x ", "a | ", ""),
    "redirections": ("RUN x ", ">", ""),
    "arrays": ("RUN x ", "a=(", ""),
    "base64": ("ENV A=", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODk+/", ""),
    "equals signs": ("ENV ", "a=", ""),
    "pairs": ("ENV ", "a=b ", ""),
    "names of secrets": ("ENV ", "PASSWORD=ab1cd2 ", ""),
    "options": ("RUN x ", "--api-token=a1b2c3d4 ", ""),
    "addresses": ("RUN curl ", "https://a:b1c2@", ""),
    "keys": ("RUN echo ", "-----BEGIN " + "PRIVATE KEY-----", ""),
    "a comment of names": ("# dfadvise: ignore[", "DL3008,", "]\nRUN x"),
    "flags": ("RUN ", "--mount=type=secret,id=a ", "x"),
    "brackets": ("CMD ", "[", ""),
}
# The same in many steps, each of them as long as scripts may be.
STEPS = {"pipes": "a | ", "redirections": "<", "arrays": "a=(", "heredocs": "cat <<A; "}


def seconds(path, text):
    path.write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "dfadvise", "lint", "--isolated", "--select", "all", "--format", "json", str(path)],
        capture_output=True,
        timeout=120,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), done.stderr[-500:]
    assert b"failed" not in done.stderr
    assert b"Traceback" not in done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def grows_with_the_text(path, make):
    small, large = seconds(path, make(SMALL)), seconds(path, make(LARGE))
    # Generous: four times what eight times the text may take.
    assert large < 4 * (LARGE / SMALL) * max(small, 0.1), (small, large)


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_a_megabyte(tmp_path, name):
    before, unit, behind = LINES[name]

    def make(size):
        return f"FROM debian:13\n{before}{unit * (size // len(unit))}{behind}\n"

    grows_with_the_text(tmp_path / "Dockerfile", make)


@pytest.mark.parametrize("name", STEPS)
def test_many_long_steps(tmp_path, name):
    step = "RUN x " + STEPS[name] * (15_000 // len(STEPS[name])) + "\n"
    grows_with_the_text(tmp_path / "Dockerfile", lambda size: "FROM debian:13\n" + step * (size // len(step)))


def test_a_long_script_that_is_one_is_read(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_text("FROM debian:13\nRUN " + "a | b && \\\n    " * 3000 + "sudo x\n")
    command = [sys.executable, "-m", "dfadvise", "lint", "--isolated", "--select", "sudo-command", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "sudo-command" in done.stdout
