"""The credentials that a command is handed: in options, headers, URLs, operands, variables and standard input."""

from __future__ import annotations

from dfadvise.knowledge import credential_options as known
from dfadvise.knowledge.secret_names import secret_name, sets_secret
from dfadvise.knowledge.secret_values import url_password
from dfadvise.secret.credential import Credential, keeps, program_of
from dfadvise.shells.spelled import MARK, Spelled, spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand, ShellWord

_SPEAKERS = ("echo", "printf")
# They set variables from text, or speak of options of others.
_TALKING = frozenset(("echo", "printf", "grep", "sed", "awk", "cat", "[", "test", "man", "which", "npx", "rm", "find"))
_MOST_WORDS = 400
_OPERANDS: dict[str, list[tuple[tuple[str, ...], int]]] = {}
for _program_name, _verbs, _index in known.OPERANDS:
    _OPERANDS.setdefault(_program_name, []).append((_verbs, _index))
_READ_APART = frozenset(("npm", "pnpm", "yarn", "git", "htpasswd", "bundle"))
_TELLING = ("/run/secrets", "token", "cred")


def credentials(command: ShellCommand) -> list[Credential]:
    """The credentials that a command is handed, in order of place.

    Args:
        command: A command of RUN, CMD, ENTRYPOINT or HEALTHCHECK.
    """
    found: list[Credential] = list(_assigned(command))
    program = program_of(command)
    if not program or len(command.words) > _MOST_WORDS:
        return found
    talks = program in _TALKING
    options = None if talks else known.OPTIONS.get(program)
    if options is not None and _applies(command, program):
        found.extend(_by_options(command, program, options))
    for word in command.words[1:]:
        if "@" in word.raw and "://" in word.raw and not talks:
            found.extend(_in_url(command, program, word))
    if not talks:
        found.extend(_by_long_options(command, program, options or {}))
        if program in _READ_APART or program in _OPERANDS:
            found.extend(_by_operands(command, program))
        if command.pipe_from is not None:
            found.extend(_from_input(command, program))
        if program in known.DATABASES:
            found.extend(_in_statements(command))
    return found


def _applies(command: ShellCommand, program: str) -> bool:
    only = known.ONLY.get(program)
    return only is None or any(word.partial.lower() in only for word in command.words[1:5])


def _by_options(command: ShellCommand, program: str, options: dict[str, str]) -> Iterator[Credential]:
    words = command.words
    kept = bool(keeps(command))
    for place in range(1, len(words)):
        word = words[place]
        text = word.partial
        if not text.startswith("-"):
            continue
        name, equals, _ = text.partition("=")
        kind = options.get(name)
        value: Spelled | None = None
        if kind is not None and equals:
            value = spelled(word).part(len(name) + 1)
        elif kind == known.ATTACHED and len(name) > 2:
            kind = None
        elif kind is not None and kind != known.ATTACHED and place + 1 < len(words):
            value = spelled(words[place + 1])
            # A bare `--password` of mysql asks.
            if program.startswith(("mysql", "mariadb")) or value.text.startswith("-"):
                continue
        elif kind is None and len(text) > 2 and text[1] != "-":
            short = text[:2]
            kind = options.get(short)
            if kind is None or (kind != known.ATTACHED and len(short) != 2) or _is_other(program, text):
                continue
            name, value = short, spelled(word).part(2)
        if kind is None or value is None:
            continue
        secret = _inner(value, kind)
        if secret is not None:
            user = value.text.partition(":")[0] if kind == known.AFTER_COLON else ""
            yield Credential(command, secret, "the header" if kind == known.HEADER else name, kept, user=user)


def _is_other(program: str, text: str) -> bool:
    """Whether a word that starts like a short option is another one: `-passin`, `-port`, or a bundle."""
    return program in ("openssl", "keytool", "nuget", "dotnet", "7z") and text[1:].isalpha() and len(text) > 4


def _inner(value: Spelled, kind: str) -> Spelled | None:
    """The secret in the value of an option."""
    text = value.text
    if kind in (known.AFTER_COLON, known.AFTER_PERCENT):
        cut = text.find(":" if kind == known.AFTER_COLON else "%")
        return value.part(cut + 1) if cut >= 0 else None
    if kind == known.PASS:
        return value.part(5) if text.startswith("pass:") else None
    if kind == known.HEADER:
        return _in_header(value)
    return value


