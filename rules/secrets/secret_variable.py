from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.editing.secretmounts import dummied, mounted
from dfadvise.knowledge.secret_files import POINTING
from dfadvise.knowledge.secret_names import (
    buildkit_secret_name,
    harmless_value,
    placeholder_value,
    secret_name,
    tools_reporting,
)
from dfadvise.layers import copy_target
from dfadvise.memory import remembered
from dfadvise.paths import is_below, resolve
from dfadvise.rule import Finding, Rule
from dfadvise.syntax.expansions import references, triggers
from dfadvise.syntax.instructions import Arg, Copy, Env, From
from dfadvise.syntax.words import UNKNOWN, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction, Pair

BUILDKIT = "SecretsUsedInArgOrEnv"
_MOST_TARGETS = 100  # of one stage's copies that are looked at
# Values that say themselves that they are not the real one.
_NOT_MEANT = ("not-for-production", "not_for_production", "do-not-use", "do_not_use", "insecure", "demo-", "fake")
_RAILS = frozenset(("SECRET_KEY_BASE", "RAILS_MASTER_KEY"))
_RAILS_ALIAS = "tally:ruby/secrets-in-arg-or-env"
_DUMMY_ALIAS = "tally:ruby/asset-precompile-without-dummy-key"


class SecretVariable(Rule):
    """An ARG or ENV holds a secret.

    Why:
        The value of an ENV is in the image's configuration, the value of an ARG in its history, and both in the
        provenance of the build: everybody who can pull the image can read them. A secret mount shows a value to one
        RUN and leaves nothing behind; what the container needs comes when it starts.

    Bad (a literal):
        FROM debian:13
        ENV DB_PASSWORD=correct-horse-battery

    Bad (a build argument):
        # syntax=docker/dockerfile:1
        FROM debian:13
        ARG API_TOKEN
        RUN ./fetch-models --token "$API_TOKEN"

    Good (a secret mount):
        # syntax=docker/dockerfile:1
        FROM debian:13
        RUN --mount=type=secret,id=api_token,env=API_TOKEN ./fetch-models --token "$API_TOKEN"

    Good (what only points at a secret):
        FROM postgres:17
        ENV POSTGRES_PASSWORD_FILE=/run/secrets/db TOKEN_TTL=3600
        ARG PUBLIC_KEY

    Good (public by its nature):
        FROM debian:13
        ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D
        ENV TOKENIZERS_PARALLELISM=false

    Good (a switch, a path, another variable):
        FROM debian:13
        ENV USE_PASSWORD=true SSH_KEY=/etc/ssh/key AUTH_TOKEN=$SESSION

    Options:
        rules.secret-variable.allow = ["*_SITE_KEY", "DEMO_PASSWORD"]

    Good (allowed by name):
        FROM debian:13
        ENV CAPTCHA_SITE_KEY=6Lf4n9sUAAAAAKx9 DEMO_PASSWORD=correct-horse-battery

    Fix:
        unsafe: a secret mount on each RUN of the stage that names the argument, where nothing else does; the build must
        then be given the secret. Rails compiles its assets with a stand-in for SECRET_KEY_BASE.
    """

    on = ("ARG", "ENV", "FROM")
    severity = "error"
    security = "7.5"
    aliases = (
        "DL3064",
        BUILDKIT,
        "DS-0031",
        "semgrep:secret-in-build-arg",
        "sonar:S6472",
        "CIS-DI-0010",
        _RAILS_ALIAS,
        _DUMMY_ALIAS,
    )
    yields_to = ("secret-value",)
    options = {"allow": []}

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.secret.signs import names_secret

        return any(names_secret(pair.key) for each in file.walk() for pair in getattr(each, "pairs", ()))

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if isinstance(instruction, From):
            yield from self._triggers(instruction)
        elif isinstance(instruction, Arg | Env):
            for pair in instruction.pairs:
                yield from self._pair(instruction, pair)

    def _pair(self, instruction: Arg | Env, pair: Pair) -> Iterator[Finding]:
        name = pair.key
        if "$" in name or self.allows(name):
            return
        grade = secret_name(name)
        stage = instruction.stage
        codes = tools_reporting(instruction.keyword, name, stage.is_last, pair.value)
        if grade is None and not codes:
            return
        value = _value(instruction, pair)
        # The scanner speaks of these only when a COPY brings the file.
        if name in POINTING and not _is_brought(instruction, _plain(pair.value)):
            codes = tuple(code for code in codes if code != "DS-0031")
        is_global = stage.index < 0 and bool(stage.file.stages)
        if is_global or instruction.outer is not None:
            codes = tuple(code for code in codes if code != BUILDKIT)
        rails = _rails(instruction, name)
        severity, message = _judge(instruction, name, value, grade, is_global)
        yield self.finding(
            pair.span,
            message,
            severity=severity,
            aliases=(*codes, *rails),
            fix=None if severity == "style" else dummied(instruction, pair) or mounted(instruction, pair),
            cause=("secret", pair.value_span.start) if pair.value else None,
        )

    def _triggers(self, from_: From) -> Iterator[Finding]:
        for body in triggers(from_.stage):
            if isinstance(body, Arg | Env):
                for pair in body.pairs:
                    if buildkit_secret_name(pair.key):
                        message = f"an ONBUILD of the base sets {pair.key}, which reads like a secret"
                        yield self.finding(from_.name_span, message, severity="style", aliases=(BUILDKIT,))


