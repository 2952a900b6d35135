from __future__ import annotations

from dfadvise.reference import platform
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.expansions import plain_text
from dfadvise.syntax.instructions import Copy, Run, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import From

CODE = "FromPlatformFlagConstDisallowed"
OTHERS = ("DL3029", "kics:b16e8501", "semgrep:avoid-platform-with-from")
# What files are called that are made for one architecture.
ARCHITECTURES = ("amd64", "x86_64", "x64", "arm64", "aarch64", "i386", "armv7", "armhf", "ppc64le", "s390x", "riscv64")


class ConstantPlatform(Rule):
    """FROM is held to one platform.

    Why:
        A build for another platform still gets this one's files: it runs under emulation there, or not at all. Without
        the flag the image is built for the platform that is asked for.

    Bad:
        FROM --platform=linux/amd64 node:22-slim
        COPY server.js /server.js

    Good:
        FROM node:22-slim
        COPY server.js /server.js

    Good (the builder's own platform):
        FROM --platform=$BUILDPLATFORM node:22-slim AS build

    Good (the name says it):
        FROM --platform=linux/amd64 node:22-slim AS build-amd64

    Fix:
        unsafe: deletes the flag, unless the stage fetches files for one architecture.
    """

    on = ("FROM",)
    mentions = ("--platform",)
    severity = "warning"
    aliases = (CODE, *OTHERS)

    def check(self, from_: From) -> Iterator[Finding]:
        flag = from_.flag("platform")
        if flag is None or not flag.value or "$" in flag.value or from_.outer is not None:
            return
        value = plain_text(Word(flag.value, flag.span), from_.file.escape)
        if value is None:
            return
        found = platform(value)
        aliases: tuple[str, ...] = OTHERS
        if found is not None:
            name = (from_.stage.name or "") if from_.alias is not None else ""
            if name and any((part or "amd64") in name for part in found):
                return
            aliases = (CODE, *OTHERS)
        message = f"platform is fixed to {value}"
        yield self.finding(flag.span, message, aliases=aliases, fix=_fix(from_, flag.span) if found else None)


def _fix(from_: From, flag: Span) -> Fix | None:
    if any(_fetches_one(stage) for stage in (from_.stage, *from_.stage.children)):
        return None
    end = from_.args[0].span.start if from_.args else flag.end
    if "\n" in from_.file.source.slice(Span(flag.start, end)) or len(from_.flags) > 1:
        return None
    return Fix("Delete the flag", [Edit(Span(flag.start, end), "")])


def _fetches_one(stage: Stage) -> bool:
    """Whether a word of a stage names an architecture: a download or package for it alone."""
    for instruction in stage.instructions:
        if isinstance(instruction, Copy):
            words = [word.text for word in instruction.args]
        elif isinstance(instruction, Run):
            words = [word.partial for command in instruction.all_commands() for word in command.words]
        else:
            continue
        if any(name in word.lower() for word in words for name in ARCHITECTURES):
            return True
    return False
