"""What the commands of a RUN remove, as far as it empties a folder: `rm` and `find` in all their spellings."""

from __future__ import annotations

from dfadvise.managers.packages import reading
from dfadvise.paths import GLOB, clean, covers, has_glob, is_below, literal_prefix
from dfadvise.shells.interpreters import interpreter
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Run

FOREVER = 1 << 60  # behind every command
ABOUT_CACHE = "$cache"  # what is not known, but is about a cache
_MOST_BRACES = 64
# Options of `find` that let it reach all that lies below, or change nothing in what it reaches.
_FIND_ALL = frozenset(("-delete", "-mindepth", "-maxdepth", "-type", "-exec", "-execdir", "-print", "-depth", "-xdev"))


class Removal:
    """A removal: the path or pattern, whether it takes folders along, and where in the RUN it stands."""

    __slots__ = ("path", "place", "recursive")

    def __init__(self, place: int, path: str, recursive: bool) -> None:
        self.place = place
        self.path = path
        self.recursive = recursive


def home_form(path: str, home: str | None = None) -> str:
    """A path with the home of whoever it is at its start written as `~`.

    Args:
        path: The path; one with a hidden folder outside of homes is taken for one below a home.
        home: The home of the user in force, when known.
    """
    if path.startswith("~"):
        return "~" + (path[path.index("/") :] if "/" in path else "")
    if home and is_below(path, home):
        return "~" + path[len(home) :]
    if is_below(path, "/root"):
        return "~" + path[5:]
    parts = path.split("/", 3)
    if len(parts) > 2 and parts[1] == "home":
        return "~" + ("/" + parts[3] if len(parts) > 3 else "")
    at = path.find("/.")
    return "~" + path[at:] if at > 0 else path


def empties(removal: Removal, path: str, kinds: tuple[str, ...] = ()) -> bool:
    """Whether a removal takes what is in a folder away.

    Args:
        removal: The removal.
        path: The folder; `~` for any home, `$NAME` where nobody knows more.
        kinds: The kinds of leftovers in it; of a cache, nearly all counts as all.
    """
    pattern = removal.path
    if pattern == ABOUT_CACHE:
        return "cache" in kinds
    folder, _, last = pattern.rpartition("/")
    if path.startswith("$"):
        tail = path[path.find("/") :]
        named = tail != "/cache" or any(word in pattern.lower() for word in ("gem", "ruby", "bundle"))
        return (named and (folder if has_glob(last) else pattern).endswith(tail)) or pattern.startswith(path)
    if removal.recursive and covers(pattern, path, True):
        return True
    if has_glob(last) and folder and covers(folder, path, False):
        return True
    if "*" in path and folder:  # /usr/local/bundle/ruby/*/cache, in the table and in the command
        return pattern.startswith(path.partition("*")[0]) and "/cache" in pattern
    # One part of a cache holds nearly all of it, such as ~/.npm/_cacache.
    part = "cache" in kinds and removal.recursive and is_below(pattern, path)
    return part and pattern.count("/") == path.count("/") + 1


def removals(run: Run, home: str | None = None) -> Iterator[Removal]:
    """What the commands of a RUN remove; homes are written as `~`.

    Args:
        run: The RUN.
        home: A home that is none of the usual ones.
    """
    cwd: str | None = None
    for place, command in enumerate(reading(run).commands):
        program = command.program
        if program in ("cd", "pushd"):
            cwd = command.operands[0].text if command.operands else None
            continue
        if program == "trap" and len(command.words) > 1:
            for token in command.words[1].partial.split():
                if token.startswith(("/", "~")):
                    yield Removal(FOREVER, home_form(clean(token.strip("'\";")), home), True)
            continue
        if program not in ("rm", "unlink", "find"):
            continue
        if "function" in command.contexts:
            place = FOREVER
        words, recursive = _targets(command)
        for word in words:
            for text in _spellings(word):
                path = _home_path(word, text, cwd)
                if path is not None:
                    yield Removal(place, home_form(path, home), recursive)


def _targets(command: ShellCommand) -> tuple[list[ShellWord], bool]:
    """The words that name what an `rm` or `find` removes, and whether it takes folders along."""
    if command.program == "find":
        return _found(command), True
    before = command.pipe_from
    if before is not None and before.program == "find" and not command.operands:
        return _found(before, piped=True), True
    return command.operands, command.has_flag("-r", "-R", "--recursive")


def _found(command: ShellCommand, piped: bool = False) -> list[ShellWord]:
    texts = [word.partial for word in command.words]
    if not piped and "-delete" not in texts and "rm" not in texts:
        return []
    roots: list[ShellWord] = []
    for word in command.words[1:]:
        if word.is_flag or word.partial in ("(", "!"):
            break
        roots.append(word)
    narrowed = any(
        word.is_flag and word.partial not in _FIND_ALL and word.partial[1:2].islower() for word in command.words
    )
    # With `-name` and its like a folder far above is not emptied.
    return [word for word in roots if not narrowed or "cache" in word.partial or "lists" in word.partial]


def _spellings(word: ShellWord) -> list[str]:
    """The texts that a word stands for, with braces taken apart where the shell does so or may."""
    text = word.partial
    if "{" not in text or "," not in text or word.raw[:1] in ("'", '"'):
        return [text]
    if interpreter(word.script) in ("dash", "ash"):
        return [text]
    found = [text]
    for _ in range(4):
        following: list[str] = []
        for each in found:
            start, end = each.find("{"), each.find("}")
            if start < 0 or end < start or len(found) > _MOST_BRACES:
                following.append(each)
                continue
            following.extend(each[:start] + part + each[end + 1 :] for part in each[start + 1 : end].split(","))
        if following == found:
            break
        found = following
    return found


def _home_path(word: ShellWord, text: str, cwd: str | None) -> str | None:
    """The path that a word names: absolute, or with `~` or a variable at its start."""
    raw = word.raw.replace('"', "").replace("'", "")
    whole = word.raw[:1] in ("'", '"') and word.raw[-1:] == word.raw[:1] and word.raw.count(word.raw[:1]) == 2
    if whole and not GLOB.isdisjoint(text):
        return None  # a quoted wildcard is a plain character
    if UNKNOWN in text:
        for name in ("$HOME", "${HOME}"):
            if raw.startswith(name):
                return clean("~" + raw[len(name) :])
        if "cache" in raw.lower() and not raw.startswith("/"):
            return ABOUT_CACHE  # a variable, or `$(pip cache dir)`: it may be the one
        name, slash, rest = raw.replace("{", "").replace("}", "").partition("/")
        return f"{name}{slash}{rest}".rstrip("/") if name.startswith("$") and rest else None
    if text.startswith(("/", "~")):
        return clean(text) if text.startswith("/") else text.rstrip("/")
    if cwd is not None and cwd.startswith("/"):
        return clean(f"{cwd}/{text}")
    return None


def is_removed_by(run: Run, place: int, path: str) -> bool:
    """Whether a command of a RUN empties a folder for sure.

    Args:
        run: The RUN.
        place: The place of the command among the RUN's commands.
        path: The folder.
    """
    command = reading(run).commands[place]
    if command.conditional or command.program not in ("rm", "find"):
        return False
    words, recursive = _targets(command)
    for word in words:
        text = word.text
        if text is None or literal_prefix(text) == "/" or not text.startswith("/"):
            continue
        if empties(Removal(place, clean(text), recursive), path):
            return True
    return False
