"""A program that works beside this one until its answer is wanted.

`subprocess` would do, but importing it takes about as long as ShellCheck takes for a small script; so it is only
for systems that have nothing better.
"""

from __future__ import annotations

import os
from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from subprocess import Popen

# Bytes of an answer; a program that prints more than this has gone mad.
_LARGEST = 256 << 20
_AT_ONCE = 1 << 20
# Seconds between two looks at a program that is at work, at first and at most.
_FIRST_PAUSE = 0.0001
_LONGEST_PAUSE = 0.004
_KILL = 9  # the name is in a module that takes a millisecond


class Child:
    """A running program, which reads nothing, and whose complaints go nowhere.

    Args:
        path: The program.
        words: What it is called with.
        environment: Its environment.

    Raises:
        OSError: It cannot be started.

    Attributes:
        status: How it ended: its exit status, or the negative number of a signal; None while it runs.
    """

    __slots__ = ("_output", "_pid", "status")

    def __init__(self, path: str, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self.status: int | None = None
        self._output, end = os.pipe()
        # The pipe's end may have any number where streams of ours are closed, so it is put in its place first.
        actions = (
            (os.POSIX_SPAWN_DUP2, end, 1),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        )
        try:
            self._pid = os.posix_spawn(path, [path, *words], environment, file_actions=actions)
        except BaseException:
            os.close(self._output)
            raise
        finally:
            os.close(end)
        os.set_blocking(self._output, False)

    def answer(self, seconds: float) -> bytes | None:
        """What the program prints until it ends.

        Args:
            seconds: How long to wait for that.

        Returns:
            None when it takes longer or prints without end; it has been stopped then.
        """
        deadline = monotonic() + seconds
        pieces: list[bytes] = []
        size, pause = 0, _FIRST_PAUSE
        while True:
            # Looked at before what is there to read is read, so that nothing comes after it.
            ended = self._has_ended()
            try:
                piece = os.read(self._output, _AT_ONCE)
            except BlockingIOError:
                piece = b""
            if piece:
                pieces.append(piece)
                size, pause = size + len(piece), _FIRST_PAUSE
            elif ended:
                return b"".join(pieces)
            if size > _LARGEST or monotonic() >= deadline:
                self.stop()
                return None
            if not piece:
                sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def stop(self) -> None:
        """End the program if it still runs, and let go of what it holds here."""
        if self._output >= 0:
            os.close(self._output)
            self._output = -1
        if not self._has_ended():
            os.kill(self._pid, _KILL)
            self._has_ended(waiting=True)

    def _has_ended(self, waiting: bool = False) -> bool:
        if self.status is None:
            try:
                pid, status = os.waitpid(self._pid, 0 if waiting else os.WNOHANG)
            except ChildProcessError:
                # Whoever started us ignores what becomes of children, and so do we: nobody knows how it ended.
                self.status = 0
            else:
                self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None


class _Popened:
    """The same by way of `subprocess`."""

    __slots__ = ("_process",)

    def __init__(self, path: str, words: Sequence[str], environment: Mapping[str, str]) -> None:
        from subprocess import DEVNULL, PIPE, Popen

        self._process: Popen[bytes] = Popen([path, *words], env=environment, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)

    @property
    def status(self) -> int | None:
        return self._process.returncode

    def answer(self, seconds: float) -> bytes | None:
        from subprocess import TimeoutExpired

        try:
            return self._process.communicate(timeout=seconds)[0]
        except TimeoutExpired:
            self.stop()
            return None

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def start(path: str, words: Sequence[str], environment: Mapping[str, str]) -> Child | _Popened:
    """Start a program; see `Child`."""
    return (Child if hasattr(os, "posix_spawn") else _Popened)(path, words, environment)
