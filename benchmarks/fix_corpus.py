"""Fix every Dockerfile of a folder with all rules, safely and unsafely, and tell which promise a fix breaks.

    python benchmarks/fix_corpus.py PATH [--select RULES] [--rule ID] [--limit N] [--context DIR]

Nothing is written. A line of output is a violation: promise, mode, rule, file, line, what is wrong. The promises are
those of the README: what is fixed is proven, keeps comments and commands, is read as before, brings nothing new, and a
second run finds nothing to do.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from dfadvise.commands.options import Arguments
from dfadvise.discovery import Found
from dfadvise.fixing import OVERLAPS, Outcome, fix
from dfadvise.pragmas import CHECKS, EXPERIMENTAL_CHECKS
from dfadvise.proving.batches import lost_comments
from dfadvise.results import FileResult
from dfadvise.rule import Finding
from dfadvise.runner import Job, ReadError, read
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.syntax.instructions import Run

SLOW = 5.0  # seconds that one file may take


class Checker:
    """Fixes files and notes what is wrong with the results.

    Args:
        select: The rules, as `--select` takes them.
        context: The build context of all files, or None for a guess.
    """

    def __init__(self, select: str, context: str | None) -> None:
        arguments = Arguments("fix")
        arguments.values.update({"isolated": True, "select": [select]})
        if context is not None:
            arguments.values["context"] = context
        self.job = Job(arguments)
        self.count: Counter[tuple[str, str, str]] = Counter()
        self.applied: Counter[tuple[str, str]] = Counter()
        self.seconds = 0.0

    def tell(self, promise: str, mode: str, rule: str, found: Found, line: int, what: str) -> None:
        """Print a violation."""
        self.count[promise, mode, rule] += 1
        print(f"{promise}\t{mode}\t{rule}\t{found.reported}:{line}\t{what}", flush=True)

    def fix(self, source: Source, found: Found, unsafe: bool, only: str | None) -> Outcome:
        """Fix a text."""

        def wanted(finding: Finding) -> str | None:
            kind = finding.fix.applicability if finding.fix is not None else "display"
            if only is not None and finding.rule != only:
                return ""
            return None if kind == "safe" or (unsafe and kind == "unsafe") else ""

        job = self.job
        return fix(source, lambda s: job.lint_for_fixes(s, found), lambda s: job.model(s, found), wanted)

    def check(self, path: Path, only: str | None) -> None:
        """Fix one file in both modes and look at what comes of it."""
        found = Found(str(path), str(path))
        try:
            source = Source.from_bytes(read(found), found.reported)
        except ReadError:
            return
        for mode in ("safe", "unsafe"):
            start = time.perf_counter()
            outcome = self.fix(source, found, mode == "unsafe", only)
            spent = time.perf_counter() - start
            self.seconds += spent
            if spent > SLOW:
                self.tell("slow", mode, "-", found, 1, f"{spent:.1f} s for {len(source.text)} characters")
            self.look(source, outcome, found, mode, only)

    def look(self, source: Source, outcome: Outcome, found: Found, mode: str, only: str | None) -> None:
        """Hold the outcome against the promises."""
        for applied in outcome.applied:
            self.applied[mode, applied.rule] += 1
        for refused in outcome.refused:
            if refused.reason == OVERLAPS:
                self.tell("never has its turn", mode, refused.rule, found, refused.line, refused.title)
            else:
                self.tell("refused", mode, refused.rule, found, refused.line, f"{refused.title}: {refused.reason}")
        if not outcome.converged:
            rules = sorted({each.rule for each in outcome.applied[-5:]})
            self.tell("comes to no rest", mode, " ".join(rules), found, 1, "")
        if outcome.source.text == source.text:
            return
        again = self.fix(outcome.source, found, mode == "unsafe", only)
        if again.source.text != outcome.source.text:
            for each in again.applied:
                self.tell("fixes its own result", mode, each.rule, found, each.line, each.title)
        before, after = self.job.model(source, found), self.job.model(outcome.source, found)
        rules = " ".join(sorted({each.rule for each in outcome.applied}))
        for text in lost_comments(before, after):
            self.tell("loses a comment", mode, rules, found, 1, text)
        known = {problem.message for problem in before.tree.problems}
        for problem in after.tree.problems:
            if problem.message not in known:
                self.tell("cannot be read", mode, rules, found, problem.line, problem.message)
        if outcome.source.newline != source.newline or outcome.source.bom != source.bom:
            self.tell("changes line endings", mode, rules, found, 1, "")
        if mode == "safe":
            self.commands(before, after, outcome, found)
        self.findings(self.job.lint_for_fixes(source, found), outcome, found, mode, rules)

    def commands(self, before: Dockerfile, after: Dockerfile, outcome: Outcome, found: Found) -> None:
        """No command may be missing but for a clean-up that a mount makes pointless."""
        lost = sum(run_commands(before).values()) - sum(run_commands(after).values())
        allowed = sum(each.rule in ("defeated-cache-mount", "overridden-instruction") for each in outcome.applied)
        if lost > allowed:
            rules = " ".join(sorted({each.rule for each in outcome.applied}))
            self.tell("loses a command", "safe", rules, found, 1, f"{lost} fewer")

    def findings(self, old: FileResult, outcome: Outcome, found: Found, mode: str, rules: str) -> None:
        """Nothing new may be found: errors and BuildKit's checks, and for safe fixes warnings."""
        levels = ("error", "warning") if mode == "safe" else ("error",)
        for name, count in (grave(outcome.result, levels) - grave(old, levels)).items():
            places = [each for each in outcome.result.findings if name in (each.rule, *each.aliases)]
            line = outcome.source.line(places[-1].span.start) if places else 1
            self.tell("brings", mode, rules, found, line, f"{count} {name}: {places[-1].message if places else ''}")


