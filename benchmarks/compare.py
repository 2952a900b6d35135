"""Time dfadvise beside hadolint and tally, on this machine and in one run.

    pip install '.[bench]'
    python benchmarks/compare.py PATH [--files 300] [--rounds 7] [--output docs/benchmarks.md]

PATH is a folder with Dockerfiles. Two things are measured: one small file from a cold start, and many files in one
call. The programs take turns, so that whatever else the machine does falls on all of them; medians count.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

SMALL = """\
FROM debian:12
RUN apt-get update && apt-get install -y curl
COPY app /usr/local/bin/app
CMD ["app"]
"""
NO_SHELLCHECK = ("--ignore", "shellcheck-finding")
DFADVISE = ("dfadvise", "lint", "--isolated", "--no-cache", "--fail-on", "never", "--format", "json")
AGAIN = tuple(word for word in DFADVISE if word != "--no-cache")
HADOLINT = ("hadolint", "--no-fail", "--format", "json")
TALLY = ("tally", "lint", "--no-config", "--slow-checks", "off", "--fail-level", "none", "--format", "json")

# Name, command, whether it runs ShellCheck's checks.
PROGRAMS = {
    "dfadvise": ((*DFADVISE, *NO_SHELLCHECK), False),
    "dfadvise, one process": ((*DFADVISE, *NO_SHELLCHECK, "--jobs", "1"), False),
    "dfadvise with ShellCheck": (DFADVISE, True),
    "dfadvise, nothing has changed": (AGAIN, True),
    "hadolint": (HADOLINT, True),
    "tally without ShellCheck": ((*TALLY, "--ignore", "shellcheck/*"), False),
    "tally": (TALLY, True),
}
COLD = (
    "dfadvise",
    "dfadvise with ShellCheck",
    "dfadvise, nothing has changed",
    "hadolint",
    "tally without ShellCheck",
    "tally",
)


class Measured:
    """What a call took: seconds of wall time, seconds of processor time, and the most memory in MiB."""

    __slots__ = ("memory", "processor", "wall")

    def __init__(self, wall: float, processor: float, memory: float) -> None:
        self.wall = wall
        self.processor = processor
        self.memory = memory


def environment() -> dict[str, str]:
    """The environment of a program: bytecode may be kept, output is plain, nobody is told that this is CI."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "GITHUB_ACTIONS", "CI")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    scripts = os.path.dirname(sys.executable)
    return {**kept, "NO_COLOR": "1", "PATH": scripts + os.pathsep + kept.get("PATH", "")}


def measure(words: list[str], cwd: Path) -> Measured:
    """Run a command to its end.

    Raises:
        SystemExit: It failed.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(words, cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            errors.seek(0)
            shown = errors.read(2000).decode("utf-8", "replace")
            raise SystemExit(f"{' '.join(words)[:200]}\nexit {process.returncode}\n{shown}")
    # Linux counts memory in KiB, macOS in bytes.
    unit = 1024 if sys.platform == "darwin" else 1
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit / 1024)


def programs(names: tuple[str, ...] | None = None) -> dict[str, list[str]]:
    """The command of each program that is installed, the real binary where the script only starts one."""
    path = environment()["PATH"]
    found: dict[str, list[str]] = {}
    for name in names or tuple(PROGRAMS):
        words = list(PROGRAMS[name][0])
        program = shutil.which(words[0], path=path)
        if program is None:
            print(f"{words[0]} is not installed, so it is left out", file=sys.stderr)
            continue
        found[name] = [binary(words[0]) or program, *words[1:]]
    return found


def binary(program: str) -> str | None:
    """The binary that a package's Python script would start; the start of Python is not what is compared."""
    spec = find_spec(f"{program}_cli")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for each in sorted(Path(folder).glob(f"bin/*/{program}*")):
            if os.access(each, os.X_OK):
                return str(each)
    return None


def version(words: list[str]) -> str:
    """The version that a program prints."""
    done = subprocess.run([words[0], "--version"], env=environment(), capture_output=True, text=True, check=False)
    numbers = [word for word in done.stdout.replace("v", " ").split() if word[:1].isdigit()]
    return numbers[0] if numbers else "?"


