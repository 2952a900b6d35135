"""Where a file asks hosts that no longer answer: downloads, repository lines, keyservers."""

from __future__ import annotations

from dfadvise.about.downloads import fetched
from dfadvise.about.mentions import mentions
from dfadvise.knowledge.hosts import DEAD_MARKS, dead_host, split_url
from dfadvise.managers.packages import reading
from dfadvise.rule import Edit, Fix
from dfadvise.shells.written import written
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.hosts import DeadHost
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.shells.written import Written
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.lines import Joined

_KEY_PROGRAMS = frozenset(("gpg", "gpg2", "apt-key", "pacman-key", "rpmkeys", "dirmngr"))
# They take git://github.com for another way to write its https address.
_NODE = frozenset(("npm", "npx", "pnpm", "yarn", "bun"))
_LISTS = (".list", ".sources", ".repo")
_URL_KEYS = ("baseurl", "mirrorlist", "metalink", "uris")
_PREFIXES = ("git://", "http://")


class DeadUse:
    """A place that asks a host that no longer answers.

    Attributes:
        host: The host as written.
        dead: What is known of it.
        span: The place of the word, or of the host in a text.
        command: The command; None outside of RUN.
        edit: What puts the successor in its place; None when there is none, or more than the host changes.
    """

    __slots__ = ("command", "dead", "edit", "host", "span")

    def __init__(self, host: str, dead: DeadHost, span: Span, command: ShellCommand | None, edit: Edit | None) -> None:
        self.host = host
        self.dead = dead
        self.span = span
        self.command = command
        self.edit = edit

    @property
    def fix(self) -> Fix | None:
        """The fix, where the successor is known."""
        return Fix(f"Use {self.edit.text.strip('/:')}", [self.edit]) if self.edit is not None else None

    @property
    def is_sure(self) -> bool:
        """Whether the build stops there: it surely runs, and nothing is tried when it fails."""
        command = self.command
        if command is None:
            return True
        if command.before == "||" or command.failure_handled:
            return False
        contexts = set(command.contexts)
        if not contexts.isdisjoint(("if-body", "case", "function", "or-branch")):
            return False
        return "loop" not in contexts or command.after != "&&"  # `&& break`: others are tried


def dead_uses(instruction: Instruction) -> list[DeadUse]:
    """Where an instruction asks hosts that no longer answer.

    Args:
        instruction: A RUN, COPY or ADD.
    """
    file = instruction.file
    if not mentions(file, *DEAD_MARKS):
        return []
    found: list[DeadUse] = []
    if isinstance(instruction, Run):
        commands = reading(instruction).commands
        for command in commands:
            found.extend(_keyservers(command))
            found.extend(_added(command))
        for download in fetched(commands):
            if download.command.program not in _KEY_PROGRAMS:
                found.extend(_in_word(download.command, download.word, download.text))
    elif isinstance(instruction, Copy) and instruction.keyword == "ADD":
        for word in instruction.sources:
            url = instruction.expand(word.text)
            dead = dead_host(url.strip("\"'")) if url is not None and "://" in url else None
            if dead is not None:
                edit = _swap_in_file(file, word.span, dead, split_url(url or "")[1])
                found.append(DeadUse(split_url(url or "")[1], dead, word.span, None, edit))
    for text in written(instruction):
        found.extend(_in_list(text))
    return [each for each in found if not _is_cured(file, each)]


def _is_cured(file: Dockerfile, use: DeadUse) -> bool:
    """Whether another line of the file sends elsewhere who asks there."""
    if use.dead.what.startswith("git:"):
        return mentions(file, "insteadof") or (use.command is not None and use.command.program in _NODE)
    return use.dead.what.startswith("Debian") and mentions(file, "archive.debian.org", "snapshot.debian.org")


def _keyservers(command: ShellCommand) -> Iterator[DeadUse]:
    if command.program not in _KEY_PROGRAMS:
        return
    words = command.words
    for place in range(1, len(words)):
        option, equals, value = words[place].partial.partition("=")
        if option not in ("--keyserver", "--keyserver-url"):
            continue
        word = words[place] if equals else words[place + 1] if place + 1 < len(words) else None
        if word is not None:
            yield from _in_word(command, word, value if equals else word.partial)


