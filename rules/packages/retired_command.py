from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.lists import retired_command
from dfadvise.managers.packages import reading
from dfadvise.managers.retirements import is_gone, replacement
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.lists import RetiredCommand as Retired
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

_BUNDLER = ("tally:ruby/deprecated-bundler-install-flags",)
_PROGRAMS = frozenset(
    """apt-key easy_install easy_install3 easy_install-3 corepack dnf dnf5 poetry npm bundle bundler composer
    composer.phar php go""".split()
)
_PRODUCTS = {
    "debian": "Debian",
    "ubuntu": "Ubuntu",
    "fedora": "Fedora",
    "golang": "Go",
    "poetry": "Poetry",
    "node": "Node.js",
}


class RetiredCommand(Rule):
    """A command or an option is used that its tool dropped, or is about to drop.

    Why:
        It works until the base image or the tool is upgraded, and then the build stops, or goes on without doing what
        it did.

    Bad:
        FROM debian:12
        RUN curl -fsSL https://example.com/key.asc | apt-key add -

    Good:
        FROM debian:12
        RUN curl -fsSL https://example.com/key.asc -o /etc/apt/keyrings/example.asc

    Bad (an option):
        FROM node:22
        RUN npm ci --production

    Fixed:
        FROM node:22
        RUN npm ci --omit=dev

    Bad (it is gone):
        FROM golang:1.26
        RUN go get -u example.com/tools/gen

    Fixed:
        FROM golang:1.26
        RUN go install example.com/tools/gen@latest

    Bad (settings):
        FROM ruby:3.4
        RUN bundle install --without development test

    Fixed:
        FROM ruby:3.4
        ENV BUNDLE_WITHOUT=development:test
        RUN bundle install

    Good (a version that knows nothing else):
        FROM node:14
        RUN npm ci --production
        FROM golang:1.12
        RUN go get -u example.com/tools/gen

    Good (a module's dependencies):
        FROM golang:1.26
        COPY . .
        RUN go get -d ./... && go get example.com/lib@v1.2.3

    Good (only a word):
        FROM debian:13
        RUN echo apt-key && apt-get install -y apt-key-tools

    Variants:
        not onbuild: no line is put before a trigger

    Fix:
        unsafe: what took its place, where that is one word or one setting.
    """

    on = ("RUN",)
    severity = "warning"
    aliases = _BUNDLER

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.about.mentions import distinct, words_in

        words = words_in(text)
        programs = (
            "apt-key",
            "easy_install",
            "easy_install3",
            "easy_install-3",
            "corepack",
            "config-manager",
            "setup.py",
        )
        if not words.isdisjoint(programs) or {"go", "get"} <= words:
            return True
        whole = distinct(text)
        options = "no-dev production only without deployment path install-option process-dependency-links no-suggest"
        return any(f"--{option}" in whole for option in options.split())

    def check(self, run: Run) -> Iterator[Finding]:
        read = reading(run)
        by_place = {action.place: action for action in read.actions}
        for place, command in enumerate(read.commands):
            program = command.program or ""
            if program not in _PROGRAMS and not program.startswith(("python", "pypy", "pip")):
                continue
            argv = [word.partial for word in command.words]
            found = retired_command(argv)
            if found is None:
                continue
            retired, at = found
            action = by_place.get(place)
            gone = is_gone(retired, command, action)
            if gone is None or (not gone and retired.only_known):
                continue
            sure = gone and not command.conditional and not command.failure_handled
            yield self.finding(
                command.words[min(at, len(argv) - 1)].span,
                _message(retired, command, gone),
                severity="error" if sure else "info" if not gone and _works_here(retired, command) else None,
                aliases=_BUNDLER if retired.what.startswith("bundle") else (),
                fix=replacement(retired, command, at, action),
            )


def _works_here(retired: Retired, command: ShellCommand) -> bool:
    """Whether the release in use is known, and has what the next ones lack."""
    base = base_of(command.instruction.stage)
    return (
        retired.what == "apt-key" and base is not None and bool(base.release) and base.distribution in retired.dropped
    )


def _message(retired: Retired, command: ShellCommand, gone: bool) -> str:
    base = base_of(command.instruction.stage)
    places = [f"{_PRODUCTS.get(product, product)} {number}" for product, number in retired.dropped.items()]
    if "golang" in retired.dropped:
        text = "go get works only inside a module from Go 1.18 on"
    elif gone and base is not None and "poetry" not in retired.dropped:
        text = f"{base.label} has no {retired.what} any more"
    elif places:
        text = f"{retired.what} is gone from {' and '.join(places)} on"
    else:
        text = f"{retired.what} is deprecated"
    return text if retired.replacement.startswith("nothing") else f"{text}: {retired.replacement} took its place"
