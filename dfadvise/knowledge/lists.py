"""Lists: junk in build contexts, volatile and well-known variables, pointless commands, retired commands.

Written down 2026-11-24; each tool's own release notes are the source for what it dropped.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Junk:
    """A file or folder that has no business in an image.

    Args:
        name: Its name; `*` stands for any characters.
        beside: It is junk only where one of these files stands beside it (globs); empty for always.
        managers: It is junk only when one of these managers installs in the file; empty for always.
        built: It is junk only when the file itself builds it.
        folder: Whether it is a folder.
    """

    __slots__ = ("beside", "built", "folder", "managers", "name")

    def __init__(
        self,
        name: str,
        beside: tuple[str, ...] = (),
        managers: tuple[str, ...] = (),
        built: bool = False,
        folder: bool = True,
    ) -> None:
        self.name = name
        self.beside = beside
        self.managers = managers
        self.built = built
        self.folder = folder

    def __repr__(self) -> str:
        return f"Junk({self.name})"


_PROJECTS = ("*.csproj", "*.fsproj", "*.vbproj")
JUNK = (
    *(
        Junk(name)
        for name in (
            ".git .hg .svn node_modules .venv venv __pycache__ .pytest_cache .mypy_cache .ruff_cache .tox"
            " .gradle .idea .vscode .terraform .next .nuxt coverage .nyc_output"
        ).split(" ")
    ),
    Junk("target", beside=("Cargo.toml", "pom.xml")),
    Junk("bin", beside=_PROJECTS),
    Junk("obj", beside=_PROJECTS),
    Junk("vendor", managers=("composer", "bundler")),
    Junk("dist", built=True),
    Junk("build", built=True),
    Junk(".DS_Store", folder=False),
    Junk("*.log", folder=False),
)

# Variables whose value is another one in each build.
_VOLATILE = words(
    "COMMIT COMMIT_SHA COMMIT_ID COMMIT_HASH SOURCE_COMMIT SHA REVISION REV VCS_REF REF BRANCH BUILD_ID"
    " BUILD_NUMBER BUILD_DATE BUILD_TIME BUILD_TAG BUILD_VERSION DATE TIMESTAMP CREATED EPOCH RELEASE"
)
_VOLATILE_PREFIXES = ("CI_", "GITHUB_", "GIT_")
_VOLATILE_WITHOUT_DEFAULT = words("VERSION APP_VERSION IMAGE_VERSION")
# Settings of git itself and of where to clone from, which stay.
_STEADY_PREFIXES = (
    "GIT_SSL",
    "GIT_SSH",
    "GIT_TERMINAL",
    "GIT_AUTHOR",
    "GIT_COMMITTER",
    "GIT_USER",
    "GIT_REPO",
    "GIT_URL",
    "GIT_VERSION",
    "GIT_LFS",
    "GIT_EDITOR",
    "GIT_PYTHON",
    "GIT_CONFIG",
    "GIT_HTTP",
    "GIT_DIR",
    "GIT_TOKEN",
    "GIT_ASKPASS",
)
_DELIBERATE = frozenset(("CACHEBUST", "CACHE_BUST"))

# Variables that base images set, so that a file may use them undeclared.
_BASE_ENV = words(
    "PATH HOME HOSTNAME JAVA_HOME JAVA_VERSION PYTHON_VERSION PYTHONPATH LD_LIBRARY_PATH NODE_VERSION"
    " YARN_VERSION GOPATH GOLANG_VERSION RUBY_VERSION GEM_HOME BUNDLE_APP_CONFIG CARGO_HOME RUSTUP_HOME"
    " CONDA_DIR CATALINA_HOME PGDATA LANG TERM"
)
_BASE_ENV_PREFIXES = ("PHP_", "CUDA_", "NV_")

# Programs that mean nothing while an image is built.
POINTLESS = words(
    "free kill mount umount ps service shutdown reboot ssh top htop vim vi nano less man ifconfig nvidia-smi"
)
_POINTLESS_PAIRS = frozenset((("docker", "ps"), ("systemctl", "status")))
_GPU_QUERY = "torch.cuda.is_available"


def volatile(name: str, has_default: bool) -> bool:
    """Whether a variable's name says that its value changes from build to build.

    Args:
        name: The variable's name, in any case.
        has_default: Whether the file gives it a value.
    """
    upper = name.upper()
    if upper in _VOLATILE:
        return True
    if upper in _VOLATILE_WITHOUT_DEFAULT:
        return not has_default
    return upper.startswith(_VOLATILE_PREFIXES) and not upper.startswith(_STEADY_PREFIXES)


def deliberate(name: str) -> bool:
    """Whether a variable's name says that it is there to break the cache."""
    upper = name.upper()
    return upper in _DELIBERATE or upper.startswith("BUST_")


def base_env(name: str) -> bool:
    """Whether base images usually set a variable of that name."""
    return name in _BASE_ENV or name.startswith(_BASE_ENV_PREFIXES)


