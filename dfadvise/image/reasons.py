"""Why a package is in an image: asked for, needed, recommended, there to build with, or of the base image.

Who asked is told by apt's extended_states, apk's world, the REQUESTED files of Python's projects, conda's metadata and
package.json; of rpm packages by the Dockerfile alone. A gem, or a Python project of an installer that writes no
REQUESTED, was asked for when nothing else in the image needs it. Where alternatives are there, all count as needed.
"""

from __future__ import annotations

from dfadvise.image.filesystem import Folder
from dfadvise.image.packages import APK, APK_WORLD, APT_STATES, DPKG
from dfadvise.image.records import apk_name, as_text, python_name
from dfadvise.knowledge.packages import is_build_tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from dfadvise.image.filesystem import FileSystem
    from dfadvise.image.packages import Package
    from dfadvise.image.records import Record

BASE, ASKED, NEEDED, RECOMMENDED, TO_BUILD, DEVELOPMENT = (
    *("base image", "asked for", "dependency", "recommended", "build-only", "development"),
)
# The names that the linter's tables have for them.
MANAGERS = {"dpkg": "apt", "apk": "apk", "rpm": "dnf"}


class Reasons:
    """Why the packages of an image are there; each package is told its own reason.

    Args:
        files: The file system of the image.
        packages: Its packages.
        found: What `packages.takes` gave, by layer and path.
        base: How many layers are of the base image.
        named: The packages that the instructions of a Dockerfile install by name, by the linter's name of the manager;
            None without one.
    """

    __slots__ = ("_base", "_by_manager", "_files", "_found", "_named")

    def __init__(
        self,
        files: FileSystem,
        packages: Iterable[Package],
        found: list[dict[str, Any]],
        base: int,
        named: Mapping[str, set[str]] | None = None,
    ) -> None:
        self._files = files
        self._found = found
        self._base = base
        self._named = named
        self._by_manager: dict[str, _Graph] = {}
        by_manager: dict[str, list[Package]] = {}
        for package in packages:
            by_manager.setdefault(package.manager, []).append(package)
        for manager, together in by_manager.items():
            graph = self._by_manager[manager] = _Graph(manager, together)
            self._tell(graph)

    def knows(self, manager: str) -> bool:
        """Whether it is known who asked for the packages of a manager, or that there are none."""
        graph = self._by_manager.get(manager)
        return graph is None or graph.known

    def only_for(self, manager: str, names: Iterable[str], going: Iterable[str] = ()) -> list[Package]:
        """The packages that would go if some did, with what came along for them alone.

        Args:
            manager: "dpkg", "apk" or "rpm".
            names: The names of the packages, or of what they provide.
            going: Those of further packages that go at the same time, and keep nothing.
        """
        graph = self._by_manager.get(manager)
        if graph is None or not graph.known:
            return []
        leaving = {id(each) for name in going for each in graph.providers(name)}
        first = [each for name in names for each in graph.providers(name) if each.why != BASE]
        leaving |= set(map(id, first))
        kept = graph.closure([each for each in graph.roots if id(each) not in leaving or each.why == BASE], True)
        return [each for each in graph.closure(first, True) if each not in kept]

    def _tell(self, graph: _Graph) -> None:
        bases = self._base_names(graph.manager)
        below: list[Package] = []
        above: list[Package] = []
        for package in graph.packages:
            is_base = package.name in bases if bases is not None else 0 <= package.brought_by < self._base
            (below if is_base else above).append(package)
        for package in below:
            package.why = BASE
        asked = self._asked(graph, above)
        if asked is None:
            return
        graph.known = True
        graph.roots = [*below, *asked]
        needed = graph.closure(graph.roots, False)
        tools = [each for each in asked if _is_tool(each)]
        # Without the tools: what is not reached then is there for them.
        others = graph.closure([each for each in graph.roots if not _is_tool(each) or each.why == BASE], True)
        for package, parent in graph.closure(graph.roots, True).items():
            if package.why:
                continue
            package.because = parent.name if parent is not None else ""
            package.why = NEEDED if package in needed else DEVELOPMENT if graph.manager == "npm" else RECOMMENDED
        wanted = set(asked)
        for package in asked:
            package.why = TO_BUILD if package in tools else ASKED
            package.because = ""
        for package in above:
            if package.why == NEEDED and package not in others and package not in wanted:
                package.why = TO_BUILD

    def _base_names(self, manager: str) -> set[str] | None:
        """The names of the base image's packages; None where they are known by their layer alone."""
        if manager not in MANAGERS:
            return None
        names: set[str] = set()
        for values in self._found[: self._base]:
            for path, value in values.items():
                is_it = path.startswith(DPKG) if manager == "dpkg" else path in APK
                if manager == "rpm":
                    is_it = "/rpm/" in path
                if is_it and not isinstance(value, bytes):
                    names.update(record.name for record in value)
        return names

    def _asked(self, graph: _Graph, above: list[Package]) -> list[Package] | None:
        """The packages above the base that someone asked for; None where that is not known."""
        if graph.manager == "dpkg":
            automatic = set(self._current(APT_STATES).split("\n"))
            return [each for each in above if each.name not in automatic]
        if graph.manager == "apk":
            world = {apk_name(word) for word in self._current(APK_WORLD).split()}
            return [each for each in above if each.name in world] if world else None
        if graph.manager == "rpm":
            named = (self._named or {}).get("dnf", set())
            asked = [each for name in named for each in graph.providers(name) if each.why != BASE]
            return list(dict.fromkeys(asked)) or None
        if graph.manager == "conda":
            told = [each for each in above if each.record is not None and each.record.asked is not None]
            return [each for each in told if each.record is not None and each.record.asked] or None
        if graph.manager == "npm":
            return self._asked_of_node(graph, above)
        if graph.manager == "pip":
            marked = [each for each in above if self._files.find(f"{each.places[0]}/REQUESTED") is not None]
            if marked:
                return marked
        if graph.manager in ("gem", "pip"):
            needed = {id(other) for each in graph.packages for other in graph.beside(each, False) if other is not each}
            return [each for each in above if id(each) not in needed]
        return None

    def _asked_of_node(self, graph: _Graph, above: list[Package]) -> list[Package]:
        roots = self._node_roots()
        asked: list[Package] = []
        projects: list[Record] = []
        for folder, record in roots.items():
            projects.append(record)
            asked += [each for choice in record.needs for each in graph.at(f"{folder}node_modules/", choice[0])]
        wanted_for_development = {
            id(each)
            for folder, record in roots.items()
            for choice in record.recommends
            for each in graph.at(f"{folder}node_modules/", choice[0])
        }
        graph.development = [each for each in above if id(each) in wanted_for_development]
        # Nothing lists what was installed for the whole system.
        for each in above:
            if not any(place.partition("node_modules/")[0] in roots for place in each.places) and any(
                place.count("node_modules/") == 1 for place in each.places
            ):
                asked.append(each)
        return [each for each in dict.fromkeys(asked) if each.why != BASE]

    def _node_roots(self) -> dict[str, Record]:
        """The projects with a node_modules, by their folder."""
        found: dict[str, Record] = {}
        for values in self._found:
            for path, value in values.items():
                if not path.endswith("package.json") or "node_modules/" in path or isinstance(value, bytes):
                    continue
                folder = path[: -len("package.json")]
                if isinstance(self._files.find(f"{folder}node_modules"), Folder):
                    found[folder] = value[0]
        return found

    def _current(self, path: str) -> str:
        """A text as the highest layer has it; empty when there is none."""
        for values in reversed(self._found):
            if path in values:
                return as_text(values[path])
        return ""


