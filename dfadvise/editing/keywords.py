"""New keywords in the case that a file writes its own in."""

from __future__ import annotations

from dfadvise.memory import remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import From


def keyword(name: str, file: Dockerfile) -> str:
    """A keyword as a file writes most of its own.

    Args:
        name: The keyword in upper case, alone or with the rest of its line behind it.
        file: The file that it goes into.
    """
    first, blank, rest = name.partition(" ")
    return (first.lower() if is_lower(file) else first) + blank + rest


def as_behind(from_: From) -> str:
    """The AS that names a stage, in the case of its FROM, which is what BuildKit holds it against."""
    return "as" if from_.name.islower() else "AS"


def is_lower(file: Dockerfile) -> bool:
    """Whether more keywords are in lower than in upper case, among those of the stages, as BuildKit counts."""
    memo = remembered(file)
    if "lower case" not in memo:
        memo["lower case"] = _is_lower(file)
    return bool(memo["lower case"])


def _is_lower(file: Dockerfile) -> bool:
    lower = upper = 0
    for stage in file.stages or [file.preamble]:
        for instruction in stage.instructions:
            if instruction.name.islower():
                lower += 1
            elif instruction.name.isupper():
                upper += 1
    return lower > upper
