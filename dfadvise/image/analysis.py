"""Everything there is to say about one image."""

from __future__ import annotations

from dfadvise.image.contents import CACHE, DUPLICATE, findings_of
from dfadvise.image.dive import Score
from dfadvise.image.filesystem import FileSystem
from dfadvise.image.history import History
from dfadvise.image.layer import expect
from dfadvise.image.ledger import Ledger
from dfadvise.image.match import match
from dfadvise.image.packages import ACCOUNTS, packages_of
from dfadvise.image.reasons import Reasons
from dfadvise.image.secrets import config_secrets, redacted, secrets_of
from dfadvise.image.stream import ArchiveError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dfadvise.image.contents import Finding
    from dfadvise.image.filesystem import Change
    from dfadvise.image.manifests import Image
    from dfadvise.image.match import Match
    from dfadvise.image.packages import Package
    from dfadvise.image.secrets import Secret
    from dfadvise.image.store import Store
    from dfadvise.stages import Dockerfile

PACKAGES, SECRETS = range(2)  # the places of the probes
MOST_ENTRIES = 8_000_000  # of all layers of all images that are put on top of each other


class ImageLayer:
    """A layer of an image.

    Attributes:
        index: 0 for the lowest.
        digest: The digest of its archive, decompressed; the same in the image's configuration.
        stored: Its size in the archive, compressed or not.
        created_by: The step that made it, without secrets; empty when the history does not tell.
        line: The line of the Dockerfile that made it; None when that is not known.
        base: Whether it belongs to the base image.
        change: What it does.
    """

    __slots__ = ("base", "change", "created_by", "digest", "index", "line", "stored")

    def __init__(self, index: int, digest: str, stored: int, change: Change) -> None:
        self.index = index
        self.digest = digest
        self.stored = stored
        self.change = change
        self.created_by = ""
        self.line: int | None = None
        self.base = False


class Waste:
    """Bytes that are stored and could be spared.

    Attributes:
        path: The path they are stored under; of a cache its folder.
        size: Bytes.
        cause: "deleted", "overwritten" or "metadata" for what nobody can see; "cache" or "duplicate" for what is
            there for nothing.
        added_by: The index of the layer that stores them.
        hidden_by: The index of the layer that hides them; None for a cache or a duplicate.
    """

    __slots__ = ("added_by", "cause", "hidden_by", "path", "size")

    def __init__(self, path: str, size: int, cause: str, added_by: int, hidden_by: int | None) -> None:
        self.path = path
        self.size = size
        self.cause = cause
        self.added_by = added_by
        self.hidden_by = hidden_by


class Analysis:
    """What was found out about an image.

    Attributes:
        image: The image.
        layers: Its layers.
        stored: Bytes of the files of all layers.
        visible: Those of them that can be seen.
        hidden_by_user: Those that a layer of the user's hides.
        user_stored: Bytes that the user's layers store.
        score: dive's numbers.
        waste: What could be spared, the largest first.
        findings: What need not be there, caches and duplicates too.
        secrets: Secrets in the layers.
        config_secrets: Secrets in the configuration.
        packages: The packages, the largest first.
        match: The history beside the Dockerfile; None without one, or when it does not fit.
        base_known: How the base was told from the rest: "dockerfile", "history", or "" when it was not.
        reasons: Why the packages are there, and which of them would go together.
        ledger: What is stored where; None unless it was asked for.
        notes: What people should know about all this.
    """

    __slots__ = (
        *("base_known", "config_secrets", "findings", "hidden_by_user", "image", "layers", "ledger", "match", "notes"),
        *("packages", "reasons", "score", "secrets", "stored", "user_stored", "visible", "waste"),
    )

    def __init__(self, image: Image, files: FileSystem, score: Score, layers: list[ImageLayer]) -> None:
        self.image = image
        self.layers = layers
        self.stored = files.size
        self.visible = files.visible
        self.score = score
        self.hidden_by_user = 0
        self.user_stored = 0
        self.waste: list[Waste] = []
        self.findings: list[Finding] = []
        self.secrets: list[Secret] = []
        self.config_secrets: list[Secret] = []
        self.packages: list[Package] = []
        self.match: Match | None = None
        self.reasons: Reasons | None = None
        self.ledger: Ledger | None = None
        self.base_known = ""
        self.notes: list[str] = []

    @property
    def efficiency(self) -> float:
        """Visible bytes / stored bytes, 1 for an empty image."""
        return self.visible / self.stored if self.stored else 1.0

    @property
    def wasted(self) -> int:
        """Bytes that are stored and that nobody can see."""
        return self.stored - self.visible

    @property
    def user_wasted(self) -> float:
        """Bytes that the user's layers hide / bytes that they store; 0 when they store none."""
        return self.hidden_by_user / self.user_stored if self.user_stored else 0.0


