from __future__ import annotations

from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Arg, From

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Comment


class DescriptionMismatch(Rule):
    """A comment above a stage or an argument does not start with its name.

    Why:
        `docker build --call=outline` shows such a comment as the description of the stage or argument, if it starts
        with the name. Other comments are kept apart from it by an empty `#` line.

    Bad:
        # the compiler's version
        ARG VERSION=14
        FROM gcc:${VERSION}

    Good:
        # VERSION of the compiler
        ARG VERSION=14
        FROM gcc:${VERSION}

    Good (kept apart):
        # Keep this in step with CI.
        #
        ARG VERSION=14
        FROM gcc:${VERSION}

    Good (nothing to describe):
        # The runtime image:
        FROM debian:12

    Fix:
        none: what the comment is for is not known.

    Variants:
        not onbuild: what ONBUILD holds back is not described
        not second-stage: the comment would stand above the named stage that it puts first
    """

    on = ("ARG", "FROM")
    severity = "style"
    default = "off"
    aliases = ("InvalidDefinitionDescription",)

    def check(self, node: Arg | From) -> Iterator[Finding]:
        comment = _last(node)
        if comment is None or node.outer is not None:
            return
        if isinstance(node, Arg):
            names = [pair.key for pair in node.pairs]
        else:
            names = [node.alias.text.lower()] if node.alias is not None else []
        if not names or _first_word(node, comment) in names:
            return
        wanted = f"`{names[0]}`" if len(names) == 1 else "one of its arguments"
        message = f"comment does not start with {wanted}, so it describes nothing"
        related = [("what is below it", node.name_span)]
        yield self.finding(comment.span, message, node, aliases=self.aliases, related=related)


def _last(node: Arg | From) -> Comment | None:
    """The last comment above, unless it is an empty one."""
    if not node.comments:
        return None
    comment = node.comments[-1]
    return comment if comment.text[1:].strip() or _is_indented(node, comment) else None


def _is_indented(node: Arg | From, comment: Comment) -> bool:
    start = comment.span.start
    return start > 0 and node.file.source.text[start - 1] != "\n"


def _first_word(node: Arg | From, comment: Comment) -> str:
    # BuildKit takes the first character away, whatever it is.
    text = comment.text if _is_indented(node, comment) else comment.text[1:]
    return text.strip().split(" ")[0]
