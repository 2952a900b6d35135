"""The image that was built from a Dockerfile: which layer is of which instruction, and what lies in it."""

from __future__ import annotations

from dfadvise.image.analysis import environment
from dfadvise.image.match import layer_instructions
from dfadvise.image.reasons import DEVELOPMENT, RECOMMENDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dfadvise.image.analysis import Analysis
    from dfadvise.image.filesystem import Stored
    from dfadvise.image.packages import Package
    from dfadvise.rule import Weighs
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

# What the databases of an image are called, by the linter's name of the manager.
_DATABASES = {
    "apt": "dpkg",
    "apk": "apk",
    **dict.fromkeys(("dnf", "yum", "microdnf", "zypper", "tdnf"), "rpm"),
    **dict.fromkeys(("npm", "yarn", "yarn-berry", "pnpm", "bun"), "npm"),
}


class MisfitError(Exception):
    """An image that was not built from the Dockerfile; the text is to be read behind the image's name."""


class Built:
    """An image that surely was built from a Dockerfile.

    Args:
        analysis: What was found out about the image, with what is stored where.
        file: The Dockerfile.

    Raises:
        MisfitError: It was not.
    """

    __slots__ = ("_homes", "_layers", "_variables", "analysis")

    def __init__(self, analysis: Analysis, file: Dockerfile) -> None:
        _hold(analysis, file)
        self.analysis = analysis
        assert analysis.match is not None
        assert analysis.ledger is not None
        # An instruction that changed nothing may have no layer.
        self._layers: dict[int, int | None] = {id(each): None for each in layer_instructions(analysis.match.stage)}
        for index, instruction in analysis.match.instructions.items():
            self._layers[id(instruction)] = index
        self._variables = environment(analysis.image)
        home = self._variables.get("HOME", "")
        self._homes = [*analysis.ledger.homes, *([home] if home.startswith("/") else [])]

    def layer(self, instruction: Instruction) -> int | None:
        """The index of the layer that an instruction made; None when it made none."""
        return self._layers.get(id(instruction))

    def size(self, instruction: Instruction) -> int | None:
        """Bytes that the layer of an instruction stores; None when it is not of the image."""
        if id(instruction) not in self._layers:
            return None
        index = self.layer(instruction)
        return self.analysis.layers[index].change.size if index is not None else 0

    def weighed(self, what: Weighs) -> list[Stored] | None:
        """The files that a finding is about; None when it is about something that is not in this image."""
        layers = self._indexes(what.by)
        ledger = self.analysis.ledger
        if layers is None or ledger is None or what.what not in ("stored", "hidden"):
            return None
        patterns = [place for path in what.paths for place in self._placed(path)]
        if not patterns:
            return None
        if what.what == "stored":
            return [each for index in layers for each in ledger.stored(index, patterns)]
        lower = self._indexes(what.of)
        hidden = [each for index in layers for each in ledger.hidden(index, patterns)]
        return [each for each in hidden if not what.of or each.layer in (lower or ())]

    def packages(self, what: Weighs, going: Iterable[str] = ()) -> list[tuple[Package, int]] | None:
        """The packages that a finding is about, each with the bytes that its layers store of it.

        Args:
            what: What the finding is about.
            going: The names of further packages that are to go along with them.

        Returns:
            None where it is not known why packages are there, or it is about something that is not in this image.
        """
        layers, reasons = self._indexes(what.by), self.analysis.reasons
        database = _DATABASES.get(what.manager)
        if layers is None or reasons is None or database is None or not reasons.knows(database):
            return None
        if what.what == "packages":
            found = reasons.only_for(database, what.names, going)
        else:
            why = RECOMMENDED if what.what == "recommended" else DEVELOPMENT
            found = [each for each in self.analysis.packages if each.manager == database and each.why == why]
        shares = [(each, sum(each.layers.get(index, 0) for index in layers)) for each in found]
        return [(each, share) for each, share in shares if share]

    def _indexes(self, instructions: Sequence[Instruction]) -> list[int] | None:
        if any(id(each) not in self._layers for each in instructions):
            return None
        return [index for each in instructions if (index := self.layer(each)) is not None]

    def _placed(self, path: str) -> Iterator[str]:
        """The places that a path stands for."""
        if path.startswith("~"):
            for home in self._homes:
                yield home.rstrip("/") + path[1:]
        elif path.startswith("$"):
            name, slash, rest = path[1:].partition("/")
            value = self._variables.get(name, "")
            if value.startswith("/"):
                yield value.rstrip("/") + slash + rest
        elif path.startswith("/") and "$" not in path:
            yield path


def _hold(analysis: Analysis, file: Dockerfile) -> None:
    """Make sure that every layer above the base image is of an instruction, and every instruction in the history."""
    path, found = file.source.path, analysis.match
    base = sum(layer.base for layer in analysis.layers)
    if found is None:
        reason = next(iter(analysis.notes), "no layer of it was made by the file")
        raise MisfitError(f"does not fit {path}: {reason}")
    if found.stage is not file.exported:
        target = found.stage.name or str(found.stage.index)
        raise MisfitError(
            f"was built from the stage {target} of {path}, not from the one that is exported: --target {target}"
        )
    if found.missing:
        raise MisfitError(f"does not fit {path}: line {found.missing[0].line} made no layer of it")
    if found.changed:
        raise MisfitError(f"does not fit {path}: line {found.changed[0].line} reads otherwise in its history")
    foreign = next((each for each in analysis.layers[base:] if each.index not in found.instructions), None)
    if foreign is not None:
        raise MisfitError(f"does not fit {path}: no line made its layer {foreign.index}")
