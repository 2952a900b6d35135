"""What the commands of a RUN read of the files that were copied before it.

The question behind the order of a Dockerfile: a step that reads nothing of a copy has no business below it, and one
that installs dependencies needs their manifests alone. Programs that are not known here may read anything.
"""

from __future__ import annotations

from dfadvise.effects import FILE_PROGRAMS, HARMLESS, INTERPRETERS, home_of
from dfadvise.knowledge.language_managers import NODE, is_path, reads_sources
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import option_at
from dfadvise.knowledge.programs import ACCOUNT_PROGRAMS, SHELLS
from dfadvise.managers.packages import INSTALLS, option_value, reading
from dfadvise.memory import remembered
from dfadvise.paths import resolve, word_path
from dfadvise.shells.wrappers import shell_text
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Run

# What a command reads of the project.
NOTHING = "nothing"
FILES = "files"  # only what it names
MANIFESTS = "manifests"  # the manager's manifests
PROJECT = "project"  # installs dependencies and then the project itself, which can be two steps
COMPILE = "compile"  # compiles, and fetches the dependencies for it
UNKNOWN_FILES = "unknown"

# They work on the system, whatever the directory.
_SYSTEM = ACCOUNT_PROGRAMS | words(
    "locale-gen localedef update-locale ldconfig update-ca-certificates update-ca-trust update-alternatives"
    " apt-key apt-mark apt-cache apt-config apt-add-repository add-apt-repository dpkg-reconfigure dpkg-divert"
    " debconf-set-selections gpg gpgconf gpg-agent dirmngr rustup rustc corepack nvm fnm n pyenv rbenv sdk fc-cache"
    " yum-config-manager docker-php-ext-install docker-php-ext-enable docker-php-ext-configure docker-php-source"
    " install-php-extensions pecl pear a2enmod a2dismod a2ensite a2dissite rpmkeys rpmdb microdnf ssh-keyscan"
    " rc-update setcap getcap chgrp mknod mkfifo mktemp sysctl phpenmod phpdismod lighty-enable-mod"
    " nodenv luarocks opam ghcup juliaup tlmgr npm-check update-rc.d systemctl localectl timedatectl cpanm"
)
# What of them takes long.
COSTLY = words(
    "docker-php-ext-install install-php-extensions pecl rustup nvm pyenv rbenv sdk luarocks opam ghcup tlmgr cpanm"
    " add-apt-repository locale-gen"
)
_QUESTIONS = frozenset(("--version", "-version", "-V", "-v", "version", "--help", "-h", "--info"))
_SETTINGS = frozenset(("config", "set", "get", "cache", "--version", "-v", "-V", "version", "env", "ping", "doctor"))
_GIT_ELSEWHERE = frozenset(("clone", "config", "ls-remote", "init", "--version", "version"))
_PACKAGE_ENDINGS = (".deb", ".rpm", ".apk", ".whl", ".tgz", ".tar.gz", ".zip", ".jar", ".gem", ".nupkg", ".crate")
_PIP_FILES = ("-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints")
_PIP_LINKS = ("-f", "--find-links")
_FOLDERS = {
    "npm": ("--prefix", "-C"),
    "yarn": ("--cwd",),
    "yarn-berry": ("--cwd",),
    "pnpm": ("-C", "--dir", "--prefix"),
    "bun": ("--cwd",),
    "composer": ("-d", "--working-dir"),
    "poetry": ("-C", "--directory", "-P", "--project"),
    "uv": ("--directory", "--project"),
    "go": ("-C",),
    "gradle": ("-p", "--project-dir"),
}
_NAMED = {
    "maven": ("-f", "--file"),
    "bundler": ("--gemfile",),
    "cargo": ("--manifest-path",),
    "conda": ("-f", "--file"),
    "gradle": ("-b", "--build-file"),
}


class Need:
    """What one command reads of the copied files.

    Attributes:
        kind: NOTHING, FILES, MANIFESTS, PROJECT, COMPILE or UNKNOWN_FILES.
        command: The command.
        action: What it is as a package manager's command, or None.
        folder: The directory it works in; None when that is not known.
        paths: The absolute paths that it names: files, or the manifests that it is told to read.
    """

    __slots__ = ("action", "command", "folder", "kind", "paths")

    def __init__(self, kind: str, command: ShellCommand, folder: str | None, action: Action | None = None) -> None:
        self.kind = kind
        self.command = command
        self.folder = folder
        self.action = action
        self.paths: list[str] = []

    def __repr__(self) -> str:
        return f"Need({self.kind} {self.command})"

    def as_kind(self, kind: str) -> Need:
        """The same command with another kind of need."""
        other = Need(kind, self.command, self.folder, self.action)
        other.paths = self.paths
        return other


