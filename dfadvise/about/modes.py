"""File modes as chmod, install, mkdir and `--chmod` take them, read for what they open to others."""

from __future__ import annotations

from dfadvise.knowledge.manager import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand, ShellWord

OTHERS_WRITE, SET_USER, SET_GROUP, STICKY = 0o2, 0o4000, 0o2000, 0o1000
_PERMISSIONS = words("r w x X s t u g o")


class Mode:
    """What a mode gives.

    Attributes:
        text: The mode.
        octal: Its value; None for a symbolic one.
        opened: Whether everybody may write.
        masked: Whether the umask decides on that (`+w`).
        set_id: Whether it runs as its owner or group.
    """

    __slots__ = ("masked", "octal", "opened", "set_id", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.octal: int | None = None
        self.opened = self.masked = self.set_id = False
        if text and len(text) < 8 and not text.strip("01234567"):
            self.octal = int(text, 8)
            # In a sticky directory nobody can replace another one's file.
            self.opened = bool(self.octal & OTHERS_WRITE) and not self.octal & STICKY
            self.set_id = bool(self.octal & (SET_USER | SET_GROUP))
        elif text and is_symbolic(text):
            self._read_clauses()

    def _read_clauses(self) -> None:
        sticky = False
        for clause in self.text.split(","):
            at = next(at for at, char in enumerate(clause) if char in "+-=")
            who = clause[:at]
            for operator, permissions in _steps(clause[at:]):
                if operator == "-":
                    self.opened = self.opened and not ("w" in permissions and ("o" in who or "a" in who or not who))
                    continue
                sticky = sticky or "t" in permissions
                if "w" in permissions:
                    self.opened = self.opened or "o" in who or "a" in who
                    self.masked = self.masked or not who
                self.set_id = self.set_id or ("s" in permissions and who != "o")
        self.opened = self.opened and not sticky
        self.masked = self.masked and not self.opened and not sticky

    @property
    def closed(self) -> str | None:
        """The mode without what is dangerous, as octal text; None for a symbolic one."""
        if self.octal is None:
            return None
        value = self.octal & ~(SET_USER | SET_GROUP)
        if self.opened:
            value &= ~0o022
        return f"{value:0{len(self.text)}o}" if self.text.startswith("0") else f"{value:o}"


def is_symbolic(text: str) -> bool:
    """Whether a text is a symbolic mode such as `u+x,go-w`."""
    for clause in text.split(","):
        at = next((at for at, char in enumerate(clause) if char in "+-="), -1)
        if at < 0 or clause[:at].strip("ugoa"):
            return False
        if any(char not in _PERMISSIONS and char not in "+-=" for char in clause[at:]):
            return False
    return True


def _steps(actions: str) -> list[tuple[str, str]]:
    """`+w-x` as (operator, permissions) pairs."""
    found: list[tuple[str, str]] = []
    for char in actions:
        if char in "+-=":
            found.append((char, ""))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + char)
    return found


def mode_word(command: ShellCommand) -> ShellWord | None:
    """The word with the mode that a chmod, mkdir or install sets; None for other commands."""
    if command.program == "chmod":
        if command.has_flag("--reference"):
            return None
        words = [word for word in command.words[1:] if not _is_option(word.partial)]
        return words[0] if words else None
    if command.program in ("mkdir", "install"):
        words = command.words
        for place, word in enumerate(words[1:], 1):
            text = word.partial
            if text.startswith("--mode=") or (text.startswith("-m") and len(text) > 2 and text[2:].isdigit()):
                return word
            bundled = len(text) > 1 and text[0] == "-" and text[1] != "-" and text.endswith("m") and text[1:].isalpha()
            if (text == "--mode" or bundled) and place + 1 < len(words):
                return words[place + 1]
    return None


def _is_option(text: str) -> bool:
    """Whether a word of chmod is an option, not a mode such as `-w`."""
    return text.startswith("--") or (len(text) > 1 and text[0] == "-" and not text[1:].strip("RvcfHLP"))
