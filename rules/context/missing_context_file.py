from __future__ import annotations

from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.instructions import Copy, Instruction, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.context import BuildContext
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile


class MissingContextFile(Rule):
    """A source is not in the build context.

    Why:
        The build stops at this line.

    Files:
        requirements.txt: flask
        src/app.py: run()

    Bad:
        FROM python:3.13-slim
        COPY requirement.txt /app/

    Fixed:
        FROM python:3.13-slim
        COPY requirements.txt /app/

    Good:
        FROM python:3.13-slim
        COPY requirements.txt src/*.py /app/

    Good (from another stage or the network):
        FROM python:3.13-slim AS build
        RUN make
        FROM python:3.13-slim
        COPY --from=build /nowhere /app/
        ADD https://example.com/nowhere /app/

    Fix:
        unsafe: the one name in that folder that is nearly the same.
    """

    on = ("COPY", "ADD", "RUN")
    severity = "error"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return file.context is not None and file.context.known

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        context = instruction.file.context
        if context is None or not context.known:
            return
        for source, span in _sources(instruction):
            text = instruction.expand(source)
            if text is None or "://" in text or text.startswith("git@") or context.glob(text) or context.truncated:
                continue
            near = _near(context, text)
            fix = None
            if near is not None and instruction.file.source.slice(span) == text:
                fix = Fix(f"Write {near}", [Edit(span, near)], "unsafe")
            hint = f"; there is {near}" if near is not None else ""
            yield self.finding(span, f"{text} is not in the build context{hint}", fix=fix)


def _sources(instruction: Instruction) -> Iterator[tuple[str, Span]]:
    if isinstance(instruction, Copy) and instruction.origin is None:
        for word in instruction.sources:
            yield word.text, word.span
    elif isinstance(instruction, Run):
        for mount in instruction.mounts:
            if mount.type == "bind" and "from" not in mount.options and mount.options.get("source"):
                yield mount.options["source"], mount.flag.span


def _near(context: BuildContext, path: str) -> str | None:
    """The only entry of the same folder whose name differs in a letter or two."""
    folder, slash, name = path.rstrip("/").rpartition("/")
    if any(char in name for char in "*?["):
        return None
    names = [entry.rpartition("/")[2] for entry in context.glob(f"{folder}/*" if slash else "*")]
    close = [other for other in names if _differs_little(name.lower(), other.lower())]
    return f"{folder}{slash}{close[0]}" if len(close) == 1 else None


def _differs_little(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or len(one) < 4:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return max(len(one), len(other)) - start - end <= 1
