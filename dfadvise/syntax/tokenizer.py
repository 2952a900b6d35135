"""Text to instructions, line by line as BuildKit's parser reads them.

It never raises: what BuildKit refuses is recorded as a problem, and reading goes on behind it.
Source of the behaviour: BuildKit's `frontend/dockerfile/parser` (read 2026-11-24) and recorded cases.
"""

from __future__ import annotations

from dfadvise.source import Span
from dfadvise.syntax.arguments import fill
from dfadvise.syntax.heredocs import Heredoc, heredocs_in
from dfadvise.syntax.instructions import (
    CLASSES,
    Comment,
    Directive,
    Flag,
    Instruction,
    Onbuild,
    Problem,
    Unknown,
    bodies,
)
from dfadvise.syntax.lines import Joined, concat
from dfadvise.syntax.words import SPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.source import Source

DIRECTIVES = frozenset(("syntax", "escape", "check"))
KEYWORD_SPACE = "\t\v\f\r "
HEREDOC_KEYWORDS = frozenset(("RUN", "COPY", "ADD"))
# Bytes of one physical line with its line ending that BuildKit's scanner takes.
MAX_LINE = 65536


class Tree:
    """A parsed file.

    Attributes:
        source: The text.
        escape: The escape character.
        directives: The parser directives that are in force.
        instructions: In order of place.
        comments: Every comment line, directives included.
        problems: What BuildKit's parser refuses; empty when it accepts the file.
    """

    __slots__ = ("comments", "directives", "escape", "instructions", "problems", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.instructions: list[Instruction] = []
        self.comments: list[Comment] = []
        self.problems: list[Problem] = []

    def directive(self, name: str) -> Directive | None:
        """The directive of that name, or None."""
        for directive in self.directives:
            if directive.name == name:
                return directive
        return None


def parse(source: Source) -> Tree:
    """Read a whole file."""
    return _Reader(source).read()


class _Reader:
    __slots__ = ("above", "line", "line_index", "lines", "seen", "source", "starts", "tree")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.starts = source.starts
        self.lines = len(self.starts)
        # A final newline ends the last line; it does not start another one.
        if self.starts[-1] == len(source.text):
            self.lines -= 1
        self.tree = Tree(source)
        self.line = 0
        self.above: list[Comment] = []
        self.line_index: dict[str, list[int]] | None = None
        self.seen: dict[str, int] = {}

    def read(self) -> Tree:
        self.read_directives()
        while self.line < self.lines:
            self.read_instruction()
        tree = self.tree
        if not tree.instructions:
            end = len(self.source.text)
            at = Span(0, min(end, max(0, self.source.line_span(1).end)))
            tree.problems.append(Problem("file with no instructions", at, 1))
        self.check_line_lengths()
        tree.problems.sort(key=lambda problem: problem.line)
        return tree

    def bounds(self, line: int) -> tuple[int, int]:
        """Start and end of a physical line (counted from 0) without CR and LF."""
        starts = self.starts
        start = starts[line]
        end = starts[line + 1] - 1 if line + 1 < len(starts) else len(self.source.text)
        text = self.source.text
        while end > start and text[end - 1] == "\r":
            end -= 1
        return start, end

    def problem(self, message: str, span: Span, line: int) -> None:
        self.tree.problems.append(Problem(message, span, line))

    def check_line_lengths(self) -> None:
        text = self.source.text
        if len(text) < MAX_LINE // 4:
            return
        for line, start in enumerate(self.starts):
            end = self.starts[line + 1] if line + 1 < len(self.starts) else len(text)
            if (end - start) * 4 > MAX_LINE:
                size = len(text[start:end].encode("utf-8", "surrogateescape"))
                if size > MAX_LINE:
                    message = f"dockerfile line greater than max allowed size of {MAX_LINE - 1}"
                    self.problem(message, Span(start, start + 1), line + 1)

    def read_directives(self) -> None:
        """Note the directives; the lines themselves are read again as comments."""
        seen = set()
        for line in range(self.lines):
            start, end = self.bounds(line)
            found = directive_in(self.source.text, start, end)
            if found is None:
                return
            name, value_span = found
            value = self.source.slice(value_span)
            name = name.lower()
            if name not in DIRECTIVES:
                return
            span = Span(start, end)
            if name in seen:
                self.problem(f"only one {name} parser directive can be used", span, line + 1)
                continue
            seen.add(name)
            if name == "escape":
                if value not in ("`", "\\"):
                    message = f"invalid escape token '{value}' does not match ` or \\"
                    self.problem(message, value_span, line + 1)
                    continue
                self.tree.escape = value
            self.tree.directives.append(Directive(name, value, span, value_span, line + 1))

    def comment(self, line: int, kind: str) -> Comment:
        start, end = self.bounds(line)
        text = self.source.text
        while text[start] != "#":
            start += 1
        comment = Comment(text[start:end], Span(start, end), line + 1, kind)
        self.tree.comments.append(comment)
        return comment

    def read_instruction(self) -> None:
        """Read from the current line on: a comment, a blank line, or one whole instruction."""
        text, escape = self.source.text, self.tree.escape
        first = self.line
        start, end = self.bounds(first)
        self.line += 1
        while start < end and text[start] in SPACE:
            start += 1
        if start == end:
            return
        if text[start] == "#":
            self.above.append(self.comment(first, "top"))
            return
        cut, open_ = continued(text, start, end, escape)
        pieces = [(text[start:cut], start)]
        inner: list[Comment] = []
        empty: list[Span] = []
        while open_ and self.line < self.lines:
            line = self.line
            start, end = self.bounds(line)
            self.line += 1
            at = start
            while at < end and text[at] in SPACE:
                at += 1
            if at == end:
                following = self.starts[line + 1] if line + 1 < len(self.starts) else len(text)
                empty.append(Span(start, following))
                continue
            if text[at] == "#":
                inner.append(self.comment(line, "inside"))
                continue
            cut, open_ = continued(text, start, end, escape)
            pieces.append((text[start:cut], start))
        joined = concat(pieces)
        instruction = self.make(joined, first + 1)
        instruction.line = first + 1
        instruction.inner_comments = inner
        instruction.empty_lines = empty
        instruction.comments = self.above
        self.above = []
        last = self.line
        self.read_heredocs(instruction, joined)
        instruction.end_line = self.line
        if self.line == last:
            stop = joined.span(0, len(joined.text)).end if joined.text else instruction.name_span.end
        else:
            stop = self.bounds(self.line - 1)[1]
        instruction.span = Span(instruction.name_span.start, stop)
        for body in bodies(instruction):
            body.line, body.end_line = instruction.line, instruction.end_line
            body.span = Span(body.name_span.start, stop)
        self.tree.instructions.append(instruction)

    def make(self, joined: Joined, line: int) -> Instruction:
        instruction = instruction_in(joined, self.tree.escape, line)
        each: Instruction | None = instruction
        while each is not None:
            if each.problem is not None:
                span = each.args_span if each.args else each.name_span
                self.problem(each.problem, span, line)
            each = each.inner if isinstance(each, Onbuild) else None
        return instruction

    def read_heredocs(self, instruction: Instruction, joined: Joined) -> None:
        holder = instruction.innermost
        if holder.keyword not in HEREDOC_KEYWORDS or holder.form == "exec" or "<<" not in joined.text:
            return
        start_line = self.line
        for heredoc in heredocs_in(joined):
            body_start = self.line
            terminator = self.find_terminator(heredoc)
            if terminator is None:
                self.problem("unterminated heredoc", heredoc.word_span, start_line)
                self.line = self.recover(body_start)
                end = self.starts[self.line] if self.line < len(self.starts) else len(self.source.text)
                begin = self.starts[body_start] if body_start < len(self.starts) else len(self.source.text)
                heredoc.body_span = Span(begin, end)
                heredoc.end_span = Span(end, end)
                heredoc.content = self.source.text[begin:end]
                holder.heredocs.append(heredoc)
                return
            begin = self.starts[body_start]
            heredoc.body_span = Span(begin, self.starts[terminator])
            heredoc.content = self.source.text[begin : self.starts[terminator]]
            heredoc.end_span = Span(*self.bounds(terminator))
            holder.heredocs.append(heredoc)
            self.line = terminator + 1

    def find_terminator(self, heredoc: Heredoc) -> int | None:
        """The first line from here on that is the delimiter and nothing else."""
        if self.line_index is None:
            # Made once, so that many heredocs without an end stay linear.
            self.line_index = {}
            text = self.source.text
            for line in range(self.lines):
                start, end = self.bounds(line)
                self.line_index.setdefault(text[start:end].lstrip("\t"), []).append(line)
        for line in self.line_index.get(heredoc.name.lstrip("\t"), ())[self.seen.get(heredoc.name, 0) :]:
            if line < self.line:
                self.seen[heredoc.name] = self.seen.get(heredoc.name, 0) + 1
                continue
            start, end = self.bounds(line)
            content = self.source.text[start:end]
            if (content.lstrip("\t") if heredoc.chomp else content) == heredoc.name:
                return line
        return None

    def recover(self, line: int) -> int:
        """Where to read on behind a heredoc that never ends: the next line that looks like an instruction."""
        text = self.source.text
        while line < self.lines:
            start, end = self.bounds(line)
            word, space, _ = text[start:end].partition(" ")
            if space and word in CLASSES:
                break
            line += 1
        return line


def continued(text: str, start: int, end: int, escape: str) -> tuple[int, bool]:
    """Where the content of a line ends, and whether the next line goes on with it.

    One escape character at the end, blanks and tabs aside, continues the line; two or more do not.
    """
    at = end
    while at > start and text[at - 1] in " \t":
        at -= 1
    if at == start or text[at - 1] != escape:
        return end, False
    if at - 1 > start and text[at - 2] == escape:
        return end, False
    return at - 1, True


def directive_in(text: str, start: int, end: int) -> tuple[str, Span] | None:
    """Name and value span of a comment shaped like `# name = value`; None for any other line."""
    while start < end and text[start] in SPACE:
        start += 1
    if start == end or text[start] != "#":
        return None
    at = start + 1
    while at < end and text[at] in "\t\n\f\r ":
        at += 1
    begin = at
    while at < end and text[at].isascii() and text[at].isalnum():
        at += 1
    name = text[begin:at]
    while at < end and text[at] in "\t\n\f\r ":
        at += 1
    if not name or not name[0].isalpha() or at == end or text[at] != "=":
        return None
    at += 1
    while at < end and text[at] in "\t\n\f\r ":
        at += 1
    while end > at and text[end - 1] in "\t\n\f\r ":
        end -= 1
    return (name, Span(at, end)) if end > at else None


def instruction_in(joined: Joined, escape: str, line: int, depth: int = 0) -> Instruction:
    """Make the instruction of a logical line."""
    text = joined.text
    start = 0
    while start < len(text) and text[start] in SPACE:
        start += 1
    end = len(text)
    while end > start and text[end - 1] in SPACE:
        end -= 1
    at = start
    while at < end and text[at] not in KEYWORD_SPACE:
        at += 1
    name = text[start:at]
    keyword = name.upper()
    name_span = joined.span(start, at)
    while at < end and text[at] in KEYWORD_SPACE:
        at += 1
    flags, at = flags_in(joined, at, end)
    while at < end and text[at] in SPACE:
        at += 1
    rest_end = end
    while rest_end > at and text[rest_end - 1] in SPACE:
        rest_end -= 1
    body = joined.part(at, rest_end)
    instruction = CLASSES.get(keyword, Unknown)(keyword, name, name_span, body)
    instruction.flags = flags
    instruction.line = line
    instruction.span = Span(name_span.start, joined.span(start, end).end)
    if isinstance(instruction, Onbuild):
        instruction.inner = None
        if body.text and depth < 8:
            inner = instruction_in(body, escape, line, depth + 1)
            inner.outer = instruction
            instruction.inner = inner
    else:
        fill(instruction, escape)
    return instruction


def flags_in(joined: Joined, start: int, end: int) -> tuple[list[Flag], int]:
    """The flags at the start of the arguments, and where the other arguments begin.

    Quotes and backslashes are resolved (always the backslash, whatever the escape directive says);
    a lone `--` ends the flags.
    """
    text = joined.text
    flags: list[Flag] = []
    at = start
    while True:
        while at < end and text[at] in SPACE:
            at += 1
        if not text.startswith("--", at, end):
            return flags, at
        begin = at
        word: list[str] = []
        quote = ""
        while at < end:
            char = text[at]
            if not quote and char in SPACE:
                break
            at += 1
            if quote:
                if char == quote:
                    quote = ""
                    continue
            elif char in "'\"":
                quote = char
                continue
            if char == "\\":
                if at >= end:
                    continue
                char = text[at]
                at += 1
            word.append(char)
        value = "".join(word)
        if value == "--":
            return flags, at
        flags.append(Flag(value, joined.span(begin, at)))
