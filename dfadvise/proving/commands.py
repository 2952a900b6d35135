"""What a declared change may do to the commands of a RUN: option added or deleted, program renamed, sudo deleted."""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.package_managers import APT_RENAMED, APT_UPGRADE_OPTION, APT_VERBS
from dfadvise.knowledge.programs import is_known, valued_options
from dfadvise.managers.cachedirs import cache_mounts, cache_paths, is_root, may_serve
from dfadvise.managers.packages import reading
from dfadvise.paths import is_below
from dfadvise.proving.tokens import Tokens, raw, tokens
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.shell import Script, ShellCommand

    # How many tokens of the one and the other text to pass over; None when the change is not allowed.
    Accept = Callable[["View", int, "View", int], tuple[int, int] | None]

# What they are given they print or keep, options too.
_TAKING_ALL = frozenset("echo printf test [ [[ eval trap set export alias".split())
# Images of distributions themselves: they set nothing but PATH, which sudo sets too.
_PLAIN_BASES = frozenset("debian ubuntu alpine fedora rockylinux almalinux centos amazonlinux".split())
_OPTION = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:/=,+")


class View:
    """A script with its tokens, and what its commands say of them.

    Attributes:
        script: The script.
        tokens: Its tokens.
        commands: Its own commands, those of texts for other shells left out.
        owners: For the start of each word of a command the places of the command and of the word in it.
    """

    __slots__ = ("_nested", "commands", "owners", "script", "tokens")

    def __init__(self, script: Script) -> None:
        self.script = script
        self.tokens = _tokens(script)
        self.commands = [command for command in script.commands if command.script is script]
        self.owners: dict[int, tuple[int, int]] = {}
        for place, command in enumerate(self.commands):
            for number, word in enumerate(command.words):
                # The innermost command counts, and it comes last.
                self.owners[word.start] = (place, number)
        self._nested: dict[int, Script] | None = None

    def owner(self, at: int) -> tuple[int, int] | None:
        """The places of the command and of its word that a token is; None when it is none."""
        return self.owners.get(self.tokens.starts[at])

    def handed(self, at: int) -> Script | None:
        """The script that a token in quotes is: `sh -c '...'`; None when it is none, or not character by character."""
        owner = self.owner(at)
        if owner is None:
            return None
        nested = self.nested(self.commands[owner[0]])
        return nested if nested is not None and nested.text == self.tokens.texts[at][1:-1] else None

    def nested(self, command: ShellCommand) -> Script | None:
        """The script that a command hands to a shell."""
        if self._nested is None:
            self._nested = {}
            for each in self.script.commands:
                if each.parent is not None and each.script is not each.parent.script:
                    self._nested[id(each.parent)] = each.script
        return self._nested.get(id(command))


def _tokens(script: Script) -> Tokens:
    if script.form == "exec":
        words = [word for command in script.commands[:1] for word in (*command.wrapper_words, *command.words)]
        return Tokens(tuple(word.partial for word in words), tuple(word.start for word in words))
    if script.opaque:
        return raw(script.text)
    return tokens(script.text, script.form == "shell" and bool(script.instruction.heredocs))


def compare(old: Run, new: Run, kind: str) -> str | None:
    """Why the commands of two RUNs differ by more than a declared change.

    Args:
        old: The RUN as it was.
        new: The RUN with the fix.
        kind: "+flag", "-flag", "program" or "wrapper".
    """
    if kind == "-flag":
        # An option that is deleted is one that the other text has more.
        change: _Change = _Options(new)
        change.lost = _Options(old)
        reason = _scripts(new, old, change.lost.accept) or change.lost.verdict()
        return reason or _unused(change.lost)
    change = _CHANGES[kind](new)
    return _scripts(old, new, change.accept) or change.verdict()


def _scripts(old: Run, new: Run, accept: Accept) -> str | None:
    if old.form != new.form or len(old.scripts) != len(new.scripts) or len(old.heredocs) != len(new.heredocs):
        return "the form of the command changed"
    for one, other in zip(old.scripts, new.scripts, strict=True):
        ours, theirs = View(one), View(other)
        reason = _align(ours, theirs, accept)
        if reason is None and one.form == "shell" and one.instruction.heredocs:
            reason = _documents(old, ours, new, theirs, accept)
        if reason is not None:
            return reason
    return None


