"""What a chain may have brought into an image beyond its base: programs and files, as far as anyone can tell.

A rule that says "this is not there" asks here first. Everything that could bring it counts: an installed package, a
script, a copied folder. What is left is surely not there.
"""

from __future__ import annotations

from posixpath import basename

from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, FILE_PROGRAMS, HARMLESS, INTERPRETERS, effects_of, is_archive
from dfadvise.knowledge.language_managers import language_use
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import operands
from dfadvise.knowledge.package_managers import system_use
from dfadvise.knowledge.package_programs import programs_of
from dfadvise.knowledge.programs import ACCOUNT_PROGRAMS, SHELLS
from dfadvise.layers import copy_effects, copy_target, mounted
from dfadvise.managers.packages import inner
from dfadvise.paths import has_glob, is_below, literal_prefix
from dfadvise.shells.wrappers import shell_text
from dfadvise.syntax.instructions import Copy, Env, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.effects import Effect
    from dfadvise.knowledge.manager import Use
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

# Where every image looks for programs.
PROGRAM_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# Folders that every image has.
_FOLDERS = ("/", "/tmp", "/etc", "/opt", "/var", "/home", "/root", *PROGRAM_FOLDERS)
# They run whatever code they are given.
_INTERPRETERS = INTERPRETERS | words("awk gawk sed")
# They change accounts, locales and certificates, and bring no program.
_INERT = ACCOUNT_PROGRAMS | words(
    "locale-gen localedef ldconfig update-ca-certificates update-ca-trust apt-key dpkg-reconfigure"
    " debconf-set-selections gpg gpgconf setcap getcap sysctl dpkg-query apt-mark apt-config fc-cache mkfifo mktemp"
    " tzselect rc-update chgrp add-apt-repository apt-add-repository curl wget"
)
_MOVERS = words("cp mv install ln tar bsdtar unzip dd rsync tee patch")
# What packages of a language's index are known to bring by name; none brings a system program such as curl.
_FROM_INDEX = words(
    "cmake node npm npx yarn pip pip3 python python3 java jq file less unzip zip make ninja gcc g++ php composer perl"
    " ruby gem bundle cargo rustc go man nano"
)
_CLOSED_INDEX = words("pip pipx uv poetry pipenv npm yarn yarn-berry pnpm bun bundler gem composer")


