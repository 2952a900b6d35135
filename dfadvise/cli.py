"""The entry point: picks the command, and turns what went wrong into one line and an exit status."""

from __future__ import annotations

from dfadvise import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Run dfadvise.

    Args:
        argv: The words after the program's name; those of the process when None.

    Returns:
        The exit status: 0, 1 (findings), 2 (something could not be done), 130 (interrupted).
    """
    import sys

    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] in (["--version"], ["-V"]):
        print(f"dfadvise {__version__}")
        return 0
    import gc

    if argv is None:
        # What is loaded stays until the end; looking through it for garbage takes longer than linting a file.
        gc.disable()
        from dfadvise import preload

        preload.enable()
        preload.load("start")
    from dfadvise.commands.options import UsageError
    from dfadvise.commands.output import complain

    try:
        status = _run(words)
    except UsageError as problem:
        complain(str(problem))
        status = 2
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        if argv is None:
            gc.freeze()
    if argv is None:
        _leave(status)
    return status


def _leave(status: int) -> None:
    """End the process at once: taking down what was loaded takes a tenth of the time that a small file needs.

    Returns where something may have to be done at the end: a thread or another process was at work, or the output
    is not written yet.
    """
    import os
    import sys

    from dfadvise import preload

    preload.keep()
    if "threading" in sys.modules:
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(status)


def _run(words: list[str]) -> int:
    from dfadvise.commands.options import COMMANDS, UsageError, read

    if not words or words[0] in ("--help", "-h", "help"):
        from dfadvise.commands.usage import show

        return show(words)
    command = COMMANDS.get(words[0])
    if command is None:
        from dfadvise.commands.usage import unknown

        raise UsageError(unknown(words[0]))
    rest = words[1:]
    options = rest[: rest.index("--")] if "--" in rest else rest
    if "--help" in options or "-h" in options:
        from dfadvise.commands.usage import show

        return show(["help", command.name])
    if not command.ready:
        raise UsageError(f"`dfadvise {command.name}` is not available yet")
    # The builtin spares the importlib package.
    module = __import__(f"dfadvise.commands.{command.name}", fromlist=("run",))
    status: int = module.run(read(command, rest))
    return status
