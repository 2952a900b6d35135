"""Who pays for which bytes: what each layer stores under a path, and what it hides or stores again of those below."""

from __future__ import annotations

from bisect import bisect_left

from dfadvise.image.filesystem import METADATA, Stored
from dfadvise.image.records import as_text
from dfadvise.paths import covers, literal_prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.image.filesystem import FileSystem

_MOST_HOMES = 1000


class Ledger:
    """What is stored where, for questions by layer and path.

    Args:
        files: The file system of the image.
        base: How many layers are of the base image; their files are asked for only where later layers hide them.
        accounts: The content of /etc/passwd, as far as any layer had one.

    Attributes:
        homes: The homes of the accounts, and the usual ones.
    """

    __slots__ = ("_hiding", "_links", "_paths", "_storing", "base", "homes")

    def __init__(self, files: FileSystem, base: int, accounts: Iterable[bytes] = ()) -> None:
        self.base = base
        self._storing: dict[int, list[Stored]] = {}
        self._hiding: dict[int, list[Stored]] = {}
        seen: set[int] = set()
        homes = files.find("home")
        usual = ["/root", *(f"/home/{name}" for name in getattr(homes, "children", ()))]
        fields = [line.split(":") for data in accounts for line in as_text(data).split("\n")]
        told = [each[5] for each in fields if len(each) > 6 and each[5].startswith("/") and each[5].strip("/")]
        self.homes = list(dict.fromkeys([*usual, *told[:_MOST_HOMES]]))
        self._links: dict[int, list[str]] = {}
        for path, node in files.walk():
            if not isinstance(node, Stored) or node.layer < base or not node.size:
                continue
            if node.links > 1:
                self._links.setdefault(id(node), []).append(f"/{path}")
            # A file that several links lead to is stored once.
            if id(node) not in seen:
                seen.add(id(node))
                self._storing.setdefault(node.layer, []).append(node)
        for node in files.hidden:
            if not node.size:
                continue
            if node.layer >= base:
                self._storing.setdefault(node.layer, []).append(node)
            if node.hidden_by is not None:
                self._hiding.setdefault(node.hidden_by, []).append(node)
        for table in (self._storing, self._hiding):
            for listed in table.values():
                listed.sort(key=lambda each: each.path)
        self._paths = {
            id(listed): [each.path for each in listed]
            for table in (self._storing, self._hiding)
            for listed in table.values()
        }

    def stored(self, layer: int, patterns: Iterable[str]) -> list[Stored]:
        """What a layer stores at or below some paths, seen or hidden later.

        Args:
            layer: Its index.
            patterns: Absolute paths; `*` stands for one name.
        """
        places = list(patterns)
        found = self._below(self._storing.get(layer, []), places)
        # What a link elsewhere leads to would stay.
        return [each for each in found if all(_is_at(places, path) for path in self._links.get(id(each), ()))]

    def hidden(self, layer: int, patterns: Iterable[str]) -> list[Stored]:
        """What a layer hides of the layers below it, as far as it could have been spared.

        What the base image stores is there whatever is done; but a file that is stored again unchanged was stored
        for nothing, wherever it came from.

        Args:
            layer: Its index.
            patterns: Absolute paths; `*` stands for one name.
        """
        listed = self._hiding.get(layer, [])
        return [each for each in self._below(listed, patterns) if each.layer >= self.base or each.cause == METADATA]

    def _below(self, listed: list[Stored], patterns: Iterable[str]) -> Iterator[Stored]:
        paths = self._paths.get(id(listed), [])
        seen: set[int] = set()
        for pattern in patterns:
            start = literal_prefix(pattern).strip("/")
            at = bisect_left(paths, start)
            while at < len(listed) and paths[at].startswith(start):
                each = listed[at]
                at += 1
                if id(each) not in seen and _is_at((pattern,), f"/{each.path}"):
                    seen.add(id(each))
                    yield each


def _is_at(patterns: Iterable[str], path: str) -> bool:
    return any(pattern == "/" or covers(pattern, path, True) for pattern in patterns)
