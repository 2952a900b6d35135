from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.editing.edits import behind
from dfadvise.knowledge.tags import version
from dfadvise.managers.installed import installs_packages
from dfadvise.managers.packages import actions, is_configured, value_of
from dfadvise.rule import Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.rule import Severity
    from dfadvise.syntax.instructions import Run

_GEM_OFF = ("--no-document", "-N", "--no-ri", "--no-rdoc", "--no-doc", "--document", "--ri", "--rdoc")
# Releases whose RubyGems is 2 or later, and knows --no-document.
_RUBYGEMS = {"debian": (8,), "ubuntu": (16, 4), "alpine": (3, 2), "fedora": (20,), "rhel": (7,), "suse": (15,)}
# Images whose dnf leaves documents out by itself. Source: their dnf.conf, as people report it, read 2026-11-24.
_NO_DOCS = ("fedora", "quay.io/fedora/", "registry.fedoraproject.org/fedora", "rockylinux", "almalinux", "centos")
_UBI = ("registry.access.redhat.com/", "registry.redhat.io/", "redhat/ubi")


class PackageExtrasShipped(Rule):
    """An install brings documents or bytecode that nothing in the image reads.

    Why:
        Manual pages, generated references and files that Python would make by itself are weight in every copy of the
        image. The managers can leave them out.

    Bad:
        FROM debian:13
        RUN apt-get update && apt-get install -y ruby && gem install jekyll:4.4.1

    Good:
        FROM debian:13
        RUN apt-get update && apt-get install -y ruby && gem install --no-document jekyll:4.4.1

    Bad (rpm packages):
        FROM registry.access.redhat.com/ubi9/ubi-minimal:9.6
        RUN microdnf install -y nginx && microdnf clean all

    Fixed:
        FROM registry.access.redhat.com/ubi9/ubi-minimal:9.6
        RUN microdnf install --nodocs -y nginx && microdnf clean all

    Bad (a package of documents):
        FROM alpine:3.22
        RUN apk add --no-cache nginx nginx-doc

    Bad (bytecode):
        FROM python:3.13-slim
        RUN pip install --no-cache-dir flask==3.1.0

    Good (set for good):
        FROM debian:13
        RUN echo 'gem: --no-document' > /etc/gemrc && apt-get update && apt-get install -y ruby
        RUN gem install jekyll:4.4.1

    Good (the ruby image is set so):
        FROM ruby:3.4
        RUN gem install jekyll:4.4.1

    Good (left out):
        FROM python:3.13-slim
        ENV PIP_NO_COMPILE=1
        RUN pip install flask==3.1.0 && pip install --no-compile gunicorn==23.0.0

    Good (does not ship):
        FROM python:3.13 AS wheels
        RUN pip install build==1.2.2
        FROM python:3.13-slim
        COPY --from=wheels /wheels /wheels

    Fix:
        safe: the option that leaves documents out, where the manager is known to have it. Without bytecode the first
        start of a program takes longer, so pip gets none.
    """

    on = ("RUN",)
    mentions = ("gem", "dnf", "pip", "apk")
    severity = "info"
    default = "off"

    def check(self, run: Run) -> Iterator[Finding]:
        if not run.stage.ships:
            return
        for action in actions(run):
            if action.is_idle or action.effect != "install" or action.may_hold_options:
                continue
            name = action.manager.name
            if name == "gem" and not _gem_is_quiet(action):
                message = f"{action.text} brings documents"
                yield self.finding(action.verb_word.span, message, fix=_gem_fix(action))
            elif name == "dnf" and installs_packages(action) and not _dnf_is_quiet(action):
                yield self._dnf(action)
            elif name == "apk":
                for word in action.operands:
                    if (word.text or "").endswith("-doc"):
                        yield self.finding(word.span, f"{word.text} holds documents only")
            elif name == "pip" and action.verb == "install" and not _pip_is_quiet(action):
                yield self.finding(action.verb_word.span, "pip install writes bytecode beside the modules")

    def _dnf(self, action: Action) -> Finding:
        base = base_of(action.command.instruction.stage)
        option = "--nodocs" if action.program == "microdnf" else "--setopt=tsflags=nodocs"
        known = base is not None and base.name.startswith(_UBI)
        edit = behind(action.verb_word, option)
        severity: Severity | None = None if known else "style"
        return self.finding(
            action.verb_word.span,
            f"{action.text} brings documents",
            severity=severity,
            fix=Fix(f"Add {option}", [edit], "safe", "+flag") if edit is not None and known else None,
        )


def _gem_is_quiet(action: Action) -> bool:
    base = base_of(action.command.instruction.stage)
    if action.manager.option_at(action.argv, _GEM_OFF) >= 0 or (base is not None and base.name == "ruby"):
        return True
    file = action.command.instruction.file
    return mentions(file, "gemrc") and mentions(file, "--no-", ":no-document")


def _gem_fix(action: Action) -> Fix | None:
    """The option, behind the verb, where RubyGems is the distribution's and new enough."""
    base = base_of(action.command.instruction.stage)
    least = _RUBYGEMS.get(base.distribution or "") if base is not None else None
    if base is None or least is None or not base.release or version(base.release) < least:
        return None
    edit = behind(action.verb_word, "--no-document")
    return Fix("Add --no-document", [edit], "safe", "+flag") if edit is not None else None


def _dnf_is_quiet(action: Action) -> bool:
    base = base_of(action.command.instruction.stage)
    if base is not None and base.name.startswith(_NO_DOCS):
        return True
    if any(word.startswith(("--nodocs", "--excludedocs")) or "nodocs" in word for word in action.argv):
        return True
    return mentions(action.command.instruction.file, "tsflags=nodocs", "_excludedocs", "tsflags nodocs")


def _pip_is_quiet(action: Action) -> bool:
    if action.manager.option_at(action.argv, ("--no-compile", "--compile")) >= 0:
        return True
    value = value_of(action, "PIP_NO_COMPILE")
    return value is not None or is_configured(action, "no-compile", True)
