from __future__ import annotations

from dfadvise.bases import base_of
from dfadvise.knowledge.base_users import not_root
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.users import is_root, last_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Mount, Run

_KINDS = {"secret": "the secret", "ssh": "the SSH agent"}


class LooseSecretMode(Rule):
    """A secret or SSH mount is open to other users.

    Why:
        A mode with bits for others lets every user of the build step read the secret or use the agent, also a
        program that dropped root to be harmless.

    Bad:
        FROM debian:13
        USER root
        RUN --mount=type=secret,id=token,mode=0444 ./install.sh

    Fixed:
        FROM debian:13
        USER root
        RUN --mount=type=secret,id=token,mode=0440 ./install.sh

    Good:
        FROM debian:13
        RUN --mount=type=secret,id=token,mode=0400 ./install.sh

    Good (no mode):
        FROM debian:13
        RUN --mount=type=secret,id=token --mount=type=ssh ./install.sh

    Good (not a secret):
        FROM debian:13
        RUN --mount=type=cache,target=/cache,mode=0777 ./install.sh

    Fix:
        safe: takes the bits for others away, where the step is known to run as root or the mount has a uid.
    """

    on = ("RUN",)
    severity = "warning"
    security = "5.5"
    aliases = ("sonar:S6469",)

    def check(self, run: Run) -> Iterator[Finding]:
        for mount in run.mounts:
            what = _KINDS.get(mount.type)
            raw = mount.options.get("mode")
            mode = run.expand(raw) if raw else None
            if what is None or raw is None or mode is None or not _is_octal(mode) or int(mode, 8) & 7 == 0:
                continue
            span = _place(run, mount, raw)
            yield self.finding(
                span or mount.flag.span,
                f"mode {mode} opens {what} to all users of the step",
                aliases=self.aliases,
                fix=_fix(run, mount, mode, span) if mode == raw and span is not None else None,
            )


def _is_octal(text: str) -> bool:
    return text.isascii() and text.isdigit() and not text.strip("01234567") and len(text) < 8


def _place(run: Run, mount: Mount, raw: str) -> Span | None:
    """Where `mode=` stands; None when the flag is broken over lines or quoted."""
    flag = mount.flag
    if run.file.source.slice(flag.span) != flag.text or '"' in flag.text:
        return None
    at = max(flag.text.find(before + "mode=" + raw) for before in ("=", ","))
    if at < 0:
        return None
    start = flag.span.start + at + 1
    return Span(start, start + len("mode=" + raw))


def _fix(run: Run, mount: Mount, mode: str, span: Span) -> Fix:
    closed = mode[:-1] + "0" if len(mode) > 1 else "0"
    safe = "uid" in mount.options or _is_root(run)
    edit = Edit(Span(span.end - len(mode), span.end), closed)
    return Fix(f"Set mode {closed}", [edit], "safe" if safe else "unsafe", "mount")


def _is_root(run: Run) -> bool:
    """Whether a RUN is known to run as root."""
    user = run.stage.user_at(run)
    if user is not None:
        return is_root(user)
    base = base_of(run.stage)
    if base is None or base.distribution is None or not_root(base.name, base.tag):
        return False
    return last_user(run.stage) is None
