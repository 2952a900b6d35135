"""Who a container runs as: the users that a chain creates, the one it ends as, and what drops root at the start."""

from __future__ import annotations

from itertools import islice

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.knowledge.base_users import drops_root, not_root
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import NONE
from dfadvise.knowledge.programs import SHELLS, valued_options
from dfadvise.layers import copy_effects
from dfadvise.managers.packages import actions, reading
from dfadvise.memory import remembered
from dfadvise.paths import is_below
from dfadvise.shells.startup import Startup
from dfadvise.shells.written import written
from dfadvise.syntax.instructions import Copy, Run, Single
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Stage

_ROOT = words("root 0 00 000")
# Programs that start another one as another user; images name them in their entrypoint scripts too.
_DROPPERS = ("gosu", "su-exec", "setpriv", "s6-setuidgid", "s6-applyuidgid", "s6-overlay", "s6-svscan", "chpst")
_SWITCHERS = words("su runuser setuidgid start-stop-daemon capsh sudo doas") | frozenset(_DROPPERS)
_INIT = words("init systemd my_init runsvdir runsvdir-start runit openrc-init s6-svscan systemd-init")
# They start what they start as other users.
_LOGINS = words("sshd dropbear cron crond atd in.tftpd")
# Started as root, they drop it themselves, or need it: for ports, logs, devices, other users.
_ROOT_SERVICES = _LOGINS | words(
    "supervisord dockerd containerd rsyslogd syslog-ng dnsmasq openvpn wg-quick postfix master dovecot named chronyd"
    " ntpd vsftpd proftpd pure-ftpd smbd nmbd nginx openresty httpd apache2 apache2ctl apachectl apache2-foreground"
    " httpd-foreground php-fpm haproxy squid slapd krb5kdc kadmind rpcbind exportfs mysqld mariadbd postgres buildkitd"
    " keepalived bird frr zabbix_server x11vnc Xvfb xrdp dbus-daemon udevd"
)
_ROOT_PACKAGES = words("openssh-server supervisor su-exec gosu cron cronie dcron s6 s6-overlay runit daemontools")
_SCRIPTS = (".sh", ".bash")
_ROOT_WORDS = ("chown", "chmod", "usermod", "useradd", "adduser", "groupmod", "/etc/", "/root", "mount", "iptables")
_REPLS = words("ipython irb node R ruby julia ghci iex erl jshell lua scala sbcl guile pry bpython gdb psql pwsh deno")
_INTERACTIVE = words("-i -l -a --login --interactive -il -li")
# They run a function for a platform, which picks the user.
_FUNCTIONS = (
    "public.ecr.aws/lambda/",
    "public.ecr.aws/sam/",
    "amazon/aws-lambda-",
    "lambci/lambda",
    "mcr.microsoft.com/azure-functions/",
    "gcr.io/google-appengine/",
    "openfaas/",
)
# Their own entrypoint is a process manager that starts services as other users.
_INIT_BASES = ("ghcr.io/linuxserver/", "lscr.io/linuxserver/", "linuxserver/", "lsiobase/", "phusion/")
_LONGEST_SCRIPT = 100_000
_MOST_COPIES = 100
_ADDERS = words("useradd adduser usermod addgroup gpasswd userdel deluser")
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


def is_root(user: str) -> bool:
    """Whether a USER is root: `root`, `0`, `root:group`, `ContainerAdministrator`."""
    name = user.strip().partition(":")[0]
    return name in _ROOT or name.lower() == "containeradministrator"


def last_user(stage: Stage) -> Single | None:
    """The USER in force at the end of a stage's chain; None when the chain has none."""
    memo = remembered(stage.file)
    slot = ("last user", stage.index)
    if slot not in memo:
        memo[slot] = next(_users(stage), None)
    found: Single | None = memo[slot]
    return found


def _users(stage: Stage) -> Iterator[Single]:
    """The USERs of a chain, the last one first."""
    for each in reversed(stage.chain):
        for instruction in reversed(each.instructions):
            if isinstance(instruction, Single) and instruction.keyword == "USER":
                yield instruction


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
                if command.program in _ADDERS:
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
    valued: Collection[str] = valued_options(command.program)
    if command.program == "gpasswd":
        valued = ("-a", "--add", "-d", "--delete", "-M", "-A", "-R")
    elif command.program == "usermod":
        valued = valued or NONE
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
    for each in written(instruction):
        if each.path != "/etc/passwd":
            continue
        for line in each.text.splitlines():
            fields = line.strip().strip("'\"").split(":")
            if len(fields) >= 4 and fields[0] and fields[2].isdigit() and UNKNOWN not in fields[0]:
                account = _account(found, fields[0])
                account.uid, account.uid_variable = fields[2], "" if "$" in instruction.body.text else None
                account.created = each.command


def switches_user(run: Run) -> bool:
    """Whether a RUN names a program that starts another one as another user."""
    return any(
        command.program in _SWITCHERS or not _SWITCHERS.isdisjoint(command.wrappers)
        for command in reading(run).commands
    )


def starts_unprivileged(stage: Stage) -> bool:
    """Whether the base is known to run as another user than root, or the platform that starts it picks one."""
    base = base_of(stage)
    if base is None:
        return False
    # The port of https may be written out.
    return not_root(base.name.replace(":443/", "/", 1), base.tag) or is_function(stage)


def is_function(stage: Stage) -> bool:
    """Whether a chain stands on the runtime of a function platform."""
    base = base_of(stage)
    return base is not None and base.name.startswith(_FUNCTIONS)


