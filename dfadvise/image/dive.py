"""The score that dive gives, so that its thresholds can be carried over.

dive adds up, for every path, the sizes of all its versions and the least of them. A removed folder counts with its
content, in both sums; a removed file counts as nothing; opaque folders are not seen. Source: dive's own behaviour,
version 0.13 of May 2025, read 2026-11-24. What it means for an image is another matter: see `filesystem`.
"""

from __future__ import annotations

from dfadvise.image.filesystem import WHITEOUT
from dfadvise.image.tar import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.image.layer import Entry, Layer

_IGNORED = ".wh..wh."


class _Node:
    """What has children, or is a folder; a plain file is its size."""

    __slots__ = ("children", "folder", "size")

    def __init__(self, size: int = 0, folder: bool = False) -> None:
        self.size = size
        self.folder = folder
        self.children: dict[str, _Node | int] = {}


class Score:
    """dive's numbers for an image, growing layer by layer.

    Attributes:
        size: Σ sizes of all files of all layers.
        user_size: The same without the lowest layer.
    """

    __slots__ = ("_layers", "_root", "_seen", "size", "user_size")

    def __init__(self) -> None:
        self.size = 0
        self.user_size = 0
        self._layers = 0
        self._root = _Node(folder=True)
        # (sum, least, times); only the size for a path seen once.
        self._seen: dict[str, int | tuple[int, int, int]] = {}

    @property
    def efficiency(self) -> float:
        """Σ least sizes / Σ all sizes, 1 for nothing at all."""
        total = least = 0
        for each in self._seen.values():
            total += each if isinstance(each, int) else each[0]
            least += each if isinstance(each, int) else each[1]
        return least / total if total else 1.0

    @property
    def wasted(self) -> int:
        """Bytes of all versions of the paths that are there more than once."""
        return sum(each[0] for each in self._seen.values() if not isinstance(each, int))

    @property
    def user_wasted(self) -> float | None:
        """`wasted` / `user_size`; None for an image of one layer, where dive divides by zero."""
        return self.wasted / self.user_size if self.user_size else None

    def add(self, layer: Layer) -> None:
        """Count a layer."""
        own: dict[str, Entry | None] = {}
        # Digests: a long path has many folders with long names.
        folders: set[int] = set()
        size = 0
        for entry in layer.entries:
            size += entry.size
            self._collect(entry, own, folders)
        self.size += size
        if self._layers:
            self.user_size += size
        leaves = [path for path in own if hash(path) not in folders]
        whiteouts = [path for path in leaves if path.rpartition("/")[2].startswith(WHITEOUT)]
        if not self._layers:
            self._graft(own)
        self._count(leaves, whiteouts, own)
        for path in whiteouts:
            self._remove(_hidden_path(path))
        if self._layers:
            self._graft(own)
        self._layers += 1

    def _collect(self, entry: Entry, own: dict[str, Entry | None], folders: set[int]) -> None:
        path = entry.path
        if not path:
            return
        kept: Entry | None = entry
        if _IGNORED in path:
            parts = path.split("/")
            for at, part in enumerate(parts):
                if part.startswith(_IGNORED):
                    path, kept = "/".join(parts[:at]), None
                    break
            if not path:
                return
        if kept is not None or path not in own:
            own[path] = kept
        parent = path.rpartition("/")[0]
        while parent and (key := hash(parent)) not in folders:
            folders.add(key)
            parent = parent.rpartition("/")[0]

    def _count(self, leaves: list[str], whiteouts: list[str], own: dict[str, Entry | None]) -> None:
        nodes = {path: self._find(_hidden_path(path)) for path in whiteouts}
        if None in nodes.values():
            # A whiteout of nothing ends dive's walk through the layer.
            leaves.sort(key=lambda path: path.split("/"))
        for path in leaves:
            if path in nodes:
                node = nodes[path]
                if node is None:
                    return
                self._see(_hidden_path(path), _total(node) if isinstance(node, _Node) and node.folder else 0)
            else:
                entry = own[path]
                self._see(path, entry.size if entry is not None else 0)

    def _see(self, path: str, size: int) -> None:
        known = self._seen.get(path)
        if known is None:
            self._seen[path] = size
        elif isinstance(known, int):
            self._seen[path] = (known + size, min(known, size), 2)
        else:
            self._seen[path] = (known[0] + size, min(known[1], size), known[2] + 1)

    def _graft(self, own: dict[str, Entry | None]) -> None:
        for path, entry in own.items():
            parent, _, name = path.rpartition("/")
            if name.startswith(WHITEOUT):
                continue
            folder = self._folder(parent)
            old = folder.children.get(name)
            if entry is None:
                folder.children.setdefault(name, _Node())
            elif isinstance(old, _Node):
                old.size, old.folder = entry.size, entry.kind == FOLDER
            elif entry.kind == FOLDER:
                folder.children[name] = _Node(folder=True)
            else:
                folder.children[name] = entry.size

    def _folder(self, path: str) -> _Node:
        node = self._root
        for name in path.split("/") if path else ():
            child = node.children.get(name)
            if not isinstance(child, _Node):
                child = node.children[name] = _Node(child or 0)
            node = child
        return node

    def _find(self, path: str) -> _Node | int | None:
        node: _Node | int | None = self._root
        for name in path.split("/") if path else ():
            node = node.children.get(name) if isinstance(node, _Node) else None
            if node is None:
                return None
        return node

    def _remove(self, path: str) -> None:
        parent, _, name = path.rpartition("/")
        folder = self._find(parent)
        if isinstance(folder, _Node):
            folder.children.pop(name, None)


def _hidden_path(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + name[len(WHITEOUT) :]


def _total(node: _Node) -> int:
    total, pending = 0, [node]
    while pending:
        each = pending.pop()
        total += each.size
        for child in each.children.values():
            if isinstance(child, _Node):
                pending.append(child)
            else:
                total += child
    return total
