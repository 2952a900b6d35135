"""The users that a chain of stages creates or changes."""

from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.programs import valued_options
from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Stage

_PROGRAMS = words("useradd adduser usermod addgroup gpasswd userdel deluser")
_ADDUSER_SHADOW = words("-d -c -m -M -r -p -U -N --create-home --comment --no-create-home --password")
_ADDUSER_BUSYBOX = words("-D -S -H -h")


class Account:
    """A user as a chain leaves it.

    Attributes:
        name: The name.
        uid: The id, digits as written; None when it is not known.
        uid_variable: The variable that holds the id; None where it is written out, "" where it is put together.
        groups: The further groups that it was put into, each with the word that says so.
        created: The command that creates it; None for a user of the base.
    """

    __slots__ = ("created", "groups", "name", "uid", "uid_variable")

    def __init__(self, name: str) -> None:
        self.name = name
        self.uid: str | None = None
        self.uid_variable: str | None = None
        self.groups: list[tuple[str, ShellWord]] = []
        self.created: ShellCommand | None = None

    def __repr__(self) -> str:
        return f"Account({self.name!r})"

    def copy(self) -> Account:
        """The same user, to be changed by a stage above."""
        other = Account(self.name)
        other.uid, other.created, other.groups = self.uid, self.created, list(self.groups)
        other.uid_variable = self.uid_variable
        return other


def accounts(stage: Stage) -> dict[str, Account]:
    """The users that a chain creates or changes, by name.

    Args:
        stage: The last stage of the chain.
    """
    found: dict[str, Account] = {}
    if not mentions(stage.file, "user", "group", "passwd"):
        return found
    memo = remembered(stage.file)
    for each in stage.chain:
        slot = ("accounts", each.index)
        if slot not in memo:
            memo[slot] = _change({name: account.copy() for name, account in found.items()}, each)
        found = memo[slot]
    return found


def _change(found: dict[str, Account], stage: Stage) -> dict[str, Account]:
    """The users below a stage with what its instructions do to them."""
    for instruction in stage.instructions:
        if isinstance(instruction, Run):
            for command in reading(instruction).commands:
                if command.program in _PROGRAMS:
                    _read(command, found, stage)
        if isinstance(instruction, Run | Copy):
            _read_passwd(instruction, found)
    return found


def _read(command: ShellCommand, found: dict[str, Account], stage: Stage) -> None:
    options, operands = _options(command)
    program = command.program
    names = [word.text for word in operands if word.text is not None and not word.text.startswith("/")]
    if not names or len(names) < len(operands) - 1:
        return
    if program in ("userdel", "deluser"):
        found.pop(names[-1], None)
        return
    if program == "gpasswd":
        for option in ("-a", "--add"):
            word = options.get(option)
            if word is not None and word.text is not None:
                _account(found, word.text).groups.append((names[-1], word))
        return
    if program == "addgroup":
        if len(names) == 2:
            _account(found, names[0]).groups.append((names[1], operands[-1]))
        return
    if program == "adduser" and len(names) == 2 and not options.keys() & _ADDUSER_SHADOW:
        _account(found, names[0]).groups.append((names[1], operands[-1]))
        if not options:
            return
        names = names[:1]
    account = _account(found, names[-1])
    uid = options.get("-u") or options.get("--uid")
    if uid is not None and uid.text is not None and uid.text.isdigit():
        account.uid, account.uid_variable = uid.text, _variable(uid)
    if program != "usermod":
        account.created = command
    if program != "adduser" or _is_useradd(options, stage):
        for option in ("-G", "--groups"):
            word = options.get(option)
            if word is not None and word.text is not None:
                account.groups.extend((name, word) for name in word.text.split(",") if name)


def _is_useradd(options: dict[str, ShellWord | None], stage: Stage) -> bool:
    """Whether adduser is another name of useradd here, as on Red Hat's systems; BusyBox' -G is the first group."""
    if options.keys() & _ADDUSER_BUSYBOX:
        return False
    base = base_of(stage)
    return base is not None and base.distribution in ("rhel", "fedora")


def _account(found: dict[str, Account], name: str) -> Account:
    account = found.get(name)
    if account is None:
        account = found[name] = Account(name)
    return account


def _options(command: ShellCommand) -> tuple[dict[str, ShellWord | None], list[ShellWord]]:
    """The options of a command with their values (None where there is none), and its operands."""
    valued = valued_options(command.program)
    options: dict[str, ShellWord | None] = {}
    operands: list[ShellWord] = []
    words = iter(command.words[1:])
    for word in words:
        text = word.partial
        if not word.is_flag:
            operands.append(word)
        elif text.startswith("--"):
            name, equals, _ = text.partition("=")
            value = word if equals else next(words, None) if name in valued else None
            options[name] = _tail(word, len(name) + 1) if equals else value
        else:
            for at in range(1, len(text)):
                letter = "-" + text[at]
                if letter not in valued:
                    options[letter] = None
                    continue
                options[letter] = _tail(word, at + 1) if at + 1 < len(text) else next(words, None)
                break
    return options, operands


def _variable(word: ShellWord) -> str | None:
    """The one variable that a value stands for; None where it has none, "" where there is more to it."""
    raw = word.raw.partition("=")[2] if word.raw.startswith("--") else word.raw
    if "$" not in raw and "`" not in raw:
        return None
    bare = raw[1:-1] if raw[:1] == raw[-1:] == '"' else raw
    name = bare[2:-1] if bare.startswith("${") and bare.endswith("}") else bare[1:]
    return name if bare.startswith("$") and name.isidentifier() else ""


def _tail(word: ShellWord, cut: int) -> ShellWord:
    """The value in a word such as `--uid=1000`, with the place of the whole word."""
    return type(word)(word.script, word.start, word.end, word.raw, word.partial[cut:], word.quoted)


def _read_passwd(instruction: Run | Copy, found: dict[str, Account]) -> None:
    if "/etc/passwd" not in instruction.body.text:
        return
    from dfadvise.shells.written import written

    for each in written(instruction):
        if each.path != "/etc/passwd":
            continue
        for line in each.text.splitlines():
            fields = line.strip().strip("'\"").split(":")
            if len(fields) >= 4 and fields[0] and fields[2].isdigit() and UNKNOWN not in fields[0]:
                account = _account(found, fields[0])
                account.uid, account.uid_variable = fields[2], "" if "$" in instruction.body.text else None
                account.created = each.command
