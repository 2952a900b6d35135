from __future__ import annotations

from posixpath import basename

from dfadvise.about.mentions import is_named_behind
from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, REMOVES, Effect, is_archive
from dfadvise.layers import chain_layers
from dfadvise.managers.packages import reading
from dfadvise.paths import covers
from dfadvise.rule import Finding, Fix, Rule, Weighs
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.layers import Layer
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

PACKAGES = (".deb", ".rpm", ".apk", ".run", ".whl", ".gem")
SIGNATURES = (".asc", ".sig", ".sha256", ".sha512", ".sha1", ".md5", ".sha256sum", ".minisig")


class ArchiveLeft(Rule):
    """A downloaded archive stays in the layer after it was unpacked or installed.

    Why:
        The image carries the archive beside its content.

    Bad:
        FROM debian:12
        RUN curl -fsSLo /tmp/go.tar.gz https://go.dev/dl/go1.26.0.linux-amd64.tar.gz \\
            && tar -C /usr/local -xzf /tmp/go.tar.gz

    Fixed:
        FROM debian:12
        RUN curl -fsSLo /tmp/go.tar.gz https://go.dev/dl/go1.26.0.linux-amd64.tar.gz \\
            && tar -C /usr/local -xzf /tmp/go.tar.gz \\
            && rm /tmp/go.tar.gz

    Bad (a package):
        FROM debian:12
        RUN curl -fsSLo /tmp/a.deb https://example.com/a.deb && dpkg -i /tmp/a.deb

    Fixed:
        FROM debian:12
        RUN curl -fsSLo /tmp/a.deb https://example.com/a.deb && dpkg -i /tmp/a.deb && rm /tmp/a.deb

    Bad (unpacked by another RUN):
        FROM debian:12
        RUN wget -P /tmp https://example.com/a-1.0.tar.gz
        RUN tar -C /opt -xzf /tmp/a-1.0.tar.gz

    Good (removed):
        FROM debian:12
        RUN curl -fsSLo /tmp/go.tar.gz https://go.dev/dl/go1.26.0.linux-amd64.tar.gz \\
            && tar -C /usr/local -xzf /tmp/go.tar.gz && rm -f /tmp/go.tar.gz

    Good (never written):
        FROM debian:12
        RUN curl -fsSL https://go.dev/dl/go1.26.0.linux-amd64.tar.gz | tar -C /usr/local -xz

    Good (under a mount):
        FROM debian:12
        RUN --mount=type=tmpfs,target=/tmp curl -fsSLo /tmp/a.deb https://example.com/a.deb && dpkg -i /tmp/a.deb

    Good (used later):
        FROM debian:12
        RUN curl -fsSLo /srv/a.tar.gz https://example.com/a.tar.gz && tar -C /opt -xzf /srv/a.tar.gz
        RUN sha256sum /srv/a.tar.gz > /srv/sums

    Good (another RUN unpacks it, and one more wants it):
        FROM debian:12
        RUN curl -fsSLo /srv/a.tar.gz https://example.com/a.tar.gz
        RUN tar -C /opt -xzf /srv/a.tar.gz
        RUN cp /srv/a.tar.gz /backup/

    Good (a key, not a signature):
        FROM debian:12
        RUN curl -fsSLo /etc/apt/keyrings/x.asc https://example.com/x.asc \\
            && echo "deb [signed-by=/etc/apt/keyrings/x.asc] https://example.com/ a b" > /etc/apt/sources.list.d/x.list

    Fix:
        safe: removes the archive right behind its last use in the RUN, in `&&` chains and under `set -e` only.
        Unsafe when a script that nobody has read runs later; none when the file is served, lies in a volume, or is
        named by the environment or in a text that is written. None where another RUN unpacks it, either: the two would
        have to be one.

    Variants:
        not onbuild: triggers make layers in the child, not here
    """

    on = ("stage",)
    mentions = ("curl", "wget")
    severity = "warning"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        return not programs_in(file).isdisjoint(("curl", "wget"))

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.ships:
            return
        for layer in chain_layers(stage).layers:
            if layer.instruction.stage is not stage or layer.opaque or layer.instruction.keyword != "RUN":
                continue
            for effect in layer.effects:
                if effect.kind == DOWNLOADS and not effect.tree and effect.certain and effect.path:
                    yield from self._look(stage, layer, effect)

    def _look(self, stage: Stage, layer: Layer, effect: Effect) -> Iterator[Finding]:
        path = effect.path or ""
        name = basename(path)
        later = layer.effects[layer.effects.index(effect) + 1 :]
        if any(other.path and other.kind == REMOVES and covers(other.path, path, other.tree) for other in later):
            return
        if any(other.kind == ADDS and other.origin == path for other in later):
            return
        signature = path.endswith(SIGNATURES)
        if not signature and not is_archive(path) and not path.endswith(PACKAGES):
            return
        uses = _uses(layer, effect, name)
        if not signature:
            from dfadvise.about.unpacking import unpacked_later

            last = unpacked_later(layer, effect)
            if last is not None:
                yield self._unpacked_later(layer, effect, last)
                return
        if not uses or is_named_behind(layer.instruction, name):
            return
        from dfadvise.about.archives import is_check

        # A key that a package source names is no signature that was checked.
        if not (all(is_check(each) for each in uses) if signature else _consumes(layer, uses[-1], effect, name)):
            return
        yield self.finding(
            effect.span,
            f"{name} stays in the layer after it was {'checked' if signature else 'unpacked or installed'}",
            layer.instruction,
            severity="info" if signature else None,
            related=[("its last use", uses[-1].argv_span)],
            fix=_mend(layer, effect, uses),
            cause=("written", id(layer.instruction), path),
            weighs=Weighs("stored", (layer.instruction,), (path,)),
        )

    def _unpacked_later(self, layer: Layer, effect: Effect, last: ShellCommand) -> Finding:
        """Another RUN unpacks it: its layer cannot take the bytes out of this one."""
        path = effect.path or ""
        return self.finding(
            effect.span,
            f"{basename(path)} stays in this layer after line {last.instruction.line} unpacks or installs it",
            layer.instruction,
            related=[("its last use", last.argv_span)],
            cause=("written", id(layer.instruction), path),
            weighs=Weighs("stored", (layer.instruction,), (path,)),
        )


