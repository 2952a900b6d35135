from __future__ import annotations

from dfadvise.base import runtimes
from dfadvise.layers import copy_target
from dfadvise.managers.packages import inner
from dfadvise.paths import clean
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Edge, Stage
    from dfadvise.syntax.instructions import Word


class RuntimeMismatch(Rule):
    """An environment goes to another runtime than it was made for.

    Why:
        Python looks for packages in a folder that carries its own version, a virtual environment knows the path it
        was made at, and native modules of Node.js and Ruby load in the version they were compiled for alone.

    Bad (another Python):
        FROM python:3.11 AS build
        RUN pip install flask
        FROM python:3.12-slim
        COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages

    Bad (moved):
        FROM python:3.12 AS build
        RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask
        FROM python:3.12-slim
        COPY --from=build /opt/venv /app/venv

    Fixed:
        FROM python:3.12 AS build
        RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask
        FROM python:3.12-slim
        COPY --from=build /opt/venv /opt/venv

    Bad (wheels for another CUDA):
        FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04
        RUN pip install torch --index-url https://download.pytorch.org/whl/cu118

    Good (the same Python):
        FROM python:3.12 AS build
        RUN pip install flask
        FROM python:3.12-slim
        COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages

    Good (the same path):
        FROM python:3.12 AS build
        RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask
        FROM python:3.12-slim
        COPY --from=build /opt/venv /opt/venv

    Good (the CUDA of the base):
        FROM nvidia/cuda:11.8.0-runtime-ubuntu22.04
        RUN pip install torch --index-url https://download.pytorch.org/whl/cu118

    Variants:
        not onbuild: another build runs what stands there

    Fix:
        unsafe: the path that a virtual environment was made at; what starts it has to follow.
    """

    on = ("stage",)
    mentions = ("--from", "--mount", "cuda")
    severity = "warning"
    aliases = ("tally:gpu/cuda-version-mismatch",)

    def check(self, stage: Stage) -> Iterator[Finding]:
        for edge in stage.edges:
            if isinstance(edge.instruction, Copy):
                yield from self._copied(edge, edge.instruction, stage)
        yield from self._wheels(stage)

    def _copied(self, edge: Edge, copy: Copy, stage: Stage) -> Iterator[Finding]:
        made = runtimes.environments(edge.stage) if edge.stage is not None else {}
        target, _ = copy_target(copy)
        for word in copy.sources:
            source = copy.expand(word.text)
            if not source:
                continue
            path = clean("/" + source)
            kind = runtimes.holds_modules(path) or ("python" if path in made else None)
            if kind is None:
                continue
            mine, theirs = runtimes.runtime_of(stage), runtimes.runtime_of_source(edge)
            message, severity = _other_version(kind, path, target, mine, theirs, edge)
            if message is not None:
                yield self.finding(word.span, message, copy, severity)
            elif path in made and target is not None and target != path and len(copy.args) == 2:
                yield self._moved(word, path, target, copy)

    def _moved(self, word: Word, path: str, target: str, copy: Copy) -> Finding:
        message = f"the virtual environment was made at {path}, and its programs look for it there"
        fix = None
        goal = copy.target
        if goal is not None and "$" not in goal.text and copy.file.source.slice(goal.span) == goal.text:
            fix = Fix(f"Copy it to {path}", [Edit(goal.span, path)])
        return self.finding(word.span, message, copy, fix=fix)

    def _wheels(self, stage: Stage) -> Iterator[Finding]:
        own = runtimes.cuda_of_base(stage)
        if own is None:
            return
        for instruction in stage.instructions:
            run = inner(instruction)
            if not isinstance(run, Run):
                continue
            for wanted, action in runtimes.wanted_wheels(run):
                if wanted == own:
                    continue
                # Within a major version newer drivers and libraries serve older programs.
                severity: Severity = "style" if wanted.partition(".")[0] == own.partition(".")[0] else "warning"
                message = f"wheels for CUDA {wanted}, and the base has CUDA {own}"
                yield self.finding(action.span, message, instruction, severity, self.aliases)


def _other_version(
    kind: str,
    path: str,
    target: str | None,
    mine: runtimes.Runtime | None,
    theirs: runtimes.Runtime | None,
    edge: Edge,
) -> tuple[str | None, Severity]:
    """What is wrong with the versions, and how much it weighs; no message when nothing is known to be."""
    if kind == "python":
        of_source, of_target = runtimes.python_of_path(path), runtimes.python_of_path(target or "")
        if theirs is not None and theirs.name == "python" and of_source not in (None, theirs.version):
            return f"{edge.raw} has {theirs}, and this is the folder of Python {of_source}", "error"
        if mine is not None and mine.name == "python" and of_target not in (None, mine.version):
            return f"this stage has {mine}, which does not look into the folder of Python {of_target}", "error"
    if mine is None or theirs is None or mine == theirs or mine.name != kind or theirs.name != kind:
        return None, "warning"
    return f"made for {theirs}, and this stage has {mine}", "warning"
