"""Scripts of plain commands, read without the shell grammar: what most RUN instructions are.

Loading the grammar takes longer than everything else that a small file needs. A script that holds nothing but simple
commands, their redirections and what joins them needs no grammar; whatever else there is in it, a substitution, a
parenthesis, a reserved word, leaves the whole script to the grammar.
"""

from __future__ import annotations

from dfadvise.shells.words import MARKS

# Blanks of the shell. Other white space is a part of a word there and something else for the grammar.
_BLANKS = frozenset(" \t")
_ENDS = frozenset(" \t\n;&|<>")
# Signs that begin what is more than a plain command; in quotes, only the first does.
_BEYOND = frozenset("`()\0\r\f\v")
_DECLARING = frozenset(("declare", "typeset", "export", "readonly", "local"))
_UNSETTING = frozenset(("unset", "unsetenv"))
# What means something else than a program where a command begins.
_RESERVED = frozenset(
    """! { } [[ ]] if then elif else fi for while until do done case esac function select coproc in""".split()
)
_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
_DIGITS = frozenset("0123456789")
# Special parameters, and what a value without surprises is made of in `${NAME:-value}`.
_PARAMETERS = frozenset("@*#?-$!") | _DIGITS
_SAFE = _NAME_SIGNS | frozenset("./:-+,=@%")
_OPERATORS = (">>", ">&", "&>>", "&>", ">|", ">", "<")
_COMMAND_ENDS = frozenset(("", "\n", ";", "&", "&&", "||", "|", "|&"))

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class Node(Protocol):
        """What is asked of a node: of the grammar's, and of those made here."""

        @property
        def type(self) -> str: ...
        @property
        def start_byte(self) -> int: ...
        @property
        def end_byte(self) -> int: ...
        @property
        def is_named(self) -> bool: ...
        @property
        def child_count(self) -> int: ...
        @property
        def children(self) -> Sequence[Node]: ...
        @property
        def named_children(self) -> Sequence[Node]: ...
        @property
        def parent(self) -> Node | None: ...
        def child_by_field_name(self, name: str, /) -> Node | None: ...


class PlainNode:
    """A node as the grammar has them, of what plain scripts consist of.

    Attributes:
        type: The grammar's name of it; "composite" for a word with quotes or variables in it.
        start_byte, end_byte: Its place in the text, in characters.
        is_named: False for operators.
        children: The nodes in it.
        parent: What it stands in, for an assignment before a command; else None.
    """

    __slots__ = ("children", "end_byte", "fields", "is_named", "parent", "start_byte", "type")

    def __init__(
        self,
        kind: str,
        start: int,
        end: int,
        children: Sequence[PlainNode] = (),
        is_named: bool = True,
        fields: dict[str, PlainNode] | None = None,
    ) -> None:
        self.type = kind
        self.start_byte = start
        self.end_byte = end
        self.children = children
        self.is_named = is_named
        self.fields = fields
        self.parent: PlainNode | None = None

    @property
    def named_children(self) -> list[PlainNode]:
        """The children that are no operators."""
        return [child for child in self.children if child.is_named]

    @property
    def child_count(self) -> int:
        """How many children it has."""
        return len(self.children)

    def child_by_field_name(self, name: str) -> PlainNode | None:
        """The child that plays a part; None when there is none."""
        return None if self.fields is None else self.fields.get(name)


class _BeyondError(Exception):
    """The script is more than plain commands."""


def statements(text: str) -> list[PlainNode] | None:
    """The statements of a script and the separators between them.

    Args:
        text: The script.

    Returns:
        What the root of the grammar's tree would hold, with lists and pipelines flat; None for a script that holds
        more than plain commands, or an error.
    """
    if "<<" in text:
        return None
    try:
        return _Reader(text).script()
    except _BeyondError:
        return None


