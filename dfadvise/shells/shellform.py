"""The exec form seen as a command line: whether it starts a shell, what a shell would have read, its shell form."""

from __future__ import annotations

from dfadvise.base.bases import base_of, is_windows
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.programs import SHELLS
from dfadvise.rule import Edit
from dfadvise.shells.execform import json_string
from dfadvise.shells.interpreters import base_name
from dfadvise.shells.startup import Startup
from dfadvise.syntax.expansions import references
from dfadvise.syntax.instructions import Cmd, Commanding, Entrypoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.instructions import Word

OPERATORS = frozenset(("&&", "||", "|", "|&", ">", ">>", "<", "2>&1", "&", ";"))
_ALL_SHELLS = SHELLS | words("fish csh tcsh busybox rbash pwsh powershell cmd xonsh nu execlineb")
# A dollar sign or an operator is a part of the language that these are given.
_OWN_LANGUAGE = words(
    "awk gawk mawk sed jq yq grep egrep rg envsubst expr find test [ nginx openresty psql mysql sqlite3 mongo mongosh"
    " redis-cli make gmake tclsh expect R Rscript julia concurrently xargs parallel gomplate dockerize confd ansible"
    " ansible-playbook groovy scala kotlin erl elixir"
)
# These are given code only by an option.
_INTERPRETERS = words("python pypy php perl ruby lua node nodejs deno bun")
_CODE_OPTIONS = words("-c -e -E -r -p -n -ne -pe -pi --eval --print --run")
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%")
_LISTS = ("OPTS", "ARGS", "FLAGS", "OPTIONS", "PARAMS", "ARGUMENTS")


def unexpanded(instruction: Commanding) -> list[Word]:
    """The words of an exec form that only a shell would have understood.

    Args:
        instruction: An instruction in exec form.

    Returns:
        Words with a variable, and operators; none where a shell, a script or a language of its own may read them.
    """
    args = instruction.args
    if not args or not any("$" in word.text or word.text in OPERATORS for word in args):
        return []
    if _may_be_read(args) or (isinstance(instruction, Cmd) and _goes_to_a_reader(instruction)):
        return []
    program = base_name(args[0].text)
    found = [word for word in args if word.text in OPERATORS or _names_variable(word.text, program)]
    if all(word.text == ";" for word in found) and args[-1].text == ";":
        return []
    return found


def _may_be_read(args: list[Word]) -> bool:
    program = base_name(args[0].text)
    if program in _OWN_LANGUAGE:
        return True
    if program.rstrip("0123456789.") in _INTERPRETERS:
        return any(word.text in _CODE_OPTIONS for word in args)
    # A script may do with its arguments what it likes.
    if "$" not in program and (program.endswith((".sh", ".bash", ".py", ".rb", ".pl")) or "entrypoint" in program):
        return True
    return any(base_name(word.text) in _ALL_SHELLS for word in args)


def _goes_to_a_reader(cmd: Cmd) -> bool:
    """Whether an ENTRYPOINT gets the words that may read them."""
    entrypoint = Startup(cmd.stage).entrypoint
    if entrypoint is None:
        return False
    return entrypoint.form == "shell" or not entrypoint.args or _may_be_read(entrypoint.args)


def _names_variable(text: str, program: str) -> bool:
    if "$" not in text:
        return False
    names = [use for use in references(text, "\\", quotes=False) if use.name[:1].isalpha() or use.name[:1] == "_"]
    if not names:
        return False
    # Frameworks of Java replace `${name}` inside of arguments themselves.
    return program != "java" or "${" not in text or text.strip("${}") == names[0].name


def edits(instruction: Commanding) -> list[Edit]:
    """Edits that give an exec form to a shell, so that its variables and operators mean something.

    Args:
        instruction: An instruction in exec form.

    Returns:
        Nothing where there is no shell, where CMD's words go to an ENTRYPOINT, or the text has no place.
    """
    stage, args = instruction.stage, instruction.args
    base = base_of(stage)
    if (base is not None and base.has_no_shell) or is_windows(stage) or not args:
        return []
    startup = Startup(stage)
    if isinstance(instruction, (Cmd, Entrypoint)) and startup.entrypoint is not None and startup.cmd is not None:
        return []
    body = instruction.body
    start = body.text.find("[")
    if start < 0 or not body.is_contiguous(start, len(body.text)):
        return []
    parts = [_shell_word(word.text) for word in args]
    if not isinstance(instruction, (Cmd, Entrypoint)):
        return [Edit(body.span(start, len(body.text)), " ".join(parts))]
    # As words of an exec form still, so that the shell is the one that is named, and gives its place to the program.
    operators = [place for place, word in enumerate(args) if word.text in OPERATORS]
    last = operators[-1] + 1 if operators else 0
    if all(args[place].text == "&&" for place in operators) and parts[last:] and parts[last] != "exec":
        parts.insert(last, "exec")
    return [Edit(body.span(start, len(body.text)), f'["sh", "-c", {json_string(" ".join(parts))}]')]


def _shell_word(text: str) -> str:
    if text in OPERATORS or (text and _SAFE.issuperset(text)):
        return text
    name = text.strip("${}")
    if text.startswith("$") and name.isidentifier() and name.upper().endswith(_LISTS):
        return text  # meant to be several words
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f'"{escaped}"'
