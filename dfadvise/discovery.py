"""Which files are Dockerfiles: names, contents, and what a folder holds.

A directory is walked; a file that is named is taken. Names of the Dockerfile family mean the same either way,
so that a runner which passes file names (pre-commit) gets the answer that a walk gives. A walk follows no
links to directories, and a linked file must lie in the repository, or without one the folder, that is walked.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Excludes = Callable[[str], bool]
    Skipped = list[tuple[str, str]]

PLAIN = frozenset(("Dockerfile", "Containerfile"))
TEMPLATES = (
    *(
        ".j2",
        ".jinja",
        ".jinja2",
        ".tera",
        ".tmpl",
        ".tpl",
        ".template",
        "-template",
        "-tmpl",
        ".erb",
        ".ejs",
    ),
    *(".in", ".m4", ".cog", ".hbs", ".handlebars", ".mustache", ".gotmpl", ".ctmpl", ".mako", ".liquid"),
)
BACKUPS = ("~", ".bak", ".backup", ".orig", ".old", ".save", ".rej", ".swp", ".swo", ".tmp")
TEMPLATE_MARKS = ("{{", "{%", "<%")
MAX_PROBE = 65536


class Found:
    """One answer of `find`.

    Attributes:
        path: The path to open; "-" is standard input.
        reported: The path to report, with `/` between folders, relative when it was given so.
        error: Why there is nothing to lint here, as one line; None for a file to lint.
    """

    __slots__ = ("error", "path", "reported")

    def __init__(self, path: str, reported: str, error: str | None = None) -> None:
        self.path = path
        self.reported = reported
        self.error = error

    def __repr__(self) -> str:
        return f"Found({self.reported!r}{', ' + repr(self.error) if self.error else ''})"


def find(
    paths: Iterable[str],
    excludes: Excludes | None = None,
    stdin_filename: str | None = None,
    skipped: Skipped | None = None,
    git: bool = True,
) -> Iterator[Found]:
    """Find the files to lint, each once: the paths in their order, each directory's files sorted by path.

    Args:
        paths: Files, directories, or "-" for standard input.
        excludes: Whether the configuration leaves out a file or folder; see `Configs.excludes`. It holds for
            files that were named, too.
        stdin_filename: What to report standard input as; "-" when left out.
        skipped: Gets (reported path, reason) for what was named, or excluded, and is not linted.
        git: Whether to leave out what git ignores (directories only; without git nothing is ignored).

    Returns:
        A `Found` for every file, and one with an error for a path that is missing or holds no Dockerfile.
    """
    seen: set[str] = set()
    if skipped is None:
        skipped = []
    for path in paths:
        if path == "-":
            if path not in seen:
                seen.add(path)
                yield Found("-", reported(stdin_filename or "-"))
            continue
        folder = os.path.isdir(path)
        if not folder and not os.path.exists(path):
            yield Found(path, reported(path), "no such file or directory")
        elif excludes is not None and excludes(path):
            skipped.append((reported(path), "excluded by the configuration"))
        elif folder:
            from dfadvise.walking import in_folder

            yield from in_folder(path, excludes, seen, skipped, git)
        elif (reason := not_linted(path)) is not None:
            skipped.append((reported(path), reason))
        elif (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            yield Found(path, reported(path))


def reported(path: str) -> str:
    """The path as findings show it: `/` between folders, no `./` in front."""
    if os.sep != "/":
        path = path.replace(os.sep, "/")
    while path.startswith("./") and len(path) > 2:
        path = path[2:].lstrip("/")
    return path


def read_list(path: str) -> list[str]:
    """The paths in a file for `--files-from`: one a line, or between NULs; "-" reads standard input.

    Raises:
        OSError: The file cannot be read.
    """
    stdin = path == "-"
    with open(0 if stdin else path, "rb", closefd=not stdin) as file:
        data = file.read()
    parts = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [os.fsdecode(part) for part in parts if part.strip()]


def not_linted(path: str) -> str | None:
    """Why a file that was named is not linted; None when it is.

    Only names of the Dockerfile family are judged; whoever names any other file means it as a Dockerfile.
    """
    name = os.path.basename(path)
    if name in PLAIN:
        return None
    # pre-commit takes a file for a Dockerfile when one part of its name between dots is "Dockerfile".
    if not _in_family(name) and PLAIN.isdisjoint(name.removesuffix("~").split(".")):
        return "an ignore file by its name" if name.endswith(".dockerignore") else None
    reason = set_aside(name)
    if reason is None and not is_dockerfile(path):
        reason = "its content is no Dockerfile"
    return reason


def set_aside(name: str) -> str | None:
    """What the end of a name says that a file is instead of a Dockerfile; None when it says nothing."""
    lower = name.lower()
    if lower.endswith(".dockerignore"):
        return "an ignore file by its name"
    if lower.endswith(TEMPLATES):
        return "a template by its name"
    if lower.endswith(BACKUPS):
        return "a backup by its name"
    return None


def is_candidate(name: str) -> bool:
    """Whether a walk looks at a file of this name."""
    return name in PLAIN or (_in_family(name) and set_aside(name) is None)


def _in_family(name: str) -> bool:
    return (
        name.startswith(("Dockerfile.", "Dockerfile-", "Containerfile"))
        or name.endswith((".Dockerfile", ".dockerfile", ".containerfile"))
        or name in ("Dockerfile", "dockerfile")
    )


def is_dockerfile(path: str) -> bool:
    """Whether a file's first instruction, looked for in its first 64 KiB, is one a Dockerfile begins with.

    What cannot be read, or not twice (a pipe), counts as one: its trouble is reported and not hidden.
    """
    if not os.path.isfile(path):
        return True
    try:
        with open(path, "rb") as file:
            head = file.read(MAX_PROBE)
    except OSError:
        return True
    return begins_as_dockerfile(head)


def begins_as_dockerfile(head: bytes) -> bool:
    """As `is_dockerfile`, for the first bytes of a file."""
    if b"\0" in head:
        return False
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    top = True
    for line in text.split("\n"):
        line = line.strip()
        if line.startswith("#"):
            name, _, value = line[1:].partition("=")
            if top and value and name.strip().lower() in ("syntax", "escape", "check"):
                return True
            top = top and line.startswith("#!")
        elif line:
            return _begins(line)
        else:
            top = False
    return False


def _begins(line: str) -> bool:
    """Whether a line is a FROM or ARG, and not a template, prose or Python that starts alike."""
    words = line.split()
    keyword = words[0].upper()
    operands = [word for word in words[1:] if not word.startswith("--")]
    if keyword not in ("FROM", "ARG") or not operands or any(mark in line for mark in TEMPLATE_MARKS):
        return False
    if operands[-1] in ("\\", "`"):
        return True
    if keyword == "ARG":
        return operands[0][0].isalpha() or operands[0][0] == "_"
    return words[0] == "FROM" or len(operands) == 1 or (len(operands) == 3 and operands[1].lower() == "as")


def repository_of(folder: str) -> str:
    """The nearest folder at or above this one that holds `.git`; "" when there is none."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent
    return folder


def program_on_path(name: str) -> str | None:
    """A program on PATH; never one in the working directory, which may be what is linted."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, f"{name}.exe" if os.name == "nt" else name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None