def _align(old: View, new: View, accept: Accept) -> str | None:
    """Walk along two scripts; what differs must be what is accepted."""
    ours, theirs = old.tokens.texts, new.tokens.texts
    i = j = 0
    while i < len(ours) or j < len(theirs):
        if i < len(ours) and j < len(theirs) and ours[i] == theirs[j]:
            i, j = i + 1, j + 1
            continue
        step = accept(old, i, new, j)
        if step is None and i < len(ours) and j < len(theirs) and ours[i][:1] == theirs[j][:1]:
            one, other = old.handed(i), new.handed(j)
            if one is not None and other is not None and _align(View(one), View(other), accept) is None:
                step = (1, 1)
        if step is None:
            place = new.tokens.starts[j] if j < len(theirs) else 0
            shown = theirs[j] if j < len(theirs) else ours[i]
            return f"more than that changed, from `{_short(shown)}` on" if place or shown else "more than that changed"
        i, j = i + step[0], j + step[1]
    if len(old.commands) != len(new.commands):
        return f"{len(old.commands)} commands became {len(new.commands)}"
    return None


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 40 else line[:39] + "…"


def _documents(old: Run, ours: View, new: Run, theirs: View, accept: Accept) -> str | None:
    """The heredocs of a line must be equal, or scripts that differ by what is accepted."""
    before = [view for view in map(ours.nested, ours.commands) if view is not None]
    after = [view for view in map(theirs.nested, theirs.commands) if view is not None]
    for place, (one, other) in enumerate(zip(old.heredocs, new.heredocs, strict=True)):
        if (one.name, one.expand, one.chomp) == (other.name, other.expand, other.chomp):
            if one.content == other.content:
                continue
            if len(before) == len(after) == len(old.heredocs) and not one.chomp:
                left, right = before[place], after[place]
                if left.text == one.content and right.text == other.content:
                    reason = _align(View(left), View(right), accept)
                    if reason is None:
                        continue
        return f"the text of {one.name} changed"
    return None


class _Change:
    """What one kind of change accepts; one for all scripts of a RUN."""

    __slots__ = ("found", "lost", "run")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lost: _Change
        # What was accepted: view of the old and of the new text, command, word.
        self.found: list[tuple[View, View, int, int]] = []

    def accept(self, old: View, i: int, new: View, j: int) -> tuple[int, int] | None:
        """See Accept."""
        raise NotImplementedError

    def verdict(self) -> str | None:
        """What is wrong with what was accepted, now that all of it is known."""
        return None


class _Options(_Change):
    """Options are put in among the words of a command, and all its other words keep their parts."""

    __slots__ = ()

    def accept(self, old: View, i: int, new: View, j: int) -> tuple[int, int] | None:
        """Pass over an option of the new text."""
        if j >= len(new.tokens.texts) or not _is_option(new.tokens.texts[j]):
            return None
        owner = new.owner(j)
        if owner is None or not owner[1]:
            return None
        self.found.append((old, new, *owner))
        return (0, 1)

    def verdict(self) -> str | None:
        """Whether each word is still the operand, the option or the value that it was."""
        by_command: dict[tuple[int, int], list[int]] = {}
        views: dict[int, tuple[View, View]] = {}
        for old, new, place, number in self.found:
            views[id(new)] = (old, new)
            by_command.setdefault((id(new), place), []).append(number)
        for (view, place), added in by_command.items():
            old, new = views[view]
            command = new.commands[place]
            if command.program is None or command.program in _TAKING_ALL:
                return f"{command.program or 'the program'} has no such options"
            if _shape(old.commands[place], []) != _shape(command, added):
                return f"another word of {command.program} would be taken for something else"
            for number in added:
                if _takes_value(command, number) or _is_value(command, number):
                    return f"{command.words[number].partial} or the option before it takes a value"
        return None


def _is_option(text: str) -> bool:
    return len(text) > 1 and text[0] == "-" and text != "--" and set(text) <= _OPTION


def _shape(command: ShellCommand, without: list[int]) -> list[tuple[str, bool]]:
    """The words of a command, and which of them are operands."""
    operands = {id(word) for word in command.operands}
    return [(word.raw, id(word) in operands) for place, word in enumerate(command.words) if place not in without]


