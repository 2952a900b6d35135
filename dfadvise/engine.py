"""One walk over the model: every rule is asked about what it is on, and the answers are sorted out."""

from __future__ import annotations

from bisect import bisect_right

from dfadvise.about.mentions import distinct
from dfadvise.about.strays import withhold
from dfadvise.about.wordings import every_wording
from dfadvise.results import FileResult
from dfadvise.rule import Rule
from dfadvise.selection import SHELLCHECK_RULE, Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.rule import Finding
    from dfadvise.selection import Selection
    from dfadvise.stages import Dockerfile
    from dfadvise.suppress import Suppressions
    from dfadvise.syntax.instructions import Instruction

# A build argument that takes the place of the `# check=` directive.
CHECK_ARGUMENT = "BUILDKIT_DOCKERFILE_CHECK"


class Judged:
    """The suppressions of a file after every rule has spoken.

    Attributes:
        file: The file.
        suppressions: Its suppression comments, which know what they hid.
        ran: The ids of the rules that ran.
    """

    __slots__ = ("file", "ran", "suppressions")

    def __init__(self, file: Dockerfile, suppressions: Suppressions, ran: frozenset[str]) -> None:
        self.file = file
        self.suppressions = suppressions
        self.ran = ran


class Engine:
    """Runs a set of rules over files.

    Args:
        rules: The rules, made with their settings.
        selection: Decides which findings show, and at which severity; everything shows when None.
        vocabulary: The names that suppressions may use; those of the rules when None.
    """

    __slots__ = (
        "_beside",
        "_by_keyword",
        "_on_file",
        "_on_stage",
        "_on_suppressions",
        "rules",
        "selection",
        "vocabulary",
    )

    def __init__(
        self,
        rules: Iterable[Rule],
        selection: Selection | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules}
        self.selection = selection
        if vocabulary is None:
            vocabulary = selection.vocabulary if selection else Vocabulary(map(type, self.rules.values()))
        self.vocabulary = vocabulary
        self._by_keyword: dict[str, list[Rule]] = {}
        self._beside: list[Rule] = []
        self._on_file: list[Rule] = []
        self._on_stage: list[Rule] = []
        self._on_suppressions: list[Rule] = []
        for rule in self.rules.values():
            for what in rule.on:
                if what == "file":
                    (self._beside if rule.id == SHELLCHECK_RULE else self._on_file).append(rule)
                elif what == "stage":
                    self._on_stage.append(rule)
                elif what == "suppressions":
                    self._on_suppressions.append(rule)
                else:
                    self._by_keyword.setdefault(what, []).append(rule)

    def lint(self, file: Dockerfile) -> FileResult:
        """Ask every rule about a file.

        Args:
            file: The model of the file.

        Returns:
            The findings in order of place. A rule that raises is named in `internal`; the others still count.
        """
        result = FileResult(file.source.path, file.source)
        findings = list(self._ask(file, result))
        if file.image is not None:
            from dfadvise.measuring.measure import measured

            findings = measured(file.image, findings, self.rules)
        _place(file, findings)
        withhold(file, findings, self.rules)
        if self.selection is not None:
            for finding in findings:
                finding.severity = self.selection.severity(finding)
        findings = _yield_to_others(findings, self.rules)
        shown = self._unhidden(file, findings, result) if _may_hide(file) else findings
        result.findings = sorted(self._visible(shown), key=_order)
        if self.selection is not None:
            again = (finding for finding in shown if finding.repeats and not self.selection.visible(finding))
            result.repeated = [finding for finding in again if self.selection.fits(finding)]
        result.suppressed = sorted(self._visible(result.suppressed), key=_order)
        return result

    def _unhidden(self, file: Dockerfile, findings: list[Finding], result: FileResult) -> list[Finding]:
        """The findings that no comment hides, and what there is to say of the comments."""
        from dfadvise.suppress import Suppressions

        suppressions = Suppressions(file.tree, self.vocabulary, file.build_args.get(CHECK_ARGUMENT))
        shown: list[Finding] = []
        for finding in findings:
            reason = suppressions.hides(finding, file.source.line(finding.span.start))
            if reason is not None:
                finding.suppressed = reason
                result.suppressed.append(finding)
            else:
                shown.append(finding)
        judged = Judged(file, suppressions, frozenset(self.rules))
        for rule in self._on_suppressions:
            extra = list(self._guarded(rule, judged, result))
            _place(file, extra)
            shown.extend(extra)
        return shown

    def _ask(self, file: Dockerfile, result: FileResult) -> Iterator[Finding]:
        silent = self.silent(file, result)
        beside = [rule for rule in self._beside if rule.id not in silent]
        if not beside:
            yield from self._ask_others(file, result, silent)
            return
        from dfadvise.shellcheck import Ahead

        # ShellCheck works while all the others are asked.
        with Ahead(file):
            yield from self._ask_others(file, result, silent)
            for rule in beside:
                yield from self._guarded(rule, file, result)

    def _ask_others(self, file: Dockerfile, result: FileResult, silent: set[str]) -> Iterator[Finding]:
        for rule in self._on_file:
            if rule.id not in silent:
                yield from self._guarded(rule, file, result)
        on_stage = [rule for rule in self._on_stage if rule.id not in silent]
        for stage in file.linted_stages:
            for rule in on_stage:
                yield from self._guarded(rule, stage, result)
        by_keyword: dict[str, list[Rule]] = {}
        for instruction in file.walk():
            keyword = instruction.keyword
            asked = by_keyword.get(keyword)
            if asked is None:
                asked = [rule for rule in self._by_keyword.get(keyword, ()) if rule.id not in silent]
                by_keyword[keyword] = asked
            for rule in asked:
                for finding in self._guarded(rule, instruction, result):
                    if finding.instruction is None:
                        finding.instruction = instruction.outer or instruction
                    yield finding

    def silent(self, file: Dockerfile, result: FileResult) -> set[str]:
        """The rules that have nothing to say of a file: by what they are about, or without their options.

        Args:
            file: The file.
            result: Told of what fails.
        """
        text = every_wording(file)
        words = distinct(text)
        lowered = words.lower()
        keywords = {instruction.keyword for instruction in file.walk()}
        known: dict[str, bool] = {}
        silent: set[str] = set()
        for rule in self.rules.values():
            waits = rule.default == "cfg" and rule.settings == rule.options
            if waits or (rule.keywords and keywords.isdisjoint(rule.keywords)):
                silent.add(rule.id)
                continue
            mentioned = not rule.mentions
            for word in rule.mentions:
                found = known.get(word)
                if found is None:
                    found = known[word] = word in (lowered if word.islower() else words)
                if found:
                    mentioned = True
                    break
            if not mentioned or (rule.concerns is not Rule.concerns and not _concerns(rule, file, text, result)):
                silent.add(rule.id)
        return silent

    def _guarded(self, rule: Rule, node: object, result: FileResult) -> Iterator[Finding]:
        try:
            yield from rule.check(node)
        except Exception as problem:
            # A rule's own mistake costs its findings in this file, nobody else's; it is told once.
            start = f"rule {rule.id} failed"
            if any(message.startswith(start) for message in result.internal):
                return
            line = getattr(node, "line", None)
            where = f" at line {line}" if isinstance(line, int) else ""
            result.internal.append(f"{start}{where}: {type(problem).__name__}: {problem}")

    def _visible(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        selection = self.selection
        if selection is None:
            yield from findings
            return
        for finding in findings:
            if selection.visible(finding):
                yield finding


def _concerns(rule: Rule, file: Dockerfile, text: str, result: FileResult) -> bool:
    try:
        return rule.concerns(file, text)
    except Exception as problem:
        # It costs no findings, only the time that it is there to spare.
        result.internal.append(f"rule {rule.id} failed in `concerns`: {type(problem).__name__}: {problem}")
        return True


def _may_hide(file: Dockerfile) -> bool:
    """Whether a file can hold a comment that hides findings; quick, and generous."""
    text = file.source.text.lower()
    if "dfadvise" in text or "hadolint" in text or CHECK_ARGUMENT in file.build_args:
        return True
    return "check" in text and any("check" in comment.text.lower() for comment in file.tree.comments)


def _order(finding: Finding) -> tuple[int, int, str, str]:
    return finding.span.start, finding.span.end, finding.rule, finding.message


def _place(file: Dockerfile, findings: Iterable[Finding]) -> None:
    """Give findings without an instruction the one that their place is in."""
    instructions = file.instructions
    starts: list[int] | None = None
    for finding in findings:
        if finding.instruction is not None:
            continue
        if starts is None:
            starts = [instruction.span.start for instruction in instructions]
        index = bisect_right(starts, finding.span.start) - 1
        if index < 0:
            continue
        candidate: Instruction = instructions[index]
        if finding.span.start < max(candidate.span.end, candidate.span.start + 1):
            finding.instruction = candidate


def _yield_to_others(findings: list[Finding], rules: dict[str, Rule]) -> list[Finding]:
    """One cause, one visible finding: the others drop to style, or go where they stand for nothing more.

    Returns:
        The findings that stay, in their order.
    """
    by_cause: dict[object, list[Finding]] = {}
    for finding in findings:
        if finding.cause is not None:
            by_cause.setdefault(finding.cause, []).append(finding)
    gone: set[int] = set()
    for together in by_cause.values():
        if len(together) < 2:
            continue
        shown = [finding for finding in together if finding.severity != "style"]
        unspoken = list(shown)  # a finding that is shown stands for one other
        for finding in together:
            rule = rules.get(finding.rule)
            others = [] if rule is None else [each for each in shown if each.rule in rule.yields_to]
            if not others:
                continue
            finding.severity = "style"
            same = next((each for each in others if each in unspoken and _says_all_of(each, finding)), None)
            if same is not None:
                gone.add(id(finding))
                unspoken.remove(same)
    return [finding for finding in findings if id(finding) not in gone]


def _says_all_of(finding: Finding, other: Finding) -> bool:
    """Whether a finding stands for every foreign code that another one stands for."""
    return bool(other.aliases) and set(other.aliases) <= set(finding.aliases)
