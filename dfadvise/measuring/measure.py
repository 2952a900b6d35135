"""Findings with what a built image shows: their savings measured, and what it disproves said to be so."""

from __future__ import annotations

from dfadvise.measuring.untold import untold
from dfadvise.rule import Saving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dfadvise.measuring.built import Built
    from dfadvise.rule import Finding, Rule, Weighs

_FILES = ("stored", "hidden")
_NOTHING = {
    "stored": "the image holds nothing of it",
    "hidden": "the image holds no byte of it twice",
    "packages": "the image holds none of them",
    "recommended": "none came into the image",
    "development": "none came into the image",
}
# An estimate that is off by less than this share was right.
_TOLERANCE = 0.1


def measured(built: Built, findings: list[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """Hold findings against the image.

    Args:
        built: The image.
        findings: What the rules found; they are changed in place.
        rules: The rules that ran, by id.

    Returns:
        The findings, and those that only the image could tell.
    """
    told: set[int] = set()
    secret: set[str] = set()
    going: dict[str, list[str]] = {}
    for finding in findings:
        if finding.weighs is not None and finding.weighs.what == "packages":
            going.setdefault(finding.rule, []).extend(finding.weighs.names)
    counted: dict[str, set[int]] = {}
    for finding in findings:
        what = finding.weighs
        if what is None:
            continue
        if what.what in _FILES:
            files = built.weighed(what)
            size = sum(each.size for each in files) if files is not None else None
            told.update(map(id, files or ()))
            if finding.family == "secrets":
                secret.update(each.path for each in files or ())
        else:
            size = _packages(built, what, going.get(finding.rule, ()), counted.setdefault(finding.rule, set()))
        if size is not None:
            _tell(finding, what, size, rules.get(finding.rule))
    return [*findings, *untold(built, findings, rules, told, secret)]


def _packages(built: Built, what: Weighs, going: Iterable[str], counted: set[int]) -> int | None:
    """Bytes of packages that no other finding of the same rule counts."""
    found = built.packages(what, going)
    if found is None:
        return None
    new = [(package, size) for package, size in found if id(package) not in counted]
    counted.update(id(package) for package, _ in new)
    return sum(size for _, size in new)


def _tell(finding: Finding, what: Weighs, size: int, rule: Rule | None) -> None:
    """Put the measured bytes in the place of what was expected."""
    before = finding.saving
    finding.saving = Saving(size, before.seconds if before else None, "measured", before.rank if before else 0)
    if before is not None and before.size is not None and abs(before.size - size) > _TOLERANCE * max(size, before.size):
        finding.saving.estimated = before.size
    if not size:
        finding.severity = "style"
        finding.message = f"{finding.message}; {_NOTHING[what.what]}"
    elif what.small and rule is not None and finding.severity != "style":
        finding.severity = "info" if size < what.small else rule.severity
