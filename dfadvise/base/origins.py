"""Where a file takes images and stages from: FROM, `COPY --from`, `RUN --mount=...,from=`."""

from __future__ import annotations

from dfadvise.memory import remembered
from dfadvise.source import Span
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dfadvise.base.images import ImageRef
    from dfadvise.stages import Edge, Stage
    from dfadvise.syntax.instructions import Instruction

# Stages before a reference that its name is compared with.
_NAMES = 40


class ImageUse:
    """A place that names an external image.

    Attributes:
        image: The image.
        span: The place of the reference.
        instruction: The FROM, COPY or RUN.
        stage: The stage it is in.
        is_base: Whether it is a FROM.
    """

    __slots__ = ("image", "instruction", "is_base", "span", "stage")

    def __init__(self, image: ImageRef, span: Span, instruction: Instruction, stage: Stage, is_base: bool) -> None:
        self.image = image
        self.span = span
        self.instruction = instruction
        self.stage = stage
        self.is_base = is_base


def image_uses(stage: Stage) -> Iterator[ImageUse]:
    """The external images that a stage names; a reference that is likely meant for a stage is none."""
    from_ = stage.from_
    if stage.image is not None and not stage.image.is_scratch and from_ is not None and from_.image is not None:
        yield ImageUse(stage.image, from_.image.span, from_, stage, True)
    for edge in stage.edges:
        if edge.image is not None and not edge.image.is_scratch and wrong_reference(edge, stage) is None:
            yield ImageUse(edge.image, edge_span(edge), edge.instruction, stage, False)


def sources(stage: Stage) -> list[Stage]:
    """The stages that one stands on or reads from."""
    found = [edge.stage for edge in stage.edges if edge.stage is not None]
    return [*found, stage.parent] if stage.parent is not None else found


def needed_by(stages: Iterable[Stage]) -> dict[int, Stage]:
    """Some stages and all that they stand on or read from, by index."""
    found = {stage.index: stage for stage in stages}
    pending = list(found.values())
    while pending:
        for source in sources(pending.pop()):
            if source.index not in found:
                found[source.index] = source
                pending.append(source)
    return found


def edge_span(edge: Edge) -> Span:
    """The place of the reference in a `--from` or `--mount` flag; the whole flag when quotes hide it."""
    flag = edge.flag
    text = edge.instruction.file.source.slice(flag.span)
    at = text.find("from=")
    start = flag.span.start + at + 5
    if at < 0 or edge.instruction.file.source.slice(Span(start, start + len(edge.raw))) != edge.raw:
        return flag.span
    return Span(start, start + len(edge.raw))


def stage_pattern(word: str, escape: str) -> str | None:
    """The pattern of the stage names that a FROM with a variable may mean, `*` for each variable.

    Args:
        word: The image word as written: `base-${TARGETARCH}`.
        escape: The escape character of the file.

    Returns:
        None for a word without a variable.
    """
    if "$" not in word:
        return None
    try:
        return process(word, lambda _: UNKNOWN, escape, unset=UNKNOWN).text.replace(UNKNOWN, "*")
    except WordError:
        return "*"


class WrongReference:
    """A reference to a stage that the builder refuses or takes for something else.

    Attributes:
        kind: "variable", "own", "later" or "index" (refused); "near" (a stage has almost that name); "image" (no
            stage and no known image).
        near: The stage name that was likely meant.
        stage: The stage that it names, for "own" and "later".
    """

    __slots__ = ("kind", "near", "stage")

    def __init__(self, kind: str, stage: Stage | None = None, near: str | None = None) -> None:
        self.kind = kind
        self.stage = stage
        self.near = near


def wrong_reference(edge: Edge, stage: Stage) -> WrongReference | None:
    """What is wrong with a reference of `COPY --from` or of a mount; None when nothing is.

    Args:
        edge: The reference.
        stage: The stage it is in.
    """
    if edge.stage is not None:
        return None
    memo = remembered(stage.file)
    slot = ("reference", id(edge))
    if slot not in memo:
        memo[slot] = _judge(edge, stage)
    found: WrongReference | None = memo[slot]
    return found


def _judge(edge: Edge, stage: Stage) -> WrongReference | None:
    raw, file = edge.raw, stage.file
    if "$" in raw:
        return WrongReference("variable")
    if raw.lower() in file.named_contexts or raw.lower() == "context":
        return None
    by_number = raw.isdigit() and raw.isascii()
    if by_number and isinstance(edge.instruction, Run):
        return WrongReference("image")  # mounts know names only
    found = file.stage_named(raw)
    if found is not None:
        return WrongReference("own" if found is stage else "later", found)
    if by_number:
        return WrongReference("index")
    from dfadvise.knowledge.official import OFFICIAL
    from dfadvise.spelling import nearest

    if any(char in raw for char in ":/.@") or raw == "scratch" or raw.lower() in OFFICIAL:
        return None
    names = [each.name for each in file.stages[max(0, stage.index - _NAMES) : max(0, stage.index)] if each.name]
    near = nearest(raw.lower(), names)
    return WrongReference("near" if near else "image", near=near)
