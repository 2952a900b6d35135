"""Single commands from their syntax nodes: words, assignments and redirections."""

from __future__ import annotations

from dfadvise.knowledge.programs import EMPTY
from dfadvise.shell import Redirect, Script, ShellCommand, ShellWord
from dfadvise.shells.words import WordReader
from dfadvise.shells.wrappers import unwrap
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dfadvise.shells.nodes import Node
    from dfadvise.syntax.lines import Joined

# What the grammar has nodes of their own for: assignments, `export`, `unset`, `[ ... ]`.
PLAIN = frozenset(
    ("declaration_command", "unset_command", "test_command", "variable_assignment", "variable_assignments")
)
_WORDS = frozenset(("word", "string", "raw_string", "concatenation", "simple_expansion", "number"))
# Characters of assigned values that are kept for one script.
MAX_KEPT = 1_000_000
_SEPARATORS = frozenset((";", "&", "\n"))


class CommandReader:
    """Reads the commands of one script.

    Args:
        script: The script.
        offsets: Character offsets by byte offset; None when they are the same.
        visit: Called with each command substitution.
        documents: Heredoc bodies by the place of their redirection.

    Attributes:
        certain: Whether what is assigned now is there afterwards: not in a pipeline, nor behind `||`.
    """

    __slots__ = ("assigned", "certain", "documents", "kept", "pending", "script", "words")

    def __init__(
        self,
        script: Script,
        offsets: list[int] | None,
        visit: Callable[[Node], None],
        documents: Mapping[int, Joined],
    ) -> None:
        self.script = script
        self.assigned: dict[str, str] = {}
        self.kept = 0
        self.certain = True
        # Names assigned before the command that is read.
        self.pending: frozenset[str] = EMPTY
        self.documents = documents
        self.words = WordReader(script, offsets, self.lookup, visit)

    def redirects(self, nodes: Sequence[Node], command: ShellCommand) -> None:
        """Give a command the redirections among some nodes."""
        for node in nodes:
            if node.type == "file_redirect":
                self._redirect(node, command)
            elif node.type == "heredoc_redirect":
                self._heredoc(node, command)
            elif node.type == "herestring_redirect":
                for each in node.named_children:
                    self.words.words(each)
                command.redirects.append(Redirect("<<<"))

    def _redirect(self, node: Node, command: ShellCommand) -> None:
        operator, fd, place = "", "", 0
        target: ShellWord | None = None
        for child in node.children:
            if child.type == "file_descriptor":
                start, end = self.words.bounds(child)
                fd = self.script.text[start:end]
            elif not child.is_named:
                operator = child.type
                place = self.words.bounds(child)[0]
            elif target is None:
                target = self.words.word(child)
            else:
                # The grammar takes words behind the target for more targets; they are arguments.
                command.words.extend(self.words.words(child))
        document = self.documents.get(place) if operator == "<" else None
        if document is not None:
            command.redirects.append(Redirect("<<", fd))
            command.body = document
        else:
            command.redirects.append(Redirect(operator, fd, target))

    def _heredoc(self, node: Node, command: ShellCommand) -> None:
        for child in node.children:
            if child.type == "heredoc_body":
                start, end = self.words.bounds(child)
                command.redirects.append(Redirect("<<"))
                self.words.visit_inside(child)
                command.body = self.script.joined.part(start, end)
            elif child.type == "file_redirect":
                self._redirect(child, command)
            elif child.type in _WORDS:
                command.words.extend(self.words.words(child))

    def empty(self, node: Node, contexts: tuple[str, ...]) -> ShellCommand:
        """A command at the place of a node, without words yet."""
        start, end = self.words.bounds(node)
        command = ShellCommand(self.script, start, end)
        command.contexts = contexts
        return command

    def command(self, node: Node, contexts: tuple[str, ...]) -> ShellCommand | None:
        """A simple command; None when the grammar made one up to mend the text."""
        command = self.empty(node, contexts)
        redirects: list[Node] = []
        outer, self.pending = self.pending, EMPTY
        for child in node.children:
            kind = child.type
            if kind == "variable_assignment":
                self._assignment(child, command, False)
                self.pending |= {name for name, _ in command.assignments[-1:]}
                continue
            self.pending = EMPTY
            if kind in ("file_redirect", "herestring_redirect"):
                redirects.append(child)
            elif child.is_named and kind != "comment":
                self._add(command, self.words.words(child))
        self.pending = outer
        if not command.words and not command.assignments and not redirects:
            return None
        self.redirects(redirects, command)
        unwrap(command)
        return command

    def _add(self, command: ShellCommand, words: list[ShellWord]) -> None:
        """Add words; one that touches the word before it is a part of that."""
        if words and command.words and self._touch(command.words[-1].end, words[0].start):
            before, first = command.words[-1], words.pop(0)
            raw = self.script.text[before.start : first.end]
            whole = self.words.evaluate(raw)
            partial, quoted = whole or (before.partial + first.partial, before.quoted or first.quoted)
            while command.words and command.words[-1].start == before.start:
                command.words.pop()
            while words and words[0].start == first.start:
                words.pop(0)
            merged = ShellWord(self.script, before.start, first.end, raw, partial, quoted)
            command.words.extend(self.words.split(merged))
        command.words.extend(words)

    def _touch(self, end: int, start: int) -> bool:
        """Whether nothing is between two places, or only line ends that a backslash takes away."""
        text = self.script.text
        return end == start or (text.startswith("\\\n", end) and not text[end:start].replace("\\\n", ""))

    def plain(self, node: Node, contexts: tuple[str, ...]) -> ShellCommand:
        """A command of one of the `PLAIN` nodes."""
        command = self.empty(node, contexts)
        kind = node.type
        keep = self.certain and all(context == "group" for context in contexts)
        if kind == "variable_assignment":
            self._assignment(node, command, keep)
        elif kind == "variable_assignments":
            for child in node.named_children:
                self._assignment(child, command, keep)
        elif kind == "test_command":
            opening = node.children[0]
            start, end = self.words.bounds(opening)
            command.words.append(ShellWord(self.script, start, end, opening.type, opening.type, False))
            command.program = opening.type
            self.words.visit_inside(node)
        else:
            self._declaration(node, command, keep)
            if kind == "unset_command":
                self.assigned.update((word.partial, UNKNOWN) for word in command.words[1:])
        return command

    def _declaration(self, node: Node, command: ShellCommand, keep: bool) -> None:
        for child in node.children:
            start, end = self.words.bounds(child)
            raw = self.script.text[start:end]
            if child.type == "variable_assignment":
                self._assignment(child, command, keep)
                if command.assignments:
                    name, value = command.assignments[-1]
                    raw_value = f"{name}={value.partial if value else ''}"
                    command.words.append(ShellWord(self.script, start, end, raw, raw_value, False))
            elif child.is_named and child.type != "comment":
                command.words.extend(self.words.words(child))
            elif child.type not in _SEPARATORS:
                command.words.append(ShellWord(self.script, start, end, raw, raw, False))
        command.program = command.words[0].text if command.words else None

    def _assignment(self, node: Node, command: ShellCommand, keep: bool) -> None:
        name_node = node.child_by_field_name("name")
        value_node = node.child_by_field_name("value")
        if name_node is None:
            return
        start, end = self.words.bounds(name_node)
        name = self.script.text[start:end]
        word: ShellWord | None = None
        if value_node is not None:
            begin, stop = self.words.bounds(value_node)
            raw = self.script.text[begin:stop]
            value, quoted = self.words.evaluate(raw) or self.words.value(value_node)
            word = ShellWord(self.script, begin, stop, raw, value, quoted)
        command.assignments.append((name, word))
        if keep:
            value = word.partial if word else ""
            self.kept += len(value)
            # Values that double with every command must not fill the memory.
            self.assigned[name] = value if self.kept <= MAX_KEPT else UNKNOWN
        elif node.parent is None or node.parent.type != "command":
            # In a branch, a loop or a subshell nobody knows what the variable holds afterwards.
            self.assigned[name] = UNKNOWN

    def forget(self, commands: list[ShellCommand]) -> None:
        """Commands turn out to run in the background: what they assign stays there."""
        for command in commands:
            if not command.words or command.program == "export":
                self.assigned.update((name, UNKNOWN) for name, _ in command.assignments)

    def lookup(self, name: str) -> str | None:
        """The value of a variable: assigned in the script, or in force at the instruction."""
        if name in self.pending:
            # Shells differ in `A=1 B=$A command`.
            return UNKNOWN
        value = self.assigned.get(name)
        if value is not None:
            return value
        if not name or not (name[0].isalpha() or name[0] == "_"):
            return UNKNOWN
        instruction = self.script.instruction
        return instruction.stage.lookup(name, instruction)
