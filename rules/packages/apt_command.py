from __future__ import annotations

from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Run

# apt verbs that apt-get has too, with the same meaning; full-upgrade has another name there.
SAME = frozenset(("install", "update", "remove", "purge", "autoremove", "clean", "build-dep", "upgrade"))
RENAMED = {"full-upgrade": "dist-upgrade"}


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

    Good (only an argument):
        FROM debian:12
        RUN echo apt && apt-get install -y apt

    Good (installed for people):
        FROM debian:12
        RUN printf '%s' 'apt install x' > /usr/share/doc/howto

    Fix:
        safe: apt-get has the same verbs; `list`, `search` and `show` have no twin and stay.
    """

    on = ("RUN",)
    mentions = ("apt",)
    severity = "info"
    aliases = ("DL3027", "CKV_DOCKER_9", "kics:b84a0b47", "semgrep:prefer-apt-get")

    def check(self, run: Run) -> Iterator[Finding]:
        for command in run.commands("apt"):
            verb = command.subcommand_word
            edits = [Edit(command.words[0].span, "apt-get")]
            fix = None
            if verb is not None and command.words[0].raw == "apt":
                if verb.text in RENAMED:
                    edits.append(Edit(verb.span, RENAMED[verb.text]))
                if verb.text in SAME or verb.text in RENAMED:
                    fix = Fix("Use apt-get", edits, "safe", "program")
            message = "apt has no stable command line"
            yield self.finding(command.words[0].span, message, aliases=self.aliases, fix=fix)
