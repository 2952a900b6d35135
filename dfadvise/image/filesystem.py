"""The file system of an image: layers applied in order, and what each of them adds, changes and hides.

Source: the OCI image layer specification 1.1 (whiteouts, opaque folders, hard links), read 2026-11-24. A whiteout hides
what lower layers have, never what its own layer has. As overlay file systems have it, a folder that a layer only
implies takes the place of a link or file below it.
"""

from __future__ import annotations

from dfadvise.image.stream import ArchiveError
from dfadvise.image.tar import FILE, FOLDER, HARD_LINK, LINK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from dfadvise.image.layer import Entry, Layer

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
_AUFS = ".wh..wh."  # the bookkeeping of an old storage driver

DELETED, OVERWRITTEN, METADATA = "deleted", "overwritten", "metadata"

MOST_LINKS = 40
MOST_FOLDERS = 1_000_000  # a single long path implies many
ALL_READABLE = (0o755, 0, 0, False)


class Stored:
    """The content of a file, as one layer stores it.

    Attributes:
        path: The path it was stored under.
        size: Bytes.
        content: The beginning of its digest.
        access: (mode, uid, gid, capabilities).
        layer: The index of the layer.
        links: By how many paths it can be seen.
        cause: Why it cannot be seen any more: DELETED, OVERWRITTEN or METADATA (stored again with the same
            content); empty while it can.
        hidden_by: The index of the layer that hides it.
        owner: What made use of it: a package, see `packages`.
    """

    __slots__ = ("access", "cause", "content", "hidden_by", "layer", "links", "owner", "path", "size")

    def __init__(self, entry: Entry, layer: int) -> None:
        self.path = entry.path
        self.size = entry.size
        self.content = entry.content
        self.access = entry.access
        self.layer = layer
        self.links = 1
        self.cause = ""
        self.hidden_by: int | None = None
        self.owner: object = None


class Other:
    """A link (with its target), a device or a pipe."""

    __slots__ = ("access", "layer", "link")

    def __init__(self, link: str, access: tuple[int, int, int, bool], layer: int) -> None:
        self.link = link
        self.access = access
        self.layer = layer


class Folder:
    """A folder, with what can be seen in it by name."""

    __slots__ = ("access", "children", "layer")

    def __init__(self, access: tuple[int, int, int, bool], layer: int) -> None:
        self.children: dict[str, Folder | Stored | Other] = {}
        self.access = access
        self.layer = layer


class Change:
    """What one layer does.

    Attributes:
        size: Bytes that it stores.
        added: Bytes under paths that were not there before.
        modified: Bytes under paths that were, those of `metadata` included.
        metadata: Bytes that it stores again with the same content.
        added_files, modified_files, metadata_files: The same in files.
        removed: Paths that it removes, without what lies below them.
        removed_bytes: Bytes that nobody can see any more because of that.
    """

    __slots__ = (
        *("added", "added_files", "metadata", "metadata_files", "modified", "modified_files"),
        *("removed", "removed_bytes", "size"),
    )

    def __init__(self) -> None:
        self.size = self.added = self.modified = self.metadata = 0
        self.added_files = self.modified_files = self.metadata_files = 0
        self.removed: list[str] = []
        self.removed_bytes = 0


