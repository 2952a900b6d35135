"""The dockerfile-parse view of a file, over this project's own tokenizer.

Whatever the library's `DockerfileParser` offers stays: `structure`, `labels`, `envs`, `args`, `parent_images`,
`baseimage`, `cmd`, their setters, `add_lines`, `lines` and `content`. Only reading differs: instructions end
where BuildKit ends them, words expand as BuildKit expands them, and a setter edits the word it is about.
"""

from __future__ import annotations

import os
from shlex import quote

import dockerfile_parse
from dockerfile_parse.parser import Args, Envs, Labels
from dockerfile_parse.util import Context

from dfadvise.source import BOM, Source
from dfadvise.syntax.instructions import Arg, Env, From, Label, Onbuild
from dfadvise.syntax.tokenizer import continued, parse
from dfadvise.syntax.words import SPACES, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, BinaryIO

    from dfadvise.syntax.instructions import Instruction, Pair
    from dfadvise.syntax.tokenizer import Tree

    Entry = dict[str, Any]

_VIEWS = {"LABEL": Labels, "ENV": Envs, "ARG": Args}
# Endings and beginnings of names that are files and not folders, when nothing of that name exists yet.
_ENDINGS = ("Dockerfile", ".dockerfile", "Containerfile", ".containerfile")
_BEGINNINGS = ("Dockerfile.", "Dockerfile-", "Containerfile.", "Containerfile-")


class _Scope:
    """What a place of the file sees.

    Attributes:
        known: Every variable that has a value, whoever set it last.
        args, envs, labels: The settings by kind; an ARG without a value is the empty string.
    """

    __slots__ = ("args", "envs", "known", "labels")

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self.known = dict(known or {})
        self.args: dict[str, str] = {}
        self.envs = dict(known or {})
        self.labels: dict[str, str] = {}

    def child(self) -> _Scope:
        """What a stage that stands on this one starts with."""
        scope = _Scope(self.envs)
        scope.known = dict(self.known)
        scope.labels = dict(self.labels)
        return scope


class _Step:
    """An instruction, what it sets (a name, its value, the pair that says so), and the scope behind it."""

    __slots__ = ("context", "instruction", "settings")

    def __init__(
        self, instruction: Instruction, settings: list[tuple[str, str, Pair]], context: Context
    ) -> None:
        self.instruction = instruction
        self.settings = settings
        self.context = context


