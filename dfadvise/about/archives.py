"""Downloaded archives: who may still want one after it was unpacked, and how the command that removes it is spelled."""

from __future__ import annotations

from posixpath import basename

from dfadvise.base.bases import base_of
from dfadvise.editing.edits import stands_in_file
from dfadvise.effects import DOWNLOADS, EXTRACTS, directories, home_of
from dfadvise.knowledge.programs import SHELLS
from dfadvise.knowledge.served_folders import SERVED
from dfadvise.layers import chain_layers, copy_target
from dfadvise.managers.cachedirs import is_root
from dfadvise.managers.cleaning import with_sudo
from dfadvise.managers.indexes import NOBODY, PERHAPS, SURELY
from dfadvise.managers.packages import inner, reading
from dfadvise.managers.programs import may_install
from dfadvise.paths import is_below, resolve, word_path
from dfadvise.syntax.instructions import Cmd, Copy, Entrypoint, Env, Healthcheck, Run, Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.effects import Effect
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

CHECKERS = frozenset(
    """sha1sum sha224sum sha256sum sha384sum sha512sum md5sum b2sum shasum rhash cksum gpg gpg2 gpgv minisign signify
    cosign openssl""".split()
)
# They read a file and are done with it.
_PASSING = frozenset(
    """tar bsdtar unzip 7z 7za 7zr gunzip gzip bunzip2 bzip2 unxz xz unzstd zstd zcat xzcat bzcat jar cpio ar rpm2cpio
    dpkg dpkg-deb apt-get apt rpm dnf yum microdnf zypper apk pip pip3 sh bash gem chmod chown chgrp ls stat file du cat
    head tail test [ [[ cp touch mkdir cmp strings""".split()
)
_RAISING = frozenset("sudo doas gosu su-exec setpriv runuser su".split())
_SCRIPT_RUNNERS = frozenset(". source su java node ruby perl python php".split())
_TEMPORARY = ("/tmp", "/var/tmp")
_BINARIES = ("/bin", "/sbin")


def is_check(command: ShellCommand) -> bool:
    """Whether a command checks a file against a signature or a sum; to import a key is to keep it.

    Args:
        command: Any command.
    """
    if command.program not in CHECKERS:
        return False
    return command.program not in ("gpg", "gpg2") or command.has_flag("--verify", "--verify-files")


def is_passing(command: ShellCommand, behind: list[ShellCommand]) -> bool:
    """Whether a command that names a file reads it once, and neither writes its name down nor hands it on.

    Args:
        command: The command.
        behind: The commands behind it in its RUN.
    """
    program = command.program
    if program in ("echo", "printf"):
        # The sum of a file, for the check that follows.
        if command.after in ("|", "|&"):
            return any(each.pipe_from is command and is_check(each) for each in behind)
        sums = {each.target.raw for each in command.redirects if each.writes and each.target is not None}
        return bool(sums) and any(is_check(each) and any(word.raw in sums for word in each.words) for each in behind)
    if any(each.writes for each in command.redirects) and program in ("cat", "ls"):
        return False
    if program in ("curl", "wget"):
        return not command.has_flag("-T", "--upload-file", "-F", "--form", "-d", "--data", "--data-binary", "-K")
    return program in _PASSING or is_check(command)


def wanted_by(run: Run, path: str, last: ShellCommand) -> int:
    """Who may want a file of a RUN behind the last command that names it, without naming it.

    Args:
        run: The RUN.
        path: The file.
        last: The command.

    Returns:
        SURELY when it is served, lies in a volume or is named by the environment, PERHAPS when a script that nobody
        has read runs later, else NOBODY.
    """
    if is_surely_wanted(run, path):
        return SURELY
    stage = run.stage
    commands = reading(run).commands
    place = next((at for at, each in enumerate(commands) if each is last), 0)
    late = {id(each) for each in commands[place + 1 :]}
    found = NOBODY
    for instruction in (run, *stage.after(run)):
        body = inner(instruction)
        if isinstance(body, Cmd | Entrypoint | Healthcheck):
            found = max(found, _started(body, path, run))
        elif isinstance(body, Run) and (
            body.is_opaque
            or any(
                (body is not run or id(command) in late) and _is_foreign(command, cwd, body, run)
                for command, cwd in directories(body, home_of(body))
            )
        ):
            found = max(found, PERHAPS)
    return found


def is_surely_wanted(run: Run, path: str) -> bool:
    """Whether a file of a RUN is served, lies in a volume, is named by the environment or given to the container.

    Args:
        run: The RUN.
        path: The file.
    """
    if any(is_below(path, folder) for folder in SERVED):
        return True
    behind = [inner(each) for each in run.stage.after(run)]
    if any(_announces(each, path) for each in (*map(inner, run.stage.chain_instructions()), *behind)):
        return True
    starting = (each for each in behind if isinstance(each, Cmd | Entrypoint | Healthcheck))
    return any(_started(each, path, run) == SURELY for each in starting)


def _announces(instruction: Instruction, path: str) -> bool:
    """Whether the environment names a file, or a volume holds it."""
    if isinstance(instruction, Words) and instruction.keyword == "VOLUME":
        return any(_reaches(instruction, word.text, path) for word in instruction.args)
    if not isinstance(instruction, Env):
        return False
    name = basename(path)
    for pair in instruction.pairs:
        if pair.value is not None:
            known = instruction.stage.expand_partly(pair.value, instruction) or ""
            # A URL says where it came from.
            if any(name in value and "://" not in value for value in (pair.value, known)):
                return True
    return False


