"""`dfadvise test`: the examples in the docstrings of a rule pack, run as tests."""

from __future__ import annotations

import os

from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, complain, write
from dfadvise.packs import load_pack
from dfadvise.report.common import printable
from dfadvise.runner import internal_error
from dfadvise.testing import cases, run_case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.packs import PackError
    from dfadvise.rule import Rule
    from dfadvise.testing import Block


class _Tally:
    """Writes a line a test and counts."""

    __slots__ = ("failed", "passed", "quiet")

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.passed = 0
        self.failed = 0

    def add(self, name: str, problem: str | None) -> None:
        """Note the outcome of a test; the problem is None when it passed."""
        if problem is None:
            self.passed += 1
            if not self.quiet:
                write(f"ok    {printable(name)}\n")
            return
        self.failed += 1
        first, *rest = problem.splitlines() or [""]
        lines = [f"FAIL  {printable(name)}: {printable(first)}"]
        lines += [f"      | {printable(line)}".rstrip() for line in rest]
        write("\n".join(lines) + "\n")


def run(arguments: Arguments) -> int:
    """Run the tests of packs.

    Returns:
        The exit status.
    """
    tally = _Tally(arguments.flag("quiet"))
    number = 0
    try:
        for path in arguments.operands:
            if not os.path.exists(path):
                raise UsageError(f"{path}: no such file or directory")
            errors: list[PackError] = []
            full = os.path.abspath(path)
            # A rule file on its own stands for the folder that it is in.
            name = os.path.basename(full if os.path.isdir(full) else os.path.dirname(full))
            rules = load_pack(path, name, errors)
            for error in errors:
                tally.add(str(error), "cannot be used as a rule")
            for rule in rules:
                _test(rule, tally)
            number += len(rules)
        rules_text = "1 rule" if number == 1 else f"{number} rules"
        write(f"{rules_text}: {tally.passed} tests passed, {tally.failed} failed\n")
    except OutputError as problem:
        complain(str(problem))
        return 2
    return 1 if tally.failed else 0


def _test(rule: type[Rule], tally: _Tally) -> None:
    try:
        found = cases(rule)
    except Exception as problem:
        tally.add(rule.id, internal_error(problem))
        return
    for block, variant in found:
        tally.add(_name(rule, block, variant), _outcome(rule, block, variant))


def _outcome(rule: type[Rule], block: Block | None, variant: str) -> str | None:
    try:
        return run_case(rule, block, variant)
    except AssertionError as problem:
        return str(problem) or "an assertion failed"
    except Exception as problem:
        return internal_error(problem).replace("internal error", "error")


def _name(rule: type[Rule], block: Block | None, variant: str) -> str:
    if block is None:
        return f"{rule.id}: docstring"
    return f"{rule.id}: {block.kind} {block.name}" + (f", {variant}" if variant != "plain" else "")
