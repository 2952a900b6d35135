"""How long the steps of a Dockerfile took, what they wait for, and what that makes of what is done again.

All times are of a build log. A change costs the longest chain through the steps that it does again, since stages are
built side by side; a step beside that chain costs nothing, and to be rid of it saves nothing.
"""

from __future__ import annotations

from dfadvise.buildcache import is_linked
from dfadvise.buildlog import LogError
from dfadvise.buildsteps import lay, name_of, numbered
from dfadvise.criticalpath import longest
from dfadvise.knowledge.frontend import is_remote
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dfadvise.buildlog import Build, LogStep
    from dfadvise.buildsteps import Laid
    from dfadvise.criticalpath import Path
    from dfadvise.stages import Dockerfile, Edge, Stage
    from dfadvise.syntax.instructions import Instruction

CONTEXT = "the build context"  # no image is called that
MISSING = "missing"  # the state of a step that the log does not have


class Node:
    """A step of the build: a line of a stage, or what it waits for outside of all lines.

    Attributes:
        instruction: The instruction; None for the build context, images that are only copied from, and downloads.
        stage: The stage; None likewise.
        name: What it is called where it is no line.
        needs: The numbers of the nodes that it waits for.
        seconds: How long it took; None when no build of the log did it to its end.
        state: How it ended in the last build: done, cached, failed, canceled, open or missing.
    """

    __slots__ = ("instruction", "name", "needs", "seconds", "stage", "state")

    def __init__(self, instruction: Instruction | None, stage: Stage | None, name: str, needs: list[int]) -> None:
        self.instruction = instruction
        self.stage = stage
        self.name = name
        self.needs = needs
        self.seconds: float | None = None
        self.state = MISSING

    @property
    def is_light(self) -> bool:
        """Whether it counts as nothing where its time is not known: a base image that is there, a folder to be made.

        Both come from the cache even where a build is told not to use it.
        """
        return self.instruction is not None and self.instruction.keyword in ("FROM", "WORKDIR")

    def take(self, step: LogStep | None) -> None:
        """Take in what a later build says of it."""
        if step is None:
            return
        self.state = step.state
        if step.seconds is not None:
            self.seconds = step.seconds


class Timing:
    """A Dockerfile with the times of its steps.

    Args:
        file: The Dockerfile.
        builds: The builds of a log, in order.

    Raises:
        LogError: None of them is a build of this Dockerfile.

    Attributes:
        builds: How many of them are; a later one counts before an earlier one.
        others: How many are not.
        platforms: The platforms of the last build where it is for several; the first one is that of the times.
        nodes: The steps of what ends in the image, each behind all that it waits for.
        path: The critical path, on which steps of unknown time count as nothing.
        beside: Steps of the last build that are of the builder's own or of other kinds, as (name, seconds).
        unmapped: Steps of the last build that are on no line, as (name, seconds, reason).
        verdicts: By the identity of a finding, whether what it saves is on the critical path.
    """

    __slots__ = (
        "_ends",
        "_lines",
        "beside",
        "builds",
        "file",
        "nodes",
        "others",
        "path",
        "platforms",
        "unmapped",
        "verdicts",
    )

    def __init__(self, file: Dockerfile, builds: Sequence[Build]) -> None:
        self.file = file
        self.builds = self.others = 0
        self.platforms: list[str] = []
        self.beside: list[tuple[str, float]] = []
        self.unmapped: list[tuple[str, float | None, str]] = []
        self.verdicts: dict[int, bool] = {}
        self.nodes, self._ends = _graph(file)
        self._lines: dict[int, list[int]] = {}
        for at, node in enumerate(self.nodes):
            if node.instruction is not None:
                self._lines.setdefault(id(node.instruction), []).append(at)
        best: tuple[int, int] = (0, 0)
        for build in builds:
            found = lay(build, file)
            fitting = [laid for laid in found if laid.fits]
            best = max([best, *((len(laid.steps), len(laid.steps) + len(laid.unmapped)) for laid in found)])
            if not fitting:
                self.others += 1
                continue
            self.builds += 1
            for node in self.nodes:
                for laid in fitting:
                    node.take(_step_of(node, laid))
            self._note(build, fitting)
        if not self.builds:
            raise LogError(
                f"is not of {file.source.path}: "
                + (f"{best[0]} of {best[1]} steps are on a line of it" if best[0] else "no step is on a line of it")
            )
        self.path: Path = longest([node.needs for node in self.nodes], self._weights(), self._ends)

    def _weights(self) -> list[float]:
        return [node.seconds or 0.0 for node in self.nodes]

    def _note(self, build: Build, fitting: list[Laid]) -> None:
        slowest = max(fitting, key=lambda laid: len(laid.steps))
        several = len(slowest.platforms) > 1
        rest = [platform for platform in slowest.platforms if platform != slowest.platform]
        self.platforms = [slowest.platform, *rest] if several else []
        self.unmapped = [(step.name, step.seconds, why) for laid in fitting for step, why in laid.unmapped]
        outside = [node for node in self.nodes if node.instruction is None]
        known = {id(_step_of(node, laid)) for laid in fitting for node in outside}
        self.beside = [
            (step.name, step.seconds)
            for step in build.steps.values()
            if not step.place and step.seconds and id(step) not in known
        ]

    def node_of(self, instruction: Instruction) -> Node | None:
        """The step of a line, the longest one where it runs in several stages; None when it takes none."""
        found = [self.nodes[at] for at in self._lines.get(id(instruction), ())]
        return max(found, key=lambda node: node.seconds if node.seconds is not None else -1.0, default=None)

    def slack_of(self, instruction: Instruction) -> float | None:
        """How much longer a line could take without the build taking longer, in seconds; None where it is unknown."""
        slacks = (
            self.path.slack[at] for at in self._lines.get(id(instruction), ()) if self.nodes[at].seconds is not None
        )
        return min((slack for slack in slacks if slack is not None), default=None)

    def cost(self, instructions: Iterable[Instruction]) -> float | None:
        """How long it takes to do some lines again: the longest chain through them, in seconds.

        Args:
            instructions: The lines; those that take no step in the build count as nothing.

        Returns:
            None when a time is missing, or there are none at all.
        """
        wanted = {id(instruction) for instruction in instructions}
        if not wanted:
            return None
        weights = []
        for node, slack in zip(self.nodes, self.path.slack, strict=True):
            again = node.instruction is not None and id(node.instruction) in wanted and slack is not None
            if again and node.seconds is None and not node.is_light:
                return None
            weights.append(node.seconds or 0.0 if again else 0.0)
        return longest([node.needs for node in self.nodes], weights, self._ends).seconds

    def unknown(self) -> list[Node]:
        """The lines whose time the log does not say and that may take some, in order."""
        return [n for n in self.nodes if n.instruction is not None and n.seconds is None and not n.is_light]

    @property
    def pulls_nothing(self) -> bool:
        """Whether a base image was there already, so that the times are without its pull."""
        bases = (node for node in self.nodes if node.instruction is not None and node.instruction.keyword == "FROM")
        return any(not node.seconds for node in bases)

    def critical(self) -> list[Node]:
        """The steps of the critical path that took time, in order."""
        return [self.nodes[at] for at in self.path.chain if self.nodes[at].seconds]


