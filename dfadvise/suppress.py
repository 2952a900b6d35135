"""Which findings a file's own comments hide, and which comments hide nothing.

`# dfadvise: ignore[rule, rule] reason` holds for the whole next instruction, over comments and blank lines;
inside a multi-line instruction, for the next line that is no comment. `ignore-stage` holds for the stage of
the next instruction, `ignore-file` for the file. hadolint's pragmas hold in the same places. `# check=` holds
for BuildKit's checks alone, as BuildKit applies it (its `frontend/dockerfile/linter`, read 2026-08-21).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from dfadvise.config import suggestion
from dfadvise.pragmas import (
    CHECKS,
    EARLIER_CHECK,
    EXPERIMENTAL_CHECKS,
    FILE_CHECKS,
    Check,
    Name,
    Pragma,
    Unused,
    check_in,
    pragma_in,
    read_check,
    shell_in,
)
from dfadvise.selection import ALL, DEFAULT, FAMILY, names_of
from dfadvise.source import Span
from dfadvise.syntax.instructions import Comment
from dfadvise.syntax.tokenizer import DIRECTIVES, directive_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from dfadvise.rule import Finding
    from dfadvise.selection import Vocabulary
    from dfadvise.source import Source
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.tokenizer import Tree

    Place = tuple[str, int]

# Rules that no comment hides: what BuildKit refuses stays so, and a ban on comments is not lifted by one.
UNTOUCHABLE = frozenset(("syntax-error", "inline-suppression"))
UNUSED_RULE = "unused-suppression"
# Names that are looked up for a suggestion; a file full of unknown names must not take long.
MAX_SUGGESTIONS = 20
MARKS = ("dfadvise", "hadolint")


class Suppressions:
    """The suppressions of one file.

    Args:
        tree: The parsed file.
        vocabulary: The names of all rules.
        check: The build argument BUILDKIT_DOCKERFILE_CHECK, which replaces the directive; None without it.

    Attributes:
        pragmas: Every suppression comment, in order of place.
        check: The settings of the `# check=` directive; None without one.
    """

    __slots__ = (
        *("_below", "_ends", "_experimental", "_first_from", "_from", "_names", "_shells", "_source"),
        *("_stages", "_suggested", "_tree", "check", "pragmas", "vocabulary"),
    )

    def __init__(self, tree: Tree, vocabulary: Vocabulary, check: str | None = None) -> None:
        self.vocabulary = vocabulary
        self.pragmas: list[Pragma] = []
        self.check: Check | None = None
        self._tree = tree
        self._source = tree.source
        # By place and name in lower case; a check's name has "check:" in front.
        self._names: dict[Place, dict[str, list[tuple[Pragma, Name]]]] = {}
        self._experimental: dict[Place, list[str]] = {}
        self._from: dict[int, int] = {}
        # The line for which a comment line inside an instruction holds.
        self._below: dict[int, int] = {}
        self._shells: list[tuple[int, str]] = []
        self._suggested = 0
        self._ends = [instruction.end_line for instruction in tree.instructions]
        self._stages: list[int] = []
        stages = 0
        self._first_from = 0
        for instruction in tree.instructions:
            if instruction.keyword == "FROM":
                stages += 1
                self._first_from = self._first_from or instruction.line
            self._stages.append(max(0, stages - 1))
        self._stages.append(max(0, stages - 1))
        self._read_comments()
        if tree.comments or check is not None:
            self._read_checks(check)
        for instruction in tree.instructions:
            if instruction.heredocs or instruction.keyword == "ONBUILD":
                self._read_heredocs(instruction)
        self.pragmas.sort(key=lambda pragma: pragma.line)

    # --- reading ---

    def _read_comments(self) -> None:
        """Read the comments outside heredocs, the last one first: those below are known then."""
        for comment in reversed(self._tree.comments):
            inside = comment.kind == "inside"
            if inside:
                self._note_below(comment.line)
            if not any(mark in comment.text.lower() for mark in MARKS):
                continue
            shell = shell_in(comment)
            if shell is not None:
                self._shells.append((comment.line, shell))
                continue
            pragma = pragma_in(comment)
            if pragma is not None:
                self._place(pragma, inside)
        self._shells.reverse()

    def _note_below(self, line: int) -> None:
        source, below = self._source, line + 1
        while below < len(source.starts) and below not in self._below and not source.line_text(below).strip():
            below += 1
        self._below[line] = self._below.get(below, below)

    def _place(self, pragma: Pragma, inside: bool) -> None:
        """File a pragma's names under the place that it holds for."""
        self.pragmas.append(pragma)
        index = bisect_left(self._ends, pragma.line)
        place: Place = ("file", 0)
        if pragma.scope == "stage":
            place = ("stage", self._stages[index])
        elif pragma.scope == "next" and inside:
            pragma.scope = "line"
            place = ("line", self._below[pragma.line])
        elif pragma.scope == "next":
            place = ("next", index)
            self._from[index] = min(pragma.line, self._from.get(index, pragma.line))
        for name in pragma.names:
            lower = name.text.lower()
            resolved = self.vocabulary.resolve(lower)
            if resolved is None:
                name.problem = f"unknown rule `{name.text}`{self._suggest(name.text)}"
            elif resolved[0] == DEFAULT:
                name.problem = f"`{name.text}` names no rule"
            elif resolved[0] > FAMILY and all(rule.id in UNTOUCHABLE for rule in resolved[1]) and resolved[1]:
                name.problem = f"`{name.text}` cannot be hidden by a comment"
            else:
                self._file(place, lower, pragma, name)

    def _file(self, place: Place, key: str, pragma: Pragma, name: Name) -> None:
        self._names.setdefault(place, {}).setdefault(key, []).append((pragma, name))

    def _suggest(self, name: str, known: Iterable[str] | None = None) -> str:
        self._suggested += 1
        if self._suggested > MAX_SUGGESTIONS:
            return ""
        return self.vocabulary.suggest(name) if known is None else suggestion(name, known)

    def _read_checks(self, argument: str | None) -> None:
        """Read `# check=`: the directive, and the first one in the comments above each instruction."""
        directive = self._directive()
        if argument is not None:
            # It replaces the directive, which does not become a comment of the first instruction by that.
            self.check = read_check(Comment(argument, Span(0, 0), 0, "top"), 0, "file")
        elif directive is not None:
            self.check = check_in(directive, "file")
        if self.check is not None:
            self._place_check(self.check, None, None)
        latest: dict[tuple[int, str], int] = {}
        for index, instruction in enumerate(self._tree.instructions):
            found: Check | None = None
            for comment in instruction.comments:
                if self._is_indented(comment):
                    # BuildKit does not take the `#` of an indented comment away, and then does not know it.
                    continue
                if not comment.text[1:].strip():
                    found = None
                elif found is None and "=" in comment.text:
                    found = check_in(comment, "next")
            key = (self._stages[index], instruction.keyword)
            if found is not None and (directive is None or found.pragma.line != directive.line):
                self._place_check(found, index, latest.get(key))
            latest[key] = index

    def _directive(self) -> Comment | None:
        """The comment that is the `# check=` directive, which a shebang may precede."""
        line = 1
        for comment in self._tree.comments:
            if comment.line != line or comment.kind != "top" or self._is_indented(comment):
                return None
            line += 1
            if comment.line == 1 and comment.text.startswith("#!"):
                continue
            found = directive_in(comment.text, 0, len(comment.text))
            if found is None or found[0].lower() not in DIRECTIVES:
                return None
            if found[0].lower() == "check":
                return comment
        return None

    def _is_indented(self, comment: Comment) -> bool:
        start = comment.span.start
        return start > 0 and self._source.text[start - 1] != "\n"

    def _place_check(self, check: Check, index: int | None, earlier: int | None) -> None:
        """File a `# check=` under its instruction, or under the file without one.

        Args:
            earlier: The instruction before it in its stage with its keyword.
        """
        pragma = check.pragma
        if check.problem is not None:
            if index is not None:
                pragma.problem = f"{check.problem}, so BuildKit does not read it"
                self.pragmas.append(pragma)
            return
        place: Place = ("file", 0) if index is None else ("next", index)
        self._experimental.setdefault(place, []).extend(check.experimental)
        if not pragma.names:
            return
        if pragma.line:
            self.pragmas.append(pragma)
        if index is not None:
            self._from[index] = min(pragma.line, self._from.get(index, pragma.line))
        for name in pragma.names:
            if name.text != "all" and name.text not in CHECKS:
                name.problem = f"unknown check `{name.text}`{self._suggest(name.text, CHECKS)}"
                continue
            for code in CHECKS - EXPERIMENTAL_CHECKS if name.text == "all" else (name.text,):
                if index is None or (code not in FILE_CHECKS and code != EARLIER_CHECK):
                    self._file(place, f"check:{code}", pragma, name)
                elif code == EARLIER_CHECK and earlier is not None:
                    self._file(("next", earlier), f"check:{code}", pragma, name)

    def _read_heredocs(self, instruction: Instruction) -> None:
        """Read the comments in the heredocs of a RUN: they stand on lines of a multi-line instruction."""
        holder = instruction.innermost
        if holder.keyword != "RUN":
            return
        source = self._source
        for heredoc in holder.heredocs:
            lower = heredoc.content.lower()
            if not any(mark in lower for mark in MARKS):
                continue
            first = source.line(heredoc.body_span.start)
            for line in range(source.line(heredoc.end_span.start) - 1, first - 1, -1):
                span = source.line_span(line)
                text = source.slice(span)
                if not text.lstrip().startswith("#"):
                    continue
                self._note_below(line)
                start = span.start + len(text) - len(text.lstrip())
                pragma = pragma_in(Comment(text.lstrip(), Span(start, span.end), line, "inside"))
                if pragma is not None:
                    pragma.in_heredoc = True
                    self._place(pragma, inside=True)

    # --- asking ---

    def hides(self, finding: Finding, line: int) -> str | None:
        """Whether a comment hides a finding, and note that it was of use.

        Ask for every finding, also for those the selection leaves out: a comment is of use if it hides one.

        Args:
            finding: The finding.
            line: The line on which its span starts, counted from 1.

        Returns:
            The comment's reason, or its text where it gives none; None when nothing hides the finding.
        """
        if not self._names or finding.rule in UNTOUCHABLE:
            return None
        names = names_of(finding) + [f"check:{alias}" for alias in finding.aliases if alias in CHECKS]
        hidden_by: Pragma | None = None
        for place in self._places(line):
            held = self._names.get(place)
            if not held:
                continue
            for key in names:
                entries = held.get(key)
                if entries is None:
                    continue
                hidden_by = hidden_by or entries[0][0]
                for _, name in entries:
                    name.used = True
                # All are of use now; the next finding need not walk over them.
                del entries[1:]
        return (hidden_by.reason or hidden_by.text) if hidden_by is not None else None

    def _places(self, line: int) -> Iterator[Place]:
        """The places that a line is in, the narrowest first."""
        yield "line", self._below.get(line, line)
        index = bisect_left(self._ends, line)
        first = self._from.get(index)
        if index < len(self._ends):
            start = self._tree.instructions[index].line
            if line >= (start if first is None else min(first, start)):
                yield "next", index
        elif first is not None and line >= first:
            yield "next", index
        yield "stage", self._stages[index]
        yield "file", 0

    def shell(self, line: int) -> str | None:
        """The shell that a `# hadolint shell=` pragma gives for a line; None without one.

        It is that of the last pragma above the line in its stage, else of the last one above the first FROM.
        """
        at = bisect_right(self._shells, (line, ""))
        if at:
            held, shell = self._shells[at - 1]
            if held > self._first_from and self._stage(held) == self._stage(line):
                return shell
        at = bisect_right(self._shells, (self._first_from, ""))
        return self._shells[at - 1][1] if at else None

    def _stage(self, line: int) -> int:
        return self._stages[bisect_left(self._ends, line)]

    def experimental(self, check: str, line: int) -> bool:
        """Whether the file turns on one of BuildKit's experimental checks for a line."""
        places: tuple[Place, ...] = (("file", 0), ("next", bisect_left(self._ends, line)))
        listed = [name for place in places for name in self._experimental.get(place, ())]
        return check in listed or "all" in listed

    def unused(self, ran: Container[str], require_reason: bool = False) -> list[Unused]:
        """The comments that hide nothing, once every finding was asked for.

        Args:
            ran: The ids of the rules that ran and could judge this file. A name is held against them only if
                all the rules behind it are among them; leave out `shellcheck-finding` without a shellcheck.
            require_reason: Also report the comments without a reason.
        """
        found: list[Unused] = []
        for pragma in self.pragmas:
            if pragma.problem is not None:
                found.append(Unused(pragma, pragma.span, [], pragma.problem))
                continue
            idle = [name for name in pragma.names if name.problem or self._is_idle(name, pragma, ran)]
            whole = len(idle) == len(pragma.names)
            if whole and len(idle) > 1 and not any(name.problem for name in idle):
                names = [name.text for name in idle]
                message = f"hides nothing: {', '.join(f'`{name}`' for name in names)}"
                found.append(Unused(pragma, pragma.span, names, message, self._fix(pragma, None)))
                continue
            for name in idle:
                message = name.problem or f"`{name.text}` hides nothing"
                fix = self._fix(pragma, None if whole else name)
                found.append(Unused(pragma, name.span, [name.text], message, fix))
            if require_reason and not idle and not pragma.reason:
                found.append(Unused(pragma, pragma.span, [], "gives no reason"))
        return found

    def _is_idle(self, name: Name, pragma: Pragma, ran: Container[str]) -> bool:
        """Whether a name hid nothing although every rule that could give it something to hide ran."""
        if name.used:
            return False
        if pragma.tool == "check":
            codes = CHECKS - EXPERIMENTAL_CHECKS if name.text == "all" else (name.text,)
            rules = [rule for code in codes for rule in self.vocabulary.codes.get(code.lower(), ())]
        else:
            resolved = self.vocabulary.resolve(name.text)
            if resolved is None:
                return False
            narrow, rules = resolved
            if narrow in (ALL, FAMILY):
                rules = [rule for rule in rules if rule.default != "off" and rule.id != UNUSED_RULE]
        return bool(rules) and all(rule.id in ran and rule.id != UNUSED_RULE for rule in rules)

    def _fix(self, pragma: Pragma, name: Name | None) -> tuple[Span, str] | None:
        """Take out one name with its comma, or without one the comment with its line."""
        if pragma.tool != "dfadvise" or pragma.in_heredoc:
            return None
        if name is None:
            source, below = self._source, pragma.line
            start = source.starts[below - 1]
            end = source.starts[below] if below < len(source.starts) else len(source.text)
            following = directive_in(source.text, *_ends_of(source, below + 1))
            if following is not None and following[0].lower() in DIRECTIVES:
                # Without the comment above it, that line could come into force.
                return None
            return Span(start, end), ""
        at = pragma.names.index(name)
        if at + 1 < len(pragma.names):
            return Span(name.span.start, pragma.names[at + 1].span.start), ""
        return Span(pragma.names[at - 1].span.end, name.span.end), ""


def _ends_of(source: Source, line: int) -> tuple[int, int]:
    """Start and end of a line; an empty range behind the last one."""
    if line > len(source.starts):
        return len(source.text), len(source.text)
    span = source.line_span(line)
    return span.start, span.end
