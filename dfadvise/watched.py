"""A build context as one Dockerfile sees it: what it is asked is noted (see `dfadvise.asked`)."""

from __future__ import annotations

from dfadvise import asked
from dfadvise.context import BuildContext
from dfadvise.contextfiles import LARGEST_TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.context import ContextFile, _Ignore


class WatchedContext(BuildContext):
    """A view of a context that several Dockerfiles share, with the path of the one that looks.

    Args:
        shared: The context.
        dockerfile_path: The Dockerfile that looks; None when it has no place on disk.
        known: Whether the user named the context.
    """

    __slots__ = ("_shared",)

    def __init__(self, shared: BuildContext, dockerfile_path: str | None, known: bool) -> None:
        super().__init__(shared.root, dockerfile_path, known, shared.limit)
        self._shared = shared

    def _note(self, answer: object, name: str, *words: str) -> None:
        asked.note(("context", self.root, self.dockerfile_path or "", name, *words), answer)
        if self._shared.truncated:
            # What a limit cuts off depends on what was asked before.
            asked.note(asked.NEVER, None)

    @property
    def _read(self) -> _Ignore:
        found = self._shared._read
        if asked.is_noting():
            self._note(told_ignore(found), "ignore")
        return found

    def exists(self, path: str) -> bool:
        """See `BuildContext`."""
        answer = self._shared.exists(path)
        self._note(answer, "exists", path)
        return answer

    def has(self, name: str, folder: str = ".") -> bool:
        """See `BuildContext`."""
        answer = self._shared.has(name, folder)
        self._note(answer, "has", name, folder)
        return answer

    def read_text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        """See `BuildContext`."""
        answer = self._shared.read_text(path, limit)
        self._note(answer, "read_text", path, str(limit))
        return answer

    def glob(self, source: str) -> list[str]:
        """See `BuildContext`."""
        answer = self._shared.glob(source)
        self._cut()
        self._note(answer, "glob", source)
        return answer

    def files(self) -> list[ContextFile]:
        """See `BuildContext`."""
        answer = self._shared.files()
        self._cut()
        if asked.is_noting():
            self._note(listed(self._shared), "files")
        return answer

    def size_of(self, path: str = ".") -> int:
        """See `BuildContext`."""
        answer = self._shared.size_of(path)
        self._cut()
        self._note(answer, "size_of", path)
        return answer

    def count_of(self, path: str = ".") -> int:
        """See `BuildContext`."""
        answer = self._shared.count_of(path)
        self._cut()
        self._note(answer, "count_of", path)
        return answer

    def _cut(self) -> None:
        self.truncated = self._shared.truncated


def told_ignore(read: _Ignore) -> str:
    """What an ignore file says, as one text."""
    return repr((read.path, read.text, read.error, read.error_line))


def listed(context: BuildContext) -> str:
    """The digest of everything that a walk over a context finds; worked out once for it."""
    if context.listed is None:
        lines = [f"{each.path}\0{each.kind}\0{each.size}\0{each.sent}" for each in context.files()]
        context.listed = asked.digest("\0".join(lines).encode("utf-8", "surrogatepass"))
    return context.listed


def ask(context: object, name: str, words: list[str]) -> object:
    """Ask a context one of the questions that are noted here.

    Raises:
        KeyError, TypeError, ValueError: There is no such question.
    """
    assert isinstance(context, BuildContext)
    answer = _ask(context, name, words)
    return None if context.truncated else answer


def _ask(context: BuildContext, name: str, words: list[str]) -> object:
    if name == "ignore":
        return told_ignore(context._read)
    if name == "files":
        return listed(context)
    if name == "read_text":
        return context.read_text(words[0], int(words[1]))
    questions: dict[str, Callable[..., object]] = {
        "exists": context.exists,
        "has": context.has,
        "glob": context.glob,
        "size_of": context.size_of,
        "count_of": context.count_of,
    }
    return questions[name](*words)
