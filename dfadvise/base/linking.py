"""Which C library the programs of a stage need: cgo, Rust and C binaries, and the trees that hold native modules."""

from __future__ import annotations

from posixpath import basename

from dfadvise.base.bases import base_of, inherited, source_base
from dfadvise.base.toolchainuse import build_tools
from dfadvise.layers import copy_effects
from dfadvise.managers.packages import Action, action_of, actions, option_value, value_of
from dfadvise.managers.products import rust_is_static, stage_products
from dfadvise.paths import is_below
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.managers.products import Product
    from dfadvise.stages import Edge, Stage

# Trees that may hold native modules, by the end of their path.
_TREES = ("/node_modules", "/site-packages", "/dist-packages", "/venv", "/.venv", "/vendor/bundle", "/usr/local/bundle")
_INTERPRETERS = ("node", "python", "python3", "ruby", "php", "java")
_WITH_COMPILER = frozenset(("golang", "gcc", "buildpack-deps", "rust"))
_C_PACKAGES = ("gcc", "g++", "build-essential", "build-base", "clang", "musl-dev")
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_COMPATIBLE = frozenset(("gcompat", "libc6-compat", "glibc", "glibc-bin"))


def libc_of(stage: Stage) -> str | None:
    """The C library of a stage: "glibc", "musl", "none"; None when it is not known."""
    base = base_of(stage)
    return base.libc if base is not None else None


def libc_of_source(edge: Edge) -> str | None:
    """The C library of what a reference reads from; None when it is not known."""
    base = source_base(edge)
    return base.libc if base is not None else None


def is_native_tree(path: str) -> bool:
    """Whether a folder is one that may hold compiled modules."""
    return f"/{path.strip('/')}".endswith(_TREES)


def is_interpreter(path: str) -> bool:
    """Whether a path is that of an interpreter's program."""
    folder, name = path.rpartition("/")[0], basename(path)
    return folder in ("/usr/local/bin", "/usr/bin", "/bin") and name in _INTERPRETERS


def has_c_compiler(stage: Stage) -> bool:
    """Whether a stage is known to have a C compiler, so that Go uses it unless it is told not to."""
    base = base_of(stage)
    if base is not None and base.name in _WITH_COMPILER and base.distribution in ("debian", "ubuntu"):
        return True
    return bool(c_packages(stage))


def c_packages(stage: Stage) -> list[str]:
    """The packages that a stage installs and that bring a C compiler or headers."""
    found: list[str] = inherited(stage, "c packages", _c_packages)
    return found


def _c_packages(stage: Stage, below: list[str] | None) -> list[str]:
    own = [
        word.partial
        for each in stage.instructions
        if isinstance(each, Run)
        for action in actions(each)
        for word in build_tools(action)
        if word.partial.partition("=")[0] in _C_PACKAGES or word.partial.endswith(("-dev", "-devel"))
    ]
    return [*(below or ()), *own] if own else below or []


def uses_cgo(action: Action) -> bool:
    """Whether a `go build` may link to the C library: cgo is not off, and nothing says that it links statically."""
    setting = value_of(action, "CGO_ENABLED")
    if setting is not None and setting != "1":
        return False
    for name in ("GOOS", "GOARCH"):
        value = value_of(action, name)
        # For another system or machine cgo is off by itself.
        if value is not None and value not in ("linux", "amd64"):
            return False
    flags = [option_value(action, names) for names in (("-ldflags", "--ldflags"), ("-tags", "--tags"))]
    flags.append(value_of(action, "GOFLAGS"))
    return not any(value is not None and (UNKNOWN in value or "static" in value or "netgo" in value) for value in flags)


def is_dynamic(product: Product, libc: str) -> bool:
    """Whether a Rust or C program surely needs the C library of its stage.

    Args:
        product: A product of kind "cargo" or "c".
        libc: The C library of the stage that builds it.
    """
    command = product.command
    if product.kind == "c":
        return not any("static" in word.partial or UNKNOWN in word.partial for word in command.words)
    if product.kind != "cargo" or libc != "glibc":
        return False  # Rust links musl statically
    action = action_of(command)
    if action is None or rust_is_static(command) is not False:
        return False
    settings = [value_of(action, name) for name in ("RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS")]
    return not any(
        value is not None and (UNKNOWN in value or "crt-static" in value or "musl" in value) for value in settings
    )


def product_at(stage: Stage, path: str) -> Product | None:
    """The product of a stage that a copied path is, or is in."""
    for product in reversed(stage_products(stage)):
        if product.path is None:
            continue
        if path == product.path or (product.is_folder and path.rpartition("/")[0] == product.path):
            return product
    return None


def brings_libraries(stage: Stage) -> bool:
    """Whether a stage gets libraries along with its programs."""
    found: bool = inherited(stage, "brings libraries", _brings_libraries)
    return found


def has_glibc(stage: Stage) -> bool:
    """Whether a stage installs something that lets programs for glibc run."""
    found: bool = inherited(stage, "has glibc", _has_glibc)
    return found


def _brings_libraries(stage: Stage, below: bool | None) -> bool:
    if below:
        return True
    for copy in stage.instructions:
        if not isinstance(copy, Copy):
            continue
        for effect in copy_effects(copy, {"/"}):
            path = effect.path or "/"
            if any(is_below(path, folder) for folder in _LIBRARIES):
                return True
            if effect.tree and path == "/" and not _is_product_copy(copy):
                return True
    return False


def _is_product_copy(copy: Copy) -> bool:
    """Whether a copy to / takes single files, by what they are called."""
    return all(word.text.strip("/").count("/") > 0 or "." in word.text for word in copy.sources)


def _has_glibc(stage: Stage, below: bool | None) -> bool:
    return bool(below) or any(
        word.partial.partition("=")[0] in _COMPATIBLE or "glibc" in word.partial
        for each in stage.instructions
        if isinstance(each, Run)
        for action in actions(each)
        for word in action.operands
    )
