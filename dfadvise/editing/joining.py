"""Making one RUN of two: when that keeps the meaning of both, and how the text then reads."""

from __future__ import annotations

from dfadvise.pragmas import check_in, pragma_in, shell_in
from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.editing.chainshape import Shape
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Comment, Instruction, Run

# What changes the shell for the commands behind it.
_STATEFUL = frozenset(
    """cd pushd popd export unset set shopt umask trap exec exit return alias unalias ulimit source . eval local
    declare typeset readonly builtin""".split()
)
# What starts something that ends with the container of its RUN.
_SERVICES = frozenset(
    """service systemctl init initctl rc-service supervisord start-stop-daemon dockerd containerd gpg-agent dirmngr
    gpgconf pg_ctl mysqld mysqld_safe redis-server nginx apachectl apache2ctl sshd cron dbus-daemon dbus-launch
    Xvfb gpg gpg2 apt-key nohup setsid ssh-agent""".split()
)
# How comments begin that other checkers read, from their documentation, 2026-11-24.
_CHECKERS = ("kics-scan", "trivy:", "checkov:", "tfsec:", "nosemgrep", "tally ", "shellcheck ", "nosonar", "skipcq")
# Files that each RUN gets anew.
_FLEETING = ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/dev/shm", "/proc", "/sys")


def obstacle(first: Run, second: Run) -> str | None:
    """Why two neighbouring RUNs cannot become one; None when they can.

    Args:
        first: The earlier RUN.
        second: The RUN behind it, with nothing but comments between.
    """
    if first.form != "shell" or second.form != "shell":
        return "the exec form has no shell to join in"
    if [flag.text for flag in first.flags] != [flag.text for flag in second.flags]:
        return "their flags differ"
    if first.heredocs or second.heredocs:
        return "a heredoc belongs to one of them"
    if first.outer is not None or second.outer is not None:
        return "they stand under ONBUILD"
    if any(is_meant_for_one(comment) for run in (first, second) for comment in run.comments):
        return "a comment above one of them holds for that one alone"
    for run in (first, second):
        if not run.scripts or not all(script.is_chain for script in run.scripts):
            return "one of them is no plain chain of commands"
        if "#" in run.body.text:
            return "one of them holds a `#`"
    for command in first.all_commands():
        reason = left_behind(command)
        if reason is not None:
            return reason
    return None


def is_meant_for_one(comment: Comment) -> bool:
    """Whether a comment is a word to a checker about the instruction below it, which would mean more or nothing inside.

    Args:
        comment: A comment above an instruction.
    """
    if pragma_in(comment) is not None or shell_in(comment) is not None or check_in(comment, "next") is not None:
        return True
    return comment.text[1:].strip().lower().startswith(_CHECKERS)


def left_behind(command: ShellCommand) -> str | None:
    """What a command hands on to those behind it in the same RUN, beyond files; None when it is nothing."""
    if command.is_assignment:
        return "a variable that is set would reach the second one"
    if command.program in _STATEFUL and command.parent is None and "subshell" not in command.contexts:
        return f"{command.program} would change the shell of the second one"
    if command.program in _SERVICES or command.after == "&":
        return "something that it starts would live on into the second one"
    if any("/etc/init.d/" in word.partial for word in command.words[:1]):
        return "something that it starts would live on into the second one"
    for redirect in command.redirects:
        if redirect.target is not None and redirect.target.partial.startswith(_FLEETING):
            return "a file that each RUN gets anew would reach the second one"
    if any(word.partial.startswith(_FLEETING) for word in command.words[1:]):
        return "a file that each RUN gets anew would reach the second one"
    return None


def edits(first: Run, second: Run, shape: Shape | None = None, follows: bool = False) -> list[Edit]:
    """The edits that join a RUN to the one before it: `&&` between them, comments kept, blank lines gone.

    Args:
        first: The earlier RUN.
        second: The RUN behind it.
        shape: How the chain is broken over lines; as the two are themselves where it is left out.
        follows: Whether the earlier one is itself joined to one before it, by the same shape.
    """
    from dfadvise.editing.chainshape import shape_of

    source = first.file.source
    start = first.body.span(0, len(first.body.text)).end
    end = second.body.span(0, len(second.body.text)).start
    comments = [source.slice(source.line_span(comment.line)) for comment in second.comments]
    shape = shape or shape_of((first, second))
    width = start - source.starts[source.line(start) - 1]
    own = first.body.span(0, len(first.body.text)).start
    if follows and source.line(own) == source.line(start):
        width = len(shape.lead) + start - own
    return [Edit(Span(start, end), shape.gap(first, width, comments))]


def neighbours(instructions: list[Instruction]) -> Iterator[list[Run]]:
    """Groups of RUNs that stand behind each other with nothing but comments between, two or more."""
    from dfadvise.syntax.instructions import Run as RunType

    group: list[Run] = []
    for instruction in instructions:
        if isinstance(instruction, RunType):
            group.append(instruction)
            continue
        if len(group) > 1:
            yield group
        group = []
    if len(group) > 1:
        yield group
