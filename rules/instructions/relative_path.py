from __future__ import annotations

from dfadvise.about.strays import has_strays
from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge.base_directories import starts_at_root
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.expansions import triggers
from dfadvise.syntax.instructions import Copy, Onbuild, Single
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction, Word

CODE = "WorkdirRelativePath"
SONAR = "sonar:S7021"
WRITTEN = ("DL3000", "DS-0009", "CKV_DOCKER_10", "kics:6b376af8", "semgrep:use-absolute-workdir")


class RelativePath(Rule):
    """A path hangs on the working directory of the base image.

    Why:
        A relative WORKDIR or destination starts where the base image left off. The image can be rebuilt with another
        working directory any day, and then the files land elsewhere.

    Bad (WORKDIR):
        FROM debian:12
        WORKDIR app

    Good (WORKDIR):
        FROM debian:12
        WORKDIR /app

    Bad (a destination):
        FROM golang:1.26
        COPY go.mod go.sum ./

    Good (a destination):
        FROM golang:1.26
        WORKDIR /src
        COPY go.mod go.sum ./

    Good (inherited from a stage of this file):
        FROM golang:1.26 AS base
        WORKDIR /src
        FROM base
        COPY go.mod go.sum ./

    Good (a variable that is absolute):
        FROM golang:1.26
        ARG SRC=/src
        WORKDIR ${SRC}

    Fix:
        unsafe: a leading slash, where the base image is known to leave off at the root.
    """

    on = ("file",)
    keywords = ("WORKDIR", "COPY", "ADD")
    severity = "warning"
    aliases = (*WRITTEN, CODE, SONAR, "DL3045")
    yields_to = ("unexpanded-shell-syntax", "trailing-comment", "broken-continuation")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        for stage in (file.preamble, *file.stages):
            settled = False
            for each in stage.instructions:
                if each.keyword == "ONBUILD":
                    return True
                if each.keyword == "WORKDIR":
                    if each.args and not each.args[0].text.startswith("/"):
                        return True
                    settled = True
                elif (
                    each.keyword in ("COPY", "ADD")
                    and not settled
                    and any(not word.text.startswith("/") for word in each.args[-1:])
                ):
                    return True
        return False

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        settled: dict[int, bool] = {}
        for stage in file.linted_stages:
            done = settled[stage.parent.index] if stage.parent is not None else False
            for body in triggers(stage):
                if body.keyword == "WORKDIR":
                    if not done:
                        yield from self._trigger(stage, body)
                    done = True
            for instruction in stage.instructions:
                yield from self._at(instruction, done)
                done = done or instruction.keyword == "WORKDIR"
            settled[stage.index] = done
            # A trigger starts from what the whole stage has set.
            for instruction in stage.instructions:
                if isinstance(instruction, Onbuild) and instruction.inner is not None:
                    yield from self._at(instruction.inner, done)
                    done = done or instruction.inner.keyword == "WORKDIR"

    def _at(self, instruction: Instruction, done: bool) -> Iterator[Finding]:
        if isinstance(instruction, Single):
            if instruction.keyword == "WORKDIR" and instruction.args:
                yield from self._workdir(instruction, instruction.args[0], done)
        elif isinstance(instruction, Copy) and not done and instruction.target is not None:
            yield from self._copy(instruction, instruction.target)

    def _workdir(self, workdir: Single, word: Word, done: bool) -> Iterator[Finding]:
        value = workdir.stage.expand_partly(word.text, workdir)
        if value is None or value.startswith("/"):
            return
        raw = word.text.strip("\"'")
        first = not done and workdir.outer is None
        aliases: tuple[str, ...] = (CODE,) if first and not value.replace(UNKNOWN, "").startswith("/") else ()
        severity: Severity | None = "style" if done or _is_scratch(workdir.stage) else None
        if value.startswith(UNKNOWN):
            if aliases:
                message = f"`{raw}` is relative, unless its variable has an absolute value"
                yield self.finding(word.span, message, severity="style", aliases=aliases)
            return
        if _has_drive(value):
            if not is_windows(workdir.stage) and aliases:
                message = f"`{raw}` is absolute on Windows alone"
                yield self.finding(word.span, message, severity="style", aliases=aliases)
            return
        if not raw.startswith("$"):
            aliases += WRITTEN if workdir.outer is None else ()
        if value and value[0] != "~" and not _is_windows_variable(value):
            aliases += (SONAR,)
        message = f"`{raw}` is relative to the working directory of the base image"
        if done:
            message = f"`{raw}` is relative to the WORKDIR before it"
        fix = _fix(workdir, word) if first else None
        yield self.finding(word.span, message, severity=severity, aliases=aliases, fix=fix, cause=("path", id(workdir)))

    def _copy(self, copy: Copy, target: Word) -> Iterator[Finding]:
        raw = target.text.strip("\"'")
        if raw.startswith(("/", "$")) or _has_drive(raw) or not raw:
            return
        # hadolint looks at COPY alone.
        aliases = ("DL3045",) if copy.keyword == "COPY" and copy.outer is None else ()
        severity: Severity | None = "style" if _is_scratch(copy.stage) else None
        message = f"destination `{raw}` is relative, and no WORKDIR is set"
        fix, cause = _fix(copy, target), ("refused" if has_strays(copy) else "path", id(copy))
        yield self.finding(target.span, message, severity=severity, aliases=aliases, fix=fix, cause=cause)

    def _trigger(self, stage: Stage, body: Instruction) -> Iterator[Finding]:
        if stage.from_ is None or not body.args:
            return
        value = stage.expand_partly(body.args[0].text, stage.from_) or ""
        if not value.replace(UNKNOWN, "").startswith("/"):
            message = "an ONBUILD of the base sets a relative WORKDIR"
            related = [("the trigger", body.span)]
            yield self.finding(stage.from_.name_span, message, stage.from_, "style", (CODE,), related)


def _has_drive(path: str) -> bool:
    return path[1:2] == ":" and path[:1].isalpha()


def _is_windows_variable(path: str) -> bool:
    name, percent, _ = path[1:].partition("%")
    return path.startswith("%") and bool(percent) and name.replace("(x86)", "").isalnum()


def _is_scratch(stage: Stage) -> bool:
    base = base_of(stage)
    return base is not None and base.is_scratch


def _fix(instruction: Instruction, word: Word) -> Fix | None:
    base = base_of(instruction.stage)
    if base is None or not starts_at_root(base.name) or instruction.outer is not None or has_strays(instruction):
        return None
    text = instruction.file.source.slice(word.span)
    quotes = 1 if text[:1] in ("'", '"') else 0
    content = text[quotes : len(text) - quotes] if quotes else text
    if not content or not (content[0].isalnum() or content[0] in "._-") or content.startswith(".."):
        return None
    dots = 0
    if content in (".", "./"):
        dots = len(content)
    elif content.startswith("./"):
        dots = 2
    elif content.startswith("."):
        return None
    start = word.span.start + quotes
    return Fix("Make it absolute", [Edit(Span(start, start + dots), "/")])
