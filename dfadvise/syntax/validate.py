"""What BuildKit refuses behind its parser: keywords, flags, argument counts, mounts, values, words.

Source of the behaviour: BuildKit's `frontend/dockerfile/instructions` and `dockerfile2llb` (read 2026-11-24). Only
what is certain for every base image and build argument is reported, in BuildKit's own words where it has some.
"""

from __future__ import annotations

from dfadvise.base.reference import is_reference, platform
from dfadvise.source import Span
from dfadvise.syntax.expansions import expanded, expanded_silently
from dfadvise.syntax.instructions import (
    CLASSES,
    Arg,
    Copy,
    Env,
    From,
    Healthcheck,
    Label,
    Onbuild,
    Problem,
    Run,
    Single,
    Unknown,
    bodies,
)
from dfadvise.syntax.words import UNKNOWN, WordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Flag, Instruction

_STAGE_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_AT_LEAST_ONE = frozenset(("ENV", "LABEL", "ARG", "EXPOSE", "VOLUME", "SHELL", "HEALTHCHECK", "ONBUILD"))
_REMOTE = ("http://", "https://", "git://", "ssh://", "git@")
# The shortest interval of a health check, in nanoseconds.
_SHORTEST = 1e6
# Words that are looked up for a suggestion; a file full of unknown words must not take long.
_MOST_SUGGESTIONS = 100


class Refusal(Problem):
    """Something that BuildKit refuses.

    Attributes:
        code: "parser" (the parser stops), "no-stage" (no FROM, or something but ARG before it), "keyword",
            "onbuild", "flag", "arguments", "mount", "value", "port", "image" (the name of a base image) or "word"
            (quotes and substitutions).
        instruction: The instruction; None when it is about the file.
        near: What was perhaps meant in the place of the span's text; None when nothing comes near.
        deferred: Whether only a build FROM this image is refused: the body of an ONBUILD.
    """

    __slots__ = ("code", "deferred", "instruction", "near")

    def __init__(
        self, code: str, message: str, span: Span, instruction: Instruction | None, near: str | None = None
    ) -> None:
        super().__init__(message, span, instruction.line if instruction is not None else 1)
        self.code = code
        self.instruction = instruction
        self.near = near
        self.deferred = False


def validate(file: Dockerfile) -> Iterator[Refusal]:
    """Everything that BuildKit refuses in a file, its parser's problems first.

    Args:
        file: The file with its stages.
    """
    for problem in file.tree.problems:
        found = Refusal("parser", problem.message, problem.span, None)
        found.line = problem.line
        yield found
    yield from _stages(file)
    budget = [_MOST_SUGGESTIONS]
    for instruction in file.instructions:
        yield from _instruction(instruction, budget)
        for body in bodies(instruction):
            for found in _instruction(body, budget):
                # BuildKit looks at the body's keyword now, and at the rest once it is triggered.
                found.deferred = found.code != "onbuild"
                yield found


def _stages(file: Dockerfile) -> Iterator[Refusal]:
    instructions = file.instructions
    if not instructions or file.tree.problems:
        return
    for instruction in file.preamble.instructions:
        if not isinstance(instruction, (Arg, Unknown)):
            message = "no build stage in current context"
            yield Refusal("no-stage", message, instruction.name_span, instruction)
            return
    if not file.stages:
        yield Refusal("no-stage", "dockerfile contains no stages to build", instructions[0].name_span, instructions[0])


def _instruction(instruction: Instruction, budget: list[int]) -> Iterator[Refusal]:
    if isinstance(instruction, Unknown):
        yield _unknown(instruction, budget)
        return
    if instruction.outer is not None and instruction.keyword in ("FROM", "MAINTAINER", "ONBUILD"):
        message = f"{instruction.keyword} isn't allowed as an ONBUILD trigger"
        yield Refusal("onbuild", message, instruction.name_span, instruction)
        return
    if instruction.problem is not None:
        return
    yield from _flags(instruction, budget)
    count = _arguments(instruction)
    if count is not None:
        yield Refusal("arguments", count, instruction.name_span, instruction)
        return
    yield from _values(instruction)
    yield from _words(instruction)


def _unknown(instruction: Instruction, budget: list[int]) -> Refusal:
    from dfadvise.spelling import nearest

    code = "keyword" if instruction.outer is None else "onbuild"
    budget[0] -= 1
    near = nearest(instruction.keyword, CLASSES) if budget[0] >= 0 else None
    message = f"unknown instruction: {instruction.name}"
    if near is not None and instruction.name == instruction.name.lower():
        near = near.lower()
    if near is not None:
        message += f" (did you mean {near}?)"
    return Refusal(code, message, instruction.name_span, instruction, near)