def pointless(argv: Sequence[str]) -> bool:
    """Whether a command means nothing while an image is built.

    Args:
        argv: The command's words, program first.
    """
    if not argv:
        return False
    program = argv[0].rpartition("/")[2]
    if program in POINTLESS or (len(argv) > 1 and (program, argv[1]) in _POINTLESS_PAIRS):
        return True
    return program.startswith("python") and "-c" in argv and any(_GPU_QUERY in word for word in argv)


class RetiredCommand:
    """A program or option that its tool dropped or is about to.

    Args:
        what: The program or option, for people to read.
        replacement: What to use instead.
        dropped: The first version without it, by product (an image's distribution or the tool's own name); empty when
            it only warns.
        only_known: Whether it is wrong only where such a version is known.
        verified: Whether the versions were checked.
    """

    __slots__ = ("dropped", "only_known", "replacement", "verified", "what")

    def __init__(
        self,
        what: str,
        replacement: str,
        dropped: dict[str, str] | None = None,
        only_known: bool = False,
        verified: bool = True,
    ) -> None:
        self.what = what
        self.replacement = replacement
        self.dropped = dropped or {}
        self.only_known = only_known
        self.verified = verified

    def __repr__(self) -> str:
        return f"RetiredCommand({self.what})"


APT_KEY = RetiredCommand("apt-key", "a key in /etc/apt/keyrings and signed-by", {"debian": "13", "ubuntu": "25.04"})
GO_GET = RetiredCommand("go get of programs", "go install PACKAGE@VERSION", {"golang": "1.18"})
EASY_INSTALL = RetiredCommand("easy_install", "pip install")
SETUP_INSTALL = RetiredCommand("setup.py install", "pip install .")
DNF_ADD_REPO = RetiredCommand(
    "dnf config-manager --add-repo", "dnf config-manager addrepo", {"fedora": "41"}, only_known=True
)
COREPACK = RetiredCommand("corepack", "npm install -g corepack", {"node": "25"}, only_known=True, verified=False)
# program, verbs (empty for any), options: the command
_RETIRED_OPTIONS = (
    ("poetry", ("install",), ("--no-dev",), RetiredCommand("poetry --no-dev", "--only main", {"poetry": "2.0"})),
    ("npm", ("install", "i", "ci", "add"), ("--production",), RetiredCommand("npm --production", "--omit=dev")),
    (
        "npm",
        ("install", "i", "ci", "add"),
        ("--only=prod", "--only=production"),
        RetiredCommand("npm --only", "--omit=dev"),
    ),
    ("bundle", ("install", ""), ("--without",), RetiredCommand("bundle install --without", "BUNDLE_WITHOUT")),
    ("bundle", ("install", ""), ("--deployment",), RetiredCommand("bundle install --deployment", "BUNDLE_DEPLOYMENT")),
    ("bundle", ("install", ""), ("--path",), RetiredCommand("bundle install --path", "BUNDLE_PATH")),
    ("pip", ("install",), ("--install-option",), RetiredCommand("pip --install-option", "--config-settings")),
    (
        "pip",
        ("install",),
        ("--process-dependency-links",),
        RetiredCommand("pip --process-dependency-links", "NAME @ URL requirements"),
    ),
    (
        "composer",
        ("install", "update", "require"),
        ("--no-suggest",),
        RetiredCommand("composer --no-suggest", "nothing: it is the default"),
    ),
)


def retired_command(argv: Sequence[str]) -> tuple[RetiredCommand, int] | None:
    """The retired program or option that a command uses.

    Args:
        argv: The command's words, program first.

    Returns:
        What it is and the position of the word; None when there is none.
    """
    from dfadvise.knowledge.language_managers import language_use
    from dfadvise.knowledge.options import option_at

    if not argv:
        return None
    program = argv[0].rpartition("/")[2]
    if program == "apt-key":
        return APT_KEY, 0
    if program in ("easy_install", "easy_install-3", "easy_install3"):
        return EASY_INSTALL, 0
    if program == "corepack":
        return COREPACK, 0
    if program in ("dnf", "dnf5") and "config-manager" in argv:
        at = option_at(argv, ("--add-repo",))
        return (DNF_ADD_REPO, at) if at >= 0 else None
    if program.startswith(("python", "pypy")):
        for at in range(1, len(argv) - 1):
            if argv[at].rpartition("/")[2] == "setup.py":
                return (SETUP_INSTALL, at) if "install" in argv[at + 1 :] else None
    use = language_use(argv)
    if use is None:
        return None
    manager = use.manager
    if manager.name == "go" and use.verb == "get":
        return (GO_GET, use.at) if any("/" in word for word in argv[use.start :]) else None
    for name, verbs, options, command in _RETIRED_OPTIONS:
        if name in (manager.name, *manager.programs) and use.verb in verbs:
            at = manager.option_at(argv, options)
            if at >= 0:
                return command, at
    return None
