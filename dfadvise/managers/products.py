"""What the build commands of a stage write, and where: `go build -o`, cargo, `dotnet publish -o`, Maven, Gradle, C."""

from __future__ import annotations

from posixpath import basename, join

from dfadvise.base.bases import inherited
from dfadvise.effects import directories
from dfadvise.managers.packages import Action, actions, option_value, value_of
from dfadvise.paths import clean, resolve
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

_MOST = 100
_C_COMPILERS = frozenset(("gcc", "g++", "cc", "c++", "clang", "clang++"))
# Linux targets of Rust that need no C library, or bring their own.
_STATIC_RUST = ("-musl", "-none", "wasm32")


class Product:
    """A file or folder that a build command writes.

    Attributes:
        kind: "go", "cargo", "nuget", "maven", "gradle" or "c".
        path: The absolute path, symbolic where the working directory is not known; None when it is not known at all.
        is_folder: Whether it is the folder that the product is in.
        command: The command.
    """

    __slots__ = ("command", "is_folder", "kind", "path")

    def __init__(self, kind: str, path: str | None, is_folder: bool, command: ShellCommand) -> None:
        self.kind = kind
        self.path = path
        self.is_folder = is_folder
        self.command = command

    def __repr__(self) -> str:
        return f"<Product {self.kind} {self.path}{'/' if self.is_folder else ''}>"


def products(run: Run) -> list[Product]:
    """What the build commands of a RUN write, in order."""
    by_command = {id(action.command): action for action in actions(run) if action.effect in ("compile", "install")}
    found: list[Product] = []
    for command, cwd in directories(run):
        action = by_command.get(id(command))
        if action is not None:
            product = _of_manager(action, cwd)
            if product is not None:
                found.append(product)
        elif command.program in _C_COMPILERS and command.has_flag("-o"):
            found.append(Product("c", _resolved(command.option("-o"), cwd), False, command))
    return found


def stage_products(stage: Stage) -> list[Product]:
    """What the build commands of a stage and of those below it write; nothing when there are too many to tell apart."""
    found: list[Product] = inherited(stage, "products", _with_own)
    return found


def _with_own(stage: Stage, below: list[Product] | None) -> list[Product]:
    own = [product for each in stage.instructions if isinstance(each, Run) for product in products(each)]
    if not own:
        return below or []
    return [*(below or ()), *own] if len(below or ()) + len(own) <= _MOST else []


def _of_manager(action: Action, cwd: str | None) -> Product | None:
    command, name, verb = action.command, action.manager.name, action.verb
    if name == "go" and verb == "build":
        output = option_value(action, ("-o", "--o"))
        if output is None:
            name = _go_name([word.partial for word in action.operands])
            path = resolve(name, cwd) if name else cwd
            return Product("go", path, not name, command)
        return Product("go", _resolved(output, cwd), output.endswith("/"), command)
    if name == "go" and verb == "install":
        return Product("go", "/go/bin", True, command)
    if name == "cargo" and verb in ("build", "b", "rustc", "zigbuild"):
        return Product("cargo", _cargo_folder(action, cwd), True, command)
    if name == "nuget" and verb == "publish":
        output = option_value(action, ("-o", "--output"))
        return Product("nuget", _resolved(output, cwd), True, command) if output is not None else None
    if name == "maven" and action.effect == "compile":
        return Product("maven", _resolved("target", cwd), True, command)
    if name == "gradle" and action.effect == "compile":
        return Product("gradle", _resolved("build", cwd), True, command)
    return None


def _go_name(operands: list[str]) -> str:
    """The name of the program that `go build` writes without -o; empty where only the module tells."""
    if operands and all(word.endswith(".go") for word in operands):
        return basename(operands[0]).removesuffix(".go")
    if len(operands) != 1 or UNKNOWN in operands[0] or operands[0].endswith("..."):
        return ""
    return basename(clean("/" + operands[0]))


def _cargo_folder(action: Action, cwd: str | None) -> str | None:
    target = option_value(action, ("--target-dir",)) or value_of(action, "CARGO_TARGET_DIR") or "target"
    triple = option_value(action, ("--target",)) or value_of(action, "CARGO_BUILD_TARGET") or ""
    profile = option_value(action, ("--profile",))
    if profile is None:
        profile = "release" if action.manager.option_at(action.argv, ("--release", "-r")) >= 0 else "debug"
    elif profile in ("dev", "test"):
        profile = "debug"
    return _resolved(join(target, triple, profile), cwd)


def rust_is_static(command: ShellCommand) -> bool | None:
    """Whether a cargo build gives a program that needs no C library; None when it is not known."""
    triple = command.option("--target")
    if triple is None and command.has_flag("--target"):
        return None
    return triple is not None and any(mark in triple for mark in _STATIC_RUST)


def _resolved(path: str | None, cwd: str | None) -> str | None:
    if path is None or UNKNOWN in path:
        return None
    return resolve(path, cwd)