def _flags(instruction: Instruction, budget: list[int]) -> Iterator[Refusal]:
    if not instruction.flags:
        return
    from dfadvise.syntax.flags import BOOLEAN, FLAGS, MANY, UNCHECKED

    if instruction.keyword in UNCHECKED:
        return
    if isinstance(instruction, Healthcheck) and instruction.kind == "NONE":
        return
    known = FLAGS.get(instruction.keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        span = _flag_name_span(flag)
        if kind is None:
            from dfadvise.spelling import nearest

            budget[0] -= 1
            near = nearest(flag.name, known) if budget[0] >= 0 else None
            hint = f" (did you mean {near}?)" if near else ""
            message = f"unknown flag: --{flag.name}{hint}"
            yield Refusal("flag", message, span, instruction, f"--{near}" if near and span != flag.span else None)
            continue
        if flag.name in seen and kind != MANY:
            yield Refusal("flag", f"duplicate flag specified: --{flag.name}", flag.span, instruction)
            continue
        seen.add(flag.name)
        if (flag.value == "" and kind == BOOLEAN) or (flag.value is None and kind != BOOLEAN):
            yield Refusal("flag", f"missing a value on flag: --{flag.name}", flag.span, instruction)
        elif kind == BOOLEAN and flag.value is not None and flag.value.lower() not in ("true", "false"):
            message = f"expecting boolean value for flag --{flag.name}, not: {flag.value}"
            yield Refusal("flag", message, flag.span, instruction)
        elif flag.value:
            yield from _flag_value(instruction, flag, flag.value)


def _flag_name_span(flag: Flag) -> Span:
    """The `--name` alone where the flag stands in the file as it is."""
    if flag.span.end - flag.span.start != len(flag.text):
        return flag.span
    return Span(flag.span.start, flag.span.start + 2 + len(flag.name))


def _flag_value(instruction: Instruction, flag: Flag, value: str) -> Iterator[Refusal]:
    from dfadvise.syntax.flags import DURATIONS, NETWORKS, SECURITY, duration, is_mode, whole_number

    message = None
    if flag.name == "network" and value.lower() not in NETWORKS:
        message = f'unsupported network mode "{value}"'
    elif flag.name == "security" and value.lower() not in SECURITY:
        message = f'security "{value}" is not valid'
    elif flag.name == "mount":
        from dfadvise.syntax import mountchecks

        found = mountchecks.problem(value, instruction.expand)
        if found is not None:
            yield Refusal("mount", found[0], flag.span, instruction)
        return
    elif flag.name in DURATIONS and isinstance(instruction, Healthcheck):
        length = duration(value)
        if length is None:
            message = f'time: invalid duration "{value}"'
        elif length != 0 and length < _SHORTEST:
            message = f'Interval "{flag.name}" cannot be less than 1ms'
    elif flag.name == "retries":
        number = whole_number(value, signed=True)
        if number is None:
            message = f'--retries is not a number: "{value}"'
        elif number < 0:
            message = f"--retries cannot be negative ({number})"
    elif flag.name == "chmod":
        mode = instruction.expand(value)
        if mode is not None and not is_mode(mode):
            message = f"invalid chmod parameter: '{mode}'"
    elif flag.name == "platform" and "$" not in value and platform(value) is None:
        message = f'"{value}" is not a platform'
    if message is not None:
        yield Refusal("value", message, flag.span, instruction)


def _arguments(instruction: Instruction) -> str | None:
    """What is wrong with the number of arguments."""
    keyword, count = instruction.keyword, len(instruction.args)
    if isinstance(instruction, From):
        if count == 1 or instruction.alias is not None:
            return None
        return "FROM requires either one or three arguments"
    if isinstance(instruction, Copy):
        if count > 1:
            return None
        given = "only one was provided" if count else "none was provided"
        return f"{keyword} requires at least two arguments, but {given}. Destination could not be determined"
    if isinstance(instruction, Single):
        return None if count else f"{keyword} requires exactly one argument"
    if isinstance(instruction, Healthcheck):
        return _healthcheck(instruction, count)
    if isinstance(instruction, Onbuild):
        return None if instruction.inner is not None else "ONBUILD requires at least one argument"
    if keyword in _AT_LEAST_ONE and not count:
        return f"{keyword} requires at least one argument"
    if keyword == "SHELL" and instruction.form != "exec":
        return "SHELL requires the arguments to be in JSON form"
    return None


def _healthcheck(instruction: Healthcheck, count: int) -> str | None:
    if not instruction.kind:
        return "HEALTHCHECK requires at least one argument"
    if instruction.kind == "NONE":
        return "HEALTHCHECK NONE takes no arguments" if count else None
    if instruction.kind != "CMD":
        return f'Unknown type "{instruction.kind}" in HEALTHCHECK (try CMD)'
    return None if count else "missing command after HEALTHCHECK CMD"


def _values(instruction: Instruction) -> Iterator[Refusal]:
    if isinstance(instruction, (Env, Label, Arg)):
        for pair in instruction.pairs:
            if not pair.key:
                message = f"{instruction.keyword} names can not be blank"
                yield Refusal("arguments", message, pair.span, instruction)
    elif isinstance(instruction, From):
        alias = instruction.alias
        if alias is not None and not _is_stage_name(alias.text.lower()):
            message = (
                f'invalid name for build stage: "{alias.text}", name can\'t start with a number or contain symbols'
            )
            yield Refusal("arguments", message, alias.span, instruction)
        yield from _image(instruction)
    elif isinstance(instruction, Copy):
        yield from _copy(instruction)
    elif instruction.keyword == "EXPOSE":
        yield from _ports(instruction)
    elif instruction.keyword == "VOLUME":
        for word in instruction.args:
            value = instruction.expand(word.text)
            if value is not None and not value.strip():
                yield Refusal("value", "VOLUME specified can not be an empty string", word.span, instruction)
    elif instruction.keyword == "STOPSIGNAL":
        from dfadvise.syntax.flags import is_signal

        value = instruction.expand(instruction.args[0].text)
        if value is not None and not is_signal(value):
            yield Refusal("value", f"Invalid signal: {value}", instruction.args[0].span, instruction)
    elif isinstance(instruction, Run):
        for mount in instruction.mounts:
            from dfadvise.syntax import mountchecks

            if mountchecks.lands_on_root(mount, instruction):
                yield Refusal("mount", 'invalid mount target "/"', mount.flag.span, instruction)


def _is_stage_name(text: str) -> bool:
    return bool(text) and "a" <= text[0] <= "z" and _STAGE_NAME.issuperset(text)


def _image(instruction: From) -> Iterator[Refusal]:
    image = instruction.stage.image
    if image is None or instruction.image is None or UNKNOWN in image.text or is_reference(image.text):
        return
    message = f'failed to parse stage name "{image.text}": invalid reference format'
    if not image.text:
        message = f"base name ({image.raw}) should not be blank"
    yield Refusal("image", message, instruction.image.span, instruction)


def _ports(instruction: Instruction) -> Iterator[Refusal]:
    from dfadvise.about.ports import HIGHEST, Port

    for word in instruction.args:
        for text in (instruction.expand(word.text) or "").split():
            refusal = Port(text).refusal
            if refusal is None:
                continue
            message = f"invalid port: {text}"
            if refusal == "protocol":
                message = f"invalid proto: {Port(text).protocol}"
            elif refusal == "range":
                message = f"invalid port: {text} is above {HIGHEST}"
            yield Refusal("port", message, word.span, instruction)
            return


def _copy(instruction: Copy) -> Iterator[Refusal]:
    target = instruction.args[-1]
    if any(heredoc.word_span.start == target.span.start for heredoc in instruction.heredocs):
        message = f"{instruction.keyword} cannot accept a heredoc as a destination"
        yield Refusal("arguments", message, target.span, instruction)
    if instruction.keyword == "COPY":
        for word in instruction.sources:
            if instruction.origin is None and word.text.lower().startswith(_REMOTE):
                yield Refusal("value", "source can't be a URL for COPY", word.span, instruction)
    checksum = instruction.flag("checksum")
    if checksum is not None and len(instruction.sources) != 1:
        message = "checksum can't be specified for multiple sources"
        yield Refusal("value", message, checksum.span, instruction)


def _words(instruction: Instruction) -> Iterator[Refusal]:
    """Words that cannot be expanded: open quotes, bad substitutions, required variables that are unset."""
    escape = instruction.file.escape

    def look(name: str) -> str | None:
        variable = instruction.stage.variable(name, instruction)
        if variable is not None:
            # An ARG without a value may get one from the command line.
            return UNKNOWN if variable.value is None else variable.value
        return UNKNOWN if isinstance(instruction, From) else instruction.stage.lookup(name, instruction)

    for texts in (expanded(instruction), expanded_silently(instruction)):
        for text in texts:
            raw = text.text
            if "$" not in raw and '"' not in raw and "'" not in raw:
                continue
            try:
                text.expand(look, escape)
            except WordError as problem:
                shown = raw if len(raw) <= 80 else raw[:79] + "…"
                yield Refusal("word", f'failed to process "{shown}": {problem}', text.span, instruction)
