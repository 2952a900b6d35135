"""What there is to say about an image as titled tables, for people; the formats only draw them."""

from __future__ import annotations

from posixpath import commonpath

from dfadvise.about.sizes import human
from dfadvise.image.contents import CAPABLE, DUPLICATE, SET_ID, WORLD_WRITABLE
from dfadvise.image.reasons import NEEDED, RECOMMENDED
from dfadvise.report.common import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.image.analysis import Analysis
    from dfadvise.image.contents import Finding

MOST_ROWS = 15
SMALLEST_PART = 10_000  # of the image is what is shown
MOST_STEP = 100  # characters of a step
_LOOSE = (SET_ID, CAPABLE, WORLD_WRITABLE)


class Table:
    """A titled table.

    Attributes:
        title: Its title.
        columns: Their headings; those of numbers begin with `>`.
        rows: Its rows.
        more: What was left out, as a sentence without a full stop; empty for nothing.
    """

    __slots__ = ("columns", "more", "rows", "title")

    def __init__(self, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], more: str = "") -> None:
        self.title = title
        self.columns = columns
        self.rows = rows
        self.more = more


def headline(analysis: Analysis) -> str:
    """The image in one line."""
    image = analysis.image
    parts = [image.name]
    if image.platform and not image.several:
        parts.append(image.platform)
    base = sum(layer.base for layer in analysis.layers)
    layers = count_of(len(analysis.layers), "layer")
    parts.append(f"{layers}, {base} of the base image" if base else layers)
    return ": ".join(parts[:1]) + (": " + ", ".join(parts[1:]) if parts[1:] else "")


def sentences(analysis: Analysis) -> list[str]:
    """The numbers of the image, and what else people should know, as sentences without a full stop."""
    stored, visible = human(analysis.stored), human(analysis.visible)
    score = analysis.score
    numbers = f"efficiency {analysis.efficiency:.1%} (dive's score {score.efficiency:.1%})"
    found = [f"{stored} stored, {visible} can be seen: {numbers}"]
    causes: dict[str, int] = {}
    for each in analysis.waste:
        if each.hidden_by is not None:
            causes[each.cause] = causes.get(each.cause, 0) + each.size
    if analysis.wasted:
        words = {"deleted": "deleted", "overwritten": "overwritten", "metadata": "stored again unchanged"}
        parts = [f"{human(causes[cause])} {words[cause]}" for cause in words if causes.get(cause)]
        found.append(f"{human(analysis.wasted)} cannot be seen: {', '.join(parts)}")
    if analysis.user_stored:
        found.append(
            f"layers above the base store {human(analysis.user_stored)} and hide"
            f" {human(analysis.hidden_by_user)} ({analysis.user_wasted:.1%})"
        )
    return [*found, *analysis.notes]


def tables(analysis: Analysis, most: int = MOST_ROWS) -> list[Table]:
    """Everything else.

    Args:
        analysis: What was found out.
        most: Rows of a table, but for the layers; twice as many secrets.
    """
    made = [_layers(analysis), _hidden(analysis, most), _needless(analysis, most), _secrets(analysis, 2 * most)]
    return [table for table in [*made, _loose(analysis, most), _packages(analysis, most)] if table.rows]


def _layers(analysis: Analysis) -> Table:
    rows = []
    for layer in analysis.layers:
        change = layer.change
        step = " ".join(layer.created_by.split()) or "?"
        where = str(layer.line) if layer.line is not None else "base" if layer.base else ""
        rows.append(
            (
                *(str(layer.index), where, human(change.size), _size(change.added), _size(change.modified)),
                *(_size(change.metadata), str(len(change.removed) or "")),
                step if len(step) <= MOST_STEP else step[: MOST_STEP - 3] + "...",
            )
        )
    columns = (">layer", ">line", ">bytes", ">new", ">changed", ">unchanged", ">removed", "step")
    return Table("Layers", columns, rows)


