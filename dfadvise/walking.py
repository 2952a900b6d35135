"""The Dockerfiles that a folder holds, but for what git ignores and the configuration excludes."""

from __future__ import annotations

import os

from dfadvise.discovery import PLAIN, Found, is_candidate, is_dockerfile, program_on_path, reported, repository_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.discovery import Excludes, Skipped

SKIPPED_FOLDERS = frozenset((".git", "node_modules", ".venv"))
# What a git hook sets for its own git commands.
HOOK_VARIABLES = frozenset(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"))
GIT_SECONDS = 60


def in_folder(folder: str, excludes: Excludes | None, seen: set[str], skipped: Skipped, git: bool) -> Iterator[Found]:
    """The files of a directory that was named; see `discovery.find`."""
    root = os.path.realpath(folder)
    repository = repository_of(root)
    before = len(skipped)
    try:
        candidates = _walk(folder, root, repository, excludes, skipped)
    except OSError as problem:
        yield Found(folder, reported(folder), f"cannot be read: {problem.strerror}")
        return
    ignored = _ignored(root, candidates) if git else set()
    found: dict[str, str] = {}
    links: list[str] = []
    for relatives in candidates.values():
        for relative in relatives:
            path = os.path.join(folder, relative)
            if relative in ignored or os.path.join(root, relative) in candidates:
                continue
            if os.path.islink(path):
                links.append(relative)
            elif _fits(path):
                found[os.path.join(root, relative)] = relative
    # A link is a further name of a file; it counts where the walk does not find that file by its own name.
    for relative in sorted(links):
        real = os.path.realpath(os.path.join(root, relative))
        if not real.startswith(os.path.join(repository or root, "")):
            skipped.append((reported(os.path.join(folder, relative)), "a link that leads out of the tree"))
        elif real not in found and _fits(os.path.join(root, relative)):
            found[real] = relative
    if not found and len(skipped) == before:
        yield Found(folder, reported(folder), "no Dockerfile found in this directory")
    prefix = "" if folder == "." else os.path.join(folder, "")
    for real, relative in sorted(found.items(), key=lambda pair: pair[1].split(os.sep)):
        if real not in seen:
            seen.add(real)
            yield Found(prefix + relative, reported(prefix + relative))


def _fits(path: str) -> bool:
    return os.path.basename(path) in PLAIN or is_dockerfile(path)


def _walk(folder: str, root: str, repository: str, excludes: Excludes | None, skipped: Skipped) -> dict[str, list[str]]:
    """The relative paths with a fitting name, by the root of the repository they are in ("" for none).

    The list of an outer repository also names the roots of those within it, which it may ignore as a whole.
    """
    candidates: dict[str, list[str]] = {repository: []}
    pending = [("", repository)]
    while pending:
        relative, repository = pending.pop()
        try:
            with os.scandir(os.path.join(folder, relative)) as scan:
                entries = list(scan)
        except OSError:
            if not relative:
                raise
            continue
        if relative and any(entry.name == ".git" for entry in entries):
            candidates[repository].append(relative)
            repository = os.path.join(root, relative)
            candidates[repository] = []
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name in SKIPPED_FOLDERS if is_folder else not is_candidate(entry.name):
                continue
            inner = os.path.join(relative, entry.name)
            path = os.path.join(folder, inner)
            if not is_folder and not os.path.isfile(path):
                continue
            if excludes is not None and excludes(path):
                skipped.append((reported(path), "excluded by the configuration"))
            elif is_folder:
                pending.append((inner, repository))
            else:
                candidates[repository].append(inner)
    return candidates


def _ignored(root: str, candidates: dict[str, list[str]]) -> set[str]:
    """Those of the candidates, relative to the root, that git ignores; none when git cannot say.

    One call a repository that has candidates. A tracked file is not ignored, whatever the patterns say, and
    nothing is when the root itself, which the user named, is ignored.
    """
    ignored: set[str] = set()
    program = None
    outer: list[str] = []
    for repository, relatives in candidates.items():
        if any(os.path.join(repository, "").startswith(folder) for folder in outer):
            # The repository around this one ignores it.
            ignored.update(relatives)
            continue
        if not repository or not relatives:
            continue
        program = program or program_on_path("git")
        if program is None:
            return set()
        names = {
            os.fsencode(os.path.relpath(os.path.join(root, relative), repository)): relative for relative in relatives
        }
        above = root.startswith(os.path.join(repository, ""))
        if above:
            names[os.fsencode(os.path.relpath(root, repository))] = ""
        hits = {names[name] for name in _check_ignore(program, repository, names) if name in names}
        if "" in hits:
            return set()
        ignored |= hits
        outer += [os.path.join(root, hit, "") for hit in hits if os.path.join(root, hit) in candidates]
    return ignored


def _check_ignore(program: str, repository: str, names: Iterable[bytes]) -> list[bytes]:
    from subprocess import DEVNULL, PIPE, SubprocessError, run

    # A repository's settings may name a program to watch its files: not while we only look at it.
    command = [program, "-c", "core.fsmonitor=false", "-C", repository, "check-ignore", "--stdin", "-z"]
    environment = {key: value for key, value in os.environ.items() if key not in HOOK_VARIABLES}
    try:
        done = run(
            command,
            input=b"\0".join(names) + b"\0",
            stdout=PIPE,
            stderr=DEVNULL,
            env=environment,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, SubprocessError):
        return []
    return done.stdout.split(b"\0")