def take_turns(commands: dict[str, list[str]], cwd: Path, rounds: int) -> dict[str, list[Measured]]:
    """Each command once to warm up, then in turns."""
    for words in commands.values():
        measure(words, cwd)
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    for turn in range(rounds):
        for name, words in commands.items():
            results[name].append(measure(words, cwd))
        print(f"round {turn + 1} of {rounds}", file=sys.stderr)
    return results


def chosen(corpus: Path, count: int) -> list[Path]:
    """Dockerfiles of a folder, evenly spread over it, the same ones every time."""
    files = sorted(each for each in corpus.rglob("*Dockerfile*") if each.is_file())
    if not files:
        raise SystemExit(f"{corpus}: no Dockerfiles")
    count = min(count, len(files))
    return [files[index * len(files) // count] for index in range(count)]


def median(results: list[Measured], what: str) -> float:
    """The median of an attribute."""
    return float(statistics.median(getattr(each, what) for each in results))


def table(results: dict[str, list[Measured]], files: int) -> str:
    """Results as a Markdown table, each beside dfadvise."""
    base = median(results["dfadvise"], "wall")
    lines = [
        "| program | ShellCheck | wall time | beside dfadvise | processor time | memory |",
        "| --- | --- | --: | --: | --: | --: |",
    ]
    for name, each in results.items():
        wall = median(each, "wall")
        shown = f"{wall * 1000:.0f} ms" + (f", {wall / files * 1000:.2f} ms a file" if files > 1 else "")
        processor, memory = median(each, "processor"), max(one.memory for one in each)
        checked = "yes" if PROGRAMS[name][1] else "no"
        lines.append(
            f"| {name} | {checked} | {shown} | {wall / base:.2f} | {processor * 1000:.0f} ms | {memory:.0f} MiB |"
        )
    return "\n".join(lines) + "\n"


def report(cold: str, many: str, count: int, size: int, rounds: int, versions: str) -> str:
    """The whole page."""
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    return f"""\
# Benchmarks

Made by `python benchmarks/compare.py` on {time.strftime("%Y-%m-%d")}: {machine}; {versions}.
The programs take turns, {rounds} rounds after one to warm up; medians. "Beside dfadvise" is the wall time divided by
that of the first row, so more than 1 is slower. hadolint has ShellCheck built in and cannot leave it out; memory is
that of the largest process. The rows of dfadvise use no results of earlier runs (`--no-cache`), but for "nothing has
changed": the round to warm up has linted the files.

## One small file, from a cold start

{cold}
## {count} files in one call

Real Dockerfiles, {size / count / 1024:.1f} KiB on average.

{many}"""


def main() -> int:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="a folder with Dockerfiles")
    parser.add_argument("--files", type=int, default=300, help="how many of them (default: 300)")
    parser.add_argument("--rounds", type=int, default=7, help="how often (default: 7; three times that for one file)")
    parser.add_argument("--output", type=Path, help="the page to write (default: standard output)")
    options = parser.parse_args()
    files = chosen(options.corpus, options.files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a folder of its own: dfadvise looks through the build context too.
        alone = folder / "small"
        alone.mkdir()
        (alone / "Dockerfile").write_text(SMALL, encoding="utf-8")
        (alone / "app").write_bytes(b"")
        os.environ["DFADVISE_CACHE_DIR"] = str(folder / "results")
        paths = []
        for index, file in enumerate(files):
            (folder / f"{index:04}").mkdir()
            target = folder / f"{index:04}" / "Dockerfile"
            target.write_bytes(file.read_bytes())
            paths.append(str(target.relative_to(folder)))
        single = {name: [*words, "Dockerfile"] for name, words in programs(COLD).items()}
        cold = take_turns(single, alone, options.rounds * 3)
        every = programs()
        many = take_turns({name: [*words, *paths] for name, words in every.items()}, folder, options.rounds)
    versions = ", ".join(
        f"{name} {version(every[name])}" for name in ("dfadvise", "hadolint", "tally") if name in every
    )
    size = sum(file.stat().st_size for file in files)
    page = report(table(cold, 1), table(many, len(files)), len(files), size, options.rounds, versions)
    if options.output is None:
        print(page, end="")
    else:
        options.output.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
