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
        try:
            print(f"dfadvise {__version__}", flush=True)
            return 0
        except OSError:
            # Said below, as for everything else that is written.
            pass
    import gc

    try:
        if argv is None:
            # What is loaded stays until the end; looking through it for garbage takes longer than linting a file.
            gc.disable()
            from dfadvise import preload

            preload.enable()
            preload.load("start")
        status = _told(words)
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        if argv is None:
            gc.freeze()
    if argv is None:
        _leave(status)
    return status


def _told(words: list[str]) -> int:
    """The exit status of a command line, with a line about what cannot be done."""
    from dfadvise.commands.options import UsageError
    from dfadvise.commands.output import OutputError, complain

    try:
        return _run(words)
    except (UsageError, OutputError) as problem:
        complain(str(problem))
        return 2


def _leave(status: int) -> None:
    """End the process at once: taking down what was loaded takes a tenth of the time that a small file needs.

    Returns where something may have to be done at the end: a thread or another process was at work, somebody waits
    for the end or looks on (a rule of one's own, a profiler), or the output cannot be written.
    """
    import os
    import sys

    from dfadvise import preload

    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        written = True
    except (OSError, ValueError):
        written = False
    preload.keep()
    if written and "threading" not in sys.modules and not _is_awaited():
        os._exit(status)


def _is_awaited() -> bool:
    """Whether something in this process is to be done at its end."""
    import atexit
    import sys

    count = getattr(atexit, "_ncallbacks", None)
    if count is None or count() or sys.flags.inspect or sys.gettrace() or sys.getprofile():
        return True
    # Where profilers and debuggers are from Python 3.12 on.
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _run(words: list[str]) -> int:
    if words[:1] in (["--version"], ["-V"]):
        from dfadvise.commands.output import write

        write(f"dfadvise {__version__}\n")
        return 0
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
