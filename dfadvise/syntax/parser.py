"""The dockerfile-parse view of a file, over this project's own tokenizer.

Whatever the library's `DockerfileParser` offers stays: `structure`, `labels`, `envs`, `args`, `parent_images`,
`baseimage`, `cmd`, their setters, `add_lines`, `lines` and `content`. Only the reading differs: instructions end
where BuildKit ends them, words expand as BuildKit expands them, and a setter edits the word it is about.
"""

from __future__ import annotations

import os
from shlex import quote

import dockerfile_parse
from dockerfile_parse.parser import Args, Envs, Labels
from dockerfile_parse.util import Context

from dfadvise.source import BOM, Source
from dfadvise.syntax.instructions import Arg, Env, Label
from dfadvise.syntax.scopes import Scopes, image_of
from dfadvise.syntax.structure import entries
from dfadvise.syntax.tokenizer import continued, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from dfadvise.syntax.instructions import Instruction, Pair
    from dfadvise.syntax.structure import Entry
    from dfadvise.syntax.tokenizer import Tree


_VIEWS = {"LABEL": Labels, "ENV": Envs, "ARG": Args}


class DockerfileParser(dockerfile_parse.DockerfileParser):  # type: ignore[misc]
    """`dockerfile_parse.DockerfileParser` that reads a Dockerfile as BuildKit does.

    A byte order mark stays in the file and out of `content` and `lines`; bytes that are not UTF-8 are surrogates
    there and are written back as they were.

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
        if fileobj is None:
            self.dockerfile_path = _located(name or ".")
        self.cache_content = cache_content
        if cache_content and (fileobj is not None or os.path.exists(self.dockerfile_path)):
            self.cached_content = self._read()

    def _read(self) -> str:
        with self._open_dockerfile("rb") as file:
            return _text(file.read()).removeprefix(BOM)

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
        text = _text(content).removeprefix(BOM)
        bom = False
        if self.fileobj is not None or os.path.exists(self.dockerfile_path):
            with self._open_dockerfile("rb") as file:
                bom = _text(file.read(3)).startswith(BOM)
        with self._open_dockerfile("wb") as file:
            file.write((BOM + text if bom else text).encode("utf-8", "surrogateescape"))
        if self.cache_content:
            self.cached_content = text

    @property
    def lines(self) -> list[str]:
        """The lines of the file with their endings; they end at `\\n` only, as in BuildKit."""
        *lines, last = self.content.split("\n")
        return [line + "\n" for line in lines] + ([last] if last else [])

    @lines.setter
    def lines(self, lines: Iterable[str | bytes]) -> None:
        self.content = "".join(_text(line) for line in lines)

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
        return [entry for entry, _ in entries(self.tree)]

    @property
    def context_structure(self) -> list[Context]:
        """What each entry of `structure` sets, and what is in force behind it.

        A stage that stands on another one of the file starts with its variables and labels.
        """
        tree = self.tree
        steps = self._scopes(tree).walk(self.env_replace)
        found: list[Context] = []
        last = Context()
        for entry, instruction in entries(tree):
            if instruction is None:
                found.append(Context(dict(last.args), dict(last.envs), dict(last.labels)))
                continue
            _, settings, scope = next(steps)
            last = Context(dict(scope.args), dict(scope.envs), dict(scope.labels))
            if entry["instruction"] in _VIEWS:
                last.set_line_value(entry["instruction"], {name: value for name, value, _ in settings})
            found.append(last)
        return found

    @property
    def parent_images(self) -> list[str]:
        """The image of each FROM, expanded."""
        return self._scopes(self.tree).images()

    @parent_images.setter
    def parent_images(self, parents: Iterable[str]) -> None:
        parents, tree = list(parents), self.tree
        words = [word for word in map(image_of, tree.instructions) if word is not None]
        if len(parents) < len(words):
            raise RuntimeError("not enough parents to match build stages")
        if len(parents) > len(words):
            raise RuntimeError("trying to update too many parents for build stages")
        edits = [
            (word.span.start, word.span.end, parent)
            for word, parent, before in zip(words, parents, self.parent_images, strict=True)
            if parent not in (word.text, before)
        ]
        self._edit(tree, edits)

    @property
    def baseimage(self) -> str | None:
        """The image of the last FROM, expanded; None without any."""
        images = self.parent_images
        return images[-1] if images else None

    @baseimage.setter
    def baseimage(self, new_image: str) -> None:
        images = self.parent_images
        if not images:
            raise RuntimeError("No stage defined to set base image on")
        self.parent_images = [*images[:-1], new_image]

    def add_lines(self, *lines: str, **kwargs: bool) -> None:
        """Add lines to the last stage or to all; see the library. The file keeps its line endings."""
        before = self.content
        self._close()
        super().add_lines(*lines, **kwargs)
        self._keep_line_endings(before)

    def add_lines_at(self, anchor: int | str | Entry, *lines: str, **kwargs: bool) -> None:
        """Add lines at a place; see the library. The file keeps its line endings."""
        before = self.content
        if kwargs.get("after"):
            if isinstance(anchor, dict):
                assert anchor in self.structure, f"Current structure does not match: {anchor}"
                anchor = int(anchor["endline"])
            elif isinstance(anchor, str):
                matches = [index for index, text in enumerate(self.lines) if text == anchor]
                if not matches:
                    raise RuntimeError("Cannot find line in the build file:\n" + anchor)
                anchor = matches[-1]
            self._close()
        super().add_lines_at(anchor, *lines, **kwargs)
        self._keep_line_endings(before)

    def _close(self) -> None:
        """End the file with a line break, and not with a continuation: it takes in what is added behind it."""
        tree = self.tree
        text, lines = tree.source.text, len(tree.source.starts)
        edits: list[tuple[int, int, str]] = []
        if tree.instructions and tree.instructions[-1].heredocs:
            lines = 0
        for line in range(lines, 0, -1):
            span = tree.source.line_span(line)
            content = text[span.start : span.end].strip()
            if not content or content.startswith("#"):
                continue
            # The library strips the last line, so white space behind an escape character saves nothing.
            size = len(text[span.start : span.end].rstrip())
            end, is_open = continued(text, span.start, span.start + size, tree.escape)
            if is_open:
                while is_open:
                    stop = span.start + len(text[span.start : end].rstrip())
                    end, is_open = continued(text, span.start, stop, tree.escape)
                edits.append((end, span.end, ""))
            # A line of nothing but continuations goes on with the line above.
            if text[span.start : end].strip():
                break
        self._edit(tree, edits)
        if text and not text.endswith("\n"):
            self.content += "\n"

    def _keep_line_endings(self, before: str) -> None:
        if "\r\n" in before and before.count("\n") == before.count("\r\n"):
            self.content = self.content.replace("\r\n", "\n").replace("\n", "\r\n")

    def _edit(self, tree: Tree, edits: list[tuple[int, int, str]]) -> None:
        if not edits:
            return
        text, at = tree.source.text, 0
        parts: list[str] = []
        for start, end, new in sorted(edits):
            parts += (text[at:start], new)
            at = end
        self.content = "".join(parts) + text[at:]

    def _scopes(self, tree: Tree) -> Scopes:
        return Scopes(tree, self.build_args, self.parent_env)

    def _final(self, tree: Tree, kind: str, env_replace: bool) -> list[tuple[str, str, Pair, Instruction]]:
        """The settings of a kind in the final stage."""
        found: list[tuple[str, str, Pair, Instruction]] = []
        for instruction, settings, _ in self._scopes(tree).walk(env_replace):
            if instruction.keyword == "FROM":
                found.clear()
            elif instruction.keyword == kind:
                found.extend((*setting, instruction) for setting in settings)
        return found

    def _instruction_getter(self, name: str, env_replace: bool) -> Labels | Envs | Args:
        if name not in _VIEWS:
            raise ValueError(f"Unsupported instruction '{name}'")
        settings = self._final(self.tree, name, env_replace)
        return _VIEWS[name]({key: value for key, value, _, _ in settings}, self)

    def _modify_instruction_label_env(self, instruction: str, instr_key: str, instr_value: str | None) -> None:
        if instruction not in _VIEWS:
            raise ValueError(f"Unknown instruction '{instruction}'")
        tree = self.tree
        places = [
            (pair, holder)
            for key, _, pair, holder in self._final(tree, instruction, self.env_replace)
            if key == instr_key
        ]
        if not places:
            raise KeyError(f"{instr_key} not in {instruction}s")
        if instr_value is None:
            self._edit(tree, _deletions(tree, places))
            return
        pair, value = places[-1][0], _quoted(instr_value)
        if pair.value is None:
            self._edit(tree, [(pair.key_span.end, pair.key_span.end, "=" + value)])
        else:
            self._edit(tree, [(pair.value_span.start, pair.value_span.end, value)])

    def _add_instruction(self, instruction: str, value: str | tuple[str, str]) -> None:
        if instruction in _VIEWS and len(value) == 2:
            value = "=".join(map(_quoted, value))
        self.add_lines(f"{instruction} {value}")


def _located(path: str) -> str:
    """The file that a path means: itself, or the Dockerfile in a folder."""
    name = os.path.basename(path).lower()
    named = name.endswith(("dockerfile", "containerfile")) or name.partition(".")[0] in ("dockerfile", "containerfile")
    if not os.path.isdir(path) and (named or os.path.exists(path)):
        return path
    return os.path.join(path, "Dockerfile")


def _text(content: str | bytes) -> str:
    return content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else content


def _quoted(value: str) -> str:
    if "\n" in value:
        raise ValueError("a value in a Dockerfile cannot hold a line break")
    return quote(value)


def _deletions(tree: Tree, places: list[tuple[Pair, Instruction]]) -> list[tuple[int, int, str]]:
    """Edits that take pairs away, and the instruction with its last one."""
    starts = [*tree.source.starts, len(tree.source.text)]
    edits: list[tuple[int, int, str]] = []
    gone = {id(pair) for pair, _ in places}
    for instruction in {id(holder): holder for _, holder in places}.values():
        assert isinstance(instruction, (Arg, Env, Label))
        pairs = instruction.pairs
        kept = [index for index, pair in enumerate(pairs) if id(pair) not in gone]
        if not kept:
            edits.append((starts[instruction.line - 1], starts[instruction.end_line], ""))
            continue
        for index, pair in enumerate(pairs):
            if id(pair) not in gone:
                continue
            if index > kept[0]:
                edits.append((pairs[index - 1].span.end, pair.span.end, ""))
            else:
                edits.append((pair.span.start, pairs[index + 1].span.start, ""))
    return edits
