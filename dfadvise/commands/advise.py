"""`dfadvise advise`."""

from __future__ import annotations

import os

from dfadvise.advice import Advice, is_proposed
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
    from dfadvise.commands.options import Arguments
    from dfadvise.discovery import Found
    from dfadvise.rule import Finding


def run(arguments: Arguments) -> int:
    """Advise on files.

    Returns:
        0, or 2 when a file could not be read.
    """
    job = Job(arguments)
    files, problems = job.survey()
    for path, message in problems:
        complain(f"{path}: {message}")
    failed = bool(problems)
    parts: list[str] = []
    for found in files:
        try:
            parts.append(_shown(job, found, arguments))
        except Exception as problem:
            complain(f"{found.reported}: {reason_of(problem)}")
            failed = True
    separator = "" if arguments.flag("diff") or arguments.one("format") == "json" else "\n"
    try:
        deliver(separator.join(parts), arguments.one("output"))
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
    file = job.model(source, found)
    result = job.setup(found).engine(job.place_of(found)).lint(file)
    conceal(Report([result], {}))
    context = file.context
    history = weights(context.root, context.dockerfile_path) if context is not None else None
    advice = Advice(file, result.findings, history)
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


def _shown(job: Job, found: Found, arguments: Arguments) -> str:
    what_if = arguments.one("base")
    if what_if is not None:
        from dfadvise.whatif import report

        return report(job.model(Source.from_bytes(read(found), found.reported), found), what_if)
    name = arguments.one("format") or "text"
    advice = advise(job, found, arguments.flag("diff") or name != "text")
    job.notes += [line for line in too_old(advice.savings, job.today) if line not in job.notes]
    if arguments.flag("diff"):
        return _diff(advice, found)
    if name == "json":
        from dfadvise.report.advice import as_json

        return as_json(advice)
    if name == "markdown":
        from dfadvise.report.advice import as_markdown

        return as_markdown(advice)
    from dfadvise.report.advice_text import render

    to_file = arguments.one("output") is not None
    return render(advice, not to_file and colored(), None if to_file else columns())


def _diff(advice: Advice, found: Found) -> str:
    from dfadvise.commands.patch import patch

    parts: list[bytes] = []
    if advice.proposed is not None:
        source = advice.file.source
        parts.append(patch(found.reported, source.encode(), source.encode(advice.proposed)))
    folder = os.path.dirname(found.reported)
    for name, text in advice.creates.items():
        path = os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/")
        parts.append(patch(path, None, text.encode("utf-8", "surrogateescape")))
    return b"".join(parts).decode("utf-8", "surrogateescape")
