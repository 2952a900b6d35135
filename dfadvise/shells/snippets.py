"""The shell texts of a file as a shell checker wants them: whole scripts, known variables set, with the way back.

A script starts with a shebang for its dialect; then the names that ARG, ENV and the builder itself set are
exported, so that they count as known. What is no shell (PowerShell, cmd, python in a heredoc) is left out.
"""

from __future__ import annotations

from bisect import bisect_left

from dfadvise.knowledge.frontend import PREDEFINED_ARGS
from dfadvise.knowledge.programs import SHELLS
from dfadvise.shells.interpreters import dialect_of
from dfadvise.source import Span
from dfadvise.syntax.instructions import Arg, Commanding, Env, Onbuild, Run
from dfadvise.syntax.lines import Joined, concat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

# The shebang's program by dialect; zsh is not checked by anybody.
_PROGRAMS = {"sh": "sh", "bash": "bash", "dash": "dash", "ash": "ash", "ksh": "ksh", "mksh": "ksh"}
_NO_NAME = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


class Snippet:
    """A script to check.

    Attributes:
        script: The script of the shell model that it is made from.
        text: What to check: shebang, comments at its top, exports, the script itself.
    """

    __slots__ = ("_added", "_cut", "_head", "_joined", "_starts", "script", "text")

    def __init__(self, script: Script, joined: Joined, shebang: str, names: list[str]) -> None:
        body = joined.text
        self.script = script
        self._joined = joined
        self._head = len(shebang)
        self._cut = _top(body)
        exports = "".join(f"export {name}=1\n" for name in names)
        self._added = len(exports)
        self.text = shebang + body[: self._cut] + exports + body[self._cut :]
        self._starts: list[int] | None = None

    def place(self, line: int, column: int) -> int | None:
        """The offset in the script of a line and column of the text.

        Args:
            line: Counted from 1.
            column: Counted from 1, in characters.

        Returns:
            None for a place before the script or in the exports.
        """
        if self._starts is None:
            starts, at = [0], 0
            while (at := self.text.find("\n", at) + 1) > 0:
                starts.append(at)
            self._starts = starts
        if line > len(self._starts):
            return len(self._joined.text)
        at = min(self._starts[line - 1] + column - 1, len(self.text)) - self._head
        if at >= self._cut:
            at -= self._added
            return at if at >= self._cut else None
        return at if at >= 0 else None

    def span(self, start: int, end: int) -> Span:
        """A range of the script in the file; an empty one becomes the character at its place."""
        size = len(self._joined.text)
        start = max(0, min(start, size - 1))
        return self._joined.span(start, max(start + 1, min(end, size)))

    def insertion(self, at: int, behind: bool) -> Span:
        """Where to insert in the file: right behind the character before a place, or right before the one there."""
        where = self._joined.locate(at - 1) + 1 if behind and at else self._joined.locate(at)
        return Span(where, where)

    def is_contiguous(self, start: int, end: int) -> bool:
        """Whether a range of the script stands in the file without a break."""
        return self._joined.is_contiguous(start, end)


def _top(body: str) -> int:
    """The length of the comment lines at the top; a directive there holds for the whole script only in that place."""
    at = 0
    while body.startswith("#", at):
        end = body.find("\n", at)
        if end < 0:
            return at
        at = end + 1
    return at


def snippets(file: Dockerfile) -> Iterator[Snippet]:
    """The scripts of RUN, CMD, ENTRYPOINT and HEALTHCHECK in shell form and of their heredocs, in order of place."""
    names = _Names()
    for instruction in file.walk():
        if isinstance(instruction, Commanding) and instruction.form == "shell":
            for script in instruction.scripts:
                yield from _of_script(instruction, script, names)


def _of_script(instruction: Commanding, script: Script, names: _Names) -> Iterator[Snippet]:
    if any(heredoc.end_span.start == heredoc.end_span.end for heredoc in instruction.heredocs):
        # A document without an end is no script that anybody runs.
        return
    if script.form == "shell" and instruction.heredocs:
        yield from _make(script, _with_documents(instruction), names)
        yield from _documents(instruction, script, names)
    else:
        yield from _make(script, script.joined, names)


