"""A walk over the shell's syntax tree: which commands there are, how they are joined, what they stand in."""

from __future__ import annotations

from dfadvise.knowledge.programs import SHELLS
from dfadvise.shell import Item, Script, ShellCommand, ShellWord
from dfadvise.shells import plain
from dfadvise.shells.commands import PLAIN, CommandReader
from dfadvise.shells.leaves import Leaf, leaves_of
from dfadvise.shells.wrappers import found_commands, shell_text, unwrap
from dfadvise.syntax.lines import Joined, Pinned
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dfadvise.shells.nodes import Node

    # The first and the last command of a part, at its own level.
    Ends = tuple[ShellCommand, ShellCommand] | None

_MAX_DEPTH = 60
_MAX_NESTED = 3
_SEPARATORS = frozenset((";", "&", ";;", "\n", ";&", ";;&"))
_CONSTRUCTS = {
    "if_statement": "if",
    "while_statement": "while",
    "for_statement": "for",
    "c_style_for_statement": "for",
    "case_statement": "case",
    "function_definition": "function",
    "subshell": "subshell",
    "compound_statement": "group",
    "negated_command": "negated",
}


class Walker:
    """Fills a script with its commands.

    Args:
        script: The script.
        options: Options of the shell that runs it.
        depth: How many `sh -c` it stands in.
        documents: Heredoc bodies by the place of their redirection.
    """

    __slots__ = ("contexts", "depth", "documents", "errexit", "nesting", "reader", "script")

    def __init__(
        self,
        script: Script,
        options: frozenset[str],
        depth: int,
        documents: Mapping[int, Joined] | None = None,
    ) -> None:
        self.script = script
        self.depth = depth
        self.nesting = 0
        self.contexts: tuple[str, ...] = ()
        self.errexit = "errexit" in options
        self.documents = documents or {}
        self.reader: CommandReader

    def walk(self) -> None:
        """Read the whole script; one that needs the grammar is opaque where that is missing."""
        text = self.script.text
        statements = plain.statements(text)
        if statements is not None:
            self.script.plain = True
            self.reader = CommandReader(self.script, None, self.substitution, self.documents)
            self.sequence(statements, (), True)
            return
        # Loading it takes longer than all else that a small file needs.
        from dfadvise.shells import grammar

        # The grammar takes quadratic time over many `[ a == b ]`; for it one sign is as good as two.
        data = text.replace(" == ", " =  ").encode("utf-8", "surrogateescape")
        root = grammar.parse(data)
        if root is None:
            self.script.opaque = True
            return
        offsets = None if len(data) == len(text) else _offsets(text)
        self.reader = CommandReader(self.script, offsets, self.substitution, self.documents)
        if root.has_error:
            self.script.opaque = True
        self.sequence(root.children, (), True)

    def substitution(self, node: Node) -> None:
        """Read the commands of `$(...)`."""
        outer = self.contexts
        self.sequence(node.children, (*outer, "substitution"), False)
        self.contexts = outer

    def sequence(self, nodes: Sequence[Node], contexts: tuple[str, ...], top: bool) -> Ends:
        """Read statements that follow each other."""
        before = ""
        first: ShellCommand | None = None
        last: ShellCommand | None = None
        item: Item | None = None
        known = 0
        for node in nodes:
            kind = node.type
            if kind in _SEPARATORS:
                if kind == "&":
                    self.reader.forget(self.script.commands[known:])
                before = "&" if kind == "&" else ";"
                if last is not None:
                    last.after = before
                if item is not None:
                    item.after = before
                continue
            if not node.is_named or kind == "comment":
                continue
            if not before and (last is not None or item is not None):
                before = ";"
                if last is not None:
                    last.after = ";"
                if item is not None:
                    item.after = ";"
            known = len(self.script.commands)
            ends, new_item = self.statement(node, contexts, top, before)
            item = new_item or item
            if ends is not None:
                first = first or ends[0]
                last = ends[1]
            before = ""
        return None if first is None or last is None else (first, last)

    def statement(self, node: Node, contexts: tuple[str, ...], top: bool, before: str) -> tuple[Ends, Item | None]:
        """Read one statement: pipelines joined by `&&` and `||`; at the top level each is an item."""
        leaves = leaves_of(node, before)
        first: ShellCommand | None = None
        last: ShellCommand | None = None
        item: Item | None = None
        at = 0
        while at < len(leaves):
            stop = at + 1
            while stop < len(leaves) and leaves[stop].operator in ("|", "|&"):
                stop += 1
            operator = leaves[at].operator
            following = leaves[stop].operator if stop < len(leaves) else ""
            inner = contexts
            if stop - at > 1 or leaves[at].node.type in _CONSTRUCTS:
                # For the commands within, `before` and `after` do not tell that the whole is guarded.
                inner += (("or-branch",) if operator == "||" else ()) + (("or-guarded",) if following == "||" else ())
            if top:
                if item is not None:
                    item.after = operator
                item = self.new_item(leaves[at:stop], operator)
            ends = self.pipeline(leaves[at:stop], inner, operator)
            if ends is not None:
                if last is not None:
                    last.after = operator
                first = first or ends[0]
                last = ends[1]
            at = stop
        return (None if first is None or last is None else (first, last)), item

    def new_item(self, leaves: list[Leaf], operator: str) -> Item:
        start = self.reader.words.bounds(leaves[0].node)[0]
        end = self.reader.words.bounds(leaves[-1].node)[1]
        for redirect in leaves[-1].redirects:
            end = max(end, self.reader.words.bounds(redirect)[1])
        kind = "pipeline" if len(leaves) > 1 else _kind_of(leaves[0].node)
        item = Item(start, end, operator, kind)
        self.script.items.append(item)
        return item

    def pipeline(self, leaves: list[Leaf], contexts: tuple[str, ...], before: str) -> Ends:
        first: ShellCommand | None = None
        last: ShellCommand | None = None
        certain = self.reader.certain
        self.reader.certain = certain and len(leaves) == 1 and before != "||"
        for leaf in leaves:
            ends = self.leaf(leaf, contexts)
            if ends is None:
                continue
            if first is None:
                first = ends[0]
                first.before = before
            else:
                ends[0].before = leaf.operator
                ends[0].pipe_from = last
                if last is not None:
                    last.after = leaf.operator
            last = ends[1]
        self.reader.certain = certain
        return None if first is None or last is None else (first, last)

    def leaf(self, leaf: Leaf, contexts: tuple[str, ...]) -> Ends:
        self.nesting += 1
        try:
            if self.nesting > _MAX_DEPTH:
                self.script.opaque = True
                return None
            ends = self.node(leaf.node, contexts)
            if leaf.redirects and ends is not None:
                self.redirects(leaf.redirects, ends[1])
                if leaf.node.type == "command" or leaf.node.type in PLAIN:
                    ends[1].end = max(ends[1].end, *(self.reader.words.bounds(node)[1] for node in leaf.redirects))
            return ends
        finally:
            self.nesting -= 1

    def node(self, node: Node, contexts: tuple[str, ...]) -> Ends:
        kind = node.type
        if kind == "command" or kind in PLAIN:
            self.contexts = contexts
            read = self.reader.command if kind == "command" else self.reader.plain
            command = read(node, contexts)
            if command is None:
                return None
            self.finish(command)
            return command, command
        if kind == "redirected_statement":
            return self.redirected(node, contexts)
        if kind == "ERROR":
            self.script.opaque = True
            return None
        if kind in _CONSTRUCTS:
            return self.construct(node, contexts)
        return self.sequence(node.children, contexts, False) if node.is_named else None

    def construct(self, node: Node, contexts: tuple[str, ...]) -> Ends:
        kind = node.type
        if kind == "negated_command":
            return self.sequence(node.children[1:], (*contexts, "negated"), False)
        if kind in ("subshell", "compound_statement"):
            return self.sequence(node.children, (*contexts, _CONSTRUCTS[kind]), False)
        if kind in ("if_statement", "while_statement"):
            return self.conditional(node, contexts)
        if kind == "case_statement":
            return self.case(node, contexts)
        if kind == "function_definition":
            body = node.child_by_field_name("body")
            return None if body is None else self.sequence([body], (*contexts, "function"), False)
        return self.loop(node, contexts)

    def conditional(self, node: Node, contexts: tuple[str, ...]) -> Ends:
        what = "if" if node.type in ("if_statement", "elif_clause") else "loop"
        context = (*contexts, what + "-condition")
        body = (*contexts, "if-body" if what == "if" else "loop")
        run: list[Node] = []
        ends: list[ShellCommand] = []
        for child in [*node.children, None]:
            kind = child.type if child is not None else ""
            boundary = child is None or kind in ("then", "do_group", "elif_clause", "else_clause", "fi")
            if not boundary:
                assert child is not None
                if kind not in ("if", "while", "until", "elif"):
                    run.append(child)
                continue
            found = self.sequence(run, context, False)
            ends.extend(found or ())
            run = []
            if child is None:
                break
            if kind in ("then", "do_group"):
                context = body
            if kind == "elif_clause":
                ends.extend(self.conditional(child, contexts) or ())
            elif kind in ("do_group", "else_clause"):
                ends.extend(self.sequence(child.children, body, False) or ())
        return (ends[0], ends[-1]) if ends else None

    def case(self, node: Node, contexts: tuple[str, ...]) -> Ends:
        ends: list[ShellCommand] = []
        for child in node.named_children:
            if child.type == "case_item":
                parts = child.children
                behind = 1 + next((at for at, part in enumerate(parts) if part.type == ")"), -1)
                ends.extend(self.sequence(parts[behind:], (*contexts, "case"), False) or ())
            else:
                self.reader.words.words(child)
        return (ends[0], ends[-1]) if ends else None

    def loop(self, node: Node, contexts: tuple[str, ...]) -> Ends:
        variable = node.child_by_field_name("variable")
        if variable is not None:
            start, end = self.reader.words.bounds(variable)
            self.reader.assigned[self.script.text[start:end]] = UNKNOWN
        ends: Ends = None
        for child in node.named_children:
            if child.type in ("do_group", "compound_statement"):
                ends = self.sequence(child.children, (*contexts, "loop"), False)
            elif child.type not in ("variable_name", "comment"):
                self.reader.words.words(child)
        return ends

    def redirected(self, node: Node, contexts: tuple[str, ...]) -> Ends:
        body = node.child_by_field_name("body")
        ends = self.node(body, contexts) if body is not None else None
        if ends is None:
            command = self.reader.empty(node, contexts)
            self.reader.redirects(node.children, command)
            unwrap(command)
            self.finish(command)
            return command, command
        if body is not None and (body.type == "command" or body.type in PLAIN):
            start, end = self.reader.words.bounds(node)
            ends[1].start = min(ends[1].start, start)
            if not any(child.type == "heredoc_redirect" for child in node.children):
                ends[1].end = max(ends[1].end, end)
        self.redirects(node.children, ends[1])
        return ends

    def redirects(self, nodes: Sequence[Node], command: ShellCommand) -> None:
        before = command.body
        self.reader.redirects(nodes, command)
        if command.body is not before:
            self.read_document(command)

    def read_document(self, command: ShellCommand) -> None:
        """A shell reads its heredoc as a script."""
        if command.body is None or command.program not in SHELLS or command.operands:
            return
        if shell_text(command) is None:
            options = frozenset(("errexit",)) if command.has_flag("-e") else frozenset()
            self.nest(command, command.body, options)

    def finish(self, command: ShellCommand) -> None:
        """Add a command, with what it runs in turn."""
        script = self.script
        command.item = max(0, len(script.items) - 1)
        command.errexit = self.errexit
        if command.program == "set" and command.is_simple:
            self.errexit = _errexit(command, self.errexit)
        elif command.program in ("read", "getopts"):
            for word in command.operands:
                self.reader.assigned[word.partial] = UNKNOWN
        self.add([command])
        self.read_document(command)
        handed = shell_text(command)
        if handed is not None:
            self.nest_word(command, *handed)
        for start, end in found_commands(command):
            inner = ShellCommand(script, command.words[start].start, command.words[end - 1].end)
            inner.words = command.words[start:end]
            inner.contexts = (*command.contexts, "find")
            inner.parent = command
            unwrap(inner)
            self.finish(inner)

    def add(self, commands: list[ShellCommand]) -> None:
        self.script.commands.extend(commands)
        if self.script.items:
            self.script.items[-1].commands.extend(commands)

    def nest_word(self, command: ShellCommand, word: ShellWord, options: frozenset[str]) -> None:
        text = word.text
        if text is None:
            # What it runs is made while building; the command itself is there to see.
            return
        at = self.script.text.find(text, word.start, word.end)
        if at < 0:
            self.nest(command, Pinned(text, word.span), options)
        else:
            self.nest(command, self.script.joined.part(at, at + len(text)), options)

    def nest(self, command: ShellCommand, joined: Joined, options: frozenset[str]) -> None:
        if self.depth >= _MAX_NESTED:
            self.script.opaque = True
            return
        dialect = command.program if command.program in SHELLS else self.script.dialect
        if dialect is None or dialect not in SHELLS:
            dialect = "sh"
        nested = Script(self.script.instruction, joined, dialect, "nested")
        nested.options = options
        Walker(nested, options, self.depth + 1).walk()
        if nested.opaque:
            self.script.opaque = True
        for each in nested.commands:
            each.parent = each.parent or command
            each.contexts = (*command.contexts, *each.contexts)
            each.wrappers = (*command.wrappers, command.program or "", *each.wrappers)
            each.wrapper_words = [*command.wrapper_words, *command.words[:1], *each.wrapper_words]
        self.add(nested.commands)


def _kind_of(node: Node) -> str:
    kind = node.type
    if kind == "redirected_statement":
        body = node.child_by_field_name("body")
        kind = body.type if body is not None else "command"
    if kind in ("command", "pipeline"):
        return str(kind)
    if kind in PLAIN:
        return "command"
    return _CONSTRUCTS.get(kind, str(kind))


def _errexit(command: ShellCommand, state: bool) -> bool:
    words = [word.partial for word in command.words[1:]]
    for place, text in enumerate(words):
        if text in ("-o", "+o") and words[place + 1 : place + 2] == ["errexit"]:
            state = text == "-o"
        elif text[:1] in ("-", "+") and text[1:].isalpha():
            if "e" in text[1:]:
                state = text[0] == "-"
            if text[-1] == "o" and words[place + 1 : place + 2] == ["errexit"]:
                state = text[0] == "-"
    return state


def _offsets(text: str) -> list[int]:
    """The character offset of each byte offset."""
    offsets: list[int] = []
    for place, char in enumerate(text):
        offsets.extend([place] * len(char.encode("utf-8", "surrogateescape")))
    offsets.append(len(text))
    return offsets
