from __future__ import annotations

from dfadvise.base.accounts import accounts
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Single


class DroppedUserGroups(Rule):
    """USER names a group, so the user's other groups are lost.

    Why:
        With `USER name` a process has all groups of the user, with `USER name:group` that group alone: what the
        file did with `usermod -aG` has no effect, and sockets and files of these groups cannot be read.

    Bad:
        FROM debian:13
        RUN useradd app && usermod -aG video,audio app
        USER app:app

    Good:
        FROM debian:13
        RUN useradd app && usermod -aG video,audio app
        USER app

    Good (no other groups):
        FROM debian:13
        RUN groupadd -g 10001 app && useradd -u 10001 -g app app
        USER app:app

    Fix:
        unsafe: names the user alone; its first group may be another one.

    Variants:
        not onbuild: the child image runs the trigger with its own users
    """

    on = ("USER",)
    keywords = ("USER",)
    severity = "warning"
    aliases = ("tally:user-explicit-group-drops-supplementary-groups",)

    def check(self, user: Single) -> Iterator[Finding]:
        value = user.stage.expand(user.value, user) if user.outer is None and user.stage.ships else None
        name, colon, group = (value or "").partition(":")
        if not colon or not group:
            return
        found = accounts(user.stage)
        account = found.get(name) or next((each for each in found.values() if each.uid == name), None)
        lost = [(each, word) for each, word in account.groups if each != group] if account is not None else []
        if account is None or not lost:
            return
        fix = None
        span = user.args[0].span
        if user.file.source.slice(span) == value:
            fix = Fix(f"Use {name} alone", [Edit(span, name)])
        names = ", ".join(dict.fromkeys(each for each, _ in lost))
        yield self.finding(
            span,
            f"`{value}` leaves {account.name} without its groups: {names}",
            aliases=self.aliases,
            related=[(f"{account.name} joins {each} here", word.span) for each, word in lost[:5]],
            fix=fix,
        )
