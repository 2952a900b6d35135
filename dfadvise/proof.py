"""The proof of a safe fix: what the build runs before and after differs by the declared change alone.

Both texts are read anew and put into a normal form: per stage the instructions with their effective user,
directory, shell and environment, and each command word by word. What a fix declares (`Fix.declares`) says
which difference is allowed; anything else throws it away.
"""

from __future__ import annotations

from dfadvise.shell_wrappers import shell_text
from dfadvise.syntax.instructions import Copy, Env, From, Instruction, Label, Onbuild, Run
from dfadvise.syntax.words import WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Flag

# Commands that only remove: what a clean-up may add or drop.
CLEANERS = frozenset(
    (
        ("rm",),
        ("apt-get", "clean"),
        ("apt-get", "distclean"),
        ("apt-get", "dist-clean"),
        ("apt-get", "autoclean"),
        ("apt", "clean"),
        ("dnf", "clean"),
        ("dnf5", "clean"),
        ("microdnf", "clean"),
        ("tdnf", "clean"),
        ("yum", "clean"),
        ("zypper", "clean"),
        ("zypper", "cc"),
        ("pacman", "-Scc"),
        ("npm", "cache"),
        ("yarn", "cache"),
        ("pnpm", "store"),
        ("conda", "clean"),
        ("mamba", "clean"),
        ("micromamba", "clean"),
        ("pip", "cache"),
        ("uv", "cache"),
        ("composer", "clear-cache"),
        ("go", "clean"),
        ("gem", "cleanup"),
    )
)


class Step:
    """One step of a build in normal form.

    Attributes:
        head: What must be equal for any fix: keyword, user, directory, shell, mounts and flags, arguments.
        mounts: The mounts and other flags of a RUN.
        commands: The commands of a RUN, each a tuple of its parts; None for other instructions.
        line: Its line, for messages.
    """

    __slots__ = ("commands", "head", "line", "mounts")

    def __init__(
        self,
        head: tuple[object, ...],
        mounts: tuple[str, ...],
        commands: list[tuple[str, ...]] | None,
        line: int,
    ) -> None:
        self.head = head
        self.mounts = mounts
        self.commands = commands
        self.line = line


def steps(file: Dockerfile) -> list[Step]:
    """The normal form of a file."""
    found: list[Step] = []
    for stage in [file.preamble, *file.stages]:
        for instruction in stage.instructions:
            found.append(_step(stage, instruction))
    return found


def difference(before: Dockerfile, after: Dockerfile, declares: str) -> str | None:
    """Why two files do not differ by a declared change alone; None when they do.

    Args:
        before: The file as it was.
        after: The file with the fix.
        declares: The kind of change: see `Fix.declares`.
    """
    old, new = steps(before), steps(after)
    if declares in ("join", "move"):
        return _compare_joined(old, new) if declares == "join" else _same_set(old, new)
    if declares in ("-dead", "meta"):
        return _compare_without(old, new, declares)
    if len(old) != len(new):
        return f"{len(old)} instructions became {len(new)}"
    for one, other in zip(old, new, strict=True):
        reason = _compare(one, other, declares)
        if reason is not None:
            return f"line {one.line}: {reason}"
    return None


def _step(stage: Stage, instruction: Instruction) -> Step:
    if isinstance(instruction, Onbuild) and instruction.inner is not None:
        inner = _step(stage, instruction.inner)
        return Step(("ONBUILD", *inner.head), inner.mounts, inner.commands, instruction.line)
    user, workdir = stage.user_at(instruction), stage.workdir_at(instruction)
    shell = tuple(stage.shell_at(instruction) or ())
    flags = tuple(_flag(stage, flag) for flag in instruction.flags if not _says_nothing(instruction, flag))
    if isinstance(instruction, Run) and not instruction.is_opaque:
        commands = [_command(command) for command in instruction.all_commands()]
        head: tuple[object, ...] = ("RUN", instruction.form, user, workdir, shell)
        return Step(head, flags, commands, instruction.line)
    documents = tuple(heredoc.content for heredoc in instruction.heredocs)
    keyword: object = instruction.keyword
    if isinstance(instruction, Copy) and not documents:
        # That ADD does no more than COPY would is for the rule to show; the words must stay.
        keyword = "COPY"
    head = (keyword, instruction.form, user, workdir, shell, _words(stage, instruction), documents)
    return Step(head, flags, None, instruction.line)


def _says_nothing(instruction: Instruction, flag: Flag) -> bool:
    """Whether a flag is the default: FROM's platform set to the target's."""
    default = ("$TARGETPLATFORM", "${TARGETPLATFORM}")
    return isinstance(instruction, From) and flag.name == "platform" and flag.value in default


def _flag(stage: Stage, flag: Flag) -> str:
    """A flag's text; a stage is named by its number."""
    if flag.name == "from" and flag.value:
        found = stage.file.stage_named(flag.value, max(0, stage.index))
        if found is not None:
            return f"--from={found.index}"
    return flag.text


def _words(stage: Stage, instruction: Instruction) -> tuple[object, ...]:
    """The arguments by meaning: quotes resolved in pairs, names of stages in lower case, one spelling of targets."""
    escape = stage.file.escape
    if isinstance(instruction, (Env, Label)):
        return tuple((_meaning(p.key, escape), _meaning(p.value or "", escape)) for p in instruction.pairs)
    words = [word.text for word in instruction.args]
    if isinstance(instruction, From):
        base = stage.parent.index if stage.parent is not None else words[:1]
        return (base, stage.name, len(words))
    if isinstance(instruction, Copy) and len(words) > 2 and not words[-1].endswith(("}", "$")):
        # Several sources make the target a folder, with or without a slash.
        words[-1] = words[-1].rstrip("/") + "/"
    if instruction.keyword == "EXPOSE":
        words = [word.lower() for word in words]
    return tuple(words)


