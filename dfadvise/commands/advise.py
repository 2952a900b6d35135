"""`dfadvise advise`."""

from __future__ import annotations

import os

from dfadvise.advice import Advice, is_proposed
from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, colored, columns, complain, deliver
from dfadvise.fixing import fix
from dfadvise.history import weights
from dfadvise.knowledge.dates import too_old
from dfadvise.results import Report
from dfadvise.runner import Job, read, reason_of
from dfadvise.secret.redact import conceal
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.buildlog import Build
    from dfadvise.commands.options import Arguments
    from dfadvise.discovery import Found
    from dfadvise.history import Weights
    from dfadvise.rule import Finding
    from dfadvise.stages import Dockerfile


def run(arguments: Arguments) -> int:
    """Advise on files.

    Returns:
        0, or 2 when a file could not be read.
    """
    name = arguments.one("format")
    for other in ("base", "diff") if name not in (None, "text") else ():
        if other in arguments.values:
            raise UsageError(f"`--{other}` cannot be written as {name}")
    job = Job(arguments)
    files, problems = job.survey()
    for path, message in problems:
        complain(f"{path}: {message}")
    failed = bool(problems)
    builds = _builds(arguments, files)
    parts: list[str] = []
    paths: list[str] = []
    for found in files:
        try:
            parts.append(_shown(job, found, arguments, len(parts) + 1, len(files) == 1, builds))
            paths.append(found.reported)
        except Exception as problem:
            complain(f"{found.reported}: {reason_of(problem)}")
            problems.append((found.reported, reason_of(problem)))
            failed = True
    separator = "" if arguments.flag("diff") or name == "json" else "\n"
    try:
        deliver(_page(parts, paths, problems) if name == "html" else separator.join(parts), arguments.one("output"))
    except OutputError as problem:
        complain(str(problem))
        failed = True
    for line in job.notes:
        complain(line)
    return 2 if failed else 0


def advise(job: Job, found: Found, propose: bool = True) -> Advice:
    """Everything there is to say about one file.

    Args:
        job: What was asked for.
        found: The file.
        propose: Whether to work out the proposed text, which takes longer than all the rest.
    """
    source = Source.from_bytes(read(found), found.reported)
    file = job.built_model(source, found)
    context = file.context
    history = weights(context.root, context.dockerfile_path) if context is not None else None
    advice, _ = advice_of(job, file, found, history)
    if not propose:
        return advice

    def wanted(finding: Finding) -> str | None:
        applicable = finding.fix is not None and finding.fix.applicability != "display"
        return None if applicable and is_proposed(finding) else ""

    outcome = fix(source, lambda text: job.lint_for_fixes(text, found), lambda text: job.model(text, found), wanted)
    if outcome.source.text != source.text:
        advice.proposed = outcome.source.text
    advice.creates = outcome.creates
    return advice


def advice_of(job: Job, file: Dockerfile, found: Found, history: Weights | None = None) -> tuple[Advice, list[Finding]]:
    """The answers for a model that stands in a file's place, and all findings in it, without secrets.

    Args:
        job: What was asked for.
        file: The model.
        found: The file.
        history: What the repository's last commits touched.
    """
    result = job.setup(found).engine(job.place_of(found)).lint(file)
    conceal(Report([result], {}))
    return Advice(file, result.findings, history), result.findings


def _builds(arguments: Arguments, files: list[Found]) -> list[Build] | None:
    """The builds of the log that is named; None when none is."""
    path = arguments.one("build-log")
    if path is None:
        return None
    if arguments.one("base") is not None:
        raise UsageError("`--base` asks about another image, and has no use for `--build-log`")
    from dfadvise.commands.timed import builds_of

    return builds_of(path, files)


def _shown(job: Job, found: Found, arguments: Arguments, number: int, alone: bool, builds: list[Build] | None) -> str:
    what_if = arguments.one("base")
    if what_if is not None:
        from dfadvise.whatif import report

        return report(job.model(Source.from_bytes(read(found), found.reported), found), what_if)
    name = arguments.one("format") or "text"
    advice = advise(job, found, arguments.flag("diff") or name != "text")
    if builds is not None:
        from dfadvise.commands.timed import add

        add(advice, builds, arguments.one("build-log") or "")
    job.notes += [line for line in too_old(advice.savings, job.today) if line not in job.notes]
    if arguments.flag("diff"):
        return _diff(advice, found)
    if name == "json":
        from dfadvise.report.advice import as_json

        return as_json(advice)
    if name == "markdown":
        from dfadvise.report.advice import as_markdown

        return as_markdown(advice)
    if name == "html":
        from dfadvise.report.html_advice import masked, section

        return section(advice, number, alone, _patches(advice, found, lambda text: masked(advice, text)))
    from dfadvise.report.advice_text import render

    to_file = arguments.one("output") is not None
    return render(advice, not to_file and colored(), None if to_file else columns())


def _page(sections: list[str], paths: list[str], problems: list[tuple[str, str]]) -> str:
    from dfadvise.report.html_advice import whole

    return whole(sections, paths, problems)


def _diff(advice: Advice, found: Found) -> str:
    return "".join(text for _, text in _patches(advice, found))


def _patches(advice: Advice, found: Found, shown: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """What the proposal changes, as (path, patch) of each file; its texts go through `shown`."""
    from dfadvise.commands.patch import patch

    parts: list[tuple[str, bytes]] = []
    if advice.proposed is not None:
        source = advice.file.source
        old, new = source.encode(shown(source.text)), source.encode(shown(advice.proposed))
        parts.append((found.reported, patch(found.reported, old, new)))
    folder = os.path.dirname(found.reported)
    for name, text in advice.creates.items():
        path = os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/")
        parts.append((path, patch(path, None, shown(text).encode("utf-8", "surrogateescape"))))
    return [(path, text.decode("utf-8", "surrogateescape")) for path, text in parts]