def _mend(layer: Layer, effect: Effect, uses: list[ShellCommand]) -> Fix | None:
    """The removal, where nobody wants the file any more."""
    from dfadvise.about.archives import is_passing, removal_of, wanted_by
    from dfadvise.editing import edits
    from dfadvise.managers.indexes import NOBODY, SURELY

    run, path, last = layer.instruction, effect.path or "", uses[-1]
    assert isinstance(run, Run)
    commands = reading(run).commands
    order = {id(each): place for place, each in enumerate(commands)}
    if last.conditional or not all(is_passing(each, commands[order[id(each)] + 1 :]) for each in uses):
        return None
    wanted = wanted_by(run, path, last)
    text = removal_of(run, effect, uses) if wanted != SURELY else None
    edit = edits.append(last, text) if text is not None else None
    if edit is None:
        return None
    title = f"Remove {basename(path)} behind its last use"
    return Fix(title, [edit], "safe" if wanted == NOBODY else "unsafe", "+clean")


def _uses(layer: Layer, effect: Effect, name: str) -> list[ShellCommand]:
    """The commands behind the download that name the file."""
    run = layer.instruction
    found: list[ShellCommand] = []
    behind = False
    for command in run.all_commands():  # type: ignore[attr-defined]
        if command is effect.command:
            behind = True
        elif behind and any(name in word.partial or name in word.raw for word in command.words[1:]):
            found.append(command)
    return found


def _consumes(layer: Layer, last: ShellCommand, effect: Effect, name: str) -> bool:
    if any(other.kind == EXTRACTS and other.origin == effect.path for other in layer.effects):
        return True
    from dfadvise.about.unpacking import INSTALLERS

    if last.program not in INSTALLERS:
        return False
    return any(basename(word.partial) == name for word in last.words[1:])
