"""What the commands of a RUN write of secrets: settings that programs keep, texts in files, copies of mounted files."""

from __future__ import annotations

from posixpath import basename

from dfadvise.effects import directories, effects_of, home_of
from dfadvise.knowledge.credential_options import SETTING_UP, names_credential
from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.secret.credential import keeps, undoes
from dfadvise.secret.credentials import credentials
from dfadvise.shells.spelled import MARK, Spelled, spelled
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.secret.credential import Credential
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Copy, Run

_SPEAKERS = frozenset(("echo", "printf", "cat", "base64", "tr", "envsubst"))
_COPYING = frozenset(("cp", "mv", "install", "cat", "base64", "dd", "tee", "gunzip", "zcat"))
_MOST_TEXT = 100_000


class Stored:
    """Something secret that a command writes.

    Attributes:
        command: The command.
        span: The place to report: the secret as it is written, else the command.
        value: How it is spelled; None for a mounted file as a whole.
        keys: Where it is kept, as `flow.path_key` has it: any of these.
        what: The place for people to read: "~/.npmrc", "the settings of docker".
        certain: Whether its place says that it is a credential; else only its name can.
        mount: The id of the secret mount that it comes from as a file, or None.
    """

    __slots__ = ("certain", "command", "keys", "mount", "span", "value", "what")

    def __init__(
        self,
        command: ShellCommand,
        span: Span,
        value: Spelled | None,
        keys: tuple[str, ...],
        what: str,
        certain: bool = True,
        mount: str | None = None,
    ) -> None:
        self.command = command
        self.span = span
        self.value = value
        self.keys = keys
        self.what = what
        self.certain = certain
        self.mount = mount

    def __repr__(self) -> str:
        return f"Stored({self.what})"


def stored(run: Run) -> list[Stored]:
    """What a RUN writes of secrets, removed again or not.

    Args:
        run: The RUN.
    """
    memo = remembered(run.file)
    slot = ("stored", id(run))
    found: list[Stored] | None = memo.get(slot)
    if found is None:
        found = memo[slot] = list(_stored(run))
    return found


def handed(command: ShellCommand) -> list[Credential]:
    """The credentials that a command is handed, worked out once for all rules."""
    memo = remembered(command.instruction.file)
    slot = ("credentials", id(command))
    found: list[Credential] | None = memo.get(slot)
    if found is None:
        found = memo[slot] = credentials(command)
    return found


def stays(run: Run, each: Stored) -> bool:
    """Whether nothing in the RUN takes away again what it wrote."""
    from dfadvise.secret.flow import place_of, removed_after

    if removed_after(run, each.command, each.keys):
        return False
    start = place_of(run, each.command)
    program = each.command.program
    return not any(undoes(other, program) for other in reading(run).commands[start + 1 :])


def sets_up(command: ShellCommand) -> bool:
    """Whether it is one of the commands that a scanner takes for setting credentials up."""
    texts = [word.partial for word in command.words]
    for program, verbs, options in SETTING_UP:
        if command.program != program or not all(verb in texts for verb in verbs):
            continue
        if not options or any(text.partition("=")[0] in options for text in texts):
            return True
    return False


def _stored(run: Run) -> Iterator[Stored]:
    home = home_of(run)
    for command, cwd in directories(run, home):
        program = command.program
        if program is None:
            continue
        for credential in handed(command):
            if credential.kept:
                yield _by_program(run, credential)
        if program == "gcloud" and sets_up(command):
            yield _key_file(run, command, cwd, home)
        yield from _written(command, cwd, home)
        if program in _COPYING:
            yield from _copied(run, command, cwd, home)


def _by_program(run: Run, credential: Credential) -> Stored:
    command = credential.command
    from dfadvise.secret.flow import path_key

    keys = keeps(command)
    what = f"the settings of {command.program}"
    if command.program == "git" and "clone" in [word.partial for word in command.words[1:8]]:
        what = "the clone's .git/config"
        folders = [each.path for each in effects_of(run) if each.command is command and each.path]
        keys = tuple(
            key for folder in folders if (key := path_key(folder + "/.git/config", None, home_of(run))) is not None
        )
    return Stored(command, credential.value.span, credential.value, keys, what)


def _key_file(run: Run, command: ShellCommand, cwd: str | None, home: str | None) -> Stored:
    from dfadvise.secret.flow import path_key, secrets_of

    mount = None
    for word in command.words[1:]:
        path = path_key(word.partial.rpartition("=")[2], cwd, home)
        mount = mount or (secrets_of(run).reads_mount(path) if path is not None else None)
    return Stored(command, command.argv_span, None, keeps(command), "the settings of gcloud", mount=mount)


