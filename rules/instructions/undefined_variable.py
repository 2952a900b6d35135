from __future__ import annotations

from dfadvise.about import variables
from dfadvise.editing.keywords import keyword
from dfadvise.knowledge.frontend import PLATFORM_ARGS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.spelling import is_slip
from dfadvise.syntax.instructions import Env, From, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.variables import Undefined
    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile, Stage

SAME_ENV = ("DL3044", "kics:be8aab51")
OUT_OF_SCOPE = ("sonar:S6579",)
BEFORE_FROM = "`{}` is declared before FROM and not in this stage, so it is empty here"


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
        unsafe: `ARG NAME` behind FROM for what is declared before it, else the name that is set and one slip away.

    Variants:
        not onbuild: triggers see the variables of the child
    """

    on = ("file",)
    mentions = ("$",)
    severity = "warning"
    aliases = ("UndefinedVar", "UndefinedArgInFrom", *SAME_ENV, *OUT_OF_SCOPE)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        for each in file.walk():
            if each.keyword == "RUN":
                if file.global_args or any("$" in flag.text for flag in each.flags):
                    return True
            elif each.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD"):
                continue
            elif "$" in file.source.text[each.span.start : each.span.end]:
                return True
        return False

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        earlier = variables.FirstLines(file)
        reported: set[tuple[int, str]] = set()
        for use in variables.undefined(file):
            if use.in_same_env:
                reported.add((id(use.instruction), use.name))
            yield self._undefined(use, not earlier.before(use.name, use.instruction))
        for stage in file.linted_stages:
            for instruction in stage.instructions:
                if isinstance(instruction, Env):
                    yield from self._old_values(instruction, reported, earlier)
                elif isinstance(instruction, From):
                    yield from self._from(instruction)
                elif isinstance(instruction, Run):
                    for name, span in variables.global_in_run(instruction):
                        fix = _declare(stage, name)
                        message = BEFORE_FROM.format(name)
                        yield self.finding(span, message, instruction, aliases=OUT_OF_SCOPE, fix=fix)

    def _undefined(self, use: Undefined, first: bool) -> Finding:
        stage = use.stage
        severity: Severity = "warning"
        message = f"`{use.name}` is not set here"
        aliases: tuple[str, ...] = ("UndefinedVar",) if use.at is not None else ()
        global_ = use.name in stage.file.global_args and stage.index >= 0
        if use.in_same_env:
            message = f"`{use.name}` is set in this very ENV, so it does not have that value here yet"
            aliases += SAME_ENV if first else ()
        elif use.guarded:
            severity = "style"
            message += ", so its default counts"
        elif global_:
            message = BEFORE_FROM.format(use.name)
            aliases += OUT_OF_SCOPE
        elif use.name in PLATFORM_ARGS:
            message = f"`{use.name}` is not set in a stage without an ARG for it"
        elif use.name == "env" and stage.file.source.text.startswith(":", use.span.end):
            message = "`$env:` is PowerShell's: here `$env` is a variable of the build, which is not set"
        elif variables.may_be_inherited(use.name, stage):
            severity = "style"
            message = f"`{use.name}` is not set here, unless the base image sets it"
        elif use.near and use.near.isidentifier():
            message += f" (did you mean `{use.near}`?)"
        if use.at is not None and use.at is not use.instruction:
            # Seen where the trigger stands already; here only BuildKit's view of it is added.
            span = stage.from_.image.span if stage.from_ and stage.from_.image else use.at.span
            message = f"an ONBUILD of the base uses `{use.name}`, which is not set"
            return self.finding(span, message, use.at, "style", aliases, [("the trigger", use.span)])
        fix = None if use.in_same_env else _fix(use, global_)
        return self.finding(use.span, message, use.instruction.outer or use.instruction, severity, aliases, fix=fix)

    def _old_values(self, env: Env, reported: set[tuple[int, str]], earlier: variables.FirstLines) -> Iterator[Finding]:
        for name, span in variables.old_values(env):
            if (id(env), name) not in reported:
                message = f"`{name}` is set in this very ENV; here it still has the value from before"
                yield self.finding(span, message, env, aliases=() if earlier.before(name, env) else SAME_ENV)

    def _from(self, from_: From) -> Iterator[Finding]:
        for use in variables.undefined_in_from(from_):
            fix = None
            message = f"`{use.name}` in FROM is not declared"
            if use.near:
                message += f" (did you mean `{use.near}`?)"
                fix = _respell(use)
            level: Severity = "warning" if use.guarded else "error"
            in_image = from_.image is not None and from_.image.span.contains(use.span)
            cause = ("base", id(from_)) if in_image else None
            yield self.finding(use.span, message, from_, level, ("UndefinedArgInFrom",), fix=fix, cause=cause)


def _fix(use: Undefined, global_: bool) -> Fix | None:
    if use.instruction.outer is not None:
        return None
    if global_ or use.name in PLATFORM_ARGS:
        return _declare(use.stage, use.name)
    return None if use.guarded or variables.may_be_inherited(use.name, use.stage) else _respell(use)


def _respell(use: Undefined) -> Fix | None:
    if use.near is None or use.name_span is None or use.near in variables.ALWAYS or not is_slip(use.name, use.near):
        return None
    return Fix(f"Write {use.near}", [Edit(use.name_span, use.near)])


def _declare(stage: Stage, name: str) -> Fix | None:
    from_ = stage.from_
    if from_ is None:
        return None
    at = Span(from_.span.end, from_.span.end)
    line = stage.file.source.newline + keyword(f"ARG {name}", stage.file)
    return Fix(f"Declare {name} in the stage", [Edit(at, line)])
