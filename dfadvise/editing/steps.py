"""Fixes for steps that stand below what they do not read: the copies move below them, the manifests come first."""

from __future__ import annotations

from posixpath import basename, dirname

from dfadvise.about.needs import COMPILE, PROJECT
from dfadvise.about.ordering import UNRELATED
from dfadvise.editing import cutting
from dfadvise.editing.edits import stands_in_file
from dfadvise.editing.keywords import keyword
from dfadvise.editing.moving import before, below
from dfadvise.knowledge.language_managers import holds_to_lock
from dfadvise.layers import copy_effects
from dfadvise.managers.cachedirs import cache_mounts, may_serve
from dfadvise.managers.packages import action_of, actions
from dfadvise.paths import is_below
from dfadvise.rule import Edit, Fix
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.about.ordering import Misplaced
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Instruction

_FILLS = frozenset(("install", "download", "compile"))
_STATE = frozenset(("WORKDIR", "ENV", "ARG", "USER", "SHELL"))
_METADATA = frozenset(("LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER"))
_SYSTEM_FOLDERS = ("/etc", "/usr", "/var", "/lib", "/opt", "/bin", "/sbin", "/lib64", "/root", "/run", "/home")
# What a copy of the whole project would lay over the dependencies that were installed before it.
_INSTALLED = ("node_modules", "vendor", ".venv", "venv", "target", "obj", "bin")
# What fetches the dependencies alone, to be shown.
_FETCH = {
    "go": "go mod download",
    "maven": "mvn -B dependency:go-offline",
    "gradle": "gradle dependencies",
    "cargo": "mkdir src && echo 'fn main() {}' > src/main.rs && cargo build --release && rm -rf src",
    "nuget": "dotnet restore",
    "poetry": "poetry install --no-root",
    "uv": "uv sync --locked --no-install-project",
    "composer": "composer install --no-scripts --no-autoloader",
}


def fix_of(found: Misplaced) -> Fix | None:
    """How to mend a misplaced step; None when nobody knows that it holds.

    Args:
        found: The step.
    """
    run = found.run
    if run.outer is not None or run.form != "shell" or run.heredocs:
        return None
    if found.need.kind in (COMPILE, PROJECT):
        return _shown(found)
    moved = _moved(found)
    if moved is None:
        return None
    if found.kind == UNRELATED:
        safe = _is_safe(found, moved)
        title = f"Copy the files after {_name(found)}"
        return Fix(title, below(run, moved), "safe" if safe else "unsafe", "move")
    lines = _manifest_lines(found, moved)
    if lines is None:
        return None
    if found.alone:
        edits = below(run, moved)
        if lines:
            edits.append(before(run, lines))
        return Fix(f"Run {_name(found)} on the manifests alone", edits, "unsafe", "move")
    return _split(found, moved, lines)


def _name(found: Misplaced) -> str:
    action = found.need.action
    return action.text if action is not None else found.need.command.program or "the step"


def _moved(found: Misplaced) -> list[Instruction] | None:
    """The copies to move below the RUN; None when something between them and it is in the way."""
    run = found.run
    first = found.copies[0].instruction
    if not isinstance(first, Copy) or first.stage is not run.stage:
        return None
    wanted = {id(each.instruction) for each in found.copies}
    moved: list[Instruction] = []
    targets = [each.target for each in found.copies]
    state = False
    for each in run.stage.instructions[first.index : run.index]:
        if isinstance(each, Copy):
            if id(each) in wanted:
                if each.heredocs or (state and not _is_fixed(each, run)):
                    return None
                moved.append(each)
            elif any(_covers(target, each) or _lies_over(each, target) for target in targets):
                # Moved below it, the tree would lie over this one, or this one would no longer lie over the tree.
                return None
        elif each.keyword in _STATE:
            state = True
        elif each.keyword not in _METADATA:
            return None
    if state and not all(isinstance(each, Copy) and _is_fixed(each, run) for each in moved):
        return None
    return moved


