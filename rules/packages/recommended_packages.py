from __future__ import annotations

from dfadvise.managers.packages import actions, is_configured
from dfadvise.memory import remembered
from dfadvise.rule import Finding, Fix, Rule, Weighs
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action

# The programs that bring in more than what is named, with the option that stops them.
OPTIONS = {
    "apt-get": "--no-install-recommends",
    "apt": "--no-install-recommends",
    "aptitude": "--without-recommends",
    "dnf": "--setopt=install_weak_deps=False",
    "dnf5": "--setopt=install_weak_deps=False",
    "microdnf": "--setopt=install_weak_deps=0",
    "zypper": "--no-recommends",
}
VERBS = frozenset(("install", "in", "reinstall", "groupinstall", "group install", "localinstall"))
FILES = (".deb", ".rpm")


class RecommendedPackages(Rule):
    r"""An install brings in recommended packages too.

    Why:
        Debian's recommended and the rpm world's weak dependencies suit a desktop; in an image they are weight and
        more to attack.

    Bad:
        FROM debian:12
        RUN apt-get update && \
            apt-get install -y curl ca-certificates

    Fixed:
        FROM debian:12
        RUN apt-get update && \
            apt-get install --no-install-recommends -y curl ca-certificates

    Bad (weak dependencies):
        FROM fedora:43
        RUN dnf install -y git && dnf clean all

    Fixed:
        FROM fedora:43
        RUN dnf install --setopt=install_weak_deps=False -y git && dnf clean all

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    Good (set for good):
        FROM debian:12
        RUN echo 'APT::Install-Recommends "false";' > /etc/apt/apt.conf.d/99-no-recommends
        RUN apt-get update && apt-get install -y curl

    Good (a local file):
        FROM debian:12
        COPY tool.deb /tmp/
        RUN apt-get install -y /tmp/tool.deb

    Fix:
        unsafe: something in the image may lean on a recommended package. None where curl, wget or git would lose
        ca-certificates.
    """

    on = ("RUN",)
    mentions = ("apt", "dnf", "zypper")
    severity = "info"
    aliases = ("DL3015", "DS-0029", "kics:7384dfb2", "semgrep:missing-no-install-recommends")

    def check(self, run: Run) -> Iterator[Finding]:
        for action in actions(run):
            option = OPTIONS.get(action.program)
            if option is None or action.verb not in VERBS or action.is_idle or not brings_more(action):
                continue
            from dfadvise.editing.edits import behind

            edit = behind(action.verb_word, option)
            fix = None
            if edit is not None and run.stage.ships and not _drops_certificates(action, run):
                fix = Fix(f"Add {option}", [edit], "unsafe", "+flag")
            slot = ("recommended packages", run.stage.index)
            # The first of a stage speaks for all of it, unless each can be told what it brought.
            speaker = remembered(run.file).setdefault(slot, id(action.command))
            first = run.stage.ships and (speaker == id(action.command) or run.file.image is not None)
            kind = "recommended packages" if action.manager.name != "dnf" else "weak dependencies"
            found = self.finding(
                action.verb_word.span,
                f"{action.text} brings in {kind} too",
                severity=None if first else "style",
                aliases=self.aliases if action.program == "apt-get" else (),
                fix=fix,
                weighs=Weighs("recommended", (run,), manager=action.manager.name),
            )
            found.repeats = run.stage.ships and not first
            yield found


def _drops_certificates(action: Action, run: Run) -> bool:
    """Whether a program that reads over https would come without the certificates, which it only recommends."""
    from dfadvise.base.certificates import base_holds, named, recommends
    from dfadvise.knowledge.base_programs import CERTIFICATES

    if action.manager.name != "apt" or not recommends(named(action)) or base_holds(run.stage):
        return False
    memo = remembered(run.file)
    slot = ("certificates by name", run.stage.index)
    if slot not in memo:
        memo[slot] = any(
            CERTIFICATES in named(other)
            for each in run.stage.chain_instructions()
            if isinstance(each, Run)
            for other in actions(each)
            if other.installs
        )
    return not memo[slot]


def mends(action: Action) -> bool:
    """Whether it installs what is missing without naming it, as behind `dpkg -i`."""
    return action.manager.option_at(action.argv, ("-f", "--fix-broken")) >= 0


def brings_more(action: Action) -> bool:
    """Whether nothing keeps an install to what it names."""
    manager = action.manager
    config = manager.extras_config
    if manager.leaves_extras_out(action.argv) or action.may_hold_options:
        return False
    named = [word.partial for word in action.operands]
    if all(text.endswith(FILES) for text in named) and (named or not mends(action)):
        return False
    return config is None or not is_configured(action, *config)
