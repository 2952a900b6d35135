"""What was found out about images: JSON (the contract), Markdown, and tables on a terminal."""

from __future__ import annotations

from dfadvise.image.summary import headline, sentences, tables
from dfadvise.report.markdown import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from dfadvise.image.analysis import Analysis, ImageLayer
    from dfadvise.image.summary import Table

VERSION = 1


def as_json(analyses: Sequence[Analysis], errors: Sequence[tuple[str, str]]) -> str:
    """The machine-readable form, on one line.

    Args:
        analyses: What was found out.
        errors: (path, message) for what could not be done.
    """
    from dfadvise.report.dump import dump

    return dump(
        {
            "version": VERSION,
            "images": [_image(each) for each in analyses],
            "errors": [{"path": path, "message": message} for path, message in errors],
        }
    )


def _image(analysis: Analysis) -> dict[str, Any]:
    return {
        "name": analysis.image.name,
        "stored_bytes": analysis.stored,
        "visible_bytes": analysis.visible,
        "efficiency": analysis.efficiency,
        "dive_efficiency": analysis.score.efficiency,
        "layers": [_layer(each) for each in analysis.layers],
        "waste": [
            {
                "path": f"/{each.path}",
                "bytes": each.size,
                "cause": each.cause,
                "added_by": each.added_by,
                "hidden_by": each.hidden_by,
            }
            for each in analysis.waste
        ],
        "secrets": [
            {"path": f"/{each.path}", "layer": each.layer, "hidden_by": each.hidden_by, "kind": each.kind}
            for each in analysis.secrets
        ],
        "details": _details(analysis),
    }


def _layer(layer: ImageLayer) -> dict[str, Any]:
    change = layer.change
    return {
        "index": layer.index,
        "digest": layer.digest,
        "created_by": layer.created_by,
        "line": layer.line,
        "base": layer.base,
        "bytes": change.size,
        "added_bytes": change.added,
        "modified_bytes": change.modified,
        "removed_paths": [f"/{path}" for path in change.removed],
    }


def _details(analysis: Analysis) -> dict[str, Any]:
    """What goes beyond the contract, all in one place."""
    image, score = analysis.image, analysis.score
    return {
        "id": image.id,
        "names": image.names,
        "platform": image.platform,
        "base_known": analysis.base_known or None,
        "hidden_bytes": analysis.wasted,
        "user_bytes": analysis.user_stored,
        "user_hidden_bytes": analysis.hidden_by_user,
        "user_wasted": analysis.user_wasted,
        "dive": {
            "size_bytes": score.size,
            "user_size_bytes": score.user_size,
            "wasted_bytes": score.wasted,
            "user_wasted": score.user_wasted,
        },
        "layers": [
            {
                "archive_bytes": layer.stored,
                "metadata_bytes": layer.change.metadata,
                "hidden_by_removal_bytes": layer.change.removed_bytes,
                "added_files": layer.change.added_files,
                "modified_files": layer.change.modified_files,
                "metadata_files": layer.change.metadata_files,
            }
            for layer in analysis.layers
        ],
        "findings": [
            {
                "kind": each.kind,
                "path": None if each.package else f"/{each.path}",
                "package": each.path if each.package else None,
                "bytes": each.size,
                "files": each.files,
                "layer": each.layer,
                "same_as": f"/{each.original}" if each.original else None,
            }
            for each in analysis.findings
        ],
        "config_secrets": [{"where": each.name, "kind": each.kind} for each in analysis.config_secrets],
        "packages": [
            {
                "manager": each.manager,
                "name": each.name,
                "version": each.version or None,
                "bytes": each.size,
                "files": each.files,
                "layers": {str(index): size for index, size in sorted(each.layers.items())},
                "line": analysis.layers[each.brought_by].line if each.layers else None,
                "why": each.why or None,
                "because": each.because or None,
            }
            for each in analysis.packages
        ],
        "notes": analysis.notes,
    }


def as_markdown(analyses: Sequence[Analysis], errors: Sequence[tuple[str, str]]) -> str:
    """The tables as Markdown, for comments and job summaries."""
    parts = [f"**Not read:** {escaped(path)}: {escaped(message)}\n" for path, message in errors]
    for analysis in analyses:
        lines = [f"## {escaped(headline(analysis))}\n"]
        lines += [f"- {escaped(sentence)}" for sentence in sentences(analysis)]
        for table in tables(analysis):
            lines += ["", *_markdown(table)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _markdown(table: Table) -> list[str]:
    heads = [column.removeprefix(">") for column in table.columns]
    rules = ["---:" if column.startswith(">") else "---" for column in table.columns]
    lines = [f"### {table.title}", "", f"| {' | '.join(heads)} |", f"| {' | '.join(rules)} |"]
    lines += [f"| {' | '.join(map(escaped, row))} |" for row in table.rows]
    return [*lines, "", f"{table.more}."] if table.more else lines


def as_text(analyses: Sequence[Analysis], color: bool, width: int | None) -> str:
    """The tables for a terminal.

    Args:
        analyses: What was found out.
        color: Whether to colour them.
        width: Columns of the terminal; None for one that is as wide as needed.
    """
    from dfadvise.report.terminal import Screen

    screen = Screen(color, width)
    for number, analysis in enumerate(analyses):
        if number:
            screen.print()
        screen.print(headline(analysis), "bold")
        for sentence in sentences(analysis):
            screen.print(f"  {sentence}")
        for table in tables(analysis):
            screen.print()
            screen.table(table.title, table.columns, table.rows)
            if table.more:
                screen.print(f"... and {table.more}")
    return screen.drawn()
