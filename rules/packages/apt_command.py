from __future__ import annotations

from dfadvise.editing.edits import behind, stands_in_file
from dfadvise.knowledge.package_managers import APT_RENAMED, APT_UPGRADE_OPTION, APT_VERBS
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run


class AptCommand(Rule):
    """The apt command is made for people, and its command line may change.

    Why:
        apt warns that it has no stable command line interface: options and output may change with the release,
        and scripts that use it may break. apt-get does the same work with a stable one.

    Bad:
        FROM debian:12
        RUN apt update && apt install -y curl

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl

    Bad (installs what is new, too):
        FROM debian:12
        RUN apt update && apt -y upgrade

    Fixed:
        FROM debian:12
        RUN apt-get update && apt-get -y upgrade --with-new-pkgs

    Good (only an argument):
        FROM debian:12
        RUN echo apt && apt-get install -y apt

    Good (installed for people):
        FROM debian:12
        RUN printf '%s' 'apt install x' > /usr/share/doc/howto

    Fix:
        safe: apt-get has the same verbs, and `upgrade` with an option; `list`, `search` and `show` have no twin and
        stay.
    """

    on = ("RUN",)
    severity = "info"
    aliases = ("DL3027", "CKV_DOCKER_9", "kics:b84a0b47", "semgrep:prefer-apt-get")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        return "apt" in programs_in(file)

    def check(self, run: Run) -> Iterator[Finding]:
        for command in run.commands("apt"):
            message = "apt has no stable command line"
            yield self.finding(command.words[0].span, message, aliases=self.aliases, fix=_fix(command))


def _fix(command: ShellCommand) -> Fix | None:
    """The same command of apt-get; None where it has none."""
    program, verb = command.words[0], command.subcommand_word
    if verb is None or program.raw != "apt" or not stands_in_file(program):
        return None
    edits = [Edit(program.span, "apt-get")]
    if verb.text == "upgrade" and not command.has_flag(APT_UPGRADE_OPTION):
        option = behind(verb, APT_UPGRADE_OPTION)
        if option is None:
            return None
        edits.append(option)
    elif verb.text in APT_RENAMED:
        edits.append(Edit(verb.span, APT_RENAMED[verb.text]))
    elif verb.text not in APT_VERBS and verb.text != "upgrade":
        return None
    return Fix("Use apt-get", edits, "safe", "program")