class FileSystem:
    """The file system of an image, growing layer by layer.

    Attributes:
        root: The root folder.
        changes: What each layer does.
        hidden: The contents that nobody can see any more.
        size: Bytes that all layers store.
        watched: What was stored under the paths that someone asked about, by layer and path.
    """

    __slots__ = ("_folders", "_layer", "_recent", "changes", "hidden", "root", "size", "watched")

    def __init__(self) -> None:
        self.root = Folder(ALL_READABLE, -1)
        self.changes: list[Change] = []
        self.hidden: list[Stored] = []
        self.size = 0
        self.watched: dict[tuple[int, str], Stored] = {}
        self._layer = -1
        self._folders = 0
        # What whiteouts of the layer at hand took away.
        self._recent: dict[str, Stored] = {}

    @property
    def visible(self) -> int:
        """Bytes that can be seen."""
        return self.size - sum(each.size for each in self.hidden)

    def apply(self, layer: Layer, watch: Container[str] = ()) -> Change:
        """Put a layer on top.

        Args:
            layer: The layer.
            watch: Paths whose contents are to be found in `watched` afterwards.

        Raises:
            ArchiveError: It has too many folders.
        """
        self._layer += 1
        change = Change()
        self.changes.append(change)
        before = len(self.hidden)
        plain: list[Entry] = []
        removed: list[str] = []
        for entry in layer.entries:
            folder, _, name = entry.path.rpartition("/")
            if not name.startswith(WHITEOUT):
                if WHITEOUT not in folder or not _is_bookkeeping(folder):
                    plain.append(entry)
            elif name == OPAQUE:
                removed += self._empty(folder)
            elif not name.startswith(_AUFS) and len(name) > len(WHITEOUT):
                path = f"{folder}/{name[len(WHITEOUT) :]}".lstrip("/")
                if self._detach(path):
                    removed.append(path)
        for entry in plain:
            stored = self._add(entry, change)
            if stored is not None and entry.path in watch:
                self.watched[self._layer, entry.path] = stored
        for stored in self._recent.values():
            self._hide(stored, DELETED)
        self._recent = {}
        change.removed = sorted({path for path in removed if self.find(path) is None})
        change.removed_bytes = sum(each.size for each in self.hidden[before:] if each.cause == DELETED)
        change.size = change.added + change.modified
        self.size += change.size
        return change

    def find(self, path: str) -> Folder | Stored | Other | None:
        """What can be seen under a path, without following links."""
        node: Folder | Stored | Other | None = self.root
        for name in path.split("/") if path else ():
            if not isinstance(node, Folder):
                return None
            node = node.children.get(name)
            if node is None:
                return None
        return node

    def resolve(self, path: str) -> str | None:
        """The path without links to folders on the way; None when it leads nowhere."""
        pending = path.split("/")[::-1] if path else []
        trail: list[tuple[str, Folder]] = [("", self.root)]
        followed = 0
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if len(trail) > 1:
                    trail.pop()
                continue
            node = trail[-1][1].children.get(name)
            if isinstance(node, Folder):
                trail.append((name, node))
            elif isinstance(node, Other) and node.link and pending:
                followed += 1
                if followed > MOST_LINKS:
                    return None
                if node.link.startswith("/"):
                    del trail[1:]
                pending += node.link.split("/")[::-1]
            elif node is None or pending:
                return None
            else:
                return "/".join([*(each for each, _ in trail[1:]), name])
        return "/".join([each for each, _ in trail[1:]])

    def walk(self) -> Iterator[tuple[str, Folder | Stored | Other]]:
        """Everything that can be seen, with its path, in the order of names."""
        pending: list[tuple[str, Folder]] = [("", self.root)]
        while pending:
            prefix, folder = pending.pop()
            folders = []
            for name in sorted(folder.children):
                child = folder.children[name]
                path = prefix + name
                yield path, child
                if isinstance(child, Folder):
                    folders.append((path + "/", child))
            pending += reversed(folders)

    def _add(self, entry: Entry, change: Change) -> Stored | None:
        parent, _, name = entry.path.rpartition("/")
        if not name:
            self.root.access = entry.access
            return None
        folder = self._folder(parent)
        old = folder.children.get(name)
        if entry.kind == FOLDER:
            if isinstance(old, Folder):
                old.access = entry.access
                return None
            folder.children[name] = self._made(entry.access)
            self._replace(old, None)
            return None
        if entry.kind == HARD_LINK:
            target = self.find(entry.link)
            if isinstance(target, Stored):
                if target is not old:
                    target.links += 1
                    folder.children[name] = target
                    self._replace(old, target)
                    self._replace_recent(entry.path, target)
                return None
        if entry.kind != FILE:
            link = entry.link if entry.kind == LINK else ""
            folder.children[name] = Other(link, entry.access, self._layer)
            self._replace(old, None)
            return None
        stored = Stored(entry, self._layer)
        folder.children[name] = stored
        self._replace(old, stored)
        before = self._replace_recent(entry.path, stored) or old
        if before is None or before.layer == self._layer:
            change.added += stored.size
            change.added_files += 1
            return stored
        change.modified += stored.size
        change.modified_files += 1
        if isinstance(before, Stored) and _is_same(before, stored):
            change.metadata += stored.size
            change.metadata_files += 1
        return stored

    def _folder(self, path: str) -> Folder:
        """A folder, made where it is not there."""
        folder = self.root
        for name in path.split("/") if path else ():
            child = folder.children.get(name)
            if not isinstance(child, Folder):
                made = self._made(ALL_READABLE)
                folder.children[name] = made
                self._replace(child, None)
                child = made
            folder = child
        return folder

    def _made(self, access: tuple[int, int, int, bool]) -> Folder:
        self._folders += 1
        if self._folders > MOST_FOLDERS:
            raise ArchiveError(f"holds more than {MOST_FOLDERS} folders")
        return Folder(access, self._layer)

    def _replace(self, old: Folder | Stored | Other | None, new: Stored | None) -> None:
        if isinstance(old, Stored):
            self._release(old, METADATA if new is not None and _is_same(old, new) else OVERWRITTEN)
        elif isinstance(old, Folder):
            for _, stored in _contents("", old):
                self._release(stored, DELETED)

    def _replace_recent(self, path: str, new: Stored) -> Stored | None:
        """What a whiteout of this very layer took away under a path that the layer has too."""
        old = self._recent.pop(path, None)
        if old is not None:
            self._hide(old, METADATA if _is_same(old, new) else OVERWRITTEN)
        return old

    def _empty(self, path: str) -> list[str]:
        """Take everything out of a folder; the paths of what was in it."""
        folder = self.find(path)
        if not isinstance(folder, Folder):
            return []
        names = list(folder.children)
        prefix = f"{path}/" if path else ""
        for name in names:
            self._take(folder, name, prefix + name)
        return [prefix + name for name in names]

    def _detach(self, path: str) -> bool:
        parent, _, name = path.rpartition("/")
        folder = self.find(parent)
        if not isinstance(folder, Folder) or name not in folder.children:
            return False
        self._take(folder, name, path)
        return True

    def _take(self, folder: Folder, name: str, path: str) -> None:
        node = folder.children.pop(name)
        for inner, stored in _contents(path, node):
            stored.links -= 1
            if not stored.links:
                self._recent[inner] = stored

    def _release(self, stored: Stored, cause: str) -> None:
        stored.links -= 1
        if not stored.links:
            self._hide(stored, cause)

    def _hide(self, stored: Stored, cause: str) -> None:
        stored.cause = cause
        stored.hidden_by = self._layer
        self.hidden.append(stored)


def _contents(path: str, node: Folder | Stored | Other) -> Iterator[tuple[str, Stored]]:
    """The files below a node, with their paths."""
    pending: list[tuple[str, Folder | Stored | Other]] = [(path, node)]
    while pending:
        place, each = pending.pop()
        if isinstance(each, Stored):
            yield place, each
        elif isinstance(each, Folder):
            pending += [(f"{place}/{name}", child) for name, child in each.children.items()]


def _is_same(old: Stored, new: Stored) -> bool:
    return old.size == new.size and old.content == new.content


def _is_bookkeeping(folder: str) -> bool:
    return any(part.startswith(_AUFS) for part in folder.split("/"))
