from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Commanding, Healthcheck, Onbuild, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.provisions import Provisions
    from dfadvise.effects import Effect
    from dfadvise.shell import ShellCommand
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

# `test || exit 1` is how a health check says no; it is no way out for a program that is not there.
_GIVE_UP = frozenset(("exit", "false", "kill"))
_ASKS = frozenset(("command", "which", "type", "hash"))


class _Image:
    """What a base image is called, and the programs that it lacks."""

    __slots__ = ("label", "lacks")

    def __init__(self, label: str, lacks: frozenset[str]) -> None:
        self.label = label
        self.lacks = lacks


class MissingProgram(Rule):
    """A command runs a program that its image does not have.

    Why:
        Slim and Alpine images leave out what most hosts have: curl, wget, git, bash, sudo. A RUN with such a program
        fails, a HEALTHCHECK with it reports a healthy container as unhealthy, and a CMD with it never starts.

    Bad (a health check):
        FROM python:3.12-slim
        COPY app.py /app/
        HEALTHCHECK CMD curl -f http://localhost:8000/ || exit 1
        CMD ["python", "/app/app.py"]

    Bad (another distribution's package manager):
        FROM alpine:3.22
        RUN apt-get update && apt-get install -y curl

    Bad (another kind of packages):
        FROM fedora:43
        RUN apt-get install -y sudo

    Good (a manager that is packaged there):
        FROM fedora:43
        RUN dnf install -y apt && dnf clean all
        RUN apt-get --version

    Bad (a shell):
        FROM node:22-alpine
        SHELL ["/bin/bash", "-c"]
        RUN node --version

    Good (installed before):
        FROM python:3.12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
        HEALTHCHECK CMD curl -f http://localhost:8000/ || exit 1
        CMD ["python", "/app/app.py"]

    Good (asked for first):
        FROM alpine:3.22
        RUN if command -v bash; then bash --version; fi
        RUN curl --version || true

    Good (copied, or brought by a script):
        FROM debian:13-slim
        COPY --from=tools /usr/local/ /usr/local/
        RUN jq --version

    Variants:
        not onbuild: what the health check of the child image finds is not known

    Fix:
        none: whether the program or another way is wanted is the author's choice.
    """

    on = ("file",)
    severity = "error"
    yields_to = ("missing-shell",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        images: dict[int, _Image] = {}
        for stage in file.stages:
            base = base_of(stage)
            if base is not None and base.lacks:
                images[stage.index] = _Image(base.label, base.lacks)
        if not _need_one(file, images):
            return
        # What was brought is worked out only where something may be missing.
        from dfadvise.base.provisions import Provisions

        done: dict[int, Provisions] = {}
        for stage in file.stages:
            image = images.get(stage.index)
            if image is None:
                continue
            there = Provisions.of(stage, done)
            for instruction in stage.instructions:
                yield from self._instruction(instruction, image, there)
                if not isinstance(instruction, Onbuild):
                    there.read(instruction)
            # A trigger runs in another build, where all of this is there.
            held_back = [each for each in stage.instructions if isinstance(each, Onbuild)]
            if held_back:
                there = Provisions(there)
            for each in held_back:
                if isinstance(each.inner, Run) and not there.open and not each.inner.is_opaque:
                    yield from self._run(each.inner, image, there)
                there.read(each)
            if stage.children:
                done[stage.index] = there
            if stage is file.exported:
                yield from self._started(stage, image, there)

    def _instruction(self, instruction: Instruction, image: _Image, there: Provisions) -> Iterator[Finding]:
        if isinstance(instruction, Run):
            if not there.open and not instruction.is_opaque:
                yield from self._run(instruction, image, there)
        elif instruction.keyword == "SHELL" and instruction.args and _is_used(instruction):
            program = instruction.args[0].text.rpartition("/")[2]
            if program in image.lacks and not there.may_have(program):
                yield self._missing(program, instruction.args[0].span, image, instruction)

    def _run(self, run: Run, image: _Image, before: Provisions) -> Iterator[Finding]:
        commands = list(run.all_commands())
        if all(program not in image.lacks for command in commands for program, _ in _programs(command)):
            return
        from dfadvise.base.provisions import Provisions
        from dfadvise.effects import effects_of

        there = Provisions(before)
        there.read_mounts(run)
        written: dict[int, list[Effect]] = {}
        for effect in effects_of(run):
            written.setdefault(id(effect.command), []).append(effect)
        said: set[str] = set()
        asked = _asked(iter(commands))
        for command in commands:
            if there.open:
                return
            guarded = command.conditional or command.failure_handled
            for program, span in _programs(command):
                if program not in image.lacks or program in said or program in asked:
                    continue
                if not guarded and not there.may_have(program):
                    said.add(program)
                    yield self._missing(program, span, image, run)
            there.read_command(command)
            there.read_effects(written.get(id(command), ()))

    def _started(self, stage: Stage, image: _Image, there: Provisions) -> Iterator[Finding]:
        if there.open:
            return
        from dfadvise.shells.startup import Startup

        startup = Startup(stage)
        for started in (startup.entrypoint or startup.cmd, startup.healthcheck):
            if started is None or started.is_opaque:
                continue
            commands = list(started.all_commands())
            asked = _asked(iter(commands))
            for place, command in enumerate(commands):
                following = commands[place + 1].program if place + 1 < len(commands) else None
                gives_up = command.after == "||" and following in _GIVE_UP
                if command.conditional or (command.failure_handled and not gives_up):
                    continue
                for program, span in _programs(command):
                    if program in image.lacks and program not in asked and not there.may_have(program):
                        yield self._missing(program, span, image, started)

    def _missing(self, program: str, span: Span, image: _Image, instruction: Instruction) -> Finding:
        message = f"{program} is not in {image.label}, and nothing before this brings it"
        if isinstance(instruction, Healthcheck):
            message = f"{program} is not in the image: {image.label} lacks it, and every check fails"
        return self.finding(span, message, instruction.outer or instruction, cause=("shell", id(instruction)))


def _need_one(file: Dockerfile, images: dict[int, _Image]) -> bool:
    """Whether any step runs a program that some image of the file lacks."""
    lacks = {program for image in images.values() for program in image.lacks}
    if not lacks:
        return False
    for each in file.walk():
        if isinstance(each, Commanding):
            if any(program in lacks for command in each.all_commands() for program, _ in _programs(command)):
                return True
        elif each.keyword == "SHELL" and each.args and each.args[0].text.rpartition("/")[2] in lacks:
            return True
    return False


def _programs(command: ShellCommand) -> Iterator[tuple[str, Span]]:
    """The programs that a command needs, its sudo too, with their places."""
    wrappers = [word for word in command.wrapper_words if word.partial.rpartition("/")[2] == "sudo"]
    for word in [*wrappers, *command.words[:1]]:
        text = word.text
        if text is None:
            continue
        folder, _, name = text.rpartition("/")
        if folder in ("", "/bin", "/usr/bin", "/sbin", "/usr/sbin"):
            yield name, word.span


def _asked(commands: Iterator[ShellCommand]) -> set[str]:
    """The programs that a script looks for itself."""
    return {word.partial for command in commands if command.program in _ASKS for word in command.words[1:] if word.text}


def _is_used(instruction: Instruction) -> bool:
    """Whether a RUN in shell form comes behind a SHELL."""
    for later in instruction.stage.instructions[instruction.index + 1 :]:
        if later.keyword == "SHELL":
            return False
        if isinstance(later, Run) and later.form == "shell":
            return True
    return False
