"""Which shell really runs a script: SHELL, `# hadolint shell=`, and what the base image's /bin/sh is."""

from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge import distributions
from dfadvise.knowledge.programs import SHELLS
from dfadvise.knowledge.sh_syntax import dash_has_pipefail
from dfadvise.syntax.instructions import Onbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from dfadvise.shell import Script, ShellCommand, ShellWord
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.suppress import Suppressions
    from dfadvise.syntax.instructions import Instruction

    T = TypeVar("T")

SH_PATHS = frozenset(("/bin/sh", "/usr/bin/sh"))
POWERSHELLS = frozenset(("powershell", "pwsh"))
# Those that only Windows has, under these names: PowerShell for Linux is pwsh.
_WINDOWS_PROGRAMS = frozenset(("powershell", "powershell.exe", "cmd.exe", "setx", "choco", "icacls", "reg.exe"))
_PIPEFAIL = frozenset(("bash", "zsh", "ksh", "mksh", "ash"))
_REPLACERS = ("ln", "cp", "mv", "dpkg-divert", "update-alternatives", "dpkg-reconfigure")


def base_name(program: str) -> str:
    """The name of a shell from its path: `powershell` for `C:\\Windows\\PowerShell.exe`."""
    return program.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


def shell_in_force(instruction: Instruction) -> tuple[str, frozenset[str]]:
    """Name and options of the shell that runs an instruction's shell form.

    Args:
        instruction: Any instruction; the body of an ONBUILD sees the SHELLs of the ONBUILDs before it.

    Returns:
        What SHELL says, else a `# hadolint shell=` comment, else "sh" (or "cmd" on Windows).
    """
    stage = instruction.stage
    words = shell_words(instruction)
    if words is not None:
        return shell_from(words)
    named = _pragma_shell(instruction)
    if named is not None:
        return base_name(named), frozenset()
    if is_windows(stage) or _facts(stage).looks_like_windows:
        return "cmd", frozenset()
    return "sh", frozenset()


def shell_words(instruction: Instruction) -> list[str] | None:
    """The words of the SHELL in force, that of an ONBUILD for the body of a later one; None when there is none."""
    if instruction.outer is not None:
        held = _before(_facts(instruction.stage).onbuild_shells, instruction.index)
        if held is not None:
            return held[1]
    return instruction.stage.shell_at(instruction)


def shell_from(argv: list[str]) -> tuple[str, frozenset[str]]:
    """Name and options of the shell that the words of a SHELL name."""
    options = set()
    for place, word in enumerate(argv):
        if word.startswith("-") and not word.startswith("--"):
            if word.endswith("o"):
                options.update(argv[place + 1 : place + 2])
            if "e" in word:
                options.add("errexit")
    name = base_name(argv[0]) if argv else "sh"
    return name, frozenset(options) if name in SHELLS else frozenset()


def _pragma_shell(instruction: Instruction) -> str | None:
    pragmas = _facts(instruction.stage).pragmas
    return pragmas.shell(instruction.line) if pragmas is not None else None


def dialect_of(script: Script) -> tuple[str, frozenset[str]]:
    """Name and options of the shell that runs a script, as its place says: SHELL, a shebang, `bash -c`."""
    if script.form == "shell" or (script.form == "heredoc" and not script.text.startswith("#!")):
        return shell_in_force(script.instruction)
    return script.dialect, script.options


def interpreter(script: Script) -> str | None:
    """The shell that really runs a script: "dash", "ash" (BusyBox), "bash", "zsh", ...; None when it is not known."""
    dialect = dialect_of(script)[0]
    if dialect == "sh":
        return main_shell(script.instruction)
    return dialect if dialect in SHELLS else None


def main_shell(instruction: Instruction) -> str | None:
    """What /bin/sh is where an instruction runs: "dash", "ash", "bash"; None when it is not known."""
    stage: Stage | None = instruction.stage
    index = instruction.index
    while stage is not None:
        replaced = _before(_facts(stage).replacements, index)
        if replaced is not None:
            return replaced[1]
        stage, index = stage.parent, 1 << 60
    base = base_of(instruction.stage)
    return distributions.shell(base.name, base.tag) if base is not None else None


def has_pipefail(script: Script) -> bool | None:
    """Whether the shell of a script has `set -o pipefail`; None when it is not known."""
    sh = interpreter(script)
    if sh != "dash":
        return True if sh in _PIPEFAIL else None
    base = base_of(script.instruction.stage)
    if base is None or base.distribution is None:
        return None
    return dash_has_pipefail(base.distribution, base.release or "")


