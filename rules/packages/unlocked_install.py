from __future__ import annotations

from dfadvise.editing.edits import behind, is_literal
from dfadvise.editing.keywords import keyword
from dfadvise.editing.moving import before
from dfadvise.managers.lockfiles import holds_to, lock_of, manifest_installs
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.needs import Need
    from dfadvise.managers.lockfiles import Lock
    from dfadvise.managers.packages import Action
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

_BUNDLER = ("tally:ruby/missing-bundle-deployment",)
# By manager the option that holds an install to its lock file.
_OPTIONS = {
    "yarn": "--frozen-lockfile",
    "yarn-berry": "--immutable",
    "pnpm": "--frozen-lockfile",
    "bun": "--frozen-lockfile",
    "uv": "--locked",
    "pipenv": "--deploy",
    "cargo": "--locked",
    "nuget": "--locked-mode",
}
# By manager the verb that does.
_VERBS = {"npm": "ci", "composer": "install"}
# Options that `npm ci` has no use for.
_NOT_FOR_CI = ("--save", "-S", "--save-dev", "-D", "--no-save", "--no-package-lock", "--package-lock")


class UnlockedInstall(Rule):
    """An install may choose other versions than the lock file names.

    Why:
        The lock file says which versions were tested. An install that is not held to it resolves anew when the manifest
        and the lock file differ, and then two builds of one commit hold different packages.

    Bad:
        FROM node:22
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm install

    Good:
        FROM node:22
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci

    Bad (composer):
        FROM composer:2
        WORKDIR /app
        COPY composer.json composer.lock ./
        RUN composer update --no-scripts

    Fixed:
        FROM composer:2
        WORKDIR /app
        COPY composer.json composer.lock ./
        RUN composer install --no-scripts

    Files:
        Cargo.toml: [package]
        Cargo.lock: version = 4
        src/main.rs: fn main() {}

    Bad (in the context):
        FROM rust:1.90
        WORKDIR /src
        COPY . .
        RUN cargo build --release

    Fixed:
        FROM rust:1.90
        WORKDIR /src
        COPY . .
        RUN cargo build --locked --release

    Files:
        package.json: {}

    Good (no lock file):
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN npm install

    Good (named packages, and tools):
        FROM node:22
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm install -g pnpm@10 && npm install left-pad@1.3.0

    Good (held to it by a variable):
        FROM ruby:3.4
        WORKDIR /app
        ENV BUNDLE_FROZEN=true
        COPY Gemfile Gemfile.lock ./
        RUN bundle install

    Fix:
        unsafe: the manager's frozen form, where the lock file is copied before; it fails when the two differ.
    """

    on = ("RUN",)
    severity = "info"
    aliases = _BUNDLER

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in

        return any(action.manager.locks for action in actions_in(file))

    def check(self, run: Run) -> Iterator[Finding]:
        for need in manifest_installs(run):
            action = need.action
            if action is None or holds_to(action):
                continue
            lock = lock_of(need)
            bundler = action.manager.name == "bundler"
            if lock is not None:
                yield self._finding(need, action, lock)
            elif bundler:
                message = "bundle install is not held to a lock file"
                yield self.finding(action.span, message, severity="style", aliases=_BUNDLER)

    def _finding(self, need: Need, action: Action, lock: Lock) -> Finding:
        where = "is copied" if lock.span is not None else "is in the context"
        return self.finding(
            action.span,
            f"{action.text} may choose other versions, although {lock.name} {where}",
            aliases=_BUNDLER if action.manager.name == "bundler" else (),
            related=[(f"{lock.name} is copied here", lock.span)] if lock.span is not None else (),
            fix=_fix(action) if lock.span is not None else None,
        )


def _fix(action: Action) -> Fix | None:
    name, word = action.manager.name, action.verb_word
    if name in _VERBS:
        if not is_literal(word) or action.manager.option_at(action.argv, _NOT_FOR_CI) >= 0:
            return None
        text = f'"{_VERBS[name]}"' if word.script.form == "exec" else _VERBS[name]
        return Fix(f"Use {name} {_VERBS[name]}", [Edit(word.span, text)])
    if name == "bundler":
        run = action.command.instruction
        if run.outer is not None:
            return None
        return Fix("Set BUNDLE_FROZEN", [before(run, [keyword("ENV BUNDLE_FROZEN=true", run.file)])])
    option = _OPTIONS.get(name)
    edit = behind(word, option) if option is not None else None
    return Fix(f"Add {option}", [edit]) if edit is not None else None