def _in_header(value: Spelled) -> Spelled | None:
    text = value.text
    cut = text.find(":")
    name = text[:cut].strip().lower()
    if cut <= 0 or not (name in known.HEADER_NAMES or (name.startswith("x-") and name.endswith(known.HEADER_ENDS))):
        return None
    start = cut + 1
    while start < len(text) and text[start] == " ":
        start += 1
    scheme, blank, _ = text[start:].partition(" ")
    if blank and scheme.lower() in known.SCHEMES:
        start += len(scheme) + 1
    return value.part(start) if start < len(text) else None


def _in_url(command: ShellCommand, program: str, word: ShellWord) -> Iterator[Credential]:
    whole = spelled(word)
    text = whole.text
    at = text.find("://")
    while at >= 0:
        start = at + 3
        end = start
        while end < len(text) and text[end] not in "/ \t\n\"'<>|;":
            end += 1
        authority = text[start:end]
        user, at_sign, host = authority.rpartition("@")
        at = text.find("://", end)
        if not at_sign or not host or host.startswith("sha256"):
            continue
        cut = user.find(":")
        if cut >= 0 and user[cut + 1 :] in ("x-oauth-basic", "x-token-auth", ""):
            secret = whole.part(start, start + cut)
        elif cut >= 0:
            if url_password(user[:cut], user[cut + 1 :], host) is None and MARK not in user[cut + 1 :]:
                continue
            secret = whole.part(start + cut + 1, start + len(user))
        elif user == MARK and _is_secretive(whole.part(start, start + 1).names):
            # A lone user is a token where a variable says so; `https://git@host` is none.
            secret = whole.part(start, start + 1)
        else:
            continue
        yield Credential(command, secret, "the URL", bool(keeps(command)))


def _is_secretive(names: list[str]) -> bool:
    return any(secret_name(name) is not None or any(part in name.lower() for part in _TELLING) for name in names)


def _by_long_options(command: ShellCommand, program: str, options: dict[str, str]) -> Iterator[Credential]:
    words = command.words
    for place in range(1, len(words)):
        word = words[place]
        text = word.partial
        if len(text) < 6 or text[0] != "-":
            continue
        name, equals, _ = text.partition("=")
        if name in options or not _takes_secret(name):
            continue
        if equals:
            value = spelled(word).part(len(name) + 1)
        elif text.startswith("--") and place + 1 < len(words) and not words[place + 1].partial.startswith("-"):
            value = spelled(words[place + 1])
        else:
            continue
        yield Credential(command, value, name if len(name) < 60 else "an option", bool(keeps(command)), name.strip("-"))


def _takes_secret(option: str) -> bool:
    """Whether an option (`--api-token`, `-Ddb.password`, `--//host/:_authToken`) takes a secret, by its name."""
    lower = option.lower()
    if not any(part in lower for part in ("pass", "token", "key", "secret")) or len(option) > 120:
        return False
    if not option.startswith("--"):
        if option[:2] not in ("-D", "-P", "-p"):
            return False
        option = option[2:]
        if "." not in option and "_" not in option and option.lower() != "password":
            return False
    name = option.lstrip("-")
    return known.names_credential(name) and known.setting_words(name)[0] not in known.NOT_FIRST


def _by_operands(command: ShellCommand, program: str) -> Iterator[Credential]:
    texts = [word.partial for word in command.words]
    if program in ("npm", "pnpm", "yarn"):
        yield from _settings(command, texts)
        return
    if program == "git":
        yield from _git_settings(command, texts)
        return
    if program == "htpasswd":
        yield from _htpasswd(command)
        return
    if program == "bundle" and "config" in texts[1:3]:
        yield from _bundle(command, texts)
        return
    for verbs, index in _OPERANDS.get(program, ()):
        operands = [word for word in command.words[1:] if not word.partial.startswith("-")]
        start = _place_of(verbs, operands)
        if start is not None and start + len(verbs) + index < len(operands):
            value = spelled(operands[start + len(verbs) + index])
            if program == "vault" and value.text.startswith("token="):
                value = value.part(6)
            yield Credential(command, value, f"{program} {verbs[0].rstrip('.')}", bool(keeps(command)))


def _place_of(verbs: tuple[str, ...], operands: list[ShellWord]) -> int | None:
    """Where some words stand in a row; those with a full stop at their end are the beginning of a word."""
    for start in range(min(len(operands) - len(verbs) + 1, 6)):
        if all(
            operand.partial.startswith(verb) if verb.endswith(".") else operand.partial == verb
            for verb, operand in zip(verbs, operands[start:], strict=False)
        ):
            return start
    return None


