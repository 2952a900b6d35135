from __future__ import annotations

from posixpath import basename, dirname

from dfadvise.about.modes import Mode
from dfadvise.base.users import is_root
from dfadvise.editing import cutting
from dfadvise.effects import effects_of
from dfadvise.layers import copy_effects
from dfadvise.paths import has_glob, is_below
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Below these everything is a program, a library or a setting.
_SYSTEM = ("/bin", "/sbin", "/usr", "/lib", "/lib64", "/etc")
_ENDINGS = (
    *(".sh", ".bash", ".zsh", ".py", ".rb", ".pl", ".php", ".js", ".so", ".dll", ".exe", ".bin", ".run", ".jar"),
    *(".service", ".socket", ".timer", ".target", ".mount"),
)

_PROGRAM_FOLDERS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
# Programs by their name; a file of a scripting language may hold settings.
_PROGRAMS = (".sh", ".bash", ".zsh", ".so", ".dll", ".exe", ".bin", ".run", ".jar")
# Later steps that are looked at; no file of a person has more.
MOST = 100
_CHANGERS = ("chmod", "chown", "chgrp", "sed", "find", "xargs", "mv", "cp", "rm", "install", "patch", "dos2unix")


class WritableExecutable(Rule):
    """Programs belong to the user that runs them.

    Why:
        A service that was broken into can then change its own program, and stays broken into after the restart. What
        a service only has to run or read can belong to root.

    Bad:
        FROM debian:13
        COPY --chown=app:app start.sh /srv/
        USER app

    Good:
        FROM debian:13
        COPY start.sh /srv/
        USER app

    Bad (a path of the system):
        FROM debian:13
        COPY --from=build --chown=1000 /out/tool /usr/local/bin/

    Fixed:
        FROM debian:13
        COPY --from=build /out/tool /usr/local/bin/

    Good (data):
        FROM debian:13
        COPY --chown=app:app data/ /var/lib/app/

    Good (root's):
        FROM debian:13
        COPY --chown=root:app start.sh /srv/

    Bad (its mode is changed by its owner later):
        FROM debian:13
        USER app
        COPY --chown=app start.sh /srv/
        RUN chmod +x /srv/start.sh

    Fix:
        unsafe: drops --chown; who may only read and run can do so still, if the mode lets him. For programs alone, not
        for settings, and only where no later step touches them.
    """

    on = ("COPY", "ADD")
    mentions = ("--chown",)
    severity = "info"
    default = "off"
    security = "3.0"
    aliases = ("kics:aa93e17f", "sonar:S6504")

    def check(self, copy: Copy) -> Iterator[Finding]:
        flag = copy.flag("chown")
        owner = copy.expand(flag.value) if flag is not None and flag.value else None
        if flag is None or owner is None or not owner or is_root(owner):
            return
        path = _executable(copy)
        edit = cutting.flag(copy, flag) if _is_only_run(copy) else None
        if path is None:
            message = f"what is copied belongs to {owner}"
            yield self.finding(flag.span, message, severity="style", aliases=("kics:aa93e17f",))
            return
        yield self.finding(
            flag.span,
            f"{path} can be changed by {owner}",
            severity=None if copy.stage.ships else "style",
            aliases=self.aliases,
            fix=Fix("Drop --chown", [edit]) if edit is not None else None,
        )


def _executable(copy: Copy) -> str | None:
    """The path of a program, library or setting of the system that is copied."""
    chmod = copy.flag("chmod")
    mode = Mode(copy.expand(chmod.value) or "") if chmod is not None and chmod.value else None
    runs = mode is not None and bool((mode.octal or 0) & 0o111)
    for effect in copy_effects(copy, {"/", "/bin", "/usr/bin", "/usr/local/bin"}):
        if effect.path is None:
            continue
        if any(is_below(effect.path, folder) for folder in _SYSTEM) and not is_below(effect.path, "/usr/src"):
            return effect.path
        names = (basename(effect.path), basename(effect.origin or ""))
        if (runs and not effect.tree) or any(name.endswith(_ENDINGS) for name in names):
            return effect.path
    return None


def _is_only_run(copy: Copy) -> bool:
    """Whether all that is copied is there to be run, by whoever can read it, and no later step changes it."""
    chmod = copy.flag("chmod")
    octal = Mode(copy.expand(chmod.value) or "").octal if chmod is not None and chmod.value else None
    if chmod is not None and (octal is None or octal & 0o5 != 0o5):
        return False  # others could not read and run it
    paths: list[str] = []
    for effect in copy_effects(copy, {"/", *_PROGRAM_FOLDERS}):
        if effect.path is None or effect.tree or has_glob(effect.path) or UNKNOWN in effect.path:
            return False
        if not (octal or effect.path.endswith(_PROGRAMS) or dirname(effect.path) in _PROGRAM_FOLDERS):
            return False
        paths.append(effect.path)
    later = [each for each in copy.stage.after(copy) if isinstance(each, Run)] if paths else []
    return bool(paths) and len(later) <= MOST and not any(_may_touch(each, paths) for each in later)


def _may_touch(run: Run, paths: list[str]) -> bool:
    """Whether a later step may write to a path, or to a folder above it."""
    if run.is_opaque or any(basename(path) in run.body.text for path in paths):
        return True
    for command in run.all_commands():
        if command.program in _CHANGERS and any(
            has_glob(word.partial) or UNKNOWN in word.partial for word in command.words
        ):
            return True
    for effect in effects_of(run):
        for path in paths:
            if effect.path is None or is_below(effect.path, path) or (effect.tree and is_below(path, effect.path)):
                return True
    return False
