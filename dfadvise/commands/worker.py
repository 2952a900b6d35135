"""A process that works on files for another one; run as a script, by its path.

It reads pickles from standard input (the import settings, the work, then lists of files) and writes one a file to
standard output. What rules print goes to standard error.
"""

import sys


def look_rarely() -> None:
    """Look for garbage as the pool does, and not among what is loaded."""
    import gc

    from dfadvise.commands.pool import RARELY

    gc.freeze()
    gc.set_threshold(RARELY)


def main() -> None:
    """Serve until standard input ends."""
    import os
    import signal
    from pickle import dumps, load

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever is at work ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as results:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        sys.path[:], sys.dont_write_bytecode, sys.pycache_prefix = load(requests)
        from dfadvise import preload

        preload.enable()
        preload.load("start")
        kind, arguments = load(requests)
        work = kind(arguments)
        look_rarely()
        results.write(dumps("ready"))
        results.flush()
        while True:
            try:
                files = load(requests)
            except EOFError:
                return
            prepare = getattr(work, "prepare", None)
            if prepare is not None:
                prepare(files)
            for found in files:
                try:
                    answer = dumps(work.run(found))
                except Exception as problem:
                    answer = dumps(work.failed(found, f"internal error: {type(problem).__name__}: {problem}"))
                try:
                    results.write(answer)
                    results.flush()
                except BrokenPipeError:
                    # The other one is gone, and nobody waits for anything.
                    os._exit(1)


if __name__ == "__main__":
    # The folder of this file stands first, and has modules with names of the standard library.
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]
    main()
