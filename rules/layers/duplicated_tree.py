from __future__ import annotations

from posixpath import dirname

from dfadvise.base.bases import base_of
from dfadvise.editing import dropping
from dfadvise.editing.edits import without
from dfadvise.editing.moving import has_comment
from dfadvise.effects import FILE_PROGRAMS, HARMLESS, INTERPRETERS, REMOVES, REWRITES, directories, home_of
from dfadvise.knowledge.language_managers import language_manager
from dfadvise.layers import Hidden, chain_layers
from dfadvise.managers.cachedirs import is_familiar
from dfadvise.managers.programs import is_known_program
from dfadvise.memory import may_look
from dfadvise.paths import is_below, literal_prefix, word_path
from dfadvise.rule import Edit, Finding, Fix, Rule, Saving, Weighs
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import Instruction

SMALL = 1_000_000
# Folders that images have already, or that packages and accounts fill.
TOPS = frozenset(("/", "/opt", "/srv", "/mnt", "/media"))
SYSTEM = (
    *("/etc", "/usr", "/var", "/lib", "/lib64", "/bin", "/sbin", "/root", "/home", "/run", "/tmp", "/dev", "/proc"),
    "/sys",
)
# They make no file, and leave owner and mode of what is there.
KEEPING = frozenset(("rm", "rmdir", "unlink", "chmod", "sed", "truncate", "strip"))
# Arguments with which pip writes elsewhere than among its packages.
INTO = ("-e", "-t", "--editable", "--target", "--prefix", "--root", "--src", "-d", "--dest", "-w", "--wheel")
# They write nowhere but where their words say.
NAMING = frozenset(("mv", "cp", "install", "ln", "touch", "mkdir", "chown", "chgrp", "tee"))
MAKERS = ("useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod")


