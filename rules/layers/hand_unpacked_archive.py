from __future__ import annotations

from posixpath import basename

from dfadvise.effects import EXTRACTS, effects_of, is_archive
from dfadvise.knowledge.frontend import is_remote
from dfadvise.layers import chain_layers
from dfadvise.rule import Finding, Rule, Saving, Weighs
from dfadvise.syntax.instructions import Add, Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Word

UNPACKERS = ("tar", "bsdtar", "unzip", "gunzip", "bunzip2", "unxz", "unlzma", "zcat", "7z", "unrar")


class HandUnpackedArchive(Rule):
    """An archive is copied or added and then unpacked by a command.

    Why:
        The archive stays in the layer that copied it, removed later or not. ADD unpacks local tar archives by itself
        and keeps nothing else; a bind mount shows the archive to the RUN without any layer. What ADD fetches from an
        address it leaves packed, unless `--unpack` is given; a RUN can download, unpack and remove it in one layer.

    Bad:
        FROM debian:12
        COPY app.tar.gz /tmp/
        RUN tar -xzf /tmp/app.tar.gz -C /opt && rm /tmp/app.tar.gz

    Bad (from an address):
        FROM debian:12
        ADD https://example.com/app.tar.xz /tmp/
        RUN tar -xJf /tmp/app.tar.xz -C /opt

    Bad (no tar archive):
        FROM alpine:3.22
        ADD app.zip /tmp/
        RUN unzip /tmp/app.zip -d /opt

    Good (ADD unpacks):
        FROM debian:12
        ADD app.tar.gz /opt/

    Good (ADD unpacks what it fetches):
        # syntax=docker/dockerfile:1.17
        FROM debian:12
        ADD --unpack=true https://example.com/app.tar.xz /opt/
        RUN ls /opt

    Good (a bind mount):
        FROM debian:12
        RUN --mount=type=bind,source=app.tar.gz,target=/tmp/app.tar.gz tar -xzf /tmp/app.tar.gz -C /opt

    Good (kept as it is):
        FROM debian:12
        COPY data.tar.gz /srv/downloads/

    Fix:
        none: what is unpacked to where, and from which folder, has to be looked at; and `ADD --unpack` needs a
        frontend from 1.17 on, takes no zip archives and strips no folders.

    Variants:
        not onbuild: the copy and the command run in the child
    """

    on = ("stage",)
    keywords = ("COPY", "ADD")
    mentions = (".tar", ".tgz", ".tbz", ".txz", ".zip", ".whl")
    severity = "warning"
    aliases = ("DL3010", "tally:prefer-add-unpack")

    def check(self, stage: Stage) -> Iterator[Finding]:
        archives: dict[str, list[tuple[Copy, str, Word]]] = {}
        told: set[int] = set()
        for instruction in stage.instructions:
            if isinstance(instruction, Copy):
                for name, read, word in _archives(instruction):
                    for each in {name, read}:
                        archives.setdefault(each, []).append((instruction, name, word))
            elif isinstance(instruction, Run) and archives:
                for each, command in _unpacked(instruction).items():
                    for copy, name, word in archives.pop(each, ()):
                        if id(word) not in told:
                            told.add(id(word))
                            yield self._finding(stage, copy, name, word, command)

    def _finding(self, stage: Stage, copy: Copy, name: str, word: Word, command: ShellCommand) -> Finding:
        context = copy.file.context
        size = context.size_of(_name_of(word.text)) if context is not None and stage.ships else 0
        # Others want ADD for a local COPY; of an ADD they say nothing.
        local = copy.origin is None and not isinstance(copy, Add)
        layer = chain_layers(stage).of(copy)
        effects = layer.effects if layer is not None else ()
        paths = [effect.path for effect in effects if effect.path and effect.span == word.span]
        return self.finding(
            word.span,
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


def _archives(copy: Copy) -> Iterator[tuple[str, str, Word]]:
    """(name, the name as commands are read, source) of each archive that stays one in the image."""
    for word in copy.sources:
        known = copy.expand(word.text) or word.text
        if isinstance(copy, Add) and _is_unpacked(copy, known):
            continue
        renamed = basename(_slashed(copy.target.text)) if copy.target else ""
        source = _name_of(word.text)
        source = source if is_archive(source) else _name_of(known)
        if is_archive(source) or (is_remote(known) and is_archive(renamed)):
            name = renamed if is_archive(renamed) else source
            # Commands are read with the values of variables, where they are known.
            read = _name_of(copy.expand(name) or name)
            yield name if is_archive(name) else read, read, word


def _name_of(text: str) -> str:
    """The name of the file that a source is, of an address without its query."""
    return basename(text.partition("?")[0].partition("#")[0] if is_remote(text) else _slashed(text))


def _slashed(text: str) -> str:
    return text.replace("\\", "/").strip('"')


def _is_unpacked(add: Add, source: str) -> bool:
    """Whether ADD unpacks a source: what it is told to, else local tar archives; of others nobody knows."""
    flag = add.flag("unpack")
    if flag is not None:
        return flag.value != "false"
    return not is_remote(source) and not source.lower().endswith((".zip", ".whl"))


def _unpacked(run: Run) -> dict[str, ShellCommand]:
    """The names of what a RUN unpacks, and of the other words of commands that unpack."""
    found: dict[str, ShellCommand] = {}
    for effect in effects_of(run):
        if effect.kind == EXTRACTS and effect.origin and effect.command is not None:
            found.setdefault(basename(effect.origin), effect.command)
    for command in run.commands(UNPACKERS):
        if command.program in ("tar", "bsdtar") and not _extracts(command):
            continue
        for word in command.words[1:]:
            found.setdefault(basename(word.partial.replace("\\", "/")), command)
    return found


def _extracts(command: ShellCommand) -> bool:
    first = command.words[1].partial if len(command.words) > 1 else ""
    old_style = not first.startswith("-") and first.isalpha() and "x" in first
    return old_style or command.has_flag("-x", "--extract", "--get")
