"""Programs: which are known to leave nothing behind but files, and which may run a package manager unseen."""

from __future__ import annotations

from dfadvise.effects import FILE_PROGRAMS, HARMLESS
from dfadvise.knowledge.language_managers import language_manager
from dfadvise.knowledge.package_managers import system_manager
from dfadvise.knowledge.programs import ACCOUNT_PROGRAMS, SHELLS
from dfadvise.shells.wrappers import shell_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Run

_SETTERS = ACCOUNT_PROGRAMS | frozenset(
    "update-ca-certificates locale-gen localedef dpkg-reconfigure update-alternatives ldconfig".split()
)
# They run programs that are written elsewhere.
_ANYTHING = frozenset(("java", "node", "ruby", "perl"))
# Programs beyond the well-known ones that run no package manager.
_QUIET = frozenset(
    """gcc g++ cc c++ clang clang++ ld ar ranlib cmake ninja meson rustc rustup javac jar gofmt protoc openssl keytool
    gpg gpg2 gpgv apt-key apt-cache apt-mark apt-config dpkg dpkg-deb dpkg-divert dpkg-statoverride rpm
    debconf-set-selections update-rc.d service systemctl a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf
    docker-php-ext-configure docker-php-ext-install docker-php-ext-enable docker-php-source pecl phpenmod phpdismod
    supervisorctl crontab setcap getcap mktemp tac nl fold yes iconv envsubst msgfmt sqlite3 ssh-keygen ssh-keyscan svn
    hg virtualenv fc-cache texhash mktexlsr tlmgr mknod mkfifo logger ldd column paste split shuf nginx apachectl
    update-ca-trust add-shell remove-shell visudo git-lfs docker-php-entrypoint""".split()
)
_INTERPRETERS = frozenset(("java", "node", "ruby", "perl", "python", "php"))
# Files that are sourced for their variables.
_SETTINGS = frozenset(("activate", "env", ".bashrc", ".profile", ".bash_profile", "profile", "nvm.sh", "environment"))


def is_known_program(program: str) -> bool:
    """Whether a program is known to leave nothing behind but files."""
    if program in HARMLESS or program in FILE_PROGRAMS or program in _SETTERS:
        return True
    return system_manager(program) is not None or language_manager(program) is not None


def is_proven(run: Run) -> bool:
    """Whether every program of a RUN is one that is known to leave nothing behind but files."""
    return all(
        command.is_assignment
        or (command.program is not None and command.program not in _ANYTHING and is_known_program(command.program))
        for command in run.all_commands()
    )


def may_install(command: ShellCommand) -> bool:
    """Whether a command may run a package manager that is not to be seen: a script, an unknown program.

    Args:
        command: Any command; those inside `sh -c` and the like stand for themselves.
    """
    program = command.program
    if program is None:
        return bool(command.words)
    if program in SHELLS or program == "su":
        return _runs_script(command)
    if program in (".", "source"):
        name = command.operands[0].partial.rpartition("/")[2] if command.operands else ""
        return name not in _SETTINGS
    if program == "eval":
        return shell_text(command) is None or command.words[1].text is None
    if program.rstrip("0123456789.") in _INTERPRETERS:
        first = command.words[1].partial if len(command.words) > 1 else "-"
        return not first.startswith("-")
    return not (is_known_program(program) or program in _QUIET)


def _runs_script(command: ShellCommand) -> bool:
    handed = shell_text(command)
    if handed is not None:
        return handed[0].text is None
    # A heredoc is read as commands of its own.
    return command.body is None or bool(command.operands)
