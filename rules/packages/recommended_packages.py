from __future__ import annotations

from dfadvise.edits import behind
from dfadvise.packages import actions, is_configured
from dfadvise.rule import Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.packages import Action
    from dfadvise.syntax.instructions import Run

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
            apt-get install -y curl

    Fixed:
        FROM debian:12
        RUN apt-get update && \
            apt-get install --no-install-recommends -y curl

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
        unsafe: something in the image may lean on a recommended package.
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
            edit = behind(action.verb_word, option)
            fix = Fix(f"Add {option}", [edit], "unsafe", "+flag") if edit is not None and run.stage.ships else None
            kind = "recommended packages" if action.manager.name != "dnf" else "weak dependencies"
            yield self.finding(
                action.verb_word.span,
                f"{action.text} brings in {kind} too",
                severity=None if run.stage.ships else "style",
                aliases=self.aliases if action.program == "apt-get" else (),
                fix=fix,
            )


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
