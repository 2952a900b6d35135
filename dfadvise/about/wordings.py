"""The text of a file in every way that its words are read: what rules look through before they are asked."""

from __future__ import annotations

from dfadvise.syntax.instructions import Commanding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile

# Characters of the values of words that rules look through beforehand: of all, and of one. No name of a program or
# option is longer, and values that double with every line grow without end.
_MOST_WORTH, _LONGEST_WORTH = 2_000_000, 4_096
# What a word may hold and mean nothing by.
_QUOTING = str.maketrans("", "", "\"'\\`")


def every_wording(file: Dockerfile) -> str:
    """The text of a file, and its words as they are read.

    They are joined over continuations and without quotes and escapes; those that are put together from variables are
    there as what they are worth.

    Args:
        file: The file.
    """
    text = file.source.text
    texts = read = [text]
    if "\\" in text or file.escape in text:
        read = []
        for instruction in file.instructions:
            read.append(instruction.keyword)
            read += (flag.text for flag in instruction.flags)
            read.append(instruction.body.text)
        if "<<" in text:
            read += (text.replace("\\\n", ""), text.replace("\\\r\n", ""))  # a shell joins those of a heredoc
        texts = [text, *read]
    # A word may come from outside the file.
    outside = list(file.build_args.values())
    worth: list[str] = []
    left = _MOST_WORTH
    for each in _worths(file) if "$" in text or "\\" in text else ():
        worth.append(each)
        left -= len(each)
        if left < 0:
            break
    return "\n".join([*texts, *outside, *worth, "\n".join([*read, *outside]).translate(_QUOTING)])


def _worths(file: Dockerfile) -> Iterator[str]:
    """What the words are worth of the instructions that spell any in pieces: by variables, or by a string's escapes."""
    known = set(file.global_args).union(*(each.environment.variables for each in (file.preamble, *file.stages)))
    for instruction in file.walk():
        body = instruction.body.text
        if instruction.heredocs:
            body = "\n".join([body, *(heredoc.content for heredoc in instruction.heredocs)])
        if instruction.form == "exec" and "\\" in body:
            yield from (word.text for word in instruction.args)
        elif "$" not in body or not _is_pieced(body, known):
            continue
        if isinstance(instruction, Commanding):
            for command in instruction.all_commands():
                yield " ".join([_worth(word.partial) for word in (*command.wrapper_words, *command.words)])
                yield from (_worth(word.partial) for _, word in command.assignments if word is not None)
                yield from (_worth(each.target.partial) for each in command.redirects if each.target is not None)
        elif instruction.keyword == "FROM":
            yield instruction.stage.image.text if instruction.stage.image is not None else ""
        else:
            yield from (_worth(instruction.stage.expand_partly(word.text, instruction)) for word in instruction.args)


def _worth(value: str | None) -> str:
    return (value or "")[:_LONGEST_WORTH]


def _is_pieced(text: str, known: set[str]) -> bool:
    """Whether any part of a word may come from a variable whose value is known."""
    if "$'" in text or '$"' in text:
        return True
    assigned = {_name_at_end(part) for part in text.split("=")[:-1]}
    at = text.find("$")
    while at >= 0:
        braced = text.startswith("{", at + 1)
        start = end = at + 1 + braced
        while text[end : end + 1].isalnum() or text[end : end + 1] == "_":
            end += 1
        name = text[start:end]
        if braced and name and not text.startswith("}", end):
            return True
        if name and (name in known or name in assigned):
            before, behind = at - 1, end + braced
            while before >= 0 and text[before] in "\"'":
                before -= 1
            while text[behind : behind + 1] in ('"', "'"):
                behind += 1
            around = text[max(0, before) : at] + text[end + braced : behind + 1]
            if around.strip(" \t\r\n;&|()<>\"'"):
                return True
        at = text.find("$", at + 1)
    return False


def _name_at_end(text: str) -> str:
    at = len(text)
    while at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at -= 1
    return text[at:]
