from __future__ import annotations

from posixpath import basename

from dfadvise import cutting
from dfadvise.layers import copy_effects
from dfadvise.modes import Mode
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.users import is_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Copy

# Below these everything is a program, a library or a setting.
_SYSTEM = ("/bin", "/sbin", "/usr", "/lib", "/lib64", "/etc")
_ENDINGS = (
    *(".sh", ".bash", ".zsh", ".py", ".rb", ".pl", ".php", ".js", ".so", ".dll", ".exe", ".bin", ".run", ".jar"),
    *(".service", ".socket", ".timer", ".target", ".mount"),
)


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

    Fix:
        unsafe: drops --chown; who may only read and run can do so still, if the mode lets him.
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
        edit = cutting.flag(copy, flag)
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