def run_commands(file: Dockerfile) -> Counter[str | None]:
    """The programs that the RUNs of a file run."""
    return Counter(
        command.program
        for instruction in file.walk()
        if isinstance(instruction, Run)
        for command in instruction.all_commands()
    )


def grave(result: FileResult, levels: tuple[str, ...]) -> Counter[str]:
    """How often each rule speaks at some levels, and each of BuildKit's checks at any."""
    found: Counter[str] = Counter()
    for finding in result.findings:
        if finding.severity in levels:
            found[finding.rule] += 1
        found.update(alias for alias in finding.aliases if alias in CHECKS - EXPERIMENTAL_CHECKS)
    return found


def main() -> int:
    """Run over a folder; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--select", default="all")
    parser.add_argument("--rule", help="apply the fixes of one rule alone")
    parser.add_argument("--limit", type=int, default=0, help="look at every so many-th file alone")
    parser.add_argument("--context", help="the build context of all files; guessed for each when left out")
    options = parser.parse_args()
    checker = Checker(options.select, options.context)
    files = [path for path in sorted(options.path.rglob("*")) if path.is_file() and is_wanted(path)]
    if options.limit:
        files = files[:: options.limit]
    for path in files:
        try:
            checker.check(path, options.rule)
        except Exception as problem:  # every file counts, and so does the mistake
            print(f"raises\t-\t-\t{path}:1\t{type(problem).__name__}: {problem}", flush=True)
            checker.count["raises", "-", "-"] += 1
    print(f"{len(files)} files, {checker.seconds:.0f} s", file=sys.stderr)
    for (promise, mode, rule), number in sorted(checker.count.items()):
        print(f"{number:6} {promise} [{mode}] {rule}", file=sys.stderr)
    for (mode, rule), number in sorted(checker.applied.items()):
        print(f"{number:6} applied [{mode}] {rule}", file=sys.stderr)
    return int(bool(checker.count))


def is_wanted(path: Path) -> bool:
    """Whether a file is named like a Dockerfile."""
    name = path.name.lower()
    return ("dockerfile" in name or "containerfile" in name) and not name.endswith(".dockerignore")


if __name__ == "__main__":
    raise SystemExit(main())
