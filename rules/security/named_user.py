from __future__ import annotations

from dfadvise.base.accounts import accounts
from dfadvise.base.bases import is_windows
from dfadvise.base.users import last_user
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.expansions import references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.accounts import Account
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

    Bad (the id is an argument):
        FROM debian:13
        ARG uid=10001
        RUN useradd --uid $uid app
        USER app

    Good (the id is an argument):
        FROM debian:13
        ARG uid=10001
        RUN useradd --uid $uid app
        USER ${uid}

    Good (switched to a number later):
        FROM debian:13
        RUN useradd --uid 10001 app
        USER app
        RUN id
        USER 10001:10001

    Fix:
        unsafe: the id that the user was created with, or the variable that held it.

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
        if account is not None and not group and literal:
            uid = _id(user, account)
            fix = Fix(f"Use the id {uid}", [Edit(user.args[0].span, uid)]) if uid else None
        yield self.finding(
            user.args[0].span,
            f"{name} is a name, which `runAsNonRoot` cannot check",
            severity=None if is_last else "style",
            aliases=() if _is_argument(user) else self.aliases,
            fix=fix,
        )


def _id(user: Single, account: Account) -> str | None:
    """The id as USER may have it: the variable that it came from, since a build may give that another value."""
    name = account.uid_variable
    if account.uid is None or not name:
        return account.uid if name is None else None
    variable = user.stage.variable(name, user)
    created = account.created.instruction if account.created is not None else None
    if variable is None or created is None or variable is not created.stage.variable(name, created):
        return None
    text = f"${{{name}}}"
    return text if user.stage.expand(text, user) == account.uid else None


def _is_argument(user: Single) -> bool:
    """Whether the user comes from an ARG, which is enough for the other tool."""
    found = [user.stage.variable(use.name, user) for use in references(user.value)]
    return bool(found) and all(variable is not None and variable.kind == "arg" for variable in found)
