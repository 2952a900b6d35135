from __future__ import annotations

from dfadvise.editing import joining
from dfadvise.managers.packages import actions
from dfadvise.managers.programs import is_known_program, is_proven
from dfadvise.pragmas import pragma_in
from dfadvise.rule import Edit, Finding, Fix, Rule, Weighs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Run

FETCHING = frozenset(("curl", "wget", "git", "make", "cmake", "ninja", "gcc", "g++", "cc", "rustc", "javac", "aria2c"))


class UnmergedRun(Rule):
    r"""Neighbouring RUN instructions would be cheaper as one.

    Why:
        Each RUN makes a layer. A package manager writes its database and indexes anew in every layer that installs,
        so the image carries them once for each; three small steps in a row are three layers for nothing. Steps that
        download or compile are better apart: each is cached on its own.

    Bad (each installs):
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
        # for builds
        RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*

    Fixed:
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/* \
        # for builds
            && apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*

    Bad (three small steps):
        FROM debian:12
        RUN mkdir /data

        RUN chown 1000:1000 /data
        RUN ln -s /data /srv/data

    Good (one step):
        FROM debian:12
        RUN mkdir /data \
            && chown 1000:1000 /data \
            && ln -s /data /srv/data

    Good (kept apart by a word to the linter):
        FROM debian:12
        RUN mkdir /data
        # dfadvise: ignore[unmerged-run] for the cache
        RUN mkdir /logs
        RUN mkdir /tmp/work

    Good (different mounts):
        FROM debian:12
        RUN --mount=type=cache,target=/root/.npm npm ci
        RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt

    Good (apart for a reason):
        FROM debian:12
        RUN apt-get update && apt-get install -y curl
        WORKDIR /src
        RUN apt-get update && apt-get install -y git

    Fix:
        safe: joins them with `&&` and keeps comments, where both are plain chains that share no shell state,
        in the shape of their own line breaks.

    Variants:
        not onbuild: triggers are joined in the child, not here
    """

    on = ("stage",)
    severity = "info"
    aliases = ("DL3059", "kics:0008c003", "sonar:S7031", "tally:prefer-run-heredoc")
    yields_to = ("stale-package-index",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        # Two that stand behind each other.
        keywords = [each.keyword for each in file.instructions]
        return any(first == second == "RUN" for first, second in zip(keywords, keywords[1:], strict=False))

    def check(self, stage: Stage) -> Iterator[Finding]:
        for group in joining.neighbours(stage.instructions):
            yield self._group_finding(group)
            small: list[Run] = []
            for first, second in zip(group, group[1:], strict=False):
                if _flags(first) != _flags(second):
                    continue
                # A step that also downloads or compiles is better cached on its own.
                plain = stage.ships and is_proven(first) and is_proven(second)
                shared = _managers(first) & _managers(second) if plain else None
                if shared:
                    yield self._pair(first, second, sorted(shared)[0])
                else:
                    yield self._weak(first, second)
            if stage.ships:
                for run in [*group, None]:
                    joins = run is not None and _is_small(run) and not self._is_apart(run)
                    if run is not None and joins and (not small or _flags(small[-1]) == _flags(run)):
                        small.append(run)
                        continue
                    if len(small) > 2:
                        yield self._small(small)
                    small = [run] if run is not None and joins else []

    def _is_apart(self, run: Run) -> bool:
        """Whether a comment above a RUN keeps it apart: it says so to this rule, by any of its names."""
        pragmas = [pragma for comment in run.comments if (pragma := pragma_in(comment)) is not None]
        own = {"all", self.family, self.id, *(alias.lower() for alias in self.aliases)}
        return not own.isdisjoint(name.text.lower() for pragma in pragmas for name in pragma.names)

    def _group_finding(self, group: list[Run]) -> Finding:
        """What tools without a layer model say of any two neighbours, at the first."""
        aliases: tuple[str, ...] = ("kics:0008c003", "sonar:S7031", "tally:prefer-run-heredoc")
        if _flags(group[0]) != _flags(group[1]):
            aliases = ("sonar:S7031",)
        message = f"{len(group)} RUN instructions follow each other"
        return self.finding(group[0].name_span, message, group[0], "style", aliases)

    def _weak(self, first: Run, second: Run) -> Finding:
        aliases = ("DL3059",) if _is_single(first) and _is_single(second) else ()
        message = f"a RUN right behind the one in line {first.line}"
        related = [("the RUN before", first.name_span)]
        return self.finding(second.name_span, message, second, "style", aliases, related, cause=("pair", id(second)))

    def _pair(self, first: Run, second: Run, manager: str) -> Finding:
        fix = None
        if joining.obstacle(first, second) is None:
            fix = Fix("Join the two RUN instructions", joining.edits(first, second), "safe", "join")
        aliases = ("DL3059",) if _is_single(first) and _is_single(second) else ()
        return self.finding(
            second.name_span,
            f"installs with {manager} in a layer of its own, as line {first.line} does",
            second,
            aliases=aliases,
            related=[("the RUN before", first.name_span)],
            fix=fix,
            cause=("pair", id(second)),
            weighs=Weighs("hidden", (second,), ("/",), of=(first,)),
        )

    def _small(self, group: list[Run]) -> Finding:
        from dfadvise.editing.chainshape import shape_of

        edits: list[Edit] = []
        proven = True
        shape = shape_of(group)
        for first, second in zip(group, group[1:], strict=False):
            if joining.obstacle(first, second) is not None:
                edits = []
                break
            edits.extend(joining.edits(first, second, shape, first is not group[0]))
            proven = proven and is_proven(first)
        proven = proven and is_proven(group[-1])
        fix = None
        if edits:
            title = f"Join the {len(group)} RUN instructions"
            fix = Fix(title, edits, "safe" if proven else "unsafe", "join")
        return self.finding(
            group[0].name_span,
            f"{len(group)} small RUN instructions in a row make {len(group)} layers",
            group[0],
            related=[("the last of them", group[-1].name_span)],
            fix=fix,
        )


def _flags(run: Run) -> list[str]:
    return [flag.text for flag in run.flags]


def _is_single(run: Run) -> bool:
    """Whether one command is written there: what it runs in turn (find, sh -c) and `[` do not count."""
    if run.is_opaque:
        # PowerShell and cmd cannot be read, but text without a separator is one command in every shell.
        bare = "".join(run.body.text.split('"')[::2])
        return not any(mark in bare for mark in "\n;&|")
    written = [
        command
        for command in run.all_commands()
        if command.parent is None and "find" not in command.contexts and command.program not in ("[", "[[")
    ]
    return len(written) <= 1


def _managers(run: Run) -> set[str]:
    """The system package managers that a RUN installs with."""
    return {each.manager.name for each in actions(run) if each.manager.system and each.effect == "install"}


def _is_small(run: Run) -> bool:
    """Whether a RUN neither downloads, installs nor compiles, as far as every command of it is known."""
    if run.is_opaque or run.form != "shell" or actions(run):
        return False
    return all(
        command.program is not None and command.program not in FETCHING and is_known_program(command.program)
        for command in run.all_commands()
    )
