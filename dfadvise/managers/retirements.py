"""Commands and options that their tools dropped: whether the version in use still has them, and what replaces them."""

from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.base.releases import is_at_least
from dfadvise.base.toolversions import NEWEST, image_version, installed_version, is_before, is_from
from dfadvise.editing.edits import is_literal, top_level, without
from dfadvise.editing.keywords import keyword
from dfadvise.editing.moving import before
from dfadvise.knowledge import lists
from dfadvise.knowledge.tags import version
from dfadvise.managers.packages import inner, reading, value_of
from dfadvise.memory import comes_before
from dfadvise.rule import Edit, Fix
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.lists import RetiredCommand
    from dfadvise.managers.packages import Action
    from dfadvise.memory import Place
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Stage


# How images, packages and repositories name the releases of Node.js that came with npm 6 or older.
_OLD_NODE = tuple(
    text.format(number)
    for number in (6, 8, 10, 12, 14)
    for text in ("nodejs-{}", "nodejs{}", "nodejs:{}", "node-{}.", "setup_{}.x", "node_{}.x", "npm{}")
)


def is_gone(retired: RetiredCommand, command: ShellCommand, action: Action | None) -> bool | None:
    """Whether the version of a tool that a command runs surely lacks what it uses.

    Args:
        retired: What it uses.
        command: The command.
        action: What it is as a package manager's command, or None.

    Returns:
        None when that version knows nothing else yet, or nobody can tell whether it is meant.
    """
    stage = command.instruction.stage
    base = base_of(stage)
    if retired is lists.APT_KEY or retired is lists.DNF_ADD_REPO:
        return is_at_least(base, {product: version(number) for product, number in retired.dropped.items()})
    if retired is lists.COREPACK:
        if mentions(stage.file, "install -g corepack", "i -g corepack", "--global corepack", "corepack@"):
            return None
        return is_from(image_version(base, "node"), (25,))
    if retired is lists.GO_GET:
        return _is_go_get_gone(command, action)
    if action is None:
        return False
    name = action.manager.name
    if name == "poetry":
        numbers = installed_version(action, "poetry")
        return None if is_before(numbers, (1, 2)) else numbers != NEWEST and is_from(numbers, (2, 0))
    if name == "npm":
        numbers = image_version(base, "node")
        old = is_before(numbers, (15,)) or (numbers is None and mentions(stage.file, *_OLD_NODE))
        return None if old and installed_version(action, "npm") is None else False
    if name == "bundler":
        return None if is_before(installed_version(action, "bundler"), (2,)) else False
    if name == "composer":
        return None if is_before(image_version(base, "composer"), (2,)) else False
    return False


def _is_go_get_gone(command: ShellCommand, action: Action | None) -> bool | None:
    """`go get` outside of a module, of something elsewhere; inside of one it goes on to change what it requires."""
    if action is None or command.has_flag("-d", "-t") or "-d" in action.argv:
        return None
    names = [word.partial for word in action.operands]
    if not names or any(name.startswith((".", "/")) for name in names) or _may_have_module(command, action):
        return None
    if mentions(command.instruction.file, "go111module") and value_of(action, "GO111MODULE") != "on":
        return None
    numbers = image_version(base_of(command.instruction.stage), "golang")
    return None if is_before(numbers, (1, 16)) else is_from(numbers, (1, 18))


def _may_have_module(command: ShellCommand, action: Action) -> bool:
    run = command.instruction
    if isinstance(run, Run) and (
        run.mounts or any(_makes_module(each) for each in reading(run).commands[: action.place])
    ):
        return True
    return comes_before(run, 0, "go module", _first_module)


def _first_module(stage: Stage) -> Place | None:
    """Where a stage first may bring a module: by a copy, or by a command."""
    return next(((each.index, 0) for each in stage.instructions if _brings_module(inner(each))), None)


def _brings_module(instruction: object) -> bool:
    if isinstance(instruction, Copy):
        return True
    return isinstance(instruction, Run) and any(_makes_module(command) for command in reading(instruction).commands)


