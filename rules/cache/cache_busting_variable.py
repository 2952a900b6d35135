from __future__ import annotations

from dfadvise.about.needs import run_cost
from dfadvise.buildcache import uses_variable
from dfadvise.editing.moving import above
from dfadvise.knowledge.lists import deliberate, volatile
from dfadvise.managers.packages import inner
from dfadvise.rule import Finding, Fix, Rule, Saving
from dfadvise.syntax.instructions import Arg, Env, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction, Pair

# Defaults that stand for "the build says it"; any other literal is a pin, and changes only when someone edits it.
PLACEHOLDERS = frozenset(
    """unknown unknow none null n/a na dev devel development local snapshot undefined unset unspecified not-set notset
    dirty head 0 -1 0.0.0 0.0.1 x.x.x 1970-01-01 1970-01-01t00:00:00z todo test latest - unversioned""".split()
)
MOST_VARIABLES = 40  # of one stage; who has more has other worries
STATE = frozenset(("ARG", "ENV", "FROM", "ONBUILD"))


class CacheBustingVariable(Rule):
    """A variable that changes with every build stands above a costly step that does not use it.

    Why:
        Every ARG and ENV declared so far is in the cache key of each RUN behind it, used or not. A commit or a build
        number at the top runs everything below it anew at each build; right before its first use it does no harm.

    Bad:
        FROM debian:12
        ARG GIT_COMMIT
        RUN apt-get update && apt-get install -y curl
        LABEL org.opencontainers.image.revision=$GIT_COMMIT

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl
        ARG GIT_COMMIT
        LABEL org.opencontainers.image.revision=$GIT_COMMIT

    Good (used by the step):
        FROM debian:12
        ARG GIT_COMMIT
        RUN apt-get update && apt-get install -y curl && echo "$GIT_COMMIT" > /etc/revision

    Good (it is there to break the cache):
        FROM debian:12
        ARG CACHEBUST
        RUN apt-get update && apt-get install -y curl

    Good (a pin):
        FROM debian:12
        ARG GIT_COMMIT=4f5d2c1
        RUN apt-get update && apt-get install -y curl

    Good (known to FROM alone):
        ARG RELEASE=12
        FROM debian:$RELEASE
        RUN apt-get update && apt-get install -y curl

    Good (nothing costly behind it):
        FROM debian:12
        RUN apt-get update && apt-get install -y curl
        ARG BUILD_DATE
        ENV BUILD_DATE=$BUILD_DATE

    Fix:
        unsafe: the ARG moves to just before its first use in the text; a program may read it from the environment.
    """

    on = ("stage",)
    keywords = ("ARG", "ENV")
    severity = "info"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.syntax.instructions import Arg, Env

        parts = ("COMMIT", "SHA", "REV", "REF", "BRANCH", "BUILD_", "DATE", "TIMESTAMP", "CREATED", "EPOCH", "RELEASE")
        for each in file.walk():
            if isinstance(each, (Arg, Env)):
                for pair in each.pairs:
                    name = pair.key.upper()
                    if any(part in name for part in parts) or name.startswith(("CI_", "GIT")):
                        return True
                    if name in ("VERSION", "APP_VERSION", "IMAGE_VERSION"):
                        return True
        return False

    def check(self, stage: Stage) -> Iterator[Finding]:
        if stage.from_ is None:
            return
        outer = stage.instructions
        held = any(each.keyword == "ONBUILD" for each in outer)
        instructions = [inner(each) for each in outer]
        spoken: set[str] = set()
        costs: dict[int, int] = {}
        for place, each in enumerate(instructions):
            if not isinstance(each, Arg | Env):
                continue
            for pair in each.pairs:
                if pair.key in spoken or not _is_volatile(each, pair):
                    continue
                spoken.add(pair.key)
                if len(spoken) > MOST_VARIABLES:
                    return
                costly = _first_costly(instructions, place, pair.key, costs)
                if costly is None:
                    continue
                yield self.finding(
                    pair.span,
                    f"{pair.key} may change with each build, and is in the cache key of the RUN on line {costly.line}",
                    outer[place],
                    related=[("runs again", costly.name_span)],
                    saving=Saving(rank=run_cost(costly)),
                    fix=None if held else _later(instructions, place, pair, costly),
                )


def _is_volatile(each: Arg | Env, pair: Pair) -> bool:
    if deliberate(pair.key):
        return False
    if isinstance(each, Arg):
        default = (pair.value or "").strip("\"'")
        if pair.value is None:
            default = each.file.global_args.get(pair.key) or ""
        return volatile(pair.key, bool(default)) and (default.lower() in PLACEHOLDERS or not default)
    value = pair.value or ""
    # A literal changes only when the file does; what is only handed on was judged at its ARG.
    return "$" in value and volatile(pair.key, True) and not uses_variable(value, pair.key)


def _first_costly(instructions: list[Instruction], place: int, name: str, costs: dict[int, int]) -> Run | None:
    """The first costly RUN behind a declaration, unless it or a RUN before it uses the variable."""
    names = {name}
    held = instructions[place].outer is not None
    for at in range(place + 1, len(instructions)):
        each = instructions[at]
        if (each.outer is not None) != held:
            continue
        if isinstance(each, Env):
            names.update(pair.key for pair in each.pairs if any(uses_variable(pair.value or "", n) for n in names))
        if not isinstance(each, Run):
            continue
        text = each.file.source.slice(each.span)
        if any(_is_used(text, n) for n in names):
            return None
        if at not in costs:
            costs[at] = run_cost(each)
        if costs[at] > 1:
            return each
    return None


def _is_used(text: str, name: str) -> bool:
    """Whether a RUN names a variable in any way: `$NAME`, `${NAME}`, `%NAME%`, `os.environ["NAME"]`."""
    at = text.find(name)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if not any(char.isalnum() or char == "_" for char in around):
            return True
        at = text.find(name, at + 1)
    return False


def _later(instructions: list[Instruction], place: int, pair: Pair, costly: Run) -> Fix | None:
    """The ARG just before its first use, or behind the last step when nothing uses it."""
    declared = instructions[place]
    if not isinstance(declared, Arg) or len(declared.pairs) != 1 or declared.end_line != declared.line:
        return None
    source = declared.file.source
    for each in instructions[place + 1 :]:
        if _is_used(source.slice(each.span), pair.key):
            if each.index <= costly.index or each.keyword in STATE - {"ENV", "ARG"}:
                return None
            title = f"Declare {pair.key} just before its first use"
            return Fix(title, above(each, declared))
    return None