class DuplicatedTree(Rule):
    """Files of an earlier layer are stored a second time.

    Why:
        Changing the mode or owner of a file, or moving it, in a later layer stores the whole file again: a
        `chown -R` behind a COPY doubles what was copied.

    Bad:
        FROM node:22-slim
        WORKDIR /app
        COPY dist/ /app/dist/
        RUN chown -R node:node /app/dist

    Bad (one file):
        FROM debian:12
        COPY entrypoint.sh /usr/local/bin/entrypoint.sh
        RUN chmod 755 /usr/local/bin/entrypoint.sh

    Good (owner and mode given at once):
        FROM node:22-slim
        WORKDIR /app
        COPY --chown=node:node dist/ /app/dist/

    Good (mode):
        FROM debian:12
        COPY --chmod=755 entrypoint.sh /usr/local/bin/entrypoint.sh

    Good (the same layer):
        FROM debian:12
        RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool && chmod 755 /usr/local/bin/tool

    Good (removed again, a layer stores nothing of it):
        FROM debian:12
        COPY install.sh /tmp/install.sh
        RUN chmod 755 /tmp/install.sh && /tmp/install.sh && rm /tmp/install.sh

    Good (folders only):
        FROM debian:12
        RUN mkdir -p /data
        RUN chown 1000:1000 /data

    Good (another file):
        FROM debian:12
        COPY a.conf /etc/a.conf
        RUN chown www-data /etc/b.conf

    Good (a builder's layers do not ship):
        FROM node:22 AS build
        COPY . /src
        RUN chown -R node /src
        FROM node:22-slim
        COPY --from=build /src/dist /app

    Fix:
        unsafe: puts `--chown` or `--chmod` on the COPY and takes the command out, of a WORKDIR only its `-R`; the
        owner must exist before it. None where anything else may have written there, such as an install or a `mkdir`,
        or where another command of the RUN stores the same files again.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    severity = "warning"
    aliases = ("tally:prefer-copy-chmod",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        return not programs_in(file).isdisjoint(("chmod", "chown", "chgrp", "sed", "mv"))

    def check(self, stage: Stage) -> Iterator[Finding]:
        if stage.file.exported is not stage:
            return
        by_command: dict[int, list[Hidden]] = {}
        # Who stores the same bytes again in a layer, surely or perhaps; and what the layer itself removes once more.
        storing: dict[tuple[int, int], set[int]] = {}
        gone: set[tuple[int, int]] = set()
        for hidden in chain_layers(stage).hidden:
            command = hidden.by.command
            if command is None or not hidden.reached:
                continue
            storing.setdefault(_slot(hidden), set()).add(id(command))
            removed = hidden.by.kind == REMOVES
            moved = removed and command.program == "mv"
            if removed and not moved and hidden.by.certain:
                gone.add(_slot(hidden))
            elif hidden.by.certain and (moved or hidden.by.kind == REWRITES):
                by_command.setdefault(id(command), []).append(hidden)
        # A layer stores a file once, however many commands of its RUN touch it: the first speaks for all.
        told = gone
        for together in by_command.values():
            fresh = [hidden for hidden in together if _slot(hidden) not in told]
            told.update(map(_slot, fresh))
            if fresh:
                alone = all(len(storing[_slot(hidden)]) == 1 for hidden in together)
                yield self._finding(fresh, alone)

    def _finding(self, together: list[Hidden], alone: bool) -> Finding:
        command = together[0].by.command
        assert command is not None
        sizes = [hidden.write.size for hidden in together]
        known = [size for size in sizes if size is not None]
        total = sum(known) if len(known) == len(sizes) else None
        single = len(together) == 1 and not together[0].write.tree
        # Single files of unknown size are nearly always scripts.
        small = total < SMALL if total is not None else not any(hidden.write.tree for hidden in together)
        lines = sorted({hidden.layer.instruction.line for hidden in together})
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
        mode = command.program == "chmod" and single
        return self.finding(
            command.argv_span,
            f"{command.program} stores the files of {where} again in this layer",
            together[0].later.instruction,
            severity="info" if small else None,
            aliases=self.aliases if mode and isinstance(together[0].layer.instruction, Copy) else (),
            related=[("written here", hidden.write.span) for hidden in together[:5]],
            saving=Saving(total, basis="context") if total is not None else None,
            # Where another command stores them again as well, taking this one out saves nothing.
            fix=_fix(command, together) if alone and may_look(command.instruction.file, "stored again") else None,
            cause=("command", id(command)),
            weighs=Weighs("hidden", (together[0].later.instruction,), map(_reached, together), small=SMALL),
        )


def _slot(hidden: Hidden) -> tuple[int, int]:
    """Some bytes of a layer, and the layer that hides them or stores them again."""
    return id(hidden.later), id(hidden.write)


def _reached(hidden: Hidden) -> str:
    """Where the files are that a command stores again: what was written, as far as the command reaches."""
    written, path = hidden.write.path or "", hidden.by.path or ""
    return path if is_below(literal_prefix(path), written) else written


def _exists_before(owner: str, together: list[Hidden]) -> bool:
    """Whether user and group of `--chown` are there when the first COPY runs: numbers, or made before it or never."""
    names = {name for name in owner.partition(":")[::2] if name and not name.isdigit()}
    first = together[0].layer.instruction
    behind = False
    for instruction in together[0].later.instruction.stage.chain_instructions():
        behind = behind or instruction is first
        if behind and isinstance(instruction, Run):
            for command in instruction.commands(MAKERS):
                if any(word.partial in names for word in command.operands):
                    return False
    return True


def _writes_more(command: ShellCommand, copies: dict[int, Instruction], target: str, tree: bool) -> bool:
    """Whether something but those copies may have written what a command changes, or made its folder before."""
    target = literal_prefix(target)
    base = base_of(command.instruction.stage)
    if tree and (base is None or not is_familiar(base.name)):
        return True  # the image may have files there
    if tree and ("$" in target or target in TOPS or any(is_below(target, top) for top in SYSTEM)):
        return True
    for layer in chain_layers(command.instruction.stage).layers:
        each = layer.instruction
        if isinstance(each, Run):
            if each.is_opaque:
                return True
            for other, cwd in directories(each, home_of(each)):
                if other is command:
                    return False
                if _may_write(other, cwd, target, tree):
                    return True
        elif each.keyword == "WORKDIR":
            path = each.stage.symbolic_workdir_at(each, after=True)
            if tree and is_below(path, target) and path != target:
                return True
        elif id(each) not in copies and any(_meets(effect.path, target) for effect in layer.effects):
            return True
    return True


def _works_in(instruction: Instruction, target: str) -> bool:
    """Whether an instruction is the WORKDIR that makes a folder."""
    return instruction.keyword == "WORKDIR" and instruction.stage.symbolic_workdir_at(instruction, after=True) == target


def _may_write(command: ShellCommand, cwd: str | None, target: str, tree: bool) -> bool:
    """Whether a command may make files at or below a path; of a single file, whether it names it."""
    program = command.program
    if command.is_assignment or program in HARMLESS - INTERPRETERS or program in KEEPING:
        return any(
            redirect.writes and redirect.target is not None and _meets(word_path(redirect.target, cwd), target)
            for redirect in command.redirects
        )
    words = [word for word in command.words[1:] if not word.is_flag]
    known = program is not None and is_known_program(program) and program not in INTERPRETERS
    if known and program not in FILE_PROGRAMS and language_manager(program or "") is None:
        # Packages and accounts have their own folders, which were looked at before, and those they name.
        words = [word for word in words if word.partial.startswith(("/", "$", "~", UNKNOWN))]
        return any(_meets(word_path(word, cwd), target) for word in words)
    if program in ("pip", "pip3"):
        into = any(word.partial.startswith(INTO) for word in command.words[1:] if word.is_flag)
        if not into and not any(word.partial.startswith((".", "/", UNKNOWN)) for word in command.operands):
            return False
    if any(_meets(word_path(word, cwd), target) for word in words):
        return True
    if program in NAMING or not tree:
        return program is None
    return not known or _meets(cwd, target)


def _meets(path: str | None, target: str) -> bool:
    """Whether a path may lie at or below another one, or hold it; one that is not known may."""
    if path is None:
        return True
    start = literal_prefix(path.partition("$")[0].partition(UNKNOWN)[0])
    return is_below(start, target) or (is_below(target, start) and (start != path or start != "/"))


def _fix(command: ShellCommand, together: list[Hidden]) -> Fix | None:
    """Give the COPY what the command would do, and take the command out."""
    if command.program not in ("chown", "chmod") or command.assignments or command.redirects:
        return None
    operands = command.operands
    if len(operands) != 2 or operands[0].text is None or "$" in operands[0].raw:
        return None
    value = operands[0].text
    octal = value.isdigit() and len(value) in (3, 4) and not set(value) & {"8", "9"}
    if command.program == "chmod" and not octal:
        return None
    flags = {word.partial for word in command.words[1:] if word.is_flag}
    if not flags <= {"-R", "--recursive"}:
        return None
    if command.program == "chown" and not _exists_before(value, together):
        return None
    target = together[0].by.path
    copies = {id(hidden.layer.instruction): hidden.layer.instruction for hidden in together}
    edits: list[Edit] = []
    for instruction in copies.values():
        if not isinstance(instruction, Copy) or instruction.heredocs or instruction.flag(command.program):
            return None
        if instruction.flag("link") or instruction.stage is not together[0].later.instruction.stage:
            return None
        written = [hidden for hidden in together if hidden.layer.instruction is instruction]
        effects = [effect for effect in written[0].layer.effects if effect.path is not None]
        if len(effects) != len(written) or (command.program == "chmod" and any(h.write.tree for h in written)):
            return None
        if any(hidden.write.path is None or target is None for hidden in written):
            return None
        at = instruction.name_span.end
        edits.append(Edit(Span(at, at), f" --{command.program}={value}"))
    tree = any(hidden.write.tree for hidden in together) or bool(flags)
    if target is None or _writes_more(command, copies, target, tree):
        return None
    removal = None
    folders = [hidden.write.path if hidden.write.tree else dirname(hidden.write.path or "") for hidden in together]
    if tree and any(target not in (folder, dirname(folder or "")) for folder in folders):
        # The folders between are root's, with the classic builder at least.
        return None
    if tree and (
        folders[0] != target or any(_works_in(each, target) for each in command.instruction.stage.chain_instructions())
    ):
        # The folder itself is not of the COPY: its owner is still to be changed, and costs nothing.
        recursive = command.flag("-R", "--recursive")
        removal = without(command, recursive) if recursive is not None else None
    elif len(command.script.items) > 1 or not has_comment(command.instruction):
        # A comment would be about nothing without its RUN.
        removal = dropping.command(command)
    if removal is None:
        return None
    return Fix(f"Put --{command.program}={value} on the COPY", [*edits, removal], "unsafe")