def _settings(command: ShellCommand, texts: list[str]) -> Iterator[Credential]:
    """`npm config set //host/:_authToken X`, `npm set key=X`, `yarn config set npmAuthToken X`."""
    if "set" not in texts[1:4]:
        return
    rest = command.words[texts.index("set") + 1 :]
    for place, word in enumerate(rest):
        key, equals, _ = word.partial.partition("=")
        last = key.rpartition(":")[2].lower().rpartition(".")[2].strip("\"'[]")
        if last not in ("_authtoken", "_auth", "_password", "npmauthtoken", "npmauthident"):
            continue
        if equals:
            yield Credential(command, spelled(word).part(len(key) + 1), key, True)
        elif place + 1 < len(rest):
            yield Credential(command, spelled(rest[place + 1]), key, True)


def _git_settings(command: ShellCommand, texts: list[str]) -> Iterator[Credential]:
    for place, text in enumerate(texts):
        name, equals, _ = text.partition("=")
        if not name.lower().endswith(".extraheader"):
            continue
        value: Spelled | None = None
        if equals:
            value = _in_header(spelled(command.words[place]).part(len(name) + 1))
        elif place + 1 < len(texts):
            value = _in_header(spelled(command.words[place + 1]))
        if value is not None:
            yield Credential(command, value, "the header", "config" in texts[1:6])


def _htpasswd(command: ShellCommand) -> Iterator[Credential]:
    letters = "".join(word.partial[1:] for word in command.words[1:] if word.is_flag)
    operands = [word for word in command.words[1:] if not word.is_flag]
    if "b" in letters and len(operands) > 1:
        yield Credential(command, spelled(operands[-1]), "htpasswd -b")


def _bundle(command: ShellCommand, texts: list[str]) -> Iterator[Credential]:
    """`bundle config [set] [--global] gems.example.com user:password`: a host, and credentials for it."""
    operands = [word for word in command.words[texts.index("config") + 1 :] if not word.is_flag]
    if operands and operands[0].partial == "set":
        operands = operands[1:]
    if len(operands) > 1 and "." in operands[0].partial and not operands[0].partial.startswith("build."):
        value = spelled(operands[1])
        if "://" in value.text or operands[0].partial.startswith("mirror"):
            return
        yield Credential(command, value.part(value.text.find(":") + 1), "bundle config", True)


def _from_input(command: ShellCommand, program: str) -> Iterator[Credential]:
    """What `echo X | docker login --password-stdin` and its like are handed."""
    before = command.pipe_from
    if before is None or before.program not in _SPEAKERS:
        return
    if program in known.READING:
        mark = known.READING[program]
        for word in before.words[1:]:
            value = spelled(word)
            cut = value.text.rfind(mark) if len(mark) > 1 else value.text.find(mark)
            if cut >= 0 and not value.text.startswith("-"):
                user = value.text[:cut] if mark == ":" else ""
                yield Credential(command, value.part(cut + len(mark)), "standard input", user=user)
        return
    for name, verb, option in known.FROM_INPUT:
        if name != program or command.subcommand != verb or (option and not _has_word(command, option)):
            continue
        for word in before.words[1:]:
            value = spelled(word)
            if value.text.startswith("-") or (MARK not in value.text and "%" in value.text):
                continue
            if name == "git":
                cut = value.text.find("password=")
                if cut < 0:
                    continue
                value = value.part(cut + len("password="))
            yield Credential(command, value, "standard input", True)
            return


def _in_statements(command: ShellCommand) -> Iterator[Credential]:
    """Passwords in SQL that a database is handed: `IDENTIFIED BY 'x'`, `PASSWORD 'x'`."""
    before = command.pipe_from
    words = [*command.words[1:], *(before.words[1:] if before is not None and before.program in _SPEAKERS else ())]
    for word in words:
        lower = word.partial.lower()
        if not any(mark in lower for mark in known.STATEMENTS):
            continue
        value = spelled(word)
        text = value.text.lower()
        for mark in known.STATEMENTS:
            start = text.find(mark)
            end = text.find("'", start + len(mark)) if start >= 0 else -1
            if end > 0:
                yield Credential(command, value.part(start + len(mark), end), "a statement")
                break


def _has_word(command: ShellCommand, text: str) -> bool:
    return any(word.partial == text for word in command.words)


def _assigned(command: ShellCommand) -> Iterator[Credential]:
    """Variables with a secret's name that are given a literal before or by the command."""
    if not command.assignments:
        return
    for name, word in command.assignments:
        if word is None or not sets_secret(name):
            continue
        value = spelled(word)
        if value.is_literal:
            yield Credential(command, value, name, name=name)
