"""Which cache a mount was made for, judged by its path."""

from __future__ import annotations

from dfadvise.knowledge.language_managers import NODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.managers.packages import Action

# Whose cache a path below a home, or an absolute one, is for; managers of one group could be meant for each other.
_TAILS = {
    "/.npm": "node",
    "/.cache/yarn": "node",
    "/.yarn": "node",
    "/.yarn/berry/cache": "node",
    "/.yarn-cache": "node",
    "/.pnpm-store": "node",
    "/.local/share/pnpm/store": "node",
    "/.bun/install/cache": "node",
    "/.cache/pip": "python",
    "/.cache/uv": "python",
    "/.gem": "ruby",
    "/.bundle/cache": "ruby",
    "/.composer/cache": "php",
    "/.m2/repository": "maven",
    "/.m2": "maven",
    "/.gradle": "gradle",
    "/.nuget/packages": "nuget",
    "/.cargo/registry": "cargo",
    "/go/pkg/mod": "go",
    "/.cache/go-build": "go",
}
_SYSTEM = ("/var/cache/apt", "/var/lib/apt", "/var/cache/apk", "/etc/apk/cache", "/var/cache/dnf", "/var/cache/yum")
_GROUPS = {
    **dict.fromkeys(NODE, "node"),
    **dict.fromkeys(("pip", "uv"), "python"),
    **dict.fromkeys(("bundler", "gem"), "ruby"),
    "composer": "php",
    "maven": "maven",
    "gradle": "gradle",
    "nuget": "nuget",
    "cargo": "cargo",
    "go": "go",
}


def is_meant(path: str, action: Action) -> bool:
    """Whether a mount at a path was made for a manager such as this one."""
    if action.manager.system:
        return path in _SYSTEM
    group = _GROUPS.get(action.manager.name)
    return any(path.endswith(tail) and _TAILS[tail] == group for tail in _TAILS)
