"""From results to a report, and the report to where it is wanted."""

from __future__ import annotations

import os
import sys

from dfadvise.commands.output import OutputError, colored, complain, deliver, note
from dfadvise.results import FileResult, Report
from dfadvise.selection import SHELLCHECK_RULE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.runner import Job

# Formats that have a place for what could not be done, where people see it.
TELLING = ("text", "github")
# Formats that show nothing of a rule but its name.
PLAIN = ("text", "github", "json")


def format_of(arguments: Arguments) -> str:
    """The format to write: the one asked for, `github` where a workflow of GitHub reads along, else `text`."""
    given = arguments.one("format")
    if given is not None:
        return given
    in_workflow = os.environ.get("GITHUB_ACTIONS") == "true" and arguments.one("output") is None
    return "github" if in_workflow else "text"


def collect(job: Job, results: list[FileResult], problems: list[tuple[str, str]]) -> Report:
    """The report on a run.

    Args:
        job: What was asked for.
        results: What came of each file.
        problems: (path, message) for all that could not be worked on.
    """
    files = [*results, *(FileResult(path, error=message) for path, message in problems)]
    notes = list(job.notes)
    grammar = sys.modules.get("dfadvise.shells.grammar")
    if grammar is not None and grammar.missed():
        notes.append(grammar.MISSING)
    rules = job.rules()
    if SHELLCHECK_RULE in rules:
        from dfadvise import shellcheck

        notes.extend([shellcheck.HINT] if shellcheck.program() is None else shellcheck.take_notes())
    findings = [finding for file in results for finding in file.findings]
    if any(finding.family == "base" for finding in findings):
        from dfadvise.knowledge.dates import too_old

        notes.extend(too_old(findings, job.today))
    if format_of(job.arguments) not in PLAIN:
        from dfadvise.lazyrules import real

        rules = {name: real(rule) for name, rule in rules.items()}
    return Report(files, rules, notes)


def emit(report: Report, arguments: Arguments, name: str, aside: bool = False) -> bool:
    """Write a report to where the command line says.

    Args:
        report: The report.
        arguments: The command line.
        name: The format.
        aside: Whether standard output is taken, so that standard error gets the report.

    Returns:
        Whether it was written.
    """
    from dfadvise.report import render

    path = arguments.one("output")
    template = arguments.one("template")
    # On a terminal both streams end in the same place; a text report that is piped on has findings alone.
    piped = name == "text" and template is None and path is None and not aside
    if piped or name not in TELLING or template is not None or path is not None:
        for place, message in report.errors:
            complain(f"{place}: {message}")
        for line in () if arguments.flag("quiet") or piped else report.notes:
            complain(line)
    options: dict[str, object] = {
        "color": path is None and not aside and colored(),
        "quiet": arguments.flag("quiet"),
        "statistics": arguments.flag("statistics"),
        "told": piped,
    }
    try:
        text = _through(template, report) if template is not None else render(name, report, options)
        if aside and path is None:
            note(text.rstrip("\n"))
        else:
            deliver(text, path)
    except OutputError as problem:
        complain(str(problem))
        return False
    if name == "github" and path is None:
        from dfadvise.report.github import append_summary

        append_summary(report)
    return True


def _through(path: str, report: Report) -> str:
    """The report through a user's Jinja2 template, which gets the members of the JSON report.

    Raises:
        OutputError: The template cannot be read or used.
    """
    from json import loads

    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    from dfadvise.report import render

    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
        return environment.from_string(text).render(loads(render("json", report)))
    except (OSError, UnicodeDecodeError) as problem:
        raise OutputError(
            f"--template: {path} cannot be read: {getattr(problem, 'strerror', None) or problem}"
        ) from problem
    except TemplateError as problem:
        line = getattr(problem, "lineno", None)
        raise OutputError(f"--template: {path}{f':{line}' if line else ''}: {problem.message}") from problem
    except Exception as problem:
        raise OutputError(f"--template: {path}: {type(problem).__name__}: {problem}") from problem