def handover(stage: Stage) -> str | None:
    """Why a container of a stage may start as root: it drops root itself, or it is there to be entered.

    Args:
        stage: The exported stage.

    Returns:
        The reason, for people to read; None when there is none.
    """
    startup = Startup(stage)
    base = base_of(stage)
    drops = base is not None and (drops_root(base.name) or base.name.startswith(_INIT_BASES))
    if base is not None and drops and startup.entrypoint is None:
        return f"the entrypoint of {base.name} drops root"
    if is_interactive(startup):
        return "it starts a shell to work in"
    program = startup.program
    if program in _INIT:
        return f"{program} starts services as their own users"
    if program in _LOGINS:
        return f"{program} starts sessions and jobs as their own users"
    for command in startup.commands():
        if command.program in _SWITCHERS or not _SWITCHERS.isdisjoint(command.wrappers):
            return "its command drops root"
    named = _named_dropper(stage, startup)
    return f"{named} drops root" if named else None


def may_need_root(stage: Stage) -> bool:
    """Whether what a container starts may need root, as far as can be told.

    Args:
        stage: The exported stage.

    Returns:
        False only when each program that is started is known by name, and no script that nobody can read is among
        them.
    """
    startup = Startup(stage)
    base = base_of(stage)
    if not startup.is_set or base is None or (base.distribution is None and not base.is_scratch and base.users is None):
        return True
    started = startup.words()
    names = {word.rpartition("/")[2] for word in started}
    if any(name in _ROOT_SERVICES or name.rstrip("0123456789.") in _ROOT_SERVICES for name in names):
        return True
    for instruction in stage.chain_instructions():
        if isinstance(instruction, Run):
            for action in actions(instruction):
                if action.installs and any(
                    word.partial.partition("=")[0] in _ROOT_PACKAGES for word in action.operands
                ):
                    return True
    brought = any(name.endswith(_SCRIPTS) or "entrypoint" in name or name == "init" for name in names)
    if not brought and startup.program is not None:
        return False
    scripts = list(_scripts(stage, startup))
    return not scripts or any(part in script for script in scripts for part in (*_ROOT_WORDS, *_ROOT_SERVICES))


def is_interactive(startup: Startup) -> bool:
    """Whether a container only starts a shell or another prompt, for a person to work at."""
    if startup.is_bare_shell and (startup.entrypoint is None or startup.cmd is None):
        return True
    argv: list[str | None] = []
    for started in (startup.entrypoint, startup.cmd):
        if started is None:
            continue
        commands = list(started.all_commands())
        if started is startup.cmd and startup.entrypoint is not None:
            argv.extend(word.text for word in started.args)
        elif len(commands) != 1 or commands[0].pipe_from is not None:
            return False
        else:
            argv.extend(commands[0].texts)
    if not argv or argv[0] is None:
        return False
    program = argv[0].rpartition("/")[2]
    options = argv[1:]
    if program == "php":
        return options == ["-a"]
    if program not in SHELLS and program not in _REPLS and program.rstrip("0123456789.") not in ("python", "pypy"):
        return False
    return all(option in _INTERACTIVE for option in options)


def _named_dropper(stage: Stage, startup: Startup) -> str | None:
    """A program that drops root which a RUN, a COPY or the script of the entrypoint names."""
    if mentions(stage.file, *_DROPPERS):
        for instruction in stage.chain_instructions():
            if isinstance(instruction, Run):
                for command in reading(instruction).commands:
                    for word in (*command.wrapper_words, *command.words):
                        named = _dropper_in(word.partial)
                        if named:
                            return named
                    named = _dropper_in(command.body.text) if command.body is not None else None
                    if named:
                        return named
            elif isinstance(instruction, Copy):
                named = next(filter(None, (_dropper_in(part) for part in _copied(instruction))), None)
                if named:
                    return named
    for script in _scripts(stage, startup):
        named = _dropper_in(script)
        if named:
            return named
    return None


def _dropper_in(text: str) -> str | None:
    return next((name for name in _DROPPERS if name in text), None)


def _copied(copy: Copy) -> Iterator[str]:
    yield copy.origin or ""
    for word in copy.sources:
        yield word.text
    for heredoc in copy.heredocs:
        yield heredoc.content


def _scripts(stage: Stage, startup: Startup) -> Iterator[str]:
    """The texts of the scripts that are started, as far as they come from the build context."""
    context = stage.file.context
    if context is None:
        return
    names = [word for word in startup.words()[:4] if "." in word or "entrypoint" in word or "/" in word]
    for name in names:
        tail = name.lstrip("./")
        copies = (each for each in stage.chain_instructions() if isinstance(each, Copy) and each.origin is None)
        for instruction in islice(copies, _MOST_COPIES if tail else 0):
            for effect in copy_effects(instruction, {"/", "/usr/local/bin", "/usr/bin", "/app", "/opt"}):
                source = _source_of(effect.path, effect.origin, effect.tree, name, tail)
                text = context.read_text(source, _LONGEST_SCRIPT) if source else None
                if text:
                    yield text


def _source_of(path: str | None, origin: str | None, tree: bool, name: str, tail: str) -> str | None:
    """The file of the context that a started script comes from, when a copy brings it."""
    if path is None or origin is None or origin.startswith("<<"):
        return None
    if not tree:
        same = path == name if name.startswith("/") else path.endswith("/" + tail)
        return origin if same or origin.rpartition("/")[2] == tail else None
    if name.startswith("/"):
        return f"{origin}/{name[len(path) :].lstrip('/')}" if is_below(name, path) else None
    return f"{origin}/{tail}"