class _Graph:
    """The packages of one manager, with what each needs.

    Attributes:
        manager: As `Package.manager`.
        packages: The packages.
        known: Whether it is known who asked for what.
        roots: The packages of the base image and those that were asked for.
        development: Those that are needed for development only.
    """

    __slots__ = ("_names", "_provided", "development", "known", "manager", "packages", "roots")

    def __init__(self, manager: str, packages: list[Package]) -> None:
        self.manager = manager
        self.packages = packages
        self.known = False
        self.roots: list[Package] = []
        self.development: list[Package] = []
        self._names: dict[str, list[Package]] = {}
        self._provided: dict[str, list[Package]] = {}
        required = {
            name
            for each in packages
            if manager == "rpm" and each.record is not None
            for choice in (*each.record.needs, *each.record.recommends)
            for name in choice
            if name.startswith("/")
        }
        for each in packages:
            self._names.setdefault(self._normal(each.name), []).append(each)
            if each.record is None:
                continue
            for name in each.record.provides:
                self._provided.setdefault(name, []).append(each)
            if required:
                for path in required.intersection(each.record.paths or ()):
                    self._provided.setdefault(path, []).append(each)

    def _normal(self, name: str) -> str:
        return python_name(name) if self.manager == "pip" else name

    def providers(self, name: str) -> list[Package]:
        """The packages of a name, or else those that provide it."""
        return self._names.get(self._normal(name)) or self._provided.get(name, [])

    def at(self, folder: str, name: str) -> list[Package]:
        """The packages of a name that lie in a folder, or else anywhere."""
        all_of_them = self._names.get(name, [])
        return [each for each in all_of_them if f"{folder}{name}" in each.places] or all_of_them

    def beside(self, package: Package, recommends: bool) -> list[Package]:
        """What a package needs, and what it recommends if that counts."""
        record = package.record
        if record is None:
            return []
        choices = record.needs
        if recommends and self.manager != "npm":
            choices = [*choices, *record.recommends]
        return [each for choice in choices for name in choice for each in self.providers(name)]

    def closure(self, roots: Iterable[Package], recommends: bool) -> dict[Package, Package | None]:
        """What is reached from some packages, each with the package that leads to it first."""
        found: dict[Package, Package | None] = dict.fromkeys(roots)
        pending = list(found)
        if recommends:
            # What is needed comes first, so that a reason names the stronger tie.
            for package, parent in self.closure(pending, False).items():
                found.setdefault(package, parent)
            pending = list(found)
            for package in self.development:
                if package not in found:
                    found[package] = None
                    pending.append(package)
        at = 0
        while at < len(pending):
            package = pending[at]
            at += 1
            for each in self.beside(package, recommends):
                if each not in found:
                    found[each] = package
                    pending.append(each)
        return found


def _is_tool(package: Package) -> bool:
    manager = MANAGERS.get(package.manager)
    return manager is not None and package.why != BASE and is_build_tool(manager, package.name)