def sh_replacement(command: ShellCommand) -> tuple[ShellWord, ShellWord | None] | None:
    """How a command makes another program /bin/sh.

    Args:
        command: Any command.

    Returns:
        The word that names /bin/sh, and the word that names what takes its place (None for dpkg-divert); None for
        any other command.
    """
    if command.program not in _REPLACERS:
        return None
    operands = command.operands
    if command.program in ("ln", "cp", "mv"):
        if len(operands) < 2 or operands[-1].text not in SH_PATHS:
            return None
        target = operands[-2]
        return None if (target.text or "").rpartition("/")[2] == "sh" else (operands[-1], target)
    word = next((each for each in operands if each.text in SH_PATHS), None)
    if word is None or command.has_flag("--remove", "--list", "--truename", "--query", "--display"):
        return None
    if command.program == "update-alternatives":
        place = command.words.index(word)
        path = command.words[place + 2] if place + 2 < len(command.words) else None
        return (word, path) if path is not None else None
    return (word, None) if command.program == "dpkg-divert" else None


class _Facts:
    """What a stage says about its shells.

    Attributes:
        pragmas: The suppressions of the file, when it has a `# hadolint shell=`.
        onbuild_shells: (index, words) of each ONBUILD SHELL.
        replacements: (index, name) where another program becomes /bin/sh; the name is None when it is not known.
    """

    __slots__ = ("_looks_like_windows", "_replacements", "onbuild_shells", "pragmas", "stage")

    def __init__(self, stage: Stage, pragmas: Suppressions | None) -> None:
        self.stage = stage
        self.pragmas = pragmas
        self.onbuild_shells: list[tuple[int, list[str]]] = []
        self._replacements: list[tuple[int, str | None]] | None = None
        self._looks_like_windows: bool | None = None
        for instruction in stage.instructions:
            if isinstance(instruction, Onbuild) and instruction.inner is not None:
                inner = instruction.inner
                if inner.keyword == "SHELL" and inner.form == "exec":
                    self.onbuild_shells.append((instruction.index, [word.text for word in inner.args]))

    @property
    def looks_like_windows(self) -> bool:
        """Whether the chain shows that an image of which nothing is known is a Windows one."""
        if self._looks_like_windows is None:
            image = self.stage.base
            known = base_of(self.stage)
            if image is None or image.is_scratch or (known is not None and known.distribution is not None):
                self._looks_like_windows = False
            elif image.name is None and self.stage.file.escape == "`":
                self._looks_like_windows = True
            else:
                self._looks_like_windows = any(map(_is_of_windows, self.stage.chain_instructions()))
        return self._looks_like_windows

    @property
    def replacements(self) -> list[tuple[int, str | None]]:
        """Read when asked for: it looks at commands, and reading those asks for the other facts."""
        if self._replacements is None:
            self._replacements = [
                (instruction.index, name)
                for instruction in self.stage.instructions
                if instruction.keyword == "RUN" and _may_replace(instruction.body.text)
                for name in _replacing(instruction)
            ]
        return self._replacements


def _is_of_windows(instruction: Instruction) -> bool:
    """Whether an instruction makes sense on Windows alone: its users, its paths, its shells."""
    words = [word.text for word in instruction.args]
    if instruction.keyword == "USER":
        return words[:1] in (["ContainerAdministrator"], ["ContainerUser"])
    if instruction.keyword == "SHELL":
        return words[:1] in (["cmd"], ["powershell"], ["cmd.exe"], ["powershell.exe"])
    if instruction.keyword == "RUN" and instruction.form == "shell" and words:
        return words[0].partition(" ")[0].lower() in _WINDOWS_PROGRAMS
    if instruction.keyword in ("WORKDIR", "COPY", "ADD") and words:
        return words[-1][1:3] in (":\\", ":/") and words[-1][0].isalpha()
    return False


def _before(found: list[tuple[int, T]], index: int) -> tuple[int, T] | None:
    """The last entry of an instruction before an index."""
    from bisect import bisect_left

    place = bisect_left(found, index, key=lambda each: each[0])
    return found[place - 1] if place else None


# The facts of the last file that was asked about, by stage.
_last: tuple[Dockerfile, Suppressions | None, dict[int, _Facts]] | None = None


def _facts(stage: Stage) -> _Facts:
    global _last
    if _last is None or _last[0] is not stage.file:
        _last = (stage.file, _pragmas(stage.file), {})
    found = _last[2].get(stage.index)
    if found is None:
        found = _last[2][stage.index] = _Facts(stage, _last[1])
    return found


def _pragmas(file: Dockerfile) -> Suppressions | None:
    if "hadolint" not in file.source.text:
        return None
    from dfadvise.pragmas import shell_in

    if not any("shell" in comment.text and shell_in(comment) for comment in file.tree.comments):
        return None
    from dfadvise.selection import Vocabulary
    from dfadvise.suppress import Suppressions

    return Suppressions(file.tree, Vocabulary(()))


def _may_replace(text: str) -> bool:
    return "/sh" in text or "dpkg-reconfigure" in text


def _replacing(run: Instruction) -> list[str | None]:
    names: list[str | None] = []
    for script in getattr(run, "scripts", ()):
        for command in script.commands:
            if command.program == "dpkg-reconfigure":
                if any(word.text == "dash" for word in command.operands):
                    names.append(None)
                continue
            found = sh_replacement(command)
            if found is not None:
                target = found[1].text if found[1] is not None else None
                name = base_name(target) if target else None
                names.append("ash" if name == "busybox" else name if name in SHELLS else None)
    return names
