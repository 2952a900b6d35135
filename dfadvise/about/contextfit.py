"""Whether the folder that is taken for the build context can be the one the file is written for."""

from __future__ import annotations

from dfadvise.gopath import PatternError, clean, has_wildcard
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.context import BuildContext
    from dfadvise.stages import Dockerfile


def fits(file: Dockerfile) -> bool:
    """Whether a file's context is known, or a guess that none of its COPY and ADD speaks against.

    What is copied from folders that are not there shows that the root of the context is another folder; only there
    would the builder look for `.dockerignore`.

    Args:
        file: The file.
    """
    memo = remembered(file)
    if "context fits" not in memo:
        context = file.context
        memo["context fits"] = context is not None and (context.known or _has_sources(file, context))
    found: bool = memo["context fits"]
    return found


def _has_sources(file: Dockerfile, context: BuildContext) -> bool:
    own = (context.dockerfile_path, context.ignore_path)
    if all(each.is_dir or each.path in own for each in context.files()):
        # Nothing lies there but the file itself, which speaks for no other folder.
        return True
    for copy in file.walk():
        if not isinstance(copy, Copy) or copy.flag("from") is not None:
            continue
        for word in copy.sources:
            text = copy.expand(word.text)
            if not text or "://" in text or text.startswith(("<<", "git@")):
                continue
            path = clean("/" + text)[1:]
            top, slash, _ = path.partition("/")
            if not top or has_wildcard(top) or context.exists(top):
                continue
            try:
                # What the build makes first is not there yet, and is ignored for that reason.
                made = not slash and context.ignore is not None and context.ignore.excludes(path)
            except PatternError:
                made = False
            if not made:
                return False
    return True
