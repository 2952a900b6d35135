"""Which parser directives of a file are read, and what ends their block at the top.

BuildKit reads `escape` in its parser and looks for `syntax` and `check` in a scan of its own: that one wants them at
the start of a line, and skips a `#!` line in front of them. Source: BuildKit's `parser/directives.go` (read
2026-11-24).
"""

from __future__ import annotations

from dfadvise.syntax.tokenizer import DIRECTIVES, directive_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile


class Head:
    """The block of directives at the top of a file.

    Args:
        file: The file.

    Attributes:
        lines: By name the line of the directive that is read, counted from 1.
        syntax: The value of `# syntax=`; None when there is none that is read.
        has_shebang: Whether the first line starts with `#!`.
        end: The first line behind the block.
        ended_by: What stands there: "a comment", "a blank line", "an instruction", "an indented line", or "" at the
            end of the file.
    """

    __slots__ = ("end", "ended_by", "has_shebang", "lines", "syntax")

    def __init__(self, file: Dockerfile) -> None:
        source = file.source
        text = source.text
        self.lines = {each.name: each.line for each in file.tree.directives if each.name == "escape"}
        self.syntax: str | None = None
        self.has_shebang = text.startswith("#!")
        self.ended_by = ""
        line = 2 if self.has_shebang else 1
        while line <= len(source.starts):
            span = source.line_span(line)
            found = directive_in(text, span.start, span.end)
            name = found[0].lower() if found is not None else ""
            if found is None or name not in DIRECTIVES or text[span.start] != "#":
                held = text[span.start : span.end].strip()
                if name in DIRECTIVES:
                    self.ended_by = "an indented line"
                elif held:
                    self.ended_by = "a comment" if held.startswith("#") else "an instruction"
                elif span.end < len(text):
                    self.ended_by = "a blank line"
                break
            if name != "escape" and name not in self.lines:
                self.lines[name] = line
                if name == "syntax":
                    self.syntax = source.slice(found[1])
            line += 1
        self.end = line
