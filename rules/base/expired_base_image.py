from __future__ import annotations

from dfadvise.base.bases import known_base
from dfadvise.base.origins import image_uses
from dfadvise.knowledge.support import retired, supports
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.knowledge.support import Support
    from dfadvise.rule import Severity
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

GRACE_DAYS = 90
# Where the packages of ended releases are still to be had.
_ARCHIVES = (
    "archive.debian.org",
    "snapshot.debian.org",
    "old-releases.ubuntu.com",
    "vault.centos.org",
    "archive.kernel.org",
)
_SOURCES = ("/etc/apt", "/etc/yum.repos.d", "/etc/yum.conf")


class ExpiredBaseImage(Rule):
    """The base image gets no more security fixes.

    Why:
        What is found after the end of support stays open for good. Some distributions also take the packages of ended
        releases off their mirrors, so that installing stops to work at all.

    Options:
        today = "2026-11-24"

    Bad:
        FROM python:3.8-slim
        RUN true

    Bad (the system below):
        FROM node:22-buster
        RUN true

    Bad (its packages are gone too):
        FROM debian:9
        RUN apt-get update && apt-get install -y curl

    Bad (a repository that gets no more images):
        FROM openjdk:17
        RUN true

    Good:
        FROM python:3.12-slim
        RUN true

    Good (nobody knows which one):
        ARG TAG
        FROM debian:${TAG}

    Good (the newest of all):
        FROM debian
        RUN true

    Good (not in the tables):
        FROM registry.example.com/debian:9

    Fix:
        none: another version may need other code.
    """

    on = ("stage",)
    severity = "warning"
    aliases = ("tally:ruby/eol-ruby-version",)
    options = {"today": ""}

    def check(self, stage: Stage) -> Iterator[Finding]:
        today = self.settings["today"] or stage.file.today
        for use in image_uses(stage):
            base = known_base(use.image)
            if base is None:
                continue
            severity: Severity = "warning" if use.is_base and stage.ships else "info"
            ended = [each for each in supports(base.name, base.tag) if each.ended(today)]
            if ended:
                ended.sort(key=lambda each: each.end or "")
                if all(each.exact and _days(each.end or "", today) <= GRACE_DAYS for each in ended):
                    severity = "info"
                related = []
                if use.is_base and any(each.mirror_gone for each in ended):
                    command = _installs(stage)
                    if command is not None:
                        severity = "error"
                        related.append(("the packages are gone from the usual mirrors", command.words[0].span))
                ruby = any(each.product == "ruby" for each in ended)
                aliases = self.aliases if ruby else ()
                message = "; ".join(_ended(each, today) for each in ended)
                yield self.finding(use.span, message, use.instruction, severity, aliases, related)
            elif (gone := _retired(base, today)) is not None:
                yield self.finding(use.span, gone, use.instruction, severity)


def _ended(support: Support, today: str) -> str:
    # Without a day of its own, a version ended with a later one at the latest, and mostly years before.
    when = f" since {support.end}" if support.exact else ""
    text = f"{support.product} {support.cycle} is out of support{when}"
    following = support.successors(today)
    if following:
        cycle, end = following[0]
        text += f", {cycle} is supported" + (f" until {end}" if end else "")
    return text


def _retired(base: Base, today: str) -> str | None:
    found = retired(base.name, base.tag)
    if found is None or (found.since is not None and found.since > today):
        return None
    since = f" since {found.since}" if found.since else ""
    successor = f", {found.successor} took its place" if found.successor else ""
    return f"{base.name} gets no more images{since}{successor}"


def _installs(stage: Stage) -> ShellCommand | None:
    """The first command that fails without the usual mirrors; None when none does, or others took their place."""
    from dfadvise.knowledge.package_managers import system_use

    for each in stage.chain_instructions():
        if isinstance(each, Copy) and each.target is not None:
            target = each.expand(each.target.text)
            if target is None or target.startswith(_SOURCES):
                return None
        if not isinstance(each, Run):
            continue
        for command in each.all_commands():
            words = [word.partial for word in command.words]
            if any(place in word for word in words for place in (*_ARCHIVES, *_SOURCES)):
                return None
            if any(r.target is not None and r.target.partial.startswith(_SOURCES) for r in command.redirects):
                return None
            use = system_use(words)
            if use is None or use.effect not in ("install", "refresh", "upgrade", "release-upgrade"):
                continue
            # A guarded one, as `dnf check-update || :`, gets over the missing mirrors; a later one may not.
            if not command.failure_handled:
                return command
    return None


def _days(since: str, until: str) -> int:
    """Days between two ISO dates, about: months count 30.4 days."""

    def day(text: str) -> float:
        year, month, date = (int(part) for part in text.split("-"))
        return year * 365.25 + month * 30.44 + date

    return round(day(until) - day(since))
