"""Findings that are known already: a file of their marks, so that only new ones are reported.

A mark hangs on the rule, the path and the text of the instruction (dfadvise.report.fingerprint), so that a finding
stays known when lines above it come or go, and counts as new once its instruction changes.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.results import FileResult

VERSION = 1
_MOST = 100_000_000  # bytes of a baseline


class BaselineError(Exception):
    """The file cannot be used; the text says why."""


class Baseline:
    """The findings that a file knows.

    Args:
        path: The file; the paths in it are given from its folder.
        known: The marks by the path they belong to.
    """

    __slots__ = ("_seen", "known", "path")

    def __init__(self, path: str, known: dict[str, set[str]]) -> None:
        self.path = path
        self.known = known
        self._seen: dict[str, set[str]] = {}

    def leave_out(self, results: Iterable[FileResult]) -> int:
        """Take the known findings out of results.

        Args:
            results: The outcomes of a run; they are changed.

        Returns:
            How many were taken out.
        """
        hidden = 0
        for result in results:
            if result.source is None or result.error is not None:
                continue
            place, marks = _marks(result, self.path)
            known = self.known.get(place, set())
            seen = self._seen.setdefault(place, set())
            left = []
            for finding in result.findings:
                mark = marks[id(finding)]
                if mark in known:
                    seen.add(mark)
                    hidden += 1
                else:
                    left.append(finding)
            result.findings = left
        return hidden

    @property
    def gone(self) -> int:
        """How many findings of the baseline were not met again in the files that were looked at."""
        return sum(len(self.known.get(place, set()) - seen) for place, seen in self._seen.items())


def read(path: str) -> Baseline:
    """Read a baseline.

    Args:
        path: The file.

    Raises:
        BaselineError: It cannot be read, or is none.
    """
    import json

    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(_MOST))
    except OSError as problem:
        hint = ": --write-baseline makes it" if isinstance(problem, FileNotFoundError) else ""
        raise BaselineError(f"{path}: cannot be read: {problem.strerror}{hint}") from problem
    except (ValueError, RecursionError) as problem:
        raise BaselineError(f"{path}: is not JSON: {problem}") from problem
    version = found.get("version") if isinstance(found, dict) else None
    if version != VERSION or not isinstance(found.get("findings"), list):
        raise BaselineError(f"{path}: is no baseline of this version: write it anew with --write-baseline")
    known: dict[str, set[str]] = {}
    for each in found["findings"]:
        if not isinstance(each, dict) or not all(isinstance(each.get(name), str) for name in ("path", "mark")):
            raise BaselineError(f"{path}: has a finding without path and mark: write it anew with --write-baseline")
        known.setdefault(each["path"], set()).add(each["mark"])
    return Baseline(path, known)


def text_of(results: Iterable[FileResult], path: str) -> str:
    """The text of a baseline that knows all findings of some results; one finding a line, in order, for readable diffs.

    Args:
        results: The outcomes of a run.
        path: Where the file will lie.
    """
    import json

    rows: list[str] = []
    for result in results:
        if result.source is None or result.error is not None:
            continue
        place, marks = _marks(result, path)
        for finding in result.findings:
            rows.append(json.dumps({"path": place, "rule": finding.rule, "mark": marks[id(finding)]}))
    body = ",\n".join(f"  {row}" for row in sorted(rows))
    return (
        f'{{"version": {VERSION}, "findings": [\n{body}\n]}}\n'
        if rows
        else f'{{"version": {VERSION}, "findings": []}}\n'
    )


def _marks(result: FileResult, path: str) -> tuple[str, dict[int, str]]:
    from dfadvise.report.fingerprint import fingerprints

    folder = os.path.dirname(os.path.abspath(path))
    place = os.path.relpath(os.path.abspath(result.path), folder).replace(os.sep, "/")
    return place, fingerprints(result, path=place)