def _plain(value: str | None) -> str:
    """A value without its quotes."""
    text = (value or "").strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text


def _value(instruction: Arg | Env, pair: Pair) -> str | None:
    """What a variable is set to, as far as the file says: `${X:-default}` is the default where the file sets no X.

    Returns:
        None for the value of a build argument that only the build is given, "" for what another variable holds.
    """
    raw = pair.value or ""
    if "$" not in raw:
        return None if instruction.keyword == "ARG" and not _plain(raw) else _plain(raw)
    stage, escape = instruction.stage, instruction.file.escape
    settings = [stage.variable(use.name, instruction) for use in references(raw, escape)]
    if any(each is not None and secret_name(each.name) in ("exact", "word") for each in settings):
        return ""  # told where that one is set

    def look(name: str) -> str | None:
        variable = stage.variable(name, instruction)
        return None if variable is None else variable.value

    try:
        text = process(raw, look, escape, unset=UNKNOWN).text
    except WordError:
        return ""
    if UNKNOWN not in text:
        return text
    given = any(each is not None and each.kind == "arg" and each.value is None for each in settings)
    return None if given and instruction.keyword == "ENV" else ""


def _judge(
    instruction: Arg | Env, name: str, value: str | None, grade: str | None, is_global: bool
) -> tuple[Severity, str]:
    keyword = instruction.keyword
    bare = value is None
    value = value or ""
    doubtful = grade == "key" and (keyword == "ARG" or not _looks_random(value) or _is_key_id(name, value))
    if grade is None:
        return "style", f"{name} is a secret's name to other tools"
    if doubtful or name.upper().endswith("SENTRY_DSN"):
        # A DSN of Sentry is made to be shown to browsers.
        return "style", f"{name} reads like a secret's name"
    if is_global:
        return "style", f"{name} is a secret's name; its value is in the history of stages that declare it"
    if not bare and harmless_value(name, value):
        return "style", f"{name} is a secret's name, but no secret stands here"
    if instruction.stage.ships:
        where = "the image's history" if keyword == "ARG" else "the image"
        if bare:
            return "warning", f"the value of {name} is kept in {where}"
        if grade == "key":
            return "warning", f"the value of {name} is kept in {where}"
        if _is_placeholder(value):
            return "warning", f"{name} has a placeholder that is kept in {where}"
        return "error", f"the value of {name} is kept in {where}"
    if not bare and _is_placeholder(value):
        return "style", f"{name} has a placeholder"
    return "info", f"the value of {name} is not in the image, but in exported caches and provenance"


def _looks_random(value: str) -> bool:
    """Whether a value is no word: a KEY alone may be the key of a table or a map."""
    return len(value) >= 8 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _is_key_id(name: str, value: str) -> bool:
    """Whether it is the id or fingerprint of a public PGP key."""
    named = "PGP" in name.upper() or "GPG" in name.upper()
    return named and len(value) in (8, 16, 40) and not value.strip("0123456789abcdefABCDEF")


def _is_placeholder(value: str) -> bool:
    lower = value.lower()
    return placeholder_value(value) or any(part in lower for part in _NOT_MEANT)


def _is_brought(instruction: Instruction, value: str) -> bool:
    """Whether a COPY of the stage writes to a path or above it."""
    stage = instruction.stage
    memo = remembered(stage.file)
    slot = ("copied", stage.index)
    if slot not in memo:
        targets = [copy_target(each)[0] for each in stage.instructions if isinstance(each, Copy)]
        memo[slot] = list(dict.fromkeys(target for target in targets if target is not None))[:_MOST_TARGETS]
    paths = [resolve(value, stage.symbolic_workdir_at(instruction)), resolve(value, "/")]
    return any(path is not None and is_below(path, target) for target in memo[slot] for path in paths)


def _rails(instruction: Arg | Env, name: str) -> tuple[str, ...]:
    if name not in _RAILS:
        return ()
    if name == "SECRET_KEY_BASE" and mentions(instruction.file, "assets:precompile"):
        return (_RAILS_ALIAS, _DUMMY_ALIAS)
    return (_RAILS_ALIAS,)
