"""Reports: one module a format, each with one function `render(report, **options) -> str`.

Nothing is imported before a format is asked for. The texts end in a newline unless they are empty. All but
`text`, `github`, `markdown` and `html` are plain ASCII (other characters are escaped as the format has it), so they
survive any encoding of the output; those four hold other characters as they are, printable ones only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dfadvise.results import Report

FORMATS = {
    "text": "dfadvise.report.text",
    "json": "dfadvise.report.json",
    "sarif": "dfadvise.report.sarif",
    "github": "dfadvise.report.github",
    "gitlab": "dfadvise.report.gitlab",
    "checkstyle": "dfadvise.report.checkstyle",
    "junit": "dfadvise.report.junit",
    "sonarqube": "dfadvise.report.sonarqube",
    "markdown": "dfadvise.report.markdown",
    "html": "dfadvise.report.html",
}


def render(name: str, report: Report, options: Mapping[str, object] | None = None) -> str:
    """Write a report in a format.

    Args:
        name: One of FORMATS.
        report: The outcome of a run.
        options: What the format's own `render` takes; a format ignores what it has no use for.

    Raises:
        ValueError: The format is unknown.
    """
    module = FORMATS.get(name)
    if module is None:
        raise ValueError(f"unknown format {name!r}, known are {', '.join(FORMATS)}")
    from dfadvise.secret.signs import may_hide

    if any(map(may_hide, report.files)):
        from dfadvise.secret.redact import conceal

        conceal(report)
    # The builtin spares the terminal's path the importlib package.
    text: str = __import__(module, fromlist=("render",)).render(report, **(options or {}))
    return text
