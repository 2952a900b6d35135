from __future__ import annotations

from dfadvise.bases import base_of
from dfadvise.knowledge.lists import base_env
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.spelling import nearest
from dfadvise.stages import PLATFORM_ARGS
from dfadvise.syntax.expansions import expanded_silently, references
from dfadvise.syntax.instructions import Env, From, Run
from dfadvise.syntax.words import UNKNOWN, WordError
from dfadvise.variables import Undefined, undefined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

    Counts = dict[str, int]

SAME_ENV = ("DL3044", "kics:be8aab51")
OUT_OF_SCOPE = ("sonar:S6579",)


class UndefinedVariable(Rule):
    r"""A variable is used where it is not set.

    Why:
        It expands to nothing, and the build goes on: `COPY app-${VERSION}.jar` copies `app-.jar`, `/${DIR}/lib` is
        `//lib`. An ARG before the first FROM exists in FROM lines alone; a stage that needs it declares it again. All
        pairs of one ENV see the environment from before it.

    Bad (misspelt):
        FROM debian:12
        ARG VERSION=1.2
        COPY app-${VERSOIN}.jar /app.jar

    Good:
        FROM debian:12
        ARG VERSION=1.2
        COPY app-${VERSION}.jar /app.jar

    Bad (declared before FROM):
        ARG VERSION=12
        FROM debian:${VERSION}
        LABEL base.version="${VERSION}"

    Good (declared again):
        ARG VERSION=12
        FROM debian:${VERSION}
        ARG VERSION
        LABEL base.version="${VERSION}"

    Bad (set in the same instruction):
        FROM debian:12
        ENV APP_HOME=/opt/app APP_DATA=$APP_HOME/data

    Good (set in an earlier one):
        FROM debian:12
        ENV APP_HOME=/opt/app
        ENV APP_DATA=$APP_HOME/data

    Bad (in FROM):
        FROM debian:${SUITE}

    Good (in FROM):
        ARG SUITE=bookworm
        FROM debian:${SUITE}

    Good (a shell expands it):
        FROM debian:12
        RUN for name in a b; do touch "/tmp/$name"; done

    Fix:
        unsafe: `ARG NAME` behind FROM for what is declared before it, else the nearest name that is set.

    Variants:
        not onbuild: triggers see the variables of the child
    """

    on = ("file",)
    severity = "warning"
    aliases = ("UndefinedVar", "UndefinedArgInFrom", *SAME_ENV, *OUT_OF_SCOPE)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        if "$" not in file.source.text:
            return
        earlier = _EarlierNames(file)
        reported: set[tuple[int, str]] = set()
        keys: dict[int, Counts] = {}
        for use in undefined(file):
            same = use.at is use.instruction and _in_same(use, keys)
            if same:
                reported.add((id(use.instruction), use.name))
            yield self._undefined(use, same, same and not earlier.has(use.name, use.instruction))
        for stage in file.linted_stages:
            for instruction in stage.instructions:
                if isinstance(instruction, Env):
                    yield from self._same_env(instruction, reported, earlier)
                elif isinstance(instruction, From):
                    yield from self._from(instruction)
            yield from self._global_in_run(stage)

    def _undefined(self, use: Undefined, same: bool, first: bool) -> Finding:
        stage = use.stage
        severity: Severity = "warning"
        message = f"`{use.name}` is not set here"
        aliases: tuple[str, ...] = ("UndefinedVar",) if use.at is not None else ()
        global_ = use.name in stage.file.global_args and stage.index >= 0
        if same:
            message = f"`{use.name}` is set in this very ENV, so it does not have that value here yet"
            aliases += SAME_ENV if first else ()
        elif use.guarded:
            severity = "style"
            message += ", so its default counts"
        elif global_:
            message = f"`{use.name}` is declared before FROM and not in this stage, so it is empty here"
            aliases += OUT_OF_SCOPE
        elif use.name in PLATFORM_ARGS:
            message = f"`{use.name}` is not set in a stage without an ARG for it"
        elif _may_be_inherited(use.name, stage):
            severity = "style"
            message = f"`{use.name}` is not set here, unless the base image sets it"
        elif use.near:
            message += f" (did you mean `{use.near}`?)"
        span, instruction, related = use.span, use.instruction, []
        if use.at is not None and use.at is not use.instruction:
            # Seen where it stands already; here only BuildKit's view of it is added.
            related = [("the trigger", span)]
            instruction, severity = use.at, "style"
            span = stage.from_.image.span if stage.from_ and stage.from_.image else use.at.span
            message = f"the ONBUILD of `{stage.parent.label if stage.parent else ''}` uses `{use.name}`, not set here"
        fix = None if same or related else _fix(use, global_)
        outer = instruction.outer or instruction
        return self.finding(span, message, outer, severity, aliases, related, fix=fix)

    def _same_env(self, env: Env, reported: set[tuple[int, str]], earlier: _EarlierNames) -> Iterator[Finding]:
        """Old values: keys of this ENV that were set before and are used in its other pairs."""
        if len(env.pairs) < 2:
            return
        keys: dict[str, list[int]] = {}
        for place, pair in enumerate(env.pairs):
            keys.setdefault(pair.key, []).append(place)
        file = env.file
        for place, pair in enumerate(env.pairs):
            for use in references(pair.value or "", file.escape):
                others = [other for other in keys.get(use.name, ()) if other != place]
                if not others or (id(env), use.name) in reported:
                    continue
                if any(_keeps_value(env.pairs[other].value or "", use.name) for other in others):
                    continue
                reported.add((id(env), use.name))
                start = pair.value_span.start + use.start
                span = Span(start, start + use.end - use.start)
                if file.source.slice(pair.value_span) != pair.value:
                    span = pair.value_span
                message = f"`{use.name}` is set in this very ENV; here it still has the value from before"
                aliases = () if earlier.has(use.name, env) else SAME_ENV
                yield self.finding(span, message, env, aliases=aliases)

    def _from(self, from_: From) -> Iterator[Finding]:
        file = from_.file
        known = {**dict.fromkeys(file.global_args), **dict.fromkeys(sorted(PLATFORM_ARGS))}
        for text in expanded_silently(from_):
            if "$" not in text.text:
                continue
            try:
                names = text.expand(lambda name: UNKNOWN if name in known else None, file.escape).unmatched
            except WordError:
                continue
            for name in sorted(names):
                uses = [use for use in references(text.text, file.escape) if use.name == name]
                guarded = bool(uses) and all(use.guarded for use in uses)
                near = nearest(name, known)
                message = f"`{name}` in FROM is not declared" + (f" (did you mean `{near}`?)" if near else "")
                span = (text.place(file.source, uses[0].start, uses[0].end) if uses else None) or text.span
                place = text.place(file.source, uses[0].name_start, uses[0].end) if uses else None
                yield self.finding(
                    span,
                    message,
                    from_,
                    "warning" if guarded else "error",
                    ("UndefinedArgInFrom",),
                    fix=Fix(f"Write {near}", [Edit(place, near)]) if near and place else None,
                    cause=("base", id(from_)) if from_.image is not None and text.span == from_.image.span else None,
                )

    def _global_in_run(self, stage: Stage) -> Iterator[Finding]:
        """Arguments from before FROM in the text of a RUN, where the shell finds nothing."""
        names = stage.file.global_args
        if not names or stage.from_ is None:
            return
        for run in stage.instructions:
            if not isinstance(run, Run) or "$" not in run.file.source.slice(run.span) or run.form == "exec":
                continue
            found: dict[str, Span] = {}
            for command in run.all_commands():
                for word in command.words:
                    for use in references(word.raw):
                        if use.name in names and not use.guarded:
                            found.setdefault(use.name, word.span)
            found = {name: span for name, span in found.items() if stage.variable(name, run) is None}
            if not found:
                continue
            own = _set_by_shell(run)
            for name, span in found.items():
                if name not in own and not base_env(name):
                    message = f"`{name}` is declared before FROM and not in this stage, so it is empty here"
                    yield self.finding(span, message, run, aliases=OUT_OF_SCOPE, fix=_declare(stage, name))


