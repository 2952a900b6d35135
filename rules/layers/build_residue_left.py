from __future__ import annotations

from posixpath import basename

from dfadvise.about.mentions import is_named_behind
from dfadvise.editing import edits
from dfadvise.effects import DOWNLOADS, EXTRACTS, REMOVES, Effect, directories
from dfadvise.layers import chain_layers
from dfadvise.paths import covers, is_below
from dfadvise.rule import Finding, Fix, Rule, Weighs
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.layers import Layer
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

SCRATCH = ("/tmp", "/var/tmp", "/usr/src", "/usr/local/src", "/build")
_WHOLE_TMP = ("/tmp", "/tmp/", "/tmp/*")
INSTALLS = frozenset((("make", "install"), ("ninja", "install"), ("cmake", "--install"), ("setup.py", "install")))


class BuildResidueLeft(Rule):
    r"""What only the build needed stays in the layer.

    Why:
        The source tree of an installed program, a temporary folder or a clone's history are bytes that nothing in the
        image reads again.

    Bad (a source tree):
        FROM debian:12
        RUN git clone --depth 1 https://example.com/tool.git /usr/src/tool \
            && cd /usr/src/tool && make && make install

    Fixed:
        FROM debian:12
        RUN git clone --depth 1 https://example.com/tool.git /usr/src/tool \
            && cd /usr/src/tool && make && make install \
            && rm -rf /usr/src/tool

    Bad (a temporary folder):
        FROM debian:12
        RUN dir="$(mktemp -d)" && curl -fsSLo "$dir/key" https://example.com/key && gpg --import "$dir/key"

    Good (removed):
        FROM debian:12
        RUN git clone --depth 1 https://example.com/tool.git /usr/src/tool \
            && cd /usr/src/tool && make && make install && rm -rf /usr/src/tool

    Good (temporary folder removed):
        FROM debian:12
        RUN dir="$(mktemp -d)" && curl -fsSLo "$dir/key" https://example.com/key && rm -rf "$dir"

    Good (all of /tmp is removed):
        FROM debian:12
        RUN export GNUPGHOME="$(mktemp -d)" && gpg --verify /app.asc /app && rm -rf /tmp/* /var/tmp/*

    Good (used later):
        FROM debian:12
        RUN git clone --depth 1 https://example.com/app.git /usr/src/app && cd /usr/src/app && make install
        WORKDIR /usr/src/app

    Good (a folder that is only made):
        FROM node:22-slim
        RUN mkdir -p /usr/src/app

    Fix:
        unsafe: removes the folder at the end of the RUN; something may still read from it.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    mentions = ("install", "mktemp")
    severity = "info"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        return not programs_in(file).isdisjoint(("mktemp", "tar", "bsdtar", "unzip", "git"))

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.ships:
            return
        for layer in chain_layers(stage).layers:
            run = layer.instruction
            if run.stage is stage and isinstance(run, Run) and not layer.opaque:
                yield from self._trees(layer, run)
                yield from self._temporary(run)

    def _trees(self, layer: Layer, run: Run) -> Iterator[Finding]:
        installs = [(command, cwd) for command, cwd in directories(run) if cwd and _is_install(command)]
        if not installs:
            return
        order = {id(command): place for place, command in enumerate(run.all_commands())}
        for effect in layer.effects:
            path = effect.path
            if path is None or effect.kind not in (DOWNLOADS, EXTRACTS) or not effect.tree or not effect.certain:
                continue
            if effect.kind == EXTRACTS and path in SCRATCH:
                continue
            if not any(path != folder and is_below(path, folder) for folder in SCRATCH) or "$" in path:
                continue
            begun = order.get(id(effect.command), 0)
            inside = [each for each, cwd in installs if is_below(cwd or "", path) and order[id(each)] > begun]
            if not inside or _is_removed(layer, effect) or is_named_behind(run, basename(path)):
                continue
            fix = None
            edit = edits.append(inside[-1], f"rm -rf {path}", at_end=True)
            if edit is not None:
                fix = Fix(f"Remove {path} at the end of the RUN", [edit], "unsafe")
            message = f"{path} stays in the layer after it was installed from"
            related = [("installed here", inside[-1].argv_span)]
            weighs = Weighs("stored", (run,), (path,))
            yield self.finding(effect.span, message, run, related=related, fix=fix, weighs=weighs)

    def _temporary(self, run: Run) -> Iterator[Finding]:
        for command in run.commands("mktemp"):
            if not command.has_flag("-d", "--directory") or "substitution" not in command.contexts:
                continue
            name = _assigned_name(run, command)
            if name is None:
                continue
            if any(name in word.raw for other in run.commands(("rm", "find", "mv")) for word in other.words[1:]):
                continue
            if _is_below_tmp(command) and _is_emptied(run, command):
                continue
            yield self.finding(command.argv_span, f"the temporary folder in {name} stays in the layer", run)


def _is_install(command: ShellCommand) -> bool:
    words = [word.partial for word in command.words]
    if command.program in ("pip", "pip3") and "install" in words:
        return any(word in (".", "./") for word in words)
    if command.program in ("python", "python3") and "setup.py" in words:
        return "install" in words
    return any(command.program == program and verb in words for program, verb in INSTALLS)


def _is_removed(layer: Layer, effect: Effect) -> bool:
    later = layer.effects[layer.effects.index(effect) + 1 :]
    path = effect.path or ""
    return any(
        other.kind == REMOVES and other.path and (covers(other.path, path, True) or is_below(other.path, path))
        for other in later
    )


def _is_below_tmp(mktemp: ShellCommand) -> bool:
    """Whether a folder is made in /tmp, as no word names another place."""
    if mktemp.has_flag("-p", "--tmpdir"):
        return False
    return all(word.partial.startswith(("-", "/tmp/")) or "/" not in word.partial for word in mktemp.words[1:])


def _is_emptied(run: Run, mktemp: ShellCommand) -> bool:
    """Whether a later command empties /tmp, or a mount covers it."""
    if any((mount.target or "").rstrip("/") == "/tmp" for mount in run.mounts):
        return True
    commands = list(run.all_commands())
    behind = commands[next((at for at, each in enumerate(commands) if each is mktemp), 0) + 1 :]
    return any(
        command.program in ("rm", "find") and any(word.partial in _WHOLE_TMP for word in command.words[1:])
        for command in behind
    )


def _assigned_name(run: Run, mktemp: ShellCommand) -> str | None:
    """The variable that gets the folder's name."""
    for command in run.all_commands():
        for name, value in command.assignments:
            if value is not None and value.start <= mktemp.start and mktemp.end <= value.end:
                return name
    return None
