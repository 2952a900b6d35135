from __future__ import annotations

from dfadvise.about.lasting import first
from dfadvise.base.bases import base_of
from dfadvise.base.users import is_root
from dfadvise.editing.edits import stands_in_file
from dfadvise.knowledge.programs import SHELLS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Cmd, Entrypoint

ALIASES = ("DL3004", "DS-0010", "CKV2_DOCKER_1", "kics:8ada6e80", "semgrep:no-sudo-in-dockerfile", "DKL-DI-0001")
# They set nothing but PATH, which sudo sets anew, and they run as root.
_PLAIN = frozenset(("debian", "ubuntu", "alpine", "fedora", "rockylinux", "almalinux", "centos", "amazonlinux"))


class SudoCommand(Rule):
    """A command runs through sudo.

    Why:
        While an image is built sudo gives nothing that USER does not: as root it is needless, as another user it
        needs a rule that lets the shipped image become root. It clears the environment, and its signals and terminal
        handling are made for people.

    Bad:
        FROM debian:13
        RUN apt-get update && sudo apt-get install -y curl

    Good:
        FROM debian:13
        RUN apt-get update && apt-get install -y curl

    Good (only installed):
        FROM debian:13
        RUN apt-get update && apt-get install -y sudo && echo "app ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/app

    Good (a word):
        FROM debian:13
        RUN adduser --disabled-password --gecos '' app && usermod -aG sudo app && rm -rf /etc/sudo

    Fix:
        safe: deletes the word where the user is known to be root, sudo has no options and there is no environment that
        it would clear.

    Variants:
        not onbuild: which user and environment the trigger meets is a matter of the child image
    """

    on = ("RUN", "CMD", "ENTRYPOINT")
    mentions = ("sudo",)
    severity = "warning"
    security = "4.0"
    aliases = ALIASES

    def check(self, instruction: Run | Cmd | Entrypoint) -> Iterator[Finding]:
        if "sudo" not in instruction.body.text and not instruction.heredocs:
            return
        seen: set[int] = set()
        for command in instruction.all_commands():
            for word in (*command.wrapper_words, *command.words[:1]):
                if word.partial.rpartition("/")[2] != "sudo" or word.span.start in seen:
                    continue
                seen.add(word.span.start)
                runs = command.program if word in command.wrapper_words else None
                yield self.finding(
                    word.span,
                    f"sudo{f' for {runs}' if runs else ''} in a RUN, where USER root does the same",
                    aliases=ALIASES if isinstance(instruction, Run) else (),
                    fix=_fix(command, word, instruction) if isinstance(instruction, Run) else None,
                )


def _fix(command: ShellCommand, word: ShellWord, run: Run) -> Fix | None:
    if command.wrappers != ("sudo",) or command.script.form == "exec" or not _is_root(run):
        return None
    program = command.words[0]
    if command.program in SHELLS or command.assignments or not stands_in_file(word) or not stands_in_file(program):
        return None
    gap = run.file.source.slice(Span(word.span.end, program.span.start))
    if gap.strip(" \t") or _has_environment(run) or run.outer is not None:
        return None
    return Fix("Delete sudo", [Edit(Span(word.span.start, program.span.start), "")], "safe", "wrapper")


def _is_root(run: Run) -> bool:
    """Whether a RUN is known to run as root, with no environment of the base's own."""
    user = run.stage.user_at(run)
    base = base_of(run.stage)
    if base is None or base.name not in _PLAIN:
        return False
    if user is not None:
        return is_root(user)
    return not _stands_behind(run, "USER")


def _has_environment(run: Run) -> bool:
    return _stands_behind(run, "ENV", "ARG")


def _stands_behind(run: Run, *keywords: str) -> bool:
    """Whether one of these instructions stands before a RUN in its chain."""
    *below, own = run.stage.chain
    index = first(own, *keywords)
    return (index is not None and index < run.index) or any(first(stage, *keywords) is not None for stage in below)
