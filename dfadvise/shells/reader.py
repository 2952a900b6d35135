"""From the text of an instruction to its scripts: a walk over the shell's syntax tree."""

from __future__ import annotations

from dfadvise.knowledge.programs import SHELLS
from dfadvise.shell import Item, Script, ShellCommand, ShellWord
from dfadvise.shells.walker import Walker
from dfadvise.shells.wrappers import unwrap
from dfadvise.syntax.instructions import Healthcheck
from dfadvise.syntax.lines import Joined, concat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.heredocs import Heredoc
    from dfadvise.syntax.instructions import Instruction


# Words that end or go on with what another word has begun.
_CLOSING = frozenset(("then", "else", "elif", "fi", "do", "done", "esac"))


def read_scripts(instruction: Instruction) -> list[Script]:
    """The scripts of a RUN, CMD, ENTRYPOINT or HEALTHCHECK."""
    if isinstance(instruction, Healthcheck) and instruction.kind != "CMD":
        return []
    if not instruction.args:
        return []
    if instruction.form == "exec":
        return [_exec_script(instruction)]
    # Asked here and not above: what is known of bases stands on this module.
    from dfadvise.shells.interpreters import shell_in_force

    dialect, options = shell_in_force(instruction)
    heredocs = instruction.heredocs
    text = instruction.args[0].text
    body = instruction.body
    start = len(body.text) - len(text)
    joined = body.part(start, len(body.text)) if start else body
    if not heredocs:
        return [_read(Script(instruction, joined, dialect, "shell"), options)]
    if len(heredocs) == 1 and text == heredocs[0].word_text:
        joined = _document(instruction, heredocs[0])
        first = joined.text.partition("\n")[0]
        if first.startswith("#!"):
            dialect = _shebang(first)
            options = frozenset(("errexit",)) if " -e" in first else frozenset()
        return [_read(Script(instruction, joined, dialect, "heredoc"), options)]
    return [_line_with_documents(instruction, joined, dialect, options)]


def _line_with_documents(instruction: Instruction, joined: Joined, dialect: str, options: frozenset[str]) -> Script:
    """The script of a line with heredocs.

    The bodies stay out of the text, and each `<<NAME` becomes a plain redirection of the same length: the
    grammar knows neither two documents on one line nor one before the program.
    """
    text = list(joined.text)
    documents: dict[int, Joined] = {}
    at = 0
    for heredoc in instruction.heredocs:
        start = joined.text.find(heredoc.word_text, at)
        at = start + len(heredoc.word_text)
        operator = joined.text.index("<<", start)
        text[operator:at] = "<" + "_" * (at - operator - 1)
        documents[operator] = _document(instruction, heredoc)
    line = Joined("".join(text), joined.at, joined.origin)
    while 0 in documents and line.text.strip("<_ "):
        # The program comes first for the grammar: `<<EOF bash` is read as `bash <<EOF`.
        end = line.text.index("_") if "_" in line.text[:2] else 1
        while line.text[end : end + 1] == "_":
            end += 1
        rest = line.part(end, len(line.text))
        moved = [*_pieces(rest), (" ", line.locate(end - 1)), *_pieces(line.part(0, end))]
        first = documents.pop(0)
        blanks = len(rest.text) - len(rest.text.lstrip())
        line = concat(moved)
        documents = {at - end: document for at, document in documents.items()}
        documents[len(rest.text) + 1] = first
        if blanks:
            line = line.part(blanks, len(line.text))
            documents = {at - blanks: document for at, document in documents.items()}
    script = Script(instruction, line, dialect, "shell")
    script.options = options
    if dialect not in SHELLS:
        script.opaque = True
        return script
    Walker(script, options, 0, documents).walk()
    return script


def _pieces(joined: Joined) -> list[tuple[str, int]]:
    ends = [*joined.at[1:], len(joined.text)]
    return [(joined.text[at:end], start) for at, end, start in zip(joined.at, ends, joined.origin, strict=True)]


def _document(instruction: Instruction, heredoc: Heredoc) -> Joined:
    start = heredoc.body_span.start
    if not heredoc.chomp:
        return Joined(heredoc.content, [0], [start])
    pieces = []
    for line in heredoc.content.splitlines(keepends=True):
        stripped = line.lstrip("\t")
        pieces.append((stripped, start + len(line) - len(stripped)))
        start += len(line)
    return concat(pieces) if pieces else Joined("", [0], [start])


def _shebang(line: str) -> str:
    words = line[2:].split()
    if words and words[0].rpartition("/")[2] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0].rpartition("/")[2] if words else "sh"


def _exec_script(instruction: Instruction) -> Script:
    args = instruction.args
    script = Script(instruction, instruction.body, "exec", "exec")
    command = ShellCommand(script, 0, len(instruction.body.text))
    at = 0
    text = instruction.body.text
    for word in args:
        start = text.find('"', at)
        end = _json_end(text, start)
        command.words.append(ShellWord(script, start, end, text[start:end], word.text, True))
        at = end
    if not command.words:
        return script
    item = Item(command.words[0].start, command.words[-1].end, "", "command")
    command.start, command.end = item.start, item.end
    script.items.append(item)
    unwrap(command)
    Walker(script, frozenset(), 0).finish(command)
    return script


def _json_end(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _read(script: Script, options: frozenset[str]) -> Script:
    script.options = options
    if script.dialect not in SHELLS:
        script.opaque = True
        return script
    Walker(script, options, 0).walk()
    if any(command.words and command.words[0].raw in _CLOSING for command in script.commands):
        script.opaque = True  # no shell takes it; the grammar does, as the name of a program
    return script
