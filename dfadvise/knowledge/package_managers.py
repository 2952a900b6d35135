"""The system's package managers: apt, apk, dnf, yum, zypper, pacman.

Sources: the managers' own manual pages and, for sizes, measurements on bookworm of 2026-11-24 (apt lists, main only,
19 MB; up to 50 MB with more sections). Sizes that nobody measured are left out.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import Cleanup as Cleanup
from dfadvise.knowledge.manager import Leftover as Leftover
from dfadvise.knowledge.manager import Manager as Manager
from dfadvise.knowledge.manager import Use as Use
from dfadvise.knowledge.manager import verbs, words
from dfadvise.knowledge.options import first_operand, operands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DOCKER_CLEAN = "/etc/apt/apt.conf.d/docker-clean"  # in the official Debian and Ubuntu images: empties the archives


APT = Manager(
    "apt",
    "apt-get",
    "apt",
    "aptitude",
    system=True,
    verbs=verbs(
        install="install build-dep reinstall satisfy",
        upgrade="upgrade safe-upgrade",
        release_upgrade="dist-upgrade full-upgrade",
        refresh="update",
        remove="remove purge autoremove auto-remove autopurge",
        clean="clean autoclean auto-clean distclean dist-clean",
    ),
    before=words(
        "-t --target-release --default-release -o --option -c --config-file -a --host-architecture -P"
        " --build-profiles -e --error-on -S --snapshot --with-source --solver --planner --comment -F"
        " --display-format -w --width --add-user-tag --remove-user-tag"
    ),
    asks=True,
    yes=("-y", "--yes", "--assume-yes"),
    yes_config="apt::get::assume-yes",
    extras_off=("--no-install-recommends", "--without-recommends"),
    extras_config=("apt::install-recommends", False),
    leftovers=(
        Leftover("lists", "/var/lib/apt/lists", low=19_000_000, high=50_000_000),
        Leftover("archives", "/var/cache/apt/archives"),
    ),
    cleanups=(
        Cleanup("dist-clean", removes=("lists", "archives")),
        Cleanup("distclean", removes=("lists", "archives")),
        Cleanup("clean", removes=("archives",)),
    ),
    cleanup="rm -rf /var/lib/apt/lists/*",
    mounts=("/var/cache/apt", "/var/lib/apt"),
    mount_alternatives=("/var/cache/apt/archives", "/var/lib/apt/lists"),
    sharing="locked",
    aliases={
        "package-cache-left": ("DL3009", "kics:df746b39", "semgrep:remove-package-lists", "DKL-DI-0005"),
        "package-cache-left/archives": ("semgrep:remove-package-cache",),
        "interactive-command": ("DL3014", "DS-0021", "kics:77783205", "semgrep:missing-assume-yes-switch"),
        "recommended-packages": (
            "DL3015",
            "DS-0029",
            "kics:7384dfb2",
            "semgrep:missing-no-install-recommends",
        ),
        "unpinned-package": ("DL3008", "kics:965a08d7"),
        "system-upgrade": ("semgrep:avoid-apt-get-upgrade", "DKL-DI-0003"),
        "system-upgrade/dist-upgrade": ("DS-0024", "semgrep:avoid-apt-get-upgrade", "DKL-DI-0003"),
    },
)

APK = Manager(
    "apk",
    "apk",
    system=True,
    verbs=verbs(install="add fix", upgrade="upgrade", refresh="update", remove="del"),
    before=words(
        "-p --root -X --repository -t --virtual --arch --cache-dir --cache-max-age --keys-dir --progress-fd"
        " --repositories-file --root-tmpfs --timeout --wait -o --output"
    ),
    refresh_flags=("-U", "--update", "--update-cache", "--no-cache"),
    off=("--no-cache",),
    moved=("--cache-dir",),
    offline=("--no-network",),
    leftovers=(Leftover("lists", "/var/cache/apk", "/etc/apk/cache"),),
    cleanup="rm -rf /var/cache/apk/*",
    mounts=("/var/cache/apk",),
    mount_alternatives=("/etc/apk/cache",),
    sharing="locked",
    aliases={
        "package-cache-left": (
            "DL3019",
            "DS-0025",
            "kics:ae9c56a6",
            "semgrep:missing-apk-no-cache",
            "DKL-DI-0004",
        ),
        "unpinned-package": ("DL3018", "kics:d3499f6d"),
        "system-upgrade": ("semgrep:avoid-apk-upgrade",),
    },
)

_RPM_VERBS = verbs(
    install="install in reinstall rei groupinstall localinstall group+install group+upgrade group+update"
    " module+install module+enable module+reset module+disable module+switch-to module+update builddep"
    " debuginfo-install downgrade swap environment+install",
    upgrade="upgrade up update upgrade-minimal update-minimal up-min",
    release_upgrade="distro-sync dsync system-upgrade",
    refresh="makecache check-update check-upgrade",
    remove="remove rm erase autoremove groupremove group+remove",
    clean="clean",
)
_RPM_VALUES = words(
    "-c --config --comment -d --debuglevel -e --errorlevel --rpmverbosity --advisory --advisories --bz"
    " --bzs --cve --cves --sec-severity --secseverity --security-severity -x --exclude --excludepkgs"
    " --disableexcludes --disableexcludepkgs --disableplugin --enableplugin --repo --repoid --enablerepo"
    " --disablerepo --repofrompath --from-repo --from-vendor --forcearch --arch --installroot --releasever"
    " --releasever-major --releasever-minor --setopt --setvar --destdir --downloaddir --store -R"
    " --randomwait --color --add-repo --addrepo -D --define --queryformat --qf"
)

DNF = Manager(
    "dnf",
    "dnf",
    "dnf5",
    "microdnf",
    "tdnf",
    system=True,
    verbs=_RPM_VERBS,
    before=_RPM_VALUES,
    asks=True,
    yes=("-y", "--assumeyes"),
    yes_config="assumeyes",
    extras_config=("install_weak_deps", False),
    refreshes=True,
    offline=("-C", "--cacheonly"),
    leftovers=(Leftover("cache", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf", "/var/cache/yum"),),
    cleanups=(Cleanup("clean", "all", programs=("dnf", "dnf5", "microdnf", "tdnf", "yum")),),
    cleanup="{program} clean all",
    mounts=("/var/cache/dnf",),
    mount_alternatives=("/var/cache/libdnf5", "/var/cache/tdnf", "/var/cache/yum"),
    sharing="locked",
    aliases={
        "package-cache-left": ("DL3040", "DS-0019", "kics:295acb63", "semgrep:missing-dnf-clean-all"),
        "package-cache-left/microdnf": (
            "DL3040",
            "DS-0027",
            "kics:295acb63",
            "semgrep:missing-dnf-clean-all",
        ),
        "interactive-command": ("DL3038", "kics:7ebd323c", "semgrep:missing-dnf-assume-yes-switch"),
        "unpinned-package": ("DL3041", "kics:93d88cf7"),
        "system-upgrade": ("semgrep:avoid-dnf-update",),
    },
)

YUM = Manager(
    "yum",
    "yum",
    system=True,
    verbs=_RPM_VERBS,
    before=_RPM_VALUES,
    asks=True,
    yes=("-y", "--assumeyes"),
    yes_config="assumeyes",
    refreshes=True,
    offline=("-C", "--cacheonly"),
    leftovers=(Leftover("cache", "/var/cache/yum", "/var/cache/dnf"),),  # from EL 8 on yum is dnf
    cleanups=(Cleanup("clean", "all", programs=("yum", "dnf")),),
    cleanup="yum clean all",
    mounts=("/var/cache/yum",),
    mount_alternatives=("/var/cache/dnf",),
    sharing="locked",
    aliases={
        "package-cache-left": ("DL3032", "DS-0015", "kics:00481784", "semgrep:missing-yum-clean-all"),
        "interactive-command": ("DL3030", "kics:6e19193a", "semgrep:missing-yum-assume-yes-switch"),
        "unpinned-package": ("DL3033", "kics:6452c424"),
        "system-upgrade": ("semgrep:avoid-yum-update",),
    },
)

ZYPPER = Manager(
    "zypper",
    "zypper",
    system=True,
    verbs=verbs(
        install="install in source-install si patch install-new-recommends inr verify ve",
        upgrade="update up",
        release_upgrade="dist-upgrade dup",
        refresh="refresh ref",
        remove="remove rm",
        clean="clean cc",
    ),
    before=words(
        "-c --config --userdata -R --root --installroot -D --reposd-dir -C --cache-dir --raw-cache-dir"
        " --solv-cache-dir --pkg-cache-dir -p --plus-repo --plus-content --releasever"
    ),
    after=words(
        "-r --repo --from -t --type --download --solver-focus -b --bugzilla --bz --cve -g --category"
        " --severity --date --with-update-since -p --priority"
    ),
    asks=True,
    yes=("-n", "--non-interactive", "-y", "--no-confirm"),
    extras_off=("--no-recommends",),
    extras_config=("solver.onlyrequires", True),
    refreshes=True,
    offline=("--no-refresh",),
    leftovers=(Leftover("cache", "/var/cache/zypp"),),
    cleanups=(Cleanup("clean"), Cleanup("cc")),
    cleanup="zypper clean -a",
    mounts=("/var/cache/zypp",),
    sharing="locked",
    aliases={
        "package-cache-left": ("DL3036", "DS-0020", "kics:38300d1a", "semgrep:missing-zypper-clean"),
        "interactive-command": ("DL3034", "kics:45e1fca5", "semgrep:missing-zypper-no-confirm-switch"),
        "unpinned-package": ("DL3037", "kics:562952e4"),
        "system-upgrade": ("semgrep:avoid-zypper-update",),
        "system-upgrade/dup": ("DL3035",),
        "system-upgrade/dist-upgrade": ("DL3035",),
    },
)

PACMAN = Manager(
    "pacman",
    "pacman",
    system=True,
    verbs=verbs(install="-S --sync -U --upgrade", upgrade="-Su", refresh="-Sy", remove="-R --remove", clean="-Sc"),
    before=words(
        "-b --dbpath -r --root --arch --cachedir --color --config --gpgdir --hookdir --logfile --sysroot"
        " --ignore --ignoregroup --assume-installed --overwrite --print-format"
    ),
    asks=True,
    yes=("--noconfirm",),
    moved=("--cachedir",),
    leftovers=(Leftover("archives", "/var/cache/pacman/pkg"),),
    # Without an answer on its input -Scc asks, and --noconfirm answers no.
    cleanups=(Cleanup("-Scc", removes=("archives",), piped=True),),
    cleanup="rm -rf /var/cache/pacman/pkg/*",
    mounts=("/var/cache/pacman/pkg",),
    sharing="locked",
)

SYSTEM_MANAGERS = (APT, APK, DNF, YUM, ZYPPER, PACMAN)
_BY_PROGRAM = {program: manager for manager in SYSTEM_MANAGERS for program in manager.programs}

# The managers of each distribution family that base_images.distribution() names; the first is the usual one.
MANAGERS_OF: dict[str, tuple[Manager, ...]] = {
    "debian": (APT,),
    "ubuntu": (APT,),
    "alpine": (APK,),
    "rhel": (DNF, YUM),
    "fedora": (DNF, YUM),
    "suse": (ZYPPER,),
    "arch": (PACMAN,),
}

# Verbs of apt that mean the same to apt-get, and the one that has another name there. `apt upgrade` also installs what
# is new, for which apt-get needs an option. Source: apt(8) and apt-get(8), read 2026-11-24.
APT_VERBS = words("install reinstall update remove purge autoremove autopurge clean autoclean build-dep satisfy source")
APT_RENAMED = {"full-upgrade": "dist-upgrade"}
APT_UPGRADE_OPTION = "--with-new-pkgs"


def system_manager(program: str) -> Manager | None:
    """The system package manager that a program is.

    Args:
        program: The program's base name.
    """
    return _BY_PROGRAM.get(program)


def system_use(argv: Sequence[str]) -> Use | None:
    """What a command does with the system's packages.

    `upgrade` becomes `install` when the command names what to upgrade (but for apt, which then upgrades all the same).

    Args:
        argv: The command's words, program first; the program may carry a path.

    Returns:
        None for programs of other kinds, and for verbs that change nothing (search, list, info).
    """
    manager = _BY_PROGRAM.get(argv[0].rpartition("/")[2]) if argv else None
    if manager is None:
        return None
    if manager is PACMAN:
        return _pacman_use(argv)
    at = first_operand(argv, 1, manager.before, manager.bundled)
    if at < 0:
        return None
    verb, start = argv[at], at + 1
    if verb in ("group", "module", "environment"):
        second = first_operand(argv, start, manager.after, manager.bundled)
        if second < 0 or f"{verb} {argv[second]}" not in manager.verbs:
            return None
        verb, start = f"{verb} {argv[second]}", second + 1
    effect = manager.verbs.get(verb)
    if effect is None:
        return None
    if effect == "upgrade" and manager is not APT and operands(argv, start, manager.after, manager.bundled):
        effect = "install"
    return Use(manager, verb, at, effect, start)


def emptied(argv: Sequence[str], manager: Manager) -> tuple[str, ...]:
    """The kinds of leftovers of a manager that a clean-up command removes.

    A removal by `rm` or `find` is not known here: compare its paths with `Leftover.paths`.

    Args:
        argv: The command's words, program first.
        manager: The manager whose leftovers are asked for.
    """
    program = argv[0].rpartition("/")[2] if argv else ""
    for cleanup in manager.cleanups:
        if program not in (cleanup.programs or manager.programs):
            continue
        wanted = list(cleanup.words)
        for word in argv[1:]:
            if wanted and word == wanted[0]:
                del wanted[0]
        if not wanted and (not cleanup.flags or manager.option_at(argv, cleanup.flags) >= 0):
            return cleanup.removes
    return ()


def _pacman_use(argv: Sequence[str]) -> Use | None:
    letters = ""
    at = -1
    for position, word in enumerate(argv):
        if word in (
            "--sync",
            "--remove",
            "--upgrade",
            "--refresh",
            "--sysupgrade",
            "--clean",
            "--search",
            "--info",
        ):
            letter = {"--refresh": "y", "--sysupgrade": "u", "--search": "s"}.get(word, "")
            letters += letter or (word[2].upper() if word in ("--sync", "--remove", "--upgrade") else word[2])
        elif len(word) > 1 and word[0] == "-" and word[1] != "-" and position:
            letters += word[1:]
        else:
            continue
        if at < 0:
            at = position
    if "S" in letters and any(letter in letters for letter in "silgp"):
        return None
    names = operands(argv, at + 1, PACMAN.before) if at >= 0 else []
    if "R" in letters:
        verb, effect = "-R", "remove"
    elif "U" in letters:
        verb, effect = "-U", "install"
    elif "S" not in letters:
        return None
    elif "c" in letters:
        verb, effect = "-Sc", "clean"
    elif names:
        verb, effect = "-S", "install"
    elif "u" in letters:
        verb, effect = "-Su", "upgrade"
    elif "y" in letters:
        verb, effect = "-Sy", "refresh"
    else:
        return None
    return Use(PACMAN, verb, at, effect, at + 1)
