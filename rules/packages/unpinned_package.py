from __future__ import annotations

from dfadvise.knowledge.pins import pinned
from dfadvise.managers.packages import actions
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellWord
    from dfadvise.syntax.instructions import Run

# Verbs that name packages with a version of their own, by manager; None for all that install.
VERBS = {
    "apt": ("install", "reinstall"),
    "apk": ("add",),
    "dnf": ("install", "in", "reinstall", "rei", "localinstall", "module install"),
    "yum": ("install", "in", "reinstall", "localinstall", "module install"),
    "zypper": ("install", "in"),
    "pip": ("install", "download", "wheel"),
    "pipx": ("install", "inject", "run"),
    "uv": ("pip install", "add", "tool install", "tool run"),
    "poetry": ("add", "self add"),
    "pipenv": ("install",),
    "conda": ("install", "create"),
    "npm": ("install", "i", "in", "add"),
    "yarn": ("add", "global add"),
    "yarn-berry": ("add",),
    "pnpm": ("install", "i", "add"),
    "bun": ("install", "i", "add", "a"),
    "gem": ("install", "i"),
    "go": ("install", "get", "run"),
    "cargo": ("install", "binstall"),
    "composer": ("require", "r", "req", "global require"),
}
SHOWN = 3


class UnpinnedPackage(Rule):
    """A package is installed without a version.

    Why:
        The same file gives another image tomorrow, and nobody sees which version broke it.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl git

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl=7.88.* git=1:2.39.*

    Bad (a language's package):
        FROM python:3.13
        RUN pip install flask

    Good (a language's package):
        FROM python:3.13
        RUN pip install flask==3.1.0 'gunicorn>=23'

    Good (what is listed in files):
        FROM python:3.13
        RUN pip install -r requirements.txt && pip install .

    Good (a variable):
        FROM debian:12
        ARG PACKAGES
        RUN apt-get update && apt-get install -y $PACKAGES

    Fix:
        none: which version is wanted is the author's choice.
    """

    on = ("RUN",)
    severity = "info"
    default = "off"
    options = {"managers": []}
    aliases = (
        *("DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041", "DL3062", "slim:ID.20018"),
        *("kics:965a08d7", "kics:d3499f6d", "kics:93d88cf7", "kics:6452c424", "kics:562952e4", "kics:02d9c71f"),
        *("kics:e36d8880", "kics:22cd11f7"),
    )

    def check(self, run: Run) -> Iterator[Finding]:
        wanted = self.settings["managers"]
        for action in actions(run):
            if wanted and action.manager.name not in wanted:
                continue
            words = unpinned(action)
            if not words:
                continue
            names = [word.partial for word in words]
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield self.finding(
                words[0].span,
                f"{', '.join(names[:SHOWN])}{more} installed without a version",
                aliases=codes(action),
                related=[("no version", word.span) for word in words[1:]],
            )


def unpinned(action: Action) -> list[ShellWord]:
    """The words of a command that name a package without a version."""
    manager = action.manager
    if action.verb not in VERBS.get(manager.name, ()) or action.is_idle:
        return []
    if manager.option_at(action.argv, manager.pin_flags) >= 0:
        return []
    if manager.name == "pip" and manager.option_at(action.argv, ("-c", "--constraint")) >= 0:
        return []
    if manager.name == "zypper" and manager.option_at(action.argv, ("-t", "--type")) >= 0:
        return []
    words = action.operands
    if action.verb in ("run", "tool run"):
        words = words[:1]  # the rest is for the program
    module = action.verb.startswith("module")
    return [
        word
        for word in words
        if word.text and (":" not in word.text if module else not pinned(manager.name, word.text))
    ]


def codes(action: Action) -> tuple[str, ...]:
    """The foreign codes, as far as the tools look at such a command."""
    manager = action.manager
    if manager.name == "pip" and (
        action.verb != "install" or manager.option_at(action.argv, ("-r", "--requirement")) >= 0
    ):
        return ()
    return action.codes("unpinned-package", action.verb.rpartition(" ")[2])
