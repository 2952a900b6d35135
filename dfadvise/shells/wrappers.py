"""What really runs: the command behind sudo, env, xargs, `sh -c`, `find -exec` and their like."""

from __future__ import annotations

from dfadvise.knowledge.programs import EMPTY, SHELLS, WRAPPERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand, ShellWord


def base_name(word: ShellWord) -> str | None:
    """The program a word names: its last path part; None when that is not known."""
    name = word.partial.rpartition("/")[2]
    if name.endswith(".exe"):
        name = name[:-4]
    return None if "\x00" in name or not name else name


def unwrap(command: ShellCommand) -> None:
    """Set the program of a command, and strip what only runs it."""
    for _ in range(12):
        if not command.words:
            command.program = None
            return
        command.program = base_name(command.words[0])
        inner = _inner_start(command)
        if inner is None:
            return
        assert command.program is not None
        command.wrappers += (command.program,)
        command.wrapper_words.append(command.words[0])
        command.words = command.words[inner:]


def _inner_start(command: ShellCommand) -> int | None:
    """The index of the word at which the wrapped command starts; None when nothing is wrapped."""
    program, words = command.program, command.words
    if program == "busybox":
        return 1 if len(words) > 1 and not words[1].is_flag else None
    if program == "runuser" or program == "su":
        return _after_double_dash(words) if program == "runuser" else None
    known = WRAPPERS.get(program or "")
    if known is None:
        return None
    operands, valued = known
    at = 1
    while at < len(words):
        text = words[at].partial
        if text == "--":
            at += 1
            break
        if words[at].is_flag:
            if program == "command" and text[1:2] in ("v", "V"):
                return None
            if program == "env" and text in ("-S", "--split-string"):
                return None
            at += 2 if text in valued else 1
            continue
        if program in ("sudo", "doas", "env", "time") and _is_assignment(text):
            name = text.partition("=")[0]
            command.assignments.append((name, _value_word(words[at], len(name) + 1)))
            at += 1
            continue
        if operands:
            operands -= 1
            at += 1
            continue
        break
    return at if at < len(words) and not operands else None


def _after_double_dash(words: list[ShellWord]) -> int | None:
    for place, word in enumerate(words):
        if word.partial == "--":
            return place + 1 if place + 1 < len(words) else None
    return None


def _is_assignment(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[0].isdigit()


def _value_word(word: ShellWord, cut: int) -> ShellWord:
    from dfadvise.shell import ShellWord as Word

    start = min(word.start + cut, word.end)
    return Word(word.script, start, word.end, word.raw[cut:], word.partial[cut:], word.quoted)


def shell_text(command: ShellCommand) -> tuple[ShellWord, frozenset[str]] | None:
    """The text that a command hands to a shell: `sh -ec TEXT`, `su -c TEXT`, `eval TEXT`.

    Args:
        command: A command whose wrappers are stripped.

    Returns:
        The word with the text and the options by long name; None when the command runs no text.
    """
    program, words = command.program, command.words
    if program == "eval":
        return (words[1], EMPTY) if len(words) == 2 else None
    if program == "su":
        for place, word in enumerate(words[:-1]):
            if word.partial in ("-c", "--command"):
                return words[place + 1], EMPTY
        return None
    if program not in SHELLS:
        return None
    options = set()
    at = 1
    while at < len(words) and words[at].partial[:1] in ("-", "+"):
        text = words[at].partial
        if text in ("-o", "+o") and at + 1 < len(words):
            options.add(words[at + 1].partial)
            at += 2
            continue
        if not text.startswith("--"):
            if "e" in text:
                options.add("errexit")
            if "c" in text:
                at += 1
                # `bash -co pipefail TEXT` and `bash -c -e TEXT` are legal too.
                if "o" in text and at < len(words):
                    options.add(words[at].partial)
                    at += 1
                while at < len(words) - 1 and words[at].partial in ("-e", "-x", "-u", "-l", "--"):
                    if words[at].partial == "-e":
                        options.add("errexit")
                    at += 1
                return (words[at], frozenset(options)) if at < len(words) else None
            if "o" in text and at + 1 < len(words):
                options.add(words[at + 1].partial)
                at += 1
        at += 1
    return None


def found_commands(command: ShellCommand) -> list[tuple[int, int]]:
    """Ranges of words that `find -exec` and its like run."""
    if command.program != "find":
        return []
    found: list[tuple[int, int]] = []
    words = command.words
    at = 0
    while at < len(words):
        if words[at].partial in ("-exec", "-execdir", "-ok", "-okdir"):
            start = at + 1
            while at < len(words) and words[at].partial not in (";", "+"):
                at += 1
            if start < at:
                found.append((start, at))
        at += 1
    return found