def _hidden(analysis: Analysis, most: int) -> Table:
    groups: dict[tuple[str, int, int], list[tuple[int, str]]] = {}
    for each in analysis.waste:
        if each.hidden_by is not None:
            groups.setdefault((each.cause, each.added_by, each.hidden_by), []).append((each.size, each.path))
    ranked = sorted(groups.items(), key=lambda item: (-sum(size for size, _ in item[1]), item[0]))
    rows = []
    for (cause, added_by, hidden_by), files in ranked[:most]:
        total = human(sum(size for size, _ in files))
        paths = [path for _, path in files]
        rows.append((total, cause, _where(paths), place(analysis, added_by), place(analysis, hidden_by)))
    columns = (">bytes", "cause", "what", "stored by", "hidden by")
    return Table("Stored and hidden", columns, rows, _left_out(len(ranked), most))


def _needless(analysis: Analysis, most: int) -> Table:
    grouped: list[tuple[int, str, str, int]] = []
    copies: dict[int, list[Finding]] = {}
    for each in analysis.findings:
        if each.kind == DUPLICATE:
            copies.setdefault(each.layer, []).append(each)
        elif each.kind not in _LOOSE:
            count = f" ({count_of(each.files, 'file')})" if each.files > 1 else ""
            what = f"package {each.path}" if each.package else f"/{each.path}"
            grouped.append((each.size, each.kind, what + count, each.layer))
    for layer, found in copies.items():
        first = found[0]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        what = f"/{first.path} (same as /{first.original}){more}"
        grouped.append((sum(each.size for each in found), DUPLICATE, what, layer))
    grouped.sort(key=lambda each: (-each[0], each[1:]))
    least = analysis.stored // SMALLEST_PART
    shown = [each for each in grouped if each[0] >= least][:most]
    rows = [(human(size), kind, what, place(analysis, layer)) for size, kind, what, layer in shown]
    columns = (">bytes", "kind", "what", "stored by")
    return Table("In the image, and perhaps not needed", columns, rows, _left_out(len(grouped), len(rows)))


def _secrets(analysis: Analysis, most: int) -> Table:
    rows = [
        (
            f"/{each.path}",
            each.kind,
            place(analysis, each.layer) if each.layer is not None else "",
            "" if each.hidden_by is None else f"{place(analysis, each.hidden_by)}, which does not remove it",
        )
        for each in analysis.secrets
    ]
    rows += [(each.name, each.kind, "configuration", "") for each in analysis.config_secrets]
    columns = ("secret", "kind", "stored by", "hidden by")
    return Table("Secrets", columns, rows[:most], _left_out(len(rows), most))


def _loose(analysis: Analysis, most: int) -> Table:
    found = [each for each in analysis.findings if each.kind in _LOOSE]
    loose = [each for each in found if not analysis.layers[each.layer].base]
    loose.sort(key=lambda each: (_LOOSE.index(each.kind), each.path))
    rows = [(f"/{each.path}", each.kind, place(analysis, each.layer)) for each in loose[:most]]
    more = [_left_out(len(loose), most)]
    if rows and len(found) > len(loose):
        more.append(f"{len(found) - len(loose)} in the base image")
    return Table("Modes", ("path", "kind", "stored by"), rows, ", ".join(filter(None, more)))


def _packages(analysis: Analysis, most: int) -> Table:
    rows = []
    for each in analysis.packages[:most]:
        why = each.why + (f" of {each.because}" if each.because and each.why == NEEDED else "")
        if each.because and each.why == RECOMMENDED:
            why += f" by {each.because}"
        title = f"{each.name} {each.version}".strip()
        rows.append((human(each.size), each.manager, title, place(analysis, each.brought_by), why))
    columns = (">bytes", "manager", "package", "stored by", "why")
    return Table("Packages", columns, rows, _left_out(len(analysis.packages), most))


def place(analysis: Analysis, index: int) -> str:
    """A layer for people: the line that made it where that is known."""
    layer = analysis.layers[index]
    if layer.line is not None:
        return f"line {layer.line}"
    return f"layer {index} (base)" if layer.base else f"layer {index}"


def _where(paths: list[str]) -> str:
    if len(paths) == 1:
        return f"/{paths[0]}"
    folder = commonpath(["/" + path for path in paths])
    if folder.count("/") < 2:
        return f"{count_of(len(paths), 'file')}, the largest /{paths[0]}"
    folder = folder if folder.endswith("/") else folder + "/"
    return f"{folder} ({count_of(len(paths), 'file')})"


def _size(size: int) -> str:
    return human(size) if size else ""


def _left_out(number: int, most: int) -> str:
    return f"{number - most} more" if number > most else ""