def _is_fixed(copy: Copy, run: Run) -> bool:
    """Whether a COPY means the same right behind a RUN, whatever stands between them."""
    if "$" in copy.file.source.slice(copy.span):
        return False
    absolute = copy.target is not None and copy.target.text.startswith("/")
    return absolute or copy.stage.symbolic_workdir_at(copy) == run.stage.symbolic_workdir_at(run)


def _covers(target: str | None, copy: Copy) -> bool:
    if target is None or copy.target is None:
        return True
    text = copy.expand(copy.target.text)
    if text is None:
        return True
    place = text if text.startswith("/") else f"{copy.stage.symbolic_workdir_at(copy)}/{text}".replace("/./", "/")
    return is_below(place.rstrip("/."), target.rstrip("/") or "/")


def _lies_over(copy: Copy, target: str | None) -> bool:
    return target is None or any(
        effect.path is None or (effect.tree and is_below(target, effect.path)) for effect in copy_effects(copy, set())
    )


def _is_safe(found: Misplaced, moved: list[Instruction]) -> bool:
    """Whether nothing but system packages is installed, and no copy goes where they may write or read."""
    run = found.run
    if any(each.keyword not in ("COPY", "ADD") for each in run.stage.instructions[moved[0].index : run.index]):
        return False
    for command in run.all_commands():
        if command.program not in ("apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "rm", "set"):
            return False
    for each in found.copies:
        target = each.target
        if target is None or "$" in target or target == "/" or any(is_below(target, top) for top in _SYSTEM_FOLDERS):
            return False
    return all(isinstance(each, Copy) and each.origin is None for each in moved) and len(moved) == len(
        {id(each.instruction) for each in found.copies}
    )


def _manifest_lines(found: Misplaced, moved: list[Instruction]) -> list[str] | None:
    """The COPY lines for the manifests that move away with the sources; None when they are not known."""
    need, folder = found.need, found.folder
    action = need.action
    if folder is None or action is None or (found.known is not None and not found.known.two_steps):
        return None
    gone = {id(each) for each in moved}
    stay = [each for each in found.brought if id(each.instruction) not in gone]
    context = found.run.file.context
    if need.paths:
        if all(any(each.covers(path) for each in stay) for path in need.paths):
            return []
        files = [place for place in (_place(path, found) for path in need.paths) if place is not None]
        if len(files) != len(need.paths):
            return None
    elif any("/" in word.partial.removeprefix("./") for word in action.operands):
        return None
    elif not any(each.covers(folder) for each in found.copies):
        # The sources lie beside or below the manifests, which stay where they are when they are named.
        named = any(each.target is not None and dirname(each.target) == folder and not each.is_source for each in stay)
        return [] if named else None
    elif found.known is None:
        return None
    else:
        files = found.known.files
    if found.known is not None:
        files = found.known.files
    elif context is not None:
        return None
    locked = any(basename(file) in action.manager.locks for file in files)
    if action.manager.locks and not locked and holds_to_lock(action.use, action.argv):
        # What holds to a lock file fails without one.
        return None
    if any(_has(found, name) for name in _INSTALLED):
        return None
    return _copy_lines(found, files)


def _place(path: str, found: Misplaced) -> str | None:
    return next(
        (place for place in (each.place_of(path) for each in reversed(found.copies)) if place is not None), None
    )


def _has(found: Misplaced, name: str) -> bool:
    context = found.run.file.context
    if context is None or found.known is None or not found.known.files:
        return False
    folder = dirname(found.known.files[0])
    return context.count_of(f"{folder}/{name}" if folder else name) > 0


def _copy_lines(found: Misplaced, files: list[str]) -> list[str] | None:
    run = found.run
    cover = next((each for each in reversed(found.copies) if isinstance(each.instruction, Copy)), None)
    if cover is None or cover.target is None or cover.source is None or any(" " in file for file in files):
        return None
    flags = "".join(f" {flag.text}" for flag in cover.instruction.flags if flag.name in ("chown", "chmod"))
    top = "" if cover.source == "." else cover.source.strip("/") + "/"
    groups: dict[str, list[str]] = {}
    for file in files:
        if not file.startswith(top) or any(character in file for character in "*?[$\\"):
            return None
        place = f"{cover.target.rstrip('/')}/{file[len(top) :]}"
        goal = dirname(place)
        context = run.file.context
        if context is not None and not context.has(file):
            goal = place
        groups.setdefault(goal, []).append(file)
    cwd = run.stage.symbolic_workdir_at(run)
    lines = []
    for goal, names in groups.items():
        if "$" in goal and not is_below(goal, cwd):
            return None
        target = "./" + goal[len(cwd.rstrip("/")) + 1 :] if is_below(goal, cwd) else goal
        target = target if target.endswith("/") else target + "/"
        lines.append(keyword(f"COPY{flags} {' '.join(names)} {target}", run.file))
    return lines or None


def _split(found: Misplaced, moved: list[Instruction], lines: list[str]) -> Fix | None:
    """The install in a RUN of its own, before the copies; the rest of its RUN behind them."""
    run, command = found.run, found.need.command
    script = command.script
    if command.item != 0 or len(script.items) < 2 or not command.is_simple or script.form != "shell":
        return None
    item, following = script.items[0], script.items[1]
    if item.after != "&&" or item.kind != "command" or not all(map(stands_in_file, command.words)):
        return None
    source = run.file.source
    text = source.slice(script.span(item.start, item.end))
    start, end = script.span(item.start, item.end).start, script.span(following.start, following.end).start
    if "#" in source.text[start:end] or any(flag.name != "mount" for flag in run.flags):
        return None
    if any(mount.type != "cache" for mount in run.mounts):
        return None
    if any(_may_clean(each) for each in script.commands if each is not command):
        return None  # it would come a layer too late
    flags = "".join(f"{flag.text} " for flag in run.flags)
    copies = [each for edit in below(run, moved) if edit.text for each in [edit.text.rstrip("\r\n")]]
    edits = [edit for edit in below(run, moved) if not edit.text]
    edits.append(before(run, [*lines, keyword(f"RUN {flags}{text}", run.file), *copies]))
    if run.flags:
        edits.append(Edit(Span(start, end), ""))
    else:
        # From the keyword on: a mount that another fix puts there is for the command that goes.
        edits.append(Edit(Span(run.name_span.end, end), " "))
    idle = _idle_mounts(found)
    if any(edit is None for edit in idle):
        return None
    edits.extend(edit for edit in idle if edit is not None)
    return Fix(f"Run {_name(found)} on the manifests alone", edits, "unsafe", "move")


def _may_clean(command: ShellCommand) -> bool:
    """Whether a command may delete what the install leaves behind."""
    if command.program in ("rm", "find"):
        return True
    action = action_of(command)
    return action is not None and action.effect == "clean"


def _idle_mounts(found: Misplaced) -> list[Edit | None]:
    """The deletions of the cache mounts that only the install has a use for; None for one that cannot go."""
    run, action = found.run, found.need.action
    if action is None:
        return []
    for other in actions(run):
        if other.command is not action.command and other.manager.name == action.manager.name and other.effect in _FILLS:
            return []
    gone = [mount.flag for mount, path in cache_mounts(run) if may_serve(run, action.manager, path)]
    edits = [cutting.flag(run, flag) for flag in gone]
    if len(gone) > 1 and len(gone) == len(run.flags):
        # Neighbours go together, with the blanks between them.
        start, end = run.name_span.end, run.flags[-1].span.end
        gap = run.file.source.slice(Span(start, end))
        return [Edit(Span(start, end), "") if "#" not in gap else None]
    return edits


def _shown(found: Misplaced) -> Fix | None:
    """A step for the dependencies alone, to be shown: nobody knows whether the project takes it as it is."""
    action = found.need.action
    first = found.copies[0].instruction
    if action is None or found.known is None or not isinstance(first, Copy):
        return None
    fetch = _FETCH.get(action.manager.name)
    lines = _copy_lines(found, found.known.files)
    if fetch is None or lines is None:
        return None
    lines.append(keyword(f"RUN {fetch}", first.file))
    return Fix("Fetch the dependencies in a step of their own", [before(first, lines)], "display")
