"""What the disk and the calendar are asked while a file is linted, so that a cache of results can ask it again.

Whoever works out findings asks through here (and through `dfadvise.watched`, for a build context) and not the system
itself: a result then depends on its file, its settings and the answers that were noted, and on nothing else.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import blake2b

    # The kind of question, and what it is about.
    Question = tuple[str, ...]

# Stands among the questions when an answer cannot be asked for again.
NEVER = ("never",)

_record: dict[Question, str] | None = None


def begin() -> dict[Question, str]:
    """Note from now on what is asked and answered.

    Returns:
        The answers by question; it fills until the next `begin` or `end`.
    """
    global _record
    _record = {}
    return _record


def end() -> None:
    """Note nothing any more."""
    global _record
    _record = None


def is_noting() -> bool:
    """Whether answers are noted."""
    return _record is not None


def note(question: Question, answer: object) -> None:
    """Note an answer, when answers are noted."""
    if _record is not None:
        _record[question] = told(answer)


def told(answer: object) -> str:
    """An answer as a short text that tells it from every other; long ones by their digest."""
    if answer is None or isinstance(answer, (bool, int)):
        return str(answer)
    text = answer if isinstance(answer, str) else repr(answer)
    return digest(text.encode("utf-8", "surrogatepass"))


def digest(data: bytes) -> str:
    """What tells some bytes from all others: 40 hexadecimal digits."""
    return hasher(data).hexdigest()


def hasher(data: bytes = b"") -> blake2b:
    """BLAKE2b with 20 bytes; hashlib, which loads OpenSSL, costs 2 ms more."""
    try:
        from _blake2 import blake2b as made
    except ImportError:
        from hashlib import blake2b as made
    return made(data, digest_size=20)


def is_folder(path: str) -> bool:
    """Whether there is a folder."""
    answer = os.path.isdir(path)
    note(("folder", path), answer)
    return answer


def is_file(path: str) -> bool:
    """Whether there is a regular file."""
    answer = os.path.isfile(path)
    note(("file", path), answer)
    return answer


def is_there(root: str, path: str) -> bool:
    """Whether something is at a path inside a root; see `contextfiles.resolve`."""
    from dfadvise.contextfiles import resolve

    answer = resolve(root, path) is not None
    note(("there", root, path), answer)
    return answer


def text_inside(root: str, path: str) -> str | None:
    """The text of a file inside a root; see `contextfiles.read_inside`."""
    from dfadvise.contextfiles import read_inside

    answer = read_inside(root, path)
    note(("text", root, path), answer)
    return answer


def ignore_file(dockerfile_path: str | None, root: str) -> str | None:
    """The ignore file that counts; see `contextfiles.find_ignore_file`."""
    from dfadvise.contextfiles import find_ignore_file

    answer = find_ignore_file(dockerfile_path, root)
    note(("ignore", dockerfile_path or "", root), answer)
    return answer


def repository(folder: str) -> str:
    """The repository around a folder; see `discovery.repository_of`."""
    from dfadvise.discovery import repository_of

    answer = repository_of(folder)
    note(("repository", folder), answer)
    return answer


def real_path(path: str) -> str:
    """A path without links."""
    answer = os.path.realpath(path)
    note(("real", path), answer)
    return answer


def today() -> str:
    """The day, `YYYY-MM-DD`."""
    from time import strftime

    answer = strftime("%Y-%m-%d")
    note(("today",), answer)
    return answer


_ASK: dict[str, Callable[..., object]] = {
    "folder": is_folder,
    "file": is_file,
    "there": is_there,
    "text": text_inside,
    "ignore": lambda dockerfile, root: ignore_file(dockerfile or None, root),
    "repository": repository,
    "real": real_path,
    "today": today,
}


class Again:
    """Asks noted questions again, each once.

    Args:
        contexts: Gives the shared build context for (root, Dockerfile's path or None).
    """

    __slots__ = ("_answers", "_contexts")

    def __init__(self, contexts: Callable[[str, str | None], object]) -> None:
        self._answers: dict[Question, str] = {}
        self._contexts = contexts

    def forget(self) -> None:
        """Ask everything anew from now on."""
        self._answers.clear()

    def same(self, record: dict[Question, str]) -> bool:
        """Whether every question has its answer still.

        Raises:
            KeyError, TypeError, AttributeError: There is no such question.
        """
        known = self._answers
        for question, answer in record.items():
            if question not in known:
                known[question] = self._asked(question)
            if known[question] != answer:
                return False
        return True

    def _asked(self, question: Question) -> str:
        kind, *rest = question
        if kind != "context":
            return told(_ASK[kind](*rest))
        from dfadvise.watched import ask

        root, dockerfile_path, name, *words = rest
        return told(ask(self._contexts(root, dockerfile_path or None), name, words))