class _Reader:
    """Reads one script from front to back; `at` is the place of the next character."""

    __slots__ = ("at", "size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)
        self.at = 0

    def script(self) -> list[PlainNode]:
        found: list[PlainNode] = []
        while True:
            self.skip(True)
            if self.at >= self.size:
                return found
            found.append(self.statement())
            start = self.at
            operator = self.operator()
            if operator in (";", "&"):
                found.append(PlainNode(operator, start, self.at, (), False))

    def statement(self) -> PlainNode:
        """Commands joined by `&&`, `||` and `|`, with all of them at one level."""
        parts = [self.command()]
        while True:
            start = self.at
            operator = self.operator()
            if operator not in ("&&", "||", "|", "|&"):
                self.at = start
                break
            parts.append(PlainNode(operator, start, self.at, (), False))
            self.skip(True)
            parts.append(self.command())
        if len(parts) == 1:
            return parts[0]
        kind = "list" if any(part.type in ("&&", "||") for part in parts) else "pipeline"
        return PlainNode(kind, parts[0].start_byte, parts[-1].end_byte, parts)

    def operator(self) -> str:
        """Pass the operator behind a command; the end of the text is "".

        Raises:
            _BeyondError: It is none of those known here.
        """
        text, at = self.text, self.at
        sign = text[at : at + 1]
        found = text[at : at + 2] if text[at : at + 2] in ("&&", "||", "|&") else sign
        if found not in _COMMAND_ENDS or text[at + len(found) : at + len(found) + 1] in ("&", "|"):
            raise _BeyondError
        if sign == ";" and text[at + 1 : at + 2] == ";":
            raise _BeyondError
        self.at = at + len(found)
        return found

    def skip(self, lines: bool) -> None:
        """Pass blanks and comments, and with `lines` the ends of lines."""
        text, size, at = self.text, self.size, self.at
        while at < size:
            char = text[at]
            if char in _BLANKS or (lines and char == "\n"):
                at += 1
            elif char == "\\" and text[at + 1 : at + 2] == "\n" and (at == 0 or text[at - 1] in " \t\n"):
                at += 2
            elif char == "#" and (at == 0 or text[at - 1] in " \t\n;&|"):
                end = text.find("\n", at)
                at = size if end < 0 else end
            else:
                break
        self.at = at

    def command(self) -> PlainNode:
        """A simple command, an assignment, a declaration or a test, with its redirections.

        Raises:
            _BeyondError: Something else begins here.
        """
        assignments: list[PlainNode] = []
        early: list[PlainNode] = []
        late: list[PlainNode] = []
        words: list[PlainNode] = []
        start = self.at
        end = start
        program = ""
        while True:
            self.skip(False)
            at = self.at
            char = self.text[at : at + 1]
            redirect = self.redirect(at)
            if redirect is not None:
                (late if words else early).append(redirect)
                end = redirect.end_byte
                continue
            if not char or char in "\n;&|":
                break
            if not words:
                assignment = self.assignment()
                if assignment is not None:
                    assignments.append(assignment)
                    end = assignment.end_byte
                    continue
            kind, stop = self.word(at)
            if not words:
                program = self.text[at:stop]
                if program in _RESERVED:
                    raise _BeyondError
                if program in _DECLARING or program in _UNSETTING or program == "[":
                    if assignments or early:
                        raise _BeyondError
                    return self.special(program, at)
                kind = "command_name"
            elif self.text[at:stop] in ("{", "}"):
                raise _BeyondError
            words.append(PlainNode(kind, at, stop))
            end = stop
        if not words and not assignments and not early:
            raise _BeyondError
        if not words:
            return self.lone(assignments, early, start, end)
        for assignment in assignments:
            assignment.parent = _COMMAND
        first = [*assignments, *early]
        first.sort(key=lambda node: node.start_byte)
        node = PlainNode("command", start, words[-1].end_byte, [*first, *words])
        return self.redirected(node, late, end)

    def lone(self, assignments: list[PlainNode], redirects: list[PlainNode], start: int, end: int) -> PlainNode:
        """Assignments or redirections without a program."""
        if assignments and redirects:
            raise _BeyondError
        if redirects:
            return PlainNode("redirected_statement", start, end, redirects)
        if len(assignments) == 1:
            return assignments[0]
        return PlainNode("variable_assignments", start, end, assignments)

    def redirected(self, node: PlainNode, redirects: list[PlainNode], end: int) -> PlainNode:
        if not redirects:
            return node
        return PlainNode("redirected_statement", node.start_byte, end, [node, *redirects], True, {"body": node})

    def special(self, program: str, start: int) -> PlainNode:
        """`export`, `unset` and their like, and `[`, for which the grammar has nodes of their own."""
        end = self.at = start + len(program)
        children = [PlainNode(program, start, end, (), False)]
        redirects: list[PlainNode] = []
        closed = False
        while True:
            self.skip(False)
            at = self.at
            char = self.text[at : at + 1]
            redirect = self.redirect(at)
            if redirect is not None:
                if program == "[" and not closed:
                    raise _BeyondError
                redirects.append(redirect)
                end = redirect.end_byte
                continue
            if not char or char in "\n;&|":
                break
            if redirects or closed:
                raise _BeyondError
            child = self.assignment() if program in _DECLARING else None
            if child is None:
                kind, stop = self.word(at)
                child = PlainNode(kind, at, stop)
                closed = program == "[" and self.text[at:stop] == "]"
            children.append(child)
            end = child.end_byte
        if program == "[":
            if not closed:
                raise _BeyondError
            node = PlainNode("test_command", start, children[-1].end_byte, children[:1])
        else:
            kind = "unset_command" if program in _UNSETTING else "declaration_command"
            node = PlainNode(kind, start, children[-1].end_byte, children)
        return self.redirected(node, redirects, end)

    def redirect(self, at: int) -> PlainNode | None:
        """The redirection that begins here; None when none does."""
        text = self.text
        behind = at
        while text[behind : behind + 1] in _DIGITS:
            behind += 1
        if text[behind : behind + 1] not in ("<", ">") and text[at : at + 2] != "&>":
            return None
        operator = next((each for each in _OPERATORS if text.startswith(each, behind)), "")
        children: list[PlainNode] = []
        if behind > at:
            children.append(PlainNode("file_descriptor", at, behind))
        self.at = behind + len(operator)
        children.append(PlainNode(operator, behind, self.at, (), False))
        while text[self.at : self.at + 1] in _BLANKS:
            self.at += 1
        if text[self.at : self.at + 1] in ("", "\n", ";", "&", "|", "<", ">", "-", "#"):
            raise _BeyondError
        target = self.at
        kind, stop = self.word(target)
        children.append(PlainNode(kind, target, stop))
        return PlainNode("file_redirect", at, stop, children)

    def assignment(self) -> PlainNode | None:
        """The assignment that begins here; None when none does."""
        text, start = self.text, self.at
        at = start
        while text[at : at + 1] in _NAME_SIGNS:
            at += 1
        if at == start or text[start] in _DIGITS or text[at : at + 1] != "=":
            if text[at : at + 2] == "+=" or text[at : at + 1] == "[":
                raise _BeyondError
            return None
        name = PlainNode("variable_name", start, at)
        fields = {"name": name}
        stop = at + 1
        if text[stop : stop + 1] not in _WORD_ENDS:
            kind, stop = self.word(stop)
            fields["value"] = PlainNode(kind, at + 1, stop)
        self.at = stop
        return PlainNode("variable_assignment", start, stop, (), True, fields)

    def word(self, start: int) -> tuple[str, int]:
        """Pass a word.

        Returns:
            Its kind, and its end.

        Raises:
            _BeyondError: It is more than text, quotes and variables.
        """
        text, size, at = self.text, self.size, start
        kind = "word"
        variable = -1
        while at < size:
            char = text[at]
            if char in _ENDS:
                break
            if char == "'":
                at = text.find("'", at + 1) + 1
                if not at:
                    raise _BeyondError
                kind = "composite"
            elif char == '"':
                at = self.quoted(at + 1)
                kind = "composite"
            elif char == "\\":
                if text[at + 1 : at + 2] in ("", "\n"):
                    raise _BeyondError
                at += 2
            elif char == "$":
                if text[at + 1 : at + 2] in ("'", '"'):
                    raise _BeyondError
                stop = self.variable(at)
                if stop > at + 1 and at == start:
                    variable = stop
                kind = "composite"
                at = stop
            elif char in _BEYOND:
                raise _BeyondError
            else:
                at += 1
        if at == start:
            raise _BeyondError
        self.at = at
        if variable == at:
            kind = "expansion" if text[start + 1] == "{" else "simple_expansion"
        elif kind == "composite" and text[start] == "'" and text.find("'", start + 1) == at - 1:
            kind = "raw_string"
        elif kind == "composite" and any(text.find(mark, start, at) >= 0 for mark in MARKS):
            # Without the grammar's nodes only the text can tell the value.
            raise _BeyondError
        return kind, at

    def quoted(self, at: int) -> int:
        """The end of a double-quoted string, behind its quote."""
        text, size = self.text, self.size
        while at < size:
            char = text[at]
            if char == '"':
                return at + 1
            if char == "\\":
                at += 2
            elif char == "$":
                at = self.variable(at)
            elif char in "`\0":
                raise _BeyondError
            else:
                at += 1
        raise _BeyondError

    def variable(self, at: int) -> int:
        """The end of a reference to a variable; only the sign itself is passed where there is none."""
        text = self.text
        char = text[at + 1 : at + 2]
        if char == "{":
            return self.braced(at + 2)
        if char == "(":
            raise _BeyondError
        if char in _DIGITS or char not in _NAME_SIGNS:
            return at + 2 if char and char in _PARAMETERS else at + 1
        at += 2
        while text[at : at + 1] in _NAME_SIGNS:
            at += 1
        return at

    def braced(self, at: int) -> int:
        """The end of `${NAME}` or `${NAME:-value}`, from the name on."""
        text = self.text
        start = at
        while text[at : at + 1] in _NAME_SIGNS:
            at += 1
        if at == start or text[start] in _DIGITS:
            raise _BeyondError
        if text[at : at + 2] in (":-", ":+"):
            at += 2
            while text[at : at + 1] in _SAFE:
                at += 1
        if text[at : at + 1] != "}":
            raise _BeyondError
        return at + 1


_WORD_ENDS = frozenset(("", *_ENDS))
_COMMAND = PlainNode("command", 0, 0)
