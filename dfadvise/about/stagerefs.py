"""Where a file names its stages: the values of `--from` and of `from=` in mounts, with their places."""

from __future__ import annotations

from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.stages import Dockerfile, Edge


def stage_references(file: Dockerfile) -> dict[int, list[tuple[str, Span]]]:
    """What names each stage of a file.

    Returns:
        By the stage's index the reference as written and its place in the file; references whose place cannot be
        told (split over lines, in odd quotes) are left out.
    """
    found: dict[int, list[tuple[str, Span]]] = {}
    for stage in file.stages:
        for edge in stage.edges:
            place = _place(edge) if edge.stage is not None else None
            if edge.stage is not None and place is not None:
                found.setdefault(edge.stage.index, []).append((edge.raw, place))
    return found


def _place(edge: Edge) -> Span | None:
    flag = edge.flag.span
    text = edge.instruction.file.source.slice(flag)
    at = text.find("from=" + edge.raw)
    end = at + len("from=" + edge.raw)
    if at < 0 or text[end : end + 1] not in ("", ",", '"', "'"):
        return None
    return Span(flag.start + end - len(edge.raw), flag.start + end)
