"""The commands and options of the command line as one table, and the reader that goes by it.

argparse would cost a third of the time that linting one small file may take.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = ("error", "warning", "info", "style", "never")
FORMATS = ("text", "json", "sarif", "github", "gitlab", "checkstyle", "junit", "sonarqube", "markdown", "html")
DEFAULT_LEVEL = "warning"


class UsageError(Exception):
    """A command line that cannot be meant; the text is one line without a full stop."""


class Command:
    """A subcommand.

    Args:
        name: Its name; the module `dfadvise.commands.<name>` holds its `run(arguments) -> int`.
        operands: How its operands are written in the usage line.
        summary: What it does, as one line.
        text: What else to know, as paragraphs of text.
        least, most: How many operands it takes; None for any number.
        ready: Whether it exists yet.
    """

    __slots__ = ("least", "most", "name", "operands", "ready", "summary", "text")

    def __init__(
        self,
        name: str,
        operands: str,
        summary: str,
        text: str = "",
        least: int = 0,
        most: int | None = None,
        ready: bool = True,
    ) -> None:
        self.name = name
        self.operands = operands
        self.summary = summary
        self.text = text
        self.least = least
        self.most = most
        self.ready = ready


class Option:
    """An option of one or more commands.

    Args:
        commands: The commands that take it.
        group: The heading that it stands under in the help.
        name: With its dashes.
        value: How its value is written in the help; empty for an option without one.
        text: What it does, as a sentence without a full stop.
        kind: "one" (the last one given counts), "many" (all count) or "list" (all count, split at commas).
        choices: The values it can have; empty for any.
        short: A short form, with its dash.
        ready: Whether it exists yet.
    """

    __slots__ = ("choices", "commands", "group", "kind", "name", "ready", "short", "text", "value")

    def __init__(
        self,
        commands: tuple[str, ...],
        group: str,
        name: str,
        value: str,
        text: str,
        kind: str = "one",
        choices: tuple[str, ...] = (),
        short: str = "",
        ready: bool = True,
    ) -> None:
        self.commands = commands
        self.group = group
        self.name = name
        self.value = value
        self.text = text
        self.kind = kind
        self.choices = choices
        self.short = short
        self.ready = ready


PATHS = (
    "PATH is a Dockerfile, a directory that is searched for Dockerfiles, or - for standard input; without one "
    "the working directory is searched."
)
COMMANDS = {
    command.name: command
    for command in (
        Command(
            "lint",
            "[PATH...]",
            "Say what is wrong, wasted, re-run needlessly or leaked",
            f"{PATHS}\n\nThe exit status is 0 without findings at or above the level of --fail-on, 1 with some, and "
            "2 when something could not be done; everything else is reported all the same.",
        ),
        Command(
            "fix",
            "[PATH...]",
            "Mend what can be mended without changing what the build makes",
            f"{PATHS} Standard input is written mended to standard output.\n\nThe exit status is 0 without findings "
            "left at or above the level of --fail-on, 1 with some, and 2 when something could not be done. With "
            "--check or --diff nothing is written, and it is 1 when anything would change.",
        ),
        Command(
            "explain",
            "RULE...",
            "Show what a rule is about",
            "RULE is the id of a rule, another linter's code such as DL3009, or a family of rules.",
            least=1,
        ),
        Command("rules", "[NAME...]", "List the rules", "NAME is a rule, a family or another linter's code."),
        Command(
            "test",
            "DIR...",
            "Run the examples in the docstrings of your own rules as tests",
            "DIR is a folder of rule files, or one rule file. The exit status is 1 when a test fails.",
            least=1,
        ),
        Command(
            "parse",
            "[PATH...]",
            "Print Dockerfiles as BuildKit reads them, one JSON object a line",
            f"{PATHS}\n\nA file that BuildKit refuses has entries in `errors`; the exit status is 0 even so.",
        ),
        Command(
            "advise",
            "[PATH...]",
            "Show layers, re-runs, ranked savings and a proposed Dockerfile",
            f"{PATHS} It is useful on a file alone, and better with the build context.\n\nThe exit status is 0, or 2 "
            "when a file could not be read.",
        ),
        Command(
            "compare",
            "OLD NEW",
            "Compare two versions of a Dockerfile: layers, re-runs, findings",
            "OLD and NEW are Dockerfiles, one of them - for standard input: git show main:Dockerfile | dfadvise "
            "compare - Dockerfile. Both are read in NEW's place, with its configuration and build context.\n\nThe exit "
            "status is 0, or 2 when a file could not be read.",
            least=2,
            most=2,
        ),
        Command(
            "image",
            "TAR|DIR",
            "Look for waste and secrets in a built image",
            "TAR is an archive of docker save or in OCI layout, DIR a directory in OCI layout, - standard input: "
            "docker save IMAGE | dfadvise image -. No engine is asked.\n\nThe exit status is 1 when a threshold is "
            "exceeded, and 2 when something could not be read.",
            least=1,
            most=1,
        ),
        Command(
            "init",
            "",
            "Write a configuration to start from",
            "It becomes dfadvise.toml in the working directory; a file that is there is not replaced.",
            most=0,
        ),
        Command("lsp", "", "Serve an editor", ready=False),
    )
}

_LINT, _FIX = ("lint",), ("fix",)
_ADVISE = ("advise",)
_BOTH = ("lint", "fix")
_MODEL = ("lint", "fix", "advise", "compare")
_FILES = ("lint", "fix", "parse", "advise")
_IMAGE = ("image",)
_RULES, _FIXES, _BUILD = "Rules", "Fixes", "The build"
_WHICH, _LIMITS = "The image", "Thresholds"
_CONFIG, _INPUT, _OUTPUT = "Configuration", "Input", "Output"

OPTIONS = (
    Option(_ADVISE, _FIXES, "--diff", "", "Print the proposed Dockerfile as a patch for git apply"),
    Option(
        *(_ADVISE, _BUILD, "--base", "KIND"),
        "What if it stood on another base: every line that would break there, and why",
        choices=("alpine", "distroless", "slim"),
    ),
    Option(
        *(_ADVISE, _OUTPUT, "--format", "FORMAT"),
        "How it is written (default: text)",
        choices=("text", "json", "markdown", "html"),
    ),
    Option(
        *(("compare",), _OUTPUT, "--format", "FORMAT"),
        "How it is written (default: text)",
        choices=("text", "json", "markdown"),
    ),
    Option(_FIX, _FIXES, "--unsafe", "", "Also apply fixes that may change what the build makes"),
    Option(_FIX, _FIXES, "--diff", "", "Write nothing, print what would change as a patch for git apply"),
    Option(_FIX, _FIXES, "--check", "", "Write nothing, name the files that would change"),
    Option(_LINT, _FIXES, "--fix", "", "Do what dfadvise fix does"),
    Option(_LINT, _FIXES, "--unsafe", "", "With --fix: also apply fixes that may change what the build makes"),
    Option(_LINT, _FIXES, "--diff", "", "With --fix: write nothing, print a patch"),
    Option(_LINT, _FIXES, "--check", "", "With --fix: write nothing, name the files that would change"),
    Option(
        *(_BOTH, _RULES, "--select", "NAMES"),
        "Use these only: rules, families, `default`, `all`, or other linters' codes such as DL3008",
        "list",
    ),
    Option(_BOTH, _RULES, "--extend-select", "NAMES", "Use these, too", "list"),
    Option(_BOTH, _RULES, "--ignore", "NAMES", "Leave these out", "list"),
    Option(
        *(_BOTH, _RULES, "--fail-on", "LEVEL"),
        f"The least severity that makes the exit status 1 (default: {DEFAULT_LEVEL})",
        choices=LEVELS,
    ),
    Option(_BOTH, _RULES, "--baseline", "FILE", "Leave out the findings that the file knows"),
    Option(_LINT, _RULES, "--write-baseline", "", "Write the findings to the baseline"),
    Option(_BOTH, _RULES, "--diff-base", "REV", "Only what is about lines changed since git revision REV"),
    Option(
        *((*_MODEL, "rules", "explain"), _CONFIG, "--config", "FILE"),
        "Use this file instead of the nearest dfadvise.toml or pyproject.toml",
    ),
    Option((*_MODEL, "rules", "explain"), _CONFIG, "--isolated", "", "Look for no configuration file"),
    Option((*_MODEL, "rules", "explain"), _CONFIG, "--profile", "NAME", "Use a profile of the configuration"),
    Option(
        *(_MODEL, _BUILD, "--context", "DIR"),
        "The build context (default: the nearest folder that holds every COPY source)",
    ),
    Option(_MODEL, _BUILD, "--build-context", "NAME=DIR", "A further build context", "many"),
    Option(
        *(_MODEL, _BUILD, "--build-arg", "NAME[=VALUE]"),
        "A build argument; without a value the environment's is taken",
        "many",
    ),
    Option(_MODEL, _BUILD, "--target", "STAGE", "The stage that is built (default: the last)"),
    Option(_MODEL, _BUILD, "--platform", "OS/ARCH", "The platform that is built for, such as linux/arm64"),
    Option(
        *(("lint", "advise"), _BUILD, "--image", "TAR"),
        "The image that was built from the file, as docker save writes it: what can be saved is measured there",
    ),
    Option(("lint", "advise"), _BUILD, "--image-name", "NAME", "The one image of that archive, by name or id"),
    Option(
        *(_ADVISE, _BUILD, "--build-log", "FILE"),
        "What docker build --progress=plain or rawjson wrote: the time of each line, and the critical path",
    ),
    Option(_IMAGE, _WHICH, "--image-name", "NAME", "The one image of the archive to look at, by name or id"),
    Option(_IMAGE, _WHICH, "--platform", "OS/ARCH", "The one platform to look at"),
    Option(_IMAGE, _WHICH, "--dockerfile", "FILE", "The Dockerfile it was built from, to name lines"),
    Option(_IMAGE, _LIMITS, "--min-efficiency", "SHARE", "Fail when less of what is stored can be seen: 0.95 or 95%"),
    Option(_IMAGE, _LIMITS, "--max-waste", "SIZE|SHARE", "Fail when more is stored and hidden: 20MB or 5%"),
    Option(
        *(_IMAGE, _LIMITS, "--max-user-wasted", "SHARE"),
        "Fail when layers above the base image hide more, as a share of what they store",
    ),
    Option(_IMAGE, _LIMITS, "--max-size", "SIZE", "Fail when more is stored: 500MB"),
    Option(_IMAGE, _LIMITS, "--fail-on-secret", "", "Fail when there is a secret in it, under whiteouts too"),
    Option(
        *(_IMAGE, _LIMITS, "--ci-config", "FILE"),
        "Keep to the rules of a .dive-ci file (where CI is true, to the one in the working directory)",
    ),
    Option(
        _FILES, _INPUT, "--files-from", "FILE", "Also take the paths that a file lists, one a line or NUL-separated"
    ),
    Option((*_FILES, "compare"), _INPUT, "--stdin-filename", "NAME", "The path that standard input stands for"),
    Option(
        *(_LINT, _OUTPUT, "--format", "FORMAT"),
        "How findings are written (default: text, in GitHub Actions github)",
        choices=FORMATS,
    ),
    Option(_FIX, _OUTPUT, "--format", "FORMAT", "How the findings left are written", choices=FORMATS),
    Option(("rules",), _OUTPUT, "--format", "FORMAT", "How the list is written", choices=("text", "json", "markdown")),
    Option(
        *(_IMAGE, _OUTPUT, "--format", "FORMAT", "How it is written"),
        choices=("text", "json", "markdown", "html"),
    ),
    Option(_MODEL, _OUTPUT, "--output", "FILE", "Write to a file", short="-o"),
    Option(_IMAGE, _OUTPUT, "--output", "FILE", "Write it to a file", short="-o"),
    Option(("init",), _INPUT, "--from-hadolint", "FILE", "Carry over what a .hadolint.yaml says"),
    Option(("init",), _OUTPUT, "--output", "FILE", "Another file, or - for standard output", short="-o"),
    Option(("init",), _OUTPUT, "--force", "", "Replace a file that is there"),
    Option(_LINT, _OUTPUT, "--template", "FILE", "Write them through a Jinja2 template, which gets what json holds"),
    Option(_BOTH, _OUTPUT, "--statistics", "", "Count the findings by rule"),
    Option((*_BOTH, "test"), _OUTPUT, "--quiet", "", "Say less", short="-q"),
    Option(_FILES, "Run", "--jobs", "N", "How many processes to use (default: as many as make it faster)", short="-j"),
    Option(_BOTH, "Run", "--no-cache", "", "Use no results of earlier runs, and keep none"),
)

# What other linters call an option.
ELSEWHERE = {
    "--failure-threshold": "--fail-on LEVEL",
    "--fail-level": "--fail-on LEVEL",
    "--no-fail": "--fail-on never",
    "--exit-zero": "--fail-on never",
    "--trusted-registry": "trusted-registries in the configuration",
    "--require-label": "label-schema in the configuration",
    "--strict-labels": "strict-labels in the configuration",
    "--no-color": "NO_COLOR in the environment",
    "--skip": "--ignore NAMES",
    "--exclude": "exclude in the configuration",
    "--output-file": "--output FILE",
}


class Arguments:
    """A command line that was read.

    Attributes:
        command: The name of the command.
        values: What was given, by the option's name without its dashes: True, a text, or a list of texts.
        operands: What is no option.
    """

    __slots__ = ("command", "operands", "values")

    def __init__(self, command: str) -> None:
        self.command = command
        self.values: dict[str, bool | str | list[str]] = {}
        self.operands: list[str] = []

    def flag(self, name: str) -> bool:
        """Whether an option without a value was given."""
        return self.values.get(name) is True

    def one(self, name: str) -> str | None:
        """The value of an option; None when it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def many(self, name: str) -> list[str] | None:
        """The values of an option that counts every time; None when it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, list) else None


def options_of(command: str) -> dict[str, Option]:
    """The options of a command by name and short form."""
    found = {}
    for option in OPTIONS:
        if command in option.commands:
            found[option.name] = option
            if option.short:
                found[option.short] = option
    return found


def read(command: Command, words: Sequence[str]) -> Arguments:
    """Read what follows a command's name.

    Raises:
        UsageError: An option is unknown or lacks a value, or there are too few or too many operands.
    """
    arguments = Arguments(command.name)
    known = options_of(command.name)
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            arguments.operands += words[at:]
            break
        if word == "-" or not word.startswith("-"):
            arguments.operands.append(word)
            continue
        name, equals, value = word.partition("=")
        option = known.get(name)
        if option is None and word[1] != "-" and word[:2] in known and known[word[:2]].value:
            name, equals, value = word[:2], "=", word[2:]
            option = known[name]
        if option is None:
            raise UsageError(_unknown(name, command.name, known))
        if not option.ready:
            raise UsageError(f"`{name}` is not available yet")
        if not option.value:
            if equals:
                raise UsageError(f"`{name}` takes no value")
            arguments.values[option.name[2:]] = True
            continue
        if not equals:
            if at == len(words):
                raise UsageError(f"`{name}` needs a value: {name} {option.value}")
            value = words[at]
            at += 1
            if value.startswith("--"):
                raise UsageError(f"`{name}` needs a value, `{name}={value}` if that is the value")
        _store(arguments, option, value)
    _count(arguments, command)
    return arguments


def _store(arguments: Arguments, option: Option, value: str) -> None:
    name = option.name[2:]
    if option.choices and value not in option.choices:
        from dfadvise.config import suggestion

        hint = suggestion(value, option.choices) or f", known are {', '.join(option.choices)}"
        raise UsageError(f"`{option.name}` cannot be `{value}`{hint}")
    if option.kind == "one":
        arguments.values[name] = value
        return
    held = arguments.values.setdefault(name, [])
    assert isinstance(held, list)
    held += [part.strip() for part in value.split(",") if part.strip()] if option.kind == "list" else [value]


def _count(arguments: Arguments, command: Command) -> None:
    number = len(arguments.operands)
    if number < command.least:
        raise UsageError(f"`dfadvise {command.name}` needs {command.operands}")
    if command.most is not None and number > command.most:
        raise UsageError(f"`dfadvise {command.name}` does not take `{arguments.operands[command.most]}`")


def _unknown(name: str, command: str, known: dict[str, Option]) -> str:
    from dfadvise.config import suggestion

    if name in ELSEWHERE:
        return f"unknown option `{name}`, use {ELSEWHERE[name]}"
    for option in OPTIONS:
        if name in (option.name, option.short) and command not in option.commands:
            return f"`{name}` is an option of `dfadvise {option.commands[0]}`, not of `dfadvise {command}`"
    names = [*(each for each, option in known.items() if each.startswith("--") and option.ready), "--help"]
    return f"unknown option `{name}`{suggestion(name, names)}"
