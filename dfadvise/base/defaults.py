"""What FROM names when nobody gives a build argument."""

from __future__ import annotations

from dfadvise.knowledge.frontend import PLATFORM_ARGS
from dfadvise.syntax.expansions import references
from dfadvise.syntax.instructions import Arg
from dfadvise.syntax.words import WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import From, Word

# Any platform will do to see whether a name is well formed.
_PLATFORM = {
    "PLATFORM": "linux/amd64",
    "OS": "linux",
    "ARCH": "amd64",
    "OSVERSION": "",
    "VARIANT": "",
    "STAGE": "default",
}


class DefaultImage:
    """The image of a FROM with the defaults of its arguments alone.

    Attributes:
        from_: The FROM.
        word: Its image word.
        text: The image; what has no default is empty.
        open_arguments: The arguments in it that are declared without a default.
    """

    __slots__ = ("from_", "open_arguments", "text", "word")

    def __init__(self, from_: From, word: Word, text: str, open_arguments: list[str]) -> None:
        self.from_ = from_
        self.word = word
        self.text = text
        self.open_arguments = open_arguments


def _default_arguments(file: Dockerfile) -> dict[str, str | None]:
    """The arguments before the first FROM with their defaults, None for those without one."""
    values: dict[str, str | None] = {}
    look = _lookup(values)
    for instruction in file.preamble.instructions:
        if not isinstance(instruction, Arg):
            continue
        for pair in instruction.pairs:
            try:
                value = None if pair.value is None else process(pair.value, look, file.escape).text
            except WordError:
                value = None
            if value is not None or pair.key not in values:
                values[pair.key] = value
    return values


def _lookup(values: Mapping[str, str | None]) -> Callable[[str], str | None]:
    """What the arguments stand for: their defaults, and some platform."""

    def look(name: str) -> str | None:
        value = values.get(name)
        return _platform_default(name) if value is None else value

    return look


def _platform_default(name: str) -> str | None:
    """A stand-in for a platform argument; None for any other name."""
    return _PLATFORM[name[6:] if name.startswith("TARGET") else name[5:]] if name in PLATFORM_ARGS else None


def default_images(file: Dockerfile) -> Iterator[DefaultImage]:
    """The image of every FROM as it is without build arguments; words that cannot be expanded are left out."""
    values: dict[str, str | None] | None = None
    for stage in file.stages:
        word = stage.from_.image if stage.from_ is not None else None
        if stage.from_ is None or word is None:
            continue
        if "$" not in word.text and '"' not in word.text and "'" not in word.text and file.escape not in word.text:
            yield DefaultImage(stage.from_, word, word.text, [])
            continue
        if values is None:
            values = _default_arguments(file)
        try:
            text = process(word.text, _lookup(values), file.escape).text
        except WordError:
            continue
        names = [use.name for use in references(word.text, file.escape)]
        unset = [name for name in dict.fromkeys(names) if name in values and values[name] is None]
        yield DefaultImage(stage.from_, word, text, unset)