def _takes_value(command: ShellCommand, number: int) -> bool:
    text = command.words[number].partial
    return "=" not in text and text in valued_options(command.program)


def _is_value(command: ShellCommand, number: int) -> bool:
    """Whether the option before a word may take it for its value."""
    before = command.words[number - 1].partial
    if number == 1 or not before.startswith("-") or "=" in before or before.startswith("--no-"):
        return False
    program = command.program or ""
    if is_known(program):
        return before in valued_options(program)
    return True


def _unused(change: _Change) -> str | None:
    """Why an option that is deleted is missed: only one that keeps a cache mount from being used is not."""
    for _, new, place, number in change.found:
        command = new.commands[place]
        run = command.instruction
        assert isinstance(run, Run)
        action = next((each for each in reading(run).actions if each.command is command), None)
        option = command.words[number].partial
        if action is None or action.manager.option_at([command.words[0].partial, option], action.manager.off) < 0:
            return f"{option} is more than a cache switched off"
        paths = [path for _, path in cache_mounts(run)]
        actual = cache_paths(action) or []
        if not any(
            ("$" not in path and may_serve(run, action.manager, path))
            or any(is_below(each, path) or is_below(path, each) for each in actual)
            for path in paths
        ):
            return f"no mount keeps the cache of {action.manager.name}"
    return None


class _Programs(_Change):
    """apt becomes apt-get, where both mean the same."""

    __slots__ = ()

    def accept(self, old: View, i: int, new: View, j: int) -> tuple[int, int] | None:
        """Pass over a program that has another name, its verb that has, and the option that makes up for it."""
        if j >= len(new.tokens.texts):
            return None
        theirs = new.tokens.texts[j]
        owner = new.owner(j)
        if owner is None or owner[0] >= len(old.commands):
            return None
        one, other = old.commands[owner[0]], new.commands[owner[0]]
        if (one.program, other.program) != ("apt", "apt-get"):
            return None
        if theirs == APT_UPGRADE_OPTION and other.subcommand == "upgrade":
            return (0, 1)
        if i >= len(old.tokens.texts) or old.owner(i) is None:
            return None
        ours = old.tokens.texts[i]
        if (ours, theirs) == ("apt", "apt-get") and owner[1] == 0:
            self.found.append((old, new, *owner))
            return (1, 1)
        verb = other.subcommand_word
        if verb is other.words[owner[1]] and APT_RENAMED.get(ours) == theirs:
            return (1, 1)
        return None

    def verdict(self) -> str | None:
        """Whether apt-get has each verb."""
        for old, new, place, _ in self.found:
            one, other = old.commands[place], new.commands[place]
            before, after = one.subcommand, other.subcommand
            if before == after == "upgrade" and other.has_flag(APT_UPGRADE_OPTION):
                continue
            if before is None or after != APT_RENAMED.get(before, before if before in APT_VERBS else None):
                return f"`apt {before or ''}` is not the same with apt-get"
        return None


class _Wrappers(_Change):
    """sudo without options goes, where root runs it and there is no environment that it would clear."""

    __slots__ = ()

    def accept(self, old: View, i: int, new: View, j: int) -> tuple[int, int] | None:
        """Pass over `sudo` right before the program."""
        if i + 1 >= len(old.tokens.texts) or old.tokens.texts[i] != "sudo":
            return None
        owner = old.owner(i + 1)
        if owner is None or owner[1]:
            return None
        command = old.commands[owner[0]]
        if command.wrappers != ("sudo",) or command.wrapper_words[0].start != old.tokens.starts[i]:
            return None
        if command.assignments:
            return None
        self.found.append((old, new, *owner))
        return (1, 0)

    def verdict(self) -> str | None:
        """Whether nothing hangs on sudo."""
        base = base_of(self.run.stage)
        if not is_root(self.run) or base is None or base.name not in _PLAIN_BASES:
            return "root is not known to run it, in an environment of no more than PATH"
        if self.run.stage.variables(self.run):
            return "sudo clears variables that the command would now see"
        return None


_CHANGES: dict[str, type[_Change]] = {"+flag": _Options, "program": _Programs, "wrapper": _Wrappers}
