"""Which lines of a Dockerfile have changed since a revision of its git repository.

The revision's side is read with git's plumbing, the other side is the file as it is; lines are compared here. So
neither a diff program, a text conversion nor a filter that a repository sets up is run.
"""

from __future__ import annotations

import os
from bisect import bisect_left

from dfadvise.discovery import program_on_path, repository_of
from dfadvise.ordered import longest_row
from dfadvise.walking import GIT_SECONDS, HOOK_VARIABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.results import FileResult
    from dfadvise.rule import Finding
    from dfadvise.source import Source

LARGEST = 32 << 20  # bytes of an old version; a larger one counts as another file
_AT_ONCE = 200  # paths on a command line
_CELLS = 250_000  # line pairs that are compared one by one
# What a repository's settings or an environment could have git run or fetch.
SETTINGS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false", "diff.external=")
ENVIRONMENT = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


class ChangesError(Exception):
    """There is no telling what has changed; the text says why, as one line."""


class Changed:
    """The changed lines of one file.

    Args:
        lines: The lines that are new or other ones than before, counted from 1; None when all are.
        gaps: The lines behind which lines were taken out, 0 for the start.
    """

    __slots__ = ("_gaps", "_lines")

    def __init__(self, lines: Iterable[int] | None = None, gaps: Iterable[int] = ()) -> None:
        self._lines = None if lines is None else sorted(lines)
        self._gaps = sorted(gaps)

    def meets(self, first: int, last: int) -> bool:
        """Whether any line from the first to the last has changed, or one between them is gone."""
        if self._lines is None:
            return True
        at = bisect_left(self._lines, first)
        if at < len(self._lines) and self._lines[at] <= last:
            return True
        at = bisect_left(self._gaps, first)
        return at < len(self._gaps) and self._gaps[at] < last

    def concerns(self, finding: Finding, source: Source) -> bool:
        """Whether a finding is about something that has changed.

        That is so when its instruction has changed anywhere: a build runs instructions whole, and what is wrong in one
        line of it is often brought about by another. Findings outside instructions go by their own lines. Related
        lines count, too: the change may be there, and the finding where it tells.
        """
        held = finding.instruction
        if held is not None and self.meets(held.line, held.end_line):
            return True
        spans = [finding.span, *(span for _, span in finding.related)]
        return any(self.meets(source.line(each.start), source.line(max(each.start, each.end - 1))) for each in spans)