def _added(command: ShellCommand) -> Iterator[DeadUse]:
    """`add-apt-repository 'deb http://.. suite main'`."""
    if command.program not in ("add-apt-repository", "apt-add-repository"):
        return
    for word in command.operands:
        for url, suites in _repositories(word.partial):
            yield from _in_word(command, word, url, suites)


def _in_word(command: ShellCommand, word: ShellWord, url: str, suites: tuple[str, ...] = ()) -> Iterator[DeadUse]:
    dead = dead_host(url, suites)
    if dead is None:
        return
    host = split_url(url)[1]
    raw = word.raw.lower()
    edit = _swap(word.script.joined, word.start + raw.find(host), dead, host) if host in raw else None
    yield DeadUse(host, dead, word.span, command, edit)


def _in_list(text: Written) -> Iterator[DeadUse]:
    """The repositories that a text names which is written to a list of them."""
    if not text.path.endswith(_LISTS) and "sources.list" not in text.path and "/yum.repos.d" not in text.path:
        return
    suites: tuple[str, ...] = ()
    for line in text.text.splitlines():
        if line.lower().startswith("suites:"):
            suites = tuple(line.split()[1:2])
    for line in text.text.splitlines():
        for url, named in _repositories(line):
            dead = dead_host(url, named or suites)
            if dead is None:
                continue
            host = split_url(url)[1]
            command = text.command
            yield DeadUse(host, dead, text.span(host), command, _swap_in_text(command, line, host, dead))


def _repositories(line: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The URLs of a line of a repository list, each with the words behind it."""
    words = line.strip().strip("'\"").split()
    if not words or words[0].startswith("#"):
        return
    if words[0] in ("deb", "deb-src"):
        for place, word in enumerate(words):
            if "://" in word and not word.startswith("["):
                yield word, tuple(words[place + 1 : place + 3])
                return
    key, equals, value = line.strip().partition("=")
    if not equals:
        key, _, value = line.strip().partition(":")
    if key.strip().lower() in _URL_KEYS:
        for word in value.split():
            if "://" in word:
                yield word, ()


def _swap_in_text(command: ShellCommand | None, line: str, host: str, dead: DeadHost) -> Edit | None:
    if command is None:
        return None
    if command.body is not None:
        at = command.body.text.find(line)
        at = command.body.text.lower().find(host, at) if at >= 0 else -1
        return _swap(command.body, at, dead, host) if at >= 0 else None
    for word in command.words:
        # Another line of the same word may be meant: then the host stands there twice.
        if word.raw.lower().count(host) == 1 and line.strip() in word.partial.replace("\\n", "\n"):
            return _swap(word.script.joined, word.start + word.raw.lower().find(host), dead, host)
    return None


def _swap(joined: Joined, at: int, dead: DeadHost, host: str) -> Edit | None:
    """Put the successor in the place of a host that stands at a place of a text."""
    found = _replacement(joined.text, at, dead, host)
    if found is None:
        return None
    start, end, text = found
    return Edit(joined.span(start, end), text) if joined.is_contiguous(start, end) else None


def _swap_in_file(file: Dockerfile, span: Span, dead: DeadHost, host: str) -> Edit | None:
    at = file.source.text.lower().find(host, span.start, span.end)
    found = _replacement(file.source.text, at, dead, host) if at >= 0 else None
    return Edit(type(span)(found[0], found[1]), found[2]) if found is not None else None


def _replacement(text: str, at: int, dead: DeadHost, host: str) -> tuple[int, int, str] | None:
    """(start, end, text) of an edit around a host."""
    end = at + len(host)
    if dead.successor is None or at < 0:
        return None
    if dead.successor == "https" or dead.successor.startswith("https:"):
        for prefix in _PREFIXES:
            if text.startswith(prefix, at - len(prefix)):
                return at - len(prefix), at, "https://"
        return None
    if dead.what.startswith("Debian"):
        if host == "security.debian.org" and not text.startswith("/debian-security", end):
            return at, end, "archive.debian.org/debian-security"
        return at, end, "archive.debian.org"
    if "keyserver" in dead.successor:
        return at, end, "keyserver.ubuntu.com"
    return (at, end, dead.successor) if host == "k8s.gcr.io" else None
