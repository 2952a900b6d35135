from __future__ import annotations

from dfadvise.about.strays import has_strays
from dfadvise.editing import cutting, dropping
from dfadvise.editing.secretmounts import naming
from dfadvise.knowledge.frontend import PLATFORM_ARGS, PREDEFINED_ARGS
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Arg, bodies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Pair

MOST_PAIRS = 200
# The builder or its scanners read these.
READ_BY_BUILDER = PLATFORM_ARGS | PREDEFINED_ARGS | {"SOURCE_DATE_EPOCH"}


class UnusedArg(Rule):
    """An ARG that nothing can use.

    Why:
        Somebody passes a value for it and nothing changes. An ARG before the first FROM exists in FROM lines alone, one
        in a stage only as far as the stage and what stands on it go.

    Bad (before FROM):
        ARG SUITE=bookworm
        ARG VARIANT=slim
        FROM debian:${SUITE}
        RUN echo hello

    Good:
        ARG SUITE=bookworm
        FROM debian:${SUITE}
        RUN echo hello

    Bad (in a stage):
        FROM nginx:1.29
        COPY site /usr/share/nginx/html
        ARG REVISION

    Fixed:
        FROM nginx:1.29
        COPY site /usr/share/nginx/html

    Good (used):
        FROM nginx:1.29
        COPY site /usr/share/nginx/html
        ARG REVISION
        LABEL org.opencontainers.image.revision=$REVISION

    Good (a RUN has it in its environment):
        FROM debian:12
        ARG REVISION
        COPY build.sh /
        RUN /build.sh

    Good (declared again where it is needed):
        ARG VERSION=1.2
        FROM debian:12 AS build
        ARG VERSION
        RUN make

    Fix:
        unsafe: deletes it; a `--build-arg` of that name then gets a warning.

    Variants:
        not onbuild: who builds on the image gets the argument
    """

    on = ("file",)
    keywords = ("ARG",)
    severity = "info"

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        if not file.stages:
            return
        facts: _Facts | None = None
        for stage in (file.preamble, *file.stages):
            for instruction in stage.instructions:
                if not isinstance(instruction, Arg) or len(instruction.pairs) > MOST_PAIRS:
                    continue
                if facts is None:
                    facts = _Facts(file)
                for pair in instruction.pairs:
                    if pair.key.startswith("#"):
                        break  # a comment to its author
                    if facts.may_matter(instruction, pair):
                        continue
                    where = "is declared before FROM, and no FROM or stage uses it"
                    if stage.index >= 0:
                        where = "is used by nothing behind it"
                    yield self.finding(pair.span, f"ARG {pair.key} {where}", instruction, fix=_fix(instruction, pair))


def _fix(arg: Arg, pair: Pair) -> Fix | None:
    if has_strays(arg) or (len(arg.pairs) == 1 and dropping.strands_comment(arg)):
        return None
    deletion = cutting.pair(arg, pair)
    return Fix(f"Delete {pair.key}", [deletion]) if deletion is not None else None


class _Facts:
    """What the arguments of a file are held against.

    Attributes:
        named: The instructions that name each variable.
        declared: The arguments that stages declare, those under ONBUILD included.
        last: By stage the index of its last RUN, which has every argument before it in its environment.
        below: The stages with such an instruction in a stage that stands on them.
    """

    __slots__ = ("below", "declared", "last", "named")

    def __init__(self, file: Dockerfile) -> None:
        self.named = naming(file)
        self.declared: set[str] = set()
        self.last: dict[int, int] = {}
        self.below: set[int] = set()
        for stage in reversed(file.stages):
            for instruction in stage.instructions:
                if instruction.keyword in ("RUN", "ONBUILD"):
                    self.last[stage.index] = instruction.index
                for each in (instruction, *bodies(instruction)):
                    if isinstance(each, Arg):
                        self.declared.update(pair.key for pair in each.pairs)
            if stage.parent is not None and (stage.index in self.last or stage.index in self.below):
                self.below.add(stage.parent.index)

    def may_matter(self, instruction: Arg, pair: Pair) -> bool:
        """Whether anything may use an argument."""
        name, stage = pair.key, instruction.stage
        if name in READ_BY_BUILDER or name.startswith("BUILDKIT_") or not name.replace("_", "a").isalnum():
            return True
        if any(other is not instruction for other in self.named.get(name, ())):
            return True
        place = instruction.pairs.index(pair)
        if any(name in (other.value or "") for other in instruction.pairs[place + 1 :]):
            return True
        if stage.index < 0:
            return name in self.declared
        return self.last.get(stage.index, -1) > instruction.index or stage.index in self.below
