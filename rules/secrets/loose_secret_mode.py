from __future__ import annotations

from dfadvise.base.accounts import accounts
from dfadvise.base.bases import base_of
from dfadvise.base.users import is_root, last_user, switches_user
from dfadvise.knowledge.base_users import not_root
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run
    from dfadvise.syntax.mounts import Mount

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

    Bad (another user):
        FROM debian:13
        RUN useradd --uid 10001 app
        USER app
        RUN --mount=type=secret,id=token,mode=0444 ./install.sh

    Fixed:
        FROM debian:13
        RUN useradd --uid 10001 app
        USER app
        RUN --mount=type=secret,id=token,uid=10001,mode=0400 ./install.sh

    Good (no mode):
        FROM debian:13
        RUN --mount=type=secret,id=token --mount=type=ssh ./install.sh

    Good (not a secret):
        FROM debian:13
        RUN --mount=type=cache,target=/cache,mode=0777 ./install.sh

    Fix:
        unsafe: takes the bits for others away in a step of root; in one of a user whose id is known, makes the mount
        that user's (safe where it is already). None where the step changes the user: it may be for somebody else.
    """

    on = ("RUN",)
    severity = "warning"
    security = "5.5"
    aliases = ("sonar:S6469",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return "--mount" in text and "mode" in text.lower()

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


def _fix(run: Run, mount: Mount, mode: str, span: Span) -> Fix | None:
    if switches_user(run):
        return None
    place = Span(span.end - len(mode), span.end)
    bits = int(mode, 8)
    if _is_root(run):
        # A script may drop root and read the secret then.
        closed = mode[:-1] + "0" if len(mode) > 1 else "0"
        return Fix(f"Set mode {closed}", [Edit(place, closed)], "unsafe", "mount")
    uid = _uid(run)
    if uid is None or not bits & 0o400 or mount.options.get("uid", uid) != uid:
        return None
    closed = f"{bits & (0o770 if 'gid' in mount.options else 0o700):04o}"
    if "uid" in mount.options:
        return Fix(f"Set mode {closed}", [Edit(place, closed)], "safe", "mount")
    return Fix(f"Give it to user {uid} alone", [Edit(span, f"uid={uid},mode={closed}")])


def _uid(run: Run) -> str | None:
    """The id of the user of a step; None when it is not known or may be another one in another build."""
    user = run.stage.user_at(run)
    if user is None:
        return None
    name = user.partition(":")[0]
    if name.isdigit():
        setting = last_user(run.stage)
        return name if setting is not None and "$" not in setting.value else None
    account = accounts(run.stage).get(name)
    if account is not None:
        return account.uid if account.uid_variable is None else None
    base = base_of(run.stage)
    known = base.users if base is not None else None
    return str(known[name]) if known and name in known else None


def _is_root(run: Run) -> bool:
    """Whether a RUN is known to run as root."""
    user = run.stage.user_at(run)
    if user is not None:
        return is_root(user)
    base = base_of(run.stage)
    if base is None or base.distribution is None or not_root(base.name, base.tag):
        return False
    return last_user(run.stage) is None
