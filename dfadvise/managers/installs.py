"""The RUNs of a chain that install packages: which of them are taken out again, and where something still compiles."""

from __future__ import annotations

from dfadvise.base.toolchainuse import compiles
from dfadvise.knowledge.packages import plain_name
from dfadvise.managers.packages import actions, inner, option_value, reading
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellWord
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction


class InstallRun:
    """A RUN read once: what it installs and removes, and the last of its commands that may compile."""

    __slots__ = ("actions", "autoremoves_at", "compiles_at", "marks", "removed", "run")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.actions = actions(run)
        self.removed: dict[tuple[str, str], int] = {}
        self.compiles_at = 1 << 30 if compiles(run) is not None else -1
        self.marks = False
        self.autoremoves_at = -1
        for action in self.actions:
            if action.verb in ("autoremove", "autopurge") or any(word.endswith("auto-remove") for word in action.argv):
                self.autoremoves_at = action.place
            if action.effect == "remove":
                for word in action.operands:
                    name = "" if UNKNOWN in word.partial else package_name(word)
                    self.removed[action.manager.name, name] = action.place
                    self.removed[action.manager.name, word.raw.strip("\"'")] = action.place
            elif action.installs and not action.manager.system:
                self.compiles_at = max(self.compiles_at, action.place)
        if any(action.effect == "remove" for action in self.actions):
            self.marks = any(
                command.program == "apt-mark" and command.subcommand == "auto" for command in reading(run).commands
            )

    def removes(self, word: ShellWord, action: Action) -> bool:
        """Whether a later command removes a package: by its name, its group, or as one that is no longer needed."""
        names = ["", package_name(word), word.raw.strip("\"'")]
        if action.manager.name == "apk":
            names.append(option_value(action, ("-t", "--virtual")) or "")
        places = [self.removed.get((action.manager.name, name), -1) for name in names]
        if "--mark-auto" in action.argv:
            places.append(self.autoremoves_at)
        return self.marks or max(places) > action.place


def last_places(
    instructions: list[Instruction], runs: list[InstallRun | None], stage: Stage
) -> tuple[dict[str, int], int]:
    """Where in the chain a package is removed last, by name, and where something compiles last."""
    removed: dict[str, int] = {}
    compiled = len(instructions) if stage.children else -1
    for place, here in enumerate(runs):
        if here is None:
            if isinstance(inner(instructions[place]), Run):
                compiled = max(compiled, place)  # it cannot be read
            continue
        for _, name in here.removed:
            removed[name] = place
        if here.compiles_at >= 0:
            compiled = max(compiled, place)
    return removed, compiled


def package_name(word: ShellWord) -> str:
    """The name of the package that a word of an install command names."""
    if word.text is None:
        return word.raw.strip("\"'")
    return word.text if " " in word.text else plain_name(word.text)  # "Development tools"
