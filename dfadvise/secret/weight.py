"""What a credential in a file weighs: whether it can be one, who else would see it, what it is for."""

from __future__ import annotations

from dfadvise.knowledge.secret_names import harmless_value
from dfadvise.knowledge.secret_values import entropy, is_variable, url_password
from dfadvise.syntax.instructions import Arg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.rule import Fix, Severity
    from dfadvise.secret.credential import Credential
    from dfadvise.shell import ShellCommand
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Copy, Run

_RANDOM = 3.5  # bits a character
_TELLING = ("passw", "token", "key", "secret", "auth", "api", "cred")
_COMPILING = ("collectstatic", "assets:precompile", "compilemessages", "compress", "tailwind", "webpacker:compile")


def literal_level(text: str) -> Severity | None:
    """The level of a credential that stands in a text; None for what is none, such as a reference or a switch."""
    if is_variable(text) or harmless_value("", text):
        return None
    return "error" if url_password("", text, "") == "secret" else "warning"


def is_seen_by_scanners(credential: Credential) -> bool:
    """Whether scanners of texts see it too: what curl is handed, and random values behind a telling name and `=`."""
    what = credential.what
    if credential.command.program == "curl" and what in ("-u", "--user", "the header"):
        return True
    return is_random_setting(credential.command.instruction.file, credential.value.span, what)


def is_random_setting(file: Dockerfile, span: Span, name: str) -> bool:
    """Whether a value stands behind `=` or `:` and a telling name, and looks random."""
    text = file.source.slice(span)
    before = file.source.text[max(0, span.start - 3) : span.start].rstrip("\"' ")
    named = any(part in name.lower() for part in _TELLING)
    return named and before.endswith(("=", ":")) and len(text) > 9 and entropy(text) >= _RANDOM


def is_stand_in(command: ShellCommand) -> bool:
    """Whether a command only wants some value for a key: assets are compiled, messages, styles."""
    return any(word.partial in _COMPILING for word in command.words)


def argument_in_url(copy: Copy, url: str) -> str | None:
    """The build argument in the user info of a URL; None when there is none."""
    user = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    for part in user.rpartition(":")[2].split("$")[1:]:
        name = part.strip("{}").partition(":")[0].partition("}")[0]
        variable = copy.stage.variable(name, copy)
        if variable is not None and variable.kind == "arg":
            return name
    return None


def mount_for(run: Run, argument: str) -> Fix | None:
    """A secret mount in the place of a build argument that a RUN is given; see `secretmounts.mounted`."""
    variable = run.stage.variable(argument, run)
    if variable is None or not isinstance(variable.instruction, Arg) or variable.instruction.stage is not run.stage:
        return None
    from dfadvise.editing.secretmounts import mounted

    for pair in variable.instruction.pairs:
        if pair.key == argument and not pair.value:
            return mounted(variable.instruction, pair)
    return None
