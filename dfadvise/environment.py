"""What the instructions of a stage set, and what is in force at each: variables, user, working directory, shell."""

from __future__ import annotations

from bisect import bisect_left
from posixpath import join

from dfadvise.knowledge.frontend import PLATFORM_ARGS
from dfadvise.paths import clean
from dfadvise.syntax.instructions import Arg, Env, Single
from dfadvise.syntax.words import UNKNOWN, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

# Characters of variables' values that are kept for one file.
MAX_KEPT = 4_000_000


class Variable:
    """One setting of a variable.

    Attributes:
        name: Its name.
        kind: "env" or "arg".
        value: The value; None when it is not known (an ARG without default); unknown parts are NUL.
        instruction: The ENV or ARG.
    """

    __slots__ = ("instruction", "kind", "name", "value")

    def __init__(self, name: str, kind: str, value: str | None, instruction: Instruction) -> None:
        self.name = name
        self.kind = kind
        self.value = value
        self.instruction = instruction


class Timeline:
    """Values over the instructions of a stage: the one in force at an index is the last set before it."""

    __slots__ = ("indexes", "values")

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self.values: list[object] = []

    def set(self, index: int, value: object) -> None:
        """Take a value that an instruction sets."""
        self.indexes.append(index)
        self.values.append(value)

    def at(self, index: int) -> object | None:
        """The value in force at an instruction; None when none is set before it."""
        place = bisect_left(self.indexes, index)
        return self.values[place - 1] if place else None


class Environment:
    """What the instructions of one stage set.

    Args:
        stage: The stage; values are expanded with what it has in force.

    Attributes:
        variables: Each variable's settings.
        settings: The values of USER ("" where it is not known), WORKDIR (a path) and SHELL (a list).
    """

    __slots__ = ("settings", "stage", "variables")

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.variables: dict[str, Timeline] = {}
        self.settings = {"USER": Timeline(), "WORKDIR": Timeline(), "SHELL": Timeline()}

    def note(self, instruction: Instruction) -> None:
        """Take an instruction of the stage into account."""
        if isinstance(instruction, Env):
            self._set_env(instruction)
        elif isinstance(instruction, Arg):
            self._set_args(instruction)
        elif isinstance(instruction, Single) and instruction.keyword == "USER":
            self._set("USER", instruction, instruction.expand(instruction.value) or "")
        elif isinstance(instruction, Single) and instruction.keyword == "WORKDIR":
            value = instruction.expand(instruction.value)
            before = self.stage.symbolic_workdir_at(instruction)
            # A value that is not known is a place of its own.
            path = join(before, f"/$WORKDIR{instruction.line}" if value is None else value)
            self._set("WORKDIR", instruction, clean(path))
        elif instruction.keyword == "SHELL" and instruction.form == "exec":
            self._set("SHELL", instruction, [word.text for word in instruction.args])

    def _set(self, keyword: str, instruction: Instruction, value: object) -> None:
        self.settings[keyword].set(instruction.index, value)

    def _set_variable(self, variable: Variable) -> None:
        if variable.value is not None:
            # Values that double with every line must not fill the memory.
            file = self.stage.file
            file.kept_characters += len(variable.value)
            if file.kept_characters > MAX_KEPT and len(variable.value) > 1:
                variable.value = UNKNOWN
        timeline = self.variables.get(variable.name)
        if timeline is None:
            timeline = self.variables[variable.name] = Timeline()
        timeline.set(variable.instruction.index, variable)

    def _set_env(self, instruction: Env) -> None:
        # A whole ENV sees the environment from before it.
        settings = []
        for pair in instruction.pairs:
            key = instruction.expand(pair.key)
            if key:
                value = self.stage.expand_partly(pair.value or "", instruction)
                settings.append(Variable(key, "env", UNKNOWN if value is None else value, instruction))
        for variable in settings:
            self._set_variable(variable)

    def _set_args(self, instruction: Arg) -> None:
        file, is_global = self.stage.file, self.stage.index < 0
        for pair in instruction.pairs:
            value = file.build_args.get(pair.key)
            if value is None and pair.value is not None:
                value = self._default(pair.value, instruction)
            if value is None and not is_global:
                value = file.global_args.get(pair.key)
            if value is None and pair.key in PLATFORM_ARGS:
                # The builder always gives these a value.
                value = UNKNOWN
            # A global ARG without a value keeps an earlier one.
            if is_global and (value is not None or pair.key not in file.global_args):
                file.global_args[pair.key] = value
            if value is None and self._has_value(pair.key, instruction):
                # A declaration alone takes nothing away.
                continue
            self._set_variable(Variable(pair.key, "arg", value, instruction))

    def _has_value(self, name: str, instruction: Instruction) -> bool:
        variable = self.stage.variable(name, instruction)
        return variable is not None and variable.value is not None

    def _default(self, value: str, instruction: Instruction) -> str | None:
        # ARG pairs are sequential: each sees the ones before it, in the same instruction too.
        def look(name: str) -> str | None:
            timeline = self.variables.get(name)
            if timeline is not None and isinstance(timeline.values[-1], Variable):
                return timeline.values[-1].value
            return None if self.stage.index < 0 else self.stage.lookup(name, instruction)

        try:
            return process(value, look, self.stage.file.escape, unset=UNKNOWN).text
        except WordError:
            return UNKNOWN