class Provisions:
    """What may have come, up to a point of a chain.

    Attributes:
        open: Whether anything at all may be there.
        index: Whether packages of a language's index were installed.
        programs: The names of programs that may have come.
        files: Paths of files that may have come.
        trees: Folders into which something may have come.
        folders: Where programs are looked for.
    """

    __slots__ = ("files", "folders", "index", "open", "programs", "trees")

    def __init__(self, below: Provisions | None = None) -> None:
        self.open: bool = below.open if below else False
        self.index: bool = below.index if below else False
        self.programs: set[str] = set(below.programs) if below else set()
        self.files: set[str] = set(below.files) if below else set()
        self.trees: set[str] = set(below.trees) if below else set()
        self.folders: tuple[str, ...] = below.folders if below else PROGRAM_FOLDERS

    @classmethod
    def of(cls, stage: Stage, done: dict[int, Provisions]) -> Provisions:
        """What is there at the start of a stage.

        Args:
            stage: The stage.
            done: What was there at the end of the stages below, by index; what nobody needs any more is taken out.
        """
        parent = stage.parent
        if parent is None or parent.index not in done:
            return cls()
        # The last stage on it goes on with the same sets.
        return done.pop(parent.index) if parent.children[-1] is stage else cls(done[parent.index])

    def may_have(self, program: str) -> bool:
        """Whether a program of that name may have come."""
        return self.open or program in self.programs or (self.index and program in _FROM_INDEX)

    def may_hold(self, path: str) -> bool:
        """Whether a file may have come to a path."""
        return self.open or path in self.files or any(is_below(path, tree) for tree in self.trees)

    def read_mounts(self, run: Run) -> None:
        """Take into account what the mounts of a RUN bring while it runs."""
        for target in mounted(run):
            self._add(target, True)
            self._add(target, False)

    def read_effects(self, effects: Iterable[Effect]) -> None:
        """Take into account what commands write."""
        for effect in effects:
            if effect.kind in (ADDS, DOWNLOADS, EXTRACTS):
                self._add(effect.path, effect.tree or effect.kind == EXTRACTS)

    def read(self, instruction: Instruction) -> None:
        """Take an instruction into account, or what an ONBUILD holds back."""
        if self.open:
            return
        instruction = inner(instruction)
        if isinstance(instruction, Run):
            if instruction.is_opaque or any(self._covers(target) for target in mounted(instruction)):
                self.open = True
            else:
                for command in instruction.all_commands():
                    self.read_command(command)
                    if self.open:
                        return
                self._write(instruction)
        elif isinstance(instruction, Copy):
            self._copy(instruction)
        elif isinstance(instruction, Env):
            for pair in instruction.pairs:
                if pair.key == "PATH":
                    self._look_in(instruction.stage.expand_partly(pair.value or "", instruction))

    def read_command(self, command: ShellCommand) -> None:
        """Take a command into account, but for the files that it names; `read` knows those."""
        if self.open or command.is_assignment:
            self.open = self.open or any(name == "PATH" for name, _ in command.assignments)
            return
        program = command.program
        if program is None:
            self.open = True
            return
        argv = [word.partial for word in command.words]
        use = system_use(argv)
        if use is not None:
            if use.effect in ("install", "upgrade", "release-upgrade"):
                self._install(argv, use)
            return
        of_language = language_use(argv)
        if of_language is not None:
            if of_language.manager.name in _CLOSED_INDEX:
                self.index = True
            elif of_language.effect in ("install", "compile"):
                self.open = True
            return
        if not self._is_inert(command, program):
            self.open = True

    def _is_inert(self, command: ShellCommand, program: str) -> bool:
        if program in _MOVERS or program in _INTERPRETERS:
            return program in _MOVERS or program == "sed" or _only_asks(command)
        if program in HARMLESS or program in FILE_PROGRAMS or program in _INERT:
            return program not in ("export",) or all(name != "PATH" for name, _ in command.assignments)
        if program in SHELLS:
            handed = shell_text(command)
            return handed is not None and handed[0].text is not None
        return _only_asks(command)

    def _install(self, argv: list[str], use: Use) -> None:
        named = operands(argv, use.start, use.manager.after, use.manager.bundled)
        for at in named:
            brought = None if UNKNOWN in argv[at] else programs_of(use.manager.name, argv[at])
            if brought is None:
                self.open = True
                return
            self.programs |= brought
        # Without a name everything that is there is brought up to date, and nothing new comes.
        self.open = self.open or (not named and use.effect == "release-upgrade")

    def _write(self, run: Run) -> None:
        effects = effects_of(run)
        self.read_effects(effects)
        written = {id(effect.command) for effect in effects}
        for command in run.all_commands():
            # The target is not known, so it may be anywhere.
            unseen = command.program in _MOVERS and id(command) not in written
            if unseen and len(command.operands) > 1 and not _makes_folders(command):
                self.open = True

    def _copy(self, copy: Copy) -> None:
        effects = copy_effects(copy, set(_FOLDERS))
        if not effects and copy.args:
            self.open = True
        for effect in effects:
            self._add(effect.path, effect.tree or not effect.certain or "*" in (effect.origin or ""))
            if copy.keyword == "ADD" and (is_archive(effect.origin or "") or not effect.certain):
                # An archive is unpacked below the target.
                self._add(copy_target(copy)[0], True)
            elif effect.certain and effect.path is not None:
                self._add(f"{effect.path}/{basename(effect.origin or '')}", False)

    def _add(self, path: str | None, tree: bool) -> None:
        if path is None:
            self.open = True
            return
        name = basename(path)
        if "$" in path or UNKNOWN in path:
            if tree or "$" in name or UNKNOWN in name:
                self.open = self.open or self._covers(literal_start(path))
            else:
                self.programs.add(name)
            return
        if has_glob(path):
            path, tree = literal_prefix(path), True
        (self.trees if tree else self.files).add(path)
        if tree and self._covers(path):
            self.open = True
        elif any(is_below(path, folder) for folder in self.folders):
            self.programs.add(name)

    def _covers(self, path: str) -> bool:
        """Whether what comes into a folder comes to where programs are looked for."""
        return any(is_below(folder, path) for folder in self.folders)

    def _look_in(self, value: str | None) -> None:
        if value is None:
            self.open = True
            return
        for folder in value.split(":"):
            if folder == UNKNOWN or folder in self.folders:
                continue
            if not folder.startswith("/") or UNKNOWN in folder:
                self.open = True  # any folder may be meant
                continue
            self.folders = (*self.folders, folder.rstrip("/") or "/")
            self.open = self.open or any(is_below(folder, tree) for tree in self.trees)
            self.programs.update(basename(path) for path in self.files if is_below(path, folder))


def literal_start(path: str) -> str:
    """The folder of a path up to which everything is known."""
    end = min((at for at in (path.find("$"), path.find(UNKNOWN)) if at >= 0), default=len(path))
    return path[:end].rpartition("/")[0] or "/"


def _only_asks(command: ShellCommand) -> bool:
    """Whether a command only asks for a version or help."""
    words = [word.text for word in command.arguments]
    return len(words) == 1 and words[0] in ("--version", "-version", "-V", "-v", "--help", "-h", "version")


def _makes_folders(command: ShellCommand) -> bool:
    return command.program == "install" and command.has_flag("-d", "--directory")
