from __future__ import annotations

from dfadvise.managers.indexes import APT_PROGRAMS, family_of, finds_empty_lists, next_install
from dfadvise.managers.packages import actions, reading
from dfadvise.managers.programs import may_install
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile

# Programs that use an index in another way than to install.
READERS = APT_PROGRAMS | {"dnf", "yum", "zypper"}


class StalePackageIndex(Rule):
    r"""A package index is refreshed apart from the install that needs it.

    Why:
        The layer of a refresh that stands alone is cached: the next build installs from an old index, and fails when
        the versions in it are gone. An install without any index fails at once: the lists of the Debian and Ubuntu
        images are empty.

    Bad (refreshed in another layer):
        FROM debian:12
        RUN apt-get update
        RUN apt-get install -y curl

    Fixed:
        FROM debian:12
        RUN apt-get update \
            && apt-get install -y curl

    Bad (not refreshed at all):
        FROM debian:12
        RUN apt-get install -y curl

    Bad (of no use):
        FROM alpine:3.22
        RUN apk update

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl

    Good (the index of the base image is kept):
        FROM example/base:1.0
        RUN apt-get install -y curl

    Good (a local file):
        FROM debian:12
        COPY tool.deb /tmp/
        RUN apt-get install -y /tmp/tool.deb

    Fix:
        unsafe: moves the refresh to the install. Safe where the two RUN stand behind each other and can be joined.

    Variants:
        not onbuild: triggers are joined in the child, not here
    """

    on = ("RUN",)
    severity = "warning"
    aliases = ("DS-0017", "CKV_DOCKER_5", "kics:9bae49be", "DKL-DI-0007")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in

        # Of apt also an install without lists is told.
        return any(
            action.manager.name == "apt" or (action.manager.system and action.effect == "refresh")
            for action in actions_in(file)
        )

    def check(self, run: Run) -> Iterator[Finding]:
        yield from self._alone(run)
        for action in finds_empty_lists(run)[:1]:
            message = (
                f"{action.text} finds no package lists: the base image has none, and nothing before refreshes them"
            )
            yield self.finding(action.span, message, severity="error")

    def _alone(self, run: Run) -> Iterator[Finding]:
        last: dict[str, Action] = {}
        for action in actions(run):
            if action.effect == "refresh" and not action.is_idle and "function" not in action.command.contexts:
                last[family_of(action)] = action
            elif action.installs:
                last.pop(family_of(action), None)
        for action in last.values():
            if any(uses_index(command) for command in reading(run).commands[action.place + 1 :]):
                continue
            install = next_install(run, action)
            second = install.command.instruction if install is not None else None
            yield self.finding(
                action.span,
                f"{action.text} is not followed by an install in the same RUN",
                aliases=("DS-0017", "CKV_DOCKER_5", "DKL-DI-0007"),
                related=[("installed here", install.span)] if install is not None else [],
                fix=mend(run, action, install),
                cause=("pair", id(second)) if second is not None and second.index == run.index + 1 else None,
            )
            if install is not None:
                # Where one other tool reports it.
                message = f"{install.text} works with the index of line {run.line}"
                yield self.finding(install.span, message, second, "style", ("kics:9bae49be",))


def uses_index(command: ShellCommand) -> bool:
    """Whether a command behind a refresh may use it."""
    return may_install(command) or command.program in READERS


def mend(run: Run, refresh: Action, install: Action | None) -> Fix | None:
    """Join the two RUN where the refresh is all that the first does, else move it."""
    if install is None or run.outer is not None:
        return None
    from dfadvise.editing import joining
    from dfadvise.editing.edits import move

    second = install.command.instruction
    assert isinstance(second, Run)
    only = all(action.effect == "refresh" for action in actions(run))
    alone = only and len(actions(run)) == len(reading(run).commands)
    if alone and second.index == run.index + 1 and joining.obstacle(run, second) is None:
        return Fix("Join the refresh with the install", joining.edits(run, second), "safe", "join")
    edits = move(refresh.command, install.command)
    return Fix("Move the refresh to the install", edits, "unsafe") if edits else None
