"""Where package managers keep their caches for the user of a RUN, and which mounts reach them.

Sources: each manager's own documentation and code, read 2026-11-24. yarn 1 takes /usr/local/share for the home of root;
the composer image sets COMPOSER_HOME=/tmp, the ruby images GEM_HOME=/usr/local/bundle, the rust images CARGO_HOME.
"""

from __future__ import annotations

from posixpath import join

from dfadvise.base.bases import base_of
from dfadvise.effects import home_of
from dfadvise.knowledge.official import OFFICIAL
from dfadvise.managers.packages import option_value, reading, value_of
from dfadvise.memory import chain_before, remembered
from dfadvise.paths import is_below, resolve
from dfadvise.syntax.instructions import Run
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.knowledge.manager import Manager
    from dfadvise.managers.packages import Action
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction
    from dfadvise.syntax.mounts import Mount

# Environment variables that name a cache themselves, and those that name a folder above it.
_DIRECT = {
    "pip": (("PIP_CACHE_DIR", ""), ("XDG_CACHE_HOME", "pip")),
    "uv": (("UV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "uv")),
    "poetry": (("POETRY_CACHE_DIR", ""), ("XDG_CACHE_HOME", "pypoetry")),
    "npm": (("npm_config_cache", ""), ("NPM_CONFIG_CACHE", "")),
    "yarn": (("YARN_CACHE_FOLDER", ""), ("XDG_CACHE_HOME", "yarn")),
    "yarn-berry": (("YARN_CACHE_FOLDER", ""), ("YARN_GLOBAL_FOLDER", "cache")),
    "pnpm": (
        ("npm_config_store_dir", ""),
        ("NPM_CONFIG_STORE_DIR", ""),
        ("pnpm_config_store_dir", ""),
        ("PNPM_HOME", "store"),
        ("XDG_DATA_HOME", "pnpm/store"),
    ),
    "bun": (("BUN_INSTALL_CACHE_DIR", ""), ("BUN_INSTALL", "install/cache")),
    "composer": (("COMPOSER_CACHE_DIR", ""), ("COMPOSER_HOME", "cache")),
    "gradle": (("GRADLE_USER_HOME", ""),),
    "nuget": (("NUGET_PACKAGES", ""),),
}
_USUAL = {
    "pip": "~/.cache/pip",
    "uv": "~/.cache/uv",
    "poetry": "~/.cache/pypoetry",
    "npm": "~/.npm",
    "yarn-berry": "~/.yarn/berry/cache",
    "pnpm": "~/.local/share/pnpm/store",
    "bun": "~/.bun/install/cache",
    "gradle": "~/.gradle",
    "nuget": "~/.nuget/packages",
    "maven": "~/.m2/repository",
}
_COMPOSER_IMAGES = frozenset(("composer",))
# Images outside the official ones whose environment moves no cache but what is said here.
_FAMILIAR = ("mcr.microsoft.com/dotnet/", "oven/bun", "ghcr.io/astral-sh/uv", "public.ecr.aws/docker/library/")
_CONDA_IMAGES = frozenset(
    ("continuumio/miniconda3", "continuumio/anaconda3", "condaforge/miniforge3", "condaforge/mambaforge")
)


def is_root(instruction: Instruction) -> bool | None:
    """Whether an instruction runs as root; None when the user is not known."""
    stage = instruction.stage
    user = stage.user_at(instruction)
    if user is not None:
        return user.partition(":")[0] in ("root", "0")
    if stage.sets_user_before(instruction):
        return None
    base = base_of(stage)
    if base is None or base.distribution is None:
        return None
    from dfadvise.knowledge.base_users import not_root

    return None if not_root(base.name, base.tag) else True


def home_at(instruction: Instruction) -> str | None:
    """The home of the user in force; None when it is not known."""
    stage = instruction.stage
    home = stage.lookup("HOME", instruction)
    if home and UNKNOWN not in home:
        return home
    root = is_root(instruction)
    if root:
        return "/root"
    user = stage.user_at(instruction)
    if root is None or user is None:
        return home_of(instruction) if user is not None else None
    name = user.partition(":")[0]
    if name.isdigit():
        return None
    account = account_of(instruction, name)
    if account is not None:
        return _home_option(account) or f"/home/{name}"
    base = base_of(stage)
    return "/home/node" if name == "node" and base is not None and base.name == "node" else None


def account_of(instruction: Instruction, name: str) -> ShellCommand | None:
    """The useradd or adduser of the chain that creates a user, before an instruction; None when there is none."""
    memo = remembered(instruction.file)
    for stage, end in chain_before(instruction):
        slot = ("cachedirs.accounts", stage.index)
        if slot not in memo:
            memo[slot] = _accounts(stage)
        found: tuple[int, ShellCommand] | None = memo[slot].get(name)
        if found is not None and (found[0], 0) < end:
            return found[1]
    return None


def _accounts(stage: Stage) -> dict[str, tuple[int, ShellCommand]]:
    """The users that a stage creates, each with the RUN's index and the command."""
    found: dict[str, tuple[int, ShellCommand]] = {}
    for each in stage.instructions:
        if isinstance(each, Run):
            for command in reading(each).commands:
                if command.program in ("useradd", "adduser"):
                    for word in command.operands:
                        if word.text is not None:
                            found.setdefault(word.text, (each.index, command))
    return found


def _home_option(command: ShellCommand) -> str | None:
    if command.program == "useradd":
        return command.option("-d", "--home-dir", "--home")
    return command.option("-h", "--home")


def uid_of(instruction: Instruction) -> tuple[str, str | None] | None:
    """The numeric user and group of the user in force, where they are written down; the group may be None."""
    user = instruction.stage.user_at(instruction)
    if user is None:
        return None
    name, _, group = user.partition(":")
    if not name.isdigit():
        account = account_of(instruction, name)
        number = account.option("-u", "--uid") if account is not None else None
        if number is None or not number.isdigit():
            base = base_of(instruction.stage)
            if name != "node" or base is None or base.name != "node":
                return None
            number = "1000"
        name = number
    return name, group if group.isdigit() else None


def cache_paths(action: Action) -> list[str] | None:
    """Where a command of a package manager keeps its cache.

    Args:
        action: The command.

    Returns:
        Absolute paths, one for each cache that is in use; None when they are not known.
    """
    run = action.command.instruction
    manager = action.manager
    assert isinstance(run, Run)
    if manager.system:
        return list(manager.mounts)
    given = option_value(action, manager.moved) if manager.moved else None
    if given is not None:
        path = resolve(given, None) if UNKNOWN not in given else None
        return [path] if path is not None else None
    if is_moved_by_config(run, manager):
        return None
    for name, below in _DIRECT.get(manager.name, ()):
        value = value_of(action, name)
        if value:
            path = resolve(join(value, below) if below else value, None) if UNKNOWN not in value else None
            return [path] if path is not None else None
    base = base_of(run.stage)
    if base is None or not is_familiar(base.name):
        # Its environment may move the cache anywhere.
        return None
    home = home_at(run)
    patterns = _patterns(action, home)
    if patterns is None or (home is None and any(pattern.startswith("~") for pattern in patterns)):
        return None
    return [pattern.replace("~", home or "", 1) if pattern.startswith("~") else pattern for pattern in patterns]


def is_familiar(name: str) -> bool:
    """Whether an image is one whose environment is known as far as it concerns caches.

    Args:
        name: The normalised name.
    """
    return name in OFFICIAL or name in _CONDA_IMAGES or name.startswith(_FAMILIAR)


def _patterns(action: Action, home: str | None) -> list[str] | None:
    """The caches of a manager whose settings move nothing, `~` for the home; None when they are not known."""
    manager = action.manager
    run = action.command.instruction
    base = base_of(run.stage)
    name = base.name if base is not None else None
    if manager.name == "yarn":
        root = is_root(run)
        return None if root is None else ["/usr/local/share/.cache/yarn" if root else "~/.cache/yarn"]
    if manager.name == "go":
        return _go_patterns(action, name)
    if manager.name == "cargo":
        value = value_of(action, "CARGO_HOME")
        if value is None:
            value = "/usr/local/cargo" if name == "rust" else "~/.cargo" if name is not None else None
        return None if not value or UNKNOWN in value else [value + "/registry", value + "/git"]
    if manager.name in ("bundler", "gem"):
        value = value_of(action, "GEM_HOME")
        if value is None and name == "ruby" and value_of(action, "BUNDLE_PATH") is None:
            value = "/usr/local/bundle"
        return None if not value or UNKNOWN in value else [value + "/cache"]
    if manager.name == "composer":
        return ["/tmp/cache"] if name in _COMPOSER_IMAGES else ["~/.composer/cache"] if name == "php" else None
    if manager.name == "conda":
        return ["/opt/conda/pkgs"] if name in _CONDA_IMAGES and value_of(action, "CONDA_PKGS_DIRS") is None else None
    if manager.name == "pipenv":
        return ["~/.cache/pipenv", "~/.cache/pip"]
    usual = _USUAL.get(manager.name)
    return [usual] if usual is not None else None


def _go_patterns(action: Action, base: str | None) -> list[str] | None:
    modules = value_of(action, "GOMODCACHE")
    if modules is None:
        path = value_of(action, "GOPATH")
        if path is None:
            path = "/go" if base == "golang" else "~/go" if base is not None else None
        modules = path + "/pkg/mod" if path else None
    built = value_of(action, "GOCACHE") or "~/.cache/go-build"
    if modules is None or UNKNOWN in modules or UNKNOWN in built:
        return None
    return [modules, built] if action.effect == "compile" else [modules]


def is_moved_by_config(run: Run, manager: Manager) -> bool:
    """Whether a command of the file sets the place of a manager's cache for good: `npm config set cache ...`."""
    if "config" not in run.file.source.text:
        return False
    memo = remembered(run.file)
    if "cachedirs.moved" not in memo:
        memo["cachedirs.moved"] = {
            command.program
            for instruction in run.file.walk()
            if isinstance(instruction, Run)
            for command in reading(instruction).commands
            if _moves(command)
        }
    programs: set[str] = memo["cachedirs.moved"]
    return any(program in programs for program in (*manager.programs, manager.name))


def _moves(command: ShellCommand) -> bool:
    texts = [word.partial for word in command.words]
    parts = ("cache", "store", "path") if command.program in ("bundle", "bundler") else ("cache", "store")
    return "config" in texts and any(part in text for text in texts for part in parts)


def cache_mounts(run: Run) -> Iterator[tuple[Mount, str]]:
    """The cache mounts of a RUN with their absolute targets; those that are not known are left out."""
    for mount in run.mounts:
        if mount.type == "cache":
            path = target_of(run, mount)
            if path is not None:
                yield mount, path


def target_of(run: Run, mount: Mount) -> str | None:
    """The absolute target of a mount; it equals only itself below a working directory that is not known."""
    target = mount.target
    expanded = run.expand(target) if target else None
    return resolve(expanded, run.stage.symbolic_workdir_at(run)) if expanded else None


def may_serve(run: Run, manager: Manager, target: str) -> bool:
    """Whether a mount at a path may be a manager's cache, whoever runs it: at, above or below a usual place."""
    if "$" in target:
        return True
    for pattern in cache_patterns(manager):
        if pattern.startswith(("~", "$")):
            tail = pattern[pattern.find("/") :]
            if target.endswith(tail) or tail + "/" in target + "/":
                return True
            # Above it: /root, /root/.cache, /home/app.
            for home in ("/root", home_at(run) or "/root"):
                if is_below(home + tail, target):
                    return True
            parts = target.split("/")
            if len(parts) > 2 and parts[1] == "home" and is_below("/".join(parts[:3]) + tail, target):
                return True
        elif is_below(pattern, target) or is_below(target, pattern):
            return True
    return False


def cache_patterns(manager: Manager) -> list[str]:
    """Every place where a manager can keep its cache; `~` and `$NAME` as in the tables."""
    found = [*manager.mounts, *manager.mount_alternatives]
    for leftover in manager.leftovers:
        if leftover.kind != "docs":
            found.extend(leftover.paths)
    return list(dict.fromkeys(pattern for pattern in found if pattern.startswith(("/", "~", "$"))))


def has_cache_mount(action: Action) -> bool:
    """Whether the RUN of a command has a cache mount that may serve it, by its usual or by its actual place."""
    run = action.command.instruction
    assert isinstance(run, Run)
    mounts = [path for _, path in cache_mounts(run)]
    if len(mounts) < sum(mount.type == "cache" for mount in run.mounts):
        return True
    if not mounts:
        return False
    actual = cache_paths(action) or []
    for path in mounts:
        if may_serve(run, action.manager, path):
            return True
        if any(is_below(each, path) or is_below(path, each) for each in actual):
            return True
    return False


def is_kept(action: Action, kinds: tuple[str, ...] = ()) -> bool:
    """Whether all that a command caches surely lies in cache mounts which its user may write to.

    Args:
        action: The command.
        kinds: Of a system package manager, the kinds of leftovers that matter; all without any.
    """
    run = action.command.instruction
    assert isinstance(run, Run)
    manager = action.manager
    root = is_root(run)
    if root is None and not manager.system:
        return False
    owner = uid_of(run) if root is False else None
    targets = [
        path
        for mount, path in cache_mounts(run)
        if mount.writable and (root is not False or (owner is not None and mount.options.get("uid") == owner[0]))
    ]
    if manager.system:
        places: list[str] | None = [
            path for each in manager.leftovers if not kinds or each.kind in kinds for path in each.paths
        ]
        base = base_of(run.stage)
        if manager.name == "dnf" and base is not None and base.distribution == "rhel":
            places = [*manager.mounts]
    else:
        places = cache_paths(action)
    return bool(places) and all(any(is_below(place, target) for target in targets) for place in places or ())
