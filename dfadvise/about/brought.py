"""What COPY, ADD and bind mounts bring from the build context, and where it lies in the image."""

from __future__ import annotations

from posixpath import basename, dirname

from dfadvise.base.provisions import PROGRAM_FOLDERS
from dfadvise.gopath import has_wildcard
from dfadvise.layers import copy_effects, copy_target
from dfadvise.managers.cachedirs import target_of
from dfadvise.managers.dependencies import dependencies
from dfadvise.managers.manifests import QUIET, SOURCE, brings, is_manifest, kind_of
from dfadvise.memory import remembered
from dfadvise.paths import is_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.about.needs import Need
    from dfadvise.managers.dependencies import Dependencies
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Copy, Instruction, Run

FOLDERS = frozenset(
    "/ /tmp /root /app /src /etc /opt /var /home /usr/local/bin /usr/src/app /usr/bin /code /workspace".split()
)
# Where the system's own settings are: what is copied there may be meant for the next install.
_SETTINGS = (
    "/etc",
    "/usr/sbin/policy-rc.d",
    "/usr/share/keyrings",
    "/usr/local/share/ca-certificates",
    "/usr/local/etc",
    "/var/cache",
)


class Brought:
    """What one source word brings into the stage.

    Attributes:
        instruction: The COPY, ADD, or RUN with the bind mount.
        span: The word.
        source: The path in the context, or a wildcard; None when it is not known.
        target: The absolute path; None when it is not known.
        tree: Whether everything below the target comes with it.
        kinds: The kinds of files, see dfadvise.managers.manifests.
    """

    __slots__ = ("instruction", "kinds", "source", "span", "target", "tree")

    def __init__(
        self,
        instruction: Instruction,
        span: Span,
        source: str | None,
        target: str | None,
        tree: bool,
        kinds: set[str],
    ) -> None:
        self.instruction = instruction
        self.span = span
        self.source = source
        self.target = target
        self.tree = tree
        self.kinds = kinds

    def __repr__(self) -> str:
        return f"Brought({self.source} -> {self.target}{'/**' if self.tree else ''} {sorted(self.kinds)})"

    @property
    def is_source(self) -> bool:
        """Whether files that are edited often are among them, and no settings of the system."""
        if SOURCE not in self.kinds:
            return False
        target = self.target
        if target is None:
            return True
        hidden = target.startswith(("/root/.", "/home/")) and "/." in target
        return (
            not (target == "/" and self.tree) and not hidden and not any(is_below(target, each) for each in _SETTINGS)
        )

    def place_of(self, path: str) -> str | None:
        """The path in the context of a path in the image; None when it is not of this copy."""
        if self.target is None or self.source is None or not self.covers(path):
            return None
        if not self.tree:
            return self.source if not has_wildcard(self.source) else None
        rest = path[len(self.target.rstrip("/")) + 1 :]
        if has_wildcard(self.source):
            return f"{dirname(self.source)}/{rest}".lstrip("/") if self.source.endswith("*") else None
        source = "" if self.source == "." else self.source
        return f"{source}/{rest}".strip("/") or "."

    def covers(self, path: str) -> bool:
        """Whether a path may be of this copy."""
        if self.target is None:
            return False
        return is_below(path, self.target) if self.tree else path == self.target


class Places:
    """Where things came to in the image, so that a path is looked up without going through all of them."""

    __slots__ = ("above", "files", "names", "prefixes", "trees", "unknown")

    def __init__(self, brought: Iterable[Brought] = ()) -> None:
        self.files: set[str] = set()
        self.trees: set[str] = set()
        self.above: set[str] = set()
        # Of files that came, and what the names of those from a wildcard begin with.
        self.names: set[str] = set()
        self.prefixes: set[str] = set()
        # Whether the place of anything is not known, or hangs on a directory that is not.
        self.unknown = False
        for each in brought:
            self.add(each)

    def add(self, each: Brought) -> None:
        """Take one more into account."""
        target = each.target
        name = basename(each.source or "")
        if has_wildcard(name):
            self.prefixes.add(name[: next(at for at, char in enumerate(name) if char in "*?[\\")])
        else:
            self.names.add(name)
        if target is None:
            self.unknown = True
            return
        self.names.add(basename(target))
        self.unknown = self.unknown or "$" in target
        (self.trees if each.tree else self.files).add(target)
        self.above.update(_ancestors(target))

    def covers(self, path: str) -> bool:
        """Whether a path may be of something that came."""
        return path in self.files or path in self.trees or any(folder in self.trees for folder in _ancestors(path))

    def may_hold_program(self, program: str) -> bool:
        """Whether a program of that name may have come."""
        if program in self.names or any(program.startswith(prefix) for prefix in self.prefixes):
            return True
        return not self.trees.isdisjoint(PROGRAM_FOLDERS) or "/" in self.trees

    def touches(self, path: str) -> bool:
        """Whether a path may be of something that came, or something came below it."""
        return path in self.above or self.covers(path)