def needs_of(run: Run) -> list[Need]:
    """What each command of a RUN reads, in order; worked out once a file.

    Args:
        run: The instruction; the content of its bind mounts is not looked at here.
    """
    memo = remembered(run.file)
    slot = ("needs.needs", id(run))
    if slot not in memo:
        memo[slot] = _needs(run)
    found: list[Need] = memo[slot]
    return found


def _needs(run: Run) -> list[Need]:
    found = reading(run)
    by_command = {id(action.command): action for action in found.actions}
    home = home_of(run)
    needs: list[Need] = []
    script = None
    folder: str | None = None
    scopes: list[tuple[int, str | None]] = []
    for command in found.commands:
        if command.script is not script and command.parent is None:
            script, folder, scopes = command.script, run.stage.symbolic_workdir_at(run), []
        depth = command.contexts.count("subshell")
        while scopes and depth < scopes[-1][0]:
            folder = scopes.pop()[1]
        if command.program in ("cd", "pushd"):
            if depth and (not scopes or scopes[-1][0] < depth):
                scopes.append((depth, folder))
            folder = _changed(command, folder, home)
            needs.append(Need(NOTHING, command, folder))
            continue
        action = by_command.get(id(command))
        need = _of_action(action, folder, home) if action is not None else _of_program(command, folder, home)
        if _is_given_a_file(command):
            need.kind = UNKNOWN_FILES
        _add_redirects(need, home)
        needs.append(need)
    return needs


def _is_given_a_file(command: ShellCommand) -> bool:
    """Whether the words of a command come from a file that xargs reads: `xargs -a packages.txt apt-get install`."""
    if "xargs" not in command.wrappers or command.pipe_from is not None:
        return False
    return not any(redirect.operator == "<" for redirect in command.redirects)


def is_tool(need: Need) -> bool:
    """Whether a command is one of those that work on the system, by the name of its program."""
    return need.command.program in _SYSTEM


def cost_of(need: Need) -> int:
    """What a command costs in time: 3 to 1, 0 for next to nothing."""
    action = need.action
    if action is not None:
        if action.effect in INSTALLS or action.effect in ("download", "compile"):
            return action.manager.rank
        return 1 if action.effect == "refresh" else 0
    program = need.command.program
    if program in COSTLY:
        return 2
    if program in ("curl", "wget"):
        return int(any("://" in word.partial for word in need.command.words))
    return int(program == "git" and need.command.subcommand == "clone")


def run_cost(run: Run) -> int:
    """What a RUN costs in time, by its most costly command; see `cost_of`."""
    return max((cost_of(need) for need in needs_of(run)), default=0)


def _changed(command: ShellCommand, folder: str | None, home: str | None) -> str | None:
    if command.conditional or not command.operands or command.operands[0].partial == "-":
        return home if not command.operands and not command.conditional else None
    return word_path(command.operands[0], folder, home)


def _add_redirects(need: Need, home: str | None) -> None:
    for redirect in need.command.redirects:
        if redirect.operator == "<" and redirect.target is not None:
            path = word_path(redirect.target, need.folder, home)
            if path is None:
                need.kind = UNKNOWN_FILES
            else:
                need.paths.append(path)
                if need.kind == NOTHING:
                    need.kind = FILES


def _of_program(command: ShellCommand, folder: str | None, home: str | None) -> Need:
    program = command.program
    need = Need(NOTHING, command, folder)
    if command.is_assignment or (program is None and not command.words):
        return need
    if program is None:
        need.kind = UNKNOWN_FILES
    elif program in SHELLS:
        need.kind = NOTHING if _reads_a_pipe(command) or shell_text(command) is not None else UNKNOWN_FILES
    elif program in (".", "source"):
        _name_paths(need, command.operands[:1], home)
    elif program == "git":
        need.kind = NOTHING if command.subcommand in _GIT_ELSEWHERE else UNKNOWN_FILES
    elif program in INTERPRETERS or program.startswith(("python", "pypy", "php")):
        need.kind = NOTHING if _only_asks(command) else UNKNOWN_FILES
    elif program in _SYSTEM:
        _name_paths(need, [word for word in command.words[1:] if "/" in word.partial], home)
    elif program in HARMLESS or program in FILE_PROGRAMS or program in ("dpkg", "rpm", "mkdir", "zip", "cpio"):
        _of_file_program(need, home)
    elif _only_asks(command) or (
        len(command.words) > 1 and command.words[1].partial in _SETTINGS and _is_manager(program)
    ):
        need.kind = NOTHING
    else:
        need.kind = UNKNOWN_FILES
    return need


