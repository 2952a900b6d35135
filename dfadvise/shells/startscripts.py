"""The script that a container starts with, read from where the file or its context has it."""

from __future__ import annotations

from dfadvise.knowledge.programs import SHELLS
from dfadvise.layers import copy_effects
from dfadvise.paths import is_below, resolve
from dfadvise.shells.interpreters import base_name
from dfadvise.shells.written import written
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import Script
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Cmd, Entrypoint

_LONGEST = 100_000  # characters
_ON_PATH = ("/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/local/sbin/", "/usr/sbin/", "/sbin/")
# Where a copy of a single file may have gone into a folder.
_FOLDERS = frozenset(
    ("/", "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/usr/local/sbin", "/opt", "/app", "/srv")
)


def started_script(started: Cmd | Entrypoint) -> tuple[str, str] | None:
    """The script that an exec form starts: `["/entrypoint.sh"]`, `["sh", "/entrypoint.sh"]`.

    Args:
        started: The CMD or ENTRYPOINT.

    Returns:
        Its path as written and its text; None where it starts something else, or nobody knows the text.
    """
    if started.form != "exec" or not started.args:
        return None
    words = [word.text for word in started.args]
    name = words[0]
    if base_name(name) in SHELLS:
        options = len(words) > 1 and words[1].startswith("-")
        if len(words) < 2 or options:
            return None
        name = words[1]
    text = text_of(started.stage, name)
    return (name, text) if text is not None else None


def text_of(stage: Stage, name: str) -> str | None:
    """The text of a file of the image that COPY, ADD or RUN bring.

    Args:
        stage: The stage at whose end it is asked for.
        name: A path, relative to the working directory, or the name of a program on the PATH.

    Returns:
        None when it comes from elsewhere, or is longer than 100,000 characters.
    """
    if not name or "$" in name:
        return None
    if "/" in name:
        cwd = stage.symbolic_workdir_at(stage.instructions[-1], after=True) if stage.instructions else None
        path = resolve(name, cwd)
        paths: tuple[str, ...] = (path,) if path is not None else ()
    else:
        paths = tuple(folder + name for folder in _ON_PATH)
    for instruction in reversed(list(stage.chain_instructions())):
        if isinstance(instruction, Run) and name.rpartition("/")[2] in instruction.body.text:
            for each in written(instruction):
                if each.path in paths:
                    return each.text if len(each.text) <= _LONGEST else None
        elif isinstance(instruction, Copy):
            for path in paths:
                found, text = _copied(instruction, path)
                if found:
                    return text
    return None


def _copied(copy: Copy, path: str) -> tuple[bool, str | None]:
    """Whether a copy brings a file, and its text when it is known."""
    context = copy.file.context
    for effect in copy_effects(copy, set(_FOLDERS)):
        goal, origin = effect.path, effect.origin
        if goal is None or origin is None or not (is_below(path, goal) if effect.tree else path == goal):
            continue
        if origin.startswith("<<"):
            heredoc = next(each for each in copy.heredocs if each.name == origin[2:])
            return True, heredoc.content if len(heredoc.content) <= _LONGEST else None
        if copy.origin is not None or "://" in origin or context is None:
            return not effect.tree, None
        source = origin if not effect.tree else f"{origin}/{path[len(goal) :].lstrip('/')}"
        text = context.read_text(source, _LONGEST)
        if text is not None or not effect.tree:
            return True, text
    return False, None


def read_script(text: str) -> Script | None:
    """The shell model of a script that stands in a file of its own.

    Args:
        text: Its text.

    Returns:
        None when no shell runs it, by its `#!` line, or any of it cannot be read.
    """
    marker = "END"
    while marker in text:
        marker += "_"
    text = text.replace("\r\n", "\n")
    file = Dockerfile(Source(f"FROM scratch\nRUN <<{marker}\n{text}\n{marker}\n"))
    run = file.instructions[-1]
    if not isinstance(run, Run) or len(run.scripts) != 1:
        return None
    script = run.scripts[0]
    return script if script.dialect in SHELLS and not script.opaque else None