def _step_of(node: Node, laid: Laid) -> LogStep | None:
    if node.instruction is not None and node.stage is not None:
        return laid.steps.get((node.stage.index, id(node.instruction)))
    return laid.context if node.name == CONTEXT else laid.images.get(node.name)


def _graph(file: Dockerfile) -> tuple[list[Node], list[int]]:
    """The steps that end in the exported stage, and those that it is done with."""
    nodes: list[Node] = []
    ends: dict[int, list[int]] = {}
    outside: dict[str, int] = {}

    def source(name: str) -> int:
        if name not in outside:
            outside[name] = len(nodes)
            nodes.append(Node(None, None, name, []))
        return outside[name]

    for stage in file.stages:
        if not stage.ships and not stage.feeds:
            continue
        last = list(ends.get(stage.parent.index, [])) if stage.parent is not None else []
        edges: dict[int, list[Edge]] = {}
        for edge in stage.edges:
            edges.setdefault(id(edge.instruction), []).append(edge)
        for instruction in numbered(stage):
            needs: list[int] = []
            for edge in edges.get(id(instruction), ()):
                if edge.stage is not None:
                    needs += ends.get(edge.stage.index, [])
                elif edge.image is not None:
                    needs.append(source(name_of(edge.image.text)))
            # The download is a step of its own, named by nothing but the URL.
            remote = instruction.sources if isinstance(instruction, Copy) and instruction.origin is None else ()
            needs += [source(word.text) for word in remote if is_remote(word.text) and UNKNOWN not in word.text]
            if _reads_context(instruction):
                needs.append(source(CONTEXT))
            # A copy with --link waits for nothing below it, and what stands on it waits for both.
            linked = isinstance(instruction, Copy) and is_linked(instruction)
            needs += [] if linked else last
            nodes.append(Node(instruction, stage, "", list(dict.fromkeys(needs))))
            last = [*last, len(nodes) - 1] if linked else [len(nodes) - 1]
        if len(last) > 1:
            # One place for all who wait for the stage.
            nodes.append(Node(None, None, "", last))
            last = [len(nodes) - 1]
        ends[stage.index] = last
    return nodes, ends.get(file.exported.index, []) if file.exported is not None else []


def _reads_context(instruction: Instruction) -> bool:
    if isinstance(instruction, Copy):
        return instruction.origin is None and any(not is_remote(word.text) for word in instruction.sources)
    if isinstance(instruction, Run):
        return any(mount.type == "bind" and not mount.options.get("from") for mount in instruction.mounts)
    return False