class Changes:
    """What has changed since a revision, in whatever repositories the files are.

    The working tree is compared with the commit where the current branch left the revision (`git diff REV...`), so
    what others did since is no change; what is not committed is one. A renamed file is compared with what it was, and
    all lines of a new one have changed.

    Args:
        revision: A commit as git names them: a branch, a tag, an id.
    """

    __slots__ = ("_bases", "_old", "_program", "revision")

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._program: str | None = None
        self._bases: dict[str, tuple[str, dict[str, str]]] = {}
        self._old: dict[str, bytes | None] = {}

    def prepare(self, paths: Iterable[str]) -> None:
        """Look up the old versions of several files at once.

        Args:
            paths: Files; `-` stands for one that has no old version.

        Raises:
            ChangesError: There is no git, no repository or no such revision, or it cannot be read.
        """
        by_root: dict[str, dict[str, str]] = {}
        for path in paths:
            if path == "-" or path in self._old:
                continue
            real = os.path.realpath(path)
            root = repository_of(os.path.dirname(real))
            if not root:
                raise ChangesError(f"{path} is in no git repository")
            by_root.setdefault(root, {})[path] = os.path.relpath(real, root).replace(os.sep, "/")
        for root, names in by_root.items():
            self._read(root, names)

    def of(self, path: str, data: bytes) -> Changed:
        """The changed lines of a file.

        Args:
            path: The file.
            data: The content that is looked at.

        Raises:
            ChangesError: As `prepare`.
        """
        self.prepare([path])
        old = self._old.get(path)
        return Changed() if old is None else changed(_lines(old), _lines(data))

    def leave_out(self, result: FileResult, path: str) -> int:
        """Take the findings out of a result that are about nothing that has changed; how many these were."""
        if result.source is None or result.error is not None:
            return 0
        found = self.of(path, result.source.encode())
        source, before = result.source, len(result.findings)
        result.findings = [each for each in result.findings if found.concerns(each, source)]
        result.suppressed = [each for each in result.suppressed if found.concerns(each, source)]
        return before - len(result.findings)

    def _read(self, root: str, names: dict[str, str]) -> None:
        base, renamed = self._base(root)
        wanted = {path: renamed.get(name, name) for path, name in names.items()}
        distinct = list(dict.fromkeys(wanted.values()))
        blobs: dict[str, str] = {}
        for at in range(0, len(distinct), _AT_ONCE):
            some = distinct[at : at + _AT_ONCE]
            for line in self._git(root, "ls-tree", "-z", "-l", "--full-tree", base, "--", *some).split(b"\0"):
                meta, _, place = line.partition(b"\t")
                parts = meta.decode("ascii", "replace").split()
                # What is too large to be a Dockerfile was none.
                if len(parts) == 4 and parts[1] == "blob" and not (parts[3].isdecimal() and int(parts[3]) > LARGEST):
                    blobs[os.fsdecode(place)] = parts[2]
        texts = self._blobs(root, list(dict.fromkeys(blobs.values())))
        for path, name in wanted.items():
            self._old[path] = texts[blobs[name]] if name in blobs else None

    def _base(self, root: str) -> tuple[str, dict[str, str]]:
        """The commit to compare with, and the old names of renamed files by the new ones."""
        if root not in self._bases:
            name = f"`{self.revision}`"
            if not self.revision or self.revision.startswith("-"):
                raise ChangesError(f"{name} is no revision")
            try:
                commit = self._git(root, "rev-parse", "--verify", "--quiet", f"{self.revision}^{{commit}}")
            except ChangesError as problem:
                reason = f"no revision {name} in {root} (where a clone is shallow, git fetch brings it)"
                raise ChangesError(str(problem) or reason) from problem
            tip = commit.decode("ascii", "replace").strip()
            try:
                base = self._git(root, "merge-base", tip, "HEAD").decode("ascii", "replace").split()[0]
            except (ChangesError, IndexError) as problem:
                reason = f"no commit in common with {name} in {root} (a shallow clone lacks it: git fetch --unshallow)"
                raise ChangesError(str(problem) or reason) from problem
            self._bases[root] = base, self._renamed(root, base)
        return self._bases[root]

    def _renamed(self, root: str, base: str) -> dict[str, str]:
        options = ("--cached", "-M", "-z", "--name-status", "--diff-filter=R", "--ignore-submodules=all")
        fields = self._git(root, "diff-index", "--no-ext-diff", "--no-textconv", *options, base, "--").split(b"\0")
        return {os.fsdecode(fields[at + 2]): os.fsdecode(fields[at + 1]) for at in range(0, len(fields) - 2, 3)}

    def _blobs(self, root: str, names: list[str]) -> dict[str, bytes]:
        if not names:
            return {}
        data = self._git(root, "cat-file", "--batch", standard_input="\n".join(names).encode() + b"\n")
        found: dict[str, bytes] = {}
        at = 0
        for name in names:
            end = data.index(b"\n", at)
            head = data[at:end].split()
            if len(head) != 3:
                raise ChangesError(f"{root} lacks an object of `{self.revision}`: git fetch it")
            at = end + 1 + int(head[2])
            found[name] = data[end + 1 : at]
            at += 1
        return found

    def _git(self, root: str, *words: str, standard_input: bytes = b"") -> bytes:
        """What git says, in a repository whose settings run nothing.

        Raises:
            ChangesError: It cannot be run, or fails; with the reason that it gives, which may be empty.
        """
        from subprocess import SubprocessError, run

        self._program = self._program or program_on_path("git")
        if self._program is None:
            raise ChangesError("git is not installed")
        settings = [part for each in SETTINGS for part in ("-c", each)]
        environment = {key: value for key, value in os.environ.items() if key not in HOOK_VARIABLES}
        command = [self._program, "--no-pager", "--literal-pathspecs", *settings, "-C", root, *words]
        try:
            done = run(
                command,
                input=standard_input,
                capture_output=True,
                env={**environment, **ENVIRONMENT},
                timeout=GIT_SECONDS,
                check=False,
            )
        except (OSError, SubprocessError) as problem:
            raise ChangesError(f"git cannot be run: {problem}") from problem
        if done.returncode:
            told = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
            raise ChangesError(f"git: {told.removeprefix('fatal: ')}" if told else "")
        return done.stdout


def changed(old: list[bytes], new: list[bytes]) -> Changed:
    """The lines of a new version that are other ones than in the old.

    Lines that stand once in both versions and in the same order hold them together; what lies between these is compared
    line by line where it is short, and counts as changed where it is long.

    Args:
        old, new: The lines of both.
    """
    lines: list[int] = []
    gaps: list[int] = []
    at = begun = 0
    for old_end, new_end in [*_anchors(old, new), (len(old), len(new))]:
        _compare(old[at:old_end], new[begun:new_end], begun, lines, gaps)
        at, begun = old_end + 1, new_end + 1
    return Changed(lines, gaps)


def _compare(old: list[bytes], new: list[bytes], shift: int, lines: list[int], gaps: list[int]) -> None:
    low = 0
    while low < min(len(old), len(new)) and old[low] == new[low]:
        low += 1
    high = 0
    while high < min(len(old), len(new)) - low and old[-1 - high] == new[-1 - high]:
        high += 1
    old, new = old[low : len(old) - high], new[low : len(new) - high]
    shift += low
    if not new:
        if old:
            gaps.append(shift)
        return
    if not old or len(old) * len(new) > _CELLS:
        lines.extend(range(shift + 1, shift + len(new) + 1))
        return
    from difflib import SequenceMatcher

    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "delete":
            gaps.append(shift + start)
        elif tag != "equal":
            lines.extend(range(shift + start + 1, shift + end + 1))


def _anchors(old: list[bytes], new: list[bytes]) -> list[tuple[int, int]]:
    """The longest row of lines that stand once in each version, as places in both."""
    places = _once(old)
    pairs = [(places[line], at) for line, at in _once(new).items() if line in places]
    return longest_row(pairs)


def _once(lines: list[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for at, line in enumerate(lines):
        found[line] = -1 if line in found else at
    return {line: at for line, at in found.items() if at >= 0}


def _lines(data: bytes) -> list[bytes]:
    """The lines of a file; how they end is left to git's conversions, and so is none of the file's own."""
    return [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
