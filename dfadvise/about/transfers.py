"""How curl and wget are called: options that nobody knows, settings from files, what becomes of the body."""

from __future__ import annotations

from posixpath import basename

from dfadvise.knowledge.hosts import split_url
from dfadvise.knowledge.options import operands
from dfadvise.knowledge.programs import valued_options
from dfadvise.managers.packages import inner
from dfadvise.memory import remembered
from dfadvise.shells.written import written
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Stage

# Parts of variable names that tell that options are in them.
_OPTION_NAMES = ("OPT", "FLAG", "ARG", "PARAM", "QUIET", "RETRY")
_RC_NAMES = frozenset((".curlrc", "curlrc", "_curlrc"))
_FAIL = ("-f", "--fail", "--fail-with-body")
_FOLLOW = ("-L", "--location", "--location-trusted")
# With these somebody looks at the answer's status or headers, or asks for nothing else.
_LOOKS = ("-I", "--head", "-w", "--write-out", "-i", "--include", "--show-headers", "-D", "--dump-header")
# With these curl does not send a plain GET.
_SENDS = (
    *("-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--data-ascii", "--json", "-F", "--form"),
    *("-T", "--upload-file", "-X", "--request"),
)
_CONFIG = ("-K", "--config")
_OUTPUT = ("-o", "--output", "-O", "--remote-name", "--remote-name-all", "--output-dir")
_ASKS = ("-V", "--version", "-h", "--help", "-M", "--manual")


def holds_unknown_options(command: ShellCommand) -> bool:
    """Whether a word of a command that is not known may hold options: by its name, or beside another that is fetched.

    Args:
        command: A curl or wget command.
    """
    unknown = [word for word in command.words[1:] if _is_whole_variable(word)]
    if not unknown:
        return False
    if any(part in word.raw.upper() for word in unknown for part in _OPTION_NAMES):
        return True
    named = targets(command)
    return len(named) > 1 and any(word in unknown for word in named)


def _is_whole_variable(word: ShellWord) -> bool:
    """Whether a word is an unknown value that the shell splits."""
    return word.partial == UNKNOWN and not word.quoted and word.raw.startswith("$")


def targets(command: ShellCommand) -> list[ShellWord]:
    """What curl or wget is told to fetch: its operands and the values of `--url`.

    Args:
        command: The command.
    """
    texts = [word.partial for word in command.words]
    places = operands(texts, 1, valued_options(command.program))
    places += [at + 1 for at, text in enumerate(texts[:-1]) if text == "--url"]
    found = [command.words[at] for at in sorted(places)]
    # What the grammar splits off a word is no word of its own.
    return [word for at, word in enumerate(found) if not at or found[at - 1].end != word.start]


def asks_over_http(command: ShellCommand) -> bool:
    """Whether all that a curl command fetches is, or may be, on the web."""
    named = targets(command)
    return bool(named) and all(split_url(word.partial)[0] in ("", "http", "https", UNKNOWN) for word in named)


def keeps_body(command: ShellCommand) -> bool:
    """Whether the body that curl gets goes into a file, a pipe or a value."""
    outputs = [value for _, value in command.option_words("-o", "--output")]
    if outputs:
        return not all(value in ("-", "/dev/null", "/dev/stdout", "/dev/stderr") for value in outputs)
    if command.has_flag(*_OUTPUT):
        return True
    for redirect in command.redirects:
        if redirect.takes_output:
            target = redirect.target.text if redirect.target is not None else None
            return target not in ("/dev/null", "/dev/stdout", "/dev/stderr")
    return command.after in ("|", "|&") or "substitution" in command.contexts


def is_plain_get(command: ShellCommand) -> bool:
    """Whether a curl command sends nothing, and no method is named but GET."""
    if not command.has_flag(*_SENDS):
        return True
    methods = [value for _, value in command.option_words("-X", "--request")]
    return bool(methods) and all(method == "GET" for method in methods) and not command.has_flag(*_SENDS[:-2])


def looks_at_answer(command: ShellCommand) -> bool:
    """Whether curl is asked for the status or the headers, or for nothing at all."""
    return command.has_flag(*_LOOKS, *_ASKS)


def fails_on_errors(command: ShellCommand) -> bool:
    """Whether curl fails when the server answers with an error, or nobody knows: by option or by its settings."""
    return command.has_flag(*_FAIL, *_CONFIG) or "fail" in settings(command.instruction.stage)


def follows_redirects(command: ShellCommand) -> bool:
    """Whether curl follows redirects, or nobody knows: by option or by its settings."""
    return command.has_flag(*_FOLLOW, *_CONFIG) or "location" in settings(command.instruction.stage)


def settings(stage: Stage) -> frozenset[str]:
    """The options of curl that the settings files hold which a chain writes, by long name; a copied one may hold all.

    Args:
        stage: The stage; where in it the file is written does not matter.
    """
    memo = remembered(stage.file)
    if "curlrc" not in memo:
        memo["curlrc"] = "curlrc" in stage.file.source.text
    if not memo["curlrc"]:
        return frozenset()
    slot = ("curlrc", stage.index)
    if slot not in memo:
        names: set[str] = set()
        for each in stage.chain:
            for outer in each.instructions:
                instruction = inner(outer)
                if isinstance(instruction, Copy) and any("curlrc" in word.text for word in instruction.args):
                    names.update(("fail", "location"))
                if isinstance(instruction, Copy | Run):
                    for file in written(instruction):
                        if basename(file.path) in _RC_NAMES:
                            names.update(_options(file.text))
        memo[slot] = frozenset(names)
    found: frozenset[str] = memo[slot]
    return found


def _options(text: str) -> set[str]:
    found = set()
    for line in text.replace("'", "\n").replace('"', "\n").splitlines():
        word = line.strip().partition(" ")[0].partition("=")[0]
        name = word.lstrip("-")
        found.add(
            {"f": "fail", "fail-with-body": "fail", "L": "location", "location-trusted": "location"}.get(name, name)
        )
    return found
