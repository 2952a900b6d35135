"""Count what dfadvise finds in a folder of Dockerfiles, rule by rule.

    python benchmarks/findings.py PATH [--families security,cache]

A finding is visible when it shows by default; the rest shows with `--select all`. A rule that is visible in most files
of many repositories says little, and one that is never visible may be wrong: this is where to look first.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

SEVERITIES = ("error", "warning", "info", "style")


def lint(folder: Path, *options: str) -> list[dict[str, str]]:
    """The findings in a folder.

    Raises:
        SystemExit: dfadvise could not do its job.
    """
    words = ["lint", "--isolated", "--no-cache", "--fail-on", "never", "--format", "json", *options, str(folder)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "dfadvise", *words], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode not in (0, 2) or not done.stdout:
        raise SystemExit(done.stderr)
    answer = json.loads(done.stdout)
    for error in answer["errors"]:
        print(f"{error['path']}: {error['message']}", file=sys.stderr)
    found: list[dict[str, str]] = answer["findings"]
    return found


def count_files(folder: Path) -> int:
    """How many Dockerfiles a folder holds."""
    done = subprocess.run(
        [sys.executable, "-m", "dfadvise", "parse", str(folder)], capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout.count("\n")


def table(everything: list[dict[str, str]], visible: list[dict[str, str]], files: int) -> str:
    """One line a rule, the most visible first."""
    total, shown = Counter(each["rule"] for each in everything), Counter(each["rule"] for each in visible)
    families = {each["rule"]: each["family"] for each in everything}
    paths: dict[str, set[str]] = defaultdict(set)
    visible_paths: dict[str, set[str]] = defaultdict(set)
    levels: dict[str, set[str]] = defaultdict(set)
    for each in everything:
        paths[each["rule"]].add(each["path"])
    for each in visible:
        visible_paths[each["rule"]].add(each["path"])
        levels[each["rule"]].add(each["severity"])
    lines = [
        "| rule | family | shown as | findings | files | visible | visible in files | of all files |",
        "| --- | --- | --- | --: | --: | --: | --: | --: |",
    ]
    for rule in sorted(total, key=lambda rule: (-len(visible_paths[rule]), -total[rule], rule)):
        level = ", ".join(name for name in SEVERITIES if name in levels[rule])
        seen = len(visible_paths[rule])
        lines.append(
            f"| {rule} | {families[rule]} | {level} | {total[rule]} | {len(paths[rule])} | {shown[rule]} | {seen} "
            f"| {100 * seen / files:.1f} % |"
        )
    return "\n".join(lines)


def summary(visible: list[dict[str, str]], files: int) -> str:
    """How much a file shows."""
    each = Counter(finding["path"] for finding in visible)
    counts = sorted([*each.values(), *[0] * (files - len(each))])
    levels = Counter(finding["severity"] for finding in visible)
    shown = ", ".join(f"{levels[name]} {name}" for name in SEVERITIES if levels[name])
    return (
        f"{files} files, {len(visible)} visible findings ({shown}); {100 * len(each) / files:.1f} % of the files show "
        f"any, the median file {statistics.median(counts):g}, the 90th of 100 {counts[(len(counts) - 1) * 9 // 10]}"
    )


def main() -> int:
    """Print the table and a summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder with Dockerfiles")
    parser.add_argument("--families", default="", help="only these, with commas between")
    options = parser.parse_args()
    families = set(filter(None, options.families.split(",")))
    files = count_files(options.folder)
    if not files:
        raise SystemExit(f"{options.folder}: no Dockerfiles")
    everything, visible = lint(options.folder, "--select", "all"), lint(options.folder)
    if families:
        everything = [each for each in everything if each["family"] in families]
        visible = [each for each in visible if each["family"] in families]
    print(table(everything, visible, files))
    print()
    print(summary(visible, files))
    return 0


if __name__ == "__main__":
    sys.exit(main())
