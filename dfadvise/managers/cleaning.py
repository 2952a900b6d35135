"""How what a manager leaves is avoided or taken back: by its switch, where its version knows it, or by a clean-up."""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.programs import SHELLS
from dfadvise.knowledge.tags import version
from dfadvise.managers.cachedirs import is_root
from dfadvise.managers.packages import Action, actions, inner, option_value, reading, value_of
from dfadvise.memory import comes_before, remembered
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.knowledge.manager import Manager
    from dfadvise.managers.leftovers import Left
    from dfadvise.memory import Place
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

# The first release of each distribution whose pip is 6 or later.
_PIP_RELEASES = {"debian": (9,), "ubuntu": (16, 4), "alpine": (3, 5), "fedora": (24,), "rhel": (7,), "suse": (15,)}
_CONDA_IMAGES = ("continuumio/", "condaforge/", "mambaorg/")
# Wrappers behind which a clean-up by the RUN's own user does the same.
_PLAIN_WRAPPERS = SHELLS | {"sudo", "env", "time", "timeout", "nice", "retry", "eatmydata", "xargs", "command"}
# Virtual environments lie in the same folder.
_POETRY = "rm -rf ~/.cache/pypoetry/cache ~/.cache/pypoetry/artifacts"
_NPM_CACHE = "rm -rf ~/.npm/_cacache"


def knows_switch(left: Left) -> bool:
    """Whether the manager of a RUN is proven to know the option that switches its cache off.

    Args:
        left: What the manager leaves.
    """
    manager = left.manager
    if not manager.off:
        return False
    if manager.name == "pip":
        return _has_modern_pip(left.actions[0])
    if manager.name == "composer":
        memo = remembered(left.run.file)
        slot = ("composer", left.run.stage.index)
        if slot not in memo:
            memo[slot] = _has_modern_composer(left.run.stage)
        known: bool = memo[slot]
        return known
    if manager.name == "apk":
        base = base_of(left.run.stage)
        release = base.release if base is not None and base.distribution == "alpine" else None
        # The index that `apk update` stores is not undone by a switch on the install.
        return not (release and version(release) < (3, 3)) and all(each.effect != "refresh" for each in left.actions)
    # poetry's switch leaves the packages that it built or fetched where they are (1.8.5, 2026-11-24).
    return manager.name in ("uv", "bun")


def cleanup_command(left: Left) -> str | None:
    """The command that takes back what a manager left, as text for the RUN's shell.

    Args:
        left: What the manager leaves.

    Returns:
        None when the place is not known, or another user or home does the work.
    """
    text = _cleanup(left)
    if text is None:
        return None
    command = left.actions[-1].command
    wrappers = set(command.wrappers)
    if not wrappers <= _PLAIN_WRAPPERS or "HOME" in command.assigned:
        return None
    return with_sudo(command, text) if "sudo" in wrappers else text


def with_sudo(command: ShellCommand, text: str) -> str | None:
    """A clean-up as the user that a command raises itself to with sudo.

    Args:
        command: The command that sudo runs.
        text: The clean-up.

    Returns:
        None when that is not root, sudo stands in another shell's text, or the home may be another one.
    """
    before = command.script.text[command.start : command.words[0].start]
    if "sudo" not in command.wrappers or "~" in text or " -u" in before or "--user" in before:
        return None
    if command.parent is not None or not set(command.wrappers) <= _PLAIN_WRAPPERS:
        return None
    return " && ".join("sudo " + part for part in text.split(" && "))


def _cleanup(left: Left) -> str | None:
    manager, action = left.manager, left.actions[-1]
    if manager.name == "apt":
        parts = (("apt-get clean",) if "archives" in left.kinds else ()) + (
            (manager.cleanup,) if "lists" in left.kinds else ()
        )
        return " && ".join(parts)
    text = manager.cleanup
    by_command = not text.startswith("rm ")
    if left.moved is not None and (not by_command or option_value(action, manager.moved) is not None):
        return None
    if manager.name == "poetry":
        return _POETRY
    if manager.name == "npm" and _replaces_npm(left):
        return _NPM_CACHE if left.moved is None else None
    if manager.name == "yarn" and not is_classic_yarn(action):
        # Later versions have nothing where version 1 keeps its cache.
        root = is_root(left.run)
        if root is None or left.moved is not None:
            return None
        of_root, of_user = manager.leftovers[0].paths
        return f"rm -rf {of_root if root else of_user}"
    if manager.name in ("gem", "bundler"):
        return _gem_cleanup(action)
    if manager.name == "cargo":
        base = base_of(left.run.stage)
        home = value_of(action, "CARGO_HOME")
        if home is None:
            return text if base is not None and base.name == "rust" else text.replace("/usr/local/cargo", "~/.cargo")
        return text.replace("/usr/local/cargo", home.rstrip("/")) if _is_plain(home) else None
    if manager.name == "dnf" and action.program == "dnf5":
        return "rm -rf /var/cache/libdnf5"
    if manager.name == "composer" and action.program != "composer":
        return "rm -rf ~/.composer/cache ~/.cache/composer"
    if "{program}" in text:
        word = action.command.words[0]
        if action.program not in manager.programs or word.text is None or word.raw != word.text:
            return None
        return text.replace("{program}", word.raw)
    return text if not by_command or action.program in manager.programs else None


