"""What a rule is and what it yields: Rule, Finding, Fix, Edit, Saving."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, ClassVar, Literal

    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

    Severity = Literal["error", "warning", "info", "style"]
    Applicability = Literal["safe", "unsafe", "display"]
    Basis = Literal["measured", "context", "table"]

SEVERITIES = ("error", "warning", "info", "style")
RANK = {name: rank for rank, name in enumerate(SEVERITIES)}


class Edit:
    """Put a text in the place of a span; an empty span inserts, an empty text deletes."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edit) and (self.span, self.text) == (other.span, other.text)

    def __hash__(self) -> int:
        return hash((self.span, self.text))

    def __repr__(self) -> str:
        return f"Edit({self.span.start}:{self.span.end}, {self.text!r})"


class Fix:
    """Edits that mend a finding, all or none.

    Args:
        title: What the fix does, as an imperative: "Add --no-cache".
        edits: The edits, in any order; they must not overlap.
        applicability: `safe` is applied by `dfadvise fix`, `unsafe` needs `--unsafe`, `display` is
            only shown.
        declares: What a safe fix changes in the build plan, one of the kinds of the rule catalogue:
            "=" (nothing), "+flag", "-flag", "+clean", "-clean", "-dead", "join", "move", "mount", "program",
            "wrapper", "meta".
        creates: New files the fix writes, as (path relative to the Dockerfile's folder, text).

    Attributes:
        private: Whether its edits hold a secret, so that no report may print them; set by `dfadvise.secret.redact`.
    """

    __slots__ = ("applicability", "creates", "declares", "edits", "private", "title")

    def __init__(
        self,
        title: str,
        edits: Iterable[Edit],
        applicability: Applicability = "unsafe",
        declares: str = "=",
        creates: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.title = title
        self.edits = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
        self.applicability: Applicability = applicability
        self.declares = declares
        self.creates = tuple(creates)
        self.private = False


class Saving:
    """What following a finding saves.

    Args:
        size: Bytes saved in the image (or, for context rules, in the build context); None when unknown.
        seconds: Seconds saved at a rebuild; None when unknown.
        basis: Where the number comes from: `measured` (a built image), `context` (files on disk),
            `table` (a dated fact in dfadvise/knowledge); None when there is no number.
        rank: Worth of the saved time, 1 (little) to 3 (much), for ordering only; 0 when no time is saved.

    Attributes:
        estimated: The bytes that were expected before they were measured, where that was wrong; else None.
    """

    __slots__ = ("basis", "estimated", "rank", "seconds", "size")

    def __init__(
        self,
        size: int | None = None,
        seconds: float | None = None,
        basis: Basis | None = None,
        rank: int = 0,
    ) -> None:
        self.size = size
        self.seconds = seconds
        self.basis: Basis | None = basis
        self.rank = rank
        self.estimated: int | None = None


class Weighs:
    """What a finding is about in a built image: by this `--image` measures what following it saves.

    Args:
        what: "stored": what the layers of `by` store at `paths`. "hidden": what they hide or store again of lower
            layers at `paths`. "packages": the packages `names`, and what came along for them alone, as far as the
            layers of `by` store them. "recommended", "development": the packages in those layers that are there for
            this reason only.
        by: The instructions.
        paths: Absolute paths; `*` stands for one name, `~` for any home, `$NAME` at the beginning for a variable.
        manager: Of packages, the manager's name.
        names: Of packages, the words that ask for them.
        of: Of what is hidden, the instructions that stored it; any when empty.
        small: Bytes below which the finding is of level info.
    """

    __slots__ = ("by", "manager", "names", "of", "paths", "small", "what")

    def __init__(
        self,
        what: Literal["stored", "hidden", "packages", "recommended", "development"],
        by: Sequence[Instruction],
        paths: Iterable[str] = (),
        manager: str = "",
        names: Iterable[str] = (),
        of: Sequence[Instruction] = (),
        small: int = 0,
    ) -> None:
        self.what = what
        self.by = by
        self.paths = tuple(paths)
        self.manager = manager
        self.names = tuple(names)
        self.of = of
        self.small = small


class Finding:
    """One place where a rule holds.

    Args:
        rule: The id of the rule.
        family: The family (folder) of the rule.
        severity: error, warning, info or style.
        span: The exact place.
        message: The fact on this line, without advice and without a full stop.
        instruction: The instruction the place belongs to; None outside instructions.
        aliases: Foreign codes that this very finding stands for.
        related: Further places, each with a message.
        saving: What following it saves.
        fix: How to mend it.
        hides: Places of secret values, which no report shows.
        weighs: What it is about in a built image.

    Attributes:
        repeats: Whether it says again what another finding of its rule says for the stage or file. Its rule lowers it
            to style; its fix goes with that of the other.
        suppressed: The comment that hides it; None when none does.
    """

    __slots__ = (
        "aliases",
        "cause",
        "family",
        "fix",
        "hides",
        "instruction",
        "message",
        "related",
        "repeats",
        "rule",
        "saving",
        "severity",
        "span",
        "suppressed",
        "weighs",
    )

    def __init__(
        self,
        rule: str,
        family: str,
        severity: Severity,
        span: Span,
        message: str,
        instruction: Instruction | None = None,
        aliases: tuple[str, ...] = (),
        related: Sequence[tuple[str, Span]] = (),
        saving: Saving | None = None,
        fix: Fix | None = None,
        cause: object = None,
        hides: Sequence[Span] = (),
        weighs: Weighs | None = None,
    ) -> None:
        self.rule = rule
        self.family = family
        self.severity: Severity = severity
        self.span = span
        self.message = message
        self.instruction = instruction
        self.aliases = aliases
        self.related = tuple(related)
        self.saving = saving
        self.fix = fix
        self.cause = cause
        self.hides = tuple(hides)
        self.repeats = False
        self.suppressed: str | None = None
        self.weighs = weighs

    def __repr__(self) -> str:
        return f"Finding({self.rule}, {self.severity}, {self.span}, {self.message!r})"


class Rule:
    """A rule: subclass it, one class a file; the file stem is the id, the folder the family.

    The docstring is the documentation and the test; see docs/writing-a-rule.md.

    Attributes:
        on: What `check` is called with: instruction keywords ("RUN", "COPY", ...; ONBUILD bodies included),
            "stage" (every Stage) or "file" (the Dockerfile, once).
        severity: The level of the plain case.
        default: "on"; "off" (selected only by name or `all`); "cfg" (on, silent until its option is set).
        aliases: Every foreign code that a finding of this rule may carry.
        options: Names and defaults of the rule's own options, set in `[rules.<id>]` of the configuration.
        security: A score for code scanning ("0.0" to "10.0") where the rule is about security.
        yields_to: Ids of rules whose finding with the same cause is shown instead of this one's.
        mentions: Words of which one must stand in the file's text for the rule to have anything to say; empty for a
            rule that looks at every file. One without capitals stands for any case. It spares time, and decides
            nothing.
        keywords: The same for instructions: one of these keywords must be in the file, under ONBUILD too.
        mends_strays: Whether its fixes are for instructions that hold text by mistake (a comment, the next
            instruction); all others are kept off those.
    """

    on: ClassVar[tuple[str, ...]] = ()
    severity: ClassVar[Severity] = "warning"
    default: ClassVar[Literal["on", "off", "cfg"]] = "on"
    aliases: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[dict[str, Any]] = {}
    security: ClassVar[str | None] = None
    yields_to: ClassVar[tuple[str, ...]] = ()
    mentions: ClassVar[tuple[str, ...]] = ()
    keywords: ClassVar[tuple[str, ...]] = ()
    mends_strays: ClassVar[bool] = False

    # Set by the pack loader.
    id: str = ""
    family: str = ""
    path: str = ""
    pack: str = ""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings: dict[str, Any] = {**self.options, **(settings or {})}

    @property
    def title(self) -> str:
        """The first line of the docstring, without its full stop."""
        return (self.__doc__ or self.id).strip().partition("\n")[0].rstrip(".")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        """Whether a file may have anything for the rule, where words and keywords do not tell.

        It spares time, and decides nothing. The index of the rules keeps it in the place of the rule's file, so it
        knows builtins and what it imports itself, and no other name of its module.

        Args:
            file: The file.
            text: Its text, with every word as it is read too: without quotes, joined where it is continued, and with
                known variables put in.
        """
        return True

    def allows(self, *texts: str) -> bool:
        """Whether the option `allow` of a rule that has one names something.

        Args:
            texts: What the thing goes by: a name, a host, a path; the entries of the option are globs of these.
        """
        globs = self.settings.get("allow")
        if not globs:
            return False
        from dfadvise.patterns import matches

        return any(matches(str(glob), text) for glob in globs for text in texts if text)

    def check(self, node: Any) -> Iterator[Finding]:
        """Yield the findings in one instruction, stage or file.

        Args:
            node: The Instruction, Stage or Dockerfile that `on` asked for.
        """
        raise NotImplementedError

    def finding(
        self,
        span: Span,
        message: str,
        instruction: Instruction | None = None,
        severity: Severity | None = None,
        aliases: tuple[str, ...] = (),
        related: Sequence[tuple[str, Span]] = (),
        saving: Saving | None = None,
        fix: Fix | None = None,
        cause: object = None,
        hides: Sequence[Span] = (),
        weighs: Weighs | None = None,
    ) -> Finding:
        """Make a finding of this rule; the instruction is filled in by the engine when left out.

        Args:
            cause: What the finding is about, shared with findings of other rules on the same thing: where two
                rules give the same cause, the one named in the other's `yields_to` stays visible.
            hides: Places of secret values, which no report shows.
            weighs: What the finding is about in a built image, so that `--image` can measure it.
        """
        return Finding(
            self.id,
            self.family,
            severity or self.severity,
            span,
            message,
            instruction,
            aliases,
            related,
            saving,
            fix,
            cause,
            hides,
            weighs,
        )
