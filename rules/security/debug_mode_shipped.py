from __future__ import annotations

from dfadvise.about.lasting import stays
from dfadvise.about.mentions import mentions
from dfadvise.managers.packages import reading
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Env, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellWord
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Pair

_ON = frozenset(("true", "yes", "on", "1"))
# Their ENV is no mode of an application.
_OTHER_ENVS = ("VIRTUAL_ENV", "CONDA_ENV", "CONDA_DEFAULT_ENV", "PIPENV", "NIX_ENV", "MAMBA_ENV")
_STAGES = ("dev", "test", "debug", "local", "devel", "development")
_XDEBUG_ALIAS = ("tally:php/no-xdebug-in-final-image",)
_SONAR = ("sonar:S4507",)
_ENABLERS = frozenset(("docker-php-ext-enable", "docker-php-ext-install", "install-php-extensions", "phpenmod", "pecl"))


class DebugModeShipped(Rule):
    """The shipped image switches a debug or development mode on.

    Why:
        Debug modes show stack traces, settings and consoles to whoever asks, and are slow. An image for production
        should start in production mode; who debugs can switch it on when the container starts.

    Bad:
        FROM python:3.13-slim
        ENV FLASK_DEBUG=1
        CMD ["flask", "run"]

    Bad (an environment):
        FROM node:22-slim
        ENV NODE_ENV=development PORT=3000
        CMD ["node", "server.js"]

    Fixed:
        FROM node:22-slim
        ENV PORT=3000
        CMD ["node", "server.js"]

    Bad (a debugger):
        FROM php:8.4-fpm
        RUN pecl install xdebug && docker-php-ext-enable xdebug

    Good:
        FROM python:3.13-slim
        CMD ["flask", "run"]

    Good (set to something else later):
        FROM node:22-slim
        ENV NODE_ENV=development
        RUN npm ci && npm run build
        ENV NODE_ENV=production

    Good (a stage that does not ship, or is for development):
        FROM php:8.4-fpm AS dev
        ENV APP_ENV=dev XDEBUG_MODE=debug
        RUN pecl install xdebug

        FROM php:8.4-fpm
        ENV APP_ENV=prod XDEBUG_MODE=off DEBUG=false

    Fix:
        unsafe: deletes the variable; something in the image may lean on it.

    Variants:
        not onbuild: what the child image sets behind the trigger is not known
    """

    on = ("stage",)
    mentions = ("debug", "dev")
    severity = "info"
    security = "3.0"
    aliases = (*_SONAR, *_XDEBUG_ALIAS)

    def check(self, stage: Stage) -> Iterator[Finding]:
        exported = stage.file.exported
        if not stage.ships or exported is None or _is_for_development(stage) or _is_for_development(exported):
            return
        for instruction in stage.instructions:
            if isinstance(instruction, Env):
                for pair in instruction.pairs:
                    yield from self._pair(instruction, pair)
            elif isinstance(instruction, Run) and mentions(instruction.file, "xdebug"):
                word = _debugger(instruction)
                if word is not None:
                    message = "xdebug is brought into the image"
                    yield self.finding(word.span, message, instruction, aliases=_XDEBUG_ALIAS)

    def _pair(self, env: Env, pair: Pair) -> Iterator[Finding]:
        value = env.stage.expand(pair.value or "", env)
        if value is None or not _switches(pair.key, value) or not stays(env, pair.key):
            return
        from dfadvise.editing import cutting

        edit = cutting.pair(env, pair)
        yield self.finding(
            pair.span,
            f"{pair.key}={value} is in the shipped image",
            env,
            aliases=_SONAR,
            fix=Fix(f"Delete {pair.key}", [edit]) if edit is not None else None,
        )


def _is_for_development(stage: Stage) -> bool:
    words = (stage.name or "").replace("_", "-").split("-")
    return any(word in _STAGES for word in words)


def _switches(name: str, value: str) -> bool:
    """Whether a variable with that value switches a debug or development mode on."""
    upper, lower = name.upper(), value.strip().lower()
    if upper == "XDEBUG_MODE":
        return bool(lower) and lower != "off"
    if upper.endswith("DEBUG") and lower in _ON:
        return True
    if not upper.endswith(("ENV", "ENVIRONMENT")) or upper.endswith(_OTHER_ENVS):
        return False
    return lower in ("dev", "develop", "development", "debug", "local-dev")


def _debugger(run: Run) -> ShellWord | None:
    """The word with which a RUN installs or enables xdebug."""
    read = reading(run)
    for action in read.actions:
        if action.installs and not action.is_idle:
            for word in action.operands:
                if "xdebug" in (word.text or ""):
                    return word
    for command in read.commands:
        if command.program in _ENABLERS and command.subcommand not in ("uninstall", "download"):
            for word in command.words[1:]:
                if (word.text or "").startswith("xdebug"):
                    return word
    return None
