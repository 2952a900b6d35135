"""Whether a file names something at all: the cheap question before a costly one, answered once a file."""

from __future__ import annotations

from dfadvise.memory import remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction


def mentions(file: Dockerfile, *texts: str) -> bool:
    """Whether any of some texts stands anywhere in a file.

    Args:
        file: The file.
        texts: What to look for, in lower case; upper case counts as lower.
    """
    memo = remembered(file)
    slot = ("mentions", texts)
    if slot not in memo:
        lower = memo.get("lower")
        if lower is None:
            lower = memo["lower"] = file.source.text.lower()
        memo[slot] = any(text in lower for text in texts)
    found: bool = memo[slot]
    return found


# What ends a word that a shell or an instruction reads; a path goes on behind its slashes.
_ENDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) in "_-./")}
_words: tuple[str, frozenset[str]] | None = None
# Of a file its text, and what `wordings` makes of it.
_distinct: list[tuple[str, str]] = []


def distinct(text: str) -> str:
    """The words of a text, each of them once and on a line of its own.

    What holds no blank stands in it when it stands in the text, and is found in a third of the time.

    Args:
        text: As `Rule.concerns` is given it; only the last two are kept.
    """
    for known, found in _distinct:
        if known is text:
            return found
    found = "\n".join(["", *{*text.split()}, ""])
    _distinct[:0] = [(text, found)]
    del _distinct[2:]
    return found


def words_in(text: str) -> frozenset[str]:
    """The words of a text, of paths their last part, without `.exe`: programs, verbs and options are among them.

    Args:
        text: As `Rule.concerns` is given it; only the last one is kept.
    """
    global _words
    if _words is None or _words[0] is not text:
        names = distinct(text).translate(_ENDS).replace(".exe", "")
        found = frozenset([word.rpartition("/")[2] for word in names.split()])
        _words = (text, found)
    return _words[1]


def is_named_behind(instruction: Instruction, name: str) -> bool:
    """Whether any later instruction of the image, or one that copies from its stage, has a text in it.

    Args:
        instruction: The instruction.
        name: The text, such as the name of a file.
    """
    stage, source = instruction.stage, instruction.file.source
    copying = (edge.instruction for other in stage.file.stages for edge in other.edges if edge.stage is stage)
    return any(name in source.slice(each.span) for each in (*stage.after(instruction), *copying))