class DockerfileParser(dockerfile_parse.DockerfileParser):  # type: ignore[misc]
    """`dockerfile_parse.DockerfileParser` that reads a Dockerfile as BuildKit does.

    A byte order mark stays in the file and out of `content` and `lines`; bytes that are not UTF-8 come as
    surrogates and are written back as they were.

    Args:
        path: The file, or the folder of a file named Dockerfile; the working directory when left out.
        cache_content: Whether to keep the content in memory.
        env_replace: Whether to put the values of variables in.
        parent_env: The environment of the parent image.
        fileobj: A seekable binary file instead of a path.
        build_args: Values given with --build-arg.

    Raises:
        ValueError: Both a path and a file object were given.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        cache_content: bool = False,
        env_replace: bool = True,
        parent_env: dict[str, str] | None = None,
        fileobj: BinaryIO | None = None,
        build_args: dict[str, str] | None = None,
    ) -> None:
        name = None if path is None else os.fspath(path)
        super().__init__(name, False, env_replace, parent_env, fileobj, build_args)
        if name and fileobj is None and _is_file(name):
            self.dockerfile_path = name
        self.cache_content = cache_content
        if cache_content:
            try:
                self.cached_content = self._read()
            except OSError:
                pass  # not written yet

    def _read(self) -> str:
        with self._open_dockerfile("rb") as file:
            return _text(file.read()).removeprefix(BOM)

    def _write(self, text: str) -> None:
        text = text.removeprefix(BOM)
        if self.cache_content:
            self.cached_content = text
        try:
            with self._open_dockerfile("rb") as file:
                bom = _text(file.read(3)).startswith(BOM)
        except OSError:
            bom = False
        with self._open_dockerfile("wb") as file:
            file.write((BOM + text if bom else text).encode("utf-8", "surrogateescape"))

    @property
    def content(self) -> str:
        """The text of the file, without a byte order mark."""
        if self.cache_content and self.cached_content:
            return str(self.cached_content)
        text = self._read()
        if self.cache_content:
            self.cached_content = text
        return text

    @content.setter
    def content(self, content: str | bytes) -> None:
        self._write(_text(content))

    @property
    def lines(self) -> list[str]:
        """The lines of the file with their endings; they end at `\\n` only, as in BuildKit."""
        lines = self.content.split("\n")
        last = lines.pop()
        return [line + "\n" for line in lines] + ([last] if last else [])

    @lines.setter
    def lines(self, lines: Iterable[str | bytes]) -> None:
        self._write("".join(_text(line) for line in lines))

    @property
    def tree(self) -> Tree:
        """The parsed file: typed instructions with flags, arguments, heredocs and spans, and its problems."""
        return parse(Source(self.content))

    @property
    def structure(self) -> list[Entry]:
        """The instructions and comments as dicts, as the library gives them.

        Returns:
            `instruction` (upper case, COMMENT for a comment line), `startline` and `endline` (counted from 0,
            heredoc bodies included), `content` (its lines, without comment lines in between) and `value` (what
            follows the keyword, joined over continuations, with the heredoc bodies on lines of their own).
        """
        return [entry for entry, _ in self._entries(self.tree)]

    def _entries(self, tree: Tree) -> list[tuple[Entry, Instruction | None]]:
        source = tree.source
        starts = [*source.starts, len(source.text)]
        comments = sorted(tree.comments, key=lambda comment: comment.line)
        found: list[tuple[Entry, Instruction | None]] = []
        at = 0

        def comments_to(line: int) -> None:
            nonlocal at
            while at < len(comments) and comments[at].line <= line:
                comment = comments[at]
                content = source.text[starts[comment.line - 1] : starts[comment.line]]
                value = comment.text[1:].lstrip()
                found.append((_entry("COMMENT", comment.line, comment.line, content, value), None))
                at += 1

        for instruction in tree.instructions:
            comments_to(instruction.end_line)
            if not instruction.keyword:
                continue
            inside = {comment.line for comment in instruction.inner_comments}
            content = "".join(
                source.text[starts[line - 1] : starts[line]]
                for line in range(instruction.line, instruction.end_line + 1)
                if line not in inside
            )
            value = _value(tree, instruction)
            entry = _entry(instruction.keyword, instruction.line, instruction.end_line, content, value)
            found.append((entry, instruction))
        comments_to(len(starts))
        return found

    def _expander(self, escape: str, known: Mapping[str, str]) -> Callable[[str], str]:
        lookup = known.get if self.env_replace else _unset

        def expand(word: str) -> str:
            try:
                return process(word, lookup, escape, keep_unset=not self.env_replace).text
            except WordError:
                return word  # BuildKit refuses it, so it stands for itself

        return expand

    def _steps(self, tree: Tree) -> list[_Step]:
        """Each instruction with what it sets and the scope behind it."""
        steps: list[_Step] = []
        given: dict[str, str | None] = {}  # global ARGs
        scope = _Scope()
        stages: dict[str, _Scope] = {}
        in_stage = False
        for instruction in tree.instructions:
            if isinstance(instruction, From):
                in_stage = True
                image = self._image(instruction, tree.escape, given)
                parent = stages.get(image or "")
                scope = parent.child() if parent else _Scope(self.parent_env)
                if instruction.alias:
                    stages[instruction.alias.text.lower()] = scope
            settings = self._settings(instruction, tree.escape, scope, None if in_stage else given)
            line = {name: value for name, value, _ in settings}
            context = Context(dict(scope.args), dict(scope.envs), dict(scope.labels))
            if instruction.keyword in _VIEWS:
                context.set_line_value(instruction.keyword, line)
            steps.append(_Step(instruction, settings, context))
            if in_stage and isinstance(instruction, Arg):
                self._inherit(instruction, scope, given)
        return steps

    def _inherit(self, instruction: Arg, scope: _Scope, given: Mapping[str, str | None]) -> None:
        pass

    def _settings(
        self, instruction: Instruction, escape: str, scope: _Scope, given: dict[str, str | None] | None
    ) -> list[tuple[str, str, Pair]]:
        return []
