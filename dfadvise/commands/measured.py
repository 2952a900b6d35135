"""The image of `--image`, for the commands that hold a Dockerfile against it."""

from __future__ import annotations

import sys

from dfadvise.commands.image import Progress
from dfadvise.commands.options import UsageError
from dfadvise.commands.output import is_terminal
from dfadvise.image.reading import STDIN
from dfadvise.measuring.built import MisfitError
from dfadvise.measuring.load import built_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.measuring.built import Built
    from dfadvise.stages import Dockerfile


def image_of(arguments: Arguments, path: str, file: Dockerfile) -> Built:
    """The image that was built from a file.

    Args:
        arguments: The command line.
        path: The archive, or `-` for standard input.
        file: The Dockerfile.

    Raises:
        UsageError: It cannot be read, or was built from another file.
    """
    if path == STDIN:
        if STDIN in arguments.operands:
            raise UsageError("standard input cannot be both the Dockerfile and `--image`")
        if is_terminal(sys.stdin):
            raise UsageError("`--image -` reads an archive from a pipe: docker save IMAGE | dfadvise lint --image -")
    progress = Progress(path)
    try:
        return built_from(path, file, arguments.one("image-name"), arguments.one("platform"), progress.add)
    except MisfitError as problem:
        raise UsageError(f"--image: {'standard input' if path == STDIN else path} {problem}") from problem
    finally:
        progress.clear()