def _meaning(word: str, escape: str) -> str:
    """A word with quotes and escapes resolved and each plain variable marked; raw where it does more."""
    at = word.find("${")
    while at >= 0:
        end = word.find("}", at)
        if end < 0 or not word[at + 2 : end].replace("_", "a").isalnum():
            return "raw " + word
        at = word.find("${", end)
    try:
        return process(word, lambda name: f"\0{name}\0", escape).text
    except WordError:
        return "raw " + word


def _command(command: ShellCommand) -> tuple[str, ...]:
    """Joins, contexts, wrappers, assignments, words and redirections as text."""
    parts = [f"join {command.before}", "in " + " ".join(command.contexts), "by " + " ".join(command.wrappers)]
    parts.extend(f"set {name}={value.raw if value else ''}" for name, value in command.assignments)
    for redirect in command.redirects:
        target = redirect.target.raw if redirect.target else ""
        parts.append(f"redirect {redirect.fd}{redirect.operator}{target}")
    if command.body is not None:
        parts.append("document " + command.body.text)
    handed = shell_text(command)
    # A text that a shell is handed is compared command by command, not as a word.
    parts.extend("word " + ("<script>" if handed and word is handed[0] else word.raw) for word in command.words)
    return tuple(parts)


def _compare(old: Step, new: Step, declares: str) -> str | None:
    if old.head != new.head:
        return "the instruction itself changed"
    if old.mounts != new.mounts and declares != "mount":
        return "the flags changed"
    if old.commands is None or new.commands is None:
        return None if old.commands == new.commands else "the command cannot be read any more"
    if declares in ("+clean", "-clean"):
        shorter, longer = (old.commands, new.commands) if declares == "+clean" else (new.commands, old.commands)
        return _only_cleaners(shorter, longer)
    if len(old.commands) != len(new.commands):
        return f"{len(old.commands)} commands became {len(new.commands)}"
    for one, other in zip(old.commands, new.commands, strict=True):
        if one == other:
            continue
        reason = _compare_command(one, other, declares)
        if reason is not None:
            return reason
    return None


def _compare_command(old: tuple[str, ...], new: tuple[str, ...], declares: str) -> str | None:
    if declares == "+flag":
        return None if _adds_flags(old, new) else "more than an option was added"
    if declares == "-flag":
        return None if _adds_flags(new, old) else "more than an option was taken away"
    if declares == "program":
        same = len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) <= 2
        return None if same else "more than the program changed"
    if declares == "wrapper":
        trimmed = [part for part in new if not part.startswith("by ")]
        return None if [part for part in old if not part.startswith("by ")] == trimmed else "the command changed"
    return "a command changed"


def _adds_flags(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a command is another one with options put in."""
    at = 0
    for part in longer:
        if at < len(shorter) and part == shorter[at]:
            at += 1
        elif not part.startswith(("word -", "word '-", 'word "-')):
            return False
    return at == len(shorter)


def _only_cleaners(shorter: list[tuple[str, ...]], longer: list[tuple[str, ...]]) -> str | None:
    at = 0
    for command in longer:
        if at < len(shorter) and _without_join(command) == _without_join(shorter[at]):
            at += 1
        elif not _is_cleaner(command):
            return "more than a clean-up changed"
    return None if at == len(shorter) else "a command is missing"


def _without_join(command: tuple[str, ...]) -> tuple[str, ...]:
    return command[1:]


def _is_cleaner(command: tuple[str, ...]) -> bool:
    words = [part[5:] for part in command if part.startswith("word ")]
    operands = [word for word in words[1:] if not word.startswith("-") or word == "-Scc"]
    program = words[0].rpartition("/")[2] if words else ""
    return (program,) in CLEANERS or (program, operands[0] if operands else "") in CLEANERS


def _compare_joined(old: list[Step], new: list[Step]) -> str | None:
    """The same commands in the same order and the same state, in fewer RUNs."""

    def flat(found: list[Step]) -> list[object]:
        parts: list[object] = []
        for step in found:
            if step.commands is None:
                parts.append((step.head, step.mounts))
            else:
                parts.extend((step.head, step.mounts, _joined(command)) for command in step.commands)
        return parts

    return None if flat(old) == flat(new) else "the commands or their order changed"


def _joined(command: tuple[str, ...]) -> tuple[str, ...]:
    # Two RUNs stop the build at the first failure, as `&&` does.
    return ("join &&", *command[1:]) if command[0] in ("join ", "join &&") else command


def _same_set(old: list[Step], new: list[Step]) -> str | None:
    def key(step: Step) -> str:
        return repr((step.head, step.mounts, step.commands))

    return None if sorted(map(key, old)) == sorted(map(key, new)) else "an instruction changed while moving"


def _compare_without(old: list[Step], new: list[Step], declares: str) -> str | None:
    kept = [(step.head, step.mounts, step.commands) for step in new]
    dropped: list[Step] = []
    at = 0
    for step in old:
        if at < len(kept) and kept[at] == (step.head, step.mounts, step.commands):
            at += 1
        else:
            dropped.append(step)
            if declares == "meta" and at < len(kept):
                if "MAINTAINER" not in step.head or "LABEL" not in kept[at][0]:
                    return "more than MAINTAINER became a label"
                at += 1
    if at != len(kept):
        return "an instruction changed"
    if any(step.commands is not None or not {"COPY", "FROM"}.isdisjoint(step.head[:2]) for step in dropped):
        return "an instruction with an effect is missing"
    return None