def _is_manager(program: str) -> bool:
    from dfadvise.knowledge.language_managers import language_manager
    from dfadvise.knowledge.package_managers import system_manager

    return language_manager(program) is not None or system_manager(program) is not None


def _only_asks(command: ShellCommand) -> bool:
    return len(command.words) == 2 and command.words[1].partial in _QUESTIONS


def _reads_a_pipe(command: ShellCommand) -> bool:
    """Whether a shell runs what is downloaded and piped into it."""
    first = command.pipe_from
    return first is not None and (not command.operands or command.has_flag("-s"))


def _of_file_program(need: Need, home: str | None) -> None:
    command = need.command
    program = command.program or ""
    if program in ("echo", "printf", "true", "false", ":", "set", "shopt", "export", "unset", "trap", "alias", "mkdir"):
        # Their words are no files that are there already.
        return
    operands = [word for word in command.operands if "://" not in word.partial]
    if program in ("curl", "wget"):
        reads = ("-T", "--upload-file", "-K", "--config", "--cacert", "-E", "--cert", "--key", "-i", "--input-file")
        operands = [word for word in command.words[1:] if word.partial.startswith("@")]
        if any(True for _ in command.option_words(*reads)):
            need.kind = UNKNOWN_FILES
            return
    elif program in ("find", "ls", "du", "rsync", "grep", "egrep", "fgrep", "tar", "patch", "stat") and not any(
        "/" in word.partial for word in command.words[1:]
    ):
        if program not in ("grep", "egrep", "fgrep", "tar") or command.pipe_from is None:
            need.kind = UNKNOWN_FILES
        return
    elif program in ("sed", "awk", "gawk", "grep", "egrep", "fgrep", "jq", "yq", "tr", "cut", "sort", "uniq", "head"):
        # The expression may look like a path.
        operands = operands[1:] if program not in ("sort", "uniq", "head") else operands
    elif program in ("[", "[[", "test", "which", "type", "hash", "command", "id", "getent", "sleep", "date", "uname"):
        operands = [word for word in command.words[1:] if "/" in word.partial]
    elif program in ("rpm", "dpkg"):
        operands = [word for word in operands if "/" in word.partial or word.partial.endswith(_PACKAGE_ENDINGS)]
    _name_paths(need, operands, home)


def _name_paths(need: Need, named: list[ShellWord], home: str | None) -> None:
    for word in named:
        if word.is_flag and "=" not in word.partial:
            continue
        text = word.partial.partition("=")[2] if word.is_flag else word.partial
        path = word_path(word, need.folder, home) if not word.is_flag else resolve(text, need.folder, home)
        if path is not None:
            need.paths.append(path)
            need.kind = FILES
        elif "/" not in text.replace(UNKNOWN, "") and UNKNOWN in text:
            # `$VERSION` and the like: most often no path, but nobody knows.
            need.kind = need.kind if need.folder is not None and not text.startswith(UNKNOWN) else UNKNOWN_FILES
        elif need.folder is None:
            need.kind = UNKNOWN_FILES


def _of_action(action: Action, folder: str | None, home: str | None) -> Need:
    need = Need(NOTHING, action.command, folder, action)
    manager = action.manager
    if action.effect in ("clean", "remove") and not (manager.name == "uv" and action.verb == "remove"):
        return need
    if manager.system or manager.name in ("gem", "pipx"):
        local = [
            word
            for word in action.operands
            if is_path(word.partial) or (word.partial.endswith(_PACKAGE_ENDINGS) and "://" not in word.partial)
        ]
        _name_paths(need, local, home)
        if any(word.partial == UNKNOWN and "(" in word.raw for word in action.operands):
            need.kind = FILES if need.kind == NOTHING else need.kind
        return need
    given = option_value(action, _FOLDERS[manager.name]) if manager.name in _FOLDERS else None
    if given is not None:
        need.folder = resolve(given, folder, home) if UNKNOWN not in given else None
    need.kind = _kind(action)
    for name, value in _named_files(action):
        path = resolve(value, need.folder, home) if UNKNOWN not in value else None
        if "://" in value:
            continue
        if path is None or name in _PIP_LINKS:
            need.kind = UNKNOWN_FILES
        else:
            need.paths.append(path)
    return need


