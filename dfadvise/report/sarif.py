"""SARIF 2.1.0, as code scanning services take it."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from urllib.parse import quote

import sarif_om as om

from dfadvise import __version__
from dfadvise.report import describe
from dfadvise.report.columns import Utf16
from dfadvise.report.common import (
    PROJECT_URL,
    bounds,
    clean,
    expressible,
    relative,
    rule_url,
    source_of,
    visible,
)
from dfadvise.report.dump import dump
from dfadvise.report.fingerprint import fingerprints, line_hashes
from dfadvise.report.objects import plain
from dfadvise.rule import RANK
from dfadvise.secret.signs import shown_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult, Report
    from dfadvise.rule import Finding, Fix, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note", "style": "note"}

# What GitHub takes ("SARIF support for code scanning", read 2026-11); a file above one of these is refused.
MAX_RESULTS = 25_000  # results a run; the 5,000 gravest are shown
MAX_BYTES = 10_000_000  # of the file, packed with gzip
MAX_RELATED = 100  # locations a result; 1,000 are taken, 100 are shown
MAX_TAGS = 10  # tags a rule; 20 are taken, 10 are shown
MAX_DESCRIPTION = 1024  # characters of a rule's descriptions
MAX_SNIPPET = 2000  # characters; ours, so that many findings in one long RUN do not repeat it

_ROOT = "%SRCROOT%"


class _File:
    """A file while its results are written."""

    __slots__ = ("columns", "folder", "hashes", "location", "marks", "result", "shown", "source")

    def __init__(self, result: FileResult, index: int, root: str | None) -> None:
        path = relative(result.path, root)
        self.result = result
        self.folder = dirname(path)
        self.location = _location(path, index)
        self.source = source_of(result)
        self.shown = shown_source(result).text
        self.columns = Utf16(self.source)
        self.marks = fingerprints(result, root)
        self.hashes = line_hashes(self.source) if self.marks else {}

    def region(self, start: int, end: int, snippet: bool = False) -> om.Region:
        shown = self.shown[start:end] if snippet and 0 < end - start <= MAX_SNIPPET else ""
        first, first_column = self.columns.position(start)
        last, last_column = self.columns.position(end)
        return om.Region(
            start_line=first,
            start_column=first_column,
            end_line=last,
            end_column=last_column,
            snippet=om.ArtifactContent(text=shown) if shown else None,
        )


def render(
    report: Report,
    *,
    root: str | None = None,
    category: str = "dfadvise",
    suppressed: bool = True,
    **_: object,
) -> str:
    """Write the report as one SARIF run.

    What exceeds the limits of GitHub code scanning is left out, the least grave first, and a notice says so.

    Args:
        report: The outcome of a run.
        root: The root of the source tree, which paths are made relative to; None for the working directory.
        category: Tells this analysis from others of the same commit.
        suppressed: Whether to list the findings that a comment hides, marked as suppressed. GitHub may show
            them as open alerts all the same.
    """
    files = [_File(file, index, root) for index, file in enumerate(report.files)]
    chosen = [(file, finding, False) for file in files for finding in file.result.findings]
    if suppressed:
        chosen += [(file, finding, True) for file in files for finding in file.result.suppressed]
    rules = _rules(report, [finding for _, finding, _ in chosen])
    index = {rule.id: number for number, rule in enumerate(rules)}
    hidden = any(flag for _, _, flag in chosen)
    # The least grave go first when there are too many; suppressed ones before all others.
    by_weight = sorted(chosen, key=lambda item: (item[2], RANK[item[1].severity]))[:MAX_RESULTS]
    results = {id(item[1]): plain(_result(*item, index, hidden)) for item in by_weight}
    head = plain(om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[]))
    while True:
        kept = {id(finding) for _, finding, _ in by_weight}
        run = plain(_run(report, files, rules, len(chosen) - len(kept), root, category))
        run["results"] = [results[id(finding)] for _, finding, _ in chosen if id(finding) in kept]
        text = dump({**head, "runs": [run]})
        ratio = _packed(text) / MAX_BYTES
        if ratio <= 1 or not by_weight:
            return text
        by_weight = by_weight[: int(len(by_weight) / ratio * 0.95)]


def _packed(text: str) -> int:
    """The size of the text as an upload has it; its plain size where that is within the limit already."""
    if len(text) <= MAX_BYTES:
        return len(text)
    from zlib import compress

    return len(compress(text.encode(), 6))


def _run(
    report: Report,
    files: list[_File],
    rules: list[om.ReportingDescriptor],
    cut: int,
    root: str | None,
    category: str,
) -> om.Run:
    notes = [
        _notification(message, "error", "not-checked", _location(relative(path, root)))
        for path, message in report.errors
    ]
    notes += [_notification(note, "note", "note") for note in report.notes]
    if cut:
        text = (
            f"The {cut} least grave results were left out: GitHub code scanning takes {MAX_RESULTS:,} "
            f"results and {MAX_BYTES // 1_000_000} MB packed with gzip"
        )
        notes.append(_notification(text, "warning", "results-left-out"))
    driver = om.ToolComponent(
        name="dfadvise",
        full_name=f"dfadvise {__version__}",
        version=__version__,
        semantic_version=__version__,
        information_uri=PROJECT_URL,
        rules=rules,
    )
    return om.Run(
        tool=om.Tool(driver=driver),
        invocations=[om.Invocation(execution_successful=not report.errors, tool_execution_notifications=notes or None)],
        automation_details=om.RunAutomationDetails(id=f"{category}/"),
        original_uri_base_ids={_ROOT: om.ArtifactLocation(description=om.Message(text="The root of the source tree."))},
        artifacts=[
            om.Artifact(location=file.location, roles=["analysisTarget"], source_language="dockerfile")
            for file in files
        ],
        column_kind="utf16CodeUnits",
    )


def _notification(text: str, level: str, name: str, location: om.ArtifactLocation | None = None) -> om.Notification:
    where = [om.Location(physical_location=om.PhysicalLocation(artifact_location=location))]
    return om.Notification(
        message=om.Message(text=_sentence(text)),
        level=level,
        descriptor=om.ReportingDescriptorReference(id=name),
        locations=where if location is not None else None,
    )


def _rules(report: Report, findings: list[Finding]) -> list[om.ReportingDescriptor]:
    """Every rule that ran, and those that only findings name (the engine's own), by id."""
    described = {name: _rule(name, rule, rule.family, rule.severity) for name, rule in report.rules.items()}
    for finding in findings:
        if finding.rule not in described:
            described[finding.rule] = _rule(finding.rule, None, finding.family, finding.severity)
    return [described[name] for name in sorted(described)]


def _rule(name: str, rule: Rule | None, family: str, severity: str) -> om.ReportingDescriptor:
    title = f"{rule.title}." if rule is not None else f"{name.replace('-', ' ').capitalize()}."
    body = describe.plain(rule) if rule is not None else title
    url = rule_url(name)
    tags = [tag for tag in (family, "dockerfile") if tag]
    properties: dict[str, object] = {}
    if rule is not None:
        if rule.security is not None:
            properties["security-severity"] = rule.security
            tags.append("security")
        if rule.aliases:
            properties["aliases"] = list(rule.aliases)
    properties["tags"] = list(dict.fromkeys(tags))[:MAX_TAGS]
    shown = _pascal(name)
    return om.ReportingDescriptor(
        id=name,
        # A name that only repeats the id is not allowed.
        name=shown if shown.lower() != name.lower() else None,
        short_description=om.MultiformatMessageString(text=_short(title)),
        full_description=om.MultiformatMessageString(text=_short(describe.reason(rule)) if rule is not None else title),
        help=om.MultiformatMessageString(
            text=f"{body}\n\n{url}",
            markdown=f"{describe.markdown(rule) if rule is not None else title}\n\n[{name}]({url})",
        ),
        help_uri=url,
        default_configuration=om.ReportingConfiguration(level=LEVELS[severity]),
        properties=properties,
    )


def _result(file: _File, finding: Finding, hidden: bool, rules: dict[str, int], flagged: bool) -> om.Result:
    start, end = visible(file.source, finding.span)
    region = file.region(start, end, snippet=True)
    marks = {"dfadviseInstruction/v1": file.marks[id(finding)]}
    line_hash = file.hashes.get(region.start_line)
    if line_hash is not None:
        marks["primaryLocationLineHash"] = line_hash
    properties: dict[str, object] = {}
    if finding.aliases:
        properties["aliases"] = list(finding.aliases)
    if finding.saving is not None and (finding.saving.size is not None or finding.saving.seconds is not None):
        saving = {
            "bytes": finding.saving.size,
            "seconds": finding.saving.seconds,
            "basis": finding.saving.basis,
        }
        properties["saving"] = {key: value for key, value in saving.items() if value is not None}
    suppressions = [om.Suppression(kind="inSource", justification=finding.suppressed or None)] if hidden else []
    return om.Result(
        rule_id=finding.rule,
        rule_index=rules[finding.rule],
        level=LEVELS[finding.severity],
        message=om.Message(text=_sentence(finding.message)),
        locations=[_place(file, region)],
        related_locations=[
            _place(file, file.region(*visible(file.source, span)), number, message)
            for number, (message, span) in enumerate(finding.related[:MAX_RELATED], 1)
        ]
        or None,
        partial_fingerprints=marks,
        fixes=_fixes(file, finding.fix),
        # Either all results of a run say whether they are suppressed, or none does.
        suppressions=suppressions if flagged else None,
        properties=properties or None,
    )


def _place(file: _File, region: om.Region, number: int = -1, message: str | None = None) -> om.Location:
    return om.Location(
        id=number,
        message=None if message is None else om.Message(text=_sentence(message)),
        physical_location=om.PhysicalLocation(artifact_location=file.location, region=region),
    )


def _fixes(file: _File, fix: Fix | None) -> list[om.Fix] | None:
    """The fix, unless it is only to be shown or has text that JSON cannot hold."""
    if fix is None or fix.applicability == "display" or not expressible(fix):
        return None
    changes = []
    if fix.edits:
        replacements = [
            om.Replacement(
                deleted_region=file.region(*bounds(file.source, edit.span)),
                inserted_content=om.ArtifactContent(text=edit.text) if edit.text else None,
            )
            for edit in fix.edits
        ]
        changes.append(om.ArtifactChange(artifact_location=file.location, replacements=replacements))
    for name, text in fix.creates:
        nothing = om.Region(start_line=1, start_column=1, end_line=1, end_column=1)
        written = om.Replacement(deleted_region=nothing, inserted_content=om.ArtifactContent(text=text))
        location = _location(normpath(join(file.folder, name)))
        changes.append(om.ArtifactChange(artifact_location=location, replacements=[written]))
    if not changes:
        return None
    return [
        om.Fix(
            description=om.Message(text=_sentence(fix.title)),
            artifact_changes=changes,
            properties={"applicability": fix.applicability},
        )
    ]


def _location(path: str, index: int = -1) -> om.ArtifactLocation:
    """Where a file is: relative to the root of the tree, or absolute where it lies outside."""
    try:
        encoded = quote(path, errors="surrogateescape")
    except UnicodeEncodeError:
        encoded = quote(clean(path))
    if path.startswith("/"):
        return om.ArtifactLocation(uri=f"file://{encoded}", index=index)
    if len(path) > 2 and path[1:3] == ":/":
        return om.ArtifactLocation(uri=f"file:///{path[:2]}{encoded[4:]}", index=index)
    return om.ArtifactLocation(uri=encoded, uri_base_id=_ROOT, index=index)


def _sentence(text: str) -> str:
    """The text with a full stop, as SARIF wants messages."""
    text = clean(text).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _short(text: str) -> str:
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 3] + "..."


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.replace("_", "-").split("-"))
