"""What a step fetches under a name that moves on: the end of a branch, a `latest` address."""

from __future__ import annotations

from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand, ShellWord

BRANCHES = frozenset("main master develop development devel dev trunk head nightly latest next edge default".split())
MOVING = frozenset(("latest", "nightly"))
# On these hosts a part of the path is a branch.
FORGES = (
    "github.com",
    "raw.githubusercontent.com",
    "codeload.github.com",
    "bitbucket.org",
    "codeberg.org",
    "gitea.com",
)
SETTLING = frozenset(("checkout", "reset", "switch", "fetch", "worktree", "rev-list"))


def settles(command: ShellCommand) -> bool:
    """Whether a command takes a certain state of a repository, or looks for one."""
    return command.program == "git" and command.subcommand in SETTLING


def is_moving_clone(command: ShellCommand, later: ShellCommand | None) -> bool:
    """Whether a `git clone` takes whatever is the newest.

    Args:
        command: The command.
        later: The next command of the RUN that takes a certain state, see `settles`.
    """
    if not command.targets or "if-condition" in command.contexts:
        return False
    if later is not None and not (later.subcommand == "checkout" and _names_branch(later)):
        return False  # whatever branch it came with
    for name in ("-b", "--branch", "--revision"):
        for _, value in command.option_words(name):
            return value is not None and value.lower() in BRANCHES
    word = command.targets[0]
    url = word.partial
    if "://" not in url and "@" not in url and not any(part in word.raw.upper() for part in ("URL", "REPO", "GIT")):
        return False  # a local repository, or options of which nobody knows
    return not any(
        other.is_flag is False and other.partial.startswith(UNKNOWN)
        for other in command.words[1:-1]
        if other is not word
    )


def _names_branch(command: ShellCommand) -> bool:
    names = [word.text for word in command.targets]
    return len(names) == 1 and names[0] is not None and names[0].removeprefix("origin/").lower() in BRANCHES


def moving_part(word: ShellWord) -> str:
    """The part of an address that stands for whatever is newest; "" when there is none."""
    text = word.partial.replace(UNKNOWN, "\ufffd")
    scheme, found, rest = text.partition("://")
    if not found or scheme not in ("http", "https", "ftp"):
        return ""
    host, _, path = rest.partition("?")[0].partition("#")[0].partition("/")
    host = host.rpartition("@")[2].lower()
    parts = path.split("/")
    for part in parts[:-1] if path.endswith("/") else parts:
        lower = part.lower()
        if lower in MOVING or lower.startswith(("latest-", "nightly-")):
            return part
    if any(char.isdigit() and parts[-1][at + 1 : at + 2] == "." for at, char in enumerate(parts[-1])):
        return ""  # a file of a version, wherever it lies
    forge = host in FORGES or host.startswith(("gitlab.", "git.", "gitea."))
    if forge and "releases" not in parts:
        for at, part in enumerate(parts):
            archive = part.removesuffix(".zip").removesuffix(".tar.gz")
            if at > 1 and archive in ("main", "master", "HEAD", "develop", "trunk"):
                return archive
    return ""
