"""What the build context and the documents of a file show of the files that it copies."""

from __future__ import annotations

import os

from dfadvise import asked
from dfadvise.context import BuildContext
from dfadvise.knowledge.secret_files import secret_file
from dfadvise.memory import remembered
from dfadvise.shells.spelled import MARK
from dfadvise.watched import WatchedContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.heredocs import Heredoc
    from dfadvise.syntax.instructions import Copy


def beside(file: Dockerfile) -> BuildContext | None:
    """The folder of a Dockerfile whose context is not known: a file that is there is most likely the one."""
    memo = remembered(file)
    if "folder" not in memo:
        path = os.path.abspath(file.source.path)
        folder = os.path.dirname(path)
        memo["folder"] = WatchedContext(BuildContext(folder), None, False) if asked.is_file(path) else None
    found: BuildContext | None = memo["folder"]
    return found


def text_of(context: BuildContext | None, path: str) -> str | None:
    """The text of a file in the context; None when it is not there, large, or not text."""
    text = context.read_text(path) if context is not None else None
    return None if text is None or "\0" in text[:4096] else text


def expanded(copy: Copy, document: Heredoc) -> str:
    """The body of a heredoc as BuildKit writes it: what is filled in stands as a MARK."""
    if not document.expand:
        return document.content
    parts = document.content.split("$")
    found = [parts[0]]
    for part in parts[1:]:
        end = part.find("}") + 1 if part.startswith("{") else 0
        if not part.startswith("{"):
            while end < len(part) and (part[end].isalnum() or part[end] == "_"):
                end += 1
        name = part[:end].strip("{}").partition(":")[0]
        # What nobody sets is written as nothing.
        known = bool(name) and copy.stage.variable(name, copy) is not None
        found.append((f"{MARK}{name}{MARK}" if known else "") + part[end:])
    return "".join(found)


def candidates(file: Dockerfile, context: BuildContext) -> list[tuple[str, tuple[str, str]]]:
    """The files that the builder is sent whose names are those of secrets, with what the names say."""
    memo = remembered(file)
    found: list[tuple[str, tuple[str, str]]] | None = memo.get("secret candidates")
    if found is None:
        found = memo["secret candidates"] = []
        for each in context.sent():
            graded = secret_file(each.path)
            if graded is not None and (graded[0] != "ask" or _is_worth_reading(each.path, graded[1])):
                found.append((each.path, graded))
    return found


def _is_worth_reading(path: str, kind: str) -> bool:
    return kind == "configuration" or path.endswith(".git/config")