def _ancestors(path: str) -> Iterator[str]:
    """The folders above a path."""
    while path not in ("/", ""):
        path = path.rpartition("/")[0] or "/"
        yield path


def brought_by(copy: Copy) -> list[Brought]:
    """What a COPY or ADD brings from the context; worked out once a file."""
    memo = remembered(copy.file)
    slot = ("brought.brought", id(copy))
    if slot not in memo:
        memo[slot] = _brought_by(copy) if copy.origin is None else []
    found: list[Brought] = memo[slot]
    return found


def _brought_by(copy: Copy) -> list[Brought]:
    found: list[Brought] = []
    effects = copy_effects(copy, set(FOLDERS))
    if not effects and not copy.heredocs:
        target, _ = copy_target(copy)
        for word in copy.sources:
            source = copy.expand(word.text)
            kinds = brings(copy, source) if source is not None else _by_name(word.text)
            found.append(Brought(copy, word.span, source, target, True, kinds))
    for effect in effects:
        origin = effect.origin
        word_text = copy.file.source.slice(effect.span)
        if effect.kind == "downloads" or (origin or "").startswith("<<") or "://" in word_text:
            continue
        kinds = brings(copy, origin) if origin is not None else _by_name(word_text)
        unpacked = copy.keyword == "ADD" and kinds == {QUIET}
        found.append(Brought(copy, effect.span, origin, effect.path, effect.tree or unpacked, kinds))
    return found


def mounted_by(run: Run) -> list[Brought]:
    """What the bind mounts of a RUN bring from the context."""
    found: list[Brought] = []
    for mount in run.mounts:
        if mount.type != "bind" or "from" in mount.options:
            continue
        source = run.expand(mount.options.get("source", "."))
        kinds = brings(run, source) if source is not None else set()
        tree = source is None or SOURCE in kinds
        found.append(Brought(run, mount.flag.span, source, target_of(run, mount), tree, kinds))
    return found


def _by_name(word: str) -> set[str]:
    """The kind of a source whose folder is not known; nothing when its name is not known either."""
    name = basename(word.strip("\"' "))
    return {kind_of(name)} if "." in name and "$" not in name else set()


def is_credible(run: Run) -> bool:
    """Whether the context is named, or a guess with more in it than Dockerfiles."""
    context = run.file.context
    if context is None or context.known:
        return context is not None
    names = (basename(each.path).lower() for each in context.files()[:50] if not each.is_dir)
    return any("dockerfile" not in name and name != ".dockerignore" for name in names)


def known_dependencies(run: Run, need: Need, brought: list[Brought]) -> Dependencies | None:
    """What the context says of the manifests that a command reads; None when it is not known which they are."""
    context = run.file.context
    action = need.action
    if context is None or action is None or need.folder is None:
        return None
    if need.paths:
        named = [place_of(path, brought) for path in need.paths]
        if any(path is None for path in named):
            return None
        return dependencies(action.manager, context, ".", tuple(path for path in named if path is not None))
    folder = place_of(need.folder, brought) or _folder_of_manifests(need.folder, brought)
    return None if folder is None else dependencies(action.manager, context, folder)


def _folder_of_manifests(folder: str, brought: list[Brought]) -> str | None:
    """The folder of the context whose manifests are copied into a folder by name."""
    for each in reversed(brought):
        if each.target is None or not each.source or dirname(each.target) != folder:
            continue
        if is_manifest(each.source) and basename(each.source) == basename(each.target):
            return dirname(each.source) or "."
    return None


def place_of(path: str, brought: list[Brought]) -> str | None:
    """The path in the context of a path in the image; None when no copy brought it."""
    for each in reversed(brought):
        place = each.place_of(path)
        if place is not None:
            return place
    return None
