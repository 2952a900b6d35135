from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.expansions import references
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Env, Pair

SYSTEM = frozenset(("/bin", "/usr/bin"))


class PathOverwrite(Rule):
    """PATH is set without the directories of the system.

    Why:
        From there on no `ls` and no package manager is found: the next RUN fails with "not found", and so does a
        container that starts a program by its name.

    Bad:
        FROM debian:12
        ENV PATH="/opt/tool/bin"
        RUN apt-get update

    Good:
        FROM debian:12
        ENV PATH="/opt/tool/bin:$PATH"
        RUN apt-get update

    Good (written out):
        FROM debian:12
        ENV PATH=/opt/tool/bin:/usr/local/bin:/usr/bin:/bin

    Good (nothing there to lose):
        FROM scratch
        ENV PATH=/app

    Good (kept in another variable):
        FROM debian:12
        ENV OLD=$PATH
        ENV PATH=/opt/tool/bin:$OLD

    Fix:
        unsafe: appends `:$PATH`.
    """

    on = ("ENV",)
    keywords = ("ENV",)
    severity = "error"

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.syntax.instructions import Env

        for env in file.walk():
            for pair in env.pairs if isinstance(env, Env) else ():
                value = (pair.value or "").strip('"')
                kept = value.endswith("$PATH") or "$PATH:" in value or "${PATH}" in value
                if pair.key == "PATH" and (not kept or "'" in value or "$$" in value or file.escape in value):
                    return True
        return False

    def check(self, env: Env) -> Iterator[Finding]:
        for pair in env.pairs:
            if pair.key == "PATH" and _is_lost(env, pair):
                message = "PATH is set without `$PATH`, /bin or /usr/bin"
                yield self.finding(pair.span, message, fix=_fix(env, pair))


def _is_lost(env: Env, pair: Pair) -> bool:
    raw = pair.value or ""
    stage = env.stage
    base = base_of(stage)
    if is_windows(stage) or ";" in raw or "\\" in raw or (base is not None and base.has_no_shell):
        return False
    if any(use.name.upper() == "PATH" for use in references(raw, env.file.escape)):
        return False
    value = stage.expand_partly(raw, env)
    if value is None:
        return False
    # A part that is not known may hold directories, unless it is the middle of one.
    folders = value.split(":")
    return not any(folder in SYSTEM or folder.rstrip("/") in SYSTEM or folder.startswith(UNKNOWN) for folder in folders)


def _fix(env: Env, pair: Pair) -> Fix | None:
    value = pair.value or ""
    if not value or value[-1] == "'" or env.file.source.slice(pair.value_span) != value:
        return None
    at = pair.value_span.end - (value[-1] == '"')
    return Fix("Append $PATH", [Edit(Span(at, at), ":$PATH")])
