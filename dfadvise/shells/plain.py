"""Scripts of plain commands, read without the shell grammar: what most RUN instructions are.

Loading the grammar takes longer than everything else that a small file needs. A script that holds nothing but simple
commands, their redirections, what joins them and substitutions of the like needs no grammar; whatever else there is in
it, a reserved word, a subshell, a heredoc, leaves the whole script to the grammar.
"""

from __future__ import annotations

from dfadvise.shells.nodes import PlainNode
from dfadvise.shells.words import MARKS

# Blanks of the shell. Other white space is a part of a word there and something else for the grammar.
_BLANKS = frozenset(" \t")
_ENDS = frozenset(" \t\n;&|<>")
_WORD_ENDS = frozenset(("", *_ENDS))
# What is not just a letter of a word, outside quotes and inside; the last few are more than a plain command has.
_SIGNS = _ENDS | frozenset("'\"\\$)(`\0\r\f\v")
_QUOTED_SIGNS = frozenset('"\\$`\0')
_DECLARING = frozenset(("declare", "typeset", "export", "readonly", "local"))
_COMPARISONS = frozenset(("=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"))
_LONE = {"variable_assignment": "variable_assignments", "file_redirect": "redirected_statement"}
_UNSETTING = frozenset(("unset", "unsetenv"))
_SPECIAL = _DECLARING | _UNSETTING | {"["}
# What means something else than a program where a command begins.
_RESERVED = frozenset(
    """! [[ ]] if then elif else fi for while until do done case esac function select coproc in""".split()
)
_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
_DIGITS = frozenset("0123456789")
# What a redirection may begin with.
_REDIRECTING = _DIGITS | frozenset("<>&")
# Special parameters, and what a value without surprises is made of in `${NAME:-value}`.
_PARAMETERS = frozenset("@*#?-$!") | _DIGITS
_SAFE = _NAME_SIGNS | frozenset("./:-+,=@%")
_OPERATORS = (">>", ">&", "&>>", "&>", ">|", ">", "<")
# What assignments before a program stand in.
_COMMAND = PlainNode("command", 0, 0)
# How deep substitutions may be nested here.
_MAX_DEPTH = 8
_COMMAND_ENDS = frozenset(("", "\n", ";", "&", "&&", "||", "|", "|&"))


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
    """Reads one script from front to back; `at` is the place of the next character, `depth` that of `$(`."""

    __slots__ = ("at", "depth", "size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)
        self.at = 0
        self.depth = 0

    def script(self) -> list[PlainNode]:
        """Statements up to the end of the text, or of the substitution."""
        found: list[PlainNode] = []
        while True:
            self.skip(True)
            if self.at >= self.size or (self.depth and self.text[self.at] == ")"):
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
        return PlainNode("list", parts[0].start_byte, parts[-1].end_byte, parts)

    def operator(self) -> str:
        """Pass the operator behind a command; the end of the text is "".

        Raises:
            _BeyondError: It is none of those known here.
        """
        text, at = self.text, self.at
        sign = text[at : at + 1]
        if sign == ")" and self.depth:
            return ""
        found = text[at : at + 2] if text[at : at + 2] in ("&&", "||", "|&") else sign
        if found not in _COMMAND_ENDS or text[at + len(found) : at + len(found) + 1] in ("&", "|", ";"):
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
            elif char == "#" and (at == 0 or text[at - 1] in " \t\n;&|("):
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
        before: list[PlainNode] = []
        words: list[PlainNode] = []
        late: list[PlainNode] = []
        special = ""
        start = self.at
        end = start
        while True:
            self.skip(False)
            at = self.at
            char = self.text[at : at + 1]
            redirect = self.redirect(at) if char in _REDIRECTING else None
            if redirect is not None:
                (late if words else before).append(redirect)
                end = redirect.end_byte
                continue
            if not char or char in "\n;&|)":
                break
            if special and late:
                raise _BeyondError
            if char in _NAME_SIGNS and (not words or special in _DECLARING):
                assignment = self.assignment()
                if assignment is not None:
                    (words or before).append(assignment)
                    end = assignment.end_byte
                    continue
            word = self.word(at)
            end = word.end_byte
            text = self.text[at:end]
            if text in ("{", "}"):
                raise _BeyondError
            if not words:
                if text in _RESERVED or (char == "[" and text != "["):
                    raise _BeyondError
                if text not in _SPECIAL:
                    word = PlainNode("command_name", at, end, (word,) if word.children else ())
                elif before:
                    raise _BeyondError
                else:
                    special = text
                    word = PlainNode(text, at, end, (), False)
            words.append(word)
        if special:
            return self.redirected(self.special(special, words), late, end)
        if not words:
            return self.lone(before, start, end)
        for each in before:
            each.parent = _COMMAND
        return self.redirected(PlainNode("command", start, words[-1].end_byte, [*before, *words]), late, end)

    def lone(self, nodes: list[PlainNode], start: int, end: int) -> PlainNode:
        """Assignments or redirections without a program."""
        kinds = {node.type for node in nodes}
        if len(kinds) != 1:
            raise _BeyondError
        return PlainNode(_LONE[kinds.pop()], start, end, nodes)

    def redirected(self, node: PlainNode, redirects: list[PlainNode], end: int) -> PlainNode:
        if not redirects:
            return node
        return PlainNode("redirected_statement", node.start_byte, end, [node, *redirects], True, {"body": node})

    def special(self, program: str, words: list[PlainNode]) -> PlainNode:
        """`export`, `unset` and their like, and `[`, for which the grammar has nodes of their own."""
        kind = "unset_command" if program in _UNSETTING else "declaration_command"
        if program == "[":
            kind = "test_command"
            texts = [self.text[word.start_byte : word.end_byte] for word in words[1:]]
            if "]" not in texts or texts.index("]") < len(texts) - 1 or not _is_test(texts[:-1]):
                raise _BeyondError
        return PlainNode(kind, words[0].start_byte, words[-1].end_byte, words)

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
        target = self.word(self.at)
        children.append(target)
        if text[self.at : self.at + 1] in ("<", ">") and _DIGITS.issuperset(text[target.start_byte : self.at]):
            # `> 2> x`: the number belongs to the second, and the first has no target.
            raise _BeyondError
        return PlainNode("file_redirect", at, self.at, children)

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
        self.at = at + 1
        if text[at + 1 : at + 2] not in _WORD_ENDS:
            fields["value"] = self.word(at + 1)
        return PlainNode("variable_assignment", start, self.at, (), True, fields)

    def word(self, start: int) -> PlainNode:
        """Pass a word.

        Returns:
            Its node; with nodes for its parts where the text alone does not tell the value.

        Raises:
            _BeyondError: It is more than text, quotes, variables and substitutions.
        """
        text, size, at = self.text, self.size, start
        kind = "word"
        parts: list[PlainNode] = []
        while at < size:
            char = text[at]
            if char not in _SIGNS:
                at += 1
                continue
            if char in _ENDS or (char == ")" and self.depth):
                break
            begin = at
            if char == "'":
                at = text.find("'", at + 1) + 1
                if not at:
                    raise _BeyondError
                parts.append(PlainNode("raw_string", begin, at))
            elif char == '"':
                inside: list[PlainNode] = []
                at = self.quoted(at + 1, inside)
                parts.append(PlainNode("string", begin, at, inside))
            elif char == "\\":
                if text[at + 1 : at + 2] in ("", "\n"):
                    raise _BeyondError
                at += 2
                kind = "composite"
            elif char == "$":
                if text[at + 1 : at + 2] in ("'", '"'):
                    raise _BeyondError
                at = self.variable(at, parts)
                kind = "composite"
            else:
                raise _BeyondError
        if at == start:
            raise _BeyondError
        self.at = at
        return self.whole(start, at, kind, parts)

    def whole(self, start: int, end: int, kind: str, parts: list[PlainNode]) -> PlainNode:
        """The node of a word from those of its quotes, variables and substitutions."""
        if not parts:
            return PlainNode(kind, start, end)
        first = parts[0]
        if first.start_byte == start and first.end_byte == end:
            return first
        if not any(self.text.find(mark, start, end) >= 0 for mark in MARKS):
            return PlainNode("composite", start, end)
        pieces: list[PlainNode] = []
        at = start
        for part in parts:
            if part.start_byte > at:
                pieces.append(PlainNode("word", at, part.start_byte))
            pieces.append(part)
            at = part.end_byte
        if at < end:
            pieces.append(PlainNode("word", at, end))
        return PlainNode("concatenation", start, end, pieces)

    def quoted(self, at: int, parts: list[PlainNode]) -> int:
        """The end of a double-quoted string, behind its quote; variables and substitutions go to `parts`."""
        text, size = self.text, self.size
        while at < size:
            char = text[at]
            if char not in _QUOTED_SIGNS:
                at += 1
                continue
            if char == '"':
                return at + 1
            if char == "\\":
                at += 2
            elif char == "$":
                at = self.variable(at, parts)
            else:
                raise _BeyondError
        raise _BeyondError

    def variable(self, at: int, parts: list[PlainNode]) -> int:
        """The end of what a `$` begins, which goes to `parts`; only the sign itself is passed where that is nothing."""
        text, start = self.text, at
        char = text[at + 1 : at + 2]
        if char == "(":
            return self.substitution(at, parts)
        if char == "{":
            at = self.braced(at + 2)
            parts.append(PlainNode("expansion", start, at))
            return at
        if char in _DIGITS or char not in _NAME_SIGNS:
            if char not in _PARAMETERS:
                return at + 1
            at += 2
        else:
            at += 2
            while text[at : at + 1] in _NAME_SIGNS:
                at += 1
        parts.append(PlainNode("simple_expansion", start, at))
        return at

    def substitution(self, start: int, parts: list[PlainNode]) -> int:
        """The end of `$(...)`, whose statements become its children."""
        self.at = start + 2
        if self.depth >= _MAX_DEPTH or self.text[self.at : self.at + 1] in ("(", "<"):
            raise _BeyondError
        self.depth += 1
        inside = self.script()
        self.depth -= 1
        if not inside or self.at >= self.size:
            raise _BeyondError
        self.at += 1
        parts.append(PlainNode("command_substitution", start, self.at, inside))
        return self.at

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


def _is_test(words: list[str]) -> bool:
    """Whether words are a test of the plain kind: one operand, a sign before it or one between two."""
    if words[:1] == ["!"]:
        del words[0]
    if len(words) == 3:
        return words[1] in _COMPARISONS
    return len(words) == 1 or (len(words) == 2 and words[0][0] == "-")
