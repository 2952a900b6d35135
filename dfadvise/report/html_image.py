"""What was found out about images as an HTML page: layers to scale, the Dockerfile with its margin, waste by cause."""

from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.image.summary import place, sentences, tables
from dfadvise.report.common import count_of
from dfadvise.report.html_page import Margin, listing, page, segments, size
from dfadvise.secret.redact import Secrets
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from dfadvise.image.analysis import Analysis

MOST_IMAGES = 50
MOST_LAYERS = 500
MOST_ROWS = 200  # of a table
MOST_PATHS = 300  # of what is stored and could be spared
MOST_ERRORS = 200
CAUSES = {
    "deleted": "deleted by a later layer",
    "overwritten": "replaced by a later layer",
    "metadata": "stored again with another mode or owner",
    "cache": "a cache of a package manager, which can be seen",
    "duplicate": "the same content under another path, which can be seen",
}


def as_html(analyses: Sequence[Analysis], errors: Sequence[tuple[str, str]]) -> str:
    """The page; what there is too much of is counted.

    Args:
        analyses: What was found out.
        errors: (path, message) for what could not be done.
    """
    return page(
        "image.html.j2",
        images=[_image(each, number) for number, each in enumerate(analyses[:MOST_IMAGES], 1)],
        more_images=max(0, len(analyses) - MOST_IMAGES),
        errors=errors[:MOST_ERRORS],
        more_errors=max(0, len(errors) - MOST_ERRORS),
        sized=size,
    )


def _image(analysis: Analysis, number: int) -> dict[str, Any]:
    hidden = _hidden(analysis)
    widest = max((layer.change.size for layer in analysis.layers), default=0)
    rows = []
    for layer in analysis.layers[:MOST_LAYERS]:
        change = layer.change
        rows.append(
            {
                "index": layer.index,
                "line": layer.line,
                "base": layer.base,
                "bytes": change.size,
                "hidden": hidden.get(layer.index, 0),
                "share": change.size / widest if widest else 0,
                "does": _does(change.added_files, change.modified_files, change.metadata_files, len(change.removed)),
                "step": " ".join(layer.created_by.split()),
            }
        )
    causes: dict[str, list[int]] = {}
    for each in analysis.waste:
        causes.setdefault(each.cause, []).append(each.size)
    listed = tables(analysis, MOST_ROWS)
    base = sum(layer.base for layer in analysis.layers)
    return {
        "number": number,
        "name": analysis.image.name,
        "platform": analysis.image.platform,
        "layer_count": len(analysis.layers),
        "base_count": base,
        "stored": analysis.stored,
        "visible": analysis.visible,
        "wasted": analysis.wasted,
        "efficiency": analysis.efficiency,
        "dive": analysis.score.efficiency,
        "sentences": sentences(analysis),
        "stack": segments(
            [
                (
                    place(analysis, layer.index),
                    _title(analysis, layer.index),
                    layer.change.size,
                    hidden.get(layer.index, 0),
                    layer.base,
                )
                for layer in analysis.layers
            ],
            analysis.stored,
        ),
        "layers": rows,
        "more_layers": max(0, len(analysis.layers) - MOST_LAYERS),
        "listing": _listing(analysis, hidden),
        "path": analysis.match.stage.file.source.path if analysis.match is not None else "",
        "causes": [
            {"cause": cause, "words": CAUSES[cause], "bytes": sum(sizes), "places": count_of(len(sizes), "path")}
            for cause, sizes in sorted(causes.items(), key=lambda item: -sum(item[1]))
        ],
        "waste": [
            {
                "path": f"/{each.path}",
                "bytes": each.size,
                "cause": each.cause,
                "added_by": place(analysis, each.added_by),
                "hidden_by": place(analysis, each.hidden_by) if each.hidden_by is not None else "",
            }
            for each in analysis.waste[:MOST_PATHS]
        ],
        "more_waste": max(0, len(analysis.waste) - MOST_PATHS),
        "secrets": [table for table in listed if table.title == "Secrets"],
        # The layers have a table of their own here.
        "tables": [table for table in listed if table.title not in ("Layers", "Secrets")],
    }


def _hidden(analysis: Analysis) -> dict[int, int]:
    """Bytes that later layers hide, by the index of the layer that stores them."""
    found: dict[int, int] = {}
    for each in analysis.waste:
        if each.hidden_by is not None:
            found[each.added_by] = found.get(each.added_by, 0) + each.size
    return found


def _title(analysis: Analysis, index: int) -> str:
    return f"{place(analysis, index)}: {human(analysis.layers[index].change.size)}"


def _does(added: int, modified: int, metadata: int, removed: int) -> str:
    parts = [(added, "new"), (modified, "changed"), (metadata, "of other mode or owner"), (removed, "removed")]
    return ", ".join(f"{number} {word}" for number, word in parts if number)


def _listing(analysis: Analysis, hidden: dict[int, int]) -> dict[str, object] | None:
    """The Dockerfile, when it is known; several layers of one line are added up."""
    if analysis.match is None:
        return None
    source = analysis.match.stage.file.source
    margins: dict[int, Margin] = {}
    for layer in analysis.layers:
        if layer.line is None:
            continue
        margin = margins.setdefault(layer.line, Margin())
        margin.layer = True
        margin.size = (margin.size or 0) + layer.change.size
        margin.hidden += hidden.get(layer.index, 0)
    text = Secrets(source.text, []).masked()
    return listing(source if text is source.text else Source(text, source.path), margins)