def _named_files(action: Action) -> Iterator[tuple[str, str]]:
    """Files that a command is told to read by option, each with the option."""
    name = action.manager.name
    names = _PIP_FILES + _PIP_LINKS if name in ("pip", "uv", "pipenv") else _NAMED.get(name, ())
    argv = action.argv
    for at in range(1, len(argv)):
        option, equals, value = argv[at].partition("=")
        if option in names:
            if equals:
                yield option, value
            elif at + 1 < len(argv):
                yield option, argv[at + 1]
        elif argv[at][:2] in names and len(argv[at]) > 2 and argv[at][1] != "-":
            yield argv[at][:2], argv[at][2:]


def _kind(action: Action) -> str:
    manager, verb, argv = action.manager.name, action.verb, action.argv
    names = [word.partial for word in action.operands]
    if any(is_path(name) or name.endswith(_PACKAGE_ENDINGS) for name in names) and manager not in ("maven", "gradle"):
        if manager in ("go", "cargo", "nuget") and action.effect == "compile":
            return COMPILE
        if manager != "nuget":
            return UNKNOWN_FILES
    if manager in ("pip", "uv") and (manager == "pip" or verb.startswith(("pip ", "tool ", "python ", "venv"))):
        if reads_sources(action.use, argv) or any(name.startswith(UNKNOWN) for name in names):
            return UNKNOWN_FILES
        if verb in ("pip compile", "pip sync"):
            return MANIFESTS if verb == "pip compile" or not names else UNKNOWN_FILES
        return MANIFESTS if any(option in _PIP_FILES for option, _ in _named_files(action)) else NOTHING
    if manager == "uv":
        if verb in ("export", "lock"):
            return MANIFESTS
        if verb != "sync":
            return UNKNOWN_FILES
        return PROJECT if reads_sources(action.use, argv) else MANIFESTS
    if manager == "poetry":
        if verb.startswith("self "):
            return NOTHING
        if verb not in ("install", "sync", "lock"):
            return UNKNOWN_FILES
        return PROJECT if verb != "lock" and reads_sources(action.use, argv) else MANIFESTS
    if manager == "pipenv":
        return UNKNOWN_FILES if reads_sources(action.use, argv) else MANIFESTS
    if manager == "conda":
        if names and verb not in ("env create", "env update"):
            return NOTHING
        return MANIFESTS
    return _kind_by_tool(action, names)


def _kind_by_tool(action: Action, names: list[str]) -> str:
    manager, verb, argv = action.manager.name, action.verb, action.argv
    if manager in NODE:
        if verb in ("dlx", "x", "create", "deploy", "rebuild", "rb", "import"):
            return UNKNOWN_FILES
        everywhere = verb.startswith("global ") or option_at(argv, ("-g", "--global", "--location=global")) >= 0
        if everywhere:
            return NOTHING if names else UNKNOWN_FILES
        return MANIFESTS
    if manager == "bundler":
        return MANIFESTS if verb in ("install", "i") else UNKNOWN_FILES
    if manager == "composer":
        if verb.startswith("global"):
            return NOTHING
        if verb not in ("install", "i", "update", "u"):
            return UNKNOWN_FILES
        return PROJECT if reads_sources(action.use, argv) else MANIFESTS
    if manager == "go":
        if verb in ("mod tidy", "mod vendor", "work sync", "list", "generate"):
            return UNKNOWN_FILES
        if verb == "mod download":
            return MANIFESTS
        if verb == "get":
            return UNKNOWN_FILES
        return NOTHING if names and all("@" in name for name in names) else COMPILE
    if manager == "cargo":
        if verb in ("install", "binstall"):
            return COMPILE if option_at(argv, ("--path",)) >= 0 else NOTHING
        if verb in ("fetch", "chef cook"):
            return MANIFESTS
        return COMPILE if action.effect == "compile" else UNKNOWN_FILES
    if manager == "nuget":
        if verb == "restore" or verb == "tool restore":
            return MANIFESTS
        if verb in ("tool install", "tool update", "workload install"):
            return NOTHING
        if option_at(argv, ("--no-restore", "--no-build")) >= 0:
            return UNKNOWN_FILES
        return COMPILE if action.effect == "compile" else UNKNOWN_FILES
    # maven, gradle
    if action.effect == "compile":
        return COMPILE
    return MANIFESTS if action.effect == "download" else UNKNOWN_FILES
