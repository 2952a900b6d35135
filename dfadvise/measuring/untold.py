"""What a built image shows and no rule could see in the Dockerfile, as findings of the rules that stand for it."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.image.contents import CACHE, DOCS, LOCALES, REPOSITORY, TEMPORARY
from dfadvise.image.filesystem import DELETED, METADATA, OVERWRITTEN
from dfadvise.report.common import count_of
from dfadvise.rule import Finding, Saving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dfadvise.image.filesystem import Stored
    from dfadvise.measuring.built import Built
    from dfadvise.rule import Rule
    from dfadvise.syntax.instructions import Instruction

# Less is not worth a finding that the Dockerfile gives no sign of.
LEAST = 1_000_000
_KINDS = {
    CACHE: ("package-cache-left", "a cache"),
    REPOSITORY: ("junk-in-context", "a repository"),
    TEMPORARY: ("build-residue-left", "temporary files"),
    DOCS: ("package-extras-shipped", "documents"),
    LOCALES: ("package-extras-shipped", "translations"),
}
_CAUSES = {
    DELETED: ("late-cleanup", "deletes {}, of which lower layers keep the bytes"),
    METADATA: ("duplicated-tree", "stores {} of lower layers again, unchanged"),
    OVERWRITTEN: ("overwritten-file", "overwrites {} that lower layers keep"),
}


def untold(
    built: Built, findings: list[Finding], rules: Mapping[str, Rule], told: set[int], secret: set[str]
) -> Iterator[Finding]:
    """The findings that only the image could tell.

    Args:
        built: The image.
        findings: What was found in the Dockerfile.
        rules: The rules that ran, by id.
        told: The ids of the files that findings are about.
        secret: The paths that findings about secrets are about.
    """
    match = built.analysis.match
    assert match is not None
    for index, instruction in sorted(match.instructions.items()):
        yield from _left(built, index, instruction, rules, told)
        yield from _hidden(built, index, instruction, rules, told)
    yield from _secrets(built, findings, rules, secret)


def _left(
    built: Built, index: int, instruction: Instruction, rules: Mapping[str, Rule], told: set[int]
) -> Iterator[Finding]:
    """Caches and the like that a layer holds."""
    ledger = built.analysis.ledger
    assert ledger is not None
    for each in built.analysis.findings:
        known = _KINDS.get(each.kind)
        if known is None or each.layer != index or each.package or known[0] not in rules or each.size < LEAST:
            continue
        new = [stored for stored in ledger.stored(index, [f"/{each.path}"]) if id(stored) not in told]
        size = min(each.size, sum(stored.size for stored in new))
        if size < LEAST:
            continue
        told.update(map(id, new))
        message = f"the image holds {known[1]} of this step: {human(size)} in /{each.path}"
        yield _finding(rules[known[0]], instruction, message, size)


def _hidden(
    built: Built, index: int, instruction: Instruction, rules: Mapping[str, Rule], told: set[int]
) -> Iterator[Finding]:
    """Bytes of lower layers that a layer hides."""
    ledger = built.analysis.ledger
    assert ledger is not None
    by_cause: dict[str, list[Stored]] = {}
    for stored in ledger.hidden(index, ["/"]):
        if id(stored) not in told:
            by_cause.setdefault(stored.cause, []).append(stored)
    for cause, files in sorted(by_cause.items()):
        rule, words = _CAUSES.get(cause, ("", ""))
        size = sum(each.size for each in files)
        if rule not in rules or size < LEAST:
            continue
        largest = max(files, key=lambda each: (each.size, each.path))
        what = f"/{largest.path}" if len(files) == 1 else f"{count_of(len(files), 'file')} such as /{largest.path}"
        yield _finding(rules[rule], instruction, f"the step {words.format(what)}", size)


def _secrets(built: Built, findings: list[Finding], rules: Mapping[str, Rule], told: set[str]) -> Iterator[Finding]:
    """Secret files in layers of instructions that no finding about secrets is on."""
    match = built.analysis.match
    assert match is not None
    lines = {each.instruction.line for each in findings if each.family == "secrets" and each.instruction}
    for secret in built.analysis.secrets:
        maker = match.instructions.get(secret.layer) if secret.layer is not None else None
        if maker is None or maker.line in lines or secret.path in told:
            continue
        hider = match.instructions.get(secret.hidden_by) if secret.hidden_by is not None else None
        if hider is not None and hider.line in lines:
            continue
        name = "secret-persisted" if maker.keyword == "RUN" else "secret-file-copied"
        name = "secret-copied-then-deleted" if hider is not None else name
        if name not in rules:
            continue
        message = f"the layer of this step holds /{secret.path} ({secret.kind})"
        if hider is not None:
            message = f"the layer of line {maker.line} holds /{secret.path} ({secret.kind}), which is only hidden here"
        yield _finding(rules[name], hider or maker, message, None)


def _finding(rule: Rule, instruction: Instruction, message: str, size: int | None) -> Finding:
    saving = Saving(size, basis="measured") if size is not None else None
    return rule.finding(instruction.name_span, message, instruction, saving=saving)