class _EarlierNames:
    """Which names an ENV or ARG of any stage sets before an instruction."""

    __slots__ = ("lines",)

    def __init__(self, file: Dockerfile) -> None:
        self.lines: dict[str, int] = {}
        for instruction in file.instructions:
            for pair in getattr(instruction, "pairs", ()):
                if instruction.keyword != "LABEL":
                    self.lines.setdefault(pair.key, instruction.line)

    def has(self, name: str, instruction: Instruction) -> bool:
        return self.lines.get(name, instruction.line) < instruction.line


def _in_same(use: Undefined, keys: dict[int, Counts]) -> bool:
    """Whether another pair of an ENV sets the variable, or the same key once more."""
    env = use.instruction
    if not isinstance(env, Env):
        return False
    counts = keys.get(id(env))
    if counts is None:
        counts = keys[id(env)] = {}
        for pair in env.pairs:
            counts[pair.key] = counts.get(pair.key, 0) + 1
    return counts.get(use.name, 0) > (use.key == use.name)


def _keeps_value(value: str, name: str) -> bool:
    """Whether a pair gives a variable the value that it has already (`A=$A`)."""
    return value.strip('"') in (f"${name}", f"${{{name}}}")


def _may_be_inherited(name: str, stage: Stage) -> bool:
    """Whether the external base may set a variable: always when nothing is known of the base."""
    if name in PLATFORM_ARGS:
        return False
    base = base_of(stage)
    if base is None:
        return True
    if base.is_scratch:
        return False
    # Only the official images' environment is known well enough.
    if "/" in base.name or base.distribution is None or base_env(name):
        return True
    # Official images name their own variables after themselves.
    return name.lower().startswith(base.name.rpartition("/")[2].replace("-", "_") + "_")


def _set_by_shell(run: Run) -> set[str]:
    """Names to which the text of a RUN may give a value itself."""
    names: set[str] = set()
    for command in run.all_commands():
        names.update(assigned for assigned, _ in command.assignments)
        names.update(word.raw.partition("=")[0] for word in command.words)
    words = run.body.text.split()
    names.update(following for word, following in zip(words, words[1:], strict=False) if word == "for")
    return names


def _fix(use: Undefined, global_: bool) -> Fix | None:
    if use.instruction.outer is not None:
        return None
    if global_ or use.name in PLATFORM_ARGS:
        return _declare(use.stage, use.name)
    if use.near is None or use.name_span is None or use.guarded:
        return None
    return Fix(f"Write {use.near}", [Edit(use.name_span, use.near)])


def _declare(stage: Stage, name: str) -> Fix | None:
    from_ = stage.from_
    if from_ is None:
        return None
    keyword = "arg" if from_.name.islower() else "ARG"
    at = Span(from_.span.end, from_.span.end)
    return Fix(f"Declare {name} in the stage", [Edit(at, f"{stage.file.source.newline}{keyword} {name}")])
