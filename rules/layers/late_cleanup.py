from __future__ import annotations

from dfadvise.effects import REMOVES, is_archive
from dfadvise.layers import Hidden, Layer, chain_layers
from dfadvise.managers.packages import actions, cache_cause
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Fix, Rule, Saving, Weighs
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.leftovers import Left
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

SMALL = 100_000
# Endings of files that are small wherever one meets them.
TEXTS = (".sh", ".asc", ".txt", ".conf", ".cfg", ".json", ".yml", ".yaml", ".toml", ".ini", ".list", ".key", ".gpg")
# Where packages put their files.
PLACES = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt", "/var/lib", "/var/cache")
KINDS = {"lists": "package lists", "archives": "downloaded packages", "cache": "cache"}


class LateCleanup(Rule):
    r"""What an earlier layer wrote is deleted in a later one.

    Why:
        Deleting in a later layer only hides: the bytes stay in the layer below, and the image is as large as before.
        What is not needed has to go in the RUN that brought it.

    Bad (package lists):
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl
        RUN rm -rf /var/lib/apt/lists/*

    Fixed:
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl \
            && rm -rf /var/lib/apt/lists/*

    Bad (a file):
        FROM debian:12
        COPY installer.bin /tmp/installer.bin
        RUN /tmp/installer.bin --silent
        RUN rm /tmp/installer.bin

    Bad (packages):
        FROM alpine:3.22
        RUN apk add --no-cache gcc musl-dev
        COPY hello.c /
        RUN gcc -o /hello /hello.c
        RUN apk del gcc musl-dev

    Good (in the same RUN):
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*

    Good (a bind mount brings no bytes):
        FROM debian:12
        RUN --mount=type=bind,source=installer.bin,target=/tmp/installer.bin /tmp/installer.bin --silent

    Good (nothing was there):
        FROM debian:12
        RUN rm -rf /var/lib/apt/lists/* /tmp/*

    Good (a builder's layers do not ship):
        FROM debian:12 AS build
        COPY installer.bin /tmp/
        RUN rm /tmp/installer.bin
        FROM debian:12
        COPY --from=build /opt /opt

    Fix:
        safe: joins the two RUN instructions where they are neighbours and plain chains; else none.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    keywords = ("RUN",)
    severity = "warning"
    aliases = ("slim:ID.20021",)
    yields_to = ("secret-copied-then-deleted", "hand-unpacked-archive")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in, programs_in

        removing = ("rm", "unlink", "rmdir", "gunzip", "gzip", "bunzip2", "unxz", "find")
        if not programs_in(file).isdisjoint(removing):
            return True
        return any(action.effect in ("remove", "clean") for action in actions_in(file))

    def check(self, stage: Stage) -> Iterator[Finding]:
        if stage.file.exported is not stage:
            return
        layers = chain_layers(stage)
        by_effect: dict[int, list[Hidden]] = {}
        for hidden in layers.hidden:
            command = hidden.by.command
            if hidden.by.kind != REMOVES or not hidden.reached or not hidden.by.certain or command is None:
                continue
            if command.program != "mv" and not _written_again(hidden):
                by_effect.setdefault(id(hidden.by), []).append(hidden)
        for together in by_effect.values():
            yield self._files(together)
        yield from self._managers(layers.layers)
        yield from self._packages(layers.layers)

    def _files(self, together: list[Hidden]) -> Finding:
        first = together[0]
        command = first.by.command
        assert command is not None
        sizes = [hidden.write.size for hidden in together]
        total = sum(size for size in sizes if size is not None) if None not in sizes else None
        lines = sorted({hidden.layer.instruction.line for hidden in together})
        path = first.by.path if len(together) > 1 else first.write.path
        # Of an archive among other files another rule speaks, but not of the others.
        other = next((hidden for hidden in together if not is_archive(hidden.write.path or "")), first)
        return self.finding(
            first.by.span,
            f"{_shown(path)} is deleted here, but {_layers(lines)} its bytes",
            first.later.instruction,
            severity="info" if _is_small(total, together) else None,
            aliases=_aliases(command),
            related=[("stored here", hidden.write.span) for hidden in together[:4]],
            saving=Saving(total, basis="context") if total is not None else None,
            fix=_join(first.layer.instruction, first.later.instruction),
            cause=("written", id(other.layer.instruction), other.write.path),
            weighs=Weighs(
                *("hidden", (first.later.instruction,), [hidden.write.path or "" for hidden in together]),
                of=[hidden.layer.instruction for hidden in together],
                small=SMALL,
            ),
        )

    def _managers(self, layers: list[Layer]) -> Iterator[Finding]:
        """Caches and lists that a later RUN empties."""
        from dfadvise.savings import cleaned_late

        for left, run, command in cleaned_late(layers):
            yield self._cache(run, left, command)

    def _cache(self, run: Run, left: Left, command: ShellCommand) -> Finding:
        from dfadvise.savings import saving_of

        what = " and ".join(KINDS.get(kind, kind) for kind in left.kinds)
        return self.finding(
            command.argv_span,
            f"the layer of line {left.run.line} keeps the {left.manager.name} {what}",
            run,
            aliases=_aliases(command),
            related=[("left here", left.actions[0].span)],
            saving=saving_of(left),
            fix=_join(left.run, run),
            cause=cache_cause(left.run, left.manager),
            weighs=Weighs("hidden", (run,), left.paths, of=(left.run,)),
        )

    def _packages(self, layers: list[Layer]) -> Iterator[Finding]:
        """Packages that a later RUN removes."""
        installed: dict[tuple[str, str], tuple[Layer, ShellCommand]] = {}
        for layer in layers:
            run = layer.instruction
            if not isinstance(run, Run):
                continue
            for action in actions(run):
                names = [word.text for word in action.operands if word.text]
                virtual = action.command.option("--virtual", "-t") if action.manager.name == "apk" else None
                if action.effect == "install":
                    for name in [*names, *([virtual] if virtual else [])]:
                        key = (action.manager.name, name.partition("=")[0])
                        installed.setdefault(key, (layer, action.command))
                elif action.effect == "remove":
                    found = [installed.pop((action.manager.name, name), None) for name in names]
                    earlier = [each for each in found if each is not None and each[0] is not layer]
                    if earlier:
                        yield self._removed(run, action.command, earlier, names)

    def _removed(
        self, run: Run, command: ShellCommand, earlier: list[tuple[Layer, ShellCommand]], names: list[str]
    ) -> Finding:
        line = earlier[0][0].instruction.line
        return self.finding(
            command.argv_span,
            f"{_few(names)} of line {line} {'are' if len(names) > 1 else 'is'} hidden here; the layer keeps the bytes",
            run,
            aliases=_aliases(command),
            related=[("installed here", earlier[0][1].argv_span)],
            fix=_join(earlier[0][0].instruction, run),
            weighs=Weighs("hidden", (run,), PLACES, of=[layer.instruction for layer, _ in earlier]),
        )


def _is_small(total: int | None, together: list[Hidden]) -> bool:
    if total is not None:
        return total < SMALL
    return all(not hidden.write.tree and (hidden.write.path or "").endswith(TEXTS) for hidden in together)


def _written_again(hidden: Hidden) -> bool:
    """Whether the same layer writes the path anew behind the removal: it is replaced, not given up."""
    path = hidden.write.path or ""
    effects = hidden.later.effects
    later = effects[effects.index(hidden.by) + 1 :]
    return any(effect.kind != REMOVES and effect.path and is_below(effect.path, path) for effect in later)


def _join(first: Instruction, second: Instruction) -> Fix | None:
    """Make one RUN of two neighbours, so that the clean-up comes in time."""
    if not isinstance(first, Run) or not isinstance(second, Run) or first.stage is not second.stage:
        return None
    from dfadvise.editing import joining
    from dfadvise.managers.programs import is_proven

    if second.index != first.index + 1 or joining.obstacle(first, second) is not None:
        return None
    proven = is_proven(first) and is_proven(second)
    return Fix("Join the two RUN instructions", joining.edits(first, second), "safe" if proven else "unsafe", "join")


def _aliases(command: ShellCommand) -> tuple[str, ...]:
    # The tool behind the alias looks at a RUN that starts with rm.
    first = command.program == "rm" and command.item == 0 and command.parent is None
    return ("slim:ID.20021",) if first else ()


def _shown(path: str | None) -> str:
    return (path or "").replace("/$WORKDIR/", "")


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")


def _layers(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"the layer of line {lines[0]} keeps"
    return f"the layers of lines {', '.join(map(str, lines))} keep"
