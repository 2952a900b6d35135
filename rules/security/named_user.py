from __future__ import annotations

from dfadvise.bases import is_windows
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.expansions import references
from dfadvise.users import accounts, last_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Single


class NamedUser(Rule):
    """The last USER is a name, not a number.

    Why:
        Kubernetes' `runAsNonRoot` cannot tell whether a name is root, and refuses to start the container.

    Bad:
        FROM debian:13
        RUN useradd --uid 10001 app
        USER app

    Good:
        FROM debian:13
        RUN useradd --uid 10001 app
        USER 10001

    Good (switched to a number later):
        FROM debian:13
        RUN useradd --uid 10001 app
        USER app
        RUN id
        USER 10001:10001

    Fix:
        unsafe: the id that the user was created with.

    Variants:
        not onbuild: what the child image sets behind the trigger is not known
    """

    on = ("USER",)
    keywords = ("USER",)
    severity = "info"
    default = "off"
    aliases = ("DL3066",)

    def check(self, user: Single) -> Iterator[Finding]:
        value = user.stage.expand(user.value, user)
        if value is None or not value.strip() or is_windows(user.stage):
            return
        name, _, group = value.partition(":")
        if name.isdigit():
            return
        exported = user.file.exported
        is_last = exported is not None and user.outer is None and last_user(exported) is user
        fix = None
        account = accounts(user.stage).get(name)
        literal = value == user.value and user.file.source.slice(user.args[0].span) == value
        if account is not None and account.uid is not None and not group and literal:
            fix = Fix(f"Use the id {account.uid}", [Edit(user.args[0].span, account.uid)])
        yield self.finding(
            user.args[0].span,
            f"{name} is a name, which `runAsNonRoot` cannot check",
            severity=None if is_last else "style",
            aliases=() if _is_argument(user) else self.aliases,
            fix=fix,
        )


def _is_argument(user: Single) -> bool:
    """Whether the user comes from an ARG, which is enough for the other tool."""
    found = [user.stage.variable(use.name, user) for use in references(user.value)]
    return bool(found) and all(variable is not None and variable.kind == "arg" for variable in found)
