"""JUnit XML: a suite a file, a failed test a finding, a passed one for a file without."""

from __future__ import annotations

from dfadvise.report.common import place, saving_text
from dfadvise.report.xml import document, element, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding


def render(report: Report, **_: object) -> str:
    """Write the report as JUnit XML."""
    suites = [_suite(file) for file in report.files]
    findings = sum(len(file.findings) for file in report.files)
    totals = {
        "name": "dfadvise",
        "tests": sum(max(1, _cases(file)) for file in report.files),
        "failures": findings,
        "errors": len(report.errors),
    }
    return document(element("testsuites", totals, *suites, "\n"))


def _cases(file: FileResult) -> int:
    return len(file.findings) + len(file.internal) + (file.error is not None)


def _suite(file: FileResult) -> str:
    errors = [*([] if file.error is None else [file.error]), *file.internal]
    cases = [_case(file, finding) for finding in file.findings]
    for message in errors:
        failed = element("error", {"message": message, "type": "not-checked"})
        cases.append("\n    " + element("testcase", _names(file, "not-checked"), failed))
    if not cases:
        cases = ["\n    " + element("testcase", _names(file, "no findings"))]
    counts = {
        "name": file.path,
        "tests": len(cases),
        "failures": len(file.findings),
        "errors": len(errors),
        "skipped": 0,
        "time": 0,
    }
    return "\n  " + element("testsuite", counts, *cases, "\n  ")


def _case(file: FileResult, finding: Finding) -> str:
    line, column = place(file, finding)
    body = [f"{file.path}:{line}:{column}: {finding.severity}: {finding.message}"]
    saved = saving_text(finding.saving)
    if saved:
        body.append(f"saves: {saved}")
    if finding.fix is not None:
        body.append(f"fix: {finding.fix.title} ({finding.fix.applicability})")
    failure = {"message": finding.message, "type": finding.severity}
    names = _names(file, f"{finding.rule} at line {line}, column {column}")
    return "\n    " + element("testcase", names, element("failure", failure, text("\n".join(body))))


def _names(file: FileResult, name: str) -> dict[str, object]:
    return {"name": name, "classname": file.path, "file": file.path, "time": 0}
