"""Fixes that bring a secret by `RUN --mount=type=secret` instead of a variable."""

from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.editing import cutting
from dfadvise.editing.edits import stands_in_file
from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported
from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.rule import Edit, Fix
from dfadvise.source import Span
from dfadvise.syntax.expansions import references
from dfadvise.syntax.instructions import Arg, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Env, Instruction, Pair

_PRECOMPILE = "assets:precompile"


def can_mount(file: Dockerfile) -> bool:
    """Whether the frontend of a file gives secrets as environment variables."""
    directive = file.tree.directive("syntax")
    version = frontend_version(directive.value) if directive is not None else DEFAULT
    return version is not None and supported("secret env", version)


def mounted(instruction: Arg | Env, pair: Pair) -> Fix | None:
    """Secret mounts for an argument, on the RUNs that name it.

    Args:
        instruction: The ARG.
        pair: The secret.

    Returns:
        None where anything but RUNs of this stage names it, or the frontend does not know `env=`.
    """
    file, stage, name = instruction.file, instruction.stage, pair.key
    if not isinstance(instruction, Arg) or instruction.outer is not None or name in file.global_args:
        return None
    users: list[Run] = []
    for other in naming(file).get(name, ()):
        if other.stage is not stage:
            if stage in other.stage.chain:
                return None
        elif other.index > instruction.index:
            if not isinstance(other, Run) or any(mount.type == "secret" for mount in other.mounts):
                return None
            users.append(other)
    if not users or not can_mount(file):
        return None
    deletion = cutting.pair(instruction, pair)
    if deletion is None:
        return None
    mount = f" --mount=type=secret,id={name.lower()},env={name}"
    mounts = [Edit(Span(run.name_span.end, run.name_span.end), mount) for run in users]
    return Fix(f"Mount {name} as a secret", [deletion, *mounts])


def dummied(instruction: Arg | Env, pair: Pair) -> Fix | None:
    """The stand-in that Rails takes for its secret key while it compiles assets.

    Args:
        instruction: An ARG or ENV.
        pair: One of its pairs.

    Returns:
        None for other variables than SECRET_KEY_BASE, where no RUN of the stage compiles assets, or where anything
        names the key.
    """
    stage = instruction.stage
    if (
        pair.key != "SECRET_KEY_BASE"
        or instruction.outer is not None
        or any(other.stage is stage for other in naming(stage.file).get(pair.key, ()))
    ):
        return None
    if not mentions(stage.file, _PRECOMPILE):
        return None
    deletion = cutting.pair(instruction, pair)
    for later in stage.instructions[instruction.index + 1 :]:
        if not isinstance(later, Run) or later.form != "shell" or _PRECOMPILE not in later.body.text:
            continue
        for command in reading(later).commands:
            if any(word.text == _PRECOMPILE for word in command.words[1:]):
                first = command.words[0]
                if deletion is None or command.wrappers or not stands_in_file(first):
                    return None
                at = first.span.start
                insertion = Edit(Span(at, at), "SECRET_KEY_BASE_DUMMY=1 ")
                return Fix("Compile the assets with a dummy key", [deletion, insertion])
    return None


def naming(file: Dockerfile) -> dict[str, list[Instruction]]:
    """The instructions that name each variable, in whatever quotes."""
    memo = remembered(file)
    if "naming" not in memo:
        found: dict[str, list[Instruction]] = {}
        for instruction in file.instructions:
            text = file.source.slice(instruction.span)
            for name in dict.fromkeys(use.name for use in references(text, "\0", quotes=False)):
                found.setdefault(name, []).append(instruction)
        memo["naming"] = found
    names: dict[str, list[Instruction]] = memo["naming"]
    return names