def _started(instruction: Cmd | Entrypoint | Healthcheck, path: str, run: Run) -> int:
    """Whether what a container runs is given the folder of a file, or may be a script that reads it."""
    stage = instruction.stage
    cwd = stage.symbolic_workdir_at(stage.instructions[-1], after=True)
    temporary = any(is_below(path, each) for each in _TEMPORARY)
    found = NOBODY
    for command in instruction.all_commands():
        if any(_reaches(instruction, word.text, path) for word in command.words[1:] if not word.is_flag):
            return SURELY
        if not temporary and _is_foreign(command, cwd, instruction, run):
            found = PERHAPS
    return found


def _reaches(instruction: Instruction, text: str | None, path: str) -> bool:
    """Whether a word of an instruction is a folder above a path, or the path."""
    expanded = instruction.expand(text) if text else None
    if not expanded or "/" not in expanded:
        return False
    folder = resolve(expanded, instruction.stage.symbolic_workdir_at(instruction))
    return folder is not None and folder != "/" and is_below(path, folder)


def _is_foreign(command: ShellCommand, cwd: str | None, instruction: Instruction, run: Run) -> bool:
    """Whether a command is, or may run, a script of the project: what was downloaded knows no name given to it here."""
    if not may_install(command):
        return False
    program = command.words[0]
    script: ShellWord | None = program
    name = (command.program or "").rstrip("0123456789.")
    if name in SHELLS or name in _SCRIPT_RUNNERS:
        script = next(iter(command.operands), None)
    home = home_of(instruction)
    if script is program and "/" not in script.partial:
        # A program by name: `make` does what the folder says, others come from the base, a package or the project.
        if cwd is not None and _is_downloaded(run, cwd):
            return False
        return command.program in ("make", None) or base_of(run.stage) is None or _brings_programs(run.stage)
    path = word_path(script, cwd, home) if script is not None else None
    return path is None or not _is_downloaded(run, path)


def _is_downloaded(run: Run, path: str) -> bool:
    """Whether a path lies in what the chain unpacks or downloads, and the project has copied nothing there."""
    stage = run.stage
    for each in stage.chain:
        for instruction in each.instructions:
            body = inner(instruction)
            if isinstance(body, Copy) and body.origin is None:
                target, _ = copy_target(body)
                if target is None or target == "/" or is_below(path, target) or is_below(target, path):
                    return False
    return any(
        effect.kind in (DOWNLOADS, EXTRACTS) and effect.path is not None and is_below(path, effect.path)
        for layer in chain_layers(stage).layers
        for effect in layer.effects
    )


def _brings_programs(stage: Stage) -> bool:
    """Whether the project copies something to where programs are looked for."""
    for each in stage.chain:
        for instruction in each.instructions:
            body = inner(instruction)
            if isinstance(body, Copy) and body.origin is None:
                target, _ = copy_target(body)
                if target is None or target == "/" or any(f"{part}/" in f"{target}/" for part in _BINARIES):
                    return True
    return False


def removal_of(run: Run, effect: Effect, uses: list[ShellCommand]) -> str | None:
    """The command that removes a downloaded file behind its last use, as the file itself spells the path.

    Args:
        run: The RUN.
        effect: The download.
        uses: The commands that use it, the last one last.

    Returns:
        None when the path can only be written down with today's versions in it, or another user may own it.
    """
    command = effect.command
    if command is None:
        return None
    spelled = _spelled(run, effect, uses)
    if spelled is None:
        return None
    force = "-f " if uses[-1].program in SHELLS else ""  # some installers delete themselves
    text = f"rm {force}{spelled}"
    raisers: set[str] = set()
    outer: ShellCommand | None = command
    while outer is not None:
        raisers.update(_RAISING.intersection(outer.wrappers))
        if outer.program in _RAISING:
            raisers.add(outer.program or "")
        outer = outer.parent
    if not raisers or is_root(run) is True:
        return text
    return with_sudo(command, text) if raisers == {"sudo"} else None


def _spelled(run: Run, effect: Effect, uses: list[ShellCommand]) -> str | None:
    path = effect.path or ""
    home = home_of(run)
    folders = {id(each): cwd for each, cwd in directories(run, home)}
    for command, word in _words(effect, uses):
        if word.raw.startswith("-") or "`" in word.raw or "$(" in word.raw or not stands_in_file(word):
            continue
        cwd = folders.get(id(command))
        if word_path(word, cwd, home) != path:
            continue
        plain = command.parent is None and word.script.form in ("shell", "heredoc")
        here = plain and not command.contexts and cwd == folders.get(id(uses[-1]))
        if here or (plain and word.raw.lstrip("\"'").startswith("/") and "$" not in word.raw):
            return word.raw
    literal = "$" not in path and " " not in path and basename(path) in run.file.source.slice(run.span)
    return path if literal and not path.startswith("-") else None


def _words(effect: Effect, uses: list[ShellCommand]) -> Iterator[tuple[ShellCommand, ShellWord]]:
    for command in reversed(uses):
        for word in command.words[1:]:
            yield command, word
    if effect.command is not None:
        for word in effect.command.words[1:]:
            yield effect.command, word