def _written(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Stored]:
    """Credentials in the text that echo and its like write to a file."""
    for path, key in _targets(command, cwd, home):
        speaker = command.pipe_from if command.program == "tee" and command.body is None else command
        if speaker is None or speaker.program not in (*_SPEAKERS, "tee"):
            continue
        for value in _said(speaker):
            yield from _in_text(command, value, path, key)


def _targets(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[tuple[str, str]]:
    """The files that a command writes its text to: as written, and as a key."""
    words: list[ShellWord] = []
    if command.program in _SPEAKERS:
        words = [each.target for each in command.redirects if each.takes_output and each.target is not None]
    elif command.program == "tee":
        words = command.operands[:20]
    if words:
        from dfadvise.secret.flow import path_key
    for word in words:
        text = word.readable
        key = path_key(text, cwd, home)
        if not text.startswith("/dev/"):
            yield text, key or text


def _said(command: ShellCommand) -> Iterator[Spelled]:
    if command.body is not None:
        if len(command.body.text) < _MOST_TEXT and command.words:
            yield _document(command)
        return
    if len(command.words) > 1:
        yield Spelled.of_words([spelled(word) for word in command.words[1:]])


def _document(command: ShellCommand) -> Spelled:
    body = command.body
    assert body is not None
    start = body.locate(0)
    expands = True
    for heredoc in command.instruction.heredocs:
        if heredoc.body_span.start <= start < heredoc.body_span.end + 1:
            expands = heredoc.expand
    if not command.instruction.heredocs:
        expands = False  # a document of the shell's own, whose word the model does not keep
    return Spelled.of_document(command.words[0], body, expands)


def _in_text(command: ShellCommand, value: Spelled, path: str, key: str) -> Iterator[Stored]:
    from dfadvise.secret.content import settings, slots

    # A `\n` of printf ends a line; the text keeps its length.
    text = value.text if "\n" in value.text else value.text.replace("\\n", " \n")
    name = basename(path)
    shown = key if key.startswith(("~", "/")) and "$" not in key else name
    places = slots(path, text)
    known = places is not None
    if places is None:
        places = [(start, end) for setting, start, end in settings(text) if _is_secret_setting(setting)]
    seen: list[tuple[int, int]] = []
    for start, end in places:
        part = value.part(start, end)
        if part.text and (known or part.is_literal):
            seen.append((start, end))
            yield Stored(command, part.span, part, (key,), shown)
    at = -1
    while (at := text.find(MARK, at + 1)) >= 0:
        # A variable that is a secret is one wherever it is written.
        if not any(start <= at < end for start, end in seen):
            part = value.part(at, at + 1)
            yield Stored(command, part.span, part, (key,), shown, certain=False)


def literals_in(copy: Copy) -> Iterator[tuple[str, Span]]:
    """The settings with a secret's name that the documents of a COPY give a literal, with the places of the values.

    Args:
        copy: A COPY or ADD; files whose names say that they hold credentials are left out.
    """
    from dfadvise.knowledge.secret_files import secret_file
    from dfadvise.secret.content import settings

    target = copy.target.text if copy.target is not None else ""
    for heredoc in copy.heredocs:
        path = target if not target.endswith("/") else target + heredoc.name
        if secret_file(path) is not None or len(heredoc.content) > _MOST_TEXT:
            continue
        for name, start, end in settings(heredoc.content):
            value = heredoc.content[start:end]
            if _is_secret_setting(name) and _looks_made_up(value):
                at = heredoc.body_span.start
                yield name, Span(at + start, at + end)


def _looks_made_up(value: str) -> bool:
    """Whether a value is a literal, and neither a word nor code: it has letters and digits."""
    from dfadvise.secret.content import is_credential

    if len(value) < 6 or not is_credential(value) or any(char in value for char in "(){}[]<>$,;"):
        return False
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def _is_secret_setting(name: str) -> bool:
    return names_credential(name.strip().strip("\"'"))


def _copied(run: Run, command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Stored]:
    """A mounted secret that is copied to another place."""
    if not run.mounts:
        return
    from dfadvise.secret.flow import path_key, secrets_of

    secrets = secrets_of(run)
    if not secrets.mounts:
        return
    sources = [word for word in command.words[1:] if not word.is_flag]
    for word in sources:
        text = word.partial.removeprefix("if=")
        path = path_key(text, cwd, home)
        mount = secrets.reads_mount(path) if path is not None else None
        if mount is None:
            continue
        for each in effects_of(run):
            if each.command is command and each.path is not None and each.kind == "adds":
                key = path_key(each.path, cwd, home) or each.path
                if secrets.reads_mount(each.path) is None:
                    yield Stored(command, command.argv_span, None, (key,), each.path, mount=mount)
        return