class Room:
    """How many members of layers may still be put on top of each other."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_ENTRIES

    def take(self, number: int) -> None:
        """Count some.

        Raises:
            ArchiveError: There are too many.
        """
        self.left -= number
        if self.left < 0:
            raise ArchiveError(f"holds more than {MOST_ENTRIES} files in all layers of all images")


def analyse(
    store: Store,
    image: Image,
    file: Dockerfile | None,
    room: Room,
    done: Callable[[str], None],
    keep: bool = False,
) -> Analysis:
    """Find out about an image.

    Args:
        store: The archive.
        image: The image.
        file: The Dockerfile that it was built from.
        room: What may be kept.
        done: Gets the name of each layer that was used.
        keep: Whether to keep what is stored where, for questions about single paths and packages.

    Raises:
        ArchiveError: A layer is missing or damaged.
    """
    files, score = FileSystem(), Score()
    layers: list[ImageLayer] = []
    found = []
    if image.diff_ids and len(image.diff_ids) != len(image.parts):
        raise ArchiveError(
            f"is damaged: {image.name} has {len(image.parts)} layers, its configuration {len(image.diff_ids)}"
        )
    for index, part in enumerate(image.parts):
        algorithm = part.digest.partition(":")[0] if part.digest else "sha256"
        layer = store.layer(part.name, algorithm)
        expect(layer, image.diff_ids[index] if image.diff_ids else None, part.digest)
        room.take(len(layer.entries))
        change = files.apply(layer, layer.found[SECRETS])
        score.add(layer)
        found.append(layer.found)
        layers.append(ImageLayer(index, layer.diff_id, layer.stored, change))
        done(part.name)
    analysis = Analysis(image, files, score, layers)
    _trace(analysis, file)
    databases = [each[PACKAGES] for each in found]
    analysis.packages = packages_of(files, databases)
    base = sum(layer.base for layer in layers)
    named = _named(analysis.match) if analysis.match is not None else None
    reasons = Reasons(files, analysis.packages, databases, base, named)
    if keep:
        accounts = [each[ACCOUNTS] for each in databases if ACCOUNTS in each]
        analysis.reasons, analysis.ledger = reasons, Ledger(files, base, accounts)
    analysis.secrets = secrets_of(files, [each[SECRETS] for each in found])
    analysis.config_secrets = config_secrets(image.config)
    analysis.findings = findings_of(files, analysis.packages, environment(image))
    _weigh(analysis, files)
    return analysis


def _trace(analysis: Analysis, file: Dockerfile | None) -> None:
    """Give the layers their steps and lines."""
    layers = analysis.layers
    history = History(analysis.image.config, len(layers))
    if not history.complete:
        if layers:
            analysis.notes.append("the history of the image does not say which step made which layer")
        return
    for step in history.made():
        assert step.layer is not None
        layers[step.layer].created_by = redacted(step.text or step.comment)
    found = match(history, file) if file is not None else None
    if file is not None and found is None:
        analysis.notes.append(f"no layer of the image was made by {file.source.path}")
    base = history.base()
    analysis.base_known = "history"
    if found is not None:
        analysis.match = found
        analysis.base_known = "dockerfile"
        base = len(layers) if found.base is None else found.base
        for index, instruction in found.instructions.items():
            layers[index].line = instruction.line
        _tell_differences(analysis, found)
    elif file is None and base:
        analysis.notes.append("where the base image ends was told from the history; --dockerfile says it for sure")
    for layer in layers[:base]:
        layer.base = True


def _tell_differences(analysis: Analysis, found: Match) -> None:
    from dfadvise.report.common import count_of

    path = found.stage.file.source.path
    if found.missing:
        lines = ", ".join(str(each.line) for each in found.missing[:5]) + (", ..." if len(found.missing) > 5 else "")
        analysis.notes.append(
            f"{count_of(len(found.missing), 'instruction')} of {path} made no layer of the image: line {lines}"
        )
    if found.changed:
        lines = ", ".join(str(each.line) for each in found.changed[:5]) + (", ..." if len(found.changed) > 5 else "")
        analysis.notes.append(
            f"{count_of(len(found.changed), 'instruction')} of {path} read otherwise in the history: line {lines}"
        )


def _named(found: Match) -> dict[str, set[str]]:
    """The packages that a Dockerfile installs by name, by manager."""
    from dfadvise.knowledge.packages import plain_name
    from dfadvise.managers.packages import actions
    from dfadvise.syntax.instructions import Run

    names: dict[str, set[str]] = {}
    for instruction in found.instructions.values():
        for action in actions(instruction) if isinstance(instruction, Run) else ():
            if action.installs:
                words = {plain_name(word.text) for word in action.operands if word.text}
                names.setdefault(action.manager.name, set()).update(words)
    return names


def _weigh(analysis: Analysis, files: FileSystem) -> None:
    """Add up what is wasted."""
    user = {layer.index for layer in analysis.layers if not layer.base}
    analysis.user_stored = sum(layer.change.size for layer in analysis.layers if not layer.base)
    for stored in files.hidden:
        if stored.size:
            analysis.waste.append(Waste(stored.path, stored.size, stored.cause, stored.layer, stored.hidden_by))
            if stored.hidden_by in user:
                analysis.hidden_by_user += stored.size
    for finding in analysis.findings:
        if finding.kind in (CACHE, DUPLICATE):
            analysis.waste.append(Waste(finding.path, finding.size, finding.kind, finding.layer, None))
    analysis.waste.sort(key=lambda each: (-each.size, each.path, each.added_by))


def environment(image: Image) -> dict[str, str]:
    """The variables of an image's configuration."""
    inner = image.config.get("config")
    listed = inner.get("Env") if isinstance(inner, dict) else None
    pairs = [each.partition("=") for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    return {name: value for name, _, value in pairs}
