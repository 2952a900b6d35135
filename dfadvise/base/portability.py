"""Stages whose product does not depend on the platform that it is built on."""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.managers.cachedirs import is_familiar
from dfadvise.managers.packages import actions, reading, value_of
from dfadvise.managers.programs import is_known_program
from dfadvise.shells.startup import Startup
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.managers.packages import Action
    from dfadvise.stages import Dockerfile, Stage

# Images whose products run anywhere, or that compile for any platform.
NEUTRAL = frozenset(("golang", "node", "maven", "gradle", "eclipse-temurin", "amazoncorretto"))
DOTNET = "mcr.microsoft.com/dotnet/sdk"
# What ties the product of a neutral toolchain to the platform that it was built on.
NATIVE_FOLDERS = frozenset(("node_modules", ".output", "standalone", "site-packages", "venv"))
NATIVE_WORDS = ("native", "jlink", "jpackage", "aot", "selfcontained", "self-contained", "pkg", "nexe", "sea")
COMPILERS = frozenset(
    """gcc g++ build-base build-essential musl-dev libc-dev clang gcc-aarch64-linux-gnu libc6-dev gcc-c++ cmake
    libsqlite3-dev sqlite-dev""".split()
)


def portable_toolchain(stage: Stage) -> str | None:
    """What makes the product of a stage: "go", "node", "java" or "dotnet"; None when it may depend on the platform."""
    base = base_of(stage)
    if base is None or not is_familiar(base.name) or (base.name not in NEUTRAL and base.name != DOTNET):
        return None
    runs = [each for each in stage.instructions if isinstance(each, Run)]
    if not runs or any(run.is_opaque for run in runs):
        return None
    text = " ".join(stage.file.source.slice(run.span) for run in runs).lower()
    if base.name == "golang":
        return "go" if _is_pure_go(runs) else None
    if any(word in text for word in NATIVE_WORDS) or not _is_portable(stage, base.name):
        return None
    if not any(actions(run) for run in runs):
        return None
    return "dotnet" if base.name == DOTNET else "node" if base.name == "node" else "java"


def _is_pure_go(runs: list[Run]) -> bool:
    """Whether a stage compiles Go without C, and runs nothing of what it has compiled."""
    for run in runs:
        for action in actions(run):
            if action.manager.system and any(word.partial in COMPILERS for word in action.operands):
                return False
        # What is built here may be run here.
        programs = [command.program for command in reading(run).commands if command.program is not None]
        if not all(program == "make" or is_known_program(program) for program in programs):
            return False
    cgo = {value_of(action, "CGO_ENABLED") for action in _go_builds(runs)}
    return "0" in cgo and "1" not in cgo


def sets_architecture(stage: Stage) -> bool:
    """Whether a stage tells Go which architecture to compile for."""
    builds = _go_builds([each for each in stage.instructions if isinstance(each, Run)])
    return any(value_of(action, "GOARCH") is not None for action in builds)


def _go_builds(runs: list[Run]) -> list[Action]:
    return [
        action
        for run in runs
        for action in actions(run)
        if action.manager.name == "go" and action.verb in ("build", "install")
    ]


def _is_portable(stage: Stage, name: str) -> bool:
    """Whether only files that are the same on any platform are taken from a stage."""
    found = False
    for other in stage.file.stages:
        if other.parent is stage:
            return False
        for edge in other.edges:
            if edge.stage is not stage:
                continue
            if not isinstance(edge.instruction, Copy):
                return False
            for word in edge.instruction.sources:
                parts = word.text.strip("/").split("/")
                found = True
                if not NATIVE_FOLDERS.isdisjoint(parts) or parts[-1] in ("", ".", "app", "src", "usr", "bin", "code"):
                    return False
                if name in ("maven", "gradle", "eclipse-temurin", "amazoncorretto") and "." not in parts[-1]:
                    return False  # a folder may hold a runtime
    return found and (name != DOTNET or _is_started_by_dotnet(stage.file))


def _is_started_by_dotnet(file: Dockerfile) -> bool:
    """Whether the image starts its program through `dotnet`, not through a host made for one platform."""
    started = Startup(file.exported).commands() if file.exported is not None else ()
    return any(command.program == "dotnet" for command in started)
