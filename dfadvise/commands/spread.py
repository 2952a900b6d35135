"""Work on many files in several processes.

Each further process is a fresh interpreter that runs `worker.py`, so it is the same everywhere; a thread feeds it
files and takes results. One that dies costs the file it was at, and another one takes its place.
"""

from __future__ import annotations

import os
import sys

from dfadvise.commands.pool import BATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen
    from typing import Any

    from dfadvise.commands.pool import Work
    from dfadvise.discovery import Found

READY = "ready"
GRACE = 2.0  # seconds that a process has to end what it has started, when it is stopped at its work
DIED = "the process that worked on it ended unexpectedly"


def can_start() -> bool:
    """Whether there is an interpreter and a script to start; not in a frozen program or a zip file."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and os.path.isfile(_script())


def _script() -> str:
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")


class Spread:
    """Work spread over processes, each served by a thread.

    Args:
        work: What to do to each file.
        files: The files.
        jobs: How many processes to use.
    """

    def __init__(self, work: Work[Any], files: list[Found], jobs: int) -> None:
        from threading import Condition

        self.work = work
        self.files = files
        self.jobs = jobs
        # Standard input is read here.
        numbers = [at for at, found in enumerate(files) if found.path != "-"]
        self.todo: list[list[int]] = []
        at = 0
        while at < len(numbers):
            # The last ones are small, so that all processes end at about the same time.
            size = max(1, min(BATCH, (len(numbers) - at) // (3 * jobs)))
            self.todo.append(numbers[at : at + size])
            at += size
        self.todo.reverse()
        self.done: dict[int, Any] = {}
        self.children: list[Popen[bytes]] = []
        self.serving = jobs
        self.stopped = False
        self.over = False
        self.changed = Condition()

    def results(self) -> Iterator[Any]:
        """The results in the order of the files."""
        from threading import Thread

        threads = [Thread(target=self._serve, daemon=True) for _ in range(self.jobs)]
        for thread in threads:
            thread.start()
        try:
            for at, found in enumerate(self.files):
                result = self.work.run(found) if found.path == "-" else self._take(at)
                # Whoever gets the last one does not ask whether there are more.
                self.over = at == len(self.files) - 1
                yield result
        finally:
            self._stop()
            for thread in threads:
                thread.join()

    def _take(self, at: int) -> Any:
        """The result for a file; when no process is left to make it, it is made here."""
        with self.changed:
            while at not in self.done and self.serving:
                self.changed.wait()
            if at in self.done:
                return self.done.pop(at)
        return self.work.run(self.files[at])

    def _put(self, at: int, result: Any) -> None:
        with self.changed:
            self.done[at] = result
            self.changed.notify_all()

    def _stop(self) -> None:
        """End the processes: those that are at work with what they have started and put somewhere."""
        with self.changed:
            self.stopped = True
            children = list(self.children)
        try:
            if not self.over:
                self._let_end(children)
        finally:
            for child in children:
                child.kill()

    def _let_end(self, children: list[Popen[bytes]]) -> None:
        from subprocess import TimeoutExpired
        from time import monotonic

        for child in children:
            child.terminate()
        deadline = monotonic() + GRACE
        for child in children:
            try:
                child.wait(max(0.0, deadline - monotonic()))
            except TimeoutExpired:
                return

    def _serve(self) -> None:
        child: Popen[bytes] | None = None
        try:
            while True:
                with self.changed:
                    if self.stopped or not self.todo:
                        return
                    batch = self.todo.pop()
                child = child or self._start()
                if child is None:
                    with self.changed:
                        self.todo.append(batch)
                    return
                if not self._feed(child, batch):
                    child = None
        finally:
            with self.changed:
                self.serving -= 1
                self.changed.notify_all()
            if child is not None and child.stdin is not None:
                # It ends when there is nothing more to read.
                child.stdin.close()
                child.wait()

    def _start(self) -> Popen[bytes] | None:
        """A process that is ready for files; None when there is no having one."""
        import subprocess
        from pickle import dump, load

        # Whoever shuts the environment out of this process (`-I`) means those as well.
        flags: list[str] = getattr(subprocess, "_args_from_interpreter_flags", list)()
        try:
            child = subprocess.Popen([sys.executable, *flags, _script()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError:
            return None
        assert child.stdin is not None
        assert child.stdout is not None
        with self.changed:
            self.children.append(child)
            if self.stopped:
                child.kill()
        try:
            dump((sys.path, sys.dont_write_bytecode, sys.pycache_prefix), child.stdin)
            dump((type(self.work), self.work.arguments), child.stdin)
            child.stdin.flush()
            return child if load(child.stdout) == READY else None
        except Exception:
            child.kill()
            return None

    def _feed(self, child: Popen[bytes], batch: list[int]) -> bool:
        """Give a process some files and take the results; False when it died on one."""
        from pickle import dump, load

        assert child.stdin is not None
        assert child.stdout is not None
        place = 0
        try:
            dump([self.files[at] for at in batch], child.stdin)
            child.stdin.flush()
            for place, at in enumerate(batch):  # noqa: B007
                self._put(at, load(child.stdout))
        except Exception:
            child.kill()
            child.wait()
            self._put(batch[place], self.work.failed(self.files[batch[place]], DIED))
            with self.changed:
                if batch[place + 1 :]:
                    self.todo.append(batch[place + 1 :])
            return False
        return True
