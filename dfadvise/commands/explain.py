"""`dfadvise explain`: a rule's documentation, found by any of its names."""

from __future__ import annotations

from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, complain, write
from dfadvise.commands.rules import listing, load
from dfadvise.docs import by_family, plain
from dfadvise.report.common import printable_lines
from dfadvise.selection import CODE, RULE, Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments


def run(arguments: Arguments) -> int:
    """Explain the rules that are named, by id, foreign code or family.

    Returns:
        The exit status.
    """
    rules, problems = load(arguments)
    vocabulary = Vocabulary(rules)
    parts: list[str] = []
    for name in arguments.operands:
        resolved = vocabulary.resolve(name)
        if resolved is None:
            problems.append(f"unknown rule `{name}`{vocabulary.suggest(name)}")
            continue
        narrow, found = resolved
        if narrow in (RULE, CODE):
            parts += [plain(rule) for rule in found]
        else:
            parts += [listing(members) for members in by_family(found).values()]
    try:
        write("\n".join(printable_lines(part) for part in parts))
    except OutputError as problem:
        problems.append(str(problem))
    if problems and not parts:
        raise UsageError("; ".join(problems))
    for line in problems:
        complain(line)
    return 2 if problems else 0
