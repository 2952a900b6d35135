from __future__ import annotations

from posixpath import basename

from dfadvise.effects import EXTRACTS, effects_of, is_archive
from dfadvise.layers import chain_layers
from dfadvise.rule import Finding, Rule, Saving, Weighs
from dfadvise.syntax.instructions import Add, Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

UNPACKERS = ("tar", "bsdtar", "unzip", "gunzip", "bunzip2", "unxz", "unlzma", "zcat", "7z", "unrar")


class HandUnpackedArchive(Rule):
    """An archive is copied and then unpacked by a command.

    Why:
        The archive stays in the layer that copied it, removed later or not. ADD unpacks local archives by itself
        and keeps nothing else; a bind mount shows the archive to the RUN without any layer.

    Bad:
        FROM debian:12
        COPY app.tar.gz /tmp/
        RUN tar -xzf /tmp/app.tar.gz -C /opt && rm /tmp/app.tar.gz

    Good (ADD unpacks):
        FROM debian:12
        ADD app.tar.gz /opt/

    Good (a bind mount):
        FROM debian:12
        RUN --mount=type=bind,source=app.tar.gz,target=/tmp/app.tar.gz tar -xzf /tmp/app.tar.gz -C /opt

    Good (kept as it is):
        FROM debian:12
        COPY data.tar.gz /srv/downloads/

    Fix:
        none: what is unpacked to where, and from which folder, has to be looked at.

    Variants:
        not onbuild: the copy and the command run in the child
    """

    on = ("stage",)
    keywords = ("COPY",)
    mentions = (".tar", ".tgz", ".tbz", ".txz", ".zip", ".whl")
    severity = "warning"
    aliases = ("DL3010", "tally:prefer-add-unpack")

    def check(self, stage: Stage) -> Iterator[Finding]:
        archives: list[tuple[Copy, str, str]] = []
        for instruction in stage.instructions:
            if isinstance(instruction, Copy):
                archives.extend(_archives(instruction))
            elif isinstance(instruction, Run) and archives:
                for copy, name, where in list(archives):
                    command = _unpacking(instruction, name)
                    if command is not None:
                        archives.remove((copy, name, where))
                        yield self._finding(stage, copy, name, where, command)

    def _finding(self, stage: Stage, copy: Copy, name: str, where: str, command: ShellCommand) -> Finding:
        source = next(word for word in copy.sources if basename(word.text.replace("\\", "/")) == where)
        context = copy.file.context
        size = context.size_of(where) if context is not None and stage.ships else 0
        local = copy.origin is None
        layer = chain_layers(stage).of(copy)
        effects = layer.effects if layer is not None else ()
        paths = [effect.path for effect in effects if effect.path and effect.span == source.span]
        return self.finding(
            source.span,
            f"{name} stays in this layer after line {command.instruction.line} unpacks it",
            copy,
            severity=None if stage.ships else "style",
            aliases=self.aliases if local else (),
            related=[("unpacked here", command.argv_span)],
            saving=Saving(size, basis="context") if size else None,
            # The same bytes as for who says that they are deleted later, or left.
            cause=("written", id(copy), paths[0]) if len(paths) == 1 else ("archive", id(copy), name),
            weighs=Weighs("stored", (copy,), paths),
        )


def _archives(copy: Copy) -> Iterator[tuple[Copy, str, str]]:
    """(instruction, name that commands use, name of the source) of each archive that stays one in the image."""
    if isinstance(copy, Add):
        return
    target = copy.target.text.replace("\\", "/").strip('"') if copy.target else ""
    for word in copy.sources:
        source = basename(word.text.replace("\\", "/"))
        if is_archive(source):
            renamed = basename(target)
            yield copy, renamed if is_archive(renamed) else source, source


def _unpacking(run: Run, name: str) -> ShellCommand | None:
    for effect in effects_of(run):
        if effect.kind == EXTRACTS and effect.origin and basename(effect.origin) == name:
            return effect.command
    for command in run.commands(UNPACKERS):
        if command.program in ("tar", "bsdtar") and not _extracts(command):
            continue
        if any(basename(word.partial.replace("\\", "/")) == name for word in command.words[1:]):
            return command
    return None


def _extracts(command: ShellCommand) -> bool:
    first = command.words[1].partial if len(command.words) > 1 else ""
    old_style = not first.startswith("-") and first.isalpha() and "x" in first
    return old_style or command.has_flag("-x", "--extract", "--get")