def _replaces_npm(left: Left) -> bool:
    """Whether npm's last command in a RUN installs npm itself: one too new for its Node starts no more."""
    action = [each for each in actions(left.run) if each.manager is left.manager and each.effect != "clean"][-1]
    if not action.command.has_flag("-g", "--global", "--location"):
        return False
    return any(word.text is None or word.text == "npm" or word.text.startswith("npm@") for word in action.operands)


def is_classic_yarn(action: Action) -> bool:
    """Whether yarn is proven to be version 1 for a command: later ones delete what the program itself needs.

    The project decides, by .yarnrc.yml, `packageManager` or its lock file, whatever version the base has.

    Args:
        action: A command of yarn.
    """
    return action.verb.startswith("global")  # later ones have no such command


def _gem_cleanup(action: Action) -> str | None:
    path = value_of(action, "BUNDLE_PATH") if action.manager.name == "bundler" else None
    if path is not None:
        return f"rm -rf {path.rstrip('/')}/ruby/*/cache" if _is_plain(path) else None
    if action.manager.name == "bundler" and (
        value_of(action, "BUNDLE_DEPLOYMENT") is not None
        or action.manager.option_at(action.argv, ("--path", "--deployment")) >= 0
    ):
        return None
    home = value_of(action, "GEM_HOME")
    if home is not None:
        return f"rm -rf {home.rstrip('/')}/cache" if _is_plain(home) else None
    base = base_of(action.command.instruction.stage)
    return action.manager.cleanup if base is not None and base.name == "ruby" else None


def _is_plain(path: str) -> bool:
    """Whether a path is absolute, below the root's folders, and free of what a shell would read otherwise."""
    return path.startswith("/") and "/" in path[1:] and all(char.isalnum() or char in "/._-" for char in path)


def _has_modern_pip(action: Action) -> bool:
    """Whether pip is 6 or later: by the base, by the program's name, or by an upgrade of pip before."""
    number = action.argv[0].rpartition("/")[2].removeprefix("pip").removeprefix("python")
    if version(number) >= (3, 5):
        return True
    base = base_of(action.command.instruction.stage)
    if base is not None and base.name.startswith(_CONDA_IMAGES):
        return True
    if base is not None and base.tag is not None:
        numbers = version(base.tag)
        if base.name in ("python", "pypy"):
            return not numbers or len(numbers) < 3 or numbers >= (3, 5) or (2, 7, 9) <= numbers < (3,)
        least = _PIP_RELEASES.get(base.distribution or "")
        if least is not None:
            release = base.release
            if release:
                return version(release) >= least
            if not any(char.isdigit() for char in base.tag):
                return True
        elif base.distribution == "arch":
            return True
    return comes_before(action.command.instruction, action.place, "modern pip", _upgrades_pip)


def _upgrades_pip(stage: Stage) -> Place | None:
    """Where a stage first brings a pip of today."""
    for outer in stage.instructions:
        instruction = inner(outer)
        if not isinstance(instruction, Run):
            continue
        for place, command in enumerate(reading(instruction).commands):
            texts = [word.partial for word in command.words]
            named = any(text == "pip" or text.startswith("pip>=") for text in texts[1:])
            upgrades = "install" in texts and named and ("-U" in texts or "--upgrade" in texts)
            if upgrades or any(text.endswith("get-pip.py") for text in texts):
                return instruction.index, place
    return None


def _has_modern_composer(stage: Stage) -> bool:
    """Whether composer is 1.9 or later: by its image, in FROM or COPY --from."""
    base = base_of(stage)
    if base is not None and base.name == "composer":
        return base.tag is not None and _is_modern_composer(base.tag)
    for each in stage.chain:
        for edge in each.edges:
            image = edge.stage.base if edge.stage is not None else edge.image
            if isinstance(edge.instruction, Copy) and image is not None and image.name == "composer":
                return image.digest is None and _is_modern_composer(image.tag or "")
    return False


def _is_modern_composer(tag: str) -> bool:
    numbers = version(tag)
    return not numbers or numbers >= (1, 9)


def works_offline(file: Dockerfile, manager: Manager) -> bool:
    """Whether a file uses a manager somewhere without the network, so that a cache may be all that it has."""
    memo = remembered(file)
    slot = ("offline", manager.name)
    if slot not in memo:
        memo[slot] = any(
            isinstance(instruction, Run) and _is_offline(instruction, manager) for instruction in file.walk()
        )
    found: bool = memo[slot]
    return found


def _is_offline(run: Run, manager: Manager) -> bool:
    network = run.flag("network")
    for action in actions(run):
        if action.manager is manager:
            if network is not None and network.value == "none":
                return True
            if manager.option_at(action.argv, manager.offline) >= 0:
                return True
    return False
