from __future__ import annotations

from dfadvise.base.origins import needed_by
from dfadvise.base.reference import platform
from dfadvise.editing import cutting
from dfadvise.knowledge.manager import words
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.expansions import plain_text
from dfadvise.syntax.instructions import Arg, Copy, Env, Run, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Flag, From

CODE = "FromPlatformFlagConstDisallowed"
OTHERS = ("DL3029", "kics:b16e8501", "semgrep:avoid-platform-with-from")
# What files are called that are made for one architecture.
ARCHITECTURES = words(
    "amd64 x86_64 x86-64 x64 i386 linux64 linux32 win64 64bit 32bit arm64 aarch64 aarch_64 armv6 armv7 armhf gnueabi"
    " ppc64le s390x riscv64"
)
# Words of comments that say why a platform is asked for.
REASONS = ("platform", "architecture", "emulat", "rosetta", "qemu", "apple", "silicon", "intel", "multiarch")


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
        unsafe: deletes the flag, unless the stage, or one that it copies from, fetches files for one architecture, or
        a comment speaks of the platform.
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
        yield self.finding(flag.span, message, aliases=aliases, fix=_fix(from_, flag) if found else None)


def _fix(from_: From, flag: Flag) -> Fix | None:
    # What is built on the stage gets the platform with it.
    involved = needed_by([from_.stage, *from_.stage.children]).values()
    if _is_explained(from_) or any(map(_fetches_one, involved)):
        return None
    edit = cutting.flag(from_, flag)
    return Fix("Delete the flag", [edit]) if edit is not None else None


def _is_explained(from_: From) -> bool:
    """Whether a comment above FROM is about the platform: it is meant so, and would have no sense without."""
    comments = " ".join(comment.text.lower() for comment in from_.comments)
    return _names_one(comments) or any(word in comments for word in REASONS)


def _fetches_one(stage: Stage) -> bool:
    """Whether a word of a stage names an architecture: a download, a package or a file for it alone."""
    for instruction in stage.instructions:
        if isinstance(instruction, Copy):
            texts = [word.text for word in instruction.args]
        elif isinstance(instruction, Run):
            texts = [word.partial for command in instruction.all_commands() for word in command.words]
            # GOARCH=amd64 make
            texts.extend(value or "" for each in instruction.all_commands() for value in each.assigned.values())
        elif isinstance(instruction, Arg | Env):
            texts = [pair.value or "" for pair in instruction.pairs]
        else:
            continue
        if any(_names_one(text.lower()) for text in texts):
            return True
    return False


def _names_one(text: str) -> bool:
    if any(name in text for name in ARCHITECTURES):
        return True
    return "arm" in "".join(char if char.isalnum() else " " for char in text).split()
