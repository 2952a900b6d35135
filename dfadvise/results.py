"""What a run produced: findings by file, and the jobs that could not be done."""

from __future__ import annotations

from dfadvise.rule import RANK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dfadvise.rule import Finding, Rule
    from dfadvise.source import Source


class Place:
    """What a finding's instruction is once its file is done with: all that a report asks for."""

    __slots__ = ("end_line", "keyword", "line")

    def __init__(self, keyword: str, line: int, end_line: int) -> None:
        self.keyword = keyword
        self.line = line
        self.end_line = end_line


class FileResult:
    """The outcome for one file.

    Args:
        path: The path to report, with `/` between folders.
        source: The text; None when the file could not be read.
        findings: The findings to show, in order of place.
        suppressed: Findings hidden by a comment; `Finding.suppressed` holds the comment's text.
        error: Why the job could not be done for this file, as one line without the path; None when it was.

    Attributes:
        internal: Errors of rules that raised, one line each; the other rules' findings still count.
        repeated: Findings that do not show only because they repeat one that does; they are fixed with it.
        hides: Where secret values stand by findings that are not to be shown after all (a baseline's, say).
        secrets: Where all secret values stand, when that was worked out before; see `dfadvise.secret.redact`.
    """

    __slots__ = (*("error", "findings", "hides", "internal", "path", "repeated", "secrets", "source", "suppressed"),)

    def __init__(
        self,
        path: str,
        source: Source | None = None,
        findings: list[Finding] | None = None,
        suppressed: list[Finding] | None = None,
        error: str | None = None,
    ) -> None:
        self.path = path
        self.source = source
        self.findings: list[Finding] = findings or []
        self.suppressed: list[Finding] = suppressed or []
        self.error = error
        self.internal: list[str] = []
        self.repeated: list[Finding] = []
        self.hides: list[tuple[int, int]] = []
        self.secrets: list[tuple[int, int]] | None = None


class Report:
    """The outcome of a run over many files.

    Args:
        files: One result a file, in the order in which they were given.
        rules: Every rule that ran, by id.
        notes: Things to tell the user once, such as a missing shell grammar.
    """

    __slots__ = ("files", "notes", "rules")

    def __init__(self, files: list[FileResult], rules: Mapping[str, Rule], notes: list[str] | None = None) -> None:
        self.files = files
        self.rules = rules
        self.notes: list[str] = notes or []

    def findings(self) -> Iterator[tuple[FileResult, Finding]]:
        """Every visible finding with the file it is in."""
        for file in self.files:
            for finding in file.findings:
                yield file, finding

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(path, message) for every file or rule that failed."""
        failed = [(file.path, file.error) for file in self.files if file.error is not None]
        return failed + [(file.path, message) for file in self.files for message in file.internal]

    def reaches(self, threshold: str) -> bool:
        """Whether a visible finding stands at or above the threshold; `never` is reached by none."""
        if threshold == "never":
            return False
        limit = RANK[threshold]
        return any(RANK[finding.severity] <= limit for _, finding in self.findings())
