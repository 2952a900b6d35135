"""`dfadvise parse`: one JSON object a file, as BuildKit's parser sees it."""

from __future__ import annotations

from dfadvise.commands.output import OutputError, complain, write
from dfadvise.commands.pool import jobs_for
from dfadvise.commands.pool import run as run_all
from dfadvise.report.dump import dump
from dfadvise.runner import read, reason_of
from dfadvise.runner import search as search_files
from dfadvise.source import Source
from dfadvise.syntax.instructions import Healthcheck, Onbuild, Unknown
from dfadvise.syntax.tokenizer import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.discovery import Found
    from dfadvise.syntax.instructions import Instruction


class Parsing:
    """Parses one file at a time.

    Args:
        arguments: The command line.
    """

    __slots__ = ("arguments",)

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments

    def run(self, found: Found) -> tuple[str | None, str]:
        """What went wrong (or None), and the line for the file."""
        try:
            return None, dump(record(Source.from_bytes(read(found), found.reported)))
        except Exception as problem:
            return self.failed(found, reason_of(problem))

    def failed(self, found: Found, reason: str) -> tuple[str | None, str]:
        """The result for a file that could not be read."""
        return f"{found.reported}: {reason}", ""


def run(arguments: Arguments) -> int:
    """Parse files and print what they hold.

    Returns:
        The exit status.
    """
    files, problems, notes = search_files(arguments)
    work = Parsing(arguments)
    errors = [f"{path}: {message}" for path, message in problems]
    try:
        for problem, line in run_all(work, files, jobs_for(arguments, len(files))):
            if problem is not None:
                errors.append(problem)
            write(line)
    except OutputError as problem:
        errors.append(str(problem))
    for text in (*notes, *errors):
        complain(text)
    return 2 if errors else 0


def record(source: Source) -> dict[str, object]:
    """A file as the object that is printed for it; see the machine-readable contract in docs."""
    tree = parse(source)
    return {
        "path": source.path,
        "escape": tree.escape,
        "errors": [{"line": problem.line, "message": problem.message} for problem in tree.problems],
        "instructions": [_instruction(instruction) for instruction in tree.instructions],
    }


def _instruction(instruction: Instruction) -> dict[str, object]:
    return {
        "keyword": instruction.keyword,
        "line": instruction.line,
        "end_line": instruction.end_line,
        "flags": [flag.text for flag in instruction.flags],
        "form": instruction.form,
        "args": _arguments(instruction),
        "heredocs": [
            {
                "name": heredoc.name,
                "content": heredoc.content,
                "expand": heredoc.expand,
                "chomp": heredoc.chomp,
            }
            for heredoc in instruction.innermost.heredocs
        ],
    }


def _arguments(instruction: Instruction) -> list[str]:
    words = [word.text for word in instruction.args]
    if isinstance(instruction, Unknown):
        # BuildKit reads nothing behind a keyword that it does not know.
        return [""]
    if isinstance(instruction, Healthcheck):
        return [instruction.kind, *words]
    if isinstance(instruction, Onbuild):
        return [instruction.body.text]
    return words