def _make(script: Script, joined: Joined, names: _Names) -> Iterator[Snippet]:
    dialect, options = dialect_of(script)
    program = _PROGRAMS.get(dialect)
    if program is None or not joined.text.strip():
        return
    shebang = ""
    if not joined.text.startswith("#!"):
        shebang = f"#!/bin/{program} -e\n" if "errexit" in options else f"#!/bin/{program}\n"
    yield Snippet(script, joined, shebang, names.known(script.instruction, joined.text))


def _with_documents(instruction: Instruction) -> Joined:
    """The text that the shell gets: the line, then each document with its delimiter."""
    body = instruction.body
    line = body.part(len(body.text) - len(instruction.args[0].text), len(body.text))
    ends = [*line.at[1:], len(line.text)]
    pieces = [(line.text[at:end], start) for at, end, start in zip(line.at, ends, line.origin, strict=True)]
    text = instruction.file.source.text
    for heredoc in instruction.heredocs:
        start, end = heredoc.body_span.start, heredoc.end_span
        pieces += [("\n", start - 1), (heredoc.content, start), (text[end.start : end.end], end.start)]
    return concat(pieces)


def _documents(instruction: Instruction, script: Script, names: _Names) -> Iterator[Snippet]:
    """The documents that a shell on the line reads as its script."""
    seen = set()
    for command in script.commands:
        nested, parent = command.script, command.parent
        if parent is None or parent.body is not nested.joined or id(nested) in seen:
            continue
        seen.add(id(nested))
        at = nested.joined.locate(0)
        for heredoc in instruction.heredocs:
            if heredoc.body_span.start <= at < heredoc.body_span.end:
                # The outer shell takes the backslashes of an open document away before the inner one sees it.
                if parent.program in SHELLS and not (heredoc.expand and "\\" in heredoc.content):
                    yield from _make(nested, nested.joined, names)
                break


class _Names:
    """Which names are variables at an instruction; remembers stages by their index."""

    __slots__ = ("_final", "_held_back")

    def __init__(self) -> None:
        self._final: dict[int, set[str]] = {}
        self._held_back: dict[int, dict[str, list[int]]] = {}

    def known(self, instruction: Instruction, text: str) -> list[str]:
        """The names in a text that are set where an instruction runs, sorted."""
        words = set(text.translate(_NO_NAME).split())
        if isinstance(instruction, Run) and instruction.outer is None:
            stage = instruction.stage
            found = [
                word
                for word in words
                if word in PREDEFINED_ARGS
                or stage.variable(word, instruction) is not None
                or self._is_held_back(word, stage.parent, 1 << 60)
            ]
        else:
            # A container sees every ENV of its image and no ARG; so does a build that starts from it.
            held = isinstance(instruction, Run)
            found = [
                word
                for word in words
                if self._is_final(word, instruction.stage)
                or (
                    held and (word in PREDEFINED_ARGS or self._is_held_back(word, instruction.stage, instruction.index))
                )
            ]
        return sorted(word for word in found if not word[0].isdigit())

    def _is_final(self, name: str, stage: Stage | None) -> bool:
        while stage is not None:
            names = self._final.get(stage.index)
            if names is None:
                names = self._final[stage.index] = {
                    each.expand(pair.key) or pair.key
                    for each in stage.instructions
                    if isinstance(each, Env)
                    for pair in each.pairs
                }
            if name in names:
                return True
            stage = stage.parent
        return False

    def _is_held_back(self, name: str, stage: Stage | None, index: int) -> bool:
        """Whether an ONBUILD ARG or ONBUILD ENV before an index, or of a stage below, sets a name."""
        while stage is not None:
            names = self._held_back.get(stage.index)
            if names is None:
                names = self._held_back[stage.index] = {}
                for each in stage.instructions:
                    if isinstance(each, Onbuild) and isinstance(each.inner, (Arg, Env)):
                        for pair in each.inner.pairs:
                            names.setdefault(pair.key, []).append(each.index)
            if name in names and bisect_left(names[name], index):
                return True
            stage, index = stage.parent, 1 << 60
        return False