def _makes_module(command: ShellCommand) -> bool:
    return command.program in ("git", "tar", "unzip", "svn", "hg") or "mod" in command.texts[1:2]


def replacement(retired: RetiredCommand, command: ShellCommand, at: int, action: Action | None) -> Fix | None:
    """What puts the successor in the place of a retired command or option; None where more than a word changes.

    Args:
        retired: What the command uses.
        command: The command.
        at: The place of the word among its words.
        action: What it is as a package manager's command, or None.
    """
    words = command.words
    word = words[min(at, len(words) - 1)]
    title = f"Use {retired.replacement}"
    if not is_literal(word):
        return None
    if retired is lists.GO_GET:
        return _go_fix(command, word, action)
    if retired is lists.EASY_INSTALL:
        plain = word.raw == word.partial and not any(each.partial.startswith("pip") for each in words[1:])
        return Fix(title, [Edit(word.span, "pip install")]) if plain and word.script.form != "exec" else None
    if retired is lists.SETUP_INSTALL:
        plain = [each.text for each in words[1:]] == ["setup.py", "install"] and is_literal(words[2])
        return Fix(title, [Edit(word.span.to(words[2].span), "-m pip install .")]) if plain else None
    if retired is lists.DNF_ADD_REPO:
        url = words[at + 1] if at + 1 < len(words) else word
        if word.raw != "--add-repo" or not is_literal(url) or not url.raw.endswith(".repo"):
            return None
        start = Span(url.span.start, url.span.start)
        return Fix("Use addrepo", [Edit(word.span, "addrepo"), Edit(start, "--from-repofile=")])
    if retired is lists.COREPACK:
        found = top_level(command)
        if found is None or found[1].kind != "command" or not command.is_simple or not command.script.is_chain:
            return None
        begin = word.script.span(found[1].start, found[1].end).start
        return Fix("Install corepack first", [Edit(Span(begin, begin), "npm install -g corepack && ")])
    name = action.manager.name if action is not None else ""
    if name == "bundler":
        return _bundler_fix(command, at)
    if name == "composer":
        edit = without(command, word)
        return Fix("Drop --no-suggest", [edit]) if edit is not None else None
    text = {"poetry": "--only main", "npm": "--omit=dev"}.get(name)
    if text is None or word.script.form == "exec":
        return None
    last = words[at + 1] if word.raw == "--only" and at + 1 < len(words) else word
    return Fix(f"Use {text}", [Edit(word.span.to(last.span), text)]) if is_literal(last) else None


def _go_fix(command: ShellCommand, verb: ShellWord, action: Action | None) -> Fix | None:
    named = action.operands if action is not None else []
    if mentions(command.instruction.file, "go build", "go run", "go test"):
        return None  # it may be a library for that
    if len(named) != 1 or not is_literal(named[0]) or named[0].quoted or command.script.form == "exec":
        return None
    edits = [Edit(verb.span, "install")]
    for word in command.words:
        if word.partial == "-u":
            gone = without(command, word)
            if gone is None:
                return None
            edits.append(gone)
    if "@" not in named[0].raw:
        edits.append(Edit(Span(named[0].span.end, named[0].span.end), "@latest"))
    return Fix("Use go install", edits)


def _bundler_fix(command: ShellCommand, at: int) -> Fix | None:
    """The setting as ENV before the RUN, and the option gone with its values."""
    run, words = command.instruction, command.words
    option, equals, value = words[at].partial.partition("=")
    end = at + 1
    if option != "--deployment" and not equals:
        while end < len(words) and not words[end].is_flag:
            end += 1
        value = ":".join(word.partial for word in words[at + 1 : end])
    if option == "--deployment":
        value = "1"
    if run.outer is not None or not value or not all(char.isalnum() or char in ":/._-" for char in value):
        return None
    edits = [without(command, word) for word in words[at:end]]
    line = before(run, [keyword(f"ENV BUNDLE_{option[2:].upper()}={value}", run.file)])
    known = [edit for edit in edits if edit is not None]
    return Fix("Set it with ENV", [line, *known]) if len(known) == len(edits) else None
