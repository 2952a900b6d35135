from __future__ import annotations

from dfadvise.managers.packages import actions
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

# Managers whose `update` upgrades: to tools that know the word alone it refreshes, and stands alone.
RPM = frozenset(("dnf", "yum", "zypper", "pacman"))
ALONE = ("DS-0017", "kics:9bae49be")
ANOTHER = "makes another release of the base image"
CHANGES = {"apt": "upgrades all packages of the base image and may take some away"}


class SystemUpgrade(Rule):
    """The system is upgraded to another than the tag of the base image says.

    Why:
        It makes another system of the base image than the one that its tag names and its publisher tested, and every
        package that it replaces is in the image twice. A newer base image is smaller and says what it is.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get dist-upgrade -y

    Good:
        FROM debian:13
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    Good (security fixes; shown only when selected):
        FROM fedora:43
        RUN dnf upgrade -y && dnf clean all

    Good (one package):
        FROM fedora:43
        RUN dnf upgrade -y openssl-libs && dnf clean all

    Fix:
        none: which release it should be is the author's choice.
    """

    on = ("RUN",)
    severity = "info"
    aliases = (
        *("DS-0024", "DL3035", "DS-0017", "kics:9bae49be", "DKL-DI-0003", "semgrep:avoid-apt-get-upgrade"),
        *("semgrep:avoid-apk-upgrade", "semgrep:avoid-dnf-update", "semgrep:avoid-yum-update"),
        "semgrep:avoid-zypper-update",
    )

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in, programs_in

        if "do-release-upgrade" in programs_in(file):
            return True
        return any(action.effect in ("upgrade", "release-upgrade") for action in actions_in(file))

    def check(self, run: Run) -> Iterator[Finding]:
        found = actions(run)
        for action in found:
            if action.is_idle or action.effect not in ("upgrade", "release-upgrade"):
                continue
            plain = action.effect == "upgrade"
            what = "upgrades all packages of the base image" if plain else CHANGES.get(action.manager.name, ANOTHER)
            yield self.finding(
                action.verb_word.span,
                f"{action.text} {what}",
                severity="style" if plain else None,
                aliases=codes(action, found),
            )
        for command in run.commands("do-release-upgrade"):
            yield self.finding(command.words[0].span, f"do-release-upgrade {ANOTHER}")


def codes(action: Action, found: list[Action]) -> tuple[str, ...]:
    """The foreign codes: by the verb, and those for an `update` without an install in the same RUN."""
    manager = action.manager
    known = action.codes("system-upgrade", action.verb)
    if action.effect == "release-upgrade" and manager.name != "apt" and "DL3035" not in known:
        known = ()
    installs = any(each.manager is manager and each.effect == "install" and each.place > action.place for each in found)
    if manager.name in RPM and action.effect == "upgrade" and action.program != "tdnf" and not installs:
        known += ALONE
    return known
