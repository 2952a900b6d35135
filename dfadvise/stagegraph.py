"""How the stage graph of a file is built: names, bases, what a stage reads from others, and what reaches the image."""

from __future__ import annotations

from dfadvise.base.images import ImageRef
from dfadvise.knowledge.frontend import PLATFORM_ARGS
from dfadvise.stages import Edge, Stage
from dfadvise.syntax.instructions import Copy, From, Run
from dfadvise.syntax.words import UNKNOWN, WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Flag, Instruction


def build(file: Dockerfile, target: str | None, targets: Sequence[str]) -> Stage | None:
    """Make the stages of a file, with what they stand on and read from, and mark what ships.

    Args:
        file: A Dockerfile that has its instructions and no stages yet.
        target: The stage to export, by name or number; the last one when None, or when there is none of that name.
        targets: Further stages that are exported now and then.

    Returns:
        The exported stage; None when there is no stage at all.
    """
    _add_stages(file)
    exported = _find_target(file, target)
    _mark(file, exported, targets)
    return exported


def _add_stages(file: Dockerfile) -> None:
    current = file.preamble
    by_name: dict[str, Stage] = {}
    for instruction in file.tree.instructions:
        if isinstance(instruction, From):
            current = Stage(file, len(file.stages), instruction)
            _set_base(file, current, instruction, by_name)
            file.stages.append(current)
        current.add(instruction)
        _add_edges(file, current, instruction)
        if isinstance(instruction, From) and current.name:
            by_name[current.name] = current


def _set_base(file: Dockerfile, stage: Stage, instruction: From, by_name: Mapping[str, Stage]) -> None:
    if instruction.image is None:
        return
    raw = instruction.image.text
    try:
        text = process(raw, lambda name: _global(file, name), file.escape, unset=UNKNOWN).text
    except WordError:
        text = UNKNOWN
    parent = by_name.get(text)
    if parent is not None:
        stage.parent = parent
        parent.children.append(stage)
    elif text.lower() not in file.named_contexts:
        stage.image = ImageRef(raw, text)


def _global(file: Dockerfile, name: str) -> str | None:
    if name in file.global_args:
        return file.global_args[name]
    return file.build_args.get(name, UNKNOWN) if name in PLATFORM_ARGS else None


def _add_edges(file: Dockerfile, stage: Stage, instruction: Instruction) -> None:
    if isinstance(instruction, Copy):
        flag = instruction.flag("from")
        if flag is not None and flag.value:
            stage.edges.append(_edge(file, stage, instruction, flag, flag.value))
    elif isinstance(instruction, Run):
        for mount in instruction.mounts:
            raw = mount.options.get("from")
            if raw:
                stage.edges.append(_edge(file, stage, instruction, mount.flag, raw))


def _edge(file: Dockerfile, stage: Stage, instruction: Instruction, flag: Flag, raw: str) -> Edge:
    if "$" in raw:
        return Edge(instruction, flag, raw, None, None)
    found = file.stage_named(raw, max(0, stage.index))
    if found is not None and not (raw.isdigit() and isinstance(instruction, Run)):
        return Edge(instruction, flag, raw, found, None)
    if raw.isdigit() or raw.lower() in file.named_contexts or raw.lower() == "context":
        return Edge(instruction, flag, raw, None, None)
    return Edge(instruction, flag, raw, None, ImageRef(raw, raw))


def _find_target(file: Dockerfile, target: str | None) -> Stage | None:
    if target is not None:
        found = file.stage_named(target)
        if found is not None:
            return found
    return file.stages[-1] if file.stages else None


def _mark(file: Dockerfile, exported: Stage | None, targets: Sequence[str]) -> None:
    if exported is None:
        file.preamble.ships = True
        return
    if any(instruction.keyword != "ARG" for instruction in file.preamble.instructions):
        file.preamble.ships = True
    for stage in exported.chain:
        stage.ships = True
    pending = list(exported.chain)
    for name in targets:
        also = file.stage_named(name)
        if also is not None and not also.ships:
            also.feeds = True
            pending.append(also)
    seen = {id(stage) for stage in pending}
    while pending:
        stage = pending.pop()
        sources = [edge.stage for edge in stage.edges if edge.stage is not None]
        if stage.parent is not None:
            sources.append(stage.parent)
        for source in sources:
            if id(source) not in seen:
                seen.add(id(source))
                source.feeds = not source.ships
                pending.append(source)
