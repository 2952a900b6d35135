"""How often what changes: the weights of the re-build scenarios, from a repository's own history."""

from __future__ import annotations

import os

from dfadvise.managers.manifests import is_manifest

# How many of the last commits are looked at.
COMMITS = 200
TIMEOUT = 20


class Weights:
    """What the last commits touched.

    Attributes:
        commits: How many were looked at.
        source: How many touched a file that is neither a manifest nor the Dockerfile.
        manifest: How many touched a dependency manifest or lock file.
        dockerfile: How many touched the Dockerfile.
    """

    __slots__ = ("commits", "dockerfile", "manifest", "source")

    def __init__(self) -> None:
        self.commits = 0
        self.source = 0
        self.manifest = 0
        self.dockerfile = 0

    def share(self, scenario: str) -> float | None:
        """The share of commits in which a scenario happened; None for one that no commit shows."""
        if not self.commits or scenario not in ("source", "manifest"):
            return None
        return (self.source if scenario == "source" else self.manifest) / self.commits


def weights(root: str, dockerfile: str | None) -> Weights | None:
    """What the last commits of the repository around a build context touched.

    Args:
        root: The build context.
        dockerfile: The path of the Dockerfile, or None.

    Returns:
        None outside a repository, without git, and where the history is empty.
    """
    import subprocess

    from dfadvise.changes import ENVIRONMENT, SETTINGS
    from dfadvise.discovery import program_on_path

    program = program_on_path("git")
    if program is None:
        return None
    # A repository's own settings name programs that git would run.
    settings = [part for each in SETTINGS for part in ("-c", each)]
    command = [program, *settings, "-C", root, "log", f"-{COMMITS}", "--no-merges", "--no-show-signature"]
    command += ["--no-ext-diff", "--no-textconv", "--name-only", "-z", "--format=%x01", "--", "."]
    environment = {**os.environ, **ENVIRONMENT}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode or not done.stdout:
        return None
    name = os.path.basename(dockerfile) if dockerfile else "Dockerfile"
    found = Weights()
    for commit in done.stdout.decode("utf-8", "surrogateescape").split("\x01")[1:]:
        paths = [path.strip("\n") for path in commit.split("\0") if path.strip("\n")]
        if not paths:
            continue
        found.commits += 1
        bases = [path.rpartition("/")[2] for path in paths]
        found.dockerfile += any(base == name for base in bases)
        found.manifest += any(is_manifest(path) for path in paths)
        found.source += any(base != name and not is_manifest(path) for base, path in zip(bases, paths, strict=True))
    return found if found.commits else None
