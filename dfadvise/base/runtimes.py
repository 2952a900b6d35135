"""The language runtime that a stage has, by its image, and the environments that are made for one version of it."""

from __future__ import annotations

from posixpath import basename

from dfadvise.base.bases import base_of, inherited, known_base
from dfadvise.effects import directories
from dfadvise.knowledge.tags import NODE_CODENAMES, dotted, version
from dfadvise.managers.packages import actions, option_value, reading
from dfadvise.paths import resolve, word_path
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.base.bases import Base
    from dfadvise.managers.packages import Action
    from dfadvise.stages import Edge, Stage

# How many parts of a version native modules depend on.
_PARTS = {"python": 2, "ruby": 2, "node": 1}
# Programs that put another version of a runtime into an image.
_OTHERS = frozenset(
    ("pyenv", "conda", "mamba", "micromamba", "nvm", "n", "fnm", "volta", "rbenv", "rvm", "asdf", "mise")
)
_CUDA = ("nvidia/cuda", "nvcr.io/nvidia/cuda")


class Runtime:
    """A runtime: `name` "python", "node" or "ruby", and the part of its version that native modules depend on."""

    __slots__ = ("name", "version")

    def __init__(self, name: str, number: str) -> None:
        self.name = name
        self.version = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Runtime) and (self.name, self.version) == (other.name, other.version)

    def __hash__(self) -> int:
        return hash((self.name, self.version))

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def runtime_of(stage: Stage) -> Runtime | None:
    """The runtime that a stage stands on; None when its image is none of a language, or another one may be put in."""
    found: Runtime | None = inherited(stage, "runtime", _runtime)
    return found


def _runtime(stage: Stage, below: Runtime | None) -> Runtime | None:
    found = below
    if stage.parent is None:
        base = base_of(stage)
        found = _of_base(base) if base is not None else None
    if found is None:
        return None
    for each in stage.instructions:
        if isinstance(each, Run) and (each.is_opaque or _brings_another(each, found.name)):
            return None
    return found


def runtime_of_source(edge: Edge) -> Runtime | None:
    """The runtime of what a reference reads from."""
    if edge.stage is not None:
        return runtime_of(edge.stage)
    base = known_base(edge.image)
    return _of_base(base) if base is not None else None


def _of_base(base: Base) -> Runtime | None:
    parts = _PARTS.get(base.name)
    if parts is None or not base.tag:
        return None
    first = base.tag.partition("-")[0]
    numbers = version(NODE_CODENAMES.get(first, first) if base.name == "node" else first)
    return Runtime(base.name, dotted(numbers[:parts])) if len(numbers) >= parts else None


def _brings_another(run: Run, name: str) -> bool:
    for command in reading(run).commands:
        if command.program in _OTHERS:
            return True
        if command.program == "uv" and [word.partial for word in command.words[1:3]] == ["python", "install"]:
            return True
    return any(
        word.partial.startswith(name)
        for action in actions(run)
        if action.manager.system and action.installs
        for word in action.operands
    )


def environments(stage: Stage) -> dict[str, Run]:
    """The virtual environments that a stage's chain makes: absolute paths, with the RUN that makes each."""
    found: dict[str, Run] = inherited(stage, "environments", _environments)
    return found


def _environments(stage: Stage, below: dict[str, Run] | None) -> dict[str, Run]:
    own = _made(stage)
    return {**(below or {}), **own} if own else below or {}


def _made(stage: Stage) -> dict[str, Run]:
    found: dict[str, Run] = {}
    for each in stage.instructions:
        if not isinstance(each, Run):
            continue
        for command, cwd in directories(each):
            words = [word.partial for word in command.words]
            program = command.program or ""
            at = 0
            if program.startswith(("python", "pypy")) and words[1:3] == ["-m", "venv"]:
                at = 3
            elif program == "virtualenv":
                at = 1
            elif program == "uv" and words[1:2] == ["venv"]:
                at = 2
            if not at:
                continue
            target = next((word for word in command.words[at:] if not word.is_flag), None)
            path = word_path(target, cwd) if target is not None else resolve(".venv", cwd) if program == "uv" else None
            if path is not None and "$" not in path:
                found[path] = each
    return found


def python_of_path(path: str) -> str | None:
    """The version of Python that a path belongs to: "3.12" for /usr/local/lib/python3.12/site-packages."""
    for part in path.split("/"):
        if part.startswith("python") and part[6:].count(".") == 1 and version(part[6:]):
            return part[6:]
    return None


def holds_modules(path: str) -> str | None:
    """The runtime that a copied folder holds modules of: "python", "node", "ruby"; None when it is none of theirs."""
    name = basename(path.rstrip("/"))
    if name == "node_modules":
        return "node"
    if name in ("site-packages", "dist-packages"):
        return "python"
    return "ruby" if path.rstrip("/") == "/usr/local/bundle" or path.endswith("vendor/bundle") else None


def cuda_of_base(stage: Stage) -> str | None:
    """The CUDA version of an image of NVIDIA's, such as "12.4"."""
    base = base_of(stage)
    if base is None or base.name not in _CUDA or not base.tag:
        return None
    numbers = version(base.tag.partition("-")[0])
    return dotted(numbers[:2]) if len(numbers) >= 2 else None


def cuda_of_wheels(text: str) -> str | None:
    """The CUDA version in an index or a package of wheels: "11.8" for `.../whl/cu118` and `torch==2.1+cu118`."""
    for mark in ("/cu", "+cu"):
        _, found, rest = text.partition(mark)
        digits = ""
        for char in rest if found else "":
            if not char.isdecimal():
                break
            digits += char
        if 3 <= len(digits) <= 4:
            return f"{digits[:-1]}.{digits[-1]}"
    return None


def wanted_wheels(run: Run) -> list[tuple[str, Action]]:
    """The CUDA versions that pip commands of a RUN ask for, each with the command."""
    found: list[tuple[str, Action]] = []
    for action in actions(run):
        if action.manager.name not in ("pip", "uv") or action.effect != "install":
            continue
        texts = [word.partial for word in action.operands]
        for names in (("--index-url", "-i"), ("--extra-index-url",), ("--find-links", "-f"), ("--index",)):
            value = option_value(action, names)
            if value is not None and UNKNOWN not in value:
                texts.append(value)
        wanted = next((number for text in texts if (number := cuda_of_wheels(text)) is not None), None)
        if wanted is not None:
            found.append((wanted, action))
    return found
