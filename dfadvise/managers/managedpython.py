"""Where pip is told to install into a distribution's python that is marked as externally managed (PEP 668).

Source: the distributions' release notes and pip's own code, read 2026-11-24.
"""

from __future__ import annotations

from dfadvise.about.mentions import mentions
from dfadvise.base.bases import base_of
from dfadvise.base.releases import is_at_least
from dfadvise.knowledge.official import OFFICIAL
from dfadvise.layers import copy_effects
from dfadvise.managers.installed import was_installed
from dfadvise.managers.packages import inner, is_configured, reading, value_of
from dfadvise.managers.programs import may_install
from dfadvise.memory import comes_before
from dfadvise.paths import is_below
from dfadvise.syntax.instructions import Copy, Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.base.bases import Base
    from dfadvise.managers.packages import Action
    from dfadvise.memory import Place
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage

# The first releases whose python is marked as externally managed, and what their python is.
_MANAGED = {"debian": (12,), "ubuntu": (23, 4), "alpine": (3, 19)}
_PYTHONS = {
    ("debian", "12"): "3.11",
    ("debian", "13"): "3.13",
    ("ubuntu", "23.04"): "3.11",
    ("ubuntu", "23.10"): "3.11",
    ("ubuntu", "24.04"): "3.12",
    ("ubuntu", "24.10"): "3.12",
    ("ubuntu", "25.04"): "3.13",
}
# What brings the distribution's pip.
_PIP_PACKAGES = ("python3-pip", "py3-pip", "python-pip")
# Images without a python of their own; official ones but those that have one.
_PLAIN = frozenset(("bitnami/minideb", "nvidia/cuda", "nvcr.io/nvidia/cuda"))
_OWN_PYTHON = frozenset(
    ("python", "pypy", "hylang", "r-base", "sentry", "odoo", "ros", "neurodebian", "celery", "django")
)
# With these pip installs elsewhere, or knows that it may.
_EXCUSES = ("--break-system-packages", "--target", "-t", "--prefix", "--root", "--python", "--dry-run", "--report")
# What a file names that makes, or finds, another python or another pip, or tells pip that it may.
_OTHER_PYTHONS = (
    *("externally-managed", "virtualenv", "-m venv", "uv venv", "bin/activate", "conda", "pyenv", "deadsnakes"),
    *("altinstall", "get-pip", "ensurepip", "mise ", "asdf ", "update-alternatives", "break-system-packages", "nix-"),
    "pip.conf",
)
_FOLDERS = ("/usr/local", "/usr/bin", "/usr/lib", "/usr/local/bin")


def refused_install(run: Run) -> Action | None:
    """The first install of a RUN that pip surely refuses.

    Args:
        run: The RUN.

    Returns:
        None also when anything in the chain may have brought another python, or the consent that pip asks for.
    """
    found = [each for each in reading(run).actions if each.manager.name == "pip" and each.verb == "install"]
    if not found:
        return None
    base = base_of(run.stage)
    if base is None or not _is_plain(base) or not is_at_least(base, _MANAGED):
        return None
    if run.is_opaque or mentions(run.file, *_OTHER_PYTHONS) or not _is_readable(run):
        return None
    return next((each for each in found if not each.is_idle and _is_refused(each, run, base)), None)


def _is_plain(base: Base) -> bool:
    if base.name in _PLAIN or base.name.startswith("mcr.microsoft.com/dotnet/"):
        return True
    return base.name in OFFICIAL and base.name not in _OWN_PYTHON


def _is_refused(action: Action, run: Run, base: Base) -> bool:
    command = action.command
    if command.conditional or command.failure_handled or action.may_hold_options:
        return False
    if action.manager.option_at(action.argv, _EXCUSES) >= 0 or not _is_distributions(action, base):
        return False
    if not was_installed(run, action.place, _PIP_PACKAGES):
        return False
    if value_of(action, "PIP_BREAK_SYSTEM_PACKAGES") is not None or value_of(action, "VIRTUAL_ENV") is not None:
        return False
    if any(value_of(action, name) is not None for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONFIG_FILE")):
        return False
    if is_configured(action, "break-system-packages", True) or not _finds_pip(action):
        return False
    return not any(may_install(each) or "find" in each.contexts for each in reading(run).commands[: action.place])


def _is_distributions(action: Action, base: Base) -> bool:
    """Whether the program is, by its name, the distribution's pip or python."""
    program = action.argv[0]
    folder, _, name = program.rpartition("/")
    if folder not in ("", "/usr/bin", "/bin") or UNKNOWN in program:
        return False
    number = name.removeprefix("python").removeprefix("pip")
    if number in ("", "3"):
        return True
    return _PYTHONS.get((base.distribution or "", base.release or "")) == number


def _finds_pip(action: Action) -> bool:
    """Whether the program is looked for where the distribution puts it, before all that PATH names beside."""
    path = value_of(action, "PATH")
    if path is None:
        return True
    usual = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
    for folder in path.split(":"):
        if folder == UNKNOWN or folder.rstrip("/") in usual:
            continue
        if UNKNOWN in folder or "py" in folder or "env" in folder or "conda" in folder or "/opt/" in folder:
            return False
    return True


def _is_readable(run: Run) -> bool:
    """Whether everything before a RUN in its chain is known to leave the distribution's python alone."""
    return not comes_before(run, 0, "another python", _first_doubt)


def _first_doubt(stage: Stage) -> Place | None:
    """The first instruction of a stage after which nobody knows what python there is."""
    return next(((each.index, 0) for each in stage.instructions if _is_doubtful(inner(each))), None)


def _is_doubtful(instruction: object) -> bool:
    if isinstance(instruction, Copy):
        for effect in copy_effects(instruction, {"/", *_FOLDERS}):
            path = effect.path
            if path is None or (
                effect.tree and any(is_below(folder, path) for folder in _FOLDERS) and instruction.origin
            ):
                return True
            if any(is_below(path, folder) for folder in _FOLDERS) and ("python" in path or path.endswith("/pip")):
                return True
        return False
    if not isinstance(instruction, Run):
        return False
    return instruction.is_opaque or any(_may_bring(command) for command in reading(instruction).commands)


def _may_bring(command: ShellCommand) -> bool:
    if command.program in ("ln", "cp", "mv", "install"):
        named = [word.partial for word in command.operands if "py" in word.partial or "pip" in word.partial]
        # `ln -s python3 /usr/bin/python` changes nothing.
        return any("/" in path and not path.startswith("/usr/bin/") for path in named) or any(
            path.rpartition("/")[2] in ("python3", "pip", "pip3") for path in named[1:]
        )
    return may_install(command) or command.program in ("uv", "pdm", "rye", "hatch", "pixi", "make")
